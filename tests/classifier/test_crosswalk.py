"""A site's own list is read, and a broken one refused with its line."""

from __future__ import annotations

import pytest

from classifier.crosswalk import Crosswalk
from classifier.errors import InvalidCrosswalkError
from corpus.taxonomy_file import state_council

TAXONOMY = state_council()


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a crosswalk from text."""

    def read_text(text, encoding="utf-8"):
        path = tmp_path / "map.csv"
        path.write_bytes(text.encode(encoding))
        return Crosswalk.read(path, TAXONOMY)

    return read_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_codes_and_labels_lead_to_the_sites_topics(read, encoding):
    """Either way of naming a topic works, in any encoding of an office."""
    crosswalk = read("from,to\n0707,交通-公路\n科技、教育-教育,民生\n", encoding)

    assert crosswalk.to("0707").topic.label == "公路"
    assert crosswalk.to("0707").parent.label == "交通"
    assert crosswalk.to("1102").topic.code == "民生"
    assert crosswalk.to("1102").parent is None
    assert crosswalk.to("0402") is None


def test_a_first_level_covers_what_is_below_it(read):
    """Topics without a row of their own follow the level above; an empty to hides one."""
    crosswalk = read("from,to\n07,交通\n0711,\n0712,工业\n")

    assert crosswalk.to("0707").topic.code == "交通"
    assert crosswalk.to("0711") is None
    assert crosswalk.to("0712").topic.code == "工业"


def test_what_leads_nowhere_is_listed(read):
    """Leaves without a counterpart are listed; 其他 is no topic to miss."""
    crosswalk = read("from,to\n" + "".join(f"{n:02d},甲\n" for n in range(1, 21)))

    assert [topic.code for topic in crosswalk.without_counterpart] == ["2101", "2102"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a,b\n1,2\n", 1, "from, to is missing"),
        ("from,to\n9999,甲\n", 2, "no topic '9999'"),
        ("from,to\n0707,甲\n工业、交通-公路,乙\n", 3, "already leads elsewhere"),
        ("from,to\n,甲\n", 2, "no topic before it"),
        ("from,to\n0707,\n", None, "no topic leads anywhere"),
        ("", 1, "found: nothing"),
    ],
)
def test_a_broken_crosswalk_names_its_line(read, text, line, said):
    """Each mistake is refused where it stands, with the remedy."""
    with pytest.raises(InvalidCrosswalkError, match=said) as caught:
        read(text)

    assert caught.value.line == line
