/* chain: the flow of one neuron on a constant pattern as a Taylor polynomial about an anchor, made from
 * H and b, which follow the pattern by updates of rank one (docs/mathematics.md 6):
 *
 *     w(t + tau) = sum_k T_k tau^k,   T_1 = P(b - H T_0),   T_{k+1} = -P H T_k/(k + 1),
 *
 * P the projection onto the null space of the sliding rows.  Of so few data that all their rows, twice, are no more
 * than H, H is not formed: H v is a sum over the rows.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_CHAIN_H
#define RFI_CHAIN_H

#include "base/cpu.h"
#include "base/dense.h"
#include "base/tile.h"
#include "model/pattern.h"

/* The highest power of a chain.  One more coefficient bounds what is left out.  RFI_CHAIN_ROOM: of the
 * coefficients of a multiplier, padded. */
enum { RFI_CHAIN_MOST = RFI_MOST_POWER, RFI_CHAIN_ROOM = 24 };

/* H of up to so many dimensions stays in the first cache. */
enum { RFI_CHAIN_NARROW = 64 };

/* H is gathered from so many rows at a time from so many dimensions on, and a product with it is the sum of so many. */
enum { RFI_CHAIN_ROWS = 64, RFI_CHAIN_WIDE = 128, RFI_CHAIN_PARTS = 8 };

/* The numbers of an anchor. */
typedef struct rfi_anchor {
    double t;
    double want,
        valid;       /* the step that is asked for, and that up to which the sum is w to rounding */
    double noise[3]; /* what T_0, T_1 and T_2 are rounded by                                      */
    double
        size[RFI_CHAIN_MOST + 2]; /* |T_k|                                                        */
    int64_t order; /* the power up to which w is summed                                         */
    int64_t slides;
} rfi_anchor;

/* The lines with a slope, in the place of H. */
typedef struct rfi_chain_lines {
    const rfi_data *data; /* NULL: there is H                                                      */
    int64_t count;
    int64_t *line;       /* ascending                                                              */
    double *rate, *pull; /* what they add to H and b: rate x x^T, pull x                           */
} rfi_chain_lines;

/* What rows bring to the sums, or take away: weight x x^T, pull x, and the sizes of the terms of that. */
typedef struct rfi_chain_lot {
    int64_t count;
    const double *weight, *pull, *size;
    const rfi_view *from; /* what the rows are to be copied from, or NULL: they are there             */
} rfi_chain_lot;

typedef struct rfi_chain {
    const rfi_dense *dense;
    rfi_tile product;
    rfi_team *team; /* that helps, or NULL                                                           */
    int64_t d, ld;
    double *rows; /* of many dimensions 2 RFI_CHAIN_ROWS x ld, without H fewer: scratch                */
    double *parts; /* of many dimensions RFI_CHAIN_PARTS x ld: scratch                             */
    double *H, *b; /* d x ld and ld: of the data with a slope, sliding lines at theta = 0        */
    rfi_chain_lines few;
    double *T;     /* RFI_CHAIN_MOST + 2 rows of ld                                              */
    double *x, *y; /* ld: scratch                                                                */
    double *pull;  /* ld: b of the sizes |c_i a y_i x_ik| of its terms                             */
    double *peak;  /* 2 ld: the diagonal of H and pull, the largest since they were gathered       */
    double spread; /* tr H/sqrt(d): what a part of w that is rounding, of any direction, comes to in H w   */
    double moved;  /* bounds by how much |H| has changed by since whoever asks set it to 0         */
    double t, want, valid, noise[3], size[RFI_CHAIN_MOST + 2]; /* as in rfi_anchor               */
    int64_t order;
    rfi_anchor kept; /* and kept_T, kept_u: of rfi_chain_keep                                      */
    double *kept_T, *kept_u;
    const rf_allocator *allocator;
    int64_t room;   /* slides that there is memory for                                            */
    int64_t slides; /* lines that are held, ascending, and for each:                              */
    int64_t *slide; /* d: its line                                                                */
    double *Q;      /* d x ld: orthonormal basis of their rows                                    */
    double *R;      /* d x ld: x_k = sum_j R[j ld + k] q_j, j <= k                                */
    double *M;      /* d x ld: the inverse of R                                                   */
    double *part;   /* ld: scratch, and:                                                          */
    double *normal; /* ld + RFI_CHAIN_ROOM                                                        */
    double *bound;  /* d: |Gamma|                                                                 */
    double *u;      /* d rows of RFI_CHAIN_ROOM: coefficients of its multiplier                   */
    double *u_noise; /* d: what the multiplier is rounded by                                       */
    double *inverse; /* d: of its row of R^{-T}, the sum of sizes                                  */
    double condition; /* largest |x_k|/|R_kk|                                                       */
    double *block;    /* holds all arrays of doubles but, of many dimensions,                       */
    double *held;     /* Q, R and M                                                                 */
} rfi_chain;

int rfi_chain_create(rfi_chain *chain, const rfi_data *data);
void rfi_chain_free(rfi_chain *chain, const rf_allocator *allocator);
/* 1 if the chain of these data goes without H, and so without pull and peak: what it is made of is a function of the
 * pattern. */
static inline int rfi_chain_by_rows(const rfi_data *data)
{
    return data->d > RFI_CHAIN_NARROW && 2 * data->kinks.count <= data->d;
}
/* Elements that a product with H reads. */
static inline double rfi_chain_work(const rfi_data *data)
{
    const int64_t d = rfi_padded(data->d);
    return (double)d * (double)(rfi_chain_by_rows(data) ? 2 * data->kinks.count : d);
}
/* Copies H, b, pull and peak, or what is in the place of H. */
void rfi_chain_copy(rfi_chain *chain, const rfi_chain *from);

