"""test_limits.py: the program within limits of the process.  SPDX-License-Identifier: MIT"""
import resource

import harness


class Endless(harness.Case):
    """What never ends is refused, at its first fault or when it is too large."""

    def refuse(self, message, first, line, *arguments, status=2, most=100 * 10**6):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))

        with harness.endless(first, line) as source:
            self.bad("(standard input):" + message, *arguments, status=status, stdin=source, preexec_fn=limit)

    def test_tables(self):
        one = "1:1: one column only: a variable and a label are needed"
        for command in ("flow", "gd", "sweep", "landscape", "certify"):
            self.refuse(one, "", "y\n", command, "-")
        self.refuse(one, "", '"\n', "flow", "-")
        self.refuse("1:1: the first line holds numbers, not the names of columns (quote names that look like "
                    "numbers)", "", "1,2\n", "flow", "-")
        self.refuse("1:1: a blank line where the header should be", "", "\n", "flow", "-")
        self.refuse('2:1: "a" is not a number (column "a")', "", "a,b\n", "flow", "-")
        self.refuse('2:1: "a" is not a number (column "a")', "", "a,b\r\n", "flow", "-")
        self.refuse('20002:1: "x" is not a number (column "a")', "a,b\n" + 20000 * "1,2\n", "x,2\n", "flow", "-")
        self.refuse('1:1: no column is named "z"; the columns are a, b', "a,b\n", "1,2\n", "flow", "-", "--label", "z")

    def test_lists(self):
        for line, message in (("1\n", "12:1: more than 11 numbers, one for each column of the data"),
                              ("y\n", '1:1: "y" is not a number (one number per line, or commas between them)')):
            self.refuse(message, "", line, "flow", "--start", "-")
        self.refuse("1000001:1: more than 1000000 outer weights", "", "1\n", "flow", "--outer", "-")
        self.refuse("1:3: less than 11 numbers on the line, one for each column of the data", "", "1,2\n", "sweep",
                    "--directions", "-")

    def test_without_a_fault(self):
        """4 times their size is more memory than there is."""
        message = " more than 134217727 bytes need 537 MB of memory, and 400 MB are free"
        for first, line in (("a,b\n", "1.00000000000,2.000000000000000\n"), ("a,b\n1,2\n", "\n"), ("", "y,"),
                            ("", '"y,')):
            self.refuse(message, first, line, "flow", "-", status=1, most=400 * 10**6)


def limit(megabytes=400):
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 10**6, resource.RLIM_INFINITY))


class Memory(harness.Case):
    def test_columns(self):
        d = 3000
        self.write("wide.csv", ",".join("c%d" % k for k in range(d)) + ",y\n" + "1," * d + "1\n")
        for command in ("flow", "sweep", "certify"):
            self.bad("wide.csv: 3000 columns need 1.01 GB of memory, and 400 MB are free", command,
                     "wide.csv", status=1, preexec_fn=limit)

    def test_neurons(self):
        """Refused at once; or, where the estimate is below the limit, when memory runs out, with what was asked for."""
        self.write("few.csv", "a,b,y\n1,2,3\n2,1,1\n0,1,-1\n")
        for command in ("flow", "gd", "sweep", "certify"):
            self.bad("--neurons: 1000000 neurons for 3 rows of 2 columns need 3.52 GB of memory, and 400 MB are free",
                     command, "few.csv", "--neurons", "1000000", status=1, preexec_fn=limit)
        rows = "".join("%d,%d,%d,%d\n" % (i % 7, i % 11 - 5, i % 13 - 6, i % 5) for i in range(400))
        self.write("more.csv", "a,b,c,y\n" + rows)
        for command in ("flow", "gd", "sweep"):
            self.bad("out of memory: 560 neurons for 400 rows of 3 columns need 110 MB at least", command, "more.csv",
                     "--neurons", "560", status=1, preexec_fn=lambda: limit(120))

    def test_limit_of_the_process(self):
        self.bad("--directions: 2000000 runs need 880 MB of memory, and 400 MB are free", "sweep",
                 "--directions", "2000000", "--scales", "1", status=1, preexec_fn=limit)
