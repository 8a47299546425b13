-- interval: how long users take from one event to the next.

CREATE TYPE interval_stats;
CREATE FUNCTION interval_stats_in(cstring) RETURNS interval_stats
	AS 'MODULE_PATHNAME', 'journey_interval_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION interval_stats_out(interval_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_interval_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION interval_stats_recv(internal) RETURNS interval_stats
	AS 'MODULE_PATHNAME', 'journey_interval_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION interval_stats_send(interval_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_interval_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE TYPE interval_stats (
	INPUT = interval_stats_in, OUTPUT = interval_stats_out,
	RECEIVE = interval_stats_recv, SEND = interval_stats_send,
	INTERNALLENGTH = VARIABLE, STORAGE = EXTENDED
);
COMMENT ON TYPE interval_stats IS 'The times from one event to the next over all users, as interval_stats() makes it: read it with interval_summary() and interval_histogram(); those of different users add up with rollup(). The text form is JSON.';
COMMENT ON FUNCTION interval_stats_in(cstring) IS 'Support function of the type interval_stats: JSON as a value.';
COMMENT ON FUNCTION interval_stats_out(interval_stats) IS 'Support function of the type interval_stats: a value as JSON.';
COMMENT ON FUNCTION interval_stats_recv(internal) IS 'Support function of the type interval_stats: bytes as a value.';
COMMENT ON FUNCTION interval_stats_send(interval_stats) IS 'Support function of the type interval_stats: a value as bytes.';

