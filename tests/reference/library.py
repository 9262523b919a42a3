"""library.py: the library through its public functions, by ctypes.

SPDX-License-Identifier: MIT
"""
import ctypes
import math

INT64, INT32, DOUBLE = ctypes.c_int64, ctypes.c_int32, ctypes.c_double
KINDS = {1: "deactivate", 2: "activate", 3: "slide_enter", 4: "slide_exit_active",
         5: "slide_exit_inactive", 6: "origin", 7: "origin_exit"}
ACTIVATION = {"relu": 0, "leaky": 1, "linear": 2}
TIME, WEIGHTS, VELOCITY, LOSS, MARGINS, PATTERN, COEFFICIENTS = 1, 2, 3, 4, 9, 11, 12
MULTIPLIERS, DEACTIVATIONS, REACTIVATIONS, FIRST, LAST = 13, 14, 15, 16, 17
CONVERGED, FLAGS, INNER_ENDING, RATES = 19, 21, 23, 24
AMBIGUOUS, DOUBTFUL, INNER = 1, 2, 4
ENDINGS = {0: "none", 1: "escape", 2: "dead", 3: "collapse", 4: "frozen"}
POINTS = {1: "interior_min", 2: "flat_min", 3: "kink_min", 4: "kink_saddle", 5: "kink_c1_min",
          6: "kink_ray", 7: "dead_cone", 8: "origin"}


class Event(ctypes.Structure):
    _fields_ = [("time", DOUBLE), ("datum", INT64), ("neuron", INT64), ("kind", INT32),
                ("flags", INT32)]


class Point(ctypes.Structure):
    _fields_ = [("kind", INT32), ("flags", INT32), ("datum", INT64), ("w", DOUBLE * 2),
                ("direction", DOUBLE * 2), ("range", DOUBLE * 2), ("loss", DOUBLE),
                ("theta", DOUBLE)]


def array(values):
    return (DOUBLE * len(values))(*values)


class Model:
    """A problem of the library; start(), then run()."""

    def __init__(self, library, case):
        self.lib, self.data = library, case["input"]
        self.n, self.d = self.data["n"], self.data["d"]
        flat = [float(v) for row in self.data["X"] for v in row]
        self.handle = ctypes.c_void_p()
        self.check(library.rf_model_create(INT64(self.n), INT64(self.d), array(flat),
                                           array([float(v) for v in self.data["y"]]),
                                           ctypes.byref(self.handle)))
        self.check(library.rf_model_set_activation(self.handle, ACTIVATION[self.data["act"]],
                                                   DOUBLE(float(self.data["beta"]))))
        self.check(library.rf_model_set_data_weights(
            self.handle, array([float(v) for v in self.data["c"]]), INT64(self.n)))
        self.check(library.rf_model_set_event_limit(self.handle, INT64(100000)))

    def start(self):
        """From w0, or from the limit of vanishing initialization along u."""
        if "w0" in self.data:
            w0 = array([float(v) for v in self.data["w0"]])
            self.check(self.lib.rf_model_init(self.handle, w0, INT64(self.d)))
        else:
            self.along(0.0)
        self.initial = self.pattern()

    def along(self, scale):
        u = array([float(v) for v in self.data["u"]])
        self.check(self.lib.rf_model_init_direction(self.handle, u, INT64(self.d), DOUBLE(scale)))

    def run(self):
        self.check(self.lib.rf_model_integrate(self.handle, DOUBLE(float(self.data["T"]))))

    def check(self, status):
        if status != 0:
            raise RuntimeError("status %d" % status)

    def close(self):
        self.lib.rf_model_free(self.handle)

    def query(self, quantity, t=None):
        size = INT64()
        self.check(self.lib.rf_model_query_size(self.handle, quantity, ctypes.byref(size)))
        out = (DOUBLE * size.value)()
        if t is None:
            self.check(self.lib.rf_model_query(self.handle, quantity, out, size))
        else:
            self.check(self.lib.rf_model_query_at(self.handle, DOUBLE(t), quantity, out, size))
        return list(out)

    def flags(self):
        return int(self.query(FLAGS)[0])

    def pattern(self):
        state = (ctypes.c_uint8 * self.n)()
        self.check(self.lib.rf_model_pattern(self.handle, state, INT64(self.n)))
        return [[i for i in range(self.n) if state[i] == s] for s in (1, 2)]

    def record(self):
        count = self.lib.rf_model_event_count(self.handle)
        out = (Event * max(count, 1))()
        self.check(self.lib.rf_model_events(self.handle, INT64(0), INT64(count), out))
        return out[:count]

    def events(self, inner=False):
        return [(e.time, e.datum, KINDS[e.kind]) for e in self.record()
                if bool(e.flags & INNER) == inner]

    def certificate(self):
        """(strictly increasing, first failure or None)."""
        strict, fail = INT32(), DOUBLE()
        self.check(self.lib.rf_model_norm_certificate(self.handle, ctypes.byref(strict),
                                                      ctypes.byref(fail)))
        return strict.value, None if math.isnan(fail.value) else fail.value

    def leave_out(self, data):
        """w(infinity) without each of the data."""
        index = (INT64 * len(data))(*data)
        out = (DOUBLE * (len(data) * self.d))()
        self.check(self.lib.rf_model_leave_one_out(self.handle, INT64(len(data)), index, out,
                                                   INT64(len(data) * self.d), None, None))
        return [list(out[k * self.d:(k + 1) * self.d]) for k in range(len(data))]

    def landscape(self):
        """The stationary points."""
        handle, point, out = ctypes.c_void_p(), Point(), []
        self.check(self.lib.rf_landscape_create(self.handle, ctypes.byref(handle)))
        try:
            for i in range(self.lib.rf_landscape_count(handle)):
                self.check(self.lib.rf_landscape_point(handle, INT64(i), ctypes.byref(point)))
                out.append(Point.from_buffer_copy(point))
        finally:
            self.lib.rf_landscape_free(handle)
        return out


STATUS = ("create", "set_activation", "set_data_weights", "set_outer_weights",
          "set_event_limit", "init",
          "init_direction", "integrate", "query_size", "query", "query_at", "pattern", "events",
          "norm_certificate", "leave_one_out")


def load(path):
    library = ctypes.CDLL(path)
    library.rf_model_event_count.restype = INT64
    for name in STATUS:
        if hasattr(library, "rf_model_" + name):
            getattr(library, "rf_model_" + name).restype = INT32
    library.rf_model_free.restype = None
    library.rf_model_free.argtypes = [ctypes.c_void_p]
    library.rf_model_event_count.argtypes = [ctypes.c_void_p]
    if hasattr(library, "rf_landscape_create"):
        library.rf_landscape_create.restype = INT32
        library.rf_landscape_point.restype = INT32
        library.rf_landscape_count.restype = INT64
        library.rf_landscape_count.argtypes = [ctypes.c_void_p]
        library.rf_landscape_free.restype = None
        library.rf_landscape_free.argtypes = [ctypes.c_void_p]
    return library
