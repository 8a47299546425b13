-- retention: which conditions users met, given the first.

CREATE FUNCTION retention_transition(stepset, stepset) RETURNS stepset
	AS 'MODULE_PATHNAME', 'journey_retention_transition'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION retention_final(stepset) RETURNS boolean[]
	AS 'MODULE_PATHNAME', 'journey_retention_final'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION retention_transition(stepset, stepset) IS 'Support function of retention: the conditions that either meets.';
COMMENT ON FUNCTION retention_final(stepset) IS 'Support function of retention: the conditions as an array.';

CREATE AGGREGATE retention(step stepset) (
	SFUNC = retention_transition, STYPE = stepset,
	FINALFUNC = retention_final, COMBINEFUNC = retention_transition,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention(stepset) IS
	'For the rows of one user: r[1] = some row meets condition 1; r[i] = r[1] and some row meets condition i. NULL steps are skipped; no rows give NULL.';

