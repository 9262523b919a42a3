/* test_modes.c: the host of examples/embed under what hosts do to a process.
 * SPDX-License-Identifier: MIT
 *
 * Floating-point traps on, subnormal numbers flushed to zero, a small stack: each gives the same bits as
 * the undisturbed run.  What the modes are called is the C library's and the processor's matter; where
 * they cannot be set, the run under them is the undisturbed one once more.
 */
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "simulation.h"

#include <fenv.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

/* OpenBLAS alone takes 60 KiB of it for its thread-local data; sanitizers need more than the program. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const size_t stack_bytes = (size_t)1 << 21;
#else
static const size_t stack_bytes = (size_t)1 << 17;
#endif

enum { CELLS = 150, STEPS = 30 };

/* What one thread is to do first, and what came of it. */
typedef struct attempt {
    const char *name;
    void (*prepare)(void);
    summary sum;
    rf_status status;
    int64_t leaked;
} attempt;

static void nothing(void)
{
}

static void trap(void)
{
#if defined(__GLIBC__)
    feenableexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
#endif
}

/* Flush results to zero, and take subnormal operands for zero. */
static void flush(void)
{
#if defined(__SSE2__)
    _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
}

static void *attend(void *user)
{
    attempt *a = user;
    static simulation s;
    a->prepare();
    a->status = simulation_open(&s, CELLS, 1);
    if (a->status == RF_OK) {
        a->status = simulation_run(&s, STEPS, 0.25, &a->sum);
    }
    a->leaked = simulation_close(&s);
    return NULL;
}

/* In a thread of its own: modes are a thread's, and so is the stack. */
static int run(attempt *a)
{
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes) != 0
        || pthread_attr_setstacksize(&attributes, stack_bytes) != 0
        || pthread_create(&thread, &attributes, attend, a) != 0) {
        return 0;
    }
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    return 1;
}

int main(void)
{
    attempt attempts[] = {
        {"undisturbed", nothing, {0, 0, 0, 0, 0}, RF_OK, 0},
        {"traps on", trap, {0, 0, 0, 0, 0}, RF_OK, 0},
        {"flush to zero", flush, {0, 0, 0, 0, 0}, RF_OK, 0},
    };
    const summary *wanted = &attempts[0].sum;
    int k, failures = 0;
    for (k = 0; k < 3; k++) {
        attempt *a = &attempts[k];
        int right = run(a) && a->status == RF_OK && a->leaked == 0 && a->sum.certified == CELLS
            && a->sum.events > CELLS && a->sum.hash == wanted->hash;
        printf("%s: hash %016" PRIx64 ", %" PRId64 " events: %s\n", a->name, a->sum.hash,
               a->sum.events, right ? "right" : "WRONG");
        failures += !right;
    }
    return failures != 0;
}
