"""network_kinks.py: several neurons at their kinks and at their origins, at many digits.

SPDX-License-Identifier: MIT

Rows that are (anti)parallel act as one line, as in filippov.py; a pair is (neuron, line).  At a
fixed state neuron j is a single neuron with the pulls gamma_ij = -a_j c_i r_i.  What the first
derivative leaves open is decided by the next ones, in which the neurons act on each other through
the derivatives of r.
"""
from digits import (Unsupported, _real, axpy, dot, noise, norm, null_basis, orthonormal, rank,
                    real, tie)
from filippov import (ACTIVE, INACTIVE, RESTING, SLIDING, Flat, Line, box_least_squares, parallel)
from filippov import Decision as Single


class Kink:
    """Parallel and antiparallel rows: x and members (datum, factor)."""

    def __init__(self, x, members):
        self.x, self.members, self.size = x, members, norm(x)

    def active(self, side):
        """The members that are active while x.w_j is on this side."""
        if side not in (ACTIVE, INACTIVE):
            return []
        return [(i, f) for i, f in self.members if (side == ACTIVE) == (f > 0)]


class Network:
    """Data, weights, outer weights and lines."""

    def __init__(self, data):
        self.n, self.d, self.m = data["n"], data["d"], data["m"]
        self.X = [[real(v) for v in row] for row in data["X"]]
        self.y = [real(v) for v in data["y"]]
        self.c = [real(v) for v in data["c"]]
        self.a = [real(v) for v in data["a"]]
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
        self.lines = [Kink(self.X[i], members) for i, members in groups]
        self.found_rays = None

    def gammas(self, j, r):
        return [-self.a[j] * c * v for c, v in zip(self.c, r)]

    def pull(self, j, k, side, r):
        """What line k adds to the velocity of neuron j on a side, as a multiple of its x."""
        return sum((-self.a[j] * self.c[i] * r[i] * f for i, f in self.lines[k].active(side)),
                   _real(0))

    def jump(self, j, k, r):
        """Gamma, with an exact zero where it cancels."""
        parts = [-self.a[j] * self.c[i] * r[i] * abs(f) for i, f in self.lines[k].members]
        total = sum(parts, _real(0))
        return total if abs(total) > tie() * sum(map(abs, parts), _real(0)) else _real(0)

    def outputs(self, W, state, zero):
        """f_i, and the sum of the sizes of its terms."""
        f, size = [_real(0)] * self.n, [_real(0)] * self.n
        for j in range(self.m):
            for k, line in enumerate(self.lines):
                if k in zero[j]:
                    continue
                z = dot(line.x, W[j])
                for i, factor in line.active(state[j][k]):
                    f[i] += self.a[j] * factor * z
                    size[i] += abs(self.a[j] * factor) * line.size * norm(W[j])
        return f, size

    def rays(self):
        """(rho, lines that vanish on it) of every extreme ray of the cones of the lines; whether a
        cone on which all data are inactive is open."""
        if self.found_rays is None:
            self.found_rays = self.find_rays()
        return self.found_rays

    def find_rays(self):
        rays, d = [], self.d
        if rank([line.x for line in self.lines]) < d:
            raise Unsupported("rows that do not span the space")

        def extend(chosen, start):
            if len(chosen) == d - 1:
                rows = [self.lines[k].x for k in chosen]
                if rank(rows) == d - 1:
                    rho = null_basis(rows, d)[0]
                    zero = [k for k, line in enumerate(self.lines)
                            if abs(dot(line.x, rho)) <= tie() * line.size]
                    if all(set(zero) != set(z) for _, z in rays):
                        rays.append((rho, zero))
                        rays.append(([-v for v in rho], zero))
                return
            for k in range(start, len(self.lines)):
                extend(chosen + [k], k + 1)
        extend([], 0)
        dead = [_real(0)] * d
        for rho, zero in rays:
            if all(self.dark(k, rho) for k in range(len(self.lines)) if k not in zero) and \
                    all(f > 0 for line in self.lines for _, f in line.members):
                dead = axpy(1, rho, dead)
        return rays, any(dead) and all(dot(line.x, dead) < -tie() * line.size * norm(dead)
                                       for line in self.lines)

    def dark(self, k, rho):
        return dot(self.lines[k].x, rho) < 0


