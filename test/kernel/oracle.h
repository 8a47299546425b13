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

#include "event/event.h"
#include "funnel/funnel.h"

#define ORACLE_MAX_NODES 1024
#define ORACLE_MAX_ALTERNATIVES 16
#define ORACLE_MAX_TIMES 256

/* Modes that a search over all chains defines; the others are a procedure. */
#define ORACLE_CHAIN_MODES (FUNNEL_STRICT_INCREASE | FUNNEL_STRICT_ONCE)

extern int	oracle_funnel_chains(const Event *events, size_t n, int nsteps,
								 const FunnelSpec *spec, int64 *times);
extern int	oracle_funnel_any_order(const Event *events, size_t n, int nsteps,
									const FunnelSpec *spec, int64 *times);
extern int	oracle_funnel_consecutive(const Event *events, size_t n, int nsteps,
									  const FunnelSpec *spec, int64 *times);
extern int	oracle_funnel_walk(const Event *events, size_t n, int nsteps,
							   const FunnelSpec *spec, int64 *times);
extern int	oracle_funnel_procedure(const Event *events, size_t n, int nsteps,
									const FunnelSpec *spec, int64 *times);
extern bool oracle_funnel_rules(const Event *events, size_t n, int nsteps,
								const FunnelSpec *spec, FunnelChain *chain);
extern const char *oracle_check_times(const Event *events, size_t n, int nsteps,
									  const FunnelSpec *spec, int level,
									  const int64 *times);

/* (?t OP value) */
typedef struct OracleTime
{
	char		op[3];
	uint64		value;			/* microseconds */
} OracleTime;

/*
 * A pattern is kept as the tree that its text is: a row of items, each of them
 * an event, a gap, or a group of alternative rows, which may be repeated.
 */
typedef enum OracleKind
{
	ORACLE_EVENT,
	ORACLE_ANYTHING,			/* .* */
	ORACLE_TIME,				/* a time condition */
	ORACLE_GROUP				/* alternatives, each a row */
} OracleKind;

typedef struct OracleNode
{
	OracleKind	kind;
	uint64		conditions;		/* of an event, as in a stepset */
	bool		negated;
	int			time;			/* of a time condition: which */
	const struct OracleNode *row[ORACLE_MAX_ALTERNATIVES];	/* of a group */
	int			nrows;
	int			least;			/* of an event or group: how often; */
	int			most;			/* 0: without end */
	const struct OracleNode *next;	/* in the row */
} OracleNode;

typedef struct OraclePattern
{
	const OracleNode *row;
	int			nevents;		/* with repeats written out */
	bool		at_begin;
	bool		at_end;
	bool		windowed;
	uint64		within;
	bool		too_long;		/* not a pattern, perhaps only for the oracle */
	int			ntimes;
	OracleTime	times[ORACLE_MAX_TIMES];
	int			nnodes;
	OracleNode	nodes[ORACLE_MAX_NODES];
} OraclePattern;

typedef struct OracleMatch
{
	bool		tried_all;		/* if not, there is no answer: it takes too
								 * long */
	bool		matched;
	int			nevents;		/* the furthest event of the pattern matched */
	size_t		end;			/* the earliest end of a whole match, or n */
} OracleMatch;

extern bool oracle_parse(const char *text, size_t length, OraclePattern *pattern);
extern OracleMatch oracle_find(const OraclePattern *pattern, const Event *events,
							   size_t begin, size_t n);
extern uint64 oracle_count(const OraclePattern *pattern, const Event *events, size_t n);
extern size_t oracle_match_times(const OraclePattern *pattern, const Event *events,
								 size_t n, int64 *times);
extern size_t oracle_match_from(const OraclePattern *pattern, const Event *events,
								size_t first, size_t n, size_t *places);

#endif							/* KERNEL_TEST_ORACLE_H */
