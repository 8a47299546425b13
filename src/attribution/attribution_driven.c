/*-------------------------------------------------------------------------
 *
 * attribution_driven.c
 *		Models that learn from all paths, with and without a conversion: the
 *		removal effect in a Markov chain, and the Shapley value.
 *
 * A state of the chain is the last touches of a path, at most `order` of them.
 * The chain begins in the state of the first touch and ends with a conversion,
 * or without.  To remove a touch is to end, without a conversion, where it comes
 * next: in the states whose last touch it is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "attribution/attribution_stats.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"

JOURNEY_FUNCTION(journey_attribution_markov);
JOURNEY_FUNCTION(journey_attribution_shapley);

#define ORDER_MOST		3
#define STATES_MOST		2000
#define SHAPLEY_EXACT	16		/* touches of which all sets are compared */
#define SHAPLEY_MOST	10000	/* touches */
#define SAMPLES_LEAST	100
#define SAMPLES_MOST	10000
#define SAMPLES_WORK	400000000	/* touches of paths that are looked at */
#define SAMPLES_SEED	UINT64_C(0x9E3779B97F4A7C15)

typedef struct ChainKey
{
	uint32		nodes[ORDER_MOST];	/* + 1; 0: none */
} ChainKey;

typedef struct ChainState
{
	ChainKey	key;
	uint32		number;
} ChainState;

typedef struct Chain
{
	const AttributionStats *stats;
	int			order;
	HTAB	   *states;
	uint32		n;
	uint32	   *last;			/* [state]: its last touch */
	double	   *next;			/* [state][state]: how often, then the
								 * probability */
	double	   *begins;			/* [state] */
	double	   *converts;
} Chain;

/* The number of the state after touch k of a path. */
static uint32
chain_state(Chain *chain, const PathItem *path, uint32 k)
{
	ChainKey	key = {{0}};
	ChainState *state;
	bool		found;
	int			i;

	for (i = 0; i < chain->order && i <= (int) k; i++)
		key.nodes[i] = path->nodes[k - i] + 1;
	state = hash_search(chain->states, &key, HASH_ENTER, &found);
	if (!found)
	{
		if (chain->n == STATES_MOST)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("the Markov chain has more than %d states", STATES_MOST),
					 errhint("Give a smaller order, or coarser touches.")));
		chain->last[chain->n] = path->nodes[k];
		state->number = chain->n++;
	}
	return state->number;
}

