"""compare_network.py: networks of the library against network.py on random cases.

SPDX-License-Identifier: MIT

    compare_network.py LIBRARY [--seed S] [--count N] [--seeds S ...] [--kind K ...]
                       [--quick] [--files F ...] [--save DIR]

LIBRARY is the shared library.  Without --files, N random cases are drawn from the kinds of
cases_network.py, or those of the given seeds; with it, cases with their answers are read.  A case on
which the library raises RF_FLAG_DOUBTFUL, or whose solution is not unique by exact ties, may differ;
it is counted.
Ends with status 1 if any other case differs.
"""
import argparse
import json
import os
import sys

import cases_network
import digits
import network
from agreement_network import Net, Networks
from compare import COUNTS
from digits import Unsupported
from library import load

WORKING_DIGITS = 110


def compare(library, case):
    """(problems, doubtful, condition known) of one case with its answers."""
    try:
        model = Net(library, case)
        try:
            model.start()
            model.run()
            result = Networks(case, model)
            return result.problems, result.doubtful, result.known
        finally:
            model.close()
    except RuntimeError as error:
        return ["run: %s" % error], False, True


def answer(case):
    """Condition numbers are found where a case of condition 1 would differ."""
    case["expect"] = network.run(case, extra=True)
    case["conditioning"] = {"kappa_w": "1", "kappa_t": "1"}


def drawn(args):
    kinds = args.kind or (cases_network.QUICK if args.quick else list(cases_network.KINDS))
    drawn_of = [(kinds[(k + args.seed) % len(kinds)], args.seed + k // len(kinds))
                for k in range(args.count)]
    if args.seeds:
        drawn_of = [(kind, seed) for seed in args.seeds for kind in kinds]
    for kind, seed in drawn_of:
        case = cases_network.make(kind, seed)
        try:
            answer(case)
        except Unsupported as error:
            print("%-20s left out: %s" % (case["name"], str(error)[:300]), flush=True)
            continue
        yield case


def read(paths):
    for path in paths:
        with open(path, encoding="utf-8") as f:
            case = json.load(f)
        case.setdefault("tags", [case["name"]])
        if "expect" not in case:
            answer(case)
        yield case


def degenerate(case):
    """Do exact ties leave the answer to a choice, or is it in the last digits of the data?"""
    outer = case["expect"].get("outer") or case["expect"]
    known = case.get("conditioning") or {}
    if float(known.get("kappa_t", known.get("kappa_before", 0))) > 1e10:
        return True
    return "degenerate" in outer.get("flags", []) + case["expect"].get("run_flags", [])


def surer(case, samples):
    """More digits, and condition numbers from more perturbations: one may happen to be harmless."""
    digits.set_digits(2 * WORKING_DIGITS)
    try:
        case["expect"] = network.run(case, extra=True)
    finally:
        digits.set_digits(WORKING_DIGITS)
    case["conditioning"] = network.condition(case, samples, 7)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seeds", type=int, nargs="*")
    parser.add_argument("--kind", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--files", nargs="*")
    parser.add_argument("--save")
    args = parser.parse_args()
    digits.set_digits(WORKING_DIGITS)
    library = load(args.library)
    counts = {}
    for case in read(args.files) if args.files else drawn(args):
        problems, doubtful, known = compare(library, case)
        if problems:
            try:
                surer(case, 1 if doubtful else 4)
            except Unsupported as error:
                print("%-20s left out: %s" % (case["name"], error), flush=True)
                continue
            problems, doubtful, known = compare(library, case)
        kind = ("same, doubtful" if doubtful else "same") if not problems else \
            "differs, doubtful" if doubtful else \
            "differs, unstable" if degenerate(case) else "DIFFERS"
        counts.setdefault(case["tags"][0], dict.fromkeys(COUNTS, 0))[kind] += 1
        if problems:
            print("%-20s %s%s" % (case["name"], kind, "" if known else " (exact ties)"), flush=True)
            for text in problems[:4]:
                print("    " + text[:600])
            if args.save:
                with open(os.path.join(args.save, case["name"] + ".json"), "w") as f:
                    json.dump(case, f)
    for name, of_kind in sorted(counts.items()):
        print("%-16s %s" % (name, ", ".join("%s: %d" % item for item in of_kind.items())))
    return 1 if any(c["DIFFERS"] for c in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
