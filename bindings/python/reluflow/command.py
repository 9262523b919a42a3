"""``python -m reluflow plot KIND``, which ``reluflow plot KIND`` calls too: pictures from a table.

Data, starts and defaults are those of the command line (docs/command-line.md).

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import argparse
import csv
import sys
from typing import TYPE_CHECKING, Any, Callable, NoReturn, Sequence

import numpy as np

from . import _library
from ._arrays import Array
from .datasets import Dataset, load_diabetes, standardized
from .errors import ReluflowError
from .model import Model
from .random import random_direction

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .trajectory import Trajectory


class UsageError(Exception):
    """Something that the user has to mend: exit status 2."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see \"reluflow plot --help\")")


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"\"{text}\" is not a number") from None
    if np.isnan(value):
        raise argparse.ArgumentTypeError("NaN is no number")
    return value


def _scales(text: str) -> Array:
    """Numbers with commas between them, and FROM:TO:COUNT for a geometric progression."""
    found: list[float] = []
    for part in text.split(","):
        ends = part.split(":")
        if len(ends) == 3:
            low, high, count = _number(ends[0]), _number(ends[1]), int(_number(ends[2]))
            if not 0 < low <= high < np.inf or count < 1:
                raise argparse.ArgumentTypeError(f"\"{part}\" is not FROM:TO:COUNT")
            found += [float(f"{value:.12g}") for value in np.geomspace(low, high, count)]
        else:
            found.append(_number(part))
    if not all(0 <= value < np.inf for value in found):
        raise argparse.ArgumentTypeError("a scale is a number >= 0")
    return np.array(found)


def _parser() -> _Parser:
    parser = _Parser(prog="reluflow plot", allow_abbrev=False, description=(
        "Draws a picture: of one trajectory over time; of its support vectors; the phase portrait "
        "of two columns; the end of the flow against the scale of its start; the neuron beside the "
        "linear neuron. Without FILE the bundled diabetes data are taken, with --standardize --bias "
        "--mean-loss (phase: the columns bmi and s5 without bias)."))
    add = parser.add_argument
    add("kind", choices=list(KINDS), metavar="KIND", help=", ".join(KINDS))
    add("file", nargs="?", metavar="FILE.csv", help="a table with a header line; - is the standard "
        "input")
    add("-o", "--output", metavar="FILE", help="where to write: .png, .pdf, .svg; default KIND.png")
    add("--label", metavar="NAME", help="the column of labels; default the last")
    add("--columns", metavar="NAMES", help="the variables, with commas between them; default all others")
    for name, text in (("standardize", "every variable to mean 0 and variance 1"),
                       ("bias", "append a constant column"), ("mean-loss", "weigh rows by 1/n")):
        add(f"--{name}", action=argparse.BooleanOptionalAction, default=None, help=text)
    add("--activation", default="relu", metavar="A", help="relu, leaky:SLOPE or linear")
    add("--scale", type=_number, default=0.01, metavar="S", help="w(0) = S u; 0: the limit of "
        "vanishing initialization; default 0.01")
    add("--seed", type=int, default=0, metavar="K", help="of the random direction u; default 0")
    add("--start", metavar="FILE", help="w(0), one number for each column")
    add("--t-end", type=_number, default=np.inf, metavar="T", help="the end time; default inf")
    add("--runs", type=int, default=3, metavar="N", help="phase: trajectories drawn; default 3")
    add("--directions", type=int, default=20, metavar="N", help="scales: random directions; "
        "default 20")
    add("--scales", type=_scales, default=_scales("0,1e-6:1e2:17"), metavar="LIST",
        help="scales: numbers, or FROM:TO:COUNT; default 0,1e-6:1e2:17")
    return parser


