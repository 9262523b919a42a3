"""test_hostile.py: what is refused with a clear exception, and what is taken in any layout.
SPDX-License-Identifier: MIT"""
import copy
import pickle

import numpy as np
import pytest

import reluflow
from reluflow import ArgumentError, Model, NotFiniteError, OutOfMemoryError, SizeError
from conftest import problem

X, Y, W0 = problem(3)


def model(**options):
    return Model(X, Y, **options)


def run():
    return model().flow(W0)


def made():
    return model().sweep(2, [1, 0])


@pytest.mark.parametrize("call, kind, said", [
    (lambda: Model([[10 ** 400]], [1]), ArgumentError, "X is not an array of numbers"),
    (lambda: model(bias="x"), ArgumentError, "bias is 'x', not a number"),
    (lambda: model(weights={}), ArgumentError, "weights is {}, not a number"),
    (lambda: model(threads=2 ** 40), ArgumentError, "threads is 1099511627776, not from 1 to 1024"),
    (lambda: model().flow(W0, t_end=None), ArgumentError, "t_end is None, not a number"),
    (lambda: model().flow(W0, t_end=[1.0]), ArgumentError, "t_end is [1.0], not a number"),
    (lambda: model().flow(direction=W0, scale="1"), ArgumentError, "scale is '1', not a number"),
    (lambda: model().flow(W0, max_events=2 ** 70), ArgumentError, "max_events is"),
    (lambda: model().flow(W0, callback=3), ArgumentError, "callback is 3, which cannot be called"),
    (lambda: model().flow(W0, progress="x"), ArgumentError, "progress is 'x', not True"),
    (lambda: model().gd(W0, eta="x", steps=1), ArgumentError, "eta is 'x', not a number"),
    (lambda: model().gd(W0, eta=1e-3, steps=-1), ArgumentError, "steps is -1, not from 0 to"),
    (lambda: model().gd(W0, eta=1e-3, steps=1e300), ArgumentError, "steps is 1e+300, not from 0 to"),
    (lambda: model().start(W0).advance("x"), ArgumentError, "t_max is 'x', not a number"),
    (lambda: model().evaluate(W0, "path_length"), ArgumentError, "belongs to a trajectory"),
    (lambda: run().loss([0, np.nan]), NotFiniteError, "t has NaN, at index 1"),
    (lambda: run().grid(-1), ArgumentError, "count is -1"),
    (lambda: run().grid(10 ** 12), OutOfMemoryError, "1000000000000 times need 100 TB"),
    (lambda: run().neuron_groups(-1), ArgumentError, "angle is -1, not in [0, pi]"),
    (lambda: model().sweep(10 ** 12), OutOfMemoryError, "1000000000000 directions with 1 scale need"),
    (lambda: model().sweep(2, []), SizeError, "scales is empty"),
    (lambda: model().sweep(2, [1, -1]), ArgumentError, "scales[1] = -1"),
    (lambda: model().sweep(2, [1, np.nan]), NotFiniteError, "scales[1] = nan"),
    (lambda: model().sweep([W0, 0 * W0], [0]), ArgumentError, "directions[1] is 0"),
    (lambda: model().sweep([W0, np.inf * W0], [1]), NotFiniteError, "directions[1, 0] = "),
    (lambda: model().sweep(2, threads=0), ArgumentError, "threads is 0"),
    (lambda: made()["a", 0], TypeError, "direction is 'a', not an integer"),
    (lambda: made()[0, 0:1], TypeError, "scale is slice"),
    (lambda: made().run_some([0, 4]), ArgumentError, "run 4 is not in [0, 4)"),
    (lambda: made().to_bytes([-1]), ArgumentError, "run -1 is not in [0, 4)"),
    (lambda: made().from_bytes("x"), ArgumentError, "saved is of the type str, not bytes"),
    (lambda: reluflow.random_direction("x"), ArgumentError, "d is 'x'"),
    (lambda: reluflow.random_direction(2, 1.5), ArgumentError, "seed is 1.5, not a whole number"),
    (lambda: reluflow.random_direction(10 ** 12), OutOfMemoryError, "coordinates need"),
])
def test_refused(call, kind, said):
    with pytest.raises(kind) as caught:
        call()
    assert said in str(caught.value)


def unaligned(values):
    table = np.zeros(len(values), dtype=[("odd", "i1"), ("values", "f8", values.shape[1:])])
    table["values"] = values
    return table["values"]


def read_only(values):
    values = values.copy()
    values.setflags(write=False)
    return values


@pytest.mark.parametrize("layout", [
    np.asfortranarray, read_only, unaligned, lambda v: v[::-1].copy()[::-1], lambda v: v.astype(">f8"),
    lambda v: np.repeat(v, 2, axis=0)[::2], lambda v: v.astype(object), lambda v: v.tolist()])
def test_any_layout(layout):
    """Data, labels and start of any layout: the same bits."""
    expected = run()
    found = Model(layout(X), layout(Y)).flow(layout(W0))
    assert found.limit.tobytes() == expected.limit.tobytes()
    assert found.loss(layout(np.array([0, 0.5, 1.0]))).tobytes() == expected.loss([0, 0.5, 1]).tobytes()
    for again in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert again.limit.tobytes() == expected.limit.tobytes()


def test_bias_of_none():
    assert model(bias=None).d == model().d


def test_whole_number_of_another_type():
    """A float without a fraction is a count: steps=1e3."""
    expected = model().gd(W0, eta=1e-3, steps=1000)
    for steps in (1e3, np.float32(1e3), np.int16(1000), np.uint64(1000)):
        assert model().gd(W0, eta=1e-3, steps=steps).weights.tobytes() == expected.weights.tobytes()


def test_history_that_outgrows_the_memory(monkeypatch):
    """Where the memory is short a run that records stops, and one that does not goes on."""
    from reluflow import _memory, _running
    monkeypatch.setattr(_memory, "free", lambda: 500.0)
    monkeypatch.setattr(_running, "_FIRST_LOOK", 4)
    with pytest.raises(OutOfMemoryError, match="events"):
        run()
    assert model().flow(W0, record=False).converged
