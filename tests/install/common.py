"""common.py: what the tests of the installed library share.
SPDX-License-Identifier: MIT
"""
import argparse
import os
import shlex
import subprocess
import sys


def arguments():
    parser = argparse.ArgumentParser()
    for name in ['meson', 'source', 'build', 'prefix', 'libdir', 'version', 'cc', 'cxx', 'tools']:
        parser.add_argument('--' + name, required=True)
    options = parser.parse_args()
    options.cc = shlex.split(options.cc)
    options.cxx = shlex.split(options.cxx)
    return options


def environment(**changes):
    """The present one without what the test runner or a host might inject."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(('MESON', 'PKG_CONFIG', 'DESTDIR', 'CFLAGS', 'LDFLAGS'))}
    env.update(changes)
    return env


def running(library):
    """The environment of a program that finds the shared library in the given folder."""
    before = os.environ.get('LD_LIBRARY_PATH')
    return environment(LD_LIBRARY_PATH=f'{library}:{before}' if before else str(library))


def run(command, env=None, cwd=None):
    """Runs a command; prints it and what it said, and gives up, if it fails.  Returns its output."""
    command = [str(word) for word in command]
    done = subprocess.run(command, env=env or environment(), cwd=cwd, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit(f'$ {shlex.join(command)}\n{done.stdout}ended with {done.returncode}')
    return done.stdout


def hosts(folder, env, cells):
    """Runs the hosts built from examples/embed in a folder: in one thread, in two, and from C++.

    They have to find the same.  Returns what the first one printed.
    """
    size = ['--cells', cells, '--steps', 20]
    said = run([folder / 'host', *size], env=env)
    expect('blocks not given back 0\n' in said, f'the balance is not 0:\n{said}')
    again = run([folder / 'host', *size, '--threads', '2'], env=env)
    expect(again == said, f'another result in two threads:\n{said}{again}')
    if (folder / 'host_cpp').exists():
        again = run([folder / 'host_cpp', *size], env=env)
        lines = said.splitlines()[:2]
        expect(again.splitlines() == lines, f'another result in C++:\n{said}{again}')
    return said


def expect(condition, text):
    if not condition:
        sys.exit(text)
