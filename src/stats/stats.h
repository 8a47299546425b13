/*-------------------------------------------------------------------------
 *
 * stats.h
 *		Types of finished results: a room describes the fields of its type and
 *		gets the stored form, the text form, the validation of hostile bytes
 *		and text, rollup, and the SQL functions.
 *
 * A value is a struct that begins with its memory context.  Its fields are
 * described in the order of the stored form: numbers (see base/codec.h), the
 * first of which is the version of the format.  The text form is a JSON
 * object with a member for each field, "version" first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_STATS_H
#define JOURNEY_STATS_H

#include "postgres.h"

#include "base/base.h"
#include "compat.h"
#include "lib/stringinfo.h"
#include "time/time.h"
#include "utils/jsonb.h"

typedef struct StatsType StatsType;
typedef struct StatsField StatsField;

typedef enum StatsFieldKind
{
	STATS_NUMBER,				/* bool, enum, int or 64 bits, 0 or more; as
								 * text a name if it has names, true or false
								 * if it is a bool */
	STATS_FLAG,					/* text only: the bit `most` of a number, true
								 * or false */
	STATS_SIGNED,				/* an int or 64 bits */
	STATS_STEP,					/* 64 bits, stored as the difference to the
								 * item before */
	STATS_TEXT,					/* a TextSlice, stored as length + 1 (0: NULL)
								 * and bytes */
	STATS_ZONE,					/* the name of a time zone, stored as length
								 * and bytes */
	STATS_UNTIL,				/* the end of observation, stored as 0 if it
								 * was not given (PG_INT64_MAX), else 1 and
								 * the time */
	STATS_HISTOGRAM,
	STATS_COUNT,				/* how many items a list has; no member */
	STATS_LIST,					/* the items, in ascending order */
	STATS_OPEN,					/* up to STATS_CLOSE: elements of one array as
								 * text */
	STATS_CLOSE,
	STATS_CHECK,				/* no field: a check of those before it */
	STATS_HAND					/* by functions of the room */
} StatsFieldKind;

/* In which form is a field? */
typedef enum StatsForms
{
	STATS_BOTH,
	STATS_BYTES,
	STATS_AS_TEXT
} StatsForms;

/* How rollup adds a field of other users. */
typedef enum StatsMerge
{
	STATS_SAME,					/* it must be the same: a parameter */
	STATS_SUM,
	STATS_LATEST,				/* the higher one */
	STATS_KEY,					/* items of the same keys are added up */
	STATS_IF_KNOWN,				/* a zone: the same, or known of one only,
								 * then not known */
	STATS_OTHERWISE				/* by the room */
} StatsMerge;

/* Bytes that are written, and a text form that is put together or read. */
typedef struct StatsWriter
{
	const StatsType *type;
	bytea	   *bytes;
	ByteWriter	out;
	unsigned char *end;
} StatsWriter;

typedef struct StatsText
{
	StringInfoData out;
	int			version;		/* of the format */
	bool		first;			/* of an object or array: no comma */
} StatsText;

typedef struct StatsJson
{
	const StatsType *type;
	JsonbContainer *object;
	JsonbContainer *array;		/* its elements are read rather than members;
								 * or NULL */
	const char *array_name;
	uint32		next;			/* element of the array */
} StatsJson;

/* A field by functions of the room; what a form does not have is NULL. */
typedef struct StatsHand
{
	void		(*write) (StatsWriter *out, const void *stats, const void *item);
	bool		(*read) (ByteReader *in, void *stats, void *item);	/* false if it is none */
	void		(*append) (StatsText *out, const char *name, const void *stats, const void *item);
	void		(*parse) (StatsJson *in, const char *name, void *stats, void *item);
	void		(*merge) (void *stats, void *item, const void *from);
	bool		(*same) (const void *a, const void *b);
	/* of numbers of names: give them others, in memory of their own if shared */
	void		(*renumber) (void *item, const uint32 *numbers, bool shared);
} StatsHand;

