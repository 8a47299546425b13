-- interval: how long users take from one event to the next.

TYPE interval_stats
	'The times from one event to the next over all users, as intervals() makes it: read it with interval_summary() and interval_histogram(); those of different users add up with rollup(). The text form is JSON.';
STATE interval_rollup SPACE 10000;
AGGREGATE rollup(interval_stats) -> interval_stats STATE interval_rollup FINAL interval_rollup TRANSITION interval_rollup
	'The intervals of different users as one result. The users must be disjoint, as in shards or partitions by user; the number of conditions, within and mode must agree. NULLs are skipped.';

STATE interval SPACE 1000000 READ_WRITE;
AGGREGATE intervals(user_id anyelement, at timestamptz [, seq bigint], step stepset [, within interval [, mode text]]) -> interval_stats STATE interval
	FINAL interval TRANSITION interval
	'How long users take from an event that meets condition 1 to the next that meets condition 2; or, with one condition, from each event that meets it to the next. user_id is of any type that can be hashed; rows with a NULL user_id, at or step are skipped; no rows give NULL. Read it with interval_summary() and interval_histogram().'
	WITH within 'intervals without the intervals longer than within, of at most 53375995 days; a day is 24 hours.'
	WITH mode 'intervals with a mode: each, the default, when every start before an end counts, or latest, when only the latest start does.'
	WITH seq 'intervals with events of equal at in the order of seq, a NULL seq last.';

-- Rows to plot.

CREATE FUNCTION interval_summary(interval_stats, OUT count bigint, OUT users bigint, OUT avg_time interval,
		OUT min_time interval, OUT p25_time interval, OUT median_time interval, OUT p75_time interval, OUT max_time interval)
	AS 'MODULE_PATHNAME', 'journey_interval_summary'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION interval_summary(interval_stats) IS
	'One row: how many intervals there are, of how many users, and their mean, minimum, quartiles and maximum, NULL without any. Quartiles are percentile_disc, within 1 %; the rest is exact.';
CREATE FUNCTION interval_histogram(interval_stats, OUT lower interval, OUT upper interval, OUT count bigint, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_interval_histogram'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 200;
COMMENT ON FUNCTION interval_histogram(interval_stats) IS
	'The intervals in buckets of at most 1.6 % of their length: lower <= interval < upper, how many, and their share of all. Empty buckets are left out.';
CREATE FUNCTION interval_histogram(interval_stats, bounds interval[], OUT lower interval, OUT upper interval, OUT count bigint, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_interval_histogram'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION interval_histogram(interval_stats, interval[]) IS
	'The intervals in bins of your own, given their lower bounds in ascending order; the first bin begins at 0 and the last has no upper bound (NULL). Intervals up to 1.6 % shorter than a bound may count in the bin that begins there; intervals as long as a bound always do.';

