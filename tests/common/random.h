/* random.h: a small seeded generator, the same numbers on every machine.
 * SPDX-License-Identifier: MIT */
#ifndef TEST_RANDOM_H
#define TEST_RANDOM_H

#include <stdint.h>

typedef struct random_source {
    uint64_t state;
} random_source;

random_source random_seed(uint64_t seed);
uint64_t random_bits(random_source *source);

/* Uniform in [0, 1). */
double random_uniform(random_source *source);

/* Standard normal. */
double random_normal(random_source *source);

/* Uniform in lo .. hi, both included. */
int64_t random_integer(random_source *source, int64_t lo, int64_t hi);

#endif
