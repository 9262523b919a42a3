/* archive: the problem, the state and the history of a model as bytes, for saving, loading and sweeps.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_ARCHIVE_H
#define RFI_ARCHIVE_H

#include "api/model.h"
#include "base/stream.h"

/* Hands settings, state and history of a model to the stream.  When it reads, the model must be a new one
 * with the problem of that which was written; it stands as the other did, to the bit.  Returns RF_OK, and
 * when reading RF_ERROR_MEMORY, or RF_ERROR_CORRUPT for values that no model has. */
rf_status rfi_archive_state(rfi_stream *stream, rf_model *model);

/* Hands a problem (api/save.c) to a stream that does not read. */
void rfi_archive_problem(rfi_stream *stream, const rfi_problem *problem);

#endif
