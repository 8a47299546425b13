/*-------------------------------------------------------------------------
 *
 * oracle.h
 *		The definitions of the funnel and of patterns, written down once more
 *		as plainly as possible: by trying everything.  For a few events only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KERNEL_TEST_ORACLE_H
#define KERNEL_TEST_ORACLE_H

#include "common/event.h"
#include "funnel/funnel.h"

#define ORACLE_MAX_ITEMS 64
#define ORACLE_MAX_TIMES 256

/* Modes that a search over all chains defines; the others are a procedure. */
#define ORACLE_CHAIN_MODES (FUNNEL_STRICT_INCREASE | FUNNEL_STRICT_ONCE)

extern int	oracle_funnel_chains(const Event *events, size_t n, int nsteps,
								 const FunnelSpec *spec, int64 *times);
extern int	oracle_funnel_any_order(const Event *events, size_t n, int nsteps,
									const FunnelSpec *spec);
extern int	oracle_funnel_procedure(const Event *events, size_t n, int nsteps,
									const FunnelSpec *spec, int64 *times);
extern const char *oracle_check_times(const Event *events, size_t n, int nsteps,
									  const FunnelSpec *spec, int level,
									  const int64 *times);

/* (?t OP value) */
typedef struct OracleTime
{
	char		op[3];
	uint64		value;			/* microseconds */
} OracleTime;

/* One event of a pattern, and the gap before it. */
typedef struct OracleItem
{
	int			condition;		/* from 0, or -1: any event */
	bool		anything_before;	/* .* */
	int			first_time;		/* time conditions before it */
	int			ntimes;
} OracleItem;

typedef struct OraclePattern
{
	int			nitems;
	OracleItem	items[ORACLE_MAX_ITEMS];
	int			ntimes;
	OracleTime	times[ORACLE_MAX_TIMES];
} OraclePattern;

typedef struct OracleMatch
{
	int			nevents;		/* the most events of the pattern matched */
	size_t		end;			/* the earliest end of a whole match, or n */
} OracleMatch;

extern bool oracle_parse(const char *text, size_t length, OraclePattern *pattern);
extern OracleMatch oracle_find(const OraclePattern *pattern, const Event *events,
							   size_t begin, size_t n);
extern uint64 oracle_count(const OraclePattern *pattern, const Event *events, size_t n);
extern int	oracle_match_times(const OraclePattern *pattern, const Event *events,
							   size_t n, int64 *times);

#endif							/* KERNEL_TEST_ORACLE_H */
