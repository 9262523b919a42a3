"""constants.py HEADER FROZEN: every constant of the header is frozen by the compiler's check.
SPDX-License-Identifier: MIT
"""
import re
import sys


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        header = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S)
    with open(sys.argv[2], encoding='utf-8') as file:
        frozen = dict(re.findall(r'^VALUE\((RF_\w+), (-?\d+)\);', file.read(), flags=re.M))
    enums = re.findall(r'\benum\s*\{(.*?)\}', header, flags=re.S)
    declared = dict(re.findall(r'\b(RF_\w+)\s*=\s*(-?\d+)', ' '.join(enums)))
    words = set(re.findall(r'\bRF_\w+', ' '.join(enums)))
    bad = [f'{name}: has no explicit value' for name in sorted(words - set(declared))]
    bad += [f'{name}: not in frozen.h' for name in sorted(set(declared) - set(frozen))]
    bad += [f'{name}: in frozen.h, not in the header'
            for name in sorted(set(frozen) - set(declared))]
    bad += [f'{name}: {declared[name]}, frozen as {frozen[name]}'
            for name in sorted(set(declared) & set(frozen)) if declared[name] != frozen[name]]
    if not declared:
        bad.append('no constant found in the header')
    print('\n'.join(bad) if bad else f'{len(declared)} constants, all frozen')
    sys.exit(bool(bad))


if __name__ == '__main__':
    main()
