"""The C interface, one function for every function of the header.

Made by ``declarations.py`` from the header; do not edit.  ``const`` is said in the comment behind a
function, with the types of C.

SPDX-License-Identifier: MIT
"""
from typing import Any, Optional, Union

import numpy as np
from numpy.typing import NDArray

from ._header import Header

Data = Any
Doubles = Union[NDArray[np.float64], Data, None]
Longs = Union[NDArray[np.int64], Data, None]
Ints = Union[NDArray[np.int32], Data, None]
Bytes = Union[NDArray[np.uint8], Data, None]
Records = Union[NDArray[np.void], Data, None]
Buffer = Union[NDArray[Any], bytes, bytearray, memoryview, Data, None]

ffi: Any
lib: Any
header: Header
EVENT: np.dtype[Any]
POINT: np.dtype[Any]

def has(name: str) -> bool: ...

# uint32_t (void); since 0.1.0
def rf_version() -> int: ...

# const char * (void); since 0.1.0
def rf_version_string() -> str: ...

# const char * (rf_status); since 0.1.0
def rf_status_string(
    status: int,
    /,
) -> str: ...

# rf_status (int64_t, int64_t, const double *, const double *, rf_model **); since 0.1.0
def rf_model_create(
    n: int,
    d: int,
    X: Doubles,
    y: Doubles,
    out: Data,
    /,
) -> int: ...

# rf_status (int64_t, int64_t, const void *, int64_t, int64_t, const double *, uint32_t, const rf_allocator *, rf_model **, char *, int64_t); since 0.1.0
def rf_model_create_ex(
    n: int,
    d: int,
    X: Buffer,
    row_stride: int,
    col_stride: int,
    y: Doubles,
    flags: int,
    allocator: Optional[Data],
    out: Data,
    message: Buffer,
    message_capacity: int,
    /,
) -> int: ...

# rf_status (const rf_model *, rf_model **); since 0.1.0
def rf_model_clone(
    model: Data,
    out: Data,
    /,
) -> int: ...

# void (rf_model *); since 0.1.0
def rf_model_free(
    model: Data,
    /,
) -> None: ...

# int64_t (const rf_model *); since 0.1.0
def rf_model_count(
    model: Data,
    /,
) -> int: ...

# int64_t (const rf_model *); since 0.1.0
def rf_model_dim(
    model: Data,
    /,
) -> int: ...

# int64_t (const rf_model *); since 0.1.0
def rf_model_neurons(
    model: Data,
    /,
) -> int: ...

# const char * (const rf_model *); since 0.1.0
def rf_model_error(
    model: Data,
    /,
) -> str: ...

# rf_status (rf_model *, int32_t, double); since 0.1.0
def rf_model_set_activation(
    model: Data,
    activation: int,
    negative_slope: float,
    /,
) -> int: ...

# rf_status (rf_model *, const double *, int64_t); since 0.1.0
def rf_model_set_data_weights(
    model: Data,
    c: Doubles,
    len: int,
    /,
) -> int: ...

# rf_status (rf_model *, int64_t, const double *, int64_t); since 0.1.0
def rf_model_set_outer_weights(
    model: Data,
    neurons: int,
    a: Doubles,
    len: int,
    /,
) -> int: ...

# rf_status (rf_model *, int64_t); since 0.1.0
def rf_model_set_event_limit(
    model: Data,
    max_events: int,
    /,
) -> int: ...

# rf_status (rf_model *, int32_t); since 0.1.0
def rf_model_set_recording(
    model: Data,
    on: int,
    /,
) -> int: ...

# rf_status (rf_model *, int32_t); since 0.1.0
def rf_model_set_threads(
    model: Data,
    threads: int,
    /,
) -> int: ...

# rf_status (rf_model *, int32_t (*)(const rf_model *model, const rf_event *event, void *user), void *); since 0.1.0
def rf_model_set_callback(
    model: Data,
    callback: Optional[Data],
    user: Buffer,
    /,
) -> int: ...

