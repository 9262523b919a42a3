"""smoke.py NAME COMMAND...: runs a benchmark on tiny problems and checks what its table says.
SPDX-License-Identifier: MIT

A time cannot be tested here; that the program runs to its end can, that its table is whole, and that
the figures beside the times (errors, same events, same bits, memory) are what they have to be.
"""
import re
import subprocess
import sys


def tables(text):
    """A list of tables, each a list of dictionaries from the titles of the columns to the cells."""
    found, head = [], None
    for line in text.splitlines():
        row = [cell.strip() for cell in line.strip('|').split('|')] if line.startswith('|') else None
        if row is None:
            head = None
        elif head is None:
            head = row
            found.append([])
        elif not set(line) <= set('|-: '):
            if len(row) != len(head):
                sys.exit(f'{len(row)} cells below {len(head)} titles: {line}')
            found[-1].append(dict(zip(head, row)))
    return found


def require(condition, what):
    if not condition:
        sys.exit(f'not so: {what}')


def positive(row, *columns):
    for column in columns:
        require(float(row[column].lstrip('> ')) > 0.0, f'{column} above 0 in {row}')


def check_limit(rows):
    require([row['size'] for row in rows] == ['tiny', 'small'], 'a line for each size')
    for row in rows:
        positive(row, 'to limit', 'to T', 'ev.')
        require(float(row['ev. T']) <= float(row['ev.']), 'the limit has all events of T')


def check_sundials(rows):
    require(len(rows) == 4, 'a line for each method')
    for row in rows:
        positive(row, 'reluflow', 'SUNDIALS', 'steps', 'ratio')
        same, of = row['same'].split('/')
        require(same == of, f'the same events: {row}')
        require(float(row['error']) <= 1e-13, f'an error of rounding: {row}')
        require(1e-16 < float(row['its error']) <= 1e-6, f'an error of tolerance: {row}')


def check_scaling(rows):
    by_name = {}
    for row in rows:
        by_name.setdefault(row['what'], []).append(row)
        require(row['measured'] != '' and 'nan' not in row['measured'], f'a figure: {row}')
    require(len(by_name['time per event']) == 11, 'four lines in n and seven in d')
    for name in ('init to the certified limit', 'cost of recording', 'memory over the borrowed X',
                 'limit, in gradients (2 threads)', 'time per event, several neurons',
                 'allocations of a second run'):
        require(len(by_name[name]) == 1, f'one line "{name}"')
    error = by_name['cond X 1e3: error of the limit'][0]['measured']
    require(float(error.split()[0]) <= 1e-11 and 'wrong' not in error, error)


def check_python(rows):
    names = {row['beside'] for row in rows}
    require({'solve_ivp, DOP853', 'descent, NumPy'} <= names, 'SciPy and NumPy are compared')
    for row in rows:
        positive(row, 'reluflow', 'other', 'ratio')
        if row['beside'].startswith('solve_ivp'):
            require(row['its work'] == f'{row["events"]} events', f'the same events: {row}')
            require(float(row['difference']) <= 1e-8, f'the same weights: {row}')


CHECKS = {'limit': check_limit, 'sundials': check_sundials, 'scaling': check_scaling,
          'python': check_python}


def main():
    name, command = sys.argv[1], sys.argv[2:]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout)
    require(done.returncode == 0, f'{command[0]} ends with 0')
    found = tables(done.stdout)
    require(len(found) == 1 and found[0], 'one table with lines')
    CHECKS[name](found[0])
    require(not re.search(r'\bnan\b', done.stdout), 'no figure is missing')


if __name__ == '__main__':
    main()
