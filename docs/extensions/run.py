"""run.py: the directives "run-c", "run-python", "run-julia" and "run-shell": they show a program, run it
while the site is built, and show what it printed and the pictures it made.

    ```{run-c} ../examples/flow.c          a file of the tree, or the text of the directive
    :hide: output                          shows the program only, or with "program" the output only
    :name: first                           the name of the program, for what follows
    ```

A block marked text directly behind the directive is what the program prints, for those who read the file
itself: it is an error if it is not, but for the last digits of numbers, which differ from machine to machine.

The environment tells where the tools are: RELUFLOW_SITE_CFLAGS and RELUFLOW_SITE_LIBS for the compiler
CC, RELUFLOW_SITE_PATH for programs, RELUFLOW_LIBRARY, PYTHONPATH and the like for the bindings.  A
program that fails, or is not to be had, is an error of the build.
SPDX-License-Identifier: MIT
"""
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

SECONDS = 300

# Numbers that consist of rounding errors alone.
NOISE = 1e-8
NUMBER = re.compile(r'([-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?)')


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


def same_number(one, other):
    if one.lstrip('+-').isdigit() and other.lstrip('+-').isdigit():
        return int(one) == int(other)
    return abs(float(one) - float(other)) <= max(1e-3 * abs(float(other)), NOISE)


def same(found, shown):
    """Whether two outputs agree line by line, but for blanks and the last digits of numbers."""
    found, shown = found.rstrip().split('\n'), shown.rstrip().split('\n')
    if len(found) != len(shown):
        return False
    for lines in zip(found, shown):
        one, other = (NUMBER.split(line) for line in lines)
        if [''.join(part.split()) for part in one[::2]] != [''.join(part.split()) for part in other[::2]]:
            return False
        if not all(map(same_number, one[1::2], other[1::2])):
            return False
    return True


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

    def shown_behind(self):
        """The block marked text directly behind the directive, or None."""
        with open(self.env.doc2path(self.env.docname), encoding='utf-8') as file:
            text = file.read()
        program = ''.join(re.escape(line) + r'\n' for line in self.content)
        found = re.search(r'^```\{run-' + self.language + r'\}\n(?::[^\n]*\n)*\n*' + program
                          + r'```\n\n```text\n(.*?)^```$', text, re.S | re.M) if self.content else None
        return found.group(1) if found else None

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
            behind = self.shown_behind()
            if behind is not None and not same(output, behind):
                raise self.error(f'the program prints\n{output}and the page shows\n{behind}')
            if output.strip() and hide != 'output' and behind is None:
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
