"""Agreement with the originals, rule by rule, on the same texts.

    python bench/agreement.py --peers FOLDER [--documents 20000] [--write] [--record]

FOLDER has the environments ``datatrove`` and ``dolma``; they are installed where they are missing.
The texts come from the corpus of bench/debian_docs.py. For every rule it prints on how many texts
both say the same, and --write puts the table into docs/agreement.md. --record does something else:
it has the peers judge the texts that tests/curation/test_agreement.py makes, and keeps what they
say in tests/curation/peers/.
"""

import argparse
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import xxhash

from catalog.store import Catalog
from curation.pipeline import decide
from curation.recipe import Recipe
from curation.stages import STAGES
from ingest.job import run
from ingest.spec import Spec
from steelyard import wiring

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "agreement.md"
TEST = HERE.parent / "tests" / "curation" / "test_agreement.py"
FIXTURES = TEST.parent / "peers"
INSTALL = {
    "datatrove": ["datatrove[io,processing]==0.10.1", "spacy"],
    "dolma": ["dolma==1.2.1"],
}
MOST_CHARS = 200_000
SAME = {  # rules of ours that are one rule there
    "gopher_too_many_symbols": (
        "gopher_too_many_symbols",
        "gopher_too_many_hashes",
        "gopher_too_many_ellipses",
    )
}
PARTS = {
    "datatrove, fed words between white space": ("white", "datatrove"),
    "datatrove, its own spaCy words": ("own", "datatrove"),
    "dolma, tagger gopher_v1": ("dolma", "dolma"),
}


def main() -> None:
    asked = arguments()
    if asked.record:
        record(Path(asked.peers))
        return
    work = Path(asked.work or tempfile.mkdtemp(prefix="agreement-"))
    work.mkdir(parents=True, exist_ok=True)
    texts = work / "texts.jsonl"
    if not texts.is_file():
        choose(Path(asked.corpus), asked.documents, texts)
    install(Path(asked.peers))
    peers = outcomes_of_peers(Path(asked.peers), texts, work)
    ours = {
        definition: outcomes_of_ours(texts, definition) for definition in ("datatrove", "dolma")
    }
    tables = {
        title: compare(ours[definition], peers[way]) for title, (way, definition) in PARTS.items()
    }
    page = written(tables, len(ours["dolma"]))
    print(page)
    if asked.write:
        replace(page)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", required=True, help="where the peers' environments are, or go")
    parser.add_argument("--corpus", default=os.environ.get("STEELYARD_BENCH", ""))
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--work", help="where intermediate files stay")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--record", action="store_true")
    return parser.parse_args()


def choose(corpus: Path, n: int, texts: Path) -> None:
    """Take the `n` texts of the smallest hash."""
    files = str(corpus / "corpus" / "part-*.parquet")
    column = pl.scan_parquet(files).select("text").unique().collect()["text"]
    rows = sorted(
        (xxhash.xxh3_128_hexdigest(text.encode()), text)
        for text in column
        if text.strip() and len(text) < MOST_CHARS
    )
    lines = (json.dumps({"hash": digest, "text": text}) + "\n" for digest, text in rows[:n])
    texts.write_text("".join(lines), encoding="utf-8")


def install(peers: Path) -> None:
    for name, packages in INSTALL.items():
        if not (peers / name).is_dir():
            subprocess.run([sys.executable, "-m", "venv", peers / name], check=True)
            pip = peers / name / "bin" / "pip"
            subprocess.run([pip, "install", "--quiet", *packages], check=True)


def outcomes_of_peers(peers: Path, texts: Path, work: Path) -> dict[str, pl.DataFrame]:
    found = {}
    for way in ("dolma", "white", "own"):
        out = work / f"{way}.jsonl"
        if not out.is_file():
            name = "dolma" if way == "dolma" else "datatrove"
            script = "dolma_scores.py" if way == "dolma" else "datatrove_rules.py"
            ways = [] if way == "dolma" else [way]
            python = peers / name / "bin" / "python"
            partial = out.with_suffix(".part")
            subprocess.run([python, HERE / "peers" / script, texts, partial, *ways], check=True)
            partial.rename(out)
        found[way] = pl.read_ndjson(out, infer_schema_length=None)
    return found


