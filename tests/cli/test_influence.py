"""test_influence.py: flow --influence.  SPDX-License-Identifier: MIT"""
import random
import re

import harness
from test_numbers import norm


def without(rows, k):
    return rows[:k] + rows[k + 1:]


class Influence(harness.Case):
    def problem(self, seed, n=9, d=3):
        generator = random.Random(seed)
        return [[generator.gauss(0, 1) for _ in range(d)] + [generator.uniform(-1, 2)]
                for _ in range(n)]

    def test_against_smaller_files(self):
        """The limit without a row is that of the file without the row, from the same start.  The
        two differ by rounding: the limits solve systems of at most 9 rows of size about 1, whose
        rates are above 1e-2; 1e-11 is 500 times eps / 1e-2."""
        header = ["a", "b", "c", "y"]
        start = self.write("start", "0.3,-0.2,0.25")
        for seed in range(4):
            rows = self.problem(seed)
            report = self.report("flow", self.write_table("x.csv", header, rows), "--start", start,
                                 "--influence")
            found = report["influence"]["rows"]
            distances = [one["distance"] for one in found]
            self.assertEqual(distances, sorted(distances, reverse=True))
            self.assertEqual(sorted(one["row"] for one in found), list(range(1, 10)))
            for one in found:
                name = self.write_table("less.csv", header, without(rows, one["row"] - 1))
                less = self.report("flow", name, "--start", start)["end"]["weights"]
                self.assert_close(one["weights"], less, 1e-11)
                moved = norm([a - b for a, b in zip(less, report["end"]["weights"])])
                self.assert_close(one["distance"], moved, 1e-11)
                self.assertEqual(one["essential"], moved > 1e-11)
            self.assertLess(report["influence"]["accuracy"], 1e-11)

    def test_rows_that_never_act(self):
        """Row 2 is on the inactive side of the kink of a neuron that moves away from it."""
        name = self.write("x.csv", "a,y\n1,2\n-1,5\n")
        report = self.report("flow", name, "--start", self.write("start", "1"), "--influence")
        self.assertEqual([(one["row"], one["distance"], one["essential"], one["weights"])
                          for one in report["influence"]["rows"]],
                         [(1, 1, True, [1]), (2, 0, False, [2])])

    def test_lists_of_rows(self):
        rows = self.problem(7)
        name = self.write_table("x.csv", ["a", "b", "c", "y"], rows)
        whole = self.report("flow", name, "--influence", "all")["influence"]["rows"]
        for text, wanted in (("4", {4}), ("2-5", {2, 3, 4, 5}), ("9,1-2,2", {1, 2, 9})):
            for arguments in (["--influence", text, name], ["--influence=" + text, name],
                              [name, "--influence", text]):
                some = self.report("flow", *arguments)["influence"]["rows"]
                self.assertEqual(some, [one for one in whole if one["row"] in wanted])
        self.assertEqual(self.report("flow", "--influence", name)["influence"]["rows"], whole)

    def test_absent_unless_asked(self):
        self.assertNotIn("influence", self.report("flow", "--t-end", "1"))
        self.assertNotIn("Influence", self.good("flow", "--t-end", "1"))

    def test_does_not_change_the_run(self):
        name = self.write_table("x.csv", ["a", "b", "c", "y"], self.problem(3))
        report = self.report("flow", name, "--influence")
        del report["influence"]
        self.assertEqual(report, self.report("flow", name))

    def test_scale_0(self):
        """w' = sum of the active rows: without row 1, w(infinity) of row 2 alone."""
        name = self.write("x.csv", "a,b,y\n1,0,1\n0,1,3\n")
        seed = next(str(k) for k in range(100) if min(
            self.report("flow", name, "--scale", "0", "--seed", str(k))["start"]["direction"]) > 0)
        report = self.report("flow", name, "--scale", "0", "--seed", seed, "--influence")
        found = [(one["row"], one["weights"]) for one in report["influence"]["rows"]]
        self.assertEqual([row for row, _ in found], [2, 1])
        self.assert_close(found[0][1], [1, 0], 1e-15)
        self.assert_close(found[1][1], [0, 3], 1e-15)

    def test_text(self):
        name = self.write_table("x.csv", ["a", "b", "c", "y"], self.problem(1, n=25))
        report = self.report("flow", name, "--influence")
        essential = sum(one["essential"] for one in report["influence"]["rows"])
        for arguments, count in ((["--influence"], 20), (["--influence", "--all"], 25),
                                 (["--influence", "3,1"], 2)):
            text = self.good("flow", name, *arguments)
            table = re.search(r"\nInfluence: .*\n +row +label .*\n((?: +\d.*\n)+)essential: ", text)
            lines = table.group(1).splitlines()
            self.assertEqual(len(lines), count)
            if count >= 20:
                self.assertEqual([int(line.split()[0]) for line in lines],
                                 [one["row"] for one in report["influence"]["rows"]][:count])
                self.assertIn("; %d of 25 rows are essential\n" % essential, text)
            self.assertEqual("The 20 of 25 with the largest |dw|; --all shows all." in text,
                             count == 20)

    def test_weights_of_zero(self):
        name = self.write("x.csv", "a,y\n1,-3\n")
        text = self.good("flow", name, "--start", self.write("start", "0"), "--influence")
        self.assertRegex(text, r"\n +1 +-3 +0 +no  ")
