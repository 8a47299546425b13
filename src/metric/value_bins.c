/*-------------------------------------------------------------------------
 *
 * value_bins.c
 *		Counting values of events in bins, and bins as bytes and as text.
 *
 * As bytes: the number of bins, and if it is not 0 the lower bits of the least
 * and of the greatest value, and for each bin how much its number is above
 * the one before, its count, and the sum of the lower bits.  As text the same:
 *
 *	[least, most, [number, count, high, low], ...]
 *
 * and [] without values.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "metric/metric_stats.h"
#include "utils/memutils.h"

#define FIRST_SLOTS 8

/* The slot of a bin, which is free if the bin is not there. */
static inline ValueBin *
value_counter_slot(const ValueCounter *counter, uint32 number)
{
	uint32		slot = (uint32) spread(number) & (counter->nslots - 1);

	while (counter->slots[slot].count != 0 && counter->slots[slot].number != number)
		slot = (slot + 1) & (counter->nslots - 1);
	return &counter->slots[slot];
}

static void
value_counter_grow(ValueCounter *counter, MemoryContext context)
{
	ValueBin   *before = counter->slots;
	const uint32 nbefore = counter->nslots;
	uint32		i;

	counter->nslots = Max(FIRST_SLOTS, nbefore * 2);
	counter->slots = MemoryContextAllocZero(context, counter->nslots * sizeof(ValueBin));
	for (i = 0; i < nbefore; i++)
		if (before[i].count != 0)
			*value_counter_slot(counter, before[i].number) = before[i];
	if (before != NULL)
		pfree(before);
}

void
value_counter_add(ValueCounter *counter, double value, MemoryContext context)
{
	const uint64 bits = value_to_bits(value);
	ValueBins  *counted = &counter->counted;
	ValueBin   *bin;

	if (counter->n * 2 >= counter->nslots)
		value_counter_grow(counter, context);
	bin = value_counter_slot(counter, value_bin(bits));
	if (bin->count == 0)
	{
		bin->number = value_bin(bits);
		counter->n++;
	}
	value_bin_add(bin, bits);
	if (counted->count == 0 || bits < counted->least)
		counted->least = bits;
	if (counted->count == 0 || bits > counted->most)
		counted->most = bits;
	counted->count++;
}

static int
value_bin_order(const void *a, const void *b)
{
	const uint32 left = ((const ValueBin *) a)->number;
	const uint32 right = ((const ValueBin *) b)->number;

	return (left > right) - (left < right);
}

/* What was counted; the counter is used up. */
void
value_counter_finish(ValueCounter *counter, ValueBins *bins, MemoryContext context)
{
	uint32		i;

	*bins = counter->counted;
	bins->bins = MemoryContextAlloc(context, (counter->n + 1) * sizeof(ValueBin));
	for (i = 0; i < counter->nslots; i++)
		if (counter->slots[i].count != 0)
			bins->bins[bins->nbins++] = counter->slots[i];
	qsort(bins->bins, bins->nbins, sizeof(ValueBin), value_bin_order);
	if (counter->slots != NULL)
		pfree(counter->slots);
	memset(counter, 0, sizeof(ValueCounter));
}

/* Add the values of others. */
void
value_bins_merge(ValueBins *into, const ValueBins *from, MemoryContext context)
{
	ValueBin   *bins;

	if (from->count == 0)
		return;
	bins = MemoryContextAlloc(context, (into->nbins + from->nbins) * sizeof(ValueBin));
	into->nbins = value_bins_join(into, from, bins);
	if (into->bins != NULL)
		pfree(into->bins);
	into->bins = bins;
	if (into->count == 0 || from->least < into->least)
		into->least = from->least;
	if (into->count == 0 || from->most > into->most)
		into->most = from->most;
	stats_add(&into->count, from->count, "values");
}

void
value_bins_write(StatsWriter *out, const ValueBins *bins)
{
	uint32		before = 0;
	uint32		i;

	stats_write_number(out, bins->nbins);
	if (bins->nbins == 0)
		return;
	stats_write_number(out, bins->least & VALUE_LOW_MASK);
	stats_write_number(out, bins->most & VALUE_LOW_MASK);
	for (i = 0; i < bins->nbins; i++)
	{
		stats_write_number(out, bins->bins[i].number - before);
		stats_write_number(out, bins->bins[i].count);
		stats_write_number(out, bins->bins[i].high);
		stats_write_number(out, bins->bins[i].low);
		before = bins->bins[i].number;
	}
}

