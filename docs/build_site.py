"""build_site.py SPHINX SOURCE BUILD OUTPUT: builds the site of the documentation, and checks it.

SOURCE is the tree, BUILD a build folder of it with the library and the command line, OUTPUT where the
site goes.  A warning, a program on a page that fails, a link that leads nowhere, or a public function
without an entry in the reference is an error.
SPDX-License-Identifier: MIT
"""
import html.parser
import os
import re
import subprocess
import sys
import zlib


def environment(source, build):
    """What the programs on the pages are compiled and run with."""
    env = dict(os.environ)
    library = os.path.join(build, 'lib')
    env['RELUFLOW_SITE_CFLAGS'] = f'-I{source}/include -I{build}/include'
    env['RELUFLOW_SITE_LIBS'] = f'-L{library} -lreluflow -Wl,-rpath,{library}'
    env['RELUFLOW_SITE_PATH'] = os.path.join(build, 'tools')
    env['RELUFLOW_SITE_PYTHON'] = sys.executable
    env['RELUFLOW_LIBRARY'] = os.path.join(library, 'libreluflow.so')
    bindings = os.path.join(source, 'bindings')
    env['PYTHONPATH'] = os.path.join(build, 'bindings', 'python')
    env['JULIA_LOAD_PATH'] = os.path.join(bindings, 'julia') + ':@stdlib'
    env['PYTHONDONTWRITEBYTECODE'] = '1'
    return env


def inventory(path):
    """The names that the site has an entry for."""
    with open(path, 'rb') as file:
        data = file.read()
    start = 0
    for _ in range(4):
        start = data.index(b'\n', start) + 1
    return {line.split()[0] for line in zlib.decompress(data[start:]).decode().splitlines()}


class Page(html.parser.HTMLParser):
    """The anchors of a page, and the targets of its links and pictures."""

    def __init__(self):
        super().__init__()
        self.ids, self.targets = set(), []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == 'id':
                self.ids.add(value)
            elif name in ('href', 'src') and value:
                self.targets.append(value)


def pages(output):
    found = {}
    for folder, _, files in os.walk(output):
        for name in files:
            if name.endswith('.html'):
                path = os.path.join(folder, name)
                found[path] = Page()
                with open(path, encoding='utf-8') as file:
                    found[path].feed(file.read())
    return found


def dead_links(output):
    """Links from page to page, or to a place of a page, that lead nowhere."""
    all_pages = pages(output)
    for path, page in all_pages.items():
        for target in page.targets:
            if re.match(r'[a-z]+:', target) or target == '#':
                continue
            file, _, anchor = target.partition('#')
            file = os.path.normpath(os.path.join(os.path.dirname(path), file.split('?')[0])) \
                if file else path
            where = os.path.relpath(path, output)
            if not os.path.exists(file):
                yield f'{where}: no {target}'
            elif anchor and file in all_pages and anchor not in all_pages[file].ids:
                yield f'{where}: no place {target}'


def main():
    sphinx, source, build, output = sys.argv[1:]
    done = subprocess.run([sphinx, '-q', '-E', '-W', '--keep-going', '-b', 'html',
                           os.path.join(source, 'docs'), output],
                          env=environment(source, build), check=False)
    if done.returncode != 0:
        sys.exit('the site could not be built without a warning')
    names = inventory(os.path.join(output, 'objects.inv'))
    with open(os.path.join(source, 'tests', 'abi', 'symbols.txt'), encoding='utf-8') as file:
        functions = [line.split()[0] for line in file if line.startswith('rf_')]
    bad = [f'no entry for {name}' for name in functions if name not in names]
    bad += sorted(set(dead_links(output)))
    if bad or not functions:
        sys.exit('\n'.join(bad or ['no function found']))
    print(f'{len(pages(output))} pages, all {len(functions)} functions, no dead link')


if __name__ == '__main__':
    main()
