"""declarations.py HEADER: prints reluflow/lowlevel.pyi, the declarations of the low-level layer.

A test compares what this prints with the file in the package, so that a change of the header is a
change of the package that somebody looks at.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import importlib.util
import keyword
import sys
from pathlib import Path

TYPES = {
    "int64_t": "int", "int32_t": "int", "uint32_t": "int", "rf_status": "int", "double": "float",
    "double *": "Doubles", "int64_t *": "Longs", "int32_t *": "Ints", "uint8_t *": "Bytes",
    "rf_event *": "Records", "rf_stationary_point *": "Records", "void *": "Buffer",
    "char *": "Buffer", "rf_model *": "Data", "rf_sweep *": "Data", "rf_landscape *": "Data",
    "rf_model **": "Data", "rf_sweep **": "Data", "rf_landscape **": "Data",
    "rf_allocator *": "Optional[Data]", "callback": "Optional[Data]",
}
RETURNS = {"void": "None", "const char *": "str"}

HEAD = '''\
"""The C interface, one function for every function of the header.

Made by ``declarations.py`` from the header; do not edit.  ``const`` is said in the comment behind a
function, with the types of C.

SPDX-License-Identifier: MIT
"""
from typing import Any, Optional, Union

import numpy as np
from numpy.typing import NDArray

from ._header import Header

Data = Any
Doubles = Union[NDArray[np.float64], Data, None]
Longs = Union[NDArray[np.int64], Data, None]
Ints = Union[NDArray[np.int32], Data, None]
Bytes = Union[NDArray[np.uint8], Data, None]
Records = Union[NDArray[np.void], Data, None]
Buffer = Union[NDArray[Any], bytes, bytearray, memoryview, Data, None]

ffi: Any
lib: Any
header: Header
EVENT: np.dtype[Any]
POINT: np.dtype[Any]

def has(name: str) -> bool: ...
'''


def header_module():
    """The package's reader of headers, without importing the package."""
    path = Path(__file__).with_name("reluflow") / "_header.py"
    spec = importlib.util.spec_from_file_location("_header", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["_header"] = module
    spec.loader.exec_module(module)
    return module


def stub(declaration):
    """One function, positional only, with its C declaration."""
    parameters = [f"{p.name}{'_' if keyword.iskeyword(p.name) else ''}: {TYPES[p.base]}"
                  for p in declaration.parameters]
    inside = ",\n    ".join(parameters + ["/"]) if parameters else ""
    result = RETURNS.get(declaration.returns) or TYPES[declaration.returns]
    c_types = ", ".join(p.ctype for p in declaration.parameters) or "void"
    comment = f"# {declaration.returns} ({c_types}); since {declaration.since}"
    if not parameters:
        return f"{comment}\ndef {declaration.name}() -> {result}: ...\n"
    return f"{comment}\ndef {declaration.name}(\n    {inside},\n) -> {result}: ...\n"


def main():
    header = header_module().parse(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(HEAD)
    print("\n".join(stub(declaration) for declaration in header.functions.values()), end="")


if __name__ == "__main__":
    main()
