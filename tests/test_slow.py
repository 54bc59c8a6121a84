"""What `make check` leaves to `make test` is there, and is named once."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
SLOW = (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").splitlines()


def test_every_slow_test_is_there() -> None:
    named = [line.partition("::") for line in SLOW]

    gone = [
        f"{path}::{name}"
        for path, _, name in named
        if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]

    assert gone == []


def test_slow_tests_stand_in_order_and_once() -> None:
    assert sorted(set(SLOW)) == SLOW
