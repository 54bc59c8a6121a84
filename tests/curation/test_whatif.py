"""A supposed change gives what a full run gives."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from catalog.errors import BadInput, NotFound, UsageError
from catalog.parquet import write_parquet
from catalog.store import Catalog
from curation import ledger
from curation.curate import curate
from curation.pipeline import decide
from curation.recipe import Recipe, parse_recipe
from curation.whatif import Change, changed_recipe, what_if

TEXTS = ["the cat and the dog " * 3, "of the to be", "##", "", None, "with the man " * 9]
RECIPE = """
name: mine
version: 1
title: t
cite: c
stages:
  - {stage: language@1, keep: [en], min_score: 0.65}
  - {stage: gopher_quality@1, min_words: 5}
  - {stage: min_votes@1, min_votes: 1}
  - {stage: exact_dedup@1}
"""
HEAD = {"name": "mine", "version": 1, "title": "t", "cite": "c"}
FITTED = ("perplexity.trigram@1", "quality.score@1")
CHANGES = {
    "threshold": Change(set={"gopher_quality.min_words": 20}),
    "two thresholds": Change(set={"min_votes@1.min_votes": 3, "language.min_score": 0.95}),
    "list": Change(set={"language.keep": "en,fr"}),
    "no stage": Change(without_stages=("gopher_quality",)),
    "no deduplication": Change(without_stages=("exact_dedup",)),
    "site": Change(drop_domains=("a.example",)),
    "source": Change(drop_sources=("two",)),
    "all at once": Change(
        set={"min_votes.min_votes": 2},
        drop_domains=("a.example",),
        drop_sources=("two",),
        without_stages=("language@1",),
    ),
}
documents = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.sampled_from(TEXTS),
            "source": st.sampled_from(["one", "two", None]),
            "registered_domain": st.sampled_from(["a.example", "b.example", None]),
            "votes": st.sampled_from([0, 1, 2, 3, None]),
            "language.top@1": st.sampled_from(["en", "fr"]),
            "language.score@1": st.sampled_from([0.5, 0.9, 0.99]),
        }
    ),
    min_size=12,
    max_size=30,
)


@pytest.fixture
def recipe() -> Recipe:
    return parse_recipe(RECIPE, origin="mine")


def published(home: Path, pools, rows) -> Catalog:
    catalog, staged = Catalog(home), {}
    home.mkdir(exist_ok=True)
    tables = {"documents": pools.documents_table(rows), "measures": pools.measures_table(rows)}
    for name in FITTED if FITTED[0] in rows[0] else ():
        column = pa.array([row.get(name) for row in rows], pa.float64())
        tables["measures"] = tables["measures"].append_column(name, column)
    for name, table in tables.items():
        staged[name] = [home / f"{name}.parquet"]
        write_parquet(table, staged[name][0], table.schema)
    catalog.publish("mini", staged, {})
    return catalog


def flows_of(catalog: Catalog) -> list[str]:
    engine = catalog.engine(catalog.latest("mini"))
    return in_order(engine.run(engine.table("flows").drop("corpus")))


def in_order(flows) -> list[str]:
    return sorted(map(repr, flows.to_pylist()))


def seeded(pools) -> list:
    """The smallest id has the text of two others, and comes from the site that is dropped."""
    first, *others = sorted(range(1, 4), key=pools.doc_id)
    text = {"votes": 3, "language.top@1": "en", "language.score@1": 0.9, "source": "one"}
    winner = pools.document(first, "the cats with the dogs", registered_domain="a.example", **text)
    rest = [
        pools.document(n, "the cats with the dogs", registered_domain="b.example", **text)
        for n in others
    ]
    away = pools.document(9, "of the to be", source="two", votes=0, **{"language.top@1": "en"})
    return [winner, *rest, away]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@settings(max_examples=2, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(given=documents)
def test_a_supposed_change_gives_what_a_full_run_gives(
    change: Change, given, pools, tmp_path_factory
) -> None:
    recipe = parse_recipe(RECIPE, origin="mine")
    rows = seeded(pools) + [pools.document(n, **fields) for n, fields in enumerate(given, 20)]
    catalog = published(tmp_path_factory.mktemp("asked"), pools, rows)
    curate(catalog, "mini", recipe)
    left = [
        row
        for row in rows
        if row["registered_domain"] not in change.drop_domains
        and row["source"] not in change.drop_sources
    ]
    other = published(tmp_path_factory.mktemp("run"), pools, left)
    curate(other, "mini", changed_recipe(recipe, change))

    found = what_if(catalog, "mini", recipe, change)

    assert in_order(found.before) == flows_of(catalog)
    assert in_order(found.after) == flows_of(other)


def test_a_text_whose_winner_is_dropped_survives_in_its_copy(recipe, pools, tmp_path) -> None:
    catalog = published(tmp_path, pools, seeded(pools))

    found = what_if(catalog, "mini", recipe, Change(drop_domains=("a.example",)))

    def kept(flows) -> dict:
        last = [row for row in flows.to_pylist() if row["position"] == 4]
        mine = [row for row in last if row["source"] == "one"]
        return {row["registered_domain"]: row["documents_out"] for row in mine}

    assert kept(found.before) == {"a.example": 1, "b.example": 0}
    assert kept(found.after) == {"b.example": 1}


def test_nothing_is_published_and_the_recipe_need_not_have_been_run(
    recipe, pools, tmp_path
) -> None:
    catalog = published(tmp_path, pools, seeded(pools))
    before = catalog.latest("mini")

    found = what_if(catalog, "mini", recipe, Change(without_stages=("exact_dedup",)))
    curate(catalog, "mini", recipe)

    assert found.snapshot == before
    assert in_order(found.before) == flows_of(catalog)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (Change(), UsageError, "nothing is supposed"),
        (Change(set={"gopher_quality.min_wrods": 1}), NotFound, "no parameter 'min_wrods'"),
        (Change(set={"gopher.min_words": 1}), NotFound, "no stage 'gopher'"),
        (Change(set={"min_votes": 1}), NotFound, "no parameter"),
        (Change(set={"language.min_score": 65}), BadInput, r"must lie in \[0, 1\]"),
        (Change(set={"min_votes.min_votes": "many"}), BadInput, "whole number, found 'many'"),
        (
            Change(set={"min_votes.min_votes": 2, "min_votes@1.min_votes": 3}),
            UsageError,
            "min_votes@1: min_votes is set twice",
        ),
        (
            Change(set={"min_votes.min_votes": 2}, without_stages=("min_votes",)),
            UsageError,
            "min_votes is set, and the stage is left out",
        ),
        (Change(without_stages=("c4_lines",)), NotFound, "no stage 'c4_lines'"),
        (Change(drop_domains=("nobody.example",)), NotFound, "is from 'nobody.example'"),
        (Change(drop_sources=("three",)), NotFound, "is from 'three'"),
        (
            Change(without_stages=("language", "gopher_quality", "min_votes", "exact_dedup")),
            UsageError,
            "no stage of mine@1 would be left",
        ),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, str) else "",
)
def test_what_cannot_be_supposed_is_refused(change, error, said, recipe, pools, tmp_path) -> None:
    catalog = published(tmp_path, pools, seeded(pools))

    with pytest.raises(error, match=said):
        what_if(catalog, "mini", recipe, change)


@pytest.mark.parametrize(
    ("said", "meant"), [(3, (3,)), ("1,2", (1, 2)), ([4], (4,))], ids=["one", "several", "a list"]
)
def test_a_list_of_numbers_can_be_set_as_it_is_typed(said, meant) -> None:
    text = "{name: t, version: 1, title: t, cite: c, stages: [{stage: topic@1}]}"
    recipe = parse_recipe(text, origin="t")

    changed = changed_recipe(recipe, Change(set={"topic.unwanted": said}))

    assert changed.stages[0].unwanted == meant


# every kind of stage: alone, by the place among those that stand, by copies, cutting, weighing
STAGES = {
    "language@1": ("language.min_score", [0.5, 0.65, 0.95]),
    "gopher_quality@1": ("gopher_quality.min_words", [0, 6, 10, 30]),
    "perplexity@1": ("perplexity.keep_percentile", [20, 60, 100]),
    "refinedweb_lines@1": None,
    "paragraph_dedup@1": ("paragraph_dedup.winner_by", ["hash", "first_seen"]),
    "url_dedup@1": ("url_dedup.winner_by", ["hash", "earliest_published"]),
    "exact_dedup@1": ("exact_dedup.winner_by", ["hash", "first_seen", "earliest_published"]),
    "gpt3_resample@1": ("gpt3_resample.alpha", [0, 1, 9]),
}
PARAGRAPHS = ["the cats with the dogs", "of the to be and so on it goes", "CART", "3 likes", "## 1"]
various = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.lists(st.sampled_from(PARAGRAPHS), max_size=3).map("\n\n".join),
            "source": st.sampled_from(["one", "two"]),
            "registered_domain": st.sampled_from(["a.example", None]),
            "url": st.sampled_from(["https://a.example/1", "https://a.example/2", None]),
            "n_tokens": st.sampled_from([0, 7, None]),
            "credit": st.sampled_from([{"one": "1"}, {"one": "0.333333333", "two": "0.666666667"}]),
            "language.top@1": st.sampled_from(["en", "fr"]),
            "language.score@1": st.sampled_from([0.5, 0.9]),
            "perplexity.trigram@1": st.sampled_from([1.0, 2.0, 3.0, None]),
            "quality.score@1": st.sampled_from([0.25, 0.75, None]),
        }
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    data=st.data(),
    given=various,
    stages=st.permutations(list(STAGES)),
    n=st.integers(1, len(STAGES)),
)
def test_any_change_of_any_recipe_gives_what_deciding_everything_anew_gives(
    data, given, stages, n, pools, tmp_path_factory
) -> None:
    recipe, change = recipe_of(stages[:n]), drawn_change(data, stages[:n])
    rows = [
        pools.document(at, **fields, contributors=pools.credit(**fields["credit"]))
        for at, fields in enumerate(given)
    ]
    rows.append(pools.document(99, "CART", source="two", registered_domain="a.example"))
    catalog = published(tmp_path_factory.mktemp("asked"), pools, rows)

    found = what_if(catalog, "mini", recipe, change)

    left = [
        row
        for row in rows
        if row["registered_domain"] not in change.drop_domains
        and row["source"] not in change.drop_sources
    ]
    assert in_order(found.before) == anew(pools, rows, recipe, tmp_path_factory)
    assert in_order(found.after) == anew(
        pools, left, changed_recipe(recipe, change), tmp_path_factory
    )


def recipe_of(names) -> Recipe:
    text = json.dumps({**HEAD, "stages": [{"stage": name} for name in names]})
    return parse_recipe(text, origin="drawn")


def drawn_change(data, names) -> Change:
    """One value or more, or a stage less, or documents less: something always changes."""
    settable = [name for name in names if STAGES[name]]
    chosen = data.draw(st.lists(st.sampled_from(settable), unique=True)) if settable else []
    values = {STAGES[name][0]: data.draw(st.sampled_from(STAGES[name][1])) for name in chosen}
    rest = [name for name in names if name not in chosen]
    gone = data.draw(st.lists(st.sampled_from(rest), unique=True)) if len(rest) > 1 else []
    if len(gone) == len(names):
        gone.pop()
    dropped = st.sampled_from([(), ("a.example",)]) if values or gone else st.just(("a.example",))
    sources = data.draw(st.sampled_from([(), ("two",)]))
    return Change(values, data.draw(dropped), sources, tuple(gone))


def anew(pools, rows, recipe, tmp_path_factory) -> list[str]:
    """The flows by way of neither the numbered pool nor what is written down of a rule."""
    if not rows:
        return []
    catalog = published(tmp_path_factory.mktemp("anew"), pools, rows)
    engine = catalog.engine(catalog.latest("mini"))
    tallied = ledger.tally(decide(engine, recipe), recipe)
    return in_order(engine.run(ledger.flows(tallied, recipe)))


def test_a_value_that_stands_already_is_said_to_change_nothing(recipe, pools, tmp_path) -> None:
    catalog = published(tmp_path, pools, seeded(pools))

    same = what_if(catalog, "mini", recipe, Change(set={"gopher_quality.min_words": 5}))
    other = what_if(catalog, "mini", recipe, Change(set={"gopher_quality.min_words": 6}))

    assert same.warnings == ("nothing changes: min_words of gopher_quality@1 is 5 already",)
    assert in_order(same.before) == in_order(same.after)
    assert other.warnings == ()


def test_where_documents_are_left_out_near_duplicates_stay_those_of_the_whole(
    pools, catalogued
) -> None:
    rows = seeded(pools)
    catalog, near = catalogued(rows), recipe_of(["near_dedup@1"])

    without = what_if(catalog, "mini", near, Change(drop_sources=("two",)))
    with_all = what_if(catalog, "mini", near, Change(set={"near_dedup.winner_by": "first_seen"}))

    assert [said.partition(":")[0] for said in without.warnings] == ["near_dedup@1"]
    assert "those of the whole corpus" in without.warnings[0]
    assert with_all.warnings == ()
