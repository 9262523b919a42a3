/* allocator.c: the host's own allocator, running out of memory, and the text of an error.
 * SPDX-License-Identifier: MIT
 *
 * A pool counts what the library takes and gives back, and refuses once a budget is spent: that is
 * an error like any other, not the end of the program.  The data come column by column, as Fortran
 * and Julia store them, and are told apart by their strides.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reluflow/reluflow.h>

/* A counting allocator: one per thread, or with a lock if models are used from several. */
typedef struct pool {
    long live;                  /* blocks not given back                                        */
    long given;                 /* blocks given so far                                          */
    long budget;                /* blocks that may still be given                               */
} pool;

static int failures = 0;

static void check(const char *what, int right)
{
    if (!right) {
        printf("WRONG: %s\n", what);
        failures++;
    }
}

static void *pool_allocate(size_t size, void *user)
{
    pool *p = user;
    void *block = p->budget > 0 ? malloc(size) : NULL;
    if (block) {
        p->budget--;
        p->given++;
        p->live++;
    }
    return block;
}

static void pool_release(void *block, void *user)
{
    if (block) {
        ((pool *)user)->live--;
    }
    free(block);
}

/* Columns of the 3 x 2 data of flow.c; y. */
static const double columns[] = {1, 0, 1, 0, 1, -1}, y[] = {1, 1.1875, 0.0625};

static rf_status create(const double *X, pool *p, rf_model **model, char *message)
{
    rf_allocator allocator;
    allocator.allocate = pool_allocate;
    allocator.release = pool_release;
    allocator.user = p;
    return rf_model_create_ex(3, 2, X, 1, 3, y, 0, &allocator, model, message, 128);
}

/* Everything the library took comes back, from the clone too. */
static void run_in_the_pool(void)
{
    const double w0[] = {2, 1};
    double w[2] = {NAN, NAN};
    char message[128];
    pool p = {0, 0, 1000000};
    rf_model *model, *clone = NULL;
    check("create", create(columns, &p, &model, message) == RF_OK && message[0] == '\0');
    check("init", rf_model_init(model, w0, 2) == RF_OK);
    check("run", rf_model_integrate(model, INFINITY) == RF_OK);
    check("clone", rf_model_clone(model, &clone) == RF_OK);
    rf_model_free(model);
    check("the clone lives on", rf_model_query(clone, RF_WEIGHTS, w, 2) == RF_OK);
    check("limit", fabs(w[0] - 1) < 1e-14 && fabs(w[1] - 1.1875) < 1e-14);
    check("memory is in use", p.live > 0);
    rf_model_free(clone);
    check("all of it was given back", p.live == 0);
    printf("w = (%g, %g); every block was given back\n", w[0], w[1]);
}

/* Without memory a call fails and changes nothing; with it, the same model goes on. */
static void run_out_of_memory(void)
{
    const double w0[] = {2, 1};
    char message[128] = "";
    pool p = {0, 0, 0};
    rf_model *model = (rf_model *)&p;
    double loss = NAN;
    check("refused", create(columns, &p, &model, message) == RF_ERROR_MEMORY);
    check("nothing was created", model == NULL && p.live == 0 && message[0] != '\0');
    printf("no memory: %s\n", message);
    p.budget = 1000000;
    check("create", create(columns, &p, &model, message) == RF_OK);
    check("init", rf_model_init(model, w0, 2) == RF_OK);
    check("run", rf_model_integrate(model, INFINITY) == RF_OK);
    check("loss", rf_model_query(model, RF_LOSS, &loss, 1) == RF_OK
          && fabs(loss - 0.001953125) < 1e-15);
    rf_model_free(model);
    check("all of it was given back", p.live == 0);
}

/* What is wrong with the data is told with the index and the value. */
static void bad_data(void)
{
    double broken[6];
    char message[128] = "";
    pool p = {0, 0, 1000000};
    rf_model *model = NULL;
    memcpy(broken, columns, sizeof(broken));
    broken[5] = NAN;
    check("refused", create(broken, &p, &model, message) == RF_ERROR_NOT_FINITE);
    check("a text with the value", model == NULL && strstr(message, "nan") != NULL);
    check("nothing leaks", p.live == 0);
    printf("bad data: %s\n", message);
}

int main(void)
{
    run_in_the_pool();
    run_out_of_memory();
    bad_data();
    return failures != 0;
}
