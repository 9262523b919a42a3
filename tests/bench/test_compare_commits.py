"""test_compare_commits.py SCRIPT: compare_commits on a repository of two commits, made here.
SPDX-License-Identifier: MIT
"""
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest

OPTIONS = "option('bench', type: 'feature', value: 'disabled')\n"
PROGRAM = r"""
#include <stdio.h>
int main(int argc, char **argv)
{
    (void)argc;
    printf("| what | n | ms | note |\n| ---- | - | -- | ---- |\n");
    printf("| one | %%s | %d | fine |\n| two | %%s | 5 | fine |\n", argv[1], argv[1]);
}
"""


def load(path):
    loader = importlib.machinery.SourceFileLoader('compare_commits', path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('compare_commits', loader))
    loader.exec_module(module)
    return module


class Reading(unittest.TestCase):
    def test_rows_are_matched_and_measured(self):
        text = 'x\n\n| what | n | ms |\n| ---- | - | -- |\n| {} | 7 | {} |\n'
        lines = script.compare([text.format('one', 4), text.format('one', 2)],
                               [text.format('one', 2), text.format('one', 2)])
        self.assertEqual(lines, [['one n 7', 'ms', '3', '2', '0.750', '0.500 .. 1.000', '']])

    def test_a_difference_beyond_the_spread_is_told(self):
        text = '| what | ms |\n| ---- | -- |\n| one | {} us, 12 events |\n'
        lines = script.compare([text.format(10)] * 2, [text.format(8), text.format(9)])
        self.assertEqual([line[-1] for line in lines], ['B less'])
        lines = script.compare([text.format(10)] * 2, [text.format(12), text.format(11)])
        self.assertEqual([line[-1] for line in lines], ['B more'])

    def test_a_row_of_one_side_only_is_left_out(self):
        head = '| what | ms |\n| ---- | -- |\n'
        self.assertEqual(script.compare([head + '| one | 1 |\n'], [head + '| two | 2 |\n']), [])


class Running(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        self.git('init', '-q')
        for value in (40, 20):
            os.makedirs(os.path.join(self.root, 'bench'), exist_ok=True)
            self.write('meson.build', "project('p', 'c')\nsubdir('bench')\n")
            self.write('meson_options.txt', OPTIONS)
            self.write('bench/meson.build', "if get_option('bench').enabled()\n"
                                            "  executable('bench_p', 'p.c')\nendif\n")
            self.write('bench/p.c', PROGRAM % value)
            self.git('add', '-A')
            self.git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '-m', str(value))

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        with open(os.path.join(self.root, name), 'w', encoding='utf-8') as file:
            file.write(text)

    def git(self, *arguments):
        return subprocess.run(['git', '-C', self.root, *arguments], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def run_script(self, *arguments):
        return subprocess.run([sys.executable, sys.argv[0], '--root', self.root, *arguments], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_two_commits(self):
        done = self.run_script('--program', 'bench_p', '--rounds', '2', 'HEAD~1', 'HEAD', '--', '7')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('one fine n 7', done.stdout)
        self.assertIn('B less', done.stdout)
        self.assertNotIn('two', done.stdout)
        self.assertEqual(len(self.git('worktree', 'list').splitlines()), 1)

    def test_a_commit_that_is_none(self):
        done = self.run_script('--program', 'bench_p', 'HEAD', 'nothing', '--', '7')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('nothing', done.stderr)
        self.assertEqual(len(self.git('worktree', 'list').splitlines()), 1)


if __name__ == '__main__':
    sys.argv = sys.argv[1:]
    script = load(sys.argv[0])
    unittest.main(argv=['test_compare_commits'])
