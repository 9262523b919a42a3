/* options.c: reading the arguments of a command by the table of options.
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <reluflow/reluflow.h>

#include "error.h"
#include "number.h"
#include "option_table.h"

#define AT(member) offsetof(struct options, member)

static const struct specification *find(const char *name, size_t length, unsigned flag)
{
    size_t k;

    for (k = 0; k < specification_count; k++) {
        const struct specification *one = &specifications[k];
        if ((one->commands & flag) != 0 && strlen(one->name) == length
            && memcmp(one->name, name, length) == 0) {
            return one;
        }
    }
    return NULL;
}

/* An option that the command does not have, though others may. */
static int fail_unknown(const char *name, size_t length, const struct options *options)
{
    static const struct {
        unsigned flag;
        const char *name;
    } commands[] = {{FOR_FLOW, "flow"}, {FOR_GD, "gd"}, {FOR_SWEEP, "sweep"}, {FOR_LANDSCAPE, "landscape"},
                    {FOR_CERTIFY, "certify"}};
    char shown[EXCERPT_SIZE];
    char others[EXCERPT_SIZE] = "";
    size_t k;

    (void)excerpt(shown, name, length);
    for (k = 0; k < sizeof commands / sizeof commands[0]; k++) {
        if (find(name, length, commands[k].flag) != NULL) {
            strcat(strcat(others, *others != '\0' ? ", " : ""), commands[k].name); /* all fit */
        }
    }
    return *others == '\0' ? fail(STATUS_USAGE, "unknown option \"%s\" (see \"reluflow %s --help\")", shown,
                                  options->command)
                           : fail(STATUS_USAGE, "%s is an option of %s, not of %s (see \"reluflow %s --help\")",
                                  shown, others, options->command, options->command);
}

static void set_defaults(struct options *options, const char *command)
{
    memset(options, 0, sizeof *options);
    options->command = command;
    options->activation.kind = RF_RELU;
    options->scale = 0.01;
    options->directions = "16";
    options->scales = "1,1e-2,1e-4,0";
    options->t_end = INFINITY;
    options->steps = 10000;
    options->threads = 1;
}

/* Whether the argument behind argv[k] is the value of an option written without "=". */
static bool value_follows(int argc, char **argv, int k, const struct specification *one)
{
    return one->value != NULL && k + 1 < argc && (one->takes == NULL || one->takes(argv[k + 1]));
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
        return fail_unknown(argument, length, out);
    }
    if (one->value == NULL && value != NULL) {
        return fail(STATUS_USAGE, "%s takes no value", one->name);
    }
    if (value == NULL && value_follows(argc, argv, *k, one)) {
        value = argv[++*k];
    }
    value = value != NULL ? value : one->without;
    if (one->value != NULL && value == NULL) {
        return fail(STATUS_USAGE, "%s needs a value: %s %s", one->name, one->name, one->value);
    }
    if (!one->read(value, (char *)out + one->offset)) {
        double ignored;
        if (strncmp(one->expected, "a number", strlen("a number")) == 0
            && parse_real(value, strlen(value), &ignored) == NUMBER_RANGE) {
            return fail(STATUS_USAGE, "%s: \"%s\" is too large for double precision", one->name,
                        excerpt(shown, value, strlen(value)));
        }
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

/* Two FILEs, one of which may have been meant as the value of the option before it. */
static int fail_second_file(const char *name, const struct specification *before,
                            const struct options *out)
{
    const struct specification *one = before != NULL ? before : out->follows;
    char meant[EXCERPT_SIZE];
    char other[EXCERPT_SIZE];

    (void)excerpt(meant, name, strlen(name));
    (void)excerpt(other, out->file, strlen(out->file));
    if (one == NULL) {
        return fail(STATUS_USAGE, "one FILE only, \"%s\" is a second beside \"%s\"", meant, other);
    }
    return fail(STATUS_USAGE, "%s: \"%s\" is not %s, and as a FILE it is one too many beside \"%s\"", one->name,
                before != NULL ? meant : other, one->expected, before != NULL ? other : meant);
}

/* A FILE, behind the option before, which may or may not have a value. */
static int read_file(const char *name, const struct specification *before, struct options *out)
{
    if (out->file != NULL) {
        return fail_second_file(name, before, out);
    }
    out->file = name;
    out->follows = before;
    return STATUS_OK;
}

/* The FILE, which decides the defaults that the options then change. */
static int read_files(int argc, char **argv, unsigned flag, struct options *out)
{
    const struct specification *before = NULL;
    bool only_files = false;
    int status = STATUS_OK;
    int k;

    for (k = 1; status == STATUS_OK && k < argc; k++) {
        const struct specification *one = NULL;
        if (only_files || !is_option(argv[k])) {
            status = read_file(argv[k], before, out);
        } else if (strcmp(argv[k], "--") == 0) {
            only_files = true;
        } else {
            one = find(argv[k], strcspn(argv[k], "="), flag);
            if (one == NULL) {
                break; /* unknown: said when the options are read */
            }
            if (strchr(argv[k], '=') != NULL) {
                one = NULL;
            } else if (value_follows(argc, argv, k, one)) {
                k++; /* its value is no file */
                one = NULL;
            }
        }
        before = one != NULL && one->takes != NULL ? one : NULL;
    }
    out->standardize = out->bias = out->mean_loss = out->file == NULL;
    return status;
}

/* What is read from the standard input, which can be read once. */
static int check_standard_input(const struct options *options)
{
    const char *const names[] = {options->file, options->start, options->outer,
                                 options->directions};
    static const char *const what[] = {"FILE", "--start", "--outer", "--directions"};
    const char *first = NULL;
    size_t k;

    for (k = 0; k < sizeof names / sizeof names[0]; k++) {
        if (names[k] != NULL && strcmp(names[k], "-") == 0) {
            if (first != NULL) {
                return fail(STATUS_USAGE, "%s and %s cannot both be read from the standard input",
                            first, what[k]);
            }
            first = what[k];
        }
    }
    return STATUS_OK;
}

/* Options that exclude each other. */
static int check_together(unsigned flag, const struct options *options)
{
    if (options->start != NULL && options->random != NULL) {
        return fail(STATUS_USAGE, "%s has no meaning together with --start, which gives w(0)",
                    options->random);
    }
    if (flag == FOR_LANDSCAPE && options->random != NULL && options->starts == 0) {
        return fail(STATUS_USAGE, "%s has no meaning without --starts", options->random);
    }
    if (options->influence != NULL && !isinf(options->t_end)) {
        return fail(STATUS_USAGE, "--t-end has no meaning together with --influence, which "
                                  "compares limits");
    }
    if (options->influence != NULL && options->max_events > 0) {
        return fail(STATUS_USAGE, "--max-events has no meaning together with --influence, which "
                                  "compares limits");
    }
    return check_standard_input(options);
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
    return status == STATUS_OK ? check_together(flag, out) : status;
}

void options_print_help(unsigned flag)
{
    size_t k;

    for (k = 0; k < specification_count; k++) {
        const struct specification *one = &specifications[k];
        if ((one->commands & flag) != 0) {
            printf("  %s %-*s  %s\n", one->name, (int)(18 - strlen(one->name)),
                   one->value != NULL ? one->value : "", one->help);
        }
    }
}
