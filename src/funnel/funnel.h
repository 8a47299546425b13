/*-------------------------------------------------------------------------
 *
 * funnel.h
 *		The funnel kernel: how far one user gets through a chain of steps.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_FUNNEL_H
#define JOURNEY_FUNNEL_H

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

typedef struct FunnelSpec
{
	int64		within;			/* microseconds, 0 to DURATION_MAX */
	uint32		modes;			/* FUNNEL_* bits */
} FunnelSpec;

/* The names of the modes, for messages. */
#define FUNNEL_MODE_NAMES \
	"strict_order, strict_deduplication, strict_increase, strict_once, allow_reentry, any_order, " \
	"first_chain, latest_chain, consecutive"

/* What is wrong with a set of modes. */
typedef enum FunnelModeError
{
	FUNNEL_MODES_OK,
	FUNNEL_MODE_UNKNOWN,
	FUNNEL_REENTRY_ALONE,		/* allow_reentry without strict_order */
	FUNNEL_ANY_ORDER_COMBINED,	/* any_order with another mode */
	FUNNEL_CONSECUTIVE_COMBINED,	/* consecutive with another mode */
	FUNNEL_CHAIN_TWICE			/* first_chain and latest_chain */
} FunnelModeError;

extern FunnelModeError funnel_parse_modes(const char *text, size_t length, uint32 *modes,
										  size_t *bad, size_t *bad_length);
extern FunnelModeError funnel_check_modes(uint32 modes);
extern const char *funnel_mode_name(int mode);

/*
 * In strict_order and consecutive a row that meets no condition ends a chain; in
 * every other mode such a row need not be kept at all.
 */
static inline bool
funnel_needs_event(uint32 modes, uint64 step)
{
	return stepset_conditions(step) != 0 || (modes & (FUNNEL_STRICT_ORDER | FUNNEL_CONSECUTIVE)) != 0;
}

extern int	funnel_level(const Event *events, size_t n, int nsteps,
						 const FunnelSpec *spec, int64 *times);
extern int	funnel_consecutive(const Event *events, size_t n, int nsteps,
							   const FunnelSpec *spec, int64 *times,
							   size_t *begin, size_t *end);

#endif							/* JOURNEY_FUNNEL_H */
