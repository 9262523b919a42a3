"""test_model.py: what a model takes, keeps and says.
SPDX-License-Identifier: MIT"""
import gc
import pickle
import weakref

import numpy as np
import pandas
import pytest

import reluflow
from conftest import problem
from reluflow import Model


def neuron(X, y, w, c=1.0, beta=0.0):
    """Loss and gradient with NumPy."""
    z = X @ w
    slope = np.where(z > 0, 1.0, beta)
    r = slope * z - y
    return 0.5 * np.sum(c * r * r), X.T @ (c * slope * r)


def close(a, b, size=1.0):
    """Equal to some hundred units in the last place of the largest number that occurs."""
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12 * size)


@pytest.mark.parametrize("activation, beta", [("relu", 0), ("linear", 1), ("leaky:0.25", 0.25),
                                              (("leaky", 0.25), 0.25),
                                              (reluflow.Activation.RELU, 0)])
def test_loss_and_gradient(activation, beta):
    X, y, w = problem(1)
    c = np.linspace(0.5, 2, len(y))
    model = Model(X, y, weights=c, activation=activation)
    loss, gradient = neuron(X, y, w, c, beta)
    close(model.loss(w), loss)
    close(model.gradient(w), gradient)
    close(model.evaluate(w, "margins"), X @ w)
    close(model.predict(w), np.maximum(X @ w, beta * (X @ w)))
    assert model.evaluate(w, "pattern").tolist() == (X @ w > 0).astype(float).tolist()


def layouts():
    X = problem(2, n=30, d=3)[0]
    padded = np.zeros((30, 8))
    padded[:, 2:5] = X
    wide = np.zeros((60, 6))
    wide[::2, ::2] = X
    raw = np.zeros(30 * 3 * 8 + 1, np.uint8)
    unaligned = raw[1:].view(np.float64).reshape(30, 3)
    unaligned[:] = X
    record = np.zeros(30, [("a", "u1"), ("x", "f8", 3)])
    record["x"] = X
    readonly = X.copy()
    readonly.flags.writeable = False
    return {
        "rows": X, "columns": np.asfortranarray(X), "padded": padded[:, 2:5], "every second": wide[::2, ::2],
        "reversed": X[::-1, ::-1][::-1, ::-1], "negative": np.ascontiguousarray(X[::-1])[::-1],
        "unaligned": unaligned, "records": record["x"], "big endian": X.astype(">f8"),
        "read only": readonly, "list": X.tolist(), "frame": pandas.DataFrame(X),
        "object": X.astype(object), "long double": X.astype(np.longdouble), "matrix": np.asmatrix(X),
    }


@pytest.mark.parametrize("name", layouts())
def test_layouts(name):
    """The same matrix in any layout is the same model, to the last bit."""
    values = layouts()[name]
    X, y, w0 = problem(2, n=30, d=3)
    expected = Model(np.array(X), y, copy=True).flow(w0)
    found = Model(values, y).flow(w0)
    assert found.limit.tobytes() == expected.limit.tobytes()
    assert found.events.tobytes() == expected.events.tobytes()


@pytest.mark.parametrize("dtype", ["i1", "i4", "i8", "u1", "u8", "?", "f2", "f4", "f8"])
def test_types(dtype):
    """Numbers that the type holds exactly give what doubles give."""
    whole = np.random.default_rng(0).integers(0, 2 if dtype == "?" else 7, size=(12, 3))
    y = np.arange(12) % 5
    w0 = [0.3, -0.2, 0.1]
    expected = Model(whole.astype(float), y.astype(float)).flow(w0).limit
    model = Model(whole.astype(dtype), y.astype(dtype) if dtype != "?" else y)
    close(model.flow(w0).limit, expected)
    close(model.predict(w0), np.maximum(whole @ w0, 0))


def test_borrowed():
    """Contiguous rows are used in place and kept alive; other data are not touched."""
    X, y, w0 = problem(4)
    model = Model(X, y)
    assert model.X is X and model.y is y
    before = model.loss(w0)
    X[0] *= 2
    assert model.loss(w0) != before, "the library reads the array itself"
    copied = Model(X, y, copy=True)
    before = copied.loss(w0)
    X[0] *= 2
    y += 1
    assert copied.loss(w0) == before

    alive = weakref.ref(X)
    trajectory = model.flow(w0)
    expected = trajectory.loss()
    del X, model, copied
    gc.collect()
    assert alive() is not None
    assert trajectory.loss() == expected and trajectory.clone().loss() == expected
    del trajectory
    gc.collect()
    assert alive() is None


