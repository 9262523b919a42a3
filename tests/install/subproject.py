"""subproject.py: builds the host of examples/embed with a copy of the source in its subprojects folder.
SPDX-License-Identifier: MIT
"""
import pathlib
import shutil
import tempfile

from common import arguments, environment, expect, hosts, run


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
    folder = pathlib.Path(options.source, 'examples/embed')
    with tempfile.TemporaryDirectory(prefix='reluflow-subproject-') as name:
        host = pathlib.Path(name) / 'host'
        shutil.copytree(folder, host)
        (host / 'subprojects').mkdir()
        copy_of_the_source(options, host / 'subprojects/reluflow')
        env = environment(CC=' '.join(options.cc))
        if options.cxx:
            env['CXX'] = ' '.join(options.cxx)
        said = run([options.meson, 'setup', '--force-fallback-for=reluflow', host / 'build', host],
                   env=env)
        expect('subproject' in said, f'the subproject was not used:\n{said}')
        run(['ninja', '-C', host / 'build'], env=env)
        said = hosts(host / 'build', env, cells=100)
        # The project's own tests are those of the host, not of the library.
        names = run([options.meson, 'test', '-C', host / 'build', '--list'], env=env)
        expect('host in two threads' in names and 'abi' not in names, f'other tests:\n{names}')
        print(said, end='')


if __name__ == '__main__':
    main()
