"""``python -m reluflow``.

SPDX-License-Identifier: MIT
"""
import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main())
