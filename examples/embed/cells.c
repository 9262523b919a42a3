/* cells.c: the problems that the host simulates.
 * SPDX-License-Identifier: MIT
 */
#include "cells.h"

#include <string.h>

/* Steele, Lea & Flood's splitmix64. */
static uint64_t mix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform in [-1, 1), a multiple of 2^-52. */
static double uniform(uint64_t *state)
{
    return (double)(mix(state) >> 11) * 0x1p-52 - 1;
}

void cell_measure(int64_t cell, cell_data *out)
{
    uint64_t state = (uint64_t)cell << 20;
    int i;
    for (i = 0; i < CELL_DATA * CELL_DIM; i++) {
        out->X[i] = uniform(&state);
    }
    for (i = 0; i < CELL_DATA; i++) {
        out->y[i] = uniform(&state);
    }
}

void cell_start(int64_t cell, int64_t round, double w0[CELL_DIM])
{
    uint64_t state = ((uint64_t)cell << 20) + 1000003u * (uint64_t)(round + 1);
    int k;
    for (k = 0; k < CELL_DIM; k++) {
        w0[k] = 2 * uniform(&state);
    }
}

uint64_t hash_number(uint64_t hash, double x)
{
    uint64_t bits;
    int byte;
    memcpy(&bits, &x, sizeof(bits));
    /* FNV-1a. */
    for (byte = 0; byte < 8; byte++) {
        hash = (hash ^ (bits >> (8 * byte) & 0xff)) * 0x100000001b3u;
    }
    return hash;
}
