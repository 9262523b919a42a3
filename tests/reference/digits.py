"""digits.py: many-digit reals, small dense linear algebra and sums of exponentials.

SPDX-License-Identifier: MIT

gmpy2 is used where it is installed (fast), mpmath otherwise.
"""
import operator

try:
    import gmpy2
    from gmpy2 import mpfr as _real, exp, sqrt

    def set_digits(digits):
        """Sets the working precision."""
        global DIGITS
        DIGITS = digits
        gmpy2.get_context().precision = int(digits * 3.3219280948873626) + 8
        gmpy2.get_context().emax = gmpy2.get_emax_max()
        gmpy2.get_context().emin = gmpy2.get_emin_min()

    def text(x, digits=25):
        """A real as decimal text."""
        return "0.0" if x == 0 else ("{0:.%dg}" % digits).format(x)
except ImportError:
    import mpmath
    from mpmath import mpf as _real, exp, sqrt

    def set_digits(digits):
        """Sets the working precision."""
        global DIGITS
        DIGITS = digits
        mpmath.mp.dps = digits + 2

    def text(x, digits=25):
        """A real as decimal text."""
        return "0.0" if x == 0 else mpmath.nstr(x, digits, min_fixed=-5, max_fixed=25)

DIGITS = 110
set_digits(DIGITS)


def real(x):
    """The exact value of a double given as text or as a float."""
    return _real(float(x)) if isinstance(x, (str, float, int)) else x


def ten(power):
    """10**power, power an integer."""
    return _real(10) ** power


