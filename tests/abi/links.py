"""links.py ROOT: every relative link of the documents leads to a file of the tree.
SPDX-License-Identifier: MIT
"""
import os
import re
import sys


def is_of_the_tree(path, name):
    """Not hidden, not brought from elsewhere, and no build folder, whatever its name."""
    return not (name.startswith('.') or name == 'subprojects'
                or os.path.isdir(os.path.join(path, name, 'meson-private')))


def documents(root):
    for path, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if is_of_the_tree(path, name))
        for name in sorted(files):
            if name.endswith('.md'):
                yield os.path.join(path, name)


def main():
    root = sys.argv[1]
    bad, count = [], 0
    for document in documents(root):
        with open(document, encoding='utf-8') as file:
            text = re.sub(r'^```.*?^```', '', file.read(), flags=re.S | re.M)
        for target in re.findall(r'\]\(([^)\s]+)\)', text):
            path = target.split('#')[0]
            if not path or re.match(r'[a-z]+:', target):
                continue
            count += 1
            if not os.path.exists(os.path.join(os.path.dirname(document), path)):
                bad.append(f'{os.path.relpath(document, root)}: no {target}')
    if not count:
        bad.append('no link found')
    print('\n'.join(bad) if bad else f'{count} links lead somewhere')
    sys.exit(bool(bad))


if __name__ == '__main__':
    main()
