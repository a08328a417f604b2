"""
A folder of models, one of which is active, and the way back to those that were before it.

    NAME/           a model folder, as ``zhuti train --out`` writes it
    active.json     which model answers, and the ones before it, the newest last
    golden.jsonl    notices that every model must answer rightly (optional)

What is active changes by writing one file in one step, so a process sees the old model or the new
one and never half of either. The digest of what was activated is kept: a folder that was changed
since does not become active by itself. Without an active model the shipped one answers.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier import artefact
from classifier.errors import ClassifierError, RegistryError
from classifier.model import load
from corpus.errors import CorpusError
from corpus.exchange import notice_from_json, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from classifier.model import TopicModel
    from corpus.notice import Notice
    from corpus.taxonomy import Taxonomy, Topic

ACTIVE = "active.json"
GOLDEN = "golden.jsonl"
# The name by which the shipped model is activated.
SHIPPED = "default"
_FORMAT = 1
_LEVELS = ("level_1", "level_2")


@dataclass(frozen=True, slots=True)
class Activation:
    """Which model became active: its name, its digest, who did it and when (ISO, UTC)."""

    name: str
    digest: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A model of the registry.

    *problem* says why it cannot be used; then *card* is ``None``.
    """

    name: str
    folder: Path
    card: Mapping[str, Any] | None
    problem: str | None
    active: bool


