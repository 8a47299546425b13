/*-------------------------------------------------------------------------
 *
 * funnel.h
 *		The funnel kernel: how far one user gets through a chain of steps.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_FUNNEL_H
#define JOURNEY_FUNNEL_H

#include "base/base.h"
#include "event/event.h"

/* Modes, as bits so that they combine. */
#define FUNNEL_STRICT_ORDER			0x01
#define FUNNEL_STRICT_DEDUPLICATION	0x02
#define FUNNEL_STRICT_INCREASE		0x04
#define FUNNEL_STRICT_ONCE			0x08
#define FUNNEL_ALLOW_REENTRY		0x10
#define FUNNEL_ANY_ORDER			0x20
#define FUNNEL_FIRST_CHAIN			0x40
#define FUNNEL_LATEST_CHAIN			0x80
#define FUNNEL_CONSECUTIVE			0x100
#define FUNNEL_NMODES				9
#define FUNNEL_ALL_MODES			((1 << FUNNEL_NMODES) - 1)

/* Which chain of a user counts: it says nothing about what a chain is. */
#define FUNNEL_CHAIN_MODES			(FUNNEL_FIRST_CHAIN | FUNNEL_LATEST_CHAIN)

/*
 * No mode of a call: the events of one time are in the order in which they
 * happened, rather than all at once, but for those that event_is_tied() calls
 * tied.
 */
#define FUNNEL_SEQUENCED			0x10000

/*
 * No words of a call either, but what its options say beyond words: there are
 * rules; attempts are counted by session, which takes events that meet no
 * condition.
 */
#define FUNNEL_RULED				0x200
#define FUNNEL_BY_SESSION			0x400

/*
 * Rules.  An exclusion is of a condition, which is then no step: a chain may not
 * have an event that meets it strictly between two steps.  A chain that has one
 * ends there, or is dropped.  A limit is a duration or a calendar bucket, in
 * which two steps must lie.  Steps and conditions are numbered from 0.
 */
typedef enum FunnelRuleKind
{
	FUNNEL_EXCLUDE,
	FUNNEL_WITHIN_PAIR,
	FUNNEL_SAME_BUCKET
} FunnelRuleKind;

#define FUNNEL_RULES_MAX	64
#define FUNNEL_LAST_STEP	(-1)

typedef struct FunnelRule
{
	FunnelRuleKind kind;
	int			from;
	int			to;				/* FUNNEL_LAST_STEP until the rules are
								 * settled */
	int			condition;		/* of an exclusion */
	bool		drops;			/* of an exclusion: the whole chain */
	int64		within;			/* of a pair: microseconds */
	int			unit;			/* of a bucket: of the calendar */
	TextSlice	text;			/* the duration or unit as it was written */
	int64		bucket_begin;	/* the bucket asked for last */
	int64		bucket_end;
} FunnelRule;

/* What is counted. */
typedef enum FunnelCount
{
	FUNNEL_COUNT_USERS,			/* the chain that counts of each user */
	FUNNEL_COUNT_COMPLETIONS,	/* every attempt of a user */
	FUNNEL_COUNT_SESSIONS		/* the chain that counts of each session */
} FunnelCount;

typedef struct FunnelRules
{
	uint64		optional;		/* steps that a chain may leave out */
	uint64		excluded;		/* conditions that are no steps */
	FunnelCount count;
	int64		gap;			/* of sessions: microseconds without an event */
	TextSlice	gap_text;		/* as it was written, if it was */
	TextSlice	zone_name;		/* of buckets, as it was written, if it was */
	void	   *zone;			/* the same for find_bucket */
	void		(*find_bucket) (void *zone, int unit, int64 at, int64 *begin, int64 *end);
	int			n;
	FunnelRule	list[FUNNEL_RULES_MAX];
} FunnelRules;

/* The most values of a breakdown that can be asked for. */
#define FUNNEL_TOP_MOST		10000

/* A session ends when for this long there is no event. */
#define FUNNEL_SESSION_GAP	(INT64_C(30) * 60 * 1000000)

/* The names of the modes, for messages. */
#define FUNNEL_MODE_NAMES \
	"strict_order, strict_deduplication, strict_increase, strict_once, allow_reentry, any_order, " \
	"first_chain, latest_chain, consecutive"

typedef struct FunnelSpec
{
	int64		within;			/* microseconds, 0 to DURATION_MAX */
	uint32		modes;			/* FUNNEL_* bits */
	FunnelRules *rules;			/* NULL: none */
} FunnelSpec;

/* What is wrong with options. */
typedef enum FunnelOptionError
{
	FUNNEL_OPTIONS_OK,
	FUNNEL_OPTION_UNKNOWN,
	FUNNEL_OPTION_MALFORMED,	/* known, but not as it is written */
	FUNNEL_REENTRY_ALONE,		/* allow_reentry without strict_order */
	FUNNEL_ANY_ORDER_COMBINED,	/* any_order with another mode */
	FUNNEL_CONSECUTIVE_COMBINED,	/* consecutive with another mode */
	FUNNEL_CHAIN_TWICE,			/* first_chain and latest_chain */
	FUNNEL_RULE_COMBINED,		/* a rule with a mode that has its own rules */
	FUNNEL_OPTION_TWICE,		/* the same question answered twice */
	FUNNEL_TOO_MANY_RULES
} FunnelOptionError;

