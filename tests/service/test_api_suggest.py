"""Suggesting over HTTP: the shape of answers, and that nothing posted ever breaks the service."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from classifier.crosswalk import Crosswalk
from corpus.exchange import FIELDS
from service.api.schemas import AnswerSchema
from service.api.suggest import MOST_NOTICES
from service.app import create_app
from service.settings import Settings

ADDRESS = "/api/v1/suggest"
BATCH = "/api/v1/suggest/batch"
TITLE = "关于做好农村公路养护工作的通知"
BODY = "各乡镇人民政府：\n为做好农村公路养护和公路路面大修，治理超限超载，现将有关事项通知如下。"
ANSWER = [
    "notice", "verdict", "reason", "level_1", "suggestions", "pending", "warnings", "model",
]  # fmt: skip
SUGGESTION = [
    "code", "label", "parent", "probability", "verdict", "evidence", "from_issuing_body",
]  # fmt: skip
EVIDENCE = ["word", "field", "start", "end", "weight", "spans"]


@pytest.fixture(scope="module")
def answer(client):
    """Return the answer to an ordinary notice."""
    return client.post(ADDRESS, json={"title": TITLE, "body": BODY}).json()


def test_an_answer_has_the_documented_keys(answer):
    """All keys are there, in order, at every depth."""
    top = answer["suggestions"][0]

    assert list(answer) == ANSWER
    assert list(answer["notice"]) == list(FIELDS)
    assert list(answer["level_1"]) == ["code", "label", "probability", "verdict"]
    assert list(top) == SUGGESTION
    assert list(top["parent"]) == ["code", "label"]
    assert list(top["evidence"][0]) == EVIDENCE
    assert list(answer["model"]) == ["name", "digest"]


def test_an_answer_is_what_the_documentation_says(answer):
    """The schema of the interface holds the whole answer and nothing more."""
    assert AnswerSchema.model_validate(answer).model_dump(mode="json") == answer


def test_the_right_topic_is_on_top(answer):
    """A notice about roads is about roads, and its first level about transport."""
    assert answer["suggestions"][0]["code"] == "0707"
    assert answer["suggestions"][0]["parent"] == {"code": "07", "label": "工业、交通"}
    assert answer["level_1"]["code"] == "07"


def test_suggestions_are_ranked(answer):
    """Five of them, the most probable first."""
    probabilities = [suggestion["probability"] for suggestion in answer["suggestions"]]

    assert len(probabilities) == 5
    assert probabilities == sorted(probabilities, reverse=True)


def test_evidence_stands_where_it_says(answer):
    """Offsets cut the word out of the returned notice, at every place."""
    notice = answer["notice"]
    pieces = [piece for suggestion in answer["suggestions"] for piece in suggestion["evidence"]]

    assert pieces
    for piece in pieces:
        text = notice[piece["field"]]
        assert text[piece["start"] : piece["end"]] == piece["word"]
        assert all(text[start:end] == piece["word"] for start, end in piece["spans"])


def test_offsets_count_code_points(client):
    """A character outside the basic plane counts as one."""
    answer = client.post(ADDRESS, json={"title": f"😀𠮷{TITLE}"}).json()

    piece = next(e for e in answer["suggestions"][0]["evidence"] if "公路" in e["word"])
    assert piece["start"] == f"😀𠮷{TITLE}".index(piece["word"])


def test_a_whole_page_is_read(client):
    """A page pasted as body comes back as fields, with nothing missing and null elsewhere."""
    page = (
        f"索引号: QX2024000156\n发布机构: 青溪县交通运输局\n发布日期: 2024-03-12\n{TITLE}\n{BODY}"
    )
    notice = client.post(ADDRESS, json={"body": page}).json()["notice"]

    assert notice["index_number"] == "QX2024000156"
    assert notice["issuing_body"] == "青溪县交通运输局"
    assert notice["published_on"] == "2024-03-12"
    assert notice["title"] == TITLE
    assert notice["declared_topic"] is None
    assert notice["attachments"] == []


@pytest.mark.parametrize(
    ("notice", "said"),
    [
        ({}, "没有标题也没有正文"),
        ({"title": "", "body": " \n\u3000"}, "没有标题也没有正文"),
        ({"title": "\u0000\u0001\u001b\u200b"}, "没有标题也没有正文"),
        ({"body": "Annual report 2024"}, "没有汉字"),
        ({"body": "\ud800"}, "没有汉字"),
        ({"title": "饕餮"}, "没有模型认识的词语"),
    ],
)
def test_where_nothing_can_be_read_the_answer_abstains_with_a_reason(client, notice, said):
    """No suggestion is made up; level one is null."""
    response = client.post(ADDRESS, content=json.dumps(notice))

    answer = response.json()
    assert response.status_code == 200
    assert answer["verdict"] == "abstain"
    assert said in answer["reason"]
    assert answer["level_1"] is None
    assert answer["suggestions"] == []


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_the_limit_is_kept(client, limit):
    """As many topics as asked for, if the model has them."""
    answer = client.post(f"{ADDRESS}?limit={limit}", json={"title": TITLE}).json()

    assert len(answer["suggestions"]) == limit


@pytest.mark.parametrize("query", ["limit=0", "limit=21", "limit=many", "raw=perhaps"])
def test_a_wrong_parameter_is_named(client, query):
    """A query parameter out of range is refused by its name."""
    response = client.post(f"{ADDRESS}?{query}", json={"title": TITLE})

    assert response.status_code == 422
    assert query.split("=")[0] in response.json()["detail"]


def test_raw_terms_are_shown_on_request(client):
    """The characters and pairs of a title appear as they weigh, and stand where they say."""
    answer = client.post(f"{ADDRESS}?raw=true", json={"title": TITLE}).json()
    pieces = answer["suggestions"][0]["evidence"]

    assert any(len(piece["word"]) == 1 for piece in pieces)
    assert all(TITLE[piece["start"] : piece["end"]] == piece["word"] for piece in pieces)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("机密★1年\n关于农村公路养护的通知", "密级标志“机密★”"),
        ("关于农村公路养护的通知，联系人手机13800001234。", "手机号码（1处）"),
        ("关于农村公路养护的通知，身份证号110101190003070029。", "公民身份号码（1处）"),
    ],
)
def test_sensitive_text_is_answered_with_a_warning(client, text, warning):
    """The topics come all the same; the warning never repeats the number."""
    answer = client.post(ADDRESS, json={"body": text}).json()

    assert any(warning in line for line in answer["warnings"])
    assert not any("138" in line or "1101" in line for line in answer["warnings"])
    assert answer["suggestions"][0]["code"] == "0707"


def test_a_mark_of_secrecy_above_the_header_is_seen(client):
    """It stands at the very top of a document, above all labels."""
    page = f"机密★1年\n索引号: QX2024000156\n发布日期: 2024-03-12\n{TITLE}\n{BODY}"

    assert any(
        "密级" in line for line in client.post(ADDRESS, json={"body": page}).json()["warnings"]
    )


def test_a_site_is_answered_in_its_own_list(model, tmp_path):
    """With a crosswalk only the site's topics are named."""
    path = tmp_path / "map.csv"
    path.write_text("from,to\n0707,交通出行-道路\n1102,上学\n", "utf-8")
    mapped = model.mapped(Crosswalk.read(path, model.taxonomy))

    with TestClient(create_app(mapped, Settings())) as site:
        answer = site.post(ADDRESS, json={"title": TITLE}).json()

    assert [suggestion["code"] for suggestion in answer["suggestions"]] == ["交通出行-道路", "上学"]
    assert answer["suggestions"][0]["parent"]["label"] == "交通出行"
    assert answer["suggestions"][1]["parent"] is None


