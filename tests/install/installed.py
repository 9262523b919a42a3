"""installed.py: installs the build into a temporary tree and uses it from there as a stranger would.
SPDX-License-Identifier: MIT

Files present, and links of the documents to them; every example compiled through pkg-config, with the shared and with the static
library, and run, one without any shared library; a CMake project, where CMake is installed.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from common import arguments, environment, expect, run, running


def install(options, stage):
    """Installs below stage; returns the prefix inside it, with the pkg-config files pointing there."""
    run([options.meson, 'install', '-C', options.build, '--no-rebuild', '--quiet',
         '--destdir', stage])
    prefix = stage / options.prefix.lstrip('/')
    modules = prefix / options.libdir / 'pkgconfig'
    expect((modules / 'reluflow.pc').is_file(), f'no reluflow.pc in {modules}')
    for module in modules.glob('reluflow*.pc'):
        text = module.read_text()
        expect(f'prefix={options.prefix}\n' in text, f'{module.name} has another prefix:\n{text}')
        module.write_text(text.replace(f'prefix={options.prefix}\n', f'prefix={prefix}\n'))
    return prefix


def check_files(options, prefix):
    library = prefix / options.libdir
    for path in [prefix / 'include/reluflow/reluflow.h', prefix / 'include/reluflow/version.h',
                 library / 'libreluflow.a', library / f'libreluflow.so.{options.version}']:
        expect(path.is_file() and path.stat().st_size > 0, f'not installed: {path}')
    for name in ['libreluflow.so', 'libreluflow.so.0']:
        expect((library / name).is_symlink(), f'{name} is no link')
    dynamic = run(['readelf', '-d', library / 'libreluflow.so'])
    expect(re.search(r'SONAME.*\[libreluflow\.so\.0\]', dynamic), f'another soname:\n{dynamic}')
    expect(not re.search(r'R(UN)?PATH', dynamic), f'a run path was left in:\n{dynamic}')
    documents = prefix / 'share/doc/reluflow'
    for name in ['quickstart.md', 'guide.md', 'mathematics.md', 'LICENSE']:
        expect((documents / name).is_file(), f'not installed: {name}')
    print(run([sys.executable, pathlib.Path(options.source, 'tests/abi/links.py'), prefix]).strip())
    if options.tools == 'yes':
        expect((prefix / 'bin/reluflow').is_file(), 'the command line is not installed')
        pages = list((prefix / 'share/man/man1').glob('reluflow.1*'))
        expect(pages, 'the manual page of the command line is not installed')
        said = run([prefix / 'bin/reluflow', '--version'], env=running(library))
        expect(options.version in said, f'reluflow --version says {said!r}')


def flags(prefix, libdir, *static):
    """Compiler and linker arguments from pkg-config."""
    env = environment(PKG_CONFIG_PATH=str(prefix / libdir / 'pkgconfig'))
    return run(['pkg-config', *static, '--cflags', '--libs', 'reluflow'], env=env).split()


def build_examples(options, prefix, work, static):
    """Compiles and runs every example against the tree at prefix."""
    library = prefix / options.libdir
    words = flags(prefix, options.libdir, *(['--static'] if static else []))
    sources = sorted(pathlib.Path(options.source, 'examples').glob('*.c'))
    sources.append(pathlib.Path(options.source, 'tests/install/host.c'))
    expect(len(sources) > 1, 'no example found')
    for source in sources:
        program = work / (source.stem + ('_static' if static else '_shared'))
        run([*options.cc, '-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Werror', source, *words,
             '-lm', '-o', program])
        needs = 'libreluflow.so.0' in run(['readelf', '-d', program])
        expect(needs != static, f'{program.name}: linked with the wrong kind of library')
        run([program], env=running(library))
    return len(sources)


def link_statically(options, prefix, work):
    """A program without any shared library, where those below have static forms too."""
    words = ['-static', *flags(prefix, options.libdir, '--static')]
    empty, program = work / 'empty.c', work / 'alone'
    empty.write_text('int main(void) { return 0; }\n')
    tried = subprocess.run([*options.cc, empty, *words, '-o', program], capture_output=True, check=False)
    if tried.returncode != 0:
        return 'not possible here'
    run([*options.cc, pathlib.Path(options.source, 'examples/flow.c'), *words, '-o', program])
    expect('NEEDED' not in run(['readelf', '-d', program]), 'a shared library is needed')
    return run([program]).splitlines()[-1]


def use_from_julia(options, prefix):
    """The installed module finds the installed library, with nothing but the paths of a user."""
    env = running(prefix / options.libdir)
    env.pop('RELUFLOW_LIBRARY', None)
    env['JULIA_LOAD_PATH'] = f'{prefix}/share/reluflow/julia:'
    env['JULIA_DEPOT_PATH'] = str(prefix / 'depot')
    program = ('using ReluFlow; print(ReluFlow.library_path(), " ", '
               'round.(limit(flow(Model([1 1; 1 0; 0 1], [9, 11, -11]), [4, 2]))))')
    said = run(['julia', '--startup-file=no', '-e', program], env=env)
    expect(said.startswith(str(prefix)) and said.endswith(' [11.0, -2.0]'), f'Julia said {said}')
    return said.split()[0]


def build_with_cmake(options, prefix, work):
    folder = pathlib.Path(options.source, 'tests/install')
    project = work / 'cmake'
    project.mkdir()
    shutil.copy(folder / 'cmake/CMakeLists.txt', project)
    shutil.copy(folder / 'host.c', project)
    env = environment(PKG_CONFIG_PATH=str(prefix / options.libdir / 'pkgconfig'))
    run(['cmake', '-S', project, '-B', project / 'build',
         f'-DCMAKE_C_COMPILER={options.cc[-1]}'], env=env)
    run(['cmake', '--build', project / 'build'], env=env)
    return run([project / 'build/host'], env=running(prefix / options.libdir))


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix='reluflow-installed-') as folder:
        work = pathlib.Path(folder)
        prefix = install(options, work / 'stage')
        check_files(options, prefix)
        print('shared:', build_examples(options, prefix, work, static=False), 'programs')
        if shutil.which('cmake'):
            print('CMake:', build_with_cmake(options, prefix, work).strip())
        if shutil.which('julia') and (prefix / 'share/reluflow/julia').is_dir():
            print('Julia:', pathlib.Path(use_from_julia(options, prefix)).name)
        # Without the shared library the linker takes the static one.
        for name in (prefix / options.libdir).glob('libreluflow.so*'):
            name.unlink()
        print('static:', build_examples(options, prefix, work, static=True), 'programs')
        print('-static:', link_statically(options, prefix, work))


if __name__ == '__main__':
    main()
