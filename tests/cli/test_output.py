"""test_output.py: what is printed for a person.  SPDX-License-Identifier: MIT"""
import math
import os
import re

import harness

# The data of a small example with one event, at t = ln(49)/3.
EXAMPLE = "a,b,y\n1,0,1\n0,1,1.1875\n1,-1,0.0625\n"
START = "2\n1\n"
# Data whose flow enters a slide, leaves it, and ends sliding.
SLIDING = "a,b,y\n1,2,-1\n3,1,2\n1,0,-3\n"

COLUMNS_EXPLAINED = ("off: active -> inactive, also through a slide; re-on: back to active, the first "
                     "time not counted.")
COMMANDS = ("flow", "gd", "sweep", "landscape", "certify")


class Text(harness.Case):
    def example(self, *arguments):
        return self.good("flow", self.write("x.csv", EXAMPLE), "--start",
                         self.write("start", START), *arguments)

    def test_help_and_version(self):
        self.assertEqual(self.good("--version"), "reluflow %s\n" % harness.VERSION)
        for command in COMMANDS:
            self.assertIn("  %-10s  " % command, self.good("--help"))
            self.assertEqual(self.good(command, "--version"), self.good("--version"))
            self.assertEqual(self.good(command, "-h"), self.good(command, "--help"))
            self.assertLessEqual(max(len(line) for line in
                                     self.good(command, "--help").split("\n")), 80)
            self.assertEqual(self.good("help", command), self.good(command, "--help"))
        self.assertEqual(self.good("-h"), self.good("--help"))
        self.assertEqual(self.good("help"), self.good("--help"))
        self.assertEqual(self.good("help", "help"), self.good("--help"))
        self.bad('unknown command "nosuch" (see "reluflow --help")', "help", "nosuch")

    def test_every_option_is_explained_everywhere(self):
        """In the help, in the manual page, and nowhere an option that does not exist."""
        with open(os.path.join(harness.TOOLS, "reluflow.1"), encoding="ascii") as file:
            manual = file.read()
        helped = set()
        for command in COMMANDS:
            helped |= set(re.findall(r"^  (--[a-z-]+)", self.good(command, "--help"), re.M))
        self.assertEqual(len(helped), 30)
        items = "".join(re.findall(r"^\.It Fl .*", manual, re.M))
        self.assertEqual(set("-" + name for name in re.findall(r"(?<= )-[a-z-]+", items)), helped)

    def test_bundled(self):
        text = self.good("flow")
        for line in (
                'Data         diabetes.csv (bundled): rows n = 442, columns d = 11 (with the '
                'bias), label "progression"',
                "Neuron       relu; variables standardized; bias; mean loss (c = 1/n)",
                "Start        w(0) = 0.01 u, u a random unit vector, seed 0",
                "Run          limit reached, certified: no event is left",
                "Events       374: 83 deactivate, 291 activate",
                "Last event   t = 3.10419",
                "Slowest rate 0.00856073, of the decays exp(-rate t) with the pattern at the end",
                "Flags        none",
                "t                          0           inf",
                "Support vectors: 442 active, 0 on the boundary, 442 on the trajectory",
                "All rows are active: w is the least-squares solution on all rows.",
                COLUMNS_EXPLAINED,
                "The 20 of 442 with the largest |alpha|, then |residual|; --all shows all."):
            self.assertIn("\n" + line + "\n", text)
        self.assertRegex(text, r"\nloss +14536\.6 +1429\.85\n")
        self.assertRegex(text, r"\nspeed \|w'\| +128\.724 +0\n")
        self.assertNotIn("gradient norm", text)
        self.assertRegex(text, r"\n\(bias\) +\S+ +152\.133\n")
        self.assertRegex(text, r"\n     row .* alpha  off re-on       first        last\n")

    def test_rows_of_the_table(self):
        heading = r"(?m)^     row .*\n((?: +\d.*\n)+)"
        some = re.search(heading, self.good("flow")).group(1).splitlines()
        every = re.search(heading, self.good("flow", "--all")).group(1).splitlines()
        self.assertEqual((len(some), len(every)), (20, 442))
        self.assertEqual(every[:20], some)
        self.assertEqual(sorted(int(line.split()[0]) for line in every), list(range(1, 443)))
        self.assertNotIn("--all", self.good("flow", "--all"))

    def test_example(self):
        text = self.example("--events")
        self.assertIn("\nRun          limit reached, certified: no event is left\n", text)
        self.assertIn("\nEvents       1: 1 deactivate\nLast event   t = 1.29727\n"
                      "Slowest rate 1, of the decays ", text)
        self.assertNotIn("All rows are active", text)
        self.assertRegex(text, r"\n +3 +0\.0625 .* inactive +\S+ +1 +0 +0 +1\.2973\n")
        self.assertRegex(text, r"\na +2 +1\nb +1 +1\.1875\n")
        self.assertTrue(text.endswith(
            "\n                   t      row  event\n        1.2972734327        3  deactivate\n"),
            text)
        self.assertNotIn("event\n", self.example())

    def test_endings(self):
        self.assertIn("\nRun          stopped at T = 0.5, as asked; not the limit\n"
                      "Events       0\nSlowest rate 1, of ", self.example("--t-end", "0.5"))
        self.assertIn("\nRun          stopped by the limit of 1 events at t = ",
                      self.good("flow", "--max-events", "1"))
        self.assertIn("\nRun          25 steps of size 0.125\n",
                      self.good("gd", self.write("x.csv", EXAMPLE), "--eta", "0.125", "--steps",
                                "25"))

    def test_sliding_and_leaky(self):
        name = self.write("x.csv", SLIDING)
        text = self.good("flow", name, "--scale", "3", "--seed", "4")
        self.assertRegex(text, r"\n +1 +-1 +0 +1  sliding +-inf ")
        self.assertIn("Support vectors: 2 active, 1 on the boundary, 3 on the trajectory", text)
        self.assertRegex(text, r"\nspeed \|w'\| +13\.0389 +0\n")
        self.assertRegex(text, r"\nSlowest rate 5\.8, ")
        self.assertNotIn("All rows are active", text)
        self.assertIn("\nNeuron       leaky, slope 0.25; ",
                      self.good("flow", name, "--activation", "leaky:0.25"))

    def test_gradient_norm_of_descent(self):
        text = self.good("gd", self.write("x.csv", "a,y\n1,3\n"), "--start",
                         self.write("start", "1\n"), "--eta", "0.5", "--steps", "1")
        self.assertRegex(text, r"\ngradient norm +2 +1\n")
        self.assertNotIn("speed", text)
        self.assertNotIn("All rows are active", text)  # not the limit

    def table(self, text):
        """Row numbers in the table of support vectors, ascending."""
        rows = re.search(r"(?m)^     row .*\n((?: +\d.*\n)+)", text).group(1)
        return sorted(int(line.split()[0]) for line in rows.splitlines())

    def test_leaky_rows_without_activity(self):
        """Row 2 pulls from the inactive side, row 3 (all 0) never pulls; neither is ever active."""
        self.write("x.csv", "a,y\n1,2\n-1,-0.5\n0,1\n")
        flow = ["flow", "x.csv", "--start", self.write("start", "1\n")]
        self.assertEqual(self.table(self.good(*flow)), [1])
        self.assertEqual(self.table(self.good(*flow, "--all")), [1])
        for activation in ("leaky:0.5", "linear"):
            flow[4:] = ["--activation", activation]
            text = self.good(*flow)
            self.assertIn("\nSupport vectors: 1 active, ", text)
            self.assertIn(2, self.table(text))
            self.assertRegex(text, r"\n +2 +-0\.5 .* inactive +\S+ +0 +0 +never +never\n")
            self.assertEqual(self.table(self.good(*flow, "--all")), [1, 2, 3])

    def test_meaning_of_all_active(self):
        """Only at a limit; where the data do not span the space it is not the only solution."""
        name = self.write("x.csv", "a,b,y\n1,1,2\n2,2,5\n")
        flow = ["flow", name, "--start", self.write("start", "2,1\n")]
        nearest = ("\nAll rows are active: w is, of the least-squares solutions on all rows, the one "
                   "nearest\nto w(0).\n")
        for activation in ("relu", "leaky:0.5"):
            text = self.good(*flow, "--activation", activation)
            self.assertIn(nearest, text)
            self.assertRegex(text, r"\na +2 +1\.7\nb +1 +0\.7\n")
        self.assertNotIn("All rows are active", self.good(*flow, "--activation", "linear"))
        self.assertNotIn("All rows are active", self.good(*flow, "--t-end", "3"))

    def test_never_active(self):
        name = self.write("x.csv", "a,y\n1,-3\n2,-4\n")
        flow = ["flow", name, "--start", self.write("start", "-1\n")]
        line = "\nNo row is ever active: w does not move.\n"
        text = self.good(*flow)
        self.assertTrue(text.endswith(line), text)
        self.assertRegex(text, r"\nspeed \|w'\| +0 +0\n")
        for absent in ("Last event", "Slowest rate", "re-on"):
            self.assertNotIn(absent, text)
        self.assertIn(line, self.good("gd", *flow[1:], "--steps", "3"))
        self.assertNotIn(line, self.good(*flow, "--activation", "leaky:0.5"))
        self.assertNotIn(line, self.good(*flow, "--activation", "leaky:0.5", "--t-end", "0"))
        self.assertNotIn(line, self.good("flow"))

    def test_flags_in_words(self):
        """w(0) = 0 stays, and a start on a kink that repels is not unique."""
        start = self.write("zero", "0\n0\n")
        text = self.good("flow", self.write("x.csv", EXAMPLE), "--start", start)
        self.assertIn("\nFlags        not unique: more than one solution may leave some kink; the "
                      "documented choice was made\n", text)
        self.assertTrue(self.report("flow", "x.csv", "--start", start)["end"]["not_unique"])


