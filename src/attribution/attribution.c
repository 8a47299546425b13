/*-------------------------------------------------------------------------
 *
 * attribution.c
 *		The attribution kernel: how the touches of one user share the credit
 *		for the user's conversions.
 *
 *-------------------------------------------------------------------------
 */
#include "attribution/attribution.h"

#include <math.h>

const char *const attribution_model_names[ATTRIBUTION_NMODELS] = {
	"first", "last", "last_non_direct", "linear", "position", "time_decay"
};

/*
 * Find the touches of each conversion, and the conversions of each touch.  Of
 * touches, time and node are given, of conversions time, end and value.
 */
void
attribution_windows(AttributionUser *user, const AttributionSpec *spec)
{
	size_t		begin = 0;
	size_t		steps = 0;
	size_t		known = 0;
	size_t		first = 0;
	size_t		stop = 0;
	size_t		i;
	size_t		j;

	for (j = 0; j < user->nconversions; j++)
	{
		AttributionConversion *conversion = &user->conversions[j];
		const int64 from = spec->bucket_begin == NULL ? PG_INT64_MIN :
			spec->bucket_begin(spec->calendar, conversion->at);

		if (j % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
		while (begin < conversion->end &&
			   (time_between(user->touches[begin].at, conversion->at) > (uint64) spec->look_back ||
				user->touches[begin].at < from))
			begin++;
		conversion->begin = begin;
		conversion->steps = steps;
		steps += conversion->end - begin;
		if (spec->reset)
			begin = conversion->end;
	}
	for (i = 0; i < user->ntouches; i++)
	{
		AttributionTouch *touch = &user->touches[i];

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
		if (touch->node != spec->direct)
			known = i + 1;
		touch->known = known;
		while (first < user->nconversions && user->conversions[first].end <= i)
			first++;
		while (stop < user->nconversions && user->conversions[stop].begin <= i)
			stop++;
		touch->first = first;
		touch->stop = stop;
	}
}

/* How much less a touch weighs than one that is so much later. */
static inline double
attribution_decay(const AttributionSpec *spec, int64 from, int64 to)
{
	return from == to ? 1.0 : exp2(-(double) time_between(from, to) / (double) spec->half_life);
}

/*
 * The weights of all touches of each conversion.  The touches up to `middle`
 * have sums back from there, those after it are in `back`: nothing is ever
 * subtracted.
 */
static void
attribution_weigh(AttributionUser *user, const AttributionSpec *spec)
{
	const AttributionTouch *touches = user->touches;
	double	   *sums = user->sums;	/* [i]: of touches i to middle - 1, as
									 * seen from the last of them */
	size_t		middle = 0;
	size_t		end = 0;
	double		back = 0;		/* of touches middle to end - 1, likewise */
	size_t		j;

	for (j = 0; j < user->nconversions; j++)
	{
		AttributionConversion *conversion = &user->conversions[j];
		const size_t begin = conversion->begin;

		if (begin == conversion->end)
			continue;
		if (begin >= middle)
		{
			size_t		i;

			middle = end = conversion->end;
			back = 0;
			sums[middle] = 0;
			for (i = middle; i-- > begin;)
			{
				sums[i] = sums[i + 1] + attribution_decay(spec, touches[i].at, touches[middle - 1].at);
				if (i % KERNEL_CHECK_EVERY == 0)
					kernel_check_interrupts();
			}
		}
		for (; end < conversion->end; end++)
		{
			back = back * attribution_decay(spec, touches[end - 1].at, touches[end].at) + 1;
			if (end % KERNEL_CHECK_EVERY == 0)
				kernel_check_interrupts();
		}
		conversion->weight = back + sums[begin] *
			attribution_decay(spec, touches[middle - 1].at, touches[end - 1].at);
	}
}

static inline int128
attribution_amount(const AttributionConversion *conversion, bool values)
{
	return values ? conversion->value : (int128) ATTRIBUTION_WHOLE;
}

/* What a touch of weight 1 gets for a conversion, by time decay. */
static inline double
attribution_unit(const AttributionConversion *conversion, bool values)
{
	return conversion->begin == conversion->end ? 0 :
		(double) attribution_amount(conversion, values) / conversion->weight;
}

/* The time that the touches of a conversion are weighed at, which has touches before it. */
static inline int64
attribution_weighed_at(const AttributionUser *user, const AttributionConversion *conversion)
{
	return user->touches[conversion->end - 1].at;
}

/*
 * Time decay, from the last touch back.  A conversion comes in at its last touch
 * and goes out before its first.  Those from `middle` on have sums from there,
 * those before it are in `back`.
 */
static void
attribution_share_decay(AttributionUser *user, const AttributionSpec *spec, bool values)
{
	const AttributionTouch *touches = user->touches;
	const AttributionConversion *conversions = user->conversions;
	double	   *sums = user->sums;	/* [j]: of conversions middle to j, as
									 * seen from middle */
	size_t		middle = user->nconversions;
	size_t		in = user->nconversions;	/* those from here on are in */
	size_t		out = user->nconversions;	/* and those from here on out
											 * again */
	double		back = 0;		/* of conversions in to middle - 1, as seen
								 * from the touch */
	int128		left = 0;
	size_t		last = 0;		/* the last touch of all conversions */
	size_t		i;
	size_t		j;

	attribution_weigh(user, spec);
	for (i = user->ntouches; i-- > 0;)
	{
		double		front = 0;

		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
		if (i + 1 < user->ntouches)
			back *= attribution_decay(spec, touches[i].at, touches[i + 1].at);
		while (in > 0 && conversions[in - 1].end > i)
		{
			in--;
			if (conversions[in].begin < conversions[in].end)
				back += attribution_unit(&conversions[in], values) *
					attribution_decay(spec, touches[i].at, attribution_weighed_at(user, &conversions[in]));
		}
		while (out > in && conversions[out - 1].begin > i)
			out--;
		if (out <= middle)
		{
			double		sum = 0;

			middle = in;
			back = 0;
			for (j = in; j < out; j++)
			{
				if (conversions[j].begin < conversions[j].end)
					sum += attribution_unit(&conversions[j], values) *
						attribution_decay(spec, attribution_weighed_at(user, &conversions[middle]),
										  attribution_weighed_at(user, &conversions[j]));
				sums[j] = sum;
				if (j % KERNEL_CHECK_EVERY == 0)
					kernel_check_interrupts();
			}
		}
		if (middle < out)
			front = sums[out - 1] *
				attribution_decay(spec, touches[i].at, attribution_weighed_at(user, &conversions[middle]));
		user->credit[i] = (int128) rint(front + back);
	}

	/* what is left by rounding */
	for (j = 0; j < user->nconversions; j++)
		if (conversions[j].begin < conversions[j].end)
		{
			left += attribution_amount(&conversions[j], values);
			last = conversions[j].end - 1;
		}
	for (i = 0; i < user->ntouches; i++)
		left -= user->credit[i];
	if (values || user->credit[last] + left >= 0)
		user->credit[last] += left;
}

/* A share of an amount, by a weight out of `whole`, at most ATTRIBUTION_WHOLE. */
static inline int128
attribution_part(int128 amount, uint64 weight, uint64 whole)
{
	if (amount == (int128) whole)
		return (int128) weight;
	return amount / (int128) whole * (int128) weight +
		amount % (int128) whole * (int128) weight / (int128) whole;
}

/*
 * Linear and position: the touches between the first and the last, or all, have
 * equal shares, which are added up as steps up and down; the last touch gets
 * what is left.
 */
static void
attribution_share_evenly(AttributionUser *user, const AttributionSpec *spec, bool by_position,
						 bool values)
{
	int128		step = 0;
	size_t		i;
	size_t		j;
	int			turn;

	for (turn = 0; turn < 2; turn++)
	{
		for (j = 0; j < user->nconversions; j++)
		{
			const AttributionConversion *conversion = &user->conversions[j];
			const size_t n = conversion->end - conversion->begin;
			const int128 amount = attribution_amount(conversion, values);
			size_t		begin = conversion->begin;
			size_t		end = conversion->end;
			int128		left = amount;
			int128		first = 0;
			int128		share = 0;

			if (j % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
				kernel_check_interrupts();
			if (n == 0)
				continue;
			if (by_position)
			{
				begin++;
				end--;
				if (n == 2)
					first = attribution_part(amount, spec->first, spec->first + spec->last);
				else if (n > 2)
				{
					first = attribution_part(amount, spec->first, ATTRIBUTION_WHOLE);
					share = attribution_part(amount, spec->middle, ATTRIBUTION_WHOLE) / (int128) (n - 2);
				}
				left -= first + (n > 2 ? share * (int128) (n - 2) : 0);
			}
			else
			{
				share = amount / (int128) n;
				left -= share * (int128) n;
			}
			if (turn == 1)
			{
				user->credit[conversion->begin] += first;
				user->credit[conversion->end - 1] += left;
			}
			else if (begin < end)
			{
				user->credit[begin] += share;
				user->credit[end] -= share;
			}
		}
		for (i = 0; i < user->ntouches && turn == 0; i++)
		{
			step += user->credit[i];
			user->credit[i] = step;
		}
	}
}

/*
 * Share the conversions, or their values, among the touches by a model: what
 * each touch gets is in user->credit.
 */
void
attribution_share(AttributionUser *user, const AttributionSpec *spec, AttributionModel model,
				  bool values)
{
	size_t		j;

	memset(user->credit, 0, (user->ntouches + 1) * sizeof(int128));
	if (model == ATTRIBUTION_TIME_DECAY)
	{
		if (user->ntouches > 0)
			attribution_share_decay(user, spec, values);
		return;
	}
	if (model == ATTRIBUTION_LINEAR || model == ATTRIBUTION_POSITION)
	{
		attribution_share_evenly(user, spec, model == ATTRIBUTION_POSITION, values);
		return;
	}
	for (j = 0; j < user->nconversions; j++)
	{
		const AttributionConversion *conversion = &user->conversions[j];
		size_t		i = conversion->end - 1;

		if (j % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
		if (conversion->begin == conversion->end)
			continue;
		if (model == ATTRIBUTION_FIRST)
			i = conversion->begin;
		else if (model == ATTRIBUTION_LAST_NON_DIRECT && user->touches[i].known > conversion->begin)
			i = user->touches[i].known - 1;
		user->credit[i] += attribution_amount(conversion, values);
	}
}

/*
 * Where the path of a touch that leads to no conversion ends: before a touch that
 * leads to one, or that is too late, or in another bucket, for both to lead to the
 * same conversion.
 */
size_t
attribution_lost_path(const AttributionUser *user, const AttributionSpec *spec, size_t begin)
{
	const int64 at = user->touches[begin].at;
	size_t		end;

	for (end = begin + 1; end < user->ntouches; end++)
	{
		const AttributionTouch *touch = &user->touches[end];

		if (!attribution_touch_is_lost(touch) ||
			time_between(at, touch->at) > (uint64) spec->look_back ||
			(spec->bucket_begin != NULL && spec->bucket_begin(spec->calendar, touch->at) > at))
			break;
	}
	return end;
}
