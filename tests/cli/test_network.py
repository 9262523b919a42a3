"""test_network.py: several neurons with fixed outer weights.  SPDX-License-Identifier: MIT"""
import math
import re

import harness

# Symmetric under x -> -x with y even: |x| = relu(x) + relu(-x).
EVEN = "x,y\n-2,2\n-1,1\n1,1\n2,2\n"
# Two rows at right angles: the margins are the weights.
SQUARE = "a,b,y\n1,0,1\n0,1,-1\n"


class Network(harness.Case):
    def even(self, *arguments):
        return self.report("flow", self.write("even.csv", EVEN), *arguments)

    def small(self):
        """Every ninth row of the bundled data, two variables."""
        header, rows = harness.bundled_rows()
        places = [header.index(name) for name in ("bmi", "s5", "progression")]
        return self.write_table("small.csv", [header[k] for k in places],
                                [[row[k] for k in places] for row in rows[::9]])

    def test_absolute_value(self):
        """Two neurons of outer weight 1 fit |x| from both sides; H = 5 for each of them."""
        found = self.even("--neurons", "2", "--start", self.write("start", "0.5\n-0.25\n"))
        self.assertTrue(found["end"]["certified"])
        self.assert_close(found["end"]["weights"], [1.0, -1.0], 1e-14)
        self.assert_close(found["end"]["loss"], 0.0, 1e-28)
        self.assert_close(found["end"]["slowest_rate"], 5.0, 1e-14)
        network = found["network"]
        # No line does better than 0 on even data; the loss of 0 is (4 + 1 + 1 + 4)/2.
        self.assert_close([network["linear_loss"], network["zero_loss"]], [5.0, 5.0], 1e-14)
        self.assertEqual([one["certificate"] for one in network["neurons"]], ["proved"] * 2)
        self.assertEqual([one["group"] for one in network["neurons"]], [1, 2])
        self.assertEqual([one["active"] for one in network["neurons"]], [2, 2])

    def test_groups(self):
        """Two neurons of one direction are a group; a dead one is in no group."""
        rows = self.write("right.csv", "x,y\n1,3\n2,6\n")
        found = self.report("flow", rows, "--outer", self.write("a", "1,2\n-1\n"), "--start",
                            self.write("start", "0.5\n1\n-1\n"))
        network = found["network"]
        self.assertEqual(found["options"]["outer"], [1, 2, -1])
        self.assertEqual([one["alive"] for one in network["neurons"]], [True, True, False])
        self.assertEqual([one["group"] for one in network["neurons"]], [1, 1, 3])
        self.assertEqual(len(network["groups"]), 1)
        self.assert_close(network["groups"][0]["outer"], 3.0, 1e-15)
        self.assert_close(network["groups"][0]["weight"], 3.0, 1e-14)  # f(x) = 3 x
        self.assertEqual(network["neurons"][2]["certificate"], "neither")

    def test_one_neuron_is_the_same(self):
        """--neurons 1 gives the numbers of a neuron, and -1 with -y those of 1 with y."""
        name = self.write("square.csv", SQUARE)
        flipped = self.write("flipped.csv", SQUARE.replace(",1\n", ",-1\n", 1)
                             .replace("1,-1\n", "1,1\n"))
        start = self.write("start", "0.25\n0.5\n")
        plain = self.report("flow", name, "--start", start)
        one = self.report("flow", name, "--start", start, "--neurons", "1")
        minus = self.report("flow", flipped, "--start", start, "--outer", self.write("a", "-1\n"))
        self.assertEqual(one["end"], plain["end"])
        self.assertEqual(one["event_counts"], plain["event_counts"])
        self.assert_close(minus["end"]["weights"], plain["end"]["weights"], 1e-15)
        columns = dict(plain["rows"])
        del columns["label"], columns["residual"]
        self.assertEqual(one["network"]["neurons"][0]["rows"], columns)
        self.assertNotIn("network", plain)

    def test_origin(self):
        """A neuron slides into the origin at t = ln(6), and is held there; the other, at rest,
        has no part in it.  No ray of escape: the data do not pull it out."""
        name = self.write("x.csv", "a,b,y\n-4,-4,-1\n-1,-2,-2\n0,1,-1\n4,-1,-2\n")
        found = self.report("flow", name, "--neurons", "2", "--outer", "signs", "--start",
                            self.write("start", "-1,2\n0,0\n"))
        self.assertEqual(found["options"]["outer"], [1, -1])
        self.assertEqual([(event["row"], event["neuron"], event["kind"])
                          for event in found["events"]],
                         [(1, 1, "slide_enter"), (None, 1, "origin")])
        self.assertEqual([one["origins"] for one in found["network"]["neurons"]], [1, 0])
        self.assertEqual([one["group"] for one in found["network"]["neurons"]], [None, None])
        self.assertEqual(found["end"]["loss"], found["network"]["zero_loss"])

    def test_signs(self):
        found = self.report("flow", self.small(), "--neurons", "6", "--outer", "signs")
        self.assertEqual(found["options"]["outer"], [1, -1] * 3)
        self.assertTrue(found["end"]["certified"])
        self.assertLessEqual(found["end"]["loss"], found["network"]["zero_loss"])

    def test_vanishing(self):
        """From 0 every neuron escapes along a ray or stays: few directions."""
        found = self.report("flow", "--neurons", "5", "--scale", "0", "--seed", "1")
        self.assertEqual(found["end"]["inner_ending"], "escape")
        self.assertEqual(found["start"]["weights"], [0.0] * 55)
        self.assertLess(len(found["network"]["groups"]), 5)

    def test_descent(self):
        """Descent with the default step does not diverge, and has no certificates."""
        name = self.write("even.csv", EVEN)
        start = self.write("start", "0.5\n-0.25\n")
        found = self.report("gd", name, "--neurons", "2", "--start", start, "--steps", "200")
        # lambda = 10 and |a|^2 = 2
        self.assert_close(found["options"]["eta"], 0.05, 1e-12)
        self.assert_close(found["end"]["weights"], [1.0, -1.0], 1e-12)
        self.assertEqual({one["certificate"] for one in found["network"]["neurons"]}, {"unknown"})

    def test_certify(self):
        arguments = (self.small(), "--neurons", "3", "--outer", "signs", "--standardize")
        found = self.report("certify", *arguments)
        flow = self.report("flow", *arguments)
        self.assertEqual(found["norm"]["certificate"], flow["network"]["certificate"])
        for one, other in zip(found["network"]["neurons"], flow["network"]["neurons"]):
            del other["rows"]
            self.assertEqual(one, other)
        text = self.good("certify", *arguments)
        self.assertEqual(len(re.findall(r"^\|w_[123]\| ", text, re.M)), 3)

    def test_sweep(self):
        name = self.write("even.csv", EVEN)
        found = self.report("sweep", name, "--neurons", "2", "--directions",
                            self.write("u", "1,-1\n1,1\n-1,-1\n"), "--scales", "0.5,0")
        self.assertEqual(found["options"]["neurons"], 2)
        self.assertEqual([len(run["weights"]) for run in found["runs"]], [2] * 6)
        # Both on one side fit that half: the sum of the two is 1.  The loss of the rest is 5/2.
        losses = [run["loss"] for run in found["runs"]]
        self.assert_close(losses, [0.0, 0.0, 2.5, 2.5, 2.5, 2.5], 1e-14)
        lines = self.records("sweep", name, "--neurons", "2", "--directions", "2")
        self.assertEqual(list(lines[0])[-2:], ["w.1.x", "w.2.x"])
        self.assertIn("of 2 neurons\n", self.good("sweep", name, "--neurons", "2"))

    def test_influence(self):
        found = self.even("--neurons", "2", "--start", self.write("start", "0.5\n-0.25\n"),
                          "--influence")
        for one in found["influence"]["rows"]:
            # Every row is fitted exactly by the others.
            self.assert_close(one["weights"], [1.0, -1.0], 1e-14)

    def test_text(self):
        text = self.good("flow", self.write("even.csv", EVEN), "--neurons", "2", "--start",
                         self.write("start", "0.5\n-0.25\n"), "--events")
        for line in ("Neurons      m = 2, outer weights 1, 1",
                     "Neurons: 2 alive, 0 dead; directions of the alive: 2",
                     "|w|          proved: the norm strictly increases",
                     "|w_2|        proved: the norm strictly increases",
                     "Weights, end               1             2",
                     "x                          1            -1"):
            self.assertIn("\n" + line + "\n", text)
        self.assertIn("exact gradient flow of 2 neurons\n", text)
        self.assertRegex(text, r"\nbest linear +5\nzero +5\n")
        self.assertRegex(text, r"\n       1          1           1  alive      1       2        0 "
                               r"         2       0       0      0\n")
        many = self.good("flow", self.small(), "--neurons", "30")
        self.assertIn("\nThe first 20 of 30 neurons; --all shows all.\n", many)
        self.assertIn("\nThe first 5 of 30 neurons; --all shows all.\n", many)
        self.assertNotIn("--all", self.good("flow", self.small(), "--neurons", "30", "--all"))

    def test_events_name_their_neuron(self):
        arguments = ("flow", self.small(), "--neurons", "2", "--outer", "signs", "--standardize")
        found = self.report(*arguments)
        self.assertEqual({event["neuron"] for event in found["events"]}, {1, 2})
        text = self.good(*arguments, "--events")
        listed = re.search(r"\n +t neuron +row  event\n((?: .*\n)+)", text).group(1).splitlines()
        self.assertEqual([int(line.split()[1]) for line in listed],
                         [event["neuron"] for event in found["events"]])
        self.assertTrue(math.isfinite(found["network"]["neurons"][0]["weight_norm"]))


