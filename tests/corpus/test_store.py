"""Notices are kept: whole, once, in the order of their arrival, and with what became of them."""

from __future__ import annotations

import string
import tracemalloc
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from corpus.errors import UnknownAttachmentError, UnknownNoticeError
from corpus.identity import cleaned, content_digest, identity, made_id
from corpus.notice import Attachment, Notice
from corpus.schema import ATTACHMENTS
from corpus.store import Corpus
from corpus.stored import Change, Source, State
from corpus.taxonomy import Taxonomy, Topic

WHOLE = Notice(
    id="qingxi-2024-15",
    url="https://www.qingxi.example/zwgk/15.html",
    title="青溪县人民政府办公室关于做好农村公路养护工作的通知",
    body="各乡镇人民政府：\n现就农村公路养护通知如下。",
    issuing_body="青溪县人民政府办公室",
    index_number="00012345-6/2024-00015",
    document_number="青政办发〔2024〕15号",
    document_type="通知",
    written_on=date(2024, 2, 28),
    published_on=date(2024, 3, 1),
    effective_on=date(2024, 4, 1),
    expires_on=date(2029, 3, 31),
    validity="有效",
    keywords="公路;养护",
    declared_topic="工业、交通-公路",
    attachments=(
        Attachment("养护计划表.xlsx", "https://www.qingxi.example/1.xlsx"),
        Attachment("说明"),
    ),
)
_TEXTS = st.none() | st.text(st.characters(exclude_categories=()), max_size=200)
_FIELDS = {
    field.name: st.none() | st.dates() if field.name.endswith("_on") else _TEXTS
    for field in fields(Notice)
    if field.name not in {"id", "url", "attachments"}
}
_numbers = count()


def _notices(number, **others):
    return [Notice(id=f"n-{n}", title=f"通知{n}", **others) for n in range(number)]


def _said(stored):
    return [(notice.id, notice.revision) for notice in stored]


def test_all_fields_of_a_notice_survive(corpus):
    """What was put in comes out, with the day it came and the theme it was printed with."""
    before = datetime.now(UTC)

    change = corpus.add(WHOLE, by="导入")
    stored = corpus.get("qingxi-2024-15")

    assert change == Change("new", "qingxi-2024-15", 1)
    assert stored.notice == WHOLE
    assert stored.identity == WHOLE.url
    assert stored.digest == content_digest(WHOLE)
    assert (stored.state, stored.revision) == (State.LIVE, 1)
    assert (stored.topic, stored.topic_source) == ("0707", Source.ISSUER)
    assert before <= stored.stored_at == stored.changed_at <= datetime.now(UTC)
    assert stored.stored_at.tzinfo is UTC


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(
    notice=st.builds(
        Notice,
        **_FIELDS,
        url=st.sampled_from([None, "内网", "https://law.example/"]),
        attachments=st.lists(st.builds(Attachment, st.text(max_size=20), _TEXTS), max_size=3).map(
            tuple
        ),
    )
)
def test_a_notice_survives_the_store(corpus, notice):
    """Any text, any day: what a database cannot hold is cleaned away, the rest stays."""
    number = next(_numbers)
    url = f"{notice.url}{number}" if notice.url else None
    notice = replace(notice, id=f"law-{number}", url=url)

    change = corpus.add(notice, by="law")

    assert corpus.get(change.id).notice == cleaned(notice)


def test_a_notice_is_found_by_id_identity_and_address(corpus):
    """Whoever has any of its names has the notice."""
    corpus.add(WHOLE, by="导入")
    wordless = corpus.add(Notice(title="无址通知"), by="导入")

    for name in (WHOLE.id, WHOLE.url, "HTTPS://WWW.QINGXI.EXAMPLE:443/zwgk/15.html#top"):
        assert corpus.get(name).notice == WHOLE
    assert corpus.get(identity(Notice(title="无址通知"))).id == wordless.id


def test_an_unknown_notice_is_named(corpus):
    """The error repeats what was asked for; an endless name is cut."""
    with pytest.raises(UnknownNoticeError, match="no notice 'nowhere'") as caught:
        corpus.get("nowhere")
    with pytest.raises(LookupError, match="…"):
        corpus.get("x" * 5000)

    assert (caught.value.name, caught.value.state) == ("nowhere", None)


def test_the_same_notice_again_changes_nothing(corpus):
    """A second arrival takes no revision and leaves no event."""
    first = corpus.add(WHOLE, by="导入")

    assert corpus.add(WHOLE, by="导入") == Change("unchanged", first.id, 1)
    assert corpus.revision() == 1
    assert len(corpus.events()) == 1


