"""cases_network.py: random cases of several neurons, of every kind the reference vectors have, and
of the kinds that hurt.

SPDX-License-Identifier: MIT

    cases_network.make(kind, seed)    -> a case without its answers
    cases_network.KINDS               -> the names of the kinds
"""
import random

from cases import gauss, mixed, positive, vector, weights


def outer(rng, m, signs):
    """Outer weights of size 0.5 to 1.5."""
    return [rng.uniform(0.5, 1.5) * (1 if signs == "+" else rng.choice([-1, 1])) for _ in range(m)]


def problem(rng, n, d, m, signs="+-", labels=mixed, size=1.0):
    return {"n": n, "d": d, "m": m, "X": gauss(rng, n, d), "y": labels(rng, n),
            "c": weights(rng, n) if rng.random() < 0.7 else [1.0] * n, "a": outer(rng, m, signs),
            "W0": [vector(rng, d, size) for _ in range(m)], "T": "inf",
            "times": ["0.02", "0.2", "1.0", "4.0"]}


def crossing(rng):
    return problem(rng, rng.randint(5, 9), rng.choice([2, 3, 4]), rng.choice([2, 3]), "+", positive)


def unit_problem(rng, n, d, m):
    """One open half space of data, so that a neuron may be dead."""
    case = problem(rng, n, d, m)
    for row in case["X"]:
        row[-1] = abs(row[-1]) + 0.1
    return case


def dead(rng):
    """The last neuron starts dead; others die on the kink of their last datum."""
    d = rng.choice([2, 3])
    case = unit_problem(rng, rng.randint(4, 8), d, rng.choice([2, 3]))
    case["W0"][-1] = [0.05 * v for v in vector(rng, d - 1)] + [-3.0]
    if rng.random() < 0.7:
        case["a"][0] = abs(case["a"][0])
        case["y"] = [min(v, 0.3) for v in case["y"]]
    return case


def group(rng, row, count):
    return [[f * v for v in row] for f in [1.0, 1.0, -2.0, 0.5, -1.0, 4.0][:count]]


def duplicates(rng):
    """Parallel and antiparallel rows by exact factors."""
    d = rng.choice([2, 3, 3, 4])
    case = problem(rng, 9, d, rng.choice([2, 2, 3]))
    case["X"] = group(rng, vector(rng, d), rng.randint(2, 6))
    if rng.random() < 0.4:
        case["X"] += group(rng, vector(rng, d), rng.randint(2, 3))
    case["X"] = (case["X"] + gauss(rng, 9, d))[:9]
    case["times"] = ["0.02", "0.2", "1.0"]
    if rng.random() < 0.25:
        case["T"] = "2.0"
    return case


def exits(rng):
    return problem(rng, rng.randint(8, 12), rng.choice([3, 4, 5]), 2, "+-",
                   lambda r, n: [v - 0.6 for v in mixed(r, n)])


def finite(rng):
    case = problem(rng, rng.randint(5, 9), rng.choice([2, 3]), rng.choice([2, 3]))
    case.update(T=repr(rng.choice([0.3, 1.5, 6.0, rng.uniform(0.1, 20)])), times=["0.1", "0.25"])
    return case


def gamma_sign(rng):
    return problem(rng, rng.randint(6, 9), rng.choice([2, 3]), rng.choice([2, 3, 4]))


def identical(rng):
    """Neurons that are equal, or proportional with an exact factor."""
    case = problem(rng, rng.randint(4, 8), rng.choice([2, 3]), rng.choice([2, 3, 4]))
    s = rng.choice([1.0, 1.0, 1.0, 2.0, 0.5, -1.0])
    case["a"][1] = case["a"][0] * s
    case["W0"][1] = [v * abs(s) for v in case["W0"][0]]
    return case


def moving_bound(rng):
    return problem(rng, rng.randint(8, 10), rng.choice([2, 3, 4]), 2)


