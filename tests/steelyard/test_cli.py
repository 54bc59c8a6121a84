"""The command line itself: help, exit codes, the one JSON shape, what goes to which stream."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer.main

from catalog import errors
from catalog.errors import SteelyardError
from catalog.store import Catalog
from steelyard import __version__
from steelyard.cli import app, main
from steelyard.envelope import failure
from steelyard.session import fail

Run = Callable[..., Any]

ROOT = Path(__file__).parents[2]
GROUP = typer.main.get_command(app).commands  # type: ignore[attr-defined]
COMMANDS = list(GROUP)
ASKED = [  # what answers: a command, or each part of a command that has several
    (name, *part)
    for name, command in GROUP.items()
    for part in [(one,) for one in getattr(command, "commands", ())] or [()]
]
HEAVY = ("polars", "pyarrow", "duckdb", "ibis", "altair", "fastapi", "numpy", "rich", "yaml")
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type)]

SUMS_TO_131 = """\
title: Too much of everything
unit: tokens
components:
  - {name: web, size: 100, weight: 0.81}
  - {name: books, size: 10, weight: 0.5}
"""
CLEAN = """\
title: Nothing contradicts itself
unit: tokens
components:
  - {name: web, size: 100, weight: 0.75}
  - {name: books, size: 10, weight: 0.25}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def writer(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return writer


def test_starting_imports_no_heavy_library() -> None:
    code = f"import sys, steelyard.cli; print([n for n in {HEAVY} if n in sys.modules])"

    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert found.stdout.strip() == "[]"


def test_help_lists_every_command(run: Run) -> None:
    said = run("--help")

    assert said.code == 0
    assert [name for name in COMMANDS if f"  {name} " not in said.out] == []


def test_no_command_at_all_is_answered_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    code = main([])

    assert code == 0
    assert "Usage: steelyard" in capsys.readouterr().out


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_every_command_has_help_and_json(run: Run, words: tuple[str, ...]) -> None:
    said = run(*words, "--help")

    assert said.code == 0
    assert "--json" in said.out


@pytest.mark.parametrize("command", COMMANDS)
def test_the_first_line_of_help_is_not_cut_in_the_list_of_commands(run: Run, command: str) -> None:
    listed = next(
        line for line in run("--help").out.splitlines() if line.startswith(f"  {command} ")
    )

    assert not listed.endswith("...")


def test_the_version_is_the_package_s(run: Run) -> None:
    assert run("--version").out == f"steelyard {__version__}\n"


def test_looking_creates_nothing(run: Run, tmp_path: Path) -> None:
    run("show", "gpt3")
    run("mixtures")
    run("doctor")
    run("show", "nope")

    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_exits_with_its_code_and_says_so_in_json(
    kind: type[SteelyardError], capsys: pytest.CaptureFixture[str]
) -> None:
    error = kind("it went wrong", hint="do this", faults=("one", "two"))

    spoken, coded = fail(error, ["show"]), fail(error, ["show", "--json"])

    captured = capsys.readouterr()
    assert spoken == coded == kind.exit_code
    assert captured.err == "steelyard: it went wrong\n  - one\n  - two\nhint: do this\n"
    assert json.loads(captured.out) == {
        "ok": False,
        "error": {
            "code": kind.code,
            "message": "it went wrong",
            "hint": "do this",
            "faults": ["one", "two"],
        },
        "warnings": [],
        "snapshot": None,
    }


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nope"], 2, "No such command 'nope'"),
        (["shwo", "gpt3"], 2, "Did you mean 'show'?"),
        (["show", "gpt3", "--by", "colour"], 2, "'source', 'contributor', 'submitter', 'language'"),
        (["show", "gpt3", "--unit", "pages"], 2, "'documents', 'bytes', 'characters', 'words'"),
        (["show", "gpt3", "--form", "points"], 2, "--form points tells the way through the stages"),
        (["show", "gpt3", "--rollup", "isp"], 2, "host, host_nowww, registered_domain"),
        (["show", "gpt3", "--limit", "-1"], 2, "greater than or equal to 0"),
        (["show"], 2, "Missing argument"),
        (["compare", "gpt3", "the_pile"], 2, "unit: tokens and bytes"),
        (["ingest", "x", "--corpus", "c", "--total", "5"], 2, "describe a table of counts"),
        (["ingest", "x", "--corpus", "Not A Slug"], 2, "is not a corpus name"),
        (["mixtures", "--replace"], 2, "--add FILE --replace"),
        (["show", "nope"], 4, "nothing is called 'nope'"),
        (["audit", "nope.yaml"], 4, "nope.yaml: no such file"),
        (["verify", "nope"], 4, "no corpus 'nope'"),
        (["rejects", "nope"], 4, "no corpus 'nope'"),
        (["curate", "nope", "--recipe", "gopher"], 4, "no corpus 'nope'"),
        (["curate", "nope", "--recipe", "nope"], 4, "no recipe 'nope'"),
        (["show", "refinedweb"], 1, "has no parts to weigh"),
        (["show", "gpt3", "--by", "contributor"], 1, "names no contributor"),
        (["serve", "--host", "256.0.0.1"], 1, "cannot listen on 256.0.0.1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_goes_wrong_is_one_message_with_its_exit_code(
    run: Run, words: list[str], code: int, said: str
) -> None:
    spoken, coded = run(*words), run(*words, "--json")

    assert (spoken.code, coded.code) == (code, code)
    assert spoken.err.startswith("steelyard: ")
    assert said in spoken.err
    assert "Traceback" not in spoken.err
    assert spoken.out == ""
    assert said in coded.envelope["error"]["message"] + coded.envelope["error"]["hint"]


def test_a_corpus_that_somebody_writes_is_busy(run: Run, tmp_path: Path, write: Any) -> None:
    path = write("a.jsonl", '{"text": "one", "url": "http://example.org/"}\n')

    with Catalog(tmp_path / "home").lock("mine"):
        said = run("ingest", path, "--corpus", "mine")

    assert said.code == 6
    assert "is being written by process" in said.err


def test_a_home_that_is_a_file_is_refused(run: Run, write: Any) -> None:
    said = run("show", "gpt3", home=write("file", ""))

    assert said.code == 2
    assert "is a file, not a folder" in said.err


def test_a_folder_that_cannot_be_made_is_said_without_a_traceback(run: Run, write: Any) -> None:
    said = run("mixtures", "--add", write("mine.yaml", CLEAN), home=write("file", "") / "home")

    assert said.code == 1
    assert "Not a directory" in said.err


def test_an_audit_with_a_contradiction_exits_with_3(run: Run) -> None:
    said = run("audit", "gpt3", "--json")

    assert said.code == 3
    assert said.data["rows"][0]["code"] == "epochs-contradict-weight"
    assert (said.data["error"], said.data["warning"], said.data["note"]) == (1, 0, 1)


def test_an_audit_of_a_clean_file_exits_with_0(run: Run, write: Any) -> None:
    said = run("audit", write("clean.yaml", CLEAN), "--json")

    assert (said.code, said.data["rows"]) == (0, [])


def test_notes_alone_are_no_findings(run: Run) -> None:
    said = run("audit", "the_pile", "--json")

    assert {row["severity"] for row in said.data["rows"]} <= {"note"}
    assert said.code == 0


def test_weights_that_sum_to_131_are_shown_with_a_warning_and_fail_the_audit(
    run: Run, write: Any
) -> None:
    path = write("m131.yaml", SUMS_TO_131)

    shown, audited = run("show", path), run("audit", path)

    assert (shown.code, audited.code) == (0, 3)
    assert "warning: weights add up to 1.31, not 1" in shown.out
    assert "0.81 + 0.5 = 1.31" in audited.out


def test_an_unknown_key_exits_with_7_naming_file_line_and_key(run: Run, write: Any) -> None:
    path = write("typo.yaml", CLEAN.replace("weight: 0.75", "wieght: 0.75"))

    spoken, coded = run("audit", path), run("audit", path, "--json")

    assert (spoken.code, coded.code) == (7, 7)
    assert f"{path}: line 4" in spoken.err
    assert "unknown key 'wieght' (did you mean 'weight'?)" in spoken.err
    assert len(coded.envelope["error"]["faults"]) == 1


def test_an_audit_finds_a_corpus_that_is_not_in_the_catalog(run: Run, write: Any) -> None:
    text = "components: [{name: a, corpus: nope, weight: 1}]\n"

    said = run("audit", write("mix.yaml", text), "--json")

    assert said.code == 3
    assert [row["code"] for row in said.data["rows"]] == ["unknown-corpus"]


def test_an_audit_of_a_corpus_says_what_to_do_instead(run: Run, demo_home: Path) -> None:
    said = run("audit", "corpus/c4", home=demo_home)

    assert said.code == 2
    assert "hint: steelyard verify c4" in said.err


def test_the_answer_is_on_standard_output_and_the_talk_on_standard_error(run: Run) -> None:
    said = run("show", "gpt3")
    quiet = run("-q", "show", "gpt3")

    assert said.out == quiet.out
    assert "next: steelyard audit published/gpt3" in said.err
    assert quiet.err == ""


def test_a_pipe_gets_plain_text_without_colours_or_padding(run: Run) -> None:
    lines = run("show", "gpt3").out.splitlines()

    assert lines[1] == "WebText2 counted 5.7 times its size"
    assert "WebText2                      3.8 %    21.8 %     2.9  x5.72 [5.49, 6.09]" in lines
    assert [line for line in lines if "\x1b" in line or line != line.rstrip()] == []


def test_a_limit_says_how_many_rows_it_left_out(run: Run) -> None:
    said = run("show", "the_pile", "--limit", "4")

    assert "… 18 more: --limit 0" in said.out


def test_a_program_gets_every_row_unless_it_asks_for_fewer(run: Run) -> None:
    whole, few = (
        run("show", "the_pile", "--json"),
        run("show", "the_pile", "--limit", "4", "--json"),
    )

    assert (len(whole.data["rows"]), len(few.data["rows"])) == (22, 4)
    assert whole.data["matched"] == few.data["matched"] == 22


def test_an_end_without_bound_is_null_in_json(run: Run, write: Any) -> None:
    path = write(
        "coarse.yaml",
        "title: t\nunit: tokens\nprinted: {size: 2}\ncomponents:\n"
        "  - {name: a, size: 1, weight: 0.5}\n  - {name: b, size: 9, weight: 0.5}\n",
    )

    said = run("show", path, "--json")

    assert said.rows["a"]["amplification"]["high"] is None
    assert "∞]" in run("show", path).out


def test_the_json_shape_of_an_error_survives_half_a_character() -> None:
    error = SteelyardError("a file called \udcff")

    assert json.loads(failure(error))["error"]["message"] == "a file called \\udcff"
