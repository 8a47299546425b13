/*-------------------------------------------------------------------------
 *
 * roaring_combine.c
 *		Combinations of two sets: and, or, xor, andnot, and their
 *		cardinalities.
 *
 * Containers of equal key meet.  An array is filtered by the other container
 * or merged with another array, runs are swept with runs, and everything else
 * goes through a bitmap.
 *
 *-------------------------------------------------------------------------
 */
#include "roaring/roaring_combine.h"
#include "roaring/roaring_lookup.h"
#include "roaring/roaring_words.h"

/* From this ratio on a short array is looked up in a long one, not merged. */
#define GALLOP_RATIO 32

/*
 * Arrays with at least this number of members together are united in a
 * bitmap, because each step of a merge depends on the one before.
 */
#define MERGE_MEMBERS_MAX 1024

/* Keep the numbers of array `a` that are in `b`, or those that are not. */
static uint32
roaring_filter_array(const RoaringContainer *a, const RoaringContainer *b, bool in_b, uint16 *numbers)
{
	uint32		n = 0;
	uint32		i;
	uint32		j = 0;

	switch (b->kind)
	{
		case ROARING_BITMAP:
			for (i = 0; i < a->cardinality; i++)
			{
				uint32		number = roaring_number(a->data, i);

				numbers[n] = (uint16) number;
				n += (b->data[number / 8] >> (number % 8) & 1) == in_b;
			}
			break;
		case ROARING_RUNS:
			for (i = 0; i < a->cardinality; i++)
			{
				uint32		number = roaring_number(a->data, i);

				while (j < b->nruns && roaring_number(b->data, j * 2) +
					   roaring_number(b->data, j * 2 + 1) < number)
					j++;
				numbers[n] = (uint16) number;
				n += (j < b->nruns && roaring_number(b->data, j * 2) <= number) == in_b;
			}
			break;
		case ROARING_ARRAY:
			if (a->cardinality < b->cardinality / GALLOP_RATIO)
			{
				for (i = 0; i < a->cardinality; i++)
				{
					uint32		number = roaring_number(a->data, i);

					numbers[n] = (uint16) number;
					n += roaring_container_contains(b, (uint16) number) == in_b;
				}
				break;
			}
			for (i = 0; i < a->cardinality; i++)
			{
				uint32		number = roaring_number(a->data, i);

				while (j < b->cardinality && roaring_number(b->data, j) < number)
					j++;
				numbers[n] = (uint16) number;
				n += (j < b->cardinality && roaring_number(b->data, j) == number) == in_b;
			}
			break;
	}
	return n;
}

/* The numbers of two arrays: all, or those of only one. */
static uint32
roaring_merge_arrays(const RoaringContainer *a, const RoaringContainer *b, bool common, uint16 *numbers)
{
	uint32		n = 0;
	uint32		i = 0;
	uint32		j = 0;

	while (i < a->cardinality && j < b->cardinality)
	{
		uint32		x = roaring_number(a->data, i);
		uint32		y = roaring_number(b->data, j);

		/* without branches: which is smaller cannot be foreseen */
		numbers[n] = (uint16) (x < y ? x : y);
		n += common || x != y;
		i += x <= y;
		j += y <= x;
	}
	for (; i < a->cardinality; i++)
		numbers[n++] = (uint16) roaring_number(a->data, i);
	for (; j < b->cardinality; j++)
		numbers[n++] = (uint16) roaring_number(b->data, j);
	return n;
}

/* Where the next run begins or ends at or after here; 65536: nowhere. */
typedef struct RunSweep
{
	const RoaringContainer *container;
	uint32		i;
	bool		inside;
	uint32		next;			/* the next beginning or end */
} RunSweep;

static void
roaring_sweep_begin(RunSweep *sweep, const RoaringContainer *container)
{
	sweep->container = container;
	sweep->i = 0;
	sweep->inside = false;
	sweep->next = roaring_number(container->data, 0);
}

static inline void
roaring_sweep_step(RunSweep *sweep)
{
	if (!sweep->inside)
	{
		sweep->inside = true;
		sweep->next += roaring_number(sweep->container->data, sweep->i * 2 + 1) + 1;
		return;
	}
	sweep->inside = false;
	sweep->i++;
	sweep->next = sweep->i < sweep->container->nruns ?
		roaring_number(sweep->container->data, sweep->i * 2) : 65536;
}

