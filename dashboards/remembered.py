"""Answers remembered until the catalog changes, and worked out a few at a time."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, TypeVar, cast

from catalog.nouns import Rollup, Unit
from catalog.seats import Seats
from catalog.stamp import stamp
from catalog.store import Catalog
from dashboards.asking import Answers
from valuation.results import Listing, Waterfall, Weighing, Whois

MOST_ANSWERS: Final = 24  # a weighing of 10,000 rows holds some megabytes

Answer = TypeVar("Answer")


class Memory:
    """What was answered lately, and the seats of those who wait for an answer.

    Parameters
    ----------
    seats : Seats, optional
        Shared with whatever else answers in this process; its own where nothing else does.
    """

    def __init__(self, seats: Seats | None = None) -> None:
        self._known: OrderedDict[Hashable, object] = OrderedDict()
        self._guard = threading.Lock()
        self._seats = seats or Seats()

    def once(self, catalog: Catalog, asked: Hashable, answer: Callable[[], Answer]) -> Answer:
        """Return what `answer` returns, or what it returned when the same was asked before.

        Parameters
        ----------
        catalog : Catalog
            Whose state decides what "before" means.
        asked : hashable
            The whole question.
        answer : callable
            Works it out.

        Raises
        ------
        Busy
            When too many others are being answered.
        """
        key = (asked, stamp(catalog.home))
        with self._guard:
            if key in self._known:
                self._known.move_to_end(key)
                return cast("Answer", self._known[key])
        with self._seats.taken():
            found = answer()
        with self._guard:
            self._known[key] = found
            while len(self._known) > MOST_ANSWERS:
                self._known.popitem(last=False)
        return found

    def forgotten(self, answer: Callable[[], Answer]) -> Answer:
        """Return what `answer` returns, and remember nothing of it; Busy as in `once`."""
        with self._seats.taken():
            return answer()


class Remembered:
    """Answers like those of `answers`, each worked out once for each state of the catalog.

    Parameters
    ----------
    answers : Answers
        Who works them out.
    memory : Memory, optional
        Shared with others who answer, so that all of them together keep within its seats.
    """

    def __init__(self, answers: Answers, memory: Memory | None = None) -> None:
        self._answers = answers
        self.memory = memory or Memory()

    def listings(self, catalog: Catalog) -> tuple[Listing, ...]:
        """Return everything that can be asked about."""
        return self.memory.once(catalog, ("listings",), lambda: self._answers.listings(catalog))

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
        return self.memory.once(
            catalog,
            ("show", name, by, unit, rollup, recipe),
            lambda: self._answers.show(
                catalog, name, by=by, unit=unit, rollup=rollup, recipe=recipe
            ),
        )

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
        return self.memory.once(
            catalog,
            ("compare", pool, mix, by, unit, rollup, allow_mismatch),
            lambda: self._answers.compare(
                catalog,
                pool,
                mix,
                by=by,
                unit=unit,
                rollup=rollup,
                allow_mismatch=allow_mismatch,
            ),
        )

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
        return self.memory.once(
            catalog,
            ("waterfall", name, by, unit, rollup, recipe),
            lambda: self._answers.waterfall(
                catalog, name, by=by, unit=unit, rollup=rollup, recipe=recipe
            ),
        )

    def whois(
        self, catalog: Catalog, name: str, *, rollup: Rollup | None, unit: Unit | None
    ) -> Whois:
        """Return how much of everything a name is."""
        return self.memory.once(
            catalog,
            ("whois", name, rollup, unit),
            lambda: self._answers.whois(catalog, name, rollup=rollup, unit=unit),
        )