def tie():
    """Relative size below which a number counts as an exact tie."""
    return ten(-(DIGITS * 45) // 100)


def noise():
    """Relative size below which a number is the rounding of this file."""
    return ten(-(DIGITS * 62) // 100)


def nudge():
    """Relative size of the perturbations that show a condition: dependent rows become independent by it, and a rate
    that was 0 its square.  What moves at that rate must not count as a tie, or its kink is crossed for ever."""
    return ten(-(DIGITS * 18) // 100)


class Unsupported(Exception):
    """The case leaves what this oracle decides uniquely."""


# --- small dense linear algebra on lists ----------------------------------------------------------

def dot(a, b):
    return sum(map(operator.mul, a, b), _real(0))


def norm(a):
    return sqrt(dot(a, a))


def axpy(s, x, y):
    """y + s x."""
    return [v + s * u for u, v in zip(x, y)]


def solve(matrix, rhs):
    """Gauss elimination with partial pivoting for a small regular system."""
    m = len(rhs)
    a = [list(row) + [r] for row, r in zip(matrix, rhs)]
    for k in range(m):
        p = max(range(k, m), key=lambda i: abs(a[i][k]))
        a[k], a[p] = a[p], a[k]
        if a[k][k] == 0:
            raise Unsupported("singular system")
        for i in range(k + 1, m):
            f = a[i][k] / a[k][k]
            if f:
                a[i] = axpy(-f, a[k], a[i])
    x = [_real(0)] * m
    for k in reversed(range(m)):
        x[k] = (a[k][m] - dot(a[k][k + 1:m], x[k + 1:])) / a[k][k]
    return x


def gram_solve(rows, v):
    """Coefficients of the least-squares fit of v by independent rows."""
    return solve([[dot(p, q) for q in rows] for p in rows], [dot(p, v) for p in rows])


def orthonormal(rows, start=()):
    """Gram-Schmidt (twice) on top of `start`; returns start + the new directions."""
    basis = list(start)
    for row in rows:
        size = norm(row)
        if size == 0:
            continue
        v = [x / size for x in row]
        for _ in range(3):
            for q in basis:
                v = axpy(-dot(q, v), q, v)
        left = norm(v)
        if left > noise():
            basis.append([x / left for x in v])
            v = basis[-1]
            for q in basis[:-1]:
                v = axpy(-dot(q, v), q, v)
            left = norm(v)
            basis[-1] = [x / left for x in v]
    return basis


def rank(rows):
    return len(orthonormal(rows))


def null_basis(rows, d):
    """Orthonormal basis of the common null space of the rows."""
    span = orthonormal(rows)
    unit = [[_real(int(i == j)) for j in range(d)] for i in range(d)]
    unit.sort(key=lambda e: sum((dot(q, e) ** 2 for q in span), _real(0)))
    return orthonormal(unit, span)[len(span):]


def eigen(a):
    """Eigenvalues and orthonormal eigenvectors (rows) of a symmetric matrix, by Jacobi."""
    m = len(a)
    a = [[(a[i][j] + a[j][i]) / 2 for j in range(m)] for i in range(m)]
    v = [[_real(int(i == j)) for j in range(m)] for i in range(m)]
    floor = ten(8 - 2 * DIGITS) * sum((x * x for r in a for x in r), _real(0))
    for _ in range(60):
        off = sum((a[p][q] ** 2 for p in range(m) for q in range(p)), _real(0))
        if off <= floor:
            break
        for p in range(m):
            for q in range(p + 1, m):
                if a[p][q] ** 2 > floor / (m * m):
                    rotate(a, v, p, q)
    else:
        raise Unsupported("Jacobi did not converge")
    return [a[i][i] for i in range(m)], v


def rotate(a, v, p, q):
    """One Jacobi rotation that annihilates a[p][q]."""
    h = (a[q][q] - a[p][p]) / (2 * a[p][q])
    t = 1 / (abs(h) + sqrt(h * h + 1))
    if h < 0:
        t = -t
    c = 1 / sqrt(t * t + 1)
    s = t * c
    ap, aq = a[p], a[q]
    a[p] = [c * x - s * y for x, y in zip(ap, aq)]
    a[q] = [s * x + c * y for x, y in zip(ap, aq)]
    for row in a:
        row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
    vp, vq = v[p], v[q]
    v[p] = [c * x - s * y for x, y in zip(vp, vq)]
    v[q] = [s * x + c * y for x, y in zip(vp, vq)]


# --- sums of exponentials -------------------------------------------------------------------------

class Expsum:
    """f(tau) = sum of c_j exp(-rate_j tau), rates >= 0 ascending, no zero coefficient."""

    def __init__(self, terms, scale):
        merged, self.scale = {}, scale
        for rate, c in terms:
            merged[rate] = merged.get(rate, 0) + c
        self.terms = sorted((r, c) for r, c in merged.items() if abs(c) > noise() * scale)

    def __call__(self, tau):
        return sum((c * exp(-r * tau) for r, c in self.terms), _real(0))

    def sign_at(self, tau):
        """Sign at tau > 0, relative to the largest term there; 0 is a tie."""
        base = self.terms[0][0]
        parts = [c * exp((base - r) * tau) for r, c in self.terms]
        total = sum(parts, _real(0))
        return 0 if abs(total) <= tie() * max(map(abs, parts)) else (1 if total > 0 else -1)

    def sign_start(self):
        """Sign right after 0: that of the first derivative that does not vanish."""
        parts = [c for _, c in self.terms]
        for _ in range(len(self.terms) + 1):
            total = sum(parts, _real(0))
            if abs(total) > tie() * max(map(abs, parts)):
                return 1 if total > 0 else -1
            parts = [-r * p for (r, _), p in zip(self.terms, parts)]
            if not any(parts):
                break
        return 0

    def changes(self):
        """Sign changes of the partial sums: a bound for the number of roots in (0, infinity)."""
        total, count, last = _real(0), 0, 0
        size = sum((abs(c) for _, c in self.terms), _real(0))
        for _, c in self.terms:
            total += c
            if abs(total) <= tie() * size:
                return len(self.terms)
            sign = 1 if total > 0 else -1
            count += sign == -last
            last = sign
        return count

    def crossings(self, start=None):
        """All tau > 0 at which the sign changes, ascending; start is the sign right after 0."""
        if len(self.terms) < 2:
            return []
        if start is None:
            start = self.sign_start()
        bound = self.changes()
        if bound == 0:
            return []
        base = self.terms[0][0]
        slope = Expsum([(r - base, (base - r) * c) for r, c in self.terms[1:]], 0)
        marks = [] if bound == 1 else slope.crossings()
        last_sign, left, zero, found = start, _real(0), None, []
        for mark in marks + [None]:
            sign = self.sign_at(mark) if mark is not None else (1 if self.terms[0][1] > 0 else -1)
            if sign == 0:
                zero = mark
                continue
            if sign == -last_sign:
                found.append(zero if zero is not None else self.root(left, mark, last_sign))
            last_sign, left, zero = sign, mark, None
        return found

    def root(self, left, right, sign_left):
        """The only root between left and right (None: infinity), by safeguarded Newton."""
        base = self.terms[0][0]
        if right is None:
            right = 2 * left + 1 / self.terms[-1][0]
            for _ in range(2000):
                if self.sign_at(right) == -sign_left:
                    break
                right *= 2
            else:
                raise Unsupported("no bracket")
        x = (left + right) / 2
        for _ in range(400):
            parts = [c * exp((base - r) * x) for r, c in self.terms]
            value = sum(parts, _real(0))
            slope = sum(((base - r) * p for (r, _), p in zip(self.terms, parts)), _real(0))
            if value == 0:
                return x
            if (value > 0) == (sign_left > 0):
                left = x
            else:
                right = x
            new = x - value / slope if slope != 0 else left
            if abs(new - x) <= ten(20 - DIGITS) * abs(new):
                return new
            if not left < new < right:
                new = sqrt(left * right) if 0 < 4 * left < right else (
                    right / 16 if left == 0 else (left + right) / 2)
            if right - left <= ten(8 - DIGITS) * right:
                return new
            x = new
        return x
