/* ranks.c: see ranks.h. SPDX-License-Identifier: MIT */
#include "ranks.h"
#include "snapshot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rank, ranks;

void check_at(int holds, const char *condition, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: rank %d of %d: %s does not hold\n", file, line, rank, ranks, condition);
    fflush(stderr);
    MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    exit(EXIT_FAILURE);
}

static const ranks_test *all_tests;

/* Inside of Check, which the other helpers of the tests need. */
START_TEST(one)
{
    double begun = MPI_Wtime();

    all_tests[_i].run();
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0)
        printf("%s: %.2f s on %d ranks\n", all_tests[_i].name, MPI_Wtime() - begun, ranks);
    fflush(stdout);
}
END_TEST

int ranks_main(int *argc, char ***argv, const ranks_test *tests, int count)
{
    Suite *suite = suite_create("ranks");
    TCase *tcase = tcase_create("ranks");
    SRunner *runner = srunner_create(suite);
    int provided = MPI_THREAD_SINGLE;

    check(MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided) == MPI_SUCCESS);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    check(provided >= MPI_THREAD_FUNNELED);
    all_tests = tests;
    tcase_add_loop_test(tcase, one, 0, count);
    suite_add_tcase(suite, tcase);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_SILENT);
    check(srunner_ntests_run(runner) == count && srunner_ntests_failed(runner) == 0);
    srunner_free(runner);
    MPI_Finalize();
    return EXIT_SUCCESS;
}

MPI_Comm first_ranks(int size)
{
    MPI_Comm comm = MPI_COMM_NULL;

    check(MPI_Comm_split(MPI_COMM_WORLD, rank < size ? 0 : MPI_UNDEFINED, rank, &comm)
          == MPI_SUCCESS);
    return comm;
}

static scene *make(enum problem_kind kind, int64_t neurons, int64_t directions, int64_t scales,
                   uint64_t seed)
{
    scene *s = test_alloc(1, sizeof *s);
    random_source source = random_seed(seed);

    s->p = problem_make(kind, seed);
    s->directions = directions;
    s->scales = scales;
    s->runs = directions * scales;
    s->neurons = neurons;
    s->U = test_doubles(directions * neurons * s->p->d);
    s->eps = test_doubles(scales);
    for (int64_t k = 0; k < directions * neurons * s->p->d; k++)
        s->U[k] = random_normal(&source);
    for (int64_t k = 0; k < scales; k++)
        s->eps[k] = k > 0 && k == scales - 1 ? 0 : ldexp(1, -3 * (int)k);
    return s;
}

scene *scene_make(enum problem_kind kind, int64_t directions, int64_t scales, uint64_t seed)
{
    return make(kind, 1, directions, scales, seed);
}

scene *scene_neurons(int64_t neurons, int64_t directions, int64_t scales, uint64_t seed)
{
    return make(PROBLEM_MIXED, neurons, directions, scales, seed);
}

void scene_free(scene *s)
{
    problem_free(s->p);
    free(s->U);
    free(s->eps);
    free(s);
}

rf_model *scene_base(const scene *s, const rf_allocator *allocator)
{
    const problem *p = s->p;
    rf_model *base = NULL;

    check(rf_model_create_ex(p->n, p->d, p->X, p->d, 1, p->y, 0, allocator, &base, NULL, 0)
          == RF_OK);
    check(rf_model_set_activation(base, p->activation, p->beta) == RF_OK);
    if (p->c != NULL)
        check(rf_model_set_data_weights(base, p->c, p->n) == RF_OK);
    if (s->neurons > 1) {
        double *a = test_doubles(s->neurons);

        for (int64_t j = 0; j < s->neurons; j++)
            a[j] = j % 2 == 0 ? 1 : -0.5;
        check(rf_model_set_outer_weights(base, s->neurons, a, s->neurons) == RF_OK);
        free(a);
    }
    return base;
}

rf_sweep *scene_sweep(const scene *s, const rf_allocator *allocator, int64_t event_limit)
{
    rf_model *base = scene_base(s, allocator);
    rf_sweep *sweep = NULL;

    check(rf_model_set_event_limit(base, event_limit) == RF_OK);
    check(rf_sweep_create(base, s->directions, s->U, s->directions * s->neurons * s->p->d,
                          s->scales, s->eps, &sweep)
          == RF_OK);
    rf_model_free(base);
    return sweep;
}

rf_sweep *scene_alone(const scene *s, double t)
{
    rf_sweep *sweep = scene_sweep(s, NULL, 0);

    check(rf_sweep_run(sweep, t) == RF_OK);
    return sweep;
}

/* The size of a quantity's row, and its values for all runs. */
static double *ask(const scene *s, const rf_sweep *sweep, int32_t quantity, int64_t *len,
                   rf_status *status)
{
    rf_model *base = scene_base(s, NULL);
    double *out;

    check(rf_model_query_size(base, quantity, len) == RF_OK);
    rf_model_free(base);
    *len *= s->runs;
    out = test_doubles(*len);
    *status = rf_sweep_query(sweep, quantity, out, *len);
    return out;
}

static int same_models(const rf_sweep *a, const rf_sweep *b, int64_t run)
{
    rf_model *x = NULL, *y = NULL;
    rf_status first = rf_sweep_model(a, run, &x), second = rf_sweep_model(b, run, &y);
    int same = first == second && (first != RF_OK || models_same_state(x, y));

    rf_model_free(x);
    rf_model_free(y);
    return same;
}

int sweeps_agree(const scene *s, const rf_sweep *a, const rf_sweep *b)
{
    int same = rf_sweep_count(a) == s->runs && rf_sweep_count(b) == s->runs;

    for (int32_t q = RF_TIME; q <= RF_OUTPUTS && same; q++) {
        int64_t len = 0;
        rf_status first, second;
        double *x = ask(s, a, q, &len, &first), *y = ask(s, b, q, &len, &second);

        same = first == second && same_bits(x, y, len);
        free(x);
        free(y);
    }
    for (int64_t k = 0; k < s->runs && same; k++)
        same = same_models(a, b, k);
    return same;
}

unsigned char *saved_runs(const rf_sweep *sweep, int64_t *size)
{
    unsigned char *bytes;

    check(rf_sweep_save(sweep, rf_sweep_count(sweep), NULL, NULL, 0, size) == RF_OK);
    bytes = test_alloc(*size, 1);
    check(rf_sweep_save(sweep, rf_sweep_count(sweep), NULL, bytes, *size, size) == RF_OK);
    return bytes;
}

int same_everywhere(const rf_sweep *sweep, MPI_Comm comm)
{
    int64_t size = 0, first = 0;
    unsigned char *bytes = saved_runs(sweep, &size), *others;
    int same, all = 0;

    first = size;
    MPI_Bcast(&first, 1, MPI_INT64_T, 0, comm);
    others = test_alloc(first, 1);
    memcpy(others, bytes, (size_t)(size < first ? size : first));
    MPI_Bcast(others, (int)first, MPI_BYTE, 0, comm);
    same = size == first && memcmp(bytes, others, (size_t)size) == 0;
    MPI_Allreduce(&same, &all, 1, MPI_INT, MPI_MIN, comm);
    free(bytes);
    free(others);
    return all;
}

int status_everywhere(rf_status status, MPI_Comm comm)
{
    int mine = status, low = 0, high = 0;

    MPI_Allreduce(&mine, &low, 1, MPI_INT, MPI_MIN, comm);
    MPI_Allreduce(&mine, &high, 1, MPI_INT, MPI_MAX, comm);
    return low == high;
}
