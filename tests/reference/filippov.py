"""filippov.py: the lines of a problem and which way the flow goes on its kinks.

SPDX-License-Identifier: MIT

The one idea that shortens it: rows that are (anti)parallel act as one "line".  With the row x of
lowest index as representative and members x_i = f_i x the gradient flow is

    w' = sum over lines of (b_side - h_side z) x,      z = x.w,

where side is A (z > 0) or I (z < 0); on the kink b runs from B (theta = 0) to B + Gamma
(theta = 1).  ReLU, leaky ReLU and the linear neuron differ in B, Gamma and h only.
"""
from digits import (Unsupported, _real, axpy, dot, gram_solve, norm, rank, real, tie)

ACTIVE, INACTIVE, SLIDING, RESTING = "A", "I", "S", "Z"


class Line:
    """One kink: parallel and antiparallel rows."""

    def __init__(self, x, members, y, c, act, beta):
        self.x, self.members = x, members       # members: list of (datum, factor)
        self.size = norm(x)
        if act == "linear":
            beta = _real(1)
        self.jump = (1 - beta) * sum((c[i] * y[i] * abs(f) for i, f in members), _real(0))
        self.base = sum((c[i] * y[i] * f * (beta if f > 0 else 1) for i, f in members), _real(0))
        up = sum((c[i] * f * f for i, f in members if f > 0), _real(0))
        down = sum((c[i] * f * f for i, f in members if f < 0), _real(0))
        self.curve = {ACTIVE: up + beta ** 2 * down, INACTIVE: beta ** 2 * up + down}
        self.weight = sum((abs(c[i] * y[i] * f) for i, f in members), _real(0))
        if abs(self.jump) <= tie() * self.weight:
            self.jump = _real(0)

    def pull(self, side):
        """b of a side; at rest theta is at the bound where nothing pushes, if there is one."""
        if side == RESTING and abs(self.base + self.jump) <= tie() * self.weight:
            return _real(0)
        return self.base + self.jump if side == ACTIVE else self.base

    def convex(self):
        return self.jump < 0


class Problem:
    """Data, activation and lines."""

    def __init__(self, data):
        self.n, self.d = data["n"], data["d"]
        self.X = [[real(v) for v in row] for row in data["X"]]
        self.y = [real(v) for v in data["y"]]
        self.c = [real(v) for v in data["c"]]
        self.act, self.beta = data["act"], real(data["beta"])
        if self.act != "leaky":
            self.beta = _real(0)
        groups = []
        for i, row in enumerate(self.X):
            if not any(row):
                continue
            for first, members in groups:
                factor = parallel(self.X[first], row)
                if factor is not None:
                    members.append((i, factor))
                    break
            else:
                groups.append((i, [(i, _real(1))]))
        self.lines = [Line(self.X[i], m, self.y, self.c, self.act, self.beta) for i, m in groups]

    def sigma(self, z):
        if self.act == "linear" or z > 0:
            return z
        return self.beta * z

    def loss(self, z):
        terms = (c * (self.sigma(v) - y) ** 2 for c, v, y in zip(self.c, z, self.y))
        return sum(terms, _real(0)) / 2


def parallel(a, b):
    """The factor f with b = f a, exactly, or None."""
    p = max(range(len(a)), key=lambda k: abs(a[k]))
    with_more = all(a[p] * y == b[p] * x for x, y in zip(a, b))
    return b[p] / a[p] if with_more else None


# --- Filippov's decision --------------------------------------------------------------------------

def box_least_squares(v, columns, low, high):
    """theta minimizing |v + sum theta_k columns_k| within the bounds (None: none); active set."""
    m = len(columns)
    theta = [lo if lo is not None else hi if hi is not None else _real(0)
             for lo, hi in zip(low, high)]
    free = [k for k in range(m) if low[k] is None and high[k] is None]
    scale = norm(v) + sum((norm(g) for g in columns), _real(0))
    for _ in range(200 + 20 * m):
        while True:
            rest = list(v)
            for k in range(m):
                if k not in free and theta[k]:
                    rest = axpy(theta[k], columns[k], rest)
            goal = gram_solve([columns[k] for k in free], [-x for x in rest]) if free else []
            step, block = _real(1), None
            for k, g in zip(free, goal):
                for bound, out in ((low[k], g < theta[k]), (high[k], g > theta[k])):
                    if bound is not None and out and (g - bound) * (g - theta[k]) > 0:
                        part = (bound - theta[k]) / (g - theta[k])
                        if part < step:
                            step, block = part, (k, bound)
            for k, g in zip(free, goal):
                theta[k] += step * (g - theta[k])
            if block is None:
                break
            theta[block[0]] = block[1]
            free.remove(block[0])
        left = list(v)
        for k in range(m):
            left = axpy(theta[k], columns[k], left)
        worst, which = tie() * scale, None
        for k in range(m):
            if k in free:
                continue
            slope = dot(columns[k], left) / norm(columns[k])
            if low[k] is not None and theta[k] == low[k] and -slope > worst:
                worst, which = -slope, k
            elif high[k] is not None and theta[k] == high[k] and slope > worst:
                worst, which = slope, k
        if which is None:
            return theta, left
        free.append(which)
    raise Unsupported("bounded least squares did not end")


