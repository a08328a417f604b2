"""
The shapes of requests and answers, for the documentation only: nothing is checked by them.
"""

from __future__ import annotations

from datetime import date, datetime
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
    from_issuing_body: float = Field(description="发文机关名称对该主题得分的影响；未知时为 0")


class ModelNameSchema(_Schema):
    """Which model answered."""

    name: str
    digest: str


class PrecedentTopicSchema(ParentSchema):
    """The current theme of an earlier notice, and who said so."""

    source: str | None


class PrecedentSchema(_Schema):
    """An earlier notice of the corpus, and what it has in common with the one asked about."""

    id: str
    title: str | None
    url: str | None
    published_on: date | None
    issuing_body: str | None
    topic: PrecedentTopicSchema | None
    similarity: float = Field(description="Cosine, 0 to 1.")
    words: list[str] = Field(description="What both say, strongest first.")


class PrecedentsSchema(_Schema):
    """Up to three earlier notices, most similar first."""

    precedents: list[PrecedentSchema]


class AnswerSchema(_Schema):
    """Ranked topics for one notice, with what was read of it."""

    notice: NoticeSchema
    verdict: Literal["accept", "review", "abstain"]
    reason: str | None = Field(description="为何需要复核或无法建议")
    level_1: LevelOneSchema | None
    suggestions: list[SuggestionSchema]
    pending: list[ParentSchema] = Field(
        description="待选的二级主题：一级有把握而二级没有时，由人从中选定"
    )
    warnings: list[str] = Field(description="密级标志、身份号码、手机号码等提醒")
    model: ModelNameSchema
    precedents: list[PrecedentSchema] | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="相似的已发布公文；仅在请求带 precedents=true 且服务连接公文库时才有",
    )


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
    notices: int | None = Field(description="How many notices have it, or a topic below it.")


class TopicsSchema(_Schema):
    """The list of topics."""

    name: str
    topics: list[TopicSchema]


class HighlightsSchema(_Schema):
    """Where the words stand, in code points; the snippet is a part of the body as it is."""

    title: list[tuple[int, int]]
    snippet: str
    snippet_spans: list[tuple[int, int]]


class HitSchema(NoticeSchema):
    """A notice that was found: all its fields but the body."""

    body: None = Field(None, exclude=True)
    topic: str | None
    topic_source: str | None
    highlights: HighlightsSchema


class FacetSchema(_Schema):
    """How many of the notices found have a value."""

    value: str
    count: int


class WideningSchema(_Schema):
    """An everyday word, and the official ones that were looked for as well."""

    typed: str
    added: list[str]


class ResultSchema(_Schema):
    """What was found; a facet's own choice does not reduce its counts."""

    total: int
    hits: list[HitSchema]
    facets: dict[str, list[FacetSchema]]
    widened: list[WideningSchema]


class TagSchema(_Schema):
    """A topic that somebody gave; one with *retracts* takes back the tag of that id."""

    id: int
    topic: str | None
    topic_label: str | None
    source: Literal["issuer", "publisher", "model", "reviewer"]
    by: str
    at: datetime
    model: str | None
    probability: float | None
    batch: str | None
    retracts: int | None


class ThemeSchema(_Schema):
    """A notice's current theme, and who said so."""

    topic: str | None = Field(description="Its code.")
    topic_label: str | None = Field(description="As a page prints it.")
    topic_source: Literal["issuer", "publisher", "model", "reviewer"] | None


class StoredSchema(ThemeSchema):
    """A notice of the corpus with its current theme."""

    notice: NoticeSchema
    state: Literal["live", "withdrawn", "purged"]
    revision: int
    stored_at: datetime
    changed_at: datetime


class CopySchema(_Schema):
    """Another notice with the same index number or document number."""

    id: str
    url: str | None
    title: str | None


class StoredWithHistorySchema(StoredSchema):
    """A notice of the corpus with all that was said of its theme."""

    history: list[TagSchema] = Field(description="Oldest first.")
    copies: list[CopySchema]


class ChangeSchema(_Schema):
    """What an arrival did."""

    what: Literal["new", "changed", "unchanged"]
    id: str
    revision: int


class PublishedSchema(StoredSchema):
    """A notice as it is stored now, and what the model suggests."""

    change: ChangeSchema
    suggestion: AnswerSchema


class ChoiceSchema(_Schema):
    """The topic that a person chooses."""

    topic: str = Field(description="Code or printed label.")
    source: Literal["publisher", "reviewer"] = "publisher"
    by: str = Field("api", description="The name of that person.")


class ChosenSchema(StoredSchema):
    """A notice as it is now, and what was just said of it."""

    tag: TagSchema


class ChangedSchema(ThemeSchema):
    """A notice that changed, was withdrawn or purged."""

    id: str
    url: str | None
    revision: int
    state: Literal["live", "withdrawn", "purged"]


class ChangesSchema(_Schema):
    """What changed; ask again with *revision*."""

    revision: int
    changes: list[ChangedSchema]


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
    404: "There is no such notice, or it is hidden.",
    409: "There is nothing to undo; in the review: somebody else has it, or it is settled.",
    413: "The body is larger than the limit.",
    422: "A field does not hold what it should; `errors` names it.",
    503: "The corpus or its index cannot be used just now; try again.",
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
