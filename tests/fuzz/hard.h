/* hard.h: problems that are hard for geometry or for arithmetic, from seeds.
 * SPDX-License-Identifier: MIT */
#ifndef FUZZ_HARD_H
#define FUZZ_HARD_H

#include "problem.h"

/* Rows that are parallel, zero, repeated, orthogonal or at the ends of the range of double; labels
 * of both signs, zeros and ties; weights far apart; starts on kinks, at 0 and far away.  All finite.
 */
problem *hard_problem(uint64_t seed);

#endif
