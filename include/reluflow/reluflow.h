/* reluflow: the exact gradient flow of a ReLU neuron, and of several with fixed outer weights.
 * SPDX-License-Identifier: MIT
 *
 * What it computes
 * ----------------
 * Data x_1 .. x_n in R^d (the rows of X), labels y_i, weights c_i > 0 (default 1), a neuron
 * sigma(x . w) and the square loss
 *
 *     L(w) = 1/2 sum_i c_i (sigma(x_i . w) - y_i)^2.
 *
 * Gradient flow w'(t) in -dL(w(t)) (Clarke's subdifferential, Filippov's solutions) is linear
 * between the instants at which a margin z_i = x_i . w changes side.  The library follows it in
 * closed form from one such event to the next: there is no step size, no event is missed, and a
 * run to t = INFINITY ends at the limit w(infinity) with a proof that no event is left.
 * A bias is a constant column of X.  docs/mathematics.md derives everything; "Source" below
 * gives its section numbers.  With rf_model_set_outer_weights there are m neurons:
 *
 *     f(x) = sum_j a_j sigma(x . w_j), a_j fixed,     L(w) = 1/2 sum_i c_i (f(x_i) - y_i)^2,
 *
 * and w below stands for the weights w_1 .. w_m of all of them.  One neuron is m = 1, a = 1.
 *
 * A complete program
 * ------------------
 *     #include <math.h>
 *     #include <stdio.h>
 *     #include <reluflow/reluflow.h>
 *     int main(void)
 *     {
 *         const double X[] = {1, 0,   0, 1,   1, -1}, y[] = {1, 1.1875, 0.0625};
 *         const double w0[] = {2, 1};
 *         double w[2];
 *         rf_model *model;
 *         if (rf_model_create(3, 2, X, y, &model) != RF_OK) return 1;
 *         if (rf_model_init(model, w0, 2) == RF_OK && rf_model_integrate(model, INFINITY) == RF_OK
 *             && rf_model_query(model, RF_WEIGHTS, w, 2) == RF_OK)
 *             printf("w(infinity) = (%g, %g) after %d events\n", w[0], w[1],
 *                    (int)rf_model_event_count(model));
 *         rf_model_free(model);
 *     }
 *
 * Rules that hold for every function
 * ----------------------------------
 * - Status.  A function that can fail returns rf_status: 0 is RF_OK; a positive value says how a
 *   run ended (it is a result, not a failure); a negative value is an error.  A run (step,
 *   integrate, advance) that fails leaves the model at its last completed event, valid and
 *   resumable.  Every other failing call changes nothing, its outputs included.
 * - Types.  Reals are double; counts, sizes, lengths and indices int64_t, indices from 0; enum
 *   constants travel as int32_t.  "len" is the number of elements of the buffer before it and
 *   must be exact (RF_ERROR_SIZE otherwise); where a function lists a wrong length or a size
 *   below 1 it means that error.
 * - Ownership.  The caller owns every buffer it passes and every buffer it receives into; the
 *   library keeps no pointer to them after the call, except to data created with RF_BORROW_DATA,
 *   to the "user" pointers, and to nothing else.
 * - NULL.  A NULL pointer where none is allowed is RF_ERROR_ARGUMENT, never undefined behaviour.
 * - Finite input.  NaN or infinity in a numerical input is RF_ERROR_NOT_FINITE; where INFINITY is
 *   meaningful the function says so.
 * - Threads.  Different models may be used from different threads at once, clones that share
 *   data included.  One model is used by one thread at a time; functions that take a const
 *   rf_model may run concurrently on one model (they may allocate).  From inside a callback of a
 *   model its const functions may be called; the others return RF_ERROR_STATE.
 * - A quiet guest.  The library never prints, exits, raises a signal, reads the environment,
 *   changes the floating-point mode, keeps global state, or starts a thread unless asked by
 *   rf_model_set_threads or rf_sweep_set_threads.  The BLAS it is linked to may do so (OpenBLAS
 *   starts threads and reads OPENBLAS_NUM_THREADS): that is the host's to configure.
 * - Units.  t has the unit of 1/(c x^2), w that of y/x, the loss that of c y^2.
 * - Layout.  Weights are neurons x d row by row, quantities of a neuron and a datum neurons x n,
 *   support indices neuron*n + datum.  With one neuron that is d, n and the datum.
 * - Not unique.  A Filippov solution may fail to be unique at a kink; the choice is documented
 *   (docs/mathematics.md 3) and RF_FLAG_AMBIGUOUS says that one was made.
 *
 * The header is C99 and C++ and needs <stddef.h> and <stdint.h> only.
 */
#ifndef RELUFLOW_H
#define RELUFLOW_H

#include <stddef.h>
#include <stdint.h>

#include <reluflow/version.h>

#if defined(__GNUC__)
#define RF_VISIBLE __attribute__((visibility("default")))
#else
#define RF_VISIBLE
#endif
#ifdef __cplusplus
#define RF_API extern "C" RF_VISIBLE
#else
#define RF_API RF_VISIBLE
#endif

/* ------------------------------------------------------------------------------------------
 * Types and constants.  Their values never change.
 * ---------------------------------------------------------------------------------------- */

/* A problem (data, activation, weights), a state (time, weight vector, pattern) and a history. */
typedef struct rf_model rf_model;

/* Result of a call: 0, positive (how a run ended), or negative (an error). */
typedef int32_t rf_status;

enum {
    RF_OK = 0,
    RF_STOPPED = 1,             /* the callback asked to stop; the run may be resumed            */
    RF_EVENT_LIMIT = 2,         /* the event limit of this run was reached; may be resumed       */
    RF_NO_EVENT = 3,            /* rf_model_advance reached t_max without an event               */
    RF_ERROR_ARGUMENT = -1,     /* NULL, unknown enum value, or a value outside its range        */
    RF_ERROR_NOT_FINITE = -2,   /* NaN or infinity in the input                                  */
    RF_ERROR_SIZE = -3,         /* size < 1, wrong length, or n*d too large                      */
    RF_ERROR_MEMORY = -4,       /* the allocator returned NULL                                   */
    RF_ERROR_STATE = -5,        /* call out of order                                             */
    RF_ERROR_NUMERICAL = -6,    /* a decomposition failed, or a value left the range of double   */
    RF_ERROR_CORRUPT = -7,      /* a saved state is damaged                                      */
    RF_ERROR_CAPACITY = -8      /* the buffer is too small                                       */
};

