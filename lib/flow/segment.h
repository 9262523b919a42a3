/* segment: the flow while the pattern is constant, in closed form (docs/mathematics.md 1, and 3 for
 * the sliding segment; 7 for several neurons).  Built from the SVD of sqrt(C) J N with N an orthonormal
 * basis of the null space of the sliding rows; every coefficient is formed from the left singular
 * vectors.
 *
 * Neurons of one pattern have blocks of J that are proportional, a_j times the same: they enter as one
 * block, a_j replaced by A = |(a_j)| over them, and share the motion of it in proportion a_j/A, so that
 * identical neurons stay identical.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_SEGMENT_H
#define RFI_SEGMENT_H

#include "flow/blocks.h"
#include "flow/expsum.h"
#include "model/pattern.h"

/* What of a sliding line vanishes at infinity but for the pulls of idle data: u, |Gamma| - u, |Gamma|. */
enum { RFI_LOW_SETTLES = 1, RFI_TOP_SETTLES = 2, RFI_BOUND_SETTLES = 4, RFI_ALL_SETTLE = 7 };

/* Triangles of rows, of which a few only change from segment to segment: see segment_tree.c. */
typedef struct rfi_tree {
    double *memory;  /* NULL: none was asked for yet                                       */
    int64_t d, ld;   /* a triangle is d rows of ld, the last RFI_LANES for right-hand sides */
    int64_t leaves;  /* a power of two                                                     */
    int64_t data;    /* of a leaf, at most                                                 */
    double *R;       /* 2 leaves triangles, that of all rows is 1, those below k are 2k and 2k + 1 */
    double *V;       /* d x ld: the right singular vectors of all data, in rows             */
    double *turned;  /* d x ld: the same in columns                                        */
    double *B;       /* rows to fold                                                       */
    double *square;  /* ld: scratch                                                        */
    double *row;     /* n: the factor with which a row counts in its leaf                  */
    double *label;   /* n: its label                                                       */
    double unit;     /* a power of two: triangles are in units of it                       */
    int known;       /* 1: V is there, -1: there is none, 0: not looked for                */
} rfi_tree;

/* Of one neuron: what its modes come from where U is not formed, and what they leave beside s and Q. */
typedef struct rfi_factor {
    double *memory;
    int64_t from;    /* elements of X from which on U is not formed                        */
    double *R, *W;   /* triangular factors, of all rows and of their tangent parts         */
    double *B;       /* rows to fold into them                                             */
    double *square;  /* d                                                                  */
    double *normal;  /* modes x held: the products of u_j with the columns of normal parts */
    double *force;   /* d                                                                  */
    double *spare;   /* d                                                                  */
    rfi_tree tree;
    int follows;     /* 1: segments follow each other, so that the tree is worth its cost  */
} rfi_factor;

/* Scratch that segments of one problem share. */
typedef struct rfi_workspace {
    double *matrix; /* n x D: the matrix to decompose, then its rows' normal parts */
    double *work;   /* work_size                                                   */
    int64_t work_size;
    int *integers;
    double *vector; /* 4 max(n, D), in blocks n + 4 d                              */
    double *part, *left, *right; /* of several neurons: n x D, min(n, D) x D, n x min(n, D) */
    double *line;   /* 6 min(n, D) + 6: coefficients of one line and scratch       */
    rfi_blocks blocks; /* with memory if `matrix` is but D x D                     */
    rfi_factor factor;
    const double *margins; /* of all lines at the w0 of the next segment; NULL: not known */
} rfi_workspace;

