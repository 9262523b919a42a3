"""tree_links.py: links of the documents that lead out of this folder, into the tree, and pages that are
documents of other folders.

On the site the header is the page "reference"; a file of the tree that is no page is offered as it is.
SPDX-License-Identifier: MIT
"""
import os
import re

# Pages whose text is a document elsewhere; the file of that name here is its place in the contents only.
DOCUMENTS = {'python': 'bindings/python/README.md', 'julia': 'bindings/julia/README.md',
             'vectors': 'tests/vectors/SCHEMA.md'}

# What a link into the tree leads to; paths from the root.
PAGES = {'include/reluflow/reluflow.h': 'reference.rst', 'README.md': 'index.md',
         'examples': 'examples.md', 'examples/README.md': 'examples.md',
         'examples/embed': 'embedding.md', 'examples/embed/README.md': 'embedding.md',
         'examples/papers': 'reproduction.md', 'bench': 'performance.md',
         'bench/README.md': 'performance.md', 'bindings/python': 'python.md',
         'bindings/julia': 'julia.md',
         **{path: name + '.md' for name, path in DOCUMENTS.items()}}


def rewrite(app, name, source):
    """Replaces the targets of links in Markdown text."""
    if app.env.doc2path(name).endswith('.rst'):
        return
    docs = app.srcdir
    root = os.path.dirname(docs)
    here = os.path.dirname(app.env.doc2path(name))
    folder = here
    if name in DOCUMENTS:
        path = os.path.join(root, DOCUMENTS[name])
        app.env.note_dependency(path)
        folder = os.path.dirname(path)
        with open(path, encoding='utf-8') as file:
            source[0] = file.read()

    def target(match):
        path, _, anchor = match.group(1).partition('#')
        if not path or re.match(r'[a-z]+:', path):
            return match.group(0)
        absolute = os.path.normpath(os.path.join(folder, path))
        inner = os.path.relpath(absolute, root)
        if inner in PAGES:
            absolute = os.path.join(docs, PAGES[inner])
        elif folder == here:
            return match.group(0)
        return '](' + os.path.relpath(absolute, here) + ('#' + anchor if anchor else '') + ')'

    parts = re.split(r'(^```.*?^```)', source[0], flags=re.S | re.M)
    parts[::2] = [re.sub(r'\]\(([^)\s]+)\)', target, part) for part in parts[::2]]
    source[0] = ''.join(parts)


def setup(app):
    app.connect('source-read', rewrite)
    return {'version': '1', 'parallel_read_safe': True}
