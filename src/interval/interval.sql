-- interval: how long users take from one event to the next.

TYPE interval_stats
	'The times from one event to the next over all users. Made by intervals(), merged by rollup(), read by interval_summary() and interval_histogram(). Text form: JSON.';
STATE interval_rollup SPACE 10000;
AGGREGATE rollup(interval_stats) -> interval_stats STATE interval_rollup FINAL interval_rollup TRANSITION interval_rollup
	'Merges results of intervals(). Their users must be disjoint, as in shards or partitions by user; number of conditions, within and mode must be equal. NULLs are skipped.';

STATE interval SPACE 1000000 READ_WRITE;
AGGREGATE intervals(user_id anyelement, at timestamptz [, seq bigint], step stepset [, within interval [, mode text]]) -> interval_stats STATE interval
	FINAL interval TRANSITION interval
	'The times from an event that meets condition 1 to the next event that meets condition 2; with a single condition, from each event that meets it to the next. user_id has any type that can be hashed. Rows whose user_id, at or step is NULL are skipped; no rows give NULL. Read the result with interval_summary() and interval_histogram().'
	WITH within 'intervals that are at most within long, 0 to 53375995 days; a day is 24 hours.'
	WITH mode 'intervals with a mode: each (default): every start before an end counts; latest: only the latest start counts.'
	WITH seq 'intervals with seq, which orders events of the same time, NULL last.';

-- Rows to plot.

FUNCTION interval_summary(interval_stats, min_users bigint DEFAULT 0, OUT count bigint, OUT users bigint, OUT avg_time interval, OUT min_time interval, OUT p25_time interval, OUT median_time interval, OUT p75_time interval, OUT max_time interval) -> record IMMUTABLE PARALLEL SAFE
	'One row: the number of intervals and of their users, and mean, minimum, quartiles and maximum of the intervals, NULL if there are none. Quartiles are percentile_disc, within 1 %; all others are exact. min_users: what rests on fewer users is NULL.';
FUNCTION interval_histogram(interval_stats, bounds interval[] DEFAULT NULL, min_users bigint DEFAULT 0, OUT lower interval, OUT upper interval, OUT count bigint, OUT share double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 200
	'The histogram of the intervals: lower <= interval < upper, their number, and their share of all. The width of a bucket is at most 1.6 % of its lower bound. Empty buckets are omitted. With bounds: in bins of your own, given by their lower bounds in ascending order. The first bin begins at 0 and the last has no upper bound (NULL). An interval equal to a bound counts in the bin that begins there; an interval up to 1.6 % shorter may count there, too. min_users: what rests on fewer intervals is NULL.';

