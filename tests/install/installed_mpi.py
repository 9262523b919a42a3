"""installed_mpi.py: uses the installed libreluflow-mpi as a stranger would.
SPDX-License-Identifier: MIT

Arguments as for installed.py, then the launcher with its own.  Files present; a program compiled
through pkg-config, with the shared and with the static library, and run on two ranks; the installed
command line on two ranks.
"""
import pathlib
import re
import sys
import tempfile

from common import arguments, environment, expect, run, running
from installed import install


def check_files(options, prefix):
    library = prefix / options.libdir
    for path in [prefix / 'include/reluflow/mpi.h', library / 'libreluflow-mpi.a',
                 library / f'libreluflow-mpi.so.{options.version}']:
        expect(path.is_file() and path.stat().st_size > 0, f'not installed: {path}')
    for name in ['libreluflow-mpi.so', 'libreluflow-mpi.so.0']:
        expect((library / name).is_symlink(), f'{name} is no link')
    dynamic = run(['readelf', '-d', library / 'libreluflow-mpi.so'])
    expect(re.search(r'SONAME.*\[libreluflow-mpi\.so\.0\]', dynamic), f'another soname:\n{dynamic}')
    expect('libreluflow.so.0' in dynamic, f'libreluflow is not needed:\n{dynamic}')
    needed = run(['readelf', '-d', library / 'libreluflow.so'])
    expect('mpi' not in needed, f'libreluflow needs MPI:\n{needed}')


def build(options, prefix, work, launcher, static):
    library = prefix / options.libdir
    env = environment(PKG_CONFIG_PATH=str(library / 'pkgconfig'))
    words = run(['pkg-config', *(['--static'] if static else []), '--cflags', '--libs',
                 'reluflow-mpi'], env=env).split()
    if static:
        words = [f'-l:lib{name}.a' if (name := word[2:]) in ['reluflow', 'reluflow-mpi'] else word
                 for word in words]
    program = work / ('host_static' if static else 'host_shared')
    run([*options.cc, '-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Werror',
         pathlib.Path(options.source, 'tests/install/host_mpi.c'), *words, '-lm', '-o', program])
    needs = 'libreluflow' in run(['readelf', '-d', program])
    expect(needs != static, f'{program.name}: linked with the wrong kind of library')
    return run([*launcher, '-n', '2', program], env=running(library)).strip()


def main():
    at = sys.argv.index('--launcher')
    launcher = sys.argv[at + 1:]
    del sys.argv[at:]
    options = arguments()
    with tempfile.TemporaryDirectory(prefix='reluflow-installed-') as folder:
        work = pathlib.Path(folder)
        prefix = install(options, work / 'stage')
        check_files(options, prefix)
        print('shared:', build(options, prefix, work, launcher, static=False))
        print('static:', build(options, prefix, work, launcher, static=True))
        if options.tools == 'yes':
            command = [prefix / 'bin/reluflow', 'sweep', '--directions', '2', '--scales', '1',
                       '--columns', 'bmi', '--csv']
            env = running(prefix / options.libdir)
            alone = run(command, env=env)
            expect(run([*launcher, '-n', '2', *command], env=env) == alone,
                   'the command line prints something else on two ranks')


if __name__ == '__main__':
    main()
