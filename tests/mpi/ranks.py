"""ranks.py PROGRAM VERSION MPIRUN ARGUMENT...: the command line under an MPI launcher.
SPDX-License-Identifier: MIT

The same bytes as without, printed once, for every number of ranks and threads; a failure once, with
its exit status; and no MPI without a launcher.
"""
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM, VERSION, *LAUNCHER = sys.argv[1:]
TIMEOUT = 60
SMALL = 'a,b,y\n1,0,1\n0,1,1.1875\n1,-1,0.0625\n'
SWEEP = ['sweep', '--directions', '3', '--scales', '1,1e-3,0', '--columns', 'bmi,s5,bp']


def run(command, **keywords):
    environment = dict(os.environ, OPENBLAS_NUM_THREADS='1')
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                          timeout=TIMEOUT, check=False, **keywords)


def launched(ranks, *arguments, **keywords):
    return run([*LAUNCHER, '-n', str(ranks), PROGRAM, *arguments], **keywords)


class Ranks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='ascii') as file:
            file.write(text)
        return path

    def same(self, ranks, *arguments, **keywords):
        alone = run([PROGRAM, *arguments], **keywords)
        self.assertEqual((alone.returncode, alone.stderr), (0, b''), arguments)
        together = launched(ranks, *arguments, **keywords)
        self.assertEqual(together.returncode, 0, together.stderr)
        self.assertEqual(together.stdout, alone.stdout, arguments)

    def test_sweep(self):
        for ranks in (1, 2, 3):
            self.same(ranks, *SWEEP)

    def test_formats_and_threads(self):
        self.same(2, *SWEEP, '--json', '--threads', '2')
        self.same(2, *SWEEP, '--csv', '--t-end', '3')
        self.same(3, *SWEEP, '--max-events', '2', '--no-certificate')

    def test_several_parts(self):
        """More runs than are kept at a time, which is 1024."""
        data = self.write('data.csv', SMALL)
        self.same(2, 'sweep', '--directions', '1100', '--scales', '1', '--csv', data)

    def test_several_neurons(self):
        data = self.write('data.csv', SMALL)
        self.same(2, 'sweep', '--neurons', '3', '--t-end', '2', '--json', data)

    def test_few_runs(self):
        self.same(3, 'sweep', '--directions', '1', '--scales', '0.1')

    def test_landscape(self):
        self.same(2, 'landscape', '--columns', 'bmi,s5', '--no-bias', '--starts', '5', '--json')
        self.same(2, 'landscape', '--columns', 'bmi,s5', '--no-bias')

    def test_the_first_rank_does_the_rest(self):
        self.same(2, 'gd', '--steps', '20', '--json')
        self.same(2, 'certify', '--columns', 'bmi')
        self.same(2, '--version')
        self.same(2, 'sweep', '--help')

    def test_files_and_standard_input(self):
        data = self.write('data.csv', SMALL)
        directions = self.write('directions', '2,1\n1,3\n-1,-2\n')
        self.same(2, 'sweep', '--directions', directions, data)
        with open(data, 'rb') as file:
            text = file.read()
        self.same(2, 'sweep', '--directions', directions, '--json', '-', input=text)
        self.same(2, 'flow', '-', input=text)

    def refused(self, status, message, *arguments, **keywords):
        """Said once, whatever the launcher adds."""
        done = launched(2, *arguments, **keywords)
        self.assertEqual((done.returncode, done.stdout), (status, b''), done.stderr)
        lines = [line for line in done.stderr.decode().splitlines() if line.startswith('reluflow:')]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertIn(message, lines[0])

    def test_failures(self):
        bad = self.write('bad.csv', 'a,y\n1,2\n1,x\n')
        self.refused(2, 'unknown option "--bad"', 'sweep', '--bad')
        self.refused(2, 'No such file', 'sweep', os.path.join(self.folder, 'none.csv'))
        self.refused(2, 'bad.csv:3:3', 'sweep', bad)
        self.refused(2, 'bad.csv:3:3', 'flow', bad)
        self.refused(2, 'bad.csv:1:1', 'sweep', '--directions', bad)
        self.refused(2, 'choose two', 'landscape', '--starts', '3')

    def test_no_mpi_without_a_launcher(self):
        """MPI would leave traces: Open MPI makes a folder for its session."""
        environment = dict(os.environ, TMPDIR=self.folder, OPENBLAS_NUM_THREADS='1',
                           OMPI_MCA_orte_tmpdir_base=self.folder, OMPI_MCA_orte_launch_agent='/none')
        done = subprocess.run([PROGRAM, *SWEEP], env=environment, timeout=TIMEOUT, check=False,
                              capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b''))
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
