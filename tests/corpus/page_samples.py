"""
Pages in the markup of each family of site, about places that do not exist, and what each says.

Every sample is the body of one notice in somebody else's frame: navigation, labels, tools, footer.
"""

from __future__ import annotations

import json

TEXT = (
    "<p>各乡镇人民政府，县直各部门：</p>"
    "<p>　　为做好农村公路养护工作，保障群众出行安全，现将有关事项通知如下。</p>"
    "<p>　　一、落实养护责任。各乡镇要明确专人，每月巡查路面，及时修补坑槽。</p>"
    "<table><tr><td>路线</td><td>里程</td></tr><tr><td>青石线</td><td>12.5公里</td></tr></table>"
    "<p>　　二、加强资金管理。养护资金专款专用，不得挪用，接受审计监督。</p>"
    "<p>青溪县人民政府</p><p>2024年3月12日</p>"
)
TITLE = "青溪县人民政府关于做好农村公路养护工作的通知"
NUMBER = "青政发〔2024〕5号"
INDEX = "QX0012345/2024-00156"
SITE = "青溪县人民政府网"
NAVIGATION = (
    "<div class='header'><ul class='nav'>"
    + "".join(
        f"<li><a href='/{n}/'>{t}</a></li>"
        for n, t in enumerate(["首页", "政务公开", "政务服务", "互动交流"])
    )
    + "</ul></div><div class='dqwz'>当前位置：<a href='/'>首页</a> &gt; <a href='/zw/'>政务公开</a></div>"
)
TOOLS = (
    "<div class='share'>分享到：<a href='#'>微信</a> <a href='#'>微博</a></div>"
    "<div>【<a href='javascript:window.print()'>打印</a>】【<a href='javascript:window.close()'>关闭</a>】</div>"
)
FOOTER = (
    "<div class='xgwz'><h3>相关文章</h3><ul><li><a href='/a/1.html'>青溪县公路条例解读</a> 2020-01-01</li></ul></div>"
    "<div class='footer'>主办单位：青溪县人民政府办公室 网站标识码：1234567890 版权所有 2019-2030</div>"
)
META = (
    f"<meta name='SiteName' content='{SITE}'><meta name='ArticleTitle' content='{TITLE}'>"
    "<meta name='PubDate' content='2024-03-14 09:30'><meta name='ContentSource' content='青溪县人民政府'>"
)


def whole(middle: str, *, head: str = "", title: str = f"{TITLE}_{SITE}") -> str:
    """Return a page with something in its middle."""
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title>{head}</head>"
        f"<body>{NAVIGATION}{middle}{TOOLS}{FOOTER}</body></html>"
    )


# The labels in every shape that sites give them, each with all five values.
_VALUES = (
    ("索 引 号：", INDEX),
    ("主题分类：", "工业、交通\\公路"),
    ("发文机关：", "青溪县人民政府"),
    ("成文日期：", "2024年03月12日"),
    ("标　　题：", TITLE),
    ("发文字号：", "青政发〔2024〕 5号"),
    ("发布日期：", "2024年03月14日"),
)


def _pairs(template: str) -> str:
    return "".join(template.format(label=label, value=value) for label, value in _VALUES)


def _four_columns() -> str:
    cells = [f"<td><b>{label}</b></td><td>{value}</td>" for label, value in _VALUES]
    rows = ["".join(cells[n : n + 2]) for n in range(0, len(cells), 2)]
    return "<table class='bd1'>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


BLOCKS: dict[str, str] = {
    "a table of four columns": _four_columns(),
    "a table of two columns": f"<table>{_pairs('<tr><td><span>{label}</span></td><td>{value}</td></tr>')}</table>",
    "heads and cells": f"<table class='xxgk_table'>{_pairs('<tr><th>{label}</th><td>{value}</td></tr>')}</table>",
    "a list of definitions": f"<div class='xxgkml-content'><dl>{_pairs('<dt>{label}</dt><dd>{value}</dd>')}</dl></div>",
    "one definition each": _pairs("<dl><dt>{label}</dt><dd>{value}</dd></dl>"),
    "items": f"<ul class='clearfix'>{_pairs('<li>{label}{value}</li>')}</ul>",
    "items with a strong label": f"<ul>{_pairs('<li><strong>{label}</strong>{value}</li>')}</ul>",
    "items with two spans": f"<ul>{_pairs('<li><span>{label}</span><span>{value}</span></li>')}</ul>",
    "labels and paragraphs": f"<ul>{_pairs('<li><label>{label}</label><p>{value}</p></li>')}</ul>",
    "blocks": _pairs(
        "<div class='row'><div class='l'>{label}</div><div class='r'>{value}</div></div>"
    ),
    "lines": "<div class='xxgk'>" + _pairs("{label}{value}<br>") + "</div>",
    "paragraphs": _pairs("<p class='x'>{label}{value}</p>"),
    "padded labels": f"<table>{_pairs('<tr><td>&nbsp;{label}&nbsp;</td><td>&nbsp;{value}&nbsp;</td></tr>')}</table>",
    "brackets": f"<ol>{''.join(f'<li>[{label.strip(chr(0xFF1A))}] <span>{value}</span></li>' for label, value in _VALUES)}</ol>",
    "written by a script": "<table>"
    + "".join(
        f"<tr><td>{label}</td><td><script>document.write({json.dumps(value, ensure_ascii=False)});</script></td></tr>"
        for label, value in _VALUES
    )
    + "</table>",
}

# The containers of the text, as the systems name them.
CONTAINERS: dict[str, str] = {
    "gov.cn": "<div class='pages_content' id='UCAP-CONTENT'>{}</div>",
    "gov.cn, a cell": "<table><tr><td class='b12c' id='UCAP-CONTENT'>{}</td></tr></table>",
    "UCAP": "<div><UCAPCONTENT>{}</UCAPCONTENT></div>",
    "TRS": "<div class=TRS_Editor>{}</div>",
    "TRS, view": "<div class='view TRS_UEDITOR trs_paper_default'>{}</div>",
    "JCMS": "<div id='zoom'><!--ZJEG_RSS.content.begin--><meta name='ContentStart'>{}<meta name='ContentEnd'><!--ZJEG_RSS.content.end--></div>",
    "JCMS, marks alone": "<div><!--<$[信息内容]>begin-->{}<!--<$[信息内容]>end--></div>",
    "Shanghai": "<div id='ivs_content' class='Article_content'>{}</div>",
    "Guangdong": "<div class='article-content'>{}</div>",
    "Jiangsu": "<div class='artile_zw'>{}</div>",
    "Epoint": "<div class='ewb-article-content'>{}</div>",
    "finance": "<div class='my_conboxzw'><div class='TRS_Editor'>{}</div></div>",
    "education": "<div class='moe-detail-box'><div class='TRS_Editor'>{}</div></div>",
    "commerce": "<div class='art-con art-con-bottonmLine'>{}</div>",
    "securities": "<div class='detail-news'>{}</div>",
    "cyberspace": "<div class='main-content' id='BodyLabel'>{}</div>",
    "Beijing": "<div class='mainTextBox' id='mainText'>{}</div>",
    "nobody's": "<div class='k17'><div class='k18'>{}</div></div>",
    "nobody's, a form": "<form id='f'><table><tr><td class='k17'>{}</td></tr></table></form>",
}
