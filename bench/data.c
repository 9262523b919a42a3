/* data.c: writes a problem of the benchmarks to a file, for programs in other languages.
 * SPDX-License-Identifier: MIT
 *
 * The file holds n, d and m as 64-bit integers, then X (n x d, row-major), y (n), c (n), w0 (m x d)
 * and a (m) as doubles, all in the byte order of the machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "problems.h"

static int put(FILE *file, const double *values, int64_t count)
{
    return fwrite(values, sizeof *values, (size_t)count, file) == (size_t)count;
}

static int write_problem(FILE *file, const bench_problem *p)
{
    const int64_t sizes[] = {p->n, p->d, p->m};

    return fwrite(sizes, sizeof *sizes, 3, file) == 3 && put(file, p->X, p->n * p->d)
           && put(file, p->y, p->n) && put(file, p->c, p->n) && put(file, p->w0, p->m * p->d)
           && put(file, p->a, p->m);
}

int main(int argc, char **argv)
{
    const bench_shape *shape = argc == 4 ? bench_shape_named(argv[1]) : NULL;

    if (shape == NULL) {
        fprintf(stderr, "usage: bench_data problem seed file\n");
        return EXIT_FAILURE;
    }
    bench_problem p = bench_draw(shape, strtoull(argv[2], NULL, 10));
    FILE *file = fopen(argv[3], "wb");
    int written = file != NULL && write_problem(file, &p);

    written = file != NULL && fclose(file) == 0 && written;
    if (!written) {
        perror(argv[3]);
    }
    bench_release(&p);
    return written ? EXIT_SUCCESS : EXIT_FAILURE;
}
