"""``python -m reluflow plot KIND``, which ``reluflow plot KIND`` calls too: pictures from a table.

Data, starts and defaults are those of the command line (docs/command-line.md).

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import argparse
import math
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, NoReturn, Sequence, TypeVar

import numpy as np

from . import _library
from ._arrays import Array
from ._table import Table, UsageError, excerpt, number_of, printable, read_file, read_start
from .datasets import Dataset, standardized
from .errors import NumericalError, ReluflowError
from .model import Model
from .random import random_direction
from .sweep import random_starts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .trajectory import Trajectory


class OutputError(Exception):
    """The name of the picture could not be printed: exit status 1."""


_Value = TypeVar("_Value")
_MOST_DIRECTIONS = 10 ** 9
_MOST_IN_PROGRESSION = 100000
_FIRST = 1  # rows and points are counted from 1, as the other commands count them


class _Parser(argparse.ArgumentParser):
    """Refuses in the words of the other commands."""

    def error(self, message: str) -> NoReturn:
        found = re.fullmatch(r"argument (?:-o/)?([^\s/]+)\S*: (.*)", message, re.DOTALL)
        name, what = (found[1], found[2]) if found else ("", message)
        metavar = next((a.metavar for a in self._actions if name in a.option_strings), "")
        if what == "expected one argument":
            raise UsageError(f"{name} needs a value: {name} {metavar}")
        if what.startswith("ignored explicit argument"):
            raise UsageError(f"{name} takes no value")
        if found:
            raise UsageError(f"{name}: {what}")
        raise UsageError(f"{message} (see \"reluflow plot --help\")")

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The options, a KIND and at most one FILE."""
        options, rest = self.parse_known_intermixed_args(arguments)
        for word in rest:
            if word.startswith("-") and word != "-":
                word = word.split("=")[0]
                raise UsageError(f"unknown option \"{excerpt(word)}\" (see \"reluflow plot --help\")")
            raise UsageError(f"one FILE only, \"{excerpt(word)}\" is a second beside \"{excerpt(options.file)}\"")
        return options


def _refused(text: str, expected: str) -> argparse.ArgumentTypeError:
    shown = excerpt(text)
    if expected.startswith("a number") and number_of(text.encode("utf-8", "surrogateescape"))[1].startswith("too large"):
        return argparse.ArgumentTypeError(f"\"{shown}\" is too large for double precision")
    return argparse.ArgumentTypeError(f"\"{shown}\" is not {expected}")


def _reader(expected: str, read: Callable[[str], _Value | None]) -> Callable[[str], _Value]:
    """Reads the value of an option, or says what it should be."""
    def reader(text: str) -> _Value:
        value = read(text)
        if value is None:
            raise _refused(text, expected)
        return value
    return reader


def _from_zero(text: str) -> float | None:
    value, wrong = number_of(text.encode("utf-8", "surrogateescape"))
    return abs(value) if not wrong and value >= 0 else None


def _end_time(text: str) -> float | None:
    return np.inf if text == "inf" else _from_zero(text)


def _integer(text: str, least: int, most: int) -> int | None:
    if not re.fullmatch("[0-9]+", text) or len(text.lstrip("0")) > 20:
        return None
    return int(text) if least <= int(text) <= most else None


def _activation(text: str) -> str | None:
    if text in ("relu", "linear"):
        return text
    slope = _from_zero(text[len("leaky:"):]) if text.startswith("leaky:") else None
    return text if slope is not None and slope < 1 else None


def _progression(part: str) -> list[float] | None:
    """FROM:TO:COUNT; the ends are exact, the others are rounded to 12 digits."""
    words = part.split(":")
    low, high = (_from_zero(word) for word in words[:2]) if len(words) == 3 else (None, None)
    count = _integer(words[2], 2, _MOST_IN_PROGRESSION) if len(words) == 3 else None
    if not low or not high or not count:
        return None
    first, step = math.log10(low), math.log10(high) - math.log10(low)
    inner = [10.0 ** (first + k / (count - 1) * step) for k in range(1, count - 1)]
    return [low, *(float(f"{value:.12g}") for value in inner), high]


def _scales(text: str) -> Array:
    """Numbers with commas between them, and FROM:TO:COUNT for a geometric progression."""
    found: list[float] = []
    for part in text.split(","):
        one = _from_zero(part)
        several = _progression(part) if one is None else [one]
        if several is None:
            raise argparse.ArgumentTypeError(
                f"\"{excerpt(part)}\" is neither a number from 0 nor FROM:TO:COUNT with FROM and TO "
                f"greater than 0 and COUNT from 2 to {_MOST_IN_PROGRESSION}")
        found += several
    return np.array(found)


