/* json.h: writing JSON to stdout.
 * SPDX-License-Identifier: MIT
 *
 * key is the name of a member, and NULL for an element of an array.  Members stand on lines of
 * their own, arrays on one line; an object in an array stands on a line of its own. */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <stdbool.h>
#include <stdint.h>

enum { JSON_DEPTH = 8 };

struct json {
    int depth;
    bool array[JSON_DEPTH];    /* what is open at each depth          */
    bool empty[JSON_DEPTH];    /* nothing has been written into it    */
};

/* The object that holds everything. */
void json_start(struct json *json);
void json_finish(struct json *json);

void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key);
void json_close_array(struct json *json);

/* NULL gives null.  Bytes that are not UTF-8 become U+FFFD. */
void json_text(struct json *json, const char *key, const char *text);

/* 17 digits, which give the same double back; infinity as "inf" or "-inf", NaN as null. */
void json_real(struct json *json, const char *key, double value);

void json_integer(struct json *json, const char *key, int64_t value);
void json_unsigned(struct json *json, const char *key, uint64_t value);
void json_truth(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/* Arrays; values NULL gives null. */
void json_reals(struct json *json, const char *key, const double *values, int64_t count);

#endif
