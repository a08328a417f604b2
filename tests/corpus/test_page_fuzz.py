"""Whatever bytes come, a page is read or refused by name, and soon."""

from __future__ import annotations

import importlib.util
import os
import random
import time
from pathlib import Path

import pytest

from corpus.errors import RefusedPageError
from corpus.page import read_fragment, read_page
from corpus.page_encoding import decode_page
from corpus.page_listing import read_listing

PAGES = Path(__file__).parents[3] / "shared" / "pages"
# How many inputs; the full count is asked for by hand.
COUNT = int(os.environ.get("ZHUTI_TEST_PAGES", "150"))
URL = "https://www.qingxi.example/zw/1.html"
SECONDS = 2.0
_SPEC = importlib.util.spec_from_file_location(
    "page_samples", Path(__file__).with_name("page_samples.py")
)
assert _SPEC is not None
assert _SPEC.loader is not None
samples = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(samples)


@pytest.fixture(scope="module")
def pages() -> list[bytes]:
    """Return pages to make others from: ours, and the real ones where they are."""
    own = [
        samples.whole(block + container.format(samples.TEXT), head=samples.META).encode()
        for block in samples.BLOCKS.values()
        for container in list(samples.CONTAINERS.values())[::4]
    ]
    return own[::3] + [path.read_bytes() for path in sorted(PAGES.rglob("*.html"))]


def _changed(pages: list[bytes], chance: random.Random) -> bytes:
    """Return a page that is cut, mixed with another, repeated, or has bytes changed."""
    page = chance.choice(pages)
    for _ in range(chance.randrange(1, 4)):
        a, b = sorted(chance.randrange(len(page) + 1) for _ in range(2))
        kind = chance.randrange(6)
        if kind == 0:
            page = page[:a] + page[b:]
        elif kind == 1:
            other = chance.choice(pages)
            c, d = sorted(chance.randrange(len(other) + 1) for _ in range(2))
            page = page[:a] + other[c:d] + page[b:]
        elif kind == 2:
            page = page[:a] + page[a : a + 40] * chance.randrange(200) + page[a:]
        elif kind == 3:
            page = page[:a] + chance.randbytes(chance.randrange(60)) + page[a:]
        elif kind == 4:
            page = page[a:b]
        else:
            tag = chance.choice(
                [b"<div>", b"<table><tr><td>", b"<b>", b"</div>", b"<!--", b"<![CDATA["]
            )
            page = page[:a] + tag * chance.randrange(300) + page[a:]
        page = page[:600_000]
    return page


@pytest.mark.parametrize("part", range(3))
def test_no_page_breaks_the_reader(part, pages):
    """Nothing but our own errors, and no page takes over two seconds of the processor."""
    for seed in range(part, COUNT, 3):
        page = _changed(pages, random.Random(seed))  # noqa: S311 (nothing is secret here)
        for read in (read_page, read_listing):
            started = time.process_time()
            try:
                read(page, URL)
            except RefusedPageError as error:
                assert error.kind  # noqa: PT017
            assert time.process_time() - started < SECONDS, (seed, read.__name__)


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 100_000,
        b"<table><tr><td>" * 20_000,
        b"<a href='x'>" * 50_000,
        "<p>索引号：</p>".encode() * 20_000,
        "<li><a href='1.html'>关于公路养护的通知</a>2024-01-01</li>".encode() * 5_000,
        b"<" * 200_000,
        b"&#" * 100_000,
        b"&#x110000;&#0;&#xD800;" * 1000,
        ("青" * 1_000_000).encode(),
        b"<p " + b"a='1' " * 50_000 + b">",
        b"<!--" * 50_000,
        (b"<record><![CDATA[<li>" * 3000),
        "发布日期：\n".encode() * 30_000,
        b"\0" * 100_000,
    ],
    ids=range(14),
)
def test_pages_made_to_take_long_do_not(page):
    """Depth, length and repetition have bounds."""
    for read in (read_page, read_listing):
        started = time.process_time()
        try:
            read(page, URL)
        except RefusedPageError as error:
            assert error.kind  # noqa: PT017
        assert time.process_time() - started < SECONDS
    read_fragment(decode_page(page), URL)
