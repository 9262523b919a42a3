"""cases.py: random cases of every kind the reference vectors have, and of the kinds that hurt.

SPDX-License-Identifier: MIT

    cases.make(kind, seed)    -> a case without its answers (schema of the reference vectors)
    cases.KINDS               -> the names of the kinds
"""
import math
import random


def gauss(rng, n, d):
    return [[rng.gauss(0, 1) for _ in range(d)] for _ in range(n)]


def vector(rng, n, size=1.0):
    return [size * rng.gauss(0, 1) for _ in range(n)]


def mixed(rng, n):
    """Labels of both signs."""
    return [rng.uniform(-1.5, 1.5) for _ in range(n)]


def positive(rng, n):
    return [rng.uniform(0.05, 2.0) for _ in range(n)]


def weights(rng, n):
    return [rng.uniform(0.25, 2.0) for _ in range(n)]


def shape(rng, small=False):
    d = rng.choice([2, 2, 3, 3, 4, 5] if not small else [2, 2, 3])
    return rng.randint(3, 14 if not small else 7), d


def data(X, y, w0, c=None, act="relu", beta=0.0, T="inf", times=(0.01, 0.1, 0.7, 3.0)):
    return {"n": len(X), "d": len(X[0]), "X": X, "y": y, "c": c or [1.0] * len(X), "act": act,
            "beta": beta, "w0": w0, "T": T, "times": list(times)}


def pos_generic(rng):
    n, d = shape(rng)
    return data(gauss(rng, n, d), positive(rng, n), vector(rng, d, rng.choice([0.2, 1.0])))


def mixed_slide(rng):
    n, d = shape(rng)
    return data(gauss(rng, n, d), mixed(rng, n), vector(rng, d), weights(rng, n))


def negative(rng):
    n, d = shape(rng)
    y = [rng.uniform(-2.0, 0.3) for _ in range(n)]
    return data(gauss(rng, n, d), y, vector(rng, d), weights(rng, n))


def multi_slide(rng):
    d = rng.choice([4, 5, 6])
    n = rng.randint(10, 20)
    y = [rng.uniform(-1.5, 0.8) for _ in range(n)]
    return data(gauss(rng, n, d), y, vector(rng, d, 1.5), weights(rng, n))


def slide_exits(rng):
    n, d = rng.randint(6, 14), rng.choice([3, 4])
    X = gauss(rng, n, d)
    y = [rng.choice([-1, 1, 1]) * rng.uniform(0.1, 2.0) for _ in range(n)]
    c = [math.exp(rng.uniform(-2.5, 2.5)) for _ in range(n)]
    return data(X, y, vector(rng, d, 1.5), c)


def parallel_groups(rng):
    n, d = shape(rng)
    X = gauss(rng, n, d)
    y = [rng.choice([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0]) if rng.random() < 0.3
         else rng.uniform(-1.5, 1.5) for _ in range(n)]
    for _ in range(rng.randint(1, n)):
        i, j = rng.randrange(n), rng.randrange(n)
        f = rng.choice([1.0, 1.0, 2.0, -1.0, -2.0, 0.5, -0.5, -0.25])
        if i != j:
            X[j] = [f * v for v in X[i]]
    return data(X, y, vector(rng, d), weights(rng, n) if rng.random() < 0.5 else None)


def antiparallel(rng):
    """Groups with both signs and labels that make them slide."""
    d, m = rng.choice([2, 3, 4]), rng.randint(2, 4)
    X, y = [], []
    for row in gauss(rng, m, d):
        for f in rng.sample([1.0, -1.0, 2.0, -0.5, 3.0], rng.randint(1, 4)):
            X.append([f * v for v in row] if f != 3.0 else list(row))
            y.append(rng.uniform(-1.5, 1.0))
    order = list(range(len(X)))
    rng.shuffle(order)
    return data([X[i] for i in order], [y[i] for i in order], vector(rng, d))


