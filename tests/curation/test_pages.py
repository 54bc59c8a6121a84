"""docs/measures.md and docs/recipes.md say what the code does."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from curation.measures import DEFINITIONS
from curation.measures.page import cell, page
from curation.recipe import parse_recipe, recipes
from curation.stages import STAGES
from curation.stages.gopher_quality_by import GopherQualityBy
from curation.stages.gopher_repetition import GopherRepetition

DOCS = Path(__file__).parents[2] / "docs"
RECIPES = (DOCS / "recipes.md").read_text(encoding="utf-8")


def section_of(stage: str) -> str:
    return RECIPES.partition(f"### `{stage}`")[2].partition("\n##")[0]


@pytest.mark.parametrize("column", DEFINITIONS)
def test_every_measure_is_on_its_page_with_its_definition(column: str) -> None:
    written = (DOCS / "measures.md").read_text(encoding="utf-8")

    assert f"| `{column}` | {cell(DEFINITIONS[column].sentence)} |" in written


def test_the_page_of_measures_is_what_the_code_writes() -> None:
    assert (DOCS / "measures.md").read_text(encoding="utf-8") == page()


def as_yaml(value: object) -> str:
    """How a parameter is written in a recipe."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(list(value)).replace("'", "") if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("kind", STAGES.values(), ids=STAGES)
def test_every_stage_is_on_its_page_with_its_rules_parameters_and_defaults(kind) -> None:
    section = section_of(kind.name)

    for rule in kind().rules:
        assert f"| `{rule}` |" in section
    for field in fields(kind):
        shown = re.search(rf"\| `{field.name}` \| `?([^|`]+)`? \|", section)
        assert shown is not None, field.name
        assert shown[1].strip() == as_yaml(field.default)
        assert field.metadata["cite"] in section


@pytest.mark.parametrize("definition", ["datatrove", "dolma", "dclm"])
def test_the_rules_of_every_definition_are_on_the_page(definition: str) -> None:
    for stage in (GopherQualityBy(definition=definition), GopherRepetition(definition=definition)):
        for rule in stage.rules:
            assert f"| `{rule}` |" in section_of(stage.name)


def test_every_shipped_recipe_is_on_its_page() -> None:
    for recipe in recipes():
        assert f"| `{recipe.id}` |" in RECIPES


def test_the_recipe_on_the_page_is_one() -> None:
    text = RECIPES.partition("```yaml\n")[2].partition("```")[0]

    recipe = parse_recipe(text, origin="docs/recipes.md")

    assert [stage.name for stage in recipe.stages] == [
        "language@1",
        "gopher_quality@1",
        "exact_dedup@1",
    ]
