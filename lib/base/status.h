/* status: the frozen list of statuses, and error texts without allocation or printing.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_STATUS_H
#define RFI_STATUS_H

#include <reluflow/reluflow.h>

enum { RFI_MESSAGE_SIZE = 192 };

/* A text that is built piece by piece and truncated at its end. */
typedef struct rfi_message {
    char text[RFI_MESSAGE_SIZE];
    int32_t length;
} rfi_message;

/* The sentence fragment of a status. */
const char *rfi_status_string(rf_status status);

void rfi_message_clear(rfi_message *message);
void rfi_message_text(rfi_message *message, const char *text);
void rfi_message_integer(rfi_message *message, int64_t value);
/* "nan", "inf", a whole number, or seven significant digits: enough to recognize a value. */
void rfi_message_real(rfi_message *message, double value);

/* Copies the text into a caller's buffer, truncated and terminated; nothing if it is NULL. */
void rfi_message_copy(const rfi_message *message, char *out, int64_t capacity);

/* Sets the text and returns the status: for `return rfi_fail(...)`.  message may be NULL. */
rf_status rfi_fail(rfi_message *message, rf_status status, const char *text);
/* The same for "text[index] = value", with " is not finite" where the status is that. */
rf_status rfi_fail_at(rfi_message *message, rf_status status, const char *text, int64_t index,
                      double value);
/* The same for "text[row][column] = value". */
rf_status rfi_fail_at2(rfi_message *message, rf_status status, const char *text, int64_t row,
                       int64_t column, double value);
/* The same for "text value". */
rf_status rfi_fail_real(rfi_message *message, rf_status status, const char *text, double value);
rf_status rfi_fail_integer(rfi_message *message, rf_status status, const char *text, int64_t value);

#endif
