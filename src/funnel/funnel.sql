-- funnel: how far users get through a chain of steps.

CREATE FUNCTION window_funnel_transition(internal, timestamptz, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_window_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
CREATE FUNCTION window_funnel_transition(internal, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_window_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
CREATE FUNCTION window_funnel_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_window_funnel_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION window_funnel_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_window_funnel_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION window_funnel_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_window_funnel_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION window_funnel_final(internal) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_window_funnel_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION window_funnel_times_final(internal) RETURNS timestamptz[]
	AS 'MODULE_PATHNAME', 'journey_window_funnel_times_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION window_funnel_transition(internal, timestamptz, stepset, interval) IS 'Support function of window_funnel: adds one event.';
COMMENT ON FUNCTION window_funnel_transition(internal, timestamptz, stepset, interval, text) IS 'Support function of window_funnel: adds one event.';
COMMENT ON FUNCTION window_funnel_combine(internal, internal) IS 'Support function of window_funnel: joins the events of two workers.';
COMMENT ON FUNCTION window_funnel_serialize(internal) IS 'Support function of window_funnel: the events as bytes.';
COMMENT ON FUNCTION window_funnel_deserialize(bytea, internal) IS 'Support function of window_funnel: bytes as events.';
COMMENT ON FUNCTION window_funnel_final(internal) IS 'Support function of window_funnel: the level reached.';
COMMENT ON FUNCTION window_funnel_times_final(internal) IS 'Support function of window_funnel_times: the time of each level reached.';

CREATE AGGREGATE window_funnel(at timestamptz, step stepset, within interval) (
	SFUNC = window_funnel_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = window_funnel_final, COMBINEFUNC = window_funnel_combine,
	SERIALFUNC = window_funnel_serialize, DESERIALFUNC = window_funnel_deserialize,
	PARALLEL = SAFE
);
CREATE AGGREGATE window_funnel(at timestamptz, step stepset, within interval, mode text) (
	SFUNC = window_funnel_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = window_funnel_final, COMBINEFUNC = window_funnel_combine,
	SERIALFUNC = window_funnel_serialize, DESERIALFUNC = window_funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE window_funnel(timestamptz, stepset, interval) IS
	'How many of the conditions of step, 0 to N, the rows of one user meet in order, the last at most `within` (inclusive; no months) after the first. Rows with a NULL at or step are skipped; no rows give 0.';
COMMENT ON AGGREGATE window_funnel(timestamptz, stepset, interval, text) IS
	'window_funnel with a mode: strict_order, strict_deduplication, strict_increase, strict_once, allow_reentry (with strict_order), any_order; and which chain counts: latest_chain, the default, or first_chain; several separated by commas.';

CREATE AGGREGATE window_funnel_times(at timestamptz, step stepset, within interval) (
	SFUNC = window_funnel_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = window_funnel_times_final, COMBINEFUNC = window_funnel_combine,
	SERIALFUNC = window_funnel_serialize, DESERIALFUNC = window_funnel_deserialize,
	PARALLEL = SAFE
);
CREATE AGGREGATE window_funnel_times(at timestamptz, step stepset, within interval, mode text) (
	SFUNC = window_funnel_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = window_funnel_times_final, COMBINEFUNC = window_funnel_combine,
	SERIALFUNC = window_funnel_serialize, DESERIALFUNC = window_funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE window_funnel_times(timestamptz, stepset, interval) IS
	'The time of each step that window_funnel counts, in order; NULL when it counts none. Of several chains, the first to reach that level; of those the one that starts last, in first_chain the one that starts first.';
COMMENT ON AGGREGATE window_funnel_times(timestamptz, stepset, interval, text) IS
	'window_funnel_times with a mode, as window_funnel has.';

-- funnel_stats: the result of a funnel over a population.

CREATE TYPE funnel_stats;

CREATE FUNCTION funnel_stats_in(cstring) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_stats_out(funnel_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_funnel_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_stats_recv(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_stats_send(funnel_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_funnel_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE funnel_stats (
	INPUT = funnel_stats_in,
	OUTPUT = funnel_stats_out,
	RECEIVE = funnel_stats_recv,
	SEND = funnel_stats_send,
	STORAGE = extended
);

COMMENT ON TYPE funnel_stats IS
	'The result of a funnel over a population: users of each step and histograms of the times between steps. Made by funnel(), merged by rollup(), read by funnel_steps() and its relatives. Text form: JSON.';
COMMENT ON FUNCTION funnel_stats_in(cstring) IS 'Text input of funnel_stats: JSON as funnel_stats_out writes it.';
COMMENT ON FUNCTION funnel_stats_out(funnel_stats) IS 'Text output of funnel_stats: JSON.';
COMMENT ON FUNCTION funnel_stats_recv(internal) IS 'Binary input of funnel_stats; every byte is checked.';
COMMENT ON FUNCTION funnel_stats_send(funnel_stats) IS 'Binary output of funnel_stats, as funnel_stats_recv reads it.';

-- funnel: the users are grouped inside the aggregate, not by GROUP BY.

CREATE FUNCTION funnel_transition(internal, anyelement, timestamptz, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
CREATE FUNCTION funnel_transition(internal, anyelement, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
CREATE FUNCTION funnel_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION funnel_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_funnel_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION funnel_final(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION funnel_transition(internal, anyelement, timestamptz, stepset, interval) IS 'Support function of funnel: adds one event.';
COMMENT ON FUNCTION funnel_transition(internal, anyelement, timestamptz, stepset, interval, text) IS 'Support function of funnel: adds one event.';
COMMENT ON FUNCTION funnel_combine(internal, internal) IS 'Support function of funnel: joins the events of two workers.';
COMMENT ON FUNCTION funnel_serialize(internal) IS 'Support function of funnel: the events as bytes.';
COMMENT ON FUNCTION funnel_deserialize(bytea, internal) IS 'Support function of funnel: bytes as events.';
COMMENT ON FUNCTION funnel_final(internal) IS 'Support function of funnel: groups the events by user and counts.';

CREATE AGGREGATE funnel(user_id anyelement, at timestamptz, step stepset, within interval) (
	SFUNC = funnel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
CREATE AGGREGATE funnel(user_id anyelement, at timestamptz, step stepset, within interval, mode text) (
	SFUNC = funnel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(anyelement, timestamptz, stepset, interval) IS
	'window_funnel for every user at once, without GROUP BY user_id: how many users reach each step, and in what time. user_id is of any type that can be hashed; rows with a NULL user_id, at or step are skipped; no rows give NULL. Read it with funnel_steps().';
COMMENT ON AGGREGATE funnel(anyelement, timestamptz, stepset, interval, text) IS
	'funnel with a mode, as window_funnel has.';

-- funnel_by: each user in the group of a value.

CREATE FUNCTION funnel_by_transition(internal, anyelement, timestamptz, stepset, interval, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_by_transition(internal, anyelement, timestamptz, stepset, interval, text, integer) IS 'Support function of funnel_by: adds one event.';
CREATE FUNCTION funnel_by_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_by_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text) IS 'Support function of funnel_by: adds one event.';
CREATE FUNCTION funnel_by_final(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_by_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_by_final(internal) IS 'Support function of funnel_by: groups the events by user and counts by value.';
CREATE AGGREGATE funnel_by(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_step integer) (
	SFUNC = funnel_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_by_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_by(anyelement, timestamptz, stepset, interval, text, integer) IS
	'funnel with each user in one group: the value of breakdown at the event that was step breakdown_step (1 to N) of their chain, which of several that convert is the one that starts last (mode first_chain: first); users who did not get so far are in the group NULL. Read it with funnel_breakdown_steps().';
CREATE AGGREGATE funnel_by(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_step integer, mode text) (
	SFUNC = funnel_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_by_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_by(anyelement, timestamptz, stepset, interval, text, integer, text) IS
	'funnel_by with a mode, as window_funnel has.';
CREATE FUNCTION funnel_by_transition(internal, anyelement, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_by_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_by_transition(internal, anyelement, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_by: adds one event.';
CREATE FUNCTION funnel_by_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_by_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_by_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_by: adds one event.';
CREATE AGGREGATE funnel_by(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text) (
	SFUNC = funnel_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_by_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_by(anyelement, timestamptz, stepset, interval, text, text) IS
	'funnel with each user in one group: the value of breakdown at their first or last event of all that has one, whatever its step (breakdown_event first_touch or last_touch), or at a step of their chain (1 to N, as text). Read it with funnel_breakdown_steps().';
CREATE AGGREGATE funnel_by(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, mode text) (
	SFUNC = funnel_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_by_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_by(anyelement, timestamptz, stepset, interval, text, text, text) IS
	'funnel_by with a mode, as window_funnel has.';
-- funnel_trend: by the calendar bucket in which a chain starts.

CREATE FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text) IS 'Support function of funnel_trend: adds one event.';
CREATE FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_trend: adds one event.';
CREATE FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_trend: adds one event.';
CREATE FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text, timestamptz) IS 'Support function of funnel_trend: adds one event.';
CREATE FUNCTION funnel_trend_final(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_trend_final(internal) IS 'Support function of funnel_trend: groups the events by user and counts by bucket.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, step stepset, within interval, unit text) (
	SFUNC = funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, stepset, interval, text) IS
	'funnel by calendar bucket: hour, day, week (Monday to Sunday), month or quarter, in the time zone of the session. A user counts in each bucket in which they meet step 1, with the deepest chain that starts there. Read it with funnel_trend_steps().';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, step stepset, within interval, unit text, time_zone text) (
	SFUNC = funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, stepset, interval, text, text) IS
	'funnel_trend in a time zone, such as Asia/Shanghai.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, step stepset, within interval, unit text, time_zone text, mode text) (
	SFUNC = funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, stepset, interval, text, text, text) IS
	'funnel_trend with a mode, as window_funnel has, but for any_order. With first_chain or latest_chain a user counts once, in the bucket in which that chain starts.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, step stepset, within interval, unit text, time_zone text, mode text, until timestamptz) (
	SFUNC = funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, stepset, interval, text, text, text, timestamptz) IS
	'funnel_trend with the end of observation: rows at or after it do not count, and what has passed by it is complete; NULL is as if it were not given, when the newest event is the end. An empty time_zone is the session''s, an empty mode the default.';
-- funnel_holding: chains whose events carry one value.

CREATE FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_holding_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, stepset, interval, text) IS 'Support function of funnel_holding: adds one event.';
CREATE FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_holding_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_holding: adds one event.';
CREATE FUNCTION funnel_holding_final(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_holding_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_holding_final(internal) IS 'Support function of funnel_holding: groups the events by user and value and counts.';
CREATE AGGREGATE funnel_holding(user_id anyelement, at timestamptz, step stepset, within interval, property text) (
	SFUNC = funnel_holding_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_holding_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_holding(anyelement, timestamptz, stepset, interval, text) IS
	'funnel whose chains hold a property constant, such as the number of a loan application: all events of a chain that have one carry the same. NULL goes with any value. Read it with funnel_steps().';
CREATE AGGREGATE funnel_holding(user_id anyelement, at timestamptz, step stepset, within interval, property text, mode text) (
	SFUNC = funnel_holding_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_holding_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_holding(anyelement, timestamptz, stepset, interval, text, text) IS
	'funnel_holding with a mode, as window_funnel has.';
-- funnel_members: who reached which step, and when.

CREATE TYPE funnel_member AS (user_id bigint, level integer, times timestamptz[]);
COMMENT ON TYPE funnel_member IS 'A user of a funnel: the level reached, 1 to N, and the time of each step reached.';
COMMENT ON COLUMN funnel_member.user_id IS 'Who.';
COMMENT ON COLUMN funnel_member.level IS 'The step reached, 1 to N.';
COMMENT ON COLUMN funnel_member.times IS 'When each step was reached; as many as level says.';

CREATE FUNCTION funnel_members_transition(internal, bigint, timestamptz, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_members_transition(internal, bigint, timestamptz, stepset, interval) IS 'Support function of funnel_members: adds one event.';
CREATE FUNCTION funnel_members_transition(internal, bigint, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_members_transition(internal, bigint, timestamptz, stepset, interval, text) IS 'Support function of funnel_members: adds one event.';
CREATE FUNCTION funnel_members_final(internal) RETURNS funnel_member[]
	AS 'MODULE_PATHNAME', 'journey_funnel_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_members_final(internal) IS 'Support function of funnel_members: groups the events by user and lists the users.';
CREATE AGGREGATE funnel_members(user_id bigint, at timestamptz, step stepset, within interval) (
	SFUNC = funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_members_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(bigint, timestamptz, stepset, interval) IS
	'The users of a funnel who reached step 1, by user_id, each with the level and the time of each step reached. SELECT * FROM unnest((SELECT funnel_members(...) FROM ...)).';
CREATE AGGREGATE funnel_members(user_id bigint, at timestamptz, step stepset, within interval, mode text) (
	SFUNC = funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_members_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(bigint, timestamptz, stepset, interval, text) IS
	'funnel_members with a mode, as window_funnel has.';

-- With seq, which orders the events of one time.

CREATE FUNCTION funnel_transition(internal, anyelement, timestamptz, bigint, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
CREATE FUNCTION funnel_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_transition(internal, anyelement, timestamptz, bigint, stepset, interval) IS 'Support function of funnel: adds one event.';
COMMENT ON FUNCTION funnel_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel: adds one event.';
CREATE AGGREGATE funnel(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval) (
	SFUNC = funnel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
CREATE AGGREGATE funnel(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, mode text) (
	SFUNC = funnel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(anyelement, timestamptz, bigint, stepset, interval) IS
	'funnel with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
COMMENT ON AGGREGATE funnel(anyelement, timestamptz, bigint, stepset, interval, text) IS
	'funnel with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION funnel_by_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_by_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_by_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer) IS 'Support function of funnel_by: adds one event.';
CREATE FUNCTION funnel_by_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_by_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_by_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text) IS 'Support function of funnel_by: adds one event.';
CREATE AGGREGATE funnel_by(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_step integer) (
	SFUNC = funnel_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_by_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_by(anyelement, timestamptz, bigint, stepset, interval, text, integer) IS
	'funnel_by with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE AGGREGATE funnel_by(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_step integer, mode text) (
	SFUNC = funnel_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_by_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_by(anyelement, timestamptz, bigint, stepset, interval, text, integer, text) IS
	'funnel_by with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION funnel_by_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_by_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_by_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_by: adds one event.';
CREATE FUNCTION funnel_by_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_by_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_by_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_by: adds one event.';
CREATE AGGREGATE funnel_by(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text) (
	SFUNC = funnel_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_by_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_by(anyelement, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_by with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE AGGREGATE funnel_by(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, mode text) (
	SFUNC = funnel_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_by_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_by(anyelement, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_by with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel_trend: adds one event.';
CREATE FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_trend: adds one event.';
CREATE FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_trend: adds one event.';
CREATE FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) IS 'Support function of funnel_trend: adds one event.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, unit text) (
	SFUNC = funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, bigint, stepset, interval, text) IS
	'funnel_trend with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, unit text, time_zone text) (
	SFUNC = funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_trend with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, unit text, time_zone text, mode text) (
	SFUNC = funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_trend with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, unit text, time_zone text, mode text, until timestamptz) (
	SFUNC = funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) IS
	'funnel_trend with a seq, as above, and the end of observation.';
CREATE FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_holding_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel_holding: adds one event.';
CREATE FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_holding_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_holding: adds one event.';
CREATE AGGREGATE funnel_holding(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, property text) (
	SFUNC = funnel_holding_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_holding_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_holding(anyelement, timestamptz, bigint, stepset, interval, text) IS
	'funnel_holding with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE AGGREGATE funnel_holding(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, property text, mode text) (
	SFUNC = funnel_holding_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_holding_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_holding(anyelement, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_holding with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION funnel_members_transition(internal, bigint, timestamptz, bigint, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_members_transition(internal, bigint, timestamptz, bigint, stepset, interval) IS 'Support function of funnel_members: adds one event.';
CREATE FUNCTION funnel_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION funnel_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel_members: adds one event.';
CREATE AGGREGATE funnel_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval) (
	SFUNC = funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_members_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(bigint, timestamptz, bigint, stepset, interval) IS
	'funnel_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE AGGREGATE funnel_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, mode text) (
	SFUNC = funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = funnel_members_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = funnel_combine,
	SERIALFUNC = funnel_serialize, DESERIALFUNC = funnel_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(bigint, timestamptz, bigint, stepset, interval, text) IS
	'funnel_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';

-- Rows to plot.

CREATE FUNCTION funnel_steps(funnel_stats, OUT step integer, OUT users bigint,
		OUT conversion double precision, OUT step_conversion double precision, OUT dropped bigint,
		OUT avg_time interval, OUT median_time interval, OUT p90_time interval,
		OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_funnel_steps'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5 SUPPORT planner_support;
CREATE FUNCTION funnel_breakdown_steps(funnel_stats, OUT breakdown text, OUT step integer, OUT users bigint,
		OUT conversion double precision, OUT step_conversion double precision, OUT dropped bigint,
		OUT avg_time interval, OUT median_time interval, OUT p90_time interval,
		OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_steps'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 50 SUPPORT planner_support;
CREATE FUNCTION funnel_trend_steps(funnel_stats, OUT bucket timestamptz, OUT bucket_date date, OUT step integer,
		OUT users bigint, OUT conversion double precision, OUT complete boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_steps'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100 SUPPORT planner_support;
CREATE FUNCTION funnel_times(funnel_stats, step integer, from_start boolean DEFAULT false,
		OUT lower interval, OUT upper interval, OUT users bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_funnel_times'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 200 SUPPORT planner_support;

COMMENT ON FUNCTION funnel_steps(funnel_stats) IS
	'A row for each step: users who reached it, their share of step 1 and of the step before, how many got no further (NULL for the last step), and mean, median and 90th percentile of the time from the step before and from step 1. Quantiles are percentile_disc, within 1 %.';
COMMENT ON FUNCTION funnel_breakdown_steps(funnel_stats) IS
	'funnel_steps for each group of funnel_by(), in the order of their bytes, NULL last.';
COMMENT ON FUNCTION funnel_trend_steps(funnel_stats) IS
	'For each calendar bucket of funnel_trend() and each step: the users whose chain starts in the bucket and reaches the step, their share of step 1, and whether the bucket and the windows that start in it have passed by the newest event, or the end of observation. bucket_date is the date on which the bucket begins in the time zone of the analysis: NULL for hours, and for results that version 0.1.0 stored.';
COMMENT ON FUNCTION funnel_times(funnel_stats, integer, boolean) IS
	'The histogram of the time from the step before (or from step 1) to a step, 2 to N: lower <= time < upper, and users.';

CREATE FUNCTION rollup_transition(internal, funnel_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_rollup_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
CREATE FUNCTION rollup_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_rollup_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION rollup_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_rollup_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION rollup_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_rollup_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION rollup_funnel_final(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_rollup_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION rollup_transition(internal, funnel_stats) IS 'Support function of rollup: adds one result.';
COMMENT ON FUNCTION rollup_combine(internal, internal) IS 'Support function of rollup: joins two states.';
COMMENT ON FUNCTION rollup_serialize(internal) IS 'Support function of rollup: the state as bytes.';
COMMENT ON FUNCTION rollup_deserialize(bytea, internal) IS 'Support function of rollup: bytes as a state.';
COMMENT ON FUNCTION rollup_funnel_final(internal) IS 'Support function of rollup: the results as one.';

CREATE AGGREGATE rollup(funnel_stats) (
	SFUNC = rollup_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = rollup_funnel_final, COMBINEFUNC = rollup_combine,
	SERIALFUNC = rollup_serialize, DESERIALFUNC = rollup_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(funnel_stats) IS
	'The results of one funnel over different users as one result. The users must be disjoint, as in shards or partitions by user; steps, within and mode must agree. NULLs are skipped.';

