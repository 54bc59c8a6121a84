"""Pages are small, and what was taken from others is what the list says it is."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dashboards.colours import STATIC

BUDGET = 150_000  # bytes of HTML, CSS, JS and fonts, gzipped
VENDORED = (STATIC, Path(__file__).parents[1] / "browser" / "vendor")
ROW = re.compile(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", re.MULTILINE)


def weight(content: bytes) -> int:
    return min(len(content), len(gzip.compress(content, 6)))


@pytest.mark.parametrize("address", ["/", "/m/published/gpt3", "/m/corpus/hostile"])
def test_a_page_with_all_it_needs_is_at_most_150_kb(client: TestClient, address: str) -> None:
    assets = [
        path for path in STATIC.rglob("*") if path.suffix in (".css", ".js", ".woff2", ".svg")
    ]

    total = weight(client.get(address).content) + sum(weight(path.read_bytes()) for path in assets)

    assert total <= BUDGET


@pytest.mark.parametrize(
    "page", ["survivors", "whatif?without=exact_dedup", "copies", "document", "find"]
)
def test_a_page_about_a_corpus_keeps_the_same_budget(judged: TestClient, page: str) -> None:
    assets = [
        path for path in STATIC.rglob("*") if path.suffix in (".css", ".js", ".woff2", ".svg")
    ]

    total = weight(judged.get(f"/m/corpus/judged/{page}").content)
    total += sum(weight(path.read_bytes()) for path in assets)

    assert total <= BUDGET


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.name)
def test_vendored_files_are_those_of_the_list(folder: Path) -> None:
    listed = ROW.findall((folder / "VENDORED.md").read_text(encoding="utf-8"))

    assert listed
    for name, digest in listed:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_every_font_is_listed_with_its_licence() -> None:
    page = (STATIC / "VENDORED.md").read_text(encoding="utf-8")

    for font in STATIC.rglob("*.woff2"):
        assert font.name in page
        assert (font.parent / f"{font.name.partition('-')[0]}.LICENSE.txt").is_file()


def test_static_files_have_addresses_that_change_with_their_content(client: TestClient) -> None:
    page = client.get("/").text
    [address] = re.findall(r'href="(/static/site\.css\?v=[0-9a-f]{12})"', page)

    response = client.get(address)

    assert response.status_code == 200
    assert "immutable" in response.headers["cache-control"]