def test_single_precision():
    """Floats stay floats, borrowed, and give the bits of the doubles of the same value."""
    X, y, w0 = problem(8)
    single = X.astype(np.float32)
    model = Model(single, y)
    assert model.X is single
    expected = Model(single.astype(np.float64), y)
    assert model.flow(w0).limit.tobytes() == expected.flow(w0).limit.tobytes()
    assert model.loss(w0) == expected.loss(w0)
    for layout in (np.asfortranarray(single), np.ascontiguousarray(single[::-1])[::-1]):
        assert Model(layout, y).flow(w0).limit.tobytes() == expected.flow(w0).limit.tobytes()
    assert Model(single, y, bias=True).X.dtype == np.float32
    with_bias, w = Model(single, y, bias=0.1), np.append(w0, 1.0)  # no float is 0.1
    close(with_bias.predict(w, single), with_bias.predict(w))
    assert with_bias.X[0, -1] == 0.1
    before = model.loss(w0)
    single[0] *= 2
    assert model.loss(w0) != before, "the library reads the array itself"


def test_single_precision_of_an_older_library(monkeypatch):
    """A library that does not know the flag is given doubles."""
    X, y, w0 = problem(8)
    single = X.astype(np.float32)
    monkeypatch.setattr(reluflow.model, "_DATA_F32", 1 << 30)
    model = Model(single, y)
    assert model.X.dtype == np.float64 and np.array_equal(model.X, single)
    assert model.flow(w0).limit.tobytes() == Model(single.astype(float), y).flow(w0).limit.tobytes()
    with pytest.raises(reluflow.NotFiniteError, match=r"X\[0\]\[0\]"):
        Model(np.full((2, 2), np.nan, np.float32), [1, 1])


def test_bias_and_names():
    X, y, _ = problem(5)
    ones = np.hstack([X, np.full((len(X), 1), 3.0)])
    w0 = np.arange(5) / 10
    model = Model(pandas.DataFrame(X, columns=list("abcd")), y, bias=3)
    assert model.names == ["a", "b", "c", "d", "(bias)"] and model.d == 5
    assert model.loss(w0) == Model(ones, y).loss(w0)
    close(model.predict(w0, X), np.maximum(ones @ w0, 0))
    close(model.predict(w0, X), model.predict(w0, ones))
    assert Model(X, y).names == ["x1", "x2", "x3", "x4"]
    assert Model(X, y, bias=True).X[:, -1].tolist() == [1.0] * len(X)


def test_weights():
    X, y, w0 = problem(6)
    mean = Model(X, y, weights="mean")
    close(mean.loss(w0), Model(X, y).loss(w0) / len(y))
    close(Model(X, y, weights=2.5).loss(w0), 2.5 * Model(X, y).loss(w0))
    # A datum of weight 2 is a datum that stands there twice.
    c = np.ones(len(y))
    c[3] = 2
    twice = Model(np.vstack([X, X[3]]), np.append(y, y[3])).flow(w0)
    close(Model(X, y, weights=c).flow(w0).limit, twice.limit)


@pytest.mark.parametrize("arguments, kind, said", [
    (([[1, np.nan]], [1]), reluflow.NotFiniteError, "X[0][1]"),
    (([[1, 2]], [np.inf]), reluflow.NotFiniteError, "y[0]"),
    (([1, 2], [1, 2]), reluflow.SizeError, "X[:, None]"),
    (([[1, 2]], [1, 2]), reluflow.SizeError, "y has 2 elements, not 1"),
    ((np.zeros((0, 2)), []), reluflow.SizeError, "empty"),
    (([[1j]], [1]), reluflow.ArgumentError, "complex"),
    (([["a"]], [1]), reluflow.ArgumentError, "real numbers"),
    (([[1], [2, 3]], [1, 1]), reluflow.ArgumentError, "X"),
    ((np.ma.array([[1.0, 2.0]], mask=[[0, 1]]), [1]), reluflow.NotFiniteError, "masked"),
    (([[1e200, 1e200]], [1]), None, ""),
    (([[1.7e308, 1.7e308]], [1]), reluflow.NumericalError, ""),
])
def test_bad_data(arguments, kind, said):
    if kind is None:
        assert Model(*arguments).n == 1
        return
    with pytest.raises(kind) as caught:
        Model(*arguments)
    assert said in str(caught.value)
    assert isinstance(caught.value, reluflow.ReluflowError)