def _parser() -> _Parser:
    parser = _Parser(prog="reluflow plot", allow_abbrev=False, description=(
        "Draws a picture: of one trajectory over time; of its support vectors; the phase portrait "
        "of two columns; the end of the flow against the scale of its start; the neuron beside the "
        "linear neuron. Without FILE the bundled diabetes data are taken, with --standardize --bias "
        "--mean-loss (phase: the columns bmi and s5 without bias)."))
    add = parser.add_argument
    add("kind", metavar="KIND", help=", ".join(KINDS))
    add("file", nargs="?", metavar="FILE.csv", help="a table with a header line; - is the standard "
        "input")
    add("-o", "--output", metavar="FILE", help="where to write: .png, .pdf, .svg; default KIND.png")
    add("--label", metavar="NAME", help="the column of labels; default the last")
    add("--columns", metavar="NAMES", help="the variables, with commas between them; default all others")
    for name, text in (("standardize", "every variable to mean 0 and variance 1"),
                       ("bias", "append a constant column"), ("mean-loss", "weigh rows by 1/n")):
        add(f"--{name}", action=argparse.BooleanOptionalAction, default=None, help=text)
    add("--activation", default="relu", metavar="A", help="relu, leaky:SLOPE or linear",
        type=_reader("relu, linear, or leaky:SLOPE with SLOPE from 0 to below 1", _activation))
    add("--scale", type=_reader("a number from 0", _from_zero), metavar="S", help="w(0) = S u; 0: the "
        "limit of vanishing initialization; default 0.01")
    add("--seed", type=_reader(f"an integer from 0 to {2 ** 64 - 1}",
                               lambda text: _integer(text, 0, 2 ** 64 - 1)),
        metavar="K", help="of the (first) random direction u; default 0")
    add("--start", metavar="FILE", help="w(0), one number for each column")
    add("--t-end", type=_reader("a number from 0, or inf", _end_time), default=np.inf, metavar="T",
        help="the end time; default inf")
    add("--runs", type=_reader("an integer from 1 to 1000", lambda text: _integer(text, 1, 1000)),
        metavar="N", help="phase: trajectories drawn; default 3")
    add("--directions", type=_reader(f"an integer from 1 to {_MOST_DIRECTIONS}",
                                     lambda text: _integer(text, 1, _MOST_DIRECTIONS)),
        metavar="N", help="scales: random directions; default 20")
    add("--scales", type=_scales, metavar="LIST",
        help="scales: numbers, or FROM:TO:COUNT; default 0,1e-6:1e2:17")
    return parser


#: The options that only some kinds take, and what they are by default.
_DEFAULTS: dict[str, tuple[str, Any]] = {
    "scale": ("trajectory support phase compare", 0.01), "runs": ("phase", 3),
    "start": ("trajectory support phase compare", None),
    "directions": ("scales", 20), "scales": ("scales", _scales("0,1e-6:1e2:17")),
    "seed": ("trajectory support phase compare scales", 0),
}


