/*-------------------------------------------------------------------------
 *
 * inference.h
 *		How sure a number is: tests, intervals, and corrections for many of
 *		them.  Plain C, without a server.
 *
 * What cannot be said, such as the rate of no users, is NaN.  P values are
 * two-sided.  A level is that of an interval, above 0 and below 1: 0.95.
 *
 * Sources: Loader, Fast and accurate computation of binomial probabilities
 * (2000), for densities; DLMF 8.9, and Didonato and Morris (1992), for the
 * incomplete gamma and beta functions; Wilson (1927) and Newcombe (1998, method 10), for rates; Haldane
 * (1956), for odds ratios; Mantel and Haenszel (1959), and Robins, Breslow and
 * Greenland (1986), for strata; Welch (1947), for means; Benjamini and Hochberg
 * (1995), for q values.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_INFERENCE_H
#define JOURNEY_INFERENCE_H

#include "base/base.h"

/* A number, its interval, and how likely one so far from no effect is by chance. */
typedef struct Estimate
{
	double		value;
	double		lower;
	double		upper;
	double		p_value;		/* NaN where nothing is tested */
} Estimate;

/* Users by two questions; a rate is that of `yes` among those of a row. */
typedef struct FourfoldTable
{
	uint64		with_yes;
	uint64		with_no;
	uint64		without_yes;
	uint64		without_no;
} FourfoldTable;

/* The sums over fourfold tables, one for each stratum. */
typedef struct StratifiedTable
{
	double		r;				/* of with_yes * without_no / n */
	double		s;				/* of with_no * without_yes / n */
	double		pr;				/* what the variance needs */
	double		ps_qr;
	double		qs;
	double		excess;			/* of with_yes over what is expected */
	double		variance;		/* of that */
} StratifiedTable;

/* A sample of numbers. */
typedef struct Sample
{
	uint64		n;
	double		mean;
	double		variance;		/* squares divided by n - 1 */
} Sample;

/* A p value and where it stands: room to sort in. */
typedef struct RankedValue
{
	double		p_value;
	size_t		at;
} RankedValue;

/* distribution.c */
extern double inference_normal_cdf(double z);
extern double inference_normal_quantile(double p);
extern double inference_normal_p(double z);
extern double inference_chi_square_p(double statistic, double df);
extern double inference_t_p(double t, double df);
extern double inference_t_quantile(double p, double df);
extern double inference_f_p(double f, double df1, double df2);
extern double inference_log_binomial(double yes, double no, double p, double q);

/* proportion.c */
extern bool inference_level_is_valid(double level);
extern double inference_level_z(double level);
extern Estimate inference_rate(uint64 successes, uint64 n, double level);
extern Estimate inference_rate_difference(const FourfoldTable *table, double level);

/* fourfold.c */
extern double inference_chi_square(const FourfoldTable *table, bool corrected);
extern double inference_fisher_p(const FourfoldTable *table);
extern Estimate inference_odds_ratio(const FourfoldTable *table, double level);

/* stratified.c */
extern void inference_add_stratum(StratifiedTable *strata, const FourfoldTable *table);
extern double inference_stratified_chi_square(const StratifiedTable *strata, bool corrected);
extern Estimate inference_stratified_odds_ratio(const StratifiedTable *strata, double level);

/* mean.c */
extern Estimate inference_mean(const Sample *sample, double level);
extern Estimate inference_mean_difference(const Sample *with, const Sample *without, double level);

/* q_values.c */
extern void inference_q_values(double *p_values, size_t n, RankedValue *room);

#ifndef JOURNEY_NO_SERVER

#include "fmgr.h"

/* inference_functions.c: levels and estimates in SQL */
extern double inference_level_arg(FunctionCallInfo fcinfo, int arg);
extern void inference_put(double number, Datum *value, bool *null);
extern void inference_put_estimate(const Estimate *estimate, Datum *values, bool *nulls);

#endif							/* JOURNEY_NO_SERVER */

#endif							/* JOURNEY_INFERENCE_H */