/* An item as text. */
typedef enum StatsItemForm
{
	STATS_OBJECTS,
	STATS_ARRAYS,
	STATS_VALUES				/* of its only field */
} StatsItemForm;

/* What a list grows and finds its items by. */
typedef struct StatsIndex
{
	uint32		capacity;
	uint32		nslots;			/* a power of two; 0: not laid out */
	uint32	   *slots;			/* hash table of numbers of items + 1 */
} StatsIndex;

typedef struct StatsList
{
	const StatsField *fields;
	uint32		nfields;
	uint32		size;			/* of an item */
	uint32		least_bytes;	/* that an item is stored in */
	size_t		n;				/* where in the value: uint32 */
	size_t		items;			/* a pointer to the items */
	size_t		index;			/* a StatsIndex, if there is a hash */
	StatsItemForm form;
	bool		ordered;		/* must the items be in order in the text
								 * form, too? */
	uint64		(*hash) (const void *item);
	int			(*order) (const void *a, const void *b);
	void		(*begin) (void *stats, void *item); /* give a new item its
													 * arrays */
	bool		(*is_valid) (void *stats, void *item, const void *before);

	/*
	 * what fields do not say of adding an item, which has keys only if it is
	 * new
	 */
	void		(*merge_item) (void *stats, void *item, const void *from, bool is_new);
	/* add all items, if that must be faster than field by field */
	void		(*merge) (void *stats, const void *from);
} StatsList;

struct StatsField
{
	StatsFieldKind kind;
	const char *name;			/* of its member; of a check, the member at
								 * fault */
	size_t		offset;			/* in the value, or in the item */
	uint8		size;			/* of a number, in bytes */
	uint8		since;			/* the version of the format that it came with */
	StatsForms	forms;
	StatsMerge	merge;
	bool		nullable;		/* a text */
	bool		is_name;		/* a number of 32 bits: that of a name of the
								 * type */
	int64		least;			/* bounds of a number */
	int64		most;
	int64		otherwise;		/* what a number is that a value does not have */
	const char *counted;		/* of a sum: what there may be too many of */
	const char *const *names;	/* of a number, from 0 */
	bool		(*when) (const void *stats);	/* has the value this field? */
	bool		(*check) (void *stats);
	const StatsList *list;
	const StatsHand *hand;
};

struct StatsType
{
	const char *name;
	const char *makers;			/* the functions whose results they are */
	int			format;			/* the newest version */
	size_t		size;			/* of the struct */
	const StatsField *fields;
	uint32		nfields;
	const StatsList *names;		/* texts, whose numbers others hold; or NULL */
	const char *whole;			/* the member at fault if the fields do not go
								 * together */
	const char *differ;			/* "funnels that differ in kind", for messages */
	const char *zones_differ;	/* "trends of different time zones" */
	const char *zone_maker;
	const char *too_large;		/* a hint; or NULL */
	int			(*format_of) (const void *stats);	/* the version of one
													 * value, if not always
													 * the newest */
	bool		(*is_valid) (void *stats);
	/* refuse to add what cannot be added up */
	void		(*check_sum) (const void *into, const void *from);
	/* before a merge, which is then of what this returns */
	const void *(*prepare_merge) (void *into, const void *from);
	char	   *(*describe) (const void *stats);
};

/*
 * Fields, each with what the macros after them add.
 */
#define STATS_AT(struct_, member) \
	.offset = offsetof(struct_, member), .size = sizeof(((struct_ *) NULL)->member)
