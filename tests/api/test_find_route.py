"""One's own text over REST: who holds it, what became of it, and what is not told or kept."""

import random
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
import xxhash
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.find_routes import FoundAnswer
from catalog.nouns import Snapshot
from catalog.schemas import DOCUMENTS
from catalog.store import Catalog
from curation.measures.definitions import minhash, paragraphs

COPIES = "{name: mine, version: 1, title: t, cite: c, stages: [{stage: exact_dedup@1}]}"
FIND = "/v1/corpora/prose/find"


def prose(seed: int, n_words: int = 200) -> str:
    draw = random.Random(seed)
    return " ".join(f"w{draw.randrange(10**6)}" for _ in range(n_words))


TEXT = prose(1)
TEXTS = [prose(2), TEXT, f"{TEXT}\n{prose(3, 900)}", TEXT, TEXT.replace(TEXT[:6], "other", 1)]


@pytest.fixture(scope="session")
def prose_home(curated: Callable[..., Path]) -> Path:
    """A home with the texts, over which a recipe was run that keeps no copy."""
    rows, measured = [], []
    for number, text in enumerate(TEXTS):
        data = text.encode()
        row = dict.fromkeys(DOCUMENTS.names)
        row |= {"doc_id": bytes([number]) * 16, "source": f"{number}.example"}
        row |= {"url": f"https://{number}.example/{'Bob' if number == 1 else 'page'}"}
        row |= {"n_bytes": len(data), "n_words": len(text.split())}
        row |= {"content_hash": xxhash.xxh3_128_digest(data)}
        row |= {"location": {"file": "secret.jsonl", "member": None, "row": number}}
        row |= {"contributors": [{"kind": "user", "name": "bob", "fraction": Decimal(1)}]}
        rows.append(row)
        measured.append({"doc_id": row["doc_id"], **minhash.count(text), **paragraphs.count(text)})
    columns = {one.name: one.type for one in (*minhash.COLUMNS, *paragraphs.COLUMNS)}
    schema = pa.schema({"doc_id": pa.binary(), **columns})
    tables = {
        "documents": pa.Table.from_pylist(rows, DOCUMENTS),
        "measures": pa.Table.from_pylist(measured, schema),
    }
    return curated("prose", tables, COPIES)


@pytest.fixture
def texts(catalog: Catalog, prose_home: Path) -> Snapshot:
    """Five documents of ``bob``: the text twice, once changed, once inside another."""
    shutil.copytree(prose_home, catalog.home, dirs_exist_ok=True)
    return catalog.latest("prose")


def asked(client: TestClient, query: str = "", text: str = TEXT) -> FoundAnswer:
    response = client.post(f"{FIND}{query}", json={"text": text})
    assert response.status_code == 200, response.text
    return FoundAnswer.model_validate_json(response.content)


def doc(number: int) -> str:
    return f"{number:02x}" * 16


def test_copies_near_copies_and_what_holds_it_are_named_nearest_first(
    client: TestClient, texts: Snapshot
) -> None:
    found = asked(client)

    assert [(row.doc_id, row.match) for row in found.data] == [
        (doc(1), "exact"),
        (doc(3), "exact"),
        (doc(2), "contained"),
        (doc(4), "near"),
    ]
    assert [row.held for row in found.data[:3]] == [1, 1, 1]
    assert (found.meta.matched, found.meta.searched, found.meta.words) == (4, 5, 200)
    assert found.meta.snapshot == texts.id


def test_each_has_its_fate_and_a_copy_names_who_stands_for_it(
    client: TestClient, texts: Snapshot
) -> None:
    fates = {row.doc_id: row.fates[0] for row in asked(client).data}

    assert (fates[doc(1)].kept, fates[doc(1)].weight) == (True, 1)
    copy = fates[doc(3)]
    assert (copy.recipe, copy.kept, copy.stage) == ("mine@1", False, "exact_dedup@1")
    assert (copy.duplicate_of, copy.winner_source) == (doc(1), "1.example")


def test_plain_text_finds_what_json_finds(client: TestClient, texts: Snapshot) -> None:
    headers = {"content-type": "text/plain; charset=utf-8"}
    plain = client.post(FIND, content=TEXT.encode(), headers=headers)

    assert plain.content == client.post(FIND, json={"text": TEXT}).content