def test_long_texts_are_answered_like_short_ones(model, client):
    """Whether a text is read in the loop or in a thread makes no difference to the answer."""
    notice = {"title": TITLE, "body": BODY * 20}

    with TestClient(create_app(model, Settings(inline_limit=0))) as threaded:
        answer = threaded.post(ADDRESS, json=notice).json()

    assert answer == client.post(ADDRESS, json=notice).json()


def test_two_hundred_pages_are_answered(client):
    """A text of 400,000 characters is an ordinary notice, only longer."""
    body = (BODY * 10_000)[:400_000]

    response = client.post(ADDRESS, content=json.dumps({"body": body}, ensure_ascii=False))

    assert response.status_code == 200
    assert response.json()["suggestions"][0]["code"] == "0707"


def test_a_batch_is_answered_in_order(client):
    """Each notice has its answer, the same as alone."""
    notices = [
        {"title": title} for title in (TITLE, "关于义务教育招生的意见", "增值税申报管理办法")
    ]

    answers = client.post(BATCH, json={"notices": notices}).json()

    assert answers == {"answers": [client.post(ADDRESS, json=notice).json() for notice in notices]}
    assert [a["suggestions"][0]["code"] for a in answers["answers"]] == ["0707", "1102", "0402"]


def test_a_bare_list_is_a_batch_too(client):
    """The word notices may be left out."""
    assert len(client.post(BATCH, json=[{"title": TITLE}]).json()["answers"]) == 1


