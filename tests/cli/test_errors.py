"""test_errors.py: what is refused, with which words, where.  SPDX-License-Identifier: MIT"""
import os
import subprocess

import harness


class Files(harness.Case):
    def refuse(self, content, message, *arguments):
        name = self.write("x.csv", content)
        for command in ("flow", "gd", "sweep", "landscape", "certify"):
            self.bad("x.csv:" + message, command, name, *arguments)

    def test_empty(self):
        self.refuse("", "1:1: the file is empty")
        self.refuse("\ufeff", "1:1: the file is empty")
        self.refuse("\n \n\r\n", "1:1: the file is empty")

    def test_header(self):
        self.refuse("a,y", "1:4: no row of data after the header")
        self.refuse("a,y\n", "2:1: no row of data after the header")
        self.refuse("a,y\r\n\r\n", "2:1: no row of data after the header")
        self.refuse("\na,y\n1,2\n", "1:1: a blank line where the header should be")
        self.refuse("y\n1\n", "1:1: one column only: a variable and a label are needed")
        for text, what in (("a;b;y\n1,5;2;3\n", 'not ";"'), ("a\tb\ty\n1\t2\t3\n", "not tabs"),
                           ("a b y\n1 2 3\n", "not blanks"), ("# a comment\na,b\n1,2\n", "not blanks")):
            self.refuse(text, "1:1: one column only: a variable and a label are needed (commas "
                              "separate columns, %s)" % what)
        self.refuse('"y;z"\n1\n', "1:1: one column only: a variable and a label are needed")
        self.refuse("1,2\n3,4\n", "1:1: the first line holds numbers, not the names of columns "
                                  "(quote names that look like numbers)")

    def test_ragged(self):
        self.refuse("a,b,y\n1,2,3\n4,5\n", "3:4: the row ends after 2 of 3 fields")
        self.refuse("a,b,y\n1,2,3\n4,5\r\n", "3:4: the row ends after 2 of 3 fields")
        self.refuse("a,b,y\n1\n", "2:2: the row ends after 1 of 3 fields")
        self.refuse('a,b,y\n"1"\n', "2:1: the row ends after 1 of 3 fields")
        self.refuse("a,b,y\n1,2,3,4\n", "2:7: the row has more than 3 fields")
        self.refuse("a,b,y\n1,2,3,\n", "2:7: the row has more than 3 fields")

    def test_blank_line_inside(self):
        self.refuse("a,y\n1,2\n\n3,4\n", "3:1: a blank line before the end of the data")
        self.refuse("a,y\n1,2\n \t\n\n3,4\n", "3:1: a blank line before the end of the data")

    def test_text_for_a_number(self):
        for text in ("abc", "1x", "1 2", "0x10", "1e", "1e+", ".", "-", "+-1", "1..2", "1;5", "#",
                     "1'000", "NaN(1)", "nanx", "1d3", "\u0661"):
            self.refuse("a,y\n1,%s\n" % text, '2:3: "%s" is not a number (column "y")' % text)

    def test_place_counts_characters(self):
        self.refuse("日本,y\n1,2\n3,é\n", '3:3: "é" is not a number (column "y")')
        self.refuse("a,b,y\né,ü\n", '2:1: "é" is not a number (column "a")')
        self.refuse('"é",é",y\n', "1:6: a quote inside a field without quotes")
        self.refuse('"a\nb","c\nd",y\n1,2,z\n', '4:5: "z" is not a number (column "y")')
        self.refuse('\ufeffa"b,y\n', "1:2: a quote inside a field without quotes")

    def test_empty_field(self):
        self.refuse("a,y\n,2\n", '2:1: "" is empty, a number is needed (column "a")')
        self.refuse("a,y\n1,  \n", '2:3: "  " is empty, a number is needed (column "y")')
        self.refuse('a,y\n1,""\n', '2:3: "" is empty, a number is needed (column "y")')

    def test_not_finite(self):
        for text in ("nan", "NaN", "inf", "-Inf", "+INFINITY"):
            self.refuse("a,y\n%s,1\n" % text, '2:1: "%s" is not a finite number (column "a")'
                        % text)
        self.refuse("a,y\n1,-1e999\n", '2:3: "-1e999" is too large for double precision '
                                       '(column "y")')

    def test_quotes(self):
        self.refuse('a,"y\n1,2\n', "1:3: the quote is never closed")
        self.refuse('a,y\n1,"2\n', "2:3: the quote is never closed")
        self.refuse('a,y\n1,"2"3\n', "2:6: text after a closing quote")
        self.refuse('"a";"y"\n1;2\n', "1:4: text after a closing quote (commas separate columns, "
                                     'not ";")')
        self.refuse('"a"\t"y"\n1\t2\n', "1:5: text after a closing quote (commas separate columns, "
                                       "not tabs)")
        self.refuse('a,y\n1,2"\n', "2:4: a quote inside a field without quotes")
        self.refuse('a,y\n1,"2""3"\n', '2:3: "2""3" is not a number (column "y")')

    def test_label(self):
        self.refuse("a,b,y\n1,2,3\n", '1:1: no column is named "z"; the columns are a, b, y',
                    "--label", "z")
        self.refuse("a,b,c,d,e,f,g,h,i,j,k,l,y\n1,2,3,4,5,6,7,8,9,10,11,12,13\n",
                    '1:1: no column is named "z"; the columns are a, b, c, d, e, f, g, h, i, j, k, l, ...',
                    "--label", "z")
        self.refuse("a,b,a,y\n1,2,3,4\n", '1:5: a second column is named "a"', "--label", "a")

    def test_columns(self):
        self.refuse("a,b,y\n1,2,3\n", '1:1: no column is named "z"; the columns are a, b, y',
                    "--columns", "a,z")
        self.refuse("a,b,a,y\n1,2,3,4\n", '1:5: a second column is named "a"', "--columns", "a")
        name = self.write("x.csv", 'a,"b, c",y\n1,2,3\n')
        for columns, message in (
                ("a,y", '--columns: "y" is the label'), ("a,a", '--columns: "a" is named twice'),
                ('a,"b', "--columns:1:3: the quote is never closed"),
                ('"a"b', "--columns:1:4: text after a closing quote"),
                ("a\nb", "--columns:2:1: text behind the line of names"),
                ("a,", "--columns:1:3: the name of a column is missing"),
                ("", "--columns:1:1: the name of a column is missing")):
            self.bad(message, "flow", name, "--columns", columns)

    def test_binary(self):
        self.refuse(b"a,y\n1,2\0\n", "2:4: a zero byte: this is not a text file")
        self.refuse(b"a,\0y\n1,2\n", "1:3: a zero byte: this is not a text file")
        self.bad("/dev/zero:1:1: a zero byte: this is not a text file", "flow", "/dev/zero")
        self.refuse(b"\x7fELF\r\x01\x02\0\r\n", "1:8: a zero byte: this is not a text file")
        self.refuse(b'\x89PNG\r\n\x1a\n"\0\0', "3:2: a zero byte: this is not a text file")
        self.refuse(b"a,y\n1,\x1b[2J\n", '2:3: "?[2J" is not a number (column "y")')

    def test_long_text_is_cut(self):
        self.refuse("a,y\n1,%s\n" % ("z" * 100), '2:3: "%s..." is not a number (column "y")'
                    % ("z" * 40))
        self.refuse("a,y\n1,%s\n" % ("é" * 100), '2:3: "%s..." is not a number (column "y")'
                    % ("é" * 20))

    def test_wide_characters(self):
        text = "a,y\n1,2\n"
        for bits, big in ((16, b"\xfe\xff"), (32, b"\0\0\xfe\xff")):
            for content in (text.encode("utf-%d" % bits), text.encode("utf-%d-le" % bits),
                            text.encode("utf-%d-be" % bits), big + text.encode("utf-%d-be" % bits)):
                self.refuse(content, "1:1: this is UTF-%d: UTF-8 is needed" % bits)

    def test_second_label(self):
        self.refuse("a,y,y\n1,2,3\n", '1:5: a second column is named "y"')
        self.refuse("y,a,y\n1,2,3\n", '1:5: a second column is named "y"', "--columns", "a")

    def test_lone_carriage_return(self):
        message = "the line ends with CR, others with LF: one kind of line end is needed"
        self.refuse("a,y\n1,2\r3,4\n", "2:4: " + message)
        self.refuse("a,y\r1,2\r3,4\n", "1:4: " + message)
        self.refuse('a,y\n1,"2" \r3,4\n', "2:7: " + message)

    def test_unreadable(self):
        self.bad("nothing.csv: No such file or directory", "flow", "nothing.csv")
        os.mkdir(self.path("folder"))
        self.bad("folder: Is a directory", "flow", "folder")
        self.bad("--start takes a FILE: folder: Is a directory", "flow", "--start", "folder")
        self.bad("--start takes a FILE: 1,2: No such file or directory", "flow", "--start", "1,2")
        self.bad("--outer: neither ones, nor signs, nor a FILE: 5: No such file or directory", "flow", "--outer", "5")
        self.bad('"": No such file or directory', "flow", "")
        self.bad('--start takes a FILE: "": No such file or directory', "flow", "--start", "")
        self.write("file", "a,y\n1,2\n")
        self.bad("file/x: Not a directory", "flow", "file/x")
        self.bad("a?b: No such file or directory", "flow", "a\nb")

    def test_empty_standard_input(self):
        self.bad("(standard input):1:1: the file is empty", "flow", "-",
                 stdin=subprocess.DEVNULL)


