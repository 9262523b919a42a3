"""agreement.py: a flow of the library against the answers of the oracle.

SPDX-License-Identifier: MIT
"""
import math

from library import (AMBIGUOUS, COEFFICIENTS, CONVERGED, DEACTIVATIONS, DOUBTFUL, FIRST, LAST, LOSS,
                     MARGINS, MULTIPLIERS, PATTERN, RATES, REACTIVATIONS, VELOCITY, WEIGHTS)


def size(v):
    return math.sqrt(sum(x * x for x in v))


def worst(a, b):
    """Largest difference; infinite when one side is not finite."""
    gaps = [abs(x - y) for x, y in zip(a, b)]
    return max([g if g == g else math.inf for g in gaps] or [0.0])


class Comparison:
    """The differences of one case, as texts."""

    def __init__(self, case, model):
        self.case, self.model, self.expect = case, model, case["expect"]
        self.problems = []
        kappa = case.get("conditioning") or {}
        self.known = "kappa_w" in kappa
        self.kw = float(kappa.get("kappa_w") or 1e3)
        self.kt = float(kappa.get("kappa_t") or 1e3)
        self.of_theta = kappa.get("kappa_theta") or {}
        self.doubtful = bool(model.flags() & DOUBTFUL)
        self.rows = [size([float(v) for v in row]) for row in case["input"]["X"]]
        self.scale_w = self.scale()
        self.begin()

    def scale(self):
        """The size of w that rounding is measured against."""
        return size([float(v) for v in self.case["input"]["w0"]])

    def begin(self):
        model = self.model
        self.same("initial pattern", model.initial,
                  [self.expect["initial_active"], self.expect["initial_sliding"]])
        if self.events():
            self.ending()
            self.samples()

    def note(self, what, expected, got):
        self.problems.append("%s: expected %s, got %s" % (what, expected, got))

    def same(self, what, got, expected):
        if got != expected:
            self.note(what, expected, got)

    def near(self, what, got, expected, tolerance):
        gap = worst(got, expected)
        if not gap <= tolerance:
            self.note(what, expected, "%s (off by %.3g, allowed %.3g)" % (got, gap, tolerance))

    def events(self):
        """Compares instant by instant, each as a set; False ends the comparison."""
        got = self.model.events()
        want = [(float(e["t"]), e["i"], e["kind"], e["t"]) for e in self.expect["events"]]
        k = 0
        while k < len(want):
            m = k
            while m < len(want) and (want[m][3] == want[k][3] or
                                     want[m][0] - want[k][0] <= want[k][0] * 1e-14 * self.kt):
                m += 1
            have = got[k:m]
            if sorted(e[1:] for e in have) != sorted(e[1:3] for e in want[k:m]):
                self.note("events %d..%d of %d (%d)" % (k, m - 1, len(want), len(got)),
                          want[k:m], have)
                return False
            for e in have:
                if abs(e[0] - want[k][0]) > want[k][0] * (1e-12 + 1e-14 * self.kt):
                    self.note("time of event %d" % k, want[k][:3], e)
                    break
            if len({e[0] for e in have}) > len({e[3] for e in want[k:m]}):
                self.note("one instant split", want[k:m], have)
            k = m
        if len(got) > len(want):
            self.note("more events than %d" % len(want), "end", got[len(want):][:4])
            return False
        return True

    def ending(self):
        e, m = self.expect, self.model
        w, z = [float(v) for v in e["w_end"]], [float(v) for v in e["z_end"]]
        base = size(w) if size(w) > 1e-9 * self.scale_w else 0.1 * self.scale_w
        self.near("w_end", m.query(WEIGHTS), w, base * 1e-14 * (1 + self.kw))
        self.same("final pattern", m.pattern(), [e["final_active"], e["final_sliding"]])
        got = m.query(MARGINS)
        for i in range(m.n):
            bound = self.rows[i] * base * 1e-14 * (2 + self.kw)
            if abs(got[i] - z[i]) > bound or (i in e["final_sliding"] and got[i] != 0):
                self.note("z_end[%d]" % i, z[i], got[i])
        theta, u = m.query(PATTERN), m.query(MULTIPLIERS)
        allowed, inputs = 1e-12 + 1e-13 * self.kw, self.case["input"]
        for i, v in e["theta_end"].items():
            own = 1e-14 * float(self.of_theta.get(i, 0))
            self.near("theta[%s]" % i, [theta[int(i)]], [float(v)], allowed + own)
            v, pull = float(e["u_end"][i]), float(inputs["c"][int(i)]) * float(inputs["y"][int(i)])
            self.near("u[%s]" % i, [u[int(i)]], [v], allowed * (1e-3 + abs(v)) + own * abs(pull))
        self.same("deactivations", m.query(DEACTIVATIONS), e["deactivations"])
        self.same("reactivations", m.query(REACTIVATIONS), e["reactivations"])
        self.activity(m.query(FIRST), m.query(LAST))
        self.loss("loss_end", m.query(LOSS)[0], float(e["loss_end"]),
                  [max(base, self.scale_w)])
        self.same("converged", m.query(CONVERGED)[0] == 1, e["complete"])
        # A ReLU loss without positive labels is convex: its flow is unique, at the origin too.
        data = self.case["input"]
        convex = data["act"] == "relu" and all(float(y) <= 0 for y in data["y"])
        if not convex and set(e["flags"]) & {"repelling", "end_at_origin"} and \
                not m.flags() & AMBIGUOUS:
            self.note("ambiguous flag", e["flags"], "not raised")
        if "alpha_end" in e:
            self.alpha("alpha_end", m.query(COEFFICIENTS), e["alpha_end"],
                       float(self.case["input"]["T"]))
        if "rates" in e and "start_on_kink" not in e["flags"]:
            self.rates([float(v) for v in e["rates"]], m.query(RATES))
        if "norm_strict" in e and hasattr(m.lib, "rf_model_norm_certificate"):
            self.norm(e, *m.certificate())

    def norm(self, e, strict, fail):
        """The certificate of the norm; kappa_norm None: it hangs on a tie.  Its time is a root of
        w.w', whose rounding on ill-conditioned data a perturbation of the data does not see."""
        want = None if e["norm_fail_time"] is None else float(e["norm_fail_time"])
        kappa = (self.case.get("conditioning") or {}).get("kappa_norm", 1e3)
        if kappa is None:
            return
        self.same("norm strictly increasing", strict, int(e["norm_strict"]))
        if (want is None) != (fail is None) or want is not None and \
                not abs(fail - want) <= want * (1e-12 + 1e-14 * float(kappa)):
            self.note("norm fails", want, fail)

    def activity(self, first, last):
        """First and last times active, from the events."""
        e, end = self.expect, float(self.case["input"]["T"])
        for i in range(self.model.n):
            active = i in e["initial_active"]
            want = [0.0, math.inf] if active else [math.nan, math.nan]
            for event in e["events"]:
                if event["i"] == i or (active and event["i"] == -1 and e["end_at_origin"]):
                    t = float(event["t"])
                    now = event["kind"] in ("activate", "slide_exit_active")
                    if now and want[0] != want[0]:
                        want[0] = t
                    if active and not now:
                        want[1] = t
                    active = now
            if active:
                want[1] = end
            for what, have, t in (("first", first[i], want[0]), ("last", last[i], want[1])):
                if not (have == t or (have != have and t != t) or
                        abs(have - t) <= t * (1e-12 + 1e-14 * self.kt)):
                    self.note("%s active of %d" % (what, i), t, have)

    def dependence(self):
        """Of the sliding rows, how nearly dependent they are: what they leave free is known to eps
        times it."""
        basis, most = [], 1.0
        for i in self.expect["final_sliding"]:
            row = [float(v) for v in self.case["input"]["X"][i]]
            rest = list(row)
            for q in basis + basis:
                s = sum(a * b for a, b in zip(q, rest))
                rest = [b - s * a for a, b in zip(q, rest)]
            if size(rest) > 1e-13 * size(row):
                most = max(most, size(row) / size(rest))
                basis.append([v / size(rest) for v in rest])
        return most

    def rates(self, expected, got):
        """Rates are squares of singular values, which carry an absolute error."""
        small = 1e-13 + 2.0 ** -52 * self.dependence()
        full = sum(float(c) * r * r for c, r in zip(self.case["input"]["c"], self.rows))
        for want, have in zip(expected + [0.0] * (len(got) - len(expected)), got):
            if not abs(want - have) <= small * math.sqrt(want * full) + small ** 2 * full:
                self.note("rates", expected, got)
                return

    def loss(self, what, got, expected, w):
        data = self.case["input"]
        terms = sum(float(c) * (r * size(w) + abs(float(y))) ** 2
                    for c, r, y in zip(data["c"], self.rows, data["y"]))
        small = 1e-14 * (1 + self.kw + self.kt)
        if not abs(got - expected) <= small * math.sqrt(terms * expected) + small ** 2 * terms \
                + 1e-13 * expected:
            self.note(what, expected, got)

    def alpha(self, what, got, expected, t):
        expected = [float(v) for v in expected]
        data = self.case["input"]
        reach = max([abs(v) for v in expected] + [float(c) * abs(float(y)) * t for c, y in
                                                  zip(data["c"], data["y"])])
        self.near(what, got, expected, reach * (1e-12 + 1e-13 * (self.kw + self.kt)))

    def samples(self):
        instants = [float(e["t"]) for e in self.expect["events"]]
        for item in self.expect["at"]:
            t = float(item["t"])
            if any(abs(t - s) <= 1e-9 * s for s in instants):
                continue
            w = [float(v) for v in item["w"]]
            at = "at %s: " % item["t"]
            got = self.model.query(WEIGHTS, t)
            self.near(at + "w", got, w, max(size(w), 1e-2 * self.scale_w)
                      * (1e-13 + 1e-14 * (self.kw + self.kt)))
            self.loss(at + "loss", self.model.query(LOSS, t)[0], float(item["loss"]),
                      [max(size(w), self.scale_w)])
            self.alpha(at + "alpha", self.model.query(COEFFICIENTS, t), item["alpha"], t)
            pattern = self.model.query(PATTERN, t)
            self.same(at + "active", [i for i, v in enumerate(pattern)
                                      if v == 1 and i not in item["sliding"]], item["active"])
            if "v" in item:
                v = [float(x) for x in item["v"]]
                speed = max(size(v), 1e-14 * size(w) / max(t, 1e-300))
                self.near(at + "velocity", self.model.query(VELOCITY, t), v,
                          self.speed_bound(w, speed))

    def speed_bound(self, w, speed):
        """Rounding of the gradient: it sums terms c |x| |r|."""
        data = self.case["input"]
        terms = sum(float(c) * r * (r * size(w) + abs(float(y))) for c, r, y in
                    zip(data["c"], self.rows, data["y"]))
        return 1e-13 * speed + 1e-14 * (1 + self.kw + self.kt) * terms