def test_an_empty_batch_has_no_answers(client):
    """Nothing in, nothing out."""
    assert client.post(BATCH, json={"notices": []}).json() == {"answers": []}


def test_256_notices_are_answered(client):
    """As many as promised."""
    response = client.post(BATCH, json={"notices": [{"title": TITLE}] * MOST_NOTICES})

    assert len(response.json()["answers"]) == 256


def test_257_notices_are_too_many(client):
    """One more is refused, saying how many may come."""
    response = client.post(BATCH, json={"notices": [{"title": TITLE}] * (MOST_NOTICES + 1)})

    assert response.status_code == 422
    assert "257" in response.json()["detail"]
    assert "256" in response.json()["detail_en"]


def test_a_bad_notice_of_a_batch_is_found(client):
    """The path says which notice and which field."""
    response = client.post(BATCH, json={"notices": [{"title": TITLE}, {"title": 5}]})

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "notices[1].title"


@pytest.mark.parametrize("value", [{}, {"notices": {}}, {"notices": None}, {"title": "x"}, 5])
def test_a_batch_without_a_list_is_refused(client, value):
    """What is no list of notices is refused, showing one."""
    response = client.post(BATCH, json=value)

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "notices"


WRONG = {"object": {"a": 1}, "list": [1], "number": 5, "fraction": 0.5, "boolean": True}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (name, kind)
        for name in FIELDS
        for kind in WRONG
        # Numbers may be identifiers.
        if not (kind == "number" and name in {"id", "index_number"})
    ],
)
def test_a_wrong_type_names_its_field_in_both_languages(client, name, kind):
    """Every field refuses every type that is not its own."""
    response = client.post(ADDRESS, json={name: WRONG[kind]})

    problem = response.json()
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["errors"][0]["field"].startswith(name)
    assert problem["detail"].startswith(name)
    assert problem["detail_en"].startswith(name)


@pytest.mark.parametrize("value", [{"a": 1}, [1], "text", [{"name": 5}], [{"name": "a", "url": 5}]])
def test_the_chinese_sentence_has_no_english_in_it(client, value):
    """What was found is said in the language of the sentence."""
    problem = client.post(ADDRESS, json={"attachments": value}).json()

    assert "JSON" not in problem["detail"]
    assert "object" not in problem["detail"]
    assert "expected" in problem["detail_en"]


def test_a_date_that_is_none_is_shown(client):
    """The message repeats what was found and shows what was expected."""
    problem = client.post(ADDRESS, json={"written_on": "2024年13月1日"}).json()

    assert problem["status"] == 422
    assert "2024年13月1日" in problem["detail"]
    assert "2024-05-31" in problem["detail_en"]


def test_a_request_without_any_known_field_lists_them(client):
    """A misspelt field is not silently an empty notice."""
    problem = client.post(ADDRESS, json={"titel": TITLE}).json()

    assert problem["status"] == 422
    assert "title" in problem["detail"]
    assert "body" in problem["detail_en"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n",
        b"{",
        b"{'title': 'x'}",
        b'{"title": "x"} {}',
        b'{"title": "\x00"}',
        b'{"title": "x',
        '{"title": "农村公路养护"}'.encode("gbk"),
        b"\xff\xfe\x00",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"\x00" * 1000,
        b"[" * 100_000,
        b'{"title":' * 50_000,
        b'{"id": ' + b"9" * 5000 + b"}",
        b"title=x&body=y",
    ],
)
@pytest.mark.parametrize("address", [ADDRESS, BATCH])
def test_what_is_no_json_is_answered_400(client, address, content):
    """Broken, foreign or bottomless bodies are refused in both languages."""
    response = client.post(address, content=content)

    problem = response.json()
    assert response.status_code == 400
    assert problem["title"] == "请求不是有效的 JSON"
    assert problem["detail_en"]