/* Have the count, the least and the most of bins whose lower bits these are. */
static bool
value_bins_complete(ValueBins *bins, uint64 least, uint64 most)
{
	uint32		i;

	if (least > VALUE_LOW_MASK || most > VALUE_LOW_MASK)
		return false;
	bins->least = ((uint64) bins->bins[0].number << VALUE_LOW_BITS) + least;
	bins->most = ((uint64) bins->bins[bins->nbins - 1].number << VALUE_LOW_BITS) + most;
	for (i = 0; i < bins->nbins; i++)
		bins->count += bins->bins[i].count;
	return value_bins_are_valid(bins);
}

/* Read bins into the current context; false if the bytes are none. */
bool
value_bins_read(ByteReader *in, ValueBins *bins)
{
	const uint64 n = read_number(in);
	uint64		number = 0;
	uint64		least;
	uint64		most;
	uint32		i;

	memset(bins, 0, sizeof(ValueBins));
	if (in->failed || n > bytes_left(in) / 4)
		return false;
	if (n == 0)
		return true;
	least = read_number(in);
	most = read_number(in);
	bins->nbins = (uint32) n;
	bins->bins = palloc_extended(n * sizeof(ValueBin), MCXT_ALLOC_HUGE);
	for (i = 0; i < bins->nbins; i++)
	{
		ValueBin   *bin = &bins->bins[i];
		const uint64 step = read_number(in);

		number = Min(number + Min(step, VALUE_BIN_LAST + 1), VALUE_BIN_LAST + 1);
		bin->number = (uint32) number;
		bin->count = read_number(in);
		bin->high = read_number(in);
		bin->low = read_number(in);
	}
	return !in->failed && value_bins_complete(bins, least, most);
}

void
value_bins_append(StatsText *out, const char *name, const ValueBins *bins)
{
	uint32		i;

	stats_append_name(out, name);
	appendStringInfoChar(&out->out, '[');
	if (bins->nbins > 0)
		appendStringInfo(&out->out, UINT64_FORMAT ", " UINT64_FORMAT, bins->least & VALUE_LOW_MASK,
						 bins->most & VALUE_LOW_MASK);
	for (i = 0; i < bins->nbins; i++)
		appendStringInfo(&out->out, ", [%u, " UINT64_FORMAT ", " UINT64_FORMAT ", " UINT64_FORMAT "]",
						 bins->bins[i].number, bins->bins[i].count, bins->bins[i].high, bins->bins[i].low);
	appendStringInfoChar(&out->out, ']');
}

void
value_bins_parse(StatsJson *in, const char *name, ValueBins *bins)
{
	StatsJson	array = stats_json_array(in, name, 0, VALUE_BIN_LAST + 3);
	const uint32 n = JsonContainerSize(array.array);
	uint64		least;
	uint64		most;
	uint32		i;

	memset(bins, 0, sizeof(ValueBins));
	if (n == 0)
		return;
	least = (uint64) stats_json_integer(&array, NULL, 0, VALUE_LOW_MASK);
	most = (uint64) stats_json_integer(&array, NULL, 0, VALUE_LOW_MASK);
	if (n < 3)
		stats_refuse_text(in->type, in->type->whole);
	bins->nbins = n - 2;
	bins->bins = palloc(bins->nbins * sizeof(ValueBin));
	for (i = 0; i < bins->nbins; i++)
	{
		StatsJson	four = stats_json_array(&array, NULL, 4, 4);
		ValueBin   *bin = &bins->bins[i];

		bin->number = (uint32) stats_json_integer(&four, NULL, 0, VALUE_BIN_LAST);
		bin->count = (uint64) stats_json_integer(&four, NULL, 1, PG_INT64_MAX);
		bin->high = (uint64) stats_json_integer(&four, NULL, 0, PG_INT64_MAX);
		bin->low = (uint64) stats_json_integer(&four, NULL, 0, VALUE_LOW_MASK);
	}
	if (!value_bins_complete(bins, least, most))
		stats_refuse_text(in->type, in->type->whole);
}