static inline bool
is_in(RoaringOperation operation, bool in_a, bool in_b)
{
	switch (operation)
	{
		case ROARING_AND:
			return in_a && in_b;
		case ROARING_OR:
			return in_a || in_b;
		case ROARING_XOR:
			return in_a != in_b;
		default:
			return in_a && !in_b;
	}
}

/*
 * The runs of two run containers combined, in room for as many runs as both
 * have; returns how many.
 */
static uint32
roaring_combine_runs(RoaringOperation operation, const RoaringContainer *a, const RoaringContainer *b,
					 uint16 *runs)
{
	RunSweep	sa;
	RunSweep	sb;
	bool		inside = false;
	uint32		first = 0;
	uint32		n = 0;

	roaring_sweep_begin(&sa, a);
	roaring_sweep_begin(&sb, b);
	for (;;)
	{
		uint32		at = sa.next < sb.next ? sa.next : sb.next;
		bool		now;

		while (sa.next == at && at < 65536)
			roaring_sweep_step(&sa);
		while (sb.next == at && at < 65536)
			roaring_sweep_step(&sb);
		now = at < 65536 && is_in(operation, sa.inside, sb.inside);
		if (now && !inside)
			first = at;
		if (!now && inside)
		{
			runs[n * 2] = (uint16) first;
			runs[n * 2 + 1] = (uint16) (at - 1 - first);
			n++;
		}
		inside = now;
		if (at == 65536)
			return n;
	}
}

static inline void
roaring_words_put_array(uint64 *words, const RoaringContainer *container)
{
	uint32		i;

	for (i = 0; i < container->cardinality; i++)
	{
		uint32		number = roaring_number(container->data, i);

		words[number / 64] |= UINT64_C(1) << (number % 64);
	}
}

static inline void
roaring_words_flip_array(uint64 *words, const RoaringContainer *container)
{
	uint32		i;

	for (i = 0; i < container->cardinality; i++)
	{
		uint32		number = roaring_number(container->data, i);

		words[number / 64] ^= UINT64_C(1) << (number % 64);
	}
}

/* A container as the bytes of a bitmap: its own, or made in `words`. */
const uint8 *
roaring_container_words(const RoaringContainer *container, uint64 *words)
{
	uint32		i;

	if (container->kind == ROARING_BITMAP)
		return container->data;
	memset(words, 0, ROARING_BITMAP_WORDS * 8);
	if (container->kind == ROARING_ARRAY)
		roaring_words_put_array(words, container);
	else
		for (i = 0; i < container->nruns; i++)
			roaring_words_set(words, roaring_number(container->data, i * 2),
							  roaring_number(container->data, i * 2) +
							  roaring_number(container->data, i * 2 + 1));
	for (i = 0; i < ROARING_BITMAP_WORDS; i++)
		words[i] = roaring_swap64(words[i]);
	return (const uint8 *) words;
}

static inline bool
is_full(const RoaringContainer *container)
{
	return container->cardinality == 65536;
}

/* Combine two containers of the same key. */
static void
roaring_combine_containers(RoaringWriter *writer, RoaringOperation operation,
						   const RoaringContainer *a, const RoaringContainer *b)
{
	if (is_full(b) && operation == ROARING_AND)
		roaring_write_container(writer, a);
	else if (is_full(a) && operation == ROARING_AND)
		roaring_write_container(writer, b);
	else if (is_full(b) && operation == ROARING_ANDNOT)
		return;
	else if (operation == ROARING_OR && (is_full(a) || is_full(b)))
		roaring_write_container(writer, is_full(a) ? a : b);
	else if (a->kind == ROARING_ARRAY && (operation == ROARING_AND || operation == ROARING_ANDNOT))
	{
		uint16		numbers[ROARING_ARRAY_MAX + 1];

		/* a long array is looked for in a short one from the other side */
		if (operation == ROARING_AND && b->kind == ROARING_ARRAY && b->cardinality < a->cardinality)
			roaring_write_array(writer, a->key, numbers, roaring_filter_array(b, a, true, numbers));
		else
			roaring_write_array(writer, a->key, numbers,
								roaring_filter_array(a, b, operation == ROARING_AND, numbers));
	}
	else if (b->kind == ROARING_ARRAY && operation == ROARING_AND)
	{
		uint16		numbers[ROARING_ARRAY_MAX + 1];

		roaring_write_array(writer, a->key, numbers, roaring_filter_array(b, a, true, numbers));
	}
	else if (a->kind == ROARING_ARRAY && b->kind == ROARING_ARRAY &&
			 a->cardinality + b->cardinality > MERGE_MEMBERS_MAX)
	{
		uint64		words[ROARING_BITMAP_WORDS];

		memset(words, 0, sizeof(words));
		roaring_words_put_array(words, a);
		if (operation == ROARING_OR)
			roaring_words_put_array(words, b);
		else
			roaring_words_flip_array(words, b);
		roaring_write_bitmap(writer, a->key, words);
	}
	else if (a->kind == ROARING_ARRAY && b->kind == ROARING_ARRAY)
	{
		uint16		numbers[MERGE_MEMBERS_MAX + 1];

		roaring_write_array(writer, a->key, numbers,
							roaring_merge_arrays(a, b, operation == ROARING_OR, numbers));
	}
	else if (a->kind == ROARING_RUNS && b->kind == ROARING_RUNS)
	{
		uint16		runs[2 * 2 * ROARING_RUNS_MANY];

		roaring_write_runs(writer, a->key, runs, roaring_combine_runs(operation, a, b, runs));
	}
	else
	{
		uint64		a_words[ROARING_BITMAP_WORDS];
		uint64		b_words[ROARING_BITMAP_WORDS];

		roaring_write_combined(writer, a->key, operation, roaring_container_words(a, a_words),
							   roaring_container_words(b, b_words));
	}
}