class Registry:
    """
    The models of a folder; the folder need not be there.

    Args:
        folder: Where the models are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self) -> list[Entry]:
        """Return the shipped model and those of the folder, by name."""
        active = self.active()
        folders = {SHIPPED: artefact.default_folder()}
        if self.folder.is_dir():
            found = (path for path in sorted(self.folder.iterdir()) if path.is_dir())
            folders |= {path.name: path for path in found if not path.name.startswith(".")}
        name = SHIPPED if active is None else active.name
        return [_entry(one, path, active=one == name) for one, path in sorted(folders.items())]

    def active(self) -> Activation | None:
        """
        Return which model is active, ``None`` if it is the shipped one.

        Raises:
            RegistryError: If the file that says so cannot be understood.
        """
        return self._read()[0]

    def active_folder(self) -> Path:
        """
        Return the folder of the model that answers.

        Raises:
            RegistryError: If it is not what was activated.
        """
        active = self.active()
        if active is None:
            return artefact.default_folder()
        folder = self.path(active.name)
        try:
            digest = artefact.read_card(folder)["digest"]
        except ClassifierError as error:
            raise RegistryError(f"The active model cannot be used. {error} {_WAY_BACK}") from None
        if digest != active.digest:
            raise RegistryError(
                f"The active model {active.name} in {folder} has digest {digest[:12]}…, but"
                f" {active.digest[:12]}… was activated: it was changed since. {_WAY_BACK}"
            )
        return folder

    def path(self, name: str) -> Path:
        """
        Return the folder of a model.

        Raises:
            RegistryError: If there is none of that name.
        """
        folder = self.folder / name
        if name and name not in {".", ".."} and Path(name).name == name and folder.is_dir():
            return folder
        if name == SHIPPED:
            return artefact.default_folder()
        known = ", ".join(entry.name for entry in self.entries())
        raise RegistryError(
            f"There is no model {name!r} in {self.folder}; there are: {known}. Put one there with"
            f" 'zhuti train … --out {self.folder / (Path(name).name or 'NAME')}'."
        )

    def activate(self, name: str, *, by: str) -> Activation:
        """
        Make a model the one that answers, once its files are what its card says.

        Raises:
            DamagedModelError: If they are not.
            NewerModelError: If a later version of zhuti wrote it.
            RegistryError: If there is no such model.
        """
        card, *_ = artefact.read(self.path(name))
        fresh = Activation(name, card["digest"], by, datetime.now(UTC).isoformat())
        with self._alone():
            active, before = self._read()
            if active is not None and (active.name, active.digest) == (name, fresh.digest):
                return active
            self._write(fresh, [*before, active])
        return fresh

    def rollback(self) -> Activation | None:
        """
        Make the model before this one answer again; ``None`` stands for the shipped one.

        Raises:
            RegistryError: If there was none before, or it is not what it was.
            DamagedModelError: If its files are not what its card says.
        """
        with self._alone():
            _, before = self._read()
            if not before:
                raise RegistryError("No model was active before this one.")
            last = before[-1]
            if last is not None:
                card, *_ = artefact.read(self.path(last.name))
                if card["digest"] != last.digest:
                    raise RegistryError(
                        f"The model {last.name} was changed since it was active. Activate it with"
                        f" 'zhuti model activate {last.name}', which checks it anew."
                    )
            self._write(last, before[:-1])
        return last

    def golden(self, taxonomy: Taxonomy) -> list[tuple[Notice, Topic]]:
        """
        Return the notices that every model must answer rightly, with their topics.

        Raises:
            RegistryError: If a line of the file cannot be used.
        """
        path = self.folder / GOLDEN
        found: list[tuple[Notice, Topic]] = []
        if not path.is_file():
            return found
        for entry in read_lines(path):
            try:
                fields = entry.fields()
                topic = taxonomy.gold(str(fields.get("topic") or ""))
                notice = notice_from_json(fields, where=entry.where)
            except CorpusError as error:
                said = str(error)
                raise RegistryError(
                    said if entry.where in said else f"{entry.where}: {said}"
                ) from None
            if topic is None:
                raise RegistryError(
                    f"{entry.where}: it has no topic that a model could be held to."
                )
            found.append((notice, topic))
        return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from changing what is active at the same time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _read(self) -> tuple[Activation | None, list[Activation | None]]:
        """Return what is active and what was before."""
        path = self.folder / ACTIVE
        try:
            text = path.read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None, []
        try:
            value = json.loads(text)
            if value["format"] == _FORMAT:
                return _activation(value["active"]), [_activation(one) for one in value["before"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise RegistryError(
                f"{path} cannot be understood ({type(error).__name__}). Remove it, then the shipped"
                " model answers until you activate another."
            ) from None
        raise RegistryError(f"{path} was written by a later version of zhuti; install that.")

    def _write(self, active: Activation | None, before: Sequence[Activation | None]) -> None:
        """Say what is active from now on, in one step."""
        value = {
            "format": _FORMAT,
            "active": None if active is None else asdict(active),
            "before": [None if one is None else asdict(one) for one in before],
        }
        descriptor, name = tempfile.mkstemp(prefix=f".{ACTIVE}.", dir=self.folder)
        part = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
                file.flush()
                os.fsync(file.fileno())
            # Services that run as another user read it.
            part.chmod(0o644)
            part.replace(self.folder / ACTIVE)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


_WAY_BACK = "Activate one with 'zhuti model activate NAME', or go back with 'zhuti model rollback'."


def _activation(value: Any) -> Activation | None:
    """Return an activation as the file has it."""
    return None if value is None else Activation(**value)


def _entry(name: str, folder: Path, *, active: bool) -> Entry:
    """Return what is known of a model folder; its arrays are not read."""
    try:
        return Entry(name, folder, artefact.read_card(folder), None, active)
    except ClassifierError as error:
        return Entry(name, folder, None, str(error), active)


def what_is_worse(new: Mapping[str, Any], old: Mapping[str, Any]) -> list[str]:
    """
    Return in what the card of a model falls behind another's promises, in words.

    The accuracy of its held-out answers must not be below the other's floor, level by level.
    """
    found = []
    for level in _LEVELS:
        floor, figures = old["floor"][level], new["cross_validation"][level]
        if floor is None:
            continue
        if figures is None:
            found.append(f"{level}: it gives no answer there, the active model does")
        elif figures["accuracy"]["value"] < floor:
            value = figures["accuracy"]["value"]
            found.append(f"{level}: accuracy {value:.3f} is below the active one's {floor:.3f}")
    return found


def what_breaks(
    model: TopicModel, golden: Sequence[tuple[Notice, Topic]]
) -> list[tuple[Notice, Topic, Topic | None]]:
    """Return the golden notices that a model answers wrongly, with the right topic and its own."""
    broken = []
    for notice, topic in golden:
        answer = model.suggest(notice, limit=1)
        found: Topic | None = answer.suggestions[0].topic if answer.suggestions else None
        if topic.parent is None and answer.level_1 is not None:
            found = answer.level_1.topic
        if found is None or found.code != topic.code:
            broken.append((notice, topic, found))
    return broken


def check_activation(
    registry: Registry,
    name: str,
    active: Path,
    *,
    codes_in_use: Sequence[str] = (),
    engine: str | None = None,
) -> list[str]:
    """
    Return why a model should not become active, in words; nothing if it may.

    Args:
        registry: Where it is.
        name: Its name.
        active: The folder of the model that answers now.
        codes_in_use: The topics that notices of the corpus have.
        engine: The segmenter to use instead of the models' own.

    Raises:
        ClassifierError: If it cannot be used at all: damaged, of a later version, with a list of
            topics that lacks those in use, or with a list of golden notices that cannot be read.
    """
    folder = registry.path(name)
    model = load(folder, engine=engine)
    lost = [code for code in codes_in_use if code not in model.taxonomy]
    if lost:
        raise RegistryError(
            f"The model {name} does not fit the corpus: its list {model.taxonomy.name!r} has no"
            f" topic {', '.join(lost[:10])}, which notices of the corpus have. Train it with the"
            " list of the corpus (--taxonomy)."
        )
    reasons = what_is_worse(model.card, artefact.read_card(active))
    broken = what_breaks(model, registry.golden(model.taxonomy))
    reasons += [_broken(model.taxonomy, *one) for one in broken]
    return reasons


def _broken(taxonomy: Taxonomy, notice: Notice, right: Topic, found: Topic | None) -> str:
    """Return a broken golden notice in words."""
    shown = notice.title or notice.id or (notice.body or "")[:40]
    answered = "nothing" if found is None else taxonomy.print(found)
    return f"golden notice {shown!r}: it answers {answered}, right is {taxonomy.print(right)}"
