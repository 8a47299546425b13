/*-------------------------------------------------------------------------
 *
 * stats_int128.c
 *		Sums of 128 bits in results: stored as two numbers, and text as text.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "stats/stats.h"

void
stats_write_int128(StatsWriter *out, int128 units)
{
	stats_write_number(out, (uint64) units);
	stats_write_number(out, fold_sign((int64) (units >> 64)));
}

bool
stats_read_int128(ByteReader *in, int128 *units)
{
	const uint64 low = read_number(in);
	const int64 high = unfold_sign(read_number(in));

	*units = (int128) ((uint128) (uint64) high << 64 | low);
	return !in->failed && *units < STATS_INT128_END && *units > -STATS_INT128_END;
}

void
stats_append_int128(StatsText *out, const char *name, int128 units)
{
	uint128		left = units < 0 ? -(uint128) units : (uint128) units;
	char		digits[42];
	int			n = sizeof(digits);

	digits[--n] = '\0';
	do
	{
		digits[--n] = (char) ('0' + (int) (left % 10));
		left /= 10;
	} while (left > 0);
	if (units < 0)
		digits[--n] = '-';
	stats_append_text(out, name, digits + n);
}

int128
stats_json_int128(StatsJson *in, const char *name)
{
	JsonbValue	value = stats_json_value(in, name, jbvString);
	const bool	negative = value.val.string.len > 0 && value.val.string.val[0] == '-';
	int128		units = 0;
	int			i;

	for (i = negative ? 1 : 0; i < value.val.string.len && units < STATS_INT128_END / 10 - 1; i++)
	{
		const char	c = value.val.string.val[i];

		if (c < '0' || c > '9')
			break;
		units = units * 10 + (c - '0');
	}
	if (i < value.val.string.len || value.val.string.len == (negative ? 1 : 0))
		stats_refuse_text(in->type, in->array != NULL ? in->array_name : name);
	return negative ? -units : units;
}

/* Add to a sum, which must stay within its limits. */
void
stats_add_int128(int128 *sum, int128 more)
{
	const int128 both = *sum + more;

	if (both >= STATS_INT128_END || both <= -STATS_INT128_END)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the sum of the values is too large")));
	*sum = both;
}
