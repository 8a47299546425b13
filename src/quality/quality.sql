-- quality: whether a log can be trusted.

TYPE quality_stats
	'The quality of a log of events: duplicates, order, lateness and what is missing, by event and by bucket of the calendar. Made by log_quality(), merged by rollup(), read by quality_summary(), quality_events(), quality_buckets() and quality_lateness(). Text form: JSON.';
STATE quality_rollup SPACE 10000;
AGGREGATE rollup(quality_stats) -> quality_stats STATE quality_rollup FINAL quality_rollup TRANSITION quality_rollup
	'Merges results of log_quality(). Their users must be disjoint, as in shards or partitions by user; unit, time zone and ahead must be equal. NULLs are skipped.';

STATE quality SPACE 1000000 READ_WRITE
	WITH event_id '% whose event_id is a text, bigint or uuid.'
	WITH options '% with options: ahead DURATION, how far a time may be after its arrival before it is in the future, by default 0.'
	WITH time_zone '% in buckets of a time zone, such as Asia/Shanghai. An empty time_zone means the session''s.';
AGGREGATE log_quality(user_id anyelement, at timestamptz, received_at timestamptz, event text, event_id text|bigint|uuid, unit text [, options text [, time_zone text]]) -> quality_stats STATE quality FINAL quality TRANSITION quality
	'Whether a log can be trusted, in one pass: rows, users, rows that repeat an event_id of their user, rows of the same user, event and time, rows that arrived out of order, times in the future, NULL and empty ids, and how late rows arrive, for each event and for each hour, day, week (Monday to Sunday), week_sunday, month or quarter, in the time zone of the session. Every row counts; any argument but unit may be NULL. A time is in the future if it is after received_at: no clock is asked. user_id has any type that can be hashed. No rows give NULL. Read the result with quality_summary(), quality_events(), quality_buckets() and quality_lateness().';

-- Rows to plot.

FUNCTION quality_summary(quality_stats, min_users bigint DEFAULT 0, OUT rows bigint, OUT users bigint, OUT duplicate_ids bigint, OUT duplicate_rows bigint, OUT out_of_order bigint, OUT future bigint, OUT null_users bigint, OUT empty_users bigint, OUT null_times bigint, OUT null_ids bigint, OUT empty_ids bigint, OUT null_received bigint, OUT median_lateness interval, OUT p90_lateness interval, OUT p99_lateness interval, OUT max_lateness interval, OUT null_events bigint, OUT empty_events bigint, OUT newest timestamptz) -> record IMMUTABLE PARALLEL SAFE
	'The result of log_quality() over all events: one row. duplicate_ids: rows whose event_id an earlier row of the user has; duplicate_rows: rows of a user but the first of each event and time; out_of_order: rows that were received after a row of the user with a later time; future: rows whose time is after received_at; null_ and empty_: rows that lack it, or where it is blank; null_times: NULL, infinite, or within 400 days of the first or the last time that there is. lateness: from time to arrival, of rows that are not in the future; quantiles are percentile_disc, within 1 %. newest: the newest arrival. min_users: what rests on fewer users is NULL.';
FUNCTION quality_events(quality_stats, min_users bigint DEFAULT 0, OUT event text, OUT rows bigint, OUT users bigint, OUT duplicate_ids bigint, OUT duplicate_rows bigint, OUT out_of_order bigint, OUT future bigint, OUT null_users bigint, OUT empty_users bigint, OUT null_times bigint, OUT null_ids bigint, OUT empty_ids bigint, OUT null_received bigint, OUT median_lateness interval, OUT p90_lateness interval, OUT p99_lateness interval, OUT max_lateness interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 20
	'The result of log_quality(): a row for each event, by its bytes, NULL last, with the columns of quality_summary(). min_users: what rests on fewer users is NULL.';
FUNCTION quality_buckets(quality_stats, k double precision DEFAULT 3, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT rows bigint, OUT users bigint, OUT expected double precision, OUT lower double precision, OUT upper double precision, OUT gap boolean, OUT duplicate_ids bigint, OUT duplicate_rows bigint, OUT out_of_order bigint, OUT future bigint, OUT median_lateness interval, OUT p90_lateness interval, OUT complete boolean) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 1000
	'The result of log_quality(): a row for each bucket from the first row to the last, also without rows. expected: the median of the rows in complete buckets of the same weekday and hour (unit hour) or weekday (unit day), or in all complete buckets (longer units); NULL if there are fewer than 3. lower, upper: expected - k * s and expected + k * s, where s is 1.4826 times the median absolute deviation, and at least the square root of expected; lower is at least 0. gap: the bucket is complete, and has fewer rows than lower. Buckets that together have at most one in 1000 rows and are separated from the log by more than 100 empty buckets are stray: they have no expected. complete: the bucket has passed by the newest arrival. min_users: what rests on fewer users is NULL.';
FUNCTION quality_lateness(quality_stats, bounds interval[] DEFAULT NULL, min_users bigint DEFAULT 0, OUT lower interval, OUT upper interval, OUT rows bigint, OUT share double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'The result of log_quality(): how many rows arrived how late. lower is inclusive, upper exclusive. Without bounds, a row for each narrow range of lateness that occurs; with bounds, in bins of your own, given by their lower bounds in ascending order, the first from 0, the last without upper. share: of all rows with a lateness. min_users: what rests on fewer rows is NULL.';

-- What check_plan() counts.

STATE fault_counts SPACE 100000;
AGGREGATE journey_internal.fault_counts(kind integer, faults stepset, user_id bigint, at timestamptz) -> bigint[] STATE fault_counts
	'Support function of check_plan: how many events there are of each kind, and which of its rules they break, as rows of kind, rule (0: the events), events, and of the first of them the user and the time in microseconds since 2000-01-01 UTC.';
FUNCTION journey_internal.is_late(at timestamptz, received timestamptz, within bigint) -> boolean
	'Support function of tracking plans: whether an event arrived more than so many microseconds after its time. False if a time is infinite.';
