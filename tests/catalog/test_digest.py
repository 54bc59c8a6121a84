"""The digest of a table: one for one set of rows, however they lie, and another for any other."""

from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.digest import digest_of, digest_rows, row_sum
from catalog.parquet import sha256
from catalog.weights import Scales, Weight

PARTS = pa.list_(pa.struct([("kind", pa.string()), ("share", pa.decimal128(10, 9))]))
ROW = pa.schema(
    [
        ("name", pa.string()),
        ("n", pa.int64()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("parts", PARTS),
        ("place", pa.struct([("file", pa.string()), ("row", pa.int64())])),
    ]
)
shares = st.decimals(0, 1, places=9)
parts = st.fixed_dictionaries({"kind": st.none() | st.text(max_size=2), "share": shares})
rows = st.fixed_dictionaries(
    {
        "name": st.none() | st.text(max_size=3),
        "n": st.none() | st.integers(-2, 2),
        "at": st.none() | st.integers(0, 3),
        "parts": st.none() | st.lists(st.none() | parts, max_size=3),
        "place": st.none()
        | st.fixed_dictionaries({"file": st.none() | st.just("f"), "row": st.integers(0, 2)}),
    }
)


def written(folder: Path, name: str, table: pa.Table) -> Path:
    pq.write_table(table, folder / name)
    return folder / name


def digest(folder: Path, table: pa.Table) -> tuple[int, str]:
    return digest_rows([written(folder, "t", table)])


@given(found=st.lists(rows, min_size=1, max_size=12), cuts=st.integers(1, 4), data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_order_files_and_row_groups_do_not_matter(tmp_path, found, cuts, data):
    shuffled = data.draw(st.permutations(found))
    files = [
        written(tmp_path, f"part{at}", pa.Table.from_pylist(shuffled[at::cuts], ROW))
        for at in range(cuts)
    ]
    pq.write_table(pa.Table.from_pylist(found, ROW), tmp_path / "whole", row_group_size=3)

    assert digest_rows(files) == digest_rows([tmp_path / "whole"])


@given(found=st.lists(rows, min_size=2, max_size=2))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_rows_have_one_digest_only_where_every_value_is_the_same(tmp_path, found):
    tables = [pa.Table.from_pylist([row], ROW) for row in found]

    digests = [digest(tmp_path, table) for table in tables]

    assert (digests[0] == digests[1]) == (tables[0].to_pylist() == tables[1].to_pylist())


def test_nulls_and_what_is_empty_are_told_apart_wherever_they_stand(tmp_path):
    alike = [
        [{"a": None, "b": "x"}],
        [{"a": "x", "b": None}],
        [{"a": "", "b": "x"}],
        [{"a": "x", "b": ""}],
        [{"a": "xx", "b": None}],
        [{"a": None, "b": None}],
        [{"a": "", "b": ""}],
        [{"a": "x", "b": "x"}],
        [{"a": None, "b": "x"}, {"a": None, "b": "x"}],
    ]
    lists = [None, [], [None], [None, "a"], ["a", None], ["a"], [""], ["", ""], ["a", "a"], ["aa"]]
    text = pa.schema([("a", pa.string()), ("b", pa.string())])

    of_texts = [digest(tmp_path, pa.Table.from_pylist(found, text)) for found in alike]
    of_lists = [
        digest(tmp_path, pa.table({"a": pa.array([found], pa.list_(pa.string()))}))
        for found in lists
    ]

    assert len(set(of_texts)) == len(alike)
    assert len(set(of_lists)) == len(lists)


TYPED = {
    "int64": pa.array([1], pa.int64()),
    "int32": pa.array([1], pa.int32()),
    "double": pa.array([1.0]),
    "bool": pa.array([True]),
    "string": pa.array(["1"]),
    "binary": pa.array([b"1"]),
    "decimal": pa.array([Decimal(1)], pa.decimal128(10, 9)),
    "wide decimal": pa.array([Decimal(1)], pa.decimal128(38, 9)),
    "timestamp": pa.array([1], pa.timestamp("us")),
    "timestamp in UTC": pa.array([1], pa.timestamp("us", tz="UTC")),
    "list": pa.array([["1"]]),
    "null": pa.array([None], pa.string()),
    "null of numbers": pa.array([None], pa.int64()),
}


@pytest.mark.parametrize(("one", "other"), list(combinations(TYPED, 2)))
def test_another_type_is_another_digest(tmp_path, one, other):
    assert digest(tmp_path, pa.table({"a": TYPED[one]})) != digest(
        tmp_path, pa.table({"a": TYPED[other]})
    )


def test_another_name_and_another_column_are_another_digest(tmp_path):
    value = pa.array(["x", None])

    found = [
        digest(tmp_path, pa.table(columns))
        for columns in (
            {"a": value},
            {"b": value},
            {"a": value, "b": pa.nulls(2, pa.string())},
            {"a": value, "b": value},
        )
    ]

    assert len(set(found)) == len(found)


def test_a_column_that_some_files_lack_counts_as_null_there(tmp_path):
    whole = pa.table({"a": [1, 2], "b": ["x", None]})
    files = [
        written(tmp_path, "one", whole.slice(0, 1)),
        written(tmp_path, "two", whole.slice(1).select(["a"])),
    ]

    assert digest_rows(files) == digest(tmp_path, whole)


@pytest.mark.parametrize(
    "kind",
    [pa.large_string(), pa.dictionary(pa.int32(), pa.string())],
    ids=str,
)
def test_how_the_values_of_a_column_are_held_does_not_matter(tmp_path, kind):
    value = pa.array(["x", None, ""])

    assert digest(tmp_path, pa.table({"a": value.cast(kind)})) == digest(
        tmp_path, pa.table({"a": value})
    )


def test_what_files_add_is_added_up(tmp_path):
    one = written(tmp_path, "one", pa.table({"a": [1, 1]}))
    two = written(tmp_path, "two", pa.table({"a": [2]}))

    assert digest_of([row_sum(one), row_sum(two)]) == digest_rows([two, one])
    assert row_sum(one).n_rows == 2
    assert digest_rows([]) == digest_of([])


def test_a_file_weighs_the_same_on_the_scales_and_off_them(tmp_path):
    early = written(tmp_path, "early", pa.table({"a": [1, 1]}))
    late = written(tmp_path, "late", pa.table({"a": [2]}))

    with Scales() as scales:
        scales.put(early)
        found = [scales.weigh(file) for file in (early, late)]

    assert found == [Weight(sha256(file), row_sum(file)) for file in (early, late)]


def test_a_file_that_is_no_parquet_says_so_when_its_weight_is_asked_for(tmp_path):
    (tmp_path / "damaged").write_bytes(b"PAR1")

    with Scales() as scales:
        scales.put(tmp_path / "damaged")
        with pytest.raises(pa.ArrowInvalid):
            scales.weigh(tmp_path / "damaged")


def test_the_digest_of_published_rows_never_changes(tmp_path):
    table = pa.Table.from_pylist(
        [
            {
                "name": "Ada",
                "n": -1,
                "at": 0,
                "parts": [{"kind": "author", "share": Decimal("0.5")}, None],
                "place": {"file": "f", "row": None},
            },
            {},
        ],
        ROW,
    )

    assert digest(tmp_path, table) == (2, "0abbd9186416e833f839b67e18e2b899")
