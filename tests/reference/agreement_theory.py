"""agreement_theory.py: vanishing starts, leave-one-out limits and landscapes of the library against
the answers of the oracle.

SPDX-License-Identifier: MIT
"""
import math

from agreement import Comparison, size, worst
from library import (AMBIGUOUS, CONVERGED, DOUBTFUL, ENDINGS, INNER_ENDING, POINTS, TIME, VELOCITY,
                     WEIGHTS, Model)


class Vanishing(Comparison):
    """A start with scale 0."""

    def scale(self):
        outer = self.expect["outer"]
        return size([float(v) for v in outer["w_end"]]) if outer else 0.0

    def begin(self):
        e, m = self.expect, self.model
        self.ks = float((self.case.get("conditioning") or {}).get("kappa_s") or 1e3)
        self.same("ending", ENDINGS[int(m.query(INNER_ENDING)[0])], e["inner_status"])
        self.inner()
        if e["inner_status"] == "escape":
            self.escape()
        if "repelling" in e["run_flags"] and not self.model.flags() & AMBIGUOUS:
            self.note("ambiguous flag", e["run_flags"], "not raised")
        if e["outer"] is None or (e["inner_status"] == "dead" and not e["outer"]["events"]):
            self.stays()
        else:
            self.expect = e["outer"]
            super().begin()

    def inner(self):
        """Inner events, instant by instant as sets."""
        want = [(float(v["s"]), v["i"], v["kind"], v["s"]) for v in self.expect["inner_events"]]
        got = self.model.events(inner=True)
        if len(got) != len(want):
            self.note("inner events", [v[:3] for v in want], got)
            return
        for v in want:
            same = [g for g in got if g[1:] == v[1:3] and
                    abs(g[0] - v[0]) <= v[0] * (1e-12 + 1e-14 * self.ks)]
            if not same:
                self.note("inner event", v[:3], got)
                return

    def escape(self):
        """w leaves 0 along a ray."""
        e = self.expect
        v = [float(x) for x in e["escape_velocity"]]
        terms = sum(float(c) * r * abs(float(y)) for c, r, y in
                    zip(self.case["input"]["c"], self.rows, self.case["input"]["y"]))
        self.near("escape velocity", self.model.query(VELOCITY, 0.0), v,
                  1e-13 * size(v) + 1e-14 * (1 + self.kw) * terms)

    def stays(self):
        """w = 0 for ever; of a dead or collapsed start the library reports no slides."""
        m = self.model
        if any(m.query(WEIGHTS)):
            self.note("w", 0, m.query(WEIGHTS))
        end = float(self.case["input"]["T"])
        self.same("time", m.query(TIME)[0], end)
        self.same("converged", m.query(CONVERGED)[0] == 1, math.isinf(end))
        if m.events():
            self.note("outer events", [], m.events())


class LeftOut:
    """Limits without one datum each."""

    def __init__(self, case, model):
        self.problems, self.known = [], True
        self.doubtful = bool(model.flags() & DOUBTFUL)
        rows = case["expect"]["rows"]
        got = model.leave_out([row["i"] for row in rows])
        for row, have in zip(rows, got):
            want = [float(v) for v in row["w_end"]]
            kappa = row["conditioning"].get("kappa_w")
            base = max(size(want), 0.1 * row["scale"] if size(want) <= 1e-9 * row["scale"] else 0.0)
            gap = worst(have, want)
            if not gap <= base * 1e-14 * (1 + float(kappa or 1e3)):
                self.known = self.known and kappa is not None
                self.problems.append("without %d: expected %s, got %s (off by %.3g, kappa %s)" %
                                     (row["i"], want, have, gap, kappa))


class Points:
    """The stationary points in the plane; those that hang on a tie are marked by both."""

    def __init__(self, case, model):
        self.problems, self.known, self.doubtful = [], True, False
        self.x = max([size([float(v) for v in row]) for row in case["input"]["X"]])
        got = model.landscape()
        want = case["expect"]["points"]
        self.known = all(p["kappa"] is not None for p in want)
        self.order(got)
        left = list(want)
        for point in got:
            self.doubtful = self.doubtful or bool(point.flags & DOUBTFUL)
            match = [p for p in left if self.equal(p, point)]
            if match:
                left.remove(match[0])
            else:
                self.problems.append("not expected: " + shown(point))
        self.problems += ["missing: %s" % p for p in left
                          if not (p.get("flat_end") and p["type"] == "kink_saddle")]

    def order(self, got):
        """The origin first, the others counterclockwise."""
        if not got or POINTS[got[0].kind] != "origin":
            self.problems.append("the origin is not first")
        angles = []
        for p in got[1:]:
            v = p.w if any(p.w) else p.direction
            angle = math.atan2(v[1], v[0])
            angles.append(angle if angle >= 0 else angle + 2 * math.pi)
        if any(b < a - 1e-12 for a, b in zip(angles, angles[1:])):
            self.problems.append("order: angles %s" % angles)

    def equal(self, want, point):
        kind = POINTS[point.kind]
        if kind != want["type"]:
            return False
        small = 1e-14 * (10 + float(want["kappa"] or 1e3))
        values = []
        if kind == "dead_cone":
            return worst(list(point.w) + list(point.direction),
                         [float(v) for ray in want["rays"] for v in ray]) <= 1e-14
        if abs(point.loss - float(want["loss"])) > \
                small * (float(want["loss"]) + float(want["loss_scale"])):
            return False
        if kind == "flat_min":
            return self.flat(want, point, small)
        w = [float(v) for v in want["w"]]
        if worst(point.w, w) > small * size(w):
            return False
        if kind == "origin":
            return point.datum == -1 and bool(point.flags & 1) == want["clarke_stationary"]
        if "theta" in want and not want["theta_free"]:
            values.append((point.theta, float(want["theta"])))
        if "kink" in want and point.datum != want["kink"][0]:
            return False
        if kind == "kink_ray" and worst(point.direction,
                                        [float(v) for v in want["direction"]]) > 1e-14:
            return False
        return all(abs(a - b) <= 10 * small for a, b in values)

    def flat(self, want, point, small):
        w, e = [float(v) for v in want["line_point"]], [float(v) for v in want["line_dir"]]
        ends = [float(v) for v in want["range"]]
        if point.direction[0] * e[0] + point.direction[1] * e[1] < 0:
            e, ends = [-v for v in e], [-ends[1], -ends[0]]
        if worst(point.w, w) > small * size(w) or worst(point.direction, e) > 1e-14:
            return False
        return all(a == b or abs(a - b) <= 10 * small * (abs(b) + size(w))
                   for a, b in zip(point.range, ends))


def shown(p):
    return "%s datum %d w %s direction %s range %s loss %.17g theta %.17g flags %d" % (
        POINTS[p.kind], p.datum, list(p.w), list(p.direction), list(p.range), p.loss, p.theta,
        p.flags)


def near_start(library, case, scale):
    """w(infinity) from scale u, and the flags."""
    model = Model(library, case)
    try:
        model.along(scale)
        model.run()
        return model.query(WEIGHTS), model.flags()
    finally:
        model.close()