/* Flags of rf_model_create_ex. */
enum {
    RF_BORROW_DATA = 1,         /* X and y outlive the model and every clone of it, unchanged    */
    RF_DATA_F32 = 2             /* X points to float instead of double                           */
};

/* Activation sigma. */
enum {
    RF_RELU = 0,                /* max(z, 0), the default                                        */
    RF_LEAKY_RELU = 1,          /* z for z > 0, beta z for z < 0                                 */
    RF_LINEAR = 2               /* z: no kinks; a datum is called active while z > 0             */
};

/* What happened to a datum (or to the neuron, at the origin). */
enum {
    RF_EVENT_DEACTIVATE = 1,            /* active -> inactive                                    */
    RF_EVENT_ACTIVATE = 2,              /* inactive -> active                                    */
    RF_EVENT_SLIDE_ENTER = 3,           /* the flow starts to slide along z_i = 0                */
    RF_EVENT_SLIDE_EXIT_ACTIVE = 4,     /* sliding -> active                                     */
    RF_EVENT_SLIDE_EXIT_INACTIVE = 5,   /* sliding -> inactive                                   */
    RF_EVENT_ORIGIN = 6,                /* w_j = 0 was reached (d > 1); datum is -1              */
    RF_EVENT_ORIGIN_EXIT = 7            /* a neuron that was held at w_j = 0 leaves it, because of
                                           the others; datum is -1                               */
};

/* Flags of an event, and of RF_FLAGS. */
enum {
    RF_FLAG_AMBIGUOUS = 1,      /* other solutions may leave here; the documented choice was made */
    RF_FLAG_DOUBTFUL = 2,       /* closer to a tie than rounding can tell; of RF_FLAGS also: the
                                   gradient at the limit is not 0, for columns of very different
                                   scale (below max(n, d) eps of the largest s) were lost        */
    RF_FLAG_INNER = 4           /* before t = 0+: an event of the inner flow of a vanishing
                                   initialization; its time is the inner time s = t/scale        */
};

/* How the inner flow of a vanishing initialization ended: the values of RF_INNER_ENDING. */
enum {
    RF_INNER_NONE = 0,          /* the scale of the start was not 0                              */
    RF_INNER_ESCAPE = 1,        /* w leaves 0 at t = 0+ along a ray                              */
    RF_INNER_DEAD = 2,          /* no datum is active any more: w stays 0                        */
    RF_INNER_COLLAPSE = 3,      /* omega came back to 0 for good: w stays 0                      */
    RF_INNER_FROZEN = 4         /* active data whose pulls cancel exactly: w stays 0 until the
                                   next event, if there is one (see rf_model_init_direction)     */
};

/* Kinds of support, for rf_model_support.  They may overlap. */
enum {
    RF_SUPPORT_ACTIVE = 0,      /* active now                                                    */
    RF_SUPPORT_TRAJECTORY = 1,  /* active or sliding at some time from 0 to now                  */
    RF_SUPPORT_BOUNDARY = 2     /* on its kink now: sliding, or at rest with z_i = 0             */
};

/* Quantities of rf_model_query and its relatives; the size in brackets, else 1.
 * Source: docs/mathematics.md 1 (values along the flow), 3 (multipliers), 4 (coefficients). */
enum {
    RF_TIME = 1,                /* t; INFINITY at the limit                                      */
    RF_WEIGHTS = 2,             /* (m*d) w(t)                                                    */
    RF_VELOCITY = 3,            /* (m*d) w'(t), right limit; 0 at the limit                      */
    RF_LOSS = 4,                /* L(w)                                                          */
    RF_GRADIENT = 5,            /* (m*d) gradient of L with sigma'(0) the slope of z < 0         */
    RF_GRADIENT_NORM = 6,       /* its Euclidean norm                                            */
    RF_WEIGHT_NORM = 7,         /* Euclidean norm of w                                           */
    RF_NORM_RATE = 8,           /* w . w' = 1/2 d|w|^2/dt, right limit                           */
    RF_MARGINS = 9,             /* (m*n) z_ij = x_i . w_j; exactly 0 while on the kink (a linear
                                   neuron has none)                                              */
    RF_RESIDUALS = 10,          /* (n) r_i = f(x_i) - y_i                                        */
    RF_PATTERN = 11,            /* (m*n) 1 active, 0 inactive, theta_i in [0,1] while sliding    */
    RF_COEFFICIENTS = 12,       /* (m*n) alpha: w_j(t) = w_j(0) + sum_i alpha_ij x_i; +-INFINITY at the
                                   limit for a datum whose alpha_i'(t) does not tend to 0: one
                                   with a residual (inactive ones of a leaky neuron included), or
                                   sliding; then only the sum converges                          */
    RF_MULTIPLIERS = 13,        /* (m*n) u = -theta (1 - beta) gamma while sliding, else 0, with
                                   gamma_ij = -a_j c_i r_i: c_i y_i for one neuron with a = 1    */
    RF_DEACTIVATIONS = 14,      /* (m*n) number of active -> inactive passages                   */
    RF_REACTIVATIONS = 15,      /* (m*n) inactive -> active passages of a datum active before    */
    RF_FIRST_ACTIVE = 16,       /* (m*n) first time active; NaN if never                         */
    RF_LAST_ACTIVE = 17,        /* (m*n) last time active; the present time while active; NaN    */
    RF_PATH_LENGTH = 18,        /* length of the path of w from 0 to t, to 1e-10 relative        */
    RF_CONVERGED = 19,          /* 1 once the limit is certified, else 0                         */
    RF_LEAST_NORM = 20,         /* (m*d) the weight of least norm with the same outputs on the
                                   active data, pattern kept                                     */
    RF_FLAGS = 21,              /* all flags raised since init, by an event or not               */
    RF_STATUS = 22,             /* status of the last run; RF_OK before the first                */
    RF_INNER_ENDING = 23,       /* how the inner flow of a vanishing initialization ended: one of
                                   RF_INNER_* (of several neurons RF_INNER_ESCAPE if one
                                   escaped, else that of neuron 0); then 14 to 18, alpha, the
                                   trajectory support and the norm certificate begin at t = 0+,
                                   after the inner events                                        */
    RF_RATES = 24,              /* (m*d) the rates lambda_j of the present segment, descending   */
    RF_OUTPUTS = 25             /* (n) f(x_i)                                                    */
};

