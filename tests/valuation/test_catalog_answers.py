"""From the catalog to an answer: a corpus before and after a recipe, a mixture, a comparison."""

import math
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from catalog.errors import BasisMismatch, NotComputable, NotFound, UsageError
from catalog.nouns import REMAINDER, UNATTRIBUTED, Rollup, State, Unit
from catalog.parquet import read_parquet, write_parquet
from catalog.schemas import COUNTS, DOCUMENTS
from catalog.store import Catalog
from curation.curate import curate
from curation.recipe import load_recipe
from valuation import answers
from valuation.owners import load_owners
from valuation.results import Row, Weighing

MIXTURE = """
title: Two corpora
unit: bytes
components:
  - {name: news, corpus: news, recipe: webtext, weight: 0.75}
  - {name: books, corpus: books, weight: 0.25}
"""

# source, contributors, submitter, votes, bytes
NEWS = [
    ("a.example", ["a.example"], "ann", 5, 100),
    ("a.example", ["a.example"], "bob", 1, 300),
    ("b.example", ["b.example"], "ann", 4, 200),
    ("c.example", [], "ann", 0, 400),
]
BOOKS = [
    ("shelf", ["Ada", "Bo"], None, None, 600),
    ("shelf", ["Ada"], None, None, 400),
]


def mixed(catalog: Catalog, text: str, **options: object) -> Weighing:
    """Weigh a mixture that is written for one test."""
    path = catalog.home / "once.yaml"
    path.write_text(text, encoding="utf-8")
    return answers.show(catalog, str(path), **options)  # type: ignore[arg-type]


def publish_documents(
    catalog: Catalog,
    corpus: str,
    table: list[tuple],  # type: ignore[type-arg]
    kind: str = "author",
) -> None:
    rows = []
    for number, (source, people, submitter, votes, n_bytes) in enumerate(table):
        fraction = Decimal(1) / max(1, len(people))
        nobody = [{"kind": "unattributed", "name": UNATTRIBUTED, "fraction": Decimal(1)}]
        credit_kind = "domain" if "." in source else kind
        credit = [{"kind": credit_kind, "name": name, "fraction": fraction} for name in people]
        rows.append(
            {
                "doc_id": f"{corpus}{number:>8}".encode(),
                "source": source,
                "host": source if "." in source else None,
                "registered_domain": source if "." in source else None,
                "private_domain": source if "." in source else None,
                "contributors": credit or nobody,
                "submitter": submitter,
                "votes": votes,
                "n_bytes": n_bytes,
                "n_words": n_bytes // 10,
            }
        )
    path = catalog.home / f"{corpus}.parquet"
    write_parquet(pa.Table.from_pylist(rows, schema=DOCUMENTS), path, DOCUMENTS)
    catalog.publish(corpus, {"documents": [path]}, {"title": corpus.title()})


def publish_links(catalog: Catalog, corpus: str, table: list[tuple]) -> None:  # type: ignore[type-arg]
    """Publish documents some of which have no text, so no bytes."""
    publish_documents(catalog, corpus, [(*one[:4], one[4] or 0) for one in table])
    folder = catalog.tables / "documents"
    [name] = catalog.latest(corpus).tables["documents"].files
    found = read_parquet(folder / name)
    for column in ("n_bytes", "n_words"):
        place = found.schema.get_field_index(column)
        sizes = [one[4] for one in table]
        found = found.set_column(place, column, pa.array(sizes, pa.int64()))
    path = catalog.home / "links.parquet"
    write_parquet(found, path, DOCUMENTS)
    catalog.publish(corpus, {"documents": [path]}, {"title": corpus.title()})


def publish_counts(catalog: Catalog, corpus: str, total: int, counts: dict[str, int]) -> None:
    rows = [
        {
            "source": host,
            "host": host,
            "registered_domain": ".".join(host.split(".")[-2:]),
            "private_domain": host,
            "unit": "tokens",
            "n": n,
            "total": total,
        }
        for host, n in counts.items()
    ]
    path = catalog.home / f"{corpus}.parquet"
    write_parquet(pa.Table.from_pylist(rows, schema=COUNTS), path, COUNTS)
    about = {"title": corpus.upper(), "tokenizer": r"re:\w+", "variant": f"{corpus}/en"}
    catalog.publish(corpus, {"counts": [path]}, about)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    home = tmp_path_factory.mktemp("home")
    catalog = Catalog(home)
    publish_documents(catalog, "news", NEWS)
    publish_documents(catalog, "books", BOOKS)
    curate(catalog, "news", load_recipe("webtext"))
    publish_counts(catalog, "one", 1000, {"www.x.org": 100, "y.x.org": 50, "gone.net": 10})
    publish_counts(catalog, "two", 4000, {"www.x.org": 800, "y.x.org": 50, "new.net": 10})
    (home / "mixtures").mkdir()
    (home / "mixtures" / "both.yaml").write_text(MIXTURE, encoding="utf-8")
    return catalog