# --- the decision at kinks ------------------------------------------------------------------------

class Decision:
    """Resolves the lines kinks[j] (z = 0) of the neurons j in kinks, given all other sides."""

    def __init__(self, net, W, state, zero, kinks, prefer):
        self.net, self.W, self.before, self.zero = net, W, state, zero
        self.kinks = {j: sorted(ks) for j, ks in kinks.items()}
        self.ambiguous = self.degenerate = False
        f, size = net.outputs(W, state, zero)
        self.r = [u - v for u, v in zip(f, net.y)]
        self.r_size = [u + abs(v) for u, v in zip(size, net.y)]
        self.gamma = {(j, k): net.jump(j, k, self.r) for j, ks in self.kinks.items() for k in ks}
        concave = [p for p, g in sorted(self.gamma.items()) if g > 0]
        flip = {(j, k): prefer.get((j, k), INACTIVE) for j, k in concave}
        for _ in range(4 ** min(len(concave), 6) + 1):
            bad = self.attempt(flip)
            if not bad:
                break
            flip[bad[0]] = INACTIVE if flip[bad[0]] == ACTIVE else ACTIVE
        else:
            raise Unsupported("flips did not end")
        result = self.state, self.degenerate
        self.check_unique(concave, flip)
        self.state, self.degenerate = result

    def check_unique(self, concave, flip):
        """Is there another consistent choice of the concave kinks of one neuron?"""
        for j in self.kinks:
            mine = [p for p in concave if p[0] == j]
            if len(mine) > 5:
                self.ambiguous = True
                continue
            for mask in range(1, 2 ** len(mine)):
                other = dict(flip)
                for b, p in enumerate(mine):
                    if mask >> b & 1:
                        other[p] = INACTIVE if flip[p] == ACTIVE else ACTIVE
                if not self.attempt(other):
                    self.ambiguous = True

    def attempt(self, flip):
        """Germ of the solution for fixed concave kinks; returns the inconsistent ones."""
        net = self.net
        self.state = [list(s) for s in self.before]
        self.degenerate = False
        self.bounded, self.open, self.bad = {}, [], []
        for j, ks in self.kinks.items():
            for k in ks:
                self.state[j][k] = None
                if self.gamma[j, k] < 0:
                    self.bounded[j, k] = (self.gamma[j, k], _real(0))
                else:
                    self.open.append((j, k))
        r, sizes = self.r, [abs(v) for v in self.r]
        floor = noise()
        for order in range(1, net.m * net.d + 4):
            speeds, motions = [], []
            for j in range(net.m):
                v, size = self.motion(j, r, sizes, flip, order)
                small = tie() * size
                if order == 1:
                    small += floor * sum((abs(net.a[j]) * net.c[i] * self.r_size[i] * abs(f) *
                                          line.size for line in net.lines
                                          for i, f in line.members), _real(0))
                motions.append(v)
                speeds.append(small)
            self.sort_out(motions, speeds, flip, order)
            if not self.open and all(b == (None, None) for b in self.bounded.values()):
                break
            r, sizes = self.derivative(motions)
        self.settle(flip)
        return sorted(self.bad)

    def motion(self, j, r, sizes, flip, order):
        """The derivative of w_j of this order, and the size of its terms."""
        net, base, size, keys, columns, low, high = self.net, [_real(0)] * self.net.d, _real(0), \
            [], [], [], []
        for k, line in enumerate(net.lines):
            side = self.state[j][k]
            p = j, k
            if side is None:
                side = flip.get(p, INACTIVE)
            tied = self.bounded.get(p)
            if tied is not None and order > 1 and tied[1] is None and tied[0] is not None:
                side = ACTIVE
            if side in (SLIDING, RESTING) or p in self.bounded:
                if side == SLIDING or p in self.bounded:
                    keys.append(k)
                    columns.append(line.x)
                    low.append(None if tied is None else tied[0])
                    high.append(None if tied is None else tied[1])
                side = side if side == ACTIVE else INACTIVE
            if self.at_origin(j):
                side = None
            pull = net.pull(j, k, side, r)
            base = axpy(pull, line.x, base)
            size += sum((abs(net.a[j] * f) * net.c[i] * sizes[i] * line.size
                         for i, f in line.active(side)), _real(0))
            if p in self.bounded or p in self.open:
                size += sum((abs(net.a[j] * f) * net.c[i] * sizes[i] * line.size
                             for i, f in line.members), _real(0))
        if self.at_origin(j):
            return base, size
        theta, v = box_least_squares(base, columns, low, high)
        self.theta = dict(zip(keys, theta)) if order == 1 else {}
        for k, th in zip(keys, theta):
            if (j, k) in self.bounded:
                self.bounded[j, k] = self.bounded[j, k][:2] + (th,)
        return v, size

    def at_origin(self, j):
        """Held at w_j = 0?"""
        return all(s == RESTING for s in self.state[j])

    def sort_out(self, motions, speeds, flip, order):
        for p in list(self.bounded):
            j, k = p
            line, small = self.net.lines[k], speeds[j]
            low, high, th = self.bounded[p]
            s, gamma = dot(line.x, motions[j]), self.gamma[p]
            self.bounded[p] = low, high
            if low is None and high is None:
                self.state[j][k] = SLIDING
            elif abs(s) > small * line.size:
                self.state[j][k] = ACTIVE if s > 0 else INACTIVE
                del self.bounded[p]
            elif order == 1:
                share = th / gamma
                if tie() < share < 1 - tie():
                    self.state[j][k], self.bounded[p] = SLIDING, (None, None)
                else:
                    self.bounded[p] = (None, _real(0)) if share < 0.5 else (_real(0), None)
            elif abs(th) * line.size > small:
                self.state[j][k], self.bounded[p] = SLIDING, (None, None)
        for p in list(self.open):
            j, k = p
            line = self.net.lines[k]
            s = dot(line.x, motions[j])
            if abs(s) > speeds[j] * line.size:
                side = ACTIVE if s > 0 else INACTIVE
                if p in flip and side != flip[p]:
                    self.bad.append(p)
                self.state[j][k] = side
                self.open.remove(p)

    def derivative(self, motions):
        """The next derivative of r, and the size of its terms."""
        net = self.net
        r, sizes = [_real(0)] * net.n, [_real(0)] * net.n
        for j, v in enumerate(motions):
            speed = norm(v)
            for k, line in enumerate(net.lines):
                s = dot(line.x, v)
                for i, f in line.active(self.state[j][k]):
                    r[i] += net.a[j] * f * s
                    sizes[i] += abs(net.a[j] * f) * line.size * speed
        return r, sizes

    def settle(self, flip):
        """Kinks on which no derivative ever moves: at rest."""
        for p in self.open:
            self.state[p[0]][p[1]] = RESTING
            if flip.get(p) == ACTIVE:
                self.degenerate = True
        for p, (low, high) in self.bounded.items():
            j, k = p
            if low is None and high is None:
                continue
            side = INACTIVE if low is None else ACTIVE
            self.state[j][k] = RESTING if self.net.pull(j, k, side, self.r) == 0 else SLIDING
            if low is not None:
                self.degenerate = True
        for j in self.kinks:
            rows = [self.net.lines[k].x for k, s in enumerate(self.state[j]) if s == SLIDING]
            if rows and rank(rows) < len(rows):
                raise Unsupported("dependent sliding kinks")
            if rows and any(s == RESTING and len(orthonormal(
                    rows + [self.net.lines[k].x])) == len(rows)
                    for k, s in enumerate(self.state[j])):
                self.degenerate = True


