"""
Builds what the doors open onto: the model and the corpus that the settings name.

Where a site has its own list of topics, the model answers in that.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.artefact import read_card
from classifier.crosswalk import Crosswalk
from classifier.model import load
from classifier.registry import Registry
from corpus.folders import data_folder
from corpus.taxonomy import Taxonomy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from classifier.model import TopicModel
    from corpus.search import SearchIndex
    from corpus.store import Corpus
    from service.settings import Settings

# How the folders begin in which indexes are kept.
_INDEX = "index-"


def models_folder(settings: Settings) -> Path:
    """Return the folder of the models that can be activated."""
    return settings.models or data_folder() / "models"


def model_folder(settings: Settings) -> Path:
    """
    Return the folder of the model that answers: the one that is named, else the active one.

    Raises:
        RegistryError: If the active one is not what was activated.
    """
    if "model" in settings.model_fields_set:
        return settings.model
    return Registry(models_folder(settings)).active_folder()


def load_model(settings: Settings, *, say: Callable[[str], None] = lambda _: None) -> TopicModel:
    """
    Return the model that the settings name.

    Args:
        settings: Which folder, which segmenter, which crosswalk.
        say: Called with what an administrator should know, such as topics without a counterpart.
    """
    model = load(model_folder(settings), engine=settings.segmenter)
    if settings.precision is not None:
        model = model.keeping(settings.precision)
    if settings.map is None:
        return model
    crosswalk = Crosswalk.read(settings.map, model.taxonomy)
    missing = crosswalk.without_counterpart
    if missing:
        labels = ", ".join(model.taxonomy.print(topic) for topic in missing)
        say(
            f"{len(missing)} topics have no counterpart in {settings.map}"
            f" and are never shown: {labels}"
        )
    return model.mapped(crosswalk)


def model_taxonomy(settings: Settings) -> Taxonomy:
    """
    Return the list of topics of the model that the settings name, without loading the model.

    Raises:
        DamagedModelError: If the model folder has no card to read the list from.
        RegistryError: If the active model is not what was activated.
    """
    return Taxonomy.from_json(read_card(model_folder(settings))["taxonomy"])


def open_corpus(settings: Settings, *, taxonomy: Taxonomy | None = None) -> Corpus:
    """
    Return the corpus that the settings name, made if it is not there; whoever opens it closes it.

    Args:
        settings: Which database.
        taxonomy: The list that printed themes are read by; that of the model if not given.

    Raises:
        StoreError: If the database cannot be used, saying why and what to do.
        DamagedModelError: If the model folder has no card to read the list from.
        RegistryError: If the active model is not what was activated.
    """
    from corpus.store import Corpus  # noqa: PLC0415 (suggesting needs no database)

    if taxonomy is None:
        # Commands and service must read a printed theme alike, so both go by the model's list.
        taxonomy = model_taxonomy(settings)
    return Corpus.open(settings.database or None, taxonomy=taxonomy)


def open_index(settings: Settings, corpus: Corpus) -> SearchIndex:
    """
    Return the search index of a corpus, made if it is not there; it may be behind.

    Raises:
        SearchIndexError: If its folder cannot be used, saying why and what to do.
    """
    from corpus.search import SearchIndex  # noqa: PLC0415

    return SearchIndex.open(_index_folder(settings, corpus), store=corpus.made_at.isoformat())


@contextmanager
def what_is_there(
    settings: Settings, taxonomy: Taxonomy
) -> Iterator[tuple[Corpus, SearchIndex] | None]:
    """
    Give the corpus and the index that the settings name, or ``None`` where there are none yet.

    Nothing is made, and where nothing is there no database is loaded either.

    Raises:
        StoreError: If the database cannot be used, saying why and what to do.
        SearchIndexError: If the folder of the index cannot be used.
    """
    if settings.index is None and not any(data_folder().glob(f"{_INDEX}*")):
        yield None
        return
    from corpus.database import default_url, file_of  # noqa: PLC0415

    file = file_of(settings.database or default_url())
    if file is not None and not file.exists():
        yield None
        return
    with open_corpus(settings, taxonomy=taxonomy) as corpus:
        if not _index_folder(settings, corpus).exists():
            yield None
            return
        with open_index(settings, corpus) as index:
            yield corpus, index


def _index_folder(settings: Settings, corpus: Corpus) -> Path:
    """Return where the index is kept: by default one folder a corpus, beside the data."""
    if settings.index is not None:
        return settings.index
    return data_folder() / f"{_INDEX}{hashlib.sha256(corpus.url.encode()).hexdigest()[:12]}"