typedef struct rfi_segment {
    int64_t n, d, neurons, lines;
    int64_t D, most;       /* D = m d; most = min(n, D), the leading dimension of U    */
    double t0;
    double *w0;            /* D                                                        */
    double *reals;         /* holds all arrays of doubles but w0, U and QR             */
    int64_t *indices;      /* and all of integers; still holds those of bytes          */
    double w_size;         /* Euclidean norm of w0                                    */
    double *z;             /* m lines: margins of the representatives at t0            */
    int64_t *lead;         /* m: the first neuron of the same pattern                  */
    double *total;         /* m: A of a lead                                           */
    double *share;         /* m: a_j/A of its lead                                     */
    int64_t *normal;       /* m: where in a row of the matrix the normal part of a lead is */
    int64_t *tangent;      /* m: where its tangent part is                             */
    int64_t *size;         /* m: of the tangent part; 0: the neuron does not move      */
    int64_t rows;          /* data with a slope, and for each:                         */
    int64_t *row;          /* its index                                                */
    double *root;          /* sqrt(c_i) sigma'_i                                       */
    double *residual;      /* sqrt(c_i) r_i at t0                                      */
    double *terms;         /* sqrt(c_i) sum |a_j z_ij| where neurons share the datum, else 0 */
    double *height;        /* the size of its row of J, over |x_i|                     */
    uint8_t *still;        /* 1: its lines are at rest on their kinks                  */
    int64_t *owner;        /* the only neuron that is active, or -1                    */
    int64_t *class_of;     /* the lead of all that are active, or -1                   */
    int64_t *row_of;       /* m lines: a position in row, or -1                        */
    int64_t *row_at;       /* n: a position in row, or -1                              */
    int64_t modes;         /* r, and for each:                                         */
    double *s, *rate;      /* singular value, lambda_j = s_j^2, descending             */
    double *pull;          /* u_j . sqrt(c) r                                          */
    int far;               /* the rounding of w is most of that of the pulls             */
    double *cut, *error;   /* what of u_j . sqrt(c) r is not in pull, where far; its rounding */
    double *shift;         /* ghat_j / lambda_j                                        */
    double *label;         /* u_j . sqrt(c) y, where U is not formed                   */
    double *level, *aim;   /* q_j . w at t0 and at infinity                           */
    double label_size;     /* what aim is rounded against: |sqrt(c) y|                 */
    int direct;            /* w is summed from level and aim: see rfi_segment_weights  */
    double *Q;             /* modes x D, row j is q_j                                  */
    int lean;              /* U is not formed: see segment_factor.c, or blocks.h        */
    double *U;             /* rows x most; NULL: there is no memory for it, see blocks.h   */
    double *spare;         /* two vectors of d, padded: scratch                        */
    double lost;           /* the pull of the largest s_j below the cut, where that is no rounding, else 0 */
    double residual_size;  /* what a pull is rounded against: |sqrt(c) (|r| + 2|y|)|  */
    double reach;          /* Euclidean norm of shift: the flow moves no farther       */
    int64_t parts;         /* of the network that share no datum, and so do not act on each other: */
    int64_t *part_of;      /* m: of a neuron, -1 of one that has no datum active       */
    int64_t *row_part;     /* of a row                                                 */
    int64_t *mode_part;    /* of a mode                                                */
    int64_t *list, place;  /* scratch, D                                               */
    uint8_t *done;         /* of a row: the residuals of its part vanish at infinity, where they move */
    uint8_t *balanced;     /* of a row: or at least the sum of the pulls of every line of its part does */
    int64_t held_normal;   /* entries of the normal parts of all leads                 */
    int64_t *held;         /* m: independent lines of a neuron whose margin stays 0:   */
    int64_t *slides;       /* m: the sliding ones come first; for each:                */
    int64_t *slide;        /* m d: its line, of all neurons; those of neuron j from j d */
    int64_t *slide_of;     /* m lines: a position in slide, or -1                      */
    double *QR, *tau;      /* m blocks d x d and d: QR of the d x held matrix of rows; one neuron's has fewer columns */
    double hold_condition; /* largest |x_k| / |R_kk|: how nearly dependent they are      */
    double *hold;          /* m d: u at t0                                             */
    double *hold_floor;    /* m d: its rounding error                                  */
    double *hold_p;        /* m d x most: coefficients of u(tau)                       */
    double *bound;         /* m d: |Gamma| at t0                                       */
    double *bound_p;       /* m d x most: its coefficients, where it moves             */
    uint8_t *moves;        /* m d: 1 where others act on data of the line              */
    uint8_t *settles;      /* m d: where only the pulls of its idle data are left at infinity: flags */
} rfi_segment;