class Repeatable(harness.Case):
    def test_same_seed_same_bytes(self):
        for arguments in (["--json"], ["--all", "--events"]):
            for command in (["flow"], ["gd", "--steps", "300"]):
                command = command + arguments + ["--seed"]
                one = self.good(*command, "7")
                self.assertEqual(one, self.good(*command, "7"))
                self.assertNotEqual(one, self.good(*command, "8"))

    def test_threads_do_not_matter(self):
        one = self.report("flow", "--seed", "7")
        two = self.report("flow", "--seed", "7", "--threads", "2")
        self.assertEqual((one["options"].pop("threads"), two["options"].pop("threads")), (1, 2))
        self.assertEqual(one, two)

    def test_start_reproduces(self):
        for command in (["flow"], ["gd", "--steps", "300"]):
            one = self.report(*command, "--seed", "11", "--scale", "0.5")
            start = self.write("start", "\n".join(repr(x) for x in one["start"]["weights"]))
            two = self.report(*command, "--start", start)
            del one["options"], two["options"], one["start"]["direction"]
            self.assertEqual(two["start"].pop("direction"), two["start"]["weights"])
            self.assertEqual(one, two)


class Unstable(harness.Case):
    """Steps beyond 2/lambda, and neurons that die of it."""

    DATA = "x1,x2,y\n1,1,9\n1,0,11\n0,1,-11\n"  # X^T X = (2 1; 1 2): lambda = 3

    def test_step_size(self):
        name = self.write("x.csv", self.DATA)
        for eta, beyond in (("0.6", False), ("0.67", True), ("3", True)):
            text = self.good("gd", name, "--eta", eta, "--steps", "3")
            self.assertEqual("\nStep size    beyond 2/lambda = 0.666667, below which descent is stable whichever "
                             "rows are active\n" in text, beyond, eta)
            options = self.report("gd", name, "--eta", eta, "--steps", "3")["options"]
            self.assert_close(options["eta_limit"], 2 / 3, 1e-8)
        self.assert_close(self.report("gd", name, "--eta", "1", "--mean-loss")["options"]["eta_limit"], 2, 1e-8)
        two = self.report("gd", name, "--eta", "0.1", "--neurons", "2")["options"]
        self.assert_close(two["eta_limit"], 1 / 3, 1e-8)
        chosen = self.report("gd", name)["options"]
        self.assertEqual(chosen["eta"], chosen["eta_limit"] / 2)
        self.assertNotIn("Step size", self.good("gd", name))

    def test_no_limit(self):
        self.assertEqual(self.report("gd", self.write("x.csv", "a,y\n0,1\n"))["options"]["eta_limit"], "inf")

    def test_divergence(self):
        name = self.write("x.csv", self.DATA)
        done = self.run_program("gd", name, "--activation", "linear", "--eta", "1e9", "--steps", "100000")
        self.assertEqual((done.returncode, done.stdout, done.stderr.count(b"\n")), (1, b"", 1))
        self.assertRegex(done.stderr, rb"\Areluflow: --eta: 1e\+09 is beyond 0\.666667, below which descent is stable "
                                      rb"for these data: a step leads out of the range of double after time "
                                      rb"[\de.+]+\n\Z")

    def test_death(self):
        name = self.write("x.csv", self.DATA)
        text = "\nDead         since t = 6 no row is active: the output is 0 on all of them, and w rests\n"
        self.assertIn(text, self.good("gd", name, "--eta", "3"))
        report = self.report("gd", name, "--eta", "3")
        self.assertEqual((report["end"]["dead_since"], report["support"]["active"]), (6, []))
        self.assertIn("\nDead         since t = 6 no row is active for any neuron: ",
                      self.good("gd", name, "--eta", "3", "--neurons", "3"))
        self.assertIsNone(self.report("gd", name)["end"]["dead_since"])

    def test_death_in_the_flow(self):
        """w = 2 exp(-t) - 1 reaches 0."""
        name = self.write("x.csv", "a,y\n1,-1\n")
        start = self.write("start", "1")
        for command in ("flow", "certify"):
            report = self.report(command, name, "--start", start)
            self.assert_close(report["end"]["dead_since"], math.log(2), 1e-14)
            self.assertIn("\nDead         since t = 0.693147 ", self.good(command, name, "--start", start))
        for more in (["--activation", "leaky:0.5"], ["--activation", "linear"], ["--t-end", "0.5"]):
            report = self.report("flow", name, "--start", start, *more)
            self.assertIsNone(report["end"]["dead_since"])
        start = self.write("start", "-1")
        self.assertEqual(self.report("flow", name, "--start", start)["end"]["dead_since"], 0)
