"""test_limits.py: the program within limits of the process.  SPDX-License-Identifier: MIT"""
import resource

import harness


class Memory(harness.Case):
    def test_limit_of_the_process(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (400 * 10**6, resource.RLIM_INFINITY))

        self.bad("--directions: 2000000 runs need 880 MB of memory, and 400 MB are free", "sweep",
                 "--directions", "2000000", "--scales", "1", status=1, preexec_fn=limit)