class Errors(harness.Case):
    def test_outer_weights(self):
        name = self.write("even.csv", EVEN)
        self.bad('--neurons: "0" is not an integer from 1 to 1000000', "flow", name, "--neurons", "0")
        self.bad('--neurons: "two" is not an integer from 1 to 1000000', "gd", name, "--neurons", "two")
        self.bad("--outer signs needs --neurons", "flow", name, "--outer", "signs")
        self.bad('--neurons: "1000001" is not an integer from 1 to 1000000', "flow", name, "--neurons",
                 "1000001")
        self.bad("a: 3 outer weights, but --neurons 2", "flow", name, "--neurons", "2", "--outer",
                 self.write("a", "1\n2\n3\n"))
        self.bad("b:2:1: an outer weight of 0: the neuron would do nothing", "sweep", name,
                 "--outer", self.write("b", "1\n0\n"))
        self.bad("c:1:1: no outer weight", "certify", name, "--outer", self.write("c", ""))
        self.bad("--outer: neither ones, nor signs, nor a FILE: nothing: No such file or directory", "flow", name, "--outer", "nothing")
        self.bad("--activation: several neurons are relu neurons", "flow", name, "--neurons", "2",
                 "--activation", "linear")
        self.bad("--neurons is an option of flow, gd, sweep, certify, not of landscape (see \"reluflow landscape "
                 '--help")', "landscape", name, "--neurons", "2")

    def test_starts(self):
        name = self.write("square.csv", SQUARE)
        few = self.write("few", "1\n2\n3\n")
        self.bad("few:3:1: 3 numbers, but there are 2 neurons and 2 columns", "flow", name,
                 "--neurons", "2", "--start", few)
        self.bad("many:1:9: more than 4 numbers, one for each column of the data, for every neuron",
                 "flow", name, "--neurons", "2", "--start", self.write("many", "1,2,3,4,5\n"))
        self.bad("u:1:3: less than 4 numbers on the line, one for each column of the data, for "
                 "every neuron", "sweep", name, "--neurons", "2", "--directions",
                 self.write("u", "1,2\n"))