@pytest.mark.parametrize("content", [b"NaN", b"null", b"true", b"1e999", b'"text"', b"[]", b"-0.0"])
def test_what_is_no_notice_is_answered_422(client, content):
    """JSON that is no object is refused."""
    assert client.post(ADDRESS, content=content).status_code == 422


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 4000])
def test_numbers_out_of_all_bounds_are_no_text(client, number):
    """Where text is expected, no number will do, whatever its size."""
    response = client.post(ADDRESS, content=b'{"title": ' + number + b"}")

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "title"


def test_a_byte_order_mark_does_no_harm(client):
    """Old editors put one first."""
    content = b"\xef\xbb\xbf" + json.dumps({"title": TITLE}).encode()

    assert client.post(ADDRESS, content=content).json()["suggestions"][0]["code"] == "0707"


def test_half_a_surrogate_pair_is_replaced(client):
    """JSON can spell what no encoding can carry; the answer can be sent all the same."""
    response = client.post(ADDRESS, content=rb'{"title": "\ud800", "body": "\udfff\u516c\u8def"}')

    assert response.status_code == 200
    assert response.json()["notice"]["title"] == "\ufffd"


def test_control_characters_are_dropped(client):
    """What nobody can see is neither shown nor counted in offsets."""
    title = "\u0000关于\u0007农村\u001b公\u200b路养护的通知\ufeff"

    answer = client.post(ADDRESS, json={"title": title}).json()

    assert answer["notice"]["title"] == "关于农村公路养护的通知"


def test_one_character_is_answered(client):
    """A single character is little to go by, but no error."""
    assert client.post(ADDRESS, json={"body": "路"}).status_code == 200


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=12,
)
_NOTICES = st.dictionaries(
    st.sampled_from(FIELDS),
    st.text()
    | st.sampled_from(["2024-03-12", "索引号:\n主题分类:", TITLE, "\ud800", None])
    | _JSON,
    min_size=1,
)


def _is_answered(response):
    """Return whether a response is an answer, or a problem said in both languages."""
    if response.status_code == 200:
        return set(response.json()) in ({"answers"}, set(ANSWER))
    problem = response.json()
    return response.status_code in {400, 422} and problem["detail"] and problem["detail_en"]


@given(value=_NOTICES | _JSON, address=st.sampled_from([ADDRESS, BATCH]))
@settings(deadline=None)
def test_any_json_is_answered(client, value, address):
    """Whatever JSON comes in, an answer or a problem goes out, never a failure."""
    assert _is_answered(client.post(address, content=json.dumps(value)))


@given(content=st.binary(max_size=300), address=st.sampled_from([ADDRESS, BATCH]))
@settings(deadline=None)
def test_any_bytes_are_answered(client, content, address):
    """Nor do bytes that are no JSON at all break anything."""
    assert _is_answered(client.post(address, content=content))


@given(text=st.text())
@settings(deadline=None)
def test_evidence_of_any_text_stands_where_it_says(client, text):
    """Whatever stands around the words, their offsets are right."""
    answer = client.post(ADDRESS, content=json.dumps({"title": text, "body": f"{text}公路{text}"}))

    for suggestion in answer.json()["suggestions"]:
        for piece in suggestion["evidence"]:
            field = answer.json()["notice"][piece["field"]]
            assert field[piece["start"] : piece["end"]] == piece["word"]


def test_the_text_is_not_logged(client, caplog):
    """Neither an answer nor a refusal leaves a word of the notice in the log."""
    caplog.set_level(logging.DEBUG)

    client.post(ADDRESS, json={"title": "桫椤公路养护", "body": "鹡鸰13800001234"})
    client.post(ADDRESS, json={"title": "桫椤", "written_on": "鹡鸰"})
    client.post(ADDRESS, content='{"title": "桫椤鹡鸰'.encode())

    assert "桫椤" not in caplog.text
    assert "鹡鸰" not in caplog.text
    assert "13800001234" not in caplog.text
