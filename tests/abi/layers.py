"""layers.py ROOT: the layers of the source, and what belongs to one file only.
SPDX-License-Identifier: MIT

A file of lib/ includes only its own layer or those to its left in base, model, flow, analysis, api.
Programs around the library see its public header only.
"""
import os
import re
import sys

LAYERS = ['base', 'model', 'flow', 'analysis', 'api']
OUTSIDE = ['tools', 'examples', 'bindings', 'mpi']
ALLOCATION = re.compile(r'\b(malloc|calloc|realloc|free|aligned_alloc|posix_memalign|strdup)\s*\(')
LINEAR_ALGEBRA = re.compile(r'\bcblas_\w+|\b[sd](?:ge|sy|or|po|la|tr|st|bd)[a-z0-9]{2,4}_\b')


def sources(root, folder):
    for path, folders, files in os.walk(os.path.join(root, folder)):
        folders.sort()
        for name in sorted(files):
            if name.endswith(('.c', '.h', '.cpp', '.hpp')):
                yield os.path.relpath(os.path.join(path, name), root)


def code(text):
    """The text without comments and without what strings hold; the lines stay where they are."""
    def blank(match):
        token = match.group(0)
        if token[0] == '/':
            return re.sub(r'[^\n]', ' ', token)
        return token[0] + token[-1]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


def includes(text):
    """The included names, with their delimiter: '<stdio.h', '"base/num.h'."""
    return re.findall(r'^[ \t]*#[ \t]*include[ \t]+([<"][^>"\n]+)', text, flags=re.M)


def library_file(path, text):
    layer = path.split(os.sep)[1]
    stripped = code(text)
    for name in includes(text):
        if name[0] == '<':
            continue
        target = name[1:].split('/')[0]
        if '/' not in name or target not in LAYERS:
            yield f'includes "{name[1:]}": write "layer/file.h", or <reluflow/...>'
        elif LAYERS.index(target) > LAYERS.index(layer):
            yield f'{layer} includes "{name[1:]}", to its right'
    if layer != 'api' and re.search(r'\bRF_API\b', stripped):
        yield 'RF_API outside lib/api'
    if path != os.path.join('lib', 'base', 'alloc.c'):
        for match in ALLOCATION.finditer(stripped):
            yield f'{match.group(1)} outside lib/base/alloc.c'
    if path != os.path.join('lib', 'base', 'blas.c'):
        for match in LINEAR_ALGEBRA.finditer(stripped):
            yield f'{match.group(0)} outside lib/base/blas.c'


def outside_file(root, path, text):
    top = path.split(os.sep)[0]
    for name in includes(text):
        if name[0] == '<':
            if name[1:].split('/')[0] in LAYERS:
                yield f'includes <{name[1:]}>: only <reluflow/...> is public'
            continue
        places = [os.path.join(root, os.path.dirname(path), name[1:]),
                  os.path.join(root, top, name[1:])]
        real = [os.path.realpath(place) for place in places if os.path.exists(place)]
        if not any(place.startswith(os.path.realpath(os.path.join(root, top)) + os.sep)
                   for place in real):
            yield f'includes "{name[1:]}", which is not a file of {top}/'


def main():
    root = sys.argv[1]
    bad, count = [], 0
    for folder in ['lib'] + OUTSIDE:
        for path in sources(root, folder):
            count += 1
            with open(os.path.join(root, path), encoding='utf-8') as file:
                text = file.read()
            found = library_file(path, text) if folder == 'lib' else outside_file(root, path, text)
            bad += [f'{path}: {complaint}' for complaint in found]
    if not count:
        sys.exit('no source file found')
    print('\n'.join(bad) if bad else f'{count} files in their layers')
    sys.exit(bool(bad))


if __name__ == '__main__':
    main()
