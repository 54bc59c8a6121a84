"""Where a command speaks: the answer on standard output, everything else on standard error."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from steelyard import envelope
from steelyard.printable import printable
from steelyard.settings import Settings

WIDE: Final = 10_000  # columns where no terminal sets a limit: nothing is cut in a pipe

Meter = Callable[[str, int, int], None]  # what is being done, bytes done, bytes in all


class Screen:
    """Standard output and standard error of one command.

    Parameters
    ----------
    settings : Settings
        Whether colours and talk are wanted.
    """

    def __init__(self, settings: Settings) -> None:
        self.out = _console(settings, stderr=False)
        self._err = _console(settings, stderr=True)
        self._quiet = settings.quiet

    @property
    def is_terminal(self) -> bool:
        """Whether somebody looks at the answer: bars and cut names are for eyes only."""
        return self.out.is_terminal

    def say(self, words: str, style: str = "") -> None:
        """Print one paragraph of the answer."""
        self.out.print(Text(printable(words), style=style), soft_wrap=not self.is_terminal)

    def show(self, what: RenderableType) -> None:
        """Print a table of the answer; in a pipe without the blanks that fill up its lines."""
        if self.is_terminal:
            self.out.print(what)
            return
        with self.out.capture() as drawn:
            self.out.print(what)
        self.out.file.writelines(line.rstrip() + "\n" for line in drawn.get().splitlines())

    def talk(self, words: str, style: str = "dim") -> None:
        """Say something about the work, not part of the answer; on standard error."""
        if not self._quiet:
            self._err.print(Text(printable(words), style=style), soft_wrap=True)

    def tell(self, line: str) -> None:
        """Write one line for machines on standard error, whole and at once."""
        self._err.file.write(line + "\n")
        self._err.file.flush()

    @contextmanager
    def meter(self) -> Iterator[Meter]:
        """Give a function that draws a bar with rate and time left, on a terminal only."""
        if self._quiet or not self._err.is_terminal:
            yield lambda *_: None
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._err, transient=True) as progress:
            task = progress.add_task("", total=None)

            def move(words: str, done: int, total: int) -> None:
                said = printable(words)
                progress.update(task, description=said, completed=done, total=total or None)

            yield move


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command, ready for people and for programs.

    Parameters
    ----------
    data : mapping
        For `--json`; has the key ``rows``.
    draw : callable
        Puts headline and tables on a screen.
    warnings : tuple of str
        What a reader should know before trusting it.
    snapshot : str, optional
        The state of the catalog that was asked.
    basis : str
        What the numbers were counted in, as one line.
    steps : tuple of str
        What one may do next.
    """

    data: Mapping[str, object]
    draw: Callable[[Screen], None]
    warnings: tuple[str, ...] = ()
    snapshot: str | None = None
    basis: str = ""
    steps: tuple[str, ...] = ()


def print_reply(screen: Screen, said: Reply, *, json: bool) -> None:
    """Print an answer: one JSON object, or headline, table, warnings, basis, next steps."""
    if json:
        screen.out.file.write(envelope.answer(said.data, said.warnings, said.snapshot) + "\n")
        screen.out.file.flush()
        return
    said.draw(screen)
    for warning in said.warnings:
        screen.say(f"warning: {warning}", style="yellow")
    if said.basis:
        screen.say(said.basis, style="dim")
    screen.out.file.flush()
    for place, step in enumerate(said.steps):
        screen.talk(f"      {step}" if place else f"next: {step}")


def _console(settings: Settings, *, stderr: bool) -> Console:
    console = Console(
        stderr=stderr,
        no_color=None if settings.color else True,
        highlight=False,
        markup=False,
        emoji=False,
    )
    if not console.is_terminal:
        console.width = WIDE
    return console
