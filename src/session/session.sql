-- session: events of one user between pauses.

CREATE FUNCTION sessionize(at timestamptz, gap interval) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_sessionize'
	LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE;
COMMENT ON FUNCTION sessionize(timestamptz, interval) IS
	'Window function: the number, from 1, of the session that the row falls into. A session ends when more than `gap` (no months) passes without an event. OVER (PARTITION BY user_id ORDER BY at); a NULL at gives NULL.';
CREATE FUNCTION sessionize(at timestamptz, gap interval, starts boolean, ends boolean) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_sessionize'
	LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE;
COMMENT ON FUNCTION sessionize(timestamptz, interval, boolean, boolean) IS
	'sessionize with events that cut: a row with starts begins a session, and a row with ends is the last of its session. NULL counts as false.';

-- The sessions of all users, and the nodes in them.

CREATE TYPE session_stats;
CREATE FUNCTION session_stats_in(cstring) RETURNS session_stats
	AS 'MODULE_PATHNAME', 'journey_session_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION session_stats_out(session_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_session_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION session_stats_recv(internal) RETURNS session_stats
	AS 'MODULE_PATHNAME', 'journey_session_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION session_stats_send(session_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_session_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE TYPE session_stats (
	INPUT = session_stats_in, OUTPUT = session_stats_out,
	RECEIVE = session_stats_recv, SEND = session_stats_send,
	INTERNALLENGTH = VARIABLE, STORAGE = EXTENDED
);
COMMENT ON TYPE session_stats IS 'The sessions of all users and the nodes in them, as session_summary() and traffic() make it: read it with session_totals(), session_days(), session_nodes() and session_channels(); those of different users add up with rollup(). The text form is JSON.';
COMMENT ON FUNCTION session_stats_in(cstring) IS 'Support function of the type session_stats: JSON as a value.';
COMMENT ON FUNCTION session_stats_out(session_stats) IS 'Support function of the type session_stats: a value as JSON.';
COMMENT ON FUNCTION session_stats_recv(internal) IS 'Support function of the type session_stats: bytes as a value.';
COMMENT ON FUNCTION session_stats_send(session_stats) IS 'Support function of the type session_stats: a value as bytes.';

CREATE FUNCTION session_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION session_combine(internal, internal) IS 'Support function of session_summary and traffic: joins the events of two workers.';
CREATE FUNCTION session_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_session_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION session_serialize(internal) IS 'Support function of session_summary and traffic: the events as bytes.';
CREATE FUNCTION session_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION session_deserialize(bytea, internal) IS 'Support function of session_summary and traffic: bytes as events.';
CREATE FUNCTION session_final(internal) RETURNS session_stats
	AS 'MODULE_PATHNAME', 'journey_session_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION session_final(internal) IS 'Support function of session_summary and traffic: groups the events by user and counts.';

