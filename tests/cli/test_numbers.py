"""test_numbers.py: results against what is known otherwise.  SPDX-License-Identifier: MIT"""
import math

import harness

EXAMPLE = "a,b,y\n1,0,1\n0,1,1.1875\n1,-1,0.0625\n"


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b))


def norm(a):
    return math.sqrt(dot(a, a))


def standardized(columns):
    result = []
    for column in columns:
        mean = math.fsum(column) / len(column)
        deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in column) / len(column))
        result.append([(x - mean) / deviation for x in column])
    return result


def bundled_problem():
    """X, with the bias, and y."""
    _, rows = harness.bundled_rows()
    columns = standardized(list(zip(*rows))[:-1])
    return [list(x) + [1.0] for x in zip(*columns)], [row[-1] for row in rows]


def splitmix(seed):
    state = seed
    mask = 2 ** 64 - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield ((z ^ (z >> 31)) >> 11) * 2.0 ** -53


def random_direction(seed, d):
    """What docs/command-line.md says, in another language."""
    uniform = splitmix(seed)
    m = (d + 1) // 2
    cuts = sorted(next(uniform) for _ in range(m - 1)) + [1.0]
    u, last, squares = [], 0.0, 0.0
    for cut in cuts:
        while True:
            a, b = 2 * next(uniform) - 1, 2 * next(uniform) - 1
            square = a * a + b * b
            if 0 < square <= 1:
                break
        factor = math.sqrt((cut - last) / square)
        u += [a * factor, b * factor]
        last = cut
    for x in u[:d]:
        squares += x * x
    return [x / math.sqrt(squares) for x in u[:d]]


class Start(harness.Case):
    def test_generator(self):
        """splitmix64 from state 1234567: the values published with it."""
        uniform = splitmix(1234567)
        self.assertEqual([next(uniform) for _ in range(2)],
                         [(6457827717110365317 >> 11) * 2.0 ** -53,
                          (3203168211198807973 >> 11) * 2.0 ** -53])

    def test_direction(self):
        for d in (1, 2, 3, 4, 7):
            name = self.write_table("x.csv", ["x%d" % k for k in range(d)] + ["y"],
                                    [[1.0] * (d + 1)])
            for seed in (0, 1, 42, 2 ** 63, 2 ** 64 - 1):
                report = self.report("flow", name, "--seed", str(seed), "--scale", "2",
                                     "--t-end", "0")
                self.assertEqual(report["start"]["weights"],
                                 [2 * x for x in random_direction(seed, d)])
                self.assertEqual(report["options"]["seed"], seed)
                self.assert_close(report["start"]["weight_norm"], 2.0, 1e-15)

    def test_directions_are_uniform(self):
        """Second and fourth moments of a coordinate: 1/d and 3/(d(d + 2)); six sigma."""
        d, count = 5, 4000
        samples = [random_direction(seed, d) for seed in range(count)]
        for k in range(d):
            for power, wanted, variance in ((2, 1 / 5, 3 / 35 - 1 / 25),
                                            (4, 3 / 35, 105 / 3465 - 9 / 1225)):
                mean = sum(u[k] ** power for u in samples) / count
                self.assertLess(abs(mean - wanted), 6 * math.sqrt(variance / count))