/* H, b, pull and peak of the pattern, from the data. */
void rfi_chain_gather(rfi_chain *chain, const rfi_problem *problem, const rfi_pattern *pattern);
/* H and b after the line has turned from theta = 0 to 1 (sign = 1) or back (sign = -1). */
void rfi_chain_turn(rfi_chain *chain, const rfi_problem *problem, int64_t line, int sign);
/* The same of many lines, or data, at once, in many dimensions: rows of ld, and scratch for as many. */
void rfi_chain_add(rfi_chain *chain, const rfi_chain_lot *lot, double *rows, double *scaled);
/* The sum of the diagonal of H. */
double rfi_chain_trace(const rfi_chain *chain);
/* 1 if so little is left of H or b that the rounding of what has left it may count: H is to be gathered again. */
int rfi_chain_is_thin(const rfi_chain *chain);
/* 1 if a side counts as theta = 1. */
static inline int rfi_chain_upper(int8_t side)
{
    return side > 0;
}

/* Memory for so many slides, which what follows asks for otherwise: where that fails a run would go on in another
 * way.  Returns 0 on success. */
int rfi_chain_reserve(rfi_chain *chain, int64_t slides);
/* Takes over the lines of the pattern that slide.  Returns 0, or -1 if they are dependent or so many that
 * no plane is left: then this is not the place to follow the flow. */
int rfi_chain_hold(rfi_chain *chain, const rfi_problem *problem, const rfi_pattern *pattern);
/* The same after one line has begun (on) or ceased to slide. */
int rfi_chain_hold_line(rfi_chain *chain, const rfi_problem *problem, int64_t line, int on);

/* Sets the anchor: T_0 is given in chain->T.  Returns 0, or -1 if a coefficient is not finite. */
int rfi_chain_anchor(rfi_chain *chain, double t, double want);
/* The same where |H - shift I| is known to be no more than radius > 0, and nothing slides. */
int rfi_chain_anchor_near(rfi_chain *chain, double t, double want, double shift, double radius);

/* Moves the anchor to the end of its validity.  Returns 0 on success. */
int rfi_chain_move_on(rfi_chain *chain);
/* Brings H, b and what is held from one side of a line to another.  Returns 0 on success. */
int rfi_chain_side(rfi_chain *chain, const rfi_problem *problem, int64_t line, int from, int to);
/* y = f H x, both of ld; returns y . y. */
double rfi_chain_apply(const rfi_chain *chain, double f, const double *x, double *y);
/* What is done without H, which takes so many rows of scratch: products; the lines of a pattern, and after one has
 * turned; those of another chain; tr H. */
int64_t rfi_chain_rows_room(const rfi_data *data);
double rfi_chain_apply_rows(const rfi_chain *chain, double f, const double *x, double *y);
void rfi_chain_gather_rows(rfi_chain *chain, const rfi_problem *problem, const rfi_pattern *pattern);
void rfi_chain_turn_row(rfi_chain *chain, const rfi_problem *problem, int64_t line, int upper);
void rfi_chain_copy_rows(rfi_chain *chain, const rfi_chain *from);
double rfi_chain_trace_rows(const rfi_chain *chain);
/* What is left of a row x after the projection onto the null space of the slides, in px; returns its square. */
double rfi_chain_tangent(const rfi_chain *chain, rfi_view x, double *px);

/* w and its first two derivatives at the anchor + tau. */
void rfi_chain_weights(const rfi_chain *chain, double tau, double *w);
void rfi_chain_velocity(const rfi_chain *chain, double tau, double *v);
void rfi_chain_turning(const rfi_chain *chain, double tau, double *a);
/* P(b - H w): the velocity at a w of the stretch, as an anchor there would have it; w and v of ld. */
void rfi_chain_velocity_of(const rfi_chain *chain, const double *w, double *v);
/* What the derivative of the sum falls short of w' by, at the anchor + tau. */
double rfi_chain_rest(const rfi_chain *chain, double tau);

/* The position of a line among those that slide, or -1. */
int64_t rfi_chain_slide_of(const rfi_chain *chain, int64_t line);
/* u of the slide at a position at the anchor + tau, and its derivative. */
double rfi_chain_multiplier(const rfi_chain *chain, int64_t at, double tau, double *slope);
/* Keeps what an anchor is, and goes back to it; H and b are not part of it.  T is then another block: where the next
 * anchor is, T_0 has to be given. */
void rfi_chain_keep(rfi_chain *chain);
void rfi_chain_return(rfi_chain *chain);

/* Fetches a row that will be read soon. */
ALWAYS_INLINE void rfi_chain_fetch(const rfi_chain *chain, rfi_view x)
{
    const char *from = x.wide != NULL ? (const char *)x.wide : (const char *)x.single;
    const char *end = from + chain->d * (int64_t)(x.wide != NULL ? sizeof(double) : sizeof(float));
    for (; from < end; from += 64)
        PREFETCH(from);
}

/* Row x (d elements) into chain->x, padded. */
const double *rfi_chain_row(const rfi_chain *chain, rfi_view x);
/* The d elements of row x: where they are, or in chain->x if they are of single precision. */
static inline const double *rfi_chain_elements(const rfi_chain *chain, rfi_view x)
{
    return x.wide != NULL ? x.wide : rfi_chain_row(chain, x);
}

/* The product of row x and a vector of ld. */
static inline double rfi_chain_dot(const rfi_chain *chain, rfi_view x, const double *v)
{
    double product;
    chain->dense->dots(chain->d, 1, rfi_chain_elements(chain, x), v, &product);
    return product;
}

#endif
