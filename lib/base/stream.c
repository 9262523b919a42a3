/* stream: see stream.h.
 * SPDX-License-Identifier: MIT */
#include "base/stream.h"

#include <string.h>

rfi_stream rfi_stream_counter(void)
{
    const rfi_stream stream = {RFI_COUNTS, NULL, NULL, 0, 0, 0, 0};
    return stream;
}

rfi_stream rfi_stream_digester(void)
{
    const rfi_stream stream = {RFI_DIGESTS, NULL, NULL, 0, 0, 0, 0};
    return stream;
}

rfi_stream rfi_stream_writer(void *out, int64_t size)
{
    const rfi_stream stream = {RFI_WRITES, out, NULL, size, 0, 0, 0};
    return stream;
}

rfi_stream rfi_stream_reader(const void *in, int64_t size)
{
    const rfi_stream stream = {RFI_READS, NULL, in, size, 0, 0, 0};
    return stream;
}

/* Whether so many bytes may go by. */
static int passes(rfi_stream *s, int64_t count)
{
    if (s->mode == RFI_COUNTS || s->mode == RFI_DIGESTS)
        return 1;
    if (s->bad || count > s->size - s->at)
        s->bad = 1;
    return !s->bad;
}

/* One to one in the value and in the digest: times an odd number, then a shift that can be undone. */
static void digest(rfi_stream *s, uint64_t value)
{
    s->digest = (s->digest ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    s->digest ^= s->digest >> 32;
}

void rfi_stream_bytes(rfi_stream *s, void *value, int64_t count)
{
    int64_t k;
    if (count <= 0)
        return;
    if (!passes(s, count)) {
        if (s->mode == RFI_READS)
            memset(value, 0, (size_t)count);
        return;
    }
    if (s->mode == RFI_WRITES)
        memcpy(s->out + s->at, value, (size_t)count);
    if (s->mode == RFI_READS)
        memcpy(value, s->in + s->at, (size_t)count);
    for (k = 0; s->mode == RFI_DIGESTS && k < count; ++k)
        digest(s, ((const uint8_t *)value)[k]);
    s->at += count;
}

static void little_endian(rfi_stream *s, uint64_t *value, int bytes)
{
    uint8_t byte[8];
    int k;
    if (s->mode == RFI_DIGESTS) {
        digest(s, *value);
        s->at += bytes;
        return;
    }
    for (k = 0; k < bytes; ++k)
        byte[k] = (uint8_t)(*value >> (8 * k) & 0xff);
    rfi_stream_bytes(s, byte, bytes);
    if (s->mode != RFI_READS)
        return;
    *value = 0;
    for (k = 0; k < bytes; ++k)
        *value |= (uint64_t)byte[k] << (8 * k);
}

void rfi_stream_u64(rfi_stream *s, uint64_t *value)
{
    little_endian(s, value, 8);
}

void rfi_stream_i64(rfi_stream *s, int64_t *value)
{
    uint64_t bits;
    memcpy(&bits, value, sizeof(bits));
    little_endian(s, &bits, 8);
    if (s->mode == RFI_READS)
        memcpy(value, &bits, sizeof(bits));
}

void rfi_stream_i32(rfi_stream *s, int32_t *value)
{
    uint32_t bits;
    uint64_t wide;
    memcpy(&bits, value, sizeof(bits));
    wide = bits;
    little_endian(s, &wide, 4);
    bits = (uint32_t)wide;
    if (s->mode == RFI_READS)
        memcpy(value, &bits, sizeof(bits));
}

void rfi_stream_real(rfi_stream *s, double *value)
{
    uint64_t bits;
    memcpy(&bits, value, sizeof(bits));
    little_endian(s, &bits, 8);
    if (s->mode == RFI_READS)
        memcpy(value, &bits, sizeof(bits));
}

void rfi_stream_reals(rfi_stream *s, double *value, int64_t count)
{
    int64_t k;
    for (k = 0; k < count; ++k)
        rfi_stream_real(s, &value[k]);
}

void rfi_stream_expect(rfi_stream *s, int condition)
{
    if (s->mode == RFI_READS && !condition)
        s->bad = 1;
}

void rfi_stream_expect_room(rfi_stream *s, int64_t count, int64_t bytes)
{
    rfi_stream_expect(s, count >= 0 && count <= (s->size - s->at) / bytes);
}

uint64_t rfi_checksum(const void *bytes, int64_t count)
{
    /* The remainders of the 16 values of four bits. */
    static const uint64_t nibble[16] = {
        UINT64_C(0x0000000000000000), UINT64_C(0x7d9ba13851336649), UINT64_C(0xfb374270a266cc92),
        UINT64_C(0x86ace348f355aadb), UINT64_C(0x64b62bcaebc387a1), UINT64_C(0x192d8af2baf0e1e8),
        UINT64_C(0x9f8169ba49a54b33), UINT64_C(0xe21ac88218962d7a), UINT64_C(0xc96c5795d7870f42),
        UINT64_C(0xb4f7f6ad86b4690b), UINT64_C(0x325b15e575e1c3d0), UINT64_C(0x4fc0b4dd24d2a599),
        UINT64_C(0xadda7c5f3c4488e3), UINT64_C(0xd041dd676d77eeaa), UINT64_C(0x56ed3e2f9e224471),
        UINT64_C(0x2b769f17cf112238),
    };
    const uint8_t *byte = bytes;
    uint64_t crc = ~UINT64_C(0);
    int64_t k;
    for (k = 0; k < count; ++k) {
        crc ^= byte[k];
        crc = crc >> 4 ^ nibble[crc & 15];
        crc = crc >> 4 ^ nibble[crc & 15];
    }
    return ~crc;
}
