"""test_documents.py: what the README and the quick start show is what their programs print.
SPDX-License-Identifier: MIT"""
import re
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
