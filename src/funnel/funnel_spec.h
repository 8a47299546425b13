/*-------------------------------------------------------------------------
 *
 * funnel_spec.h
 *		What a funnel is asked for, read from options and written as such; also for
 *		rooms that ask funnels.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_FUNNEL_SPEC_H
#define JOURNEY_FUNNEL_SPEC_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "time/time.h"

extern void funnel_read_options(TextSlice text, FunnelSpec *spec, pg_tz *zone, int *top, bool trend,
								bool kept);
extern int	funnel_settle_spec(FunnelSpec *spec, TextSlice options, int nconditions);
extern void funnel_append_options(StringInfo out, const FunnelSpec *spec);

#endif							/* JOURNEY_FUNNEL_SPEC_H */
