/*-------------------------------------------------------------------------
 *
 * tap.h
 *		Test results in TAP, the Test Anything Protocol.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KERNEL_TEST_TAP_H
#define KERNEL_TEST_TAP_H

#include <stdbool.h>

extern bool test_ok(bool passed, const char *format,...) __attribute__((format(printf, 2, 3)));
extern void test_note(const char *format,...) __attribute__((format(printf, 1, 2)));
extern int	test_finish(void);
extern double seconds_now(void);

#endif							/* KERNEL_TEST_TAP_H */
