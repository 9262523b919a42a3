"""Tables and lists of numbers, read by the rules of the command line and refused with its words.

What tools/csv.c, table.c, columns.c, number.c and start.c do; the tests compare the two.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import re
import sys
from typing import BinaryIO, Callable, NamedTuple, NoReturn

import numpy as np

from . import _memory
from ._arrays import Array

_MARK = b"\xef\xbb\xbf"
_BLANKS = re.compile(rb"[ \t]*")
_PLAIN = re.compile(rb"[^,\r\n\"]*")
_DECIMAL = re.compile(rb"[ \t]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[ \t]*")
_NO_NUMBER = re.compile(rb"[ \t]*[+-]?(?:inf|infinity|nan)[ \t]*", re.IGNORECASE)
_CONTROLS = re.compile(r"[\0-\x1f\x7f]")
_EXCERPT = 40
_COLUMNS_SHOWN = 12
_FIRST_LOOK = 65535  # bytes of a text that is judged while it is read,
_NEXT_LOOK = 16      # and how many times as long it is when it is judged again
_BYTES_OF_A_BYTE = 16  # that a text takes with its numbers, which are objects
_FIRST_CHECK = 2 ** 26
_CARRIAGE = "the line ends with CR, others with LF: one kind of line end is needed"


class UsageError(Exception):
    """Something that the user has to mend: exit status 2."""


class OpenText(Exception):
    """The beginning of a text, of which more may follow, is no fault as far as it goes."""


class Place(NamedTuple):
    """A place in a text."""

    line: int
    line_start: int
    at: int


class Field(NamedTuple):
    """A field: where it begins, its content (without the quotes), whether it is the last of its line."""

    place: Place
    text: bytes
    quoted: bool
    ends_line: bool
    end: int

    def name(self, number: int) -> str:
        """The content as a name; "column NUMBER" for an empty one."""
        text = self.text.replace(b'""', b'"') if self.quoted else self.text.strip(b" \t")
        return text.decode("utf-8", "replace") or f"column {number}"


def printable(text: str) -> str:
    """A text without control characters, which could upset a terminal."""
    return _CONTROLS.sub("?", text)


def excerpt(text: bytes | str) -> str:
    """The beginning of a text, fit to be quoted in a message."""
    text = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    kept = min(len(text), _EXCERPT)
    while 0 < kept < len(text) and text[kept] & 0xC0 == 0x80:
        kept -= 1  # not inside a UTF-8 character
    shown = printable(text[:kept].decode("utf-8", "replace"))
    return shown + "..." if kept < len(text) else shown


def number_of(text: bytes) -> tuple[float, str]:
    """A decimal number and "", or NaN and what the text is instead."""
    found = _DECIMAL.fullmatch(text)
    if found:
        value = float(found[1])
        return (value, "") if np.isfinite(value) else (np.nan, "too large for double precision")
    if not text.strip(b" \t"):
        return np.nan, "empty, a number is needed"
    return np.nan, "not a finite number" if _NO_NUMBER.fullmatch(text) else "not a number"


def separator_hint(text: bytes) -> str:
    """What to add to a message where another character than the comma seems to separate."""
    if b";" in text:
        return " (commas separate columns, not \";\")"
    if b"\t" in text:
        return " (commas separate columns, not tabs)"
    return " (commas separate columns, not blanks)" if b" " in text.strip(b" ") else ""


class Reader:
    """Splits a text into fields (RFC 4180); of the beginning of one (``more``) all lines that are whole."""

    def __init__(self, name: str, text: bytes, more: bool = False):
        self.name, self.text, self.more = name, text[:text.rfind(b"\n") + 1] if more else text, more
        self.carriage = b"\n" not in text
        start = len(_MARK) if text.startswith(_MARK) else 0
        self.here = Place(1, start, start)

    def fail(self, place: Place, message: str) -> NoReturn:
        """Raises a message with "NAME:LINE:COLUMN: " in front; columns count characters."""
        before = self.text[place.line_start:place.at]
        column = 1 + sum(byte & 0xC0 != 0x80 for byte in before)
        raise UsageError(f"{self.name}:{place.line}:{column}: {message}")

    def fail_at_end(self, place: Place, message: str) -> NoReturn:
        """The same of what is wrong only because the text ends here."""
        if self.more:
            raise OpenText
        self.fail(place, message)

    def _break(self, at: int) -> int | None:
        """Just behind the line break at the given byte, or None where there is none."""
        byte = self.text[at:at + 1]
        if byte == b"\n":
            return at + 1
        if byte == b"\r" and self.text[at + 1:at + 2] in (b"", b"\n"):
            return min(at + 2, len(self.text))
        return at + 1 if byte == b"\r" and self.carriage else None

    def _skip_blanks(self, at: int) -> int:
        found = _BLANKS.match(self.text, at)
        return found.end() if found else at

    def skip_blank_lines(self) -> bool:
        """Skips blank lines; true at the end of the text."""
        while True:
            at = self._skip_blanks(self.here.at)
            if at == len(self.text):
                return True
            behind = self._break(at)
            if behind is None:
                return False
            self.here = Place(self.here.line + 1, behind, behind)

    def _quoted(self, place: Place, first: int) -> tuple[bytes, int]:
        """The content of a quoted field, and the byte behind it."""
        at = first + 1
        while True:
            end = self.text.find(b'"', at)
            content = self.text[at:end if end >= 0 else len(self.text)]
            for ending in re.finditer(rb"[\n\r]" if self.carriage else rb"\n", content):
                start = at + ending.end()
                self.here = Place(self.here.line + 1, start, start)
            if end < 0:
                self.fail_at_end(place, "the quote is never closed")
            if self.text[end + 1:end + 2] != b'"':
                break
            at = end + 2
        behind = self._skip_blanks(end + 1)
        if behind < len(self.text) and self.text[behind] != ord(",") and self._break(behind) is None:
            where = self.here._replace(at=behind)
            if self.text[behind] == ord("\r"):
                self.fail(where, _CARRIAGE)
            self.fail(where, "text after a closing quote"
                      + separator_hint(self.text[end + 1:behind + 1]))
        return self.text[first + 1:end], behind

    def _plain(self, at: int) -> int:
        """The byte behind a field without quotes."""
        found = _PLAIN.match(self.text, at)
        end = found.end() if found else at
        byte = self.text[end:end + 1]
        if byte == b'"':
            self.fail(self.here._replace(at=end), "a quote inside a field without quotes")
        if byte == b"\r" and self._break(end) is None:
            self.fail(self.here._replace(at=end), _CARRIAGE)
        return end

    def next(self) -> Field:
        """The next field."""
        place = self.here
        first = self._skip_blanks(place.at)
        quoted = self.text[first:first + 1] == b'"'
        if quoted:
            content, end = self._quoted(place, first)
        else:
            end = self._plain(place.at)
            content = self.text[place.at:end]
        behind = self._break(end)
        if behind is not None:
            self.here = Place(self.here.line + 1, behind, behind)
        else:
            self.here = self.here._replace(at=min(end + 1, len(self.text)))
        return Field(place, content, quoted, behind is not None or end == len(self.text), end)

    def number(self, field: Field, column: str | None) -> float:
        """The number in a field of a column, or of a list of numbers."""
        value, what = number_of(field.text)
        if not what:
            return value
        where = ""
        if column is not None:
            where = f" (column \"{excerpt(column)}\")"
        elif what == "not a number":
            where = " (one number per line, or commas between them)"
        self.fail(field.place, f"\"{excerpt(field.text)}\" is {what}{where}")


def _read_all(file: BinaryIO, name: str, judge: Callable[[str, bytes], object] | None) -> bytes:
    """Reads in blocks, and has what is there judged now and then; no further than a zero byte."""
    text, look = bytearray(), _FIRST_LOOK
    while True:
        wanted = len(text) + 1 if text else _FIRST_LOOK
        block = file.read(wanted)
        text += block
        if len(block) < wanted or b"\0" in block:
            return bytes(text)
        if _BYTES_OF_A_BYTE * len(text) >= _FIRST_CHECK:
            _memory.check(_BYTES_OF_A_BYTE * len(text), f"{name}: more than {len(text)} bytes")
        if len(text) >= look and judge is not None:
            look *= _NEXT_LOOK
            try:
                judge(name, bytes(text))
            except OpenText:
                pass


def read_file(path: str, what: str = "", judge: Callable[[str, bytes], object] | None = None) -> tuple[str, bytes]:
    """The name of a file in messages, and its content; "-" is the standard input.

    ``what`` is what a message says before the name of a file that cannot be read; ``judge`` raises an error for
    the beginning of a text that is wrong whatever follows.
    """
    name = "(standard input)" if path == "-" else path
    try:
        if path == "-":
            text = _read_all(sys.stdin.buffer, name, judge)
        else:
            with open(path, "rb") as file:
                text = _read_all(file, name, judge)
    except OSError as error:
        raise UsageError(what + (name or "\"\"") + f": {error.strerror or error}") from None
    width = _character(text)
    if width > 1:
        raise UsageError(f"{name}:1:1: this is UTF-{8 * width}: UTF-8 is needed")
    zero = text.find(b"\0")
    if zero >= 0:
        start = text.rfind(b"\n", 0, zero) + 1
        Reader(name, text).fail(Place(1 + text.count(b"\n", 0, zero), start, zero),
                                "a zero byte: this is not a text file")
    return name, text


def _character(text: bytes) -> int:
    """The width of the characters of a text that is not UTF-8, 2 or 4 bytes; 1 of any other text."""
    zeros = [byte == 0 for byte in text[:4]]
    if text[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff") or zeros in ([False, True, True, True],
                                                                   [True, True, True, False]):
        return 4
    two = zeros in ([False, True, False, True], [True, False, True, False])
    return 2 if two or text[:2] in (b"\xff\xfe", b"\xfe\xff") else 1


class Table:
    """A header of names and rows of numbers."""

    def __init__(self, name: str, text: bytes, more: bool = False):
        self._reader = Reader(name, text, more)
        self.header: list[Field] = self._read_header()
        self.names = [field.name(k + 1) for k, field in enumerate(self.header)]
        self.values: Array = self._read_rows()

    def _read_header(self) -> list[Field]:
        reader, start = self._reader, self._reader.here
        blank = reader.skip_blank_lines()
        if reader.here.line != start.line and (reader.more or not blank):
            reader.fail(start, "a blank line where the header should be")
        if blank:
            reader.fail_at_end(start, "the file is empty")
        fields = [reader.next()]
        while not fields[-1].ends_line:
            fields.append(reader.next())
        if all(not field.quoted and not number_of(field.text)[1] for field in fields):
            reader.fail(start, "the first line holds numbers, not the names of columns "
                        "(quote names that look like numbers)")
        if len(fields) < 2:
            reader.fail(start, "one column only: a variable and a label are needed"
                        + ("" if fields[0].quoted else separator_hint(fields[0].text)))
        return fields

    def _read_row(self) -> list[float]:
        reader, columns, row = self._reader, len(self.names), []
        for k, name in enumerate(self.names):
            field = reader.next()
            row.append(reader.number(field, name))
            if field.ends_line and k + 1 < columns:
                place = field.place if field.quoted else field.place._replace(at=field.end)
                reader.fail(place, f"the row ends after {k + 1} of {columns} fields")
        if not field.ends_line:
            reader.fail(reader.here, f"the row has more than {columns} fields")
        return row

    def _read_rows(self) -> Array:
        reader, start, rows = self._reader, self._reader.here, []
        while True:
            here = reader.here
            if reader.skip_blank_lines():
                break
            if reader.here.line != here.line:
                reader.fail(here, "a blank line before the end of the data")
            rows.append(self._read_row())
        if not rows:
            reader.fail_at_end(start, "no row of data after the header")
        return np.array(rows)

    def find(self, name: str) -> int:
        """The number of the one column of a name."""
        found = [k for k, other in enumerate(self.names) if other == name]
        if not found:
            shown = ", ".join(excerpt(other) for other in self.names[:_COLUMNS_SHOWN])
            more = ", ..." if len(self.names) > _COLUMNS_SHOWN else ""
            self._reader.fail(self.header[0].place, f"no column is named \"{excerpt(name)}\"; "
                              f"the columns are {shown}{more}")
        if len(found) > 1:
            self._reader.fail(self.header[found[1]].place,
                              f"a second column is named \"{excerpt(name)}\"")
        return found[0]

    def choose(self, label: str | None, columns: str | None) -> tuple[list[int], int]:
        """The numbers of the variables and of the label, as --columns and --label name them."""
        last = self.find(self.names[-1] if label is None else label)
        if columns is None:
            return [k for k in range(len(self.names)) if k != last], last
        chosen: list[int] = []
        reader = Reader("--columns", columns.encode("utf-8", "surrogateescape"))
        more = True
        while more:
            field = reader.next()
            if not field.text.strip(b" \t"):
                reader.fail(field.place, "the name of a column is missing")
            name = field.name(0)
            column = self.find(name)
            if column == last:
                raise UsageError(f"--columns: \"{excerpt(name)}\" is the label")
            if column in chosen:
                raise UsageError(f"--columns: \"{excerpt(name)}\" is named twice")
            chosen.append(column)
            more = not field.ends_line
        if not reader.skip_blank_lines():
            reader.fail(reader.here, "text behind the line of names")
        return chosen, last


def read_start(path: str, d: int) -> Array:
    """The numbers of w(0) in a file: one per line, or several with commas between them."""
    return _numbers(Reader(*read_file(path, "--start takes a FILE: ", lambda name, text: _numbers(Reader(name, text, True), d))), d)


def _numbers(reader: Reader, d: int) -> Array:
    found: list[float] = []
    last = reader.here  # of the last number that there is
    inside = False  # behind a comma, where a blank is no blank line
    while inside or not reader.skip_blank_lines():
        field = reader.next()
        value = reader.number(field, None)
        if len(found) == d:
            reader.fail(field.place, f"more than {d} numbers, one for each column of the data")
        found.append(value)
        last = field.place
        inside = not field.ends_line
    if len(found) < d:
        numbers = "1 number" if len(found) == 1 else f"{len(found)} numbers"
        reader.fail_at_end(last, f"{numbers}, but the data have {d} columns")
    return np.array(found)