/* Find the states, and count what comes next in each. */
static void
chain_count(Chain *chain)
{
	const AttributionStats *stats = chain->stats;
	HASHCTL		control = {.keysize = sizeof(ChainKey),.entrysize = sizeof(ChainState),.hcxt = CurrentMemoryContext};
	double	   *total;
	uint32		i;
	uint32		j;
	uint32		k;

	chain->states = hash_create("pg_journey chain", 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	chain->last = palloc(STATES_MOST * sizeof(uint32));
	for (i = 0; i < stats->npaths; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (k = 0; k < stats->paths[i].length; k++)
			(void) chain_state(chain, &stats->paths[i], k);
	}
	chain->next = palloc0(((Size) chain->n * chain->n + 1) * sizeof(double));
	chain->begins = palloc0((chain->n + 1) * sizeof(double));
	chain->converts = palloc0((chain->n + 1) * sizeof(double));
	total = palloc0((chain->n + 1) * sizeof(double));
	for (i = 0; i < stats->npaths; i++)
	{
		const PathItem *path = &stats->paths[i];
		const double times = (double) path->conversions + (double) path->lost;
		uint32		state = 0;

		CHECK_FOR_INTERRUPTS();
		for (k = 0; k < path->length; k++)
		{
			const uint32 after = chain_state(chain, path, k);

			total[after] += times;
			if (k == 0)
				chain->begins[after] += times;
			else
				chain->next[(Size) state * chain->n + after] += times;
			state = after;
		}
		if (path->length > 0)
			chain->converts[state] += (double) path->conversions;
	}
	for (i = 0; i < chain->n; i++)
	{
		chain->converts[i] /= total[i];
		for (j = 0; j < chain->n; j++)
			chain->next[(Size) i * chain->n + j] /= total[i];
	}
}

/*
 * Solve a system of n equations with m right sides, whose solutions replace them;
 * by elimination with the largest pivot of a column.  False if there is none.
 */
static bool
linear_solve(double *a, double *b, uint32 n, uint32 m)
{
	uint32		i;
	uint32		j;
	uint32		k;

	for (k = 0; k < n; k++)
	{
		uint32		pivot = k;

		CHECK_FOR_INTERRUPTS();
		for (i = k + 1; i < n; i++)
			if (fabs(a[(Size) i * n + k]) > fabs(a[(Size) pivot * n + k]))
				pivot = i;
		if (a[(Size) pivot * n + k] == 0)
			return false;
		for (j = 0; j < n && pivot != k; j++)
		{
			const double swap = a[(Size) k * n + j];

			a[(Size) k * n + j] = a[(Size) pivot * n + j];
			a[(Size) pivot * n + j] = swap;
		}
		for (j = 0; j < m && pivot != k; j++)
		{
			const double swap = b[(Size) k * m + j];

			b[(Size) k * m + j] = b[(Size) pivot * m + j];
			b[(Size) pivot * m + j] = swap;
		}
		for (i = 0; i < n; i++)
		{
			const double factor = a[(Size) i * n + k] / a[(Size) k * n + k];

			if (i == k || factor == 0)
				continue;
			for (j = k; j < n; j++)
				a[(Size) i * n + j] -= factor * a[(Size) k * n + j];
			for (j = 0; j < m; j++)
				b[(Size) i * m + j] -= factor * b[(Size) k * m + j];
		}
	}
	for (i = 0; i < n; i++)
		for (j = 0; j < m; j++)
			b[(Size) i * m + j] /= a[(Size) i * n + i];
	return true;
}

/* How often each state is visited from each other one: the inverse of 1 - next. */
static double *
chain_visits(const Chain *chain)
{
	const Size	n = chain->n;
	double	   *left = palloc_extended((n * n + 1) * sizeof(double), MCXT_ALLOC_HUGE);
	double	   *visits = palloc_extended((n * n + 1) * sizeof(double), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	Size		i;

	for (i = 0; i < n * n; i++)
		left[i] = -chain->next[i];
	for (i = 0; i < n; i++)
	{
		left[i * n + i] += 1;
		visits[i * n + i] = 1;
	}
	if (!linear_solve(left, visits, chain->n, chain->n))
		elog(ERROR, "a state of the Markov chain has no end");
	pfree(left);
	return visits;
}

/*
 * The removal effect of each touch: which part of the probability of a conversion
 * is lost without it.  A way through the touch comes to one of its states first;
 * with `first` the probabilities of those, the visits of its states from the
 * beginning are first times the visits among these states.
 */
static double *
chain_effects(const Chain *chain)
{
	const uint32 n = chain->n;
	double	   *effects = palloc0((chain->stats->nnames + 1) * sizeof(double));
	double	   *visits = chain_visits(chain);
	double	   *reached = palloc0((n + 1) * sizeof(double));	/* visits from the
																 * beginning */
	double	   *chance = palloc0((n + 1) * sizeof(double)); /* of a conversion, from
															 * a state */
	double		whole = 0;
	uint32	   *order = palloc((n + 1) * sizeof(uint32));
	uint32	   *begin = palloc0((chain->stats->nnames + 2) * sizeof(uint32));
	uint32		node;
	uint32		i;
	uint32		j;

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
		{
			reached[j] += chain->begins[i] * visits[(Size) i * n + j];
			chance[i] += visits[(Size) i * n + j] * chain->converts[j];
		}
	for (i = 0; i < n; i++)
		whole += chain->begins[i] * chance[i];
	/* the states by their last touch */
	for (i = 0; i < n; i++)
		begin[chain->last[i] + 2]++;
	for (node = 0; node < chain->stats->nnames; node++)
		begin[node + 1] += begin[node];
	for (i = 0; i < n; i++)
		order[begin[chain->last[i] + 1]++] = i;
	for (node = 0; node < chain->stats->nnames && whole > 0; node++)
	{
		const uint32 *states = order + begin[node];
		const uint32 m = begin[node + 1] - begin[node];
		double	   *among = palloc_extended(((Size) m * m + 1) * sizeof(double), MCXT_ALLOC_HUGE);
		double	   *first = palloc((m + 1) * sizeof(double));
		double		lost = 0;

		for (i = 0; i < m; i++)
		{
			first[i] = reached[states[i]];
			for (j = 0; j < m; j++)
				among[(Size) j * m + i] = visits[(Size) states[i] * n + states[j]];
		}
		if (!linear_solve(among, first, m, 1))
			elog(ERROR, "a state of the Markov chain is not visited from itself");
		for (i = 0; i < m; i++)
			lost += first[i] * chance[states[i]];
		effects[node] = Min(Max(lost / whole, 0), 1);
		pfree(among);
		pfree(first);
	}
	return effects;
}

/* The touches of all paths, numbered from 0, and what a model makes of each. */
typedef struct Players
{
	const AttributionStats *stats;
	uint32		n;
	uint32	   *numbers;		/* [name] + 1; 0: in no path */
	double	   *values;			/* [player] */
	double	   *errors;			/* [player]: the standard error */
} Players;

static void
players_number(Players *players)
{
	const AttributionStats *stats = players->stats;
	uint32		i;
	uint32		k;

	players->numbers = palloc_extended(((Size) stats->nnames + 1) * sizeof(uint32), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < stats->npaths; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (k = 0; k < stats->paths[i].length; k++)
			if (players->numbers[stats->paths[i].nodes[k]] == 0)
			{
				if (players->n == SHAPLEY_MOST)
					ereport(ERROR,
							(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
							 errmsg("attribution_shapley() takes at most %d different touches", SHAPLEY_MOST),
							 errhint("Call attribution() with option 'top 100', or give coarser touches.")));
				players->numbers[stats->paths[i].nodes[k]] = ++players->n;
			}
	}
	players->values = palloc0((players->n + 1) * sizeof(double));
	players->errors = palloc0((players->n + 1) * sizeof(double));
}

/* The Shapley values of at most SHAPLEY_EXACT touches: all sets are compared. */
static void
shapley_compare(Players *players)
{
	const AttributionStats *stats = players->stats;
	const int	n = (int) players->n;
	const uint32 nsets = UINT32_C(1) << n;
	double	   *worth = palloc0(nsets * sizeof(double));
	double	   *total = palloc0(nsets * sizeof(double));
	double		weights[SHAPLEY_EXACT]; /* of a set of so many others */
	uint32		set;
	uint32		i;
	int			k;

	for (i = 0; i < stats->npaths; i++)
	{
		const PathItem *path = &stats->paths[i];

		set = 0;
		for (k = 0; k < (int) path->length; k++)
			set |= UINT32_C(1) << (players->numbers[path->nodes[k]] - 1);
		if (set == 0)
			continue;
		worth[set] += (double) path->conversions;
		total[set] += (double) path->conversions + (double) path->lost;
	}
	/* sums over all subsets */
	for (k = 0; k < n; k++)
		for (set = 0; set < nsets; set++)
			if ((set >> k & 1) != 0)
			{
				worth[set] += worth[set ^ UINT32_C(1) << k];
				total[set] += total[set ^ UINT32_C(1) << k];
			}
	for (set = 0; set < nsets; set++)
		worth[set] = total[set] > 0 ? worth[set] / total[set] : 0;
	/* k! (n - 1 - k)! / n! */
	for (k = 0; k < n; k++)
		weights[k] = k == 0 ? 1.0 / n : weights[k - 1] * k / (n - k);
	for (set = 0; set < nsets; set++)
		for (k = 0; k < n; k++)
			if ((set >> k & 1) == 0)
				players->values[k] += weights[__builtin_popcount(set)] * (worth[set | UINT32_C(1) << k] - worth[set]);
}

/* The paths of touches: of each its different touches. */
typedef struct PlayedPaths
{
	uint32		n;
	uint64	   *begin;			/* [path]: of its players, and where the last
								 * one's end */
	uint32	   *players;
	double	   *conversions;	/* [path] */
	double	   *total;
} PlayedPaths;

static PlayedPaths
players_paths(const Players *players)
{
	const AttributionStats *stats = players->stats;
	PlayedPaths paths = {0};
	uint32	   *last = palloc0((players->n + 1) * sizeof(uint32));	/* [player]: the latest
																	 * path that has it */
	uint64		most = 0;
	uint64		n = 0;
	uint32		i;
	uint32		k;

	for (i = 0; i < stats->npaths; i++)
		most += stats->paths[i].length;
	paths.begin = palloc_extended(((Size) stats->npaths + 1) * sizeof(uint64), MCXT_ALLOC_HUGE);
	paths.players = palloc_extended((most + 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	paths.conversions = palloc_extended(((Size) stats->npaths + 1) * sizeof(double), MCXT_ALLOC_HUGE);
	paths.total = palloc_extended(((Size) stats->npaths + 1) * sizeof(double), MCXT_ALLOC_HUGE);
	for (i = 0; i < stats->npaths; i++)
	{
		const PathItem *path = &stats->paths[i];

		CHECK_FOR_INTERRUPTS();
		if (path->length == 0)
			continue;
		paths.begin[paths.n] = n;
		paths.conversions[paths.n] = (double) path->conversions;
		paths.total[paths.n++] = (double) path->conversions + (double) path->lost;
		for (k = 0; k < path->length; k++)
		{
			const uint32 player = players->numbers[path->nodes[k]] - 1;

			if (last[player] != paths.n)
				paths.players[n++] = player;
			last[player] = paths.n;
		}
	}
	paths.begin[paths.n] = n;
	return paths;
}

/* Add to `added` what each touch adds to those before it, in an order of all. */
static void
shapley_add_order(const PlayedPaths *paths, const uint32 *order, uint32 n, uint32 *places, double *worth,
				  double *total, double *added)
{
	double		before = 0;
	double		conversions = 0;
	double		all = 0;
	uint32		i;
	uint64		k;

	for (i = 0; i < n; i++)
	{
		places[order[i]] = i;
		worth[i] = total[i] = 0;
	}
	/* a path is there from its last touch on */
	for (i = 0; i < paths->n; i++)
	{
		uint32		place = 0;

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		for (k = paths->begin[i]; k < paths->begin[i + 1]; k++)
			place = Max(place, places[paths->players[k]]);
		worth[place] += paths->conversions[i];
		total[place] += paths->total[i];
	}
	for (i = 0; i < n; i++)
	{
		double		after;

		conversions += worth[i];
		all += total[i];
		after = all > 0 ? conversions / all : 0;
		added[order[i]] += after - before;
		before = after;
	}
}

/*
 * The Shapley values of many touches, from a sample of the orders in which they
 * come, each with its reverse.  The numbers that choose are always the same.
 */
static void
shapley_sample(Players *players)
{
	const uint32 n = players->n;
	const PlayedPaths paths = players_paths(players);
	const uint64 work = 2 * (paths.begin[paths.n] + n);
	const uint32 nsamples = (uint32) Min(Max(SAMPLES_WORK / work, SAMPLES_LEAST), SAMPLES_MOST);
	uint32	   *order = palloc(n * sizeof(uint32));
	uint32	   *places = palloc(n * sizeof(uint32));
	double	   *worth = palloc(n * sizeof(double));
	double	   *total = palloc(n * sizeof(double));
	double	   *added = palloc(n * sizeof(double));
	uint64		seed = SAMPLES_SEED;
	uint32		sample;
	uint32		i;

	for (i = 0; i < n; i++)
		order[i] = i;
	for (sample = 1; sample <= nsamples; sample++)
	{
		for (i = n - 1; i > 0; i--)
		{
			const uint32 chosen = (uint32) ((uint128) spread(seed += SAMPLES_SEED) * (i + 1) >> 64);
			const uint32 swap = order[i];

			order[i] = order[chosen];
			order[chosen] = swap;
		}
		memset(added, 0, n * sizeof(double));
		shapley_add_order(&paths, order, n, places, worth, total, added);
		for (i = 0; i < n / 2; i++)
		{
			const uint32 swap = order[i];

			order[i] = order[n - 1 - i];
			order[n - 1 - i] = swap;
		}
		shapley_add_order(&paths, order, n, places, worth, total, added);
		/* mean and squares of the differences from it, one by one */
		for (i = 0; i < n; i++)
		{
			const double more = added[i] / 2 - players->values[i];

			players->values[i] += more / sample;
			players->errors[i] += more * (added[i] / 2 - players->values[i]);
		}
	}
	for (i = 0; i < n; i++)
		players->errors[i] = sqrt(players->errors[i] / (nsamples - 1) / nsamples);
}

/*
 * The Shapley value of each touch, if a set of touches is worth the rate of
 * converting of the paths that have touches of the set only.  The errors, of each
 * name, too.
 */
static double *
shapley_values(const AttributionStats *stats, double **errors)
{
	Players		players = {.stats = stats};
	double	   *parts = palloc_extended(((Size) stats->nnames + 1) * sizeof(double), MCXT_ALLOC_HUGE);
	uint32		i;

	*errors = palloc_extended(((Size) stats->nnames + 1) * sizeof(double), MCXT_ALLOC_HUGE);
	players_number(&players);
	if (players.n <= SHAPLEY_EXACT)
		shapley_compare(&players);
	else
		shapley_sample(&players);
	for (i = 0; i < stats->nnames; i++)
	{
		const uint32 number = players.numbers[i];

		parts[i] = number == 0 ? 0 : players.values[number - 1];
		(*errors)[i] = number == 0 ? 0 : players.errors[number - 1];
	}
	return parts;
}

/*
 * A row for each touch: what a model makes of it, and its part of the conversions
 * that have touches; those without are of the direct one.
 */
#define MARKOV_COLUMNS	5
#define SHAPLEY_COLUMNS	6

static const uint32 markov_columns[MARKOV_COLUMNS] = {
	STATS_LABEL,				/* touch */
	STATS_ON(5), STATS_ON(5), STATS_ON(5), STATS_ON(5)	/* the model's number,
														 * conversions, value,
														 * share; the converted
														 * users are not shown */
};

static const uint32 shapley_columns[SHAPLEY_COLUMNS] = {
	STATS_LABEL,
	STATS_ON(6), STATS_ON(6), STATS_ON(6), STATS_ON(6), STATS_ON(6) /* and the standard
																	 * error */
};

static void
attribution_show_driven(const StatsRows *rows, const AttributionStats *stats, const double *parts,
						const double *errors)
{
	double		untouched = 0;
	double		untouched_value = 0;
	double		sum = 0;
	uint32		i;

	if (stats->npaths > 0 && stats->paths[0].length == 0)
	{
		untouched = (double) stats->paths[0].conversions;
		untouched_value = attribution_number(stats->paths[0].value);
	}
	for (i = 0; i < stats->nnames; i++)
		sum += parts[i];
	for (i = 0; i < stats->ntouches; i++)
	{
		const TouchItem *touch = &stats->touches[i];
		const TextSlice name = stats->names[touch->node];
		const bool	direct = slice_equal(name, stats->direct);
		const double part = sum == 0 ? 0 : parts[touch->node] / sum;
		const double conversions = part * ((double) stats->conversions - untouched) +
			(direct ? untouched : 0);
		Datum		values[SHAPLEY_COLUMNS + 1] = {0};
		bool		nulls[SHAPLEY_COLUMNS + 1] = {false};

		CHECK_FOR_INTERRUPTS();
		stats_put_text(name, &values[0], &nulls[0]);
		values[1] = Float8GetDatum(parts[touch->node]);
		values[2] = Float8GetDatum(conversions);
		nulls[3] = !stats->has_values;
		values[3] = Float8GetDatum(part * (attribution_number(stats->value) - untouched_value) +
								   (direct ? untouched_value : 0));
		nulls[4] = stats->conversions == 0;
		values[4] = Float8GetDatum(conversions / (double) Max(stats->conversions, 1));
		if (errors != NULL)
			values[5] = Float8GetDatum(errors[touch->node]);
		values[errors != NULL ? 6 : 5] = Int64GetDatum((int64) touch->converted_users);
		stats_show_row(rows, values, nulls);
	}
}

/*
 * attribution_markov(attribution_stats, order, min_users)
 */
Datum
journey_attribution_markov(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const AttributionStats *stats = stats_begin_rows(&rows, fcinfo, &attribution_stats_type,
													 STATS_COLUMNS(markov_columns));
	Chain		chain = {0};

	if (stats == NULL)
		PG_RETURN_NULL();
	ARG_NOT_NULL(1, "order");
	if (PG_GETARG_INT32(1) < 1 || PG_GETARG_INT32(1) > ORDER_MOST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("order must be 1 to %d, not %d", ORDER_MOST, PG_GETARG_INT32(1)),
				 errhint("It is the number of touches that the next one depends on.")));
	chain.stats = stats;
	chain.order = PG_GETARG_INT32(1);
	chain_count(&chain);
	attribution_show_driven(&rows, stats, chain_effects(&chain), NULL);
	PG_RETURN_NULL();
}

/*
 * attribution_shapley(attribution_stats, min_users)
 */
Datum
journey_attribution_shapley(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const AttributionStats *stats = stats_begin_rows(&rows, fcinfo, &attribution_stats_type,
													 STATS_COLUMNS(shapley_columns));

	double	   *values;
	double	   *errors;

	if (stats == NULL)
		PG_RETURN_NULL();
	values = shapley_values(stats, &errors);
	attribution_show_driven(&rows, stats, values, errors);
	PG_RETURN_NULL();
}
