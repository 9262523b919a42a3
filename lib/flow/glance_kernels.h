/* glance_kernels: the kernels of glance.h for one instruction set.  Included once for each, with RFI_NAME(f), the
 * name of f, RFI_TARGET, the attribute that chooses the instructions, RFI_WIDTH, the floats of a vector VEC, and
 *     v_zero() v_set(a) v_load(p) v_fma(a, b, c) = a b + c, v_times(a, b), v_falls(a) = min(a, 0), v_add(a, b)
 *     v_low(a, b): the mask of the lanes where a > b is false
 * All are undefined in the end.
 * SPDX-License-Identifier: MIT */

#define RFI_GLANCE(name, count)                                                                     \
    RFI_TARGET static unsigned RFI_NAME(name)(int64_t d, const float *X, const float *T,            \
                                              const float *side, float threshold)                   \
    {                                                                                               \
        unsigned low = 0;                                                                           \
        int at, k;                                                                                  \
        for (at = 0; at < RFI_GLANCE_LINES; at += RFI_WIDTH) {                                      \
            VEC s[count], least, sides;                                                             \
            int64_t j;                                                                              \
            UNROLL                                                                                  \
            for (k = 0; k < (count); ++k)                                                           \
                s[k] = v_zero();                                                                    \
            for (j = 0; j < d; ++j) {                                                               \
                const VEC x = v_load(X + j * RFI_GLANCE_LINES + at);                                \
                UNROLL                                                                              \
                for (k = 0; k < (count); ++k)                                                       \
                    s[k] = v_fma(x, v_set(T[j * (count) + k]), s[k]);                               \
            }                                                                                       \
            sides = v_load(side + at);                                                              \
            least = v_times(sides, s[0]);                                                           \
            UNROLL                                                                                  \
            for (k = 1; k < (count); ++k)                                                           \
                least = v_add(least, v_falls(v_times(sides, s[k])));                                \
            low |= v_low(least, v_set(threshold)) << at;                                            \
        }                                                                                           \
        return low;                                                                                 \
    }
RFI_GLANCE(few, RFI_GLANCE_MOST / 2)
RFI_GLANCE(all, RFI_GLANCE_MOST)
#undef RFI_GLANCE

#undef VEC
#undef v_zero
#undef v_set
#undef v_load
#undef v_fma
#undef v_times
#undef v_falls
#undef v_add
#undef v_low
#undef RFI_NAME
#undef RFI_TARGET
#undef RFI_WIDTH
