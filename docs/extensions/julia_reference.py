"""julia_reference.py: the directive "julia-reference MODULE": the exported names of a Julia module with
their documentation, which Julia itself prints.
SPDX-License-Identifier: MIT
"""
import re
import tempfile

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

import run

# One line "### name" per exported name, then its documentation; code of a documentation is indented.
PROGRAM = '''
using {module}
for name in sort!(filter(n -> n != :{module}, names({module})); by = string)
    text = Base.Docs.doc(Base.Docs.Binding({module}, name))
    println("\\u0001", name)
    println(text)
end
'''


class JuliaReference(SphinxDirective):
    required_arguments = 1
    has_content = False

    def run(self):
        program = PROGRAM.format(module=self.arguments[0])
        with tempfile.TemporaryDirectory() as folder:
            printed = run.execute('julia', program, folder)
        sections = []
        for part in printed.split('\x01')[1:]:
            name, _, text = part.partition('\n')
            section = nodes.section('', nodes.title('', '', nodes.literal('', name)),
                                    ids=[nodes.make_id(f'julia-{name}')], names=[f'julia {name}'])
            text = re.sub(r'\[(`[^`]+`)\]\(@ref[^)]*\)', r'\1', text) # Julia's own links
            # Headings inside a documentation are no sections of the page.
            lines = ['**' + line.lstrip('# ') + '**' if line.startswith('#') else line
                     for line in text.splitlines()]
            self.state.nested_parse(StringList(lines, source=f'{name} of {self.arguments[0]}'),
                                    0, section)
            sections.append(section)
        if not sections:
            raise self.error('no exported name found')
        return sections


def setup(app):
    app.add_directive('julia-reference', JuliaReference)
    return {'version': '1', 'parallel_read_safe': True}
