"""The page for one's own text: who holds it, what became of it, and nothing kept of it."""

import re
from html import unescape
from pathlib import Path
from types import ModuleType
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from catalog.errors import UsageError
from catalog.seats import Seats
from dashboards import looking
from dashboards.app import mount

FIND = "/m/corpus/judged/find"
FORM = {"content-type": looking.FORM}


@pytest.fixture
def held(judged_module: ModuleType) -> str:
    """What the large source has, and the one that copies it."""
    return str(judged_module.documents()[6]["text"])


def texts(page: str, tag: str) -> list[str]:
    found = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", page, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", "", text)).split()) for text in found]


def test_the_page_says_what_becomes_of_the_text(judged: TestClient) -> None:
    page = judged.get(FIND).text

    assert "not stored, not logged" in page
    assert 'method="post"' in page
    assert f'maxlength="{looking.LONGEST}"' in page


def test_every_document_that_holds_it_is_shown_with_its_fate(judged: TestClient, held: str) -> None:
    response = judged.post(FIND, data={"text": held, "least": "1"})

    page = response.text
    assert response.status_code == 200
    assert texts(page, "h1") == ["2 of 60 documents of judged hold 100.0 % or more of the text"]
    heads = sorted(head[2:] for head in texts(page, "h2") if head[:1].isdigit())
    assert heads == ["copier.example the same text", "large.example the same text"]
    cells = texts(page, "td")
    assert sorted(cells) == [
        "kept",
        "removed by exact_dedup@1: a copy at large.example stands for it",
    ]


def test_the_answer_leads_to_each_document_s_life(judged: TestClient, held: str) -> None:
    page = judged.post(FIND, data={"text": held, "least": "1"}).text

    address = unescape(re.findall(r'href="([^"]*/document\?doc=[^"]*recipe=[^"]*)"', page)[0])
    assert judged.get(address).status_code == 200


def test_what_the_search_cannot_find_is_said(judged: TestClient) -> None:
    page = judged.post(FIND, data={"text": "nobody has these six words here", "least": "0.5"}).text

    assert "0 of 60 documents of judged hold" in page
    assert "without minhash.signature@1" in page
    assert "A translation, a rewording or a summary is not found" in page


def test_line_ends_of_a_form_are_those_of_a_corpus() -> None:
    asked = looking.read(looking.FORM, urlencode({"text": "a\r\nb\r\n"}).encode())

    assert asked == looking.Wanted("a\nb\n", "0.5")


def test_a_text_that_looks_like_markup_stays_text(judged: TestClient) -> None:
    page = judged.post(FIND, data={"text": "</textarea><script>alert(1)</script>"}).text

    assert "<script>alert" not in page
    assert "&lt;/textarea&gt;&lt;script&gt;" in page


def test_the_answer_is_kept_by_nobody(judged: TestClient, held: str) -> None:
    response = judged.post(FIND, data={"text": held})

    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers
    assert "form-action 'self'" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("headers", "body", "complaint"),
    [
        ({"content-type": "text/plain"}, b"text=a", "takes a form"),
        ({}, b"text=a", "takes a form"),
        (FORM, b"text=%ff", "not UTF-8"),
        (FORM, b"text=\xff", "not UTF-8"),
        (FORM, b"a=1&b=1&c=1&d=1&e=1", "other fields"),
        (FORM, b"text=a&least=2", "allowed: 0.1, 0.5, 0.8, 1"),
        (FORM, b"text=" + b"a" * 100_001, "100,001 characters, at most 100,000"),
    ],
    ids=["plain", "untyped", "escaped", "raw", "fields", "least", "long"],
)
def test_a_body_that_is_not_the_form_is_refused_on_a_page(
    judged: TestClient, headers: dict[str, str], body: bytes, complaint: str
) -> None:
    response = judged.post(FIND, content=body, headers=headers)

    assert response.status_code == 422
    assert complaint in unescape(response.text)
    with pytest.raises(UsageError):
        looking.read(headers.get("content-type", ""), body)


def test_no_text_shows_the_form_again(judged: TestClient) -> None:
    page = judged.post(FIND, data={"text": " "}).text

    assert texts(page, "h1") == ["Is my text in it?"]


def test_a_flood_of_texts_is_refused(judged_module: ModuleType, tmp_path: Path) -> None:
    app = FastAPI()
    mount(app, judged_module.build(tmp_path / "home"), seats=Seats(at_work=0, queue=0))

    assert (
        TestClient(app).post(FIND, data={"text": "five words are enough here"}).status_code == 503
    )
