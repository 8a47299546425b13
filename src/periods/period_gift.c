/*-------------------------------------------------------------------------
 *
 * period_gift.c
 *		Sharing the users with the other processes of a scan: the hashes are
 *		divided into one range of equal size for each process.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>

#include "event/event.h"
#include "miscadmin.h"
#include "periods/layout.h"

/*
 * What a process gives: for each taker a piece of each run, or if it has spilled
 * a run in a file.
 */
typedef struct UserPeriodsGift
{
	GiftHead	head;
	int			nruns;
	uint64		records;		/* where those of parts begin */
	uint64		part_ends[USER_PARTS];	/* of the records of each part, which
										 * come after all else */
	uint64		ends[FLEXIBLE_ARRAY_MEMBER];	/* of the pieces, by taker and
												 * then by run; then the sizes
												 * of files, by taker; then
												 * the bytes */
} UserPeriodsGift;

static inline uint64 *
period_gift_files(UserPeriodsGift *gift, int ntakers)
{
	return gift->ends + (size_t) gift->nruns * ntakers;
}

static inline char *
period_gift_bytes(UserPeriodsGift *gift, int ntakers)
{
	return (char *) (period_gift_files(gift, ntakers) + ntakers);
}

/* Who finishes the users of a part? */
static inline int
period_part_taker(int part, int ntakers)
{
	return part * ntakers / USER_PARTS;
}

/* Who finishes a user? */
static inline int
period_taker(uint64 hash, int ntakers)
{
	return period_part_taker(user_part(hash, 0), ntakers);
}