class StartFiles(harness.Case):
    def refuse(self, content, message):
        self.write("x.csv", "a,b,y\n1,2,3\n")
        self.write("start", content)
        self.bad("start:" + message, "flow", "x.csv", "--start", "start")

    def test_count(self):
        self.refuse("", "1:1: 0 numbers, but the data have 2 columns")
        self.refuse("1\n", "1:1: 1 number, but the data have 2 columns")
        self.refuse("\n1\n\n", "2:1: 1 number, but the data have 2 columns")
        self.refuse("1,2,3\n", "1:5: more than 2 numbers, one for each column of the data")
        self.refuse("1\n2\n3\n", "3:1: more than 2 numbers, one for each column of the data")

    def test_content(self):
        separators = " (one number per line, or commas between them)"
        self.refuse("1\nx\n", '2:1: "x" is not a number' + separators)
        self.refuse("1,\n", '1:3: "" is empty, a number is needed')
        self.refuse("1,nan\n", '1:3: "nan" is not a finite number')
        self.refuse("1 2\n", '1:1: "1 2" is not a number' + separators)
        self.refuse("1;2\n", '1:1: "1;2" is not a number' + separators)


class Arguments(harness.Case):
    def test_commands(self):
        self.bad('no command (see "reluflow --help")')
        self.bad('unknown command "flwo" (see "reluflow --help")', "flwo")
        self.bad('unknown command "" (see "reluflow --help")', "")
        self.bad('unknown option "--json" (see "reluflow --help")', "--json")

    def test_unknown_options(self):
        for option in ("--foo", "-x", "--labe", "--labels", "--Label", "---"):
            self.bad('unknown option "%s" (see "reluflow flow --help")' % option, "flow", option)
        self.bad('unknown option "--foo" (see "reluflow gd --help")', "gd", "--foo=3")

    def test_values(self):
        positive = "a number greater than 0"
        count = "an integer from 0 to 9223372036854775807"
        seed = "an integer from 0 to 18446744073709551615"
        for command, option, values, expected in (
                ("flow", "--scale", ("-1", "x", "", "inf", "nan", "0x1"),
                 "a number from 0"),
                ("gd", "--eta", ("0", "-1", "x", "", "inf", "nan"), positive),
                ("flow", "--t-end", ("-1", "x", "", "nan", "-inf", "1s"),
                 "a number from 0, or inf"),
                ("flow", "--seed", ("-1", "x", "", "1.5", "18446744073709551616", "1e3"), seed),
                ("flow", "--max-events", ("-1", "x", "", "9223372036854775808", "1e400"), count),
                ("gd", "--steps", ("-1", "x", "", "1.5", "9223372036854775808"), count),
                ("landscape", "--starts", ("-1", "x", ""), count),
                ("flow", "--threads", ("0", "-1", "1025", "x", "1e400"), "an integer from 1 to 1024"),
                ("flow", "--neurons", ("0", "-1", "1e3", "1000001", ""), "an integer from 1 to 1000000"),
                ("flow", "--activation",
                 ("tanh", "leaky", "leaky:", "leaky:1", "leaky:-0.1", "leaky:x", "Relu", ""),
                 "relu, linear, or leaky:SLOPE with SLOPE from 0 to below 1")):
            for value in values:
                message = '%s: "%s" is not %s' % (option, value, expected)
                self.bad(message, command, option, value)
                self.bad(message, command, option + "=" + value)
        for option in ("--scale", "--t-end"):
            self.bad('%s: "1e400" is too large for double precision' % option, "flow", option,
                     "1e400")

    def test_missing_and_superfluous_values(self):
        self.bad("--label needs a value: --label NAME", "flow", "--label")
        self.bad("--seed needs a value: --seed K", "flow", "--json", "--seed")
        self.bad("--json takes no value", "flow", "--json=1")
        self.bad('one FILE only, "b" is a second beside "a"', "flow", "a", "b")
        self.bad('one FILE only, "--json" is a second beside "a"', "flow", "--", "a", "--json")
        for switch in ("--events", "--json", "--bias"):
            self.bad('one FILE only, "x.csv" is a second beside "1"', "flow", switch, "1", "x.csv")

    def test_standard_input_is_read_once(self):
        for one, other, arguments in (
                ("FILE", "--start", ["flow", "-", "--start", "-"]),
                ("FILE", "--outer", ["flow", "--outer", "-", "-"]),
                ("--start", "--outer", ["gd", "--outer", "-", "--start", "-"]),
                ("FILE", "--directions", ["sweep", "-", "--directions=-"])):
            self.bad("%s and %s cannot both be read from the standard input" % (one, other), *arguments)

    def test_contradictions(self):
        for option in ("--scale", "--seed"):
            self.bad(option + " has no meaning together with --start, which gives w(0)", "flow",
                     "--start", "s", option, "1")


