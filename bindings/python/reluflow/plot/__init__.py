"""Pictures of trajectories, with Matplotlib.

Every function draws one figure and returns it; ``figure.savefig("name.png")`` keeps it.  Colours
can be told apart by the colour-blind (Okabe and Ito), and states differ in shape or lightness too.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

try:
    import matplotlib  # noqa: F401
except ImportError as error:
    raise ImportError("reluflow.plot needs Matplotlib: install python3-matplotlib, or \"pip install "
                      "matplotlib\"") from error

from .compare import compare
from .phase import phase
from .scales import scales
from .support import support
from .trajectory import trajectory

__all__ = ["trajectory", "support", "phase", "scales", "compare"]
