"""vanishing.py: the limit eps -> 0+ of the flow from w(0) = eps u, taken numerically.

SPDX-License-Identifier: MIT

No theory of the inner flow is used: the flow is run at very many digits from eps u with an eps so
small that its powers separate the time scales.  An event at t = O(eps) is one of the inner flow,
with inner time s = t/eps; one at t = eps^(1/2), eps^(1/3) ... belongs to the instant 0+ (data that
are orthogonal to the escape, decided at a higher order); the others belong to the outer flow, which
is then run anew from w = 0 exactly with the pattern of 0+, and must agree with the run from eps u.

    vanishing.run(case)          -> expect of a "small_init" case
    vanishing.condition(case)    -> its conditioning, by perturbation in the 25th digit
"""
import copy
import random
from contextlib import contextmanager

import digits
import oracle
from digits import Unsupported, _real, axpy, dot, norm, real, ten, text, tie
from filippov import ACTIVE, INACTIVE, RESTING, SLIDING, Problem

# eps^2 must lie above tie() and the noise of the exponentials far below it.
WORKING_DIGITS, EPS, INNER, SHORT, ONSET = 320, -60, -45, -25, -7


@contextmanager
def many_digits():
    """Works with WORKING_DIGITS for a while."""
    before = digits.DIGITS
    digits.set_digits(WORKING_DIGITS)
    try:
        yield
    finally:
        digits.set_digits(before)


class Limit:
    """The run from eps u, cut into the inner flow, the instant 0+ and the outer flow."""

    def __init__(self, problem, u, T, max_events=3000):
        self.problem, self.u = problem, [real(v) for v in u]
        self.units()
        eps = self.eps
        self.flow = flow = oracle.Flow(problem, [eps * v for v in self.u], None, max_events)
        inner, self.late = self.unit * ten(INNER), self.unit * ten(ONSET)
        self.events = [(t / eps, i, kind) for t, i, kind, _ in flow.events if t < inner]
        self.onset = [(t, i, kind) for t, i, kind, _ in flow.events if inner <= t < self.late]
        self.later = [e for e in flow.events if e[0] >= self.late]
        self.ray = [s for s in flow.segments if s.t < inner][-1]
        self.first = [s for s in flow.segments if s.t < self.late][-1]
        self.ending = self.classify()
        self.outer = None
        if self.ending == "escape":
            self.outer = Outer(problem, self.rested(self.first), T, max_events)
            if not self.same(T):
                self.outer = None

    def units(self):
        """The unit of t, the largest velocity, and eps in units of w/|u|."""
        curve, self.speed = _real(0), _real(0)
        for line in self.problem.lines:
            curve += (line.curve[ACTIVE] + line.curve[INACTIVE]) * line.size ** 2
            self.speed += line.weight * line.size
        self.unit = 1 / curve if curve else _real(1)
        self.eps = ten(EPS) * (self.speed * self.unit if self.speed else 1) / norm(self.u)

    def classify(self):
        """How the inner flow ended."""
        if norm(self.ray.velocity(_real(0))) > ten(-30) * self.speed > 0:
            return "escape"
        if not self.later and not self.onset and (self.flow.end_at_origin or norm(
                self.first.w) <= tie() * self.eps * norm(self.u)):
            return "collapse"
        if any(self.ray.state[k] in (ACTIVE, INACTIVE) and line.curve[self.ray.state[k]]
               for k, line in enumerate(self.problem.lines)):
            return "frozen"
        return "dead"

    def rested(self, segment):
        """The pattern of a segment; a line that stays at z = 0 and pulls nowhere is at rest."""
        state = dict(segment.state)
        for k, line in enumerate(self.problem.lines):
            if state[k] in (ACTIVE, INACTIVE) and line.pull(state[k]) == 0 and \
                    self.still(segment, line):
                state[k] = RESTING
        return state

    def still(self, segment, line):
        """Is x.w of order eps all along?"""
        bound = ten(-30) * line.size * self.speed * self.unit
        times = [_real(0)] + [x / r for r, _, _ in segment.modes for x in (0.3, 1, 4)]
        return all(abs(dot(line.x, segment.at(tau))) <= bound for tau in times)

    def same(self, T):
        """Has the outer flow from 0 the events of the run from eps u?  If not, what w has of order
        eps decides later: it frees data orthogonal to the escape, or parts two arrivals."""
        a = [(i, kind) for t, i, kind, _ in self.later if T is None or t <= T]
        b = [(i, kind) for _, i, kind, _ in self.outer.events]
        return sorted(a) == sorted(b) and all(
            abs(t - s) <= ten(-12) * s
            for (t, _, _, _), (s, _, _, _) in zip(self.later, self.outer.events))