# rf_status (rf_model *, const double *, int64_t); since 0.1.0
def rf_model_init(
    model: Data,
    w0: Doubles,
    len: int,
    /,
) -> int: ...

# rf_status (rf_model *, const double *, int64_t, double); since 0.1.0
def rf_model_init_direction(
    model: Data,
    u: Doubles,
    len: int,
    scale: float,
    /,
) -> int: ...

# rf_status (rf_model *, double, int64_t); since 0.1.0
def rf_model_step(
    model: Data,
    eta: float,
    steps: int,
    /,
) -> int: ...

# rf_status (rf_model *, double); since 0.1.0
def rf_model_integrate(
    model: Data,
    t_end: float,
    /,
) -> int: ...

# rf_status (rf_model *, double, rf_event *); since 0.1.0
def rf_model_advance(
    model: Data,
    t_max: float,
    out: Records,
    /,
) -> int: ...

# rf_status (const rf_model *, int32_t, int64_t *); since 0.1.0
def rf_model_query_size(
    model: Data,
    quantity: int,
    len: Longs,
    /,
) -> int: ...

# rf_status (const rf_model *, int32_t, double *, int64_t); since 0.1.0
def rf_model_query(
    model: Data,
    quantity: int,
    out: Doubles,
    len: int,
    /,
) -> int: ...

# rf_status (const rf_model *, double, int32_t, double *, int64_t); since 0.1.0
def rf_model_query_at(
    model: Data,
    t: float,
    quantity: int,
    out: Doubles,
    len: int,
    /,
) -> int: ...

# rf_status (const rf_model *, int64_t, const double *, int32_t, double *, int64_t); since 0.1.0
def rf_model_sample(
    model: Data,
    count: int,
    times: Doubles,
    quantity: int,
    out: Doubles,
    len: int,
    /,
) -> int: ...

# rf_status (const rf_model *, const double *, int64_t, int32_t, double *, int64_t); since 0.1.0
def rf_model_evaluate(
    model: Data,
    w: Doubles,
    w_len: int,
    quantity: int,
    out: Doubles,
    len: int,
    /,
) -> int: ...

# rf_status (const rf_model *, uint8_t *, int64_t); since 0.1.0
def rf_model_pattern(
    model: Data,
    state: Bytes,
    len: int,
    /,
) -> int: ...

# int64_t (const rf_model *); since 0.1.0
def rf_model_event_count(
    model: Data,
    /,
) -> int: ...

# rf_status (const rf_model *, int64_t, int64_t, rf_event *); since 0.1.0
def rf_model_events(
    model: Data,
    first: int,
    count: int,
    out: Records,
    /,
) -> int: ...

# rf_status (const rf_model *, int32_t, int64_t *, int64_t, int64_t *); since 0.1.0
def rf_model_support(
    model: Data,
    kind: int,
    indices: Longs,
    capacity: int,
    count: Longs,
    /,
) -> int: ...

# rf_status (const rf_model *, int64_t, const int64_t *, double *, int64_t, int32_t (*)(int64_t done, int64_t total, void *user), void *); since 0.1.0
def rf_model_leave_one_out(
    model: Data,
    count: int,
    data: Longs,
    W: Doubles,
    len: int,
    progress: Optional[Data],
    user: Buffer,
    /,
) -> int: ...

# rf_status (const rf_model *, int32_t *, double *); since 0.1.0
def rf_model_norm_certificate(
    model: Data,
    strictly_increasing: Ints,
    first_failure: Doubles,
    /,
) -> int: ...

# rf_status (const rf_model *, int32_t *, double *, int64_t); since 0.1.0
def rf_model_neuron_certificates(
    model: Data,
    strictly_increasing: Ints,
    first_failure: Doubles,
    len: int,
    /,
) -> int: ...

