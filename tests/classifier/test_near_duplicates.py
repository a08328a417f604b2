"""Copies are found, and different notices are left apart."""

from __future__ import annotations

from classifier.features import Cut
from classifier.near_duplicates import group

SUBJECTS = ["公路", "学校", "医院", "税收", "养老", "消防", "水利", "林业", "旅游", "文物"]


def _body(words: list[str]) -> tuple[str, ...]:
    return tuple(f"{first}{second}" for first in words for second in SUBJECTS)


def test_versions_of_one_title_are_one_group():
    """Another year or revision is the same document."""
    titles = [
        "青溪县城市市容和环境卫生管理条例（2018修正）",
        "青溪县城市市容和环境卫生管理条例（2020修正）",
        "青溪县义务教育招生办法",
    ]

    groups = group([Cut((title,), ()) for title in titles])

    assert groups.tolist() == [0, 0, 2]


def test_bodies_that_overlap_are_one_group():
    """The same text under another title is a copy."""
    same, other = _body(SUBJECTS[:5]), _body(SUBJECTS[5:])

    groups = group([Cut(("甲",), same), Cut(("乙",), other), Cut(("丙",), (*same, "尾声"))])

    assert groups.tolist() == [0, 1, 0]


def test_groups_that_share_a_notice_are_one():
    """Alike by title here and by body there: all three stay together."""
    body = _body(SUBJECTS[:5])
    title = "关于做好农村公路养护工作的通知"

    groups = group([Cut((title,), ()), Cut((title,), body), Cut(("另一件事的公告",), body)])

    assert groups.tolist() == [0, 0, 0]


def test_what_is_too_short_to_tell_stays_apart():
    """Empty notices and two-character titles are not copies of each other."""
    groups = group([Cut((), ()), Cut((), ()), Cut(("通知",), ()), Cut(("通知",), ())])

    assert groups.tolist() == [0, 1, 2, 3]
