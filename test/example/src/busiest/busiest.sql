-- busiest: the most events of a user in any time of a given length.

CREATE FUNCTION journey_internal.busiest_transition(internal, timestamptz, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_busiest_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION journey_internal.busiest_final(internal) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_busiest_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.busiest_transition(internal, timestamptz, interval) IS 'Support function of busiest: adds one event.';
COMMENT ON FUNCTION journey_internal.busiest_final(internal) IS 'Support function of busiest: the most events.';

CREATE AGGREGATE busiest(at timestamptz, within interval) (
	SFUNC = journey_internal.busiest_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = journey_internal.busiest_final
);
COMMENT ON AGGREGATE busiest(timestamptz, interval) IS 'The most events of a user in any time of the given length, both ends included.';