def row(weighing: Weighing, key: str) -> Row:
    return next(row for row in weighing.rows if row.key == key)


def test_a_corpus_is_weighed_before_and_after_its_recipe(catalog: Catalog) -> None:
    weighing = answers.show(catalog, "news")

    kept_a = row(weighing, "a.example")
    assert kept_a.pool_share == pytest.approx(400 / 1000)
    assert kept_a.mix_share == pytest.approx(100 / 300)
    assert kept_a.amplification
    assert kept_a.amplification.value == pytest.approx((100 / 300) / (400 / 1000))
    assert kept_a.amplification.exact
    assert row(weighing, "b.example").amplification.value == pytest.approx((2 / 3) / 0.2)  # type: ignore[union-attr]
    assert row(weighing, "c.example").state is State.ABSENT
    assert weighing.stages == ("min_votes@1",)
    assert weighing.recipe == "webtext@1"
    assert weighing.snapshot == catalog.latest("news").id


def test_unattributed_is_a_contributor_and_part_of_the_basis(catalog: Catalog) -> None:
    weighing = answers.show(catalog, "news", by="contributor")

    assert row(weighing, UNATTRIBUTED).pool_share == pytest.approx(0.4)
    assert weighing.basis.unknown_share == pytest.approx(0.4)
    assert math.fsum(one.pool_share or 0 for one in weighing.rows) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("by", ["source", "contributor", "submitter"])
def test_attribution_coverage_stands_in_the_basis_whatever_the_rows_are(
    catalog: Catalog, by: str
) -> None:
    assert answers.show(catalog, "news", by=by).basis.attributed_share == pytest.approx(0.6)
    assert answers.show(catalog, "one").basis.attributed_share is None


def test_several_authors_share_a_document(catalog: Catalog) -> None:
    weighing = answers.show(catalog, "books", by="contributor")

    assert row(weighing, "Ada").pool_size == 700
    assert row(weighing, "Bo").pool_size == 300
    assert row(weighing, "Ada").state is State.NOT_COMPUTABLE
    assert "no recipe" in row(weighing, "Ada").reason


def test_submitters_are_shown_under_pseudonyms_unless_asked(catalog: Catalog) -> None:
    hidden = answers.show(catalog, "news", by="submitter", unit=Unit.DOCUMENTS)
    shown = answers.show(catalog, "news", by="submitter", unit=Unit.DOCUMENTS, reveal=True)

    assert {one.key for one in shown.rows} == {"ann", "bob"}
    assert row(shown, "ann").pool_share == pytest.approx(0.75)
    assert all(one.key.startswith("user-") for one in hidden.rows)
    again = answers.show(catalog, "news", by="submitter", unit=Unit.DOCUMENTS)
    assert [one.key for one in again.rows] == [one.key for one in hidden.rows]


def test_a_mixture_follows_every_contributor_into_the_final_mix(catalog: Catalog) -> None:
    weighing = answers.show(catalog, "both", by="contributor")

    # pool: 1000 bytes of news and 1000 of books; the mix: 0.75 of 300 kept bytes, 0.25 of 1000
    expected = {
        "a.example": (400 / 2000, 0.75 * 100 / 300),
        "b.example": (200 / 2000, 0.75 * 200 / 300),
        "Ada": (700 / 2000, 0.25 * 0.7),
        "Bo": (300 / 2000, 0.25 * 0.3),
        UNATTRIBUTED: (400 / 2000, 0.0),
    }
    for key, (pool, mix) in expected.items():
        found = row(weighing, key)
        assert found.pool_share == pytest.approx(pool)
        assert found.mix_share == pytest.approx(mix)
        if mix:
            assert found.amplification
            assert found.amplification.value == pytest.approx(mix / pool)
    assert row(weighing, UNATTRIBUTED).state is State.ABSENT
    assert weighing.stages == ("news: min_votes@1", "weights")


