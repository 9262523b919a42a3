"""network.py: the exact gradient flow of several neurons at many digits, apart from the library.

SPDX-License-Identifier: MIT

Written from docs/mathematics.md, section 7, in the manner of oracle.py: the spectrum comes from
the smaller of M M^T and M^T M by Jacobi rotations, every sum of exponentials is searched for all
its roots, and what rounding would blur is decided by the number of digits.

    network.run(case)          -> expect of a "flow" or "small_init" case with m neurons
    network.condition(case)    -> its conditioning, by perturbation in the 20th digit
"""
import itertools
import math
import random

import digits
from digits import (Expsum, Unsupported, _real, axpy, dot, eigen, exp, gram_solve, noise, norm,
                    nudge, null_basis, rank, real, solve, sqrt, ten, text, tie)
from filippov import ACTIVE, INACTIVE, RESTING, SLIDING
from network_kinks import Decision, Inner, Network

# --- one segment ----------------------------------------------------------------------------------


def value(terms, tau):
    """A sum of exponentials at tau; None: the limit."""
    return sum((c if r == 0 else 0 if tau is None else c * exp(-r * tau) for r, c in terms),
               _real(0))


def area(terms, tau):
    """Its integral from 0 to tau."""
    return sum((c * (tau if r == 0 else (1 - exp(-r * tau)) / r) for r, c in terms), _real(0))


def combined(parts):
    """Sum of factor * terms over pairs (factor, terms)."""
    out = {}
    for factor, terms in parts:
        for r, c in terms:
            out[r] = out.get(r, _real(0)) + factor * c
    return sorted(out.items())