class Outer(oracle.Flow):
    """The flow from w = 0 with a given pattern."""

    def __init__(self, problem, state, T, max_events):
        self.given = dict(state)
        super().__init__(problem, [_real(0)] * problem.d, T, max_events)

    def begin(self):
        self.t, self.w = _real(0), self.start
        self.state, self.on_kink = self.given, set(self.given)


def make_limit(case, problem=None, u=None, max_events=3000):
    data = case["input"]
    T = None if str(data.get("T", "inf")) == "inf" else real(data["T"])
    return Limit(problem or Problem(data), u or data["u"], T, max_events)


def run(case, places=25):
    """The expected answers of a small_init case, as the schema of the vectors has them."""
    with many_digits():
        limit = make_limit(case)
        problem, ray = limit.problem, limit.ray

        def show(x):
            return text(x, places)
        active, sliding = oracle.sets(limit.flow.members(ray.state))
        expect = {
            "inner_status": limit.ending,
            "inner_events": [{"s": show(s), "i": i, "kind": kind} for s, i, kind in
                             sorted(limit.events, key=lambda e: (e[0], e[1]))],
            "onset": [{"i": i, "kind": kind} for _, i, kind in limit.onset],
            "inner_flags": [], "run_flags": sorted(limit.flow.flags), "outer": None,
            "pattern_active": active, "pattern_sliding": sliding}
        if limit.ending == "escape":
            v = limit.first.velocity(_real(0))
            expect["escape_velocity"] = [show(x) for x in v]
            if any(ray.state[k] != SLIDING and
                   abs(dot(line.x, v)) <= ten(-30) * line.size * norm(v)
                   for k, line in enumerate(problem.lines)):
                expect["inner_flags"].append("orthogonal_to_escape")
            expect["outer"] = oracle.answers(limit.outer, case, places, True) if limit.outer \
                else standing(limit, case, places)
        elif limit.ending != "collapse":
            expect["outer"] = standing(limit, case, places)
        return expect


