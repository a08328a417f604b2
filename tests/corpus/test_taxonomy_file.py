"""Taxonomy files are read, and broken ones refused with their line."""

from __future__ import annotations

import pytest

from corpus.errors import InvalidTaxonomyError, UnreadableTextError
from corpus.taxonomy_file import read_taxonomy

CSV = "code,label,parent,aliases\n01,城乡建设,,城建|建设\n0101,住房,01,\n02,交通运输,,\n99,其他,,\n"
TOML = """
name = "own"
[[topic]]
code = "01"
label = "城乡建设"
aliases = ["城建", "建设"]

[[topic]]
code = "0101"
label = "住房"
parent = "01"
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_list_is_read(tmp_path, encoding):
    """Codes keep their zeros, aliases are split, 其他 is the catch-all."""
    path = tmp_path / "list.csv"
    path.write_bytes(CSV.encode(encoding))

    taxonomy = read_taxonomy(path)

    assert [topic.code for topic in taxonomy.topics] == ["01", "0101", "02", "99"]
    assert taxonomy.read("建设/住房") == taxonomy.topic("0101")
    assert taxonomy.catch_all == "99"


def test_a_toml_list_is_read(tmp_path):
    """TOML has the same fields and may name the list."""
    path = tmp_path / "list.toml"
    path.write_text(TOML, "utf-8")

    taxonomy = read_taxonomy(path)

    assert taxonomy.name == "own"
    assert taxonomy.print(taxonomy.topic("0101")) == "城乡建设-住房"
    assert taxonomy.catch_all is None


def test_a_list_may_have_one_level(tmp_path):
    """A list without parents has one level, and columns may come in any order."""
    path = tmp_path / "list.csv"
    path.write_text("parent,label,code\n,交通,a\n,教育,b\n", "utf-8")

    taxonomy = read_taxonomy(path)

    assert taxonomy.levels == 1
    assert [topic.label for topic in taxonomy.roots] == ["交通", "教育"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("code,label\n01,甲\n", 1, "parent is missing"),
        ("code,label,parent\n01,甲,\n01,乙,\n", 3, "second time"),
        ("code,label,parent\n01,,\n", 2, "label is empty"),
        ("code,label,parent\n,甲,\n", 2, "code is empty"),
        ("code,label,parent\n01,甲,\n02,乙,09\n", 3, "no topic '09'"),
        ("code,label,parent\n01,甲,\n02,乙,01\n03,丙,02\n", 4, "two levels at most"),
        ("code,label,parent\n01,甲,\n02,甲,\n", 3, "twice"),
        ("code,label,parent\n01,甲,01\n", 2, "stands above itself"),
        ("code,label,parent\n01,甲,02\n02,乙,01\n", 2, "stands above itself"),
        ("code,label,parent\n01,甲,,x,y\n", 2, "more cells than columns"),
        ('code,label,parent\n01,"甲,\n02,乙,\n', 2, "not CSV"),
        ("code,label,parent\n", None, "no topics"),
        ("", 1, "found: nothing"),
    ],
)
def test_a_broken_csv_list_names_its_line(tmp_path, text, line, said):
    """Each way to break a list is refused where it stands, with the remedy."""
    path = tmp_path / "list.csv"
    path.write_text(text, "utf-8")

    with pytest.raises(InvalidTaxonomyError, match=said) as caught:
        read_taxonomy(path)

    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[[topic]]\ncode = 1\nlabel = '甲'\n", 1, "not text"),
        ("\n\n[[topic]]\ncode = '1'\nlabel = '甲'\naliases = '乙'\n", 3, "list of texts"),
        (
            "[[topic]]\ncode = '1'\nlabel = '甲'\n[[topic]]\ncode = '1'\nlabel = '乙'\n",
            4,
            "second time",
        ),
        ("topic = 3\n", None, r"\[\[topic\]\] tables"),
        ("[[topic\n", None, "not TOML"),
        ("catch_all = '9'\n[[topic]]\ncode = '1'\nlabel = '甲'\n", None, "no code of this list"),
    ],
)
def test_a_broken_toml_list_names_its_line(tmp_path, text, line, said):
    """The line of a table is where it begins."""
    path = tmp_path / "list.toml"
    path.write_text(text, "utf-8")

    with pytest.raises(InvalidTaxonomyError, match=said) as caught:
        read_taxonomy(path)

    assert caught.value.line == line


def test_a_spreadsheet_is_no_taxonomy(tmp_path):
    """An Excel file under another name is refused as what it is."""
    path = tmp_path / "list.csv"
    path.write_bytes(b"PK\x03\x04\x14\x00")

    with pytest.raises(UnreadableTextError, match="xlsx"):
        read_taxonomy(path)