#define STATS_FIELD_WITHIN(kind_, name_, struct_, member, least_, most_, ...) \
	{.kind = kind_, .name = name_, STATS_AT(struct_, member), .least = least_, .most = most_, ##__VA_ARGS__}
#define STATS_FIELD(kind, name, struct_, member, ...) \
	STATS_FIELD_WITHIN(kind, name, struct_, member, PG_INT64_MIN, PG_INT64_MAX, ##__VA_ARGS__)
#define STATS_NUMBER_FIELD(name, struct_, member, least, most, ...) \
	STATS_FIELD_WITHIN(STATS_NUMBER, name, struct_, member, least, most, ##__VA_ARGS__)
#define STATS_COUNTER_FIELD(name, struct_, member, ...) \
	STATS_FIELD_WITHIN(STATS_NUMBER, name, struct_, member, 0, PG_INT64_MAX, STATS_MERGED(STATS_SUM), ##__VA_ARGS__)
#define STATS_FLAG_FIELD(name, struct_, member, bit) \
	STATS_FIELD_WITHIN(STATS_FLAG, name, struct_, member, 0, bit, STATS_ONLY(STATS_AS_TEXT))
#define STATS_NAME_FIELD(struct_, member) \
	STATS_FIELD_WITHIN(STATS_NUMBER, NULL, struct_, member, 0, UINT32_MAX - 1, STATS_IS_KEY, .is_name = true)
#define STATS_VALUE_FIELD(kind_, ...) \
	{.kind = kind_, ##__VA_ARGS__}
#define STATS_COUNT_FIELD(list_, ...) \
	{.kind = STATS_COUNT, .forms = STATS_BYTES, .list = list_, ##__VA_ARGS__}
#define STATS_LIST_FIELD(name_, list_, ...) \
	{.kind = STATS_LIST, .name = name_, .list = list_, ##__VA_ARGS__}
#define STATS_OPEN_FIELD(name_) \
	{.kind = STATS_OPEN, .name = name_}
#define STATS_CLOSE_FIELD \
	{.kind = STATS_CLOSE}
#define STATS_CHECK_FIELD(name_, check_, ...) \
	{.kind = STATS_CHECK, .name = name_, .check = check_, ##__VA_ARGS__}
#define STATS_HAND_FIELD(name_, hand_, ...) \
	{.kind = STATS_HAND, .name = name_, .hand = hand_, .merge = STATS_OTHERWISE, ##__VA_ARGS__}

#define STATS_IS_KEY			.merge = STATS_KEY
#define STATS_MERGED(how)		.merge = how
#define STATS_COUNTED(what)		.counted = what
#define STATS_NAMED(array)		.names = array
#define STATS_NULLABLE			.nullable = true
#define STATS_ONLY(form)		.forms = form
#define STATS_SINCE(version)	.since = version
#define STATS_OTHERWISE_IS(number)	.otherwise = number
#define STATS_WHEN(function)	.when = function

/*
 * A list of items that its value holds as uint32 n##items and *items, and an
 * index that finds them.
 */
#define STATS_LIST_WITHOUT_INDEX(struct_, item, items_) \
	.size = sizeof(item), .n = offsetof(struct_, n##items_), .items = offsetof(struct_, items_)
#define STATS_LIST_OF(struct_, item, items, index_) \
	STATS_LIST_WITHOUT_INDEX(struct_, item, items), .index = offsetof(struct_, index_)
#define STATS_FIELDS(array) .fields = array, .nfields = lengthof(array)

/* stats.c */
extern void *stats_new(const StatsType *type, MemoryContext context);
extern void *stats_unpack(const StatsType *type, MemoryContext context, struct varlena *packed);
extern struct varlena *stats_pack(const StatsType *type, void *stats);
extern Datum stats_in(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_out(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_recv(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_send(FunctionCallInfo fcinfo);
extern Datum stats_rollup_transition(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_rollup_combine(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_rollup_serialize(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_rollup_deserialize(const StatsType *type, FunctionCallInfo fcinfo);
extern Datum stats_rollup_final(const StatsType *type, FunctionCallInfo fcinfo);

/* All functions of SQL that a type needs: name_in, …, and rollup_transition, … */
#define STATS_TYPE_FUNCTIONS(name, rollup, type) \
	JOURNEY_FUNCTION_AS(name##_in, stats_in(&(type), fcinfo)) \
	JOURNEY_FUNCTION_AS(name##_out, stats_out(&(type), fcinfo)) \
	JOURNEY_FUNCTION_AS(name##_recv, stats_recv(&(type), fcinfo)) \
	JOURNEY_FUNCTION_AS(name##_send, stats_send(fcinfo)) \
	JOURNEY_FUNCTION_AS(rollup##_transition, stats_rollup_transition(&(type), fcinfo)) \
	JOURNEY_FUNCTION_AS(rollup##_combine, stats_rollup_combine(&(type), fcinfo)) \
	JOURNEY_FUNCTION_AS(rollup##_serialize, stats_rollup_serialize(&(type), fcinfo)) \
	JOURNEY_FUNCTION_AS(rollup##_deserialize, stats_rollup_deserialize(&(type), fcinfo)) \
	JOURNEY_FUNCTION_AS(rollup##_final, stats_rollup_final(&(type), fcinfo))

/* stats_list.c: the items of lists */
extern void *stats_list_item(const StatsList *list, void *stats, const void *key);
extern void *stats_list_append(const StatsList *list, void *stats, const void *key);
extern void stats_list_sort(const StatsList *list, void *stats);
extern void *stats_list_alloc(const StatsList *list, void *stats, uint32 n);
extern uint64 stats_text_hash(TextSlice text);
extern TextSlice stats_text_copy(MemoryContext context, TextSlice text);

static inline uint32
stats_list_n(const StatsList *list, const void *stats)
{
	return *(const uint32 *) ((const char *) stats + list->n);
}

static inline void *
stats_list_nth(const StatsList *list, const void *stats, uint32 i)
{
	return *(char *const *) ((const char *) stats + list->items) + (size_t) i * list->size;
}

/* stats_fields.c: the stored form */
extern void *stats_read(const StatsType *type, MemoryContext context, ByteReader *in);
extern void stats_writer_reserve(StatsWriter *out, uint64 n);

/* stats_merge.c: adding up */
extern void stats_merge(const StatsType *type, void *into, const void *from);
extern void stats_refuse_rollup(const StatsType *type, const void *into, const void *from);
extern void stats_add(uint64 *sum, uint64 more, const char *counted);

static inline void
stats_write_number(StatsWriter *out, uint64 number)
{
	if (unlikely(out->end - out->out.at < 10))
		stats_writer_reserve(out, 10);
	write_number(&out->out, number);
}

extern void stats_write_histogram(StatsWriter *out, const Histogram *histogram);

/* stats_json.c: the text form; what is not as it should be is an error */
extern char *stats_to_text(const StatsType *type, const void *stats);
extern void *stats_of_text(const StatsType *type, Jsonb *json);
extern void stats_refuse_text(const StatsType *type, const char *what);
extern void stats_append_name(StatsText *out, const char *name);
extern void stats_append_text(StatsText *out, const char *name, const char *text);
extern void stats_append_histogram(StatsText *out, const char *name, const Histogram *histogram);
extern bool stats_json_find(StatsJson *in, const char *name, JsonbValue *value);
extern JsonbValue stats_json_value(StatsJson *in, const char *name, enum jbvType wanted);
extern int64 stats_json_integer(StatsJson *in, const char *name, int64 least, int64 most);
extern void stats_json_histogram(StatsJson *in, const char *name, Histogram *histogram);
extern StatsJson stats_json_array(StatsJson *in, const char *name, uint32 least, uint32 most);

/* stats_int128.c: sums of 128 bits; less than the end, so that no sum of two overflows */
#define STATS_INT128_END ((int128) 1 << 125)

extern void stats_write_int128(StatsWriter *out, int128 units);
extern bool stats_read_int128(ByteReader *in, int128 *units);
extern void stats_append_int128(StatsText *out, const char *name, int128 units);
extern int128 stats_json_int128(StatsJson *in, const char *name);
extern void stats_add_int128(int128 *sum, int128 more);

/* A field name##_hand, a sum of 128 bits, by hand. */
#define STATS_INT128_HAND(name, struct_, member) \
static void \
name##_write(StatsWriter *out, const void *stats, const void *item) \
{ \
	stats_write_int128(out, ((const struct_ *) item)->member); \
} \
\
static bool \
name##_read(ByteReader *in, void *stats, void *item) \
{ \
	return stats_read_int128(in, &((struct_ *) item)->member); \
} \
\
static void \
name##_append(StatsText *out, const char *json, const void *stats, const void *item) \
{ \
	stats_append_int128(out, json, ((const struct_ *) item)->member); \
} \
\
static void \
name##_parse(StatsJson *in, const char *json, void *stats, void *item) \
{ \
	((struct_ *) item)->member = stats_json_int128(in, json); \
} \
\
static void \
name##_merge(void *stats, void *item, const void *from) \
{ \
	stats_add_int128(&((struct_ *) item)->member, ((const struct_ *) from)->member); \
} \
\
static const StatsHand name##_hand = { \
	.write = name##_write,.read = name##_read,.append = name##_append,.parse = name##_parse,.merge = name##_merge \
};

/* stats_top.c: the groups of a breakdown that are shown */
#define STATS_TOP_MOST 10000

typedef struct StatsGroup
{
	TextSlice	label;
	uint64		users;
} StatsGroup;

extern bool stats_read_top(TextSlice option, int *top);
extern void stats_refuse_second_top(TextSlice options);
extern bool stats_keep_top(StatsGroup *groups, uint32 n, uint32 top);
extern TextSlice stats_top_label(const StatsGroup *kept, uint32 top, TextSlice label);

/* stats_columns.c: rows to plot, and their columns */

/*
 * The rows of an accessor, whose last argument is min_users.  A column is a
 * label, or it counts users, or it rests on such counts: on each from which it
 * is computed, and on each that could be computed from it and its row.  It is
 * NULL in a row in which one of these counts is below min_users.
 *
 * A row is an array of its labels, its described columns, and then the counts
 * that it rests on but does not show.
 */
typedef struct StatsRows
{
	FunctionCallInfo fcinfo;
	const uint32 *rests_on;		/* of each described column the counts, as
								 * STATS_ON; 0: a label */
	int			ncolumns;		/* that are described */
	int			nlabels;		/* that stand before these */
	int64		min_users;
} StatsRows;

#define STATS_LABEL				0
#define STATS_ON(column)		((uint32) 1 << (column))
#define STATS_COLUMNS(rests_on)	rests_on, lengthof(rests_on)

extern int64 stats_min_users_arg(FunctionCallInfo fcinfo, int arg);
extern void *stats_begin_rows(StatsRows *rows, FunctionCallInfo fcinfo, const StatsType *type,
							  const uint32 *rests_on, int ncolumns);
extern void stats_show_row(const StatsRows *rows, Datum *values, bool *nulls);
extern Datum stats_row(const StatsRows *rows, Datum *values, bool *nulls);
extern void stats_put_text(TextSlice text, Datum *value, bool *null);
extern void stats_put_share(uint64 part, uint64 total, Datum *value, bool *null);
extern void stats_put_times(const Histogram *histogram, Datum *values, bool *nulls);
extern void stats_show_bins(const StatsRows *rows, FunctionCallInfo fcinfo, int arg, const Histogram *histogram,
							const char *example);
extern int64 *stats_bounds_arg(FunctionCallInfo fcinfo, int arg, bool durations, int64 least,
							   const char *example, int *n);

#define STATS_ARG(type) \
	stats_unpack(&(type), CurrentMemoryContext, PG_GETARG_VARLENA_PP(0))

#endif							/* JOURNEY_STATS_H */
