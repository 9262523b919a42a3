"""agreement_network.py: flows of several neurons of the library against the answers of network.py.

SPDX-License-Identifier: MIT
"""
import ctypes
import math

from agreement import Comparison, size, worst
from library import (AMBIGUOUS, COEFFICIENTS, CONVERGED, DEACTIVATIONS, DOUBLE, DOUBTFUL, ENDINGS,
                     FIRST, INNER, INNER_ENDING, INT64, KINDS, LAST, LOSS, MARGINS, MULTIPLIERS,
                     PATTERN, RATES, REACTIVATIONS, VELOCITY, WEIGHTS, Model, array)

OUTPUTS = 25
UNIT = 2.0 ** -52


def flat(rows):
    return [float(v) for row in rows for v in row]


class Net(Model):
    """A network of the library."""

    def __init__(self, library, case):
        data = dict(case["input"], beta="0.0")
        super().__init__(library, dict(case, input=data))
        self.m = data["m"]
        self.check(library.rf_model_set_outer_weights(
            self.handle, INT64(self.m), array([float(v) for v in data["a"]]), INT64(self.m)))

    def start(self):
        size_w = INT64(self.m * self.d)
        if "W0" in self.data:
            self.check(self.lib.rf_model_init(self.handle, array(flat(self.data["W0"])), size_w))
        else:
            self.check(self.lib.rf_model_init_direction(
                self.handle, array(flat(self.data["U"])), size_w, DOUBLE(0.0)))
        self.initial = self.pattern()

    def pattern(self):
        state = (ctypes.c_uint8 * (self.m * self.n))()
        self.check(self.lib.rf_model_pattern(self.handle, state, INT64(self.m * self.n)))
        return [[[i for i in range(self.n) if state[j * self.n + i] == s]
                 for j in range(self.m)] for s in (1, 2)]

    def events(self, inner=False):
        return [(e.time, e.neuron, e.datum, KINDS[e.kind]) for e in self.record()
                if bool(e.flags & INNER) == inner]


