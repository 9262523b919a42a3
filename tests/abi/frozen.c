/* frozen.c: the header alone in a C99 program, and the library's version against the header's.
 * SPDX-License-Identifier: MIT
 */
#include <reluflow/reluflow.h>

#include "frozen.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
    char text[64];
    uint32_t version = rf_version();
    if (version != RF_VERSION || strcmp(rf_version_string(), RF_VERSION_STRING) != 0) {
        printf("header %s, library %s\n", RF_VERSION_STRING, rf_version_string());
        return 1;
    }
    snprintf(text, sizeof(text), "%u.%u.%u", (unsigned)(version >> 16),
             (unsigned)(version >> 8 & 255), (unsigned)(version & 255));
    if (strcmp(text, rf_version_string()) != 0) {
        printf("%s is not %s\n", text, rf_version_string());
        return 1;
    }
    return 0;
}
