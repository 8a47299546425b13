/*-------------------------------------------------------------------------
 *
 * time.h
 *		Times, durations, calendar units, and histograms of durations.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_TIME_H
#define JOURNEY_TIME_H

#include "time/moment.h"

#ifndef JOURNEY_NO_SERVER
#include "time/calendar.h"
#include "time/duration.h"
#include "time/duration_counts.h"
#include "time/histogram.h"
#endif

#endif							/* JOURNEY_TIME_H */
