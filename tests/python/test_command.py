"""test_command.py: python -m reluflow plot, and reluflow plot.
SPDX-License-Identifier: MIT"""
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from reluflow import command
from reluflow._table import Table, UsageError, printable, read_file

PNG = b"\x89PNG\r\n\x1a\n"


def run(*words, cwd, program=(sys.executable, "-m", "reluflow"), **environment):
    done = subprocess.run([*program, *map(str, words)], cwd=cwd, capture_output=True, text=True,
                          encoding="utf-8", errors="replace", env={**os.environ, **environment})
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


def test_counts_from_1(table, tmp_path, monkeypatch):
    """Rows and points have the numbers of the other commands."""
    from reluflow import plot
    counted = []
    monkeypatch.chdir(tmp_path)
    for kind in ("trajectory", "support", "phase", "compare"):
        drawn = getattr(plot, kind)
        monkeypatch.setattr(plot, kind, lambda *a, drawn=drawn, **b: counted.append(b["first"]) or drawn(*a, **b))
        assert command.main(["plot", kind, "--scale", "1", str(table)]) == 0
    assert counted == [1, 1, 1, 1]


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
    (["plot", "portrait"], 2, "unknown picture \"portrait\""),
    (["plot", "trajectory", "--runs", "2"], 2, "--runs has no meaning for the picture trajectory"),
    (["plot", "scales", "--scale", "1"], 2, "--scale has no meaning for the picture scales"),
    (["plot", "phase", "--bias"], 2, "two columns"),
    (["plot", "support", "-o", "none/x.png"], 2, "none/x.png"),
    (["plot", "support", "-o", ""], 2, "--output: \"\" is not"),
    (["plot", "support", "-o"], 2, "--output needs a value: --output FILE"),
    (["plot", "support", "-o", "x.foo"], 2, "foo"),
    (["plot", "support", "a", "b"], 2, "one FILE only, \"b\" is a second beside \"a\""),
    (["plot", "scales", "--directions", "1000000000"], 1, "1000000000 directions with 18 scales need"),
])
def test_errors(words, status, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert command.main(words) == status
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    assert captured.err.startswith("reluflow: ") and said in captured.err


def same_words(words, cwd, monkeypatch, capsys, tool="flow", status=2):
    """What `reluflow flow` says of wrong words, `reluflow plot trajectory` says too."""
    ended, _, wanted = run(tool, *words, cwd=cwd, program=(os.environ["RELUFLOW_TOOL"],))
    monkeypatch.chdir(cwd)
    kind = "scales" if tool == "sweep" else "trajectory"
    assert (ended, command.main(["plot", kind, *words])) == (status, status), wanted
    captured = capsys.readouterr()
    assert (captured.out, captured.err.replace("reluflow plot", f"reluflow {tool}")) == ("", wanted)


@pytest.mark.parametrize("words", [
    ["--scale", "x"], ["--scale", "-1"], ["--scale", ""], ["--scale", "1_0"], ["--scale", "1e999"],
    ["--scale", "inf"], ["--seed", "-1"], ["--seed", "1_0"], ["--seed", "18446744073709551616"],
    ["--seed", "9" * 5000], ["--seed", "\u0661"], ["--t-end", "nan"], ["--t-end", "-1"], ["--t-end"],
    ["--activation", "tanh"], ["--activation", "leaky:1"], ["--activation", "leaky:1_0"],
    ["--label", "size"], ["--label", ""], ["--columns", ""], ["--columns", "bmi,bmi"],
    ["--columns", "progression"], ["--columns", "bmi,\"s5"], ["--columns", "bmi\nage"],
    ["--columns", "bmi,"], ["--nosuch=1"], ["--bias=1"], ["none.csv"], [""], ["a", "b"], ["/"],
    ["--start", "none"], ["--start", ""], ["--start", "", "--seed", "1"], ["-", "--start", "-"],
    ["--seed", "1e400"], ["--activation", "1e400"], ["--columns", "bmi,\"\""],
])
def test_words_of_flow(words, tmp_path, monkeypatch, capsys):
    same_words(words, tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("text", ["", "x", "1:2:1", "1:2:2.0", "1:0:3", "0:1:3", "1:2:100001", "1_0",
                                  "1,", "1:2:3:4", "nan", "::"])
def test_scales_of_sweep(text, tmp_path, monkeypatch, capsys):
    same_words(["--scales", text], tmp_path, monkeypatch, capsys, tool="sweep")
    same_words(["--directions", "0"], tmp_path, monkeypatch, capsys, tool="sweep")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("text, words", [
    ("1e140,2,3\n1e141,-1,2\n", []), ("1e-165,1e-165,3\n-2e-165,1e-165,2\n", []),
    ("1,2,3\n3,-1,2\n", ["--scale", "1e160"])])
def test_extreme_numbers(text, words, tmp_path, monkeypatch, capsys):
    """The same words as those of the other commands, and no warning beside them."""
    (tmp_path / "x.csv").write_text("a,b,y\n" + text)
    same_words([*words, "x.csv"], tmp_path, monkeypatch, capsys, status=1)
    assert command.main(["plot", "support", "--standardize", "x.csv"]) == 0


TABLES = [
    b"", b"\xef\xbb\xbf", b"\n \n\r\n", b"a,y", b"a,y\r\n\r\n", b"\na,y\n1,2\n", b"y\n1\n", b"a;b;y\n1;2;3\n",
    b"a\tb\n1\t2\n", b" a b \n1 2\n", b" a \n1\n", b"1,2\n3,4\n", b"a,b,y\n1,2,3\n4,5\n", b"a,b,y\n1,2,3\n4,5\r\n", b'a,b,y\n"1"\n',
    b"a,b,y\n1,2,3,4\n", b"a,b,y\n1,2,3,\n", b"a,y\n1,2\n\n3,4\n", b"a,y\n1,1_0\n", b"a,y\n1,0x10\n",
    b"a,y\n1,\n", b"a,y\n1,  \n", b"a,y\nnan,1\n", b"a,y\n1,-INFINITY\n", b"a,y\n1,1e999\n",
    b'a,"y\n1,2\n', b'a,y\n1,"2"3\n', b'"a";"y"\n1;2\n', b'a,y\n1,2"\n', b'a,y\n1,"2""3"\n',
    b"a,y,y\n1,2,3\n", b"a,y\n1,2\0\n", b"a,y\n1,\x1b[2J\n", b"a,y\n1," + 100 * "\u00e9".encode() + b"\n",
    b"a,y\n1,2\r3,4\n", b"a,y\r1,2\r3,4\n", b'a,y\n1,"2" \r3,4\n', '"\u00e9",\u00e9",y\n'.encode(),
    b'"a\nb","c\nd",y\n1,2,z\n', b"a,y\r1,x\r", b'"a\rb",y\r1,x\r', b"gr\xf6,y\n1,x\n", b"a,y\n1,\xf6\n",
    b"\x7fELF\r\x01\x02\0\r\n", b'\x89PNG\r\n\x1a\n"\0\0', b"\xc3\xa9,y\n\xc3\xa9\0",
    *("a,y\n1,2\n".encode(f"utf-{bits}{order}") for bits in (16, 32) for order in ("", "-le", "-be")),
]


@pytest.mark.parametrize("content", TABLES)
def test_bad_tables(content, tmp_path, monkeypatch, capsys):
    (tmp_path / "bad.csv").write_bytes(content)
    same_words(["bad.csv"], tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("first, line, words", [
    ("", "y\\n", ["-"]), ("", "1,2\\n", ["-"]), ("", "\\n", ["-"]), ("", "a,b\\n", ["-"]), ("", '"\\n', ["-"]),
    ("a,b\n", "1,2\\n", ["-", "--label", "z"]), ("a,b\n" + 20000 * "1,2\n", "x\\n", ["-"]),
    ("", "1\\n", ["--start", "-"]), ("", "y\\n", ["--start", "-"])])
def test_endless(first, line, words, tmp_path):
    """What never ends is refused at its first fault."""
    (tmp_path / "first").write_text(first)
    said = []
    for program in ([os.environ["RELUFLOW_TOOL"], "flow"], [sys.executable, "-m", "reluflow", "plot", "trajectory"]):
        done = subprocess.run(["sh", "-c", f"(cat first; while :; do printf '{line}'; done) | \"$@\"", "sh", *program,
                               *words], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        said.append((done.returncode, done.stdout, done.stderr))
    assert said[0] == said[1] and said[0][:2] == (2, "") and "(standard input):" in said[0][2]


@pytest.mark.parametrize("content", [b"", b"1", b"1,2,3", b"1\nx", b"1,\n", b"1,nan", b"1 2", b"1;2", b"1,\n2",
                                     b"\n\n1\n"])
def test_bad_starts(content, table, tmp_path, monkeypatch, capsys):
    (tmp_path / "start").write_bytes(content)
    same_words(["--start", "start", str(table)], tmp_path, monkeypatch, capsys)
    same_words(["--start", "start", "--scale", "1", str(table)], tmp_path, monkeypatch, capsys)


def test_damaged_tables(tmp_path, monkeypatch):
    """Both readers take the same of many damaged tables, and what they take is the same."""
    random = np.random.default_rng(5)
    whole = b'a,"b, ""c""",y\r\n1,-2.5e1,3\n .5 ,"4",+6.\n\xef\xbb\xbf\n'[:-4]
    pieces = [b",", b'"', b"\n", b"\r", b"\r\n", b"\0", b" ", b"\t", b"-", b".", b"e", b"_", b"1", b"\xff", b'""']
    monkeypatch.chdir(tmp_path)
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(random.integers(1, 4)):
            at = random.integers(len(content) + 1)
            content[at:at + random.integers(3)] = pieces[random.integers(len(pieces))]
        (tmp_path / "x.csv").write_bytes(content)
        status, out, err = run("flow", "x.csv", "--json", "--t-end", "0", cwd=tmp_path,
                               program=(os.environ["RELUFLOW_TOOL"],))
        try:
            read = Table(*read_file("x.csv"))
            chosen, label = read.choose(None, None)
        except UsageError as error:
            assert (status, err) == (2, f"reluflow: {printable(str(error))}\n"), content
        else:
            found = json.loads(out)
            assert status == 0 and found["data"]["columns"] == [read.names[k] for k in chosen], content
            assert found["rows"]["label"] == list(read.values[:, label]), content


def test_no_room_for_the_output(table, tmp_path):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-m", "reluflow", "plot", "support", str(table)], cwd=tmp_path,
                              stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "reluflow: the output cannot be written: No space left on device\n"


def test_ctrl_c(tmp_path):
    """An interrupt ends the program as it ends others: by the signal, without a trace."""
    script = ("from reluflow.command import main\n"
              "print('ready', flush=True)\n"
              "main(['plot', 'scales', '--directions', '5000'])\n")  # for minutes
    with subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline() == "ready\n"
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        assert running.communicate(timeout=30)[1] == ""
    assert running.returncode == -signal.SIGINT


def test_help(tmp_path):
    for words in (["--help"], ["plot", "--help"]):
        status, out, err = run(*words, cwd=tmp_path)
        assert status == 0 and "trajectory" in out and not err
    status, out, err = run("--version", cwd=tmp_path)
    assert (status, err) == (0, "") and out.startswith("reluflow 0.")
