/* plot.c: the command plot, which is the Python package's.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200112L /* execvp */
#include "plot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"

/* The present folder is no place to look for the package. */
static char launcher[] =
    "import sys\n"
    "if sys.path and sys.path[0] == '':\n"
    "    del sys.path[0]\n"
    "try:\n"
    "    from reluflow.command import main\n"
    "except ModuleNotFoundError as error:\n"
    "    if '--help' in sys.argv or '-h' in sys.argv:\n"
    "        print('Usage: reluflow plot KIND [OPTION]... [FILE.csv]\\n\\n'\n"
    "              'Draws a picture with the Python package reluflow, which does not load in\\n'\n"
    "              + sys.executable + f': {error}.\\n'\n"
    "              '\"pip install .\" in the source tree installs it, or a build with '\n"
    "              '-Dpython=install;\\nthen this lists the kinds and the options.')\n"
    "        sys.exit(0)\n"
    "    if (error.name or '').split('.')[0] == 'reluflow':\n"
    "        sys.exit('reluflow: plot: the Python package reluflow is not installed for '\n"
    "                 + sys.executable + ': \"pip install .\" in the source tree installs it, or a build '\n"
    "                 'with -Dpython=install; RELUFLOW_PYTHON names another interpreter')\n"
    "    sys.exit(f'reluflow: plot: {error} (needed by the Python package reluflow)')\n"
    "except ImportError as error:\n"
    "    sys.exit(f'reluflow: plot: {error}')\n"
    "sys.exit(main())\n";

int plot_run(int argc, char **argv)
{
    static char default_python[] = "python3";
    static char option[] = "-c";
    char *python = getenv("RELUFLOW_PYTHON");
    char **words = allocate_array((size_t)argc + 4, sizeof *words);
    int error;
    int k;

    if (words == NULL) {
        return fail_memory();
    }
    if (python == NULL || python[0] == '\0') {
        python = default_python;
    }
    words[0] = python;
    words[1] = option;
    words[2] = launcher;
    for (k = 0; k < argc; k++) {
        words[3 + k] = argv[k];
    }
    words[3 + argc] = NULL;
    (void)execvp(python, words);
    error = errno;
    free(words);
    return fail(STATUS_FAILED, "plot needs Python 3 with the package reluflow, and \"%s\" cannot be "
                "started: %s (RELUFLOW_PYTHON names the interpreter)", python, strerror(error));
}
