"""test_terminal.py: progress on a terminal, and interruption.  SPDX-License-Identifier: MIT"""
import json
import os
import pty
import random
import re
import signal
import subprocess
import time

import harness

SMALL = "a,b,y\n1,2,-1\n3,1,2\n1,0,-3\n-1,1,1\n"


class Terminal(harness.Case):
    def run_with_terminal(self, *arguments):
        """stderr is a terminal; returns what was written there."""
        try:
            master, slave = pty.openpty()
        except OSError as error:
            self.skipTest("this machine has no terminals: %s" % error)
        try:
            process = subprocess.Popen([harness.PROGRAM, *arguments], cwd=self.folder,
                                       stdout=subprocess.PIPE, stderr=slave,
                                       env=harness.environment())
            os.close(slave)
            output, _ = process.communicate(timeout=harness.TIMEOUT)
            shown = b""
            while True:
                try:
                    piece = os.read(master, 4096)
                except OSError:  # the other end is closed
                    piece = b""
                if not piece:
                    break
                shown += piece
        finally:
            os.close(master)
        self.assertEqual(process.returncode, 0)
        return output, shown.decode("ascii")

    def chattering(self):
        """Descent that jumps over a kink at every step: events for as long as one likes."""
        name = self.write("x.csv", "a,y\n1,-1\n-1,-1\n")
        return ["gd", name, "--eta", "0.75", "--json"]

    def test_progress(self):
        arguments = self.chattering() + ["--max-events"]
        count = 1000
        while True:
            output, shown = self.run_with_terminal(*arguments, str(count), "--steps", str(count))
            events = json.loads(output)["event_counts"]["total"]
            self.assertGreater(events, count // 2)
            if shown:
                break
            count *= 4
        self.assertRegex(shown, r"\A(\rt = \S+, \d+ events, \d+ s *)+\r {78}\r\Z")

    def test_quiet_without_terminal(self):
        self.good(*self.chattering(), "--steps", "100000")

    def test_short_run_shows_nothing(self):
        _, shown = self.run_with_terminal("flow", "--t-end", "0")
        self.assertEqual(shown, "")

    def shown_after(self, prepare, more_than=0):
        """What is shown by the first of ever longer runs that shows such a number."""
        count = 20
        while True:
            output, shown = self.run_with_terminal(*prepare(count))
            numbers = [int(number) for number in re.findall(r"\r(\d+) of ", shown)]
            self.assertEqual(numbers, sorted(numbers))
            if numbers and numbers[-1] > more_than:
                return count, json.loads(output), shown
            count *= 4

    def test_progress_of_a_sweep(self):
        self.write("x.csv", SMALL)
        count, report, shown = self.shown_after(
            lambda count: ["sweep", "x.csv", "--json", "--scales", "0", "--no-certificate",
                           "--directions", str(1000 * count)],
            more_than=1024)  # beyond the first part of the sweep: the parts are counted on
        self.assertEqual(len(report["runs"]), 1000 * count)
        self.assertRegex(shown, r"\A(\r\d+ of %d runs, \d+ s *)+\r {78}\r\Z" % (1000 * count))

    def test_progress_of_starts(self):
        self.write("x.csv", SMALL)
        count, report, shown = self.shown_after(
            lambda count: ["landscape", "x.csv", "--json", "--starts", str(count)])
        self.assertEqual(len(report["runs"]), count)
        self.assertRegex(shown, r"\A(\r\d+ of %d runs, \d+ s *)+\r {78}\r\Z" % count)

    def test_progress_of_influence(self):
        def prepare(count):
            generator = random.Random(count)
            rows = [[generator.gauss(0, 1) for _ in range(4)] + [abs(generator.gauss(0, 1))]
                    for _ in range(count)]
            return ["flow", self.write_table("x.csv", list("abcdy"), rows), "--json", "--influence"]

        count, report, shown = self.shown_after(prepare)
        self.assertEqual(len(report["influence"]["rows"]), count)
        self.assertRegex(shown, r"\A(\r\d+ of %d rows left out, \d+ s *)+\r {78}\r\Z" % count)

    def test_quiet_commands_without_terminal(self):
        """good() wants an empty stderr."""
        self.write("x.csv", SMALL)
        self.good("sweep", "x.csv", "--directions", "2000", "--csv")
        self.good("landscape", "x.csv", "--starts", "4000")

    def test_interruption(self):
        """The signal ends the program at once; nothing has been printed."""
        process = subprocess.Popen([harness.PROGRAM, "sweep", "--directions", "100000"],
                                   cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=harness.environment())
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=harness.TIMEOUT)
        self.assertEqual((process.returncode, output, errors), (-signal.SIGINT, b"", b""))
