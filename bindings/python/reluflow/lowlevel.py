"""The C interface itself: one Python function for every function of the header.

The functions have the names, the order of arguments and the lengths of the header; their
documentation is its comment.  They are made from the header when this module is imported.

- A pointer to numbers takes a NumPy array of exactly that type, C-contiguous (and writeable where the
  function writes), ``None`` for NULL, or cffi data.  ``const void *`` takes bytes too.
- Handles and callbacks are cffi data (``ffi.new("rf_model **")``, ``ffi.callback(...)``).
- A negative status raises the exception that belongs to it; a status that is not negative is
  returned.  C strings are returned as ``str``.
- Nothing is kept alive beyond the call, not even what the header says is borrowed.
- The interpreter lock is released while a function runs.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from typing import Any, Callable

import numpy as np

from . import _library
from ._header import Declaration, Parameter
from .errors import ReluflowError, from_status

ffi = _library.ffi
lib = _library.lib
header = _library.header

#: The layout of ``rf_event``, 32 bytes.
EVENT = np.dtype({"names": ["time", "datum", "neuron", "kind", "flags"],
                  "formats": ["f8", "i8", "i8", "i4", "i4"],
                  "offsets": [0, 8, 16, 24, 28], "itemsize": 32})
#: The layout of ``rf_stationary_point``, 80 bytes.
POINT = np.dtype({"names": ["kind", "flags", "datum", "w", "direction", "range", "loss", "theta"],
                  "formats": ["i4", "i4", "i8", ("f8", 2), ("f8", 2), ("f8", 2), "f8", "f8"],
                  "offsets": [0, 4, 8, 16, 32, 48, 64, 72], "itemsize": 80})

_POINTED: dict[str, np.dtype[Any]] = {
    "double *": np.dtype("f8"), "int64_t *": np.dtype("i8"), "int32_t *": np.dtype("i4"),
    "uint8_t *": np.dtype("u1"), "rf_event *": EVENT, "rf_stationary_point *": POINT,
}


def _pointer(value: Any, parameter: Parameter, name: str) -> Any:
    """What cffi is to be given for one pointer."""
    if value is None:
        return ffi.NULL
    if isinstance(value, np.ndarray):
        wanted = _POINTED.get(parameter.base)
        if wanted is not None and value.dtype != wanted:
            raise TypeError(f"{name}: {parameter.name} must be of type {wanted}, not {value.dtype}")
        if wanted is not None and not value.flags.c_contiguous:
            raise TypeError(f"{name}: {parameter.name} must be C-contiguous")
        if not parameter.const and not value.flags.writeable:
            raise TypeError(f"{name}: {parameter.name} must be writeable")
        return ffi.cast(parameter.base, value.__array_interface__["data"][0])
    if isinstance(value, (bytes, bytearray, memoryview)) and parameter.base in ("void *", "char *"):
        return ffi.from_buffer(value, require_writable=not parameter.const)
    return value


def _message(status: int, declaration: Declaration, arguments: tuple[Any, ...]) -> str:
    """The library's text for a failed call."""
    text = ""
    for parameter, value in zip(declaration.parameters, arguments):
        if parameter.name == "message" and value is not None:
            text = ffi.string(ffi.cast("char *", ffi.from_buffer(value))
                              if isinstance(value, (bytearray, memoryview)) else value).decode()
    first = declaration.parameters[0]
    if not text and first.ctype == "rf_model *":
        text = ffi.string(lib.rf_model_error(arguments[0])).decode()
    return text or f"{declaration.name}: {ffi.string(lib.rf_status_string(status)).decode()}"


def _wrap(declaration: Declaration) -> Callable[..., Any]:
    name, parameters = declaration.name, declaration.parameters
    pointers = [p.base.endswith("*") for p in parameters]

    def function(*arguments: Any) -> Any:
        if len(arguments) != len(parameters):
            raise TypeError(f"{name} takes {len(parameters)} arguments, not {len(arguments)}")
        converted = [_pointer(value, parameter, name) if pointer else
                     ffi.NULL if value is None and parameter.base == "callback" else value
                     for value, parameter, pointer in zip(arguments, parameters, pointers)]
        try:
            call = getattr(lib, name)
        except AttributeError:
            raise _library.missing_error(name) from None
        result = call(*converted)
        if declaration.returns == "rf_status":
            if result < 0:
                raise from_status(result, _message(result, declaration, arguments), name)
            return result
        if declaration.returns == "const char *":
            return ffi.string(result).decode()
        return result

    function.__name__ = function.__qualname__ = name
    shown = ", ".join(f"{p.ctype} {p.name}" for p in parameters)
    function.__doc__ = f"{declaration.returns} {name}({shown})\n\n{declaration.comment}"
    return function


def has(name: str) -> bool:
    """Whether header and library both have a function."""
    return name in header.functions and hasattr(lib, name)


def __getattr__(name: str) -> Any:
    if name.startswith("rf_"):
        raise _library.missing_error(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


for _declaration in header.functions.values():
    globals()[_declaration.name] = _wrap(_declaration)

__all__ = ["ffi", "lib", "EVENT", "POINT", "has", "header", "ReluflowError", *header.functions]