/* One event.  Frozen at 32 bytes.  Simultaneous events are consecutive with equal times; a query
 * sees the state after all of them. */
typedef struct rf_event {
    double time;
    int64_t datum;              /* -1 for RF_EVENT_ORIGIN and RF_EVENT_ORIGIN_EXIT               */
    int64_t neuron;             /* 0 if there is one                                             */
    int32_t kind;               /* RF_EVENT_*                                                    */
    int32_t flags;              /* RF_FLAG_*                                                     */
} rf_event;

/* Kinds of stationary points of the loss in the plane, for rf_stationary_point. */
enum {
    RF_POINT_INTERIOR_MINIMUM = 1,      /* a minimum inside a cone: w                            */
    RF_POINT_FLAT_MINIMUM = 2,          /* a line of minima: w + s direction for s in range, w
                                           being the point of least norm of the whole line       */
    RF_POINT_KINK_MINIMUM = 3,          /* a minimum on the kink of a datum: w, datum, theta     */
    RF_POINT_KINK_SADDLE = 4,           /* stationary on a kink that repels: w, datum, theta     */
    RF_POINT_ZERO_LABEL_MINIMUM = 5,    /* a minimum on the kink of a zero label: w, datum       */
    RF_POINT_KINK_RAY = 6,              /* a ray of stationary points on a kink: from w along
                                           direction; datum, theta                               */
    RF_POINT_DEAD_CONE = 7,             /* no datum is active strictly between the unit rays w and
                                           direction (counterclockwise from w to direction)      */
    RF_POINT_ORIGIN = 8                 /* w = 0, always listed; flags 1 if 0 is an element of
                                           Clarke's subdifferential there                        */
};

/* One stationary point (or a line, ray or cone of them).  Frozen at 80 bytes.  What a kind does not
 * use is 0, datum then -1. */
typedef struct rf_stationary_point {
    int32_t kind;               /* RF_POINT_*                                                    */
    int32_t flags;              /* RF_FLAG_DOUBTFUL, and 1 at the origin as above                */
    int64_t datum;              /* the datum of lowest index on the kink, or -1                  */
    double w[2];
    double direction[2];        /* a unit vector                                                 */
    double range[2];            /* s from range[0] to range[1]; may be infinite                  */
    double loss;                /* L(w)                                                          */
    double theta;               /* the fraction of the active side of that datum, in [0, 1]      */
} rf_stationary_point;

/* Many runs of one problem: directions x scales.  Opaque. */
typedef struct rf_sweep rf_sweep;

/* The stationary points of a problem in the plane.  Opaque. */
typedef struct rf_landscape rf_landscape;

/* Where memory comes from.  allocate returns a block aligned for any type, or NULL; release takes
 * what allocate gave, or NULL.  Both may be called from any thread that uses the model. */
typedef struct rf_allocator {
    void *(*allocate)(size_t size, void *user);
    void (*release)(void *block, void *user);
    void *user;
} rf_allocator;

/* ------------------------------------------------------------------------------------------
 * Version and status
 * ---------------------------------------------------------------------------------------- */

/* Version of the linked library, major<<16 | minor<<8 | patch; RF_VERSION is the header's.
 * Shapes: none.  Ownership: none.  NULL: none.
 * Errors: never fails.
 * Threads: any.  Since: 0.1.0.  Source: none.
 */
RF_API uint32_t rf_version(void);

/* The same as text, "major.minor.patch".
 * Shapes: none.  Ownership: a static string.  NULL: never returned.
 * Errors: never fails.
 * Threads: any.  Since: 0.1.0.  Source: none.
 */
RF_API const char *rf_version_string(void);

/* One English sentence fragment for a status, "unknown status" for a number that is none.
 * Shapes: none.  Ownership: a static string.  NULL: never returned.
 * Errors: never fails.
 * Threads: any.  Since: 0.1.0.  Source: none.
 */
RF_API const char *rf_status_string(rf_status status);

/* ------------------------------------------------------------------------------------------
 * A model's life
 * ---------------------------------------------------------------------------------------- */

/* Creates a model from n data of dimension d.  ReLU, unit data weights, not yet initialized.
 * Shapes: X row-major n x d; y n.
 * Ownership: X and y are copied; the model is the caller's, to rf_model_free.
 * NULL: X, y, out must not be NULL.
 * Errors: RF_ERROR_ARGUMENT (NULL), RF_ERROR_SIZE (n or d < 1, n*d too large), RF_ERROR_NOT_FINITE,
 *         RF_ERROR_NUMERICAL (the norm of a row overflows), RF_ERROR_MEMORY.  On failure *out is set
 *         to NULL.
 * Threads: any.  Since: 0.1.0.
 * Source: docs/mathematics.md 0 (the problem), 3 (rows that are parallel share one kink).
 */
RF_API rf_status rf_model_create(int64_t n, int64_t d, const double *X, const double *y,
                                 rf_model **out);

/* Creates a model from data of any layout, with an allocator and an error text.
 * Element (i, k) of X is X[i*row_stride + k*col_stride]; strides count elements and may be negative
 * or 0.  X is of double, or of float if flags has RF_DATA_F32: half the memory, and half the traffic
 * where X is what limits.  Everything else is double, and a float is widened without error when it is
 * used: all results are bit for bit those of the same numbers given as double, so the error is that
 * of rounding the data to float beforehand, no more.
 * Shapes: X n x d as above; y n, contiguous; message message_capacity characters.
 * Ownership: copied, unless flags has RF_BORROW_DATA: then y, and X if col_stride is 1 and
 *            row_stride >= d, are used in place and must stay unchanged until the model and all its
 *            clones are freed (an X of another layout is copied all the same).  The allocator struct
 *            is copied; what its "user" points to must outlive the model.
 * NULL: allocator NULL means malloc and free; message may be NULL (message_capacity is then not
 *       read); X, y, out, and the allocator's two functions must not be NULL.
 * Errors: as rf_model_create; RF_ERROR_ARGUMENT also for unknown flags or a negative
 *         message_capacity.  On failure *out is set to NULL and message tells what was wrong, with
 *         the index and the value, truncated to fit and terminated.  On success message is empty.
 * Threads: any.  Since: 0.1.0.
 * Source: docs/mathematics.md 0, 3.
 */
