/*-------------------------------------------------------------------------
 *
 * test_attribution.c
 *		The attribution kernel against the shares of each conversion, one after
 *		the other; arrays are as long as they must be, so that sanitizers see
 *		what is beside them.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>

#include "attribution/attribution.h"
#include "cases.h"
#include "tap.h"
#include "tests.h"

#define CASES 20000
#define MOST 14
#define BUCKET 5				/* microseconds */

static int64
bucket_begin(void *calendar, int64 at)
{
	(void) calendar;
	return at - (at % BUCKET + BUCKET) % BUCKET;
}

/* Does touch i lead to conversion j, by the definition? */
static bool
leads(const AttributionUser *user, const AttributionSpec *spec, size_t i, size_t j)
{
	const AttributionConversion *conversion = &user->conversions[j];
	const int64 at = user->touches[i].at;

	return i < conversion->end && time_between(at, conversion->at) <= (uint64) spec->look_back &&
		(spec->bucket_begin == NULL || bucket_begin(NULL, at) == bucket_begin(NULL, conversion->at)) &&
		!(spec->reset && j > 0 && i < user->conversions[j - 1].end);
}

/* What each touch gets for conversion j, as parts of 1. */
static void
shares(const AttributionUser *user, const AttributionSpec *spec, AttributionModel model, size_t j, double *share)
{
	const double whole = (double) ATTRIBUTION_WHOLE;
	size_t		which[MOST];
	size_t		n = 0;
	size_t		known = MOST;
	double		sum = 0;
	size_t		i;

	for (i = 0; i < user->ntouches; i++)
		if (leads(user, spec, i, j))
			which[n++] = i;
	for (i = 0; i < n; i++)
	{
		if (user->touches[which[i]].node != spec->direct)
			known = i;
		sum += exp2(-(double) (user->touches[which[n - 1]].at - user->touches[which[i]].at) / (double) spec->half_life);
	}
	for (i = 0; i < n; i++)
	{
		double		part = 0;

		switch (model)
		{
			case ATTRIBUTION_FIRST:
				part = i == 0;
				break;
			case ATTRIBUTION_LAST:
				part = i == n - 1;
				break;
			case ATTRIBUTION_LAST_NON_DIRECT:
				part = i == (known == MOST ? n - 1 : known);
				break;
			case ATTRIBUTION_LINEAR:
				part = 1.0 / (double) n;
				break;
			case ATTRIBUTION_POSITION:
				if (n == 1)
					part = 1;
				else if (n == 2)
					part = (double) (i == 0 ? spec->first : spec->last) / (double) (spec->first + spec->last);
				else
					part = (i == 0 ? (double) spec->first : i == n - 1 ? (double) spec->last :
							(double) spec->middle / (double) (n - 2)) / whole;
				break;
			case ATTRIBUTION_TIME_DECAY:
				part = exp2(-(double) (user->touches[which[n - 1]].at - user->touches[which[i]].at) / (double) spec->half_life) / sum;
				break;
		}
		share[which[i]] += part;
	}
}

void
test_attribution(void)
{
	Random		random = {77};
	int			wrong_windows = 0;
	int			wrong_shares = 0;
	int			wrong_sums = 0;
	int			led = 0;
	int			c;

	for (c = 0; c < CASES; c++)
	{
		const size_t ntouches = (size_t) random_below(&random, MOST + 1);
		const size_t nconversions = (size_t) random_below(&random, MOST + 1);
		AttributionUser user = {0};
		AttributionSpec spec = {0};
		int64		at = (int64) random_below(&random, 10) - 5;
		size_t		i = 0;
		size_t		j = 0;
		int			model;

		user.ntouches = ntouches;
		user.nconversions = nconversions;
		user.touches = allocate(ntouches * sizeof(AttributionTouch));
		user.conversions = allocate(nconversions * sizeof(AttributionConversion));
		user.credit = allocate((ntouches + 1) * sizeof(int128));
		user.sums = allocate((Max(ntouches, nconversions) + 1) * sizeof(double));
		spec.look_back = (int64) random_below(&random, 16);
		spec.half_life = 1 + (int64) random_below(&random, 6);
		spec.first = ATTRIBUTION_WHOLE / 8 * (1 + random_below(&random, 4));
		spec.last = ATTRIBUTION_WHOLE / 8 * random_below(&random, 4);
		spec.middle = ATTRIBUTION_WHOLE - spec.first - spec.last;
		spec.direct = random_below(&random, 2) == 0 ? NODE_NONE : 0;
		spec.reset = random_below(&random, 3) == 0;
		if (random_below(&random, 3) == 0)
			spec.bucket_begin = bucket_begin;
		while (i < ntouches || j < nconversions)
		{
			/* of one time, touches come first */
			if (i < ntouches && (j == nconversions || random_below(&random, 2) == 0))
			{
				if (j > 0 && user.conversions[j - 1].at == at)
					at++;
				user.touches[i].at = at;
				user.touches[i++].node = (uint32) random_below(&random, 3);
			}
			else
			{
				user.conversions[j].at = at;
				user.conversions[j].end = i;
				user.conversions[j++].value = (int128) (random_below(&random, 1000)) << 50;
			}
			at += (int64) random_below(&random, 3);
		}
		attribution_windows(&user, &spec);
		for (i = 0; i < ntouches; i++)
			for (j = 0; j < nconversions; j++)
			{
				const bool	is_led = leads(&user, &spec, i, j);

				led += is_led;
				wrong_windows += is_led != (i >= user.conversions[j].begin && i < user.conversions[j].end);
				wrong_windows += is_led != (j >= user.touches[i].first && j < user.touches[i].stop);
			}
		for (model = 0; model < ATTRIBUTION_NMODELS; model++)
		{
			double		wanted[MOST] = {0};
			double		wanted_value[MOST] = {0};
			int128		sum = 0;
			int128		value = 0;

			for (j = 0; j < nconversions; j++)
			{
				double		share[MOST] = {0};

				shares(&user, &spec, (AttributionModel) model, j, share);
				for (i = 0; i < ntouches; i++)
				{
					wanted[i] += share[i];
					wanted_value[i] += share[i] * (double) user.conversions[j].value;
				}
				if (user.conversions[j].begin < user.conversions[j].end)
				{
					sum += (int128) ATTRIBUTION_WHOLE;
					value += user.conversions[j].value;
				}
			}
			attribution_share(&user, &spec, (AttributionModel) model, false);
			for (i = 0; i < ntouches; i++)
			{
				sum -= user.credit[i];
				wrong_shares += !(fabs((double) user.credit[i] / (double) ATTRIBUTION_WHOLE - wanted[i]) < 1e-12);
			}
			attribution_share(&user, &spec, (AttributionModel) model, true);
			for (i = 0; i < ntouches; i++)
			{
				value -= user.credit[i];
				wrong_shares += !(fabs((double) user.credit[i] - wanted_value[i]) < 1e-9 * (double) ATTRIBUTION_WHOLE);
			}
			wrong_sums += sum != 0 || value != 0;
		}
		free(user.touches);
		free(user.conversions);
		free(user.credit);
		free(user.sums);
	}
	test_ok(wrong_windows == 0 && led > CASES, "attribution: the touches of the definition (%d cases)", CASES);
	test_ok(wrong_shares == 0, "attribution: the shares of the formulas");
	test_ok(wrong_sums == 0, "attribution: shares add up exactly");
}
