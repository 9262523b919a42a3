"""test_plot.py: the pictures show what the runs are, and leave nothing outside the frame.
SPDX-License-Identifier: MIT"""
import importlib
import itertools

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

import reluflow
import reluflow.plot
from conftest import problem
from reluflow import EventKind, Model, plot
from reluflow.plot import _style


@pytest.fixture(autouse=True)
def settings():
    """No picture changes the user's settings, or stays open."""
    before = dict(matplotlib.rcParams)
    yield
    plt.close("all")
    assert dict(matplotlib.rcParams) == before


def labels(axis):
    """The boxes of the labels at the ticks in view."""
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * max(abs(low), abs(high))
    for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
        label = tick.label1
        if low - slack <= tick.get_loc() <= high + slack and label.get_visible() \
                and label.get_text() and tick.label1.get_window_extent().width > 0:
            yield label.get_text(), label.get_window_extent()


def apart(boxes, slack=1.0):
    """No two of some named boxes overlap."""
    for (name, one), (other_name, other) in itertools.combinations(boxes, 2):
        across = min(one.x1, other.x1) - max(one.x0, other.x0)
        along = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert across <= slack or along <= slack, f"{name!r} overlaps {other_name!r}"


def tidy(figure):
    """All that is drawn lies in the figure, and no texts of the frame overlap."""
    figure.canvas.draw()
    box = figure.get_tightbbox(figure.canvas.get_renderer())
    width, height = figure.get_size_inches()
    assert -0.01 <= box.x0 and box.x1 <= width + 0.01
    assert -0.01 <= box.y0 and box.y1 <= height + 0.01
    frame = [(t.get_text(), t.get_window_extent()) for t in figure.texts]
    for ax in figure.axes:
        if ax.get_legend():
            frame.append(("legend", ax.get_legend().get_window_extent()))
        if ax.axison:
            frame += [(t.get_text(), t.get_window_extent())
                      for t in (ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label)
                      if t.get_text()]
            for axis in (ax.xaxis, ax.yaxis):
                frame += labels(axis)
    apart(frame)
    return figure


def test_trajectory(mixed):
    figure = tidy(plot.trajectory(mixed))
    loss, norm, margins, raster = figure.axes
    x, y = loss.lines[0].get_data()
    np.testing.assert_array_equal(y, mixed.loss(x))
    np.testing.assert_array_equal(norm.lines[0].get_ydata(), mixed.norm(x))
    # The marks of events do not stretch the axes.
    assert loss.get_ylim()[0] > 0.9 * y.min() and norm.get_ylim()[0] > 0.5 * mixed.norm(x).min()
    marks = [c for c in loss.collections if isinstance(c, matplotlib.collections.LineCollection)]
    assert len(marks[0].get_segments()) == len(np.unique(mixed.events["time"]))
    assert len(margins.lines) == 20 + 1 + len(_style.kinds_present(mixed))
    states = raster.collections[0].get_array().reshape(20, -1)
    assert set(np.unique(states)) == {0, 1, 2}
    assert "8 events" in loss.get_title("left")


def test_states(mixed):
    """The raster between events is the pattern of the library there; at the end too."""
    times = np.sort(np.concatenate([[0.0], np.random.default_rng(0).uniform(0, 2, 50)]))
    states = _style.states_at(mixed, times)
    for k, t in enumerate(times):
        until = mixed.model.start(mixed.at(0.0))
        until.run(t)
        np.testing.assert_array_equal(states[:, k], until.states)
    np.testing.assert_array_equal(_style.states_at(mixed, np.array([1e9]))[:, 0], mixed.states)


def test_states_of_a_network(network):
    model, W = network
    trajectory = model.flow(W)
    for t in np.geomspace(1e-3, 1e3, 25):
        until = model.start(W)
        until.run(t)
        np.testing.assert_array_equal(_style.states_at(trajectory, np.array([t]))[:, 0],
                                      until.states.reshape(-1))


def test_network(network):
    model, W = network
    trajectory = model.flow(W)
    figure = tidy(plot.trajectory(trajectory))
    assert figure.axes[0].get_title("left").startswith("3 ReLU neurons")
    tidy(plot.support(trajectory))


def test_support(mixed):
    figure = tidy(plot.support(mixed))
    left = figure.axes[0]
    when = TimeAxis_end(mixed)
    alpha = mixed.query("coefficients", when)
    widths = [bar.get_width() for bar in left.patches]
    np.testing.assert_allclose(widths, sorted(alpha[np.flatnonzero(alpha)], key=abs, reverse=True))
    assert len(tidy(plot.support(mixed, most=3)).axes[0].patches) == 3


def names(ax):
    return [label.get_text().split()[0] for label in ax.get_yticklabels()]


