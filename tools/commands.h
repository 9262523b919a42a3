/* commands.h: the commands; argv[0] is the command's name.
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

int command_flow(int argc, char **argv);
int command_gd(int argc, char **argv);

#endif
