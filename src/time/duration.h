/*-------------------------------------------------------------------------
 *
 * duration.h
 *		Durations: intervals without months, as microseconds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_DURATION_H
#define JOURNEY_DURATION_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"

extern Interval duration_interval(int64 microseconds);
extern Datum duration_datum(double microseconds);
extern char *duration_text(int64 microseconds);
extern int64 arg_duration(const Interval *interval, const char *name);

#endif							/* JOURNEY_DURATION_H */
