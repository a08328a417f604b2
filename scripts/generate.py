"""
Made-up notices, as many as wanted, to measure with: 600 characters each on average.

They are recombined from sentences: of the notices beside the project where those are there, since
their words are as many and as unevenly frequent as real ones; else of those written below. The
same seed gives the same notices.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.notice import Notice
from corpus.paste import complete
from corpus.taxonomy_file import state_council

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "notices.jsonl.gz"
# fmt: off
_PLACES = (
    "青溪县", "石桥镇", "云岭市", "白鹭区", "长汀乡", "南屏县", "桃源市", "松坪镇", "双河市",
    "临江区", "金沙县", "望海市", "竹山县", "柳林区", "平湖市", "宝塔区", "凤鸣县", "龙泉镇",
    "清源市", "北仓区",
)
# fmt: on
# fmt: off
_BODIES = (
    "人民政府", "人民政府办公室", "教育局", "财政局", "民政局", "卫生健康局", "交通运输局",
    "农业农村局", "水利局", "市场监督管理局", "人力资源和社会保障局", "住房和城乡建设局",
    "生态环境局", "应急管理局", "发展和改革局",
)
# fmt: on
# fmt: off
_SUBJECTS = (
    "农村公路养护", "义务教育招生", "最低生活保障", "住房公积金贷款", "城乡居民基本医疗保险",
    "安全生产检查", "森林防火", "防汛抗旱", "政府信息公开", "优化营商环境", "高标准农田建设",
    "老旧小区改造", "养老服务补贴", "食品安全监督抽检", "生活垃圾分类", "污染防治",
    "招标投标管理", "增值税申报", "就业见习", "知识产权保护", "传染病监测", "文物保护",
    "社会信用体系建设", "乡村振兴", "电动自行车管理", "饮用水水源保护", "规范性文件清理",
    "学前教育普及", "残疾人康复", "农机购置补贴",
)
# fmt: on
_SENTENCES = (
    "为进一步做好{0}工作，根据上级有关要求，结合{1}实际，现就有关事项通知如下。",
    "各乡镇人民政府、街道办事处要高度重视{0}，明确责任分工，细化工作措施。",
    "{1}将{0}纳入年度目标考核，实行月调度、季通报、年考评。",
    "申请人应当在规定期限内提交{0}所需材料，逾期不再受理。",
    "对{0}中发现的突出问题，要建立台账，限期整改，逐项销号。",
    "要充分利用广播、电视、网站和政务新媒体，广泛宣传{0}的政策和成效。",
    "财政部门要统筹安排资金，保障{0}顺利开展，严禁截留、挤占和挪用。",
    "{1}成立{0}领导小组，由分管负责同志任组长，成员单位各负其责。",
    "本办法自印发之日起施行，有效期五年，此前有关{0}的规定同时废止。",
    "各单位要于每季度末将{0}进展情况报送{1}，重大情况随时报告。",
    "从事{0}的企业和个人应当遵守国家法律法规，接受主管部门的监督检查。",
    "力争到本年度末，{0}覆盖率达到95%以上，群众满意度明显提升。",
    "违反本规定的，由{1}责令限期改正；情节严重的，依法追究责任。",
    "鼓励社会力量参与{0}，符合条件的给予一次性奖励。",
    "经研究，同意{1}关于{0}的实施方案，请认真组织实施。",
)
_FORMS = (
    "{1}关于做好{0}工作的通知",
    "{1}关于印发《{0}实施方案》的通知",
    "{1}关于加强{0}的意见",
    "{1}关于{0}情况的通报",
    "{1}关于{0}有关问题的批复",
    "{1}关于{0}的公告",
    "{0}管理办法",
    "{1}关于开展{0}的函",
)
_SENTENCE = re.compile(r"[^。\n]{8,120}。")
_LENGTH, _SPREAD, _SHORTEST = 600, 200, 60
_DAYS = 25 * 365
_FIRST_DAY = date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class Parts:
    """What notices are put together from; a title comes with its topic, where that is known."""

    titles: tuple[tuple[str, str | None], ...]
    sentences: tuple[str, ...]
    bodies: tuple[str, ...]


def read_parts(path: Path | None) -> Parts:
    """Return the parts of a file of real notices, or those written here."""
    if path is None:
        return _own_parts()
    titles: dict[tuple[str, str | None], None] = {}
    sentences: dict[str, None] = {}
    bodies: set[str] = set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            notice = json.loads(line)
            if notice["title"]:
                titles[notice["title"], notice.get("topic")] = None
            if notice["issuing_body"]:
                bodies.add(notice["issuing_body"])
            sentences.update(dict.fromkeys(_SENTENCE.findall(notice["body"] or "")))
    return Parts(tuple(titles), tuple(sentences), tuple(sorted(bodies)))


def _own_parts() -> Parts:
    """Return the parts that are written here."""
    bodies = tuple(place + body for place, body in product(_PLACES, _BODIES))
    titles = (form.format(*pair) for form, pair in product(_FORMS, product(_SUBJECTS, bodies)))
    sentences = (
        text.format(*pair) for text, pair in product(_SENTENCES, product(_SUBJECTS, bodies))
    )
    return Parts(tuple((title, None) for title in titles), tuple(sentences), bodies)


def make_notices(count: int, *, seed: int, parts: Parts) -> Iterator[dict[str, Any]]:
    """Yield made-up notices as JSON, with the fields that filters and counts need."""
    chance = random.Random(seed)  # noqa: S311 (nothing is secret here)
    codes = [topic.code for topic in state_council().topics]
    for number in range(1, count + 1):
        title, topic = _one(chance, parts.titles)
        # Few bodies issue most notices, and there are more of every year than of the one before.
        body = parts.bodies[int(len(parts.bodies) * chance.random() ** 2)]
        day = _FIRST_DAY + timedelta(days=int(_DAYS * chance.random() ** 0.5))
        yield {
            "id": f"made-up-{seed}-{number}",
            "title": title,
            "body": _text(chance, parts.sentences),
            "issuing_body": body,
            "index_number": f"QX{seed:03}{day.year}{number:07}",
            "document_number": f"青政发〔{day.year}〕{number}号",
            "written_on": day.isoformat(),
            "published_on": (day + timedelta(days=chance.randrange(30))).isoformat(),
            "expires_on": (day + timedelta(days=5 * 365)).isoformat()
            if chance.random() < 1 / 4
            else None,
            "document_type": _kind(title),
            "declared_topic": topic or _one(chance, codes),
        }


def _text(chance: random.Random, sentences: tuple[str, ...]) -> str:
    """Return a text of some 600 characters."""
    wanted = max(_SHORTEST, chance.gauss(_LENGTH, _SPREAD))
    chosen: list[str] = []
    length = 0.0
    while length < wanted:
        sentence = _one(chance, sentences)
        # The last one comes as often as it brings the text nearer to its length.
        if length + len(sentence) / 2 > wanted and chosen:
            break
        chosen.append(sentence)
        length += len(sentence) + 1
    return "\n".join(chosen)


@lru_cache(maxsize=100_000)
def _kind(title: str) -> str | None:
    """Return the kind of document that a title names."""
    return complete(Notice(title=title)).document_type


def _one(chance: random.Random, values: Any) -> Any:
    """Return one of some values."""
    return values[int(len(values) * chance.random())]


def main() -> None:
    """Write notices to standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--own", action="store_true", help="only the sentences written here")
    chosen = parser.parse_args()
    parts = read_parts(SHARED if SHARED.is_file() and not chosen.own else None)
    for notice in make_notices(chosen.count, seed=chosen.seed, parts=parts):
        sys.stdout.write(json.dumps(notice, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
