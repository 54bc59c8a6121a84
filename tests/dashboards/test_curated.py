"""The pages about recipes say who survived, what would be otherwise, and who copies whom."""

import re
from html import unescape
from pathlib import Path
from types import ModuleType

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from catalog.errors import Busy, UsageError
from catalog.seats import Seats
from curation.recipe import load_recipe
from dashboards import supposing
from dashboards.app import mount
from dashboards.remembered import Memory

HOME = "/m/corpus/judged"
PAGES = {
    HOME: 200,
    f"{HOME}/survivors": 200,
    f"{HOME}/survivors?by=length&stages=points&unit=bytes": 200,
    f"{HOME}/survivors?by=region&stages=orders": 200,
    f"{HOME}/survivors?by=language": 200,
    f"{HOME}/survivors?by=colour": 422,
    f"{HOME}/survivors?recipe=nobody": 404,
    f"{HOME}/whatif": 200,
    f"{HOME}/whatif?gopher_quality.min_words=3": 200,
    f"{HOME}/whatif?gopher_quality.min_words=x": 422,
    f"{HOME}/whatif?gopher_quality.min_words=1e3": 422,
    f"{HOME}/whatif?gopher_quality.max_mean_word_chars=100001": 422,
    f"{HOME}/whatif?gopher_quality.max_mean_word_chars=99999.999999": 200,
    f"{HOME}/whatif?gopher_quality.max_wurds=3": 422,
    f"{HOME}/whatif?without=exact_dedup&unit=tokens": 409,
    f"{HOME}/whatif?without=exact_dedup&drop=large.de": 200,
    f"{HOME}/whatif?without=gopher_quality,exact_dedup": 422,
    f"{HOME}/whatif?drop=nowhere.example": 404,
    f"{HOME}/whatif?recipe=yi": 200,
    f"{HOME}/whatif?recipe=nobody": 404,
    f"{HOME}/copies": 200,
    f"{HOME}/copies?policy=kept_copy&against=split_once&by=contributor&unit=documents": 200,
    f"{HOME}/copies?kind=near:14x8": 422,
    f"{HOME}/document": 200,
    f"{HOME}/document?doc=a.jsonl:0": 200,
    f"{HOME}/document?doc=nothing": 404,
    f"{HOME}/find": 200,
    "/m/published/gpt3/survivors": 409,
    "/m/corpus/nothing/whatif": 404,
}


def figures(page: str, chart: str) -> str:
    found = re.search(rf'<section class="card figure figure-{chart}".*?</section>', page, re.DOTALL)
    assert found is not None
    return found[0]


