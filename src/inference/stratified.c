/*-------------------------------------------------------------------------
 *
 * stratified.c
 *		One odds ratio of many fourfold tables, each of users who are alike:
 *		Mantel and Haenszel.
 *
 *-------------------------------------------------------------------------
 */
#include "inference/inference.h"

#include <math.h>

/* Add the table of a stratum; one of fewer than two users says nothing. */
void
inference_add_stratum(StratifiedTable *strata, const FourfoldTable *table)
{
	const double a = (double) table->with_yes;
	const double b = (double) table->with_no;
	const double c = (double) table->without_yes;
	const double d = (double) table->without_no;
	const double n = a + b + c + d;
	const double p = (a + d) / n;
	const double q = (b + c) / n;
	const double r = a / n * d;
	const double s = b / n * c;

	if (n < 2)
		return;
	strata->r += r;
	strata->s += s;
	strata->pr += p * r;
	strata->ps_qr += p * s + q * r;
	strata->qs += q * s;
	strata->excess += r - s;	/* a less (a + b) (a + c) / n */
	strata->variance += (a + b) / n * ((c + d) / n) * (a + c) * ((b + d) / (n - 1));
}

/* Its chi-square has one degree of freedom; NaN if no stratum says anything. */
double
inference_stratified_chi_square(const StratifiedTable *strata, bool corrected)
{
	double		apart = fabs(strata->excess);

	if (!(strata->variance > 0))
		return NAN;
	if (corrected && apart >= 0.5)
		apart -= 0.5;
	return apart * apart / strata->variance;
}

/*
 * The common odds ratio, with the interval of Robins, Breslow and Greenland and
 * the corrected chi-square test of Mantel and Haenszel.  It is 0 or infinite,
 * without an interval, where no stratum has both products.
 */
Estimate
inference_stratified_odds_ratio(const StratifiedTable *strata, double level)
{
	const double r = strata->r;
	const double s = strata->s;
	const double z = inference_level_z(level);
	Estimate	estimate = {NAN, NAN, NAN, NAN};

	estimate.p_value = inference_chi_square_p(inference_stratified_chi_square(strata, true), 1);
	if (r > 0 || s > 0)
		estimate.value = s > 0 ? r / s : INFINITY;
	if (r > 0 && s > 0)
	{
		const double error = sqrt((strata->pr / r / r + strata->ps_qr / r / s + strata->qs / s / s) / 2);

		estimate.lower = estimate.value * exp(-z * error);
		estimate.upper = estimate.value * exp(z * error);
	}
	return estimate;
}
