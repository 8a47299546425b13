/*-------------------------------------------------------------------------
 *
 * stats_fields.c
 *		The stored form of finished results, field by field: writing it, and
 *		reading untrusted bytes.
 *
 * A value is read in its memory context; only stats_read() switches contexts.
 * Reading stops at the first invalid field, so each field may rely on the
 * fields before it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "stats/stats.h"
#include "stats/stats_number.h"
#include "utils/memutils.h"

#define FIRST_SIZE 256

/* The version of the format that a value is written in. */
int
stats_format_of(const StatsType *type, const void *stats)
{
	return type->format_of != NULL ? type->format_of(stats) : type->format;
}

/*
 * Writing.
 */

/* Have room for n bytes more. */
void
stats_writer_reserve(StatsWriter *out, uint64 n)
{
	const uint64 used = out->bytes == NULL ? VARHDRSZ : (uint64) (out->out.at - (unsigned char *) out->bytes);
	uint64		size = FIRST_SIZE;

	if (out->bytes != NULL && (uint64) (out->end - out->out.at) >= n)
		return;
	if (used + n > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a value of type %s is too large", out->type->name),
				 errdetail("The limit is 1 GB."),
				 out->type->too_large == NULL ? 0 : errhint("%s", out->type->too_large)));
	while (size < used + n)
		size *= 2;
	size = Min(size, MaxAllocSize);
	out->bytes = out->bytes == NULL ? palloc(size) : repalloc(out->bytes, size);
	out->out.at = (unsigned char *) out->bytes + used;
	out->end = (unsigned char *) out->bytes + size;
}

static void
write_text(StatsWriter *out, const char *bytes, size_t length, uint64 marked)
{
	stats_write_number(out, marked);
	stats_writer_reserve(out, length);
	write_bytes(&out->out, bytes, length);
}

void
stats_write_histogram(StatsWriter *out, const Histogram *histogram)
{
	/* a number takes 10 bytes at most */
	stats_writer_reserve(out, 10 * (5 + 2 * (uint64) histogram->nbuckets));
	histogram_encode(histogram, &out->out);
}

static void
write_fields(StatsWriter *out, const StatsField *fields, uint32 nfields, const void *stats,
			 const void *item, const void *before)
{
	const int	version = stats_format_of(out->type, stats);
	uint32		i;
	uint32		k;

	for (i = 0; i < nfields; i++)
	{
		const StatsField *field = &fields[i];
		const char *at = (const char *) item + field->offset;

		if (field->forms == STATS_AS_TEXT || (field->when != NULL && !field->when(stats)) ||
			field->since > version)
			continue;
		switch (field->kind)
		{
			case STATS_NUMBER:
				stats_write_number(out, (uint64) stats_get_number(field, item));
				break;
			case STATS_SIGNED:
				stats_write_number(out, fold_sign(stats_get_number(field, item)));
				break;
			case STATS_STEP:
				stats_write_number(out, fold_sign((int64) (*(const uint64 *) at - (before == NULL ? 0 :
																				   *(const uint64 *) ((const char *) before + field->offset)))));
				break;
			case STATS_TEXT:
				{
					const TextSlice *text = (const TextSlice *) at;

					write_text(out, text->bytes, text->length,
							   text->bytes == NULL ? 0 : (uint64) text->length + 1);
					break;
				}
			case STATS_ZONE:
				{
					const char *zone = *(const char *const *) at;

					write_text(out, zone, strlen(zone), strlen(zone));
					break;
				}
			case STATS_UNTIL:
				{
					const int64 until = *(const int64 *) at;

					stats_write_number(out, until != PG_INT64_MAX);
					if (until != PG_INT64_MAX)
						stats_write_number(out, fold_sign(until));
					break;
				}
			case STATS_HISTOGRAM:
				stats_write_histogram(out, (const Histogram *) at);
				break;
			case STATS_COUNT:
				stats_write_number(out, stats_list_n(field->list, stats));
				break;
			case STATS_LIST:
				for (k = 0; k < stats_list_n(field->list, stats); k++)
				{
					write_fields(out, field->list->fields, field->list->nfields, stats,
								 stats_list_nth(field->list, stats, k),
								 k == 0 ? NULL : stats_list_nth(field->list, stats, k - 1));
					CHECK_FOR_INTERRUPTS();
				}
				break;
			case STATS_HAND:
				if (field->hand->write != NULL)
					field->hand->write(out, stats, item);
				break;
			case STATS_FLAG:
			case STATS_OPEN:
			case STATS_CLOSE:
			case STATS_CHECK:
				break;
		}
	}
}

/* The value as it is stored; its lists are put in order. */
struct varlena *
stats_pack(const StatsType *type, void *stats)
{
	StatsWriter out = {type, NULL, {NULL}, NULL};
	uint32		i;

	for (i = 0; i < type->nfields; i++)
		if (type->fields[i].kind == STATS_LIST && type->fields[i].list->hash != NULL)
			stats_list_sort(type->fields[i].list, stats);
	stats_writer_reserve(&out, 1);
	stats_write_number(&out, (uint64) stats_format_of(type, stats));
	write_fields(&out, type->fields, type->nfields, stats, stats, NULL);
	SET_VARSIZE(out.bytes, out.out.at - (unsigned char *) out.bytes);
	return (struct varlena *) out.bytes;
}

/*
 * Reading; false if the bytes are none.
 */

