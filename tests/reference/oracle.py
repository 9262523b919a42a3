"""oracle.py: the exact gradient flow of one neuron at many digits, independent of the library.

SPDX-License-Identifier: MIT

Written from docs/mathematics.md (sections 0 to 4.2) alone and as plainly as many digits allow:
the spectrum comes from H itself by Jacobi rotations, every sum of exponentials is searched for
*all* its roots by Rolle's theorem, ties are decided by a tolerance far below any rounding of the
input.

    oracle.run(case)          -> expect of a "flow" case (see the schema of the reference vectors)
    oracle.condition(case)    -> its conditioning, by perturbation in the 20th digit
    oracle.tied(case)         -> do events hang on the last bits of X and y?
"""
import random

from digits import (Expsum, Unsupported, _real, axpy, dot, eigen, exp, noise, norm, nudge,
                    null_basis, real, solve, ten, text, tie)
from filippov import (ACTIVE, INACTIVE, RESTING, SLIDING, Decision, Problem, inner_flow)

# --- one segment ----------------------------------------------------------------------------------

class Segment:
    """Constant pattern from (t, w) on: closed forms of everything."""

    def __init__(self, problem, t, w, state, on_kink, frozen=False):
        self.problem, self.t, self.w, self.state = problem, t, w, dict(state)
        self.end = None
        lines, d = problem.lines, problem.d
        self.slide = [k for k in state if state[k] == SLIDING]
        self.on_kink = set(on_kink)
        self.b, self.H = [_real(0)] * d, [[_real(0)] * d for _ in range(d)]
        for k, line in enumerate(lines):
            side = state[k]
            self.b = axpy(line.pull(side), line.x, self.b)
            if side in (ACTIVE, INACTIVE) and line.curve[side]:
                for i in range(d):
                    self.H[i] = axpy(line.curve[side] * line.x[i], line.x, self.H[i])
        self.g = [bi - dot(row, w) for bi, row in zip(self.b, self.H)]
        self.modes, self.rates, self.frozen = [], [], frozen
        if not frozen:
            self.spectrum(d)
        self.reach = norm(self.w) + sum((abs(s / r) for r, _, s in self.modes), _real(0))

    def spectrum(self, d):
        """Rates and directions with their share of the velocity."""
        basis = null_basis([self.problem.lines[k].x for k in self.slide], d)
        small = [[dot(p, [dot(row, q) for row in self.H]) for q in basis] for p in basis]
        values, vectors = eigen(small) if basis else ([], [])
        top = sum((self.H[i][i] for i in range(d)), _real(0))
        scale = norm(self.b) + top * norm(self.w)
        for value, vector in zip(values, vectors):
            q = [sum((v * e[i] for v, e in zip(vector, basis)), _real(0)) for i in range(d)]
            share = dot(q, self.g)
            if value > noise() * top:
                self.modes.append((value, q, share))
                self.rates.append(value)
            elif abs(share) > tie() * scale:
                raise Unsupported("motion without a rate")

    def terms(self, functional, constant):
        """constant + functional(w(tau) - w(0)) as terms of a sum of exponentials."""
        parts = [(r, -dot(functional, q) * s / r) for r, q, s in self.modes]
        return [(_real(0), constant - sum((c for _, c in parts), _real(0)))] + parts

    def margin(self, k):
        line = self.problem.lines[k]
        start = _real(0) if k in self.on_kink else dot(line.x, self.w)
        return Expsum(self.terms(line.x, start), line.size * self.reach)

    def duals(self):
        """For each sliding line the vector in the span of all their rows whose product is 1 with its own row and 0 with
        the others."""
        rows = [self.problem.lines[k].x for k in self.slide]
        gram = [[dot(p, q) for q in rows] for p in rows]
        for j, k in enumerate(self.slide):
            unit = [_real(int(i == j)) for i in range(len(rows))]
            dual = [_real(0)] * self.problem.d
            for s, row in zip(solve(gram, unit), rows):
                dual = axpy(s, row, dual)
            yield k, dual

    def multipliers(self):
        """For each sliding line q(tau) in [0, |Gamma|] (theta = q/|Gamma|), and its scale."""
        out = []
        for k, dual in self.duals():
            functional = [-dot(dual, col) for col in zip(*self.H)]
            scale = norm(dual) * (norm(self.b) + norm([norm(r) for r in self.H]) * self.reach)
            out.append((k, self.terms(functional, dot(dual, self.g)), scale))
        return out

    def at(self, tau):
        """w(t + tau); tau None: the limit."""
        w = list(self.w)
        for r, q, s in self.modes:
            w = axpy(s / r * (1 if tau is None else 1 - exp(-r * tau)), q, w)
        return w

    def velocity(self, tau):
        v = [_real(0)] * len(self.w)
        for r, q, s in self.modes:
            v = axpy(s * exp(-r * tau), q, v)
        return v

    def integral(self, tau):
        """Integral of w - w(t) from t to t + tau."""
        total = [_real(0)] * len(self.w)
        for r, q, s in self.modes:
            total = axpy(s * (tau + (exp(-r * tau) - 1) / r) / r, q, total)
        return total

    def event(self):
        """(tau, lines concerned) of the first event, or (None, [])."""
        found = []
        for k, side in self.state.items():
            if side in (ACTIVE, INACTIVE):
                times = self.margin(k).crossings(1 if side == ACTIVE else -1)
                found += [(times[0], k)] if times else []
        for k, terms, scale in self.multipliers():
            jump = self.problem.lines[k].jump
            zero = _real(0)
            for f in (Expsum(terms, scale),
                      Expsum([(zero, -jump)] + [(r, -c) for r, c in terms], scale)):
                times = f.crossings(1)
                found += [(times[0], k)] if times else []
        if not found:
            return None, []
        first = min(t for t, _ in found)
        return first, [k for t, k in found if t - first <= tie() * first]

    def norm_fails(self, length):
        """First tau from which w.w' < 0, or None."""
        terms = []
        end = self.at(None)
        for r, q, s in self.modes:
            terms += [(r, dot(q, end) * s), (2 * r, -s * s / r)]
        f = Expsum(terms, self.reach * norm(self.g)) if terms else None
        if f is None or not f.terms:
            return None
        sign = f.sign_start()
        if sign < 0:
            return _real(0)
        for tau in f.crossings(sign):
            if length is None or tau < length:
                return tau
            break
        return None

    def alpha_rate(self, tau, alpha):
        """Adds to alpha what the segment contributes until tau."""
        if self.frozen:
            return
        problem, inner = self.problem, self.integral(tau)
        quotient = {}
        for k, terms, _ in self.multipliers():
            area = sum((c * (tau if r == 0 else (1 - exp(-r * tau)) / r) for r, c in terms),
                       _real(0))
            quotient[k] = -area / problem.lines[k].jump
        for k, line in enumerate(problem.lines):
            side = self.state[k]
            area = tau * dot(line.x, self.w) + dot(line.x, inner) if k not in self.on_kink \
                else dot(line.x, inner)
            for i, f in line.members:
                gamma = problem.c[i] * problem.y[i]
                if side == SLIDING:
                    share = quotient[k] if f > 0 else tau - quotient[k]
                    alpha[i] += gamma * (problem.beta * tau + (1 - problem.beta) * share)
                elif side != RESTING or problem.act == "linear":
                    up = (side == ACTIVE) == (f > 0) or problem.act == "linear"
                    slope = _real(1) if up else problem.beta
                    alpha[i] += slope * (gamma * tau - problem.c[i] * slope * f * area)
                else:
                    alpha[i] += gamma * tau * problem.beta


