"""header_text.py: the parts of the public header, for the reference.
SPDX-License-Identifier: MIT
"""
import re

TAGS = ['Shapes', 'Ownership', 'NULL', 'Errors', 'Returns also', 'Threads', 'Since', 'Source']


def plain(comment):
    """The text of a comment without its frame, lines kept."""
    text = re.sub(r'^\s*/\*+ ?', '', comment.strip())
    text = re.sub(r'\s*\*+/\s*$', '', text)
    return '\n'.join(re.sub(r'^ \* ?', '', line) for line in text.splitlines())


def tagged(text):
    """(what it does, [(tag, text), ...]) of the comment of a function."""
    places = sorted((match.start(), tag) for tag in TAGS
                    for match in [re.search(rf'(?<![\w-]){tag}:\s', text)] if match)
    if not places:
        return text.strip(), []
    parts = []
    for number, (start, tag) in enumerate(places):
        end = places[number + 1][0] if number + 1 < len(places) else len(text)
        parts.append((tag, ' '.join(text[start + len(tag) + 1:end].split())))
    return text[:places[0][0]].strip(), parts


def constants(body):
    """[(name, value, meaning), ...] of the body of an enum."""
    found = re.findall(r'(RF_\w+)\s*=\s*(-?\d+),?[ \t]*(?:/\*(.*?)\*/)?', body, flags=re.S)
    return [(name, value, ' '.join(meaning.split())) for name, value, meaning in found]


def members(body):
    """[(declaration, meaning), ...] of the body of a struct."""
    found = re.findall(r'^\s*([^/;\n][^;\n]*);[ \t]*(?:/\*(.*?)\*/)?', body, flags=re.S | re.M)
    return [(' '.join(declaration.split()), ' '.join(meaning.split()))
            for declaration, meaning in found]


PIECE = re.compile(
    r'/\* -{20,}\n(?P<section>.*?)-{20,} \*/'
    r'|(?P<bare>^enum \{(?P<bare_values>(?:(?!\n\};).)*?)\n\};)'
    r'|(?P<comment>/\*(?:(?!\*/).)*\*/)\n(?:(?P<enum>enum \{(?P<values>.*?)\n\};)'
    r'|(?P<struct>typedef struct (?P<name>\w+) \{(?P<fields>.*?)\n\} \w+;)'
    r'|(?P<type>typedef [^{;]*;)|(?P<function>RF_API [^;]*;))', flags=re.S | re.M)


def parts(text):
    """The header's parts in its order: ('section', title, text), ('enum', text, constants),
    ('struct', name, text, members), ('type', declaration, text), ('function', declaration, text)."""
    found = []
    for match in PIECE.finditer(text):
        if match.group('section') is not None:
            lines = [re.sub(r'^ ?\* ?', '', line)
                     for line in match.group('section').strip().splitlines()]
            body = '\n'.join(lines).strip()
            title, _, rest = body.partition('.  ')
            first, _, more = body.partition('\n')
            if rest and len(title) < 60 and '\n' not in title:
                found.append(('section', title, rest.strip()))
            else:
                found.append(('section', first.rstrip('.'), more.strip()))
            continue
        if match.group('bare'):
            found.append(('enum', '', constants(match.group('bare_values'))))
            continue
        comment = plain(match.group('comment'))
        if match.group('enum'):
            found.append(('enum', comment, constants(match.group('values'))))
        elif match.group('struct'):
            found.append(('struct', match.group('name'), comment, members(match.group('fields'))))
        elif match.group('type'):
            found.append(('type', ' '.join(match.group('type').split()).rstrip(';'), comment))
        else:
            declaration = ' '.join(match.group('function')[len('RF_API '):].split()).rstrip(';')
            found.append(('function', declaration, comment))
    return found


def preface(text):
    """The comment at the head of the file."""
    return plain(re.match(r'/\*.*?\*/', text, flags=re.S).group(0))
