"""test_documents.py: the schemas agree, and what docs/command-line.md and docs/quickstart.md show is
what the program prints.  SPDX-License-Identifier: MIT"""
import os
import re
import shlex
import subprocess

import harness

# Numbers that consist of rounding errors alone differ from machine to machine.
NOISE = 1e-8


def blocks(text):
    """(arguments, output) of every indented example that begins with "$ reluflow"."""
    for block in re.findall(r"(?:^    .*\n|^\n)+", text, re.M):
        lines = [line[4:] for line in block.strip("\n").split("\n")]
        if lines[0].startswith("$ reluflow "):
            yield shlex.split(lines[0])[2:], lines[1:]


def document(name):
    path = os.path.join(os.path.dirname(harness.TOOLS), "docs", name)
    with open(path, encoding="utf-8") as file:
        return file.read()


class Documents(harness.Case):
    def same(self, found, shown):
        """Word by word, the digits of numbers up to the last two that are printed."""
        found, shown = found.split(), shown.split()
        self.assertEqual(len(found), len(shown), (found, shown))
        for one, other in zip(found, shown):
            try:
                a, b = float(one.strip("(),;:")), float(other.strip("(),;:"))
            except ValueError:
                self.assertEqual(one, other)
                continue
            if a != b:
                self.assertLessEqual(abs(a - b), max(1e-3 * abs(b), NOISE), (found, shown))

    def compare(self, printed, shown):
        """Lines with what a document shows; a line "..." stands for lines left out."""
        found = printed.rstrip("\n").split("\n")
        at = 0
        for k, line in enumerate(shown):
            if line == "...":
                behind = shown[k + 1].split()[:2] if k + 1 < len(shown) else None
                at = next((j for j in range(at, len(found))
                           if found[j].split()[:2] == behind), len(found))
            else:
                self.same(found[at], line)
                at += 1
        self.assertEqual(at, len(found))

    def test_examples(self):
        examples = list(blocks(document("command-line.md")))
        self.assertEqual({arguments[0] for arguments, _ in examples},
                         {"flow", "sweep", "landscape", "certify"})
        for arguments, shown in examples:
            self.compare(self.good(*arguments), shown)

    def test_quick_start(self):
        """Every block marked sh prints the block marked text behind it."""
        text = document("quickstart.md")
        shown = re.findall(r"^```sh\n(.*?)^```\n+```text\n(.*?)^```$", text, re.S | re.M)
        self.assertEqual(len(shown), 2)
        self.assertEqual(text.count("\n```sh\n"), 2)
        path = os.path.dirname(harness.PROGRAM) + os.pathsep + os.environ["PATH"]
        for commands, printed in shown:
            done = subprocess.run(["sh", "-eu", "-c", commands], cwd=self.folder, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=harness.environment(PATH=path),
                                  timeout=harness.TIMEOUT)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.compare(done.stdout.decode("utf-8"), printed.rstrip("\n").split("\n"))

    def test_schemas_agree(self):
        """What several schemas define they define alike."""
        schemas = harness.SCHEMAS
        wanted = dict(schemas["flow"]["definitions"])
        for command, one in schemas.items():
            for name, definition in one["definitions"].items():
                self.assertEqual(definition, wanted.setdefault(name, definition), (command, name))
            for name in ("schema", "version", "data"):
                self.assertEqual(one["properties"][name], schemas["flow"]["properties"][name])
            options = one["properties"]["options"]["properties"]
            for name in ("standardize", "bias", "mean_loss", "activation", "slope", "max_events",
                         "threads"):
                self.assertEqual(options[name],
                                 schemas["flow"]["properties"]["options"]["properties"][name])
        for name in ("start", "event_counts"):
            self.assertEqual(schemas["certify"]["properties"][name],
                             schemas["flow"]["properties"][name])

    def test_schemas_require_everything(self):
        """A member that may be absent would go untested: only few may."""
        optional = {"start_file", "scale", "seed", "t_end", "eta", "eta_limit", "steps", "directions_file",
                    "influence", "network", "neurons", "outer", "neuron"}

        def visit(one):
            if isinstance(one, dict):
                if isinstance(one.get("properties"), dict) and "type" in one:
                    self.assertLessEqual(set(one["properties"]) - set(one["required"]), optional)
                for value in one.values():
                    visit(value)
            elif isinstance(one, list):
                for value in one:
                    visit(value)

        for one in harness.SCHEMAS.values():
            visit(one)