class Segment:
    """Constant pattern from (t, W) on: closed forms of everything."""

    def __init__(self, net, t, W, state, held, zero):
        self.net, self.t, self.W, self.end = net, t, [list(w) for w in W], None
        self.state = [list(s) for s in state]
        self.held, self.zero = list(held), [set(z) for z in zero]
        f, sizes = net.outputs(W, state, zero)
        self.r0 = [u - v for u, v in zip(f, net.y)]
        self.sizes = [u + abs(v) for u, v in zip(sizes, net.y)]
        self.slide = [[] if held[j] else [k for k, s in enumerate(state[j]) if s == SLIDING]
                      for j in range(net.m)]
        self.spectrum()
        self.residuals()

    def spectrum(self):
        """Modes (rate, direction per neuron, share of the velocity)."""
        net = self.net
        basis = []
        for j in range(net.m):
            if not self.held[j] and any(net.lines[k].active(s)
                                        for k, s in enumerate(self.state[j])):
                rows = [net.lines[k].x for k in self.slide[j]]
                basis += [(j, q) for q in null_basis(rows, net.d)]
        rows = {}
        for b, (j, q) in enumerate(basis):
            for k, line in enumerate(net.lines):
                s = dot(line.x, q)
                for i, f in line.active(self.state[j][k]):
                    row = rows.setdefault(i, [_real(0)] * len(basis))
                    row[b] = net.a[j] * f * s * sqrt(net.c[i])
        self.modes, self.active = [], sorted(rows)
        M = [rows[i] for i in self.active]
        load = [-sqrt(net.c[i]) * self.r0[i] for i in self.active]
        if not M:
            return
        columns = list(zip(*M))
        wide = len(basis) > len(M)
        sides = M if wide else columns
        rates, vectors = eigen([[dot(p, q) for q in sides] for p in sides])
        top = sum(map(abs, rates), _real(0))
        for rate, v in zip(rates, vectors):
            if rate <= noise() * top:
                continue
            e = [dot(c, v) / sqrt(rate) for c in columns] if wide else v
            share = sqrt(rate) * dot(v, load) if wide else dot([dot(row, v) for row in M], load)
            Q = [[_real(0)] * net.d for _ in range(net.m)]
            for (j, q), u in zip(basis, e):
                Q[j] = axpy(u, q, Q[j])
            self.modes.append((rate, Q, share))

    def residuals(self):
        """r_i as sums of exponentials; how far w_j can move."""
        net = self.net
        self.reach = [norm(w) + sum((abs(s / r) * norm(Q[j]) for r, Q, s in self.modes), _real(0))
                      for j, w in enumerate(self.W)]
        up = {}
        for j in range(net.m):
            if not self.held[j]:
                for k, line in enumerate(net.lines):
                    for i, f in line.active(self.state[j][k]):
                        up.setdefault(i, []).append((j, k, f))
        self.up = up
        self.r = []
        for i in range(net.n):
            parts = [(rate, -s / rate * sum((net.a[j] * f * dot(net.lines[k].x, Q[j])
                                             for j, k, f in up.get(i, [])), _real(0)))
                     for rate, Q, s in self.modes]
            self.r.append(self.with_start(parts, self.r0[i]))
            self.sizes[i] += sum((abs(net.a[j] * f) * net.lines[k].size * self.reach[j]
                                  for j, k, f in up.get(i, [])), _real(0))

    @staticmethod
    def with_start(parts, start):
        return [(_real(0), start - sum((c for _, c in parts), _real(0)))] + parts

    def margin_terms(self, j, k):
        x = self.net.lines[k].x
        start = _real(0) if k in self.zero[j] else dot(x, self.W[j])
        return self.with_start([(rate, -dot(x, Q[j]) * s / rate) for rate, Q, s in self.modes],
                               start)

    def margin(self, j, k):
        return Expsum(self.margin_terms(j, k), self.net.lines[k].size * self.reach[j])

    def pull_terms(self, j, members):
        """sum of f gamma_ij over (datum, f), and the size of its terms."""
        net = self.net
        parts = [(-net.a[j] * net.c[i] * f, self.r[i]) for i, f in members]
        size = sum((abs(net.a[j] * f) * net.c[i] * self.sizes[i] for i, f in members), _real(0))
        return combined(parts), size

    def jump_terms(self, j, k):
        return self.pull_terms(j, [(i, abs(f)) for i, f in self.net.lines[k].members])

    def multipliers(self, j):
        """(line, q, Gamma) of every sliding line of neuron j as (terms, size)."""
        net, out = self.net, []
        rows = [net.lines[k].x for k in self.slide[j]]
        gram = [[dot(p, q) for q in rows] for p in rows]
        for b, k in enumerate(self.slide[j]):
            dual = [_real(0)] * net.d
            for s, row in zip(solve(gram, [_real(int(i == b)) for i in range(len(rows))]), rows):
                dual = axpy(s, row, dual)
            members = []
            for l, line in enumerate(net.lines):
                side = INACTIVE if l in self.slide[j] else self.state[j][l]
                members += [(i, f * dot(dual, line.x)) for i, f in line.active(side)]
            out.append((k, self.pull_terms(j, members), self.jump_terms(j, k)))
        return out

    def at(self, tau):
        """W(t + tau); None: the limit."""
        W = [list(w) for w in self.W]
        for rate, Q, s in self.modes:
            share = s / rate * (1 if tau is None else 1 - exp(-rate * tau))
            W = [axpy(share, q, w) for q, w in zip(Q, W)]
        return W

    def velocity(self, tau):
        V = [[_real(0)] * self.net.d for _ in range(self.net.m)]
        for rate, Q, s in self.modes:
            V = [axpy(s * exp(-rate * tau), q, v) for q, v in zip(Q, V)]
        return V

    def ray_losses(self, j):
        """(ray, phi on it as an Expsum) of a neuron held at its origin."""
        net, out = self.net, []
        for rho, zero in net.rays()[0]:
            members = []
            for k, line in enumerate(net.lines):
                if k not in zero:
                    s = dot(line.x, rho)
                    members += [(i, -f * s) for i, f in
                                line.active(ACTIVE if s > 0 else INACTIVE)]
            terms, size = self.pull_terms(j, members)
            out.append(((rho, zero), Expsum(terms, size)))
        return out

    def slides(self, j, ray, tau):
        """Can the lines that vanish on the ray slide: 0 <= q <= -Gamma?"""
        net, (rho, zero) = self.net, ray
        if len(zero) != net.d - 1:
            return True
        r = [value(terms, tau) for terms in self.r]
        v = [_real(0)] * net.d
        for k, line in enumerate(net.lines):
            side = INACTIVE if k in zero or dot(line.x, rho) < 0 else ACTIVE
            v = axpy(net.pull(j, k, side, r), line.x, v)
        for q, k in zip(gram_solve([net.lines[k].x for k in zero], v), zero):
            gamma = sum((g * abs(f) for (i, f), g in
                         ((m, net.gammas(j, r)[m[0]]) for m in net.lines[k].members)), _real(0))
            slack = tie() * (abs(q) + abs(gamma))
            if q < -slack or q > -gamma + slack:
                return False
        return True

    def uncertainty(self, f, tau):
        """Of a root of f, in units of the roundoff: a coefficient of a mode is known to s_0/s_j of it."""
        top = max(rate for rate, _, _ in self.modes)
        noise_of = sum((abs(c) * sqrt(top / r) for r, c in f.terms if r > 0), f.scale)
        slope = abs(sum((r * c * exp(-r * tau) for r, c in f.terms), _real(0)))
        return noise_of / slope if slope > 0 else _real(0)

    def motion(self, length):
        """The way along every mode times s_0/s_j: w errs by so many units of roundoff."""
        top = max([rate for rate, _, _ in self.modes] or [_real(1)])
        return sum((abs(s / r) * sqrt(top / r) * (1 if length is None else 1 - exp(-r * length))
                    for r, _, s in self.modes), _real(0))

    def event(self):
        """(tau, {neuron: set of lines, or a ray}) of the first instant, or (None, {})."""
        found, net = [], self.net
        self.blur = _real(0)
        for j in range(net.m):
            if self.held[j] == "watched":
                for ray, phi in self.ray_losses(j):
                    if phi.terms and phi.sign_start() > 0:
                        found += [(t, j, (ray, phi), phi) for t in phi.crossings(1)[:1]
                                  if self.slides(j, ray, t)]
            if self.held[j]:
                continue
            for k, side in enumerate(self.state[j]):
                if side in (ACTIVE, INACTIVE):
                    f = self.margin(j, k)
                    found += [(t, j, k, f) for t in f.crossings(1 if side == ACTIVE else -1)[:1]]
            for k, (q, size), (gamma, other) in self.multipliers(j):
                rest = combined([(-1, q), (-1, gamma)])
                for f in (Expsum(q, size), Expsum(rest, size + other)):
                    if f.terms:
                        found += [(t, j, k, f) for t in f.crossings(1)[:1]]
        if not found:
            return None, {}
        first, out = min(t for t, _, _, _ in found), {}
        for t, j, what, f in found:
            if t - first <= tie() * first:
                self.blur = max(self.blur, self.uncertainty(f, t))
                if isinstance(what, tuple):
                    out.setdefault(j, []).append(what)
                else:
                    out.setdefault(j, set()).add(what)
        return first, out

    def norm_fails(self, length):
        """First tau from which the sum of w_j.w_j' < 0, or None."""
        terms, end = [], self.at(None)
        size = sum((w * norm(v) for w, v in zip(self.reach, self.velocity(_real(0)))), _real(0))
        for rate, Q, s in self.modes:
            terms += [(rate, s * sum(map(dot, Q, end), _real(0))), (2 * rate, -s * s / rate)]
        f = Expsum(terms, size)
        if not f.terms:
            return None
        sign = f.sign_start()
        if sign < 0:
            return _real(0)
        times = f.crossings(sign)[:1]
        return times[0] if times and (length is None or times[0] < length) else None

    def resting_pulled(self, length):
        """Does Gamma of a pair at rest become positive?"""
        for j in range(self.net.m):
            for k, side in enumerate(self.state[j]):
                if self.held[j] or side != RESTING:
                    continue
                f = Expsum(*self.jump_terms(j, k))
                if f.terms and (f.sign_start() > 0 or any(
                        length is None or t < length for t in f.crossings(-1))):
                    return True
        return False

    def alpha_rate(self, tau, alpha):
        """Adds to alpha[j][i] what the segment contributes until tau."""
        net = self.net
        for j in range(net.m):
            if self.held[j]:
                continue
            for k, side in enumerate(self.state[j]):
                for i, _ in net.lines[k].active(side):
                    alpha[j][i] -= net.a[j] * net.c[i] * area(self.r[i], tau)
            for k, (q, _), (gamma, _) in self.multipliers(j):
                line = net.lines[k]
                if len(line.members) == 1:
                    alpha[j][line.members[0][0]] -= area(q, tau)
                    continue
                for i, f in line.members:
                    pull = combined([(-net.a[j] * net.c[i], self.r[i])])
                    share = self.quotient(q, gamma, pull, tau)
                    alpha[j][i] += share if f > 0 else area(pull, tau) - share

    def quotient(self, q, gamma, pull, tau):
        """Integral of theta gamma_i, theta = -q/Gamma, by Gauss-Legendre quadrature on intervals
        that double: what varies faster than the interval is long has decayed."""
        nodes = legendre(48)
        top = max([r for r, _, _ in self.modes] or [_real(1)])
        total, left, right = _real(0), _real(0), min(tau, 1 / top)
        while left < tau:
            width = right - left
            for x, weight in nodes:
                s = left + x * width
                total -= weight * width * value(q, s) / value(gamma, s) * value(pull, s)
            left, right = right, min(tau, 2 * right)
        return total


