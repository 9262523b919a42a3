/* peer_random.h: a small seeded generator (splitmix64, Box-Muller) for tests and benchmarks.
 * SPDX-License-Identifier: MIT */
#ifndef PEER_RANDOM_H
#define PEER_RANDOM_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

typedef struct peer_random {
    uint64_t state;
} peer_random;

static inline uint64_t peer_random_bits(peer_random *random)
{
    uint64_t x = (random->state += UINT64_C(0x9e3779b97f4a7c15));
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Uniform in (0, 1). */
static inline double peer_random_uniform(peer_random *random)
{
    return ((double)(peer_random_bits(random) >> 11) + 0.5) * 0x1p-53;
}

/* Standard normal. */
static inline double peer_random_normal(peer_random *random)
{
    double radius = sqrt(-2.0 * log(peer_random_uniform(random)));
    return radius * cos(6.283185307179586 * peer_random_uniform(random));
}

static inline void peer_random_fill(peer_random *random, double scale, double *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = scale * peer_random_normal(random);
    }
}

#endif