# --- the flow -------------------------------------------------------------------------------------

class Flow:
    """Follows the flow and keeps the segments and the events."""

    def __init__(self, problem, w0, T=None, max_events=5000, rounding=None):
        self.problem, self.lines, self.T = problem, problem.lines, T
        self.rounding = rounding
        self.start = [real(v) for v in w0]
        self.events, self.segments, self.flags = [], [], set()
        self.complete, self.end_at_origin, self.max_events = False, False, max_events
        self.state = {}
        self.begin()
        self.initial = self.members()
        self.follow()

    def members(self, state=None):
        """State of every datum: 'A', 'I' or 'S'."""
        state = self.state if state is None else state
        out = [INACTIVE] * self.problem.n
        for k, line in enumerate(self.lines):
            for i, f in line.members:
                side = state[k]
                if side == SLIDING:
                    out[i] = SLIDING
                elif side in (ACTIVE, INACTIVE) and (side == ACTIVE) == (f > 0):
                    out[i] = ACTIVE
        return out

    def begin(self):
        w, kinks = self.start, []
        for k, line in enumerate(self.lines):
            z = dot(line.x, w)
            exact = abs(z) <= noise() * line.size * norm(w)
            self.state[k] = ACTIVE if z > 0 else INACTIVE
            if exact:
                kinks.append(k)
        self.t, self.w, self.on_kink = _real(0), w, set(kinks)
        if self.problem.d > 1 and not any(w):
            self.state = {k: RESTING for k in self.state}
            self.flags |= {"degenerate", "start_on_kink", "start_at_origin"}
        elif kinks:
            self.flags.add("start_on_kink")
            self.decide(kinks, {})
            if self.ambiguous:
                self.flags.add("repelling")

    def decide(self, kinks, prefer):
        choice = Decision(self.lines, self.w, self.state, kinks, prefer)
        self.state.update(choice.state)
        self.on_kink = set(kinks)
        self.ambiguous = choice.ambiguous
        if choice.degenerate:
            self.flags.add("degenerate")
        if choice.ambiguous:
            self.flags.add("ambiguous")

    def follow(self):
        while len(self.events) <= self.max_events:
            frozen = self.end_at_origin or "start_at_origin" in self.flags
            segment = Segment(self.problem, self.t, self.w, self.state, self.on_kink, frozen)
            self.segments.append(segment)
            if frozen:
                self.complete = self.T is None
                return
            tau, lines = segment.event()
            if tau is None or (self.T is not None and self.t + tau > self.T):
                self.complete = self.T is None
                return
            if self.rounding is not None:
                segment, tau, lines = self.round_state(segment, tau)
            self.pass_event(segment, tau, lines)
        raise Unsupported("too many events")

    def round_state(self, segment, tau):
        """What a method that keeps w in so many digits does: w is rounded, in any direction in which it moves, as
        late before the event as the fastest mode forgets."""
        rng, small = self.rounding
        early = min(tau / 2, 1 / (2 * max(segment.rates)))
        segment.end = self.t + tau - early
        held = [k for k in self.state if self.state[k] in (SLIDING, RESTING)]
        w, shift = segment.at(tau - early), [_real(0)] * self.problem.d
        for q in null_basis([self.lines[k].x for k in held], self.problem.d):
            shift = axpy(_real(rng.gauss(0, 1)), q, shift)
        self.t, self.w, self.on_kink = segment.end, axpy(small * norm(w), shift, w), set(held)
        segment = Segment(self.problem, self.t, self.w, self.state, self.on_kink)
        self.segments.append(segment)
        tau, lines = segment.event()
        if tau is None:
            raise Unsupported("an event that is lost by rounding")
        return segment, tau, lines

    def pass_event(self, segment, tau, arrivals):
        before, old = self.members(), dict(self.state)
        segment.end = self.t + tau
        self.t, self.w = self.t + tau, segment.at(tau)
        if self.problem.d > 1 and self.problem.act != "linear" and \
                norm(self.w) <= tie() * segment.reach:
            self.at_origin(segment.velocity(tau))
        else:
            kinks = set(arrivals) | {k for k, s in old.items() if s in (SLIDING, RESTING)}
            prefer = {}
            for k, line in enumerate(self.lines):
                if old[k] in (ACTIVE, INACTIVE):
                    prefer[k] = old[k]
                    if k in arrivals:
                        prefer[k] = INACTIVE if old[k] == ACTIVE else ACTIVE
                    elif abs(dot(line.x, self.w)) <= tie() * line.size * segment.reach:
                        kinks.add(k)
            self.decide(kinks, prefer)
        if self.state == old and tau <= noise() * self.t:
            raise Unsupported("an event that changes nothing")
        self.report(before)

    def report(self, before):
        names = {(ACTIVE, INACTIVE): "deactivate", (INACTIVE, ACTIVE): "activate",
                 (ACTIVE, SLIDING): "slide_enter", (INACTIVE, SLIDING): "slide_enter",
                 (SLIDING, ACTIVE): "slide_exit_active", (SLIDING, INACTIVE): "slide_exit_inactive"}
        after = self.members()
        if self.end_at_origin:
            return
        for i in range(self.problem.n):
            if before[i] != after[i]:
                self.events.append((self.t, i, names[before[i], after[i]], after[i]))

    def at_origin(self, velocity):
        """w = 0 was reached with this velocity: the inner flow decides how it goes on."""
        self.w = [_real(0)] * self.problem.d
        self.events.append((self.t, -1, "origin", None))
        self.on_kink = set(self.state)
        ending, v, state = inner_flow(self.lines, velocity)
        if ending == "escape":
            self.flags.add("through_origin")
            self.state = dict(state)
            size = norm(v)
            kinks = [k for k, line in enumerate(self.lines)
                     if state[k] in (SLIDING, RESTING) or
                     abs(dot(line.x, v)) <= tie() * line.size * size]
            if kinks:
                self.decide(kinks, state)
                self.on_kink = set(self.state)
        else:
            self.end_at_origin = True
            self.flags.add("end_at_origin")
            self.state = {k: RESTING for k in self.state}


