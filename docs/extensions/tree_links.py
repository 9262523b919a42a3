"""tree_links.py: links of the documents that lead out of this folder, into the tree.

On the site the header is the page "reference", and any other file of the tree is offered as it is.
SPDX-License-Identifier: MIT
"""
import os
import re

PAGES = {'../include/reluflow/reluflow.h': 'reference.rst', '../README.md': 'index.md',
         '../examples': 'examples.md', '../examples/README.md': 'examples.md',
         '../tests/vectors/SCHEMA.md': 'vectors.md', '../examples/papers': 'reproduction.md', '../bench/README.md': 'performance.md',
         '../bindings/python/README.md': 'python.md'}


def rewrite(app, name, source):
    """Replaces the targets of links in Markdown text."""
    if app.env.doc2path(name).endswith('.rst'):
        return
    depth = name.count('/')

    def target(match):
        path, _, anchor = match.group(1).partition('#')
        inner = path[3 * depth:] if path.startswith('../' * depth) else path
        if inner not in PAGES:
            return match.group(0)
        return '](' + '../' * depth + PAGES[inner] + ('#' + anchor if anchor else '') + ')'

    parts = re.split(r'(^```.*?^```)', source[0], flags=re.S | re.M)
    parts[::2] = [re.sub(r'\]\(([^)\s]+)\)', target, part) for part in parts[::2]]
    source[0] = ''.join(parts)


def setup(app):
    for page in set(PAGES.values()):
        assert os.path.splitext(page)[1] in ('.md', '.rst')
    app.connect('source-read', rewrite)
    return {'version': '1', 'parallel_read_safe': True}
