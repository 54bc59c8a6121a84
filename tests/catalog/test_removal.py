"""Removing: what goes is gone for good, what stays is whole, whenever the power fails."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from catalog.errors import Busy, NotFound, UsageError
from catalog.parquet import write_parquet
from catalog.removal import known_corpora, remove_corpus, remove_snapshots, sweep
from catalog.schemas import COUNTS
from catalog.snapshots import LATEST
from catalog.store import Catalog


def publish(catalog: Catalog, corpus: str, *hosts: str) -> str:
    """One file a host, so that states share files."""
    paths = []
    for n, host in enumerate(hosts):
        row = dict.fromkeys(COUNTS.names) | {"host": host, "source": host, "unit": "tokens"}
        paths.append(catalog.home / f"{corpus}{n}.parquet")
        catalog.home.mkdir(parents=True, exist_ok=True)
        table = pa.Table.from_pylist([row | {"n": 1, "total": 9}], schema=COUNTS)
        write_parquet(table, paths[-1], COUNTS)
    with catalog.lock(corpus):
        return catalog.publish(corpus, {"counts": paths}, {"title": corpus}).id


@pytest.fixture
def catalog(tmp_path) -> Catalog:
    """`a` was one host, then two; `b` is another corpus in the same table."""
    made = Catalog(tmp_path / "home")
    publish(made, "a", "x.org")
    publish(made, "a", "x.org", "y.org")
    publish(made, "b", "z.org")
    return made


def files(catalog: Catalog) -> set[str]:
    there = catalog.tables.glob("*/corpus=*/*.parquet")
    return {str(path.relative_to(catalog.tables)) for path in there}


def test_a_corpus_goes_with_its_states_and_files_and_others_stay_whole(catalog):
    before = files(catalog)

    freed = remove_corpus(catalog, "a", dry=False)

    assert catalog.corpora() == ["b"]
    assert catalog.verify(catalog.latest("b")) == 1
    gone = before - files(catalog)
    assert {one.name.removeprefix("tables/") for one in freed if one.what == "file"} == gone
    assert len(gone) == 2
    assert sum(one.what == "snapshot" for one in freed) == 2
    active = pa.table(DeltaTable(catalog.tables / "counts").get_add_actions(flatten=True))
    assert active["partition.corpus"].to_pylist() == ["b"]
    with pytest.raises(NotFound):
        remove_corpus(catalog, "a", dry=False)
    assert publish(catalog, "a", "x.org")


def test_an_old_state_goes_with_the_files_that_only_it_has(catalog):
    old, new = sorted(catalog.snapshots("a"), key=lambda one: one.tables["counts"].rows)
    shared = set(old.tables["counts"].files) & set(new.tables["counts"].files)

    freed = remove_snapshots(catalog, "a", [old.id], dry=False)

    assert shared
    assert not [one for one in freed if one.what == "file"]  # the new state has its file too
    assert [one.id for one in catalog.snapshots("a")] == [new.id]
    assert catalog.verify(catalog.latest("a")) == 2
    third = publish(catalog, "a", "w.org")
    assert remove_snapshots(catalog, "a", [new.id], dry=False)[-1].what == "file"
    assert catalog.verify(catalog.snapshot(f"a@{third}")) == 1


def test_the_latest_state_is_not_an_old_one(catalog):
    with pytest.raises(UsageError, match="is the latest state of a"):
        remove_snapshots(catalog, "a", [catalog.latest("a").id], dry=False)
    with pytest.raises(NotFound, match="no snapshot a@snp_0"):
        remove_snapshots(catalog, "a", ["snp_0"], dry=False)
    assert len(catalog.snapshots("a")) == 2


class Raced(Catalog):
    """A catalog in which somebody publishes just before a lock is taken."""

    @contextmanager
    def lock(self, corpus: str) -> Iterator[None]:
        publish(Catalog(self.home), "a", "x.org")
        with super().lock(corpus):
            yield


def test_an_old_state_that_became_the_latest_meanwhile_stays(catalog):
    old = min(catalog.snapshots("a"), key=lambda one: one.tables["counts"].rows)

    with pytest.raises(UsageError, match="is the latest state of a"):
        remove_snapshots(Raced(catalog.home), "a", [old.id], dry=False)

    assert catalog.latest("a").id == old.id
    assert catalog.verify(old) == 1


def test_a_dry_run_says_the_same_and_leaves_everything(catalog):
    before = sorted((path, path.stat().st_mtime_ns) for path in catalog.home.rglob("*"))

    said = remove_corpus(catalog, "a", dry=True)

    assert sorted((path, path.stat().st_mtime_ns) for path in catalog.home.rglob("*")) == before
    assert remove_corpus(catalog, "a", dry=False) == said


def test_what_is_being_written_is_not_touched(catalog):
    with catalog.lock("a"):
        for remove in (remove_corpus, sweep):
            with pytest.raises(Busy):
                remove(catalog, "a", dry=False)
    assert catalog.verify(catalog.latest("a")) == 2


@pytest.mark.parametrize("killed_after", ["the pointer", "the snapshots", "a file"])
def test_a_removal_that_was_killed_is_finished_by_the_next_sweep(catalog, killed_after):
    folder = catalog.home / "snapshots" / "a"
    if killed_after == "a file":
        one, *_ = (catalog.tables / "counts" / "corpus=a").iterdir()
        content = one.read_bytes()
        remove_corpus(catalog, "a", dry=False)
        one.parent.mkdir()
        one.write_bytes(content)
    else:
        (folder / LATEST).unlink()
    if killed_after == "the snapshots":
        for path in folder.iterdir():
            path.unlink()

    for corpus in known_corpora(catalog):
        sweep(catalog, corpus, dry=False)

    assert catalog.corpora() == known_corpora(catalog) == ["b"]
    assert not list(catalog.tables.glob("*/corpus=a/*"))
    assert catalog.verify(catalog.latest("b")) == 1


def test_a_sweep_takes_what_no_snapshot_names_and_nothing_else(catalog):
    stray = catalog.tables / "counts" / "corpus=a" / "0123.parquet"
    stray.write_bytes(b"moved in, never named")
    pools = catalog.home / "cache" / "pools" / "a" / "1"
    pools.mkdir(parents=True)
    (pools / "pool.parquet").write_bytes(b"12345")

    freed = sweep(catalog, "a", dry=False)

    assert [(one.what, one.n_bytes) for one in freed] == [("file", 21), ("cache", 5)]
    assert not stray.exists()
    assert catalog.verify(catalog.latest("a")) == 2
    assert len(catalog.snapshots("a")) == 2
    assert sweep(catalog, "a", dry=False) == []


def test_a_sweep_makes_the_tables_forget_what_a_killed_publish_told_them(catalog):
    table, state = catalog.tables / "counts", catalog.home / "snapshots" / "a"
    latest = catalog.latest("a")
    manifests = {path.name for path in state.iterdir()}
    unpublished = publish(catalog, "a", "w.org")  # killed before its manifest was written
    (state / f"{unpublished}.json").unlink()
    (state / LATEST).write_text(latest.id)
    assert {path.name for path in state.iterdir()} == manifests

    freed = sweep(catalog, "a", dry=False)

    assert [one.what for one in freed] == ["file"]
    named = pa.table(DeltaTable(table).get_add_actions(flatten=True)).to_pylist()
    assert {one["path"] for one in named if one["partition.corpus"] == "a"} == {
        *latest.tables["counts"].files
    }
    assert catalog.verify(catalog.latest("a")) == 2