def test_a_new_state_replaces_and_its_digest_is_kept(corpus):
    """The same address with another text is the same notice; the old digest stays behind."""
    corpus.add(WHOLE, by="导入")
    stored = corpus.get(WHOLE.id)
    later = replace(WHOLE, body="另行通知。")

    change = corpus.add(later, by="采集")
    now = corpus.get(WHOLE.id)
    (version,) = corpus.versions(WHOLE.id)

    assert change == Change("changed", WHOLE.id, 2)
    assert now.notice == later
    assert (version.digest, version.at, version.revision) == (stored.digest, stored.stored_at, 1)
    assert (now.key, now.stored_at) == (stored.key, stored.stored_at)
    assert now.changed_at > stored.changed_at
    assert len(list(corpus.iterate())) == 1


def test_what_an_arrival_does_not_know_stays(corpus):
    """A poorer arrival adds what it knows and erases nothing."""
    corpus.add(WHOLE, by="导入")

    corpus.add(Notice(url=WHOLE.url, title="更正后的标题", keywords=""), by="采集")
    again = corpus.add(Notice(url=WHOLE.url, title="更正后的标题"), by="采集")

    assert corpus.get(WHOLE.id).notice == replace(WHOLE, title="更正后的标题")
    assert again.what == "unchanged"


def test_a_document_may_come_twice_in_one_chunk(corpus):
    """Every arrival is judged by what the one before it left."""
    texts = ["甲", "乙", "乙", "甲"]

    changes = list(corpus.add_all([Notice(id="n", body=text) for text in texts], by="导入"))

    assert [change.what for change in changes] == ["new", "changed", "unchanged", "changed"]
    assert [change.revision for change in changes] == [1, 2, 2, 3]
    assert corpus.get("n").notice.body == "甲"
    assert [version.revision for version in corpus.versions("n")] == [1, 2]


def test_a_chunk_says_what_single_arrivals_say(corpus):
    """New, changed and unchanged ones are told apart within one transaction, in order."""
    list(corpus.add_all(_notices(4), by="导入"))

    changes = list(
        corpus.add_all(
            [
                Notice(id="n-9", title="新"),
                Notice(id="n-1", title="改"),
                Notice(id="n-2"),
                Notice(id="n-3", body="加"),
            ],
            by="导入",
        )
    )

    assert changes == [
        Change("new", "n-9", 5),
        Change("changed", "n-1", 6),
        Change("unchanged", "n-2", 3),
        Change("changed", "n-3", 7),
    ]
    assert [
        (e.action, e.notice_id, e.revision, dict(e.detail)) for e in corpus.events(after=4)
    ] == [
        ("added", "n-9", 5, {}),
        ("changed", "n-1", 6, {"fields": ["title"]}),
        ("changed", "n-3", 7, {"fields": ["body"]}),
    ]


def test_a_change_is_told_only_once_it_is_safe(corpus, store_url):
    """Whoever reads at the moment a change is told finds the notice."""
    with Corpus.open(store_url) as other:
        for change in corpus.add_all(_notices(5), by="导入", chunk=2):
            assert other.get(change.id).revision == change.revision


def test_an_id_that_is_taken_is_given_to_nobody_else(corpus):
    """Two addresses with one id are two documents; the second gets an id of its own."""
    one = Notice(id="7", url="https://a.example/7", title="甲")
    other = Notice(id="7", url="https://b.example/7", title="乙")

    changes = [*corpus.add_all([one, other], by="导入"), *corpus.add_all([other, one], by="导入")]

    made = made_id("https://b.example/7")
    assert [(change.what, change.id) for change in changes] == [
        ("new", "7"),
        ("new", made),
        ("unchanged", made),
        ("unchanged", "7"),
    ]


@pytest.mark.parametrize("url", [None, "内网文件"])
def test_an_id_we_made_comes_back_as_the_same_notice(corpus, tmp_path, url):
    """What has neither address nor id survives an export and an import, in both directions."""
    notice = Notice(url=url, title="无址通知", body="各乡镇：")
    made = corpus.add(notice, by="导入").id
    exported = corpus.get(made).notice

    assert corpus.add(exported, by="导入").what == "unchanged"
    with Corpus.open(f"sqlite:///{tmp_path / 'other.db'}") as other:
        assert other.add(exported, by="导入") == Change("new", made, 1)
        assert other.add(notice, by="导入") == Change("unchanged", made, 1)


