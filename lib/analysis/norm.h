/* norm: does the norm of the weight strictly increase along a recorded flow (docs/mathematics.md 4.3)?
 * SPDX-License-Identifier: MIT */
#ifndef RFI_NORM_H
#define RFI_NORM_H

#include "analysis/quantity.h"

/* *strict: w . w' > 0 from t = 0+ to the present; *failure: the first time from which w . w' < 0, NaN
 * if there is none. */
rf_status rfi_norm_certificate(const rfi_subject *subject, int32_t *strict, double *failure);
/* The same of w_j for every neuron j. */
rf_status rfi_norm_certificates(const rfi_subject *subject, int32_t *strict, double *failure);

#endif
