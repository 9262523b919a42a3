"""run.py: the directives "run-c", "run-python", "run-julia" and "run-shell": they show a program, run it
while the site is built, and show what it printed and the pictures it made.

    ```{run-c} ../examples/flow.c          a file of the tree, or the text of the directive
    :hide: output                          shows the program only, or with "program" the output only
    :name: first                           the name of the program, for what follows
    ```

The environment tells where the tools are: RELUFLOW_SITE_CFLAGS and RELUFLOW_SITE_LIBS for the compiler
CC, RELUFLOW_SITE_PATH for programs, RELUFLOW_LIBRARY, PYTHONPATH and the like for the bindings.  A
program that fails, or is not to be had, is an error of the build.
SPDX-License-Identifier: MIT
"""
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

SECONDS = 300


def environment(folder):
    env = dict(os.environ, MPLBACKEND='Agg', OPENBLAS_NUM_THREADS='1', COLUMNS='100',
               RELUFLOW_PICTURES=folder, MPLCONFIGDIR=folder)
    path = os.environ.get('RELUFLOW_SITE_PATH')
    if path:
        env['PATH'] = path + os.pathsep + env['PATH']
    return env


def compile_c(source, folder):
    program = os.path.join(folder, 'program')
    with open(program + '.c', 'w', encoding='utf-8') as file:
        file.write(source)
    command = [os.environ.get('CC', 'cc'), '-std=c99', '-Wall', '-Wextra',
               *shlex.split(os.environ.get('RELUFLOW_SITE_CFLAGS', '')), program + '.c',
               *shlex.split(os.environ.get('RELUFLOW_SITE_LIBS', '')), '-lm', '-o', program]
    run(command, folder)
    return [program]


def run(command, folder):
    if shutil.which(command[0], path=environment(folder)['PATH']) is None:
        raise ExtensionError(f'{command[0]}: no such program, and a page runs it')
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True,
                          text=True, timeout=SECONDS, check=False)
    if done.returncode != 0:
        raise ExtensionError(f'{" ".join(command)} ended with {done.returncode}:\n'
                             f'{done.stdout}{done.stderr}')
    return done.stdout


def execute(language, source, folder):
    """What the program prints."""
    if language == 'c':
        return run(compile_c(source, folder), folder)
    suffix = {'python': '.py', 'julia': '.jl', 'shell': '.sh'}[language]
    path = os.path.join(folder, 'program' + suffix)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(source)
    if language == 'shell':
        return run(['sh', '-eu', path], folder)
    if language == 'julia':
        return run([os.environ.get('RELUFLOW_SITE_JULIA', 'julia'), '--startup-file=no', path], folder)
    return run([os.environ.get('RELUFLOW_SITE_PYTHON', 'python3'), path], folder)


class Run(SphinxDirective):
    """Runs a program and shows it."""
    language = ''
    optional_arguments = 1
    has_content = True
    option_spec = {'hide': lambda value: directives.choice(value, ('output', 'program')),
                   'caption': directives.unchanged, 'alt': directives.unchanged}

    def text(self):
        if not self.arguments:
            return '\n'.join(self.content) + '\n'
        _, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        with open(path, encoding='utf-8') as file:
            return file.read()

    def picture(self, path):
        """Copies a picture beside the pages and shows it."""
        with open(path, 'rb') as file:
            digest = hashlib.sha256(file.read()).hexdigest()[:16]
        name = f'{digest}{os.path.splitext(path)[1]}'
        folder = os.path.join(self.env.app.outdir, '_images')
        os.makedirs(folder, exist_ok=True)
        shutil.copyfile(path, os.path.join(folder, name))
        up = '../' * self.env.docname.count('/')
        alt = self.options.get('alt', '')
        if not alt:
            raise self.error('a program that makes a picture needs the option "alt"')
        from html import escape
        return nodes.raw('', f'<p><img alt="{escape(alt)}" src="{up}_images/{name}"></p>',
                         format='html')

    def run(self):
        source = self.text()
        hide = self.options.get('hide')
        shown = []
        if hide != 'program':
            block = nodes.literal_block(source.rstrip('\n'), source.rstrip('\n'))
            block['language'] = {'shell': 'sh'}.get(self.language, self.language)
            shown.append(block)
        with tempfile.TemporaryDirectory() as folder:
            output = execute(self.language, source, folder)
            pictures = sorted(name for name in os.listdir(folder)
                              if name.endswith(('.png', '.svg')))
            if output.strip() and hide != 'output':
                block = nodes.literal_block(output.rstrip('\n'), output.rstrip('\n'), classes=['run-output'])
                block['language'] = 'text'
                shown.append(block)
            if hide != 'output':
                shown.extend(self.picture(os.path.join(folder, name)) for name in pictures)
        return shown


def setup(app):
    for language in ('c', 'python', 'julia', 'shell'):
        app.add_directive(f'run-{language}', type(f'Run_{language}', (Run,), {'language': language}))
    return {'version': '1', 'parallel_read_safe': True}
