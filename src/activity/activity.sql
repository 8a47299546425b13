-- activity: how many users are active, come back, or stay away, bucket by bucket.

TYPE activity_stats
	'Activity over all users. Made by lifecycle(), active_ratio(), stickiness() and frequency(), and by the same by a breakdown, such as lifecycle_by(); merged by rollup(); read by lifecycle_buckets(), active_ratio_buckets(), stickiness_buckets() and frequency_bins(), and by lifecycle_by_buckets() and the like. Text form: JSON.';
STATE activity_rollup SPACE 10000;
AGGREGATE rollup(activity_stats) -> activity_stats STATE activity_rollup FINAL activity_rollup TRANSITION activity_rollup
	'Merges results of one kind. Their users must be disjoint, as in shards or partitions by user; units, windows, options, time zone and until must be equal. NULLs are skipped.';

STATE activity SPACE 1000000 READ_WRITE
	WITH options '% with options: first_value, the default, last_value or each_value, in which a user is in the group of each value, with the events that have it; and top N: only the N values with the most users are shown, the others as (other).'
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

-- Each user in the group of a value of their events.
AGGREGATE lifecycle_by(user_id anyelement, at timestamptz, breakdown text, unit text [, options text [, time_zone text [, until timestamptz]]]) -> activity_stats STATE activity
	'lifecycle with the users in groups: by the value of breakdown at the first of their events that has one, else NULL. Read the result with lifecycle_by_buckets().';
AGGREGATE active_ratio_by(user_id anyelement, at timestamptz, breakdown text, unit text, short_window integer, long_window integer [, options text [, time_zone text [, until timestamptz]]]) -> activity_stats STATE activity
	'active_ratio with the users in groups: by the value of breakdown at the first of their events that has one, else NULL. Read the result with active_ratio_by_buckets().';
AGGREGATE stickiness_by(user_id anyelement, at timestamptz, breakdown text, unit text, per text [, options text [, time_zone text [, until timestamptz]]]) -> activity_stats STATE activity
	'stickiness with the users in groups: by the value of breakdown at the first of their events that has one, else NULL. Read the result with stickiness_by_buckets().';
AGGREGATE frequency_by(user_id anyelement, at timestamptz, breakdown text, unit text [, options text [, time_zone text [, until timestamptz]]]) -> activity_stats STATE activity
	'frequency with the users in groups: by the value of breakdown at the first of their events that has one, else NULL. Read the result with frequency_by_bins().'
	WITH until 'frequency_by with until, the end of observation: rows at or after until are ignored. NULL: as if it were not given. An empty time_zone means the session''s.';

ROW lifecycle_group(
	breakdown text 'The group; NULL: the users without a value.',
	users userset 'Who is in the state; empty if nobody is.')
	'The users of a group of lifecycle_by() who are in a state in a bucket.';
AGGREGATE lifecycle_users_by(user_id bigint, at timestamptz, breakdown text, unit text, bucket timestamptz, state text [, options text [, time_zone text [, until timestamptz]]]) -> lifecycle_group[] STATE activity
	'The users of each group of lifecycle_by() who are in a state in a bucket: new, returning, resurrected, dormant or active. bucket: any time in the bucket. NULL without rows. SELECT * FROM unnest((SELECT lifecycle_users_by(...) FROM ...)).'
	WITH until 'lifecycle_users_by with until, the end of observation, as in lifecycle_by.';

-- Rows to plot.

FUNCTION lifecycle_buckets(activity_stats, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT active bigint, OUT new bigint, OUT "returning" bigint, OUT resurrected bigint, OUT dormant bigint, OUT complete boolean) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'The result of lifecycle(): a row for each bucket from the first event to the newest, or to the end of observation, including empty buckets. bucket_date: the date of its beginning in the time zone of the analysis, NULL for hours. active = new (active for the first time) + returning (also active in the bucket before) + resurrected (active again after at least one bucket without activity). dormant: active in the bucket before, but not in this one. complete: the bucket has passed by the newest event, or by the end of observation. At most 1000000 rows. min_users: what rests on fewer users is NULL.';
FUNCTION active_ratio_buckets(activity_stats, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT short_active bigint, OUT long_active bigint, OUT active_ratio double precision, OUT complete boolean) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'The result of active_ratio(): a row for each bucket from the first event to the newest, or to the end of observation. bucket_date: the date of its beginning in the time zone of the analysis, NULL for hours. short_active, long_active: users active in the last short_window and long_window buckets; active_ratio: their ratio, NULL if there are none. complete: the bucket has passed by the newest event, or by the end of observation, and the long window does not begin before the first bucket. At most 1000000 rows. min_users: what rests on fewer users is NULL.';
FUNCTION stickiness_buckets(activity_stats, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT active_units integer, OUT users bigint, OUT users_or_more bigint, OUT share double precision, OUT complete boolean) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'The result of stickiness(): a row for each bucket of the longer unit and each number of active units in it, from 1. bucket_date: the date of its beginning in the time zone of the analysis. users: users active in exactly this number of units; users_or_more: in at least this number; share: users divided by all users active in the bucket, NULL if there are none. complete: the bucket has passed by the newest event, or by the end of observation. min_users: what rests on fewer users is NULL.';
FUNCTION frequency_bins(activity_stats, bounds bigint[] DEFAULT NULL, min_users bigint DEFAULT 0, OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 10
	'The result of frequency(): a row for each number of times that occurs, from lower to upper, the number plus 1: its users, and their share of all. With bounds: in bins of your own, given by their lower bounds in ascending order. The first bin begins at 1 and the last has no upper bound (NULL). lower is inclusive, upper exclusive. min_users: what rests on fewer users is NULL.';

-- Rows to plot of a breakdown.

FUNCTION lifecycle_by_buckets(activity_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT active bigint, OUT new bigint, OUT "returning" bigint, OUT resurrected bigint, OUT dormant bigint, OUT complete boolean) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 1000
	'lifecycle_buckets for the groups of lifecycle_by(): a row for each bucket of all users and each group, by bucket and then by the bytes of breakdown, NULL last. With the option top N the values that are not among the N with the most users are shown as (other). min_users: what rests on fewer users is NULL.';
FUNCTION active_ratio_by_buckets(activity_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT short_active bigint, OUT long_active bigint, OUT active_ratio double precision, OUT complete boolean) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 1000
	'active_ratio_buckets for the groups of active_ratio_by(): a row for each bucket of all users and each group, by bucket and then by the bytes of breakdown, NULL last. With the option top N the values that are not among the N with the most users are shown as (other). min_users: what rests on fewer users is NULL.';
FUNCTION stickiness_by_buckets(activity_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT active_units integer, OUT users bigint, OUT users_or_more bigint, OUT share double precision, OUT complete boolean) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 1000
	'stickiness_buckets for the groups of stickiness_by(): rows for each bucket of all users and each group, by bucket and then by the bytes of breakdown, NULL last. share: of the group''s users who are active in the bucket. With the option top N the values that are not among the N with the most users are shown as (other). min_users: what rests on fewer users is NULL.';
FUNCTION frequency_by_bins(activity_stats, bounds bigint[] DEFAULT NULL, min_users bigint DEFAULT 0, OUT breakdown text, OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'frequency_bins for the groups of frequency_by(), by the bytes of breakdown, NULL last. share: of the group''s users. With the option top N the values that are not among the N with the most users are shown as (other). With bounds: in bins of your own, as in frequency_bins. min_users: what rests on fewer users is NULL.';
