/* fuzz_load.c: forged saved models.  Their checksum is right, so that what they say is read: each
 * must be refused as RF_ERROR_CORRUPT or become a model with which every public function works,
 * whatever the answers. SPDX-License-Identifier: MIT */
#include "exercise.h"
#include "hard.h"
#include "run.h"
#include "saved.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The frame of the format (docs/abi.md): eight letters, version and size at the front, a checksum
 * behind. */
enum { SIZE_AT = 16, HEAD = 24, SUM = 8 };

/* CRC-64 of ECMA-182, reflected, bit by bit. */
static uint64_t checksum(const unsigned char *bytes, int64_t count)
{
    uint64_t crc = ~(uint64_t)0;

    for (int64_t k = 0; k < count; k++) {
        crc ^= bytes[k];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? UINT64_C(0xc96c5795d7870f42) : 0);
    }
    return ~crc;
}

static void put(unsigned char *at, uint64_t value, int bytes)
{
    for (int k = 0; k < bytes; k++)
        at[k] = (unsigned char)(value >> 8 * k);
}

static uint64_t get(const unsigned char *at)
{
    uint64_t value = 0;

    for (int k = 0; k < 8; k++)
        value |= (uint64_t)at[k] << 8 * k;
    return value;
}

/* Makes size and checksum right again. */
static void seal(unsigned char *bytes, int64_t size)
{
    put(bytes + SIZE_AT, (uint64_t)size, 8);
    put(bytes + size - SUM, checksum(bytes, size - SUM), 8);
}

/* An allocator that refuses what no buffer of a few thousand bytes can need, and counts. */
typedef struct meter {
    int64_t live;
    int refused;
} meter;

static void *meter_allocate(size_t size, void *user)
{
    meter *m = user;
    void *block = NULL;

    if (size > (size_t)1 << 26)
        m->refused++;
    else
        block = malloc(size);
    m->live += block != NULL;
    return block;
}

static void meter_release(void *block, void *user)
{
    meter *m = user;

    m->live -= block != NULL;
    free(block);
}

static void use(const char *label, rf_model *model)
{
    double w0[16] = {1, -1, 0.5};
    rf_model *copy, *clone = NULL;
    rf_status status;

    exercise_allowed(label, "set_event_limit", rf_model_set_event_limit(model, RUN_EVENTS),
                     STATUS(RF_OK));
    exercise_asking(label, model, EXERCISE_HOSTILE);
    copy = exercise_copy(label, model, EXERCISE_HOSTILE);
    rf_model_free(copy);
    exercise_allowed(label, "clone", rf_model_clone(model, &clone),
                     STATUS(RF_OK) | STATUS(RF_ERROR_NUMERICAL));
    rf_model_free(clone);
    exercise_running(label, model, EXERCISE_HOSTILE);
    if (rf_model_dim(model) > 16)
        return;
    status = rf_model_init(model, w0, rf_model_dim(model));
    exercise_allowed(label, "init", status, STATUS(RF_OK) | STATUS(RF_ERROR_NUMERICAL));
    if (status == RF_OK)
        exercise_allowed(label, "integrate", rf_model_integrate(model, 1),
                         STATUS(RF_OK) | STATUS(RF_EVENT_LIMIT) | STATUS(RF_ERROR_NUMERICAL));
}

/* Loads a forged buffer; 1 if it became a model. */
static int forge(const char *label, const unsigned char *bytes, int64_t size)
{
    meter m = {0, 0};
    const rf_allocator allocator = {meter_allocate, meter_release, &m};
    unsigned char *copy = malloc((size_t)size);
    rf_model *model = (rf_model *)(void *)&m;
    char message[100] = "x";
    rf_status status;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes, (size_t)size);
    status = rf_model_load(copy, size, &allocator, &model, message, sizeof message);
    free(copy);
    exercise_allowed(label, "load", status, STATUS(RF_OK) | STATUS(RF_ERROR_CORRUPT));
    ck_assert_msg(m.refused == 0, "%s: asks for far more memory than the buffer tells of", label);
    ck_assert_msg((status == RF_OK) == (model != NULL), "%s", label);
    ck_assert_msg((status == RF_OK) == (message[0] == '\0'), "%s: %s", label, message);
    if (status == RF_OK)
        use(label, model);
    rf_model_free(model);
    ck_assert_msg(m.live == 0, "%s: %d blocks left", label, (int)m.live);
    return status == RF_OK;
}

static saved scene_saved(int k)
{
    rf_model *model = scenes[k].make();
    saved s = save_model(model);

    rf_model_free(model);
    return s;
}

/* The checksum of this file is the library's: untouched and sealed anew, the bytes are the same. */
START_TEST(sealed)
{
    for (int k = 0; k < scene_count; k++) {
        saved s = scene_saved(k);
        uint64_t sum = get(s.bytes + s.size - SUM);

        ck_assert_int_eq((int64_t)get(s.bytes + SIZE_AT), s.size);
        seal(s.bytes, s.size);
        ck_assert(get(s.bytes + s.size - SUM) == sum);
        ck_assert_int_eq(forge(scenes[k].name, s.bytes, s.size), 1);
        saved_free(&s);
    }
}
END_TEST

