"""landscape.py: all stationary points of the loss in the plane by brute force, at many digits.

SPDX-License-Identifier: MIT

Every open cone and every ray of every kink is looked at by itself, with sums over all lines:
O(n^2), no update.  A point is stationary if 0 is in Clarke's subdifferential there.

    landscape.run(case)          -> expect of a "landscape2d" case (points in no order)
"""
import random

import oracle
from digits import _real, axpy, dot, norm, ten, text, tie
from filippov import ACTIVE, INACTIVE, Problem


def turned(x):
    """The unit vector a quarter turn counterclockwise from x."""
    size = norm(x)
    return [-x[1] / size, x[0] / size]


def cross(a, b):
    return a[0] * b[1] - a[1] * b[0]


def half(e):
    """0 for angles in [0, pi), 1 for [pi, 2 pi)."""
    return 0 if e[1] > 0 or (e[1] == 0 and e[0] > 0) else 1


class Landscape:
    """Collects the points."""

    def __init__(self, problem):
        self.problem, self.lines, self.points = problem, problem.lines, []
        self.ends = []
        if problem.act == "linear":
            self.lines = []
            self.smooth()
            return
        if not self.lines:
            # No kink at all: the plane as two half planes.
            east, west = [_real(1), _real(0)], [_real(-1), _real(0)]
            self.add("dead_cone", w=east, rays=[east, west])
            self.add("dead_cone", w=west, rays=[west, east])
        self.rays = self.sorted_rays()
        cones = self.cones()
        self.dead = [self.cone(*c) for c in cones]
        for j, (k, e, _) in enumerate(self.rays):
            self.ray(k, e, self.dead[j] or self.dead[j - 1])
        pulls = [self.sums(sides)[0] for _, _, sides in cones] or [[_real(0)] * 2]
        self.add("origin", w=[_real(0)] * 2, clarke=in_hull(pulls))

    def sorted_rays(self):
        """(line, unit vector, its angle's rank) of both rays of every kink, counterclockwise."""
        rays = []
        for k, line in enumerate(self.lines):
            e = turned(line.x)
            rays += [(k, e, half(e)), (k, [-e[0], -e[1]], half([-e[0], -e[1]]))]
        for i in range(1, len(rays)):
            j = i
            while j > 0 and (rays[j][2] < rays[j - 1][2] or rays[j][2] == rays[j - 1][2] and
                             cross(rays[j - 1][1], rays[j][1]) < 0):
                rays[j - 1], rays[j] = rays[j], rays[j - 1]
                j -= 1
        return rays

    def cones(self):
        """(first ray, second ray, side of every line) counterclockwise; ray j begins cone j."""
        out = []
        for j, (k, e, _) in enumerate(self.rays):
            following = self.rays[(j + 1) % len(self.rays)][1]
            middle = [a + b for a, b in zip(e, following)]
            if len(self.lines) == 1:
                middle = turned(e)
            sides = [ACTIVE if dot(line.x, middle) > 0 else INACTIVE for line in self.lines]
            out.append((e, following, sides))
        return out

    def sums(self, sides, but=None):
        """b and H over all lines but one."""
        b, H = [_real(0)] * 2, [[_real(0)] * 2 for _ in range(2)]
        for k, line in enumerate(self.lines):
            if k != but:
                for i in range(2):
                    b[i] += line.pull(sides[k]) * line.x[i]
                    for j in range(2):
                        H[i][j] += line.curve[sides[k]] * line.x[i] * line.x[j]
        return b, H

    def add(self, kind, w, at=None, **more):
        """A point, with the loss there or at another point of a set."""
        z = [dot(row, at or w) for row in self.problem.X]
        more.update(type=kind, w=w, loss=self.problem.loss(z))
        self.points.append(more)

    def cone(self, first, second, sides):
        """Stationary points inside an open cone; True if it is dead."""
        working = [k for k, line in enumerate(self.lines) if line.curve[sides[k]] != 0]
        if not working:
            self.add("dead_cone", w=[_real(0)] * 2, rays=[first, second])
            return True
        b, H = self.sums(sides)
        if len(working) > 1:
            det = cross(H[0], H[1])
            w = [cross([b[0], H[0][1]], [b[1], H[1][1]]) / det,
                 cross([H[0][0], b[0]], [H[1][0], b[1]]) / det]
            if self.inside(w, sides):
                self.add("interior_min", w=w)
        else:
            self.flat(self.lines[working[0]], sides)
        return False

    def inside(self, w, sides):
        size = norm(w)
        return all((dot(line.x, w) > 0) == (sides[k] == ACTIVE) and
                   abs(dot(line.x, w)) > tie() * line.size * size
                   for k, line in enumerate(self.lines))

    def flat(self, line, sides):
        """A line of minima: one line only has curvature here."""
        k = self.lines.index(line)
        z = line.pull(sides[k]) / line.curve[sides[k]]
        if abs(z) <= tie() * line.weight / line.curve[sides[k]] or \
                (z > 0) != (sides[k] == ACTIVE):
            return
        point, e = [z * v / line.size ** 2 for v in line.x], turned(line.x)
        low, high = None, None
        for j, other in enumerate(self.lines):
            if j == k:
                continue
            at, slope = dot(other.x, point), dot(other.x, e)
            s = -at / slope
            if (slope > 0) == (sides[j] == ACTIVE):
                low = s if low is None or s > low else low
            else:
                high = s if high is None or s < high else high
        if low is None or high is None or high - low > tie() * (abs(low) + abs(high)):
            some = (low + high) / 2 if low is not None and high is not None else \
                low + 1 if low is not None else high - 1 if high is not None else _real(0)
            self.add("flat_min", at=axpy(some, e, point), w=point, dir=e, range=[low, high])
            self.ends += [axpy(s, e, point) for s in (low, high) if s is not None]

    def ray(self, k, e, beside_dead):
        """Stationary points on one ray of a kink."""
        line = self.lines[k]
        sides = [ACTIVE if dot(other.x, e) > 0 else INACTIVE for other in self.lines]
        b, H = self.sums(sides, k)
        push, rate = dot(e, b), dot(e, [dot(row, e) for row in H])
        if rate == 0:
            theta = self.share(line, line.base, line.weight)
            if theta is not None and not beside_dead:
                self.add("kink_ray", w=[_real(0)] * 2, dir=e, theta=theta, kink=k)
            return
        rho = push / rate
        scale = sum((other.weight * other.size for j, other in enumerate(self.lines) if j != k),
                    _real(0))
        if rho * rate <= tie() * scale:
            return
        w = [rho * v for v in e]
        force = dot(line.x, [bi - dot(row, w) for bi, row in zip(b, H)]) / line.size ** 2
        scale = line.weight + (scale + norm(w) * (H[0][0] + H[1][1])) / line.size
        theta = self.share(line, line.base + force, scale)
        if theta is not None:
            kind = "kink_min" if line.jump < 0 else "kink_saddle" if line.jump > 0 \
                else "kink_c1_min"
            end = any(norm(axpy(-1, w, p)) <= tie() * norm(w) for p in self.ends)
            self.add(kind, w=w, theta=theta, kink=k, end=end)

    def share(self, line, force, scale):
        """theta in [0, 1] with force + theta jump = 0; None: there is none."""
        if line.jump == 0:
            return _real(0) if abs(force) <= tie() * scale else None
        theta = -force / line.jump
        slack = tie() * scale / abs(line.jump)
        if not -slack <= theta <= 1 + slack:
            return None
        return min(max(theta, _real(0)), _real(1))

    def smooth(self):
        """The linear neuron: one cone."""
        sides = []
        self.lines = self.problem.lines
        sides = [ACTIVE] * len(self.lines)
        b, H = self.sums(sides)
        if len(self.lines) > 1:
            det = cross(H[0], H[1])
            self.add("interior_min",
                     w=[cross([b[0], H[0][1]], [b[1], H[1][1]]) / det,
                        cross([H[0][0], b[0]], [H[1][0], b[1]]) / det])
        elif self.lines:
            line = self.lines[0]
            z = line.pull(ACTIVE) / line.curve[ACTIVE]
            self.add("flat_min", w=[z * v / line.size ** 2 for v in line.x], dir=turned(line.x),
                     range=[None, None])
        self.add("origin", w=[_real(0)] * 2,
                 clarke=norm(b) <= tie() * sum((x.weight * x.size for x in self.lines), _real(0)))


