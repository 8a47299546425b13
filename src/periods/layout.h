/*-------------------------------------------------------------------------
 *
 * layout.h
 *		The layout of a set of user periods in memory and in files.
 *
 * A record of the buffer is
 *
 *		hash		8 bytes: the user's key, spread out
 *		period		4 bytes, with the flags in the lowest two bits
 *		value		8 bytes, when values are kept
 *		id			length (4 bytes) and bytes, when the key is a hash itself
 *
 * in the machine's byte order, and not aligned.  Users usually return within
 * minutes, so a small cache remembers the latest users, and an event in the
 * same period adds no record.
 *
 * Most often there are no values.  Then, beyond a small number, records are
 * kept in USER_PARTS parts by the highest bits of the hash, without ids, and
 * grouped one part after the other: a table that fits the cache holds each
 * user's periods as bits (periods/period_table.h).  The table is in the order
 * of the hash, so users are visited, or written to a run, in its order.  Ids
 * that are no integers are in the site's names (store/user_names.h), which
 * have those of a hash as long as no two ids have the same.
 *
 * Other records, and the records of small sets, are in one buffer.  To group
 * them, they are scattered into partitions by the high bits of the hash,
 * about PARTITION_RECORDS each.  In a partition a small hash table numbers
 * the users and counts their records, and a second pass puts the periods of
 * each user side by side.
 *
 * When memory is used up, the grouped records become a run: for each user, in
 * the order of the hash,
 *
 *		size		of what follows, in bytes (a number: see base/codec.h)
 *		hash		8 bytes
 *		id			length (a number) and bytes, when the key is a hash itself
 *		n			number of periods
 *		periods		n times the difference to the period before (the first: to
 *					0) with the flags in the lowest two bits, a number; and the
 *					value, 8 bytes, when values are kept
 *
 * A user with ten active days takes about 25 bytes.  Runs are merged so that
 * each is less than half as large as the one before.  So there are few runs,
 * a record is moved a logarithmic number of times, and memory stays linear in
 * the users and their periods.  A run has the same form in memory, in a
 * temporary file, and in the serialized state of a worker.  Visiting the
 * users means merging all runs and parts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PERIODS_LAYOUT_H
#define JOURNEY_PERIODS_LAYOUT_H

#include "postgres.h"

#include <math.h>

#include "periods/period_table.h"
#include "periods/periods.h"
#include "storage/buffile.h"

#define RECORD_BYTES		12	/* of a record of an integer, without a value */
#define LARGEST_FLUSH		(256 * 1024 * 1024)
#define SPILL_SMALLEST		(64 * 1024) /* a set smaller than this stays */
#define FILE_BUFFER			(64 * 1024)

/* The records of parts that another process has given. */
struct UserPeriodsTaken
{
	const char *records;
	const uint64 *ends;			/* [USER_PARTS]: of each part, in bytes */
};

/* A run in memory, or if there is a file, in that. */
struct UserPeriodsRun
{
	char	   *bytes;
	BufFile    *file;
	uint64		size;
	int			joined;			/* of a file: how often files were joined into
								 * it */
	bool		borrowed;		/* in memory that is not the run's to free */
};

/* A record of the buffer taken apart; the pointer leads into the record. */
typedef struct PeriodRecord
{
	uint64		hash;
	uint32		period;			/* with flags */
	double		value;
	const char *id;
	uint32		id_length;
} PeriodRecord;

/* Where the record of a user of late lies. */
#define RECENT_BITS			13
#define RECENT_RECORDS		(1 << RECENT_BITS)
#define RECENT_NONE			UINT32_MAX

struct RecentRecord
{
	uint64		hash;			/* of the user */
	char	   *record;
	uint32		period;			/* with flags, as in the record; RECENT_NONE */
};

/* A user of late, and a period of theirs that is in a part or a run. */
struct RecentUser
{
	uint64		hash;
	uint32		period;			/* with flags; RECENT_NONE */
};

static inline bool
periods_are_keyed(const UserPeriods *set)
{
	return set->site->key_type.kind != USER_KEY_INTEGER;
}

/* Read a record of a part, which is always as that of an integer without a value. */
static inline const char *
period_part_record_read(const char *at, PeriodRecord *record)
{
	memset(record, 0, sizeof(PeriodRecord));
	memcpy(&record->hash, at, 8);
	memcpy(&record->period, at + 8, 4);
	return at + RECORD_BYTES;
}

/* The user of a part's record, whose key is the hash in runs and tables. */
static inline UserKey
period_part_user(const UserPeriods *set, uint64 hash)
{
	UserKey		user = {hash, NULL, 0};

	if (set->named && set->site->key_type.kind == USER_KEY_BYTES)
	{
		user = user_names_of_key(set->site->names, unspread(hash));
		user.key = hash;
	}
	return user;
}

