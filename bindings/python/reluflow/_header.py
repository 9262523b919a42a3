"""The public header, read as the C library documents it for readers that are not C compilers.

Lines that start with ``#`` and the token ``RF_API`` are dropped; what is left are plain declarations
for cffi.  The comments give every function its text and the version that brought it.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Parameter:
    """One parameter of a C function: its type as written, without its name."""

    name: str
    ctype: str

    @property
    def const(self) -> bool:
        """Whether what the pointer leads to is only read."""
        return self.ctype.startswith("const ")

    @property
    def base(self) -> str:
        """The type without ``const``; ``callback`` for a function pointer."""
        return "callback" if "(*" in self.ctype else self.ctype.replace("const ", "")


@dataclass(frozen=True)
class Declaration:
    """One C function."""

    name: str
    returns: str
    parameters: tuple[Parameter, ...]
    since: str
    comment: str


@dataclass(frozen=True)
class Header:
    """Everything the binding takes from the header."""

    cdef: str
    functions: dict[str, Declaration]
    constants: dict[str, int]


def _squeeze(text: str) -> str:
    return re.sub(r"(\w)\s*\*", r"\1 *", re.sub(r"\s+", " ", text)).strip()


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no bracket."""
    parts, depth, part = [], 0, ""
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += letter
    return [*parts, part]


def _parameter(text: str) -> Parameter:
    pointer = re.match(r"(.*\(\*)(\w+)(\).*)$", text)
    if pointer:
        return Parameter(pointer.group(2), _squeeze(pointer.group(1) + pointer.group(3)))
    name = re.search(r"(\w+)$", text)
    assert name is not None, text
    return Parameter(name.group(1), _squeeze(text[:name.start()]))


def _declaration(text: str, comment: str) -> Declaration:
    match = re.match(r"(.*?)\b(rf_\w+)\((.*)\)\s*;", _squeeze(text))
    assert match is not None, text
    inside = match.group(3).strip()
    parameters = () if inside == "void" else tuple(_parameter(p.strip()) for p in _split(inside))
    since = re.search(r"\bSince:\s*(\d+\.\d+\.\d+)", comment)
    lines = [line.strip().lstrip("/*").rstrip("*/").rstrip() for line in comment.splitlines()]
    lines = [line[1:] if line.startswith(" ") else line for line in lines]
    return Declaration(match.group(2), _squeeze(match.group(1)), parameters,
                       since.group(1) if since else "", "\n".join(lines).strip())


def parse(text: str) -> Header:
    """Reads the text of ``reluflow.h``."""
    functions = {}
    for match in re.finditer(r"^RF_API\s+([^;{}]*;)", text, re.M):
        before = text[:match.start()].rstrip()
        comment = before[before.rfind("/*"):] if before.endswith("*/") else ""
        declaration = _declaration(match.group(1), comment)
        functions[declaration.name] = declaration
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    enums = " ".join(re.findall(r"\benum\s*\{(.*?)\}", bare, flags=re.S))
    constants = {name: int(value) for name, value in re.findall(r"\b(RF_\w+)\s*=\s*(-?\d+)", enums)}
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return Header("\n".join(lines).replace("RF_API", ""), functions, constants)


def read() -> Header:
    """Reads the copy of the header that is part of the package."""
    path = Path(__file__).with_name("reluflow.h")
    try:
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ImportError(
            f"{path} is missing: this is the source folder, not the package. Build it (\"meson "
            "setup build && meson compile -C build\" puts it into build/bindings/python) or "
            "install it (\"pip install .\" in the root of the tree).") from None
