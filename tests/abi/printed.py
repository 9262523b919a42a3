"""printed.py extract FILE NUMBER | check FILE NUMBER TOTAL PROGRAM: the programs that a document
prints are true.
SPDX-License-Identifier: MIT

extract writes the C program number NUMBER (from 0) that FILE shows: in Markdown the blocks marked c
that have a main, in a header the indented text below the heading "A complete program".  check runs
the compiled PROGRAM and compares its output with what FILE shows: in Markdown the first block marked
text after the program; in a header the program has to end well, with an output of one line or more.
FILE must show TOTAL programs, so that none is left out.
"""
import re
import subprocess
import sys


def markdown_programs(text):
    """[(program, output), ...] of a Markdown document."""
    blocks = re.findall(r'^```(\w*)\n(.*?)^```$', text, flags=re.S | re.M)
    found = []
    for number, (kind, program) in enumerate(blocks):
        if kind != 'c' or not re.search(r'^int main\(', program, flags=re.M):
            continue
        following = blocks[number + 1] if number + 1 < len(blocks) else ('', '')
        if following[0] != 'text':
            sys.exit(f'no block marked text after program {len(found)}')
        found.append((program, following[1]))
    return found


def header_program(text):
    """The program in the header's comment."""
    start = text.index('A complete program')
    lines = text[start:].splitlines()[2:]
    program = []
    for line in lines:
        if re.match(r' \*     ', line):
            program.append(line[7:])
        elif program and line.strip() != '*':
            break
        elif line.strip() == '*':
            if program:
                break
    return '\n'.join(program) + '\n'


def programs(path):
    """[(program, output or None), ...] of a document."""
    with open(path, encoding='utf-8') as file:
        text = file.read()
    return markdown_programs(text) if path.endswith('.md') else [(header_program(text), None)]


def check(path, number, total, command):
    shown = programs(path)
    if len(shown) != total:
        sys.exit(f'{path} shows {len(shown)} programs, {total} are checked')
    done = subprocess.run([command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f'the program ended with {done.returncode}:\n{done.stdout}{done.stderr}')
    if not done.stdout.strip():
        sys.exit('the program printed nothing')
    expected = shown[number][1]
    if expected is not None and done.stdout != expected:
        sys.exit(f'the program prints\n{done.stdout}but {path} shows\n{expected}')
    print(done.stdout, end='')


def main():
    action, path, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if action == 'extract':
        sys.stdout.write(programs(path)[number][0])
    else:
        check(path, number, int(sys.argv[4]), sys.argv[5])


if __name__ == '__main__':
    main()