class NewCommands(harness.Case):
    """Arguments of sweep, landscape and flow --influence."""

    def setUp(self):
        super().setUp()
        self.write("x.csv", "a,b,y\n1,2,3\n3,-1,2\n")

    def test_directions(self):
        for text in ("0", "00", "1000000001", "9" * 30):
            self.bad('--directions: "%s" is not an integer from 1 to 1000000000' % text, "sweep",
                     "x.csv", "--directions", text)
        for text in ("-1", "1e3", "1.5"):
            self.bad('--directions: "%s" is not an integer from 1 to 1000000000 (a file of this name '
                     "is ./%s)" % (text, text), "sweep", "x.csv", "--directions", text)
        self.bad("--directions: neither a number nor a FILE: u: No such file or directory", "sweep", "x.csv", "--directions", "u")
        self.bad("--seed has no meaning together with --directions FILE, which gives the "
                 "directions", "sweep", "x.csv", "--directions", "u", "--seed", "1")
        for content, message in (
                ("", "1:1: no direction"), ("\n\n", "3:1: no direction"),
                ("1\n", "1:1: less than 2 numbers on the line, one for each column of the data"),
                ("1,2,3\n", "1:3: more than 2 numbers on the line, one for each column of the "
                            "data"),
                ("1,2\n\n1\n", "3:1: less than 2 numbers on the line, one for each column of the "
                                "data"),
                ("1,x\n", '1:3: "x" is not a number (column "b")'),
                ("1 2\n", '1:1: "1 2" is not a number (column "a")'),
                ("1,2\n0,-0\n", "2:1: 0 has no direction")):
            self.write("u", content)
            self.bad("u:" + message, "sweep", "x.csv", "--directions", "u")

    def test_scales(self):
        for text, part in (("", ""), ("1,", ""), (",1", ""), ("-1", "-1"), ("1,x,2", "x"),
                           ("inf", "inf"), ("nan", "nan"), ("0:1:3", "0:1:3"), ("1:0:3", "1:0:3"),
                           ("1:2", "1:2"), ("1:2:1", "1:2:1"), ("1:2:x", "1:2:x"),
                           ("1:2:3:4", "1:2:3:4"), ("1:2:100001", "1:2:100001"), ("1;2", "1;2"),
                           ("1:2:", "1:2:"), ("::", "::")):
            self.bad('--scales: "%s" is neither a number from 0 nor FROM:TO:COUNT with FROM and TO '
                     'greater than 0 and COUNT from 2 to 100000' % part, "sweep", "x.csv",
                     "--scales", text)

    def test_influence(self):
        for text in ("0", "3", "x", "", "1-", "-1", "2-1", "1,,2", "1-2-2", "1,", "1 2", "All"):
            self.bad('--influence: "%s" is neither all nor a list of rows from 1 to 2 like 3,7-9'
                     % text, "flow", "x.csv", "--influence=" + text)
        for option in ("--t-end", "--max-events"):
            self.bad(option + " has no meaning together with --influence, which compares limits",
                     "flow", "x.csv", "--influence", option, "1")
        for text in ("-1", "-1,2", "-0.5", "-.5"):
            self.bad('--influence: "%s" is neither all nor a list of rows from 1 to 2 like 3,7-9'
                     % text, "flow", "x.csv", "--influence", text)
        for text in ("x", "", "y.csv", "1;2", "0.1", "1,2.5"):
            for order in (["x.csv", "--influence", text], ["--influence", text, "x.csv"],
                          ["--influence", text, "--json", "x.csv"]):
                self.bad('--influence: "%s" is not all or a list of rows like 3,7-9, and as a FILE it is one '
                         'too many beside "x.csv"' % text, "flow", *order)
            self.bad('one FILE only, "%s" is a second beside "x.csv"' % text, "flow", "x.csv", "--influence", "1", text)
            self.bad("--influence: neither all, nor rows like 3,7-9, nor a FILE: %s: No such file or "
                     "directory" % (text or '""'), "flow", "--influence", text)
        self.good("flow", "--influence", "x.csv")
        self.bad('one FILE only, "x.csv" is a second beside "x.csv"', "flow", "x.csv", "--", "x.csv")

    def test_landscape(self):
        self.write("one.csv", "a,y\n1,2\n")
        self.write("three.csv", "a,b,c,y\n1,2,3,4\n")
        message = ("the landscape is listed in the plane only, and the data have %s: choose two "
                   "with --columns A,B --no-bias, or one with --columns A --bias")
        self.bad(message % "1 column", "landscape", "one.csv")
        self.bad(message % "3 columns", "landscape", "three.csv")
        self.bad(message % "3 columns (with the bias)", "landscape", "x.csv", "--bias")
        self.bad(message % "11 columns (with the bias)", "landscape")
        for option in ("--seed", "--scale"):
            self.bad(option + " has no meaning without --starts", "landscape", "x.csv", option, "1")

    def test_options_of_other_commands(self):
        for command, option, others in (
                ("gd", "--influence", "flow"), ("sweep", "--start", "flow, gd, certify"),
                ("sweep", "--scale", "flow, gd, landscape, certify"), ("certify", "--eta", "gd"),
                ("landscape", "--t-end", "flow, sweep, certify"), ("flow", "--csv", "sweep, landscape"),
                ("certify", "--csv", "sweep, landscape"), ("flow", "--scales", "sweep")):
            message = '%s is an option of %s, not of %s (see "reluflow %s --help")' % (option, others, command, command)
            self.bad(message, command, option, "1")
            self.bad(message, command, option + "=1")