def bias(rng):
    n, d = shape(rng)
    X = [row + [1.0] for row in gauss(rng, n, d)]
    return data(X, positive(rng, n), vector(rng, d + 1), [1.0 / n] * n, times=(1.0, 10.0))


def leaky(rng):
    n, d = shape(rng)
    y = mixed(rng, n) if rng.random() < 0.7 else positive(rng, n)
    return data(gauss(rng, n, d), y, vector(rng, d), weights(rng, n), "leaky",
                rng.choice([0.01, 0.1, 0.25, 0.5, 0.9]))


def leaky_groups(rng):
    case = parallel_groups(rng)
    case.update(act="leaky", beta=rng.choice([0.0, 0.125, 0.3, 0.75]))
    return case


def linear(rng):
    n, d = shape(rng)
    X = gauss(rng, n, d)
    if rng.random() < 0.3:
        X[-1] = [-0.5 * v for v in X[0]]
    return data(X, vector(rng, n, 2.0), vector(rng, d), act="linear")


def zero_labels(rng):
    n, d = shape(rng)
    if rng.random() < 0.5:
        d = n + rng.randint(0, 3)
    y = [0.0 if rng.random() < 0.5 else rng.uniform(-0.3, 1.2) for _ in range(n)]
    c = weights(rng, n) if rng.random() < 0.5 else None
    return data(gauss(rng, n, d), y, vector(rng, d), c)


def all_zero_labels(rng):
    n, d = shape(rng)
    if rng.random() < 0.5:
        d = n + rng.randint(0, 2)
    return data(gauss(rng, n, d), [0.0] * n, vector(rng, d))


def teacher(rng):
    n, d = shape(rng)
    X, v = gauss(rng, n, d), vector(rng, d)
    y = [max(0.0, sum(a * b for a, b in zip(row, v))) for row in X]
    return data(X, y, vector(rng, d, rng.choice([1e-3, 0.3, 1.0])))


def teacher_exact(rng):
    """Realizable in exact arithmetic: small integers."""
    n, d = shape(rng)
    X = [[float(rng.randint(-3, 3)) for _ in range(d)] for _ in range(n)]
    v = [float(rng.randint(-2, 2)) for _ in range(d)]
    y = [max(0.0, sum(a * b for a, b in zip(row, v))) for row in X]
    return data(X, y, vector(rng, d))


def large_init(rng):
    n, d = shape(rng)
    y = positive(rng, n) if rng.random() < 0.6 else mixed(rng, n)
    return data(gauss(rng, n, d), y, vector(rng, d, 10.0 ** rng.uniform(2, 4)))


def tiny_init(rng):
    n, d = shape(rng)
    y = positive(rng, n) if rng.random() < 0.6 else mixed(rng, n)
    return data(gauss(rng, n, d), y, vector(rng, d, 10.0 ** rng.uniform(-12, -6)),
                times=(1e-8, 1e-3, 1.0))


def start_kink(rng):
    """w0 exactly on one or several kinks."""
    n, d = shape(rng)
    X = gauss(rng, n, d)
    w0 = [float(rng.randint(-3, 3)) for _ in range(d)]
    w0[0] = w0[0] or 1.0
    for i in rng.sample(range(n), min(n, rng.randint(1, d - 1))):
        row = [float(rng.randint(-4, 4)) for _ in range(d)]
        p = max(range(d), key=lambda k: abs(w0[k]))
        row[p] = 0.0
        z = sum(a * b for a, b in zip(row, w0))
        X[i] = [v * w0[p] for v in row]
        X[i][p] = -z
    y = mixed(rng, n) if rng.random() < 0.7 else positive(rng, n)
    return data(X, y, w0)


