"""embed.py: builds the hosts of examples/embed against an installed tree and runs them.
SPDX-License-Identifier: MIT

With the compiler alone, through pkg-config, with the shared and with the static library; with CMake
where CMake is installed; under Valgrind where that is.  The Meson project is built by subproject.py.
"""
import pathlib
import shutil
import tempfile

from common import arguments, environment, expect, hosts, run, running
from installed import flags, install

WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Werror']


def build(options, prefix, source, folder, static):
    """The hosts from a copy of the folder, as examples/embed/README.md builds them."""
    folder.mkdir()
    words = flags(prefix, options.libdir, *(['--static'] if static else []))
    run([*options.cc, '-std=c99', *WARNINGS, 'host.c', 'simulation.c', 'pool.c', 'cells.c', *words,
         '-lm', '-lpthread', '-o', folder / 'host'], cwd=source)
    if options.cxx:
        run([*options.cc, '-std=c99', *WARNINGS, '-c', 'cells.c', '-o', folder / 'cells.o'],
            cwd=source)
        run([*options.cxx, '-std=c++11', *WARNINGS, 'host.cpp', folder / 'cells.o', *words, '-lm',
             '-o', folder / 'host_cpp'], cwd=source)
    for program in ['host'] + (['host_cpp'] if options.cxx else []):
        needs = 'libreluflow.so.0' in run(['readelf', '-d', folder / program])
        expect(needs != static, f'{program}: linked with the wrong kind of library')


def build_with_cmake(options, prefix, source, folder):
    env = environment(PKG_CONFIG_PATH=str(prefix / options.libdir / 'pkgconfig'))
    run(['cmake', '-S', source, '-B', folder, f'-DCMAKE_C_COMPILER={options.cc[-1]}',
         f'-DCMAKE_CXX_COMPILER={options.cxx[-1]}'], env=env)
    run(['cmake', '--build', folder], env=env)


def check_with_valgrind(folder, library, env):
    """No invalid access, no use of what was not set, nothing lost.

    Without the library's debugging information: not every compiler writes it as Valgrind reads it.
    """
    run(['strip', '--strip-debug', library])
    for program, size in [('host', ['--threads', 2]), ('host_cpp', [])]:
        if (folder / program).exists():
            run(['valgrind', '--quiet', '--error-exitcode=9', '--leak-check=full',
                 '--errors-for-leak-kinds=definite,indirect,possible', folder / program,
                 '--cells', 20, '--steps', 10, *size], env=env)


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix='reluflow-embed-') as name:
        work = pathlib.Path(name)
        prefix = install(options, work / 'stage')
        source = work / 'source'
        shutil.copytree(pathlib.Path(options.source, 'examples/embed'), source)
        env = running(prefix / options.libdir)
        build(options, prefix, source, work / 'shared', static=False)
        said = hosts(work / 'shared', env, cells=300)
        print(said, end='')
        if shutil.which('valgrind'):
            check_with_valgrind(work / 'shared', prefix / options.libdir / 'libreluflow.so', env)
            print('Valgrind: clean')
        if shutil.which('cmake') and options.cxx:
            build_with_cmake(options, prefix, source, work / 'cmake')
            expect(hosts(work / 'cmake', env, cells=300) == said, 'CMake: another result')
            print('CMake: the same')
        # Without the shared library the linker takes the static one.
        for link in (prefix / options.libdir).glob('libreluflow.so*'):
            link.unlink()
        build(options, prefix, source, work / 'static', static=True)
        expect(hosts(work / 'static', env, cells=300) == said, 'static: another result')
        print('static: the same')


if __name__ == '__main__':
    main()