# --- answers in the schema of the vectors ---------------------------------------------------------

def margins(problem, segment, w):
    """Margins with the exact zeros of the state; ties are zero."""
    z = [_real(0)] * problem.n
    for k, line in enumerate(problem.lines):
        value = dot(line.x, w)
        held = segment.state[k] in (SLIDING, RESTING)
        if not held and abs(value) > tie() * line.size * segment.reach:
            for i, f in line.members:
                z[i] = f * value
    return z


def sets(states):
    return ([i for i, s in enumerate(states) if s == ACTIVE],
            [i for i, s in enumerate(states) if s == SLIDING])


def histories(flow):
    n = flow.problem.n
    seen = [[s] if s != SLIDING else [] for s in flow.initial]
    for _, i, _, after in flow.events:
        if i >= 0 and after != SLIDING and (not seen[i] or seen[i][-1] != after):
            seen[i].append(after)
    if flow.end_at_origin:
        for s in seen:
            if s and s[-1] == ACTIVE:
                s.append(INACTIVE)
    down = [sum(a == ACTIVE and b == INACTIVE for a, b in zip(s, s[1:])) for s in seen]
    back = [sum(a == INACTIVE and b == ACTIVE and ACTIVE in s[:k + 1]
                for k, (a, b) in enumerate(zip(s, s[1:]))) for s in seen]
    assert len(down) == n
    return down, back


