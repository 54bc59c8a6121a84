"""Agreement with the originals, rule by rule and count by count, on the same texts.

    python bench/agreement.py --peers FOLDER --dclm FOLDER [--documents 20000] [--write] [--record]

--peers has an environment for each of datatrove, dolma, TensorFlow Datasets (C4's released code)
and what DCLM needs; they are installed where they are missing. --dclm is a checkout of DCLM, which
is no package. The texts come from the corpus of bench/debian_docs.py. For every rule it prints on
how many texts both say the same, and --write puts the tables into docs/agreement.md. --record does
something else: it has the peers judge the texts that tests/curation/test_agreement.py makes, and
keeps what they say in tests/curation/peers/.
"""

import argparse
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import polars as pl
import pyarrow as pa
import xxhash
from agreement_near import KIND, near_rows
from agreement_parts import INSTALL, OURS, PARTS, RECORDED, RUNS, SAME, Part

from catalog.engine import Engine
from catalog.store import Catalog
from curation.clusters import find_clusters
from curation.models.word_list import COLUMN as LISTED
from curation.models.word_list import ListedWords
from curation.pipeline import decide
from curation.recipe import Recipe
from curation.stage import CUT_WORDS
from curation.stages.line_dedup import LineDedup
from ingest.job import run
from ingest.spec import Spec
from steelyard import wiring

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "agreement.md"
TEST = HERE.parent / "tests" / "curation" / "test_agreement.py"
FIXTURES = TEST.parent / "peers"
PUNKT = "llama_index/core/_static/nltk_cache"  # NLTK's punkt, as that package carries it
BAD_WORDS = "dolma/data/naughty_words_en.txt"
MOST_CHARS = 200_000
TOGETHER = "any of them"


def main() -> None:
    asked = arguments()
    peers, dclm = Path(asked.peers), Path(asked.dclm)
    install(peers)
    if asked.record:
        record(peers, dclm)
        return
    work = Path(asked.work or tempfile.mkdtemp(prefix="agreement-"))
    work.mkdir(parents=True, exist_ok=True)
    texts = work / "texts.jsonl"
    if not texts.is_file():
        choose(Path(asked.corpus), asked.documents, texts)
    theirs = {name: outcomes_of(name, peers, dclm, texts, work) for name in RUNS}
    ours = outcomes_of_ours(texts, inside(peers / "dolma", BAD_WORDS))
    tables = {part.title: compare(part, ours, theirs[part.outcomes]) for part in PARTS}
    tables[f"datasketch, {KIND}"] = near_rows(ours, pl.read_ndjson(texts))
    page = written(tables, len(ours))
    print(page)
    if asked.write:
        replace(page)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", required=True, help="where the peers' environments are, or go")
    parser.add_argument("--dclm", required=True, help="a checkout of mlfoundations/dclm")
    parser.add_argument("--corpus", default=os.environ.get("STEELYARD_BENCH", ""))
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--work", help="where intermediate files stay")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--record", action="store_true")
    return parser.parse_args()


def choose(corpus: Path, n: int, texts: Path) -> None:
    """Take the `n` texts of the smallest hash; each is a page of its own."""
    files = str(corpus / "corpus" / "part-*.parquet")
    column = pl.scan_parquet(files).select("text").unique().collect()["text"]
    rows = sorted(
        (xxhash.xxh3_128_hexdigest(text.encode()), text)
        for text in column
        if text.strip() and len(text) < MOST_CHARS
    )
    lines = [
        json.dumps({"hash": digest, "url": f"https://{digest}/", "text": text})
        for digest, text in rows[:n]
    ]
    texts.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def install(peers: Path) -> None:
    for name, (packages, bare) in INSTALL.items():
        if not (peers / name).is_dir():
            subprocess.run([sys.executable, "-m", "venv", peers / name], check=True)
            pip = [peers / name / "bin" / "pip", "install", "--quiet"]
            subprocess.run([*pip, *packages], check=True)
            if bare:
                subprocess.run([*pip, "--no-deps", *bare], check=True)


def inside(environment: Path, name: str) -> Path:
    """Return a file that a package of an environment brings."""
    (found,) = environment.glob(f"lib/python3*/site-packages/{name}")
    return found


