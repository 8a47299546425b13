/*-------------------------------------------------------------------------
 *
 * stats.h
 *		What the types of finished results have in common: storing, sending,
 *		rolling up, and the JSON of their text form.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_STATS_H
#define JOURNEY_STATS_H

#include "postgres.h"

#include "compat.h"
#include "lib/stringinfo.h"
#include "time/time.h"
#include "utils/jsonb.h"

/* A type of results, as its room describes it. */
typedef struct StatsType
{
	const char *name;
	const char *makers;			/* the functions whose results they are */
	/* read a value into a context; NULL if the bytes are none */
	void	   *(*read) (MemoryContext context, ByteReader *in);
	/* the value as it is stored */
	struct varlena *(*pack) (void *stats);
	/* add the users of `from`, who are others than those of `into` */
	void		(*merge) (void *into, const void *from);
} StatsType;

extern void *stats_unpack(const StatsType *type, MemoryContext context, struct varlena *packed);
extern struct varlena *stats_pack_checked(const StatsType *type, void *stats, const char *what);
extern Datum stats_recv(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_send(FunctionCallInfo fcinfo);
extern Datum stats_rollup_transition(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_rollup_combine(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_rollup_serialize(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_rollup_deserialize(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_rollup_final(const StatsType *type, FunctionCallInfo fcinfo);

/* Reading the text form; what is not as it should be is an error. */
extern void stats_refuse_text(const StatsType *type, const char *what);
extern JsonbValue stats_member(const StatsType *type, JsonbContainer *object, const char *name,
							   enum jbvType wanted);
extern JsonbContainer *stats_array_member(const StatsType *type, JsonbContainer *object,
										  const char *name);
extern JsonbValue stats_element(const StatsType *type, JsonbContainer *array, uint32 i,
								enum jbvType wanted, const char *name);
extern int64 stats_integer_of(const StatsType *type, const JsonbValue *value, const char *name);
extern int64 stats_integer_member(const StatsType *type, JsonbContainer *object,
								  const char *name);
extern int	stats_name_member(const StatsType *type, JsonbContainer *object, const char *name,
							  const char *const *names, int n);

/*
 * What results by the calendar have in common: the name of the time zone, empty
 * if it is not known, and the end of observation, PG_INT64_MAX if the call gave
 * none.
 */
extern uint64 stats_calendar_size(const char *zone, int64 until);
extern void stats_write_calendar(const char *zone, int64 until, ByteWriter *out);
extern bool stats_read_calendar(ByteReader *in, const char **zone, int64 *until);
extern void stats_append_zone(StringInfo out, const char *zone);
extern void stats_append_until(StringInfo out, int64 until);
extern const char *stats_zone_member(const StatsType *type, JsonbContainer *object);
extern int64 stats_until_member(const StatsType *type, JsonbContainer *object);

extern void stats_append_histogram(StringInfo out, const Histogram *histogram);
extern void stats_read_histogram(const StatsType *type, JsonbContainer *object,
								 Histogram *histogram, const char *name);

#endif							/* JOURNEY_STATS_H */
