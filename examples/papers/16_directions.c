/* 16_directions: how many directions the neurons of a network have at the limit, by the size of the start.
 * SPDX-License-Identifier: MIT
 *
 * From a vanishing start every neuron turns, before it grows, to one of few extremal directions of the data, alone:
 * what another neuron does is of no account as long as all are small.  So the limit of a network with a start of
 * size 0 has no more directions than the data have extremal ones for the two signs of a, however many neurons it
 * has.  A start of size eps is off by O(eps): the neurons of one direction are then within an angle of that order,
 * and counted as one if the angle below which directions are one is larger (which may also join two that are near
 * each other).  Large starts keep all directions.
 */
#include "paper.h"

enum { N = 10, D = 3, M = 20, LARGE = 80, RUNS = 10, SCALES = 8 };

static const double scales[SCALES] = {0, 1e-8, 1e-6, 1e-4, 1e-2, 1e-1, 1, 10};

/* What is found at the limit: alive neurons, their directions with two angles, the loss. */
typedef struct count {
    double alive, fine, coarse, loss;
} count;

/* The directions of those neurons that have an active or sliding datum. */
static double directions(const rf_model *model, double angle, double *alive)
{
    const int64_t m = rf_model_neurons(model);
    int64_t group[LARGE], i, j, found = 0;
    double weight[LARGE];
    uint8_t state[LARGE * N], seen[LARGE] = {0};
    paper_check(rf_model_neuron_groups(model, angle, group, weight, m), "groups");
    paper_check(rf_model_pattern(model, state, m * N), "pattern");
    *alive = 0;
    for (j = 0; j < m; j++) {
        int lives = 0;
        for (i = 0; i < N; i++)
            lives |= state[j * N + i] != 0;
        *alive += lives;
        if (lives && !seen[group[j]]) {
            seen[group[j]] = 1;
            found++;
        }
    }
    return (double)found;
}

/* Gaussian rows, labels and directions; a = 1, -1 by turns. */
static count run(uint64_t seed, int64_t m, double scale)
{
    double X[N * D], y[N], w[LARGE * D], a[LARGE], alive;
    paper_random random = {seed};
    rf_model *model;
    count found;
    int64_t j;
    paper_gaussian(&random, X, N * D);
    paper_gaussian(&random, y, N);
    paper_gaussian(&random, w, LARGE * D);
    for (j = 0; j < m; j++)
        a[j] = j % 2 == 0 ? 1 : -1;
    paper_check(rf_model_create(N, D, X, y, &model), "create");
    paper_check(rf_model_set_outer_weights(model, m, a, m), "outer weights");
    paper_check(rf_model_init_direction(model, w, m * D, scale), "init");
    paper_check(rf_model_integrate(model, INFINITY), "integrate");
    paper_check(rf_model_query(model, RF_LOSS, &found.loss, 1), "loss");
    found.fine = directions(model, 1e-6, &alive);
    found.coarse = directions(model, 1e-2, &alive);
    found.alive = alive;
    rf_model_free(model);
    return found;
}

/* The mean of all runs. */
static count mean_of(int64_t m, double scale)
{
    count mean = {0, 0, 0, 0};
    uint64_t seed;
    for (seed = 1; seed <= RUNS; seed++) {
        const count one = run(seed, m, scale);
        mean.alive += one.alive / RUNS;
        mean.fine += one.fine / RUNS;
        mean.coarse += one.coarse / RUNS;
        mean.loss += one.loss / RUNS;
    }
    return mean;
}

static void print(const char *what, int64_t m, double scale, const count *mean)
{
    char name[160];
    snprintf(name, sizeof name, "m = %d, eps = %g: alive, directions to 1e-6, %s, loss %.4f",
             (int)m, scale, what, mean->loss);
    printf("statistic: %s = %.1f, %.1f, %.1f   reported: no number\n", name, mean->alive,
           mean->fine, mean->coarse);
}

int main(void)
{
    count by_scale[SCALES], many;
    int k, rises = 1;
    paper_begin(16, "a small start leaves few directions, however many the neurons",
                "Maennel, Bousquet and Gelly, arXiv 1803.08367; Boursier and Flammarion, arXiv "
                "2401.10791",
                "n = 10 Gaussian rows and labels, d = 3, a = 1 and -1 by turns, w(0) = eps u; ten "
                "data sets, means");
    for (k = 0; k < SCALES; k++) {
        by_scale[k] = mean_of(M, scales[k]);
        print("to 1e-2", M, scales[k], &by_scale[k]);
        rises = rises && (k == 0 || by_scale[k].coarse >= by_scale[k - 1].coarse);
    }
    many = mean_of(LARGE, 0);
    print("to 1e-2", LARGE, 0, &many);
    paper_fact(by_scale[0].fine < 6, "20 neurons from 0 have fewer than 6 directions");
    paper_fact(many.fine < by_scale[0].fine + 1.5, "80 neurons have at most 1.5 more");
    paper_fact(by_scale[1].coarse == by_scale[0].coarse, "to 1e-2, from eps = 1e-8 they are as many");
    paper_fact(rises, "the number does not fall with eps");
    paper_fact(by_scale[SCALES - 1].coarse > 0.9 * by_scale[SCALES - 1].alive,
               "from eps = 10 nearly every alive neuron has its own");
    return paper_end("reproduced: few directions from small starts, exactly so at eps = 0");
}
