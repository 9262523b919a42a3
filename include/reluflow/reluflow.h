/* reluflow: the exact gradient flow of a ReLU neuron.
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
 * gives its section numbers.
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
 *   rf_model_set_threads.  The BLAS it is linked to may do so (OpenBLAS starts threads and reads
 *   OPENBLAS_NUM_THREADS): that is the host's to configure.
 * - Units.  t has the unit of 1/(c x^2), w that of y/x, the loss that of c y^2.
 * - Layout.  Weights are neurons x d, per-datum quantities neurons x n, support indices
 *   neuron*n + datum.  There is one neuron: d, n and the datum.
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
    RF_BORROW_DATA = 1          /* X and y outlive the model and every clone of it, unchanged    */
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
    RF_EVENT_ORIGIN = 6                 /* w = 0 was reached (d > 1); datum is -1                */
};

/* Flags of an event, and of RF_FLAGS. */
enum {
    RF_FLAG_AMBIGUOUS = 1,      /* other solutions may leave here; the documented choice was made */
    RF_FLAG_DOUBTFUL = 2,       /* closer to a tie than rounding can tell                        */
    RF_FLAG_INNER = 4           /* reserved: before t = 0+ of a vanishing initialization         */
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
    RF_WEIGHTS = 2,             /* (d) w(t)                                                      */
    RF_VELOCITY = 3,            /* (d) w'(t), right limit; 0 at the limit                        */
    RF_LOSS = 4,                /* L(w)                                                          */
    RF_GRADIENT = 5,            /* (d) gradient of L with sigma'(0) the slope of z < 0           */
    RF_GRADIENT_NORM = 6,       /* its Euclidean norm                                            */
    RF_WEIGHT_NORM = 7,         /* Euclidean norm of w                                           */
    RF_NORM_RATE = 8,           /* w . w' = 1/2 d|w|^2/dt, right limit                           */
    RF_MARGINS = 9,             /* (n) z_i = x_i . w; exactly 0 while on the kink (a linear
                                   neuron has none)                                              */
    RF_RESIDUALS = 10,          /* (n) r_i = sigma(z_i) - y_i                                    */
    RF_PATTERN = 11,            /* (n) 1 active, 0 inactive, theta_i in [0,1] while sliding      */
    RF_COEFFICIENTS = 12,       /* (n) alpha_i: w(t) = w(0) + sum_i alpha_i x_i; +-INFINITY at the
                                   limit for a datum whose alpha_i'(t) does not tend to 0: one
                                   with a residual (inactive ones of a leaky neuron included), or
                                   sliding; then only the sum converges                          */
    RF_MULTIPLIERS = 13,        /* (n) u_i = -theta_i (1 - beta) c_i y_i while sliding, else 0   */
    RF_DEACTIVATIONS = 14,      /* (n) number of active -> inactive passages                     */
    RF_REACTIVATIONS = 15,      /* (n) inactive -> active passages of a datum active before      */
    RF_FIRST_ACTIVE = 16,       /* (n) first time active; NaN if never                           */
    RF_LAST_ACTIVE = 17,        /* (n) last time active; the present time while active; NaN      */
    RF_PATH_LENGTH = 18,        /* length of the path of w from 0 to t, to 1e-10 relative        */
    RF_CONVERGED = 19,          /* 1 once the limit is certified, else 0                         */
    RF_LEAST_NORM = 20,         /* (d) the weight of least norm with the same margins on the
                                   active data                                                   */
    RF_FLAGS = 21,              /* all flags raised since init, by an event or not               */
    RF_STATUS = 22,             /* status of the last run; RF_OK before the first                */
    RF_INNER_ENDING = 23,       /* how the inner flow of a vanishing initialization ended; 0: none */
    RF_RATES = 24               /* (d) the rates lambda_j of the present segment, descending     */
};

/* One event.  Frozen at 32 bytes.  Simultaneous events are consecutive with equal times; a query
 * sees the state after all of them. */
typedef struct rf_event {
    double time;
    int64_t datum;              /* -1 for RF_EVENT_ORIGIN                                        */
    int64_t neuron;             /* 0: there is one neuron                                        */
    int32_t kind;               /* RF_EVENT_*                                                    */
    int32_t flags;              /* RF_FLAG_*                                                     */
} rf_event;

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
 * Element (i, k) of X is X[i*row_stride + k*col_stride]; strides count doubles and may be negative
 * or 0.
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
 * Activation, data weights and recording are set before an init, or are followed by a new one:
 * once such a setting was changed, runs and queries return RF_ERROR_STATE until the next init.
 * ---------------------------------------------------------------------------------------- */