RF_API rf_status rf_model_create_ex(int64_t n, int64_t d, const void *X, int64_t row_stride,
                                    int64_t col_stride, const double *y, uint32_t flags,
                                    const rf_allocator *allocator, rf_model **out, char *message,
                                    int64_t message_capacity);

/* Copies a model: settings, state and history; the data are shared, not copied.  The callback is
 * copied too.  The clone is independent: it may be used in another thread and outlive the original.
 * Shapes: none.
 * Ownership: the clone is the caller's, to rf_model_free; it uses the original's allocator.
 * NULL: model and out must not be NULL.
 * Errors: RF_ERROR_ARGUMENT, RF_ERROR_MEMORY.  On failure *out is set to NULL.
 * Threads: const on model.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_model_clone(const rf_model *model, rf_model **out);

/* Frees a model.
 * Shapes: none.  Ownership: ends the caller's.  NULL: allowed, does nothing.
 * Errors: never fails.  Must not be called from a callback of the model.
 * Threads: no other use of this model at the time.  Since: 0.1.0.  Source: none.
 */
RF_API void rf_model_free(rf_model *model);

/* The number of data n.
 * Shapes: none.  Ownership: none.  NULL: gives 0.  Errors: never fails.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 0.
 */
RF_API int64_t rf_model_count(const rf_model *model);

/* The input dimension d.
 * Shapes: none.  Ownership: none.  NULL: gives 0.  Errors: never fails.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 0.
 */
RF_API int64_t rf_model_dim(const rf_model *model);

/* The number of neurons m.
 * Shapes: none.  Ownership: none.  NULL: gives 0.  Errors: never fails.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 7.
 */
RF_API int64_t rf_model_neurons(const rf_model *model);

/* What exactly was wrong in the last failed call that was not const, with the index and the value;
 * "" if none failed yet.
 * Shapes: none.
 * Ownership: the model's string, valid until the next non-const call or rf_model_free.
 * NULL: gives a static text.  Errors: never fails.
 * Threads: const.  Since: 0.1.0.  Source: none.
 */
RF_API const char *rf_model_error(const rf_model *model);

/* ------------------------------------------------------------------------------------------
 * Settings.  They survive rf_model_init.
 * Activation, outer weights, data weights and recording are set before an init, or are followed by a
 * new one: once such a setting was changed, runs and queries return RF_ERROR_STATE until the next
 * init.
 * ---------------------------------------------------------------------------------------- */

/* Sets the activation.  Default RF_RELU.
 * Shapes: negative_slope in [0, 1), the slope beta for z < 0; read only with RF_LEAKY_RELU.
 * Ownership: none.  NULL: model must not be NULL.
 * Errors: RF_ERROR_ARGUMENT (unknown activation, slope outside [0, 1)), RF_ERROR_NOT_FINITE (slope),
 *         RF_ERROR_STATE (from a callback; another than RF_RELU with several neurons).
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 0.
 */
RF_API rf_status rf_model_set_activation(rf_model *model, int32_t activation,
                                         double negative_slope);

/* Sets the weights c_i of the data.  Default 1; 1/n gives the mean loss.
 * Shapes: c n values > 0.
 * Ownership: copied.
 * NULL: c NULL with len 0 restores all 1; else c must not be NULL.
 * Errors: RF_ERROR_ARGUMENT (NULL, a value <= 0), RF_ERROR_SIZE (len), RF_ERROR_NOT_FINITE,
 *         RF_ERROR_STATE (from a callback).
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 0.
 */
RF_API rf_status rf_model_set_data_weights(rf_model *model, const double *c, int64_t len);

/* Sets the number of neurons m and their outer weights: f(x) = sum_j a_j sigma(x . w_j), a fixed.  The
 * default is one neuron with a = 1.  From then on weights are m x d and quantities of a datum and a
 * neuron m x n, so the sizes of init, queries and sweeps change.  Several neurons are ReLU neurons.
 * Shapes: a neurons values, none of them 0; len = neurons >= 1.
 * Ownership: copied.
 * NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL, a value of 0), RF_ERROR_SIZE (neurons < 1, len, or m*d or n*m*d too
 *         large), RF_ERROR_NOT_FINITE, RF_ERROR_MEMORY, RF_ERROR_STATE (from a callback; several
 *         neurons with another activation than RF_RELU).
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 7.
 */
RF_API rf_status rf_model_set_outer_weights(rf_model *model, int64_t neurons, const double *a,
                                            int64_t len);

/* Limits the events of one run: a run (step, integrate, advance) that has brought max_events events
 * and comes upon one more ends before it with RF_EVENT_LIMIT; calling again goes on.  The events of
 * one instant are not separated, so the last instant may bring more than max_events.
 * Shapes: max_events >= 0; 0, the default, is no limit.
 * Ownership: none.  NULL: model must not be NULL.
 * Errors: RF_ERROR_ARGUMENT (NULL, negative), RF_ERROR_STATE (from a callback).
 * Threads: one.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_model_set_event_limit(rf_model *model, int64_t max_events);

/* Turns the keeping of the history on (non-zero, the default) or off.  Off, a run keeps its present
 * state only: rf_model_query_at and rf_model_sample at past times, rf_model_events,
 * RF_SUPPORT_TRAJECTORY, RF_COEFFICIENTS, RF_PATH_LENGTH and the quantities 14 to 17 give
 * RF_ERROR_STATE; rf_model_event_count still counts.
 * Shapes: none.  Ownership: none.  NULL: model must not be NULL.
 * Errors: RF_ERROR_ARGUMENT (NULL), RF_ERROR_STATE (from a callback).
 * Threads: one.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_model_set_recording(rf_model *model, int32_t on);

/* Allows the kernels of this model to use up to the given number of threads, the calling one
 * included, where the data are large enough to gain.  Results do not depend on the number.
 * Shapes: threads from 1 (the default) to 1024.
 * Ownership: none.  NULL: model must not be NULL.
 * Errors: RF_ERROR_ARGUMENT (NULL, out of range), RF_ERROR_STATE (from a callback).  A thread that
 *         the system refuses to start is no error: its share is done by the calling thread.
 * Threads: one.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_model_set_threads(rf_model *model, int32_t threads);

/* Sets a function that is called after every event with the model in its state after it (and after
 * all events of the same instant).  A non-zero return ends the run there with RF_STOPPED; calling
 * the run again resumes it, first with the events of the instant not yet reported.
 * Shapes: none.
 * Ownership: event is valid during the call only; user is passed on, never read.
 * NULL: callback NULL removes it; user may be NULL.
 * Errors: RF_ERROR_ARGUMENT (model NULL), RF_ERROR_STATE (from a callback).
 * Threads: one; the callback runs in the thread of the run.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_model_set_callback(rf_model *model,
                                       int32_t (*callback)(const rf_model *model,
                                                           const rf_event *event, void *user),
                                       void *user);

/* ------------------------------------------------------------------------------------------
 * Running
 * ---------------------------------------------------------------------------------------- */

