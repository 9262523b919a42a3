/* commands.h: the commands of the program.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

#include "options.h"

/* What a command does with its options; returns a STATUS_. */
typedef int command_run(const struct options *options);

command_run command_flow;
command_run command_gd;
command_run command_sweep;
command_run command_landscape;
command_run command_certify;

/* Prints the names of all commands and what they do. */
void commands_print(void);

/* Runs the command argv[0] with its arguments; -1 when there is no such command. */
int commands_run(int argc, char **argv);

#endif
