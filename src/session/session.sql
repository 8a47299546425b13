-- session: events of one user between pauses.

FUNCTION sessionize(at timestamptz, gap interval) -> bigint IMMUTABLE WINDOW PARALLEL SAFE
	'Window function: the number of the row''s session, from 1. A session ends when more than `gap` (no months) passes without an event. OVER (PARTITION BY user_id ORDER BY at). If at is NULL, the result is NULL.';
FUNCTION sessionize(at timestamptz, gap interval, is_start boolean, is_end boolean) -> bigint IMMUTABLE WINDOW PARALLEL SAFE
	'sessionize with events that cut sessions: a row with is_start begins a session, and a row with is_end is the last of its session. NULL counts as false.';

-- The sessions of all users, and the nodes in them.

TYPE session_stats
	'The sessions of all users and the nodes in them. Made by sessions() and sessions_by_channel(), merged by rollup(), read by session_totals(), session_buckets(), session_nodes(), session_channels() and session_channel_buckets(). Text form: JSON.';
STATE session_rollup SPACE 10000;
AGGREGATE rollup(session_stats) -> session_stats STATE session_rollup FINAL session_rollup TRANSITION session_rollup
	'Merges results of sessions() or of sessions_by_channel(). Their users must be disjoint, as in shards or partitions by user; gap, unit, time zone, until, and whether there are channels and cuts must be equal. NULLs are skipped.';

STATE session SPACE 1000000 READ_WRITE
	WITH unit '% in buckets of a unit: ''hour'', ''day'', ''week'' (from Monday), ''week_sunday'', ''month'' or ''quarter''. A time zone instead of the unit, as in 0.1.0, means days in this time zone.'
	WITH options '% with options: top N: only the N channels with the most users are shown, the others as (other), in which each user counts once.'
	WITH time_zone '% in buckets of a unit, in this time zone. An empty time_zone means the session''s.'
	WITH until '% with until, the end of observation: rows at or after until are ignored, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.'
	WITH is_start '% with events that cut sessions: an event with is_start begins a session, an event with is_end is the last of its session. Among events of the same time, starts come first and ends last. NULL counts as false.'
	WITH seq '% with seq, which orders events of the same time, NULL last.';
AGGREGATE sessions(user_id anyelement, at timestamptz [, seq bigint] [cut: , is_start boolean, is_end boolean], node text, gap interval [, unit text [, time_zone text [, until timestamptz]]]) -> session_stats STATE session
	FINAL session TRANSITION session COLUMNS BY TYPE
	'The sessions of all users, and the nodes (pages, screens, steps) in them. A session ends when more than gap, of at most 53375995 days, passes without an event. user_id has any type that can be hashed. Rows whose user_id, at or node is NULL are skipped; an infinite at is an error; no rows give NULL. Buckets are days in the session''s time zone. Read the result with session_totals(), session_buckets() and session_nodes().';
AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz [, seq bigint] [cut: , is_start boolean, is_end boolean], channel text, node text, gap interval [, unit text [, options text [, time_zone text [, until timestamptz]]]]) -> session_stats STATE session
	FINAL session CALLS session COLUMNS BY TYPE
	'sessions by channel: each session belongs to the channel of its first event, which may be NULL. Read the result with session_channels() and session_channel_buckets(), and with the functions for sessions().';

-- Each session as a row.

TYPE session_list
	'The sessions of all users, made by session_list() for session_rows(). It lasts as long as its query: what is stored cannot be read.';
AGGREGATE session_list(user_id anyelement, at timestamptz [, seq bigint] [cut: , is_start boolean, is_end boolean] [, value text], node text, gap interval) -> session_list STATE session
	FINAL session_list CALLS session COLUMNS BY TYPE
	'The sessions of all users, to be read by session_rows() in the same query: SELECT * FROM session_rows((SELECT session_list(user_id, at, node, gap) FROM events)). Sessions, and which rows are skipped, are those of sessions(). user_id has any type that can be hashed.'
	WITH value 'session_list with a value of each event, which may be NULL: the columns first_value and last_value of session_rows().';
FUNCTION session_rows(session_list, OUT user_id bigint, OUT session bigint, OUT started_at timestamptz, OUT ended_at timestamptz, OUT events bigint, OUT first_node text, OUT last_node text, OUT first_value text, OUT last_value text) -> SETOF record STABLE PARALLEL RESTRICTED ROWS 100000
	'A row for each session of session_list(), in no order: the user, the number of the session, from 1 for each user, the times of its first and its last event, the number of its events, and node and value of its first and its last event.';
FUNCTION session_rows(session_list, id anyelement, OUT user_id anyelement, OUT session bigint, OUT started_at timestamptz, OUT ended_at timestamptz, OUT events bigint, OUT first_node text, OUT last_node text, OUT first_value text, OUT last_value text) -> SETOF record STABLE PARALLEL RESTRICTED ROWS 100000
	'session_rows for users whose id is of the type of id, whatever its value: session_rows((SELECT session_list(...) FROM events), NULL::text).';

-- Rows to plot.

FUNCTION session_totals(session_stats, min_users bigint DEFAULT 0, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint) -> record IMMUTABLE PARALLEL SAFE
	'One row: sessions, users, events, the share of sessions with one event, and mean, median and 90th percentile of the time from a session''s first event to its last, and of its number of events. Percentiles are percentile_disc, within 1 %; all others are exact. min_users: what rests on fewer users is NULL.';
FUNCTION session_buckets(session_stats, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint, OUT complete boolean) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'The columns of session_totals() for each bucket in which a session begins. bucket: its beginning; bucket_date: the date of its beginning in the time zone of the analysis, NULL for hours. users: the users who begin a session in the bucket. complete: the bucket has passed by the newest event, or by the end of observation; NULL if version 0.1.0 made the result. min_users: what rests on fewer users is NULL.';
FUNCTION session_channels(session_stats, min_users bigint DEFAULT 0, OUT channel text, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 10
	'The columns of session_totals() for each channel of sessions_by_channel(), in byte order, NULL last. A user may have sessions of several channels. With the option top N the channels that are not among the N with the most users are shown as (other), in which each user counts once. min_users: what rests on fewer users is NULL.';
FUNCTION session_channel_buckets(session_stats, min_users bigint DEFAULT 0, OUT channel text, OUT bucket timestamptz, OUT bucket_date date, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint, OUT complete boolean) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 1000
	'The columns of session_buckets() for each bucket and each channel of the sessions that begin in it, ordered by bucket and then as in session_channels(), which also says which channels are shown. The result must be made by sessions_by_channel() of this version. min_users: what rests on fewer users is NULL.';
FUNCTION session_nodes(session_stats, min_users bigint DEFAULT 0, OUT node text, OUT events bigint, OUT users bigint, OUT entries bigint, OUT exits bigint, OUT exit_rate double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'A row for each node, in byte order: its events, the users who have one, the sessions that begin and that end with the node, the share of its events that end a session, and mean, median and 90th percentile of the time to the next event of the session, NULL if no event ever follows. min_users: what rests on fewer users is NULL.';