def outcomes_of(name: str, peers: Path, dclm: Path, texts: Path, work: Path) -> pl.DataFrame:
    """Have one peer judge the texts, unless it has."""
    out, asked = work / f"{name}.jsonl", RUNS[name]
    if not out.is_file():
        python = peers / asked.environment / "bin" / "python"
        partial = out.with_suffix(".part")
        more = {
            "dclm": [asked.way, dclm],
            "tfds": [inside(peers / "dolma", BAD_WORDS)],
        }.get(asked.environment, [asked.way] if asked.way else [])
        punkt = {"NLTK_DATA": str(inside(peers / "tfds", PUNKT))}
        command = [python, HERE / "peers" / asked.script, texts, partial, *more]
        subprocess.run(command, check=True, env=os.environ | punkt)
        partial.rename(out)
    return pl.read_ndjson(out, infer_schema_length=None)


def outcomes_of_ours(texts: Path, bad_words: Path) -> pl.DataFrame:
    """Ingest the texts and return, for each, our verdicts by definition/rule, and our counts."""
    with tempfile.TemporaryDirectory() as home:
        catalog = Catalog(Path(home))
        spec = Spec("texts", (str(texts),), names={"text": "text", "url": "url"})
        engine = catalog.engine(run(catalog, spec, wiring.measures()).snapshot)
        documents = engine.table("documents").select("doc_id", "content_hash", "n_chars")
        measures = engine.table("measures")
        counted = measures.select(
            name for name in measures.columns if not measures[name].type().is_nested()
        )
        found = pl.DataFrame(pl.from_arrow(engine.run(counted.inner_join(documents, "doc_id"))))
        parts = [
            verdicts(engine, name, Recipe("agreement", 1, "", "", stages))
            for name, stages in OURS.items()
        ]
        parts += [once(engine), clusters(engine)]
    for part in parts:
        found = found.join(part, on="doc_id", how="left")
    hashes = pl.col("content_hash").bin.encode("hex")
    return found.with_columns(hash=hashes).join(listed(texts, bad_words), on="hash")