class Flow(harness.Case):
    def test_one_variable(self):
        """w' = 2 - w while w > 0: w(1) = 2 + (w(0) - 2) / e."""
        name = self.write("x.csv", "a,y\n1,2\n")
        start = self.write("start", "0.5")
        for activation, w0 in (("relu", 0.5), ("linear", 0.5), ("leaky:0.5", 0.5)):
            report = self.report("flow", name, "--start", start, "--t-end", "1", "--activation",
                                 activation)
            self.assert_close(report["end"]["weights"], [2 + (w0 - 2) / math.e], 1e-15)
            self.assert_close(report["end"]["path_length"], 1.5 * (1 - 1 / math.e), 1e-10)
            self.assertEqual(report["end"]["reason"], "time")
            self.assertFalse(report["end"]["certified"])

    def test_example(self):
        name, start = self.write("x.csv", EXAMPLE), self.write("start", "2,1")
        report = self.report("flow", name, "--start", start)
        end = report["end"]
        self.assertEqual((end["reason"], end["certified"], end["time"]), ("limit", True, "inf"))
        self.assert_close(end["weights"], [1, 1.1875], 1e-15)
        self.assert_close(end["loss"], 0.001953125, 1e-15)
        self.assertEqual(report["options"]["t_end"], "inf")
        self.assertEqual(len(report["events"]), 1)
        event = report["events"][0]
        self.assertEqual((event["row"], event["kind"]), (3, "deactivate"))
        self.assert_close(event["time"], math.log(49) / 3, 1e-14)
        rows = report["rows"]
        self.assertEqual(rows["state"], ["active", "active", "inactive"])
        self.assertEqual(rows["deactivations"], [0, 0, 1])
        self.assertEqual(rows["first_active"], [0, 0, 0])
        self.assertEqual(rows["last_active"][:2], ["inf", "inf"])
        self.assert_close(rows["last_active"][2], event["time"], 1e-15)
        self.assertEqual(report["support"], {"active": [1, 2], "boundary": [],
                                             "trajectory": [1, 2, 3]})

    def test_bundled_limit_is_stationary(self):
        """All rows end active: the limit solves the normal equations."""
        X, y = bundled_problem()
        report = self.report("flow")
        w = report["end"]["weights"]
        residuals = [dot(x, w) - t for x, t in zip(X, y)]
        self.assertEqual(len(report["support"]["active"]), 442)
        self.assert_close(report["rows"]["residual"], residuals, 1e-11)
        for k in range(11):
            self.assertLess(abs(dot([x[k] for x in X], residuals)) / 442, 1e-10)
        self.assert_close(report["end"]["loss"], dot(residuals, residuals) / 2 / 442, 1e-13)
        self.assert_close(report["end"]["weight_norm"], norm(w), 1e-14)
        self.assertLess(report["end"]["gradient_norm"], 1e-10)
        self.assertEqual(report["end"]["speed"], 0)

    def test_speed_and_rate(self):
        """w' = -(w - 2) for x = 1, y = 2."""
        name, start = self.write("x.csv", "a,y\n1,2\n"), self.write("start", "0.5")
        report = self.report("flow", name, "--start", start, "--t-end", "1")
        for part, speed in (("start", 1.5), ("end", 1.5 / math.e)):
            for key in ("speed", "gradient_norm"):
                self.assert_close(report[part][key], speed, 1e-15)
        self.assert_close(report["end"]["slowest_rate"], 1, 1e-15)
        report = self.report("gd", name, "--start", start, "--eta", "0.5", "--steps", "1")
        self.assertEqual([report[part]["speed"] for part in ("start", "end")], [1.5, 0.75])
        self.assert_close(report["end"]["slowest_rate"], 1, 1e-15)

    def test_speed_is_not_the_gradient_while_sliding(self):
        name = self.write("x.csv", "a,b,y\n1,2,-1\n3,1,2\n1,0,-3\n")
        end = self.report("flow", name, "--scale", "3", "--seed", "4")["end"]
        self.assertEqual((end["certified"], end["speed"]), (True, 0))
        self.assertGreater(end["gradient_norm"], 1)

    def test_no_rate(self):
        name = self.write("x.csv", "a,y\n1,-3\n")
        end = self.report("flow", name, "--start", self.write("start", "-1"))["end"]
        self.assertEqual((end["slowest_rate"], end["speed"], end["weights"]), (None, 0, [-1]))

    def test_coefficients(self):
        """w(T) = w(0) + sum alpha_i x_i, with labels of both signs and a leaky neuron."""
        X, y = bundled_problem()
        for arguments in ((), ("--activation", "leaky:0.2"), ("--activation", "linear")):
            report = self.report("flow", "--t-end", "1.5", "--scale", "30", *arguments)
            alpha = report["rows"]["coefficient"]
            w = [w0 + dot(alpha, [x[k] for x in X])
                 for k, w0 in enumerate(report["start"]["weights"])]
            self.assert_close(report["end"]["weights"], w, 1e-10)

    def test_event_limit(self):
        whole, part = self.report("flow"), self.report("flow", "--max-events", "10")
        self.assertEqual((part["end"]["reason"], part["end"]["certified"]), ("event_limit", False))
        self.assertEqual(part["events"], whole["events"][:10])
        self.assertEqual(part["end"]["time"], part["events"][-1]["time"])

    def test_no_end_before_the_last_event(self):
        whole = self.report("flow")
        middle = whole["events"][100]["time"]
        part = self.report("flow", "--t-end", repr(middle * (1 + 1e-9)))
        self.assertEqual(part["events"], whole["events"][:101])

    def test_origin_has_no_row(self):
        """Sliding on the kink of row 1 the flow runs into the origin: at t = ln(6), the two
        events being at ln(3/2) and ln(6)."""
        name = self.write("x.csv", "a,b,y\n-4,-4,-1\n-1,-2,-2\n0,1,-1\n4,-1,-2\n")
        report = self.report("flow", name, "--start", self.write("start", "-1,2"))
        events = [(event["row"], event["kind"]) for event in report["events"]]
        self.assertEqual(events, [(1, "slide_enter"), (None, "origin")])
        self.assert_close([event["time"] for event in report["events"]],
                          [math.log(1.5), math.log(6)], 1e-13)
        self.assertEqual(report["end"]["weights"], [0, 0])
        self.assertTrue(report["end"]["certified"])


