"""compare.py: the library against the many-digit oracle on random cases.

SPDX-License-Identifier: MIT

    compare.py LIBRARY [--seed S] [--count N] [--kind K ...] [--quick] [--files F ...] [--save DIR]

LIBRARY is the shared library.  Without --files, N random cases are drawn from the kinds of
cases.py; with it, cases with their answers are read.  A case on which the library raises
RF_FLAG_DOUBTFUL, or whose solution is not unique by exact ties, may differ; it is counted.
Ends with status 1 if any other case differs.
"""
import argparse
import ctypes
import json
import math
import os
import sys

INT64, DOUBLE = ctypes.c_int64, ctypes.c_double
KINDS = {1: "deactivate", 2: "activate", 3: "slide_enter", 4: "slide_exit_active",
         5: "slide_exit_inactive", 6: "origin"}
ACTIVATION = {"relu": 0, "leaky": 1, "linear": 2}
TIME, WEIGHTS, VELOCITY, LOSS, MARGINS, PATTERN, COEFFICIENTS = 1, 2, 3, 4, 9, 11, 12
MULTIPLIERS, DEACTIVATIONS, REACTIVATIONS, FIRST, LAST = 13, 14, 15, 16, 17
CONVERGED, FLAGS, RATES = 19, 21, 24
DOUBTFUL, AMBIGUOUS = 2, 1


class Event(ctypes.Structure):
    _fields_ = [("time", DOUBLE), ("datum", INT64), ("neuron", INT64), ("kind", ctypes.c_int32),
                ("flags", ctypes.c_int32)]


def array(values):
    return (DOUBLE * len(values))(*values)


class Model:
    """A run of the library, through its public functions."""

    def __init__(self, library, case):
        self.lib, data = library, case["input"]
        self.n, self.d = data["n"], data["d"]
        flat = [float(v) for row in data["X"] for v in row]
        self.handle = ctypes.c_void_p()
        self.check(library.rf_model_create(INT64(self.n), INT64(self.d), array(flat),
                                           array([float(v) for v in data["y"]]),
                                           ctypes.byref(self.handle)))
        self.check(library.rf_model_set_activation(self.handle, ACTIVATION[data["act"]],
                                                   DOUBLE(float(data["beta"]))))
        self.check(library.rf_model_set_data_weights(
            self.handle, array([float(v) for v in data["c"]]), INT64(self.n)))
        self.check(library.rf_model_set_event_limit(self.handle, INT64(100000)))
        self.check(library.rf_model_init(self.handle, array([float(v) for v in data["w0"]]),
                                         INT64(self.d)))
        self.initial = self.pattern()
        self.check(library.rf_model_integrate(self.handle, DOUBLE(float(data["T"]))))

    def check(self, status):
        if status != 0:
            raise RuntimeError("status %d" % status)

    def close(self):
        self.lib.rf_model_free(self.handle)

    def query(self, quantity, t=None):
        size = INT64()
        self.check(self.lib.rf_model_query_size(self.handle, quantity, ctypes.byref(size)))
        out = (DOUBLE * size.value)()
        if t is None:
            self.check(self.lib.rf_model_query(self.handle, quantity, out, size))
        else:
            self.check(self.lib.rf_model_query_at(self.handle, DOUBLE(t), quantity, out, size))
        return list(out)

    def pattern(self):
        state = (ctypes.c_uint8 * self.n)()
        self.check(self.lib.rf_model_pattern(self.handle, state, INT64(self.n)))
        return [[i for i in range(self.n) if state[i] == s] for s in (1, 2)]

    def events(self):
        count = self.lib.rf_model_event_count(self.handle)
        out = (Event * max(count, 1))()
        self.check(self.lib.rf_model_events(self.handle, INT64(0), INT64(count), out))
        return [(e.time, e.datum, KINDS[e.kind]) for e in out[:count]]


