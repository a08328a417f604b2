"""One model answers, changing it is one step, the way back is kept, and a worse one is found."""

from __future__ import annotations

import json
import shutil
import threading

import pytest

from classifier import artefact
from classifier.errors import DamagedModelError, RegistryError
from classifier.model import load
from classifier.registry import (
    ACTIVE,
    SHIPPED,
    Registry,
    check_activation,
    what_breaks,
    what_is_worse,
)
from corpus.notice import Notice


@pytest.fixture
def registry(tmp_path, model_folder):
    """Return a registry with two copies of the small model, of different digests."""
    folder = tmp_path / "models"
    for name in ("first", "second"):
        _copy(model_folder, folder / name, name=name)
    return Registry(folder)


def _copy(source, target, **changes):
    """Write a model folder that differs from another in its card."""
    card, terms, arrays = artefact.read(source)
    artefact.write(target, {**card, **changes}, terms=terms, arrays=arrays)


def _figures(card, level="level_2", **figures):
    """Return a card's figures with some of one level changed."""
    found = card["cross_validation"]
    return {**found, level: {**found[level], **figures}}


def test_without_an_active_model_the_shipped_one_answers(tmp_path):
    """Also where there is no registry at all."""
    registry = Registry(tmp_path / "nowhere")

    assert registry.active() is None
    assert registry.active_folder() == artefact.default_folder()
    assert [(entry.name, entry.active) for entry in registry.entries()] == [(SHIPPED, True)]


def test_an_activated_model_answers(registry):
    """By name, with who did it and what it was."""
    active = registry.activate("first", by="管理员")

    assert registry.active() == active
    assert registry.active_folder() == registry.folder / "first"
    assert (active.name, active.by) == ("first", "管理员")
    assert active.digest == artefact.read_card(registry.folder / "first")["digest"]
    assert [(entry.name, entry.active) for entry in registry.entries()] == [
        (SHIPPED, False), ("first", True), ("second", False),
    ]  # fmt: skip


def test_the_way_back_leads_step_by_step_to_the_shipped_model(registry):
    """Each model that was active, the newest first, and then an error."""
    for name in ("first", "second", "first"):
        registry.activate(name, by="a")

    back = [registry.rollback() for _ in range(3)]

    assert [None if one is None else one.name for one in back] == ["second", "first", None]
    assert registry.active_folder() == artefact.default_folder()
    with pytest.raises(RegistryError, match="No model was active before"):
        registry.rollback()


def test_activating_what_is_active_changes_nothing(registry):
    """Or the way back would lead nowhere."""
    first = registry.activate("first", by="a")

    assert registry.activate("first", by="b") == first
    assert registry.rollback() is None


def test_the_shipped_model_can_be_activated(registry):
    """Under a name of its own."""
    registry.activate("first", by="a")
    registry.activate(SHIPPED, by="a")

    assert registry.active_folder() == artefact.default_folder()
    assert registry.rollback().name == "first"


def test_a_model_that_was_changed_since_does_not_answer(registry, model_folder):
    """Not by itself and not on the way back: activating it again checks it."""
    registry.activate("first", by="a")
    registry.activate("second", by="a")
    _copy(model_folder, registry.folder / "second", name="other")
    with pytest.raises(RegistryError, match="it was changed since"):
        registry.active_folder()

    _copy(model_folder, registry.folder / "first", name="another")
    with pytest.raises(RegistryError, match="was changed since it was active"):
        registry.rollback()
    registry.activate("first", by="a")
    assert load(registry.active_folder()).name == "another"


def test_an_active_model_that_is_gone_is_told(registry):
    """With the way back."""
    registry.activate("first", by="a")
    shutil.rmtree(registry.folder / "first")

    with pytest.raises(RegistryError, match=r"no model 'first'"):
        registry.active_folder()


def test_a_damaged_model_is_not_activated(registry):
    """A file that is not the one the card speaks of is found before anything changes."""
    (registry.folder / "first" / "words.txt").write_text("x\n", "utf-8")

    with pytest.raises(DamagedModelError, match=r"words\.txt has digest"):
        registry.activate("first", by="a")
    assert registry.active() is None
    (broken,) = [one for one in registry.entries() if one.name == "first"]
    assert broken.problem is None
    (registry.folder / "first" / "card.json").unlink()
    (broken,) = [one for one in registry.entries() if one.name == "first"]
    assert "card.json" in broken.problem