/* Starts at w(0) = w0, t = 0; clears the history, keeps the settings.  A start on a kink is resolved
 * here (docs/mathematics.md 3): a datum pushed away on both sides starts inactive and raises
 * RF_FLAG_AMBIGUOUS.  A ReLU neuron that starts at w0 = 0 stays there, with the same flag unless L is
 * convex because no label is positive; so does each of several that starts at w_j = 0.
 * Shapes: w0 m*d.
 * Ownership: copied.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT, RF_ERROR_SIZE, RF_ERROR_NOT_FINITE, RF_ERROR_MEMORY,
 *         RF_ERROR_NUMERICAL (a value leaves the range of double), RF_ERROR_STATE (from a callback).
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 1, 3.
 */
RF_API rf_status rf_model_init(rf_model *model, const double *w0, int64_t len);

/* Starts at w(0) = scale u: the same as rf_model_init with the products.  u need not have norm 1.
 * scale 0 is the exact limit scale -> 0+ (vanishing initialization): with w = scale omega and
 * t = scale s the flow becomes the inner flow omega' = v(pattern of omega), piecewise constant, which
 * is run here from omega(0) = u.  Its events are the first of the record, flagged RF_FLAG_INNER, with
 * the inner time s; no callback sees them and no event limit counts them.  RF_INNER_ENDING tells how
 * it ended.  After an escape the flow leaves w = 0 at t = 0+ with the pattern of the escaping ray,
 * sliding data included; after the other endings w stays 0.  Frozen, that is where the pulls of the
 * active data cancel (they all have label 0, say), omega still turns at times t of order 1, and where
 * it meets a kink that sets w free an ordinary event at that time t says so.  Of several neurons each
 * has an inner flow of its own, which the others do not act on; those that do not escape are held at
 * w_j = 0 while the others go on, and one with u_j = 0 stays there.
 * Shapes: u m*d; scale >= 0; u = 0 with scale 0 has no direction.
 * Ownership: copied.  NULL: none allowed.
 * Errors: as rf_model_init; RF_ERROR_ARGUMENT also for scale < 0, and for scale 0 with u = 0.
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 4.2.
 */
RF_API rf_status rf_model_init_direction(rf_model *model, const double *u, int64_t len,
                                         double scale);

/* Gradient descent: w <- w - eta grad L(w), steps times, with sigma'(0) the slope of z < 0.  Changes
 * of the pattern are events, at the time of the first iterate that shows them.  RF_TIME is the sum
 * of eta.  After an init a model steps or integrates, not both.  While the pattern is constant the
 * iterates are known in closed form: the cost is that of the events, not of the steps, and 10^9 steps
 * are as good as 10.  Where descent chatters across a kink, every step or two is an event, and is
 * taken and recorded as such; set an event limit where that may be long.
 * Shapes: eta > 0; steps >= 0.
 * Ownership: none.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT, RF_ERROR_NOT_FINITE (eta), RF_ERROR_STATE (no init, this model
 *         integrates, or it was started with scale 0), RF_ERROR_MEMORY, RF_ERROR_NUMERICAL (the
 *         iterates overflow: the model is at the last finite one).
 * Returns also: RF_STOPPED, RF_EVENT_LIMIT.
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 5.
 */
RF_API rf_status rf_model_step(rf_model *model, double eta, int64_t steps);

/* Follows the exact flow to t_end.  With t_end = INFINITY it ends at the limit w(infinity), certified:
 * no event is left.  Only where rounding holds a datum on its kink that the flow would move from it
 * RF_CONVERGED is 0 there, with RF_FLAG_DOUBTFUL.
 * Shapes: t_end from the present time to INFINITY.
 * Ownership: none.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (t_end lies before the present time), RF_ERROR_NOT_FINITE (NaN),
 *         RF_ERROR_STATE (no init, or this model steps), RF_ERROR_MEMORY, RF_ERROR_NUMERICAL.
 * Returns also: RF_STOPPED, RF_EVENT_LIMIT.
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 1, 2, 3.
 */
RF_API rf_status rf_model_integrate(rf_model *model, double t_end);

/* Follows the exact flow to the next event, or to t_max if that comes first.  The events of one
 * instant are handed out one at a time, with the model after all of them.
 * Shapes: t_max from the present time to INFINITY (then RF_NO_EVENT is the certified limit).
 * Ownership: *out is filled when the status is RF_OK or RF_STOPPED, else untouched.
 * NULL: out may be NULL.
 * Errors: as rf_model_integrate.
 * Returns also: RF_NO_EVENT, RF_STOPPED (the callback asked so at this event).
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 2.
 */
RF_API rf_status rf_model_advance(rf_model *model, double t_max, rf_event *out);

/* ------------------------------------------------------------------------------------------
 * Asking
 * ---------------------------------------------------------------------------------------- */

/* The number of doubles of a quantity for this model.
 * Shapes: *len one number.  Ownership: none.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL, unknown quantity).
 * Threads: const.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_model_query_size(const rf_model *model, int32_t quantity, int64_t *len);

/* A quantity now, with the pattern on record (a datum on its kink has margin exactly 0).
 * Shapes: out the size of the quantity.
 * Ownership: out is filled, on success only.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT, RF_ERROR_SIZE, RF_ERROR_STATE (no init; history off), RF_ERROR_MEMORY,
 *         RF_ERROR_NUMERICAL (a value leaves the range of double).
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 1, 3, 4.
 */
RF_API rf_status rf_model_query(const rf_model *model, int32_t quantity, double *out, int64_t len);

