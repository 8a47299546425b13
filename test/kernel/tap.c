/*-------------------------------------------------------------------------
 *
 * tap.c
 *		Test results in TAP, the Test Anything Protocol.
 *
 *-------------------------------------------------------------------------
 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "tap.h"

static int	ntests;
static int	nfailed;

/* The result of one test and its name. */
bool
test_ok(bool passed, const char *format,...)
{
	va_list		args;

	printf("%sok %d - ", passed ? "" : "not ", ++ntests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	nfailed += !passed;
	return passed;
}

/* A line of explanation; after a failed test it is shown. */
void
test_note(const char *format,...)
{
	va_list		args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* The plan, when all tests have run; returns the exit status. */
int
test_finish(void)
{
	printf("1..%d\n", ntests);
	return nfailed == 0 ? 0 : 1;
}

/* Processor time, which does not pass while the machine is busy with others. */
double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}