@pytest.mark.parametrize("name", ["nowhere", "", "..", "a/b", "../models/first", "/first"])
def test_a_name_is_a_folder_of_the_registry(registry, name):
    """Nothing outside of it, and what is there is listed."""
    with pytest.raises(RegistryError, match="first, second"):
        registry.activate(name, by="a")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 1, "active": 5, "before": []}']
)
def test_a_state_that_makes_no_sense_is_told(registry, text):
    """Never guessed at, and never a traceback."""
    (registry.folder / ACTIVE).write_text(text, "utf-8")

    with pytest.raises(RegistryError, match="cannot be understood"):
        registry.active_folder()


def test_a_state_of_a_later_version_is_told(registry):
    """It may mean something that this version does not know."""
    (registry.folder / ACTIVE).write_text('{"format": 2}', "utf-8")

    with pytest.raises(RegistryError, match="later version"):
        registry.active_folder()


def test_whoever_reads_sees_one_model_or_the_other(registry):
    """While two processes change it again and again, no reader ever meets half a file."""
    registry.activate("first", by="a")
    ends = threading.Event()
    seen = set()

    def read():
        while not ends.is_set():
            seen.add(Registry(registry.folder).active_folder().name)

    reader = threading.Thread(target=read)
    reader.start()
    writers = [
        threading.Thread(
            target=lambda names: [Registry(registry.folder).activate(n, by="a") for n in names],
            args=(("first", "second") * 10,),
        )
        for _ in range(2)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    ends.set()
    reader.join()

    assert seen <= {"first", "second"}
    assert not [path for path in registry.folder.iterdir() if path.name.startswith(".")]


def test_a_model_is_worse_if_it_falls_below_the_floor(model):
    """Of any level; exactly the floor is good enough."""
    card = model.card
    floor = card["floor"]["level_2"]
    below = {**card, "cross_validation": _figures(card, accuracy={"value": floor - 0.001})}
    at = {**card, "cross_validation": _figures(card, accuracy={"value": floor})}
    without = {**card, "cross_validation": {**card["cross_validation"], "level_2": None}}

    assert what_is_worse(card, card) == []
    assert what_is_worse(at, card) == []
    assert [reason.partition(":")[0] for reason in what_is_worse(below, card)] == ["level_2"]
    assert "gives no answer there" in what_is_worse(without, card)[0]
    assert what_is_worse(card, without | {"floor": {"level_1": 0.0, "level_2": None}}) == []


def test_golden_notices_that_break_are_found(model, taxonomy):
    """At the level that the list names; silence breaks as well."""
    road = Notice(title="关于农村公路养护的通知")
    golden = [
        (road, taxonomy.topic("0707")),
        (road, taxonomy.topic("07")),
        (road, taxonomy.topic("1102")),
        (road, taxonomy.topic("11")),
        (Notice(title="hello"), taxonomy.topic("0707")),
    ]

    broken = what_breaks(model, golden)

    assert [(right.code, None if found is None else found.code) for _, right, found in broken] == [
        ("1102", "0707"), ("11", "07"), ("0707", None),
    ]  # fmt: skip


def _golden(registry, *rows):
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (registry.folder / "golden.jsonl").write_text(lines, "utf-8")


def test_a_worse_model_is_found_before_it_becomes_active(registry, model_folder):
    """Each reason in words, the golden notices that break among them."""
    card = artefact.read_card(model_folder)
    _copy(
        model_folder,
        registry.folder / "worse",
        cross_validation=_figures(card, accuracy={"value": 0.1, "low": 0.0, "high": 0.2}),
    )
    _golden(
        registry,
        {"title": "关于农村公路养护的通知", "topic": "0707"},
        {"title": "关于义务教育招生的通知", "topic": "卫生、体育-卫生"},
    )

    reasons = check_activation(registry, "worse", model_folder)

    assert len(reasons) == 2
    assert reasons[0].startswith("level_2: accuracy 0.100 is below")
    assert (
        "'关于义务教育招生的通知': it answers 科技、教育-教育, right is 卫生、体育-卫生"
        in reasons[1]
    )


def test_a_list_that_lacks_what_the_corpus_has_is_refused(registry, model_folder):
    """The notices would lose their themes."""
    assert check_activation(registry, "first", model_folder, codes_in_use=["0707"]) == []
    with pytest.raises(RegistryError, match=r"has no topic X1, X2"):
        check_activation(registry, "first", model_folder, codes_in_use=["X1", "0707", "X2"])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"title": "公路", "topic": "9999"}, "no topic '9999'"),
        ({"title": "公路"}, "it has no topic"),
        ({"title": 5, "topic": "0707"}, "title is a JSON number"),
    ],
)
def test_a_golden_list_that_cannot_be_read_is_told(registry, model_folder, row, said):
    """By its line: a guard that does not work is none."""
    _golden(registry, {"title": "公路", "topic": "0707"}, row)

    with pytest.raises(RegistryError, match=f"line 2.*{said}"):
        check_activation(registry, "first", model_folder)
