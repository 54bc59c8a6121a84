"""`fit` and `models`: a model of one's own, and a corpus that is judged by it."""

import json
import random
from collections.abc import Callable
from pathlib import Path

RECIPE = """
{name: clean, version: 1, title: t, cite: c, stages: [{stage: safety@1, max_score: 0.5}]}
"""
SHARED = ("the", "a", "of", "in", "and", "with", "on", "old", "my", "your")


def written(path: Path, own: tuple[str, ...], seed: int, n_texts: int = 150) -> Path:
    draw = random.Random(seed)
    texts = (
        " ".join(draw.choices(SHARED, k=15) + draw.choices(own, k=3)) + f" {draw.random()}"
        for _ in range(n_texts)
    )
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return path


def test_a_safety_model_is_fitted_named_and_judges_a_corpus(run: Callable, tmp_path: Path) -> None:
    rude = written(tmp_path / "rude.jsonl", ("rotten", "scoundrel", "beast"), 1)
    calm = written(tmp_path / "calm.jsonl", ("garden", "window", "letter"), 2)
    pool = tmp_path / "pool"
    pool.mkdir()
    written(pool / "a.jsonl", ("rotten", "scoundrel", "beast"), 3, 30)
    written(pool / "b.jsonl", ("garden", "window", "letter"), 4, 50)
    (tmp_path / "clean.yaml").write_text(RECIPE)

    said = run("fit", "safety", "--positive", rude, "--negative", calm, "--name", "mine")
    read = run("ingest", pool, "--corpus", "mini", "--model", "safety=mine")
    curated = run("curate", "mini", "--recipe", tmp_path / "clean.yaml", "--json")
    (card,) = run("models", "--json").data["rows"]

    assert "area under the curve 1.0000" in said.out
    assert f"the best threshold there is {card['held_out']['threshold']:.6g}" in said.out
    assert (card["family"], card["positive"], card["negative"]) == (
        "safety",
        [str(rude)],
        [str(calm)],
    )
    assert "AUC 1.0000" in run("models").out
    assert (read.code, curated.code) == (0, 0), read.err
    trace = run("trace", "a.jsonl:0", "--corpus", "mini", "--json").data
    assert trace["removed_by"] == "safety@1"
    assert run("trace", "b.jsonl:0", "--corpus", "mini", "--json").data["removed_by"] == ""


def test_a_model_that_is_not_there_says_how_to_fit_one(run: Callable, tmp_path: Path) -> None:
    texts = written(tmp_path / "a.jsonl", ("word",), 1, 3)

    said = run("ingest", texts, "--corpus", "mini", "--model", "quality=mine")

    assert said.code == 4
    assert "steelyard fit quality --positive PATH --negative PATH --name mine" in said.err


def test_two_kinds_of_which_one_has_too_few_texts_fit_nothing(
    run: Callable, tmp_path: Path
) -> None:
    many = written(tmp_path / "many.jsonl", ("word",), 1)
    few = written(tmp_path / "few.jsonl", ("other",), 2, 5)

    said = run("fit", "quality", "--positive", many, "--negative", few, "--name", "mine")

    assert (said.code, said.out) == (1, "")
    assert "too few" in said.err


ARPA = """\\data\\
ngram 1=4

\\1-grams:
-1 <unk>
-99 <s>
-0.5 salt
-0.5 </s>

\\end\\
"""
PLAIN = """
{name: plain, version: 1, title: t, cite: c,
 stages: [{stage: attribute@1, column: perplexity.arpa@1, keep: at_most, limit: 5}]}
"""


def test_an_arpa_model_is_kept_and_judges_a_corpus(run: Callable, tmp_path: Path) -> None:
    (tmp_path / "wiki.arpa").write_text(ARPA)
    (tmp_path / "plain.yaml").write_text(PLAIN)
    pool = tmp_path / "pool.jsonl"
    pool.write_text("".join(json.dumps({"text": text}) + "\n" for text in ("Salt salt", "pepper")))

    said = run("fit", "arpa", tmp_path / "wiki.arpa", "--name", "wiki", "--lower-case")
    read = run("ingest", pool, "--corpus", "mini", "--model", "arpa=wiki")
    curated = run("curate", "mini", "--recipe", tmp_path / "plain.yaml")
    (card,) = run("models", "--json").data["rows"]

    assert (said.code, read.code, curated.code) == (0, 0, 0), read.err + curated.err
    assert said.out.startswith("arpa/wiki@")
    assert (card["order"], card["ngrams"], card["lower_case"]) == (1, 4, True)
    kept, gone = (run("trace", f"pool.jsonl:{row}", "--corpus", "mini", "--json") for row in (0, 1))
    assert (kept.data["removed_by"], gone.data["removed_by"]) == ("", "attribute@1")
    (ruling,) = gone.data["rows"][0]["rulings"]
    assert ruling["values"] == {"perplexity.arpa@1": 5.62341}  # 10 ** ((1 + 0.5) / 2)


def test_a_binary_model_is_refused_with_what_to_do(run: Callable, tmp_path: Path) -> None:
    (tmp_path / "en.bin").write_bytes(b"mmap lm http://kheafield.com/code format version 5\n\0")

    said = run("fit", "arpa", tmp_path / "en.bin", "--name", "wiki")

    assert (said.code, said.out) == (7, "")
    assert "the ARPA file that build_binary made it from" in said.err