/* A quantity at any past time; at the time of an event its right limit, the state after it.  For
 * descent, the last iterate not after t.
 * Shapes: 0 <= t <= the present time (every t, INFINITY included, once the limit is reached); out
 *         the size of the quantity.
 * Ownership: out is filled, on success only.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (t out of range), RF_ERROR_NOT_FINITE (t is NaN), RF_ERROR_SIZE,
 *         RF_ERROR_STATE (no init; history off and t not the present time), RF_ERROR_MEMORY,
 *         RF_ERROR_NUMERICAL.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 1, 3, 4.
 */
RF_API rf_status rf_model_query_at(const rf_model *model, double t, int32_t quantity, double *out,
                                   int64_t len);

/* A quantity at many times, in one pass over the history: row k is what rf_model_query_at gives for
 * times[k] (coefficients and path length of descent to rounding, all else bit for bit).  The times
 * may come in any order; sorted ones need no extra memory.
 * Shapes: times count values, count >= 1; out count x size, row-major.
 * Ownership: out is filled, on success only in full.  NULL: none allowed.
 * Errors: as rf_model_query_at, RF_ERROR_SIZE also for count < 1.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 1, 3, 4.
 */
RF_API rf_status rf_model_sample(const rf_model *model, int64_t count, const double *times,
                                 int32_t quantity, double *out, int64_t len);

/* RF_WEIGHTS, RF_LOSS, RF_GRADIENT, RF_GRADIENT_NORM, RF_WEIGHT_NORM, RF_MARGINS, RF_RESIDUALS,
 * RF_PATTERN or RF_OUTPUTS at any weight vector, the pattern being the sign of x_i . w.  Needs no
 * init.
 * Shapes: w m*d; out the size of the quantity.
 * Ownership: out is filled, on success only.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL, another quantity), RF_ERROR_SIZE, RF_ERROR_NOT_FINITE,
 *         RF_ERROR_MEMORY, RF_ERROR_NUMERICAL (a value leaves the range of double).
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 0.
 */
RF_API rf_status rf_model_evaluate(const rf_model *model, const double *w, int64_t w_len,
                                   int32_t quantity, double *out, int64_t len);

/* The activation pattern now: 0 inactive, 1 active, 2 sliding.
 * Shapes: state m*n.
 * Ownership: filled, on success only.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT, RF_ERROR_SIZE, RF_ERROR_STATE (no init).
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 0, 3.
 */
RF_API rf_status rf_model_pattern(const rf_model *model, uint8_t *state, int64_t len);

/* The number of events since init.
 * Shapes: none.  Ownership: none.  NULL: gives 0.
 * Errors: never fails; 0 before init, and after the change of a setting that needs a new init.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 2.
 */
RF_API int64_t rf_model_event_count(const rf_model *model);

/* Copies events first .. first + count - 1, in the order in which they happened.
 * Shapes: out count events; 0 <= first, 0 <= count, first + count <= rf_model_event_count.
 * Ownership: out is filled, on success only.  NULL: out may be NULL if count is 0.
 * Errors: RF_ERROR_ARGUMENT (NULL, range), RF_ERROR_STATE (no init; history off).
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 2, 3.
 */
RF_API rf_status rf_model_events(const rf_model *model, int64_t first, int64_t count,
                                 rf_event *out);

/* The support vectors of one kind, ascending: data, of several neurons pairs neuron*n + datum.
 * Shapes: indices capacity values; *count receives how many there are.
 * Ownership: filled, on success only.
 * NULL: indices may be NULL if capacity is 0: then only *count is set.
 * Errors: RF_ERROR_ARGUMENT (NULL, unknown kind, negative capacity), RF_ERROR_CAPACITY (indices is
 *         too short; nothing is written), RF_ERROR_STATE (no init; history off), RF_ERROR_MEMORY.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 4.1.
 */
RF_API rf_status rf_model_support(const rf_model *model, int32_t kind, int64_t *indices,
                                  int64_t capacity, int64_t *count);

/* Which data matter: the limit w(infinity) of the exact flow from the same start without each of the
 * given data.  A datum that never acts on the way to the limit costs nothing: its row is the limit
 * itself.  The event limit and the callback of the model are not used.  Works from the start, wherever
 * the model stands, also for one that steps.
 * Shapes: data count indices in [0, n), any order, repeats allowed; count >= 1; W count x m*d,
 *         row-major; len = count*m*d.
 * Ownership: W is filled on success, and on RF_STOPPED with NaN in the rows not done.
 * NULL: data and W must not be NULL; progress may be NULL (no reports).  It is called in the
 *       calling thread after every row with the number of rows done; non-zero stops.
 * Errors: RF_ERROR_ARGUMENT (NULL, an index out of range), RF_ERROR_SIZE (count < 1, len),
 *         RF_ERROR_STATE (no init), RF_ERROR_MEMORY, RF_ERROR_NUMERICAL.
 * Returns also: RF_STOPPED (progress asked so).
 * Threads: const; uses the threads of rf_model_set_threads for its kernels only.
 * Since: 0.1.0.  Source: docs/mathematics.md 4.1.
 */
RF_API rf_status rf_model_leave_one_out(const rf_model *model, int64_t count, const int64_t *data,
                                        double *W, int64_t len,
                                        int32_t (*progress)(int64_t done, int64_t total,
                                                            void *user),
                                        void *user);

/* Does the norm of the weight strictly increase?  Decided on the recorded flow from t = 0+ to the
 * present time (at the limit: for all t) by a certified count of the zeros of w . w' on every segment,
 * from the right limit at events.  *strictly_increasing is 1 if w . w' > 0 throughout, else 0;
 * *first_failure is the first time from which w . w' < 0, NaN if there is none (a constant flow has
 * 0 and NaN).
 * Shapes: none.  Ownership: both are filled, on success only.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL), RF_ERROR_STATE (no init, history off, or this model steps),
 *         RF_ERROR_MEMORY, RF_ERROR_NUMERICAL.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 4.3.
 */
RF_API rf_status rf_model_norm_certificate(const rf_model *model, int32_t *strictly_increasing,
                                           double *first_failure);

/* The same for the weight w_j of every neuron, in one pass: is w_j . w_j' > 0 throughout, and from when
 * on is it < 0?  A neuron that rests at some time, dead or held at w_j = 0, has 0, and NaN unless |w_j|
 * falls at another.  With one neuron it is rf_model_norm_certificate.
 * Shapes: strictly_increasing and first_failure len values each, len = rf_model_neurons.
 * Ownership: both are filled, on success only.  NULL: none allowed.
 * Errors: as rf_model_norm_certificate; RF_ERROR_SIZE.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 4.3, 7.
 */