def table(page: str, caption: str) -> list[list[str]]:
    """The cells of the table of that caption, as text."""
    found = re.search(rf"{re.escape(caption)}</caption>.*?<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert found is not None
    rows = re.findall(r"<tr>(.*?)</tr>", found[1], re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in cells]


@pytest.mark.parametrize(("address", "status"), PAGES.items(), ids=list(PAGES))
def test_every_page_answers_in_html_with_one_headline(
    judged: TestClient, address: str, status: int
) -> None:
    response = judged.get(address)

    assert response.status_code == status
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert len(re.findall(r"<h1[ >]", response.text)) == 1
    ids = re.findall(r'\sid="([^"]+)"', response.text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("address", [one for one, status in PAGES.items() if status == 200])
def test_no_page_shows_a_text_or_lets_a_name_become_markup(
    judged: TestClient, address: str
) -> None:
    response = judged.get(address)

    assert "swordfish" not in response.text
    assert "<script>alert" not in response.text
    assert "<svg/onload" not in response.text
    assert "<b>What" not in response.text
    assert "script-src 'self'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("address", [one for one, status in PAGES.items() if status == 200])
def test_every_control_has_a_label(judged: TestClient, address: str) -> None:
    page = judged.get(address).text
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    controls = re.findall(r"<(?:input|select|textarea)\b[^>]*>", page)
    seen = [control for control in controls if 'type="hidden"' not in control]

    named = [re.search(r'\bid="([^"]+)"', control) for control in seen]

    assert all(name is not None and name[1] in labelled for name in named)


def test_a_bare_name_leads_to_the_full_address(judged: TestClient) -> None:
    response = judged.get("/m/judged/survivors?by=length")

    assert response.status_code == 303
    assert response.headers["location"] == f"{HOME}/survivors?by=length"


def test_a_corpus_leads_to_the_pages_about_it_and_a_printed_table_does_not(
    judged: TestClient,
) -> None:
    corpus, printed = judged.get(HOME).text, judged.get("/m/published/gpt3").text

    for page in ("survivors", "whatif", "copies", "document", "find"):
        assert f'href="{HOME}/{page}"' in corpus
        assert f"gpt3/{page}" not in printed


def test_a_source_that_is_gone_whole_is_named_with_the_rule_that_took_it(
    judged: TestClient,
) -> None:
    page = judged.get(f"{HOME}/survivors").text

    gone = {row[0]: row for row in table(page, "Sources of which nothing is left")}
    assert gone["brief.example"][1] == "5"
    assert gone["brief.example"][3:] == ["gopher_quality@1", "100\xa0%", "gopher_too_few_words"]
    assert gone["copier.example"][3:] == ["exact_dedup@1", "100\xa0%", "exact_duplicate"]
    assert "large.example" not in gone


def test_what_stands_after_each_stage_adds_up_to_what_is_left(judged: TestClient) -> None:
    page = judged.get(f"{HOME}/survivors").text

    stages = table(page, "What is left after each stage")
    assert [row[0] for row in stages] == ["pool", "gopher_quality@1", "exact_dedup@1"]
    assert stages[0][1] == "60\xa0documents"
    left = int(stages[-1][1].partition("\xa0")[0])
    headline = re.search(r"<h1><bdi>(.*?)</bdi>", page)
    assert headline is not None
    assert f"leaves {100 * left / 60:.1f}\xa0%" in headline[1]


def test_points_of_a_key_add_up_to_the_change_of_its_share(judged: TestClient) -> None:
    for how in ("points", "orders"):
        page = judged.get(f"{HOME}/survivors?stages={how}").text
        [caption] = re.findall(r">(What each stage did to each share[^<]*)</caption>", page)
        rows = {row[0]: row[1:] for row in table(page, caption)}

        *points, change = [
            float(re.split(r" \[", cell)[0].replace("−", "-").replace("±", ""))
            for cell in rows["large.example"]
        ]

        assert change > 10
        assert sum(points) == pytest.approx(change, abs=0.011)


def test_the_rules_lead_to_a_document_that_their_stage_removed(judged: TestClient) -> None:
    page = judged.get(f"{HOME}/survivors").text
    [address] = set(re.findall(r'href="([^"]*/document\?doc=[^"]*)"[^>]*><bdi>', page)[:1])

    document = judged.get(unescape(address)).text

    assert "removes document" in document
    assert "removed here" in document


def test_a_shorter_threshold_brings_the_short_back(judged: TestClient) -> None:
    page = judged.get(
        f"{HOME}/whatif?gopher_quality.min_words=3&gopher_quality.min_stop_words=1&unit=documents"
    ).text

    rows = {row[0]: row for row in table(page, "What would change for sources")}
    stages = table(page, "What each stage lets through, in documents")
    assert rows["brief.example"][2] == "0\xa0%"
    assert rows["brief.example"][4].startswith("+")
    assert rows["large.example"][4].startswith("−")
    assert [row[0] for row in stages] == ["pool", "gopher_quality@1", "exact_dedup@1"]


def test_a_stage_that_is_left_out_says_so_and_its_copies_come_back(judged: TestClient) -> None:
    page = judged.get(f"{HOME}/whatif?without=exact_dedup&unit=documents").text

    rows = {row[0]: row for row in table(page, "What would change for sources")}
    stages = {row[0]: row for row in table(page, "What each stage lets through, in documents")}
    assert stages["exact_dedup@1"][2] == "left out"
    assert rows["copier.example"][2:4] != ["0\xa0%", "0\xa0%"]


def test_each_threshold_stands_on_the_form_with_its_source(judged: TestClient) -> None:
    page = judged.get(f"{HOME}/whatif").text

    field = re.search(r'<input[^>]*name="gopher_quality.min_words"[^>]*>', page)
    assert field is not None
    assert 'value="12"' in field[0]
    cite = re.search(r'aria-describedby="([^"]+)"', field[0])
    assert cite is not None
    told = re.search(rf'id="{cite[1]}"><bdi>([^<]*)<', page)
    assert told is not None
    assert told[1].startswith("the recipe&#39;s own; 50 in Rae et al. 2021")


def test_a_form_sent_whole_becomes_an_address_of_what_is_otherwise(judged: TestClient) -> None:
    page = judged.get(f"{HOME}/whatif").text
    form = re.search(r'<form class="suppose".*?</form>', page, re.DOTALL)
    assert form is not None
    fields = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form[0]))
    fields.pop("without")
    sent = {**fields, "gopher_quality.min_words": "40", "drop": "Large.DE  ", "by": "source"}

    response = judged.get(f"{HOME}/whatif", params=sent)

    assert response.status_code == 303
    assert response.headers["location"] == (
        f"{HOME}/whatif?recipe=mine%401&gopher_quality.min_words=40&drop=large.de"
    )


def test_two_stages_that_are_ticked_stand_in_one_address(judged: TestClient) -> None:
    response = judged.get(f"{HOME}/whatif?without=exact_dedup&without=gopher_quality")

    assert response.status_code == 303
    assert response.headers["location"].endswith("?without=gopher_quality%2Cexact_dedup")


