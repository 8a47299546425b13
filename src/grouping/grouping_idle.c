/*-------------------------------------------------------------------------
 *
 * grouping_idle.c
 *		Leaves out rows that change no state.
 *
 * Most rows of a log meet no condition of a question.  Such a row is idle: once
 * an aggregate over events has a row of the group, an idle one changes nothing,
 * and need not be stored.  Each process notes of which groups it has stored a
 * row that is complete: with a time, and a stepset of the usual size.  An idle row
 * of one of these groups is left out.  All other rows are stored, so that each
 * group has a row, and each error occurs.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "event/event.h"
#include "grouping/grouping_idle.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"

#define FIRST_SLOTS_LOG2 10

/* Which rows are idle, and which complete, for an aggregate; as for those before it. */
static pg_attribute_always_inline void
idle_rows(const GroupingIdleRule *rule, const ScanVector *at, const ScanVector *step, int n,
		  bool has_nulls, bool *idle, bool *complete)
{
	const int	at_stride = at == NULL || at->constant ? 0 : 1;
	const int	step_stride = step->constant ? 0 : 1;
	int			i;

	for (i = 0; i < n; i++)
	{
		const uint64 bits = (uint64) step->values[i * step_stride];
		const int64 time = at == NULL ? 0 : DatumGetTimestampTz(at->values[i * at_stride]);
		const bool	present = !has_nulls ||
			!(step->nulls[i * step_stride] || (at != NULL && at->nulls[i * at_stride]));
		const bool	usual = (stepset_size(bits) == rule->nsteps) &
			(time != DT_NOBEGIN) & (time != DT_NOEND);

		idle[i] &= (!present) | (usual & (stepset_conditions(bits) == 0));
		complete[i] &= present & usual;
	}
}

/* The usual size of stepsets is that of the first one. */
static void
find_size(GroupingIdleRule *rule, const ScanVector *step, int n)
{
	int			i;

	for (i = 0; i < n && rule->nsteps == 0; i++)
		if (!step->nulls[step->constant ? 0 : i])
			rule->nsteps = stepset_size((uint64) step->values[step->constant ? 0 : i]);
}

static inline uint64
first_slot(const GroupingIdle *idle, uint64 hash)
{
	return hash >> (64 - idle->nslots_log2);
}

/* The slot of a hash, or that where it would be. */
static inline uint64 *
find_slot(const GroupingIdle *idle, uint64 hash)
{
	uint64		slot = first_slot(idle, hash);

	while (idle->slots[slot] != 0 && idle->slots[slot] != hash)
		slot = (slot + 1) & ((UINT64_C(1) << idle->nslots_log2) - 1);
	return &idle->slots[slot];
}

/* Have room for n more groups. */
static void
make_room(GroupingIdle *idle, int n)
{
	const uint64 nslots = UINT64_C(1) << idle->nslots_log2;
	uint64	   *old = idle->slots;
	uint64		i;

	if (idle->nused + (uint64) n <= nslots / 4 * 3)
		return;
	if (2 * nslots > idle->most)
	{
		memset(idle->slots, 0, nslots * sizeof(uint64));
		idle->nused = 0;
		return;
	}
	idle->nslots_log2++;
	idle->slots = MemoryContextAllocExtended(idle->store->context, 2 * nslots * sizeof(uint64),
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	idle->store->aside = 2 * nslots * sizeof(uint64);
	for (i = 0; i < nslots; i++)
		if (old[i] != 0)
			*find_slot(idle, old[i]) = old[i];
	pfree(old);
}

/* Nothing is noted yet. */
GroupingIdle *
grouping_idle_new(GroupingStore *store, GroupingIdleRule *rules, int n)
{
	GroupingIdle *idle = MemoryContextAllocZero(store->context, sizeof(GroupingIdle));
	int			i;

	idle->store = store;
	idle->n = n;
	idle->rules = rules;
	for (i = 0; i < n; i++)
		rules[i].nsteps = 0;
	idle->most = store->limit / 4 / sizeof(uint64);
	idle->nslots_log2 = FIRST_SLOTS_LOG2;
	idle->slots = MemoryContextAllocZero(store->context, sizeof(uint64) << idle->nslots_log2);
	store->aside = sizeof(uint64) << idle->nslots_log2;
	return idle;
}

void
grouping_idle_free(GroupingIdle *idle)
{
	idle->store->aside = 0;
	pfree(idle->slots);
	pfree(idle);
}

/* Which of n rows of a page are to be stored?  Their number. */
int
grouping_idle_leave_out(GroupingIdle *idle, const ScanVector *const *columns, int n, uint16 *kept)
{
	const ScanVector *keys = columns[idle->store->keys[0].column];
	const int	stride = keys->constant ? 0 : 1;
	bool		is_idle[SCAN_ROWS_MOST];
	bool		complete[SCAN_ROWS_MOST];
	uint64		hashes[SCAN_ROWS_MOST];
	int			nkept = 0;
	int			i;

	make_room(idle, n);
	for (i = 0; i < n; i++)
	{
		hashes[i] = grouping_value_hash(idle->store, (uint64) keys->values[i * stride]);
		__builtin_prefetch(&idle->slots[first_slot(idle, hashes[i])]);
	}
	memset(is_idle, true, (Size) n);
	memset(complete, true, (Size) n);
	for (i = 0; i < idle->n; i++)
	{
		GroupingIdleRule *rule = &idle->rules[i];
		const ScanVector *at = rule->at < 0 ? NULL : columns[rule->at];
		const ScanVector *step = columns[rule->step];

		if (rule->nsteps == 0)
			find_size(rule, step, n);
		if (step->has_nulls || (at != NULL && at->has_nulls))
			idle_rows(rule, at, step, n, true, is_idle, complete);
		else
			idle_rows(rule, at, step, n, false, is_idle, complete);
	}
	for (i = 0; i < n; i++)
	{
		uint64	   *slot;

		kept[nkept] = (uint16) i;
		if (unlikely(hashes[i] == 0 || (keys->has_nulls && keys->nulls[i * stride])))
		{
			nkept++;
			continue;
		}
		slot = find_slot(idle, hashes[i]);
		if (*slot != 0)
		{
			nkept += !is_idle[i];
			continue;
		}
		nkept++;
		if (complete[i])
		{
			*slot = hashes[i];
			idle->nused++;
		}
	}
	return nkept;
}
