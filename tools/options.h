/* options.h: what the command line asks for.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* The commands an option belongs to. */
enum { FOR_FLOW = 1, FOR_GD = 2, FOR_SWEEP = 4, FOR_LANDSCAPE = 8, FOR_CERTIFY = 16 };

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };

struct activation {
    int32_t kind; /* RF_RELU, RF_LEAKY_RELU, RF_LINEAR */
    double slope; /* 0 unless leaky                    */
};

/* More neurons cannot be followed in any time. */
enum { NEURONS_LIMIT = 1000000 };

struct specification; /* option_table.h */

struct options {
    const char *command;    /* its name                                        */
    const char *file;       /* NULL: the bundled data                          */
    const struct specification *follows; /* the option just before FILE whose value it is not */
    const char *label;      /* NULL: the last column                           */
    const char *columns;    /* names of the variables; NULL: all but the label */
    bool standardize;
    bool bias;
    bool mean_loss;
    struct activation activation;
    int64_t neurons;        /* 0: not given                                    */
    const char *outer;      /* ones, signs or a file; NULL: not given          */
    double scale;
    uint64_t seed;
    const char *random;     /* --scale or --seed, if one of them was given     */
    const char *start;      /* file of w(0), NULL: random                      */
    const char *directions; /* sweep: their number, or a file                  */
    const char *scales;     /* sweep: the list                                 */
    int64_t starts;         /* landscape                                       */
    bool no_certificate;    /* sweep                                           */
    const char *influence;  /* flow: rows or "all"; NULL: not asked            */
    double t_end;           /* flow, certify, sweep                            */
    double eta;             /* gd; 0: to be chosen                             */
    int64_t steps;          /* gd                                              */
    int64_t max_events;     /* 0: no limit                                     */
    int32_t threads;
    bool events;
    bool all;
    enum format format;
    bool help;
    bool version;
};

/* Reads the arguments of a command: argv[0] is its name, flag its FOR_ value. */
int options_parse(int argc, char **argv, unsigned flag, struct options *out);

/* Prints the options of a command on stdout. */
void options_print_help(unsigned flag);

#endif
