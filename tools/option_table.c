/* option_table.c: every option of every command, and how its value is read.
 * SPDX-License-Identifier: MIT */
#include "option_table.h"

#include <math.h>
#include <string.h>

#include <reluflow/reluflow.h>

#include "number.h"

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

static bool read_json(const char *text, void *member)
{
    (void)text;
    *(enum format *)member = FORMAT_JSON;
    return true;
}

static bool read_csv(const char *text, void *member)
{
    (void)text;
    *(enum format *)member = FORMAT_CSV;
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

static bool read_from_zero(const char *text, void *member)
{
    double value;

    if (parse_real(text, strlen(text), &value) != NUMBER_OK || !(value >= 0)) {
        return false;
    }
    *(double *)member = fabs(value); /* no negative zero */
    return true;
}

static bool read_end_time(const char *text, void *member)
{
    if (strcmp(text, "inf") == 0) {
        *(double *)member = INFINITY;
        return true;
    }
    return read_from_zero(text, member);
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

static bool read_neurons(const char *text, void *member)
{
    uint64_t value;

    if (!parse_unsigned(text, NEURONS_LIMIT, &value) || value == 0) {
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

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "all", or what looks like a list of numbers or like a negative number, which is no option and is refused as a
 * list; all else is a FILE or an option. */
static bool is_list_of_rows(const char *argument)
{
    if (*argument == '-') {
        return is_digit(argument[1]) || argument[1] == '.';
    }
    return strcmp(argument, "all") == 0
        || (is_digit(*argument) && strspn(argument, "0123456789,-") == strlen(argument));
}

#define AT(member) offsetof(struct options, member)
#define RUNS (FOR_FLOW | FOR_GD)
#define SEVERAL (FOR_FLOW | FOR_GD | FOR_SWEEP | FOR_CERTIFY)
#define EVERY (FOR_FLOW | FOR_GD | FOR_SWEEP | FOR_LANDSCAPE | FOR_CERTIFY)
#define COUNT "an integer from 0 to 9223372036854775807"
#define SIMPLE NULL, NULL /* a switch, or an option whose value must be given */

const struct specification specifications[] = {
    {"--label", "NAME", EVERY, AT(label), read_text, NULL,
     "the column that holds the labels (default: the last)", SIMPLE},
    {"--columns", "NAMES", EVERY, AT(columns), read_text, NULL,
     "take these variables (default: all but the label)", SIMPLE},
    {"--standardize", NULL, EVERY, AT(standardize), read_on, NULL,
     "shift and scale every variable to mean 0 and variance 1", SIMPLE},
    {"--no-standardize", NULL, EVERY, AT(standardize), read_off, NULL,
     "leave the variables as they are (default with FILE)", SIMPLE},
    {"--bias", NULL, EVERY, AT(bias), read_on, NULL,
     "append a constant column 1, named \"(bias)\"", SIMPLE},
    {"--no-bias", NULL, EVERY, AT(bias), read_off, NULL,
     "append none (default with FILE)", SIMPLE},
    {"--mean-loss", NULL, EVERY, AT(mean_loss), read_on, NULL,
     "weigh every row by 1/n", SIMPLE},
    {"--no-mean-loss", NULL, EVERY, AT(mean_loss), read_off, NULL,
     "weigh every row by 1 (default with FILE)", SIMPLE},
    {"--activation", "A", EVERY, AT(activation), read_activation,
     "relu, linear, or leaky:SLOPE with SLOPE from 0 to below 1",
     "relu (default), leaky:SLOPE or linear", SIMPLE},
    {"--neurons", "M", SEVERAL, AT(neurons), read_neurons, "an integer from 1 to 1000000",
     "M neurons, f(x) = sum_j a_j relu(x . w_j)", SIMPLE},
    {"--outer", "A", SEVERAL, AT(outer), read_text, NULL,
     "their a_j: ones (default), signs (1, -1, ...) or a file", SIMPLE},
    {"--directions", "N|FILE", FOR_SWEEP, AT(directions), read_text, NULL,
     "N random directions (default 16), or those in a file", SIMPLE},
    {"--scales", "LIST", FOR_SWEEP, AT(scales), read_text, NULL,
     "numbers from 0, or FROM:TO:COUNT (default 1,1e-2,1e-4,0)", SIMPLE},
    {"--starts", "N", FOR_LANDSCAPE, AT(starts), read_number, COUNT,
     "count where N random trajectories end (default 0)", SIMPLE},
    {"--scale", "S", FOR_FLOW | FOR_CERTIFY, AT(scale), read_from_zero, "a number from 0",
     "norm of the random start (default 0.01); 0: vanishing", SIMPLE},
    {"--scale", "S", FOR_LANDSCAPE, AT(scale), read_from_zero, "a number from 0",
     "norm of the random starts (default 0.01); 0: vanishing", SIMPLE},
    {"--scale", "S", FOR_GD, AT(scale), read_from_zero, "a number from 0",
     "norm of the random start (default 0.01)", SIMPLE},
    {"--seed", "K", RUNS | FOR_CERTIFY, AT(seed), read_seed,
     "an integer from 0 to 18446744073709551615", "number of the random start (default 0)",
     SIMPLE},
    {"--seed", "K", FOR_SWEEP, AT(seed), read_seed, "an integer from 0 to 18446744073709551615",
     "number of the first random direction (default 0)", SIMPLE},
    {"--seed", "K", FOR_LANDSCAPE, AT(seed), read_seed,
     "an integer from 0 to 18446744073709551615", "number of the first random start (default 0)",
     SIMPLE},
    {"--start", "START", RUNS | FOR_CERTIFY, AT(start), read_text, NULL,
     "read w(0) from a file: one number per line, or commas", SIMPLE},
    {"--t-end", "T", FOR_FLOW | FOR_CERTIFY | FOR_SWEEP, AT(t_end), read_end_time,
     "a number from 0, or inf", "follow the flow to time T (default inf: to the limit)", SIMPLE},
    {"--eta", "E", FOR_GD, AT(eta), read_positive, "a number greater than 0",
     "step size (default: one that is stable for these data)", SIMPLE},
    {"--steps", "K", FOR_GD, AT(steps), read_number, COUNT,
     "number of steps (default 10000)", SIMPLE},
    {"--max-events", "N", RUNS | FOR_CERTIFY, AT(max_events), read_number, COUNT,
     "stop after N events (default 0: no limit)", SIMPLE},
    {"--max-events", "N", FOR_SWEEP | FOR_LANDSCAPE, AT(max_events), read_number,
     COUNT, "stop every run after N events (default 0: no limit)", SIMPLE},
    {"--threads", "K", RUNS | FOR_CERTIFY, AT(threads), read_threads,
     "an integer from 1 to 1024", "threads for large data (default 1)", SIMPLE},
    {"--threads", "K", FOR_SWEEP | FOR_LANDSCAPE, AT(threads), read_threads,
     "an integer from 1 to 1024", "runs at the same time (default 1)", SIMPLE},
    {"--no-certificate", NULL, FOR_SWEEP, AT(no_certificate), read_on, NULL,
     "do not certify whether |w| increases: faster", SIMPLE},
    {"--influence", "[ROWS]", FOR_FLOW, AT(influence), read_text, "all or a list of rows like 3,7-9",
     "how far w(inf) moves without a row: all, or 3,7-9", is_list_of_rows, "all"},
    {"--events", NULL, RUNS, AT(events), read_on, NULL, "list the events", SIMPLE},
    {"--all", NULL, RUNS, AT(all), read_on, NULL,
     "list all support vectors, not only the largest 20", SIMPLE},
    {"--all", NULL, FOR_SWEEP, AT(all), read_on, NULL, "list all limits, not only 20", SIMPLE},
    {"--json", NULL, EVERY, AT(format), read_json, NULL, "print everything as one JSON object",
     SIMPLE},
    {"--csv", NULL, FOR_SWEEP, AT(format), read_csv, NULL,
     "print a table of the runs, separated by commas", SIMPLE},
    {"--csv", NULL, FOR_LANDSCAPE, AT(format), read_csv, NULL,
     "print the points as a table, separated by commas", SIMPLE},
    {"--help", NULL, EVERY, AT(help), read_on, NULL, "print this help", SIMPLE},
    {"--version", NULL, EVERY, AT(version), read_on, NULL, "print the version", SIMPLE},
};

const size_t specification_count = sizeof specifications / sizeof specifications[0];
