"""What a page's address asks, read strictly: what is not understood is said, never dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from catalog.errors import UsageError
from catalog.nouns import Rollup, State, Unit
from catalog.store import Catalog
from dashboards.colours import Theme
from valuation.results import Listing, Waterfall, Weighing, Whois

GROUPINGS: Final = ("source", "contributor", "submitter", "language")
SORTS: Final = ("amplification", "key", "pool", "mix", "moved")
LONGEST: Final = 300  # characters of anything a reader types
MOST_PAGES: Final = 1_000_000
_THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
Choice = TypeVar("Choice", bound=str)


class Answers(Protocol):
    """What pages ask: the functions of `valuation.answers`, or a fake of them."""

    def listings(self, catalog: Catalog) -> tuple[Listing, ...]:
        """Return everything that can be asked about."""
        ...

    def show(
        self,
        catalog: Catalog,
        name: str,
        *,
        by: str,
        unit: Unit | None,
        rollup: Rollup | None,
        recipe: str | None,
    ) -> Weighing:
        """Return how much of it each key is, before and after."""
        ...

    def compare(
        self,
        catalog: Catalog,
        pool: str,
        mix: str,
        *,
        by: str,
        unit: Unit | None,
        rollup: Rollup | None,
        allow_mismatch: bool,
    ) -> Weighing:
        """Return how much more or less every key weighs in `mix`."""
        ...

    def waterfall(
        self,
        catalog: Catalog,
        name: str,
        *,
        by: str,
        unit: Unit | None,
        rollup: Rollup | None,
        recipe: str | None,
    ) -> Waterfall:
        """Return where every key gained or lost."""
        ...

    def whois(
        self, catalog: Catalog, name: str, *, rollup: Rollup | None, unit: Unit | None
    ) -> Whois:
        """Return how much of everything a name is."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of a page's address."""

    by: str = "source"
    unit: Unit | None = None
    rollup: Rollup | None = None
    recipe: str | None = None
    q: str = ""
    state: State | None = None
    sort: str = "amplification"
    page: int = 1
    theme: Theme | None = None
    allow_mismatch: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        """Return what a query asks.

        Parameters
        ----------
        query : mapping of str to str
            Empty values mean "not asked"; parameters of other pages are left alone.

        Raises
        ------
        UsageError
            For the first value that is not allowed; the message names those that are.
        """
        return cls(
            by=choice(query, "by", GROUPINGS) or "source",
            unit=choice(query, "unit", tuple(Unit)),
            rollup=choice(query, "rollup", tuple(Rollup)),
            recipe=short(query.get("recipe", ""), "recipe") or None,
            q=short(query.get("q", ""), "q"),
            state=choice(query, "state", tuple(State)),
            sort=choice(query, "sort", SORTS) or "amplification",
            page=_page(query.get("page", "")),
            theme=choice(query, "theme", _THEMES),
            allow_mismatch=choice(query, "allow_mismatch", ("1",)) == "1",
        )

    def grouping(self) -> dict[str, str]:
        """Return the part of the query that decides the numbers, without defaults."""
        asked = {"by": self.by, "unit": self.unit, "rollup": self.rollup, "recipe": self.recipe}
        kept = {name: str(value) for name, value in asked.items() if value}
        return {name: value for name, value in kept.items() if (name, value) != ("by", "source")}

    def query(self) -> dict[str, str]:
        """Return the whole query as it was asked, without defaults; the theme stays."""
        asked = {
            "q": self.q,
            "state": self.state or "",
            "sort": "" if self.sort == "amplification" else self.sort,
            "page": "" if self.page == 1 else str(self.page),
            "allow_mismatch": "1" if self.allow_mismatch else "",
            "theme": self.theme or "",
        }
        return {**self.grouping(), **{name: str(value) for name, value in asked.items() if value}}


def short(value: str, name: str) -> str:
    """Return what a reader typed, without the white space around it.

    Raises
    ------
    UsageError
        When it is too long.
    """
    if len(value) > LONGEST:
        message = f"{name} has {len(value):,} characters, at most {LONGEST} are allowed"
        raise UsageError(message)
    return value.strip()


def choice(query: Mapping[str, str], name: str, allowed: Sequence[Choice]) -> Choice | None:
    """Return which of several words a query asks for; None where it asks for none.

    Raises
    ------
    UsageError
        For another word; the message names those that are allowed.
    """
    value = query.get(name, "")
    if not value:
        return None
    for choice in allowed:
        if choice == value:
            return choice
    message = f"{name} is “{value[:80]}”; allowed: {', '.join(allowed)}"
    raise UsageError(message, hint=f"choose one of them, or leave {name} out")


def _page(value: str) -> int:
    if not value:
        return 1
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:8]) <= MOST_PAGES:
        message = f"page is “{value[:80]}”; allowed: whole numbers from 1"
        raise UsageError(message, hint="go back to page 1")
    return int(value[:8])
