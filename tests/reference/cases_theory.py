"""cases_theory.py: random cases of vanishing starts, leave-one-out limits and landscapes.

SPDX-License-Identifier: MIT

    cases_theory.make(kind, seed)    -> a case without its answers
    cases_theory.KINDS               -> the names of the kinds: "v_*" vanishing starts,
                                        "o_*" leaving out one datum, "l_*" landscapes
"""
import random

import cases
from cases import data, gauss, mixed, positive, shape, vector, weights


def label(rng, values=(-1.0, 1.0, 1.0)):
    return rng.choice(values)


def orthogonal(rng):
    """Orthogonal rows, some twice, turned by an exact rotation: x_i.v = 0 exactly."""
    d = rng.choice([2, 3, 4, 5])
    X, y = [], []
    for k in range(d):
        for _ in range(rng.choice([1, 1, 2])):
            s = rng.choice([1.0, 2.0, 3.0, 0.5, -1.0, -2.0])
            X.append([s if j == k else 0.0 for j in range(d)])
            y.append(rng.choice([-1.0, 0.0, 0.5, 1.0, 2.0, rng.uniform(-1, 1)]))
    if rng.random() < 0.5:
        X = [[r[0] * 3 - r[1] * 4, r[0] * 4 + r[1] * 3] + r[2:] for r in X]
    u = rng.choice([vector(rng, d), [float(rng.choice([-2, -1, 1, 2])) for _ in range(d)]])
    return data(X, y, u, weights(rng, len(X)) if rng.random() < 0.3 else None)


def orthogonal_part(rng):
    """Two blocks of coordinates and a few rows across them."""
    m = rng.randint(2, 4)
    X = [r + [0.0] for r in gauss(rng, m, 2)] + [[0.0, 0.0, rng.choice([1.0, -2.0])]]
    X += [[0.0, 0.0, rng.choice([1.0, -1.0, 3.0])] for _ in range(rng.randint(0, 2))]
    X += gauss(rng, rng.randint(0, 1), 3)
    y = [rng.choice([-1.0, 0.0, 1.0, rng.gauss(0, 1)]) for _ in X]
    return data(X, y, vector(rng, 3))


def blocks(rng):
    """Two planes that do not see each other, and a row across now and then."""
    X = [r + [0.0, 0.0] for r in gauss(rng, rng.randint(1, 4), 2)]
    X += [[0.0, 0.0] + r for r in gauss(rng, rng.randint(1, 4), 2)]
    X += gauss(rng, rng.choice([0, 0, 1]), 4)
    y = [rng.choice([0.0, 0.0, rng.gauss(0, 1), rng.gauss(0, 1), 1.0]) for _ in X]
    return data(X, y, vector(rng, 4))


def sparse(rng):
    """Rows with few entries, labels of a teacher or signs: data that share no coordinate."""
    d = rng.choice([3, 4, 5, 6])
    n = rng.randint(3, 9)
    X = [[0.0] * d for _ in range(n)]
    for row in X:
        for k in rng.sample(range(d), rng.choice([1, 2, 2])):
            row[k] = rng.choice([1.0, -1.0, 1.0, rng.gauss(0, 1)])
    v = vector(rng, d)
    y = [max(0.0, sum(a * b for a, b in zip(row, v))) for row in X] if rng.random() < 0.5 else \
        [label(rng, (-1.0, 0.0, 1.0, rng.gauss(0, 1))) for _ in X]
    return data(X, y, vector(rng, d))


def tangent(rng):
    """The escape of positive data lies on the kinks of others: decided at the second order."""
    d = rng.choice([2, 3, 4])
    X = [[float(rng.randint(0, 3)) for _ in range(d)] for _ in range(rng.randint(1, 3))]
    y = [float(rng.randint(1, 2)) for _ in X]
    v = [sum(s * r[k] for s, r in zip(y, X)) for k in range(d)]
    for _ in range(rng.randint(1, 3)):
        row = [float(rng.randint(-2, 2)) for _ in range(d)]
        p = max(range(d), key=lambda k: abs(v[k]))
        row[p] = 0.0
        z = sum(a * b for a, b in zip(row, v))
        row = [a * v[p] for a in row]
        row[p] = -z
        X.append(row)
        y.append(float(rng.randint(-2, 2)))
    return data(X, y, [float(rng.randint(-2, 3)) for _ in range(d)] if rng.random() < 0.5
                else vector(rng, d))