@pytest.mark.parametrize("by", ["source", "contributor"])
@pytest.mark.parametrize("unit", [Unit.BYTES, Unit.WORDS, Unit.DOCUMENTS])
def test_the_waterfall_of_a_mixture_multiplies_to_its_amplification(
    catalog: Catalog, by: str, unit: Unit
) -> None:
    weighing = answers.show(catalog, "mixture/both", by=by, unit=unit)

    falls = answers.waterfall(catalog, "mixture/both", by=by, unit=unit).falls

    assert {fall.key for fall in falls} == {one.key for one in weighing.rows}
    for fall in falls:
        amplification = row(weighing, fall.key).amplification
        product = math.prod(step.factor for step in fall.steps)
        if amplification:
            assert product == pytest.approx(amplification.value, rel=1e-12)
        else:
            assert fall.killed_by == "news: min_votes@1"


@pytest.mark.parametrize("by", ["source", "contributor", "submitter"])
@pytest.mark.parametrize("unit", [Unit.BYTES, Unit.DOCUMENTS])
def test_the_points_of_the_stages_sum_to_the_change_of_a_share_in_any_order(
    catalog: Catalog, by: str, unit: Unit
) -> None:
    weighing = answers.show(catalog, "news", by=by, unit=unit)

    orders = answers.orders(catalog, "news", by=by, unit=unit)

    assert {one.key for one in orders.rows} == {one.key for one in weighing.rows}
    for one in orders.rows:
        shown = row(weighing, one.key)
        assert one.pool_share == pytest.approx(shown.pool_share)
        assert one.mix_share == pytest.approx(shown.mix_share or 0.0)
        change = math.fsum(step.points for step in one.stages)
        assert change == pytest.approx(one.mix_share - one.pool_share, abs=1e-12)


def test_only_a_corpus_with_verdicts_can_be_asked_for_other_orders(catalog: Catalog) -> None:
    with pytest.raises(NotComputable, match="only a corpus has verdicts"):
        answers.orders(catalog, "gpt3")


def test_a_contributor_is_amplified_as_its_source_times_itself_within_it(
    catalog: Catalog,
) -> None:
    by_source = answers.show(catalog, "both", by="source")
    by_contributor = answers.show(catalog, "both", by="contributor")
    shelf, ada = row(by_source, "shelf"), row(by_contributor, "Ada")

    within = (ada.mix_share / shelf.mix_share) / (ada.pool_share / shelf.pool_share)  # type: ignore[operator]

    assert ada.amplification
    assert shelf.amplification
    assert ada.amplification.value == pytest.approx(shelf.amplification.value * within, rel=1e-12)


def test_two_tables_of_counts_are_compared_over_their_full_totals(catalog: Catalog) -> None:
    weighing = answers.compare(catalog, "one", "two")

    www = row(weighing, "www.x.org").amplification
    assert www
    assert www.value == pytest.approx((800 / 4000) / (100 / 1000))
    assert row(weighing, "gone.net").state is State.ABSENT
    assert row(weighing, "new.net").state is State.NEW
    rest = row(weighing, REMAINDER)
    assert rest.pool_share == pytest.approx(840 / 1000)
    assert rest.mix_share == pytest.approx(3140 / 4000)
    assert weighing.summary.pool_total == 1000
    assert weighing.basis.rollup == "host"
    assert weighing.basis.corpus_variant == "two/en against one/en"


def test_the_rollup_changes_who_is_counted(catalog: Catalog) -> None:
    rolled = answers.compare(catalog, "one", "two", rollup=Rollup.REGISTERED_DOMAIN)
    bare = answers.compare(catalog, "one", "two", rollup=Rollup.HOST_NOWWW)

    merged = row(rolled, "x.org").amplification
    assert merged
    assert merged.value == pytest.approx((850 / 4000) / (150 / 1000))
    assert row(bare, "x.org").pool_size == 100
    assert rolled.basis.rollup == "registered_domain"


