"""test_fuzz.py: damaged files never do harm.  SPDX-License-Identifier: MIT"""
import json
import random

import harness
import schema

COUNT = 400
PIECES = [b",", b'"', b"\n", b"\r", b"\r\n", b"\0", b" ", b"-", b".", b"e", b"1e308", b"1e-320",
          b"nan", b"inf", b"\xff", b"\xef\xbb\xbf", b'""', b"0", b"9" * 30, b"1e400", b"\x1b[m",
          b"#"]


def valid_file(generator):
    lines = ['a,"b, c",d,y']
    for _ in range(generator.randrange(1, 12)):
        lines.append(",".join("%.6g" % generator.gauss(0, 1) for _ in range(4)))
    return ("\n".join(lines) + "\n").encode("ascii")


def damage(data, generator):
    data = bytearray(data)
    for _ in range(generator.randrange(1, 4)):
        at = generator.randrange(len(data) + 1)
        length = generator.randrange(8)
        kind = generator.randrange(5)
        if kind == 0:
            data[at:at] = generator.choice(PIECES)
        elif kind == 1:
            del data[at:at + length]
        elif kind == 2:
            data[at:at + 1] = bytes([generator.randrange(256)])
        elif kind == 3:
            data[at:at + length] = generator.choice(PIECES)
        else:
            del data[at:]
    return bytes(data)


class Fuzz(harness.Case):
    COMMANDS = (["flow"], ["gd", "--steps", "100"], ["flow", "--scale", "0"],
                ["flow", "--influence"], ["sweep", "--directions", "2"], ["certify"],
                ["landscape", "--columns", 'a,"b, c"', "--starts", "3"])

    def check(self, content, arguments):
        done = self.run_program(*arguments)
        what = (content, arguments, done.stderr)
        self.assertIn(done.returncode, (0, 1, 2), what)
        if done.returncode == 0:
            self.assertEqual(done.stderr, b"", what)
            report = json.loads(done.stdout, parse_constant=self.fail)
            schema.check(report, harness.SCHEMAS[arguments[0]])
        else:
            self.assertEqual(done.stdout, b"", what)
            self.assertTrue(done.stderr.startswith(b"reluflow: "), what)
            self.assertEqual(done.stderr.count(b"\n"), 1, what)
            self.assertTrue(done.stderr.endswith(b"\n"), what)
        return done.returncode

    def test_tables(self):
        generator = random.Random(20040401)
        endings = []
        for k in range(COUNT):
            content = damage(valid_file(generator), generator)
            name = self.write("x.csv", content)
            command = self.COMMANDS[k % len(self.COMMANDS)]
            switches = [s for s in ("--standardize", "--bias", "--mean-loss")
                        if generator.randrange(2)]
            endings.append(self.check(content, command + [name, "--json"] + switches))
            self.assertEqual(endings[-1] == 0 and "landscape" in command and "--bias" in switches,
                             False)
        self.assertGreater(endings.count(0), COUNT // 10)
        self.assertGreater(endings.count(2), COUNT // 10)

    def test_starts(self):
        generator = random.Random(32)
        self.write("x.csv", "a,b,y\n1,2,3\n3,-1,2\n-1,1,1\n")
        for _ in range(60):
            content = damage(b"0.25\n-1.5\n", generator)
            name = self.write("start", content)
            self.check(content, ["flow", "x.csv", "--start", name, "--json"])

    def test_directions(self):
        generator = random.Random(33)
        self.write("x.csv", "a,b,y\n1,2,3\n3,-1,2\n-1,1,1\n")
        endings = []
        for _ in range(60):
            name = self.write("u", damage(b"0.25,-1.5\n1,0\n-2,1\n", generator))
            endings.append(self.check(name, ["sweep", "x.csv", "--directions", name, "--json",
                                             "--scales", "1,0"]))
        self.assertEqual(set(endings), {0, 2})

    def test_lists(self):
        """Damaged lists on the command line; a zero byte cannot be part of an argument."""
        generator = random.Random(34)
        self.write("x.csv", "a,b,y\n1,2,3\n3,-1,2\n-1,1,1\n")
        endings = []
        for option, text in (("--scales", b"1,1e-3:1e2:4,0"), ("--columns", b'a,"b"'),
                             ("--influence", b"1,2-3")):
            for _ in range(60):
                damaged = damage(text, generator).replace(b"\0", b"?")
                command = "sweep" if option == "--scales" else "flow"
                endings.append(self.check(damaged, [command, "x.csv", "--json", option + "="
                                                    + damaged.decode("latin-1")]))
        self.assertEqual(set(endings), {0, 2})