def load(path):
    library = ctypes.CDLL(path)
    library.rf_model_event_count.restype = INT64
    for name in ("create", "set_activation", "set_data_weights", "set_event_limit", "init",
                 "integrate", "query_size", "query", "query_at", "pattern", "events"):
        getattr(library, "rf_model_" + name).restype = ctypes.c_int32
    library.rf_model_free.restype = None
    library.rf_model_free.argtypes = [ctypes.c_void_p]
    library.rf_model_event_count.argtypes = [ctypes.c_void_p]
    return library


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
        self.known = bool(kappa)
        self.kw = float(kappa.get("kappa_w") or 1e3)
        self.kt = float(kappa.get("kappa_t") or 1e3)
        self.doubtful = bool(int(model.query(FLAGS)[0]) & DOUBTFUL)
        data = case["input"]
        self.scale_w = size([float(v) for v in data["w0"]])
        self.rows = [size([float(v) for v in row]) for row in data["X"]]
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
            while m < len(want) and want[m][3] == want[k][3]:
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
            if len({e[0] for e in have}) > 1:
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
        allowed = 1e-12 + 1e-13 * self.kw
        for i, v in e["theta_end"].items():
            self.near("theta[%s]" % i, [theta[int(i)]], [float(v)], allowed)
            v = float(e["u_end"][i])
            self.near("u[%s]" % i, [u[int(i)]], [v], allowed * (1e-3 + abs(v)))
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
                not int(m.query(FLAGS)[0]) & AMBIGUOUS:
            self.note("ambiguous flag", e["flags"], "not raised")
        if "alpha_end" in e:
            self.alpha("alpha_end", m.query(COEFFICIENTS), e["alpha_end"],
                       float(self.case["input"]["T"]))
        if "rates" in e and "start_on_kink" not in e["flags"]:
            self.rates([float(v) for v in e["rates"]], m.query(RATES))

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

    def rates(self, expected, got):
        """Rates are squares of singular values, which carry an absolute error."""
        full = sum(float(c) * r * r for c, r in zip(self.case["input"]["c"], self.rows))
        for want, have in zip(expected + [0.0] * (len(got) - len(expected)), got):
            if not abs(want - have) <= 1e-13 * math.sqrt(want * full) + 1e-26 * full:
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


def compare(library, case):
    """(problems, doubtful, condition known) of one case with its answers."""
    try:
        model = Model(library, case)
    except RuntimeError as error:
        return ["run: %s" % error], False, True
    try:
        result = Comparison(case, model)
        return result.problems, result.doubtful, result.known
    finally:
        model.close()


def drawn(args):
    """Random cases with their answers."""
    import cases
    import oracle
    kinds = args.kind or (cases.QUICK if args.quick else list(cases.KINDS))
    for k in range(args.count):
        case = cases.make(kinds[(k + args.seed) % len(kinds)], args.seed + k // len(kinds))
        try:
            case["expect"] = oracle.run(case, extra=True)
            case["conditioning"] = oracle.condition(case, 1)
        except oracle.Unsupported as error:
            print("%-20s left out: %s" % (case["name"], error))
            continue
        yield case


def read(paths):
    for path in paths:
        with open(path, encoding="utf-8") as f:
            case = json.load(f)
        if case["kind"] == "flow":
            yield case


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--kind", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--files", nargs="*")
    parser.add_argument("--save")
    args = parser.parse_args()
    library = load(args.library)
    counts = {"same": 0, "same, doubtful": 0, "differs, doubtful": 0, "differs, unstable": 0,
              "DIFFERS": 0}
    for case in read(args.files) if args.files else drawn(args):
        problems, doubtful, known = compare(library, case)
        degenerate = not known and "degenerate" in case["expect"]["flags"]
        kind = ("same, doubtful" if doubtful else "same") if not problems else \
            "differs, doubtful" if doubtful else "differs, unstable" if degenerate else "DIFFERS"
        counts[kind] += 1
        if problems:
            print("%-20s %s%s" % (case["name"], kind, "" if known else " (exact ties)"),
                  flush=True)
            for text in problems[:4]:
                print("    " + text[:600])
            if args.save:
                with open(os.path.join(args.save, case["name"] + ".json"), "w") as f:
                    json.dump(case, f)
    print(", ".join("%s: %d" % item for item in counts.items()))
    return 1 if counts["DIFFERS"] else 0


if __name__ == "__main__":
    sys.exit(main())
