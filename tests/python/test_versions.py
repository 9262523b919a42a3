"""test_versions.py: which library is used, and what is said when it does not fit.
SPDX-License-Identifier: MIT"""
import os
import re
import shutil
import subprocess
import sys

import pytest

import reluflow

OTHER = """
#include <stdint.h>
uint32_t rf_version(void) {{ return {number}; }}
const char *rf_version_string(void) {{ return "{text}"; }}
const char *rf_status_string(int32_t s) {{ (void)s; return "a status"; }}
"""


def library(folder, text):
    """A library of another version that has only the first functions of the header."""
    major, minor, patch = map(int, text.split("."))
    source = folder / "other.c"
    source.write_text(OTHER.format(number=major << 16 | minor << 8 | patch, text=text))
    target = folder / "libother.so"
    subprocess.run(["cc", "-shared", "-fPIC", source, "-o", target], check=True)
    return target


def run(script, **environment):
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


FIRST = ("import reluflow\n"
         "try: print(reluflow.Model([[1.0, 0.0]], [1.0]).flow([1.0, 0.0]))\n"
         "except reluflow.LibraryError as error: print('LibraryError', error)\n")


def test_this_library():
    assert reluflow.library_version == reluflow.__version__
    assert reluflow.library_path == os.environ["RELUFLOW_LIBRARY"]
    assert reluflow._library.missing() == []


def test_older_library(tmp_path):
    """It can be imported; what the library lacks is said with its name and the version it needs."""
    path = library(tmp_path, "0.0.9")
    status, out, err = run(FIRST, RELUFLOW_LIBRARY=str(path))
    assert status == 0, err
    assert out.startswith("LibraryError the library has no rf_model_create_ex")
    for part in ("came with version 0.1.0", "has version 0.0.9", str(path), "Install the library"):
        assert part in out


def test_another_major_version(tmp_path):
    path = library(tmp_path, "1.2.3")
    status, _, err = run("import reluflow", RELUFLOW_LIBRARY=str(path))
    assert status == 1 and "has version 1.2.3, this package needs 0.x" in err.splitlines()[-1]
    assert "LibraryError" in err


def test_no_library(tmp_path):
    status, _, err = run("import reluflow", RELUFLOW_LIBRARY=str(tmp_path / "none.so"))
    assert status == 1 and "cannot be loaded" in err and "none.so" in err
    status, _, err = run("import reluflow", RELUFLOW_LIBRARY="libm.so.6")
    assert status == 1 and "not the library reluflow" in err
    # Without the variable: the rule's third place, where a test machine need not have one.
    assert reluflow._library.FILE_NAME == "libreluflow.so.0"


def older_package(folder):
    """This package with a header that lacks its latest functions, constants and the like."""
    shutil.copytree(reluflow.__path__[0], folder / "reluflow",
                    ignore=shutil.ignore_patterns("__pycache__"))
    header = folder / "reluflow" / "reluflow.h"
    text = header.read_text(encoding="utf-8")
    for name in ("rf_model_neurons", "rf_model_set_outer_weights", "rf_landscape_create"):
        text, count = re.subn(rf"^RF_API [^;]*\b{name}\([^;]*;\n", "", text, flags=re.M)
        assert count == 1
    text, count = re.subn(r"RF_OUTPUTS = \d+", "", text)
    assert count == 1
    header.write_text(text, encoding="utf-8")


def test_newer_library(tmp_path):
    """A package with an older header works with this library, and says what it does not know."""
    older_package(tmp_path)
    script = FIRST + ("assert reluflow.library_version\n"
                      "try: reluflow.Model([[1.0, 0.0]], [1.0]).landscape()\n"
                      "except reluflow.LibraryError as error: print(error)\n"
                      "import tempfile, os\n"
                      "t = reluflow.Model([[1.0, 0.0]], [1.0]).flow([1.0, 0.0])\n"
                      "p = os.path.join(tempfile.mkdtemp(), 'run'); t.save(p)\n"
                      "print(reluflow.load(p).model.neurons)\n")
    status, out, err = run(script, PYTHONPATH=str(tmp_path))
    assert status == 0, err
    lines = out.splitlines()
    assert lines[0].startswith("<reluflow.Trajectory: limit reached")
    assert lines[1].startswith("the header in this package has no rf_landscape_create")
    assert lines[2] == "1"


def test_unknown_numbers(monkeypatch):
    """What a newer library may say: numbers without a name are kept as numbers."""
    from reluflow.errors import from_status
    for kind in (reluflow.Status, reluflow.EventKind, reluflow.InnerEnding, reluflow.PointKind):
        assert str(kind(99)) == "99" and kind(99) == 99 and isinstance(kind(99), kind)
        with pytest.raises(ValueError):
            kind("x")
    trajectory = reluflow.Model([[1.0, 2.0], [2.0, -1.0]], [1.0, -1.0]).flow([1.0, 1.0])
    call = reluflow.lowlevel.rf_model_integrate
    monkeypatch.setattr(reluflow.lowlevel, "rf_model_integrate", lambda *words: call(*words) or 77)
    assert trajectory.run() == 77
    events = trajectory.events
    assert len(events)
    events["kind"][0] = 55
    monkeypatch.setattr(reluflow.Trajectory, "events", events)
    assert trajectory.events_frame()["kind"][0] == "55"
    error = from_status(-99, "new", "rf_x")
    assert type(error) is reluflow.ReluflowError and error.status == -99


def test_source_folder_is_not_the_package(source):
    status, _, err = run("import reluflow", PYTHONPATH=str(source / "bindings" / "python"))
    assert status == 1
    assert "meson compile" in err and "pip install ." in err


@pytest.mark.parametrize("name", ["rf_nothing", "nothing"])
def test_lowlevel_says_what_is_missing(name):
    with pytest.raises((reluflow.LibraryError, AttributeError), match=name):
        getattr(reluflow.lowlevel, name)