def locate(flow, t):
    """The segment that holds at time t (right limit)."""
    chosen = flow.segments[0]
    for segment in flow.segments:
        if segment.t <= t:
            chosen = segment
    return chosen


def state_at(flow, t):
    segment = locate(flow, t)
    w = segment.at(t - segment.t)
    alpha = [_real(0)] * flow.problem.n
    for s in flow.segments:
        if s is segment:
            s.alpha_rate(t - s.t, alpha)
            break
        if s.end > s.t:
            s.alpha_rate(s.end - s.t, alpha)
    active, sliding = sets(flow.members(segment.state))
    z = margins(flow.problem, segment, w)
    return {"t": t, "w": w, "alpha": alpha, "loss": flow.problem.loss(z), "active": active,
            "sliding": sliding, "z": z, "v": segment.velocity(t - segment.t)}


def ending(flow):
    """Thetas and multipliers at the end."""
    last = flow.segments[-1]
    tau = None if flow.T is None else flow.T - last.t
    theta = {}
    for k, terms, _ in last.multipliers():
        line = flow.lines[k]
        q = terms[0][1] if tau is None else sum((c * exp(-r * tau) for r, c in terms), _real(0))
        share = -q / line.jump
        for i, f in line.members:
            theta[i] = share if f > 0 else 1 - share
    return theta


