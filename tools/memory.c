/* memory.c: how much memory is free.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200112L /* sysconf, getrlimit */
#include "memory.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LINE_SIZE = 128, TEXT_SIZE = 256, FIRST_BYTES = 1 << 26 };

/* The number behind a word at the beginning of a line of a file of the system, or NaN. */
static double number_in_file(const char *path, const char *word)
{
    FILE *file = fopen(path, "r");
    char line[LINE_SIZE];
    double value = NAN;
    const size_t length = strlen(word);

    while (file != NULL && isnan(value) && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, word, length) != 0 || sscanf(line + length, "%lf", &value) != 1) {
            value = NAN;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return value;
}

/* What the machine has left; all it has where it does not tell. */
static double free_in_machine(void)
{
    static const char path[] = "/proc/meminfo";
    const double swap = number_in_file(path, "SwapFree:");
    double bytes = 1024 * number_in_file(path, "MemAvailable:");

    if (isnan(bytes)) {
        bytes = INFINITY;
#if defined(_SC_PHYS_PAGES) && defined(_SC_PAGESIZE)
        if (sysconf(_SC_PHYS_PAGES) > 0) {
            bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
        }
#endif
    }
    return isnan(swap) ? bytes : bytes + 1024 * swap;
}

/* The same within the limits of the process and of the container that it is in. */
static double free_bytes(void)
{
    const double container = number_in_file("/sys/fs/cgroup/memory.max", "");
    struct rlimit limit;
    double bytes = free_in_machine();

    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        bytes = fmin(bytes, (double)limit.rlim_cur);
    }
    return fmin(bytes, container); /* the other one if there is no number */
}

const char *memory_in_words(double bytes, char out[MEMORY_WORDS])
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    size_t k = 0;

    for (bytes /= 1e3; bytes >= 999.5 && k + 1 < sizeof units / sizeof units[0]; k++) {
        bytes /= 1e3;
    }
    (void)snprintf(out, MEMORY_WORDS, "%.3g %s", bytes, units[k]);
    return out;
}

bool memory_has(double bytes)
{
    return bytes <= free_bytes();
}

static int check(double bytes, const char *format, va_list arguments)
{
    const double most = free_bytes();
    char needed[MEMORY_WORDS];
    char there[MEMORY_WORDS];
    char what[TEXT_SIZE];

    if (bytes <= most) {
        return STATUS_OK;
    }
    (void)vsnprintf(what, sizeof what, format, arguments);
    return fail(STATUS_FAILED, "%s need %s of memory, and %s are free", what,
                memory_in_words(bytes, needed), memory_in_words(most, there));
}

int memory_check(double bytes, const char *format, ...)
{
    va_list arguments;
    int status;

    va_start(arguments, format);
    status = check(bytes, format, arguments);
    va_end(arguments);
    return status;
}

int memory_check_growth(double bytes, const char *format, ...)
{
    va_list arguments;
    int status;

    if (bytes < FIRST_BYTES) {
        return STATUS_OK;
    }
    va_start(arguments, format);
    status = check(bytes, format, arguments);
    va_end(arguments);
    return status;
}
