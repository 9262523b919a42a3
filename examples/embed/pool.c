/* pool.c: the host's memory.
 * SPDX-License-Identifier: MIT
 */
#include "pool.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 18, SMALLEST = 64 };

/* Before each block: its size, padded so that what follows is aligned for any type. */
typedef union head {
    struct {
        size_t size;
        int size_class;
    } block;
    long double most;
    void *pointer;
    int64_t number;
} head;

/* A list of chunks, and of free blocks, through their first bytes. */
typedef union link {
    union link *next;
    head room;
} link;

void pool_open(pool *p)
{
    memset(p, 0, sizeof(*p));
}

int64_t pool_close(pool *p)
{
    const int64_t live = p->live_blocks;
    link *chunk = p->chunks;
    while (chunk) {
        link *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    pool_open(p);
    return live;
}

/* Room from the system, beside the link that finds it again. */
static unsigned char *take_chunk(pool *p, size_t bytes)
{
    link *chunk = malloc(sizeof(link) + bytes);
    if (!chunk) {
        return NULL;
    }
    chunk->next = p->chunks;
    p->chunks = chunk;
    p->system_bytes += sizeof(link) + bytes;
    return (unsigned char *)(chunk + 1);
}

/* A fresh block of a class.  What is left of a chunk that is too short for it is given up. */
static head *cut(pool *p, int size_class)
{
    const size_t bytes = sizeof(head) + ((size_t)SMALLEST << size_class);
    unsigned char *block;
    if (bytes > CHUNK_BYTES) {
        return (head *)(void *)take_chunk(p, bytes);
    }
    if (p->room_bytes < bytes) {
        p->room = take_chunk(p, CHUNK_BYTES);
        p->room_bytes = p->room ? CHUNK_BYTES : 0;
    }
    if (!p->room) {
        return NULL;
    }
    block = p->room;
    p->room += bytes;
    p->room_bytes -= bytes;
    return (head *)(void *)block;
}

void *pool_allocate(size_t size, void *user)
{
    pool *p = user;
    int size_class = 0;
    head *block;
    while (size_class < POOL_CLASSES && (size_t)SMALLEST << size_class < size) {
        size_class++;
    }
    if (size_class == POOL_CLASSES || (p->budget && p->live_bytes + size > p->budget)
        || (p->drill > 0 && --p->drill == 0)) {
        return NULL;
    }
    if (p->free_blocks[size_class]) {
        link *first = p->free_blocks[size_class];
        p->free_blocks[size_class] = first->next;
        block = (head *)(void *)first - 1;
    } else {
        block = cut(p, size_class);
        if (!block) {
            return NULL;
        }
    }
    block->block.size = size;
    block->block.size_class = size_class;
    p->live_blocks++;
    p->given_blocks++;
    p->live_bytes += size;
    if (p->live_bytes > p->peak_bytes) {
        p->peak_bytes = p->live_bytes;
    }
    return block + 1;
}

void pool_release(void *block, void *user)
{
    pool *p = user;
    link *freed = block;
    if (block) {
        const head *before = (const head *)block - 1;
        const int size_class = before->block.size_class;
        p->live_blocks--;
        p->live_bytes -= before->block.size;
        freed->next = p->free_blocks[size_class];
        p->free_blocks[size_class] = freed;
    }
}
