"""The pages under docs/ say what the code says: a convention is kept where its members are listed.

Each test enumerates its members from the code, so a new one fails here until it is documented.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from numpydoc.validate import validate

from catalog import errors, schemas
from catalog.errors import SteelyardError
from curation.stage import Stage
from curation.stages import STAGES

DOCS = Path(__file__).parents[1] / "docs"
ROW = re.compile(r"^\| (.+) \|$", re.MULTILINE)

DOCUMENTED_FLOORS = ("catalog", "mixtures", "curation", "valuation")
CODES = {  # numpydoc's: parameters match the signature, results and yields are said, a summary
    "PR01", "PR02", "PR03", "RT01", "YD01", "SS01", "SS02", "SS03", "SS06",
}  # fmt: skip
SECTIONS = {"PR01", "RT01", "YD01"}  # a section is missing
SELF_EXPLAINING = 2  # parameters; up to here the summary may say it all
# Functions whose docstring is not complete. This set may only shrink.
EXEMPT: frozenset[str] = frozenset()


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, without code marks; a header is a row too."""
    return [
        [cell.strip().strip("`") for cell in line.split(" | ")]
        for line in ROW.findall(text)
        if not line.startswith("---")
    ]


def section(page: str, heading: str) -> str:
    _, _, rest = (DOCS / page).read_text(encoding="utf-8").partition(f"\n## {heading}\n")
    return rest.partition("\n## ")[0]


def code_words() -> set[str]:
    """Everything that any page under docs/ sets as code."""
    pages = [page.read_text(encoding="utf-8") for page in DOCS.glob("*.md")]
    return set(re.findall(r"`([^`\n]+)`", "\n".join(pages)))


def error_classes() -> list[type[SteelyardError]]:
    found = [value for value in vars(errors).values() if inspect.isclass(value)]
    return [kind for kind in found if issubclass(kind, SteelyardError)]


def public_functions() -> Iterator[tuple[str, Callable[..., object]]]:
    for floor in DOCUMENTED_FLOORS:
        package = importlib.import_module(floor)
        for module in pkgutil.walk_packages(package.__path__, f"{floor}."):
            loaded = importlib.import_module(module.name)
            for name, function in inspect.getmembers(loaded, inspect.isfunction):
                if function.__module__ == module.name and not name.startswith("_"):
                    yield f"{module.name}.{name}", function


def test_every_error_class_stands_in_the_table_with_its_code_exit_and_status() -> None:
    page = (DOCS / "errors.md").read_text(encoding="utf-8").partition("\n## ")[0]

    documented = [tuple(row[:4]) for row in rows(page)[1:]]

    expected = [
        (kind.__name__, kind.code, str(kind.exit_code), str(kind.status))
        for kind in error_classes()
    ]
    assert documented == expected


def test_every_exit_code_of_an_error_is_explained() -> None:
    explained = {row[0] for row in rows(section("errors.md", "Exit codes of the command line"))}

    assert {str(kind.exit_code) for kind in error_classes()} <= explained


@pytest.mark.parametrize("table", schemas.TABLES)
def test_every_column_is_documented_with_its_type_in_its_order(table: str) -> None:
    documented = [tuple(row[:2]) for row in rows(section("data-format.md", f"`{table}`"))[1:]]

    assert documented == [(field.name, str(field.type)) for field in schemas.TABLES[table]]


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_every_stage_is_documented_with_all_its_rules(stage: type[Stage]) -> None:
    assert {stage.name, *stage().rules} - code_words() == set()


def docstring_faults(name: str, function: Callable[..., object]) -> list[str]:
    parameters = inspect.signature(function).parameters
    said_at_once = "\nParameters\n" not in (inspect.getdoc(function) or "")
    may_be_short = said_at_once and len(parameters) <= SELF_EXPLAINING
    codes = CODES - SECTIONS if may_be_short else CODES
    return [message for code, message in validate(name)["errors"] if code in codes]


def test_every_public_function_of_the_lower_floors_has_a_complete_docstring() -> None:
    faults = {name: docstring_faults(name, function) for name, function in public_functions()}

    # A function that was mended leaves the list of exemptions.
    assert {name: found for name, found in faults.items() if found and name not in EXEMPT} == {}
    assert {name for name in EXEMPT if not faults.get(name)} == set()