class Memory(harness.Case):
    """Counts that no machine has room for are refused before anything is done."""

    def test_counts(self):
        self.too_large("--directions: 100000000000000 runs", "sweep", "--directions", "1000000000",
                       "--scales", "1:2:100000")
        self.too_large("--starts: 9.22337203685478e\\+18 runs", "landscape", "--columns", "bmi,s5",
                       "--no-bias", "--starts", "9223372036854775807")
        name = self.write("x.csv", "a,y\n" + "1,2\n" * 100000)
        for command in ("flow", "gd", "sweep", "certify"):
            self.too_large("--neurons: 1000000 neurons for 100000 rows of 1 column", command, name, "--neurons", "1000000")
        outer = self.write("a", "1\n" * 1000000)
        self.too_large("--outer: 1000000 neurons for 100000 rows of 1 column", "flow", name, "--outer", outer)


class Output(harness.Case):
    def refuse(self, arguments, stdout):
        """The reason follows only where the last write is the one that failed."""
        done = self.run_program(*arguments, stdout=stdout)
        self.assertEqual(done.returncode, 1, arguments)
        self.assertRegex(done.stderr, rb"\Areluflow: the output cannot be written(: [^\n]*)?\n\Z")

    def test_full_disk(self):
        for arguments in (["flow"], ["flow", "--json"], ["gd", "--steps", "1"], ["--help"],
                          ["--version"], ["flow", "--help"], ["certify"],
                          ["sweep", "--csv", "--directions", "2"],
                          ["landscape", "--columns", "bmi"]):
            with open("/dev/full", "wb") as full:
                self.refuse(arguments, full)

    def test_closed_pipe(self):
        reading, writing = os.pipe()
        os.close(reading)
        try:
            for arguments in (["flow"], ["flow", "--json", "--all"], ["--version"]):
                self.refuse(arguments, writing)
        finally:
            os.close(writing)


