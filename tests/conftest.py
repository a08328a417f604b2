"""
What all tests share: the data beside the project if it is there, and a small model of our own.

The small model is trained in a second on notices made of invented places and everyday subjects.

PostgreSQL is looked for at ZHUTI_TEST_POSTGRESQL (a server on this machine if it is not set). Where
it cannot be reached its tests are skipped, unless ZHUTI_TEST_REQUIRE_POSTGRESQL=1: then they fail.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, delete, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from classifier.model import TopicModel, load
from classifier.rows import LabelledNotice
from classifier.training import Trained, train
from corpus.notice import Notice
from corpus.schema import METADATA
from corpus.store import Corpus
from corpus.taxonomy_file import state_council

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.taxonomy import Taxonomy

SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
# Machines are shared and noisy, and the first text waits for a dictionary: no test is timed.
settings.register_profile("zhuti", deadline=None)
settings.load_profile("zhuti")

SHARED = Path(__file__).resolve().parents[2] / "shared"
PLACES = ("青溪县", "石桥镇", "云岭市", "白鹭区", "长汀乡", "南屏县", "桃源市", "松坪镇")
# What notices of a topic speak of; the last entries of each stand in bodies only.
SUBJECTS = {
    "0707": (
        "农村公路养护",
        "公路路面大修",
        "超限超载治理",
        "道路运输安全",
        "公路桥梁加固",
        "路政巡查",
    ),
    "0708": (
        "港口航道建设",
        "内河船舶检验",
        "水上交通安全",
        "渡口渡船管理",
        "航道疏浚",
        "码头经营许可",
    ),
    "1102": (
        "义务教育招生",
        "学前教育普及",
        "校外培训治理",
        "教师资格认定",
        "中小学作业管理",
        "助学金发放",
    ),
    "1301": (
        "疫情防控",
        "基层医疗卫生服务",
        "疫苗接种",
        "传染病监测",
        "家庭医生签约",
        "医院感染管理",
    ),
    "1703": ("最低生活保障", "养老服务补贴", "特困人员供养", "残疾人康复", "临时救助", "殡葬管理"),
    "0402": (
        "增值税申报",
        "税收优惠政策落实",
        "个人所得税汇算",
        "发票管理",
        "非税收入征缴",
        "纳税信用评价",
    ),
    "0302": (
        "优化营商环境",
        "行政审批制度改革",
        "证照分离",
        "市场准入负面清单",
        "一窗受理",
        "告知承诺制",
    ),
}
FORMS = ("关于做好{}工作的通知", "关于印发{}实施方案的通知", "关于加强{}的意见", "{}管理办法")


@pytest.fixture(autouse=True)
def _quick_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the thousands of shipped examples out of what the tests train; one test reads them."""
    monkeypatch.setattr("classifier.examples.state_council_examples", lambda: ())


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real notices beside the project, or skip the test."""
    if not (SHARED / "data" / "notices.jsonl.gz").is_file():
        pytest.skip(f"needs the notices beside the project ({SHARED.name}/ is not there)")
    return SHARED


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    """Return the State Council's list."""
    return state_council()


@pytest.fixture(scope="session")
def small_rows(taxonomy: Taxonomy) -> list[LabelledNotice]:
    """Return some 210 notices of seven topics; one of them has two notices only, one is 其他."""
    rows = [
        _row(taxonomy, code, place, form.format(subject), subject, other)
        for code, subjects in SUBJECTS.items()
        for subject, other in zip(subjects, subjects[1:] + subjects[:1], strict=True)
        for form, place in zip(FORMS + FORMS[:1], cycle(PLACES), strict=False)
    ]
    rows += [
        _row(taxonomy, "1504", place, "关于军队转业干部安置的通知", "军转安置", "转业干部")
        for place in PLACES[:2]
    ]
    rows.append(_row(taxonomy, "22", "青溪县", "关于更换办公用品的通知", "办公用品", "文具"))
    return rows


def _row(
    taxonomy: Taxonomy, code: str, place: str, about: str, subject: str, other: str
) -> LabelledNotice:
    """Return one invented notice; half of them are titles only."""
    title = f"{place}人民政府办公室{about}"
    body = (
        f"各有关单位：\n{place}近年来重视{subject}。为进一步做好{subject}和{other}，提出如下要求。"
    )
    number = sum(map(ord, title))
    return LabelledNotice(
        Notice(
            id=f"{code}-{title}",
            title=title,
            body=body if number % 2 else None,
            issuing_body=f"{place}人民政府办公室",
        ),
        taxonomy.topic(code),
    )


@pytest.fixture(scope="session")
def trained(small_rows: list[LabelledNotice], taxonomy: Taxonomy) -> Trained:
    """Return the small model as it was fitted, in full precision."""
    return train(small_rows, taxonomy, name="small", jobs=1)


@pytest.fixture(scope="session")
def model_folder(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small model; tests that change it must copy it first."""
    folder = tmp_path_factory.mktemp("models") / "small"
    trained.save(folder)
    return folder


@pytest.fixture(scope="session")
def model(model_folder: Path) -> TopicModel:
    """Return the small model as it is loaded from its folder."""
    return load(model_folder)


def _run(url: str, *commands: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            for command in commands:
                connection.execute(text(command))
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Return the address of a new database on PostgreSQL, dropped when all tests are done."""
    server = os.environ.get("ZHUTI_TEST_POSTGRESQL", SERVER)
    name = f"zhuti_test_{os.getpid()}_{secrets.token_hex(4)}"
    try:
        _run(server, f"CREATE DATABASE {name}")
    except (SQLAlchemyError, ImportError) as error:
        if os.environ.get("ZHUTI_TEST_REQUIRE_POSTGRESQL") == "1":
            raise
        pytest.skip(f"needs PostgreSQL at {server}: {type(error).__name__}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgresql_url(postgresql: str) -> Iterator[str]:
    """Return the address of an empty schema on PostgreSQL."""
    with _schema(postgresql) as url:
        yield url


@pytest.fixture(scope="session")
def _postgresql_corpus(postgresql: str) -> Iterator[str]:
    """Return the address of a corpus that is emptied again and again."""
    with _schema(postgresql) as url:
        Corpus.open(url).close()
        yield url


@pytest.fixture
def postgresql_store(_postgresql_corpus: str) -> str:
    """Return the address of an empty corpus on PostgreSQL."""
    _run(
        _postgresql_corpus,
        ";".join(
            [
                *(str(delete(table)) for table in reversed(METADATA.sorted_tables)),
                "INSERT INTO revision VALUES (1, 0, now())",
                *(f"ALTER SEQUENCE {name}_id_seq RESTART" for name in ("tags", "events")),
            ]
        ),
    )
    return _postgresql_corpus


@contextmanager
def _schema(database: str) -> Iterator[str]:
    """Yield the address of a new schema, and drop it."""
    name = f"test_{secrets.token_hex(6)}"
    _run(database, f"CREATE SCHEMA {name}")
    url = make_url(database).update_query_dict({"options": f"-csearch_path={name}"})
    yield url.render_as_string(hide_password=False)
    _run(database, f"DROP SCHEMA {name} CASCADE")
