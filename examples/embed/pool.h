/* pool.h: the host's memory.  One pool belongs to one thread at a time; it takes no locks.
 * SPDX-License-Identifier: MIT
 */
#ifndef EMBED_POOL_H
#define EMBED_POOL_H

#include <stddef.h>
#include <stdint.h>

enum { POOL_CLASSES = 20 };

/* Blocks of 64 bytes times a power of two, cut from chunks and kept for reuse when given back. */
typedef struct pool {
    void *free_blocks[POOL_CLASSES];    /* lists of blocks given back, by size                    */
    void *chunks;                       /* list of what was taken from the system                 */
    unsigned char *room;                /* what is left of the last chunk                         */
    size_t room_bytes;
    int64_t live_blocks;                /* given and not given back                               */
    int64_t given_blocks;               /* given so far                                           */
    size_t live_bytes, peak_bytes;      /* as asked for, without what rounding adds               */
    size_t system_bytes;                /* taken from the system                                  */
    size_t budget;                      /* the most live_bytes, 0 for no limit                    */
    int64_t drill;                      /* for tests: the block of this number is refused, once   */
} pool;

void pool_open(pool *p);

/* Returns everything to the system.  The result is what was still live: 0, or somebody leaks. */
int64_t pool_close(pool *p);

/* The two functions of an rf_allocator; user is the pool. */
void *pool_allocate(size_t size, void *user);
void pool_release(void *block, void *user);

#endif
