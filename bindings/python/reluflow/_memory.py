"""Whether what is asked for fits into the memory there is.

Systems that overcommit hand out more than they have, and end a process when it uses what it got.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import math
import os
import re

from .errors import OutOfMemoryError


def _in_file(path: str, pattern: str) -> float:
    """A number in a file of the system, infinity where there is none."""
    try:
        with open(path, encoding="ascii") as file:
            found = re.search(pattern, file.read(), re.MULTILINE)
    except (OSError, ValueError):
        return math.inf
    return float(found[1]) if found else math.inf


def free() -> float:
    """The bytes that are left, of the machine, of a container, of the limits of the process."""
    left = 1024 * _in_file("/proc/meminfo", r"^MemAvailable: *([0-9]+) kB$")
    swap = 1024 * _in_file("/proc/meminfo", r"^SwapFree: *([0-9]+) kB$")
    if math.isinf(left):
        try:
            left = float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
        except (AttributeError, OSError, ValueError):
            pass
    elif not math.isinf(swap):
        left += swap
    try:
        import resource
    except ImportError:  # not a Unix
        return left
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        left = min(left, limit)
    return min(left, _in_file("/sys/fs/cgroup/memory.max", "^([0-9]+)$"))


def _in_words(count: float) -> str:
    count /= 1e3
    for unit in ("kB", "MB", "GB", "TB", "PB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1e3
    return f"{count:.3g} EB"


def check(needed: float, what: str) -> None:
    """Raises OutOfMemoryError, before anything is done, if so many bytes are not free."""
    left = free()
    if needed > left:
        raise OutOfMemoryError(f"{what} need {_in_words(needed)} of memory, and {_in_words(left)} are "
                               "free")
