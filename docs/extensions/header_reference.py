"""header_reference.py: the directive "header-reference", which turns the public header into the
reference of the interface.  The header is the only source: comments become text as they are.
SPDX-License-Identifier: MIT
"""
import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

import header_text

NAME = re.compile(r'\b(?:rf_\w+|RF_[A-Z]\w*|docs/\w[\w-]*\.md(?: \d[\d., ]*\d|\ \d)?)')


def inline(text, known):
    """Text as nodes, with links at the names that the header declares."""
    found, at = [], 0
    for match in NAME.finditer(text):
        word = match.group(0)
        found.append(nodes.Text(text[at:match.start()]))
        at = match.end()
        if word.startswith('docs/'):
            file = word.split()[0][len('docs/'):-len('.md')]
            link = addnodes.pending_xref('', nodes.inline('', word[len('docs/'):]),
                                         refdomain='std', reftype='doc', reftarget='/' + file,
                                         refexplicit=True, refwarn=True)
            found.append(link)
        elif word in known:
            link = addnodes.pending_xref('', nodes.literal('', word, classes=['xref', 'c']),
                                         refdomain='c', reftype=known[word], reftarget=word,
                                         refexplicit=True, refwarn=True)
            found.append(link)
        else:
            found.append(nodes.literal('', word))
    found.append(nodes.Text(text[at:]))
    return found


def paragraphs(text, known):
    """Paragraphs, lists with a dash, and indented formulas of a comment."""
    result = []
    for block in re.split(r'\n\s*\n', text):
        if not block.strip():
            continue
        lines = block.splitlines()
        if all(line.startswith('    ') for line in lines if line.strip()):
            code = '\n'.join(line[4:] for line in lines)
            result.append(nodes.literal_block(code, code, language='c' if ';' in code else 'text'))
        elif re.match(r'- ', lines[0]):
            listing = nodes.bullet_list()
            for item in re.split(r'\n(?=- )', block):
                words = ' '.join(item[2:].split())
                listing += nodes.list_item('', nodes.paragraph('', '', *inline(words, known)))
            result.append(listing)
        elif len(lines) > 1 and re.fullmatch(r'-{5,}', lines[1].strip()):
            result.append(nodes.rubric('', lines[0]))
            rest = '\n'.join(lines[2:])
            if rest.strip():
                result.extend(paragraphs(rest, known))
        else:
            words = ' '.join(block.split())
            result.append(nodes.paragraph('', '', *inline(words, known)))
    return result


class HeaderReference(SphinxDirective):
    """The whole header, or with the option "preface" only what stands at its head."""
    optional_arguments = 1
    has_content = False

    def known_names(self, parts):
        names = {}
        for part in parts:
            if part[0] == 'function':
                names[re.search(r'\b(rf_\w+)\(', part[1]).group(1)] = 'func'
            elif part[0] == 'enum':
                names.update((name, 'macro') for name, _, _ in part[2])
            elif part[0] == 'struct':
                names[part[1]] = 'type'
            elif part[0] == 'type':
                names[part[1].split()[-1]] = 'type'
        return names

    def declare(self, kind, declaration, content):
        """An object of the C domain with the nodes of its content."""
        node = nodes.Element()
        self.state.nested_parse(StringList([f'.. c:{kind}:: {declaration}', ''],
                                           source=self.path), 0, node)
        for part in node.findall(addnodes.desc_content):
            part.extend(content)
            break
        return node.children

    def fields(self, tags, known):
        listing = nodes.field_list(classes=['tags'])
        for tag, text in tags:
            listing += nodes.field('', nodes.field_name('', tag),
                                   nodes.field_body('', nodes.paragraph('', '',
                                                                        *inline(text, known))))
        return [listing] if tags else []

    def part_nodes(self, part, known):
        if part[0] == 'function':
            text, tags = header_text.tagged(part[2])
            return self.declare('function', part[1],
                                paragraphs(text, known) + self.fields(tags, known))
        if part[0] == 'type':
            name = part[1].split()[-1]
            declared = name if 'struct' in part[1] else part[1][len('typedef '):]
            return self.declare('type', declared, paragraphs(part[2], known))
        if part[0] == 'struct':
            content = paragraphs(part[2], known)
            content += self.fields(part[3], known)
            return self.declare('struct', part[1], content)
        found = paragraphs(part[1], known)
        for name, value, meaning in part[2]:
            line = nodes.paragraph('', '', nodes.strong('', value), nodes.Text('  '),
                                   *inline(meaning, known))
            found += self.declare('macro', name, [line])
        return found

    def run(self):
        self.path = self.config.header_reference_file
        self.env.note_dependency(self.path)
        with open(self.path, encoding='utf-8') as file:
            text = file.read()
        parts = header_text.parts(text)
        known = self.known_names(parts)
        if self.arguments == ['preface']:
            body = header_text.preface(text)
            return paragraphs(body, known)
        result, section = [], None
        for part in parts:
            if part[0] == 'section':
                name = nodes.make_id(part[1])
                section = nodes.section('', nodes.title('', part[1]), ids=[name], names=[name])
                section.extend(paragraphs(part[2], known))
                self.state.document.note_implicit_target(section)
                result.append(section)
            else:
                (section if section is not None else result).extend(self.part_nodes(part, known))
        return result


def setup(app):
    app.add_config_value('header_reference_file', '', 'env')
    app.add_directive('header-reference', HeaderReference)
    return {'version': '1', 'parallel_read_safe': True}
