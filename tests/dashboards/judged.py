"""A small corpus that a recipe was run over, with names nobody should have: loaded by conftest.py.

60 documents: a large source and one that copies it, one too short to keep, and hostile names.
"""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import xxhash

from catalog.parquet import write_parquet
from catalog.schemas import DOCUMENTS
from catalog.store import Catalog
from curation.curate import curate
from curation.measures.definitions import gopher_quality
from curation.recipe import parse_recipe
from curation.stages import STAGES

CORPUS = "judged"
SUBJECT = f"corpus/{CORPUS}"
SECRET = "the swordfish that must not be shown and the rest of it"
RECIPE = """
name: mine
version: 1
title: <b>What is long enough</b>
cite: '"><script>alert(1)</script>'
stages:
  - {stage: gopher_quality@1, min_words: 12}
  - {stage: exact_dedup@1, winner_by: first_seen}
"""
HOSTILE = (
    "<script>alert(1)</script>",
    '"><svg/onload=alert(1)>',
    "a\u202egnp.exe",
    "ويكيبيديا العربية",
    "a-very-long-host-name-" + "x" * 200 + ".example.org",
)


def build(home: Path) -> Catalog:
    """Return a catalog in `home` that has the corpus, judged by the recipe."""
    rows = documents()
    catalog = Catalog(home)
    counts = {name: [] for name in STAGES["gopher_quality@1"].needs}
    for row in rows:
        measured = gopher_quality.count(str(row["text"]))
        for name, values in counts.items():
            values.append(measured[name])
    tables = {
        "documents": pa.table(
            {
                field.name: pa.array([row.get(field.name) for row in rows], field.type)
                for field in DOCUMENTS
            },
            schema=DOCUMENTS,
        ),
        "measures": pa.table(
            {
                "doc_id": pa.array([row["doc_id"] for row in rows], pa.binary()),
                **{name: pa.array(values, pa.int64()) for name, values in counts.items()},
            }
        ),
    }
    staged = home.parent / f"{home.name}-staged"
    staged.mkdir()
    for name, table in tables.items():
        write_parquet(table, staged / f"{name}.parquet", table.schema)
    catalog.publish(CORPUS, {name: [staged / f"{name}.parquet"] for name in tables}, {})
    curate(catalog, CORPUS, parse_recipe(RECIPE, origin="mine"))
    return catalog


def documents() -> list[dict[str, object]]:
    """Return the documents with their texts, which no table keeps."""
    found = []
    for number in range(20):
        text = f"{SECRET} {'with those words ' * (number + 1)}"
        found.append(document(len(found), "large.example", text))
        if number < 10:
            found.append(document(len(found), "copier.example", text))
    for number in range(5):
        brief = document(len(found), "brief.example", f"that ending {'abcde'[number] * 5}")
        found.append(brief | {"submitter": "eve", "url": f"https://brief.example/~Eve/{number}"})
    for number in range(25):
        text = f"with {'abcdefghijklmnopqrstuvwxyz'[number] * 4} " + "that have words " * (
            number % 7
        )
        found.append(document(len(found), HOSTILE[number % len(HOSTILE)], text))
    return found


def document(number: int, source: str, text: str) -> dict[str, object]:
    """Return one document; its id does not follow the order in which it was read."""
    data = text.encode()
    return {
        "doc_id": xxhash.xxh3_128_digest(f"document {number}".encode()),
        "source": source,
        "host": "www.large.de" if source == "large.example" else None,
        "registered_domain": "large.de" if source == "large.example" else None,
        "private_domain": "large.de" if source == "large.example" else None,
        "contributors": [{"kind": "domain", "name": source, "fraction": Decimal(1)}],
        "n_bytes": len(data),
        "n_chars": len(text),
        "n_words": len(text.split()),
        "content_hash": xxhash.xxh3_128_digest(data),
        "location": {"file": "a.jsonl", "member": None, "row": number},
        "text": text,
    }
