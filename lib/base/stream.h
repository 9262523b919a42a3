/* stream: values to and from bytes, the same on every machine (little endian).  One function describes a
 * format for both directions: it hands every value to the stream, which writes, reads, only counts, or
 * digests.  Only reading changes a value.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_STREAM_H
#define RFI_STREAM_H

#include <stddef.h>
#include <stdint.h>

enum { RFI_COUNTS = 0, RFI_WRITES = 1, RFI_READS = 2, RFI_DIGESTS = 3 };

typedef struct rfi_stream {
    int mode;
    uint8_t *out;
    const uint8_t *in;
    int64_t size; /* of the buffer, if there is one                         */
    int64_t at;   /* bytes gone by                                          */
    int bad;      /* the buffer ended, or a value was refused: all that is
                     read from then on is 0                                 */
    uint64_t digest; /* RFI_DIGESTS: of the values gone by, in their order  */
} rfi_stream;

rfi_stream rfi_stream_counter(void);
/* Of two series of values that differ in one, the digests differ; of others almost surely.  A value
 * costs one multiplication, so that data of any size may be told apart. */
rfi_stream rfi_stream_digester(void);
rfi_stream rfi_stream_writer(void *out, int64_t size);
rfi_stream rfi_stream_reader(const void *in, int64_t size);

void rfi_stream_u64(rfi_stream *stream, uint64_t *value);
void rfi_stream_i64(rfi_stream *stream, int64_t *value);
void rfi_stream_i32(rfi_stream *stream, int32_t *value);
void rfi_stream_real(rfi_stream *stream, double *value);
/* count values in a row. */
void rfi_stream_reals(rfi_stream *stream, double *value, int64_t count);
void rfi_stream_bytes(rfi_stream *stream, void *value, int64_t count);

/* Refuses what is being read unless a condition holds; nothing when writing. */
void rfi_stream_expect(rfi_stream *stream, int condition);
/* The same for a number of values of so many bytes each that are still to come. */
void rfi_stream_expect_room(rfi_stream *stream, int64_t count, int64_t bytes);

/* CRC-64 (ECMA-182, reflected): finds every change of up to 64 bits in a row. */
uint64_t rfi_checksum(const void *bytes, int64_t count);

#endif