class Descent(harness.Case):
    def descend(self, X, y, w, eta, steps, c=1.0, slope=0.0):
        for _ in range(steps):
            gradient = [0.0] * len(w)
            for x, t in zip(X, y):
                z = dot(x, w)
                side = 1.0 if z > 0 else slope
                for k, value in enumerate(x):
                    gradient[k] += c * side * (side * z - t) * value
            w = [a - eta * b for a, b in zip(w, gradient)]
        return w

    def test_against_a_loop(self):
        X, y = bundled_problem()
        for arguments, slope in (((), 0.0), (("--activation", "leaky:0.3"), 0.3)):
            report = self.report("gd", "--steps", "60", "--eta", "0.2", "--scale", "3", *arguments)
            wanted = self.descend(X, y, report["start"]["weights"], 0.2, 60, 1 / 442, slope)
            self.assert_close(report["end"]["weights"], wanted, 1e-11)
            self.assert_close(report["end"]["time"], 12.0, 1e-12)
            self.assertEqual(report["end"]["reason"], "steps")
            self.assertEqual(report["options"]["steps"], 60)

    def test_default_step(self):
        """1 / lambda of diag(1, 2, 3)^2, summed and averaged, at any scale of the data."""
        for scale in (1.0, 1e150, 1e-150):
            rows = [[scale, 0.0, 0.0, 1.0], [0.0, 2 * scale, 0.0, 1.0], [0.0, 0.0, 3 * scale, 1.0]]
            name = self.write_table("x.csv", ["a", "b", "c", "y"], rows)
            for arguments, factor in (((), 1.0), (("--mean-loss",), 3.0)):
                report = self.report("gd", name, "--steps", "0", *arguments)
                self.assert_close(report["options"]["eta"] * scale * scale, factor / 9, 1e-6)

    def test_approaches_the_flow(self):
        flow, descent = self.report("flow"), self.report("gd")
        self.assert_close(descent["end"]["weights"], flow["end"]["weights"], 1e-8)
        self.assertFalse(descent["end"]["certified"])

    def test_all_data_zero(self):
        report = self.report("gd", self.write("x.csv", "a,y\n0,1\n0,2\n"))
        self.assertEqual((report["options"]["eta"], report["end"]["weights"]),
                         (1, report["start"]["weights"]))