def _read(path: str) -> tuple[list[str], Array]:
    """The table of a file: names and numbers."""
    shown = "standard input" if path == "-" else path
    try:
        with (sys.stdin if path == "-" else open(path, encoding="utf-8-sig", newline="")) as file:
            rows = list(csv.reader(file, skipinitialspace=True, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{shown}: {getattr(error, 'strerror', None) or error}") from None
    while rows and not rows[-1]:
        rows.pop()
    if len(rows) < 2:
        raise UsageError(f"{shown}: a header line and at least one row are needed")
    names, table = [name.strip() for name in rows[0]], np.empty((len(rows) - 1, len(rows[0])))
    for i, row in enumerate(rows[1:]):
        if len(row) != len(names):
            raise UsageError(f"{shown}: row {i + 1} has {len(row)} fields, the header {len(names)}")
        for k, field in enumerate(row):
            try:
                table[i, k] = float(field)
            except ValueError:
                raise UsageError(f"{shown}: row {i + 1}, column \"{names[k]}\": \"{field}\" is not "
                                 "a number") from None
            if not np.isfinite(table[i, k]):
                raise UsageError(f"{shown}: row {i + 1}, column \"{names[k]}\": {field} is not finite")
    return names, table


def _index(names: list[str], name: str) -> int:
    if names.count(name) != 1:
        raise UsageError(f"there is {'no' if name not in names else 'more than one'} column "
                         f"\"{name}\"; the columns are {', '.join(names)}")
    return names.index(name)


def _dataset(options: argparse.Namespace) -> Dataset:
    """The variables and labels asked for."""
    if options.file is None:
        data = load_diabetes(standardize=False)
        names, table = [*data.names, data.label], np.column_stack([data.X, data.y])
        if options.kind == "phase" and options.columns is None:
            options.columns = "bmi,s5"
            options.bias = bool(options.bias)
    else:
        names, table = _read(options.file)
    label = _index(names, options.label) if options.label is not None else len(names) - 1
    chosen = [k for k in range(len(names)) if k != label]
    if options.columns is not None:
        chosen = [_index(names, name) for name in next(csv.reader([options.columns]))]
    if not chosen:
        raise UsageError("there is no variable: the label is the only column")
    return Dataset(np.ascontiguousarray(table[:, chosen]), np.ascontiguousarray(table[:, label]),
                   [names[k] for k in chosen], names[label])


def _model(options: argparse.Namespace) -> Model:
    data = _dataset(options)
    bundled = options.file is None
    on = {name: bundled if getattr(options, name) is None else getattr(options, name)
          for name in ("standardize", "bias", "mean_loss")}
    X = standardized(data.X) if on["standardize"] else data.X
    model = Model(X, data.y, bias=on["bias"], weights="mean" if on["mean_loss"] else None,
                  activation=options.activation)
    model.names[:len(data.names)] = data.names
    return model


def _start(options: argparse.Namespace, model: Model) -> dict[str, Any]:
    """The start as arguments of ``Model.flow``."""
    if options.start is None:
        return {"direction": random_direction(model.d, options.seed), "scale": options.scale}
    try:
        with open(options.start, encoding="utf-8-sig") as file:
            w0 = [float(field) for field in file.read().replace(",", "\n").split()]
    except OSError as error:
        raise UsageError(f"{options.start}: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"{options.start}: {error}") from None
    if len(w0) != model.d:
        raise UsageError(f"{options.start}: {len(w0)} numbers, but the data have {model.d} columns")
    return {"w0": w0}


def _flow(options: argparse.Namespace, model: Model) -> Trajectory:
    return model.flow(**_start(options, model), t_end=options.t_end)


def _trajectory(options: argparse.Namespace, model: Model) -> Figure:
    from . import plot
    return plot.trajectory(_flow(options, model))


def _support(options: argparse.Namespace, model: Model) -> Figure:
    from . import plot
    return plot.support(_flow(options, model))


def _phase(options: argparse.Namespace, model: Model) -> Figure:
    from . import plot
    if model.d != 2:
        raise UsageError(f"phase needs two columns, the bias counted, not {model.d}: choose them "
                         "with --columns")
    if options.start is not None:
        return plot.phase(model, [_flow(options, model)])
    runs = [model.flow(direction=random_direction(2, options.seed + k), scale=options.scale,
                       t_end=options.t_end) for k in range(options.runs)]
    return plot.phase(model, runs)


def _scale_sweep(options: argparse.Namespace, model: Model) -> Figure:
    from . import plot
    return plot.scales(model, options.directions, options.scales, t_end=options.t_end)


def _compare(options: argparse.Namespace, model: Model) -> Figure:
    from . import plot
    return plot.compare(model, **_start(options, model), t_end=options.t_end)


KINDS: dict[str, Callable[[argparse.Namespace, Model], Any]] = {
    "trajectory": _trajectory, "support": _support, "phase": _phase, "scales": _scale_sweep,
    "compare": _compare,
}


def _plot(arguments: Sequence[str]) -> None:
    options = _parser().parse_intermixed_args(arguments)
    import matplotlib
    matplotlib.use("Agg")
    figure = KINDS[options.kind](options, _model(options))
    output = options.output or f"{options.kind}.png"
    try:
        figure.savefig(output)
    except (OSError, ValueError) as error:
        raise UsageError(f"{output}: {getattr(error, 'strerror', None) or error}") from None
    print(output)


_HELP = """Usage: python -m reluflow plot KIND [OPTION]... [FILE.csv]
       python -m reluflow --version

KIND is one of {kinds}; "plot --help" lists the options.
"""


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
        print(f"reluflow: {error}", file=sys.stderr)
        return 2
    except ReluflowError as error:
        print(f"reluflow: {error}", file=sys.stderr)
        return 2 if isinstance(error, ValueError) else 1
    except ImportError as error:
        print(f"reluflow: {error}", file=sys.stderr)
        return 1
    return 0
