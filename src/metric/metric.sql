-- metric: how many events and users there are, and what their values come to, by bucket and by a breakdown.

TYPE metric_stats
	'Events, users and values of events by bucket of the calendar and breakdown value. Made by event_metrics(), merged by rollup(), read by metric_rows(), metric_buckets(), metric_breakdowns() and metric_summary(). Text form: JSON.';
STATE metric_rollup SPACE 10000;
AGGREGATE rollup(metric_stats) -> metric_stats STATE metric_rollup FINAL metric_rollup TRANSITION metric_rollup
	'Merges results of event_metrics(). Their users must be disjoint, as in shards or partitions by user; unit, time zone, until and top must be equal, and all or none have a value. With the option top they must show the same values. NULLs are skipped.';

STATE metric SPACE 1000000 READ_WRITE
	WITH options '% with options: top N: only the N breakdown values with the most users are shown, the others together as (other), whose users count once.'
	WITH time_zone '% in a time zone, such as Asia/Shanghai.'
	WITH until '% with until, the end of observation: rows at or after until are ignored, buckets continue up to it, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
AGGREGATE event_metrics(user_id anyelement, at timestamptz [, value double precision], breakdown text, unit text [, options text [, time_zone text [, until timestamptz]]]) -> metric_stats STATE metric
	'Events and distinct users for each value of breakdown, such as an event''s name or channel, in each hour, day, week (Monday to Sunday), week_sunday (Sunday to Saturday), month or quarter, in the time zone of the session; and of all values in each bucket, of each value in all buckets, and of all. Users are exact. user_id has any type that can be hashed. Rows whose user_id or at is NULL are skipped; a NULL breakdown is a value of its own; no rows give NULL. Read the result with metric_rows(), metric_buckets(), metric_breakdowns() and metric_summary().'
	WITH value 'event_metrics of a value of each event, such as an amount: its sum, mean, minimum, maximum, median and 90th percentile, too. An event whose value is NULL is counted without it.';

-- Rows to plot.

FUNCTION metric_rows(metric_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT events bigint, OUT users bigint, OUT events_per_user double precision, OUT value_sum double precision, OUT value_avg double precision, OUT value_min double precision, OUT value_max double precision, OUT value_median double precision, OUT value_p90 double precision, OUT complete boolean) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 1000
	'The result of event_metrics(): a row for each bucket, from the first event to the newest or to the end of observation, and each breakdown value, by bucket and then by the bytes of breakdown, NULL last. bucket_date: the date of its beginning in the time zone of the analysis, NULL for hours. users: distinct users. value_sum: exact, rounded once; 0 without values, NULL if event_metrics() was given none. value_median, value_p90: percentile_disc, within 0.8 %, and exact for whole numbers up to 256. complete: the bucket has passed by the newest event, or by the end of observation. At most 1000000 rows. min_users: what rests on fewer users is NULL.';
FUNCTION metric_buckets(metric_stats, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT events bigint, OUT users bigint, OUT events_per_user double precision, OUT value_sum double precision, OUT value_avg double precision, OUT value_min double precision, OUT value_max double precision, OUT value_median double precision, OUT value_p90 double precision, OUT complete boolean) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'The result of event_metrics() over all breakdown values: a row for each bucket, with the columns of metric_rows. A user of several values counts once. min_users: what rests on fewer users is NULL.';
FUNCTION metric_breakdowns(metric_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT events bigint, OUT users bigint, OUT events_per_user double precision, OUT value_sum double precision, OUT value_avg double precision, OUT value_min double precision, OUT value_max double precision, OUT value_median double precision, OUT value_p90 double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 20
	'The result of event_metrics() over all buckets: a row for each breakdown value, by its bytes, NULL last, with the columns of metric_rows. A user of several buckets counts once. min_users: what rests on fewer users is NULL.';
FUNCTION metric_summary(metric_stats, min_users bigint DEFAULT 0, OUT events bigint, OUT users bigint, OUT events_per_user double precision, OUT value_sum double precision, OUT value_avg double precision, OUT value_min double precision, OUT value_max double precision, OUT value_median double precision, OUT value_p90 double precision) -> record IMMUTABLE PARALLEL SAFE
	'The result of event_metrics() over all buckets and breakdown values: one row, with the columns of metric_rows. min_users: what rests on fewer users is NULL.';
