"""documentation.py HEADER: every public function documents itself, with every tag.
SPDX-License-Identifier: MIT
"""
import re
import sys

from header_text import functions, since

TAGS = ['Shapes', 'Ownership', 'NULL', 'Errors', 'Threads', 'Since', 'Source']


def complaints(name, comment):
    """What is missing in the comment of one function."""
    if not comment:
        yield f'{name}: no comment directly before the declaration'
        return
    for tag in TAGS:
        count = len(re.findall(rf'\b{tag}:\s*\S', comment))
        if count != 1:
            yield f'{name}: tag "{tag}:" with a text {count} times, not once'
    order = [comment.find(tag + ':') for tag in TAGS]
    if order != sorted(order):
        yield f'{name}: the tags are not in the order {", ".join(TAGS)}'
    if not since(comment):
        yield f'{name}: Since names no version'
    first = comment.splitlines()[0]
    if not re.match(r'/\* \S', first) or first.startswith('/* Shapes'):
        yield f'{name}: the comment does not begin with what the function does'


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        declared = functions(file.read())
    if not declared:
        sys.exit('no function found in the header')
    bad = [text for name, comment, _ in declared for text in complaints(name, comment)]
    print('\n'.join(bad) if bad else f'{len(declared)} functions, all documented')
    sys.exit(bool(bad))


if __name__ == '__main__':
    main()
