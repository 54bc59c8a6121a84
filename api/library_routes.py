"""The routes of what can be read without a corpus: recipes with their sources, and measures."""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.desk import desk_of
from api.models import Meta, Shape
from api.questions import Filter, Nothing, Page
from api.registration import add, add_table
from api.tables import Cell, Layout, Table
from api.wire import meta_of
from catalog.errors import NotFound
from curation.measures import DEFINITIONS
from curation.measures.definition import Definition
from curation.recipe import Recipe, recipes
from curation.stage import Stage


class RecipeFilter(Filter):
    """Which recipes to list; `q` looks at the id and the title."""

    sortable: ClassVar[tuple[str, ...]] = ("id", "rank", "title")


class RecipePage(RecipeFilter, Page):
    """A page of the list of recipes."""


class MeasureFilter(Filter):
    """Which measures to list; `q` looks at the name: ``gopher.*``."""

    sortable: ClassVar[tuple[str, ...]] = ("name", "rank")


class MeasurePage(MeasureFilter, Page):
    """A page of the list of measures."""


class Parameter(Shape):
    """One number or choice of a stage."""

    name: str
    value: Any = Field(description="What the recipe says.")
    default: Any = Field(description="What the cited source prints.")
    cite: str


class RecipeStage(Shape):
    """One stage: what it reads, why it removes, and by which numbers."""

    position: int
    stage: str
    rules: list[str] = Field(description="Every reason it can give.")
    needs: list[str] = Field(description="Columns of documents and measures it reads.")
    parameters: list[Parameter]


class RecipeLinks(Shape):
    """Where the whole recipe is."""

    self: str


class RecipeRow(Shape):
    """One recipe, in short."""

    id: str = Field(description="name@version, as it stands in verdicts and flows.")
    name: str
    version: int
    title: str
    cite: str
    stages: list[str]
    links: RecipeLinks


class RecipeList(Shape):
    """The recipes that come with Steelyard."""

    data: list[RecipeRow]
    meta: Meta


class RecipeWhole(Shape):
    """One recipe, stage by stage."""

    id: str
    name: str
    version: int
    title: str
    cite: str
    stages: list[RecipeStage]


class RecipeOne(Shape):
    """One recipe."""

    data: RecipeWhole


class MeasureExample(Shape):
    """A text, and what the measure says of it."""

    text: str
    value: Any


class MeasureRow(Shape):
    """One measure, explained so that somebody else can compute it again."""

    name: str = Field(description="family.thing@version, a column of the table of measures.")
    type: str
    sentence: str
    formula: str
    source: str
    example: MeasureExample
    pieces: str = Field(description="How the pieces of a long text become one value.")


class MeasureList(Shape):
    """What is counted in a text."""

    data: list[MeasureRow]
    meta: Meta


class MeasureOne(Shape):
    """One measure."""

    data: MeasureRow


def router() -> APIRouter:
    """Return the routes of recipes and measures."""
    router = APIRouter(prefix="/v1", tags=["library"])
    says = "List the recipes as a CSV file: one line a parameter."
    add_table(router, "/recipes", "recipes", recipe_table, RecipePage, RecipeList, says)
    add(router, "/recipes/{name}", "recipe", recipe_one, RecipeOne)
    says = "List what is counted in a text as a CSV file."
    add_table(router, "/measures", "measures", measure_table, MeasurePage, MeasureList, says)
    add(router, "/measures/{name}", "measure", measure_one, MeasureOne)
    return router


def recipe_table(request: Request, question: RecipeFilter) -> Table[Recipe]:
    """List the recipes that come with Steelyard."""
    found = recipes()
    meta = meta_of("recipes", "Recipes", f"recipes: {len(found)}")
    return Table("recipes", found, RECIPES, "rank", meta)


def recipe_one(request: Request, name: str, _question: Annotated[Nothing, Query()]) -> Response:
    """Tell what one recipe does, stage by stage, with the source of each number."""

    def make() -> dict[str, object]:
        known = recipes()
        named = [one for one in known if name in (one.id, one.name)]
        if not named:
            message = f"there is no recipe {name[:100]!r}"
            raise NotFound(message, hint=f"recipes: {', '.join(one.id for one in known)}")
        found = named[-1]  # of the versions the highest
        stages = [_stage(place, stage) for place, stage in enumerate(found.stages, start=1)]
        return {"data": {**_head(found), "stages": stages}}

    return desk_of(request).one(request, make)