def theta_of_state(flow):
    """What theta feels of w at the end, relative to |w|: it is a sum of the pulls of residuals at w."""
    last, w, out = flow.segments[-1], norm(final(flow)), {}
    for k, dual in last.duals():
        felt = norm([dot(dual, col) for col in zip(*last.H)]) * w / abs(flow.lines[k].jump)
        out.update((str(i), felt) for i, _ in flow.lines[k].members)
    return out


def strictly(flow):
    """Does the norm increase strictly, given that it never decreases?"""
    return all(any(abs(s) > noise() * r * segment.reach for r, _, s in segment.modes)
               for segment in flow.segments)


def monotone(flow):
    """First time from which the norm decreases, or None."""
    for segment in flow.segments:
        length = (segment.end - segment.t) if segment.end is not None else (
            None if flow.T is None else flow.T - segment.t)
        tau = segment.norm_fails(length)
        if tau is not None:
            return segment.t + tau
    return None


def run_flow(case, problem=None, w0=None, max_events=5000, rounding=None):
    """The Flow of a case (inputs may be replaced by perturbed ones, and w rounded before events)."""
    data = case["input"]
    T = None if str(data.get("T", "inf")) == "inf" else real(data["T"])
    return Flow(problem or Problem(data), w0 or data["w0"], T, max_events, rounding)


def final(flow):
    """w at the end."""
    last = flow.segments[-1]
    return last.at(None if flow.T is None else flow.T - last.t)


def run(case, digits=25, extra=False):
    """The expected answers of a flow case, as the schema of the vectors has them."""
    return answers(run_flow(case), case, digits, extra)


def answers(flow, case, digits, extra):
    """The expected answers of a flow that was run."""
    problem, last = flow.problem, flow.segments[-1]
    w = final(flow)
    z = margins(problem, last, w)
    theta = ending(flow)
    active, sliding = sets(flow.members())
    down, back = histories(flow)
    fail = monotone(flow)

    def show(x):
        return text(x, digits)
    expect = {
        "complete": flow.complete, "end_at_origin": flow.end_at_origin, "flags": sorted(flow.flags),
        "initial_active": sets(flow.initial)[0], "initial_sliding": sets(flow.initial)[1],
        "events": [{"t": show(t), "i": i, "kind": kind}
                   for t, i, kind, _ in sorted(flow.events, key=lambda e: (e[0], e[1]))],
        "w_end": [show(v) for v in w], "loss_end": show(problem.loss(z)),
        "z_end": [show(v) for v in z], "final_active": active, "final_sliding": sliding,
        "theta_end": {str(i): show(v) for i, v in sorted(theta.items())},
        "u_end": {str(i): show(-v * problem.c[i] * problem.y[i] * (1 - problem.beta))
                  for i, v in sorted(theta.items())},
        "deactivations": down, "reactivations": back, "norm_monotone": fail is None,
        "norm_strict": fail is None and strictly(flow),
        "norm_fail_time": None if fail is None else show(fail), "at": []}
    for t in case["input"].get("times", []):
        if flow.T is not None and real(t) > flow.T:
            continue
        s = state_at(flow, real(t))
        item = {"t": str(t), "w": [show(v) for v in s["w"]], "alpha": [show(v) for v in s["alpha"]],
                "loss": show(s["loss"]), "active": s["active"], "sliding": s["sliding"]}
        if extra:
            item["z"] = [show(v) for v in s["z"]]
            item["v"] = [show(v) for v in s["v"]]
        expect["at"].append(item)
    if flow.T is not None:
        expect["alpha_end"] = [show(v) for v in state_at(flow, flow.T)["alpha"]]
    if extra and RESTING not in last.state.values():
        expect["rates"] = [show(r) for r in sorted(last.rates, reverse=True)]
    return expect


