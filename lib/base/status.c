/* status: see status.h.  Numbers are formatted here because stdio is not for a library.
 * SPDX-License-Identifier: MIT */
#include "base/status.h"

#include <math.h>
#include <string.h>

const char *rfi_status_string(rf_status status)
{
    switch (status) {
    case RF_OK:
        return "success";
    case RF_STOPPED:
        return "stopped by the callback";
    case RF_EVENT_LIMIT:
        return "stopped at the event limit";
    case RF_NO_EVENT:
        return "no event up to the given time";
    case RF_ERROR_ARGUMENT:
        return "invalid argument";
    case RF_ERROR_NOT_FINITE:
        return "NaN or infinity in the input";
    case RF_ERROR_SIZE:
        return "invalid size or length";
    case RF_ERROR_MEMORY:
        return "out of memory";
    case RF_ERROR_STATE:
        return "call out of order";
    case RF_ERROR_NUMERICAL:
        return "a value left the range of double, or a decomposition failed";
    case RF_ERROR_CORRUPT:
        return "corrupt saved state";
    case RF_ERROR_CAPACITY:
        return "buffer too small";
    default:
        return "unknown status";
    }
}

void rfi_message_clear(rfi_message *message)
{
    message->length = 0;
    message->text[0] = '\0';
}

void rfi_message_text(rfi_message *message, const char *text)
{
    while (*text != '\0' && message->length < RFI_MESSAGE_SIZE - 1)
        message->text[message->length++] = *text++;
    message->text[message->length] = '\0';
}

static void append_unsigned(rfi_message *message, uint64_t value)
{
    char digits[24];
    int k = 23;
    digits[k] = '\0';
    do {
        digits[--k] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value > 0);
    rfi_message_text(message, digits + k);
}

void rfi_message_integer(rfi_message *message, int64_t value)
{
    if (value < 0)
        rfi_message_text(message, "-");
    append_unsigned(message, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* So many digits tell a reader which value it was. */
enum { SIGNIFICANT = 7 };

/* Mantissa in [1, 10) of a positive finite value, and its decimal exponent. */
static double decimal_mantissa(double value, int *exponent)
{
    int e = (int)floor(log10(value));
    double m = e < -300 ? value * 1e300 / pow(10.0, e + 300) : value / pow(10.0, e);
    while (m >= 10.0) {
        m /= 10.0;
        ++e;
    }
    while (m < 1.0) {
        m *= 10.0;
        --e;
    }
    *exponent = e;
    return m;
}

/* The digits of a number, d[0] d[1] .. d[count - 1] times 10^exponent with the point behind the first: as they are
 * written where that is short. */
static void append_digits(rfi_message *message, const char *d, int count, int exponent)
{
    char text[24];
    const int plain = exponent >= -4 && exponent < SIGNIFICANT;
    const int units = plain ? exponent : 0, from = units < 0 ? units : 0, last = count - 1 > units ? count - 1 : units;
    int length = 0, k;
    for (k = from; k <= last; ++k) {
        text[length++] = (char)(k >= 0 && k < count ? d[k] : '0');
        if (k == from + (units > 0 ? units : 0) && k < last)
            text[length++] = '.';
    }
    text[length] = '\0';
    rfi_message_text(message, text);
    if (!plain) {
        rfi_message_text(message, "e");
        rfi_message_integer(message, exponent);
    }
}

void rfi_message_real(rfi_message *message, double value)
{
    char digits[SIGNIFICANT];
    int exponent = 0, k, count;
    double m;
    if (isnan(value)) {
        rfi_message_text(message, "nan");
        return;
    }
    if (signbit(value))
        rfi_message_text(message, "-");
    if (isinf(value) || value == 0.0) {
        rfi_message_text(message, value == 0.0 ? "0" : "inf");
        return;
    }
    if (fabs(value) < 1e15 && floor(value) == value) {
        append_unsigned(message, (uint64_t)fabs(value));
        return;
    }
    m = decimal_mantissa(fabs(value), &exponent);
    m = floor(m * 1e6 + 0.5);
    if (m >= 1e7) {
        m /= 10.0;
        ++exponent;
    }
    for (k = SIGNIFICANT; k-- > 0; m = floor(m / 10.0))
        digits[k] = (char)('0' + (int)fmod(m, 10.0));
    for (count = SIGNIFICANT; digits[count - 1] == '0'; --count)
        ;
    append_digits(message, digits, count, exponent);
}

void rfi_message_copy(const rfi_message *message, char *out, int64_t capacity)
{
    int64_t length;
    if (out == NULL || capacity < 1)
        return;
    length = message->length < capacity - 1 ? message->length : capacity - 1;
    memcpy(out, message->text, (size_t)length);
    out[length] = '\0';
}

rf_status rfi_fail(rfi_message *message, rf_status status, const char *text)
{
    if (message != NULL) {
        rfi_message_clear(message);
        rfi_message_text(message, text);
    }
    return status;
}

static void append_index(rfi_message *message, int64_t index)
{
    rfi_message_text(message, "[");
    rfi_message_integer(message, index);
    rfi_message_text(message, "]");
}

/* " = value", and why that is refused where the status tells. */
static void append_value(rfi_message *message, rf_status status, double value)
{
    rfi_message_text(message, " = ");
    rfi_message_real(message, value);
    if (status == RF_ERROR_NOT_FINITE)
        rfi_message_text(message, " is not finite");
}

rf_status rfi_fail_at(rfi_message *message, rf_status status, const char *text, int64_t index,
                      double value)
{
    if (message != NULL) {
        rfi_fail(message, status, text);
        append_index(message, index);
        append_value(message, status, value);
    }
    return status;
}

rf_status rfi_fail_at2(rfi_message *message, rf_status status, const char *text, int64_t row,
                       int64_t column, double value)
{
    if (message != NULL) {
        rfi_fail(message, status, text);
        append_index(message, row);
        append_index(message, column);
        append_value(message, status, value);
    }
    return status;
}

rf_status rfi_fail_real(rfi_message *message, rf_status status, const char *text, double value)
{
    if (message != NULL) {
        rfi_fail(message, status, text);
        rfi_message_text(message, " ");
        rfi_message_real(message, value);
    }
    return status;
}

rf_status rfi_fail_integer(rfi_message *message, rf_status status, const char *text, int64_t value)
{
    if (message != NULL) {
        rfi_fail(message, status, text);
        rfi_message_text(message, " ");
        rfi_message_integer(message, value);
    }
    return status;
}
