"""A notice in, ranked topics out; and nothing where there is nothing to say."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from classifier import fitting, ridge
from classifier.columns import choose_columns
from classifier.counting import count
from classifier.crosswalk import Crosswalk, Target
from classifier.features import Weights, cut
from classifier.probability import Calibration
from classifier.suggestion import Verdict
from classifier.thresholds import NEVER, Thresholds
from corpus.notice import Notice
from corpus.paste import complete
from corpus.segmentation import open_segmenter
from corpus.taxonomy import Topic


@pytest.mark.parametrize(
    ("notice", "code"),
    [
        (Notice(title="关于做好农村公路养护工作的通知"), "0707"),
        (Notice(body="为规范义务教育招生，治理校外培训，现提出如下要求。"), "1102"),
        (Notice(title="管理办法", body="增值税申报和发票管理按本办法执行。"), "0402"),
    ],
)
def test_title_alone_and_body_alone_are_enough(model, notice, code):
    """Either part of a notice gives its topic."""
    answer = model.suggest(notice)

    assert answer.suggestions[0].topic.code == code


def test_a_clear_notice_is_accepted(model):
    """Above the threshold the verdict is accept and there is no reason to doubt."""
    answer = model.suggest(Notice(title="青溪县人民政府办公室关于加强农村公路养护的意见"))

    assert answer.verdict is Verdict.ACCEPT
    assert answer.reason is None
    assert answer.level_1.topic.code == "07"


def test_probabilities_are_ranked_and_sum_to_one(model):
    """All topics together are certain, and the best comes first."""
    answer = model.suggest(Notice(title="关于养老服务的通知"), limit=20)
    probabilities = [suggestion.probability for suggestion in answer.suggestions]

    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1)


def test_what_the_issuing_body_moves_is_said_apart(model):
    """The name of the issuer moves a score and stands in no word of title or body."""
    title = "关于农村公路养护的通知"
    without = model.suggest(Notice(title=title)).as_json()
    answer = model.suggest(Notice(title=title, issuing_body="青溪县教育局")).as_json()

    assert {s["from_issuing_body"] for s in without["suggestions"]} == {0.0}
    for suggestion in answer["suggestions"]:
        assert "from_issuing_body" in suggestion
        assert {one["field"] for one in suggestion["evidence"]} <= {"title"}


def test_level_one_sums_what_is_below_it(model):
    """The first level's probability is that of its topics together."""
    answer = model.suggest(Notice(title="关于税收优惠和一窗受理的通知"), limit=20)
    code = answer.level_1.topic.code

    below = [s.probability for s in answer.suggestions if (s.parent or s.topic).code == code]
    assert answer.level_1.probability == pytest.approx(sum(below))


@pytest.mark.parametrize(
    ("notice", "said"),
    [
        (Notice(), "没有标题也没有正文"),
        (Notice(title="  ", body="\n\n"), "没有标题也没有正文"),
        (Notice(body="Notice on roads"), "没有汉字"),
        (Notice(body="😀😀"), "没有汉字"),
        (Notice(body="\u3007囧"), "没有模型认识的词语"),
    ],
)
def test_nothing_to_read_is_said_in_words(model, notice, said):
    """Without text, Chinese or known words the model abstains and says why."""
    answer = model.suggest(notice)

    assert answer.verdict is Verdict.ABSTAIN
    assert said in answer.reason
    assert answer.suggestions == ()
    assert answer.as_json()["level_1"] is None


def test_a_doubtful_notice_abstains_but_shows_the_nearest(model):
    """Where nothing reaches the threshold 其他 is offered, with the nearest topics beside it."""
    doubtful = model.mapped(_Everywhere())
    doubtful.thresholds = doubtful.root_thresholds = type(model.thresholds)(0.9999, 0.9998)

    answer = doubtful.suggest(Notice(title="关于召开会议的函"))

    assert answer.verdict is Verdict.ABSTAIN
    assert "其他" in answer.reason
    assert answer.suggestions


class _Everywhere:
    """A crosswalk that leads every topic to one of two of a site's."""

    def __init__(self) -> None:
        self._targets = [Target(Topic(name, name), None) for name in ("甲", "乙")]

    def to(self, code: str):
        return self._targets[int(code) % 2]


def test_a_site_gets_answers_in_its_own_list(model, tmp_path):
    """A crosswalk turns topics into the site's; what leads nowhere is never shown."""
    path = tmp_path / "map.csv"
    path.write_text("from,to\n07,交通运输-公路管理\n科技、教育-教育,民生\n1703,民生\n", "utf-8")
    mapped = model.mapped(Crosswalk.read(path, model.taxonomy))

    road = mapped.suggest(Notice(title="农村公路养护"), limit=20)
    people = mapped.suggest(Notice(title="义务教育招生和养老服务补贴"), limit=20)

    assert road.suggestions[0].topic.code == "交通运输-公路管理"
    assert road.suggestions[0].parent.label == "交通运输"
    assert {s.topic.code for s in road.suggestions} == {"交通运输-公路管理", "民生"}
    assert people.level_1.topic.label == "民生"
    own = {
        s.topic.code: s.probability
        for s in model.suggest(Notice(title="义务教育招生和养老服务补贴"), limit=20).suggestions
    }
    assert people.suggestions[0].probability == pytest.approx(own["1102"] + own["1703"])


