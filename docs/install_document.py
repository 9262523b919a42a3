"""install_document.py INPUT OUTPUT SOURCE PLACE VERSION TARGET=PLACE...: a document whose links lead somewhere where
it is installed.

SOURCE is the tree, PLACE where INPUT will be, and each TARGET a file of the tree, as a path in it, that is
installed at its PLACE.  A link to any other file becomes the name of that file, and the end of the document says
where it is.
SPDX-License-Identifier: MIT
"""
import os
import re
import sys

LINK = re.compile(r'\[([^\[\]]*)\]\(([^)\s]+)\)')


def rewrite(text, folder, place, places):
    """The text of a document of the given folder of the tree, and whether it names files that are not installed."""
    missing = []

    def link(match):
        words, target = match.groups()
        path, _, anchor = target.partition('#')
        if not path or re.match(r'[a-z]+:', target):
            return match.group(0)
        path = os.path.normpath(os.path.join(folder, path))
        if path in places:
            relative = os.path.relpath(places[path], os.path.dirname(place))
            return f'[{words}]({relative}{"#" + anchor if anchor else ""})'
        missing.append(path)
        name = words.strip('`').rstrip('/')
        said = name in (path, os.path.dirname(path)) or path.endswith('/' + name)
        return words if said else f'{words} (`{path}`)'

    parts = re.split(r'(^```.*?^```)', text, flags=re.S | re.M)
    parts[::2] = [LINK.sub(link, part) for part in parts[::2]]
    return ''.join(parts), bool(missing)


def main():
    read, written, source, place, version, *targets = sys.argv[1:]
    with open(read, encoding='utf-8') as file:
        text = file.read()
    folder = os.path.dirname(os.path.relpath(os.path.realpath(read), os.path.realpath(source)))
    text, missing = rewrite(text, folder, place, dict(target.split('=', 1) for target in targets))
    if missing:
        text += f'\nFiles named here that are not installed are in the source tree of reluflow {version}.\n'
    with open(written, 'w', encoding='utf-8') as file:
        file.write(text)


if __name__ == '__main__':
    main()
