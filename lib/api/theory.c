/* theory: the norm certificate and leave-one-out.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "analysis/norm.h"
#include "api/model.h"

RF_API rf_status rf_model_norm_certificate(const rf_model *model, int32_t *strictly_increasing,
                                           double *first_failure)
{
    rfi_subject subject;
    if (model == NULL || strictly_increasing == NULL || first_failure == NULL)
        return RF_ERROR_ARGUMENT;
    if (model->mode == RFI_UNINITIALIZED || model->mode == RFI_DESCENDS || !model->record.on)
        return RF_ERROR_STATE;
    subject = rfi_model_subject(model);
    return rfi_norm_certificate(&subject, strictly_increasing, first_failure);
}
