"""test_sweep.py: many directions and scales.  SPDX-License-Identifier: MIT"""
import json
import math
import random
import re

import harness
from test_numbers import norm, random_direction

# Two minima and a dead cone in the plane.
SLIDING = "a,b,y\n1,2,-1\n3,1,2\n1,0,-3\n-1,1,1\n"


def median(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


class Sweep(harness.Case):
    def sweep(self, *arguments):
        self.write("x.csv", SLIDING)
        return self.report("sweep", "x.csv", *arguments)

    def test_every_run_is_that_of_flow_and_certify(self):
        """The same numbers, to the last bit."""
        sweep = self.sweep("--directions", "6", "--scales", "10,1e-3,0", "--seed", "40")
        self.assertEqual(len(sweep["runs"]), 18)
        for k, run in enumerate(sweep["runs"]):
            self.assertEqual((run["direction"], run["scale"]), (k // 3 + 1, (10, 1e-3, 0)[k % 3]))
            self.compare(run, sweep["directions"][k // 3]["weights"],
                         ["x.csv", "--seed", str(40 + k // 3), "--scale", repr(run["scale"])])

    def test_more_scales_than_run_at_once(self):
        """A sweep is done in parts; nothing tells where they end."""
        name = self.write("x.csv", SLIDING)
        arguments = ["sweep", name, "--directions", "2", "--no-certificate", "--t-end", "0.1"]
        runs = self.records(*arguments, "--scales", "1:10:1100")
        self.assertEqual([(int(run["direction"]), float(run["scale"])) for run in runs],
                         [(k, float(run["scale"])) for k in (1, 2) for run in runs[:1100]])
        for k in (0, 1023, 1024, 1099):
            alone = self.records(*arguments, "--scales", runs[k]["scale"])
            for one, run in zip(alone, (runs[k], runs[1100 + k])):
                self.assertEqual((one["w.a"], one["w.b"]), (run["w.a"], run["w.b"]))

    def test_bundled_runs(self):
        sweep = self.report("sweep", "--directions", "2", "--scales", "1e2,0", "--t-end", "2")
        for k, run in enumerate(sweep["runs"]):
            self.compare(run, sweep["directions"][k // 2]["weights"],
                         ["--seed", str(k // 2), "--scale", repr(run["scale"]), "--t-end", "2"])
        self.assertEqual({run["reason"] for run in sweep["runs"]}, {"time"})
        self.assertEqual((sweep["limits"], sweep["limit_tolerance"]), ([], 0))

    def compare(self, run, direction, arguments):
        flow, certify = self.report("flow", *arguments), self.report("certify", *arguments)
        end = flow["end"]
        for key in ("reason", "certified", "time", "loss", "weight_norm", "weights", "not_unique",
                    "doubtful", "inner_ending"):
            self.assertEqual(run[key], end[key], key)
        self.assertEqual(direction, flow["start"]["direction"])
        self.assertEqual(run["start_norm"], flow["start"]["weight_norm"])
        self.assertEqual((run["events"], run["inner_events"]),
                         (flow["event_counts"]["total"], flow["event_counts"]["inner"]))
        self.assertEqual(run["active"], len(flow["support"]["active"]))
        self.assertEqual(run["sliding"], flow["rows"]["state"].count("sliding"))
        self.assertEqual((run["norm"], run["first_failure"]),
                         (certify["norm"]["certificate"], certify["norm"]["first_failure"]))

    def test_one_variable(self):
        """x = 1, y = 2: from u = 1 to 2, from u = -1 nowhere."""
        name = self.write("x.csv", "a,y\n1,2\n")
        u = self.write("u", "1\n-1\n")
        report = self.report("sweep", name, "--directions", u, "--scales", "3,0.5,0")
        self.assertEqual([run["weights"] for run in report["runs"]],
                         [[2], [2], [2], [-3], [-0.5], [0]])
        self.assertEqual([run["norm"] for run in report["runs"]],
                         ["refuted", "proved", "proved", "neither", "neither", "neither"])
        self.assertEqual([run["inner_ending"] for run in report["runs"]],
                         ["none", "none", "escape", "none", "none", "dead"])
        self.assertEqual([run["limit"] for run in report["runs"]][:3], [1, 1, 1])
        self.assertEqual([limit["runs"] for limit in report["limits"]], [3, 1, 1, 1])
        self.assertEqual([scale["dead"] for scale in report["scales"]], [1, 1, 1])
        self.assertEqual([scale["limits"] for scale in report["scales"]], [2, 2, 2])
        self.assertEqual(report["options"]["directions_file"], u)

    def test_summary(self):
        """The summaries are those of the runs."""
        for arguments in (("--directions", "30", "--scales", "100,1,1e-6,0"),
                          ("--directions", "7", "--scales", "2,0", "--max-events", "1"),
                          ("--directions", "4", "--scales", "1", "--t-end", "0.5"),
                          ("--directions", "5", "--activation", "leaky:0.5"),
                          ("--directions", "5", "--activation", "linear")):
            self.check_summary(self.sweep(*arguments))

    def check_summary(self, report):
        for k, scale in enumerate(report["scales"]):
            runs = report["runs"][k::len(report["scales"])]
            self.assertEqual({run["scale"] for run in runs}, {scale["scale"]})
            self.assertEqual(scale["runs"], len(runs))
            self.assertEqual(scale["certified"], sum(run["certified"] for run in runs))
            self.assertEqual(scale["limits"], len({run["limit"] for run in runs} - {None}))
            self.assertEqual(scale["event_limit"],
                             sum(run["reason"] == "event_limit" for run in runs))
            relu = report["options"]["activation"] == "relu"
            self.assertEqual(scale["dead"], sum(relu and run["active"] == 0 for run in runs))
            for key in ("loss", "weight_norm", "events"):
                values = [run[key] for run in runs]
                self.assertEqual((scale[key]["least"], scale[key]["most"]),
                                 (min(values), max(values)))
                self.assert_close(scale[key]["median"], median(values), 1e-15)
            for key, member in (("norm", "norm"), ("inner_ending", "inner_endings")):
                for name, count in scale[member].items():
                    self.assertEqual(count, sum(run[key] == name for run in runs))

    def test_limits(self):
        """Runs of one limit are closer than the tolerance, limits are further apart than rounding,
        and the numbers of a limit are those of its first run."""
        report = self.sweep("--directions", "60", "--scales", "1,1e-2,1e-4,0")
        runs, limits = report["runs"], report["limits"]
        self.assertGreater(len(limits), 3)
        self.assertLess(report["limit_tolerance"], 1e-10)
        self.assertEqual([limit["runs"] for limit in limits],
                         sorted((limit["runs"] for limit in limits), reverse=True))
        for k, limit in enumerate(limits):
            mine = [run for run in runs if run["limit"] == k + 1]
            self.assertEqual(limit["runs"], len(mine))
            self.assertIs(runs[limit["first_run"] - 1], mine[0])
            for key in ("loss", "weight_norm", "active", "sliding", "weights"):
                self.assertEqual(limit[key], mine[0][key])
            scales = [run["scale"] for run in mine]
            self.assertEqual((limit["smallest_scale"], limit["largest_scale"]),
                             (min(scales), max(scales)))
            for run in mine:
                self.assertLessEqual(self.distance(run, mine[0]), 2 * report["limit_tolerance"])
            for other in limits[:k]:
                self.assertGreater(self.distance(limit, other), 1e-15)
        self.assertEqual(sum(limit["runs"] for limit in limits), len(runs))

    def distance(self, one, other):
        return norm([a - b for a, b in zip(one["weights"], other["weights"])])

    def test_limits_of_many_dead_runs(self):
        """Where w does not move every start is a limit of its own, all of the same norm."""
        name = self.write("x.csv", "a,b,y\n1,0,-1\n0,1,-1\n")
        generator = random.Random(5)
        angles = [generator.uniform(math.pi, 1.5 * math.pi) for _ in range(300)]
        u = self.write("u", "".join("%r,%r\n" % (math.cos(x), math.sin(x)) for x in angles))
        report = self.report("sweep", name, "--directions", u, "--scales", "1,1")
        self.assertEqual(len(report["limits"]), 300)
        self.assertEqual({limit["runs"] for limit in report["limits"]}, {2})
        self.assertEqual(report["scales"][0]["dead"], 300)

    def test_limits_that_are_close(self):
        """Dead runs stay where they start, so that their accuracy is 2 (n + d) eps |w| = 1.8e-15 at
        |w| = 1: a difference of one unit in the last place is none, one of 1e-13 is, also where the
        products with the vector by which limits are sorted do not differ."""
        name = self.write("x.csv", "a,b,y\n1,0,1\n0,1,1\n")
        q = random_direction(0, 2)
        u = self.write("u", "-0.6,-0.8\n-0.6,-0.8000000000000002\n-0.6,-0.8000000000001\n"
                       "%r,%r\n" % (-0.6 - 1e-13 * q[1], -0.8 + 1e-13 * q[0]))
        report = self.report("sweep", name, "--directions", u, "--scales", "1")
        self.assertEqual(len({run["limit"] for run in report["runs"]}), 3)
        self.assertEqual([run["limit"] for run in report["runs"]][:2], [1, 1])
        self.assert_close(report["limit_tolerance"] * 2 ** 52, 8, 1e-12)

    def test_scales(self):
        def scales(text):
            return self.sweep("--directions", "1", "--scales", text)["options"]["scales"]

        self.assertEqual(scales("1e2,1,1e-2,1e-12,0"), [100, 1, 0.01, 1e-12, 0])
        self.assertEqual(scales("1e-12:1e2:15"), [float("1e%d" % k) for k in range(-12, 3)])
        self.assertEqual(scales("100:1:3,0, 7 ,-0"), [100, 10, 1, 0, 7, 0])
        self.assertEqual(scales("1:3:2"), [1, 3])
        for text in ("0.3:0.7:5", "1e-7:2:9", "5e5:3e-9:12"):
            found = scales(text)
            self.assertEqual(found[1:-1], [float("%.12g" % value) for value in found[1:-1]])
        found = scales("0.3:0.7:5")
        self.assertEqual((found[0], found[4]), (0.3, 0.7))
        for k, value in enumerate(found):
            self.assert_close(value, 0.3 * (0.7 / 0.3) ** (k / 4), 1e-12)

    def test_directions(self):
        report = self.sweep("--directions", "3", "--seed", "18446744073709551614")
        self.assertEqual([one["weights"] for one in report["directions"]],
                         [random_direction(seed, 2) for seed in (2 ** 64 - 2, 2 ** 64 - 1, 0)])
        self.assertEqual(len(self.sweep()["directions"]), 16)
        u = self.write("u", '3,4\r\n "-1" ,2e-1\n\n0.5,0\n\n')
        report = self.sweep("--directions", u, "--scales", "2")
        self.assertEqual([one["weights"] for one in report["directions"]],
                         [[3, 4], [-1, 0.2], [0.5, 0]])
        self.assertEqual([run["start_norm"] for run in report["runs"]][::2], [10, 1])
        self.assertEqual(report["options"].get("seed"), None)

    def test_csv(self):
        """The same numbers as in the JSON."""
        arguments = ("--directions", "9", "--scales", "5,0", "--max-events", "2")
        report, records = self.sweep(*arguments), self.records("sweep", "x.csv", *arguments)
        self.assertEqual(len(records), 18)
        for run, record in zip(report["runs"], records):
            weights = [float(record.pop("w." + name)) for name in ("a", "b")]
            self.assertEqual(weights, run.pop("weights"))
            self.assertEqual(set(record), set(run))
            for key, value in run.items():
                if value is None:
                    self.assertEqual(record[key], "")
                elif isinstance(value, bool):
                    self.assertEqual(record[key], "01"[value])
                elif isinstance(value, str) and key != "time":
                    self.assertEqual(record[key], value)
                else:
                    self.assertEqual(float(record[key]), float(value))

    def test_csv_quotes_names(self):
        name = self.write("y.csv", '"a, ""b""",c,y\n1,2,3\n')
        text = self.good("sweep", name, "--directions", "1", "--csv")
        self.assertIn(',"w.a, ""b""",w.c\n', text)
        self.assertEqual(len(self.records("sweep", name, "--directions", "1")), 4)

    def test_the_later_of_two_formats_counts(self):
        self.write("x.csv", SLIDING)
        self.assertEqual(self.good("sweep", "x.csv", "--json", "--csv"),
                         self.good("sweep", "x.csv", "--csv"))
        json.loads(self.good("sweep", "x.csv", "--csv", "--json"))

    def test_threads_do_not_matter(self):
        for format in ("--json", "--csv"):
            texts = [self.good("sweep", self.write("x.csv", SLIDING), "--directions", "50", format,
                               "--threads", threads) for threads in ("1", "2", "7")]
            texts = [re.sub(r'"threads": \d+', "", text) for text in texts]
            self.assertEqual(texts[0], texts[1])
            self.assertEqual(texts[0], texts[2])

    def test_more_runs_than_are_kept_at_once(self):
        """The parts of a large sweep join without a seam; 1500 directions are several."""
        whole = self.sweep("--directions", "1500", "--scales", "0,1", "--no-certificate")
        part = self.sweep("--directions", "3", "--seed", "1498", "--scales", "0,1",
                          "--no-certificate")
        for one, other in zip(whole["runs"][2996:], part["runs"]):
            for key in ("scale", "loss", "weights", "events", "inner_ending"):
                self.assertEqual(one[key], other[key])

    def test_no_certificate(self):
        with_it = self.sweep("--directions", "5")
        without = self.sweep("--directions", "5", "--no-certificate")
        self.assertEqual({run["norm"] for run in without["runs"]}, {"unknown"})
        self.assertEqual({run["first_failure"] for run in without["runs"]}, {None})
        self.assertEqual((with_it["options"]["certificates"],
                          without["options"]["certificates"]), (True, False))
        for one, other in zip(with_it["runs"], without["runs"]):
            for key in ("weights", "limit", "events"):
                self.assertEqual(one[key], other[key])
        self.assertNotIn("|w| increases: strictly",
                         self.good("sweep", "x.csv", "--no-certificate"))

    def test_failing_runs(self):
        """Some scales leave the range of double: the others are reported all the same."""
        self.write("x.csv", "a,b,y\n1e5,1,1\n1,2e5,3\n")
        u = self.write("u", "1,1\n-1,1\n1,-1\n")
        arguments = ("sweep", "x.csv", "--directions", u, "--scales", "1e307,1")
        report = self.report(*arguments)
        self.assertEqual([scale["failed"] for scale in report["scales"]], [3, 0])
        for run in report["runs"][::2]:
            self.assertEqual((run["reason"], run["limit"]), ("failed", None))
        self.assertIn("\nFailed       3 runs: a value left the range of double\n",
                      self.good(*arguments))
        self.assertEqual(len(self.records(*arguments)), 6)

    def test_text(self):
        self.write("x.csv", SLIDING)
        arguments = ("sweep", "x.csv", "--directions", "40", "--scales", "50,1e-3,0")
        report, text = self.report(*arguments), self.good(*arguments)
        self.assertIn("\nRuns         120: w(0) = s u, 40 directions u, 3 scales s; to the limit\n"
                      "Directions   random unit vectors, seeds 0 to 39\n", text)
        inner = report["scales"][2]["inner_endings"]
        self.assertIn("\nScale 0      the inner flow ends by escape: %d, dead: %d, collapse: %d, "
                      "frozen: %d\n" % tuple(inner[key] for key in ("escape", "dead", "collapse",
                                                                    "frozen")), text)
        for scale in report["scales"]:
            self.assertRegex(text, r"(?m)^ *%.3g +%d +%d +%d .* %d +%d +%d$" % (
                scale["scale"], scale["runs"], scale["limits"], scale["dead"],
                scale["norm"]["proved"], scale["norm"]["refuted"], scale["norm"]["neither"]))
        limits = re.search(r"\n +limit +runs .*\n((?: +\d.*\n)+)", text).group(1).splitlines()
        self.assertEqual([int(line.split()[1]) for line in limits],
                         [limit["runs"] for limit in report["limits"]][:20])
        self.assertIn("The 20 of %d limits with the most runs" % len(report["limits"]), text)
        text = self.good(*arguments, "--all")
        self.assertNotIn("--all shows all", text)
        limits = re.search(r"\n +limit +runs .*\n((?: +\d.*\n)+)", text).group(1).splitlines()
        self.assertEqual(len(limits), len(report["limits"]))
        self.assertIn("here at most %.2g.\n" % report["limit_tolerance"], text)
        text = self.good(*arguments, "--t-end", "1", "--max-events", "1")
        self.assertIn("\nNo run is at a certified limit.\n", text)
        self.assertRegex(text, r"\nStopped      \d+ runs by the limit of 1 events\n")
