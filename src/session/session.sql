-- session: events of one user between pauses.

CREATE FUNCTION sessionize(at timestamptz, gap interval) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_sessionize'
	LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE;
COMMENT ON FUNCTION sessionize(timestamptz, interval) IS
	'Window function: the number, from 1, of the session that the row falls into. A session ends when more than `gap` (no months) passes without an event. OVER (PARTITION BY user_id ORDER BY at); a NULL at gives NULL.';