/* On much data without matrices of the size of X (flow/blocks.h); _whole: with them all the same. */
int rfi_workspace_create(rfi_workspace *ws, const rfi_problem *problem);
int rfi_workspace_create_whole(rfi_workspace *ws, const rfi_problem *problem);
void rfi_workspace_free(rfi_workspace *ws, const rf_allocator *allocator);
int rfi_segment_create(rfi_segment *segment, const rfi_problem *problem);
int rfi_segment_create_whole(rfi_segment *segment, const rfi_problem *problem);
/* A segment that has not been built takes the memory of one that is needed no more, but for t0 and w0. */
void rfi_segment_take(rfi_segment *segment, rfi_segment *from);
/* Rows in QR: the lines of a neuron that are held are independent. */
int64_t rfi_segment_most_held(const rfi_segment *segment);
/* The memory that rfi_segment_create has left for later.  Returns 0 on success. */
int rfi_segment_reserve(rfi_segment *segment, const rfi_problem *problem);
void rfi_segment_free(rfi_segment *segment, const rf_allocator *allocator);

/* Builds the segment that starts at (t0, w0) with the pattern.  Returns RF_OK or
 * RF_ERROR_NUMERICAL, or RF_ERROR_MEMORY where memory was left for later. */
rf_status rfi_segment_build(rfi_segment *segment, const rfi_problem *problem,
                            const rfi_pattern *pattern, double t0, const double *w0,
                            rfi_workspace *ws);

/* w(t0 + tau) and w'(t0 + tau), tau up to INFINITY.  w = w(t0) + sum_j shift_j (1 - e) q_j as a rule; where
 * the flow comes from far away and nothing of w(t0) is kept, w = sum_j (level_j e + aim_j (1 - e)) q_j
 * has only the rounding of what is left of it. */
void rfi_segment_weights(const rfi_segment *segment, double tau, double *w);
void rfi_segment_velocity(const rfi_segment *segment, double tau, double *v);
/* w''(t0 + tau) */
void rfi_segment_acceleration(const rfi_segment *segment, double tau, double *a);
/* The size of the terms that w_j'(t0 + tau) is the sum of, for neuron j: eps times it is its rounding
 * error.  A mode errs by s_j times the rounding of its pull, so that slow modes err little. */
double rfi_segment_speed_scale(const rfi_segment *segment, int64_t neuron, double tau);
/* The same for w_j''. */
double rfi_segment_turn_scale(const rfi_segment *segment, int64_t neuron, double tau);
/* |w(t0 + tau) - w(t0)| */
double rfi_segment_moved(const rfi_segment *segment, double tau);

/* Row k of U: where it is stored, or in `row`, of modes doubles. */
const double *rfi_segment_left(const rfi_segment *segment, const rfi_problem *problem, int64_t k,
                               double *row);

/* The margin of a line as a function of tau; p holds modes doubles. */
rfi_expsum rfi_segment_margin(const rfi_segment *segment, const rfi_problem *problem, int64_t line,
                              double *p);
/* u of the sliding line at position k, from its lower (top = 0) or upper bound |Gamma|. */
rfi_expsum rfi_segment_multiplier(const rfi_segment *segment, const rfi_problem *problem, int64_t k,
                                  int top, double *p);
/* |Gamma| of the sliding line at position k. */
rfi_expsum rfi_segment_bound(const rfi_segment *segment, const rfi_problem *problem, int64_t k,
                             double *p);
/* sqrt(c_i) r_i of row k. */
rfi_expsum rfi_segment_residual(const rfi_segment *segment, const rfi_problem *problem, int64_t k,
                                double *p);
/* 1 if sum_k l_k residual_k vanishes at infinity, whatever the residuals are, because l lies in the range of
 * the decomposed matrix; b: scratch of modes doubles. */
int rfi_segment_vanishes(const rfi_segment *segment, const double *l, double *b);
/* 1 if a neuron other than j is active on datum i, so that its residual moves on the kink of j. */
int rfi_segment_shared(const rfi_segment *segment, int64_t j, int64_t i);

#endif