def shaken(case, rng, small):
    """The problem with X and y perturbed (parallel rows stay parallel), and the perturbation."""
    def shake(x):
        return x * (1 + small * _real(rng.uniform(-1, 1)))
    problem = Problem(case["input"])
    data = dict(case["input"])
    data["X"] = [list(row) for row in problem.X]
    for line in problem.lines:
        x = [shake(v) for v in line.x]
        for i, f in line.members:
            data["X"][i] = [f * v for v in x]
    data["y"] = [shake(v) for v in problem.y]
    data["c"], data["beta"] = problem.c, real(data["beta"])
    return Problem(data), shake


def tied(case, samples=6, seed=3):
    """Do perturbations of X and y in their last bit, which leave the lines through w0 alone, change the events?"""
    rng = random.Random(seed)
    base = run_flow(case)
    key = [(i, kind) for _, i, kind, _ in base.events]
    for _ in range(samples):
        problem = Problem(case["input"])
        data = dict(case["input"])
        data["X"] = [list(row) for row in problem.X]
        for line in problem.lines:
            on = abs(dot(line.x, base.start)) <= noise() * line.size * norm(base.start)
            scale = [1 if on else 1 + ten(-16) * _real(rng.uniform(-2, 2)) for _ in line.x]
            for i, f in line.members:
                data["X"][i] = [f * v * s for v, s in zip(line.x, scale)]
        data["y"] = [v * (1 + ten(-16) * _real(rng.uniform(-2, 2))) for v in problem.y]
        data["c"], data["beta"] = problem.c, real(data["beta"])
        try:
            other = run_flow(case, Problem(data), base.start, len(key) + 8)
        except Unsupported:
            return True
        if [(i, kind) for _, i, kind, _ in other.events] != key:
            return True
    return False


def worse(kappa, a, b, small):
    """Condition number of the time at which the norm fails; None: whether it fails is a tie."""
    if kappa is None or (a is None) != (b is None):
        return None
    return kappa if not a else max(kappa, abs(a - b) / a / small)


def condition(case, samples=2, seed=1, state=False):
    """Condition numbers by random relative perturbations of X, y and w0; state: of w on its way, too."""
    rng = random.Random(seed)
    base = run_flow(case)
    small = nudge()
    kappa_w, kappa_t, kappa_f = _real(0), _real(0), _real(0)
    theta, kappa_theta = ending(base), theta_of_state(base) if state else {}
    key = [(i, kind) for _, i, kind, _ in base.events]
    for _ in range(samples):
        problem, shake = shaken(case, rng, small)
        try:
            other = run_flow(case, problem, [shake(v) for v in base.start], len(key) + 8,
                             (rng, small) if state else None)
        except Unsupported:
            return {}
        if [(i, kind) for _, i, kind, _ in other.events] != key:
            return {}
        w, v = final(base), final(other)
        size = norm(w) if norm(w) > tie() * norm(base.start) else norm(base.start)
        if size > 0:
            kappa_w = max(kappa_w, norm(axpy(-1, w, v)) / size / small)
        for a, b in zip(base.events, other.events):
            kappa_t = max(kappa_t, abs(a[0] - b[0]) / a[0] / small)
        kappa_f = worse(kappa_f, monotone(base), monotone(other), small)
        for i, v in ending(other).items():
            kappa_theta[str(i)] = max(kappa_theta.get(str(i), 0), abs(v - theta[i]) / small)
    times = sorted({t for t, _, _, _ in base.events})
    gaps = [(b - a) / b for a, b in zip(times, times[1:])]
    return {"structurally_stable": True, "kappa_w": text(kappa_w, 3), "kappa_t": text(kappa_t, 3),
            "kappa_theta": {i: text(v, 3) for i, v in kappa_theta.items()},
            "kappa_norm": None if kappa_f is None else text(kappa_f, 3),
            "min_rel_gap": text(min(gaps), 3) if gaps else "1.0"}