def test_copies_are_linked_and_not_merged(corpus):
    """The same index number or document number in any spelling is shown, never merged."""
    corpus.add(replace(WHOLE, attachments=()), by="导入")
    by_number = Notice(id="b", document_number="青政办发[2024] 第015号", index_number="无")
    by_index = Notice(id="c", index_number=" 00012345－6/2024-00015", document_number="——")
    neither = Notice(id="d", index_number="无", document_number="——")
    gone = Notice(id="e", document_number=WHOLE.document_number)
    list(corpus.add_all([by_number, by_index, neither, gone], by="导入"))
    corpus.withdraw("e", by="甲", reason="误发")

    assert [copy.id for copy in corpus.copies(WHOLE.id)] == ["b", "c"]
    assert [copy.id for copy in corpus.copies("b")] == [WHOLE.id]
    assert corpus.copies("d") == []


def test_iterating_is_by_arrival_and_by_state(corpus):
    """Pages join without a gap, and hidden notices come only where they are asked for."""
    list(corpus.add_all(_notices(7), by="导入"))
    corpus.withdraw("n-2", by="甲", reason="误发")
    corpus.add(Notice(id="n-0", body="改"), by="采集")

    live = list(corpus.iterate(batch=2))

    assert [notice.id for notice in live] == ["n-0", "n-1", "n-3", "n-4", "n-5", "n-6"]
    assert [notice.id for notice in corpus.iterate(after_key=live[-2].key)] == ["n-6"]
    assert [notice.id for notice in corpus.iterate(states=[State.WITHDRAWN])] == ["n-2"]
    assert len(list(corpus.iterate(states=State))) == 7


def test_notices_may_come_while_somebody_iterates(corpus):
    """Between two pages nothing is held: writers go on, and what they add is read too."""
    list(corpus.add_all(_notices(3), by="导入"))

    reading = corpus.iterate(batch=1)
    first = next(reading)
    corpus.add(Notice(id="late"), by="导入")

    assert [first.id, *(notice.id for notice in reading)] == ["n-0", "n-1", "n-2", "late"]


def test_the_order_of_an_export_is_that_of_identities(corpus):
    """Bytes decide, whatever came first and whatever language the database speaks."""
    names = ["b", "B", "é", "a", "公", "_", "https://z.example/", "\U00020000", "\uffe5"]
    list(corpus.add_all([Notice(id=name, title="甲") for name in names], by="导入"))
    corpus.withdraw("a", by="甲", reason="误发")

    exported = [notice.identity for notice in corpus.export_order()]

    assert exported == sorted(set(names) - {"a"}, key=str.encode)


def test_exports_join_their_pages(corpus, monkeypatch):
    """No notice is left out or told twice where one page ends and the next begins."""
    monkeypatch.setattr("corpus.store._PAGE", 3)
    list(corpus.add_all(_notices(8), by="导入"))

    assert [notice.id for notice in corpus.export_order()] == [f"n-{n}" for n in range(8)]


def test_changes_are_followed_by_revision(corpus):
    """Each notice comes once, with its newest change, whatever its state."""
    list(corpus.add_all(_notices(4), by="导入"))
    corpus.withdraw("n-1", by="甲", reason="误发")
    corpus.tag("n-0", "0707", source=Source.REVIEWER, by="乙")

    assert _said(corpus.changes(0)) == [("n-2", 3), ("n-3", 4), ("n-1", 5), ("n-0", 6)]
    assert _said(corpus.changes(0, limit=1)) == [("n-2", 3)]
    assert _said(corpus.changes(4)) == [("n-1", 5), ("n-0", 6)]
    assert corpus.changes(6) == []
    assert corpus.revision() == 6


def test_every_change_leaves_an_event(corpus):
    """Who did what to which notice stands in the audit trail, in order."""
    corpus.add(WHOLE, by="导入")
    corpus.add(Notice(id="n"), by="张三\0")
    corpus.withdraw("n", by="李四", reason="误发")
    corpus.restore("n", by="王五")

    events = corpus.events("n")

    assert [(event.by, event.action, event.revision) for event in events] == [
        ("张三", "added", 2),
        ("李四", "withdrawn", 3),
        ("王五", "restored", 4),
    ]
    assert events[1].detail == {"reason": "误发"}
    assert [event.id for event in corpus.events(limit=2)] == [1, 2]
    assert [event.notice_id for event in corpus.events(after=3)] == ["n"]
    assert events[0].at.tzinfo is UTC