def test_a_table_of_owners_adds_up_what_it_names_and_nothing_else(
    catalog: Catalog, tmp_path: Path
) -> None:
    path = tmp_path / "press.csv"
    path.write_text(
        "name,owner\na.example,Press\nb.example,Press\nAda,Lovelace\n", encoding="utf-8"
    )
    owners = load_owners(path)

    plain = answers.show(catalog, "news")
    owned = answers.show(catalog, "news", rollup=owners)
    authors = answers.show(catalog, "books", by="contributor", rollup=owners)

    together = math.fsum(row(plain, key).pool_size or 0 for key in ("a.example", "b.example"))
    assert row(owned, "Press").pool_size == together
    assert owned.basis.rollup == str(owners)
    assert math.fsum(one.pool_share or 0 for one in owned.rows) == pytest.approx(1)
    assert row(authors, "Lovelace").pool_size == 700


def test_counts_know_neither_contributors_nor_other_units(catalog: Catalog) -> None:
    with pytest.raises(NotComputable, match="counts a source only"):
        answers.show(catalog, "one", by="contributor")
    with pytest.raises(NotComputable, match="counted in tokens"):
        answers.show(catalog, "one", unit=Unit.BYTES)


def test_a_name_is_looked_up_in_every_corpus_and_mixture(catalog: Catalog) -> None:
    found = answers.whois(catalog, "https://www.x.org/page")

    places = {one.subject: one for one in found.appearances}
    assert places["corpus/one"].key == "x.org"
    assert places["corpus/one"].rank == 1
    assert places["corpus/two"].share == pytest.approx(850 / 4000)
    assert answers.whois(catalog, "a.example").appearances[0].subject in (
        "mixture/both",
        "corpus/news",
    )


def test_a_recipe_that_was_not_run_is_not_found(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match="gopher"):
        answers.show(catalog, "news", recipe="gopher")


def test_a_pinned_snapshot_keeps_answering_the_same(catalog: Catalog) -> None:
    first = catalog.snapshots("news")[-1]

    weighing = answers.show(catalog, f"corpus/news@{first.id}")

    assert weighing.snapshot == first.id


def test_a_mixture_that_cannot_be_weighed_hides_no_other_in_a_look_up(catalog: Catalog) -> None:
    broken = catalog.home / "mixtures" / "broken.yaml"
    broken.write_text(MIXTURE.replace("webtext", "gopher"), encoding="utf-8")

    try:
        found = answers.whois(catalog, "Ada")
        listed = {one.id: one for one in answers.listings(catalog)}
    finally:
        broken.unlink()

    assert {one.subject for one in found.appearances} == {"corpus/books", "mixture/both"}
    assert any("mixture/broken" in warning for warning in found.warnings)
    assert "gopher" in listed["mixture/broken"].why_not


def test_a_site_that_was_counted_zero_has_no_rank(catalog: Catalog) -> None:
    publish_counts(catalog, "three", 100, {"x.org": 100, "silent.net": 0})

    [found] = answers.whois(catalog, "silent.net").appearances

    assert found.subject == "corpus/three"
    assert found.rank is None
    assert answers.whois(catalog, "silent.net").headline.endswith("nothing of it was counted")


def test_concentration_is_not_told_where_one_row_stands_for_many(catalog: Catalog) -> None:
    summary = answers.show(catalog, "one").summary

    assert summary.effective_number_pool is None
    assert summary.gini_pool is None


def test_naming_a_corpus_twice_does_not_put_it_into_the_pool_twice(catalog: Catalog) -> None:
    halves = MIXTURE.replace(
        "{name: books, corpus: books, weight: 0.25}",
        "{name: b1, corpus: books, weight: 0.125}\n  - {name: b2, corpus: books, weight: 0.125}",
    )

    once = {one.key: one for one in mixed(catalog, MIXTURE, by="contributor").rows}
    twice = {one.key: one for one in mixed(catalog, halves, by="contributor").rows}
    falls = answers.waterfall(catalog, str(catalog.home / "once.yaml"), by="contributor").falls

    assert once.keys() == twice.keys()
    for key, one in once.items():
        assert twice[key].pool_size == pytest.approx(one.pool_size)
        assert twice[key].mix_share == pytest.approx(one.mix_share)
    for fall in falls:
        amplification = twice[fall.key].amplification
        if amplification:
            assert fall.amplification == pytest.approx(amplification.value, rel=1e-12)


