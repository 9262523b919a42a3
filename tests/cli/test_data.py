"""test_data.py: files that must be read, and how.  SPDX-License-Identifier: MIT"""
import os
import subprocess

import harness

PLAIN = "a,b,y\n1,2,3\n-4,5.5,6\n"


class Reading(harness.Case):
    def numbers(self, content, *arguments):
        """What the program reads: names, labels, and the margins of w = (1, 0), (0, 1), ..."""
        name = self.write("data.csv", content)
        report = self.report("flow", name, "--t-end", "0", *arguments)
        d = report["data"]["d"]
        columns = []
        for k in range(d):
            start = self.write("unit", "\n".join("1" if j == k else "0" for j in range(d)))
            unit = self.report("flow", name, "--start", start, "--t-end", "0", *arguments)
            columns.append(unit["rows"]["margin"])
        return report["data"]["columns"], columns, report["rows"]["label"]

    def test_plain(self):
        wanted = (["a", "b"], [[1, -4], [2, 5.5]], [3, 6])
        for content in (
                PLAIN,
                PLAIN.rstrip("\n"),
                PLAIN.replace("\n", "\r\n"),
                PLAIN.replace("\n", "\r\n").rstrip("\n"),
                PLAIN.replace("\n", "\r"),
                PLAIN.replace("\n", "\r").rstrip("\r"),
                "\ufeff" + PLAIN,
                PLAIN + "\n\n  \n\t\n",
                PLAIN.replace("\n", "\r\n") + "\r\n \r\n",
                PLAIN.replace(",", " ,\t "),
                '"a","b","y"\n"1","2","3"\n-4,"5.5",6\n',
                ' "a" , "b" ,"y"\n "1" ,2,3\n-4,5.5," 6 "\n',
                "a,b,y\n+1,2.,3e0\n-4.0E+0,.55e1,0.6e01\n"):
            self.assertEqual(self.numbers(content), wanted, repr(content))

    def test_quoted_names(self):
        content = '"a ""q"", b","line\r\nbreak",""\r\n1,2,3\r\n4,5,6\r\n'
        self.assertEqual(self.numbers(content), (['a "q", b', "line\r\nbreak"], [[1, 4], [2, 5]],
                                                 [3, 6]))
        report = self.report("flow", self.write("data.csv", content))
        self.assertEqual(report["data"]["label"], "column 3")
        text = self.good("flow", self.write("data.csv", content))
        self.assertIn("\nline??break", text)

    def test_names_that_look_like_numbers(self):
        names, _, _ = self.numbers('"2010","2011",y\n1,2,3\n')
        self.assertEqual(names, ["2010", "2011"])

    def test_names_outside_ascii(self):
        names, _, _ = self.numbers("größe,日本,y\n1,2,3\n")
        self.assertEqual(names, ["größe", "日本"])
        name = self.write("latin", "gr\xf6\xdfe,\x01,y\n1,2,3\n".encode("latin-1"))
        report = self.report("flow", name)
        self.assertEqual(report["data"]["columns"], ["gr\ufffd\ufffde", "\x01"])

    def test_label(self):
        self.assertEqual(self.numbers(PLAIN, "--label", "a"),
                         (["b", "y"], [[2, 5.5], [3, 6]], [1, -4]))
        self.assertEqual(self.numbers(PLAIN, "--label=y")[0], ["a", "b"])

    def test_same_name_twice_is_no_error_unless_it_is_the_label(self):
        self.assertEqual(self.numbers("a,a,y\n1,2,3\n")[0], ["a", "a"])

    def test_bias(self):
        self.assertEqual(self.numbers(PLAIN, "--bias"),
                         (["a", "b", "(bias)"], [[1, -4], [2, 5.5], [1, 1]], [3, 6]))

    def test_extreme_numbers(self):
        self.assertEqual(self.numbers("a,y\n1,5e-324\n2,1e-400\n-0,-1e100\n"),
                         (["a"], [[1, 2, 0]], [5e-324, 0, -1e100]))
        self.assertEqual(self.numbers("a,y\n0." + "1" * 100000 + ",1\n")[1],
                         [[float("0." + "1" * 40)]])

    def test_standardize(self):
        columns = [[1.0, 2.0, 4.0], [1e300, -1e300, 0.0], [1e-300, 3e-300, 2e-300],
                   [7.0, 7.0, 7.0], [1e9, 1e9 + 1, 1e9 + 2]]
        rows = [[column[i] for column in columns] + [i + 1.0] for i in range(3)]
        name = self.write_table("data.csv", ["a", "b", "c", "d", "e", "y"], rows)
        _, found, label = self.numbers(open(self.path(name)).read(), "--standardize")
        self.assertEqual(label, [1, 2, 3])
        for k, column in enumerate(found):
            self.assert_close(sum(column), 0.0, 1e-14)
            self.assert_close(sum(x * x for x in column) / 3, 0.0 if k == 3 else 1.0, 1e-14)
        self.assert_close(found[0], [-1.0690449676496976, -0.2672612419124244, 1.3363062095621219],
                          1e-15)
        report = self.report("flow", name, "--standardize", "--t-end", "0")
        self.assert_close(report["data"]["mean"][0], 7 / 3, 1e-15)
        self.assert_close(report["data"]["mean"][4], 1e9 + 1, 1e-15)
        self.assertEqual(report["data"]["deviation"][3], 0)
        self.assertIn("\nConstant     set to 0: d\n", self.good("flow", name, "--standardize"))

    def test_standard_input(self):
        name = self.write("data.csv", PLAIN)
        with open(self.path(name), "rb") as file:
            piped = self.report("flow", "-", stdin=file)
        self.assertEqual(piped["data"]["source"], "(standard input)")
        self.assertEqual(piped["end"], self.report("flow", name)["end"])

    def test_bundled_is_the_file(self):
        header, rows = harness.bundled_rows()
        self.assertEqual((len(rows), len(header), header[-1]), (442, 11, "progression"))
        path = os.path.join(harness.TOOLS, "data", "diabetes.csv")
        bundled = self.report("flow")
        file = self.report("flow", path, "--standardize", "--bias", "--mean-loss")
        self.assertTrue(bundled["data"]["bundled"])
        self.assertEqual(bundled["data"]["label"], "progression")
        for part in ("options", "start", "end", "rows", "events"):
            self.assertEqual(bundled[part], file[part], part)

    def test_bundled_without_its_defaults(self):
        report = self.report("flow", "--no-bias", "--no-mean-loss", "--no-standardize",
                             "--t-end", "0")
        options = report["options"]
        self.assertEqual((options["bias"], options["mean_loss"], options["standardize"]),
                         (False, False, False))
        self.assertEqual((report["data"]["d"], report["data"]["mean"]), (10, None))

    def test_start_files(self):
        name = self.write("data.csv", PLAIN)
        for content in ("0.5\n-2e1\n", "0.5,-20", "\ufeff 0.5 , -20\r\n\r\n", '"0.5"\r\n-20',
                        "\n0.5\n\n-20\n\n"):
            start = self.write("start", content)
            report = self.report("flow", name, "--start", start)
            self.assertEqual(report["start"]["weights"], [0.5, -20])
            self.assertEqual(report["options"]["start_file"], start)

    def test_file_whose_name_begins_with_a_dash(self):
        self.write("-x.csv", PLAIN)
        text = self.good("flow", "--t-end", "0", "--", "-x.csv")
        self.assertIn("-x.csv: rows n = 2", text)

    def test_locale_does_not_matter(self):
        name = self.write("data.csv", PLAIN)
        wanted = self.good("flow", name, "--json")
        for locale in ("de_DE.UTF-8", "fr_FR.UTF-8", "C", "tr_TR.UTF-8"):
            environment = harness.environment(LC_ALL=locale, LANG=locale)
            self.assertEqual(self.good("flow", name, "--json", env=environment), wanted)

    def test_large_file_in_linear_time(self):
        """A fault in the last of many rows, and in one long quoted field: quadratic reading
        would run into the timeout."""
        rows = 400000
        name = self.write("data.csv", "a,b,y\n" + "1.5,2.5,3.5\n" * rows + "1,2,x\n")
        self.bad('%s:%d:5: "x" is not a number (column "y")' % (name, rows + 2), "flow", name)
        name = self.write("data.csv", 'a,b,y\n1,"' + "2\n" * 2000000)
        self.bad(name + ":2:3: the quote is never closed", "flow", name)
        name = self.write("data.csv", "a,y\n1,2\n" + "\n" * 3000000 + "x")
        self.bad(name + ":3:1: a blank line before the end of the data", "flow", name)
        wide = 300000
        name = self.write("data.csv", ",".join("x%d" % k for k in range(wide)) + "\n1\n")
        self.bad("%s:2:2: the row ends after 1 of %d fields" % (name, wide), "flow", name)


class Installed(harness.Case):
    def test_runs_in_any_folder(self):
        done = subprocess.run([harness.PROGRAM, "flow"], cwd="/", stdout=subprocess.PIPE,
                              env=harness.environment(), timeout=harness.TIMEOUT)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"limit reached, certified: no event is left", done.stdout)
