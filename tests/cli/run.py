"""run.py: runs the tests of the command line.  SPDX-License-Identifier: MIT

Usage: run.py PROGRAM TOOLS_FOLDER VERSION [limits]

limits: those alone that limit the memory of the process, which a sanitizer does not bear.
"""
import sys
import unittest

sys.dont_write_bytecode = True

import harness
import test_certify
import test_data
import test_documents
import test_errors
import test_fuzz
import test_influence
import test_landscape
import test_limits
import test_network
import test_numbers
import test_output
import test_sweep
import test_terminal
import test_vanishing


MODULES = (test_data, test_errors, test_output, test_numbers, test_vanishing,
           test_influence, test_certify, test_sweep, test_landscape, test_network,
           test_terminal, test_documents, test_fuzz)


def main():
    harness.configure(*sys.argv[1:4])
    suite = unittest.TestSuite()
    for module in (test_limits,) if sys.argv[4:] == ["limits"] else MODULES:
        suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(module))
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


sys.exit(main())
