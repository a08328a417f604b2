"""
The shapes of requests and answers, for the documentation only: nothing is checked by them.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

SAMPLE: dict[str, JsonValue] = {
    "title": "青溪县人民政府办公室关于做好2024年农村公路养护工作的通知",
    "body": "各乡镇人民政府：\n为做好农村公路日常养护，落实路长制，现将有关事项通知如下。",
    "issuing_body": "青溪县人民政府办公室",
}


class _Schema(BaseModel):
    model_config = ConfigDict(extra="ignore", protected_namespaces=())


class AttachmentSchema(_Schema):
    """A file that a notice carries."""

    name: str
    url: str | None = None


class NoticeSchema(_Schema):
    """A notice. On input any part will do, also a whole pasted page as *body*."""

    id: str | None = None
    url: str | None = None
    title: str | None = Field(None, description="标题")
    body: str | None = Field(None, description="正文，或粘贴的整个页面")
    issuing_body: str | None = Field(None, description="发文机关、公开主体")
    index_number: str | None = Field(None, description="索引号")
    document_number: str | None = Field(None, description="发文字号")
    document_type: str | None = Field(None, description="公文种类")
    written_on: date | None = Field(None, description="成文日期")
    published_on: date | None = Field(None, description="发布日期")
    effective_on: date | None = Field(None, description="生效日期")
    expires_on: date | None = Field(None, description="失效日期")
    validity: str | None = Field(None, description="有效性")
    keywords: str | None = Field(None, description="主题词")
    declared_topic: str | None = Field(None, description="页面所印的主题分类，原样保留")
    attachments: list[AttachmentSchema] = []

    model_config = ConfigDict(json_schema_extra={"examples": [SAMPLE]})


class EvidenceSchema(_Schema):
    """A word and how far it moved the score; offsets count code points in the returned notice."""

    word: str
    field: Literal["title", "body"]
    start: int
    end: int
    weight: float
    spans: list[tuple[int, int]]


class ParentSchema(_Schema):
    """The first-level topic above a suggestion."""

    code: str
    label: str


class LevelOneSchema(ParentSchema):
    """The most probable first-level topic."""

    probability: float
    verdict: Literal["accept", "review", "abstain"]


class SuggestionSchema(LevelOneSchema):
    """A topic with its calibrated probability and its evidence."""

    parent: ParentSchema | None
    evidence: list[EvidenceSchema]


class ModelNameSchema(_Schema):
    """Which model answered."""

    name: str
    digest: str


class AnswerSchema(_Schema):
    """Ranked topics for one notice, with what was read of it."""

    notice: NoticeSchema
    verdict: Literal["accept", "review", "abstain"]
    reason: str | None = Field(description="为何需要复核或无法建议")
    level_1: LevelOneSchema | None
    suggestions: list[SuggestionSchema]
    warnings: list[str] = Field(description="密级标志、身份号码、手机号码等提醒")
    model: ModelNameSchema


class BatchSchema(_Schema):
    """Up to 256 notices."""

    notices: list[NoticeSchema] = Field(max_length=256)


class BatchAnswerSchema(_Schema):
    """The answers, in the order of the notices."""

    answers: list[AnswerSchema]


class TopicSchema(_Schema):
    """A topic of the list."""

    code: str
    label: str
    parent: str | None
    level: Literal[1, 2]
    suggested: bool = Field(description="Whether the model can suggest it.")


class TopicsSchema(_Schema):
    """The list of topics."""

    name: str
    topics: list[TopicSchema]


class ProblemSchema(_Schema):
    """An error (RFC 9457)."""

    type: str
    title: str
    title_en: str
    status: int
    detail: str
    detail_en: str
    instance: str
    errors: list[dict[str, str]] = []


def request_body(schema: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI entry of a request body that a route reads itself."""
    content = {"application/json": {"schema": _inline(schema), "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries of the errors that a route may answer."""
    content = {"application/problem+json": {"schema": _inline(ProblemSchema)}}
    return {status: {"description": _PROBLEMS[status], "content": content} for status in statuses}


_PROBLEMS = {
    400: "The body is not JSON in UTF-8.",
    413: "The body is larger than the limit.",
    422: "A field does not hold what it should; `errors` names it.",
    503: "The service is not ready.",
}


def _inline(schema: type[BaseModel]) -> dict[str, Any]:
    """Return a schema with its parts inside it, since a route cannot add components."""
    whole = schema.model_json_schema()
    parts = whole.pop("$defs", {})

    def filled(node: Any) -> Any:
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/$defs/")
            return filled(parts[name]) if name in parts else {k: filled(v) for k, v in node.items()}
        return [filled(entry) for entry in node] if isinstance(node, list) else node

    inlined: dict[str, Any] = filled(whole)
    return inlined