/* Write a OPERATION b. */
void
roaring_combine(RoaringWriter *writer, RoaringOperation operation, Roaring a, Roaring b)
{
	RoaringCursor ca;
	RoaringCursor cb;
	bool		more_a = roaring_begin(&ca, a);
	bool		more_b = roaring_begin(&cb, b);
	uint64		high = UINT64_MAX;

	while (more_a || more_b)
	{
		if (!more_b || (more_a && ca.current.key < cb.current.key))
		{
			if (operation == ROARING_AND)
			{
				if (!more_b)
					break;
				more_a = roaring_seek(&ca, cb.current.key);
				continue;
			}
			if (ca.high != high)
				roaring_writer_guess(writer, ca.n, ca.run_flags != NULL);
			high = ca.high;
			roaring_write_container(writer, &ca.current);
			more_a = roaring_next(&ca);
		}
		else if (!more_a || cb.current.key < ca.current.key)
		{
			if (operation == ROARING_AND || operation == ROARING_ANDNOT)
			{
				if (!more_a)
					break;
				more_b = roaring_seek(&cb, ca.current.key);
				continue;
			}
			if (cb.high != high)
				roaring_writer_guess(writer, cb.n, cb.run_flags != NULL);
			high = cb.high;
			roaring_write_container(writer, &cb.current);
			more_b = roaring_next(&cb);
		}
		else
		{
			if (ca.high != high)
				roaring_writer_guess(writer, operation == ROARING_AND || operation == ROARING_ANDNOT ?
									 (ca.n < cb.n || operation == ROARING_ANDNOT ? ca.n : cb.n) :
									 (ca.n > cb.n ? ca.n : cb.n),
									 ca.run_flags != NULL || cb.run_flags != NULL);
			high = ca.high;
			roaring_combine_containers(writer, operation, &ca.current, &cb.current);
			more_a = roaring_next(&ca);
			more_b = roaring_next(&cb);
		}
	}
}

/* ---- cardinalities ---- */

static uint32
roaring_range_count(const RoaringContainer *container, uint32 first, uint32 last)
{
	return roaring_words_range_count(container->data, first, last);
}

/* How many members two containers share. */
static uint32
roaring_container_and_cardinality(const RoaringContainer *a, const RoaringContainer *b)
{
	const RoaringContainer *other;
	uint32		n = 0;
	uint32		i;

	if (is_full(a))
		return b->cardinality;
	if (is_full(b))
		return a->cardinality;
	if (a->kind == ROARING_ARRAY || b->kind == ROARING_ARRAY)
	{
		uint16		numbers[ROARING_ARRAY_MAX + 1];

		if (a->kind != ROARING_ARRAY ||
			(b->kind == ROARING_ARRAY && b->cardinality < a->cardinality))
			return roaring_filter_array(b, a, true, numbers);
		return roaring_filter_array(a, b, true, numbers);
	}
	if (a->kind == ROARING_BITMAP && b->kind == ROARING_BITMAP)
		return roaring_words_and_count(a->data, b->data);
	if (a->kind == ROARING_RUNS && b->kind == ROARING_RUNS)
	{
		uint16		runs[2 * 2 * ROARING_RUNS_MANY];
		uint32		nruns = roaring_combine_runs(ROARING_AND, a, b, runs);

		for (i = 0; i < nruns; i++)
			n += (uint32) runs[i * 2 + 1] + 1;
		return n;
	}
	other = a->kind == ROARING_BITMAP ? a : b;
	if (other == a)
		a = b;
	for (i = 0; i < a->nruns; i++)
		n += roaring_range_count(other, roaring_number(a->data, i * 2),
								 roaring_number(a->data, i * 2) + roaring_number(a->data, i * 2 + 1));
	return n;
}

