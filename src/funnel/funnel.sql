-- funnel: how far users get through a chain of steps.

CREATE FUNCTION window_funnel_transition(internal, timestamptz, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_window_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION window_funnel_transition(internal, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_window_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
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
	'window_funnel with a mode: strict_order, strict_deduplication, strict_increase, strict_once, allow_reentry (with strict_order), any_order; several separated by commas.';

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
	'The time of each step that window_funnel counts, in order; NULL when it counts none. Of several chains, the first to reach that level.';
COMMENT ON AGGREGATE window_funnel_times(timestamptz, stepset, interval, text) IS
	'window_funnel_times with a mode, as window_funnel has.';

