/*-------------------------------------------------------------------------
 *
 * experiment_stats.h
 *		The outcomes of an experiment's variants: a value that merges.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_EXPERIMENT_STATS_H
#define JOURNEY_EXPERIMENT_STATS_H

#include "postgres.h"

#include "experiment/experiment.h"
#include "stats/stats.h"

typedef enum ExperimentKind
{
	EXPERIMENT_VALUES,			/* a number for each user */
	EXPERIMENT_GOALS			/* did the user reach the goal? */
} ExperimentKind;

typedef struct ExperimentVariant
{
	TextSlice	name;
	uint64		exposed;		/* users whose first exposure it is */
	uint64		crossed;		/* of them, those exposed to another variant,
								 * too */
	uint64		open;			/* of the others, those whose window is not
								 * over */
	ExperimentSums sums;		/* of the rest */
} ExperimentVariant;

typedef struct ExperimentStats
{
	MemoryContext context;
	ExperimentKind kind;
	int64		within;
	bool		has_before;
	int64		before;
	int64		until;			/* PG_INT64_MAX: none was given */
	uint32		nvariants;
	ExperimentVariant *variants;	/* ascending by name */
	StatsIndex	index;
} ExperimentStats;

extern const StatsType experiment_stats_type;

extern ExperimentVariant *experiment_stats_variant(ExperimentStats *stats, TextSlice name);

#endif							/* JOURNEY_EXPERIMENT_STATS_H */
