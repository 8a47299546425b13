-- activity: how many users are active, come back, or stay away, bucket by bucket.

TYPE activity_stats
	'Activity over all users. Made by lifecycle(), active_ratio(), stickiness() and frequency(), merged by rollup(), read by lifecycle_buckets(), active_ratio_buckets(), stickiness_buckets() and frequency_bins(). Text form: JSON.';
STATE activity_rollup SPACE 10000;
AGGREGATE rollup(activity_stats) -> activity_stats STATE activity_rollup FINAL activity_rollup TRANSITION activity_rollup
	'Merges results of one kind. Their users must be disjoint, as in shards or partitions by user; units, windows, time zone and until must be equal. NULLs are skipped.';

STATE activity SPACE 1000000 READ_WRITE
	WITH time_zone '% in a time zone, such as Asia/Shanghai.'
	WITH until '% with until, the end of observation: rows at or after until are ignored, buckets continue up to it, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
AGGREGATE lifecycle(user_id anyelement, at timestamptz, unit text [, time_zone text [, until timestamptz]]) -> activity_stats STATE activity
	'Lifecycle accounting: for each hour, day, week (Monday to Sunday), week_sunday (Sunday to Saturday), month or quarter, in the time zone of the session, the number of users who are active, new, returning, resurrected and dormant. Each row is an activity. user_id has any type that can be hashed. Rows whose user_id or at is NULL are skipped; no rows give NULL. Read the result with lifecycle_buckets().';
AGGREGATE active_ratio(user_id anyelement, at timestamptz, unit text, short_window integer, long_window integer [, time_zone text [, until timestamptz]]) -> activity_stats STATE activity
	'Rolling activity, such as DAU / MAU: for each bucket of a unit, the number of users active in the last short_window buckets and in the last long_window buckets, both including the bucket itself; 1 <= short_window < long_window <= 100000. Read the result with active_ratio_buckets().';
AGGREGATE stickiness(user_id anyelement, at timestamptz, unit text, per text [, time_zone text [, until timestamptz]]) -> activity_stats STATE activity
	'On how many days of a week, or any other unit of a longer one, users are active: for each bucket of per, the number of users active in exactly k of its units. Weeks do not fit into months or quarters. Read the result with stickiness_buckets().';
AGGREGATE frequency(user_id anyelement, at timestamptz, unit text [, time_zone text [, until timestamptz]]) -> activity_stats STATE activity
	'How often users are active: the number of users with exactly k rows (unit times), or active in exactly k distinct hours, days, weeks, months or quarters. Read the result with frequency_bins().'
	WITH until 'frequency with until, the end of observation: rows at or after until are ignored. NULL: as if it were not given. An empty time_zone means the session''s.';
AGGREGATE lifecycle_users(user_id bigint, at timestamptz, unit text, bucket timestamptz, state text [, time_zone text [, until timestamptz]]) -> userset STATE activity
	'The users who are in a state in a bucket: new, returning, resurrected, dormant or active, as lifecycle() counts them. bucket: any time in the bucket. NULL without rows.'
	WITH until 'lifecycle_users with until, the end of observation, as in lifecycle.';

-- Rows to plot.

CREATE FUNCTION lifecycle_buckets(activity_stats, OUT bucket timestamptz, OUT bucket_date date, OUT active bigint, OUT new bigint,
		OUT "returning" bigint, OUT resurrected bigint, OUT dormant bigint, OUT complete boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_lifecycle_buckets'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION lifecycle_buckets(activity_stats) IS
	'The result of lifecycle(): a row for each bucket from the first event to the newest, or to the end of observation, including empty buckets. bucket_date: the date of its beginning in the time zone of the analysis, NULL for hours. active = new (active for the first time) + returning (also active in the bucket before) + resurrected (active again after at least one bucket without activity). dormant: active in the bucket before, but not in this one. complete: the bucket has passed by the newest event, or by the end of observation. At most 1000000 rows.';
FUNCTION active_ratio_buckets(activity_stats, OUT bucket timestamptz, OUT bucket_date date, OUT short_active bigint, OUT long_active bigint, OUT active_ratio double precision, OUT complete boolean) -> SETOF record ROWS 100
	'The result of active_ratio(): a row for each bucket from the first event to the newest, or to the end of observation. bucket_date: the date of its beginning in the time zone of the analysis, NULL for hours. short_active, long_active: users active in the last short_window and long_window buckets; active_ratio: their ratio, NULL if there are none. complete: the bucket has passed by the newest event, or by the end of observation, and the long window does not begin before the first bucket. At most 1000000 rows.';
FUNCTION stickiness_buckets(activity_stats, OUT bucket timestamptz, OUT bucket_date date, OUT active_units integer, OUT users bigint, OUT users_or_more bigint, OUT share double precision, OUT complete boolean) -> SETOF record ROWS 100
	'The result of stickiness(): a row for each bucket of the longer unit and each number of active units in it, from 1. bucket_date: the date of its beginning in the time zone of the analysis. users: users active in exactly this number of units; users_or_more: in at least this number; share: users divided by all users active in the bucket, NULL if there are none. complete: the bucket has passed by the newest event, or by the end of observation.';
FUNCTION frequency_bins(activity_stats, OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision) -> SETOF record ROWS 100
	'The result of frequency(): a row for each number of times that occurs: its users, and their share of all. lower is the number, upper the number plus 1.';
FUNCTION frequency_bins(activity_stats, bounds bigint[], OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision) -> SETOF record ROWS 10
	'The result of frequency() in bins of your own, given by their lower bounds in ascending order. The first bin begins at 1 and the last has no upper bound (NULL). lower is inclusive, upper exclusive.';

