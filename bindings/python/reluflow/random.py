"""Random unit vectors, the same to the last bit as those of the command line.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from typing import Iterator

import numpy as np

from . import _memory
from ._arrays import Array, whole

_MASK = (1 << 64) - 1


def _uniforms(seed: int) -> Iterator[float]:
    """splitmix64 (Steele, Lea, Flood, OOPSLA 2014): the multiples of 2^-53 in [0, 1)."""
    state = seed & _MASK
    while True:
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        z ^= z >> 31
        yield (z >> 11) * (1.0 / 9007199254740992.0)


def _draw(uniforms: Iterator[float], d: int) -> list[float]:
    """m = ceil(d/2) points of the plane whose squared radii cut [0, 1]; docs/command-line.md."""
    m = (d + 1) // 2
    cuts = [*sorted(next(uniforms) for _ in range(m - 1)), 1.0]
    u, last = [], 0.0
    for cut in cuts:
        while True:
            a, b = 2 * next(uniforms) - 1, 2 * next(uniforms) - 1
            square = a * a + b * b
            if 0 < square <= 1:
                break
        factor = float(np.sqrt((cut - last) / square))
        u += [a * factor, b * factor]
        last = cut
    return u[:d]


def random_direction(d: int, seed: int = 0) -> Array:
    """A uniformly random unit vector, the same on every machine and in ``reluflow flow --seed``.

    Parameters
    ----------
    d : int
        The dimension, >= 1.
    seed : int
        Taken modulo 2^64.

    Returns
    -------
    numpy.ndarray, shape (d,)
    """
    d, seed = whole(d, "d", 1), whole(seed, "seed", -2 ** 127, 2 ** 127)
    _memory.check(100.0 * d, f"{d} coordinates")
    uniforms = _uniforms(seed)
    while True:
        u = _draw(uniforms, d)
        squares = 0.0
        for value in u:
            squares += value * value
        if squares > 0:
            return np.array(u, dtype=np.float64) / float(np.sqrt(squares))
