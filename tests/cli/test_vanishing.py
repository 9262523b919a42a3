"""test_vanishing.py: --scale 0, vanishing initialization.  SPDX-License-Identifier: MIT"""
import math

import harness
from test_numbers import norm, random_direction

# From below both axes the inner flow cannot start; from elsewhere it leaves along (1, 1), (1, 0) or
# (0, 1).
AXES = "a,b,y\n1,0,1\n0,1,1\n"


def seed_with_signs(*signs):
    """The first seed whose direction in the plane has these signs."""
    return next(str(k) for k in range(1000)
                if [x > 0 for x in random_direction(k, 2)] == [s > 0 for s in signs])


class Vanishing(harness.Case):
    def test_quadrants(self):
        """w' = 1 - w in every coordinate that starts positive; the others do not move."""
        name = self.write("x.csv", AXES)
        for signs, wanted, ending in (((1, 1), [1, 1], "escape"), ((1, -1), [1, 0], "escape"),
                                      ((-1, 1), [0, 1], "escape"), ((-1, -1), [0, 0], "dead")):
            seed = seed_with_signs(*signs)
            report = self.report("flow", name, "--scale", "0", "--seed", seed)
            self.assert_close(report["end"]["weights"], wanted, 1e-15)
            self.assertEqual(report["end"]["inner_ending"], ending)
            self.assertTrue(report["end"]["certified"])
            self.assertEqual(report["start"]["weights"], [0, 0])
            self.assertEqual(report["start"]["direction"], random_direction(int(seed), 2))
            self.assertEqual(report["options"]["scale"], 0)
            half = self.report("flow", name, "--scale", "0", "--seed", seed, "--t-end", "1")
            self.assert_close(half["end"]["weights"], [(1 - 1 / math.e) * x for x in wanted],
                              1e-15)

    def test_text(self):
        name = self.write("x.csv", AXES)
        text = self.good("flow", name, "--scale", "0", "--seed", seed_with_signs(1, 1))
        self.assertIn("\nStart        w(0) -> 0 along u, u a random unit vector, seed ", text)
        self.assertIn("\nInner flow   escape: w leaves 0 along a ray; events before t = 0+: 0\n",
                      text)
        text = self.good("flow", name, "--scale", "0", "--seed", seed_with_signs(-1, -1))
        self.assertIn("\nInner flow   dead: no row is active any more, w stays 0; events before "
                      "t = 0+: 0\n", text)
        self.assertNotIn("Inner flow", self.good("flow", name))

    def test_inner_events(self):
        """The inner flow moves with (1, 0) from u = (a, b), b < 0 < a.  Where a + 2b < 0 the row
        (1, 2) becomes active at s = -(a + 2b), with its label 1 then; before, only row 1 pulls."""
        name = self.write("x.csv", "a,b,y\n1,0,1\n1,2,1\n")
        seed = next(k for k in range(1000) if random_direction(k, 2)[0] > 0
                    and sum(x * f for x, f in zip(random_direction(k, 2), (1, 2))) < 0)
        u = random_direction(seed, 2)
        run = ("flow", name, "--scale", "0", "--seed", str(seed))
        report = self.report(*run)
        self.assertEqual(len(report["events"]), 1)
        event = report["events"][0]
        self.assertEqual((event["row"], event["kind"], event["inner"]), (2, "activate", True))
        self.assert_close(event["time"], -(u[0] + 2 * u[1]), 1e-15)
        self.assertEqual((report["event_counts"]["inner"], report["event_counts"]["total"]), (1, 0))
        self.assertEqual(report["rows"]["first_active"], [0, 0])
        self.assert_close(report["end"]["weights"], [1, 0], 1e-14)
        text = self.good(*run, "--events")
        self.assertRegex(text, r"\n +\S+ +2  activate, inner \(time s\)\n\Z")
        self.assertIn("\nEvents       0\n", text)

    def test_limit_of_small_scales(self):
        """w at T is O(scale) away from that of scale 0, on data with events."""
        for seed in ("0", "3"):
            run = ("flow", "--seed", seed, "--t-end", "2")
            limit = self.report(*run, "--scale", "0")["end"]["weights"]
            errors = []
            for scale in (1e-3, 1e-5, 1e-7):
                w = self.report(*run, "--scale", repr(scale))["end"]["weights"]
                errors.append(norm([a - b for a, b in zip(w, limit)]) / scale)
            self.assertLess(max(errors), 3 * min(errors))
            self.assertLess(max(errors), 100)

    def test_start_file_of_zeros_is_something_else(self):
        name, start = self.write("x.csv", AXES), self.write("start", "0,0")
        report = self.report("flow", name, "--start", start)
        self.assertEqual((report["end"]["inner_ending"], report["end"]["not_unique"]),
                         ("none", True))

    def test_negative_zero(self):
        name = self.write("x.csv", AXES)
        self.assertEqual(self.good("flow", name, "--scale", "-0"),
                         self.good("flow", name, "--scale", "0"))
        for seed in ("0", "1", "2"):
            text = self.good("flow", name, "--scale", "0", "--seed", seed, "--json", "--t-end", "0")
            self.assertNotRegex(text, r"-0[],]")