def verdicts(engine: Engine, definition: str, recipe: Recipe) -> pl.DataFrame:
    decided = decide(engine, recipe).select("doc_id", "failed_rules")
    rows = pl.DataFrame(pl.from_arrow(engine.run(decided)))
    bits = {
        f"{definition}/{rule}": (pl.col("failed_rules") // (1 << bit)) % 2 == 1
        for bit, (_, _, rule) in enumerate(recipe.rules)
    }
    return rows.select("doc_id", **bits)


def once(engine: Engine) -> pl.DataFrame:
    """Return the tokens a page has left once every line that C4 keeps stands in one page only."""
    documents = engine.table("documents").select("doc_id", "url")
    pool = engine.table("measures").inner_join(documents, "doc_id")
    standing = pool.filter(
        pool["c4.lorem_ipsum_lines@1"] == 0, pool["c4.curly_bracket_lines@1"] == 0
    )
    kept = standing.select("doc_id", kept="c4.kept_words@1")
    cut = pl.DataFrame(pl.from_arrow(engine.run(LineDedup().cuts(standing))))
    rows = pl.DataFrame(pl.from_arrow(engine.run(kept))).join(cut, on="doc_id", how="left")
    left = pl.col("kept") - pl.col(CUT_WORDS).fill_null(0)
    return rows.select("doc_id", words_left_once=left.cast(pl.Int64))


def clusters(engine: Engine) -> pl.DataFrame:
    found = pl.DataFrame(pl.from_arrow(find_clusters(engine, KIND)))
    return found.select("doc_id", "cluster_id")


def listed(texts: Path, words: Path) -> pl.DataFrame:
    rows = pl.read_ndjson(texts)
    measure = ListedWords(str(words), sha256(words.read_bytes()).hexdigest())
    counts = measure(pa.array(rows["text"].to_list(), pa.large_string()))
    return rows.select("hash").with_columns(pl.Series(LISTED, counts[LISTED].to_pylist()))


def compare(part: Part, ours: pl.DataFrame, theirs: pl.DataFrame) -> list[dict[str, object]]:
    """Return, for each rule and count, its sum here and there, and how many texts get the same."""
    columns = {
        name.removeprefix(part.prefix): f"there/{name}"
        for name in theirs.columns
        if name.startswith(part.prefix) and name != "hash"
    }
    joined = ours.join(
        theirs.rename(lambda name: name if name == "hash" else f"there/{name}"), on="hash"
    )
    assert len(joined) == len(theirs), "every text has an outcome on both sides"
    rules = {name: [f"{part.ours}/{rule}" for rule in SAME.get(name, (name,))] for name in columns}
    rules = {
        name: [pl.col(rule) for rule in ours_too if rule in ours.columns]
        for name, ours_too in rules.items()
    }
    judged = {name: pl.any_horizontal(here) for name, here in rules.items() if here}
    rows = [row(joined, name, here, pl.col(columns[name])) for name, here in judged.items()]
    if len(rows) > 1:
        there = pl.any_horizontal(pl.col(columns[name]).fill_null(False) for name in judged)
        rows.append(row(joined, TOGETHER, pl.any_horizontal(judged.values()), there))
    for name, count in part.counts.items():
        here = pl.col(count) if isinstance(count, str) else count
        rows.append(row(joined, name, here, pl.col(columns[name])))
    return rows


def row(joined: pl.DataFrame, name: str, here: pl.Expr, there: pl.Expr) -> dict[str, object]:
    both = joined.select(here=here.cast(pl.Int64), there=there.cast(pl.Int64)).drop_nulls("there")
    counted = both.select(pl.all().sum(), same=(pl.col("here") == pl.col("there")).sum())
    return {"rule": name, "compared": len(both), **counted.row(0, named=True)}


def written(tables: Mapping[str, list[dict[str, object]]], n: int) -> str:
    parts = [f"{n:,} texts of Debian's documentation packages, `python bench/agreement.py`.\n"]
    parts += ["| original | rules and counts | equal on every text | least equal | together |"]
    parts += ["|---|---|---|---|---|", *(summed(title, rows) for title, rows in tables.items())]
    for title, rows in tables.items():
        parts += [f"\n#### {title}\n", "| rule or count | here | there | same | agreement |"]
        parts.append("|---|---|---|---|---|")
        parts += [
            f"| `{row['rule']}` | {row['here']:,} | {row['there']:,} |"
            f" {row['same']:,} of {row['compared']:,} | {percent(row)} |"
            for row in rows
        ]
    return "\n".join(parts) + "\n"


def summed(title: str, rows: list[dict[str, object]]) -> str:
    """Return the line of a table in the summary."""
    single = [row for row in rows if row["rule"] != TOGETHER]
    equal = sum(row["same"] == row["compared"] for row in single)
    least = min(single, key=lambda row: row["same"] / row["compared"])
    least = f"{percent(least)}, `{least['rule']}`" if equal < len(single) else "100.00%"
    together = "".join(percent(row) for row in rows if row["rule"] == TOGETHER)
    return f"| {title} | {len(single)} | {equal} | {least} | {together} |"


def percent(row: Mapping[str, object]) -> str:
    """Return a share in hundredths of a percent, cut and not rounded: 100 is all of them."""
    hundredths = 10_000 * row["same"] // row["compared"]
    return f"{hundredths // 100}.{hundredths % 100:02}%"


def record(peers: Path, dclm: Path) -> None:
    """Write what the peers say of the test's own texts: verdicts and counts by hash, no text."""
    FIXTURES.mkdir(exist_ok=True)
    for peer in RECORDED:  # the test asks for the rules when it is read
        if not (FIXTURES / f"{peer}.json").is_file():
            (FIXTURES / f"{peer}.json").write_text('{"rules": [], "counts": {}}', encoding="utf-8")
    made = runpy.run_path(str(TEST))
    rows = [json.dumps({"hash": made["key"](text), "text": text}) for text in made["texts"]()]
    with tempfile.TemporaryDirectory(prefix="agreement-") as folder:
        texts = Path(folder) / "texts.jsonl"
        texts.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        for peer, (outcomes, prefix, starts, counts) in RECORDED.items():
            found = outcomes_of(outcomes, peers, dclm, texts, Path(folder))
            found.columns = [name.removeprefix(prefix) for name in found.columns]
            kept = fixture(found, starts, counts)
            (FIXTURES / f"{peer}.json").write_text(kept, encoding="utf-8")


def fixture(found: pl.DataFrame, starts: tuple[str, ...], counts: tuple[str, ...]) -> str:
    """Return the rules that drop each text, and what the peer counts, in the order of the texts."""
    found = found.sort("hash")
    rules = [name for name in found.columns if name.startswith(starts)]
    assert found.select(rules).null_count().sum_horizontal().item() == 0
    kept = {
        "rules": rules,
        "dropped": {row["hash"]: [rule for rule in rules if row[rule]] for row in found.to_dicts()},
        "counts": {name: found[name].to_list() for name in counts},
    }
    return json.dumps(kept, indent=1, sort_keys=True) + "\n"


def replace(page: str) -> None:
    begin, end = "<!-- agreement -->\n", "<!-- end of agreement -->"
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    PAGE.write_text(head + begin + page + end + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