@pytest.mark.parametrize("options, kind", [
    ({"activation": "tanh"}, ValueError), ({"activation": "leaky"}, ValueError),
    ({"activation": "leaky:1"}, ValueError), ({"activation": ("leaky", np.nan)}, ValueError),
    ({"weights": [1, 0]}, reluflow.ArgumentError), ({"weights": [1]}, reluflow.SizeError),
    ({"weights": "sum"}, ValueError), ({"weights": -1.0}, ValueError),
    ({"outer_weights": []}, reluflow.SizeError), ({"outer_weights": [1, 0]}, ValueError),
    ({"outer_weights": [1, 2], "activation": "linear"}, reluflow.StateError),
    ({"threads": 0}, reluflow.ArgumentError), ({"bias": np.nan}, reluflow.NotFiniteError),
])
def test_bad_settings(options, kind):
    with pytest.raises(kind):
        Model([[1, 2], [3, 4]], [1, 1], **options)


def test_exceptions_carry_status_and_message():
    with pytest.raises(ValueError) as caught:
        Model([[1, 2]], [1]).flow([np.nan, 0])
    error = caught.value
    assert isinstance(error, reluflow.NotFiniteError)
    assert error.status == -2 and error.function == "rf_model_init" and "w0[0]" in error.message
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and again.status == -2 and again.message == error.message
    for kind, builtin in [(reluflow.StateError, RuntimeError), (reluflow.SizeError, ValueError),
                          (reluflow.NumericalError, ArithmeticError),
                          (reluflow.OutOfMemoryError, MemoryError),
                          (reluflow.LibraryError, ImportError),
                          (reluflow.NotConvergedError, reluflow.StateError)]:
        assert issubclass(kind, builtin) and issubclass(kind, reluflow.ReluflowError)


def test_shown():
    model = Model([[1, 2], [3, 4]], [1, 1], bias=True, activation="leaky:0.5")
    assert repr(model) == "<reluflow.Model: n = 2, d = 3, bias included, leaky:0.5>"
    assert "<table>" in model._repr_html_() and "leaky:0.5" in model._repr_html_()
    many = Model([[1, 2], [3, 4]], [1, 1], outer_weights=[1, 2])
    assert "2 neurons" in repr(many)


def test_pickled():
    X, y, w0 = problem(7)
    model = Model(X, y, bias=True, weights="mean", activation="leaky:0.1")
    again = pickle.loads(pickle.dumps(model))
    start = np.append(w0, 0.5)
    assert again.loss(start) == model.loss(start) and repr(again) == repr(model)
    assert again.flow(start).events.tobytes() == model.flow(start).events.tobytes()


def test_constants_are_printed_by_name():
    from reluflow import Flag, Status
    assert f"{Status.OK} {Status.EVENT_LIMIT} {Status.OK:d}" == "ok event_limit 0"
    both = Flag.AMBIGUOUS | Flag.DOUBTFUL
    assert [str(flag) for flag in (Flag(0), Flag.INNER, both)] == ["none", "inner",
                                                                   "ambiguous|doubtful"]
    assert Status.OK == 0 and int(both) == 3 and "AMBIGUOUS" in repr(both)


@pytest.mark.parametrize("ask, kind, said", [
    (lambda m: m.gd([1, 1], eta=0.1, steps=2.5), reluflow.ArgumentError, "steps is 2.5"),
    (lambda m: m.flow([1, 1], max_events=1.5), reluflow.ArgumentError, "max_events is 1.5"),
    (lambda m: m.flow([1, 1], record=False).at(0.0), reluflow.StateError, "record=False"),
    (lambda m: m.flow([1, 1], record=False).events, reluflow.StateError, "record=False"),
    (lambda m: m.flow([1, 1], record=False).certificate, reluflow.StateError, "record=False"),
    (lambda m: m.gd([1, 1], eta=0.1, steps=2).certificate, reluflow.StateError, "descent"),
    (lambda m: m.flow([1, 1]).support_of("all"), reluflow.ArgumentError, "there are active, traj"),
    (lambda m: m.landscape().of_kind("hill"), reluflow.ArgumentError, "interior_minimum"),
    (lambda m: Model(np.ones((2, 3)), [1, 1]).landscape(), reluflow.SizeError, "not 3"),
    (lambda m: Model(m.X, m.y, outer_weights=[1, 1]).landscape(), reluflow.StateError, "has 2"),
    (lambda m: m.flow([1, 1]).step(0.1), reluflow.StateError, "integrates"),
    (lambda m: m.gd([1, 1], eta=0.1, steps=1).run(), reluflow.StateError, "steps"),
    (lambda m: m.sweep(2, [1], threads=1.5), reluflow.ArgumentError, "threads is 1.5"),
])
def test_errors_say_why(ask, kind, said):
    with pytest.raises(kind) as caught:
        ask(Model([[1.0, 2.0], [2.0, -1.0]], [1.0, 1.0]))
    assert said in str(caught.value)
