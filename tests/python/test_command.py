"""test_command.py: python -m reluflow plot, and reluflow plot.
SPDX-License-Identifier: MIT"""
import os
import subprocess
import sys

import numpy as np
import pytest

from reluflow import command

PNG = b"\x89PNG\r\n\x1a\n"


def run(*words, cwd, program=(sys.executable, "-m", "reluflow"), **environment):
    done = subprocess.run([*program, *map(str, words)], cwd=cwd, capture_output=True, text=True,
                          env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def table(tmp_path):
    """Twelve rows of two variables and a label."""
    random = np.random.default_rng(0)
    path = tmp_path / "data.csv"
    rows = np.column_stack([random.normal(size=(12, 2)), random.normal(size=12) + 1])
    np.savetxt(path, rows, delimiter=",", header="left,right,answer", comments="")
    return path


@pytest.mark.parametrize("kind, options", [
    ("trajectory", ["--scale", "1"]), ("support", ["--bias", "--activation", "leaky:0.1"]),
    ("phase", ["--runs", "1"]), ("scales", ["--directions", "2", "--scales", "0,0.1:10:3"]),
    ("compare", ["--standardize", "--mean-loss", "--seed", "3", "--scale", "1"])])
def test_kinds(kind, options, table, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert command.main(["plot", kind, *options, str(table)]) == 0
    assert capsys.readouterr().out == f"{kind}.png\n"
    assert (tmp_path / f"{kind}.png").read_bytes()[:8] == PNG


def test_output_and_start(table, tmp_path, capsys):
    start, out = tmp_path / "start", tmp_path / "picture.svg"
    start.write_text("1\n0.5\n")
    assert command.main(["plot", "trajectory", "--start", str(start), "-o", str(out),
                         str(table)]) == 0
    assert b"<svg" in out.read_bytes()
    assert capsys.readouterr().out == f"{out}\n"


def test_both_programs_draw_the_same(table, tmp_path):
    """`reluflow plot` and `python -m reluflow plot`, byte for byte; bundled data too."""
    for words in (["trajectory", table], ["support", "--columns", "bmi,s5"]):
        pictures = []
        for program, name in (((sys.executable, "-m", "reluflow"), "a.png"),
                              ((os.environ["RELUFLOW_TOOL"],), "b.png")):
            status, out, err = run("plot", *words, "-o", name, cwd=tmp_path, program=program,
                                   RELUFLOW_PYTHON=sys.executable)
            assert (status, out, err) == (0, f"{name}\n", "")
            pictures.append((tmp_path / name).read_bytes())
        assert pictures[0] == pictures[1]


def test_tool_says_what_is_missing(tmp_path):
    tool = (os.environ["RELUFLOW_TOOL"],)
    status, _, err = run("plot", "trajectory", cwd=tmp_path, program=tool,
                         RELUFLOW_PYTHON=str(tmp_path / "none"))
    assert status == 1 and err.count("\n") == 1 and "none" in err and "RELUFLOW_PYTHON" in err
    environment = dict(RELUFLOW_PYTHON=sys.executable, PYTHONPATH="", HOME=str(tmp_path))
    status, _, err = run("plot", "trajectory", cwd=tmp_path, program=tool, **environment)
    assert status == 1 and err.count("\n") == 1
    assert "the Python package reluflow is not installed" in err and sys.executable in err
    # What lies in the present folder is not taken for the package.
    (tmp_path / "reluflow.py").write_text("raise SystemExit(99)")
    assert run("plot", "trajectory", cwd=tmp_path, program=tool, **environment)[0] == 1


@pytest.mark.parametrize("words, status, said", [
    ([], 2, "no command"), (["draw"], 2, "unknown command"), (["plot"], 2, "KIND"),
    (["plot", "portrait"], 2, "portrait"), (["plot", "phase", "none.csv"], 2, "none.csv"),
    (["plot", "trajectory", "--label", "size"], 2, "no column \"size\""),
    (["plot", "trajectory", "--scale", "x"], 2, "\"x\" is not a number"),
    (["plot", "trajectory", "--scale", "-1"], 2, "scale"),
    (["plot", "scales", "--scales", "1:0:3"], 2, "FROM:TO:COUNT"),
    (["plot", "phase", "--bias"], 2, "two columns"),
    (["plot", "trajectory", "--activation", "tanh"], 2, "tanh"),
    (["plot", "support", "-o", "none/x.png"], 2, "none/x.png"),
    (["plot", "support", "-o", "x.foo"], 2, "foo"),
])
def test_errors(words, status, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert command.main(words) == status
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    assert captured.err.startswith("reluflow: ") and said in captured.err


@pytest.mark.parametrize("text, said", [
    ("", "header"), ("a,b\n", "header"), ("a,b\n1\n", "row 1 has 1 fields"),
    ("a,b\n1,x\n", "\"x\" is not a number"), ("a,b\n1,nan\n", "not finite"), ("a\n1\n", "only column"),
])
def test_bad_tables(text, said, tmp_path, capsys):
    (tmp_path / "bad.csv").write_text(text)
    assert command.main(["plot", "trajectory", str(tmp_path / "bad.csv")]) == 2
    assert said in capsys.readouterr().err


def test_help(tmp_path):
    for words in (["--help"], ["plot", "--help"]):
        status, out, err = run(*words, cwd=tmp_path)
        assert status == 0 and "trajectory" in out and not err
    status, out, err = run("--version", cwd=tmp_path)
    assert (status, err) == (0, "") and out.startswith("reluflow 0.")
