"""What should not be published is noticed, and nothing else is."""

from __future__ import annotations

import pytest

from corpus.sensitive import find_sensitive

# An invented number with a valid check digit; the district code 110101 is real, the rest is not.
IDENTITY = "11010119000307002"
CHECK = "10X98765432"[
    sum(
        w * int(d)
        for w, d in zip(
            (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), IDENTITY, strict=True
        )
    )
    % 11
]


@pytest.mark.parametrize("mark", ["秘密★", "机密★1年", "绝密 ★", "机密☆"])
def test_a_mark_of_secrecy_is_noticed(mark):
    """All three marks, with and without blanks."""
    assert "密级" in find_sensitive(f"{mark}\n关于公路的通知")[0]


def test_an_identity_number_is_noticed_but_not_repeated():
    """The warning says how many, never which."""
    (warning,) = find_sensitive(f"申请人身份证号{IDENTITY}{CHECK}。")

    assert "公民身份号码" in warning
    assert IDENTITY not in warning


@pytest.mark.parametrize("number", ["13800001234", "138-0000-1234", "+86 138 0000 1234"])
def test_a_mobile_number_is_noticed(number):
    """However it is written."""
    assert "手机号码" in find_sensitive(f"联系电话：{number}，欢迎来电")[0]


@pytest.mark.parametrize(
    "text",
    [
        "索引号：SY0024782510201900030",
        "统一社会信用代码 91310000MA1FL0000X",
        f"账号{IDENTITY}{'0' if CHECK != '0' else '1'}",
        "电话：021-59612345",
        "本秘密工作制度自2024年起施行",
        "编号 1380000123456",
    ],
)
def test_other_numbers_are_left_in_peace(text):
    """Index numbers, credit codes, accounts and offices' telephones are no personal data."""
    assert find_sensitive(text) == ()