/*
 * Move both cursors to the next key that both have; false if there is none.
 */
static bool
roaring_meet(RoaringCursor *a, RoaringCursor *b)
{
	while (a->current.key != b->current.key)
		if (a->current.key < b->current.key)
		{
			if (!roaring_seek(a, b->current.key))
				return false;
		}
		else if (!roaring_seek(b, a->current.key))
			return false;
	return true;
}

/* How many members two sets share; if just any is asked for, those of the first containers that do. */
static uint64
roaring_count_shared(Roaring a, Roaring b, bool any)
{
	RoaringCursor ca;
	RoaringCursor cb;
	uint64		n = 0;
	uint64		looked = 0;

	if (!roaring_begin(&ca, a) || !roaring_begin(&cb, b))
		return 0;
	while (roaring_meet(&ca, &cb))
	{
		n += roaring_container_and_cardinality(&ca.current, &cb.current);
		if ((any && n > 0) || !roaring_next(&ca) || !roaring_next(&cb))
			break;
		if (++looked % 1024 == 0)
			kernel_check_interrupts();
	}
	return n;
}

uint64
roaring_and_cardinality(Roaring a, Roaring b)
{
	return roaring_count_shared(a, b, false);
}

/* Do two sets share a member? */
bool
roaring_intersects(Roaring a, Roaring b)
{
	return roaring_count_shared(a, b, true) > 0;
}

/* Are all members of `a` in `b`? */
bool
roaring_is_subset(Roaring a, Roaring b)
{
	RoaringCursor ca;
	RoaringCursor cb;
	uint64		looked = 0;

	if (!roaring_begin(&ca, a))
		return true;
	if (!roaring_begin(&cb, b))
		return false;
	for (;;)
	{
		if (!roaring_seek(&cb, ca.current.key) || cb.current.key != ca.current.key ||
			roaring_container_and_cardinality(&ca.current, &cb.current) != ca.current.cardinality)
			return false;
		if (!roaring_next(&ca))
			return true;
		if (++looked % 1024 == 0)
			kernel_check_interrupts();
	}
}

/* How many members a set has. */
uint64
roaring_cardinality(Roaring set)
{
	RoaringCursor cursor;
	uint64		n = 0;
	uint64		looked = 0;
	bool		more;

	for (more = roaring_begin(&cursor, set); more; more = roaring_next(&cursor))
	{
		n += cursor.current.cardinality;
		if (++looked % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	return n;
}

/* ---- a part of a set ---- */

/* Write the members from `first` to `last` as unsigned numbers. */
static void
roaring_write_part(RoaringWriter *writer, Roaring set, uint64 first, uint64 last)
{
	RoaringCursor cursor;
	bool		more;

	if (!roaring_begin(&cursor, set))
		return;
	for (more = roaring_seek(&cursor, first >> 16);
		 more && cursor.current.key <= last >> 16;
		 more = roaring_next(&cursor))
	{
		uint64		key = cursor.current.key;
		uint16		from = key == first >> 16 ? (uint16) first : 0;
		uint16		to = key == last >> 16 ? (uint16) last : 0xffff;
		uint8		run[4];
		RoaringContainer part = {key, run, (uint32) (to - from) + 1, 1, ROARING_RUNS};

		if (is_full(&cursor.current))
		{
			uint16		clipped[2] = {from, (uint16) (to - from)};

			roaring_write_runs(writer, key, clipped, 1);
			continue;
		}
		roaring_put16(run, from);
		roaring_put16(run + 2, (uint16) (to - from));
		roaring_combine_containers(writer, ROARING_AND, &cursor.current, &part);
	}
}

/* Write the members from `from` to `to` in signed order, both included. */
void
roaring_in_range(RoaringWriter *writer, Roaring set, int64 from, int64 to)
{
	if (from > to)
		return;
	if (from < 0 && to >= 0)
	{
		roaring_write_part(writer, set, 0, (uint64) to);
		roaring_write_part(writer, set, (uint64) from, UINT64_MAX);
	}
	else
		roaring_write_part(writer, set, (uint64) from, (uint64) to);
}