# rf_status (const rf_model *, double, int64_t *, double *, int64_t); since 0.1.0
def rf_model_neuron_groups(
    model: Data,
    angle: float,
    group: Longs,
    weight: Doubles,
    len: int,
    /,
) -> int: ...

# rf_status (const rf_model *, void *, int64_t, int64_t *); since 0.1.0
def rf_model_save(
    model: Data,
    buffer: Buffer,
    capacity: int,
    size: Longs,
    /,
) -> int: ...

# rf_status (const void *, int64_t, const rf_allocator *, rf_model **, char *, int64_t); since 0.1.0
def rf_model_load(
    buffer: Buffer,
    size: int,
    allocator: Optional[Data],
    out: Data,
    message: Buffer,
    message_capacity: int,
    /,
) -> int: ...

# rf_status (const rf_model *, int64_t, const double *, int64_t, int64_t, const double *, rf_sweep **); since 0.1.0
def rf_sweep_create(
    base: Data,
    directions: int,
    U: Doubles,
    U_len: int,
    scales: int,
    eps: Doubles,
    out: Data,
    /,
) -> int: ...

# void (rf_sweep *); since 0.1.0
def rf_sweep_free(
    sweep: Data,
    /,
) -> None: ...

# rf_status (rf_sweep *, int32_t); since 0.1.0
def rf_sweep_set_threads(
    sweep: Data,
    threads: int,
    /,
) -> int: ...

# rf_status (rf_sweep *, int32_t (*)(int64_t done, int64_t total, void *user), void *); since 0.1.0
def rf_sweep_set_callback(
    sweep: Data,
    callback: Optional[Data],
    user: Buffer,
    /,
) -> int: ...

# rf_status (rf_sweep *, double); since 0.1.0
def rf_sweep_run(
    sweep: Data,
    t_end: float,
    /,
) -> int: ...

# rf_status (rf_sweep *, int64_t, const int64_t *, double, int32_t (*)(int64_t done, int64_t total, void *user), void *); since 0.1.0
def rf_sweep_run_some(
    sweep: Data,
    count: int,
    runs: Longs,
    t_end: float,
    progress: Optional[Data],
    user: Buffer,
    /,
) -> int: ...

# rf_status (const rf_sweep *, int64_t, const int64_t *, void *, int64_t, int64_t *); since 0.1.0
def rf_sweep_save(
    sweep: Data,
    count: int,
    runs: Longs,
    buffer: Buffer,
    capacity: int,
    size: Longs,
    /,
) -> int: ...

# rf_status (rf_sweep *, const void *, int64_t); since 0.1.0
def rf_sweep_load(
    sweep: Data,
    buffer: Buffer,
    size: int,
    /,
) -> int: ...

# int64_t (const rf_sweep *); since 0.1.0
def rf_sweep_count(
    sweep: Data,
    /,
) -> int: ...

# rf_status (const rf_sweep *, int32_t, double *, int64_t); since 0.1.0
def rf_sweep_query(
    sweep: Data,
    quantity: int,
    out: Doubles,
    len: int,
    /,
) -> int: ...

# rf_status (const rf_sweep *, int64_t, rf_model **); since 0.1.0
def rf_sweep_model(
    sweep: Data,
    run: int,
    out: Data,
    /,
) -> int: ...

# rf_status (const rf_model *, rf_landscape **); since 0.1.0
def rf_landscape_create(
    model: Data,
    out: Data,
    /,
) -> int: ...

# void (rf_landscape *); since 0.1.0
def rf_landscape_free(
    landscape: Data,
    /,
) -> None: ...

# int64_t (const rf_landscape *); since 0.1.0
def rf_landscape_count(
    landscape: Data,
    /,
) -> int: ...

# rf_status (const rf_landscape *, int64_t, rf_stationary_point *); since 0.1.0
def rf_landscape_point(
    landscape: Data,
    i: int,
    out: Records,
    /,
) -> int: ...
