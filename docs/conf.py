"""conf.py: the site of the documentation, built by Sphinx from this folder ("meson compile site").

What a page prints was printed while the page was built: the directives of extensions/run.py compile
and run the programs that the pages show.
SPDX-License-Identifier: MIT
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(HERE, 'extensions'))

with open(os.path.join(ROOT, 'meson.build'), encoding='utf-8') as _file:
    version = release = re.search(r"version: '([\d.]+)'", _file.read()).group(1)

project = 'reluflow'
author = 'the reluflow authors'
copyright = author
extensions = ['myst_parser', 'sphinx.ext.autodoc', 'sphinx.ext.napoleon', 'header_reference', 'run',
              'julia_reference', 'tree_links']
exclude_patterns = ['extensions']
primary_domain = 'c'
highlight_language = 'text'
nitpicky = True
# Types of the language and of other libraries have no page here.
nitpick_ignore_regex = [(r'c:identifier', r'(u?int(8|32|64)_t|size_t|MPI_Comm)'),
                        (r'py:.*', r'(?!reluflow\.).*'), (r'py:.*', r'reluflow\._.*')]
myst_heading_anchors = 3
myst_enable_extensions = ['deflist', 'colon_fence']
# Numbered formulas are plain text throughout.
suppress_warnings = []

autodoc_member_order = 'bysource'
autodoc_typehints = 'none'
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = 'furo'
html_title = f'reluflow {release}'
html_static_path = ['static']
html_css_files = ['site.css']
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False

# The header is read where it stands.
header_reference_file = os.path.join(ROOT, 'include', 'reluflow', 'reluflow.h')
