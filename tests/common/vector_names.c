/* vector_names.c: which reference vectors there are. SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "run.h"
#include "vectors.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_flow(const char *kind)
{
    return strcmp(kind, "flow") == 0;
}

static int has_flow(const char *kind)
{
    return is_flow(kind) || strcmp(kind, "small_init") == 0;
}

/* The name of a case of a kind that is wanted for a directory entry, or NULL. */
static char *case_name(const char *file, int (*wanted)(const char *kind))
{
    size_t length = strlen(file);
    char path[1024];
    json_t *root;
    char *name = NULL;

    if (length <= 5 || strcmp(file + length - 5, ".json") != 0)
        return NULL;
    snprintf(path, sizeof path, "%s/%s", VECTOR_DIR, file);
    root = json_load_file(path, 0, NULL);
    if (root && wanted(json_string_value(json_object_get(root, "kind")))) {
        name = test_alloc((int64_t)length, 1);
        memcpy(name, file, length - 5);
    }
    json_decref(root);
    return name;
}

static int ascending(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int64_t list(int (*wanted)(const char *kind), char ***names)
{
    enum { MOST = 256 };
    DIR *dir = opendir(VECTOR_DIR);
    struct dirent *entry;
    int64_t count = 0;

    *names = test_alloc(MOST, sizeof **names);
    while (dir && count < MOST && (entry = readdir(dir))) {
        char *name = case_name(entry->d_name, wanted);

        if (name)
            (*names)[count++] = name;
    }
    if (dir)
        closedir(dir);
    qsort(*names, (size_t)count, sizeof **names, ascending);
    return count;
}

int64_t vector_names(char ***names)
{
    return list(is_flow, names);
}

int64_t vector_names_all(char ***names)
{
    return list(has_flow, names);
}

void vector_names_free(char **names, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}
