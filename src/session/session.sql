-- session: events of one user between pauses.

CREATE FUNCTION sessionize(at timestamptz, gap interval) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_sessionize'
	LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE;
COMMENT ON FUNCTION sessionize(timestamptz, interval) IS
	'Window function: the number, from 1, of the session that the row falls into. A session ends when more than `gap` (no months) passes without an event. OVER (PARTITION BY user_id ORDER BY at); a NULL at gives NULL.';
CREATE FUNCTION sessionize(at timestamptz, gap interval, is_start boolean, is_end boolean) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_sessionize'
	LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE;
COMMENT ON FUNCTION sessionize(timestamptz, interval, boolean, boolean) IS
	'sessionize with events that cut: a row with is_start begins a session, and a row with is_end is the last of its session. NULL counts as false.';

-- The sessions of all users, and the nodes in them.

TYPE session_stats
	'The sessions of all users and the nodes in them, as sessions() and sessions_by_channel() make it: read it with session_totals(), session_buckets(), session_nodes() and session_channels(); those of different users add up with rollup(). The text form is JSON.';
STATE session_rollup SPACE 10000;
AGGREGATE rollup(session_stats) -> session_stats STATE session_rollup FINAL session_rollup TRANSITION session_rollup
	'The sessions of different users as one result. The users must be disjoint, as in shards or partitions by user; gap, time zone, and whether there are channels and cuts must agree. NULLs are skipped.';

STATE session SPACE 1000000 READ_WRITE
	WITH time_zone '% with the time zone of the days; it is the session''s if empty.'
	WITH is_start '% with events that cut: one with is_start begins a session, one with is_end is the last of its session; at one time starts come first and ends last; NULL counts as false.'
	WITH is_start, time_zone '% with events that cut: one with is_start begins a session, one with is_end is the last of its session; at one time starts come first and ends last; NULL counts as false; and the time zone of the days; it is the session''s if empty.'
	WITH seq '% with seq, which orders the events of one time (NULL last).'
	WITH seq, time_zone '% with seq, which orders the events of one time (NULL last); and the time zone of the days; it is the session''s if empty.'
	WITH seq, is_start '% with seq, which orders the events of one time (NULL last); and events that cut: one with is_start begins a session, one with is_end is the last of its session; at one time starts come first and ends last; NULL counts as false.'
	WITH seq, is_start, time_zone '% with seq, which orders the events of one time (NULL last); and events that cut: one with is_start begins a session, one with is_end is the last of its session; at one time starts come first and ends last; NULL counts as false; and the time zone of the days; it is the session''s if empty.';
AGGREGATE sessions(user_id anyelement, at timestamptz [, seq bigint], node text [cut: , is_start boolean, is_end boolean], gap interval [, time_zone text]) -> session_stats STATE session
	FINAL session TRANSITION session
	'The sessions of all users, and the nodes (pages, screens, steps) in them. A session ends when more than gap, of at most 53375995 days, passes without an event. user_id is of any type that can be hashed; rows with a NULL user_id, at or node are skipped, an infinite at is an error; no rows give NULL. Days are of the session''s time zone. Read it with session_totals(), session_buckets() and session_nodes().';
AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz [, seq bigint], channel text, node text [cut: , is_start boolean, is_end boolean], gap interval [, time_zone text]) -> session_stats STATE session
	FINAL session
	'sessions by channel: each session belongs to the channel of its first event, which may be NULL. Read it with session_channels(), and as that of sessions().';

-- Rows to plot.

CREATE FUNCTION session_totals(session_stats, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision,
		OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval,
		OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint)
	AS 'MODULE_PATHNAME', 'journey_session_totals'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION session_totals(session_stats) IS
	'One row: sessions, users, events, the share of sessions with one event, and the mean, median and 90th percentile of the time from a session''s first event to its last, and of its number of events. Percentiles are percentile_disc, within 1 %; the rest is exact.';
CREATE FUNCTION session_buckets(session_stats, OUT bucket timestamptz, OUT bucket_date date, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision,
		OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval,
		OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_session_buckets'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION session_buckets(session_stats) IS
	'The columns of session_totals() for each day on which a session begins (bucket: its beginning, bucket_date: its date in the time zone of the analysis); users are those who begin one on that day.';
CREATE FUNCTION session_channels(session_stats, OUT channel text, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision,
		OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval,
		OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_session_channels'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION session_channels(session_stats) IS
	'The columns of session_totals() for each channel, as sessions_by_channel() finds it: that of a session''s first event. Channels are in the order of their bytes, NULL last; a user may have sessions of several.';
CREATE FUNCTION session_nodes(session_stats, OUT node text, OUT events bigint, OUT users bigint, OUT entries bigint, OUT exits bigint,
		OUT exit_rate double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_session_nodes'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION session_nodes(session_stats) IS
	'For each node, in the order of their bytes: its events, the users who have one, the sessions that begin and that end with it, the share of its events that end a session, and the mean, median and 90th percentile of the time to the next event of the session, NULL if none ever follows.';