# --- the origin of one neuron ---------------------------------------------------------------------

class Inner:
    """omega' = v(pattern of omega) of one neuron with given pulls: ending is escape, dead, frozen
    or collapse; events (s, datum, kind)."""

    NAMES = {(ACTIVE, INACTIVE): "deactivate", (INACTIVE, ACTIVE): "activate",
             (ACTIVE, SLIDING): "slide_enter", (INACTIVE, SLIDING): "slide_enter",
             (SLIDING, ACTIVE): "slide_exit_active", (SLIDING, INACTIVE): "slide_exit_inactive"}

    def __init__(self, net, pulls, omega):
        one = [_real(1)] * net.n
        self.lines = [Flat(Line(line.x, line.members, pulls, one, "relu", _real(0)))
                      for line in net.lines]
        self.n, self.s, self.events = net.n, _real(0), []
        self.ambiguous = self.through = False
        self.state, self.kinks, self.prefer = {}, [], {}
        self.run(list(omega))

    def members(self):
        out = [INACTIVE] * self.n
        for k, line in enumerate(self.lines):
            for i, f in line.members:
                side = self.state[k]
                if side == SLIDING:
                    out[i] = SLIDING
                elif side in (ACTIVE, INACTIVE) and (side == ACTIVE) == (f > 0):
                    out[i] = ACTIVE
        return out

    def enter(self, omega):
        self.state, self.kinks, self.prefer = {}, [], {}
        for k, line in enumerate(self.lines):
            z = dot(line.x, omega)
            self.state[k] = ACTIVE if z > 0 else INACTIVE
            if abs(z) <= tie() * line.size * norm(omega):
                self.kinks.append(k)

    def decide(self, omega):
        """(velocity, the size of its terms)"""
        choice = Single(self.lines, omega, self.state, self.kinks, self.prefer)
        self.ambiguous = self.ambiguous or choice.ambiguous
        self.state.update(choice.state)
        v, size = [_real(0)] * len(omega), _real(0)
        for k, line in enumerate(self.lines):
            pull = line.base + line.jump * choice.theta[k] if self.state[k] == SLIDING \
                else line.pull(self.state[k])
            v = axpy(pull, line.x, v)
            size += (abs(line.base) + abs(line.jump)) * line.size
        return v, size

    def arrivals(self, omega, v, size):
        first, found = None, []
        for k, line in enumerate(self.lines):
            s, z = dot(line.x, v), dot(line.x, omega)
            if k in self.kinks or abs(s) <= tie() * line.size * size or (s > 0) == (z > 0):
                continue
            t = -z / s
            if first is not None and abs(t - first) <= tie() * first:
                found.append(k)
            elif first is None or t < first:
                first, found = t, [k]
        return first, found

    def report(self, before):
        for i, (a, b) in enumerate(zip(before, self.members())):
            if a != b:
                self.events.append((self.s, i, self.NAMES[a, b]))

    def run(self, omega):
        """What happens at the origin takes no time and is one instant."""
        seen, before = [], None
        self.enter(omega)
        for _ in range(2000):
            self.v, size = self.decide(omega)
            if before is None:
                self.initial = self.members()
            elif not self.through:
                self.report(before)
            first, found = None, []
            if norm(self.v) <= tie() * size or size == 0:
                self.ending = "frozen" if ACTIVE in self.members() else "dead"
                if SLIDING in self.members():
                    self.ending = "frozen"
            else:
                first, found = self.arrivals(omega, self.v, size)
                if first is None:
                    self.ending = "escape"
            if first is None:
                if self.through and self.ending == "escape":
                    self.report(before)
                return
            if not self.through:
                before = self.members()
                self.s += first
            old = dict(self.state)
            reach = norm(omega) + first * norm(self.v)
            omega = axpy(first, self.v, omega)
            if norm(omega) > tie() * reach:
                self.kinks = sorted(set(found) |
                                    {k for k, s in old.items() if s in (SLIDING, RESTING)})
                self.prefer = {k: (INACTIVE if old[k] == ACTIVE else ACTIVE) for k in found}
                continue
            unit = [x / norm(self.v) for x in self.v]
            if not self.through:
                self.events.append((self.s, -1, "origin"))
            self.through = True
            if any(norm(axpy(-1, u, unit)) <= tie() for u in seen):
                self.ending = "collapse"
                return
            seen.append(unit)
            omega = unit
            self.enter(omega)
        raise Unsupported("inner flow did not end")
