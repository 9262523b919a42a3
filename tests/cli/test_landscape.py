"""test_landscape.py: stationary points in the plane.  SPDX-License-Identifier: MIT"""
import math
import random

import harness
from test_numbers import dot, norm, random_direction

KINDS = ("interior_minimum", "kink_minimum", "kink_saddle")


def solve(a, b, c, p, q):
    """(a b; b c) v = (p, q)."""
    determinant = a * c - b * b
    return [(c * p - b * q) / determinant, (a * q - b * p) / determinant]


def system(rows, active):
    """H and b of the rows that are active."""
    a = b = c = p = q = 0.0
    for (x1, x2, y), on in zip(rows, active):
        if on:
            a, b, c, p, q = (a + x1 * x1, b + x1 * x2, c + x2 * x2, p + x1 * y, q + x2 * y)
    return a, b, c, p, q


def interior_minima(rows):
    """By force: the least-squares solution on the pattern of every cone, where it has that pattern.
    The directions that bound the cones are orthogonal to the rows; those between two of them, the
    middles, show all patterns."""
    bounds = sorted((math.atan2(x2, x1) + side * math.pi / 2) % (2 * math.pi)
                    for x1, x2, _ in rows for side in (-1, 1))
    found = []
    for low, high in zip(bounds, bounds[1:] + [bounds[0] + 2 * math.pi]):
        middle = (math.cos((low + high) / 2), math.sin((low + high) / 2))
        active = [dot(row[:2], middle) > 0 for row in rows]
        if sum(active) >= 2:
            w = solve(*system(rows, active))
            if [dot(row[:2], w) > 0 for row in rows] == active:
                found.append(w)
    return found


def inside(theta):
    """Not at a bound, up to the rounding of the method below."""
    return 1e-9 < theta < 1 - 1e-9


def kink_points(rows):
    """By force: on both rays of the kink of every row, where the others alone leave no force along
    the ray, and what they push across it is balanced by a fraction of the row.  Where one row is
    left there is nothing across: the fraction is 0, the point the end of a flat minimum."""
    found = []
    for i, (x1, x2, y) in enumerate(rows):
        for side in (-1, 1):
            e = [-side * x2 / norm((x1, x2)), side * x1 / norm((x1, x2))]
            active = [k != i and dot(row[:2], e) > 0 for k, row in enumerate(rows)]
            a, b, c, p, q = system(rows, active)
            h = a * e[0] ** 2 + 2 * b * e[0] * e[1] + c * e[1] ** 2
            if h > 0 and dot((p, q), e) > 0:
                s = dot((p, q), e) / h
                w = [s * e[0], s * e[1]]
                across = [p - a * w[0] - b * w[1], q - b * w[0] - c * w[1]]
                theta = -dot(across, (x1, x2)) / (y * dot((x1, x2), (x1, x2)))
                if inside(theta):
                    found.append((i + 1, w, theta, "kink_minimum" if y < 0 else "kink_saddle"))
    return found


def random_rows(seed, n):
    generator = random.Random(seed)
    return [[generator.gauss(0, 1), generator.gauss(0, 1), generator.gauss(0.5, 1)]
            for _ in range(n)]


