"""
Every setting of the service, from the environment (prefix ``ZHUTI_``) or given by an option.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from classifier.artefact import default_folder

# Defaults that depend on the machine, in words.
_DEFAULTS = {
    "model": "the shipped model",
    "precision": "0.95",
    "database": "sqlite:///$XDG_DATA_HOME/zhuti/zhuti.db",
    "models": "$XDG_DATA_HOME/zhuti/models",
    "index": "$XDG_DATA_HOME/zhuti/index-…",
}


class Settings(BaseSettings):
    """What can be set; the README's table and ``zhuti --help`` are made from these lines."""

    model_config = SettingsConfigDict(env_prefix="ZHUTI_", frozen=True, protected_namespaces=())

    model: Path = Field(default_factory=default_folder, description="The model folder.")
    models: Path | None = Field(
        None, description="The folder of models; 'zhuti model activate' says which one answers."
    )
    map: Path | None = Field(
        None, description="A crosswalk (from,to) into the site's own list of topics."
    )
    precision: float | None = Field(
        None,
        ge=0.5,
        lt=1,
        description="Which share of accepted answers must be right; the card's promise if not set.",
    )
    database: str | None = Field(
        None, description="Where the corpus is kept, as an SQLAlchemy URL; also PostgreSQL."
    )
    index: Path | None = Field(
        None, description="The folder of the search index; it can be deleted at any time."
    )
    segmenter: Literal["rjieba", "jieba"] = Field("rjieba", description="Which engine cuts words.")
    body_limit: int = Field(
        2_000_000, ge=1000, description="The largest request body, in bytes; more is answered 413."
    )
    inline_limit: int = Field(
        20_000,
        ge=0,
        description="Texts of more characters are read in a thread, so that others do not wait.",
    )
    contact: str = Field(
        "", description="A mail or web address of yours, shown to the sites that are read."
    )
    sites: Path | None = Field(None, description="A file of site profiles beside the shipped ones.")
    quiet_hours: str = Field(
        "", description="When no site is read, by Beijing's clock, such as 08:00-18:00."
    )
    libreoffice: str = Field(
        "", description="LibreOffice's program (soffice), to read old Word and WPS files with."
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="How many processes answer.")
    root_path: str = Field("", description="The path below which a proxy shows the service.")

    @field_validator("root_path")
    @classmethod
    def _from_the_root(cls, path: str) -> str:
        """Return a path as the pages use it, however its slashes were written: ``/zhuti``."""
        bare = path.strip("/ ")
        return f"/{bare}" if bare else ""


class InvalidSettingError(ValueError):
    """A setting that cannot be used; says which, what was found and what was expected."""

    def __init__(self, error: ValidationError) -> None:
        first = error.errors()[0]
        name = "ZHUTI_" + "_".join(map(str, first["loc"])).upper()
        super().__init__(f"{name} is {first.get('input')!r}: {first['msg']}.")
        self.name = name


def read_settings(**given: object) -> Settings:
    """
    Return the settings: what is given, else the environment, else the default.

    Raises:
        InvalidSettingError: If one of them cannot be used.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise InvalidSettingError(error) from None


def describe() -> list[tuple[str, str, str]]:
    """Return name, default and meaning of every setting."""
    return [
        (
            f"ZHUTI_{name.upper()}",
            _DEFAULTS.get(name) or str(field.default or ""),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]