static bool
read_text(ByteReader *in, const StatsField *field, TextSlice *text)
{
	const uint64 marked = read_number(in);
	TextSlice	slice = {NULL, 0};

	if (marked > 0)
	{
		slice.bytes = (const char *) read_bytes(in, marked - 1);
		if (slice.bytes == NULL || marked > MaxAllocSize ||
			!pg_verify_mbstr(GetDatabaseEncoding(), slice.bytes, (int) (marked - 1), true))
			return false;
		slice.length = (uint32) (marked - 1);
		slice = stats_text_copy(CurrentMemoryContext, slice);
	}
	*text = slice;
	return !in->failed && (field->nullable || marked > 0);
}

static bool
read_zone(ByteReader *in, const char **zone)
{
	const uint64 length = read_number(in);
	const char *bytes = (const char *) read_bytes(in, length);

	if (in->failed || length > TZ_STRLEN_MAX || memchr(bytes, '\0', length) != NULL ||
		!pg_verify_mbstr(GetDatabaseEncoding(), bytes, (int) length, true))
		return false;
	*zone = pnstrdup(bytes, length);
	return true;
}

static bool
read_until(ByteReader *in, int64 *until)
{
	const uint64 given = read_number(in);

	*until = given == 1 ? unfold_sign(read_number(in)) : PG_INT64_MAX;
	return !in->failed && (given == 0 || (given == 1 && event_time_is_valid(*until)));
}

/* A number, which mostly takes one byte. */
static inline uint64
read_short(ByteReader *in)
{
	if (likely(in->at < in->end && *in->at < 0x80 && !in->failed))
		return *in->at++;
	return read_number(in);
}

/* Put a number in its place, if it is within its bounds. */
static inline bool
read_into(const StatsField *field, void *item, int64 number)
{
	if (number < field->least || number > field->most)
		return false;
	stats_set_number(field, item, number);
	return true;
}

/* Can there be so many items?  Each takes some of the bytes left. */
static inline bool
count_fits(const ByteReader *in, const StatsList *list, uint64 n)
{
	return !in->failed && n < UINT32_MAX && n <= bytes_left(in) / list->least_bytes;
}

static bool read_list(const StatsType *type, uint64 version, ByteReader *in, const StatsList *list,
					  void *stats);

static bool
read_fields(const StatsType *type, uint64 version, ByteReader *in, const StatsField *fields,
			uint32 nfields, void *stats, void *item, const void *before)
{
	uint32		i;

	for (i = 0; i < nfields; i++)
	{
		const StatsField *field = &fields[i];
		char	   *at = (char *) item + field->offset;
		bool		valid = true;

		if (field->forms == STATS_AS_TEXT)
			continue;
		if ((field->when != NULL && !field->when(stats)) || field->since > version)
		{
			stats_set_default(field, item);
			continue;
		}
		switch (field->kind)
		{
			case STATS_NUMBER:
				{
					const uint64 number = read_short(in);

					valid = !in->failed && number <= (uint64) PG_INT64_MAX &&
						read_into(field, item, (int64) number);
					break;
				}
			case STATS_SIGNED:
				{
					const int64 number = unfold_sign(read_short(in));

					valid = !in->failed && read_into(field, item, number);
					break;
				}
			case STATS_STEP:
				{
					const uint64 last = before == NULL ? 0 :
						*(const uint64 *) ((const char *) before + field->offset);
					const int64 number = (int64) (last + (uint64) unfold_sign(read_short(in)));

					valid = !in->failed && read_into(field, item, number);
					break;
				}
			case STATS_TEXT:
				valid = read_text(in, field, (TextSlice *) at);
				break;
			case STATS_ZONE:
				valid = read_zone(in, (const char **) at);
				break;
			case STATS_UNTIL:
				valid = read_until(in, (int64 *) at);
				break;
			case STATS_HISTOGRAM:
				valid = histogram_decode(in, (Histogram *) at);
				break;
			case STATS_COUNT:
				{
					const uint64 n = read_number(in);

					valid = count_fits(in, field->list, n);
					*(uint32 *) ((char *) stats + field->list->n) = (uint32) n;
					break;
				}
			case STATS_LIST:
				valid = read_list(type, version, in, field->list, stats);
				break;
			case STATS_CHECK:
				valid = field->check(stats);
				break;
			case STATS_HAND:
				valid = field->hand->read == NULL || field->hand->read(in, stats, item);
				break;
			case STATS_FLAG:
			case STATS_OPEN:
			case STATS_CLOSE:
				break;
		}
		if (!valid || in->failed)
			return false;
	}
	return true;
}

/* Read the items of a list, as many as were counted, each of which comes after the one before. */
static bool
read_list(const StatsType *type, uint64 version, ByteReader *in, const StatsList *list, void *stats)
{
	const uint32 n = stats_list_n(list, stats);
	char	   *before = NULL;
	char	   *item;
	uint32		i;

	if (!count_fits(in, list, n))
		return false;
	item = stats_list_alloc(list, stats, n);
	for (i = 0; i < n; i++, before = item, item += list->size)
	{
		if (list->begin != NULL)
			list->begin(stats, item);
		if (!read_fields(type, version, in, list->fields, list->nfields, stats, item, before) ||
			(before != NULL && list->order(before, item) >= 0) ||
			(list->is_valid != NULL && !list->is_valid(stats, item, before)))
			return false;
		if (i % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
	return true;
}

/* Read a value into a context; NULL if the bytes are none. */
void *
stats_read(const StatsType *type, MemoryContext context, ByteReader *in)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	void	   *stats = stats_new(type, context);
	const uint64 version = read_number(in);
	const bool	valid = version >= 1 && version <= (uint64) type->format &&
		read_fields(type, version, in, type->fields, type->nfields, stats, stats, NULL) &&
		!in->failed && bytes_left(in) == 0 &&
		version <= (uint64) stats_format_of(type, stats) &&
		(type->is_valid == NULL || type->is_valid(stats));

	MemoryContextSwitchTo(old);
	return valid ? stats : NULL;
}