def in_hull(points):
    """Is 0 in the convex hull of points of the plane?"""
    top = max([norm(p) for p in points])
    if any(norm(p) <= tie() * top for p in points):
        return True
    for p in points:
        # 0 is outside if and only if all points lie in an open half plane; one of them begins it.
        left = [cross(p, q) / norm(p) / norm(q) for q in points]
        ahead = [dot(p, q) for q in points]
        if all(s > tie() or (abs(s) <= tie() and a > 0) for s, a in zip(left, ahead)):
            return False
    return True


def change(a, b):
    """Largest relative change of the numbers of a point."""
    out = _real(0)
    pairs = [(a["w"], b["w"])] + ([(a["dir"], b["dir"])] if "dir" in a else [])
    for p, q in pairs:
        if norm(p) > 0:
            out = max(out, norm(axpy(-1, p, q)) / norm(p))
    if "theta" in a:
        out = max(out, abs(a["theta"] - b["theta"]))
    for s, t in zip(a.get("range", []), b.get("range", [])):
        if s is not None and t is not None:
            out = max(out, abs(s - t) / (abs(s) + norm(a["w"])))
    return out


def conditions(case, points, seed=1):
    """Condition number of every point by a relative perturbation of 1e-25 of X and y; None if the
    list itself changes: it hangs on a tie."""
    small = ten(-25)
    problem, _ = oracle.shaken(case, random.Random(seed), small)
    moved = Landscape(problem).points
    if [(p["type"], p.get("kink"), p.get("clarke")) for p in points] != \
            [(p["type"], p.get("kink"), p.get("clarke")) for p in moved]:
        return None
    return [change(p, q) / small for p, q in zip(points, moved)]


