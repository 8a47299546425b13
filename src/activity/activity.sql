-- activity: how many users are active, come back, or stay away, bucket by bucket.

TYPE activity_stats
	'Activity over all users, as lifecycle(), active_ratio(), stickiness() and frequency() make it: read it with lifecycle_buckets(), active_ratio_buckets(), stickiness_buckets() and frequency_bins(); those of different users add up with rollup(). The text form is JSON.';
STATE activity_rollup SPACE 10000;
AGGREGATE rollup(activity_stats) -> activity_stats STATE activity_rollup FINAL activity_rollup TRANSITION activity_rollup
	'Activity of different users as one result. The users must be disjoint, as in shards or partitions by user; kind, units, windows and time zone must agree. NULLs are skipped.';

STATE activity SPACE 1000000 READ_WRITE
	WITH time_zone '% in a time zone, such as Asia/Shanghai.'
	WITH until '% with the end of observation: rows at or after it do not count, buckets go up to it, and those that have passed by it are complete; NULL is as if it were not given, when the newest event is the end. An empty time_zone is the session''s.';
AGGREGATE lifecycle(user_id anyelement, at timestamptz, unit text [, time_zone text [, until timestamptz]]) -> activity_stats STATE activity
	'Lifecycle accounting: for each hour, day, week (Monday to Sunday), week_sunday (Sunday to Saturday), month or quarter, in the time zone of the session, how many users are active, new, returning, resurrected and dormant. A row is an activity. user_id is of any type that can be hashed; rows with a NULL user_id or at are skipped; no rows give NULL. Read it with lifecycle_buckets().';
AGGREGATE active_ratio(user_id anyelement, at timestamptz, unit text, short_window integer, long_window integer [, time_zone text [, until timestamptz]]) -> activity_stats STATE activity
	'Rolling activity, such as DAU / MAU: for each bucket of a unit, how many users were active in the last short_window buckets and in the last long_window ones, itself among them; 1 <= short_window < long_window <= 100000. Read it with active_ratio_buckets().';
AGGREGATE stickiness(user_id anyelement, at timestamptz, unit text, per text [, time_zone text [, until timestamptz]]) -> activity_stats STATE activity
	'On how many days of a week, or any unit of a longer one, users are active: for each bucket of per, how many users were active in exactly k of its units. Weeks fit into no longer unit. Read it with stickiness_buckets().';
AGGREGATE frequency(user_id anyelement, at timestamptz, unit text [, time_zone text]) -> activity_stats STATE activity
	'How often users did it: how many users did it exactly k times (unit times), or in k different hours, days, weeks, months or quarters. Read it with frequency_bins().';
AGGREGATE lifecycle_users(user_id bigint, at timestamptz, unit text, bucket timestamptz, state text [, time_zone text [, until timestamptz]]) -> userset STATE activity
	'The users who are in a state in a bucket: new, returning, resurrected, dormant or active, as lifecycle() counts them. bucket is any time in it. NULL without rows.'
	WITH until 'lifecycle_users with the end of observation, as lifecycle has.';

-- Rows to plot.

CREATE FUNCTION lifecycle_buckets(activity_stats, OUT bucket timestamptz, OUT bucket_date date, OUT active bigint, OUT new bigint,
		OUT "returning" bigint, OUT resurrected bigint, OUT dormant bigint, OUT complete boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_lifecycle_buckets'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION lifecycle_buckets(activity_stats) IS
	'The result of lifecycle(): a row for each bucket from the first event to the newest, or to the end of observation, empty ones too; bucket_date: the date on which it begins in the time zone of the analysis, NULL for hours. active = new + returning + resurrected: active for the first time, active as in the bucket before, active again after at least one bucket without; dormant: active in the bucket before, but not in this one; complete: the bucket has passed by the newest event, or the end of observation. At most 1000000 rows.';
CREATE FUNCTION active_ratio_buckets(activity_stats, OUT bucket timestamptz, OUT bucket_date date, OUT short_active bigint, OUT long_active bigint,
		OUT active_ratio double precision, OUT complete boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_active_ratio_buckets'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION active_ratio_buckets(activity_stats) IS
	'The result of active_ratio(): a row for each bucket from the first event to the newest, or to the end of observation; bucket_date: the date on which it begins in the time zone of the analysis, NULL for hours: users active in the last short_window and in the last long_window buckets, and their ratio (active_ratio), NULL where there are none; complete: the bucket has passed by the newest event, or the end of observation, and the long window does not begin before the first one. At most 1000000 rows.';
CREATE FUNCTION stickiness_buckets(activity_stats, OUT bucket timestamptz, OUT bucket_date date, OUT active_units integer, OUT users bigint,
		OUT users_or_more bigint, OUT share double precision, OUT complete boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_stickiness_buckets'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION stickiness_buckets(activity_stats) IS
	'The result of stickiness(): for each bucket of the longer unit (bucket_date: the date on which it begins in the time zone of the analysis) and each number of units that it has, from 1: users active in exactly so many, users active in so many or more, and the share of the former among all who are active in the bucket, NULL where there are none; complete: the bucket has passed by the newest event, or the end of observation.';
CREATE FUNCTION frequency_bins(activity_stats, OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_frequency_bins'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION frequency_bins(activity_stats) IS
	'The result of frequency(): a row for each number of times that any user has: users, and their share of all. lower is that number, upper the one after it.';
CREATE FUNCTION frequency_bins(activity_stats, bounds bigint[], OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_frequency_bins'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION frequency_bins(activity_stats, bigint[]) IS
	'The result of frequency() in bins of your own, given the least number of each in ascending order; the first bin begins at 1 and the last has no end (NULL). lower is in the bin, upper is not.';