class Plot(harness.Case):
    def test_help_without_the_package(self):
        python = self.write("python", '#!/bin/sh\nexec /usr/bin/env python3 -S -I "$@"\n')
        os.chmod(self.path(python), 0o755)
        for words in (["plot", "--help"], ["plot", "nosuch", "--help"], ["help", "plot"]):
            done = self.run_program(*words, env=harness.environment(
                RELUFLOW_PYTHON=self.path(python)))
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(b"Usage: reluflow plot KIND", done.stdout)
            self.assertIn(b"-Dpython=install", done.stdout)
        done = self.run_program("plot", "path", env=harness.environment(
            RELUFLOW_PYTHON=self.path(python)))
        self.assertEqual((done.returncode, done.stdout, done.stderr.count(b"\n")), (1, b"", 1))
        self.assertIn(b'"pip install ." in the source tree installs it, or a build with '
                      b"-Dpython=install", done.stderr)


class Library(harness.Case):
    def test_descent_from_scale_0(self):
        """The library's own words."""
        self.bad("descent does not start at scale 0, but at a small one", "gd", "--scale", "0",
                 status=1)

    def test_overflow_is_reported(self):
        name = self.write("x.csv", "a,b,y\n1e308,1e308,1\n1e308,-1e308,2\n")
        for command in (["flow"], ["certify"], ["landscape"],
                        ["sweep", "--directions", "1", "--scales", "1"]):
            done = self.run_program(*command, name)
            self.assertEqual((done.returncode, done.stderr.count(b"\n"), done.stdout), (1, 1, b""))
            self.assertEqual(done.stderr, b'reluflow: x.csv: row 1, column "a": 1e+308 is so large that '
                                          b"the range of double precision is left\n")

    def test_extreme_numbers_are_named(self):
        """Which option, row or column leads out of the range of double."""
        large, small = "so large", "so small"
        end = " that the range of double precision is left"
        name = self.write("x.csv", "a,b,y\n1,2,3\n3,-1,2\n")
        self.write("s", "1e160,1\n")
        for command in ("flow", "gd", "certify"):
            self.bad("--scale: 1e+160 is " + large + end, command, name, "--scale", "1e160", status=1)
            self.bad("--start: 1e+160 is " + large + end, command, name, "--start", "s", status=1)
        self.bad("--eta: 1e+300 is " + large + end, "gd", name, "--eta", "1e300", status=1)
        for rows, message in (
                ("1e140,2,3\n1e141,-1,2\n", 'row 2, column "a": 1e+141 is ' + large),
                ("1,-1e150,3\n-1,1e150,2\n", 'row 1, column "b": 1e+150 is ' + large),
                ("1e-165,1e-165,3\n-2e-165,1e-165,2\n",
                 'column "b": its largest number, 1e-165, is ' + small)):
            self.write("e.csv", "a,b,y\n" + rows)
            for command in (["flow"], ["certify"], ["sweep", "--directions", "2"]):
                self.bad("e.csv: " + message + end, *command, "e.csv", status=1)
            self.good("flow", "e.csv", "--standardize")

    def test_data_too_small_for_a_step(self):
        name = self.write("x.csv", "a,y\n1e-155,1\n")
        self.bad(name + ': column "a": its largest number, 1e-155, is so small that the range of double precision '
                 'is left', "gd", name, status=1)

    def test_diverging_descent(self):
        name = self.write("x.csv", "a,y\n1,1\n2,3\n")
        start = self.write("s", "1")
        done = self.run_program("gd", name, "--start", start, "--activation", "linear", "--eta",
                                "100", "--steps", "100000")
        self.assertEqual((done.returncode, done.stderr.count(b"\n"), done.stdout), (1, 1, b""))
        self.assertIn(b"a step leads out of the range of double after time ", done.stderr)
