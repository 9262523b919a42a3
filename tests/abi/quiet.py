"""quiet.py NM OBJDUMP ARCHIVE ALLOWED: the library is a quiet guest in its host's process.
SPDX-License-Identifier: MIT

No object of the static library holds writable data, and none needs a name from outside that is not
in the list of allowed ones: no input or output, exit, signal, environment or assertion.
"""
import fnmatch
import re
import subprocess
import sys

# Constant once the dynamic linker has filled in addresses.
RELOCATED_CONSTANTS = re.compile(r'\.data\.rel\.ro')


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def writable_sections(objdump, archive):
    """(object, section, size) of every non-empty section that a program could write to."""
    member = '?'
    lines = run(objdump, '-h', '-w', archive).splitlines()
    for line in lines:
        match = re.match(r'(\S+):\s+file format', line)
        if match:
            member = match.group(1)
            continue
        words = line.split()
        if len(words) < 7 or not words[0].isdigit():
            continue
        name, size, flags = words[1], int(words[2], 16), ' '.join(words[7:])
        if (size and 'ALLOC' in flags and 'READONLY' not in flags and 'CODE' not in flags
                and not RELOCATED_CONSTANTS.match(name)):
            yield member, name, size


def names(nm, archive):
    """({name: objects that need it}, names defined, names of common symbols)."""
    needed, defined, common = {}, set(), set()
    member = '?'
    for line in run(nm, '--format=posix', '-A', archive).splitlines():
        where, _, rest = line.partition(': ')
        member = re.sub(r'.*\[|\].*', '', where)
        words = rest.split()
        if len(words) < 2:
            continue
        name, kind = words[0], words[1]
        if kind in 'Uwv':
            needed.setdefault(name, set()).add(member)
        elif kind == 'C':
            common.add(name)
        elif kind.isupper():
            defined.add(name)
    return needed, defined, common


def allowed_names(path):
    with open(path, encoding='utf-8') as file:
        lines = [line.split('#')[0].split() for line in file]
    return [name for line in lines for name in line]


def main():
    nm, objdump, archive, allowed_path = sys.argv[1:5]
    allowed = allowed_names(allowed_path)
    needed, defined, common = names(nm, archive)
    if not defined or not needed:
        sys.exit('the archive has no symbols: is this test reading it right?')
    bad = [f'{member}: {size} bytes of writable data in {section}'
           for member, section, size in writable_sections(objdump, archive)]
    bad += [f'{name}: a common symbol is writable' for name in sorted(common)]
    for name in sorted(set(needed) - defined):
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in allowed):
            bad.append(f'{name}: needed by {", ".join(sorted(needed[name]))}, not allowed')
    print('\n'.join(bad) if bad else f'{len(set(needed) - defined)} names needed, all allowed')
    sys.exit(bool(bad))


if __name__ == '__main__':
    main()
