"""Ingesting by command: named fields, counts, dry runs, rejects; then curate, verify, whois."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.store import Catalog

Run = Callable[..., Any]

TEXT = "The cat sat on the mat, and that was that for the day with the dog of the house. " * 5


@pytest.fixture
def corpus(run: Run, tmp_path: Path) -> Path:
    """A home with a small corpus of three good records and one that is broken."""
    records = [
        {"body": f"{number}. {TEXT}", "who": name, "where": f"http://www.example.{end}/a"}
        for number, (name, end) in enumerate([("Ada", "org"), ("Ada", "org"), ("Bob", "com")])
    ]
    path = tmp_path / "small.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in records) + "{broken\n")
    fields = ("--text-field", "body", "--contributor-field", "who", "--url-field", "where")
    said = run("ingest", path, "--corpus", "small", "--title", "Small", *fields, "--json")
    assert said.code == 0, said
    return tmp_path / "home"


def test_named_fields_give_sources_and_contributors(run: Run, corpus: Path) -> None:
    by_site = run("show", "small", "--unit", "documents", "--json", home=corpus)
    by_person = run(
        "show", "small", "--by", "contributor", "--unit", "documents", "--json", home=corpus
    )

    sizes = {key: row["pool_size"] for key, row in by_person.rows.items()}
    assert by_site.data["title"] == "Small"
    assert sum(row["pool_size"] for row in by_site.data["rows"]) == 3
    assert sizes == {"Ada": 2, "Bob": 1}


def people(run: Run, *options: str) -> dict[str, str]:
    """Contributor -> kind, as `show` names them."""
    said = run("show", "forum", "--by", "contributor", *options, "--json")
    return {key: row["kind"] for key, row in said.rows.items()}


def ingest_forum(run: Run, folder: Path, author: str, *options: str) -> None:
    path = folder / "forum.jsonl"
    path.write_text(json.dumps({"body": TEXT, "who": author}) + "\n")
    fields = ("--text-field", "body", "--contributor-field", "who")
    said = run("ingest", path, "--corpus", "forum", *fields, *options)
    assert said.code == 0, said


def test_usernames_in_a_named_field_are_shown_as_pseudonyms(run: Run, tmp_path: Path) -> None:
    ingest_forum(run, tmp_path, "catlover", "--contributor-kind", "user")

    [(shown, kind)] = people(run).items()
    assert shown.startswith("user-")
    assert kind == "user"
    assert people(run, "--names") == {"catlover": "user"}


def test_an_e_mail_address_in_a_named_field_is_in_no_file_of_the_home(
    run: Run, tmp_path: Path
) -> None:
    ingest_forum(run, tmp_path, "mail109@x.org")

    [(shown, kind)] = people(run, "--names").items()
    assert shown.startswith("address-")
    assert kind == "user"
    assert list(people(run)) != [shown]
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"mail109" in path.read_bytes()]


def test_a_kind_of_contributor_that_does_not_exist_is_refused(run: Run, tmp_path: Path) -> None:
    said = run("ingest", tmp_path, "--corpus", "forum", "--contributor-kind", "ghost")

    assert said.code == 2
    assert "publisher" in said.err


def test_a_broken_record_is_listed_with_its_place(run: Run, corpus: Path) -> None:
    said = run("rejects", "small", "--json", home=corpus)

    [row] = said.data["rows"]
    assert (row["file"], row["row"], row["reason"]) == ("small.jsonl", 3, "invalid_json")
    assert said.data["reasons"] == {"invalid_json": 1}
    assert "invalid_json" in run("rejects", "small", home=corpus).out


def test_curating_says_what_each_stage_and_each_rule_did(run: Run, corpus: Path) -> None:
    said = run("curate", "small", "--recipe", "gopher", home=corpus)
    coded = run("curate", "small", "--recipe", "gopher@1", "--json", home=corpus)

    assert "gopher@2 keeps" in said.out  # without a version: the highest
    assert coded.data["recipe"] == "gopher@1"
    assert "gopher_too_few_words" in said.out
    assert [row["stage"] for row in coded.data["rows"]][-1] == "exact_dedup@1"
    assert coded.envelope["snapshot"] == Catalog(corpus).latest("small").id
    assert {rule["rule"] for rule in coded.data["rules"]} >= {"exact_duplicate"}


def test_verify_reads_every_file_back_and_finds_a_changed_byte(run: Run, corpus: Path) -> None:
    whole = run("verify", "--json", home=corpus)
    file = next((corpus / "tables" / "documents").rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-1] + b"x")

    broken = run("verify", "small", home=corpus)

    assert [(row["corpus"], row["files"] > 0) for row in whole.data["rows"]] == [("small", True)]
    assert broken.code == 1
    assert "SHA-256" in broken.err


def test_whois_finds_a_person_by_name(run: Run, corpus: Path) -> None:
    said = run("whois", "ada", "--json", home=corpus)

    [row] = said.data["rows"]
    assert (row["subject"], row["key"], row["rank"], row["of"]) == ("corpus/small", "Ada", 1, 2)
    assert "Ada is number 1 of 2 in Small" in run("whois", "Ada", home=corpus).out


def test_whois_says_what_is_near_a_name_that_is_nowhere(run: Run) -> None:
    said = run("whois", "Wikipedai")

    assert said.code == 0
    assert "is in none of the corpora and mixtures" in said.out
    assert "Wikipedia" in said.out


def test_a_dry_run_writes_nothing_and_says_which_field_means_what(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "small.jsonl"
    path.write_text(json.dumps({"text": TEXT, "url": "http://example.org/"}) + "\n")

    said = run("ingest", path, "--corpus", "small", "--dry-run")

    assert said.code == 0
    assert "Nothing was written." in said.out
    assert "contributor <-" in said.out
    assert "text        <- text" in said.out
    assert "estimates, from the first megabyte" in said.out
    assert not (tmp_path / "home").exists()


def test_a_dry_run_says_the_command_that_does_it_with_every_option(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "a few.jsonl"
    path.write_text(json.dumps({"text": TEXT, "url": "http://example.org/"}) + "\n")
    words = ("--corpus", "small", "--text-field", "text", "--sample", "0.5", "--append")
    run("ingest", path, *words[:-1])

    said = run("ingest", path, *words, "--dry-run")

    assert f"next: steelyard ingest '{path}' {' '.join(words)}\n" in said.err


def test_a_dry_run_of_counts_is_refused_for_it_would_publish_them(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("domain,count\nexample.org,3\n")

    said = run("ingest", path, "--corpus", "sites", "--counts", "--unit", "tokens", "--dry-run")

    assert said.code == 2
    assert "--dry-run looks at documents" in said.err
    assert not (tmp_path / "home").exists()


def test_progress_for_a_machine_is_all_that_standard_error_holds(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "small.jsonl"
    path.write_text(json.dumps({"text": TEXT, "url": "http://example.org/"}) + "\n")

    said = run("ingest", path, "--corpus", "small", "--progress", "json")

    told = [json.loads(line) for line in said.err.splitlines()]
    assert [one["phase"] for one in told][-1] == "publish"


def test_a_file_that_cannot_be_read_fails_the_ingest_and_names_itself(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "cut.jsonl.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd\x04")

    said = run("ingest", path, "--corpus", "small")

    assert said.code == 7
    assert "cut.jsonl.zst" in said.err
    assert Catalog(tmp_path / "home").corpora() == []


def test_a_table_of_counts_needs_no_text(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "hosts.csv"
    path.write_text("site,size\nexample.org,30\nexample.com,10\n")
    named = ("--source-field", "site", "--count-field", "size")

    said = run(
        *("ingest", path, "--corpus", "counted", "--counts", "--unit", "tokens"),
        *("--total", "100", "--tokenizer", "GPT-2 BPE", *named, "--json"),
    )

    shown = run("show", "counted", "--json")
    assert (said.code, said.data["rows"]) == (0, [{"corpus": "counted", "rows": 2}])
    assert shown.rows["example.org"]["pool_share"] == 0.3
    assert shown.rows["(outside the table)"]["pool_share"] == 0.6
    assert shown.data["basis"]["tokenizer"] == "GPT-2 BPE"


def test_counts_without_a_total_say_that_the_rest_is_unknown(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "hosts.csv"
    path.write_text("host,tokens\nexample.org,30\n")

    said = run("ingest", path, "--corpus", "counted", "--counts", "--json")

    [warning] = said.envelope["warnings"]
    assert "total is not told" in warning


def test_local_documentation_is_ingested_by_its_name(run: Run) -> None:
    said = run("ingest", "local-docs", "--corpus", "docs", "--max-bytes", "60000", "--json")

    [row] = said.data["rows"]
    assert said.code == 0
    assert row["documents"] > 0
    assert row["formats"] == {"local-docs": row["files"]}


def test_local_documentation_beside_other_paths_is_refused(run: Run) -> None:
    said = run("ingest", "local-docs", "more.jsonl", "--corpus", "docs")

    assert said.code == 2
    assert "is a corpus of its own" in said.err


def test_recipes_are_listed_with_their_stages(run: Run) -> None:
    rows = {row["id"]: row for row in run("recipes", "--json").data["rows"]}

    assert [stage["stage"] for stage in rows["webtext@1"]["stages"]] == ["min_votes@1"]
    assert "webtext@1" in run("recipes").out


def test_the_doctor_finds_this_machine_ready(run: Run) -> None:
    said = run("doctor", "--json")

    checks = {row["name"]: row for row in said.data["rows"]}
    assert (said.code, said.data["ready"]) == (0, True)
    assert checks["language model"]["found"].startswith("lid.176.ftz")


def test_the_doctor_fails_where_there_is_no_room_for_a_home(run: Run) -> None:
    said = run("doctor", home=Path("/proc/nowhere"))

    assert said.code == 1
    assert said.out.startswith("not ready: ")
    assert "-> " in said.out


def test_what_was_met_on_the_way_is_told_by_its_name_and_number(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one"}\n{"text": "two"}\n', encoding="utf-8")

    told = run("ingest", str(path), "--corpus", "met")

    assert "warning: no source: 2" in told.out


def test_progress_for_machines_is_one_object_a_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one"}\n{oops\n', encoding="utf-8")

    told = run("ingest", path, "--corpus", "met", "--progress", "json", "--json")

    lines = [json.loads(line) for line in told.err.splitlines() if line.startswith("{")]
    assert [line["phase"] for line in lines][-2:] == ["read", "publish"]
    last = lines[-1]
    assert (last["documents"], last["rejects"]) == (1, 1)
    assert last["done_bytes"] == last["total_bytes"] == path.stat().st_size
    assert {"bytes_per_second", "eta_seconds", "done_files", "total_files"} <= last.keys()


def test_a_sample_says_that_it_is_one_wherever_it_is_shown(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    pages = (json.dumps({"text": f"page {n}", "url": f"http://x{n % 3}.org/"}) for n in range(400))
    path.write_text("\n".join(pages), encoding="utf-8")

    told = run("ingest", path, "--corpus", "part", "--sample", "0.25", "--json")
    shown = run("show", "part", "--json")

    [row] = told.data["rows"]
    assert 0 < row["documents"] < row["documents_read"] == 400
    said = f"a sample of 25 % ({row['documents']} of 400 documents)"
    assert shown.data["basis"]["sample"] == said
    assert any(said in warning for warning in shown.envelope["warnings"])
    assert said in run("show", "part").out


def test_what_is_added_to_a_corpus_is_asked_for(run: Run, tmp_path: Path) -> None:
    one, two = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    one.write_text('{"text": "one"}\n', encoding="utf-8")
    two.write_text('{"text": "two"}\n', encoding="utf-8")

    run("ingest", one, "--corpus", "met")
    grown = run("ingest", two, "--corpus", "met", "--append", "--json")

    assert grown.code == 0
    assert Catalog(tmp_path / "home").latest("met").tables["documents"].rows == 2


def test_tokens_are_counted_where_a_tokenizer_is_named(run: Run, tmp_path: Path) -> None:
    texts = {"https://a.example/": "hello world", "https://b.example/": "2 + 2 = 4"}
    path = tmp_path / "few.jsonl"
    path.write_text("".join(json.dumps({"text": t, "url": u}) + "\n" for u, t in texts.items()))

    said = run("ingest", path, "--corpus", "few", "--tokenizer", "cl100k")
    shown = run("show", "few", "--unit", "tokens", "--json")

    assert said.code == 0, said
    sizes = {key: row["pool_size"] for key, row in shown.rows.items()}
    assert sizes == {"a.example": 2, "b.example": 7}
    assert shown.data["basis"]["tokenizer"].startswith("cl100k (rs-bpe ")


def test_tokens_of_a_share_of_the_documents_are_shown_as_an_estimate(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps({"text": f"{n}. {TEXT}"}) + "\n" for n in range(300)))

    run("ingest", path, "--corpus", "many", "--tokenizer", "cl100k", "--token-sample", "0.5")
    run("curate", "many", "--recipe", "gopher")
    shown = run("show", "many", "--unit", "tokens", "--json")

    assert "of 300 documents were tokenised" in " ".join(shown.envelope["warnings"])


@pytest.mark.parametrize(
    "options",
    [
        ("--tokenizer", "gpt9"),
        ("--token-sample", "0.5"),
        ("--tokenizer", "cl100k", "--token-sample", "2"),
        ("--counts", "--token-sample", "0.5"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_tokenised_is_refused(
    run: Run, tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "hello"}\n')

    said = run("ingest", tmp_path / "a.jsonl", "--corpus", "a", *options)

    assert said.code == 2
    assert "token" in said.err
