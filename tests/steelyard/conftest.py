"""Commands run in this process, over homes that many tests share."""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from steelyard.cli import main

SHARED = Path(__file__).parents[2].parent / "shared"
REDDIT = SHARED / "data" / "webtext" / "RS_v2_2005-06.xz"
DEMO_BYTES = 400_000


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def envelope(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out, parse_constant=pytest.fail)
        assert list(found) == ["ok", "data" if found["ok"] else "error", "warnings", "snapshot"]
        return found

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = self.envelope["data"]
        return found

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        return {row["key"]: row for row in self.data["rows"]}


def ask(*words: str | Path, home: Path) -> Said:
    """Run a command line in this process."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main(["--home", str(home), *map(str, words)])
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Said]:
    """Runs a command line over a home of its own, or over `home`."""

    def command(*words: str | Path, home: Path | None = None) -> Said:
        return ask(*words, home=home or tmp_path / "home")

    return command


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the demo was run, with little of this machine's documentation."""
    home = tmp_path_factory.mktemp("demo")
    said = ask("demo", "--no-serve", "--max-bytes", str(DEMO_BYTES), "--json", home=home)
    assert said.code == 0, said
    return home


@pytest.fixture(scope="session")
def by_host(demo_home: Path) -> Said:
    """RefinedWeb against C4, by host."""
    words = ("compare", "c4", "refinedweb", "--rollup", "host_nowww", "--json")
    return ask(*words, home=demo_home)


@pytest.fixture(scope="session")
def reddit_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the Reddit sample of June 2005, after the recipe `webtext`."""
    if not REDDIT.is_file():
        pytest.skip("the shared Reddit sample is not on this machine")
    home = tmp_path_factory.mktemp("reddit")
    assert ask("ingest", REDDIT, "--corpus", "reddit", home=home).code == 0
    assert ask("curate", "reddit", "--recipe", "webtext", home=home).code == 0
    return home


@pytest.fixture(scope="session")
def copies_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a poem that a mirror has too, undated and first, and an essay in a book."""
    home = tmp_path_factory.mktemp("copies")
    poem = "the cat sat on the mat and looked at the moon for a long and quiet while"
    essay = " ".join(f"word{number}" for number in range(120))
    rows = [
        {"text": poem, "by": "mirror", "when": None},
        {"text": poem, "by": "poet", "when": "2020-01-01"},
        {"text": "A preface of some length.\n\n" + essay, "by": "binder", "when": None},
        {"text": "nobody else has this text, nobody", "by": "mirror", "when": None},
    ]
    file, recipe = home / "texts.jsonl", home / "mine.yaml"
    file.write_text("\n".join(map(json.dumps, rows)))
    recipe.write_text(
        "{name: mine, version: 1, title: one copy of each text, cite: our own choice, stages:"
        " [{stage: exact_dedup@1, winner_by: earliest_published}]}"
    )
    fields = ("--text-field", "text", "--contributor-field", "by", "--date-field", "when")
    named = ("--corpus", "mini", "--contributor-kind", "user")
    assert ask("ingest", file, *named, *fields, home=home).code == 0
    assert ask("curate", "mini", "--recipe", recipe, home=home).code == 0
    return home