def cancelling(rng):
    """Labels +-1 and repeated rows: pulls that cancel."""
    d = rng.choice([2, 2, 3])
    X, y = [], []
    for _ in range(rng.randint(1, 3)):
        row = [float(rng.randint(-2, 2)) for _ in range(d)]
        s = rng.choice([1.0, 1.0, 2.0, -1.0])
        X += [row, [s * v for v in row]]
        y += [1.0, -1.0 / abs(s)]
    for _ in range(rng.randint(0, 3)):
        X.append([float(rng.randint(-2, 2)) for _ in range(d)])
        y.append(label(rng, (-1.0, 1.0, 0.0)))
    return data(X, y, vector(rng, d))


def collapsing(rng):
    """Mixed labels, mostly negative: omega comes back to 0."""
    d = rng.choice([2, 2, 3, 3, 4])
    n = rng.randint(3, 10)
    y = [rng.uniform(-1.5, 0.7) for _ in range(n)]
    return data(gauss(rng, n, d), y, vector(rng, d), weights(rng, n))


def signs(rng):
    """Labels +-1 on Gaussian rows."""
    n, d = shape(rng)
    return data(gauss(rng, n, d), [label(rng) for _ in range(n)], vector(rng, d))


def many_small(rng):
    """Wide spread of the labels: long inner flows."""
    n, d = rng.randint(6, 16), rng.choice([2, 3, 4])
    y = [rng.choice([-1, 1, 1]) * 10.0 ** rng.uniform(-4, 1) for _ in range(n)]
    return data(gauss(rng, n, d), y, vector(rng, d))


def one_dimension(rng):
    n = rng.randint(1, 6)
    y = mixed(rng, n) if rng.random() < 0.5 else [label(rng, (-1.0, 0.0, 1.0)) for _ in range(n)]
    X = gauss(rng, n, 1) if rng.random() < 0.5 else [[label(rng, (-1.0, 1.0, 2.0, -0.5))]
                                                     for _ in range(n)]
    act, beta = rng.choice([("relu", 0.0), ("relu", 0.0), ("leaky", 0.25)])
    return data(X, y, [label(rng, (-1.0, 1.0, 0.3))], act=act, beta=beta)


def on_kink(rng):
    """u exactly on kinks."""
    case = cases.start_kink(rng)
    if rng.random() < 0.3:
        case.update(act="leaky", beta=rng.choice([0.1, 0.5]))
    return case


# Kinds of flows whose start is taken as a direction.
AS_FLOWS = ["positive", "mixed_slide", "negative", "multi_slide", "slide_exits", "parallel",
            "antiparallel", "bias", "leaky", "leaky_groups", "linear", "zero_labels",
            "all_zero_labels", "teacher", "teacher_exact", "integer", "symmetric", "mirrored",
            "finite_T", "origin", "single", "wide", "scaled", "row_scales", "resting", "zero_rows",
            "duplicates", "near_parallel", "rational", "cond_1e4", "cond_1e7", "medium"]
OWN = {"orthogonal": orthogonal, "orthogonal_part": orthogonal_part, "blocks": blocks,
       "sparse": sparse, "tangent": tangent, "cancelling": cancelling, "collapsing": collapsing,
       "signs": signs, "many_small": many_small, "one_dimension": one_dimension, "on_kink": on_kink}


# --- landscapes -----------------------------------------------------------------------------------

def plane(rng):
    n = rng.randint(1, 9)
    return data(gauss(rng, n, 2), rng.choice([mixed, positive])(rng, n), [0.0, 0.0],
                weights(rng, n) if rng.random() < 0.5 else None)