RF_API rf_status rf_model_neuron_certificates(const rf_model *model, int32_t *strictly_increasing,
                                              double *first_failure, int64_t len);

/* Which neurons have the same direction now?  Two neurons are in one group if a chain of neurons leads
 * from one to the other in which neighbours differ by at most `angle` radians (single linkage: it does
 * not depend on the order of the neurons).  group[j] is the lowest index in the group of neuron j, so
 * that neuron j begins a group iff group[j] = j, and -1 where w_j = 0.  weight[j] is the sum of a_k |w_k|
 * over the group of j, 0 where w_j = 0: of equal directions u the group acts as one neuron weight
 * sigma(x . u).  What a neuron does with the data, rf_model_pattern tells: it is dead if none is active
 * or sliding.
 * Shapes: angle in [0, pi], 1e-6, say: with 0 rounding separates; group and weight len values each, len
 *         = rf_model_neurons.
 * Ownership: both are filled, on success only.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL, angle out of range), RF_ERROR_NOT_FINITE (angle is NaN),
 *         RF_ERROR_SIZE, RF_ERROR_STATE (no init), RF_ERROR_MEMORY, RF_ERROR_NUMERICAL (a sum leaves the
 *         range of double).
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 7.
 */
RF_API rf_status rf_model_neuron_groups(const rf_model *model, double angle, int64_t *group,
                                        double *weight, int64_t len);

/* ------------------------------------------------------------------------------------------
 * Saving
 * ---------------------------------------------------------------------------------------- */

/* Writes the whole model (data, settings, state, history) into a buffer: versioned, checksummed, the
 * same bytes on every machine.  The callback, the allocator and the number of threads are not saved;
 * borrowed data are.
 * Shapes: buffer capacity bytes; *size receives the bytes needed.
 * Ownership: buffer is filled, on success only; *size also on RF_ERROR_CAPACITY.
 * NULL: buffer may be NULL if capacity is 0: then only *size is set, and the status is RF_OK.
 * Errors: RF_ERROR_ARGUMENT (NULL, negative capacity), RF_ERROR_CAPACITY, RF_ERROR_MEMORY.
 * Threads: const.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_model_save(const rf_model *model, void *buffer, int64_t capacity,
                               int64_t *size);

/* Makes a model from what rf_model_save wrote.  It answers every question as the saved one would, and
 * runs on to the same bits (with the same BLAS).
 * Shapes: buffer size bytes; message message_capacity characters.
 * Ownership: everything is copied out of buffer; the model is the caller's, to rf_model_free.
 * NULL: allocator NULL means malloc and free; message may be NULL; buffer and out must not be NULL.
 * Errors: RF_ERROR_ARGUMENT (NULL, negative size or capacity), RF_ERROR_CORRUPT (truncated, altered,
 *         or not a saved model), RF_ERROR_MEMORY.  On failure *out is set to NULL and message tells
 *         what was wrong.  On success message is empty.
 * Threads: any.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_model_load(const void *buffer, int64_t size, const rf_allocator *allocator,
                               rf_model **out, char *message, int64_t message_capacity);

/* ------------------------------------------------------------------------------------------
 * Sweeps: the flow from many starts
 * ---------------------------------------------------------------------------------------- */

/* Prepares directions x scales runs of the exact flow.  Run number direction*scales + scale starts as
 * rf_model_init_direction with row `direction` of U and eps[scale] (0: the limit of vanishing
 * initialization).  Data, activation, weights, event limit and recording are those of base now; its
 * callback is not used.  Recording off saves memory: a run then keeps its last state only.
 * Shapes: directions, scales >= 1; U directions x m*d, row-major; U_len = directions*m*d; eps scales
 *         values >= 0.
 * Ownership: U and eps are copied; the data are shared with base, which may be freed.  The sweep is
 *            the caller's, to rf_sweep_free; it uses base's allocator.
 * NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL, an eps < 0, a zero row of U where an eps is 0), RF_ERROR_SIZE,
 *         RF_ERROR_NOT_FINITE, RF_ERROR_MEMORY.  On failure *out is set to NULL.
 * Threads: const on base.  Since: 0.1.0.  Source: docs/mathematics.md 4.2.
 */
RF_API rf_status rf_sweep_create(const rf_model *base, int64_t directions, const double *U,
                                 int64_t U_len, int64_t scales, const double *eps,
                                 rf_sweep **out);

/* Frees a sweep and its runs.  Models from rf_sweep_model live on.
 * Shapes: none.  Ownership: ends the caller's.  NULL: allowed, does nothing.
 * Errors: never fails.  Must not be called from a callback of the sweep.
 * Threads: no other use of this sweep at the time.  Since: 0.1.0.  Source: none.
 */
RF_API void rf_sweep_free(rf_sweep *sweep);

/* Lets rf_sweep_run use so many threads, the calling one included.  The results have the same bits
 * for every number.
 * Shapes: threads from 1 (the default) to 1024.
 * Ownership: none.  NULL: sweep must not be NULL.
 * Errors: RF_ERROR_ARGUMENT (NULL, out of range), RF_ERROR_STATE (from a callback).  A thread that
 *         the system refuses to start is no error.
 * Threads: one.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_sweep_set_threads(rf_sweep *sweep, int32_t threads);

/* Sets a function that is told how many runs are done, in the thread that called rf_sweep_run, from
 * time to time and once at the end.  A non-zero return stops the sweep.  Of the sweep itself it may
 * ask rf_sweep_count only.
 * Shapes: none.
 * Ownership: user is passed on, never read.
 * NULL: callback NULL removes it; user may be NULL.
 * Errors: RF_ERROR_ARGUMENT (sweep NULL), RF_ERROR_STATE (from a callback).
 * Threads: one.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_sweep_set_callback(rf_sweep *sweep,
                                       int32_t (*callback)(int64_t done, int64_t total,
                                                           void *user),
                                       void *user);

/* Takes every run to t_end (INFINITY: its certified limit).  A sweep that stopped resumes, and one
 * that is done goes on when t_end is later.  A run that fails does not end the others.
 * Shapes: t_end >= 0, not before that of the last call.
 * Ownership: none.  NULL: sweep must not be NULL.
 * Errors: RF_ERROR_ARGUMENT (NULL, t_end), RF_ERROR_NOT_FINITE (NaN), RF_ERROR_STATE (from a
 *         callback); RF_ERROR_MEMORY (the sweep stopped there, and resumes when called again);
 *         RF_ERROR_NUMERICAL (all runs are done, one or more failed so: RF_STATUS tells which).
 * Returns also: RF_STOPPED (by the callback), RF_EVENT_LIMIT (all runs are done, one or more stand
 *         at the event limit; calling again takes these on).
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 4.2.
 */
