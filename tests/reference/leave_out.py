"""leave_out.py: the limit of the flow without one datum, at many digits.

SPDX-License-Identifier: MIT

    leave_out.run(case, data)    -> expect of a "leave_one_out" case
"""
import oracle
import vanishing


def without(case, i):
    """The case without datum i, to the limit."""
    data = dict(case["input"])
    for key in ("X", "y", "c"):
        data[key] = [v for k, v in enumerate(data[key]) if k != i]
    data.update(n=data["n"] - 1, T="inf", times=[])
    return {"name": case["name"], "input": data}


def limit(case, samples):
    """w(infinity) as text and its conditioning."""
    data = case["input"]
    if "w0" in data:
        expect = oracle.run(case)
        return expect["w_end"], oracle.condition(case, samples)
    expect = vanishing.run(case)
    if expect["outer"] is None:
        return ["0.0"] * data["d"], {"kappa_w": "0.0"}
    return expect["outer"]["w_end"], vanishing.condition(case, samples)


def run(case, data, samples=1):
    """Rows of w(infinity) without each of the data."""
    rows = []
    start = case["input"].get("w0")
    scale = sum(float(v) ** 2 for v in start) ** 0.5 if start else 0.0
    for i in data:
        reduced = without(case, i)
        w, conditioning = (start or ["0.0"] * case["input"]["d"], {"kappa_w": "0.0"}) \
            if reduced["input"]["n"] == 0 else limit(reduced, samples)
        rows.append({"i": i, "w_end": w, "conditioning": conditioning, "scale": scale})
    return {"rows": rows}