/* Read the record at `at`; returns where the next one begins. */
static inline const char *
period_record_read(const UserPeriods *set, const char *at, PeriodRecord *record)
{
	memcpy(&record->hash, at, 8);
	memcpy(&record->period, at + 8, 4);
	at += 12;
	record->value = 0;
	if (set->with_values)
	{
		memcpy(&record->value, at, 8);
		at += 8;
	}
	record->id = NULL;
	record->id_length = 0;
	if (periods_are_keyed(set))
	{
		memcpy(&record->id_length, at, 4);
		record->id = at + 4;
		at += 4 + record->id_length;
	}
	return at;
}

/*
 * A run that is being written.  With a file, `data` is what has not been
 * written to it yet.
 */
typedef struct PeriodRunWriter
{
	MemoryContext context;
	char	   *data;
	size_t		used;
	size_t		capacity;
	size_t		most;			/* how long data may get; 0: as it likes */
	BufFile    *file;
	uint64		in_file;		/* bytes */
} PeriodRunWriter;

/* Room for UserPeriods. */
typedef struct PeriodArray
{
	UserPeriod *items;
	size_t		capacity;
} PeriodArray;

extern void period_array_grow(PeriodArray *array, size_t n);

static inline void
period_array_need(PeriodArray *array, size_t n)
{
	if (unlikely(n > array->capacity))
		period_array_grow(array, n);
}

/* A sum of values must be a number as well. */
static inline double
period_values_add(double a, double b)
{
	double		sum = a + b;

	if (unlikely(isinf(sum) || isnan(sum)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the sum of value is out of range")));
	return sum;
}

/* Reads the users of a run one after the other. */
typedef struct PeriodRunReader
{
	const char *at;				/* the next user */
	const char *end;			/* of what is in memory */
	BufFile    *file;
	uint64		left;			/* bytes that are still in the file only */
	char	   *buffer;
	size_t		capacity;

	/* or the users of a set's parts */
	const UserPeriods *parts_of;	/* NULL: it is a run */
	int			part;			/* the next one */
	PeriodTable *table;			/* the users of the one before */
	const PeriodEntry *next_entry;

	/* the current user, as long as the reader is not advanced */
	const char *user;
	uint64		hash;
	const char *id;
	uint32		id_length;
	ByteReader	periods;
	const PeriodEntry *entries; /* of a table; else NULL, */
	size_t		nentries;		/* and how many */
	uint64		n;				/* periods, of a table at most; 0 before the
								 * first user */
} PeriodRunReader;

/* What becomes of merged users: they are written to a run, or visited. */
typedef struct PeriodMergeOutput
{
	PeriodRunWriter *writer;
	UserPeriodsVisitor visit;
	void	   *arg;
} PeriodMergeOutput;

/* Records of a part that lie in a row. */
typedef struct PartPiece
{
	const char *begin;
	const char *end;
} PartPiece;

/* Is there too little memory for the runs to stay? */
static inline bool
period_runs_must_spill(const UserPeriods *set)
{
	return set->run_bytes >= SPILL_SMALLEST && set->site->used >= set->site->limit / 2;
}

/* period_run.c */
extern void period_run_free(UserPeriods *set, UserPeriodsRun *run);
extern void period_run_keep(UserPeriods *set, const UserPeriodsRun *run);
extern ByteWriter period_run_reserve(PeriodRunWriter *writer, size_t size);
extern void period_run_write(const UserPeriods *set, PeriodRunWriter *writer, uint64 hash,
							 const char *id, uint32 id_length, const UserPeriod *periods, size_t n);
extern UserPeriodsRun period_run_finish(PeriodRunWriter *writer);
extern bool period_run_next(PeriodRunReader *reader, bool keyed);
extern size_t period_run_periods(const UserPeriods *set, const PeriodRunReader *reader,
								 UserPeriod *periods);

/* period_merge.c */
extern void period_array_grow(PeriodArray *array, size_t n);
extern size_t periods_order(UserPeriod *periods, size_t n, PeriodArray *scratch);
extern void period_merge(const UserPeriods *set, const UserPeriodsRun *runs, int n,
						 bool with_parts, const PeriodMergeOutput *out);
extern void period_merge_spill(UserPeriods *set);
extern void period_merge_keep(UserPeriods *set, PeriodRunWriter *writer);

/* period_buffer.c */
extern void period_group_part(const UserPeriods *set, const char *records, const char *end,
							  uint64 n, PeriodRunWriter *writer);
extern void period_buffer_free(UserPeriods *set);
extern void period_buffer_flush(UserPeriods *set);

/* period_parts.c */
extern int	period_part_pieces(const UserPeriods *set, int number, PartPiece **pieces);
extern bool period_parts_next(PeriodRunReader *reader);
extern void period_parts_free(UserPeriods *set);
extern void period_parts_flush(UserPeriods *set);
extern void period_parts_start(UserPeriods *set);
extern void user_periods_leave_names(UserPeriods *set);

/* period_gift.c */
extern void user_periods_exchange(UserStore *store, dsa_area *area);

#endif							/* JOURNEY_PERIODS_LAYOUT_H */
