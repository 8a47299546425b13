/*-------------------------------------------------------------------------
 *
 * kernel.h
 *		What a kernel may use: fixed-width integers and an interrupt check.
 *
 * A kernel is plain C over one user's events.  It allocates nothing and does
 * not call the server, so that it can be compiled alone, tested and fuzzed
 * (test/kernel defines JOURNEY_NO_SERVER).  Inside the server a long loop
 * must check for interrupts: kernel_check_interrupts() may not return.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_KERNEL_H
#define JOURNEY_KERNEL_H

#ifdef JOURNEY_NO_SERVER

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef int64_t int64;
typedef uint64_t uint64;
typedef uint32_t uint32;
typedef uint8_t uint8;
typedef __int128 int128;
typedef unsigned __int128 uint128;

#define pg_attribute_always_inline __attribute__((always_inline)) inline
#define unlikely(x) __builtin_expect((x) != 0, 0)
#define Max(a, b) ((a) > (b) ? (a) : (b))
#define Min(a, b) ((a) < (b) ? (a) : (b))
#define pg_noinline __attribute__((noinline))

#define PG_INT64_MIN INT64_MIN
#define PG_INT64_MAX INT64_MAX
/* nothing, yet not optimised away: the bench measures loops that look for it */
#define kernel_check_interrupts() __asm__ volatile ("")

#else

#include "postgres.h"
#include "miscadmin.h"

#define kernel_check_interrupts() CHECK_FOR_INTERRUPTS()

#endif							/* JOURNEY_NO_SERVER */

/* Loops check for interrupts once in this many events. */
#define KERNEL_CHECK_EVERY	65536

#endif							/* JOURNEY_KERNEL_H */