RF_API rf_status rf_sweep_run(rf_sweep *sweep, double t_end);

/* Takes some of the runs to t_end, as rf_sweep_run does with all: for a sweep that is shared out to
 * several processes, or done in portions.  The others stay where they are.
 * Shapes: runs count indices from 0 to below rf_sweep_count, in any order, repeats allowed; count >= 0,
 *         0 does nothing but check; t_end as in rf_sweep_run, the last call being one of either.
 * Ownership: none.
 * NULL: runs NULL means the runs 0 .. count - 1; progress may be NULL (no reports).  It is used instead
 *       of the callback of rf_sweep_set_callback, under the same rules, and counts these runs only.
 * Errors: as rf_sweep_run; RF_ERROR_ARGUMENT also for count or an index out of range.
 * Returns also: as rf_sweep_run, of these runs.
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 4.2.
 */
RF_API rf_status rf_sweep_run_some(rf_sweep *sweep, int64_t count, const int64_t *runs,
                                   double t_end,
                                   int32_t (*progress)(int64_t done, int64_t total, void *user),
                                   void *user);

/* Writes some of the runs, as they stand, into a buffer: versioned, checksummed, the same bytes on every
 * machine.  Data, settings and starts are not written, only a digest of them.
 * Shapes: runs as in rf_sweep_run_some; buffer capacity bytes; *size receives the bytes needed.
 * Ownership: buffer is filled, on success only; *size also on RF_ERROR_CAPACITY.
 * NULL: runs NULL means the runs 0 .. count - 1; buffer may be NULL if capacity is 0: then only *size is
 *       set, and the status is RF_OK.
 * Errors: RF_ERROR_ARGUMENT (NULL, negative capacity, count or an index out of range),
 *         RF_ERROR_CAPACITY, RF_ERROR_STATE (from a callback).
 * Threads: const.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_sweep_save(const rf_sweep *sweep, int64_t count, const int64_t *runs,
                               void *buffer, int64_t capacity, int64_t *size);

/* Puts runs that rf_sweep_save wrote in the places of the same runs, in a sweep made with the same data,
 * settings and starts: every answer is that of the sweep they come from, and they run on to the same
 * bits (with the same BLAS).  Runs that were not written stay as they are.
 * Shapes: buffer size bytes.
 * Ownership: everything is copied out of buffer.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL, negative size, or the runs are of another sweep), RF_ERROR_CORRUPT
 *         (truncated, altered, or not saved runs), RF_ERROR_STATE (from a callback), RF_ERROR_MEMORY.
 * Threads: one.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_sweep_load(rf_sweep *sweep, const void *buffer, int64_t size);

/* The number of runs, directions*scales.
 * Shapes: none.  Ownership: none.  NULL: gives 0.  Errors: never fails.
 * Threads: const.  Since: 0.1.0.  Source: none.
 */
RF_API int64_t rf_sweep_count(const rf_sweep *sweep);

/* A quantity of every run, as it stands; NaN for a run that was not begun or whose start failed.
 * Shapes: out runs x the size of the quantity, row-major, len that many.
 * Ownership: out is filled, on success only.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL, unknown quantity), RF_ERROR_SIZE, RF_ERROR_STATE (history off, or
 *         from a callback), RF_ERROR_MEMORY, RF_ERROR_NUMERICAL.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 1, 3, 4.
 */
RF_API rf_status rf_sweep_query(const rf_sweep *sweep, int32_t quantity, double *out, int64_t len);

/* One run as a model of its own, for every other question.
 * Shapes: 0 <= run < rf_sweep_count.
 * Ownership: the model is the caller's, to rf_model_free; it may outlive the sweep.
 * NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL, range), RF_ERROR_STATE (the run was not begun, or its start
 *         failed, or from a callback), RF_ERROR_MEMORY.  On failure *out is set to NULL.
 * Threads: const.  Since: 0.1.0.  Source: none.
 */
RF_API rf_status rf_sweep_model(const rf_sweep *sweep, int64_t run, rf_model **out);

/* ------------------------------------------------------------------------------------------
 * Landscapes: all stationary points of the loss in the plane
 * ---------------------------------------------------------------------------------------- */

/* Lists every stationary point of the loss for d = 2, in O(n log n), with the data, activation and
 * weights of the model; it needs no init.  The limit of every trajectory is one of them.
 * Shapes: d = 2.
 * Ownership: the landscape is the caller's, to rf_landscape_free; it keeps nothing of the model but
 *            its allocator.
 * NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL), RF_ERROR_SIZE (d is not 2), RF_ERROR_STATE (several neurons),
 *         RF_ERROR_MEMORY, RF_ERROR_NUMERICAL (a value leaves the range of double).  On failure *out is
 *         set to NULL.
 * Threads: const on model.  Since: 0.1.0.  Source: docs/mathematics.md 4.4.
 */
RF_API rf_status rf_landscape_create(const rf_model *model, rf_landscape **out);

/* Frees a landscape.
 * Shapes: none.  Ownership: ends the caller's.  NULL: allowed, does nothing.
 * Errors: never fails.  Threads: no other use at the time.  Since: 0.1.0.  Source: none.
 */
RF_API void rf_landscape_free(rf_landscape *landscape);

/* The number of points listed, at least 1.
 * Shapes: none.  Ownership: none.  NULL: gives 0.  Errors: never fails.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 4.4.
 */
RF_API int64_t rf_landscape_count(const rf_landscape *landscape);

/* Point number i: the origin first, then the others counterclockwise from the positive first axis.
 * Shapes: 0 <= i < rf_landscape_count.
 * Ownership: out is filled, on success only.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL, range).
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 4.4.
 */
RF_API rf_status rf_landscape_point(const rf_landscape *landscape, int64_t i,
                                    rf_stationary_point *out);

#endif