def integer(rng):
    """Small integers everywhere: ties, start on kinks, parallel rows, zero rows."""
    n, d = shape(rng)
    X = [[float(rng.randint(-2, 2)) for _ in range(d)] for _ in range(n)]
    y = [float(rng.randint(-2, 2)) for _ in range(n)]
    return data(X, y, [float(rng.randint(-2, 2)) for _ in range(d)])


def symmetric(rng):
    """Rows +-e_i and decoupled: simultaneous events."""
    d = rng.choice([2, 3, 4])
    X, y = [], []
    values = [rng.choice([-1.0, -0.5, 0.5, 1.0, 2.0]) for _ in range(2)]
    for k in range(d):
        for s in rng.choice([(1.0,), (1.0, -1.0), (2.0, -1.0)]):
            X.append([s if j == k else 0.0 for j in range(d)])
            y.append(rng.choice(values))
    if rng.random() < 0.5:
        X.append([1.0] * d)
        y.append(rng.choice([-1.0, 1.0, 0.25]))
    w = rng.choice([[1.0] * d, [rng.choice([-1.0, 1.0]) for _ in range(d)], vector(rng, d)])
    return data(X, y, w)


def mirrored(rng):
    """Data and start invariant under exchanging two coordinates: pairs of equal events."""
    m, d = rng.randint(1, 4), rng.choice([2, 3, 4])
    X, y = [], []
    for row in gauss(rng, m, d):
        X += [row, [row[1], row[0]] + row[2:]]
        y += [rng.uniform(-1.5, 1.5)] * 2
    w = vector(rng, d)
    w[1] = w[0]
    return data(X, y, w)