class Decision:
    """Resolves the lines `kinks` (all with z = 0) given the sides of the others."""

    def __init__(self, lines, w, sides, kinks, prefer):
        self.lines, self.w, self.sides = lines, w, sides
        self.kinks = sorted(kinks)
        self.ambiguous = self.degenerate = False
        concave = [k for k in self.kinks if lines[k].jump > 0]
        flip = {k: prefer.get(k, INACTIVE) for k in concave}
        for _ in range(4 ** min(len(concave), 6) + 1):
            bad = self.attempt(flip)
            if not bad:
                break
            flip[bad[0]] = INACTIVE if flip[bad[0]] == ACTIVE else ACTIVE
        else:
            raise Unsupported("flips did not end")
        self.result = dict(self.state), dict(self.theta)
        self.check_unique(concave, flip)
        self.state, self.theta = self.result

    def check_unique(self, concave, flip):
        """Is there another consistent choice of the concave kinks?"""
        if len(concave) > 5:
            self.ambiguous = True
            return
        keep = self.degenerate
        for mask in range(1, 2 ** len(concave)):
            other = {k: (flip[k] if not mask >> j & 1 else
                         INACTIVE if flip[k] == ACTIVE else ACTIVE) for j, k in enumerate(concave)}
            if not self.attempt(other):
                self.ambiguous = True
        self.degenerate = keep

    def attempt(self, flip):
        """Germ of the solution for fixed concave kinks; returns the inconsistent ones."""
        lines = self.lines
        self.state, self.theta = {}, {}
        velocity = [_real(0)] * len(self.w)
        size = _real(0)
        for k, line in enumerate(lines):
            if k in self.kinks:
                pull = line.pull(flip[k]) if k in flip else line.base
            else:
                z = dot(line.x, self.w)
                pull = line.pull(self.sides[k]) - line.curve[self.sides[k]] * z
            velocity = axpy(pull, line.x, velocity)
            size += abs(pull) * line.size
            if k in self.kinks:
                size += abs(line.jump) * line.size
        bounded = {k: (_real(0), _real(1)) for k in self.kinks if lines[k].convex()}
        open_ = [k for k in self.kinks if k not in bounded]
        bad = []
        motion = velocity
        for order in range(1, 2 * len(self.w) + 4):
            motion = self.one_order(motion, size, bounded, order, flip, open_, bad)
            if not bounded and not open_:
                break
            motion, size = self.differentiate(motion)
            if size == 0:
                break
        self.settle(bounded, open_, flip)
        return sorted(bad)

    def one_order(self, base, size, bounded, order, flip, open_, bad):
        """Chooses theta's derivative of this order and sorts out the kinks it decides."""
        lines = self.lines
        keys = list(bounded)
        theta, v = box_least_squares(base, [[lines[k].jump * e for e in lines[k].x] for k in keys],
                                     [bounded[k][0] for k in keys], [bounded[k][1] for k in keys])
        for k, th in zip(keys, theta):
            self.refine(k, th, dot(lines[k].x, v), size, bounded, order)
        for k in list(open_):
            s = dot(lines[k].x, v)
            if abs(s) > tie() * size * lines[k].size:
                side = ACTIVE if s > 0 else INACTIVE
                if k in flip and side != flip[k]:
                    bad.append(k)
                self.state[k] = side
                open_.remove(k)
        return v

    def refine(self, k, th, s, size, bounded, order):
        """What theta and the speed off the kink say about one convex kink."""
        small = tie() * size
        low, high = bounded[k]
        if order == 1:
            self.theta[k] = th
        if low is None and high is None:
            self.state[k] = SLIDING
        elif abs(s) > small * self.lines[k].size:
            self.state[k] = ACTIVE if s > 0 else INACTIVE
            del bounded[k]
        elif order == 1:
            if tie() < th < 1 - tie():
                self.state[k], bounded[k] = SLIDING, (None, None)
            else:
                bounded[k] = (_real(0), None) if th < 0.5 else (None, _real(0))
        elif abs(th * self.lines[k].jump) * self.lines[k].size > small:
            self.state[k], bounded[k] = SLIDING, (None, None)

    def differentiate(self, motion):
        """The next derivative of the velocity without the change of theta, and its scale."""
        base, size = [_real(0)] * len(motion), _real(0)
        for k, line in enumerate(self.lines):
            side = self.state.get(k) if k in self.kinks else self.sides[k]
            if side in (ACTIVE, INACTIVE):
                rate = -line.curve[side] * dot(line.x, motion)
                base = axpy(rate, line.x, base)
                size += line.curve[side] * line.size ** 2 * norm(motion)
        return base, size

    def settle(self, bounded, open_, flip):
        """Kinks on which no derivative ever moves: at rest."""
        for k in open_:
            self.state[k] = RESTING
            if k in flip and flip[k] == ACTIVE:
                self.degenerate = True
        for k, (low, high) in bounded.items():
            if low is None and high is None:
                continue
            line = self.lines[k]
            side = INACTIVE if high is None else ACTIVE
            self.state[k] = RESTING if line.pull(side) == 0 else SLIDING
            if high is not None:
                self.degenerate = True
        slide = [self.lines[k].x for k in self.kinks if self.state.get(k) == SLIDING]
        if slide and rank(slide) < len(slide):
            raise Unsupported("dependent sliding kinks")
        for k in self.kinks:
            if self.state.get(k) == RESTING and slide and \
                    rank(slide + [self.lines[k].x]) == len(slide):
                self.degenerate = True


