"""test_certify.py: certificates of the norm.  SPDX-License-Identifier: MIT"""
import math
import random

import harness
from test_numbers import dot, norm

# w1' = 1 - w1 and w2' = 4 (1 - w2): the rows do not share a variable.
APART = "a,b,y\n1,0,1\n0,2,2\n"


def apart(t):
    """w and w' of APART from (0.5, 3)."""
    fast, slow = math.exp(-4 * t), math.exp(-t)
    return (1 - slow / 2, 1 + 2 * fast), (slow / 2, -8 * fast)


def bisect(function, low, high):
    """Where a function that falls through 0 between low and high does so."""
    for _ in range(200):
        middle = (low + high) / 2
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return low


def velocity(rows, w):
    result = [0.0] * len(w)
    for row in rows:
        z = dot(row[:-1], w)
        if z > 0:
            for k, x in enumerate(row[:-1]):
                result[k] += (row[-1] - z) * x
    return result


def integrate(rows, w, step, steps):
    """|w| along the flow by the classical Runge-Kutta method."""
    norms = [norm(w)]
    for _ in range(steps):
        k1 = velocity(rows, w)
        k2 = velocity(rows, [a + step / 2 * b for a, b in zip(w, k1)])
        k3 = velocity(rows, [a + step / 2 * b for a, b in zip(w, k2)])
        k4 = velocity(rows, [a + step * b for a, b in zip(w, k3)])
        w = [a + step / 6 * (b + 2 * c + 2 * d + e)
             for a, b, c, d, e in zip(w, k1, k2, k3, k4)]
        norms.append(norm(w))
    return norms


def largest_fall(norms):
    peak, fall = norms[0], 0.0
    for value in norms:
        peak = max(peak, value)
        fall = max(fall, peak - value)
    return fall


