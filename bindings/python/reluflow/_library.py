"""Finds and opens the C library.

The rule, in this order; the first that applies is taken and no other is tried after it:

1. the path in the environment variable ``RELUFLOW_LIBRARY``;
2. the library inside the package, beside this file (a wheel has it);
3. ``libreluflow.so.0`` wherever the system's loader finds it.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import cffi

from . import _header
from .errors import LibraryError

#: Versions whose soname is libreluflow.so.0: those with this major number.
MAJOR = 0
FILE_NAME = {"darwin": "libreluflow.0.dylib", "win32": "reluflow-0.dll"}.get(
    sys.platform, "libreluflow.so.0")


def locate() -> str:
    """The path or name of the library to open, by the rule above."""
    named = os.environ.get("RELUFLOW_LIBRARY")
    if named:
        return named
    bundled = Path(__file__).with_name(FILE_NAME)
    return str(bundled) if bundled.exists() else FILE_NAME


def open_library(ffi: Any, path: str) -> Any:
    """Opens the library and makes sure that it is one, of a major version that fits."""
    try:
        library = ffi.dlopen(path)
    except OSError as error:
        why = str(error).split(".  Additionally")[0]  # cffi adds how else it looked
        raise LibraryError(
            f"the C library cannot be loaded: {why}. Install reluflow, use a wheel (which holds the "
            "library), or set RELUFLOW_LIBRARY to its path.") from None
    try:
        version = library.rf_version()
        text = ffi.string(library.rf_version_string()).decode()
    except AttributeError:
        raise LibraryError(f"{path!r} is not the library reluflow: it has no rf_version") from None
    if version >> 16 != MAJOR:
        raise LibraryError(
            f"the library {path!r} has version {text}, this package needs {MAJOR}.x: install the "
            "package that belongs to the library, or set RELUFLOW_LIBRARY to another library")
    return library


header = _header.read()
ffi = cffi.FFI()
ffi.cdef(header.cdef)
path = locate()
lib = open_library(ffi, path)
version = ffi.string(lib.rf_version_string()).decode()


def missing() -> list[str]:
    """The functions of the header that the library lacks, because it is older."""
    return [name for name in header.functions if not hasattr(lib, name)]


def missing_error(name: str) -> LibraryError:
    """What to say when a function is called that the library lacks."""
    declaration = header.functions.get(name)
    since = f" (it came with version {declaration.since})" if declaration else ""
    whose = "the library" if declaration else "the header in this package"
    return LibraryError(
        f"{whose} has no {name}{since}: the library {path!r} has version {version}, and this "
        "package is written for a newer one. Install the library that belongs to it.", name)
