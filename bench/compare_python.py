#!/usr/bin/env python3
"""compare_python.py: reluflow beside SciPy's integrator with events, and beside plain gradient descent.
SPDX-License-Identifier: MIT

usage: compare_python.py BUILD [--sizes small,medium] [--rounds N] [--seconds S] [--accuracy A]

BUILD is the build folder: its library is called through ctypes, its bench_data writes the problems
(bench/problems.h).  Two tables:

flow     w(10) by solve_ivp, DOP853 with relative tolerance 1e-10 and absolute 1e-12, one terminal
         event (the least signed margin), restarted at each event, the right-hand side from H and b
         with rank-one updates; against rf_model_integrate to 10.
descent  the limit, by plain gradient descent over the whole data with the step 1/|X'CX| until w is
         within the accuracy of w(infinity), in NumPy and (where installed) in PyTorch; against
         rf_model_integrate to the certified limit.

Both sides take turns in one process; a ratio is formed within a turn and its median printed.  A side
that exceeds its seconds is stopped and says so.
"""
import argparse
import ctypes
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import scipy
from scipy.integrate import solve_ivp

try:
    import torch
except ImportError:
    torch = None
else:
    torch.set_num_threads(1)

HORIZON = 10.0
RELATIVE, ABSOLUTE = 1e-10, 1e-12
RF_WEIGHTS = 2
SHIFT = 1e-10                   # a datum that has just crossed is watched through this much, relative


class Late(Exception):
    """The seconds of a run are over."""


class Problem:
    def __init__(self, bench_data, name, seed):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'problem')
            subprocess.run([bench_data, name, str(seed), path], check=True)
            raw = np.fromfile(path, dtype=np.float64)
        self.name = name
        self.n, self.d, self.m = (int(size) for size in raw[:3].view(np.int64))
        n, d, m = self.n, self.d, self.m
        parts = np.split(raw[3:], np.cumsum([n * d, n, n, m * d]))
        self.X, self.y, self.c, self.w0 = parts[0].reshape(n, d), parts[1], parts[2], parts[3]


class Library:
    """The four calls that are needed, through ctypes."""

    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        for name in ('create', 'set_data_weights', 'init', 'integrate', 'query'):
            getattr(self.lib, 'rf_model_' + name).restype = ctypes.c_int32
        self.lib.rf_model_event_count.restype = ctypes.c_int64

    def run(self, problem, t_end):
        """w(t_end) and the number of events."""
        def pointer(array):
            return array.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
        size, model, lib = ctypes.c_int64, ctypes.c_void_p(), self.lib
        w = np.empty(problem.d)
        calls = [
            lambda: lib.rf_model_create(size(problem.n), size(problem.d), pointer(problem.X),
                                        pointer(problem.y), ctypes.byref(model)),
            lambda: lib.rf_model_set_data_weights(model, pointer(problem.c), size(problem.n)),
            lambda: lib.rf_model_init(model, pointer(problem.w0), size(problem.d)),
            lambda: lib.rf_model_integrate(model, ctypes.c_double(t_end)),
            lambda: lib.rf_model_query(model, ctypes.c_int32(RF_WEIGHTS), pointer(w),
                                       size(problem.d))]
        for call in calls:
            status = call()
            if status != 0:
                raise RuntimeError(f'reluflow: status {status}')
        events = lib.rf_model_event_count(model)
        lib.rf_model_free(model)
        return w, events


def with_events(problem, t_end, last):
    """w(t_end) by solve_ivp, restarted at each event, and the number of events."""
    X, y, c, w = problem.X, problem.y, problem.c, problem.w0.copy()
    active = X @ w > 0.0
    weighted = X[active] * c[active, None]
    H, b = weighted.T @ X[active], weighted.T @ y[active]
    side = np.where(active, 1.0, -1.0)
    norms = np.linalg.norm(X, axis=1)
    shift = np.zeros(problem.n)
    t, count = 0.0, 0

    def velocity(_, v):
        return b - H @ v

    def least_margin(_, v):
        return np.min(side * (X @ v) + shift)
    least_margin.terminal, least_margin.direction = True, -1.0

    step = None
    while True:
        if time.perf_counter() > last:
            raise Late(f'stopped at t = {t:.3g} after {count} events')
        answer = solve_ivp(velocity, (t, t_end), w, method='DOP853', rtol=RELATIVE, atol=ABSOLUTE,
                           events=least_margin, first_step=step)
        w = answer.y[:, -1]
        if answer.status != 1:
            return w, count
        t, w = answer.t_events[0][0], answer.y_events[0][0]
        margins = side * (X @ w)
        i = int(np.argmin(margins + shift))
        shift[margins > 10.0 * shift] = 0.0
        sign = -1.0 if side[i] > 0.0 else 1.0
        H += sign * c[i] * np.outer(X[i], X[i])
        b += sign * c[i] * y[i] * X[i]
        side[i] = -side[i]
        shift[i] = SHIFT * norms[i] * np.linalg.norm(w) + abs(margins[i])
        count += 1
        step = min(answer.t[-1] - answer.t[-2], t_end - t) if len(answer.t) > 1 else None
        if not step > 0.0:
            return w, count