# --- vanishing weights ----------------------------------------------------------------------------

def inner_flow(lines, omega):
    """omega' = v(pattern of omega): ('escape' | 'dead' | 'frozen' | 'collapse', v, states)."""
    flat = [Flat(line) for line in lines]
    seen, size = [], norm(omega)
    omega = [x / size for x in omega]
    state, kinks, prefer = {}, [], {}

    def enter():
        state.clear()
        kinks.clear()
        prefer.clear()
        for k, line in enumerate(flat):
            z = dot(line.x, omega)
            state[k] = ACTIVE if z > 0 else INACTIVE
            if abs(z) <= tie() * line.size * norm(omega):
                kinks.append(k)
    enter()
    for _ in range(2000):
        choice = Decision(flat, omega, state, kinks, prefer)
        state.update(choice.state)
        v = [_real(0)] * len(omega)
        size = _real(0)
        for k, line in enumerate(flat):
            pull = line.base + line.jump * choice.theta[k] if state[k] == SLIDING \
                else line.pull(state[k])
            v = axpy(pull, line.x, v)
            size += (abs(line.base) + abs(line.jump)) * line.size
        if norm(v) <= tie() * size or size == 0:
            return ("frozen" if ACTIVE in state.values() else "dead"), v, state
        first, arrivals = None, []
        for k, line in enumerate(flat):
            s, z = dot(line.x, v), dot(line.x, omega)
            if k in kinks and state[k] in (ACTIVE, INACTIVE, SLIDING, RESTING):
                continue
            if abs(s) <= tie() * line.size * size or (s > 0) == (z > 0):
                continue
            t = -z / s
            if first is not None and abs(t - first) <= tie() * first:
                arrivals.append(k)
            elif first is None or t < first:
                first, arrivals = t, [k]
        if first is None:
            return "escape", v, state
        reach = norm(omega) + first * norm(v)
        omega = axpy(first, v, omega)
        if norm(omega) <= tie() * reach:
            unit = [x / norm(v) for x in v]
            if any(norm(axpy(-1, u, unit)) <= tie() for u in seen):
                return "collapse", v, state
            seen.append(unit)
            omega = unit
            enter()
            continue
        old = dict(state)
        kinks[:] = sorted(set(arrivals) | {k for k, s in old.items() if s in (SLIDING, RESTING)})
        prefer.clear()
        prefer.update({k: (INACTIVE if old[k] == ACTIVE else ACTIVE) for k in arrivals})
    raise Unsupported("inner flow did not end")


class Flat(Line):
    """A line without curvature: what is left of it at vanishing weights."""

    def __init__(self, line):
        self.__dict__.update(line.__dict__)
        self.curve = {ACTIVE: _real(0), INACTIVE: _real(0)}