def run(case, places=25):
    """The expected answers of a landscape2d case; with condition numbers."""
    problem = Problem(case["input"])
    found = Landscape(problem).points
    kappas = conditions(case, found)

    def show(x):
        return text(x, places)
    out = []
    for k, p in enumerate(found):
        reach = sum((c * (norm(x) * norm(p["w"]) + abs(y)) ** 2 for c, x, y in
                     zip(problem.c, problem.X, problem.y)), _real(0))
        item = {"type": p["type"], "loss": show(p["loss"]), "loss_scale": show(reach),
                "kappa": None if kappas is None else text(kappas[k], 3)}
        out.append(item)
        if p["type"] == "dead_cone":
            item["rays"] = [[show(v) for v in ray] for ray in p["rays"]]
            continue
        w = [show(v) for v in p["w"]]
        if p["type"] == "flat_min":
            low, high = p["range"]
            item.update(line_point=w, line_dir=[show(v) for v in p["dir"]],
                        range=["-inf" if low is None else show(low),
                               "inf" if high is None else show(high)])
            continue
        item["w"] = w
        if p["type"] == "kink_ray":
            item["direction"] = [show(v) for v in p["dir"]]
        if "theta" in p:
            members = problem.lines[p["kink"]].members
            item.update(theta=show(p["theta"]), kink=[i for i, _ in members], theta_member={
                str(i): show(p["theta"] if f > 0 else 1 - p["theta"]) for i, f in members})
            item["flat_end"] = p.get("end", False)
            item["theta_free"] = problem.lines[p["kink"]].jump == 0
        if p["type"] == "origin":
            item["clarke_stationary"] = bool(p["clarke"])
    return {"points": out}