class Networks(Comparison):
    """The differences of a flow of several neurons."""

    def scale(self):
        data = self.case["input"]
        start = size(flat(data["W0"])) if "W0" in data else 0.0
        self.flow = self.expect if "outer" not in self.expect else self.expect["outer"]
        end = size(flat(self.flow["w_end"])) if self.flow else 0.0
        return max(start, end, 1e-300)

    def begin(self):
        e, model = self.expect, self.model
        self.kw *= self.spread()
        self.kt *= self.spread()
        self.kg = max(self.kw, self.kt)
        self.through = any("through_origin" in i["inner_flags"] for i in e.get("inner", []))
        if "inner" in e:
            self.inner()
        if self.flow is None:
            return
        self.expect = self.flow
        self.same("initial pattern", model.initial,
                  [self.expect["initial_active"], self.expect["initial_sliding"]])
        if self.events():
            self.ending()
            self.samples()

    def spread(self):
        """How far the sizes of the neurons are apart, beyond a factor of 100: all are modes of one
        matrix, and rounding is relative to the largest."""
        data = self.case["input"]
        a = [abs(float(v)) for v in data["a"]]
        w = [size([float(v) for v in w]) for w in data.get("W0", data.get("U"))]
        w = [v for v in w if v > 0] or [1.0]
        return max(1.0, max(a) / min(a) * max(w) / min(w) / 100)

    def inner(self):
        """Inner events and endings; every neuron's escape velocity is the velocity at t = 0+."""
        got = sorted(self.model.events(inner=True), key=lambda e: (e[0], e[1]))
        want = sorted(((float(v["s"]), j, v["i"], v["kind"])
                       for j, inner in enumerate(self.expect["inner"])
                       for v in inner["inner_events"]), key=lambda e: (e[0], e[1]))
        for j in range(self.model.m):
            a = [e[2:] for e in want if e[1] == j]
            b = [e[2:] for e in got if e[1] == j]
            if sorted(a) != sorted(b):
                self.note("inner events of %d" % j, a, b)
        for a, b in zip(want, got):
            if abs(a[0] - b[0]) > a[0] * (1e-12 + 1e-14 * self.kt):
                self.note("inner time", a, b)
        one = ["collapse" if "through_origin" in i["inner_flags"] and i["inner_status"] == "dead"
               else i["inner_status"] for i in self.expect["inner"]]
        ending = "escape" if "escape" in one else one[0]
        self.same("ending", ENDINGS[int(self.model.query(INNER_ENDING)[0])], ending)
        if self.flow:
            self.escape()

    def escape(self):
        m, d = self.model.m, self.model.d
        v = self.model.query(VELOCITY, 0.0)
        for j, inner in enumerate(self.expect["inner"]):
            if inner["inner_status"] == "escape" and "orthogonal_to_escape" not in \
                    inner["inner_flags"]:
                want = [float(x) for x in inner["escape_velocity"]]
                self.near("escape velocity of %d" % j, v[j * d:(j + 1) * d], want,
                          size(want) * 1e-14 * (10 + self.kw))
        assert len(v) == m * d

    def events(self):
        got = self.model.events()
        want = [(float(e["t"]), e["j"], e["i"], e["kind"], e["t"]) for e in self.expect["events"]]
        k = 0
        while k < len(want):
            end = k
            while end < len(want) and (want[end][4] == want[k][4] or want[end][0] - want[k][0] <=
                                       want[k][0] * 1e-14 * self.kt):
                end += 1
            have = got[k:end]
            if sorted(e[1:] for e in have) != sorted(e[1:4] for e in want[k:end]):
                self.note("events %d..%d of %d (%d)" % (k, end - 1, len(want), len(got)),
                          want[k:end], have)
                return False
            for e in have:
                blur = UNIT * max(v.get("blur", 0.0) for v in self.expect["events"][k:end])
                if abs(e[0] - want[k][0]) > want[k][0] * (1e-12 + 1e-14 * self.kt) + blur:
                    self.note("time of event %d" % k, want[k][:4], e)
                    break
            spread = max(e[0] for e in have) - min(e[0] for e in have)
            if len({e[4] for e in want[k:end]}) == 1 and spread > 4e-15 * want[k][0]:
                self.note("one instant split", want[k:end], have)
            k = end
        if len(got) > len(want):
            self.note("more events than %d" % len(want), "end", got[len(want):][:4])
            return False
        return True

    def ending(self):
        e, m = self.expect, self.model
        w, z = flat(e["w_end"]), flat(e["z_end"])
        base = max(size(w), 1e-2 * self.scale_w)
        # Of a slow mode the data say more than their matrix, whose singular values err by eps s_0.
        allowed = base * (1e-13 + 1e-14 * self.kw) + UNIT * float(e.get("motion", 0))
        self.near("w_end", m.query(WEIGHTS), w, allowed)
        self.same("final pattern", m.pattern(), [e["final_active"], e["final_sliding"]])
        got = m.query(MARGINS)
        for p, v in enumerate(z):
            j, i = divmod(p, m.n)
            if abs(got[p] - v) > self.rows[i] * allowed * 2 or (
                    i in e["final_sliding"][j] and got[p] != 0):
                self.note("z_end[%d,%d]" % (j, i), v, got[p])
        a = size([float(v) for v in self.case["input"]["a"]])
        self.outputs = [2 * a * r * allowed + 1e-15 * abs(float(y))
                        for r, y in zip(self.rows, self.case["input"]["y"])]
        for i, (f, g) in enumerate(zip(m.query(OUTPUTS), e["f_end"])):
            self.near("f_end[%d]" % i, [f], [float(g)], self.outputs[i])
        weights = m.query(WEIGHTS)
        held = [j for j in range(m.m) if not any(weights[j * m.d:(j + 1) * m.d])]
        if m.d > 1:  # w_j may also tend to 0, and be 0 to the last digit at infinity
            ends = [j for j in held if any(float(v) != 0 for v in e["w_end"][j])]
            self.same("at the origin", sorted(set(ends) | set(held) & set(e["final_origin"])),
                      e["final_origin"])
        self.multipliers()
        self.same("deactivations", m.query(DEACTIVATIONS), flat(e["deactivations"]))
        self.same("reactivations", m.query(REACTIVATIONS), flat(e["reactivations"]))
        self.activity(m.query(FIRST), m.query(LAST))
        self.loss("loss_end", m.query(LOSS)[0], float(e["loss_end"]), [base])
        self.same("converged", m.query(CONVERGED)[0] == 1, e["complete"])
        self.flagged()
        if "alpha_end" in e:
            self.alpha("alpha_end", m.query(COEFFICIENTS), e["alpha_end"],
                       float(self.case["input"]["T"]))
        if "rates" in e and not set(e["flags"]) & {"start_on_kink"}:
            self.rates([float(v) for v in e["rates"]], m.query(RATES))
        self.norm(e, *m.certificate())

    def multipliers(self):
        """theta and u; a pull that vanishes at infinity leaves theta the ratio of two modes, and one that does
        so but for the rounding of the labels leaves it unknown."""
        e, m = self.expect, self.model
        theta, u = m.query(PATTERN), m.query(MULTIPLIERS)
        allowed = 1e-12 + 1e-13 * self.kg
        labels = [abs(float(y)) for y in self.case["input"]["y"]]
        pull = max(abs(float(c) * float(a)) for c in self.case["input"]["c"]
                   for a in self.case["input"]["a"])
        rounding = 2.0 ** -50 * pull * max(labels)  # of Gamma, where outputs meet labels
        for key, v in e["theta_end"].items():
            p = int(key.split(",")[0]) * m.n + int(key.split(",")[1])
            want, force = float(v), abs(float(e["u_end"][key]))
            if force > rounding * want or want == 0:
                self.near("theta[%s]" % key, [theta[p]], [want],
                          allowed + (rounding * want ** 2 / force if want else 0.0))
            self.near("u[%s]" % key, [u[p]], [float(e["u_end"][key])], allowed * pull * 2 *
                      (1 + size(labels)))

    def flagged(self):
        """Is a choice that was made said to be one?"""
        flags = set(self.expect["flags"]) & {"repelling", "origin_unstable", "ambiguous",
                                             "resting_gamma_positive", "start_at_origin"}
        data = self.case["input"]
        if flags == {"start_at_origin"} and all(
                float(y) * float(a) <= 0 for y in data["y"] for a in data["a"]):
            return
        if "origin_exit" in [e["kind"] for e in self.expect["events"]]:
            flags.add("origin_exit")
        if flags and not self.model.flags() & AMBIGUOUS:
            self.note("ambiguous flag", sorted(flags), "not raised")
        quiet = not set(self.expect["flags"]) - {"start_on_kink"} and not flags and not self.through
        if quiet and self.model.flags() & AMBIGUOUS:
            self.note("ambiguous flag", "not raised", "raised")

    def activity(self, first, last):
        e, end = self.expect, float(self.case["input"]["T"])
        m = self.model
        blurs = {float(v["t"]): UNIT * v.get("blur", 0.0) for v in e["events"]}
        for p in range(m.m * m.n):
            j, i = divmod(p, m.n)
            active = i in e["initial_active"][j]
            want = [0.0, math.inf] if active else [math.nan, math.nan]
            instants = [v["t"] for v in e["events"] if v["j"] == j and v["i"] == -1
                        and v["kind"] == "origin"]
            gone = [t for t in instants if not any(
                v["t"] == t and v["j"] == j and v["i"] >= 0 for v in e["events"])]
            for event in e["events"]:
                stop = event["i"] == -1 and event["t"] in gone and event["j"] == j
                if event["j"] == j and (event["i"] == i or (active and stop)):
                    t = float(event["t"])
                    now = event["kind"] in ("activate", "slide_exit_active")
                    if now and want[0] != want[0]:
                        want[0] = t
                    if active and not now:
                        want[1] = t
                    active = now
            if active:
                want[1] = end
            for what, have, t in (("first", first[p], want[0]), ("last", last[p], want[1])):
                if not (have == t or (have != have and t != t) or
                        abs(have - t) <= t * (1e-12 + 1e-14 * self.kt) + blurs.get(t, 0.0)):
                    self.note("%s active of %d,%d" % (what, j, i), t, have)

    def rates(self, expected, got):
        full = sum(float(c) * r * r for c, r in zip(self.case["input"]["c"], self.rows))
        full *= sum(float(a) ** 2 for a in self.case["input"]["a"])
        for want, have in zip(expected + [0.0] * (len(got) - len(expected)), got):
            if not abs(want - have) <= 1e-13 * math.sqrt(want * full) + 1e-26 * full:
                self.note("rates", expected, got)
                return

    def loss(self, what, got, expected, w):
        data = self.case["input"]
        a = size([float(v) for v in data["a"]])
        terms = sum(float(c) * (a * r * size(w) + abs(float(y))) ** 2
                    for c, r, y in zip(data["c"], self.rows, data["y"]))
        small = 1e-14 * (1 + self.kw + self.kt)
        if not abs(got - expected) <= small * math.sqrt(terms * expected) + small ** 2 * terms \
                + 1e-13 * expected:
            self.note(what, expected, got)

    def alpha(self, what, got, expected, t):
        expected = flat(expected)
        data = self.case["input"]
        reach = max([abs(v) for v in expected] + [
            float(c) * abs(float(y)) * t * abs(float(a))
            for c, y in zip(data["c"], data["y"]) for a in data["a"]])
        self.near(what, got, expected, reach * (1e-12 + 1e-13 * self.kg))

    def samples(self):
        instants = [float(e["t"]) for e in self.expect["events"]]
        m = self.model
        for item in self.expect["at"]:
            t = float(item["t"])
            if any(abs(t - s) <= 1e-9 * s for s in instants):
                continue
            w, at = flat(item["w"]), "at %s: " % item["t"]
            self.near(at + "w", m.query(WEIGHTS, t), w, max(size(w), 1e-2 * self.scale_w)
                      * (1e-13 + 1e-14 * self.kg))
            self.loss(at + "loss", m.query(LOSS, t)[0], float(item["loss"]),
                      [max(size(w), self.scale_w)])
            self.alpha(at + "alpha", m.query(COEFFICIENTS, t), item["alpha"], t)
            pattern = m.query(PATTERN, t)
            got = [[i for i in range(m.n) if pattern[j * m.n + i] == 1 and
                    i not in item["sliding"][j]] for j in range(m.m)]
            self.same(at + "active", got, item["active"])
            if "v" in item:
                v = flat(item["v"])
                gap = worst(m.query(VELOCITY, t), v)
                if not gap <= self.speed_bound(w, size(v)):
                    self.note(at + "velocity", v, gap)

    def speed_bound(self, w, speed):
        data = self.case["input"]
        a = size([float(v) for v in data["a"]])
        terms = a * sum(float(c) * r * (a * r * size(w) + abs(float(y))) for c, r, y in
                        zip(data["c"], self.rows, data["y"]))
        return 1e-13 * speed + 1e-14 * (1 + self.kg) * terms


assert DOUBTFUL
