"""
What a person does on the page, in a real browser.

Needs Debian's chromium; without it the tests are skipped, unless ZHUTI_TEST_REQUIRE_BROWSER=1 says
that they may not be. Pictures of each step are left in ci-files/.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.service.conftest import PAGE, serving, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURES = Path(__file__).parents[2] / "ci-files"
TITLE = "关于做好农村公路养护工作的通知"
LABEL = "工业、交通-公路"
# Milliseconds without a key before the page asks; a little more than its own.
PAUSE = 400
PHONE = {"width": 375, "height": 740}
DESK = {"width": 1280, "height": 900}
# WCAG 2.2, 1.4.3: text of ordinary size.
LEAST_CONTRAST = 4.5

# Every piece of text on the page with its contrast against what is painted behind it. Colours are
# laid over each other from the page upwards, as the browser does (WCAG 2.2, relative luminance).
CONTRASTS = """() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
  const luminance = (colour) => {
    const [r, g, b] = colour.map((c) => {
      const share = c / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const chain = [];
    for (let node = element; node; node = node.parentElement) chain.unshift(node);
    return chain.reduce((under, node) => over(parse(getComputedStyle(node).backgroundColor), under),
      [255, 255, 255]);
  };
  const own = (element) => [...element.childNodes].some(
    (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()) || element.value;
  return [...document.body.querySelectorAll("*")]
    .filter((element) => own(element) && element.checkVisibility() && element.tagName !== "SCRIPT")
    .map((element) => {
      const under = behind(element);
      const text = over(parse(getComputedStyle(element).color), under);
      const [light, dark] = [luminance(text), luminance(under)].sort((a, b) => b - a);
      const name = element.tagName + (element.className ? "." + element.className : "");
      return [name, (light + 0.05) / (dark + 0.05)];
    });
}"""


@pytest.fixture(scope="module")
def browser():
    """Return a browser, or skip where there is none."""
    if not CHROMIUM.is_file():
        reason = f"needs {CHROMIUM} (apt-get install chromium fonts-noto-cjk)"
        if os.environ.get("ZHUTI_TEST_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def visit(browser):
    """Return a function that opens the page of a server and watches what it asks for."""
    contexts = []

    def opened(server, path="/", **options):
        context = browser.new_context(**{"viewport": DESK, "locale": "zh-CN", **options})
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
        page = context.new_page()
        page.asked = []
        page.complaints = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda line: page.complaints.append((line.type, line.text)))
        page.on("pageerror", lambda error: page.complaints.append(("error", str(error))))
        page.goto(server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(visit, server):
    """Return the page of the small model."""
    return visit(server)


def _paste(page: Page, text: str = PAGE) -> None:
    """Put a text into the field and wait for the topics."""
    page.locator("#text").fill(text)
    expect(page.locator("#suggestions .card").first).to_be_visible()


def _picture(page: Page, name: str) -> None:
    """Leave a picture for whoever reviews the change."""
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def test_topics_appear_when_typing_pauses(page):
    """Nobody presses a button: the paste is answered by itself, the best topic on top."""
    _paste(page)

    cards = page.locator("#suggestions .card")
    expect(cards).to_have_count(5)
    expect(cards.first.locator(".leaf")).to_have_text("公路")
    expect(cards.first.locator(".root")).to_have_text("工业、交通")
    expect(cards.first.locator(".percent")).to_contain_text("%")
    _picture(page, "suggest-desk")


def test_typing_is_answered_once_it_pauses(page):
    """While keys follow each other nothing is sent; one request goes out at the end."""
    page.clock.install(time="2024-03-12T08:00:00")
    page.clock.pause_at("2024-03-12T09:00:00")
    for key in "农村公路养护":
        page.locator("#title").press_sequentially(key)
        page.clock.run_for(PAUSE - 100)

    page.clock.run_for(PAUSE)

    expect(page.locator("#suggestions .card").first).to_be_visible()
    assert [url.endswith("/api/v1/suggest") for url in page.asked].count(True) == 1


def test_the_words_behind_a_topic_are_marked_in_the_text(page):
    """The evidence of the best topic is highlighted where it stands."""
    _paste(page)

    marked = page.locator("#notice mark.for").all_inner_texts()
    assert any("公路" in word for word in marked)
    assert any("养护" in word for word in marked)


def test_looking_at_another_topic_marks_its_words(page):
    """The marks follow the topic under the pointer."""
    _paste(page)
    before = page.locator("#notice mark").all_inner_texts()

    page.locator("#suggestions .card").nth(2).hover()

    expect(
        page.locator("#notice mark.against").or_(page.locator("#notice mark.for"))
    ).not_to_have_text(before)


def test_marks_stand_right_behind_rare_characters(page):
    """Offsets count code points, JavaScript counts halves of them: both mark the same word."""
    _paste(page, "😀𠮷𠮷关于做好农村公路养护工作的通知")

    assert any("公路" in word for word in page.locator("#notice mark.for").all_inner_texts())


def test_what_was_read_is_shown_for_checking(page):
    """The header fields of the paste appear with their labels."""
    _paste(page)

    fields = page.locator("#fields")
    for value in (
        "QX0012345672024000156",
        "青溪县交通运输局",
        "青交〔2024〕56号",
        "2024-03-12",
        "其他-其他",
    ):
        expect(fields.get_by_text(value)).to_be_visible()
    expect(fields.get_by_text("索引号")).to_be_visible()


def test_a_number_key_chooses_and_copies(page):
    """Outside the fields a digit is enough; the printed label lies on the clipboard."""
    _paste(page)
    page.locator("#text").blur()
    second = page.locator("#suggestions .card").nth(1)

    page.keyboard.press("2")

    expect(second).to_have_attribute("aria-pressed", "true")
    label = f"{second.locator('.root').inner_text()}-{second.locator('.leaf').inner_text()}"
    expect(page.locator("#chosen")).to_contain_text(f"已选定并复制：{label}")
    assert page.evaluate("navigator.clipboard.readText()") == label


def test_a_key_with_alt_chooses_while_typing(page):
    """Inside the field the digit needs Alt, and stays out of the text."""
    _paste(page)
    page.locator("#text").focus()

    page.keyboard.press("Alt+1")

    expect(page.locator("#chosen")).to_contain_text(f"已选定并复制：{LABEL}")
    assert page.evaluate("navigator.clipboard.readText()") == LABEL
    expect(page.locator("#text")).to_have_value(PAGE)


def test_a_digit_typed_into_the_text_chooses_nothing(page):
    """Years and numbers can be written."""
    _paste(page)
    page.locator("#text").press("2")

    expect(page.locator("#text")).to_have_value(PAGE + "2")
    expect(page.locator("#chosen")).to_be_hidden()


def test_a_click_chooses_and_can_be_taken_back(page):
    """The mouse works as well, and a slip is undone."""
    _paste(page)
    page.locator("#suggestions .card").first.click()
    expect(page.locator("#chosen")).to_contain_text(LABEL)
    _picture(page, "suggest-chosen")

    page.get_by_role("button", name="撤销").click()

    expect(page.locator("#chosen")).to_be_hidden()
    expect(page.locator("#suggestions .card[aria-pressed=true]")).to_have_count(0)


def test_the_keyboard_alone_is_enough(page):
    """From the text the tabulator reaches the topics, and Enter chooses."""
    _paste(page)
    page.locator("#text").focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('card')"):
            break

    page.keyboard.press("Enter")

    expect(page.locator("#chosen")).to_contain_text(LABEL)


def test_a_warning_stands_beside_the_topics(page):
    """A mark of secrecy is pointed out before anything is published."""
    _paste(page, f"机密★\n{TITLE}")

    expect(page.locator("#warnings")).to_contain_text("密级标志")


def test_where_nothing_can_be_suggested_the_page_says_why(page):
    """A text without Chinese has no topics, and a reason."""
    page.locator("#text").fill("Annual report")

    expect(page.locator("#status")).to_contain_text("文中没有汉字")
    expect(page.locator("#suggestions .card")).to_have_count(0)


def test_clearing_empties_everything(page):
    """The next notice starts on an empty page."""
    _paste(page)

    page.get_by_role("button", name="清空").click()

    expect(page.locator("#text")).to_have_value("")
    expect(page.locator("#suggestions .card")).to_have_count(0)
    expect(page.locator("#reading")).to_be_hidden()


def test_clearing_also_drops_the_question_that_is_under_way(page):
    """An answer that comes late does not appear beside an empty field."""
    page.route("**/api/v1/suggest", lambda _never_answered: None)
    with page.expect_request("**/api/v1/suggest"):
        page.locator("#text").fill(PAGE)

    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="清空").click()

    expect(page.locator("#suggestions .card")).to_have_count(0)
    expect(page.locator("#status")).to_contain_text("停顿片刻")


def test_the_example_is_answered(page):
    """A newcomer sees what the page does with one click."""
    page.get_by_role("button", name="试一个例子").click()

    expect(page.locator("#suggestions .card .leaf").first).to_have_text("公路")
    expect(page.locator("#fields")).to_contain_text("青交〔2024〕56号")


def test_markup_in_a_notice_is_only_text(page):
    """What looks like a script is shown and never run."""
    _paste(page, "关于农村公路养护的通知<img src=x onerror=alert(1)><script>alert(1)</script>")

    expect(page.locator("#notice")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("#notice img, #notice script").count() == 0
    assert page.complaints == []


def test_nothing_complains_and_nothing_leaves(page, server):
    """A whole visit writes no error to the console and asks no other machine for anything."""
    _paste(page)
    page.keyboard.press("Alt+1")
    expect(page.locator("#chosen")).to_be_visible()
    page.get_by_role("link", name="接口说明").click()
    expect(page.get_by_text("/api/v1/suggest", exact=True).first).to_be_visible()

    assert len(page.asked) > 5
    assert [url for url in page.asked if not url.startswith((f"{server.url}/", "data:"))] == []
    assert [line for line in page.complaints if line[0] in {"error", "warning"}] == []
    _picture(page, "docs")


def test_an_error_of_the_server_is_shown_and_the_text_kept(
    visit, model_folder, tmp_path, monkeypatch
):
    """A text over the limit is answered in words; nothing typed is lost, and shortening helps."""
    monkeypatch.setenv("ZHUTI_BODY_LIMIT", "1000")
    with serving(tmp_path, "--model", model_folder) as strict:
        page = visit(strict)
        page.locator("#text").fill("路" * 2000)
        expect(page.locator("#status")).to_have_text(
            "请求超过 1000 字节。请只提交标题和正文，或删去附表后再试。"
        )
        expect(page.locator("#status")).to_have_class("error")
        expect(page.locator("#text")).to_have_value("路" * 2000)
        _picture(page, "suggest-error")

        _paste(page, "关于农村公路养护的通知")
        expect(page.locator("#status")).not_to_have_class("error")
        strict.stop()
        page.locator("#text").fill("关于农村公路养护的意见")
        expect(page.locator("#status")).to_contain_text("连接不上服务器")
        expect(page.locator("#reading")).to_be_hidden()


def test_a_page_over_two_megabytes_is_refused_in_words(page):
    """Also a text that is refused while it is still being sent."""
    page.locator("#text").evaluate(
        "node => { node.value = '路'.repeat(1500000); node.dispatchEvent(new Event('input')); }"
    )

    expect(page.locator("#status")).to_contain_text("请求超过 2000000 字节", timeout=20_000)


def test_the_page_works_below_a_prefix(visit, model_folder, tmp_path):
    """Behind a proxy that shows the service under /zhuti."""
    with serving(tmp_path, "--model", model_folder, "--root-path", "/zhuti") as prefixed:
        page = visit(prefixed, "/zhuti/")
        _paste(page)

        assert [url for url in page.asked if not url.startswith(f"{prefixed.url}/zhuti/")] == []
        assert page.complaints == []


@pytest.mark.parametrize("filled", [False, True])
def test_a_phone_does_not_scroll_sideways(visit, server, filled):
    """At 375 pixels everything fits, before and after the answer."""
    page = visit(server, viewport=PHONE, has_touch=True, is_mobile=True)
    if filled:
        _paste(page, PAGE + "https://qingxi.example/" + "a" * 300)

    _picture(page, f"suggest-phone-{'answer' if filled else 'empty'}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_buttons_are_large_enough_for_a_finger(visit, server):
    """At least 24 by 24 pixels (WCAG 2.2, 2.5.8)."""
    page = visit(server, viewport=PHONE, has_touch=True, is_mobile=True)
    _paste(page)

    sizes = [button.bounding_box() for button in page.locator("button:visible").all()]
    assert len(sizes) >= 7
    assert all(size["width"] >= 24 and size["height"] >= 24 for size in sizes)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("text", [f"{PAGE}\n秘密★", "关于东街天气的说明", ""])
def test_text_stands_out_from_its_background(visit, server, scheme, text):
    """In light and in dark every text has the contrast of WCAG AA: topics, marks, warnings, all."""
    page = visit(server, color_scheme=scheme)
    if text:
        _paste(page, text)
        page.keyboard.press("Alt+1")
        expect(page.locator("#chosen")).to_be_visible()
    page.locator("#text").blur()

    contrasts = page.evaluate(CONTRASTS)

    _picture(page, f"suggest-{scheme}-{len(text)}")
    assert len(contrasts) > (40 if text else 10)
    assert [(name, round(c, 2)) for name, c in contrasts if c < LEAST_CONTRAST] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_error_stands_out_from_its_background(visit, server, scheme):
    """So does what has gone wrong."""
    page = visit(server, color_scheme=scheme)
    page.route("**/api/v1/suggest", lambda route: route.abort())
    page.locator("#text").fill("公路")
    expect(page.locator("#status")).to_have_class("error")

    assert [found for found in page.evaluate(CONTRASTS) if found[1] < LEAST_CONTRAST] == []


@pytest.fixture
def archive(serve):
    """Return a server with a corpus of one notice, which its search already finds."""
    running = serve()
    body = json.dumps({"id": "roads", "body": PAGE}).encode()
    asked = Request(f"{running.url}/api/v1/notices", body, {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(asked) as answer:  # noqa: S310
        assert answer.status == 200

    def found():
        with urlopen(f"{running.url}/api/v1/search") as answer:  # noqa: S310
            return json.load(answer)["total"]

    wait_until(found)
    return running


def test_a_published_notice_is_searched_and_read_by_keyboard(visit, archive):
    """Type, Enter, Tab to the hit, Enter: there it is, and nothing complained on the way."""
    page = visit(archive, "/search")
    page.locator("#words").focus()
    page.keyboard.type("养护")
    page.keyboard.press("Enter")
    expect(page.locator(".found mark").first).to_have_text("养护")
    _picture(page, "search")
    page.locator(".found a").focus()
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text(TITLE.replace("做好", "做好2024年"))
    _picture(page, "notice")
    assert page.complaints == []
    assert all(address.startswith(archive.url) for address in page.asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_search_is_readable_on_a_phone(visit, archive, scheme):
    """No scrolling sideways, and contrast as everywhere, also for chips and empty results."""
    for path in (
        "/search?words=养护&validity=in_force",
        "/search?words=没有的词",
        "/notices/roads",
    ):
        page = visit(archive, path, viewport=PHONE, color_scheme=scheme)

        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert [one for one in page.evaluate(CONTRASTS) if one[1] < LEAST_CONTRAST] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_earlier_notices_are_reached_by_keyboard(visit, archive, scheme):
    """They come behind the topics, with theme and common words; Enter opens one."""
    page = visit(archive, viewport=PHONE, color_scheme=scheme)
    _paste(page, "关于加强农村公路养护的意见\n各乡镇要做好农村公路养护，治理超限超载。")
    heading = page.get_by_role("heading", name="相似的已发布公文")
    expect(heading).to_be_visible()
    expect(page.locator("#precedent-list li")).to_have_count(1)
    expect(page.locator("#precedent-list")).to_contain_text("共同词语：")
    _picture(page, f"precedents-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert [one for one in page.evaluate(CONTRASTS) if one[1] < LEAST_CONTRAST] == []

    page.locator("#suggestions .card").last.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text(TITLE.replace("做好", "做好2024年"))
    assert page.complaints == []


def test_no_earlier_notice_is_shown_where_there_is_none_like_it(visit, archive):
    """What belongs to another text goes away with it."""
    page = visit(archive)
    _paste(page, "关于加强农村公路养护的意见")
    expect(page.locator("#precedents")).to_be_visible()

    page.locator("#text").fill("关于义务教育招生的意见")

    expect(page.locator("#precedents")).to_be_hidden()
    page.locator("#text").fill("关于加强农村公路养护的意见")
    expect(page.locator("#precedents")).to_be_visible()
    page.locator("#clear").click()
    expect(page.locator("#precedents")).to_be_hidden()