/* Sets the activation.  Default RF_RELU.
 * Shapes: negative_slope in [0, 1), the slope beta for z < 0; read only with RF_LEAKY_RELU.
 * Ownership: none.  NULL: model must not be NULL.
 * Errors: RF_ERROR_ARGUMENT (unknown activation, slope outside [0, 1)), RF_ERROR_NOT_FINITE (slope),
 *         RF_ERROR_STATE (from a callback).
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
 * RF_FLAG_AMBIGUOUS.  A start at w0 = 0 stays there, with the same flag unless L is convex because no
 * label is positive.
 * Shapes: w0 d.
 * Ownership: copied.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT, RF_ERROR_SIZE, RF_ERROR_NOT_FINITE, RF_ERROR_MEMORY,
 *         RF_ERROR_NUMERICAL (a value leaves the range of double), RF_ERROR_STATE (from a callback).
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 1, 3.
 */
RF_API rf_status rf_model_init(rf_model *model, const double *w0, int64_t len);

/* Starts at w(0) = scale u: the same as rf_model_init with the products.  u need not have norm 1.
 * Shapes: u d; scale > 0.
 * Ownership: copied.  NULL: none allowed.
 * Errors: as rf_model_init; RF_ERROR_ARGUMENT also for scale <= 0.
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 4.2.
 */
RF_API rf_status rf_model_init_direction(rf_model *model, const double *u, int64_t len,
                                         double scale);

/* Gradient descent: w <- w - eta grad L(w), steps times, with sigma'(0) the slope of z < 0.  Changes
 * of the pattern are events, at the time of the first iterate that shows them.  RF_TIME is the sum
 * of eta.  After an init a model steps or integrates, not both.
 * Shapes: eta > 0; steps >= 0.
 * Ownership: none.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT, RF_ERROR_NOT_FINITE (eta), RF_ERROR_STATE (no init, or this model
 *         integrates), RF_ERROR_MEMORY, RF_ERROR_NUMERICAL (the iterates overflow: the model is at
 *         the last finite one).
 * Returns also: RF_STOPPED, RF_EVENT_LIMIT.
 * Threads: one.  Since: 0.1.0.  Source: docs/mathematics.md 5.
 */
RF_API rf_status rf_model_step(rf_model *model, double eta, int64_t steps);

/* Follows the exact flow to t_end.  With t_end = INFINITY it ends at the limit w(infinity), certified:
 * no event is left.
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
 *         RF_ERROR_NUMERICAL.
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
 * times[k].  The times may come in any order; sorted ones need no extra memory.
 * Shapes: times count values, count >= 1; out count x size, row-major.
 * Ownership: out is filled, on success only in full.  NULL: none allowed.
 * Errors: as rf_model_query_at, RF_ERROR_SIZE also for count < 1.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 1, 3, 4.
 */
RF_API rf_status rf_model_sample(const rf_model *model, int64_t count, const double *times,
                                 int32_t quantity, double *out, int64_t len);

/* RF_WEIGHTS, RF_LOSS, RF_GRADIENT, RF_GRADIENT_NORM, RF_WEIGHT_NORM, RF_MARGINS, RF_RESIDUALS or
 * RF_PATTERN at any weight vector, the pattern being the sign of x_i . w.  Needs no init.
 * Shapes: w d; out the size of the quantity.
 * Ownership: out is filled, on success only.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT (NULL, another quantity), RF_ERROR_SIZE, RF_ERROR_NOT_FINITE,
 *         RF_ERROR_MEMORY.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 0.
 */
RF_API rf_status rf_model_evaluate(const rf_model *model, const double *w, int64_t w_len,
                                   int32_t quantity, double *out, int64_t len);

/* The activation pattern now: 0 inactive, 1 active, 2 sliding.
 * Shapes: state n.
 * Ownership: filled, on success only.  NULL: none allowed.
 * Errors: RF_ERROR_ARGUMENT, RF_ERROR_SIZE, RF_ERROR_STATE (no init).
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 0, 3.
 */
RF_API rf_status rf_model_pattern(const rf_model *model, uint8_t *state, int64_t len);

/* The number of events since init.
 * Shapes: none.  Ownership: none.  NULL: gives 0.  Errors: never fails; 0 before init.
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

/* The support vectors of one kind, ascending.
 * Shapes: indices capacity values; *count receives how many there are.
 * Ownership: filled, on success only.
 * NULL: indices may be NULL if capacity is 0: then only *count is set.
 * Errors: RF_ERROR_ARGUMENT (NULL, unknown kind, negative capacity), RF_ERROR_CAPACITY (indices is
 *         too short; nothing is written), RF_ERROR_STATE (no init; history off), RF_ERROR_MEMORY.
 * Threads: const.  Since: 0.1.0.  Source: docs/mathematics.md 4.1.
 */
RF_API rf_status rf_model_support(const rf_model *model, int32_t kind, int64_t *indices,
                                  int64_t capacity, int64_t *count);

#endif
