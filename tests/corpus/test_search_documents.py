"""What the index holds of a notice says the same as the notice."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.fields import same_document_number
from corpus.index_documents import _periods, expires, periods_between
from corpus.notice import Notice
from corpus.query import typed_number

NEAR = st.dates(date(2023, 11, 1), date(2025, 3, 1)) | st.dates()


@settings(deadline=None)
@given(last=NEAR, made_on=NEAR, today=NEAR)
def test_a_notice_is_over_behind_its_last_day(last, made_on, today):
    """By the mark of the day the index was made, or by a period since; not on the day itself."""
    notice = Notice(expires_on=last)
    marked = expires(notice) <= made_on.toordinal()

    since = periods_between(made_on, today)

    assert marked is (last < made_on)
    assert (not set(since).isdisjoint(_periods(notice))) is (made_on <= last < today)


@given(first=st.dates(), days=st.integers(0, 4000))
def test_the_periods_between_two_days_are_few(first, days):
    """Days up to the month's end, months up to the year's, years, and back again."""
    found = periods_between(first, date.fromordinal(min(first.toordinal() + days, 3_652_059)))

    assert len(found) == len(set(found)) <= days // 365 + 2 * (11 + 30)


@pytest.mark.parametrize(
    ("printed", "over"),
    [
        ("失效", True),
        ("已废止", True),
        ("全文失效", True),
        ("否", True),
        ("无效", True),
        ("有效", False),
        ("现行有效", False),
        ("部分失效", False),
        ("未失效", False),
        (None, False),
    ],
)
def test_what_a_page_says_of_its_validity_counts(printed, over):
    """Where it says that it is over, it is, whatever its dates say."""
    notice = Notice(validity=printed, expires_on=date(2999, 1, 1))

    assert (expires(notice) == 0) is over


NUMBERS = st.tuples(
    st.sampled_from(["青政发", "青政办函"]),
    st.sampled_from(["〔{}〕", "[{}]", "（{}）", "【{}】", "﹝{}﹞", "〈{}〉"]),
    st.sampled_from(["2023", "2024"]),
    st.sampled_from(["", "第", " ", "0", "第00"]),
    st.sampled_from(["7", "70"]),
).map(lambda part: f"{part[0]}{part[1].format(part[2])}{part[3]}{part[4]}号")


@settings(deadline=None)
@given(one=NUMBERS, other=NUMBERS)
def test_numbers_are_the_same_as_everywhere(one, other):
    """Search compares document numbers as the rest of the house does."""
    assert (typed_number(one) == typed_number(other)) is same_document_number(one, other)
