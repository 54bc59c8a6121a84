"""An answer is worked out once for each state of the catalog, and a few at a time."""

import threading
import time
from pathlib import Path
from types import ModuleType

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from catalog.errors import Busy
from catalog.nouns import Rollup, Unit
from catalog.seats import Seats
from catalog.store import Catalog
from dashboards.app import mount
from dashboards.remembered import MOST_ANSWERS, Memory, Remembered
from valuation.results import Whois


class Counting:
    """Answers every look-up, and counts them; it can be made to wait."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def whois(
        self, _catalog: Catalog, name: str, *, rollup: Rollup | None, unit: Unit | None
    ) -> Whois:
        self.asked.append(name)
        assert self.gate.wait(10)
        return Whois(name, name, str(rollup), (), f"{name} in {unit}")


def ask(kept: Remembered, catalog: Catalog, name: str) -> Whois:
    return kept.whois(catalog, name, rollup=None, unit=None)


def test_the_same_question_is_worked_out_once(tmp_path: Path) -> None:
    answers, catalog = Counting(), Catalog(tmp_path)
    kept = Remembered(answers)

    first, again = ask(kept, catalog, "a"), ask(kept, catalog, "a")

    assert first is again
    assert answers.asked == ["a"]


def test_another_unit_is_another_question(tmp_path: Path) -> None:
    answers, catalog = Counting(), Catalog(tmp_path)
    kept = Remembered(answers)

    ask(kept, catalog, "a")
    kept.whois(catalog, "a", rollup=None, unit=Unit.WORDS)

    assert answers.asked == ["a", "a"]


def test_a_mixture_that_is_registered_makes_old_answers_new_questions(tmp_path: Path) -> None:
    answers, catalog = Counting(), Catalog(tmp_path)
    kept = Remembered(answers)
    ask(kept, catalog, "a")

    (tmp_path / "mixtures").mkdir()
    (tmp_path / "mixtures" / "mine.yaml").write_text("id: mine\n")
    ask(kept, catalog, "a")

    assert answers.asked == ["a", "a"]


def test_what_was_unused_for_longest_is_forgotten(tmp_path: Path) -> None:
    answers, catalog = Counting(), Catalog(tmp_path)
    kept = Remembered(answers)

    for number in range(MOST_ANSWERS + 1):
        ask(kept, catalog, str(number))
    ask(kept, catalog, "1")
    ask(kept, catalog, "0")

    assert answers.asked[-1] == "0"
    assert answers.asked.count("1") == 1


def test_a_flood_is_refused_at_once_and_known_answers_still_come(tmp_path: Path) -> None:
    answers, catalog = Counting(), Catalog(tmp_path)
    seats = Seats(at_work=2, queue=3)
    kept = Remembered(answers, Memory(seats))
    ask(kept, catalog, "known")
    answers.gate.clear()
    readers = [
        threading.Thread(target=_quietly, args=(kept, catalog, f"slow {number}"))
        for number in range(2 + 3)
    ]
    for reader in readers:
        reader.start()
    while seats._inside._value:
        time.sleep(0.001)

    with pytest.raises(Busy):
        ask(kept, catalog, "one too many")
    known = ask(kept, catalog, "known")

    assert known.name == "known"
    answers.gate.set()
    for reader in readers:
        reader.join(10)


def test_a_reader_who_is_refused_is_told_when_to_come_again(
    made_up: ModuleType, tmp_path: Path
) -> None:
    app = FastAPI()
    mount(app, Catalog(tmp_path), made_up.MadeUp(), Seats(at_work=0, queue=0))

    response = TestClient(app).get("/")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"
    assert "Too many questions at once" in response.text


def _quietly(kept: Remembered, catalog: Catalog, name: str) -> None:
    try:
        ask(kept, catalog, name)
    except Busy:
        return
