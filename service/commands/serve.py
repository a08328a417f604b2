"""
``zhuti serve``: the service, until it is stopped.
"""

from __future__ import annotations

import logging
import os
import socket
from typing import Annotated

import typer

from service.building import load_model, open_corpus, open_index
from service.commands.database import DatabaseOption
from service.commands.speaking import say
from service.commands.suggest import MapOption, ModelOption
from service.settings import Settings, read_settings


class AddressInUseError(OSError):
    """Another program listens already."""


def serve(
    *,
    host: Annotated[str | None, typer.Option(help="The address to listen on.  [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.  [8000]")] = None,
    workers: Annotated[int | None, typer.Option(help="How many processes answer.  [1]")] = None,
    root_path: Annotated[
        str | None, typer.Option(help="The path below which a proxy shows the service.")
    ] = None,
    map_: MapOption = None,
    model: ModelOption = None,
    database: DatabaseOption = None,
) -> None:
    """Serve the pages and the HTTP interface."""
    import uvicorn  # noqa: PLC0415 (only this command needs it)

    from service.app import create_app  # noqa: PLC0415

    settings = read_settings(
        host=host,
        port=port,
        workers=workers,
        root_path=root_path,
        map=map_,
        model=model,
        database=database,
    )
    _refuse_used_port(settings)
    # Loaded before anybody listens: what cannot answer does not open its door.
    topic_model = load_model(settings, say=say)
    corpus = open_corpus(settings, taxonomy=topic_model.taxonomy)
    index = open_index(settings, corpus)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    say(f"zhuti answers on http://{settings.host}:{settings.port}{settings.root_path}/")
    say("Ctrl-C stops it.")
    if settings.workers > 1:
        # Worker processes build their own application, from the environment that we hand on.
        os.environ.update(_environment(settings))
        index.close()
        corpus.close()
    uvicorn.run(
        create_app(topic_model, settings, corpus, index)
        if settings.workers == 1
        else "service.app:from_environment",
        factory=settings.workers > 1,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


def _refuse_used_port(settings: Settings) -> None:
    """Raise an error in words if the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            msg = (
                f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}."
                " Stop the other program, or choose another --port."
            )
            raise AddressInUseError(msg) from None


def _environment(settings: Settings) -> dict[str, str]:
    """Return what was set as environment variables; a default may change while workers come."""
    return {
        f"ZHUTI_{name.upper()}": str(value)
        for name, value in settings.model_dump(exclude_unset=True).items()
        if value is not None
    }
