"""header_text.py: reads the public header the way the tests need it.
SPDX-License-Identifier: MIT
"""
import re


def functions(text):
    """The functions declared with RF_API: a list of (name, comment directly before, declaration).

    The comment is '' where none ends on the line before the declaration.
    """
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines):
        if not line.startswith('RF_API '):
            continue
        declaration = line
        following = number
        while ';' not in declaration:
            following += 1
            declaration += ' ' + lines[following].strip()
        name = re.search(r'\b(rf_\w+)\(', declaration).group(1)
        comment = ''
        if number > 0 and lines[number - 1].rstrip().endswith('*/'):
            first = number - 1
            while '/*' not in lines[first]:
                first -= 1
            comment = '\n'.join(lines[first:number])
        found.append((name, comment, declaration))
    return found


def since(comment):
    """The version in a comment's tag Since, or ''."""
    match = re.search(r'\bSince:\s*(\d+\.\d+\.\d+)', comment)
    return match.group(1) if match else ''