RULES = {}


def legendre(count):
    """Nodes and weights of Gauss-Legendre quadrature on [0, 1]."""
    key = count, digits.DIGITS
    if key not in RULES:
        out = []
        for b in range(count):
            x = _real(math.cos(math.pi * (b + 0.75) / (count + 0.5)))
            for _ in range(9):
                p, last = x, _real(1)
                for n in range(2, count + 1):
                    p, last = ((2 * n - 1) * x * p - (n - 1) * last) / n, p
                slope = count * (x * p - last) / (x * x - 1)
                x -= p / slope
            out.append(((1 + x) / 2, 1 / ((1 - x * x) * slope * slope)))
        RULES[key] = out
    return RULES[key]


# --- the flow -------------------------------------------------------------------------------------

class Flow:
    """Follows the flow; keeps the segments and the events (t, j, i, kind, state after, gamma)."""

    def __init__(self, net, W0, T=None, max_events=4000, vanishing=False):
        self.net, self.T, self.max_events = net, T, max_events
        self.events, self.segments, self.flags = [], [], set()
        self.t, self.complete = _real(0), False
        self.held, self.left = [None] * net.m, None
        self.W = [[real(v) for v in w] for w in W0]
        self.start = [list(w) for w in self.W]
        if vanishing:
            self.begin_vanishing()
        else:
            self.begin()
        self.initial = self.members()
        self.follow()

    def members(self):
        """State of every pair: 'A', 'I' or 'S'."""
        out = [[INACTIVE] * self.net.n for _ in range(self.net.m)]
        for j in range(self.net.m):
            for k, line in enumerate(self.net.lines):
                side = self.state[j][k]
                for i, f in line.members:
                    if side == SLIDING:
                        out[j][i] = SLIDING
                for i, f in line.active(side):
                    out[j][i] = ACTIVE
        return out

    def begin(self):
        net = self.net
        self.state = [[None] * len(net.lines) for _ in range(net.m)]
        self.zero = [set() for _ in range(net.m)]
        kinks = {}
        for j, w in enumerate(self.W):
            if not any(w):
                self.flags |= {"start_at_origin", "start_on_kink"}
                self.rest(j, "dead")
                continue
            for k, line in enumerate(net.lines):
                z = dot(line.x, w)
                self.state[j][k] = ACTIVE if z > 0 else INACTIVE
                if abs(z) <= noise() * line.size * norm(w):
                    kinks.setdefault(j, set()).add(k)
        if kinks:
            self.flags.add("start_on_kink")
            self.zero = [kinks.get(j, z) for j, z in enumerate(self.zero)]
            if self.decide(kinks, {}):
                self.flags.add("repelling")

    def rest(self, j, how):
        """Neuron j stays at w_j = 0."""
        self.W[j] = [_real(0)] * self.net.d
        self.state[j] = [RESTING] * len(self.net.lines)
        self.zero[j] = set(range(len(self.net.lines)))
        self.held[j] = how

    def decide(self, kinks, prefer):
        choice = Decision(self.net, self.W, self.state, self.zero, kinks, prefer)
        self.state = choice.state
        if choice.degenerate:
            self.flags.add("degenerate")
        if choice.ambiguous:
            self.flags.add("ambiguous")
        return choice.ambiguous

    def begin_vanishing(self):
        """The inner flows from U, and the outer start."""
        net, self.inner = self.net, []
        U, kinks = self.W, {}
        self.state = [[RESTING] * len(net.lines) for _ in range(net.m)]
        self.W = [[_real(0)] * net.d for _ in range(net.m)]
        self.start = [list(w) for w in self.W]
        self.zero = [set(range(len(net.lines))) for _ in range(net.m)]
        for j, u in enumerate(U):
            inner = Inner(net, net.gammas(j, [-v for v in net.y]), u)
            self.inner.append(inner)
            if inner.ambiguous:
                self.flags.add("ambiguous")
            if inner.ending == "escape":
                self.depart(j, inner, kinks)
            elif inner.ending == "collapse":
                self.hold(j, None)
            elif inner.ending == "dead":
                self.rest(j, "dead")
            else:
                raise Unsupported("a frozen neuron")
        self.live = any(i.ending == "escape" for i in self.inner)
        if kinks:
            self.decide(kinks, self.prefer)

    def depart(self, j, inner, kinks):
        """Neuron j leaves w_j = 0 along the ray of an inner flow; fills in what is still open."""
        net, size = self.net, norm(inner.v)
        self.held[j] = None
        self.state[j] = [inner.state[k] for k in range(len(net.lines))]
        self.prefer = getattr(self, "prefer", {})
        for k, line in enumerate(net.lines):
            if inner.state[k] in (SLIDING, RESTING) or \
                    abs(dot(line.x, inner.v)) <= tie() * line.size * size:
                kinks.setdefault(j, set()).add(k)
                self.prefer[j, k] = inner.state[k]
                if inner.state[k] != SLIDING:
                    inner.orthogonal = True

    def follow(self):
        while len(self.events) <= self.max_events:
            segment = Segment(self.net, self.t, self.W, self.state, self.held, self.zero)
            self.segments.append(segment)
            if self.left is not None and any(
                    value(q, 0) < -tie() or value(q, 0) + value(gamma, 0) > tie()
                    for _, (q, _), (gamma, _) in segment.multipliers(self.left)):
                raise Unsupported("an exit from an origin that was not attracting")
            self.left = None
            tau, found = segment.event()
            length = tau
            if tau is None or (self.T is not None and self.t + tau > self.T):
                length = None if self.T is None else self.T - self.t
            if segment.resting_pulled(length):
                self.flags.add("resting_gamma_positive")
            if length is not tau or tau is None:
                self.complete = self.T is None
                return
            self.pass_event(segment, tau, found)
        raise Unsupported("too many events")

    def pass_event(self, segment, tau, found):
        net, before = self.net, self.members()
        segment.end = self.t + tau
        self.t, self.W = segment.end, segment.at(tau)
        V, old = segment.velocity(tau), [list(s) for s in self.state]
        self.zero = [set(range(len(net.lines))) if self.held[j] else
                     {k for k, s in enumerate(old[j]) if s in (SLIDING, RESTING)}
                     for j in range(net.m)]
        self.r = [value(terms, tau) for terms in segment.r]
        kinks, self.prefer, own = {}, {}, {}
        for j, lines in sorted(found.items()):
            if isinstance(lines, list):
                self.exit(j, [(rho, zero, sum((-r * c * exp(-r * tau) for r, c in phi.terms),
                                              _real(0))) for (rho, zero), phi in lines])
                own[j] = "origin_exit"
                continue
            rows = [net.lines[k].x for k in set(lines) | set(self.zero[j])]
            if net.d > 1 and rank(rows) == net.d and \
                    norm(self.W[j]) <= tie() * segment.reach[j]:
                own[j] = "origin"
                self.at_origin(j, V[j], kinks)
                continue
            kinks[j] = set(lines) | self.zero[j]
            for k in lines:
                if old[j][k] in (ACTIVE, INACTIVE):
                    self.prefer[j, k] = INACTIVE if old[j][k] == ACTIVE else ACTIVE
            self.zero[j] = set(kinks[j])
        if kinks:
            self.decide(kinks, self.prefer)
        self.report(before, own)

    def report(self, before, own):
        after = self.members()
        for j in range(self.net.m):
            if j in own:
                self.events.append((self.t, j, -1, own[j], None, None))
                if self.held[j]:
                    continue
            for i in range(self.net.n):
                if before[j][i] != after[j][i]:
                    self.events.append((self.t, j, i, Inner.NAMES[before[j][i], after[j][i]],
                                        after[j][i], -self.net.a[j] * self.net.c[i] * self.r[i]))

    def at_origin(self, j, velocity, kinks):
        """w_j = 0 was reached: the inner flow decides how it goes on."""
        net = self.net
        self.rest(j, None)
        inner = Inner(net, net.gammas(j, self.r), velocity)
        if inner.ambiguous:
            self.flags.add("ambiguous")
        if inner.ending == "escape":
            self.flags.add("through_origin")
            self.depart(j, inner, kinks)
        else:
            self.hold(j, inner.ending)

    def hold(self, j, ending):
        """Neuron j stays at w_j = 0, for ever or until a ray frees it."""
        net = self.net
        self.flags.add("end_at_origin")
        if ending == "frozen":
            raise Unsupported("frozen at the origin")
        rays, dead_cone = net.rays()
        self.rest(j, "dead" if dead_cone or ending == "dead" else "watched")
        r = getattr(self, "r", None) or [-v for v in net.y]
        for rho, zero in rays:
            phi = size = _real(0)
            for k, line in enumerate(net.lines):
                s = dot(line.x, rho) if k not in zero else _real(0)
                if s == 0:
                    continue
                for i, f in line.active(ACTIVE if s > 0 else INACTIVE):
                    term = net.a[j] * net.c[i] * r[i] * f * s
                    phi, size = phi + term, size + abs(term)
            if phi < -tie() * size:
                self.flags.add("origin_unstable")

    def exit(self, j, rays):
        """Neuron j leaves w_j = 0 along a ray (rho, lines that vanish on it, slope of phi there), the
        lines sliding.  Where phi vanishes on several rays of one cone it does on all between them,
        and the way out is that of steepest descent among them."""
        net = self.net

        def side(ray, k):
            return 0 if k in ray[1] else 1 if dot(net.lines[k].x, ray[0]) > 0 else -1
        chosen = []
        for ray in rays:
            if all(side(ray, k) * side(other, k) >= 0 for other in chosen
                   for k in range(len(net.lines))):
                chosen.append(ray)
        best = steepest(chosen)
        self.held[j] = None
        self.state[j] = [SLIDING] * len(net.lines)
        for k in range(len(net.lines)):
            signs = {side(ray, k) for ray in best} - {0}
            if signs:
                self.state[j][k] = ACTIVE if 1 in signs else INACTIVE
        self.left = j


