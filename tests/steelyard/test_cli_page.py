"""docs/cli.md says what the commands say: every command and every option has its place there."""

from pathlib import Path

import pytest
import typer.main

from steelyard.cli import app

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def section(command: str) -> str:
    _, _, rest = PAGE.partition(f"\n## `{command}`\n")
    return rest.partition("\n## ")[0]


def options(command: str) -> set[str]:
    parts = [COMMANDS[command], *getattr(COMMANDS[command], "commands", {}).values()]
    found = {
        name for part in parts for one in part.params for name in one.opts + one.secondary_opts
    }
    return {name for name in found if name.startswith("--")} - {"--json", "--help"}


def test_the_page_has_one_section_a_command_and_no_other() -> None:
    headings = {line[4:-1] for line in PAGE.splitlines() if line.startswith("## `")} - {"--json"}

    assert headings == set(COMMANDS)


def test_a_command_of_several_parts_shows_each_of_them() -> None:
    groups = {name: one.commands for name, one in COMMANDS.items() if hasattr(one, "commands")}

    for group, parts in groups.items():
        for part in parts:
            assert f"steelyard {group} {part} " in section(group)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_stands_in_its_command_s_section(command: str) -> None:
    said = section(command)

    assert {name for name in options(command) if f"`{name}" not in said} == set()


def test_the_options_before_the_command_are_listed() -> None:
    assert [
        name for name in ("--home", "--no-color", "--quiet", "--version") if name not in PAGE
    ] == []
