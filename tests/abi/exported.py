"""exported.py NM LIBRARY HEADER SYMBOLS: what the shared library exports is what is promised.
SPDX-License-Identifier: MIT

The list of symbols, the dynamic symbols of the library and the declarations of the header must
agree, each with each, names and versions.
"""
import subprocess
import sys

from header_text import functions, since


def promised(path):
    """{name: version} of the checked-in list."""
    names = {}
    with open(path, encoding='utf-8') as file:
        for line in file:
            words = line.split('#')[0].split()
            if words:
                name, version = words
                names[name] = version
    return names


def exported(nm, library):
    """The names that the dynamic linker sees defined in the library."""
    output = subprocess.run([nm, '-D', '--defined-only', '--format=posix', library],
                            check=True, capture_output=True, text=True).stdout
    return {line.split()[0].split('@')[0] for line in output.splitlines() if line.strip()}


def main():
    nm, library, header, symbols = sys.argv[1:5]
    listed = promised(symbols)
    present = exported(nm, library)
    with open(header, encoding='utf-8') as file:
        declared = {name: since(comment) for name, comment, _ in functions(file.read())}
    bad = []
    bad += [f'{name}: exported, not in symbols.txt' for name in sorted(present - set(listed))]
    bad += [f'{name}: in symbols.txt, not exported' for name in sorted(set(listed) - present)]
    bad += [f'{name}: declared, not in symbols.txt' for name in sorted(set(declared) - set(listed))]
    bad += [f'{name}: in symbols.txt, not declared' for name in sorted(set(listed) - set(declared))]
    bad += [f'{name}: since {declared[name]} in the header, {listed[name]} in symbols.txt'
            for name in sorted(set(declared) & set(listed)) if declared[name] != listed[name]]
    print('\n'.join(bad) if bad else f'{len(listed)} symbols, as promised')
    sys.exit(bool(bad))


if __name__ == '__main__':
    main()