def standing(limit, case, places):
    """Answers where w, or a part of it, stays 0 at first: what it is of order eps still turns at
    times of order 1 and may free it."""
    if limit.onset and limit.ending != "escape":
        raise Unsupported("a frozen start that moves at t = eps^(1/k)")
    data, view = case["input"], copy.copy(limit.flow)
    view.T = None if str(data.get("T", "inf")) == "inf" else real(data["T"])
    view.segments = lasting(limit, view.T)
    view.events = []
    for a, b in zip(view.segments, view.segments[1:]):
        view.state = a.state
        before = view.members()
        view.state, view.t = b.state, a.end
        view.report(before)
    view.complete = view.T is None
    view.initial = view.members(view.segments[0].state)
    view.end_at_origin = view.end_at_origin and view.segments[-1].frozen
    out = oracle.answers(view, case, places, True)
    clean(out, limit)
    moving = copy.copy(view)
    moving.segments = [grown(limit, s) for s in view.segments if norm(s.velocity(_real(0))) >
                       ten(EPS // 2) * limit.speed > 0]
    fail = oracle.monotone(moving)
    if fail is not None and faint(limit, moving, fail):
        fail = None
    strict = fail is None and limit.ending == "escape" and oracle.strictly(moving)
    out.update(norm_strict=strict, norm_monotone=fail is None,
               norm_fail_time=None if fail is None else text(fail, places))
    out.pop("rates", None)
    return out


def lasting(limit, T):
    """The segments that do not pass in no time as eps -> 0, with the patterns of the limit."""
    out = []
    for segment in limit.flow.segments:
        if (segment is limit.first or segment.t >= limit.late) and (T is None or segment.t <= T) \
                and (segment.end is None or segment.end - segment.t > limit.unit * ten(SHORT)):
            segment = copy.copy(segment)
            if limit.ending == "escape":
                segment.state = limit.rested(segment)
            out.append(segment)
    return out


def faint(limit, flow, t):
    """Is w.w' of order eps soon after t, when all that moved w before has decayed?"""
    s = oracle.state_at(flow, t + limit.unit)
    return abs(dot(s["w"], s["v"])) <= ten(EPS // 2) * limit.speed ** 2 * limit.unit


def grown(limit, segment):
    """A segment that starts at w of order eps, from w = 0."""
    if norm(segment.w) > ten(EPS // 2) * limit.speed * limit.unit:
        return segment
    fresh = oracle.Segment(limit.problem, segment.t, [_real(0)] * limit.problem.d, segment.state,
                           segment.state)
    fresh.end = segment.end
    return fresh


def clean(out, limit):
    """Numbers of order eps are 0 in the limit."""
    floor = float(limit.speed * limit.unit if limit.speed else 1) * 1e-30
    across = max([float(line.size) for line in limit.problem.lines] + [1e-300])

    tiny = max(float(c) * max(abs(float(y)), floor * across) ** 2 for c, y in
               zip(limit.problem.c, limit.problem.y)) * 1e-30

    def zero(values, bound):
        return [v if abs(float(v)) > bound else "0.0" for v in values]
    out["w_end"] = zero(out["w_end"], floor)
    out["z_end"] = zero(out["z_end"], floor * across)
    for item in out["at"]:
        item["w"] = zero(item["w"], floor)
        item["v"] = zero(item["v"], floor / float(limit.unit))
        item["alpha"] = zero(item["alpha"], floor / across)
        item["loss"] = zero([item["loss"]], tiny)[0]
    out["loss_end"] = zero([out["loss_end"]], tiny)[0]


def condition(case, samples=1, seed=1):
    """Condition numbers by random relative perturbations of 1e-25 of X, y and u; parallel rows
    stay parallel."""
    with many_digits():
        return perturbed(case, samples, random.Random(seed))


def perturbed(case, samples, rng):
    small = ten(-25)
    base = make_limit(case)
    kappa_w, kappa_t, kappa_s, kappa_f = (_real(0) for _ in range(4))
    for _ in range(samples):
        problem, shake = oracle.shaken(case, rng, small)
        try:
            other = make_limit(case, problem, [shake(v) for v in base.u],
                               len(base.flow.events) + 8)
        except Unsupported:
            return {}
        if signature(base) != signature(other):
            return {}
        for a, b in zip(base.events, other.events):
            kappa_s = max(kappa_s, abs(a[0] - b[0]) / a[0] / small)
        if base.outer is None:
            continue
        w, v = oracle.final(base.outer), oracle.final(other.outer)
        if norm(w) > 0:
            kappa_w = max(kappa_w, norm(axpy(-1, w, v)) / norm(w) / small)
        for a, b in zip(base.outer.events, other.outer.events):
            kappa_t = max(kappa_t, abs(a[0] - b[0]) / a[0] / small)
        kappa_f = oracle.worse(kappa_f, oracle.monotone(base.outer), oracle.monotone(other.outer),
                               small)
    return {"structurally_stable": True, "kappa_w": text(kappa_w, 3), "kappa_t": text(kappa_t, 3),
            "kappa_s": text(kappa_s, 3),
            "kappa_norm": None if kappa_f is None else text(kappa_f, 3)}


def signature(limit):
    """What a small perturbation must not change."""
    outer = [(i, kind) for _, i, kind, _ in limit.outer.events] if limit.outer else None
    return (limit.ending, [(i, kind) for _, i, kind in limit.events],
            [(i, kind) for _, i, kind in limit.onset], outer)


def finite(case, scale):
    """The limit from w(0) = scale u, or None where exact ties decide."""
    data = dict(case["input"], w0=[float(v) * scale for v in case["input"]["u"]], times=[])
    flow = {"input": data}
    conditioning = oracle.condition(flow, 1)
    if not conditioning:
        return None
    w = oracle.final(oracle.run_flow(flow))
    return {"scale": scale, "w_end": [text(v) for v in w],
            "kappa": float(conditioning["kappa_w"])}