def origin(rng):
    """Neurons that come to their origin: few dimensions, labels of the other sign."""
    d = rng.choice([2, 2, 2, 3])
    m = rng.choice([2, 3, 3, 4])
    case = problem(rng, rng.randint(6, 10), d, m, "+-", lambda r, n: [r.gauss(-0.8, 1.5)
                                                                     for _ in range(n)])
    case["a"][-1] = abs(case["a"][-1])
    return case


def overparam(rng):
    d = rng.choice([2, 3])
    n = rng.randint(2, 4)
    case = problem(rng, n, d, rng.randint(4, 7))
    case["a"][0], case["a"][1] = -abs(case["a"][0]), abs(case["a"][1])
    return case


def vanishing(rng):
    case = problem(rng, rng.randint(4, 9), rng.choice([2, 3, 4]), rng.choice([2, 3]))
    case["U"] = case.pop("W0")
    return case


def vanishing_collapse(rng):
    """Labels that pull neurons into the origin or into the dead cone."""
    case = problem(rng, rng.randint(3, 9), 2, rng.choice([2, 3]), "+-",
                   lambda r, n: [r.gauss(-0.7, 1.0) for _ in range(n)])
    if rng.random() < 0.4:
        for row in case["X"]:
            row[-1] = abs(row[-1]) + 0.1
    case["U"] = case.pop("W0")
    return case


def vanishing_orthogonal(rng):
    """Rows along the axes, some turned exactly: data that are orthogonal to the escape, x_i.v = 0."""
    d = rng.choice([2, 3, 4])
    case = problem(rng, 2, d, rng.choice([2, 3]))
    axes = [k for k in range(d)] + [rng.randrange(d) for _ in range(rng.randint(0, 3))]
    case["X"] = [[rng.choice([1.0, 2.0, -1.0, 0.5]) * (i == k) for i in range(d)] for k in axes]
    if rng.random() < 0.6:
        case["X"] = [[3 * r[0] - 4 * r[1], 4 * r[0] + 3 * r[1]] + r[2:] for r in case["X"]]
    if rng.random() < 0.6:
        case["X"] += gauss(rng, rng.randint(1, 2), d)
    n = case["n"] = len(case["X"])
    case["y"], case["c"] = mixed(rng, n), weights(rng, n)
    case["U"] = case.pop("W0")
    return case


def vanishing_grid(rng):
    """Small integers: exact ties."""
    case = kink_start(rng)
    case["U"] = [w if any(w) else [1.0] * case["d"] for w in case.pop("W0")]
    return case


def one(rng):
    case = problem(rng, rng.randint(5, 10), rng.choice([2, 3, 4]), 1)
    case["a"] = [rng.choice([1.0, 1.0, -2.5, 0.5, -1.0, rng.uniform(-3, 3)])]
    return case


def zero_labels(rng):
    """A teacher with data it does not see, and rows of zeros."""
    case = problem(rng, rng.randint(5, 9), rng.choice([2, 3]), rng.choice([2, 3]))
    for i in range(case["n"]):
        if rng.random() < 0.4:
            case["y"][i] = 0.0
    if rng.random() < 0.3:
        case["X"][rng.randrange(case["n"])] = [0.0] * case["d"]
    return case


def opposed(rng):
    """a_1 = -a_2 and the same direction: the pulls cancel in part, Gamma is moved by the other."""
    case = problem(rng, rng.randint(5, 8), rng.choice([2, 3]), rng.choice([2, 3]))
    case["a"][1] = -case["a"][0]
    s = rng.choice([1.0, 0.5, 2.0, 1.25])
    case["W0"][1] = [v * s for v in case["W0"][0]]
    return case