def _read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, those refused that would do nothing."""
    options = _parser().read(arguments)
    if options.kind not in KINDS:
        raise UsageError(f"unknown picture \"{excerpt(options.kind)}\" (see \"reluflow plot --help\")")
    if options.file == options.start == "-":
        raise UsageError("FILE and --start cannot both be read from the standard input")
    for name, (kinds, default) in _DEFAULTS.items():
        given = getattr(options, name) is not None
        if given and options.kind not in kinds.split():
            raise UsageError(f"--{name} has no meaning for the picture {options.kind}")
        if given and options.start is not None and name in ("scale", "seed", "runs"):
            raise UsageError(f"--{name} has no meaning together with --start, which gives w(0)")
        if not given:
            setattr(options, name, default)
    return options


def _dataset(options: argparse.Namespace) -> Dataset:
    """The variables and labels asked for."""
    if options.file is None:
        table = Table("diabetes.csv", Path(__file__).with_name("diabetes.csv").read_bytes())
        if options.kind == "phase" and options.columns is None:
            options.columns = "bmi,s5"
            options.bias = bool(options.bias)
    else:
        table = Table(*read_file(options.file, judge=lambda name, text: Table(name, text, True).choose(
            options.label, options.columns)))
    chosen, label = table.choose(options.label, options.columns)
    return Dataset(np.ascontiguousarray(table.values[:, chosen]),
                   np.ascontiguousarray(table.values[:, label]),
                   [table.names[k] for k in chosen], table.names[label])


def _model(options: argparse.Namespace) -> tuple[Model, str]:
    data = _dataset(options)
    bundled = options.file is None
    on = {name: bundled if getattr(options, name) is None else getattr(options, name)
          for name in ("standardize", "bias", "mean_loss")}
    X = standardized(data.X) if on["standardize"] else data.X
    model = Model(X, data.y, bias=on["bias"], weights="mean" if on["mean_loss"] else None,
                  activation=options.activation)
    model.names[:len(data.names)] = data.names
    return model, data.label


def _start(options: argparse.Namespace, model: Model) -> dict[str, Any]:
    """The start as arguments of ``Model.flow``."""
    if options.start is None:
        return {"direction": random_direction(model.d, options.seed), "scale": options.scale}
    return {"w0": read_start(options.start, model.d)}


def _flow(options: argparse.Namespace, model: Model) -> Trajectory:
    return model.flow(**_start(options, model), t_end=options.t_end)


def _trajectory(options: argparse.Namespace, model: Model) -> Figure:
    from . import plot
    return plot.trajectory(_flow(options, model), first=_FIRST)


def _support(options: argparse.Namespace, model: Model) -> Figure:
    from . import plot
    return plot.support(_flow(options, model), first=_FIRST)


def _phase(options: argparse.Namespace, model: Model) -> Figure:
    from . import plot
    if model.d != 2:
        raise UsageError(f"phase needs two columns, the bias counted, not {model.d}: choose them "
                         "with --columns")
    if options.start is not None:
        return plot.phase(model, [_flow(options, model)], first=_FIRST)
    runs = [model.flow(direction=random_direction(2, options.seed + k), scale=options.scale,
                       t_end=options.t_end) for k in range(options.runs)]
    return plot.phase(model, runs, first=_FIRST)


def _scale_sweep(options: argparse.Namespace, model: Model) -> Figure:
    from . import plot
    directions = random_starts(model, options.directions, len(options.scales), options.seed)
    return plot.scales(model, directions, options.scales, t_end=options.t_end, record=False)


def _compare(options: argparse.Namespace, model: Model) -> Figure:
    from . import plot
    return plot.compare(model, **_start(options, model), t_end=options.t_end, first=_FIRST)


KINDS: dict[str, Callable[[argparse.Namespace, Model], Any]] = {
    "trajectory": _trajectory, "support": _support, "phase": _phase, "scales": _scale_sweep,
    "compare": _compare,
}


def _extreme(options: argparse.Namespace, model: Model, label: str) -> str:
    """The number of the input that leads out of the range of double, in words; "" if there is none.

    As tools/library.c has it: the furthest from 1 of those whose fourth power is out of range.
    """
    found: list[tuple[float, str]] = []
    source = "diabetes.csv" if options.file is None else options.file
    for name, column in zip([*model.names, label], [*model.X.T, model.y]):
        row = int(np.argmax(np.abs(column)))
        value = float(abs(column[row]))
        where = f"row {row + 1}, column \"{excerpt(name)}\": {value:.6g} is so large"
        if value < 1:
            where = f"column \"{excerpt(name)}\": its largest number, {value:.6g}, is so small"
        found += [(value, f"{source}: {where}")] if value > 0 else []
    starts = np.max(options.scales) if options.kind == "scales" else options.scale
    if starts > 1 and options.start is None:
        name = "--scales" if options.kind == "scales" else "--scale"
        found.append((starts, f"{name}: {starts:.6g} is so large"))
    size, text = max(((abs(math.log10(value)), text) for value, text in found), default=(0.0, ""))
    return f"{text} that the range of double precision is left" if size > 77 else ""


def _plot(arguments: Sequence[str]) -> None:
    options = _read_options(arguments)
    output = f"{options.kind}.png" if options.output is None else options.output
    if not output:
        raise UsageError("--output: \"\" is not the name of a file")
    model, label = _model(options)
    import matplotlib
    matplotlib.use("Agg")
    try:
        with np.errstate(all="ignore"):
            figure = KINDS[options.kind](options, model)
    except NumericalError as error:
        raise NumericalError(_extreme(options, model, label) or error.message) from None
    try:
        figure.savefig(output)
    except (OSError, ValueError) as error:
        raise UsageError(f"{output}: {getattr(error, 'strerror', None) or error}") from None
    try:
        print(output, flush=True)
    except OSError as error:
        sys.stdout = None  # type: ignore[assignment]  # what it holds would fail again at the end
        raise OutputError(f"the output cannot be written: {error.strerror}") from None


_HELP = """Usage: python -m reluflow plot KIND [OPTION]... [FILE.csv]
       python -m reluflow --version

KIND is one of {kinds}; "plot --help" lists the options.
"""


def _say(message: object, status: int) -> int:
    """Prints the one line of a failing command; returns its exit status."""
    print(f"reluflow: {printable(str(message))}", file=sys.stderr)
    return status


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status.

    0: the picture was written; 1: the library reported an error; 2: the command line or a file is
    wrong.  A failing command prints one line on the standard error.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] == "plot":
            _plot(words[1:])
        elif words and words[0] in ("--help", "-h"):
            print(_HELP.format(kinds=", ".join(KINDS)), end="")
        elif words and words[0] == "--version":
            print(f"reluflow {_library.version}")
        else:
            raise UsageError(f"{'unknown command ' + repr(words[0]) if words else 'no command'} "
                             "(see \"python -m reluflow --help\")")
    except UsageError as error:
        return _say(error, 2)
    except ReluflowError as error:
        return _say(error, 2 if isinstance(error, ValueError) else 1)
    except (ImportError, OutputError) as error:
        return _say(error, 1)
    except KeyboardInterrupt:  # as a program ends that nobody taught about interrupts, without a trace
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
    except MemoryError:
        return _say("out of memory", 1)
    return 0
