"""subproject.py: builds a host project that has a copy of the source in its subprojects folder.
SPDX-License-Identifier: MIT
"""
import pathlib
import shutil
import tempfile

from common import arguments, environment, expect, run


def copy_of_the_source(options, target):
    """The source tree without version control and build folders."""
    source = pathlib.Path(options.source).resolve()
    build = pathlib.Path(options.build).resolve()

    def ignore(folder, names):
        here = pathlib.Path(folder).resolve()
        return [name for name in names
                if name in ['.git', '__pycache__', 'subprojects'] or here / name == build
                or (here == source and name.startswith('build'))]

    shutil.copytree(source, target, ignore=ignore, symlinks=True)


def main():
    options = arguments()
    folder = pathlib.Path(options.source, 'tests/install')
    with tempfile.TemporaryDirectory(prefix='reluflow-subproject-') as name:
        host = pathlib.Path(name) / 'host'
        (host / 'subprojects').mkdir(parents=True)
        copy_of_the_source(options, host / 'subprojects/reluflow')
        shutil.copy(folder / 'subproject/meson.build', host)
        shutil.copy(folder / 'host.c', host)
        env = environment(CC=' '.join(options.cc))
        said = run([options.meson, 'setup', '--force-fallback-for=reluflow', host / 'build', host],
                   env=env)
        expect('subproject' in said, f'the subproject was not used:\n{said}')
        run(['ninja', '-C', host / 'build'], env=env)
        print(run([host / 'build/host'], env=env), end='')


if __name__ == '__main__':
    main()
