"""test_documents.py: what the README and the quick start show is what their programs print.
SPDX-License-Identifier: MIT"""
import os
import re
import shutil
import subprocess
import sys

import pytest

import reluflow


def programs(path):
    """(program, output) of every Python block that is followed by a text block."""
    return re.findall(r"```python\n(.*?)```\n+```text\n(.*?)```", path.read_text(encoding="utf-8"), re.S)


@pytest.mark.parametrize("name, number, total", [("bindings/python/README.md", 0, 2),
                                                 ("bindings/python/README.md", 1, 2),
                                                 ("docs/quickstart.md", 0, 1)])
def test_shown(name, number, total, source, tmp_path):
    found = programs(source / name)
    assert len(found) == total
    program, shown = found[number]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == shown


@pytest.mark.parametrize("language", ["python", "julia"])
def test_from_a_copy_of_the_tree(language, source, tmp_path):
    """The line of the quick start that runs a program from a built tree runs the one shown."""
    text = (source / "docs" / "quickstart.md").read_text(encoding="utf-8")
    suffix = {"python": "py", "julia": "jl"}[language]
    (line,) = re.findall(rf"^    (\S.* program\.{suffix})$", text, re.M)
    program, shown = re.search(rf"```{language}\n(.*?)```\n+```text\n(.*?)```", text, re.S).groups()
    (tmp_path / f"program.{suffix}").write_text(program, encoding="utf-8")
    (tmp_path / "build-release").symlink_to(os.environ["RELUFLOW_BUILD"])
    (tmp_path / "bindings").symlink_to(source / "bindings")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tmp_path / "bin" / "python3").chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    if language == "julia" and shutil.which("julia") is None:
        pytest.skip("no Julia here")
    for wanted in ("PYTHONPATH", "RELUFLOW_LIBRARY") if language == "python" else ("RELUFLOW_LIBRARY", "--project"):
        assert f"{wanted}=" in line
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "RELUFLOW_LIBRARY")}
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, encoding="utf-8", cwd=tmp_path,
                          env={**env, "PATH": path, "JULIA_DEPOT_PATH": str(tmp_path / "depot")})
    assert (done.returncode, done.stdout) == (0, shown), done.stderr


def test_docstrings(tmp_path, monkeypatch):
    """The examples in the docstrings."""
    import doctest
    for module in (reluflow, reluflow.model):
        found = doctest.testmod(module)
        assert found.failed == 0 and found.attempted > 0


def test_names_in_the_readme(source):
    """Every attribute of a trajectory and every function that the README names exists."""
    text = (source / "bindings" / "python" / "README.md").read_text(encoding="utf-8")
    table = text[text.index("| `limit`"):text.index("## More")]
    for name in re.findall(r"`(?:reluflow\.)?(\w+)[(`]", table):
        if name not in ("coefficients", "multipliers", "first_active", "path_length"):
            assert hasattr(reluflow.Trajectory, name) or hasattr(reluflow, name) \
                or name in dir(reluflow), name
        else:
            assert name.upper() in reluflow.Quantity.__members__
