"""Real text, judged by the engine and by the paper's sentences written out in Python."""

import gzip
import json
from fractions import Fraction
from pathlib import Path

from curation.pipeline import decide
from curation.recipe import load_recipe


def texts_in(samples: Path) -> list[str]:
    packed = [samples / "c4" / f"olmo_c4-sample.0{number}.json.gz" for number in (1, 2, 3)]
    plain = sorted((samples / "redpajama_pile_datajuicer").glob("*.jsonl"))
    pages = [gzip.decompress(path.read_bytes()).decode() for path in packed]
    pages += [path.read_text(encoding="utf-8") for path in plain]
    lines = [line for page in pages for line in page.split("\n") if line]
    return [json.loads(line)["text"] for line in lines]


def expected_faults(row: dict) -> set[str]:
    """Rae et al. 2021, A.1, with the measured counts; RefinedWeb's 0.65 for English."""
    ours = ("gopher", "language")  # other families count the same things otherwise
    count = {
        thing: value
        for name, value in row.items()
        for family, _, thing in [name.partition(".")]
        if family in ours
    }
    words, lines = count["word_count@1"], count["lines@1"]
    tenth = Fraction(1, 10)
    rules = {
        "language_unwanted": count["top@1"] != "en",
        "language_uncertain": count["score@1"] < 0.65,
        "gopher_too_few_words": words < 50,
        "gopher_too_many_words": words > 100_000,
        "gopher_words_too_short": Fraction(count["word_chars@1"], words) < 3,
        "gopher_words_too_long": Fraction(count["word_chars@1"], words) > 10,
        "gopher_too_many_hashes": Fraction(count["hash_count@1"], words) > tenth,
        "gopher_too_many_ellipses": Fraction(count["ellipsis_count@1"], words) > tenth,
        "gopher_too_many_bullet_lines": Fraction(count["bullet_lines@1"], lines) > 9 * tenth,
        "gopher_too_many_ellipsis_lines": Fraction(count["ellipsis_lines@1"], lines) > 3 * tenth,
        "gopher_too_few_alpha_words": Fraction(count["alpha_words@1"], words) < 8 * tenth,
        "gopher_too_few_stop_words": count["stop_words_distinct@1"] < 2,
    }
    return {rule for rule, failed in rules.items() if failed}


def test_the_engine_finds_the_faults_the_paper_describes(samples: Path, pools) -> None:
    recipe = load_recipe("gopher@1")
    rows = [pools.document(number, text) for number, text in enumerate(texts_in(samples))]
    engine = pools.engine(rows)
    measures = {row["doc_id"]: row for row in pools.measures_table(rows).to_pylist()}

    verdicts = engine.run(decide(engine, recipe)).to_pylist()

    assert len(verdicts) == len(rows) > 100
    for verdict in verdicts:
        failed = {
            rule
            for bit, (_, _, rule) in enumerate(recipe.rules)
            if verdict["failed_rules"] >> bit & 1
        }
        assert failed - {"exact_duplicate"} == expected_faults(measures[verdict["doc_id"]])
    kept = [verdict for verdict in verdicts if verdict["kept_weight"]]
    assert 0 < len(kept) < len(rows)