def test_first(mixed, network):
    """Data and neurons are numbered from 0, or from the number that is asked for."""
    assert names(plot.trajectory(mixed).axes[3]) == [str(i) for i in range(20)]
    assert names(plot.trajectory(mixed, first=1).axes[3]) == [str(i + 1) for i in range(20)]
    from_0, from_1 = (names(plot.support(mixed, first=first).axes[0]) for first in (0, 1))
    assert [int(name) + 1 for name in from_0] == [int(name) for name in from_1]
    beside = plot.compare(mixed.model, mixed.at(0.0), first=1)
    assert names(beside.axes[4]) == [str(i + 1) for i in range(20)]
    model, W = network
    pairs = [[int(k) for k in pair.split(":")] for pair in names(plot.support(model.flow(W), first=1).axes[0])]
    assert min(j for j, _ in pairs) == 1 and max(j for j, _ in pairs) == model.neurons
    assert all(1 <= i <= model.n for _, i in pairs)


def TimeAxis_end(trajectory):
    return float(_style.TimeAxis(trajectory).times[-1])


@pytest.fixture(scope="module")
def plane():
    random = np.random.default_rng(3)
    return Model(random.normal(size=(12, 2)), random.normal(size=12) + 0.7)


def test_phase(plane):
    runs = [plane.flow(2 * reluflow.random_direction(2, seed)) for seed in range(2)]
    figure = tidy(plot.phase(plane, runs, cells=20))
    ax = figure.axes[0]
    assert f"{len(plane.landscape())} stationary points" in ax.get_title("left")
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "minimum" in legend and "origin" in legend and "trajectory from its start" in legend
    assert ax.get_aspect() == 1
    with pytest.raises(reluflow.SizeError):
        plot.phase(Model(*problem(1)[:2]))


def test_first_point(plane):
    """A basin has the number of its point, in the legend and in the plane."""
    found = []
    for first in (0, 1):
        ax = plot.phase(plane, cells=20, first=first).axes[0]
        legend = [text.get_text() for text in ax.get_legend().get_texts()]
        inside = [int(k) for text in ax.texts for k in text.get_text().split(",")]
        found.append(([int(t.split()[-1]) for t in legend if t.startswith("flows")], inside))
    for zero, one in zip(*found):
        assert zero and [k + 1 for k in zero] == one


def test_basins(plane):
    """Each colour is where the flow from that place ends."""
    phase = importlib.import_module("reluflow.plot.phase")
    points = plane.landscape()
    starts = np.random.default_rng(1).normal(size=(40, 2))
    ends = phase._ends(plane, points, starts, 4.0)
    assert (ends >= 0).any()
    for start, end in zip(starts, ends):
        trajectory = plane.flow(start)
        if end >= 0:
            assert phase._distance(points[int(end)], trajectory.limit[None])[0] < 1e-5
        elif end == -1:
            assert not len(trajectory.support.active)


def test_flat_and_dead():
    """Lines of minima, dead cones, and starts in them."""
    model = Model([[1, 1], [1, 0], [0, 1]], [9, 11, -11])
    figure = tidy(plot.phase(model, cells=12))
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert {"line of minima", "dead cone", "dies"} <= set(legend)


def test_scales():
    X, y, _ = problem(3)
    sweep = Model(X, y).sweep(5, [1.0, 0.0, 0.1, 10.0])
    figure = tidy(plot.scales(sweep))
    loss = figure.axes[0]
    lines = np.array([line.get_ydata() for line in loss.lines[:5]])
    np.testing.assert_array_equal(lines, sweep.losses[:, [2, 0, 3]])
    assert [tick.get_text() for tick in figure.axes[2].get_xticklabels()][0] == "→ 0"
    for scales in ([0.0], [1.0], [0.0, 1.0], [0.5, 2.0]):
        tidy(plot.scales(Model(X, y), 2, scales))


def test_compare():
    X, y, w0 = problem(3)
    figure = tidy(plot.compare(Model(X, y), w0))
    linear = Model(X, y, activation="linear").flow(w0)
    assert f"{linear.event_count} events" in figure.axes[1].get_title("left")
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()


@pytest.mark.parametrize("trajectory", [
    Model([[1.0]], [1.0]).flow([-1.0]), Model([[1.0]], [1.0]).start([1.0]),
    Model([[1.0]], [1.0]).flow([2.0]), Model([[0.0, 0.0]], [1.0]).flow([1.0, 0.0]),
    Model([[1.0, 0.0]], [1.0]).gd([2.0, 0.0], eta=0.1, steps=20),
    Model(*problem(2, n=100)[:2]).flow(problem(2)[2]),
    Model(*problem(2)[:2]).flow(direction=problem(2)[2]),
], ids=["dead", "start", "no event", "zero row", "descent", "many data", "vanishing"])
def test_special(trajectory):
    tidy(plot.trajectory(trajectory))
    tidy(plot.support(trajectory))


def test_every_kind_of_event_has_a_marker():
    assert set(_style.EVENTS) == set(EventKind)


def test_rounding_is_not_magnified():
    """Runs that end at one limit are one level, whatever their last digits are."""
    random = np.random.default_rng(0)
    X = random.normal(size=(30, 2))
    model = Model(X, np.maximum(X @ [1.0, 1.0], 0) + 5, bias=True)
    figure = plot.scales(model, 3, [0.1, 1.0])
    for ax in figure.axes[:2]:
        low, high = ax.get_ylim()
        assert high - low > 0.01 * abs(high)