def plane_mixed(rng):
    n = rng.randint(2, 12)
    y = [rng.uniform(-1.5, 0.7) for _ in range(n)]
    return data(gauss(rng, n, 2), y, [0.0, 0.0])


def plane_few(rng):
    """Few data: flat minima, dead cones, rays."""
    n = rng.randint(1, 3)
    return data(gauss(rng, n, 2), [label(rng, (-1.0, 1.0, 0.0, rng.gauss(0, 1)))
                                   for _ in range(n)], [0.0, 0.0])


def plane_integer(rng):
    n = rng.randint(1, 7)
    X = [[float(rng.randint(-2, 2)) for _ in range(2)] for _ in range(n)]
    return data(X, [float(rng.randint(-2, 2)) for _ in range(n)], [0.0, 0.0])


def plane_groups(rng):
    case = plane(rng)
    X, n = case["X"], case["n"]
    for _ in range(rng.randint(1, n)):
        i, j = rng.randrange(n), rng.randrange(n)
        f = rng.choice([1.0, 2.0, -1.0, -2.0, 0.5])
        X[j] = [f * v for v in X[i]]
    case["y"] = [rng.choice([v, -1.0, 0.0, 1.0]) for v in case["y"]]
    return case


def plane_line(rng):
    """All rows on one or two lines."""
    base = gauss(rng, rng.randint(1, 2), 2)
    X = []
    for row in base:
        for _ in range(rng.randint(1, 3)):
            f = rng.choice([1.0, -1.0, 2.0, -0.5])
            X.append([f * v for v in row])
    return data(X, [label(rng, (-1.0, 1.0, 0.0, rng.gauss(0, 1))) for _ in X], [0.0, 0.0])


def plane_half(rng):
    """All rows in a half plane: dead cones."""
    n = rng.randint(1, 8)
    X = [[r[0], abs(r[1])] for r in gauss(rng, n, 2)]
    y = [rng.choice([0.0, rng.uniform(-1, 1), rng.uniform(-1, 1)]) for _ in range(n)]
    return data(X, y, [0.0, 0.0], weights(rng, n))


def plane_leaky(rng):
    case = rng.choice([plane, plane_groups, plane_integer, plane_line, plane_half])(rng)
    case.update(act="leaky", beta=rng.choice([0.0, 0.01, 0.25, 0.5, 0.9]))
    return case


def plane_linear(rng):
    case = rng.choice([plane, plane_groups, plane_line])(rng)
    case.update(act="linear")
    return case


def plane_many(rng):
    n = rng.randint(20, 60)
    return data(gauss(rng, n, 2), mixed(rng, n), [0.0, 0.0], weights(rng, n))


def plane_scaled(rng):
    case = rng.choice([plane, plane_mixed, plane_half])(rng)
    s, u = 10.0 ** rng.uniform(-8, 8), 10.0 ** rng.uniform(-8, 8)
    case["X"] = [[v * s for v in row] for row in case["X"]]
    case["y"] = [v * u for v in case["y"]]
    return case


def plane_rows(rng):
    case = plane(rng)
    case["X"] = [[v * 10.0 ** s for v in row] for row, s in
                 zip(case["X"], [rng.uniform(-4, 4) for _ in case["X"]])]
    return case


def plane_teacher(rng):
    """Labels of an integer teacher, often on a kink: points that lie on the edge of their cone."""
    n = rng.randint(2, 8)
    X = [[float(rng.randint(-3, 3)) for _ in range(2)] for _ in range(n)]
    v = [float(rng.randint(-2, 2)) for _ in range(2)]
    if rng.random() < 0.6:
        X[0] = [-v[1], v[0]]
    y = [max(0.0, sum(a * b for a, b in zip(row, v))) for row in X]
    for i in range(n):
        if rng.random() < 0.2:
            y[i] = float(rng.randint(-2, 2))
    act, beta = rng.choice([("relu", 0.0), ("relu", 0.0), ("leaky", 0.25)])
    return data(X, y, [0.0, 0.0], act=act, beta=beta)


