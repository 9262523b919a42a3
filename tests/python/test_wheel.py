"""test_wheel.py: the wheel is built from the tree without a network, and runs in a fresh environment.
SPDX-License-Identifier: MIT"""
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest


def run(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    shutil.copytree(os.environ["RELUFLOW_SOURCE"], tree,
                    ignore=shutil.ignore_patterns(".git", "build*", "__pycache__", ".mesonpy*"))
    for name in ("build", "bindings/python/build"):
        assert not (tree / name).exists()
    environment = {**os.environ, "PIP_NO_INDEX": "1"}
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, tree,
        env=environment)
    found = list(folder.glob("*.whl"))
    assert len(found) == 1
    return found[0]


@pytest.fixture(scope="module")
def interpreter(wheel, tmp_path_factory):
    """The Python of an environment of its own in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--system-site-packages", folder)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--no-index", "--no-deps", wheel, env=clean())
    return python


def clean():
    """The environment of a user: nothing that points to the build."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith("RELUFLOW_") and name not in ("PYTHONPATH", "LD_LIBRARY_PATH")}


def test_installed(tmp_path):
    """-Dpython=install puts the whole package where the interpreter of the prefix looks for it."""
    source, build = os.environ["RELUFLOW_SOURCE"], tmp_path / "build"
    meson = os.environ["RELUFLOW_MESON"]
    (tmp_path / "native").write_text(f"[binaries]\npython = '{sys.executable}'\n")
    run(meson, "setup", build, source, "-Dpython=install", "-Dtests=disabled", "-Dtools=disabled",
        "-Dexamples=disabled", f"--prefix={tmp_path}/prefix",
        f"--native-file={tmp_path}/native", env=clean())
    planned = json.loads(run(meson, "introspect", "--installed", build))
    package = {made: place for made, place in planned.items() if "/reluflow/" in made
               and made.startswith(str(build / "bindings"))}
    ninja = [os.path.relpath(made, build) for made in package if not made.endswith("_version.py")]
    run("ninja", "-C", build, *ninja)
    run(meson, "install", "-C", build, "--no-rebuild", "--tags", "python-runtime")
    places = {os.path.dirname(place) for place in package.values()
              if place.endswith("reluflow/__init__.py")}
    assert len(places) == 1 and all(os.path.exists(place) for place in package.values())
    installed = os.path.dirname(places.pop())
    assert installed.startswith(str(tmp_path / "prefix"))
    out = run(sys.executable, "-c", "import reluflow; print(reluflow.__file__, reluflow.library_path)",
              cwd=tmp_path, env={**clean(), "PYTHONPATH": installed,
                                 "RELUFLOW_LIBRARY": os.environ["RELUFLOW_LIBRARY"]})
    assert out.split() == [f"{installed}/reluflow/__init__.py", os.environ["RELUFLOW_LIBRARY"]]


def test_contents(wheel):
    """The package and the library; nothing of what a C installation has."""
    names = zipfile.ZipFile(wheel).namelist()
    assert "reluflow/libreluflow.so.0" in names and "reluflow/py.typed" in names
    assert all(name.startswith(("reluflow/", "reluflow-")) for name in names)
    assert not [name for name in names if ".data/" in name or name.endswith((".pyc", ".a"))]
    source = os.path.join(os.environ["RELUFLOW_SOURCE"], "bindings", "python", "reluflow")
    for folder, _, files in os.walk(source):
        for name in files:
            inside = os.path.relpath(os.path.join(folder, name), source)
            if name.endswith((".py", ".pyi", ".typed")):
                assert "reluflow/" + inside in names, inside


def test_depends_on_no_python(wheel, tmp_path):
    """What the README says of the wheel: a tag of a kind of machine, and no library but the system's."""
    assert re.fullmatch(r"reluflow-[^-]+-(cp\d+-cp\d+|py3-none)-\w+\.whl", wheel.name)
    library = zipfile.ZipFile(wheel).extract("reluflow/libreluflow.so.0", tmp_path)
    needed = re.findall(r"NEEDED.*\[(\w+)", run("readelf", "-d", library))
    assert set(needed) <= {"libopenblas", "libblas", "liblapack", "libm", "libc", "libpthread"}


def test_first_program(interpreter, tmp_path):
    """The first program of the README, with the library that is in the wheel."""
    readme = os.path.join(os.environ["RELUFLOW_SOURCE"], "bindings", "python", "README.md")
    with open(readme, encoding="utf-8") as file:
        program, shown = re.search(r"```python\n(.*?)```\n+```text\n(.*?)```", file.read(),
                                   re.S).groups()
    (tmp_path / "first.py").write_text(program)
    assert run(interpreter, "first.py", cwd=tmp_path, env=clean()) == shown
    where = run(interpreter, "-c", "import reluflow; print(reluflow.library_path)", cwd=tmp_path,
                env=clean()).strip()
    assert where.startswith(str(interpreter.parent.parent)) and where.endswith("libreluflow.so.0")
