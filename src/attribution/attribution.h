/*-------------------------------------------------------------------------
 *
 * attribution.h
 *		The attribution kernel: how the touches of one user share the credit
 *		for the user's conversions.
 *
 * A conversion has the touches before it, or of its time, that are no older
 * than the spec allows: touches[begin, end).  Both bounds ascend from one
 * conversion to the next, so windows slide, and every model is linear in
 * touches and conversions.
 *
 * What is shared is an amount: a whole number of small units, so that sums do
 * not depend on their order.  The shares of an amount add up to it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ATTRIBUTION_H
#define JOURNEY_ATTRIBUTION_H

#include "event/event.h"

#define ATTRIBUTION_BITS		60
#define ATTRIBUTION_WHOLE		(UINT64_C(1) << ATTRIBUTION_BITS)	/* a conversion, or a
																	 * value of 1, in units */

/* The most touches of a path; those nearest to its end are kept. */
#define ATTRIBUTION_DEPTH_MAX	50

typedef enum AttributionModel
{
	ATTRIBUTION_FIRST,
	ATTRIBUTION_LAST,
	ATTRIBUTION_LAST_NON_DIRECT,
	ATTRIBUTION_LINEAR,
	ATTRIBUTION_POSITION,
	ATTRIBUTION_TIME_DECAY
} AttributionModel;

#define ATTRIBUTION_NMODELS 6

typedef struct AttributionSpec
{
	int64		look_back;		/* microseconds, 0 to DURATION_MAX */
	int64		half_life;		/* microseconds, from 1 */
	uint64		first;			/* weights of position: together they are */
	uint64		middle;			/* ATTRIBUTION_WHOLE; not both the first and */
	uint64		last;			/* the last are 0 */
	uint32		direct;			/* the node of direct touches, or NODE_NONE */
	bool		reset;			/* a conversion uses up its touches */
	/* the first time of the bucket that a conversion is in; NULL: any */
	int64		(*bucket_begin) (void *calendar, int64 at);
	void	   *calendar;
} AttributionSpec;

typedef struct AttributionTouch
{
	int64		at;
	uint32		node;
	size_t		known;			/* the last touch up to here that is not
								 * direct, + 1; 0: none */
	size_t		first;			/* the conversions that have the touch: */
	size_t		stop;			/* [first, stop), none if first >= stop */
} AttributionTouch;

typedef struct AttributionConversion
{
	int64		at;
	size_t		begin;			/* its touches */
	size_t		end;			/* the number of touches before it */
	size_t		steps;			/* touches of all conversions before it */
	int128		value;			/* units */
	double		weight;			/* of time decay: that of all its touches, if
								 * the last one's is 1 */
} AttributionConversion;

/* One user, in the event order, and room to work. */
typedef struct AttributionUser
{
	AttributionTouch *touches;
	size_t		ntouches;
	AttributionConversion *conversions;
	size_t		nconversions;
	int128	   *credit;			/* [ntouches + 1] */
	double	   *sums;			/* [Max(ntouches, nconversions) + 1] */
} AttributionUser;

extern const char *const attribution_model_names[ATTRIBUTION_NMODELS];

extern void attribution_windows(AttributionUser *user, const AttributionSpec *spec);
extern void attribution_share(AttributionUser *user, const AttributionSpec *spec,
							  AttributionModel model, bool values);
extern size_t attribution_lost_path(const AttributionUser *user, const AttributionSpec *spec,
									size_t begin);

/* Does a touch lead to no conversion? */
static inline bool
attribution_touch_is_lost(const AttributionTouch *touch)
{
	return touch->first >= touch->stop;
}

#endif							/* JOURNEY_ATTRIBUTION_H */