CREATE FUNCTION session_transition(internal, anyelement, timestamptz, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION session_transition(internal, anyelement, timestamptz, text, interval) IS 'Support function of session_summary: adds one event.';
CREATE AGGREGATE session_summary(user_id anyelement, at timestamptz, node text, gap interval) (
	SFUNC = session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE session_summary(anyelement, timestamptz, text, interval) IS
	'The sessions of all users, and the nodes (pages, screens, steps) in them. A session ends when more than gap, of at most 53375995 days, passes without an event. user_id is of any type that can be hashed; rows with a NULL user_id, at or node are skipped, an infinite at is an error; no rows give NULL. Days are of the session''s time zone. Read it with session_totals(), session_days() and session_nodes().';
CREATE FUNCTION session_transition(internal, anyelement, timestamptz, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION session_transition(internal, anyelement, timestamptz, text, interval, text) IS 'Support function of session_summary: adds one event.';
CREATE AGGREGATE session_summary(user_id anyelement, at timestamptz, node text, gap interval, time_zone text) (
	SFUNC = session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE session_summary(anyelement, timestamptz, text, interval, text) IS
	'session_summary with the time zone of the days; it is the session''s if empty.';
CREATE FUNCTION session_transition(internal, anyelement, timestamptz, text, boolean, boolean, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_cut_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION session_transition(internal, anyelement, timestamptz, text, boolean, boolean, interval) IS 'Support function of session_summary: adds one event.';
CREATE AGGREGATE session_summary(user_id anyelement, at timestamptz, node text, starts boolean, ends boolean, gap interval) (
	SFUNC = session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE session_summary(anyelement, timestamptz, text, boolean, boolean, interval) IS
	'session_summary with events that cut: one with starts begins a session, one with ends is the last of its session; at one time starts come first and ends last; NULL counts as false.';
CREATE FUNCTION session_transition(internal, anyelement, timestamptz, text, boolean, boolean, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_cut_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION session_transition(internal, anyelement, timestamptz, text, boolean, boolean, interval, text) IS 'Support function of session_summary: adds one event.';
CREATE AGGREGATE session_summary(user_id anyelement, at timestamptz, node text, starts boolean, ends boolean, gap interval, time_zone text) (
	SFUNC = session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE session_summary(anyelement, timestamptz, text, boolean, boolean, interval, text) IS
	'session_summary with events that cut: one with starts begins a session, one with ends is the last of its session; at one time starts come first and ends last; NULL counts as false; and the time zone of the days; it is the session''s if empty.';
CREATE FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, interval) IS 'Support function of session_summary: adds one event.';
CREATE AGGREGATE session_summary(user_id anyelement, at timestamptz, seq bigint, node text, gap interval) (
	SFUNC = session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE session_summary(anyelement, timestamptz, bigint, text, interval) IS
	'session_summary with seq, which orders the events of one time (NULL last).';
CREATE FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, interval, text) IS 'Support function of session_summary: adds one event.';
CREATE AGGREGATE session_summary(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, time_zone text) (
	SFUNC = session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE session_summary(anyelement, timestamptz, bigint, text, interval, text) IS
	'session_summary with seq, which orders the events of one time (NULL last); and the time zone of the days; it is the session''s if empty.';
CREATE FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, boolean, boolean, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_seq_cut_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, boolean, boolean, interval) IS 'Support function of session_summary: adds one event.';
CREATE AGGREGATE session_summary(user_id anyelement, at timestamptz, seq bigint, node text, starts boolean, ends boolean, gap interval) (
	SFUNC = session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE session_summary(anyelement, timestamptz, bigint, text, boolean, boolean, interval) IS
	'session_summary with seq, which orders the events of one time (NULL last); and events that cut: one with starts begins a session, one with ends is the last of its session; at one time starts come first and ends last; NULL counts as false.';
CREATE FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, boolean, boolean, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_seq_cut_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, boolean, boolean, interval, text) IS 'Support function of session_summary: adds one event.';
CREATE AGGREGATE session_summary(user_id anyelement, at timestamptz, seq bigint, node text, starts boolean, ends boolean, gap interval, time_zone text) (
	SFUNC = session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE session_summary(anyelement, timestamptz, bigint, text, boolean, boolean, interval, text) IS
	'session_summary with seq, which orders the events of one time (NULL last); and events that cut: one with starts begins a session, one with ends is the last of its session; at one time starts come first and ends last; NULL counts as false; and the time zone of the days; it is the session''s if empty.';
CREATE FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_traffic_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, interval) IS 'Support function of traffic: adds one event.';
CREATE AGGREGATE traffic(user_id anyelement, at timestamptz, channel text, node text, gap interval) (
	SFUNC = traffic_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE traffic(anyelement, timestamptz, text, text, interval) IS
	'session_summary by channel: each session belongs to the channel of its first event, which may be NULL. Read it with session_channels(), and as that of session_summary().';
CREATE FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_traffic_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, interval, text) IS 'Support function of traffic: adds one event.';
CREATE AGGREGATE traffic(user_id anyelement, at timestamptz, channel text, node text, gap interval, time_zone text) (
	SFUNC = traffic_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE traffic(anyelement, timestamptz, text, text, interval, text) IS
	'traffic with the time zone of the days; it is the session''s if empty.';
CREATE FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, boolean, boolean, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_traffic_cut_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, boolean, boolean, interval) IS 'Support function of traffic: adds one event.';
CREATE AGGREGATE traffic(user_id anyelement, at timestamptz, channel text, node text, starts boolean, ends boolean, gap interval) (
	SFUNC = traffic_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE traffic(anyelement, timestamptz, text, text, boolean, boolean, interval) IS
	'traffic with events that cut: one with starts begins a session, one with ends is the last of its session; at one time starts come first and ends last; NULL counts as false.';
CREATE FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, boolean, boolean, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_traffic_cut_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, boolean, boolean, interval, text) IS 'Support function of traffic: adds one event.';
CREATE AGGREGATE traffic(user_id anyelement, at timestamptz, channel text, node text, starts boolean, ends boolean, gap interval, time_zone text) (
	SFUNC = traffic_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE traffic(anyelement, timestamptz, text, text, boolean, boolean, interval, text) IS
	'traffic with events that cut: one with starts begins a session, one with ends is the last of its session; at one time starts come first and ends last; NULL counts as false; and the time zone of the days; it is the session''s if empty.';
CREATE FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_traffic_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, interval) IS 'Support function of traffic: adds one event.';
CREATE AGGREGATE traffic(user_id anyelement, at timestamptz, seq bigint, channel text, node text, gap interval) (
	SFUNC = traffic_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE traffic(anyelement, timestamptz, bigint, text, text, interval) IS
	'traffic with seq, which orders the events of one time (NULL last).';
CREATE FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_traffic_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, interval, text) IS 'Support function of traffic: adds one event.';
CREATE AGGREGATE traffic(user_id anyelement, at timestamptz, seq bigint, channel text, node text, gap interval, time_zone text) (
	SFUNC = traffic_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE traffic(anyelement, timestamptz, bigint, text, text, interval, text) IS
	'traffic with seq, which orders the events of one time (NULL last); and the time zone of the days; it is the session''s if empty.';
CREATE FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, boolean, boolean, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_traffic_seq_cut_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, boolean, boolean, interval) IS 'Support function of traffic: adds one event.';
CREATE AGGREGATE traffic(user_id anyelement, at timestamptz, seq bigint, channel text, node text, starts boolean, ends boolean, gap interval) (
	SFUNC = traffic_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE traffic(anyelement, timestamptz, bigint, text, text, boolean, boolean, interval) IS
	'traffic with seq, which orders the events of one time (NULL last); and events that cut: one with starts begins a session, one with ends is the last of its session; at one time starts come first and ends last; NULL counts as false.';
CREATE FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, boolean, boolean, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_traffic_seq_cut_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, boolean, boolean, interval, text) IS 'Support function of traffic: adds one event.';
CREATE AGGREGATE traffic(user_id anyelement, at timestamptz, seq bigint, channel text, node text, starts boolean, ends boolean, gap interval, time_zone text) (
	SFUNC = traffic_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = session_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = session_combine,
	SERIALFUNC = session_serialize, DESERIALFUNC = session_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE traffic(anyelement, timestamptz, bigint, text, text, boolean, boolean, interval, text) IS
	'traffic with seq, which orders the events of one time (NULL last); and events that cut: one with starts begins a session, one with ends is the last of its session; at one time starts come first and ends last; NULL counts as false; and the time zone of the days; it is the session''s if empty.';

-- Rows to plot.

CREATE FUNCTION session_totals(session_stats, OUT sessions bigint, OUT users bigint, OUT views bigint, OUT bounce_rate double precision,
		OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval,
		OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint)
	AS 'MODULE_PATHNAME', 'journey_session_totals'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION session_totals(session_stats) IS
	'One row: sessions, users, views (events), the share of sessions with one event, and the mean, median and 90th percentile of the time from a session''s first event to its last, and of its number of events. Percentiles are percentile_disc, within 1 %; the rest is exact.';
CREATE FUNCTION session_days(session_stats, OUT day date, OUT sessions bigint, OUT users bigint, OUT views bigint, OUT bounce_rate double precision,
		OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval,
		OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_session_days'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION session_days(session_stats) IS
	'The columns of session_totals() for each day on which a session begins; users are those who begin one on that day.';
CREATE FUNCTION session_channels(session_stats, OUT channel text, OUT sessions bigint, OUT users bigint, OUT views bigint, OUT bounce_rate double precision,
		OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval,
		OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_session_channels'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION session_channels(session_stats) IS
	'The columns of session_totals() for each channel, as traffic() finds it: that of a session''s first event. Channels are in the order of their bytes, NULL last; a user may have sessions of several.';
CREATE FUNCTION session_nodes(session_stats, OUT node text, OUT views bigint, OUT visitors bigint, OUT entries bigint, OUT exits bigint,
		OUT exit_rate double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_session_nodes'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION session_nodes(session_stats) IS
	'For each node, in the order of their bytes: its events, the users who have one, the sessions that begin and that end with it, the share of its events that end a session, and the mean, median and 90th percentile of the time to the next event of the session, NULL if none ever follows.';

CREATE FUNCTION session_rollup_transition(internal, session_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_rollup_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION session_rollup_transition(internal, session_stats) IS 'Support function of rollup: adds one result.';
CREATE FUNCTION session_rollup_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_rollup_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION session_rollup_combine(internal, internal) IS 'Support function of rollup: joins two states.';
CREATE FUNCTION session_rollup_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_session_rollup_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION session_rollup_serialize(internal) IS 'Support function of rollup: the state as bytes.';
CREATE FUNCTION session_rollup_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_rollup_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION session_rollup_deserialize(bytea, internal) IS 'Support function of rollup: bytes as a state.';
CREATE FUNCTION session_rollup_final(internal) RETURNS session_stats
	AS 'MODULE_PATHNAME', 'journey_session_rollup_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION session_rollup_final(internal) IS 'Support function of rollup: the results as one.';
CREATE AGGREGATE rollup(session_stats) (
	SFUNC = session_rollup_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = session_rollup_final, COMBINEFUNC = session_rollup_combine,
	SERIALFUNC = session_rollup_serialize, DESERIALFUNC = session_rollup_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(session_stats) IS
	'The sessions of different users as one result. The users must be disjoint, as in shards or partitions by user; gap, time zone, and whether there are channels and cuts must agree. NULLs are skipped.';
