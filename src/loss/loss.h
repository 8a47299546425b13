/*-------------------------------------------------------------------------
 *
 * loss.h
 *		The loss kernel: why one user stopped at a step of a funnel.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_LOSS_H
#define JOURNEY_LOSS_H

#include "base/base.h"
#include "event/event.h"
#include "funnel/funnel.h"

/* The relaxations, from the weakest on. */
typedef enum LossReason
{
	LOSS_STILL_OPEN,			/* the window is not over */
	LOSS_TOO_LATE,				/* the step came after the window, or after a
								 * limit between steps */
	LOSS_INTERRUPTED,			/* by an event that a rule or mode excludes */
	LOSS_OTHER_VALUE,			/* with another value of the property held */
	LOSS_OTHER_ORDER,			/* all steps came in one window, in another
								 * order */
	LOSS_NEVER
} LossReason;

#define LOSS_NREASONS 6

extern const char *const loss_reason_names[LOSS_NREASONS];

/* How far a user got, and why no further. */
typedef struct Loss
{
	int			level;			/* the step reached, from 1; 0: none, or the
								 * chain was dropped */
	int			required;		/* how many steps that are not optional; those
								 * of a dropped chain, too */
	bool		dropped;		/* by an exclusion */
	int64		times[STEPSET_MAX]; /* of the steps */
	LossReason	reason;
	int64		lateness;		/* LOSS_TOO_LATE: microseconds */
} Loss;

/* The events of a user, and a funnel. */
typedef struct LossUser
{
	const Event *events;		/* in the event order, with nconditions each */
	size_t		n;
	int			nsteps;
	int			nconditions;	/* steps and excluded ones */
	const FunnelSpec *spec;
	int64		until;			/* the end of observation, after all events;
								 * PG_INT64_MAX: all windows are over */
	Event	   *copies;			/* room for n + 1 */
} LossUser;

/* Did the user enter the funnel and stop before its last step? */
static inline bool
loss_stopped(const Loss *loss, int nsteps, const FunnelSpec *spec)
{
	return loss->required > 0 && (loss->dropped || loss->required < funnel_required_steps(nsteps, spec));
}

extern void loss_reach(const LossUser *user, Loss *loss);
extern void loss_relax(const LossUser *user, Loss *loss);
extern size_t loss_after(const LossUser *user, const Loss *loss);

#endif							/* JOURNEY_LOSS_H */
