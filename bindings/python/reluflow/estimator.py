"""A scikit-learn estimator: one ReLU neuron, trained by the exact gradient flow.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import warnings
from typing import Any, Iterator

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from ._arrays import Array
from .constants import Status
from .errors import ArgumentError
from .model import Model, parse_activation
from .trajectory import Trajectory


class ReLUNeuronRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Regression with one ReLU neuron, ``f(x) = max(x . w + b, 0)``.

    Trained by following the gradient flow of the weighted mean of ``1/2 (f(x) - y)^2`` exactly, to
    its certified limit or to a time (early stopping).

    Parameters
    ----------
    activation : {"relu", "linear", "leaky:SLOPE"} or ("leaky", SLOPE), default "relu"
    fit_intercept : bool, default True
        Fit b, the weight of a constant column 1.
    init : {"pull", "random"} or array_like of shape (n_features,) or (n_features + 1,)
        The direction of the start, the intercept last.  "pull", the default, is sum_i c_i y_i x_i,
        the first velocity of a neuron that is active on all data; "random" is uniform on the sphere.
        An array of n_features numbers has intercept 0.
    scale : float, default 0
        The start is scale times the direction; 0 is the exact limit of vanishing initialization.
    t_end : float, default infinity
        The end time of the flow, in the unit of 1/x^2.
    max_events : int, default 0
        Stop after so many events, with a ConvergenceWarning; 0 is no limit.
    random_state : int, RandomState or None
        For init="random".

    Attributes
    ----------
    coef_ : numpy.ndarray, shape (n_features,)
    intercept_ : float
    trajectory_ : Trajectory
        The flow, with its events and support vectors.
    support_ : numpy.ndarray of int
        Indices of the data (rows of X in fit) that the neuron is active on at the end.
    n_features_in_ : int
    feature_names_in_ : numpy.ndarray of str
        Only if X in fit had names for all columns.

    Notes
    -----
    With the tag ``poor_score`` scikit-learn's checks do not ask for a score: a ReLU neuron cannot
    output negative numbers, and their labels have mean 0.
    Data of weight 0 are left out, for the library wants weights > 0.
    Source: docs/mathematics.md 1 to 3; 4.2 for scale 0.
    """

    coef_: Array
    intercept_: float
    trajectory_: Trajectory

    def __init__(self, *, activation: Any = "relu", fit_intercept: bool = True, init: Any = "pull",
                 scale: float = 0.0, t_end: float = np.inf, max_events: int = 0,
                 random_state: Any = None):
        self.activation = activation
        self.fit_intercept = fit_intercept
        self.init = init
        self.scale = scale
        self.t_end = t_end
        self.max_events = max_events
        self.random_state = random_state

    def _direction(self, model: Model) -> Array:
        if isinstance(self.init, str):
            if self.init == "pull":
                assert model.weights is not None
                result: Array = (model.weights * model.y) @ model.X.astype(np.float64, copy=False)
                return result
            if self.init == "random":
                normal: Array = check_random_state(self.random_state).normal(size=model.d)
                return normal / float(np.sqrt(normal @ normal))
            raise ArgumentError(f"init is {self.init!r}, not \"pull\", \"random\" or an array")
        direction = np.asarray(self.init, dtype=np.float64)
        if self.fit_intercept and direction.shape == (model.d - 1,):
            direction = np.append(direction, 0.0)
        return direction

    def fit(self, X: ArrayLike, y: ArrayLike,
            sample_weight: ArrayLike | None = None) -> ReLUNeuronRegressor:
        """Follows the flow.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        y : array_like, shape (n_samples,)
        sample_weight : array_like, shape (n_samples,), optional
            Weights >= 0 of the data, not all 0; only their ratios matter.

        Returns
        -------
        self
        """
        data, labels = self._validate_data(X, y, y_numeric=True, dtype=[np.float64, np.float32])
        weight = _check_sample_weight(sample_weight, data, dtype=np.float64, only_non_negative=True)
        kept = np.flatnonzero(weight > 0)
        if not len(kept):
            raise ArgumentError("every sample_weight is 0")
        if len(kept) < len(weight):
            data, labels, weight = data[kept], labels[kept], weight[kept]
        # The trajectory outlives this call: it keeps data of its own.
        model = Model(data, np.asarray(labels, np.float64), bias=bool(self.fit_intercept),
                      weights=weight / weight.sum(), activation=self.activation, copy=True)
        direction = self._direction(model)
        if np.any(direction) or self.scale != 0:
            start: dict[str, Any] = {"direction": direction, "scale": float(self.scale)}
        else:
            start = {"w0": direction}  # no pull: 0 is where a vanishing start stays
        self.trajectory_ = model.flow(**start, t_end=self.t_end, max_events=self.max_events)
        self._keep(self.trajectory_.weights)
        self.support_ = kept[self.trajectory_.support.active]
        if self.trajectory_.status == Status.EVENT_LIMIT:
            warnings.warn(f"stopped after max_events = {self.max_events} events, at t = "
                          f"{self.trajectory_.time:g}", ConvergenceWarning, stacklevel=2)
        return self

    def _keep(self, w: Array) -> None:
        self.coef_ = w[:-1].copy() if self.fit_intercept else w.copy()
        self.intercept_ = float(w[-1]) if self.fit_intercept else 0.0

    def _output(self, z: Array) -> Array:
        slope = parse_activation(self.activation)[1]
        result: Array = np.where(z > 0, z, slope * z)
        return result

    def predict(self, X: ArrayLike) -> Array:
        """f(x) for every row of X.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)

        Returns
        -------
        numpy.ndarray, shape (n_samples,)
        """
        check_is_fitted(self)
        data = self._validate_data(X, reset=False, dtype=[np.float64, np.float32])
        return self._output(data.astype(np.float64, copy=False) @ self.coef_ + self.intercept_)

    def staged_predict(self, X: ArrayLike, times: ArrayLike) -> Iterator[Array]:
        """f(x) with the weights at each of some times of the training flow.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        times : array_like, shape (k,)

        Yields
        ------
        numpy.ndarray, shape (n_samples,)
        """
        check_is_fitted(self)
        data = self._validate_data(X, reset=False, dtype=[np.float64]).astype(np.float64)
        for w in self.trajectory_.at(np.atleast_1d(np.asarray(times, np.float64))):
            coefficients, intercept = (w[:-1], w[-1]) if self.fit_intercept else (w, 0.0)
            yield self._output(data @ coefficients + intercept)

    def _more_tags(self) -> dict[str, Any]:
        return {"poor_score": True}