def outcomes_of_ours(texts: Path, definition: str) -> pl.DataFrame:
    """Ingest the texts, judge them by our own stages, and return one boolean a rule."""
    stages = [
        STAGES["gopher_quality@2"](definition=definition),
        STAGES["gopher_repetition@1"](**repetition(definition)),
        *([STAGES["fineweb_quality@1"](terminal="datatrove")] if definition == "datatrove" else []),
    ]
    recipe = Recipe("agreement", 1, "", "", tuple(stages))
    with tempfile.TemporaryDirectory() as home:
        catalog = Catalog(Path(home))
        snapshot = run(catalog, Spec("texts", (str(texts),)), wiring.measures()).snapshot
        engine = catalog.engine(snapshot)
        decided = decide(engine, recipe)
        documents = engine.table("documents").select("doc_id", "content_hash")
        judged = decided.select("doc_id", "failed_rules", "not_computable")
        rows = pl.DataFrame(pl.from_arrow(engine.run(judged.inner_join(documents, "doc_id"))))
    rows = rows.with_columns(hash=pl.col("content_hash").bin.encode("hex"))
    bits = {
        rule: (pl.col("failed_rules") // (1 << bit)) % 2 == 1
        for bit, (_, _, rule) in enumerate(recipe.rules)
    }
    return rows.select("hash", **bits)


def repetition(definition: str) -> dict[str, object]:
    """Return dolma's mixer threshold where it differs from the paper's: 0.3 for 0.2."""
    changed = {"max_duplicate_line_chars": 0.3} if definition == "dolma" else {}
    return {"definition": definition, **changed}


def compare(ours: pl.DataFrame, theirs: pl.DataFrame) -> list[dict[str, object]]:
    """Return, for each rule, how many texts it drops here and there, and how many get the same."""
    joined = ours.join(theirs, on="hash", suffix="_there")
    assert len(joined) == len(theirs), "every text has an outcome on both sides"
    rows = []
    for there in theirs.columns:
        here = [name for name in SAME.get(there, (there,)) if name in ours.columns]
        if there == "hash" or not here:
            continue
        left = pl.any_horizontal(f"{name}" for name in here)
        right = pl.col(f"{there}_there" if f"{there}_there" in joined.columns else there)
        counted = joined.select(
            compared=right.is_not_null().sum(),
            here=(left & right.is_not_null()).sum(),
            there=right.sum(),
            same=(left == right).sum(),
        ).row(0, named=True)
        rows.append({"rule": there, **counted})
    everyone = verdicts(joined, theirs.columns, ours.columns)
    return [*rows, everyone]


def verdicts(joined: pl.DataFrame, theirs: list[str], ours: list[str]) -> Mapping[str, object]:
    """Compare the verdicts of all rules together."""
    names = [name for name in theirs if name in SAME or name in ours]
    names = [name for name in names if name not in ("hash", "c4_kept_words")]
    left = pl.any_horizontal(
        part for name in names for part in SAME.get(name, (name,)) if part in ours
    )
    columns = [f"{name}_there" if f"{name}_there" in joined.columns else name for name in names]
    right = pl.any_horizontal(pl.col(column).fill_null(False) for column in columns)
    counted = joined.select(
        compared=pl.len(), here=left.sum(), there=right.sum(), same=(left == right).sum()
    ).row(0, named=True)
    return {"rule": "any of them", **counted}


def written(tables: Mapping[str, list[dict[str, object]]], n: int) -> str:
    parts = [f"{n:,} texts of Debian's documentation packages, `python bench/agreement.py`.\n"]
    for title, rows in tables.items():
        parts += [f"\n#### {title}\n", "| rule | drops here | drops there | same | agreement |"]
        parts.append("|---|---|---|---|---|")
        for row in rows:
            share = row["same"] / row["compared"] if row["compared"] else 0
            parts.append(
                f"| `{row['rule']}` | {row['here']:,} | {row['there']:,} |"
                f" {row['same']:,} of {row['compared']:,} | {share:.2%} |"
            )
    return "\n".join(parts) + "\n"


def record(peers: Path) -> None:
    """Write what the peers drop of the test's own texts, and by which rules."""
    made = runpy.run_path(str(TEST))
    rows = [json.dumps({"hash": made["key"](text), "text": text}) for text in made["texts"]()]
    install(peers)
    with tempfile.TemporaryDirectory(prefix="agreement-") as folder:
        texts = Path(folder) / "texts.jsonl"
        texts.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        found = outcomes_of_peers(peers, texts, Path(folder))
    FIXTURES.mkdir(exist_ok=True)
    for peer, way in (("datatrove", "white"), ("dolma", "dolma")):
        rules = [name for name in found[way].columns if name not in ("hash", "c4_kept_words")]
        assert found[way].select(rules).null_count().sum_horizontal().item() == 0
        dropped = {
            row["hash"]: [rule for rule in rules if row[rule]] for row in found[way].to_dicts()
        }
        text = json.dumps({"rules": rules, "dropped": dropped}, indent=1, sort_keys=True)
        (FIXTURES / f"{peer}.json").write_text(text + "\n", encoding="utf-8")


def replace(page: str) -> None:
    begin, end = "<!-- agreement -->\n", "<!-- end of agreement -->"
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    PAGE.write_text(head + begin + page + end + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
