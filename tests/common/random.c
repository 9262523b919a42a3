/* random.c: splitmix64 and what is drawn from it. SPDX-License-Identifier: MIT */
#include "random.h"

#include <math.h>

random_source random_seed(uint64_t seed)
{
    random_source source;

    source.state = seed * 0x9e3779b97f4a7c15u + 0x632be59bd9b4e019u;
    return source;
}

uint64_t random_bits(random_source *source)
{
    uint64_t z = (source->state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double random_uniform(random_source *source)
{
    return (double)(random_bits(source) >> 11) * 0x1p-53;
}

double random_normal(random_source *source)
{
    const double two_pi = 6.283185307179586;
    double u = 1.0 - random_uniform(source), v = random_uniform(source);

    return sqrt(-2.0 * log(u)) * cos(two_pi * v);
}

int64_t random_integer(random_source *source, int64_t lo, int64_t hi)
{
    uint64_t range = (uint64_t)(hi - lo) + 1;

    return lo + (int64_t)(random_bits(source) % range);
}
