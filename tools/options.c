/* options.c: one table of all options, which both reads and explains them.
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <reluflow/reluflow.h>

#include "error.h"
#include "number.h"

/* Reads a value into the member at the given address; false when it is not of the right kind. */
typedef bool read_value(const char *text, void *member);

struct specification {
    const char *name;
    const char *value; /* what the value is called; NULL for a switch */
    unsigned commands;
    size_t offset;     /* of the member of struct options             */
    read_value *read;
    const char *expected;
    const char *help;
};

static bool read_on(const char *text, void *member)
{
    (void)text;
    *(bool *)member = true;
    return true;
}

static bool read_off(const char *text, void *member)
{
    (void)text;
    *(bool *)member = false;
    return true;
}

static bool read_text(const char *text, void *member)
{
    *(const char **)member = text;
    return true;
}

static bool read_positive(const char *text, void *member)
{
    double value;

    if (parse_real(text, strlen(text), &value) != NUMBER_OK || !(value > 0)) {
        return false;
    }
    *(double *)member = value;
    return true;
}

static bool read_end_time(const char *text, void *member)
{
    double value = INFINITY;

    if (strcmp(text, "inf") != 0
        && (parse_real(text, strlen(text), &value) != NUMBER_OK || !(value >= 0))) {
        return false;
    }
    *(double *)member = fabs(value); /* no negative zero */
    return true;
}

static bool read_seed(const char *text, void *member)
{
    return parse_unsigned(text, UINT64_MAX, member);
}

static bool read_number(const char *text, void *member)
{
    uint64_t value;

    if (!parse_unsigned(text, INT64_MAX, &value)) {
        return false;
    }
    *(int64_t *)member = (int64_t)value;
    return true;
}

static bool read_threads(const char *text, void *member)
{
    uint64_t value;

    if (!parse_unsigned(text, 1024, &value) || value == 0) {
        return false;
    }
    *(int32_t *)member = (int32_t)value;
    return true;
}

static bool read_activation(const char *text, void *member)
{
    static const char leaky[] = "leaky:";
    struct activation *activation = member;
    double slope = 0;

    if (strcmp(text, "relu") == 0) {
        activation->kind = RF_RELU;
    } else if (strcmp(text, "linear") == 0) {
        activation->kind = RF_LINEAR;
    } else if (strncmp(text, leaky, strlen(leaky)) == 0) {
        text += strlen(leaky);
        if (parse_real(text, strlen(text), &slope) != NUMBER_OK || !(slope >= 0 && slope < 1)) {
            return false;
        }
        activation->kind = RF_LEAKY_RELU;
    } else {
        return false;
    }
    activation->slope = slope;
    return true;
}

#define AT(member) offsetof(struct options, member)
#define BOTH (FOR_FLOW | FOR_GD)

static const struct specification specifications[] = {
    {"--label", "NAME", BOTH, AT(label), read_text, NULL,
     "the column that holds the labels (default: the last)"},
    {"--standardize", NULL, BOTH, AT(standardize), read_on, NULL,
     "shift and scale every variable to mean 0 and variance 1"},
    {"--no-standardize", NULL, BOTH, AT(standardize), read_off, NULL,
     "leave the variables as they are (default with FILE)"},
    {"--bias", NULL, BOTH, AT(bias), read_on, NULL,
     "append a constant column 1, named \"(bias)\""},
    {"--no-bias", NULL, BOTH, AT(bias), read_off, NULL,
     "append none (default with FILE)"},
    {"--mean-loss", NULL, BOTH, AT(mean_loss), read_on, NULL,
     "weigh every row by 1/n"},
    {"--no-mean-loss", NULL, BOTH, AT(mean_loss), read_off, NULL,
     "weigh every row by 1 (default with FILE)"},
    {"--activation", "A", BOTH, AT(activation), read_activation,
     "relu, linear, or leaky:SLOPE with SLOPE from 0 to below 1",
     "relu (default), leaky:SLOPE or linear"},
    {"--scale", "S", BOTH, AT(scale), read_positive, "a number greater than 0",
     "norm of the random start (default 0.01)"},
    {"--seed", "K", BOTH, AT(seed), read_seed, "an integer from 0 to 18446744073709551615",
     "number of the random start (default 0)"},
    {"--start", "START", BOTH, AT(start), read_text, NULL,
     "read w(0) from a file: one number per line, or commas"},
    {"--t-end", "T", FOR_FLOW, AT(t_end), read_end_time, "a number from 0, or inf",
     "follow the flow to time T (default inf: to the limit)"},
    {"--eta", "E", FOR_GD, AT(eta), read_positive, "a number greater than 0",
     "step size (default: one that is stable for these data)"},
    {"--steps", "K", FOR_GD, AT(steps), read_number, "an integer from 0",
     "number of steps (default 10000)"},
    {"--max-events", "N", BOTH, AT(max_events), read_number, "an integer from 0",
     "stop after N events (default 0: no limit)"},
    {"--threads", "K", BOTH, AT(threads), read_threads, "an integer from 1 to 1024",
     "threads for large data (default 1)"},
    {"--events", NULL, BOTH, AT(events), read_on, NULL, "list the events"},
    {"--all", NULL, BOTH, AT(all), read_on, NULL,
     "list all support vectors, not only the largest 20"},
    {"--json", NULL, BOTH, AT(json), read_on, NULL,
     "print everything as one JSON object"},
    {"--help", NULL, BOTH, AT(help), read_on, NULL, "print this help"},
    {"--version", NULL, BOTH, AT(version), read_on, NULL, "print the version"},
};

