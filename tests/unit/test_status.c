/* test_status.c: texts of errors.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

START_TEST(every_status_has_its_own_text)
{
    rf_status a, b;
    for (a = RF_ERROR_CAPACITY; a <= RF_NO_EVENT; ++a) {
        ck_assert_str_ne(rfi_status_string(a), "unknown status");
        for (b = RF_ERROR_CAPACITY; b < a; ++b)
            ck_assert_str_ne(rfi_status_string(a), rfi_status_string(b));
    }
    ck_assert_str_eq(rfi_status_string(RF_NO_EVENT + 1), "unknown status");
    ck_assert_str_eq(rfi_status_string(RF_ERROR_CAPACITY - 1), "unknown status");
}
END_TEST

static const char *real(rfi_message *m, double value)
{
    rfi_message_clear(m);
    rfi_message_real(m, value);
    return m->text;
}

START_TEST(reals_are_recognized)
{
    rfi_message m;
    ck_assert_str_eq(real(&m, 0.0), "0");
    ck_assert_str_eq(real(&m, -3.0), "-3");
    ck_assert_str_eq(real(&m, 0.5), "0.5");
    ck_assert_str_eq(real(&m, -0.1), "-0.1");
    ck_assert_str_eq(real(&m, 0.001234), "0.001234");
    ck_assert_str_eq(real(&m, 0.00015), "0.00015");
    ck_assert_str_eq(real(&m, 0.000015), "1.5e-5");
    ck_assert_str_eq(real(&m, 12.5), "12.5");
    ck_assert_str_eq(real(&m, 123456.5), "123456.5");
    ck_assert_str_eq(real(&m, 1234567.25), "1234567");
    ck_assert_str_eq(real(&m, 12345678.25), "1.234568e7");
    ck_assert_str_eq(real(&m, 99999.9999), "100000");
    ck_assert_str_eq(real(&m, -2.5e-300), "-2.5e-300");
    ck_assert_str_eq(real(&m, -1.25), "-1.25");
    ck_assert_str_eq(real(&m, INFINITY), "inf");
    ck_assert_str_eq(real(&m, -INFINITY), "-inf");
    ck_assert_str_eq(real(&m, NAN), "nan");
    ck_assert_str_eq(real(&m, 123456789.0), "123456789");
}
END_TEST

/* Seven digits: read back, the value is right to half a unit of the seventh, 5e-7 relative at a
 * mantissa of 1; 6e-7 leaves room for the scaling by a power of ten. */
START_TEST(reals_keep_seven_digits)
{
    uint64_t seed = 1;
    rfi_message m;
    int k;
    for (k = -307; k <= 307; ++k) {
        const double value = (1.0 + 4.0 * fabs(unit_random(&seed))) * pow(10.0, k);
        ck_assert_double_eq_tol(strtod(real(&m, value), NULL) / value, 1.0, 6e-7);
        ck_assert_double_eq_tol(strtod(real(&m, -value), NULL) / value, -1.0, 6e-7);
    }
    ck_assert_double_eq_tol(strtod(real(&m, 0x1p-1060), NULL) / 0x1p-1060, 1.0, 6e-7);
    ck_assert_str_eq(real(&m, 9.99999999), "10");
}
END_TEST

START_TEST(integers_to_their_ends)
{
    rfi_message m;
    rfi_message_clear(&m);
    rfi_message_integer(&m, INT64_MIN);
    ck_assert_str_eq(m.text, "-9223372036854775808");
    rfi_message_clear(&m);
    rfi_message_integer(&m, INT64_MAX);
    ck_assert_str_eq(m.text, "9223372036854775807");
}
END_TEST

START_TEST(failures_name_the_place)
{
    rfi_message m;
    ck_assert_int_eq(rfi_fail(&m, RF_ERROR_SIZE, "bad"), RF_ERROR_SIZE);
    ck_assert_str_eq(m.text, "bad");
    ck_assert_int_eq(rfi_fail_at(&m, RF_ERROR_NOT_FINITE, "y", 7, NAN), RF_ERROR_NOT_FINITE);
    ck_assert_str_eq(m.text, "y[7] = nan is not finite");
    rfi_fail_at2(&m, RF_ERROR_NOT_FINITE, "X", 3, 4, INFINITY);
    ck_assert_str_eq(m.text, "X[3][4] = inf is not finite");
    rfi_fail_real(&m, RF_ERROR_ARGUMENT, "scale is", -2);
    ck_assert_str_eq(m.text, "scale is -2");
    rfi_fail_integer(&m, RF_ERROR_SIZE, "d is", 0);
    ck_assert_str_eq(m.text, "d is 0");
    ck_assert_int_eq(rfi_fail_at2(NULL, RF_ERROR_SIZE, "X", 1, 2, 3), RF_ERROR_SIZE);
}
END_TEST

START_TEST(long_texts_are_cut)
{
    rfi_message m;
    char out[8] = "unused";
    int k;
    rfi_message_clear(&m);
    for (k = 0; k < 100; ++k)
        rfi_message_text(&m, "abcdef");
    ck_assert_uint_eq(strlen(m.text), RFI_MESSAGE_SIZE - 1);
    rfi_message_copy(&m, out, 5);
    ck_assert_str_eq(out, "abcd");
    rfi_message_copy(&m, NULL, 5);
    rfi_message_copy(&m, out, 0);
    ck_assert_str_eq(out, "abcd");
    rfi_message_copy(&m, out, 1);
    ck_assert_str_eq(out, "");
}
END_TEST

static const TTest *const *const tests[] = {
    &every_status_has_its_own_text, &reals_are_recognized,    &reals_keep_seven_digits,
    &integers_to_their_ends,        &failures_name_the_place, &long_texts_are_cut,
};
UNIT_MAIN("status", tests)