def test_each_change_can_be_undone_alone(judged: TestClient) -> None:
    page = judged.get(f"{HOME}/whatif?gopher_quality.min_words=5&drop=large.de").text
    supposed = re.search(r'<ul class="supposed".*?</ul>', page, re.DOTALL)
    assert supposed is not None

    assert re.findall(r'href="([^"]+)"', supposed[0]) == [
        "?drop=large.de",
        "?gopher_quality.min_words=5",
    ]


def test_what_is_refused_keeps_the_form(judged: TestClient) -> None:
    page = judged.get(f"{HOME}/whatif?drop=nowhere.example").text

    assert "no document of the corpus is from" in page
    assert 'name="gopher_quality.min_words"' in page
    assert 'value="nowhere.example"' in page


def test_at_most_twenty_sites_can_be_left_out_at_once(judged: TestClient) -> None:
    sites = " ".join(f"site-{number}.example" for number in range(21))

    response = judged.get(f"{HOME}/whatif", params={"drop": sites})

    assert response.status_code == 422
    assert "at most 20 can be left out" in response.text


def test_no_page_searches_for_near_duplicates(judged: TestClient) -> None:
    response = judged.get(f"{HOME}/whatif?recipe=yi&without=language")

    assert response.status_code == 409
    assert "nobody has looked for the copies of kind near:14x8" in response.text


def test_a_path_is_no_recipe(judged: TestClient, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("name: own\n")

    assert judged.get(f"{HOME}/whatif", params={"recipe": str(own)}).status_code == 404
    assert judged.get(f"{HOME}/document", params={"recipe": str(own)}).status_code == 404


def test_credit_moves_to_the_copier_when_texts_are_split(judged: TestClient) -> None:
    page = judged.get(f"{HOME}/copies?unit=documents").text

    rows = {row[0]: row for row in table(page, "What each policy credits sources with")}
    assert rows["copier.example"][1:3] == ["0", "0\xa0%"]
    assert rows["copier.example"][3] != "0\xa0%"
    assert rows["large.example"][4].startswith("−")


def test_the_matrix_says_who_copies_whom(judged: TestClient) -> None:
    page = judged.get(f"{HOME}/copies").text

    found = re.search(r"under whose copy</caption>.*?</thead>", page, re.DOTALL)
    assert found is not None
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', found[0])
    [row] = [
        row
        for row in table(page, "Documents that went, and under whose copy")
        if row[0] == "copier.example"
    ]
    assert row[heads.index("large.example")] == "10"


def test_a_document_shows_each_measure_against_its_threshold_and_who_stands_for_it(
    judged: TestClient,
) -> None:
    page = judged.get(f"{HOME}/document?doc=a.jsonl:1").text

    rules = {row[0]: row for row in table(page, "Rules of gopher_quality@1")}
    assert rules["gopher_too_few_words"] == [
        "gopher_too_few_words",
        "passed",
        "gopher.word_count@1 = 15",
        "min_words = 12",
    ]
    assert table(page, "Rules of exact_dedup@1")[0][:2] == ["exact_duplicate", "broken"]
    winner = re.search(r'<a href="([^"]+)">document \w{8}…</a> of <bdi>large.example</bdi>', page)
    assert winner is not None
    assert "keeps document" in judged.get(unescape(winner[1])).text


def test_an_address_that_spells_a_username_is_not_shown(judged: TestClient) -> None:
    page = judged.get(f"{HOME}/document?doc=a.jsonl:30").text

    assert "brief.example" in page
    assert "eve" not in page.lower().replace("every", "").replace("level", "")


def test_a_flood_of_suppositions_is_refused(judged_module: ModuleType, tmp_path: Path) -> None:
    full = Seats(at_work=0, queue=0)
    app = FastAPI()
    mount(app, judged_module.build(tmp_path / "home"), seats=full)

    response = TestClient(app).get(f"{HOME}/whatif?gopher_quality.min_words=5")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"
    with pytest.raises(Busy):
        Memory(full).once(judged_module.build(tmp_path / "other"), "anything", lambda: 1)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *("gopher_quality.min_words", "gopher_quality.max_mean_word_chars"),
                *("exact_dedup.winner_by", "language.keep", "without", "drop", "drop_source"),
            ]
        ),
        st.sampled_from(
            [*("", " 7 ", "1e-7", "0.30", "en, zh,", "exact_dedup", "first_seen"), "A.b c\r\nd"]
        ),
    )
)
def test_the_address_of_a_supposition_says_the_same_again(entered: dict[str, str]) -> None:
    recipe = load_recipe("local-docs")
    try:
        asked = supposing.read(QueryParams(entered), recipe)
    except UsageError:
        return  # what is not understood has no address

    again = supposing.read(QueryParams(asked.query), recipe)

    assert again.query == asked.query
    assert again.change == asked.change
