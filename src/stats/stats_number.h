/*-------------------------------------------------------------------------
 *
 * stats_number.h
 *		The numbers in the structs of finished results, of any size.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_STATS_NUMBER_H
#define JOURNEY_STATS_NUMBER_H

#include "postgres.h"

#include "stats/stats.h"

static inline int64
stats_get_number(const StatsField *field, const void *item)
{
	const char *at = (const char *) item + field->offset;

	if (field->size == sizeof(int64))
		return *(const int64 *) at;
	if (field->size == sizeof(bool))
		return *(const bool *) at;
	return field->least < 0 ? (int64) *(const int32 *) at : (int64) *(const uint32 *) at;
}

static inline void
stats_set_number(const StatsField *field, void *item, int64 number)
{
	char	   *at = (char *) item + field->offset;

	if (field->size == sizeof(int64))
		*(int64 *) at = number;
	else if (field->size == sizeof(bool))
		*(bool *) at = number != 0;
	else
		*(uint32 *) at = (uint32) number;
}

/* What a field is that a value does not have. */
static inline void
stats_set_default(const StatsField *field, void *item)
{
	if (field->kind == STATS_ZONE)
		*(const char **) ((char *) item + field->offset) = "";
	if (field->kind == STATS_UNTIL)
		*(int64 *) ((char *) item + field->offset) = PG_INT64_MAX;
	if (field->kind == STATS_NUMBER || field->kind == STATS_SIGNED)
		stats_set_number(field, item, field->otherwise);
}

extern int	stats_format_of(const StatsType *type, const void *stats);

#endif							/* JOURNEY_STATS_NUMBER_H */