def numpy_descent(problem, eta, target, accuracy, last):
    """Plain descent until w is within the accuracy of the target: w and the number of steps."""
    X, y, c, w = problem.X, problem.y, problem.c, problem.w0.copy()
    near = accuracy * np.linalg.norm(target)
    steps = 0
    while True:
        for _ in range(20):
            z = X @ w
            w -= eta * (X.T @ (c * (np.maximum(z, 0.0) - y) * (z > 0.0)))
        steps += 20
        if np.linalg.norm(w - target) <= near:
            return w, steps
        if time.perf_counter() > last:
            raise Late(f'{steps} steps, error {np.linalg.norm(w - target) / np.linalg.norm(target):.1e}')


def torch_descent(problem, eta, target, accuracy, last):
    """The same with PyTorch: autograd and its SGD."""
    X, y, c = (torch.from_numpy(part) for part in (problem.X, problem.y, problem.c))
    w = torch.from_numpy(problem.w0.copy()).requires_grad_(True)
    goal, near = torch.from_numpy(target), accuracy * float(np.linalg.norm(target))
    optimizer = torch.optim.SGD([w], lr=eta)
    steps = 0
    while True:
        for _ in range(20):
            optimizer.zero_grad(set_to_none=True)
            (0.5 * (c * (torch.relu(X @ w) - y) ** 2).sum()).backward()
            optimizer.step()
        steps += 20
        with torch.no_grad():
            distance = float((w - goal).norm())
        if distance <= near:
            return w.detach().numpy(), steps
        if time.perf_counter() > last:
            raise Late(f'{steps} steps, error {distance / float(goal.norm()):.1e}')


def timed(function, *arguments):
    """Processor time in ms, and the result: one thread on both sides, on a machine that may be busy."""
    start = time.process_time()
    result = function(*arguments)
    return 1e3 * (time.process_time() - start), result


def turns(ours, theirs, rounds, seconds):
    """Times of both in turn; where the other side is late, its one time and what it said."""
    mine, other, note = [], [], ''
    for _ in range(rounds):
        mine.append(timed(ours))
        start = time.process_time()
        try:
            other.append(timed(theirs, time.perf_counter() + seconds))
        except Late as late:
            other.append((1e3 * (time.process_time() - start), None))
            note = str(late)
            break
    ratio = statistics.median(b[0] / a[0] for a, b in zip(mine, other))
    return {'ours': statistics.median(a[0] for a in mine), 'answer': mine[-1][1],
            'theirs': statistics.median(b[0] for b in other), 'other': other[-1][1],
              'ratio': ratio, 'note': note}


def difference(a, b):
    return np.linalg.norm(a - b) / np.linalg.norm(b)


def print_row(problem, method, work, row, compared):
    late = row['other'] is None
    done = row['note'] if late else f'{row["other"][1]} {work}'
    ratio = f'{"> " if late else ""}{row["ratio"]:.3g}'
    print(f'| {problem.name:6} | {problem.n:5} | {problem.d:3} | {method:17} | {row["answer"][1]:6} '
          f'| {row["ours"]:10.3f} | {row["theirs"]:10.3f} | {ratio:>8} | {done:42} '
          f'| {"-" if late else f"{compared:.1e}":>10} |', flush=True)


HEAD = (f'| size   |     n |   d | beside            | events |   reluflow |      other '
        f'|    ratio | {"its work":42} | difference |\n'
        f'| ------ | ----- | --- | ----------------- | ------ | ---------- | ---------- '
        f'| -------- | {"-" * 42} | ---------- |')


def flow_row(library, problem, options):
    row = turns(lambda: library.run(problem, HORIZON),
                lambda last: with_events(problem, HORIZON, last), options.rounds, options.seconds)
    compared = None if row['other'] is None else difference(row['other'][0], row['answer'][0])
    print_row(problem, 'solve_ivp, DOP853', 'events', row, compared)


def descent_rows(library, problem, options):
    target, _ = library.run(problem, math.inf)
    eta = 1.0 / np.linalg.norm(np.sqrt(problem.c)[:, None] * problem.X, 2) ** 2
    ways = [('descent, NumPy', numpy_descent)]
    if torch is not None:
        ways.append(('descent, PyTorch', torch_descent))
    for name, way in ways:
        row = turns(lambda: library.run(problem, math.inf),
                    lambda last, way=way: way(problem, eta, target, options.accuracy, last),
                    options.rounds, options.seconds)
        compared = None if row['other'] is None else difference(row['other'][0], target)
        print_row(problem, name, 'steps', row, compared)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('build')
    parser.add_argument('--sizes', default='small,medium')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=float, default=30.0)
    parser.add_argument('--accuracy', type=float, default=1e-10)
    options = parser.parse_args()
    paths = [os.path.join(options.build, 'lib', name) for name in
             ('libreluflow.so', 'libreluflow.dylib')]
    found = [path for path in paths if os.path.exists(path)]
    if not found:
        sys.exit(f'no library in {options.build}/lib')
    library = Library(found[0])
    data = os.path.join(options.build, 'bench', 'bench_data')
    with_torch = f', PyTorch {torch.__version__}' if torch else ', PyTorch is not installed'
    print(f'Python {sys.version.split()[0]}, NumPy {np.__version__}, SciPy {scipy.__version__}{with_torch}; '
          f'medians of {options.rounds} turns; processor times in ms\n')
    print(HEAD)
    for name in options.sizes.split(','):
        problem = Problem(data, name, 0)
        flow_row(library, problem, options)
        descent_rows(library, problem, options)


if __name__ == '__main__':
    main()