def steepest(rays):
    """Those of the rays of which the direction of steepest descent is a positive combination."""
    for size in range(len(rays), 0, -1):
        for subset in itertools.combinations(range(len(rays)), size):
            rows = [rays[k][0] for k in subset]
            if rank(rows) < size:
                continue
            u = solve([[dot(p, q) for q in rows] for p in rows], [-rays[k][2] for k in subset])
            rho = [dot(u, c) for c in zip(*rows)]
            if min(u) > 0 and all(-rays[k][2] - dot(rays[k][0], rho) <= tie() * norm(rho)
                                  for k in range(len(rays))):
                return [rays[k] for k in subset]
    raise Unsupported("no way out")


# --- answers in the schema of the vectors ---------------------------------------------------------

def sets(states, wanted):
    return [[i for i, s in enumerate(row) if s == wanted] for row in states]


def histories(flow):
    """Passages of every pair, a stop at the origin among them."""
    m, n = flow.net.m, flow.net.n
    seen = [[[s] if s != SLIDING else [] for s in row] for row in flow.initial]
    for t, j, i, kind, after, _ in flow.events:
        if i < 0 and kind == "origin":
            for s in seen[j]:
                gone = any(e[0] == t and e[1] == j and e[2] >= 0 for e in flow.events)
                if not gone and s and s[-1] == ACTIVE:
                    s.append(INACTIVE)
        elif i >= 0 and after != SLIDING and (not seen[j][i] or seen[j][i][-1] != after):
            seen[j][i].append(after)
    down = [[sum(a == ACTIVE and b == INACTIVE for a, b in zip(s, s[1:])) for s in row]
            for row in seen]
    back = [[sum(a == INACTIVE and b == ACTIVE and ACTIVE in s[:k + 1]
                 for k, (a, b) in enumerate(zip(s, s[1:]))) for s in row] for row in seen]
    assert len(down) == m and len(down[0]) == n
    return down, back


