/*-------------------------------------------------------------------------
 *
 * retention_kernel.h
 *		The cohort retention kernel: in which periods after a start did one user
 *		come back?
 *
 * A cohort is the set of users who started in one bucket of the calendar.
 * The age of an event is the number of periods since the start.  Ages are
 * grouped into cells: cell 0 is age 0, and each further cell is one age or a
 * bracket of several.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_COHORT_H
#define JOURNEY_COHORT_H

#include "base/base.h"
#include "event/event.h"

/* The flags of a user's period or event. */
#define COHORT_START	1
#define COHORT_RETURN	2

/* The most periods that are looked at. */
#define COHORT_MOST_PERIODS 10000

/* In which cells does a user count who came back at some ages? */
typedef enum CohortReturns
{
	COHORT_ON,					/* in those */
	COHORT_ON_OR_AFTER,			/* in those and all before */
	COHORT_WITHIN,				/* in those and all after */
	COHORT_WITHIN_FROM_1		/* the same, age 0 not counting */
} CohortReturns;

#define COHORT_NRETURNS 4

typedef struct CohortSpec
{
	bool		every;			/* a start in every bucket, or the first only? */
	CohortReturns returns;
	bool		with_values;
	int			ncells;			/* with cell 0 */
	int			last_period;	/* of the last cell */
	const int32_t *lasts;		/* [ncells]: the last age of each cell; NULL
								 * when each cell is one age */
} CohortSpec;

/*
 * A cell in which a user did something.  A user counts once in the cells of a
 * cohort that `counts` marks, and with others than COHORT_ON that is
 * one: the others follow from it when results are read.
 */
typedef struct CohortCell
{
	int			cell;
	bool		counts;
	double		value;
} CohortCell;

/* An event of a user, for ages that begin at the user's own start. */
typedef struct CohortEvent
{
	int64		at;				/* microseconds */
	uint32		flags;
	double		value;
} CohortEvent;

/* The last age of a cell. */
static inline int
cohort_cell_last(const CohortSpec *spec, int cell)
{
	return spec->lasts == NULL ? cell : spec->lasts[cell];
}

/* The first age of a cell. */
static inline int
cohort_cell_first(const CohortSpec *spec, int cell)
{
	return cell == 0 ? 0 : cohort_cell_last(spec, cell - 1) + 1;
}

extern int	cohort_cells(const CohortSpec *spec, const UserPeriod *periods, size_t n,
						 size_t start, CohortCell *cells);
extern int	cohort_rolling_cells(const CohortSpec *spec, const CohortEvent *events, size_t n,
								 int64 start, int64 length, CohortCell *cells);

#endif							/* JOURNEY_COHORT_H */
