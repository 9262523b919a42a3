/* json.c: the syntax of JSON.
 * SPDX-License-Identifier: MIT */
#include "json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void indent(const struct json *json)
{
    printf("\n%*s", 2 * json->depth, "");
}

/* Length of the UTF-8 character at text (RFC 3629), or 0 when there is none. */
static int utf8_length(const unsigned char *text)
{
    const unsigned char first = text[0];
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    int length;
    int k;

    if (first < 0x80) {
        return 1;
    }
    if (first < 0xc2 || first > 0xf4) {
        return 0;
    }
    length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first == 0xe0) {
        low = 0xa0; /* no overlong forms */
    } else if (first == 0xed) {
        high = 0x9f; /* no surrogates */
    } else if (first == 0xf0) {
        low = 0x90;
    } else if (first == 0xf4) {
        high = 0x8f; /* nothing above U+10FFFF */
    }
    for (k = 1; k < length; k++) {
        if (text[k] < low || text[k] > high) {
            return 0;
        }
        low = 0x80;
        high = 0xbf;
    }
    return length;
}

static void write_string(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    putchar('"');
    while (*at != '\0') {
        const int length = utf8_length(at);
        if (length == 0) {
            fputs("\\ufffd", stdout);
            at++;
        } else if (*at == '"' || *at == '\\') {
            printf("\\%c", *at++);
        } else if (*at < 0x20 || *at == 0x7f) {
            printf("\\u%04x", (unsigned)*at++);
        } else {
            (void)fwrite(at, 1, (size_t)length, stdout);
            at += length;
        }
    }
    putchar('"');
}

/* What comes before a value: the comma, the place, the key. */
static void begin_value(struct json *json, const char *key, bool opens_object)
{
    const int depth = json->depth;

    if (!json->empty[depth]) {
        putchar(',');
    }
    if (opens_object || (!json->array[depth] && (depth < 2 || !json->array[depth - 1]))) {
        indent(json);
    } else if (!json->empty[depth]) {
        putchar(' ');
    }
    json->empty[depth] = false;
    if (key != NULL) {
        write_string(key);
        fputs(": ", stdout);
    }
}

static void open_level(struct json *json, bool array)
{
    json->depth++;
    json->array[json->depth] = array;
    json->empty[json->depth] = true;
}

void json_start(struct json *json)
{
    memset(json, 0, sizeof *json);
    putchar('{');
    open_level(json, false);
}

void json_finish(struct json *json)
{
    json->depth--;
    fputs("\n}\n", stdout);
}

void json_open_object(struct json *json, const char *key)
{
    begin_value(json, key, json->array[json->depth]);
    putchar('{');
    open_level(json, false);
}

void json_close_object(struct json *json)
{
    const bool in_array = json->array[json->depth - 1];

    json->depth--;
    if (!in_array) {
        indent(json);
    }
    putchar('}');
}

void json_open_array(struct json *json, const char *key)
{
    begin_value(json, key, false);
    putchar('[');
    open_level(json, true);
}

void json_close_array(struct json *json)
{
    json->depth--;
    putchar(']');
}

void json_text(struct json *json, const char *key, const char *text)
{
    if (text == NULL) {
        json_null(json, key);
        return;
    }
    begin_value(json, key, false);
    write_string(text);
}

void json_real(struct json *json, const char *key, double value)
{
    begin_value(json, key, false);
    if (isnan(value)) {
        fputs("null", stdout);
    } else if (isinf(value)) {
        fputs(value > 0 ? "\"inf\"" : "\"-inf\"", stdout);
    } else {
        printf("%.17g", value);
    }
}

void json_integer(struct json *json, const char *key, int64_t value)
{
    begin_value(json, key, false);
    printf("%" PRId64, value);
}

void json_unsigned(struct json *json, const char *key, uint64_t value)
{
    begin_value(json, key, false);
    printf("%" PRIu64, value);
}

void json_truth(struct json *json, const char *key, bool value)
{
    begin_value(json, key, false);
    fputs(value ? "true" : "false", stdout);
}

void json_null(struct json *json, const char *key)
{
    begin_value(json, key, false);
    fputs("null", stdout);
}

void json_reals(struct json *json, const char *key, const double *values, int64_t count)
{
    int64_t k;

    if (values == NULL) {
        json_null(json, key);
        return;
    }
    json_open_array(json, key);
    for (k = 0; k < count; k++) {
        json_real(json, NULL, values[k]);
    }
    json_close_array(json);
}
