"""printed.py extract FILE | check FILE PROGRAM: the program that a document prints is true.
SPDX-License-Identifier: MIT

extract writes the C program that FILE shows: in Markdown the first block marked c, in a header the
indented text below the heading "A complete program".  check runs the compiled PROGRAM and compares
its output with what FILE shows: in Markdown the first block marked text after the program; in a
header the program has to end well, with an output of one line or more.
"""
import re
import subprocess
import sys


def markdown_blocks(text):
    """(program, output) of a Markdown document."""
    program = re.search(r'^```c\n(.*?)^```$', text, flags=re.S | re.M)
    if not program:
        sys.exit('no block marked c')
    output = re.compile(r'^```text\n(.*?)^```$', flags=re.S | re.M).search(text, program.end())
    if not output:
        sys.exit('no block marked text after the program')
    return program.group(1), output.group(1)


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


def main():
    action, path = sys.argv[1:3]
    with open(path, encoding='utf-8') as file:
        text = file.read()
    markdown = path.endswith('.md')
    if action == 'extract':
        sys.stdout.write(markdown_blocks(text)[0] if markdown else header_program(text))
        return
    done = subprocess.run([sys.argv[3]], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f'the program ended with {done.returncode}:\n{done.stdout}{done.stderr}')
    if not done.stdout.strip():
        sys.exit('the program printed nothing')
    if markdown and done.stdout != markdown_blocks(text)[1]:
        sys.exit(f'the program prints\n{done.stdout}but {path} shows\n{markdown_blocks(text)[1]}')
    print(done.stdout, end='')


if __name__ == '__main__':
    main()