/* Options as read from text; what they refer to is part of that text. */
typedef struct FunnelOptions
{
	uint32		modes;
	int			top;			/* how many values of a breakdown are shown;
								 * 0: all */
	FunnelRules rules;			/* empty without FUNNEL_RULED */
	TextSlice	bad;			/* the part of the text that is wrong */
	const char *form;			/* of a malformed option: as it must be
								 * written */
} FunnelOptions;

/* What is wrong with rules for so many conditions. */
typedef enum FunnelRulesError
{
	FUNNEL_RULES_OK,
	FUNNEL_RULES_NO_CONDITION,	/* it is not there */
	FUNNEL_RULES_NO_STEP,		/* it is not there, or excluded, or optional
								 * where that cannot be */
	FUNNEL_RULES_NOT_LAST,		/* an excluded condition before a step */
	FUNNEL_RULES_NOTHING_LEFT	/* no two steps that are not optional */
} FunnelRulesError;

extern FunnelOptionError funnel_parse_options(TextSlice text, bool breakdown, FunnelOptions *options);
extern FunnelOptionError funnel_check_modes(uint32 modes);
extern const char *funnel_mode_name(int mode);
extern FunnelRulesError funnel_settle_rules(FunnelRules *rules, int nconditions, int *nsteps, int *wrong);

/*
 * In strict_order and consecutive a row that meets no condition ends a chain, and
 * by session it belongs to one; otherwise such a row need not be kept at all.
 */
static inline bool
funnel_needs_event(uint32 modes, uint64 step)
{
	return stepset_conditions(step) != 0 ||
		(modes & (FUNNEL_STRICT_ORDER | FUNNEL_CONSECUTIVE | FUNNEL_BY_SESSION)) != 0;
}

/* The time of a step that a chain leaves out. */
#define FUNNEL_SKIPPED	PG_INT64_MIN

/* The chain that counts. */
typedef struct FunnelChain
{
	int			level;			/* the furthest step, from 1; 0: no chain */
	int			required;		/* how many of its steps are not optional */
	bool		dropped;		/* by an exclusion: it does not count */
	size_t		begin;			/* the events it was looked for in */
	size_t		end;
	int64		times[STEPSET_MAX]; /* of its steps */
	size_t		firsts[STEPSET_MAX];	/* with rules: the first event that is
										 * simultaneous with each, counted
										 * from begin */
} FunnelChain;

extern int	funnel_level(const Event *events, size_t n, int nsteps,
						 const FunnelSpec *spec, int64 *times);
extern int	funnel_goal_level(const Event *events, size_t n, int nsteps,
							  const FunnelSpec *spec, int goal, int64 *times);
extern int	funnel_consecutive(const Event *events, size_t n, int nsteps,
							   const FunnelSpec *spec, int64 *times,
							   size_t *begin, size_t *end);
extern void funnel_ruled_chain(const Event *events, size_t n, int nsteps, const FunnelSpec *spec,
							   int goal, FunnelChain *chain);

/* Do rules say what a chain is, rather than only what is counted? */
static inline bool
funnel_chain_has_rules(const FunnelSpec *spec)
{
	return spec->rules != NULL && (spec->rules->n > 0 || spec->rules->optional != 0);
}

/* May one user count more than once? */
static inline bool
funnel_counts_attempts(const FunnelSpec *spec)
{
	return spec->rules != NULL && spec->rules->count != FUNNEL_COUNT_USERS;
}

static inline uint64
funnel_optional_steps(const FunnelSpec *spec)
{
	return spec->rules == NULL ? 0 : spec->rules->optional;
}

/* How many steps are not optional? */
static inline int
funnel_required_steps(int nsteps, const FunnelSpec *spec)
{
	return nsteps - __builtin_popcountll(funnel_optional_steps(spec));
}

/* Where the search for the attempts of one user has got to. */
typedef struct FunnelAttempts
{
	const Event *events;
	size_t		n;
	int			nsteps;
	const FunnelSpec *spec;
	size_t		next;			/* by session: where the next one begins */
	int			depth;			/* of completions: parts still to be searched */
	struct
	{
		size_t		begin;
		size_t		end;
		int			goal;		/* no chain in it has more steps */
	}			parts[STEPSET_MAX + 2];
} FunnelAttempts;

extern void funnel_begin_attempts(FunnelAttempts *attempts, const Event *events, size_t n,
								  int nsteps, const FunnelSpec *spec);
extern bool funnel_next_attempt(FunnelAttempts *attempts, FunnelChain *chain);

/* What window_funnel needs of rows that are grouped (grouping/grouping.h). */
extern const struct GroupingEvents window_funnel_events;

#ifndef JOURNEY_NO_SERVER
#include "funnel/funnel_spec.h"
#endif

#endif							/* JOURNEY_FUNNEL_H */
