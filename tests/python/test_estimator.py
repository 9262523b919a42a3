"""test_estimator.py: the estimator passes scikit-learn's checks, and is the neuron of the library.
SPDX-License-Identifier: MIT"""
import pickle

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import reluflow
from reluflow import ReLUNeuronRegressor


@parametrize_with_checks([
    ReLUNeuronRegressor(), ReLUNeuronRegressor(fit_intercept=False),
    ReLUNeuronRegressor(activation="leaky:0.1"),
    ReLUNeuronRegressor(init="random", scale=0.1, t_end=5.0)])
def test_scikit_learn(estimator, check):
    """Every check; there is no exception but the tag poor_score, below."""
    check(estimator)


def test_the_one_tag():
    """Why poor_score: labels of mean 0 have no good fit by a function >= 0; a linear neuron has."""
    assert ReLUNeuronRegressor()._get_tags()["poor_score"]
    random = np.random.default_rng(0)
    X = random.normal(size=(100, 3))
    y = X @ [1.0, 2.0, 3.0]
    assert ReLUNeuronRegressor().fit(X, y).score(X, y) < 0.8
    assert ReLUNeuronRegressor(activation="linear").fit(X, y).score(X, y) > 1 - 1e-12


def teacher(seed=0, n=200):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 4))
    return X, np.maximum(X @ [1.0, -2.0, 0.5, 1.5] + 0.7, 0)


def test_learns_a_neuron():
    X, y = teacher()
    fitted = ReLUNeuronRegressor().fit(X, y)
    np.testing.assert_allclose(fitted.coef_, [1, -2, 0.5, 1.5], atol=1e-9)
    np.testing.assert_allclose(fitted.intercept_, 0.7, atol=1e-9)
    assert fitted.score(X, y) > 1 - 1e-12 and fitted.trajectory_.converged
    assert fitted.support_.tolist() == np.flatnonzero(X @ fitted.coef_ + fitted.intercept_ > 0).tolist()


def test_linear_is_least_squares():
    X, y = teacher()
    ours = ReLUNeuronRegressor(activation="linear").fit(X, y)
    theirs = LinearRegression().fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-9, atol=1e-9)


def test_is_the_model():
    X, y = teacher(1)
    weight = np.linspace(0, 2, len(y))
    init = [1.0, 0.0, 0.0, 0.5, 0.1]
    fitted = ReLUNeuronRegressor(init=init, scale=0.3).fit(X, y, weight)
    keep = weight > 0
    model = reluflow.Model(X[keep], y[keep], bias=True, weights=weight[keep] / weight.sum())
    expected = model.flow(0.3 * np.array(init)).limit
    np.testing.assert_allclose(np.append(fitted.coef_, fitted.intercept_), expected, rtol=1e-12)
    stages = list(fitted.staged_predict(X, [0.0, 1.0, np.inf]))
    np.testing.assert_allclose(stages[0], np.maximum(0.3 * (X @ init[:4] + init[4]), 0), atol=1e-14)
    np.testing.assert_allclose(stages[2], fitted.predict(X))


def test_settings():
    X, y = teacher()
    with pytest.warns(ConvergenceWarning, match="max_events = 1"):
        ReLUNeuronRegressor(scale=1.0, init="random", random_state=0, max_events=1).fit(X, y)
    early = ReLUNeuronRegressor(t_end=0.01, init=[1, 0, 0, 0], scale=0.1).fit(X, y)
    assert early.trajectory_.time == 0.01
    zero = ReLUNeuronRegressor().fit(X, np.zeros(len(y)))
    assert not zero.coef_.any() and not zero.predict(X).any()
    for bad in ({"init": "zero"}, {"init": [1, 2]}, {"activation": "tanh"}, {"scale": -1.0}):
        with pytest.raises(ValueError):
            ReLUNeuronRegressor(**bad).fit(X, y)
    with pytest.raises(ValueError):
        ReLUNeuronRegressor().fit(X, y, np.zeros(len(y)))
    with pytest.raises(ValueError):
        ReLUNeuronRegressor().fit(X, y, np.full(len(y), -1.0))


def test_in_a_pipeline():
    X, y = teacher()
    search = GridSearchCV(make_pipeline(StandardScaler(), ReLUNeuronRegressor()),
                          {"reluneuronregressor__activation": ["relu", "linear"]}, cv=3)
    search.fit(10 + 3 * X, y)
    assert search.best_params_ == {"reluneuronregressor__activation": "relu"}
    again = pickle.loads(pickle.dumps(search.best_estimator_))
    assert again.predict(10 + 3 * X).tobytes() == search.predict(10 + 3 * X).tobytes()
