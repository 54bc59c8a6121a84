"""Every page in a real browser: readable by all, quiet, and at home on every screen."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    "/",
    "/m/published/gpt3",
    "/m/published/the_pile",
    "/m/published/palm",
    "/m/published/ccnet",
    "/m/published/quality_references",
    "/m/corpus/hostile",
    "/m/corpus/hostile?q=site&sort=key&page=2",
    "/c/Wikipedia",
    "/c/wikpedia",
    "/compare",
    "/compare?pool=published/gopher&mix=published/chinchilla",
    "/compare?pool=corpus/hostile&mix=published/gpt3",
    "/compare?pool=gpt3&mix=the_pile",
    "/search?q=pile",
    "/m/nothing",
    "/m/published/gpt3?by=everything",
    "/m/corpus/judged",
    "/m/corpus/judged/survivors",
    "/m/corpus/judged/survivors?by=length&stages=orders",
    "/m/corpus/judged/whatif",
    "/m/corpus/judged/whatif?gopher_quality.min_words=3&without=exact_dedup",
    "/m/corpus/judged/whatif?drop=nowhere.example",
    "/m/corpus/judged/copies?unit=documents",
    "/m/corpus/judged/document",
    "/m/corpus/judged/document?doc=a.jsonl:1",
    "/m/corpus/judged/find",
]
CHARTED = [
    "/m/published/gpt3",
    "/m/corpus/hostile",
    "/c/Wikipedia",
    "/m/corpus/judged/survivors",
    "/m/corpus/judged/whatif?without=exact_dedup",
    "/m/corpus/judged/copies?unit=documents",
]
LIGHT = {"color_scheme": "light"}
DARK = {"color_scheme": "dark"}
PHONE = {"viewport": {"width": 390, "height": 844}}
VIEWS = {"light": LIGHT, "dark": DARK, "phone": PHONE}
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</text></svg><script>alert(1)</script>",
]
SMALLEST = """() => [...document.querySelectorAll("svg.drawing text")]
  .filter((text) => text.getClientRects().length)
  .map((text) => parseFloat(text.getAttribute("font-size")) * text.getScreenCTM().a)"""
HIDDEN = """() => [...document.querySelectorAll("svg.drawing text")]
  .filter((text) => {
    const box = text.getBoundingClientRect();
    const sheet = text.ownerSVGElement.getBoundingClientRect();
    return box.width && (box.left < sheet.left - 3 || box.right > sheet.right + 3);
  })
  .map((text) => text.textContent)"""


def axe_violations(page: object) -> list[str]:
    found = page.evaluate(
        "(rules) => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    return [
        f"{one['id']}: {node['target']} {node['html'][:120]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("address", PAGES)
def test_a_page_breaks_no_rule_of_accessibility(
    visit: Callable[..., object], address: str, view: str
) -> None:
    seen = visit(address, bypass_csp=True, **VIEWS[view])  # axe itself is no script of ours
    seen.page.add_script_tag(path=AXE)

    assert axe_violations(seen.page) == []


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_quiet_and_stays_at_home(
    visit: Callable[..., object], server: str, address: str
) -> None:
    seen = visit(address)

    noise = [line for line in seen.console if "the server responded with a status of" not in line]
    assert noise == []
    assert seen.page.evaluate("window.violations") == []
    assert {urlsplit(url).netloc for url in seen.requests} == {urlsplit(server).netloc}
    assert seen.dialogs == []


@pytest.mark.parametrize("width", [320, 390, 800])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_never_scrolls_sideways(
    visit: Callable[..., object], address: str, width: int
) -> None:
    seen = visit(address, viewport={"width": width, "height": 800})

    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 500, 700, 900, 1180])
def test_letters_of_charts_keep_a_size_that_can_be_read(
    visit: Callable[..., object], width: int
) -> None:
    seen = visit("/m/published/the_pile", viewport={"width": width, "height": 900})

    sizes = seen.page.evaluate(SMALLEST)
    assert sizes
    assert min(sizes) >= 11.9


@pytest.mark.parametrize("address", CHARTED)
@pytest.mark.parametrize("width", [390, 800, 1180])
def test_no_label_of_a_chart_is_cut_off(
    visit: Callable[..., object], address: str, width: int
) -> None:
    seen = visit(address, viewport={"width": width, "height": 900})

    assert seen.page.evaluate(HIDDEN) == []


@pytest.mark.parametrize("width", [390, 800, 1180])
def test_each_chart_is_shown_once(visit: Callable[..., object], width: int) -> None:
    seen = visit("/m/published/gpt3", viewport={"width": width, "height": 900})

    shown = seen.page.locator(".figure-amplification svg.drawing:visible")
    assert shown.count() == 1


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_name_runs_nothing(visit: Callable[..., object], name: str) -> None:
    seen = visit(f"/c/{quote(name, safe='')}")
    seen.page.hover("h1")

    assert seen.dialogs == []
    assert seen.page.evaluate("window.violations") == []
    assert name in seen.page.inner_text("h1")


def test_a_page_is_complete_without_a_script(visit: Callable[..., object]) -> None:
    seen = visit("/m/published/gpt3", java_script_enabled=False)

    assert seen.page.inner_text("h1") == "WebText2 counted 5.7 times its size"
    assert seen.page.locator("svg.drawing:visible").count() == 3
    seen.page.click("text=Dark")
    assert seen.page.get_attribute("html", "data-theme") == "dark"


def test_the_theme_that_was_chosen_is_remembered(visit: Callable[..., object]) -> None:
    seen = visit("/", **LIGHT)
    paper = "getComputedStyle(document.body).backgroundColor"
    light = seen.page.evaluate(paper)

    seen.page.click("text=Dark")
    dark = seen.page.evaluate(paper)
    seen.page.click("text=Compare")

    assert light != dark
    assert seen.page.evaluate(paper) == dark
    assert "theme" not in seen.page.url


@pytest.mark.parametrize("address", ["/", "/m/published/gpt3", "/m/corpus/hostile", "/compare"])
def test_a_printed_page_is_light_and_keeps_its_charts(
    visit: Callable[..., object], address: str
) -> None:
    seen = visit(address, **DARK)

    seen.page.emulate_media(media="print")
    paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    charts = seen.page.locator(".figure-amplification svg.drawing:visible").count()

    assert paper == "rgb(255, 255, 255)"
    assert charts == (1 if address.startswith("/m/") else 0)
    assert len(seen.page.pdf(format="A4")) > 10_000


def test_forced_colours_keep_bars_apart_from_their_ground(visit: Callable[..., object]) -> None:
    seen = visit("/m/published/gpt3", forced_colors="active")

    fills = seen.page.evaluate(
        "['.f-up', '.f-down', '.f-ink'].map((c) =>"
        " getComputedStyle(document.querySelector('svg.drawing ' + c)).fill)"
    )
    ground = seen.page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor")
    assert ground not in fills


def test_the_keyboard_reaches_content_filter_and_table(visit: Callable[..., object]) -> None:
    seen = visit("/m/published/gpt3")

    seen.page.keyboard.press("Tab")
    first = seen.page.evaluate("document.activeElement.textContent")
    reached = set()
    for _ in range(60):
        seen.page.keyboard.press("Tab")
        reached.add(seen.page.evaluate("document.activeElement.id"))
        reached.add(seen.page.evaluate("document.activeElement.className"))

    assert first == "Skip to content"
    assert {"find", "filter-q", "scroll"} <= reached


def test_a_look_up_takes_one_step(visit: Callable[..., object]) -> None:
    seen = visit("/")

    seen.page.fill("#q", "Wikipedia")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url("**/c/Wikipedia")

    assert "Wikipedia" in seen.page.inner_text("h1")


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no script"])
def test_a_threshold_is_changed_on_the_form_and_undone(
    visit: Callable[..., object], scripted: bool
) -> None:
    seen = visit("/m/corpus/judged/whatif", java_script_enabled=scripted)
    seen.page.click("summary:has-text('gopher_quality@1')")
    seen.page.get_by_label("min words", exact=True).fill("40")
    seen.page.click("text=Suppose it")

    supposed = seen.page.url
    headline = seen.page.inner_text("h1")
    seen.page.click("text=undo")

    assert supposed.endswith("/whatif?recipe=mine%401&gopher_quality.min_words=40")
    assert headline.startswith("The mix would have")
    assert seen.page.inner_text("h1") == "What if mine@1 were otherwise?"


def test_every_threshold_breaks_no_rule_of_accessibility(visit: Callable[..., object]) -> None:
    seen = visit("/m/corpus/judged/whatif", bypass_csp=True)
    for summary in seen.page.locator("summary").all():
        summary.click()
    seen.page.add_script_tag(path=AXE)

    assert axe_violations(seen.page) == []


def test_from_a_broken_rule_to_the_document_that_stands_for_a_copy(
    visit: Callable[..., object],
) -> None:
    seen = visit("/m/corpus/judged")

    seen.page.click("text=Who survived")
    seen.page.click("tr:has-text('exact_duplicate') a[href*='doc=']")
    seen.page.click(".next a")

    assert "keeps document" in seen.page.inner_text("h1")


@pytest.mark.parametrize("view", VIEWS)
def test_a_text_is_looked_for_without_leaving_the_page(
    visit: Callable[..., object], view: str
) -> None:
    seen = visit("/m/corpus/judged/find", **VIEWS[view])
    text = "the swordfish that must not be shown and the rest of it with those words "

    seen.page.get_by_label("A page, an article").fill(text)
    seen.page.get_by_label("A document must hold").select_option("all of it")
    seen.page.get_by_role("button", name="Look for it").click()

    head = seen.page.get_by_role("heading", level=1)
    assert head.inner_text().startswith("2 of 60 documents of judged hold")
    assert urlsplit(seen.page.url).path == "/m/corpus/judged/find"
    assert urlsplit(seen.page.url).query == ""  # an address would be logged
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    seen.page.evaluate(AXE.read_text(encoding="utf-8"))
    assert axe_violations(seen.page) == []
    assert seen.page.evaluate("window.violations") == []