class Certify(harness.Case):
    def test_proved(self):
        name = self.write("x.csv", "a,y\n1,2\n")
        report = self.report("certify", name, "--start", self.write("start", "0.5"))
        certificate = report["norm"]
        self.assertEqual((certificate["certificate"], certificate["first_failure"],
                          certificate["largest_fall"]), ("proved", None, 0))
        self.assertEqual((report["end"]["certified"], report["end"]["weights"]), (True, [2]))
        text = self.good("certify", name, "--start", "start")
        self.assertIn("\nNorm of w    0.5 at the start, 2 at the end\n"
                      "Certificate  proved: |w| strictly increases\n", text)
        self.assertIn("\nRun          limit reached, certified: no event is left\n", text)

    def test_neither(self):
        """A neuron that no row moves."""
        name = self.write("x.csv", "a,y\n1,2\n")
        report = self.report("certify", name, "--start", self.write("start", "-1"))
        self.assertEqual(report["norm"]["certificate"], "neither")
        self.assertIn("\nCertificate  neither: |w| never falls, but w does not move at some time\n",
                      self.good("certify", name, "--start", "start"))

    def test_refuted_at_the_start(self):
        """w(t) = 2 + exp(-t)."""
        name, start = self.write("x.csv", "a,y\n1,2\n"), self.write("start", "3")
        certificate = self.report("certify", name, "--start", start)["norm"]
        self.assertEqual((certificate["certificate"], certificate["first_failure"]), ("refuted", 0))
        self.assertEqual((certificate["before"], certificate["event"]), (None, None))
        self.assertEqual(certificate["at"], {"time": 0, "weight_norm": 3, "rate": -3})
        self.assert_close(certificate["largest_fall"], 1, 1e-15)
        self.assertEqual(certificate["fall_to"]["time"], "inf")
        part = self.report("certify", name, "--start", start, "--t-end", "1")
        self.assert_close(part["norm"]["largest_fall"], 1 - 1 / math.e, 1e-14)
        self.assertEqual(part["end"]["reason"], "time")
        begun = self.good("certify", name, "--start", start, "--t-end", "0")
        self.assertTrue(begun.endswith("\nLargest fall of |w|: 0\n"))
        self.assertNotIn("fall from", begun)
        text = self.good("certify", name, "--start", start)
        self.assertIn("\nfall from ", text)
        self.assertIn("\nCertificate  refuted: |w| does not increase, from t = 0 on it falls\n"
                      "             at the start\nevent before none\nevent after  none\n", text)

    def test_refuted_at_the_start_between_and_after(self):
        """From (0.5, 3) |w| falls at first, and grows in the end: the fall ends where w . w' = 0."""
        name = self.write("x.csv", APART)
        run = ("certify", name, "--start", self.write("start", "0.5,3"))
        certificate = self.report(*run)["norm"]
        turn = bisect(lambda t: -dot(*apart(t)), 0, 2)
        self.assertEqual(certificate["first_failure"], 0)
        self.assert_close(certificate["fall_to"]["time"], turn, 1e-12)
        self.assert_close(certificate["largest_fall"], norm((0.5, 3)) - norm(apart(turn)[0]), 1e-13)

    def test_a_fall_that_ends_late(self):
        """From (1 - 1e-6, 3): |w| turns where 1e-6 exp(-t) (1 - 1e-6 exp(-t)) is 8 exp(-4 t)
        (1 + 2 exp(-4 t)), at 5.3; its growth from there on is 1e-9 large, and known to 1e-16."""
        name = self.write("x.csv", APART)
        report = self.report("certify", name, "--start", self.write("start", "0.999999,3"))

        def rate(t):
            slow, fast = 1e-6 * math.exp(-t), math.exp(-4 * t)
            return slow * (1 - slow) - 8 * fast * (1 + 2 * fast)

        turn = bisect(lambda t: -rate(t), 1, 10)
        self.assert_close(report["norm"]["fall_to"]["time"], turn, 1e-6)

    def test_refuted_between_events(self):
        """w1(t) = 1 - 0.9 exp(-4 t), w2(t) = 1 + 0.1 exp(-t): |w| grows at first, then it falls."""
        name = self.write("x.csv", "a,b,y\n2,0,2\n0,1,1\n")
        run = ("certify", name, "--start", self.write("start", "0.1,1.1"))

        def path(t):
            return 1 - 0.9 * math.exp(-4 * t), 1 + 0.1 * math.exp(-t)

        def rate(t):
            w1, w2 = path(t)
            return 4 * w1 * (1 - w1) + w2 * (1 - w2)

        certificate = self.report(*run)["norm"]
        turn = bisect(rate, 0, 5)
        self.assertEqual(certificate["certificate"], "refuted")
        self.assert_close(certificate["first_failure"], turn, 1e-12)
        self.assert_close(certificate["largest_fall"], norm(path(turn)) - math.sqrt(2), 1e-14)
        self.assert_close(certificate["at"]["weight_norm"], norm(path(turn)), 1e-14)
        self.assert_close(certificate["at"]["rate"], 0, 1e-14)
        self.assertEqual([certificate[key] for key in ("event_before", "event", "event_after")],
                         [None] * 3)
        text = self.good(*run)
        self.assertIn(" on it falls\n             between two events:\nevent before none\n", text)
        self.assertIn("\nLargest fall of |w|: %.6g\n" % certificate["largest_fall"], text)

    def failing(self, seeds):
        """Random problems, and what certify says of them."""
        for seed in seeds:
            generator = random.Random(seed)
            rows = [[generator.gauss(0, 1), generator.gauss(0, 1), abs(generator.gauss(0, 1))]
                    for _ in range(6)]
            w = [generator.gauss(0, 1), generator.gauss(0, 1)]
            name = self.write_table("x.csv", ["a", "b", "y"], rows)
            start = self.write("start", ",".join(map(repr, w)))
            yield rows, w, self.report("certify", name, "--start", start, "--t-end", "4")

    def test_against_runge_kutta(self):
        """The classical method is of fourth order between events; a step that holds an event is
        wrong by at most the step times the jump of w', which is |y| |x| of the row that passes its
        kink.  What is compared falls or grows by the difference of two such values.  An extremum
        between two steps is missed by step^2 / 8 times the second derivative of |w|, below 20
        here."""
        step, verdicts = 2e-3, []
        for rows, w, report in self.failing(range(12)):
            jump = max(abs(row[-1]) * norm(row[:-1]) for row in rows)
            error = 2 * step * jump * report["event_counts"]["total"] + 1e-5
            norms = integrate(rows, w, step, 2000)
            certificate = report["norm"]
            verdicts.append(certificate["certificate"])
            self.assert_close(report["end"]["weight_norm"], norms[-1], error)
            self.assert_close(certificate["largest_fall"], largest_fall(norms), error)
            if certificate["certificate"] == "refuted":
                before = norms[:int(certificate["first_failure"] / step) + 1]
                self.assertLessEqual(largest_fall(before), error)
        self.assertTrue(set(verdicts) >= {"proved", "refuted"})

    def test_rates_and_events_around_a_failure(self):
        """The bundled data, from afar: the times are in order, the rate changes its sign."""
        count = 0
        for seed in range(6):
            run = ("--scale", "100", "--seed", str(seed))
            certificate = self.report("certify", *run)["norm"]
            if certificate["certificate"] != "refuted":
                continue
            at, after = certificate["at"], certificate["after"]
            self.assertLess(at["time"], after["time"])
            self.assertLess(after["rate"], 0)
            self.assertLess(certificate["fall_from"]["time"], certificate["fall_to"]["time"])
            self.assertEqual(certificate["largest_fall"], certificate["fall_from"]["weight_norm"]
                             - certificate["fall_to"]["weight_norm"])
            events = self.report("flow", *run)["events"]
            times = [event["time"] for event in events]
            for key, around in (("event_before", [t for t in times if t < at["time"]][-1:]),
                                ("event", [t for t in times if t == at["time"]][:1]),
                                ("event_after", [t for t in times if t > at["time"]][:1])):
                event = certificate[key]
                self.assertEqual(event, events[times.index(around[0])] if around else None)
            if certificate["before"] is not None:
                count += 1
                self.assertLess(certificate["before"]["time"], at["time"])
                self.assertGreater(certificate["before"]["rate"], 0)
        self.assertGreater(count, 0)

    def test_same_run_as_flow(self):
        for arguments in ((), ("--scale", "0"), ("--max-events", "7"), ("--t-end", "1.5")):
            flow, certify = self.report("flow", *arguments), self.report("certify", *arguments)
            for part in ("data", "options", "start", "end", "event_counts"):
                self.assertEqual(flow[part], certify[part])

    def test_inner_events_do_not_count(self):
        certificate = self.report("certify", "--scale", "0")["norm"]
        self.assertEqual(certificate["certificate"], "proved")
        text = self.good("certify", "--scale", "0")
        self.assertIn("\nInner flow   escape: ", text)
