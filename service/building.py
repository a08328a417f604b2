"""
Builds what the doors open onto: the model that the settings name.

Where a site has its own list of topics, the model answers in that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifier.crosswalk import Crosswalk
from classifier.model import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from classifier.model import TopicModel
    from service.settings import Settings


def load_model(settings: Settings, *, say: Callable[[str], None] = lambda _: None) -> TopicModel:
    """
    Return the model that the settings name.

    Args:
        settings: Which folder, which segmenter, which crosswalk.
        say: Called with what an administrator should know, such as topics without a counterpart.
    """
    model = load(settings.model, engine=settings.segmenter)
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
