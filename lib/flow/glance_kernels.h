/* glance_kernels: the kernels of glance.h for one instruction set.  Included once for each, with RFI_NAME(f), the
 * name of f, RFI_TARGET, the attribute that chooses the instructions, RFI_WIDTH, the floats of a vector VEC, and
 *     v_zero() v_set(a) v_load(p) v_store(p, a) v_fma(a, b, c) = a b + c, v_times(a, b) v_add(a, b)
 *     v_least(a, b) and v_low(a, b): the mask of the lanes where a > b is false
 * All are undefined in the end.
 * SPDX-License-Identifier: MIT */

#define RFI_GLANCE(name, count)                                                                     \
    RFI_TARGET static unsigned RFI_NAME(name)(int64_t d, int64_t ld, const float *X, const float *T, \
                                              const float *side, float threshold, float *bernstein) \
    {                                                                                               \
        unsigned low = 0;                                                                           \
        int at, k, r;                                                                               \
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
                    s[k] = v_fma(x, v_set(T[k * ld + j]), s[k]);                                    \
            }                                                                                       \
            sides = v_load(side + at);                                                              \
            UNROLL                                                                                  \
            for (k = 0; k < (count); ++k)                                                           \
                s[k] = v_times(sides, s[k]);                                                        \
            UNROLL                                                                                  \
            for (r = 1; r < (count); ++r)                                                           \
                UNROLL                                                                              \
                for (k = (count)-1; k > 0; --k)                                                     \
                    if (k >= r)                                                                     \
                        s[k] = v_add(s[k], s[k - 1]);                                               \
            least = s[0];                                                                           \
            v_store(bernstein + at, s[0]);                                                          \
            UNROLL                                                                                  \
            for (k = 1; k < (count); ++k) {                                                         \
                least = v_least(least, s[k]);                                                       \
                v_store(bernstein + k * RFI_GLANCE_LINES + at, s[k]);                               \
            }                                                                                       \
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
#undef v_store
#undef v_fma
#undef v_times
#undef v_add
#undef v_least
#undef v_low
#undef RFI_NAME
#undef RFI_TARGET
#undef RFI_WIDTH
