"""The evaluation report in a browser: alone, in light and dark, on a phone and on paper."""

from __future__ import annotations

import pytest

from classifier.evaluation import evaluate
from service.evaluation_page import evaluation_page
from tests.service.test_browser import (
    CONTRASTS,
    LEAST_CONTRAST,
    PHONE,
    PICTURES,
    browser,  # noqa: F401 (a fixture)
)


@pytest.fixture(scope="module")
def html(model, small_rows):
    """Return the report of the small model."""
    return evaluation_page(evaluate(model, small_rows), sources=["公文 <1>.jsonl"], field="topic")


def test_the_page_needs_nothing_beside_it(html):
    """No script, nothing loaded, and what a file is called is text."""
    assert "<script" not in html
    for address in ('src="', "url(http", "@import", "<link"):
        assert address not in html
    assert html.count("http") == html.count("http://www.w3.org/2000/svg")
    assert '<html lang="zh-CN">' in html
    assert "公文 &lt;1&gt;.jsonl" in html


def test_headings_and_tables_are_named(html):
    """Each section is labelled by its heading, each table has a caption, each cell a head."""
    assert html.count("<section") == html.count("<h2 ")
    assert html.count("<table") == html.count("<caption") == html.count("<thead")
    assert html.count("<figure") == html.count("<details") == html.count('role="img"')
    assert html.count("<figure") >= 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_readable_on_a_phone(browser, html, tmp_path, scheme):  # noqa: F811
    """No scrolling of the whole page sideways, contrast of AA, nothing asked of the network."""
    file = tmp_path / "report.html"
    file.write_text(html, "utf-8")
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)
    page = context.new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: complaints.append(line.text))
    page.goto(file.as_uri())
    for summary in page.locator("summary").all():
        summary.click()

    contrasts = page.evaluate(CONTRASTS)

    page.screenshot(path=PICTURES / f"report-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert len(contrasts) > 100
    assert [(name, round(c, 2)) for name, c in contrasts if c < LEAST_CONTRAST] == []
    assert asked == [file.as_uri()]
    assert complaints == []
    context.close()


def test_the_page_can_be_printed(browser, html, tmp_path):  # noqa: F811
    """On paper the tables behind the pictures are there, and no picture is cut off."""
    file = tmp_path / "report.html"
    file.write_text(html, "utf-8")
    context = browser.new_context(viewport={"width": 720, "height": 1000})
    page = context.new_page()
    page.goto(file.as_uri())
    page.emulate_media(media="print")

    widest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect().right))"
    )
    hidden = page.evaluate(
        "[...document.querySelectorAll('details table')].filter(t => !t.offsetHeight).length"
    )

    assert widest <= 720
    assert hidden == 0
    context.close()
