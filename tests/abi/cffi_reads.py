"""cffi_reads.py HEADER [LIBRARY]: cffi parses the header, and calls the library through it.
SPDX-License-Identifier: MIT

The rule for readers that are not C compilers: drop the lines that start with '#' and the token
RF_API; what is left are plain declarations.
"""
import math
import sys

try:
    import cffi
except ImportError:
    sys.exit(f'{sys.executable} has no cffi: install python3-cffi')


def declarations(path):
    with open(path, encoding='utf-8') as file:
        lines = [line for line in file if not line.startswith('#')]
    return ''.join(lines).replace('RF_API', '')


def expect(what, value, expected):
    if value != expected:
        sys.exit(f'{what} is {value!r}, not {expected!r}')


def flow(ffi, library):
    """One run, as in examples/flow.c."""
    out = ffi.new('rf_model **')
    X, y = [1, 0, 0, 1, 1, -1], [1, 1.1875, 0.0625]
    expect('create', library.rf_model_create(3, 2, X, y, out), 0)
    model = ffi.gc(out[0], library.rf_model_free)
    expect('init', library.rf_model_init(model, [2, 1], 2), 0)
    expect('integrate', library.rf_model_integrate(model, math.inf), 0)
    event = ffi.new('rf_event *')
    expect('events', library.rf_model_events(model, 0, 1, event), 0)
    expect('kind', event.kind, 1)
    expect('datum', event.datum, 2)
    if abs(event.time - math.log(49) / 3) > 1e-14:
        sys.exit(f'the event is at {event.time!r}, not at log(49)/3')


def main():
    ffi = cffi.FFI()
    ffi.cdef(declarations(sys.argv[1]))
    expect('sizeof(rf_event)', ffi.sizeof('rf_event'), 32)
    expect('offsetof(rf_event, kind)', ffi.offsetof('rf_event', 'kind'), 24)
    expect('sizeof(rf_stationary_point)', ffi.sizeof('rf_stationary_point'), 80)
    expect('offsetof(rf_stationary_point, theta)', ffi.offsetof('rf_stationary_point', 'theta'), 72)
    constants = ffi.dlopen(None)
    expect('RF_ERROR_CAPACITY', constants.RF_ERROR_CAPACITY, -8)
    expect('RF_RATES', constants.RF_RATES, 24)
    expect('RF_POINT_ORIGIN', constants.RF_POINT_ORIGIN, 8)
    if len(sys.argv) > 2:
        flow(ffi, ffi.dlopen(sys.argv[2]))
    print('read by cffi', cffi.__version__)


if __name__ == '__main__':
    main()