enum { SPECIFICATION_COUNT = sizeof specifications / sizeof specifications[0] };

static const struct specification *find(const char *name, size_t length, unsigned flag)
{
    size_t k;

    for (k = 0; k < SPECIFICATION_COUNT; k++) {
        const struct specification *one = &specifications[k];
        if ((one->commands & flag) != 0 && strlen(one->name) == length
            && memcmp(one->name, name, length) == 0) {
            return one;
        }
    }
    return NULL;
}

static void set_defaults(struct options *options, const char *command)
{
    memset(options, 0, sizeof *options);
    options->command = command;
    options->activation.kind = RF_RELU;
    options->scale = 0.01;
    options->t_end = INFINITY;
    options->steps = 10000;
    options->threads = 1;
}

/* Reads the option argv[*k], and its value, behind which *k is left. */
static int read_option(int argc, char **argv, int *k, unsigned flag, struct options *out)
{
    const char *argument = argv[*k];
    const char *equals = strchr(argument, '=');
    const size_t length = equals != NULL ? (size_t)(equals - argument) : strlen(argument);
    const struct specification *one = find(argument, length, flag);
    const char *value = equals != NULL ? equals + 1 : NULL;
    char shown[EXCERPT_SIZE];

    if (one == NULL && strcmp(argument, "-h") == 0) {
        one = find("--help", strlen("--help"), flag);
    }
    if (one == NULL) {
        return fail(STATUS_USAGE, "unknown option \"%s\" (see \"reluflow %s --help\")",
                    excerpt(shown, argument, length), out->command);
    }
    if (one->value == NULL && value != NULL) {
        return fail(STATUS_USAGE, "%s takes no value", one->name);
    }
    if (one->value != NULL && value == NULL) {
        if (*k + 1 >= argc) {
            return fail(STATUS_USAGE, "%s needs a value: %s %s", one->name, one->name, one->value);
        }
        value = argv[++*k];
    }
    if (!one->read(value, (char *)out + one->offset)) {
        return fail(STATUS_USAGE, "%s: \"%s\" is not %s", one->name,
                    excerpt(shown, value, strlen(value)), one->expected);
    }
    if (one->offset == AT(scale) || one->offset == AT(seed)) {
        out->random = one->name;
    }
    return STATUS_OK;
}

static bool is_option(const char *argument)
{
    return argument[0] == '-' && argument[1] != '\0';
}

/* The FILE, which decides the defaults that the options then change. */
static int read_files(int argc, char **argv, unsigned flag, struct options *out)
{
    bool only_files = false;
    int k;

    for (k = 1; k < argc; k++) {
        const struct specification *one;
        if (!only_files && is_option(argv[k])) {
            only_files = strcmp(argv[k], "--") == 0;
            one = find(argv[k], strlen(argv[k]), flag);
            k += one != NULL && one->value != NULL; /* its value is no file */
        } else if (out->file != NULL) {
            char shown[EXCERPT_SIZE];
            return fail(STATUS_USAGE, "one FILE only, \"%s\" is a second",
                        excerpt(shown, argv[k], strlen(argv[k])));
        } else {
            out->file = argv[k];
        }
    }
    out->standardize = out->bias = out->mean_loss = out->file == NULL;
    return STATUS_OK;
}

int options_parse(int argc, char **argv, unsigned flag, struct options *out)
{
    int status;
    int k;

    set_defaults(out, argv[0]);
    status = read_files(argc, argv, flag, out);
    for (k = 1; status == STATUS_OK && k < argc && strcmp(argv[k], "--") != 0; k++) {
        if (is_option(argv[k])) {
            status = read_option(argc, argv, &k, flag, out);
        }
    }
    if (status == STATUS_OK && out->start != NULL && out->random != NULL) {
        status = fail(STATUS_USAGE, "%s has no meaning together with --start, which gives w(0)",
                      out->random);
    }
    return status;
}

void options_print_help(unsigned flag)
{
    size_t k;

    for (k = 0; k < SPECIFICATION_COUNT; k++) {
        const struct specification *one = &specifications[k];
        if ((one->commands & flag) != 0) {
            printf("  %s %-*s  %s\n", one->name, (int)(18 - strlen(one->name)),
                   one->value != NULL ? one->value : "", one->help);
        }
    }
}