def margins(flow, segment, tau):
    """z with the exact zeros of the state."""
    z = [[_real(0)] * flow.net.n for _ in range(flow.net.m)]
    for j in range(flow.net.m):
        for k, line in enumerate(flow.net.lines):
            if not segment.held[j] and segment.state[j][k] in (ACTIVE, INACTIVE):
                f = segment.margin(j, k)
                v = value(f.terms, tau)
                for i, factor in line.members:
                    z[j][i] = factor * v
    return z


def outputs(net, z):
    return [sum((a * v[i] for a, v in zip(net.a, z) if v[i] > 0), _real(0)) for i in range(net.n)]


def loss(net, f):
    return sum((c * (u - v) ** 2 for c, u, v in zip(net.c, f, net.y)), _real(0)) / 2


def locate(flow, t):
    chosen = flow.segments[0]
    for segment in flow.segments:
        if segment.t <= t:
            chosen = segment
    return chosen


def alpha_at(flow, t):
    alpha = [[_real(0)] * flow.net.n for _ in range(flow.net.m)]
    last = locate(flow, t)
    for s in flow.segments:
        s.alpha_rate((t if s is last else s.end) - s.t, alpha)
        if s is last:
            return alpha
    raise AssertionError


def states_of(flow, segment):
    now = flow.state
    flow.state = segment.state
    out = flow.members()
    flow.state = now
    return out