def grazing(rng):
    """z_2 = -(x - 1/2)^2 + depth in x = e^-t: touches, misses or crosses twice."""
    depth = rng.choice([0.0, 2.0 ** -rng.randint(8, 50), -2.0 ** -rng.randint(8, 50)])
    X = [[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]
    label = rng.choice([2.0 ** -10, 1.0, -1.0, 0.0])
    y = [1.0, 1.25 - depth, label]
    return data(X, y, [2.0, 2.25 - depth], [1.0, 2.0, rng.choice([2.0 ** -10, 1.0])],
                times=(0.5, 1.0))


def double_cross(rng):
    """As grazing, well separated, at a random place and with a random third label."""
    depth = rng.uniform(0.01, 0.2)
    X = [[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]
    return data(X, [1.0, 1.25 - depth, rng.uniform(-0.3, 0.3)], [2.0, 2.25 - depth],
                [1.0, 2.0, rng.uniform(0.01, 0.5)], times=(0.5, 1.0))


def near_graze(rng):
    """A datum moved until its margin almost touches 0 at an extremum (decoupled rows e_i)."""
    d = rng.choice([2, 3, 4])
    X = [[1.0 if j == k else 0.0 for j in range(d)] for k in range(d)]
    y, c = positive(rng, d), weights(rng, d)
    w0 = [v + rng.uniform(0.5, 2.0) for v in y]
    x = vector(rng, d)
    best = max((sum(a * (v + (w - v) * math.exp(-s * t)) for a, v, w, s in zip(x, y, w0, c)), t)
               for t in [0.002 * k for k in range(1, 4000)])
    x = [a - best[0] * (1 + rng.choice([0, 1e-3, -1e-3, 1e-6])) * b
         for a, b in zip(x, closest(best[1], y, w0, c))]
    return data(X + [x], y + [rng.uniform(-1, 1)], w0, c + [rng.choice([1e-3, 0.1, 1.0])])


def closest(t, y, w0, c):
    """w(t)/|w(t)|^2 of the decoupled flow."""
    w = [v + (u - v) * math.exp(-s * t) for v, u, s in zip(y, w0, c)]
    size = sum(v * v for v in w)
    return [v / size for v in w]


def dead(rng):
    n, d = shape(rng)
    X = [[abs(v) for v in row] for row in gauss(rng, n, d)]
    return data(X, mixed(rng, n), [-abs(v) for v in vector(rng, d)])


def finite_time(rng):
    case = rng.choice([mixed_slide, pos_generic, slide_exits, leaky, parallel_groups])(rng)
    T = rng.choice([2.0 ** -6, 0.125, 0.4375, 2.0])
    case.update(T=T, times=[T / 4, T])
    return case


def origin(rng):
    """Small d and mostly negative labels: many runs reach w = 0."""
    d = rng.choice([2, 2, 3])
    n = rng.randint(3, 7)
    y = [rng.uniform(-1.2, 0.6) for _ in range(n)]
    return data(gauss(rng, n, d), y, vector(rng, d, 2.0), weights(rng, n), times=(0.1, 1.5))


def one_dimension(rng):
    n = rng.randint(1, 6)
    y = mixed(rng, n) if rng.random() < 0.6 else [rng.choice([-1.0, 0.0, 1.0]) for _ in range(n)]
    w = [rng.choice([rng.gauss(0, 1), 1.0, -1.0])]
    return data(gauss(rng, n, 1), y, w)


def single(rng):
    d = rng.choice([1, 2, 3, 5])
    return data(gauss(rng, 1, d), [rng.choice([-1.0, 0.0, 1.0, rng.gauss(0, 1)])], vector(rng, d))


def wide(rng):
    n = rng.randint(2, 6)
    d = n + rng.randint(1, 5)
    y = rng.choice([positive, mixed])(rng, n)
    return data(gauss(rng, n, d), y, vector(rng, d))


def conditioned(power):
    def make_one(rng):
        d = rng.choice([3, 4, 5])
        n = rng.randint(2 * d, 3 * d)
        X = gauss(rng, n, d)
        turn = gauss(rng, d, d)
        scales = [10.0 ** (-power * k / (d - 1)) for k in range(d)]
        X = [[v * s for v, s in zip(row, scales)] for row in X]
        if rng.random() < 0.5:
            X = [[sum(a * b for a, b in zip(row, col)) for col in turn] for row in X]
        return data(X, positive(rng, n), vector(rng, d), times=(1.0, 10000.0))
    return make_one


def scaled(rng):
    """Columns, labels and weights of wildly different units."""
    case = rng.choice([mixed_slide, pos_generic, slide_exits])(rng)
    s = 10.0 ** rng.uniform(-8, 8)
    u = 10.0 ** rng.uniform(-8, 8)
    case["X"] = [[v * s for v in row] for row in case["X"]]
    case["y"] = [v * s * u for v in case["y"]]
    case["w0"] = [v * u for v in case["w0"]]
    case["times"] = [t / s / s for t in case["times"]]
    return case


def row_scales(rng):
    """Rows and weights of data over many decades."""
    n, d = shape(rng)
    X = [[v * 10.0 ** s for v in row] for row, s in
         zip(gauss(rng, n, d), [rng.uniform(-3, 3) for _ in range(n)])]
    c = [10.0 ** rng.uniform(-3, 3) for _ in range(n)]
    return data(X, mixed(rng, n), vector(rng, d), c)


def short_rows(rng):
    """Rows over many decades, with labels that are not theirs: slow motion far below the rounding of w."""
    n, d = rng.randint(5, 24), rng.randint(2, 6)
    X = [[v * 10.0 ** s for v in row] for row, s in
         zip(gauss(rng, n, d), [rng.uniform(-8, 0) for _ in range(n)])]
    y = [0.0 if rng.random() < 0.1 else rng.gauss(0, 1) * 10.0 ** rng.uniform(-8, 0)
         for _ in range(n)]
    return data(X, y, vector(rng, d))


def resting(rng):
    """Kinks that nothing pushes: coordinates without data or with zero labels."""
    n, d = shape(rng, True)
    X = [row + [0.0] for row in gauss(rng, n, d)]
    X.append([0.0] * d + [1.0])
    y = mixed(rng, n) + [rng.choice([-1.0, 0.0, 1.0])]
    if rng.random() < 0.5:
        X.append([1.0] + [0.0] * (d - 1) + [1.0])
        y.append(rng.uniform(-1, 1))
    return data(X, y, vector(rng, d) + [0.0])


def zero_rows(rng):
    case = rng.choice([mixed_slide, leaky, pos_generic])(rng)
    for i in rng.sample(range(case["n"]), rng.randint(1, case["n"] // 2)):
        case["X"][i] = [0.0] * case["d"]
    return case


def duplicates(rng):
    case = rng.choice([mixed_slide, leaky, pos_generic])(rng)
    n = case["n"]
    for _ in range(rng.randint(1, n)):
        i, j = rng.randrange(n), rng.randrange(n)
        case["X"][i] = list(case["X"][j])
    return case


def near_parallel(rng):
    """Rows parallel up to rounding or a little more."""
    case = mixed_slide(rng)
    X = case["X"]
    for _ in range(2):
        i, j = rng.sample(range(case["n"]), 2)
        size = rng.choice([1e-9, 1e-6, 1e-3])
        f = rng.choice([1.0, -1.0, 2.0])
        X[j] = [f * v * (1 + size * rng.gauss(0, 1)) for v in X[i]]
    return case


def medium(rng):
    n, d = rng.randint(25, 50), rng.choice([3, 5, 8])
    y = positive(rng, n) if rng.random() < 0.5 else mixed(rng, n)
    return data(gauss(rng, n, d), y, vector(rng, d, 0.5))


def rational(rng):
    """Decimal fractions: products that are zero only up to rounding."""
    n, d = shape(rng, True)
    X = [[rng.randint(-9, 9) / 10 for _ in range(d)] for _ in range(n)]
    y = [rng.randint(-9, 9) / 10 for _ in range(n)]
    return data(X, y, [rng.randint(-9, 9) / 10 for _ in range(d)])


KINDS = {
    "positive": pos_generic, "mixed_slide": mixed_slide, "negative": negative,
    "multi_slide": multi_slide, "slide_exits": slide_exits, "parallel": parallel_groups,
    "antiparallel": antiparallel, "bias": bias, "leaky": leaky, "leaky_groups": leaky_groups,
    "linear": linear, "zero_labels": zero_labels, "all_zero_labels": all_zero_labels,
    "teacher": teacher, "teacher_exact": teacher_exact, "large_init": large_init,
    "tiny_init": tiny_init, "start_kink": start_kink, "integer": integer, "symmetric": symmetric,
    "mirrored": mirrored, "grazing": grazing, "double_cross": double_cross,
    "near_graze": near_graze, "dead": dead, "finite_T": finite_time, "origin": origin,
    "one_dimension": one_dimension, "single": single, "wide": wide, "cond_1e4": conditioned(4),
    "cond_1e7": conditioned(7), "cond_1e10": conditioned(10), "scaled": scaled,
    "row_scales": row_scales, "short_rows": short_rows, "resting": resting, "zero_rows": zero_rows, "duplicates": duplicates,
    "near_parallel": near_parallel, "medium": medium, "rational": rational}

# Kinds small and quick enough for every test run.
QUICK = [k for k in KINDS if k not in ("medium", "multi_slide", "cond_1e10", "row_scales",
                                      "short_rows", "near_parallel")]


def make(kind, seed):
    """The case of a kind with a seed; the same on every machine."""
    rng = random.Random("%s/%d" % (kind, seed))
    inp = KINDS[kind](rng)
    for key in ("X", "y", "c", "w0", "times"):
        inp[key] = [[repr(v) for v in r] if isinstance(r, list) else repr(r) for r in inp[key]]
    inp["beta"], inp["T"] = repr(inp["beta"]), str(inp["T"])
    return {"name": "%s_%d" % (kind, seed), "kind": "flow", "tags": [kind], "note": "",
            "input": inp}