CREATE FUNCTION interval_transition(internal, anyelement, timestamptz, stepset) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION interval_transition(internal, anyelement, timestamptz, stepset) IS 'Support function of interval_stats: adds one event.';
CREATE FUNCTION interval_transition(internal, anyelement, timestamptz, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION interval_transition(internal, anyelement, timestamptz, stepset, interval) IS 'Support function of interval_stats: adds one event.';
CREATE FUNCTION interval_transition(internal, anyelement, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION interval_transition(internal, anyelement, timestamptz, stepset, interval, text) IS 'Support function of interval_stats: adds one event.';
CREATE FUNCTION interval_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION interval_combine(internal, internal) IS 'Support function of interval_stats: joins the events of two workers.';
CREATE FUNCTION interval_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_interval_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION interval_serialize(internal) IS 'Support function of interval_stats: the events as bytes.';
CREATE FUNCTION interval_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION interval_deserialize(bytea, internal) IS 'Support function of interval_stats: bytes as events.';
CREATE FUNCTION interval_final(internal) RETURNS interval_stats
	AS 'MODULE_PATHNAME', 'journey_interval_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION interval_final(internal) IS 'Support function of interval_stats: groups the events by user and measures.';

CREATE AGGREGATE interval_stats(user_id anyelement, at timestamptz, step stepset) (
	SFUNC = interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = interval_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = interval_combine,
	SERIALFUNC = interval_serialize, DESERIALFUNC = interval_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE interval_stats(anyelement, timestamptz, stepset) IS
	'How long users take from an event that meets condition 1 to the next that meets condition 2; or, with one condition, from each event that meets it to the next. user_id is of any type that can be hashed; rows with a NULL user_id, at or step are skipped; no rows give NULL. Read it with interval_summary() and interval_histogram().';
CREATE AGGREGATE interval_stats(user_id anyelement, at timestamptz, step stepset, within interval) (
	SFUNC = interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = interval_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = interval_combine,
	SERIALFUNC = interval_serialize, DESERIALFUNC = interval_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE interval_stats(anyelement, timestamptz, stepset, interval) IS
	'interval_stats without the intervals longer than within, of at most 53375995 days; a day is 24 hours.';
CREATE AGGREGATE interval_stats(user_id anyelement, at timestamptz, step stepset, within interval, mode text) (
	SFUNC = interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = interval_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = interval_combine,
	SERIALFUNC = interval_serialize, DESERIALFUNC = interval_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE interval_stats(anyelement, timestamptz, stepset, interval, text) IS
	'interval_stats with a mode: each, the default, when every start before an end counts, or latest, when only the latest start does.';

-- With the order of the events of one time.

CREATE FUNCTION interval_transition(internal, anyelement, timestamptz, bigint, stepset) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION interval_transition(internal, anyelement, timestamptz, bigint, stepset) IS 'Support function of interval_stats: adds one event.';
CREATE AGGREGATE interval_stats(user_id anyelement, at timestamptz, seq bigint, step stepset) (
	SFUNC = interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = interval_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = interval_combine,
	SERIALFUNC = interval_serialize, DESERIALFUNC = interval_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE interval_stats(anyelement, timestamptz, bigint, stepset) IS
	'interval_stats with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION interval_transition(internal, anyelement, timestamptz, bigint, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION interval_transition(internal, anyelement, timestamptz, bigint, stepset, interval) IS 'Support function of interval_stats: adds one event.';
CREATE AGGREGATE interval_stats(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval) (
	SFUNC = interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = interval_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = interval_combine,
	SERIALFUNC = interval_serialize, DESERIALFUNC = interval_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE interval_stats(anyelement, timestamptz, bigint, stepset, interval) IS
	'interval_stats with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION interval_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION interval_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) IS 'Support function of interval_stats: adds one event.';
CREATE AGGREGATE interval_stats(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, mode text) (
	SFUNC = interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = interval_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = interval_combine,
	SERIALFUNC = interval_serialize, DESERIALFUNC = interval_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE interval_stats(anyelement, timestamptz, bigint, stepset, interval, text) IS
	'interval_stats with events of equal at in the order of seq, a NULL seq last.';

-- Rows to plot.

CREATE FUNCTION interval_summary(interval_stats, OUT count bigint, OUT users bigint, OUT avg_time interval,
		OUT min_time interval, OUT p25_time interval, OUT median_time interval, OUT p75_time interval, OUT max_time interval)
	AS 'MODULE_PATHNAME', 'journey_interval_summary'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION interval_summary(interval_stats) IS
	'One row: how many intervals there are, of how many users, and their mean, minimum, quartiles and maximum, NULL without any. Quartiles are percentile_disc, within 1 %; the rest is exact.';
CREATE FUNCTION interval_histogram(interval_stats, OUT lower interval, OUT upper interval, OUT count bigint, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_interval_histogram'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 200;
COMMENT ON FUNCTION interval_histogram(interval_stats) IS
	'The intervals in buckets of at most 1.6 % of their length: lower <= interval < upper, how many, and their share of all. Empty buckets are left out.';
CREATE FUNCTION interval_histogram(interval_stats, bounds interval[], OUT lower interval, OUT upper interval, OUT count bigint, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_interval_histogram'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION interval_histogram(interval_stats, interval[]) IS
	'The intervals in bins of your own, given their lower bounds in ascending order; the first bin begins at 0 and the last has no upper bound (NULL). Intervals up to 1.6 % shorter than a bound may count in the bin that begins there; intervals as long as a bound always do.';

CREATE FUNCTION interval_rollup_transition(internal, interval_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_rollup_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION interval_rollup_transition(internal, interval_stats) IS 'Support function of rollup: adds one result.';
CREATE FUNCTION interval_rollup_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_rollup_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION interval_rollup_combine(internal, internal) IS 'Support function of rollup: joins two states.';
CREATE FUNCTION interval_rollup_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_interval_rollup_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION interval_rollup_serialize(internal) IS 'Support function of rollup: the state as bytes.';
CREATE FUNCTION interval_rollup_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_rollup_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION interval_rollup_deserialize(bytea, internal) IS 'Support function of rollup: bytes as a state.';
CREATE FUNCTION interval_rollup_final(internal) RETURNS interval_stats
	AS 'MODULE_PATHNAME', 'journey_interval_rollup_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION interval_rollup_final(internal) IS 'Support function of rollup: the results as one.';
CREATE AGGREGATE rollup(interval_stats) (
	SFUNC = interval_rollup_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = interval_rollup_final, COMBINEFUNC = interval_rollup_combine,
	SERIALFUNC = interval_rollup_serialize, DESERIALFUNC = interval_rollup_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(interval_stats) IS
	'The intervals of different users as one result. The users must be disjoint, as in shards or partitions by user; the number of conditions, within and mode must agree. NULLs are skipped.';