def ending(flow):
    """theta and u of the sliding pairs at the end."""
    last, theta, u = flow.segments[-1], {}, {}
    tau = None if flow.T is None else flow.T - last.t
    for j in range(flow.net.m):
        for k, (q, size), (gamma, other) in last.multipliers(j):
            above, below = Expsum(q, size).terms, Expsum(gamma, other).terms
            if tau is None:
                if not below:
                    raise Unsupported("a sliding pair without a pull")
                rate, bottom = below[0]
                share = -dict(above).get(rate, _real(0)) / bottom
            else:
                share = -value(above, tau) / value(below, tau)
            for i, f in flow.net.lines[k].members:
                part = share if f > 0 else 1 - share
                theta["%d,%d" % (j, i)] = part
                terms, scale = last.pull_terms(j, [(i, _real(1))])
                u["%d,%d" % (j, i)] = -part * value(Expsum(terms, scale).terms, tau)
    return theta, u


def monotone(flow):
    """First time from which the norm decreases, or None."""
    for segment in flow.segments:
        length = (segment.end - segment.t) if segment.end is not None else (
            None if flow.T is None else flow.T - segment.t)
        tau = segment.norm_fails(length)
        if tau is not None:
            return segment.t + tau
    return None


def strictly(flow):
    """Given that the norm never decreases: does it move in every segment?"""
    return all(any(abs(s) > noise() * r * max(g.reach) for r, _, s in g.modes)
               for g in flow.segments)