def measure_table(request: Request, question: MeasureFilter) -> Table[Definition]:
    """List what is counted in a text, each with its definition, source and example."""
    found = tuple(DEFINITIONS.values())
    meta = meta_of("measures", "Measures", f"measures: {len(found)}")
    return Table("measures", found, MEASURES, "rank", meta)


def measure_one(request: Request, name: str, _question: Annotated[Nothing, Query()]) -> Response:
    """Tell what one measure counts; without a version the highest is meant."""

    def make() -> dict[str, object]:
        named = [one for full, one in DEFINITIONS.items() if name in (full, full.partition("@")[0])]
        if not named:
            message = f"no measure is called {name[:100]!r}"
            raise NotFound(message, hint="GET /v1/measures?q=gopher.* lists those of a family")
        return {"data": _measure(max(named, key=_version))}

    return desk_of(request).one(request, make)


def _version(measure: Definition) -> int:
    return int(measure.name.partition("@")[2])


def _head(recipe: Recipe) -> dict[str, object]:
    return {
        "id": recipe.id,
        "name": recipe.name,
        "version": recipe.version,
        "title": recipe.title,
        "cite": recipe.cite,
    }


def _recipe_row(recipe: Recipe, _rank: int) -> dict[str, object]:
    links = {"self": f"/v1/recipes/{quote(recipe.id)}"}
    return {**_head(recipe), "stages": [stage.name for stage in recipe.stages], "links": links}


def _stage(position: int, stage: Stage) -> dict[str, object]:
    return {
        "position": position,
        "stage": stage.name,
        "rules": stage.rules,
        "needs": stage.needs,
        "parameters": _parameters(stage),
    }


def _parameters(stage: Stage) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name,
            "value": getattr(stage, field.name),
            "default": field.default,
            "cite": field.metadata["cite"],
        }
        for field in fields(stage)  # type: ignore[arg-type]  # every stage is a dataclass
    ]


def _recipe_lines(recipe: Recipe, _rank: int) -> Iterator[list[Cell]]:
    for position, stage in enumerate(recipe.stages, start=1):
        head: list[Cell] = [recipe.id, recipe.title, recipe.cite, position, stage.name]
        if not (parameters := _parameters(stage)):
            yield [*head, None, None, None, None]
        for one in parameters:
            yield [*head, one["name"], _cell(one["value"]), _cell(one["default"]), one["cite"]]


def _measure(measure: Definition, _rank: int = 0) -> dict[str, object]:
    return {
        "name": measure.name,
        "type": str(measure.type),
        "sentence": measure.sentence,
        "formula": measure.formula,
        "source": measure.source,
        "example": measure.example._asdict(),
        "pieces": measure.pieces,
    }


def _measure_line(measure: Definition, _rank: int) -> Iterator[list[Cell]]:
    head: list[Cell] = [measure.name, str(measure.type), measure.sentence, measure.formula]
    text, value = measure.example
    yield [*head, measure.source, text, _cell(value), measure.pieces]


def _cell(value: object) -> Cell:
    """Return a value as one cell; a list is JSON."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return json.dumps(value, ensure_ascii=False)


RECIPES: Final[Layout[Recipe]] = Layout(
    key=lambda recipe: f"{recipe.id} {recipe.title}",
    columns={"id": lambda recipe: recipe.id, "title": lambda recipe: recipe.title},
    as_json=_recipe_row,
    header=lambda _unit: [
        *("id", "title", "cite", "position", "stage"),
        *("parameter", "value", "default", "parameter_cite"),
    ],
    as_csv=_recipe_lines,
)
MEASURES: Final[Layout[Definition]] = Layout(
    key=lambda measure: measure.name,
    columns={"name": lambda measure: measure.name},
    as_json=_measure,
    header=lambda _unit: [
        *("name", "type", "sentence", "formula", "source"),
        *("example_text", "example_value", "pieces"),
    ],
    as_csv=_measure_line,
)
