"""What every test shares: which are slow, and how properties are judged."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SLOW = frozenset(Path(__file__).with_name("slow.txt").read_text(encoding="utf-8").split())

# A property is judged by what it finds, not by the machine's load.
settings.register_profile("steelyard", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steelyard")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `slow.txt` names: `make test` runs it, `make check` does not."""
    for item in items:
        if item.nodeid.partition("[")[0] in SLOW:
            item.add_marker("slow")
