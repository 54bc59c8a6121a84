"""The command `audit`: figures that contradict each other, and corpora that are not there."""

from functools import partial
from pathlib import Path
from typing import Final

from rich.text import Text

from audit.mixture_audit import audit, audit_file
from catalog.errors import UsageError
from catalog.nouns import Finding
from catalog.store import Catalog
from steelyard.figures import many
from steelyard.printable import printable
from steelyard.rendering import table
from steelyard.screen import Reply, Screen
from valuation.subjects import FILE_TYPES, MixtureSubject, resolve

SERIOUS: Final = ("error", "warning")
STYLES: Final = {"error": "bold red", "warning": "yellow", "note": "dim"}


def findings(catalog: Catalog, mixture: str) -> tuple[Finding, ...]:
    """Return what an audit finds in a mixture.

    Parameters
    ----------
    catalog : Catalog
        Where users' mixtures are, and the corpora that components name.
    mixture : str
        A file, or the name of a published or a user's mixture.

    Returns
    -------
    tuple of Finding
        Errors first.

    Raises
    ------
    UsageError
        When the name is a corpus's: there are no printed figures to check.
    """
    path = Path(mixture)
    if path.suffix.lower() in FILE_TYPES or path.is_file():
        return audit_file(path, catalog)
    subject = resolve(catalog, mixture)
    if not isinstance(subject, MixtureSubject):
        message = f"{subject.name} is a corpus: an audit reads the figures of a mixture"
        raise UsageError(message, hint=f"steelyard verify {subject.snapshot.corpus}")
    return audit(subject.mixture, catalog)


def serious(found: tuple[Finding, ...]) -> bool:
    """Return whether anything in it is an error or a warning."""
    return any(finding.severity in SERIOUS for finding in found)


def reply(mixture: str, found: tuple[Finding, ...]) -> Reply:
    """Return the findings as a reply."""
    counts = {
        severity: sum(finding.severity == severity for finding in found) for severity in STYLES
    }
    headline = _headline(mixture, counts)
    data = {"mixture": mixture, "headline": headline, "rows": found, **counts}
    steps = (f"steelyard show {mixture}",)
    return Reply(data=data, draw=partial(draw, headline, found), steps=steps)


def _headline(mixture: str, counts: dict[str, int]) -> str:
    said = [many(n, name) for name, n in counts.items() if n]
    if not said:
        return f"{mixture}: every figure agrees with every other"
    return f"{mixture}: {', '.join(said)}"


def draw(headline: str, found: tuple[Finding, ...], screen: Screen) -> None:
    """Put findings on a screen."""
    screen.say(headline, style="bold")
    for finding in found:
        screen.say("")
        drawn = table("", "", "")
        drawn.show_header = False
        drawn.add_row(
            Text(finding.severity, style=STYLES[finding.severity]),
            Text(finding.code),
            Text(printable(finding.subject), style="dim"),
        )
        screen.show(drawn)
        screen.say(f"  {finding.message}")
        if finding.arithmetic:
            screen.say(f"  {finding.arithmetic}", style="dim")