def test_an_author_here_and_a_maintainer_there_stay_two_keys(catalog: Catalog) -> None:
    publish_documents(catalog, "tools", [("t", ["Ada"], None, None, 500)], kind="maintainer")
    text = MIXTURE.replace("corpus: news, recipe: webtext", "corpus: tools")

    rows = {one.key: one for one in mixed(catalog, text, by="contributor").rows}

    assert rows["Ada (author)"].pool_size == 700
    assert rows["Ada (maintainer)"].pool_size == 500
    assert rows["Ada (maintainer)"].kind == "maintainer"


def test_a_mixture_of_counted_corpora_is_weighed_with_what_its_tables_leave_out(
    catalog: Catalog,
) -> None:
    text = """
title: Two tables
unit: tokens
components:
  - {name: one, corpus: one, weight: 0.5}
  - {name: two, corpus: two, weight: 0.5}
"""

    weighing = mixed(catalog, text)

    assert weighing.summary.pool_total == 5000
    assert row(weighing, "www.x.org").pool_share == pytest.approx(900 / 5000)
    assert row(weighing, "www.x.org").mix_share == pytest.approx(0.5 * 0.1 + 0.5 * 0.2)
    assert row(weighing, REMAINDER).pool_size == 840 + 3140


def test_weights_are_in_the_mixture_s_unit_whatever_is_asked_for(catalog: Catalog) -> None:
    publish_documents(catalog, "long", [("l", ["L"], None, None, 1000)])
    publish_documents(catalog, "short", [("s", ["S"], None, None, 10)] * 10)
    text = """
title: Documents of different length
unit: bytes
components:
  - {name: long, corpus: long, weight: 0.5}
  - {name: short, corpus: short, weight: 0.5}
"""

    documents = mixed(catalog, text, unit=Unit.DOCUMENTS)

    # 550 bytes of each: 0.55 long documents and 55 short ones
    assert row(documents, "l").mix_share == pytest.approx(0.55 / 55.55)


def test_tokens_of_different_tokenizers_are_not_added_or_divided(catalog: Catalog) -> None:
    path = catalog.home / "odd.parquet"
    rows = [{"source": "a.org", "host": "a.org", "unit": "tokens", "n": 1, "total": 1}]
    write_parquet(pa.Table.from_pylist(rows, schema=COUNTS), path, COUNTS)
    catalog.publish("odd", {"counts": [path]}, {"title": "Odd", "tokenizer": "gpt2"})

    with pytest.raises(BasisMismatch, match="tokenizer"):
        answers.compare(catalog, "one", "odd")
    with pytest.raises(BasisMismatch, match="gpt2"):
        mixed(
            catalog,
            "unit: tokens\ncomponents:\n"
            "  - {name: a, corpus: one, weight: 0.5}\n  - {name: b, corpus: odd, weight: 0.5}\n",
        )


def test_a_unit_that_was_never_counted_is_said_with_its_reason(catalog: Catalog) -> None:
    links = [("a.example", [], "ann", 5, None), ("b.example", [], "bob", 1, None)]
    publish_links(catalog, "links", links)
    curate(catalog, "links", load_recipe("webtext"))

    weighing = answers.show(catalog, "links", unit=Unit.BYTES)

    assert {one.reason for one in weighing.rows} == {"its size in this unit was never counted"}
    with pytest.raises(NotComputable, match="never counted"):
        answers.waterfall(catalog, "links", unit=Unit.BYTES)
    with pytest.raises(UsageError, match="not in characters"):
        answers.show(catalog, "links", unit=Unit.CHARACTERS, recipe="webtext")
    characters = answers.show(catalog, "links", unit=Unit.CHARACTERS)
    assert any("only the pool" in warning for warning in characters.warnings)


def test_what_is_not_counted_in_the_unit_is_told_in_documents(catalog: Catalog) -> None:
    publish_links(catalog, "partly", [("a", ["A", "B"], None, 5, None), ("a", ["A"], None, 5, 80)])

    before = answers.show(catalog, "partly", by="contributor")
    curate(catalog, "partly", load_recipe("webtext"))
    after = answers.show(catalog, "partly", by="contributor")

    for weighing in (before, after):
        assert any(warning.startswith("1 documents have no size") for warning in weighing.warnings)


def test_a_new_key_makes_the_tilt_infinite_and_that_is_said(catalog: Catalog) -> None:
    weighing = answers.compare(catalog, "one", "two")

    assert weighing.summary.tilt_nats is None
    assert any("1 keys are new" in warning for warning in weighing.warnings)
