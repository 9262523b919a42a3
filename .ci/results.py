"""results.py TESTLOG FAILURE: the results of "meson test", for the script run.
SPDX-License-Identifier: MIT

One line per test: name, seconds, 0 or 1, and for a failed one the file FAILURE-<number> with what it
said, separated by tabs.  A test that was skipped has not passed.
"""
import json
import sys


def output(result):
    parts = [result.get('stdout') or '', result.get('stderr') or '',
             f"result {result['result']}, exit status {result.get('returncode')}\n"]
    return ''.join(parts)


def main():
    path, failure = sys.argv[1:3]
    with open(path, encoding='utf-8') as file:
        results = [json.loads(line) for line in file if line.strip()]
    if not results:
        sys.exit('no test was run')
    for number, result in enumerate(results):
        bad = result['result'] not in ('OK', 'EXPECTEDFAIL')
        log = '-'
        if bad:
            log = f'{failure}-{number}'
            with open(log, 'w', encoding='utf-8') as file:
                file.write(output(result))
        name = result['name'].replace('reluflow:', '').replace('\t', ' ')
        print(name, round(result['duration']), int(bad), log, sep='\t')


if __name__ == '__main__':
    main()
