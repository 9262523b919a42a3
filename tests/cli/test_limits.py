"""test_limits.py: the program within limits of the process.  SPDX-License-Identifier: MIT"""
import resource

import harness


class Memory(harness.Case):
    def test_columns(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (400 * 10**6, resource.RLIM_INFINITY))

        d = 3000
        self.write("wide.csv", ",".join("c%d" % k for k in range(d)) + ",y\n" + "1," * d + "1\n")
        for command in ("flow", "sweep", "certify"):
            self.bad("wide.csv: 3000 columns need 1.01 GB of memory, and 400 MB are free", command,
                     "wide.csv", status=1, preexec_fn=limit)

    def test_limit_of_the_process(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (400 * 10**6, resource.RLIM_INFINITY))

        self.bad("--directions: 2000000 runs need 880 MB of memory, and 400 MB are free", "sweep",
                 "--directions", "2000000", "--scales", "1", status=1, preexec_fn=limit)
