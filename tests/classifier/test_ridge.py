"""Many targets are fitted at once as each would be alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array
from sklearn.linear_model import Ridge

from classifier.ridge import fit_ridge


@pytest.fixture(scope="module")
def features() -> csr_array:
    """Return sparse rows of invented numbers."""
    return csr_array(random_array((80, 30), density=0.3, rng=np.random.default_rng(0)))


def test_weights_are_those_of_scikit_learn(features):
    """The minimum of the same cost is found, constants included."""
    targets = np.where(np.random.default_rng(1).random((80, 5)) < 0.3, 1.0, -1.0)

    weights, constants = fit_ridge(features, targets, regularization=0.8, tolerance=1e-6)

    expected = Ridge(alpha=0.8, solver="cholesky").fit(features.toarray(), targets)
    assert weights == pytest.approx(expected.coef_.T, abs=1e-4)
    assert constants == pytest.approx(expected.intercept_, abs=1e-4)


def test_a_target_that_never_changes_has_no_weights(features):
    """Nothing is learned of a topic that all notices have, and nothing breaks."""
    weights, constants = fit_ridge(features, np.ones((80, 1)), regularization=0.8)

    assert not weights.any()
    assert constants == pytest.approx([1.0])