def symmetric(rng):
    """Data +-x with the labels of |x.w*| or sign(x.w*)."""
    d, half = rng.choice([2, 3]), rng.randint(2, 4)
    case = problem(rng, 2 * half, d, 2)
    star, rows = vector(rng, d), gauss(rng, half, d)
    case["X"] = rows + [[-v for v in row] for row in rows]
    case["a"] = [1.0, -1.0]
    odd = rng.random() < 0.7
    for i in range(half):
        s = sum(p * q for p, q in zip(rows[i], star))
        case["y"][i], case["y"][half + i] = s, -s if odd else abs(s)
    case["c"] = [1.0] * case["n"]
    if rng.random() < 0.3:
        case["W0"][1] = [-v for v in case["W0"][0]]
    return case


def teacher(rng):
    """A teacher of one neuron, a student of several: the limit is singular."""
    case = problem(rng, rng.randint(6, 10), rng.choice([2, 3]), rng.choice([2, 3]), "+",
                   size=rng.choice([0.1, 1.0]))
    star = vector(rng, case["d"])
    case["a"] = [1.0] * case["m"]
    case["y"] = [max(0.0, sum(p * q for p, q in zip(row, star))) for row in case["X"]]
    return case


def many(rng):
    return problem(rng, rng.randint(8, 14), rng.choice([2, 3]), rng.choice([5, 6]))


def line(rng):
    """d = 1: every kink is the origin."""
    case = problem(rng, rng.randint(2, 6), 1, rng.choice([2, 3]))
    return case


def kink_start(rng):
    """Starts on kinks and at the origin, with small integers."""
    d = rng.choice([2, 3])
    case = problem(rng, rng.randint(3, 6), d, rng.choice([2, 3]))
    case["X"] = [[float(rng.randint(-2, 2)) for _ in range(d)] for _ in range(case["n"])]
    case["W0"] = [[float(rng.randint(-2, 2)) for _ in range(d)] for _ in range(case["m"])]
    return case


def scales(rng):
    """Outer weights, rows and starts of very different sizes."""
    case = problem(rng, rng.randint(5, 8), rng.choice([2, 3]), rng.choice([2, 3]))
    case["a"] = [v * 2.0 ** rng.randint(-6, 4) for v in case["a"]]
    case["X"] = [[v * s for v in row] for row in case["X"] for s in [2.0 ** rng.randint(-3, 3)]]
    case["W0"] = [[v * s for v in w] for w in case["W0"] for s in [2.0 ** rng.randint(-12, 4)]]
    return case


def apart(rng):
    """Neurons without a common datum."""
    d = rng.choice([2, 3])
    case = problem(rng, 8, 2 * d, 2)
    for i, row in enumerate(case["X"]):
        half = slice(d, None) if i % 2 == 0 else slice(None, d)
        row[half] = [0.0] * d
    for j, w in enumerate(case["W0"]):
        half = slice(d, None) if j == 0 else slice(None, d)
        w[half] = [0.0] * d
    return case


KINDS = {"crossing": crossing, "dead": dead, "duplicates": duplicates, "exits": exits,
         "finite_T": finite, "gamma_sign": gamma_sign, "identical": identical,
         "moving_bound": moving_bound, "origin": origin, "overparam": overparam,
         "small_init": vanishing, "collapse": vanishing_collapse,
         "small_init_orthogonal": vanishing_orthogonal, "small_init_grid": vanishing_grid,
         "m1": one,
         "zero_labels": zero_labels, "opposed": opposed, "symmetric": symmetric,
         "teacher": teacher, "many": many, "line": line, "kink_start": kink_start,
         "scales": scales, "apart": apart}
QUICK = [kind for kind in KINDS if kind not in ("many", "exits")]


def make(kind, seed):
    rng = random.Random("%s %d" % (kind, seed))
    data = KINDS[kind](rng)
    data["act"] = "relu"

    def texts(value):
        return [texts(v) for v in value] if isinstance(value, list) else repr(value)
    for key in ("X", "y", "c", "a", "W0", "U"):
        if key in data:
            data[key] = texts(data[key])
    return {"name": "%s_%d" % (kind, seed), "kind": "small_init" if "U" in data else "flow",
            "tags": [kind], "input": data}
