/*-------------------------------------------------------------------------
 *
 * fourfold.c
 *		Fourfold tables: chi-square, Fisher's exact test, odds ratio.
 *
 * Of the tables that have the same totals of rows and columns, each is given
 * by its with_yes.  Their probabilities (hypergeometric) rise up to one table and
 * fall after it, so that both tails are sums of ever smaller terms.
 *
 *-------------------------------------------------------------------------
 */
#include "inference/inference.h"

#include <float.h>
#include <math.h>

/* Tables whose probability is greater by less than this are as likely. */
#define SAME_PROBABILITY 1e-7

/*
 * The variance of with_yes beyond which the tails have too many terms, so that the
 * corrected chi-square, which then hardly differs, stands for them.
 */
#define EXACT_VARIANCE 1e10

/* A table in the numbers that it is computed with. */
typedef struct Cells
{
	double		a;
	double		b;
	double		c;
	double		d;
} Cells;

static Cells
fourfold_cells(const FourfoldTable *table)
{
	Cells		cells = {(double) table->with_yes, (double) table->with_no, (double) table->without_yes, (double) table->without_no};

	return cells;
}

/* The chi-square of a table, with the correction of Yates or without; NaN if a total is 0. */
double
inference_chi_square(const FourfoldTable *table, bool corrected)
{
	const Cells cells = fourfold_cells(table);
	const double with = cells.a + cells.b;
	const double without = cells.c + cells.d;
	const double yes = cells.a + cells.c;
	const double no = cells.b + cells.d;
	const double n = with + without;
	const int128 left = (int128) table->with_yes * (int128) table->without_no;
	const int128 right = (int128) table->with_no * (int128) table->without_yes;
	double		apart = (double) (left > right ? left - right : right - left);

	if (with == 0 || without == 0 || yes == 0 || no == 0)
		return NAN;
	if (corrected)
		apart = Max(0, apart - n / 2);
	return apart / with / without * (apart / yes / no) * n;
}

/* The logarithm of the probability of a table, given its totals. */
static double
fourfold_log_probability(Cells cells)
{
	const double with = cells.a + cells.b;
	const double without = cells.c + cells.d;
	const double yes = cells.a + cells.c;
	const double no = cells.b + cells.d;
	const double p = yes / (with + without);
	const double q = no / (with + without);

	return inference_log_binomial(cells.a, cells.b, p, q) + inference_log_binomial(cells.c, cells.d, p, q)
		- inference_log_binomial(yes, no, p, q);
}

static inline Cells
fourfold_shift(Cells cells, double shift)
{
	Cells		shifted = {cells.a + shift, cells.b - shift, cells.c - shift, cells.d + shift};

	return shifted;
}

/* The sum of a table's probability and those of smaller with_yes, in its own probability. */
static double
fourfold_tail(Cells cells)
{
	double		term = 1;
	double		sum = 1;

	while (cells.a > 0 && cells.d > 0)
	{
		const double ratio = cells.a * cells.d / ((cells.b + 1) * (cells.c + 1));

		term *= ratio;
		sum += term;
		/* later ratios are smaller: this bounds all that is left */
		if (ratio < 1 && term * ratio <= sum * (1 - ratio) * (DBL_EPSILON / 4))
			break;
		cells = fourfold_shift(cells, -1);
	}
	return sum;
}

/* The same table with yes and no exchanged. */
static inline Cells
fourfold_mirror(Cells cells)
{
	Cells		mirrored = {cells.b, cells.a, cells.d, cells.c};

	return mirrored;
}

/*
 * Fisher's exact test: the probability of all tables that are at most as likely
 * as this one, given its totals.  1 if a total is 0.
 */
double
inference_fisher_p(const FourfoldTable *table)
{
	Cells		cells = fourfold_cells(table);
	const double n = cells.a + cells.b + cells.c + cells.d;
	double		log_probability;
	double		low = 0;
	double		high;
	double		sum;

	if (cells.a + cells.b == 0 || cells.c + cells.d == 0 || cells.a + cells.c == 0 || cells.b + cells.d == 0)
		return 1;
	if ((cells.a + cells.b) / n * ((cells.c + cells.d) / n) * (cells.a + cells.c) * ((cells.b + cells.d) / n) > EXACT_VARIANCE)
		return inference_chi_square_p(inference_chi_square(table, true), 1);
	/* below the most likely table: then a greater with_yes is more likely */
	if (cells.b * cells.c <= (cells.a + 1) * (cells.d + 1) * (1 + SAME_PROBABILITY))
		cells = fourfold_mirror(cells);
	if (cells.b * cells.c <= (cells.a + 1) * (cells.d + 1) * (1 + SAME_PROBABILITY))
		return 1;				/* neither way: it is the most likely one */
	log_probability = fourfold_log_probability(cells);
	sum = fourfold_tail(cells);

	/*
	 * the first table beyond the most likely one that is at most as likely as
	 * this one
	 */
	high = Min(cells.b, cells.c) + 1;
	while (high - low > 1)
	{
		const double middle = floor(low + (high - low) / 2);

		if (fourfold_log_probability(fourfold_shift(cells, middle)) <= log_probability + log1p(SAME_PROBABILITY))
			high = middle;
		else
			low = middle;
	}
	if (high <= Min(cells.b, cells.c))
	{
		const Cells other = fourfold_shift(cells, high);

		sum += exp(fourfold_log_probability(other) - log_probability) * fourfold_tail(fourfold_mirror(other));
	}
	return Min(1, exp(log_probability) * sum);
}

/*
 * The odds of yes of those with by the odds of those without: Wald's interval of
 * its logarithm, and Fisher's exact test.  If a cell is 0, 0.5 is added to each
 * (Haldane's correction).  NaN if a total is 0.
 */
Estimate
inference_odds_ratio(const FourfoldTable *table, double level)
{
	Cells		cells = fourfold_cells(table);
	const double z = inference_level_z(level);
	Estimate	estimate = {NAN, NAN, NAN, NAN};
	double		error;

	if (cells.a + cells.b == 0 || cells.c + cells.d == 0 || cells.a + cells.c == 0 || cells.b + cells.d == 0)
		return estimate;
	estimate.p_value = inference_fisher_p(table);
	if (cells.a == 0 || cells.b == 0 || cells.c == 0 || cells.d == 0)
	{
		cells.a += 0.5;
		cells.b += 0.5;
		cells.c += 0.5;
		cells.d += 0.5;
	}
	error = sqrt(1 / cells.a + 1 / cells.b + 1 / cells.c + 1 / cells.d);
	estimate.value = cells.a / cells.b * (cells.d / cells.c);
	estimate.lower = estimate.value * exp(-z * error);
	estimate.upper = estimate.value * exp(z * error);
	return estimate;
}