/* Where in a run in memory do the users of each taker end? */
static void
period_run_split(const UserPeriodsRun *run, int ntakers, const char **ends)
{
	ByteReader	in = {(const unsigned char *) run->bytes,
	(const unsigned char *) run->bytes + run->size, false};
	uint64		n = 0;
	int			taker = 0;

	while (in.at < in.end)
	{
		const char *user = (const char *) in.at;
		uint64		size = read_number(&in);
		uint64		hash;
		int			of;

		if (++n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		memcpy(&hash, in.at, sizeof(hash));
		for (of = period_taker(hash, ntakers); taker < of; taker++)
			ends[taker] = user;
		in.at += size;
	}
	for (; taker < ntakers; taker++)
		ends[taker] = (const char *) in.at;
}

/* Writes each user to the file of who finishes it. */
typedef struct PeriodGiftWriter
{
	const UserPeriods *set;
	int			ntakers;
	PeriodRunWriter *writers;
} PeriodGiftWriter;

static void
period_gift_write(void *arg, const UserKey *user, const UserPeriod *periods, size_t n)
{
	PeriodGiftWriter *gift = arg;
	const uint64 hash = spread(user->key);

	period_run_write(gift->set, &gift->writers[period_taker(hash, gift->ntakers)], hash, user->bytes,
					 user->length, periods, n);
}

/* All runs as one file for each process; of the others', the sizes. */
static void
period_give_files(UserPeriods *set, const Exchange *exchange, uint64 *sizes)
{
	PeriodGiftWriter gift = {set, exchange->n, palloc0(exchange->n * sizeof(PeriodRunWriter))};
	PeriodMergeOutput out = {NULL, period_gift_write, &gift};
	MemoryContext old = MemoryContextSwitchTo(set->context);
	int			i;

	for (i = 0; i < exchange->n; i++)
	{
		char		name[EXCHANGE_NAME_SIZE];

		exchange_file_name(name, exchange->slot, i);
		gift.writers[i].context = set->context;
		gift.writers[i].file = i == exchange->me ? BufFileCreateTemp(false) :
			BufFileCreateFileSet(exchange_files(exchange), name);
	}
	period_merge(set, set->runs, set->nruns, false, &out);
	while (set->nruns > 0)
		period_run_free(set, &set->runs[--set->nruns]);
	for (i = 0; i < exchange->n; i++)
	{
		UserPeriodsRun run = period_run_finish(&gift.writers[i]);

		sizes[i] = run.size;
		if (i == exchange->me)
			period_run_keep(set, &run);
		else
		{
			BufFileExportFileSet(run.file);
			BufFileClose(run.file);
		}
	}
	MemoryContextSwitchTo(old);
}

/*
 * Give the others the records of their parts, if there is a place to write them;
 * returns how many bytes they are.
 */
static uint64
period_give_parts(UserPeriods *set, const Exchange *exchange, char *out, uint64 *ends)
{
	uint64		length = 0;
	int			i;

	for (i = 0; i < USER_PARTS; i++)
	{
		PartPiece  *pieces;
		int			npieces = 0;
		int			k;

		if (set->parts != NULL && period_part_taker(i, exchange->n) != exchange->me)
			npieces = period_part_pieces(set, i, &pieces);
		for (k = 0; k < npieces; k++)
		{
			const size_t size = pieces[k].end - pieces[k].begin;

			if (out != NULL)
				memcpy(out + length, pieces[k].begin, size);
			length += size;
		}
		if (ends != NULL)
			ends[i] = length;
	}
	return length;
}

/* Give the others their users; false if there is no shared memory for it. */
static bool
period_give_runs(UserPeriods *set, Exchange *exchange, bool in_files)
{
	const int	ntakers = exchange->n;
	const int	nruns = in_files ? 0 : set->nruns;
	const char **ends = palloc((nruns + 1) * ntakers * sizeof(char *));
	uint64		length = 0;
	UserPeriodsGift *gift;
	char	   *out;
	int			run;
	int			taker;

	for (run = 0; run < nruns; run++)
	{
		period_run_split(&set->runs[run], ntakers, ends + run * ntakers);
		length += set->runs[run].size;	/* its own users included, which is
										 * enough */
	}
	length += period_give_parts(set, exchange, NULL, NULL);
	gift = exchange_give(exchange, offsetof(UserPeriodsGift, ends) +
						 ((size_t) nruns + 1) * ntakers * sizeof(uint64) + length);
	if (gift == NULL)
		return false;
	gift->head = gift_head(set->site, set->with_values, set->newest);
	gift->nruns = nruns;
	memset(period_gift_files(gift, ntakers), 0, ntakers * sizeof(uint64));
	out = period_gift_bytes(gift, ntakers);
	for (taker = 0; taker < ntakers; taker++)
		for (run = 0; run < nruns; run++)
		{
			const char *begin = taker == 0 ? set->runs[run].bytes : ends[run * ntakers + taker - 1];
			const size_t size = ends[run * ntakers + taker] - begin;

			if (taker != exchange->me)
			{
				memcpy(out, begin, size);
				out += size;
			}
			gift->ends[taker * nruns + run] = out - period_gift_bytes(gift, ntakers);
		}
	gift->records = out - (char *) gift;
	(void) period_give_parts(set, exchange, out, gift->part_ends);
	if (in_files)
		period_give_files(set, exchange, period_gift_files(gift, ntakers));
	for (run = 0; run < nruns; run++)
	{
		UserPeriodsRun *own = &set->runs[run];
		const char *end = ends[run * ntakers + exchange->me];

		/* the memory goes with the set's */
		set->run_bytes -= own->size;
		set->site->used -= own->size;
		own->borrowed = true;
		if (exchange->me > 0)
			own->bytes = unconstify(char *, ends[run * ntakers + exchange->me - 1]);
		own->size = end - own->bytes;
	}
	return true;
}

/* Take what process i has given. */
static void
period_take_runs(UserPeriods *set, const Exchange *exchange, int i)
{
	UserPeriodsGift *gift = exchange_taken(exchange, i);
	const int	ntakers = exchange->n;
	uint64		begin = 0;
	int			piece = exchange->me * gift->nruns;
	int			run;

	set->newest = Max(set->newest, gift_head_check(&gift->head, set->site, set->with_values));
	if (gift->part_ends[USER_PARTS - 1] > 0)
	{
		UserPeriodsTaken *taken = &set->taken[set->ntaken++];

		if (set->parts == NULL)
			set->parts = MemoryContextAllocZero(set->context, USER_PARTS * sizeof(ChunkList));
		taken->records = (const char *) gift + gift->records;
		taken->ends = gift->part_ends;
	}
	if (piece > 0)
		begin = gift->ends[piece - 1];
	for (run = 0; run < gift->nruns; run++, piece++)
	{
		UserPeriodsRun taken = {period_gift_bytes(gift, ntakers) + begin, NULL,
		gift->ends[piece] - begin, 0, true};

		period_run_keep(set, &taken);
		begin = gift->ends[piece];
	}
	if (period_gift_files(gift, ntakers)[exchange->me] > 0)
	{
		char		name[EXCHANGE_NAME_SIZE];
		UserPeriodsRun taken = {NULL, NULL, period_gift_files(gift, ntakers)[exchange->me], 0, false};

		exchange_file_name(name, exchange->slots[i], exchange->me);
		taken.file = BufFileOpenFileSet(exchange_files(exchange), name, O_RDONLY, false);
		period_run_keep(set, &taken);
	}
}

/*
 * Give users to the other processes of a scan, and take theirs.  Then this
 * set has all periods of its own users, and none of others.
 */
void
user_periods_exchange(UserStore *store, dsa_area *area)
{
	UserPeriods *set = (UserPeriods *) store;
	Exchange   *exchange = set->exchange;
	bool		in_files = false;
	int			i;

	exchange_meet(exchange, area);
	if (exchange->n == 1)
		return;
	period_buffer_flush(set);
	if (set->named)
		period_parts_flush(set);
	for (i = 0; i < set->nruns; i++)
		in_files |= set->runs[i].file != NULL;
	if (in_files || !period_give_runs(set, exchange, false))
	{
		period_parts_flush(set);
		if (!period_give_runs(set, exchange, true))
			exchange_refuse();
	}
	exchange_wait(exchange);
	while (period_part_taker(set->first_part, exchange->n) < exchange->me)
		set->first_part++;
	while (period_part_taker(set->last_part, exchange->n) > exchange->me)
		set->last_part--;
	set->taken = MemoryContextAlloc(set->context, exchange->n * sizeof(UserPeriodsTaken));
	for (i = 0; i < exchange->n; i++)
		if (i != exchange->me)
			period_take_runs(set, exchange, i);
}