def test_the_least_share_and_the_limit_are_the_asker_s(client: TestClient, texts: Snapshot) -> None:
    part = TEXT[: len(TEXT) // 2] + " " + prose(7, 100)

    assert asked(client, "?least=1", part).data == []
    assert {row.doc_id for row in asked(client, "?least=0.2", part).data} >= {doc(1), doc(3)}
    limited = asked(client, "?limit=1")
    assert ([row.doc_id for row in limited.data], limited.meta.matched) == ([doc(1)], 4)


def test_neither_a_username_nor_a_file_of_the_server_is_told(
    client: TestClient, texts: Snapshot
) -> None:
    response = client.post(FIND, json={"text": TEXT})

    assert b"bob" not in response.content.lower()
    assert b"secret" not in response.content
    rows = FoundAnswer.model_validate_json(response.content).data
    assert rows[0].url is None
    assert rows[1].url == "https://3.example/page"
    assert rows[0].contributors[0].key.startswith("user-")


def test_the_text_and_the_answer_are_kept_nowhere(
    client: TestClient, app: FastAPI, texts: Snapshot, tmp_path: Path
) -> None:
    response = client.post(FIND, json={"text": TEXT})

    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if TEXT[:40].encode() in path.read_bytes()]
    assert client.get(FIND).status_code == 404


@pytest.mark.parametrize(
    ("kind", "body", "status", "complaint"),
    [
        ("application/json", b'{"text": 3}', 422, "text: Input should be a valid string"),
        ("application/json", b'{"txt": "a"}', 422, "Field required"),
        ("application/json", b'{"text": "a", "names": true}', 422, "names: Extra inputs"),
        ("application/json", b"{", 422, "not an object with a text"),
        ("application/xml", b"<a/>", 422, "application/xml, allowed: text/plain"),
        ("", b"a", 422, "of no type"),
        ("text/plain", b"caf\xe9", 422, "byte 3 is 0xe9"),
        ("text/plain", b"", 422, "no text to look for"),
        ("text/plain", b" \n", 422, "no text to look for"),
        ("text/plain", b"a " * 2**19 + b"b", 422, "at most 1,048,576"),
        ("text/plain", b"a" * (2**22 + 1), 413, "4,194,304 bytes"),
    ],
    ids=[
        *("number", "name", "more", "broken", "xml", "untyped", "latin", "empty", "blank"),
        *("long", "large"),
    ],
)
def test_a_body_that_is_no_text_is_a_problem(
    client: TestClient, texts: Snapshot, kind: str, body: bytes, status: int, complaint: str
) -> None:
    response = client.post(FIND, content=body, headers={"content-type": kind})

    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert complaint in response.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/corpora/none/find", 404),
        ("/v1/corpora/gpt3/find", 404),
        (f"{FIND}?least=0", 422),
        (f"{FIND}?least=nan", 422),
        (f"{FIND}?limit=101", 422),
        (f"{FIND}?names=true", 422),
        (f"{FIND}?least=1&least=1", 422),
        (f"{FIND}.csv", 405),
        ("/v1/mixtures/gpt3/find", 405),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    client: TestClient, texts: Snapshot, address: str, status: int
) -> None:
    response = client.post(address, json={"text": TEXT})

    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"


def test_a_corpus_known_by_counts_has_no_documents_to_look_through(
    client: TestClient, publish
) -> None:
    publish("counted", {"a.org": 1})

    assert client.post("/v1/corpora/counted/find", json={"text": TEXT}).status_code == 409


@pytest.mark.parametrize(("site", "status"), [("cross-site", 422), ("same-origin", 200)])
def test_a_page_of_another_site_may_not_ask(
    client: TestClient, texts: Snapshot, site: str, status: int
) -> None:
    headers = {"sec-fetch-site": site, "content-type": "text/plain"}

    assert client.post(FIND, content=TEXT.encode(), headers=headers).status_code == status


def test_a_body_of_unknown_size_is_refused(client: TestClient, texts: Snapshot) -> None:
    response = client.post(FIND, content=iter([b"a"]), headers={"content-type": "text/plain"})

    assert response.status_code == 413
    assert response.json()["type"] == "/problems/content-too-large"
