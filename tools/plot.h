/* plot.h: the command plot.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_PLOT_H
#define TOOLS_PLOT_H

/* Runs "reluflow plot" of the Python package in the place of this program, argv[0] being "plot".
 * Returns a STATUS_ only if the interpreter cannot be started. */
int plot_run(int argc, char **argv);

#endif
