"""harness.py: runs the program and keeps the files of a test.  SPDX-License-Identifier: MIT"""
import contextlib
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest

import schema

PROGRAM = None
TOOLS = None
VERSION = None
SCHEMAS = {}
TIMEOUT = 60


def configure(program, tools, version):
    global PROGRAM, TOOLS, VERSION
    PROGRAM, TOOLS, VERSION = os.path.abspath(program), os.path.abspath(tools), version
    for command in ("flow", "sweep", "landscape", "certify"):
        name = os.path.join(TOOLS, "schema", command + ".schema.json")
        with open(name, encoding="utf-8") as file:
            SCHEMAS[command] = json.load(file)
    SCHEMAS["gd"] = SCHEMAS["flow"]


def environment(**more):
    """One BLAS thread: the problems are small, and the machine may be busy."""
    return dict(os.environ, OPENBLAS_NUM_THREADS="1", **more)


class Case(unittest.TestCase):
    """A test with a folder of its own, in which the program runs."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        """Writes a file; its name is what the program is given."""
        if isinstance(content, str):
            content = content.encode("utf-8")
        with open(self.path(name), "wb") as file:
            file.write(content)
        return name

    def write_table(self, name, header, rows):
        lines = [",".join(header)] + [",".join(repr(x) for x in row) for row in rows]
        return self.write(name, "\n".join(lines) + "\n")

    def run_program(self, *arguments, **keywords):
        keywords.setdefault("stdout", subprocess.PIPE)
        keywords.setdefault("env", environment())
        return subprocess.run([PROGRAM, *arguments], stderr=subprocess.PIPE, cwd=self.folder,
                              timeout=TIMEOUT, **keywords)

    def good(self, *arguments, **keywords):
        """The text of a run that must succeed and say nothing on stderr."""
        done = self.run_program(*arguments, **keywords)
        self.assertEqual((done.returncode, done.stderr), (0, b""), arguments)
        return done.stdout.decode("utf-8")

    def report(self, *arguments, **keywords):
        """The JSON of a run, checked against the schema."""
        text = self.good(*arguments, "--json", **keywords)
        parsed = json.loads(text, parse_constant=self.fail)
        schema.check(parsed, SCHEMAS[arguments[0]])
        self.check_consistency(parsed)
        return parsed

    def records(self, *arguments, **keywords):
        """The lines of a run with --csv, as dictionaries."""
        text = self.good(*arguments, "--csv", **keywords)
        return list(csv.DictReader(text.splitlines(keepends=True)))

    def bad(self, message, *arguments, status=2, **keywords):
        """A run that must fail with exactly one line and no output."""
        done = self.run_program(*arguments, **keywords)
        self.assertEqual(done.stderr.decode("utf-8"), "reluflow: " + message + "\n", arguments)
        self.assertEqual(done.returncode, status, arguments)
        self.assertIn(done.stdout, (b"", None), arguments)

    def too_large(self, what, *arguments):
        """A run that must be refused at once for the memory that it needs."""
        done = self.run_program(*arguments)
        self.assertRegex(done.stderr.decode("utf-8"),
                         r"\Areluflow: %s need [\d.e+]+ [TPE]B of memory, and [\d.]+ [MGT]B are free\n\Z"
                         % what)
        self.assertEqual((done.returncode, done.stdout), (1, b""))

    def check_consistency(self, report):
        """What holds between the members and no schema can say."""
        n, d = report["data"]["n"], report["data"]["d"]
        self.assertEqual(len(report["data"]["columns"]), d)
        if "start" in report:
            m = report["options"].get("neurons", 1)
            self.assertEqual(len(report["options"].get("outer", [1])), m)
            for weights in (report["start"]["direction"], report["start"]["weights"],
                            report["end"]["weights"]):
                self.assertEqual(len(weights), m * d)
            counts = dict(report["event_counts"])
            del counts["inner"]
            self.assertEqual(counts.pop("total"), sum(counts.values()))
        if "rows" in report:
            self.check_rows(report, n)
            self.check_events(report, n)

    def check_events(self, report, n):
        events, counts = report["events"], dict(report["event_counts"])
        inner = counts.pop("inner")
        self.assertEqual(counts.pop("total") + inner, len(events))
        self.assertEqual([e["inner"] for e in events], [k < inner for k in range(len(events))])
        for kind, count in counts.items():
            self.assertEqual(count, sum(e["kind"] == kind for e in events[inner:]), kind)
        for part in (events[:inner], events[inner:]):
            times = [event["time"] for event in part]
            self.assertEqual(times, sorted(times))
        for row in [e["row"] for e in events if e["row"] is not None]:
            self.assertLessEqual(row, n)

    def check_rows(self, report, n):
        tables = [report["rows"]]
        if "network" in report:
            tables = [neuron["rows"] for neuron in report["network"]["neurons"]]
            self.check_network(report)
        for table in tables + [report["rows"]]:
            for key, values in table.items():
                self.assertEqual(len(values), n, key)
        self.assertEqual(report["support"]["active"],
                         [i + 1 for i in range(n)
                          if any(table["state"][i] == "active" for table in tables)])

    def check_network(self, report):
        network, outer = report["network"], report["options"]["outer"]
        neurons = network["neurons"]
        self.assertEqual([one["outer"] for one in neurons], outer)
        self.assertEqual(sum((one["weights"] for one in neurons), []), report["end"]["weights"])
        events = [event for event in report["events"] if not event["inner"]]
        for j, one in enumerate(neurons):
            states = one["rows"]["state"]
            self.assertEqual(one["active"], states.count("active"))
            self.assertEqual(one["alive"], any(state != "inactive" for state in states))
            own = [event["kind"] for event in events if event["neuron"] == j + 1]
            self.assertEqual(one["events"], len(own))
            self.assertEqual(one["origins"], own.count("origin"))
            self.assertEqual(one["origin_exits"], own.count("origin_exit"))
        alive = [one for one in neurons if one["alive"]]
        self.assertEqual(network["alive"], len(alive))
        self.assertEqual([group["group"] for group in network["groups"]],
                         sorted({one["group"] for one in alive}))
        for group in network["groups"]:
            members = [one for one in alive if one["group"] == group["group"]]
            self.assertEqual(group["neurons"], len(members))
            self.assert_close(group["outer"], sum(one["outer"] for one in members), 1e-14)
            self.assert_close(group["weight"],
                              sum(one["outer"] * one["weight_norm"] for one in members), 1e-14)

    def assert_close(self, found, wanted, tolerance):
        """Two numbers or two vectors, relative to the larger norm (or to 1)."""
        if not isinstance(found, list):
            found, wanted = [found], [wanted]
        self.assertEqual(len(found), len(wanted))
        size = max(1.0, max(abs(x) for x in wanted))
        for one, other in zip(found, wanted):
            self.assertLessEqual(abs(one - other), tolerance * size, (found, wanted))


@contextlib.contextmanager
def endless(first, line):
    """A pipe from which a text comes, then a line again and again."""
    program = ("import sys\n"
               "put = sys.stdout.buffer.write\n"
               "put(sys.argv[1].encode())\n"
               "while True:\n"
               "    put(1000 * sys.argv[2].encode())\n")
    source = subprocess.Popen([sys.executable, "-S", "-c", program, first, line], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    try:
        yield source.stdout
    finally:
        source.kill()
        source.wait()
        source.stdout.close()


def bundled_rows():
    """The header and the rows of the bundled data."""
    with open(os.path.join(TOOLS, "data", "diabetes.csv"), newline="", encoding="ascii") as file:
        lines = list(csv.reader(file))
    return lines[0], [[float(field) for field in line] for line in lines[1:]]