def test_what_should_not_be_published_is_warned_of(model):
    """A mark of secrecy does not stop the answer; it is said beside it."""
    answer = model.suggest(
        Notice(title="关于农村公路养护的通知", body="秘密★\n联系人电话13800001234")
    )

    assert len(answer.warnings) == 2
    assert answer.suggestions


def test_the_float32_path_is_scikit_learns_own(small_rows, taxonomy, monkeypatch):
    """Our scores are the decision values of scikit-learn's models, fitted as closely, to 1e-4."""
    monkeypatch.setattr(
        fitting,
        "fit_ridge",
        lambda *given, **how: ridge.fit_ridge(*given, **how | {"tolerance": 1e-6}),
    )
    labelled = [row for row in small_rows if row.topic.code != "22"]
    columns = choose_columns(labelled, taxonomy)
    targets = columns.targets(labelled)

    cuts = [cut(complete(row.notice), open_segmenter(), body_limit=3000) for row in labelled]
    everything, n_columns = np.arange(len(cuts)), len(columns.codes)
    vectorizer, matrix = count(cuts).select(everything, weights=Weights())
    fitted = fitting.fit(matrix, targets, everything)
    expected = sum(
        share
        * Ridge(alpha=fitting.REGULARIZATION, solver="cholesky")
        .fit(matrix.toarray().astype(np.float64), fitting._signs(gold, other, n))
        .predict(matrix.toarray().astype(np.float64))[:, lift]
        for share, gold, other, n, lift in (
            (1.0, targets.topics, targets.alternatives, n_columns, np.arange(n_columns)),
            (
                fitting.LEVEL_ONE_SHARE,
                targets.roots,
                targets.alternative_roots,
                targets.root_of.max() + 1,
                targets.root_of,
            ),
        )
    )

    for number, pieces in enumerate(cuts):
        row = vectorizer.row(pieces)
        scores = row.values @ fitted.weights[row.columns] + fitted.constants
        assert scores == pytest.approx(expected[number], abs=1e-4)


def test_what_is_stored_answers_as_what_was_fitted(trained, model, small_rows):
    """float16 on disk keeps the five best topics, and probabilities to 1e-3."""
    calibration = Calibration.from_json(trained.card["calibration"])
    for row in small_rows[::5]:
        features = model.row(model.cut(row.notice))
        linear = trained.linear
        fitted = features.values @ linear.weights[features.columns] + linear.constants
        expected = calibration.probabilities(fitted[None], np.array([features.untitled]))[0]
        stored, _ = model.probabilities(model.cut(row.notice))

        best = np.argsort(-stored, kind="stable")[:5]
        assert stored == pytest.approx(expected, abs=1e-3)
        # Topics of practically equal probability may change places, others not.
        assert expected[best] == pytest.approx(np.sort(expected)[::-1][:5], abs=1e-5)


def test_serving_loads_no_training_library(model_folder):
    """A worker imports neither scikit-learn nor SciPy: it starts fast and stays small."""
    script = (
        "import sys; from pathlib import Path; from classifier.model import load;"
        "from corpus.notice import Notice;"
        f"load(Path({str(model_folder)!r})).suggest(Notice(title='公路'));"
        "import service.app, service.cli;"
        "heavy = ('sklearn', 'scipy', 'joblib', 'datasketch', 'jieba');"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_many_notices_are_answered_one_at_a_time(model):
    """A stream of notices is answered as it comes; nothing is gathered first."""
    taken = []

    def notices():
        for number in range(1000):
            taken.append(number)
            yield Notice(title="农村公路养护")

    next(model.suggest_all(notices()))

    assert taken == [0]


def test_judging_many_is_suggesting_one_by_one(model, small_rows):
    """The same topics, probabilities, verdicts and words; what cannot be read is silent."""
    notices = [row.notice for row in small_rows[:60]]
    notices[7:7] = [Notice(), Notice(body="plain English"), Notice(title="——")]

    judged = model.judge(notices, explained=1)

    for notice, answer in zip(notices, judged, strict=True):
        alone = model.suggest(notice)
        assert (answer.verdict, answer.reason) == (alone.verdict, alone.reason)
        assert [one.topic for one in answer.suggestions] == [one.topic for one in alone.suggestions]
        assert [one.probability for one in answer.suggestions] == pytest.approx(
            [one.probability for one in alone.suggestions], abs=1e-9
        )
        assert [one.evidence for one in answer.suggestions[:1]] == [
            one.evidence for one in alone.suggestions[:1]
        ]
    assert model.judge([]) == []
    assert [answer.suggestions for answer in model.judge(notices[7:9])] == [(), ()]


def test_a_sure_first_level_names_what_is_pending(model):
    """Where only the first level is sure, its second levels are offered."""
    torn = model.promising(Thresholds(NEVER, 0.2), Thresholds(0.3, 0.2))

    answer = torn.suggest(Notice(title="关于做好农村公路养护工作的通知"))

    assert answer.level_1.verdict is Verdict.ACCEPT
    assert answer.verdict is Verdict.REVIEW
    assert answer.pending[0].code == "0707"
    assert {topic.parent for topic in answer.pending} == {"07"}
    assert "工业、交通 → 待选：公路" in answer.reason
    assert answer.as_json()["pending"][0] == {"code": "0707", "label": "公路"}


def test_nothing_is_pending_where_the_answer_is_accepted(model):
    """A sure leaf is the answer."""
    sure = model.promising(Thresholds(0.1, 0.05), Thresholds(0.1, 0.05))

    assert sure.suggest(Notice(title="关于做好农村公路养护工作的通知")).pending == ()