/* Numbers that fields do not like, as integers or as reals. */
static uint64_t unpleasant(const unsigned char *field, int64_t which, random_source *source)
{
    static const uint64_t fixed[] = {
        0, 1, 2, 3, 0xff, 0x7fffffff, 0x80000000, 0xffffffff, UINT64_C(0x7fffffffffffffff),
        UINT64_C(0x8000000000000000), UINT64_C(0xffffffffffffffff), UINT64_C(0x7ff0000000000000),
        UINT64_C(0xfff0000000000000), UINT64_C(0x7ff8000000000000), UINT64_C(0x7fefffffffffffff),
        UINT64_C(0x0010000000000000), UINT64_C(0x3ff0000000000000), UINT64_C(0xbff0000000000000),
        UINT64_C(0x4340000000000000), UINT64_C(0x3ca0000000000000), UINT64_C(0x1000000000000000),
        UINT64_C(0x1000000000000001), UINT64_C(0x4000000000000000)};
    enum { FIXED = sizeof fixed / sizeof *fixed };
    const uint64_t value = get(field);

    if (which < FIXED)
        return fixed[which];
    switch (which - FIXED) {
    case 0: return value + 1;
    case 1: return value - 1;
    case 2: return ~value;
    case 3: return value ^ UINT64_C(0x8000000000000000);
    case 4: return value << 1;
    case 5: return value ^ UINT64_C(1) << random_integer(source, 0, 63);
    default: return random_bits(source);
    }
}

enum { UNPLEASANT = 30 };

/* Fields of four and eight bytes and single bytes, at every address. */
START_TEST(fields)
{
    random_source source = random_seed(11 + (uint64_t)_i);
    saved s = scene_saved(_i);
    unsigned char *bytes = malloc((size_t)s.size);
    /* All places of a small model, fewer of a large one. */
    const int64_t stride = 1 + s.size / 200;
    int64_t models = 0;

    ck_assert_ptr_nonnull(bytes);
    for (int64_t at = 0; at + SUM + 8 <= s.size; at += stride) {
        for (int64_t round = 0; round < 3; round++) {
            const int64_t which = random_integer(&source, 0, UNPLEASANT - 1);
            const int width = round == 2 ? 1 : round == 1 ? 4 : 8;
            char label[120];

            memcpy(bytes, s.bytes, (size_t)s.size);
            put(bytes + at, unpleasant(bytes + at, which, &source), width);
            snprintf(label, sizeof label, "%s, %d bytes at %d, value %d", scenes[_i].name, width,
                     (int)at, (int)which);
            seal(bytes, s.size);
            models += forge(label, bytes, s.size);
        }
    }
    ck_assert_int_gt(models, 0);
    free(bytes);
    saved_free(&s);
}
END_TEST

/* Several places at once, pieces moved, left out, put in and taken from another model. */
static int64_t mangle(random_source *source, const saved *s, const saved *other,
                      unsigned char *bytes)
{
    int64_t size = s->size, changes = random_integer(source, 1, 4);

    memcpy(bytes, s->bytes, (size_t)size);
    for (int64_t k = 0; k < changes; k++) {
        int64_t at = random_integer(source, HEAD, size - SUM - 8);
        int64_t from = random_integer(source, HEAD, other->size - SUM - 8);
        int64_t length = 8 * random_integer(source, 1, 6);

        switch (random_integer(source, 0, 4)) {
        case 0: put(bytes + at, unpleasant(bytes + at, random_integer(source, 0, UNPLEASANT - 1),
                                           source), 8);
            break;
        case 1: bytes[at] = (unsigned char)random_integer(source, 0, 3); break;
        case 2:
            length = length < size - SUM - at ? length : size - SUM - at;
            memmove(bytes + at, bytes + at + length, (size_t)(size - at - length));
            size -= length;
            break;
        case 3:
            length = length < other->size - from ? length : other->size - from;
            memmove(bytes + at + length, bytes + at, (size_t)(size - at));
            memcpy(bytes + at, other->bytes + from, (size_t)length);
            size += length;
            break;
        default:
            length = length < other->size - from ? length : other->size - from;
            length = length < size - at ? length : size - at;
            memcpy(bytes + at, other->bytes + from, (size_t)length);
        }
        if (size < HEAD + SUM + 16)
            break;
    }
    return size;
}

START_TEST(pieces)
{
    random_source source = random_seed(1000 + (uint64_t)_i);
    saved s = scene_saved(_i), other = scene_saved((_i + 7) % scene_count);
    unsigned char *bytes = malloc((size_t)s.size + 1024);

    ck_assert_ptr_nonnull(bytes);
    for (int round = 0; round < 60; round++) {
        int64_t size = mangle(&source, &s, &other, bytes);
        char label[120];

        snprintf(label, sizeof label, "%s, round %d", scenes[_i].name, round);
        seal(bytes, size);
        forge(label, bytes, size);
    }
    free(bytes);
    saved_free(&s);
    saved_free(&other);
}
END_TEST

/* Truncated and lengthened, with a frame that fits. */
START_TEST(lengths)
{
    saved s = scene_saved(_i);
    unsigned char *bytes = malloc((size_t)s.size + 64);
    const int64_t stride = 1 + s.size / 100;
    char label[120];

    ck_assert_ptr_nonnull(bytes);
    for (int64_t size = HEAD + SUM; size < s.size + 64; size += stride) {
        memset(bytes, 0, (size_t)s.size + 64);
        memcpy(bytes, s.bytes, (size_t)(size < s.size - SUM ? size : s.size - SUM));
        snprintf(label, sizeof label, "%s, length %d", scenes[_i].name, (int)size);
        if (size == s.size)
            continue;
        seal(bytes, size);
        ck_assert_msg(!forge(label, bytes, size), "%s", label);
    }
    free(bytes);
    saved_free(&s);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"sealed", sealed, 0},
        {"fields", fields, scene_count},
        {"pieces", pieces, scene_count},
        {"lengths", lengths, scene_count},
    };

    return run_tests("fuzz load", entries, sizeof entries / sizeof *entries);
}