def plane_rational(rng):
    """Decimal fractions: ties up to rounding."""
    n = rng.randint(2, 8)
    X = [[rng.randint(-9, 9) / 10 for _ in range(2)] for _ in range(n)]
    if rng.random() < 0.5:
        X[1] = [v * 3 for v in X[0]]
    return data(X, [rng.randint(-9, 9) / 10 for _ in range(n)], [0.0, 0.0])


def plane_near(rng):
    """Almost parallel rows."""
    case = plane_mixed(rng)
    X = case["X"]
    i, j = rng.sample(range(case["n"]), 2)
    f, s = rng.choice([1.0, -1.0, 2.0]), rng.choice([1e-12, 1e-8, 1e-4])
    X[j] = [f * v * (1 + s * rng.gauss(0, 1)) for v in X[i]]
    return case


PLANE = {"plane": plane, "mixed": plane_mixed, "few": plane_few, "integer": plane_integer,
         "groups": plane_groups, "line": plane_line, "half": plane_half, "leaky": plane_leaky,
         "linear": plane_linear, "many": plane_many, "scaled": plane_scaled, "rows": plane_rows,
         "near": plane_near, "teacher": plane_teacher,
         "rational": plane_rational}

LEFT_OUT = ["positive", "mixed_slide", "slide_exits", "parallel", "antiparallel", "leaky", "linear",
            "zero_labels", "teacher", "integer", "symmetric", "origin", "one_dimension", "single",
            "wide", "duplicates", "zero_rows", "dead", "start_kink", "cond_1e4", "v_mixed_slide",
            "v_positive", "v_leaky", "v_orthogonal", "v_collapsing", "v_signs", "v_integer",
            "negative", "resting", "mirrored", "rational", "near_graze", "tiny_init", "bias",
            "leaky_groups", "all_zero_labels", "v_cancelling", "v_on_kink", "v_zero_labels",
            "v_one_dimension", "v_symmetric", "v_teacher", "v_orthogonal_part"]

KINDS = ["v_" + k for k in list(OWN) + AS_FLOWS] + ["o_" + k for k in LEFT_OUT] + \
        ["l_" + k for k in PLANE]
SLOW = ("v_medium", "v_multi_slide", "v_near_parallel", "v_row_scales", "v_cond_1e7", "v_cond_1e4",
        "v_signs", "o_v_signs", "o_v_integer", "o_v_leaky", "o_v_collapsing", "o_cond_1e4",
        "o_negative", "l_near", "l_rows", "l_many", "l_rational")
QUICK = [k for k in KINDS if k not in SLOW]


def make(kind, seed):
    """The case of a kind with a seed; the same on every machine."""
    family, name = kind[:2], kind[2:]
    rng = random.Random("%s/%d" % (kind, seed))
    if family == "o_":
        inner = make(name, seed) if name.startswith("v_") else cases.make(name, seed)
        n = inner["input"]["n"]
        inner.update(name="%s_%d" % (kind, seed), kind="leave_one_out",
                     data=rng.sample(range(n), min(n, 4)))
        inner["input"]["T"] = "inf"
        return inner
    if family == "l_":
        inp = PLANE[name](rng)
        del inp["w0"], inp["times"], inp["T"]
    else:
        inp = OWN[name](rng) if name in OWN else cases.KINDS[name](rng)
        inp["u"] = inp.pop("w0")
        if not any(inp["u"]):
            inp["u"][0] = 1.0
        inp["times"] = [0.1, 1.0] if str(inp["T"]) == "inf" else inp["times"]
        inp["T"] = str(inp["T"])
    for key in ("X", "y", "c", "u", "times"):
        if key in inp:
            inp[key] = [[repr(v) for v in r] if isinstance(r, list) else repr(r)
                        for r in inp[key]]
    inp["beta"] = repr(inp["beta"])
    return {"name": "%s_%d" % (kind, seed), "tags": [kind], "note": "", "input": inp,
            "kind": "landscape2d" if family == "l_" else "small_init"}
