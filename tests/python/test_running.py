"""test_running.py: callbacks, progress, threads, and Ctrl-C.
SPDX-License-Identifier: MIT"""
import _thread
import signal
import subprocess
import sys
import threading
import time
import types

import numpy as np
import pytest

import reluflow
from conftest import problem
from reluflow import Model, Status


def test_callback_sees_every_event():
    X, y, w0 = problem(3)
    seen = []

    def look(trajectory, event):
        seen.append((event.copy(), trajectory.loss(), trajectory.time))

    trajectory = Model(X, y).flow(w0, callback=look)
    assert np.array([s[0] for s in seen]).tobytes() == trajectory.events.tobytes()
    for event, loss, now in seen:
        assert now == event["time"]
        assert loss == pytest.approx(trajectory.loss(event["time"]), rel=1e-12)


def test_callback_stops_and_resumes():
    X, y, w0 = problem(3)
    model = Model(X, y)
    trajectory = model.flow(w0, callback=lambda run, event: run.event_count >= 5)
    assert trajectory.status == Status.STOPPED and trajectory.event_count == 5
    assert "stopped" in repr(trajectory)
    assert trajectory.run() == Status.OK
    assert trajectory.events.tobytes() == model.flow(w0).events.tobytes()


def test_callback_raises():
    """What a callback raises comes out of the run, which can go on."""
    X, y, w0 = problem(3)
    model = Model(X, y)
    trajectory = model.start(w0)

    def fail(run, event):
        raise KeyError(int(event["datum"]))

    with pytest.raises(KeyError) as caught:
        trajectory.run(callback=fail)
    assert caught.value.args[0] == model.flow(w0).events["datum"][0]
    trajectory.run()
    assert trajectory.converged
    # The callback is gone with its run.
    assert model.flow(w0).limit.tobytes() == trajectory.limit.tobytes()


def test_not_from_a_callback():
    X, y, w0 = problem(3)
    trajectory = Model(X, y).start(w0)
    with pytest.raises(reluflow.StateError):
        trajectory.run(callback=lambda run, event: run.run())
    trajectory.run()
    assert trajectory.converged


def test_progress():
    X, y, w0 = problem(3)
    counts = []
    trajectory = Model(X, y).flow(w0, progress=counts.append)
    assert counts == list(range(1, trajectory.event_count + 1))
    pairs = []
    trajectory.leave_one_out([0, 1, 2], progress=lambda done, total: pairs.append((done, total)))
    assert pairs == [(1, 3), (2, 3), (3, 3)]
    pairs.clear()
    Model(X, y).sweep(4, [1, 0.1], progress=lambda done, total: pairs.append((done, total)))
    assert pairs[-1] == (8, 8)


def test_bars(capfd):
    X, y, w0 = problem(3)
    trajectory = Model(X, y).flow(w0, progress=True)
    assert f"{trajectory.event_count} events" in capfd.readouterr().err
    trajectory.leave_one_out(progress=True)
    assert "20/20" in capfd.readouterr().err


def test_no_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    X, y, w0 = problem(3)
    with pytest.warns(UserWarning, match="tqdm"):
        assert Model(X, y).flow(w0, progress=True).converged


def test_interrupted_run():
    """Ctrl-C while events come: the run stops at one, and goes on to the same end."""
    X, y, w0 = problem(3)
    model = Model(X, y)

    pressed = []

    def press(run, event):
        if run.event_count >= 4 and not pressed:
            pressed.append(event)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        model.flow(w0, callback=press)
    trajectory = caught.value.run
    assert 4 <= trajectory.event_count < model.flow(w0).event_count
    assert trajectory.run() == Status.OK
    assert trajectory.events.tobytes() == model.flow(w0).events.tobytes()


def large():
    """A flow of some hundredths of a second."""
    random = np.random.default_rng(0)
    return random.normal(size=(1200, 60)), random.normal(size=1200), random.normal(size=60)


def press_after(seconds):
    timer = threading.Timer(seconds, _thread.interrupt_main)
    timer.start()
    return timer


def test_interrupted_without_callback():
    """Ctrl-C from outside, with no callback of the user: found at the next event."""
    random = np.random.default_rng(0)
    model, w0 = Model(random.normal(size=(4000, 150)), random.normal(size=4000)), random.normal(size=150)
    trajectory = model.start(w0)
    timer = press_after(0.1)
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt) as caught:
        trajectory.run()  # for a second or more
        signal.pause()
    timer.join()
    assert time.monotonic() - begin < 5
    assert caught.value.run is trajectory and trajectory.run() == Status.OK
    assert trajectory.events.tobytes() == model.flow(w0).events.tobytes()


def test_interrupted_sweep():
    X, y, _ = large()
    sweep = reluflow.Sweep(Model(X[:600, :10], y[:600]), np.eye(10), np.geomspace(0.1, 1, 30))
    timer = press_after(0.1)
    with pytest.raises(KeyboardInterrupt) as caught:
        sweep.run()
        signal.pause()
    timer.join()
    assert caught.value.run is sweep
    assert sweep.run() == Status.OK and np.all(sweep.converged)


def test_interrupted_leave_one_out():
    X, y, w0 = problem(3)
    trajectory = Model(X, y).flow(w0)
    whole = trajectory.leave_one_out()

    def press(done, total):
        if done == 3:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        trajectory.leave_one_out(progress=press)
    partial = caught.value.partial
    assert partial[:3].tobytes() == whole[:3].tobytes()
    assert np.all(np.isnan(partial[4:]))
    stopped = trajectory.leave_one_out(progress=lambda done, total: done == 2)
    assert np.isnan(stopped[2:]).all() and not np.isnan(stopped[:2]).any()


def test_lock_is_released():
    """Another thread counts while the library runs."""
    X, y, w0 = large()
    model = Model(X, y)
    counter = types.SimpleNamespace(value=0, stop=False)

    def count():
        while not counter.stop:
            counter.value += 1
            time.sleep(0)

    switch = sys.getswitchinterval()
    sys.setswitchinterval(100)  # no switch that the library's release of the lock does not make
    thread = threading.Thread(target=count)
    thread.start()
    try:
        before = counter.value
        reluflow.lowlevel.rf_model_integrate(model.start(w0)._handle, np.inf)
        during = counter.value - before
    finally:
        counter.stop = True
        sys.setswitchinterval(switch)
        thread.join()
    assert during > 10


def test_threads():
    """Runs in threads of their own, and one trajectory asked from several threads while it runs."""
    X, y, w0 = problem(3, n=60)
    model = Model(X, y)
    expected = model.flow(w0).limit.tobytes()
    results, errors = [], []

    def work(shared):
        try:
            results.append(model.flow(w0).limit.tobytes())
            for _ in range(50):
                shared.loss()
                shared.event_count
        except Exception as error:  # reported below
            errors.append(error)

    shared = model.start(w0)
    threads = [threading.Thread(target=work, args=(shared,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    shared.run()
    for thread in threads:
        thread.join()
    assert not errors and results == [expected] * 4 and shared.limit.tobytes() == expected


def test_ctrl_c_ends_a_script():
    """A script that nobody taught about interrupts ends as Python scripts do, without a crash."""
    script = ("import os, signal, threading, numpy as np, reluflow\n"
              "r = np.random.default_rng(0)\n"
              "m = reluflow.Model(r.normal(size=(300, 40)), r.normal(size=300))\n"
              "threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
              "while True: m.flow(r.normal(size=40))\n")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in done.stderr.splitlines()[-1]
