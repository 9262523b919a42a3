"""test_declarations.py: the package's declarations are those of the header.
SPDX-License-Identifier: MIT"""
import ast
import inspect
import re
import subprocess
import sys

import numpy as np

import reluflow
from reluflow import _header, constants, lowlevel


def header_of(source):
    text = (source / "include" / "reluflow" / "reluflow.h").read_text(encoding="utf-8")
    return text, _header.parse(text)


def test_package_has_the_header(source):
    text, _ = header_of(source)
    with open(reluflow.__path__[0] + "/reluflow.h", encoding="utf-8") as file:
        assert file.read() == text


def test_reader_finds_every_function(source):
    """Against a count of its own, and against what cffi parsed: names, numbers and types."""
    text, header = header_of(source)
    assert set(header.functions) == set(re.findall(r"^RF_API [^(]*?\b(rf_\w+)\(", text, re.M))
    for name, declaration in header.functions.items():
        kind = lowlevel.ffi.typeof(getattr(lowlevel.lib, name))
        assert len(kind.args) == len(declaration.parameters), name
        for parsed, parameter in zip(kind.args, declaration.parameters):
            # cffi drops const and the names; its own spelling of a type reads back as that type.
            plain = re.sub(r"\bconst\b|\b(model|event|user|done|total)\b(?=[,)])", "",
                           parameter.ctype)
            assert lowlevel.ffi.typeof(plain) is parsed, (name, parameter)
        assert re.match(r"\d+\.\d+\.\d+$", declaration.since), name


def test_stub_is_what_the_header_gives(source):
    """lowlevel.pyi: every function, its arguments by name, number and type."""
    folder = source / "bindings" / "python"
    made = subprocess.run([sys.executable, folder / "declarations.py",
                           source / "include" / "reluflow" / "reluflow.h"],
                          check=True, capture_output=True, text=True).stdout
    kept = (folder / "reluflow" / "lowlevel.pyi").read_text(encoding="utf-8")
    assert kept == made, "run declarations.py and look at what changed"


def test_stub_declares_what_the_header_declares(source):
    """The same once more without the generator: names and argument counts through Python's parser."""
    _, header = header_of(source)
    stub = ast.parse((source / "bindings/python/reluflow/lowlevel.pyi").read_text(encoding="utf-8"))
    declared = {node.name: node.args for node in stub.body
                if isinstance(node, ast.FunctionDef) and node.name.startswith("rf_")}
    assert set(declared) == set(header.functions)
    for name, arguments in declared.items():
        names = [argument.arg.rstrip("_") for argument in arguments.posonlyargs]
        assert names == [parameter.name for parameter in header.functions[name].parameters], name


def test_lowlevel_has_every_function(source):
    _, header = header_of(source)
    for name, declaration in header.functions.items():
        function = getattr(lowlevel, name)
        assert declaration.comment.splitlines()[0] in function.__doc__
        assert name in lowlevel.__all__
        try:
            function(*[None] * (len(declaration.parameters) + 1))
        except TypeError as error:
            assert f"takes {len(declaration.parameters)} arguments" in str(error)
        else:
            raise AssertionError(name)


def test_highlevel_uses_every_function(source):
    """What nobody calls is not wrapped.  Models are made by rf_model_create_ex alone."""
    folder = source / "bindings" / "python" / "reluflow"
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py")))
    _, header = header_of(source)
    unused = {name for name in header.functions if not re.search(rf"\.{name}\b", text)}
    assert unused == {"rf_model_create"}


def test_every_constant(source):
    _, header = header_of(source)
    given = {}
    for prefix, kinds in constants.PREFIXES.items():
        for kind in kinds:
            for name, member in kind.__members__.items():
                full = prefix + name
                if full in header.constants:
                    given[full] = member.value
    assert given == header.constants


def test_no_member_is_invented(source):
    _, header = header_of(source)
    known = set(header.constants)
    for kind in {kind for kinds in constants.PREFIXES.values() for kind in kinds}:
        for name in kind.__members__:
            assert any(prefix + name in known for prefix, kinds in constants.PREFIXES.items()
                       if kind in kinds), (kind, name)


def test_layouts():
    for dtype, name in ((lowlevel.EVENT, "rf_event"), (lowlevel.POINT, "rf_stationary_point")):
        assert dtype.itemsize == lowlevel.ffi.sizeof(name)
        for field in dtype.names:
            assert dtype.fields[field][1] == lowlevel.ffi.offsetof(name, field)
            assert dtype.fields[field][0].itemsize == lowlevel.ffi.sizeof(
                lowlevel.ffi.typeof(name).fields[[f[0] for f in lowlevel.ffi.typeof(name).fields]
                                                 .index(field)][1].type)


def test_every_quantity_has_its_size():
    """The shapes of the package agree with the sizes of the library, for one neuron and for three."""
    X = np.random.default_rng(0).normal(size=(7, 2))
    for outer in (None, [1.0], [1.0, 2.0, -1.0]):
        model = reluflow.Model(X, np.ones(7), outer_weights=outer)
        for quantity in constants.Quantity:
            size = np.empty(1, np.int64)
            lowlevel.rf_model_query_size(model._handle, int(quantity), size)
            assert int(np.prod(model._shape_of(quantity, int(size[0])))) == size[0], quantity


def test_public_objects_are_documented():
    for name in reluflow.__all__:
        thing = getattr(reluflow, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert thing.__doc__, name
        if inspect.isclass(thing) and thing.__module__.startswith("reluflow"):
            for attribute, member in vars(thing).items():
                if not attribute.startswith("_") and (callable(member)
                                                      or isinstance(member, property)):
                    assert member.__doc__, (name, attribute)
