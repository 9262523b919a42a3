"""style.py ROOT: what a reader may rely on in every C file.
SPDX-License-Identifier: MIT

At most 600 lines (the public header, which is the reference too: 900), no tab, no space at the end
of a line, an end of line at the end of the file, and a first comment that says what the file is for
and names the license.  Lines are written for 100 columns; a few more are let pass, for the sake of a
sentence or a formula that would not break well.
"""
import os
import sys

FOLDERS = ['include', 'lib', 'mpi', 'tools', 'examples', 'bindings', 'tests', 'bench']
COLUMNS = 120
LINES = 600
HEADER_LINES = 900


def complaints(text, most):
    lines = text.split('\n')
    comment = text[:text.find('*/')] if text.startswith('/*') else lines[0] + lines[1]
    if not text.startswith(('/*', '//')) or 'SPDX-License-Identifier: MIT' not in comment:
        yield 'does not begin with a comment that has "SPDX-License-Identifier: MIT"'
    if lines[-1] != '':
        yield 'does not end with an end of line'
    if len(lines) > most:
        yield f'has {len(lines)} lines, more than {most}'
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS:
            yield f'line {number}: {len(line)} columns, more than {COLUMNS}'
        if '\t' in line:
            yield f'line {number}: a tab'
        if line != line.rstrip():
            yield f'line {number}: space at the end'


def main():
    root = sys.argv[1]
    bad, count = [], 0
    for folder in FOLDERS:
        most = HEADER_LINES if folder == 'include' else LINES
        for path, folders, files in os.walk(os.path.join(root, folder)):
            folders.sort()
            for name in sorted(files):
                if not name.endswith(('.c', '.h', '.cpp', '.hpp')):
                    continue
                full = os.path.join(path, name)
                count += 1
                with open(full, encoding='utf-8') as file:
                    text = file.read()
                bad += [f'{os.path.relpath(full, root)}: {what}' for what in complaints(text, most)]
    if not count:
        sys.exit('no source file found')
    print('\n'.join(bad) if bad else f'{count} files in good order')
    sys.exit(bool(bad))


if __name__ == '__main__':
    main()