class Landscape(harness.Case):
    def landscape(self, rows, *arguments):
        name = self.write_table("x.csv", ["a", "b", "y"], rows)
        return self.report("landscape", name, *arguments)

    def match(self, found, wanted, tolerance):
        """Two lists of points, in any order."""
        self.assertEqual(len(found), len(wanted))
        for w in wanted:
            nearest = min(found, key=lambda v: norm([a - b for a, b in zip(v, w)]))
            self.assert_close(nearest, w, tolerance)

    def test_against_force(self):
        """Cramer's rule for systems of condition up to 1e4 costs 1e4 squared times eps."""
        seen = set()
        for seed in range(60):
            rows = random_rows(seed, 3 + seed % 8)
            points = self.landscape(rows)["points"]
            minima = [p["weights"] for p in points if p["kind"] == "interior_minimum"]
            self.match(minima, interior_minima(rows), 1e-8)
            wanted = kink_points(rows)
            found = [p for p in points if p["kind"] in KINDS[1:] and inside(p["theta"])]
            self.assertEqual(len(found), len(wanted))
            for row, w, theta, kind in wanted:
                nearest = min(found, key=lambda p: norm([a - b for a, b in zip(p["weights"], w)]))
                self.assertEqual((nearest["row"], nearest["kind"]), (row, kind))
                self.assert_close(nearest["weights"], w, 1e-8)
                self.assert_close(nearest["theta"], theta, 1e-8)
            seen |= {p["kind"] for p in points}
        self.assertTrue(seen >= set(KINDS) | {"origin", "dead_cone", "flat_minimum"}, seen)

    def test_loss(self):
        """The loss of the points, and the least of them against random points."""
        for seed in range(10):
            rows = random_rows(seed, 6)
            report = self.landscape(rows)

            def loss(w):
                return sum((max(0.0, dot(row[:2], w)) - row[2]) ** 2 for row in rows) / 2

            for point in report["points"]:
                self.assert_close(point["loss"], loss(self.member(point)), 1e-12)
            least = report["points"][report["lowest"] - 1]["loss"]
            self.assertEqual(least, min(point["loss"] for point in report["points"]))
            generator = random.Random(seed)
            for _ in range(300):
                self.assertGreaterEqual(loss([generator.gauss(0, 3) for _ in range(2)]),
                                        least - 1e-12)

    def member(self, point):
        """A weight that belongs to a point; that of a flat minimum is of the whole line."""
        if point["kind"] == "dead_cone":
            return [a + b for a, b in zip(point["weights"], point["direction"])]
        if point["kind"] == "flat_minimum":
            ends = [float(s) for s in point["range"]]
            s = min(max(0.0, ends[0]), ends[1])
            return [a + s * b for a, b in zip(point["weights"], point["direction"])]
        return point["weights"]

    def test_two_axes(self):
        """One row on each axis, by hand: the minimum (1, 2); with one row active a ray that ends
        on the kink of the other; the dead quadrant."""
        report = self.landscape([[1.0, 0.0, 1.0], [0.0, 1.0, 2.0]])
        kinds = [point["kind"] for point in report["points"]]
        self.assertEqual(kinds[0], "origin")
        by_kind = {point["kind"]: point for point in report["points"]}
        self.assertEqual(by_kind["interior_minimum"]["weights"], [1, 2])
        self.assertEqual(by_kind["interior_minimum"]["loss"], 0)
        cone = by_kind["dead_cone"]
        self.assert_close(cone["weights"], [-1, 0], 1e-15)
        self.assert_close(cone["direction"], [0, -1], 1e-15)
        self.assertEqual(cone["loss"], 2.5)
        lines = [point for point in report["points"] if point["kind"] == "flat_minimum"]
        self.assertEqual(len(lines), 2)
        for line in lines:
            ends = [[a + s * b for a, b in zip(line["weights"], line["direction"])]
                    for s in line["range"] if not isinstance(s, str)]
            self.assertEqual(len(ends), 1)
            self.assert_close(ends[0], line["weights"], 1e-15)
            self.assertIn(line["weights"], ([1, 0], [0, 2]))

    def test_ends_of_trajectories(self):
        """Every limit is one of the points, for every activation and scale."""
        for seed in range(12):
            rows = random_rows(seed, 8)
            for arguments in (("--scale", "0"), ("--scale", "1e-6"), ("--scale", "2"),
                              ("--scale", "100", "--activation", "leaky:0.3"),
                              ("--scale", "1", "--activation", "linear")):
                report = self.landscape(rows, "--starts", "60", *arguments)
                ends = report["ends"]
                self.assertEqual((ends["elsewhere"], ends["unfinished"]), (0, 0))
                self.assertLess(ends["largest_distance"], 1e-10)
                counts = [point["runs"] for point in report["points"]]
                self.assertEqual(sum(counts), 60)
                self.assertEqual(len(report["runs"]), 60)
                for k, count in enumerate(counts):
                    self.assertEqual(count, sum(run["point"] == k + 1 for run in report["runs"]))

    def test_every_limit_is_at_its_point(self):
        """As the kind of the point says."""
        kinds = set()
        for seed in range(16):
            rows = random_rows(seed, 3 + seed % 4)
            for arguments in (("--scale", "0"), ("--scale", "2")):
                report = self.landscape(rows, "--starts", "40", *arguments)
                for run in report["runs"]:
                    point = report["points"][run["point"] - 1]
                    kinds.add(point["kind"])
                    self.check_limit(rows, run["weights"], point)
        self.assertTrue(kinds >= {"interior_minimum", "kink_minimum", "dead_cone", "origin",
                                  "flat_minimum"}, kinds)

    def check_limit(self, rows, w, point):
        if point["kind"] == "dead_cone":
            self.assertLess(max(dot(row[:2], w) for row in rows), 1e-12)
        elif point["kind"] == "flat_minimum":
            difference = [a - b for a, b in zip(w, point["weights"])]
            s = dot(difference, point["direction"])
            self.assert_close(difference, [s * u for u in point["direction"]], 1e-10)
            low, high = (float(end) for end in point["range"])
            self.assertTrue(low - 1e-10 <= s <= high + 1e-10, (low, s, high))
        else:
            self.assert_close(w, point["weights"], 1e-10)

    def test_trajectories_are_those_of_flow(self):
        rows = random_rows(3, 8)
        report = self.landscape(rows, "--starts", "5", "--scale", "1.5", "--seed", "11")
        for k, run in enumerate(report["runs"]):
            flow = self.report("flow", "x.csv", "--scale", "1.5", "--seed", str(11 + k))
            self.assertEqual(run["weights"], flow["end"]["weights"])
            self.assertEqual(run["direction"], random_direction(11 + k, 2))
        stopped = self.report("landscape", "x.csv", "--starts", "9", "--scale", "9",
                              "--max-events", "1")
        self.assertEqual(stopped["ends"]["unfinished"] + stopped["ends"]["elsewhere"]
                         + sum(point["runs"] for point in stopped["points"]), 9)
        self.assertGreater(stopped["ends"]["unfinished"], 0)

    def test_choice_of_columns(self):
        """Two columns of the bundled data, or one and the bias; the order is that of the list."""
        one = self.report("landscape", "--columns", "bmi")
        self.assertEqual(one["data"]["columns"], ["bmi", "(bias)"])
        minimum = one["points"][one["lowest"] - 1]
        # All rows are active there: standardized, so the slope and the mean of the labels.
        header, rows = harness.bundled_rows()
        x, y = [row[header.index("bmi")] for row in rows], [row[-1] for row in rows]
        mean, size = math.fsum(x) / 442, math.fsum(y) / 442
        deviation = math.sqrt(math.fsum((a - mean) ** 2 for a in x) / 442)
        slope = math.fsum((a - mean) / deviation * b for a, b in zip(x, y)) / 442
        self.assert_close(minimum["weights"], [slope, size], 1e-12)
        two = self.report("landscape", "--columns", "s5,bmi", "--no-bias")
        self.assertEqual(two["data"]["columns"], ["s5", "bmi"])
        other = self.report("landscape", "--columns", "bmi,s5", "--no-bias")
        self.match([p["weights"][::-1] for p in two["points"] if p["kind"] == "interior_minimum"],
                   [p["weights"] for p in other["points"] if p["kind"] == "interior_minimum"],
                   1e-12)

    def test_csv(self):
        rows = random_rows(5, 9)
        report = self.landscape(rows, "--starts", "20")
        records = self.records("landscape", "x.csv", "--starts", "20")
        self.assertEqual(len(records), len(report["points"]))

        def numbers(record, names):
            return [float(record[name]) for name in names] if record[names[0]] else None

        for k, (point, record) in enumerate(zip(report["points"], records)):
            self.assertEqual(record["point"], str(k + 1))
            self.assertEqual(record["kind"], point["kind"])
            self.assertEqual(numbers(record, ["w1", "w2"]), point["weights"])
            self.assertEqual(numbers(record, ["direction1", "direction2"]), point["direction"])
            wanted = point["range"] and [float(value) for value in point["range"]]
            self.assertEqual(numbers(record, ["from", "to"]), wanted)
            self.assertEqual(numbers(record, ["loss"]), [point["loss"]])
            self.assertEqual(record["row"], "" if point["row"] is None else str(point["row"]))
            self.assertEqual(numbers(record, ["theta"]),
                             None if point["theta"] is None else [point["theta"]])
            self.assertEqual((record["stationary"], record["doubtful"], record["runs"]),
                             ("01"[point["stationary"]], "01"[point["doubtful"]],
                              str(point["runs"])))

    def test_text(self):
        rows = random_rows(4, 7)
        report = self.landscape(rows, "--starts", "30", "--scale", "0")
        text = self.good("landscape", "x.csv", "--starts", "30", "--scale", "0")
        for k, point in enumerate(report["points"]):
            self.assertRegex(text, r"(?m)^ +%d %s .* %d(  .*)?$" % (k + 1, point["kind"],
                                                                    point["runs"]))
        self.assertIn("\nPoints       %d; the loss is least, %.6g, at point %d\n" % (
            len(report["points"]), report["points"][report["lowest"] - 1]["loss"],
            report["lowest"]), text)
        self.assertIn("\nStarts       30 random trajectories, w(0) -> 0 along u, seeds 0 to 29\n"
                      "Ends         at a point listed: 30, elsewhere: 0, at no certified limit: "
                      "0\n", text)
        text = self.good("landscape", "x.csv")
        self.assertNotIn("Starts", text)
        self.assertNotIn("runs", text)