def run_flow(case, net=None, W0=None, max_events=4000):
    data = case["input"]
    T = None if str(data.get("T", "inf")) == "inf" else real(data["T"])
    start = W0 or data.get("W0") or data["U"]
    return Flow(net or Network(data), start, T, max_events, "U" in data)


def final(flow):
    last = flow.segments[-1]
    return last.at(None if flow.T is None else flow.T - last.t)


def answers(flow, case, extra):
    net, last = flow.net, flow.segments[-1]
    tau = None if flow.T is None else flow.T - last.t
    z = margins(flow, last, tau)
    f = outputs(net, z)
    theta, u = ending(flow)
    down, back = histories(flow)
    fail = monotone(flow)

    def show(x):
        return text(x if abs(x) > ten(-45) else _real(0), 25)

    def table(rows):
        return [[show(v) for v in row] for row in rows]
    out = {
        "complete": flow.complete, "flags": sorted(flow.flags),
        "initial_active": sets(flow.initial, ACTIVE),
        "initial_sliding": sets(flow.initial, SLIDING),
        "events": [{"t": show(t), "j": j, "i": i, "kind": kind,
                    "gamma": None if g is None else show(g)}
                   for t, j, i, kind, _, g in sorted(flow.events, key=lambda e: e[:4])],
        "w_end": table(final(flow)), "loss_end": show(loss(net, f)), "f_end": [show(v) for v in f],
        "z_end": table(z), "final_active": sets(flow.members(), ACTIVE),
        "final_sliding": sets(flow.members(), SLIDING),
        "final_origin": [j for j in range(net.m) if flow.held[j]],
        "theta_end": {k: show(v) for k, v in sorted(theta.items())},
        "u_end": {k: show(v) for k, v in sorted(u.items())},
        "deactivations": down, "reactivations": back, "norm_monotone": fail is None,
        "norm_fail_time": None if fail is None else show(fail), "at": []}
    if extra:
        out["norm_strict"] = fail is None and strictly(flow)
        ends = [g.t for g in flow.segments[1:]] + [flow.T]
        out["motion"] = show(sum((g.motion(None if end is None else end - g.t)
                                  for g, end in zip(flow.segments, ends)), _real(0)))
        blurs = {g.end: g.blur for g in flow.segments if g.end is not None}
        for event in out["events"]:
            event["blur"] = max(float(b) for t, b in blurs.items() if show(t) == event["t"])
        out["rates"] = [show(r) for r in sorted((r for r, _, _ in last.modes), reverse=True)]
    for t in case["input"].get("times", []):
        if flow.T is not None and real(t) > flow.T:
            continue
        segment = locate(flow, real(t))
        states, tau = states_of(flow, segment), real(t) - segment.t
        fz = outputs(net, margins(flow, segment, tau))
        item = {"t": str(t), "w": table(segment.at(tau)),
                "alpha": table(alpha_at(flow, real(t))), "loss": show(loss(net, fz)),
                "active": sets(states, ACTIVE), "sliding": sets(states, SLIDING),
                "origin": [j for j in range(net.m) if segment.held[j]]}
        if extra:
            item["v"] = table(segment.velocity(tau))
        out["at"].append(item)
    if flow.T is not None:
        out["alpha_end"] = table(alpha_at(flow, flow.T))
    return out