def test_a_file_that_stays_attached_keeps_what_was_read_in_it(corpus):
    """Another list of attachments does not throw away the text of those that stay."""
    corpus.add(WHOLE, by="导入")
    with corpus._database.writing() as connection:
        connection.execute(update(ATTACHMENTS).values(digest="d", text="表格"))
    kept = WHOLE.attachments[0]

    corpus.add(replace(WHOLE, attachments=(Attachment("新附件"), kept)), by="采集")

    assert corpus.get(WHOLE.id).notice.attachments == (Attachment("新附件"), kept)
    with corpus._database.reading() as connection:
        table = ATTACHMENTS.c
        rows = connection.execute(
            select(table.name, table.digest, table.text).order_by(table.position)
        ).all()
    assert [tuple(row) for row in rows] == [("新附件", None, None), (kept.name, "d", "表格")]


def test_notices_are_counted_by_theme(corpus):
    """Live ones only; those without a theme are counted too."""
    list(corpus.add_all(_notices(3, declared_topic="其他"), by="导入"))
    list(corpus.add_all([WHOLE, Notice(id="x"), Notice(id="y", declared_topic="--")], by="导入"))
    corpus.withdraw("n-1", by="甲", reason="误发")

    assert corpus.counts_by_topic() == {"22": 2, "0707": 1, None: 2}


def test_a_site_may_have_a_list_of_its_own(store_url):
    """Printed themes are read by the list the corpus was opened with."""
    own = Taxonomy("own", [Topic("A", "交通", None, ("道路",)), Topic("B", "教育")], catch_all=None)
    with Corpus.open(store_url, taxonomy=own) as corpus:
        corpus.add(Notice(id="n", declared_topic="道路"), by="导入")

        assert corpus.get("n").topic == "A"
        assert corpus.taxonomy is own


@pytest.mark.parametrize("size", [1000, 1001, 5000])
def test_an_endless_id_is_kept_as_one_document(corpus, size):
    """Names of any length are the same document twice; what cannot be indexed gets another id."""
    notice = Notice(id="".join(string.ascii_letters[n % 52] for n in range(size)), title="甲")

    first, again = (corpus.add(notice, by="导入") for _ in range(2))

    assert (first.what, again.what) == ("new", "unchanged")
    assert (first.id == notice.id) is (size == 1000)


def test_endless_numbers_are_kept_and_link_nothing(corpus):
    """A page of text in the field of a number is stored like any other."""
    notices = [
        Notice(id=f"n{n}", index_number="1" * 10_000, document_number="2" * 10_000) for n in (1, 2)
    ]
    list(corpus.add_all(notices, by="导入"))

    assert corpus.get("n1").notice == notices[0]
    assert corpus.copies("n1") == []


def test_long_notices_are_read_in_short_pages(sqlite_store, monkeypatch):
    """However long they are, only a small part of the corpus stands in memory at once."""
    monkeypatch.setattr("corpus.store._FIRST_PAGE", 4)
    monkeypatch.setattr("corpus.store._LONGEST_PAGE", 400_000)
    monkeypatch.setattr("corpus.store._LONGEST_CHUNK", 400_000)
    length, number = 100_000, 60
    with Corpus.open(sqlite_store) as corpus:
        tracemalloc.start()
        notices = (Notice(id=f"n-{n:03}", body="文" * length) for n in range(number))
        list(corpus.add_all(notices, by="导入"))
        read = sum(1 for _ in corpus.iterate())
        exported = sum(1 for _ in corpus.export_order())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert read == exported == number
    assert peak < number * length


def test_what_a_file_says_is_kept_beside_its_notice(corpus):
    """With the digest of the file, a line in the audit trail, and a revision to follow."""
    url = "https://example.invalid/a.docx"
    corpus.add(Notice(id="n", title="通知", attachments=(Attachment("表", url),)), by="导入")

    first = corpus.keep_attachment("n", url, digest="ab", text="养护任务", by="采集")
    again = corpus.keep_attachment("n", url, digest="ab", text="养护任务", by="采集")

    assert (first.what, again.what) == ("changed", "unchanged")
    assert corpus.attached_texts("n") == ["养护任务"]
    assert corpus.events("n")[-1].detail == {"url": url, "digest": "ab"}
    assert corpus.changes(first.revision - 1)[-1].id == "n"
    corpus.add(Notice(id="n", title="新的通知", attachments=(Attachment("表", url),)), by="导入")
    assert corpus.attached_texts("n") == ["养护任务"]


def test_a_file_that_a_notice_does_not_carry_is_not_kept(corpus):
    """It would never be found again."""
    corpus.add(Notice(id="n", title="通知"), by="导入")

    with pytest.raises(UnknownAttachmentError, match="no file"):
        corpus.keep_attachment("n", "https://example.invalid/b", digest="ab", text="x", by="采集")
