/* test_api_corrupt.c: rf_model_load of what is not, or no longer, a saved model: it gives
 * RF_ERROR_CORRUPT, no model, and a message. SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "saved.h"

#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An allocator that counts what is alive, and the most it was asked for at once. */
typedef struct meter {
    int64_t live;
    size_t largest;
} meter;

static void *meter_allocate(size_t size, void *user)
{
    meter *m = user;
    void *block = malloc(size);

    m->live += block != NULL;
    m->largest = size > m->largest ? size : m->largest;
    return block;
}

static void meter_release(void *block, void *user)
{
    meter *m = user;

    m->live -= block != NULL;
    free(block);
}

/* The bytes must be refused, with nothing left behind.  They are read from a block of exactly their
 * size, so that a memory checker sees any step beyond it. */
static void refused(const unsigned char *bytes, int64_t size, const char *what, int64_t which)
{
    meter m = {0, 0};
    const rf_allocator allocator = {meter_allocate, meter_release, &m};
    unsigned char *copy = malloc(size > 0 ? (size_t)size : 1);
    char message[100] = "";
    rf_model *model = (rf_model *)(void *)&m;
    rf_status status;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes, (size_t)size);
    status = rf_model_load(copy, size, &allocator, &model, message, sizeof message);
    ck_assert_msg(status == RF_ERROR_CORRUPT, "%s %d: %d", what, (int)which, status);
    ck_assert_ptr_null(model);
    ck_assert_str_ne(message, "");
    ck_assert_int_eq(m.live, 0);
    free(copy);
}

/* A small model with events, slides among them. */
static saved small(void)
{
    const double X[] = {1, 1, 1, 0, 0, 1}, y[] = {9, 11, -11}, w0[] = {4, 2};
    rf_model *model = NULL;
    saved s;

    expect(RF_OK, rf_model_create(3, 2, X, y, &model));
    expect(RF_OK, rf_model_init(model, w0, 2));
    expect(RF_OK, rf_model_integrate(model, 1));
    ck_assert_int_eq(rf_model_event_count(model), 2);
    s = save_model(model);
    rf_model_free(model);
    return s;
}

START_TEST(truncated)
{
    saved s = small();

    for (int64_t size = 0; size < s.size; size++)
        refused(s.bytes, size, "the first bytes,", size);
    for (int64_t from = 1; from < s.size; from++)
        refused(s.bytes + from, s.size - from, "the last bytes, from", from);
    saved_free(&s);
}
END_TEST

/* One bit of each byte, another one from byte to byte; and each whole byte inverted. */
START_TEST(altered)
{
    saved s = small();

    for (int64_t k = 0; k < s.size; k++) {
        unsigned char kept = s.bytes[k];

        s.bytes[k] = (unsigned char)(kept ^ (1u << (k * 5 % 8)));
        refused(s.bytes, s.size, "one bit, byte", k);
        s.bytes[k] = (unsigned char)~kept;
        refused(s.bytes, s.size, "inverted byte", k);
        s.bytes[k] = kept;
    }
    rf_model_free(load_model(&s));
    saved_free(&s);
}
END_TEST

/* Two bytes exchanged, a byte left out, a byte put in. */
START_TEST(shifted)
{
    saved s = small();
    unsigned char *bytes = test_alloc(s.size + 1, 1);

    for (int64_t k = 0; k < s.size; k++) {
        memcpy(bytes, s.bytes, (size_t)k);
        memcpy(bytes + k, s.bytes + k + 1, (size_t)(s.size - k - 1));
        refused(bytes, s.size - 1, "left out byte", k);
        memcpy(bytes + k + 1, s.bytes + k, (size_t)(s.size - k));
        bytes[k] = 0;
        refused(bytes, s.size + 1, "put in byte", k);
    }
    for (int64_t k = 0; k + 8 < s.size; k++) {
        memcpy(bytes, s.bytes, (size_t)s.size);
        bytes[k] = s.bytes[k + 8];
        bytes[k + 8] = s.bytes[k];
        if (bytes[k] != s.bytes[k])
            refused(bytes, s.size, "exchanged byte", k);
    }
    free(bytes);
    saved_free(&s);
}
END_TEST

START_TEST(appended)
{
    saved s = small();
    const int64_t lengths[] = {1, 2, 3, 4, 7, 8, 16, 1000};
    unsigned char *bytes = test_alloc(2 * s.size + 1000, 1);

    for (int fill = 0; fill < 256; fill += 85) {
        memset(bytes, fill, (size_t)(2 * s.size + 1000));
        memcpy(bytes, s.bytes, (size_t)s.size);
        for (int k = 0; k < 8; k++)
            refused(bytes, s.size + lengths[k], "appended", lengths[k]);
    }
    memcpy(bytes + s.size, s.bytes, (size_t)s.size);
    refused(bytes, 2 * s.size, "twice", 0);
    free(bytes);
    saved_free(&s);
}
END_TEST

/* Things that are no saved model at all, and the first bytes of one before them. */
START_TEST(foreign)
{
    static const char text[] = "{\"w\": [1, 2, 3], \"events\": []}\n";
    saved s = small();
    random_source source = random_seed(99);
    unsigned char bytes[4096];

    refused((const unsigned char *)text, (int64_t)sizeof text, "text", 0);
    for (int fill = 0; fill < 256; fill += 51) {
        memset(bytes, fill, sizeof bytes);
        for (int64_t size = 0; size <= 4096; size = 2 * size + 1)
            refused(bytes, size, "constant bytes", size);
        refused(bytes, 4096, "constant bytes", 4096);
    }
    for (int round = 0; round < 2000; round++) {
        int64_t size = random_integer(&source, 0, 4096);
        int64_t kept = random_integer(&source, 0, round % 2 ? 64 : 0);

        for (int64_t k = 0; k < size; k++)
            bytes[k] = (unsigned char)random_bits(&source);
        memcpy(bytes, s.bytes, (size_t)(kept < size ? kept : size));
        refused(bytes, size, "random bytes", round);
    }
    saved_free(&s);
}
END_TEST

/* What is left of a valid model after random damage of every size. */
START_TEST(damaged)
{
    random_source source = random_seed(7);
    rf_model *model = scenes[_i].make();
    saved s = save_model(model);
    unsigned char *bytes = test_alloc(s.size, 1);

    for (int round = 0; round < 200; round++) {
        int64_t from = random_integer(&source, 0, s.size - 1);
        int64_t length = random_integer(&source, 1, s.size - from);

        memcpy(bytes, s.bytes, (size_t)s.size);
        if (length > 64 && round % 4)
            length = 1 + length % 64;
        for (int64_t k = from; k < from + length; k++)
            bytes[k] = (unsigned char)random_bits(&source);
        if (memcmp(bytes, s.bytes, (size_t)s.size) != 0)
            refused(bytes, s.size, scenes[_i].name, round);
    }
    free(bytes);
    rf_model_free(model);
    saved_free(&s);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"truncated", truncated, 0}, {"altered", altered, 0},
        {"shifted", shifted, 0},     {"appended", appended, 0},
        {"foreign", foreign, 0},     {"damaged", damaged, scene_count},
    };

    return run_tests("api corrupt", entries, sizeof entries / sizeof *entries);
}