def inner_answers(inner):
    def show(x):
        return text(x, 25)
    states = inner.members()
    flags = ["through_origin"] if inner.through else []
    if inner.ending == "escape" and getattr(inner, "orthogonal", False):
        flags.append("orthogonal_to_escape")
    escaped = inner.ending == "escape"
    return {"inner_status": inner.ending,
            "inner_events": [{"s": show(s), "i": i, "kind": kind} for s, i, kind in
                             sorted(inner.events)],
            "inner_flags": sorted(flags),
            "escape_velocity": [show(v) for v in inner.v] if escaped else None,
            "pattern_active": [i for i, s in enumerate(states) if s == ACTIVE],
            "pattern_sliding": [i for i, s in enumerate(states) if s == SLIDING]}


def run(case, extra=False):
    """The expected answers of a case, as the schema of the vectors has them."""
    flow = run_flow(case)
    if case["kind"] == "flow":
        return answers(flow, case, extra)
    return {"inner": [inner_answers(i) for i in flow.inner], "run_flags": sorted(flow.flags),
            "outer": answers(flow, case, extra) if flow.live or flow.events else None}


# --- conditioning ---------------------------------------------------------------------------------

def shaken(net, data, rng, small):
    """The problem with X and y perturbed; parallel rows stay parallel."""
    def shake(x):
        return x * (1 + small * _real(rng.uniform(-1, 1)))
    data = dict(data, X=[list(row) for row in net.X], y=[shake(v) for v in net.y], c=net.c, a=net.a)
    for line in net.lines:
        x = [shake(v) for v in line.x]
        for i, f in line.members:
            data["X"][i] = [f * v for v in x]
    return Network(data), shake


def spread(W):
    return sqrt(sum((dot(w, w) for w in W), _real(0)))


def condition(case, samples=2, seed=1):
    """Condition numbers by random relative perturbations of X, y and the start."""
    rng, small = random.Random(seed), nudge()
    base = run_flow(case)
    start = [[real(v) for v in w] for w in case["input"].get("W0") or case["input"]["U"]]
    kappa_w = kappa_t = _real(0)
    key = [e[1:4] for e in sorted(base.events, key=lambda e: e[:4])]

    def farthest(other):
        """The largest relative change of the time of an event, as far as the events are the same."""
        worst = _real(0)
        for a, b in zip(base.events, other.events):
            if a[1:4] != b[1:4]:
                break
            if a[0]:
                worst = max(worst, abs(a[0] - b[0]) / a[0] / small)
        return worst
    for _ in range(samples):
        net, shake = shaken(base.net, case["input"], rng, small)
        try:
            other = run_flow(case, net, [[shake(v) for v in w] for w in start], len(key) + 50)
        except Unsupported:
            return {}
        if [e[1:4] for e in sorted(other.events, key=lambda e: e[:4])] != key:
            return {"kappa_before": text(farthest(other), 3)}
        w, v = final(base), final(other)
        size = spread(w)
        if size > 0:
            kappa_w = max(kappa_w, spread([axpy(-1, p, q) for p, q in zip(w, v)]) / size / small)
        kappa_t = max(kappa_t, farthest(other))
    times = sorted({e[0] for e in base.events})
    gaps = [(b - a) / b for a, b in zip(times, times[1:])]
    return {"structurally_stable": True, "kappa_w": text(kappa_w, 3), "kappa_t": text(kappa_t, 3),
            "min_rel_gap": text(min(gaps), 3) if gaps else "1.0"}
