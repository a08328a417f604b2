"""A title is found where it stands, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.title import find_title, tidy_title


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            "关于加强农村公路养护的通知\n各乡镇人民政府：\n现通知如下。",
            "关于加强农村公路养护的通知",
            id="above the addressee",
        ),
        pytest.param(
            "青溪县人民政府办公室\n关于加强农村公路\n养护工作的通知\n各乡镇：\n现通知如下。",
            "青溪县人民政府办公室关于加强农村公路养护工作的通知",
            id="on three lines",
        ),
        pytest.param(
            "各乡镇：\n现将方案印发给你们。\n青溪县交通局\n2024年3月8日\n农村公路养护\n实施方案\n为保障出行，制定本方案。",
            "农村公路养护实施方案",
            id="below a cover order",
        ),
        pytest.param(
            "各乡镇：\n现印发《青溪县农村公路养护管理办法》，请认真执行。",
            "青溪县农村公路养护管理办法",
            id="in the order's sentence",
        ),
        pytest.param(
            "各乡镇：\n《农村公路养护管理办法（试行）》已经县政府同意，请执行。",
            "农村公路养护管理办法（试行）",
            id="in the order's sentence, before the verb",
        ),
        pytest.param(
            "1.关于 农村公路 养护的通知\n各乡镇：\n现通知如下。",
            "关于农村公路养护的通知",
            id="with numbering and blanks",
        ),
        pytest.param(
            "青交〔2024〕56号青溪县交通局关于做好农村公路养护的通知各乡镇：为做好养护工作，",
            "青溪县交通局关于做好农村公路养护的通知",
            id="run into the text",
        ),
        pytest.param(
            "青溪县政府关于加快养护市场　　发展的若干意见　　青政发〔2024〕9号各乡镇：　　养护",
            "青溪县政府关于加快养护市场发展的若干意见",
            id="run into its number",
        ),
        pytest.param(
            "中华人民共和国航道法\n2014年12月28日 通过\n第一条 为了规范和加强航道建设，制定本法。",
            "中华人民共和国航道法",
            id="of a law",
        ),
        pytest.param(
            "青交﹝2024﹞５号\n青溪县交通局\n关于做好公路养护的通知\n各乡镇：\n现通知如下。",
            "青溪县交通局关于做好公路养护的通知",
            id="below its number",
        ),
        pytest.param(
            "一、青溪县政府关于加强\n公路养护工作的意见\n各乡镇：\n现提出如下意见。",
            "青溪县政府关于加强公路养护工作的意见",
            id="with a number before it, on two lines",
        ),
        pytest.param(
            "(一)关于加强公路养护工作的通知\n各乡镇：\n现通知如下。",
            "关于加强公路养护工作的通知",
            id="with a number in brackets",
        ),
        pytest.param(
            "标题:\n关于公路养护的通知\n各乡镇：\n现通知如下。",
            "关于公路养护的通知",
            id="below its label",
        ),
        pytest.param(
            "农村公路养护管理办法\n第一条 为了加强养护，制定本办法。",
            "农村公路养护管理办法",
            id="alone",
        ),
    ],
)
def test_a_title_is_found(body, expected):
    """Wherever real notices have it, the title is found whole."""
    assert find_title(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "为加强农村公路养护，根据省政府关于公路工作的意见，现提出如下要求。",
        "（三）加强宣传教育，增强保护意识，落实好关于农村公路的各项规定。",
        "根据上级关于做好公路养护工作的通知\n要求，现就有关事项说明。",
        "一、总体要求\n坚持政府主导。",
        "",
        "\n\n",
    ],
)
def test_running_text_has_no_title(body):
    """A sentence is no title, however many words of one are in it."""
    assert find_title(body) is None


@given(st.text())
def test_a_title_is_tidy(text):
    """No line break and no blank at its ends is left in a title."""
    title = tidy_title(text)

    assert title == title.strip()
    assert "\n" not in title
