-- stepset: which of N conditions one event meets.

TYPE stepset (LIKE = int8)
	'Which of N conditions one event meets, 1 <= N <= 58. Text form: one 0 or 1 a condition, ''101'' meets conditions 1 and 3 of 3. Eight bytes. In binary: in network order, condition 1 in the highest bit, N in the lowest six.';

CREATE FUNCTION journey_internal.stepset_eq(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_eq'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION journey_internal.stepset_ne(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_ne'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION journey_internal.stepset_hash(stepset) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_stepset_hash'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION journey_internal.stepset_hash_extended(stepset, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_stepset_hash_extended'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;

COMMENT ON FUNCTION journey_internal.stepset_eq(stepset, stepset) IS 'Function of the operator =: the same conditions are met, of the same number of conditions.';
COMMENT ON FUNCTION journey_internal.stepset_ne(stepset, stepset) IS 'Function of the operator <>: different conditions are met, or the numbers of conditions differ.';
COMMENT ON FUNCTION journey_internal.stepset_hash(stepset) IS 'Hash of a stepset, for hash operators.';
COMMENT ON FUNCTION journey_internal.stepset_hash_extended(stepset, bigint) IS 'Hash of a stepset with a seed, for hash partitioning.';

CREATE OPERATOR = (
	LEFTARG = stepset, RIGHTARG = stepset, FUNCTION = journey_internal.stepset_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = stepset, RIGHTARG = stepset, FUNCTION = journey_internal.stepset_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR = (stepset, stepset) IS 'the same conditions are met, of the same number of conditions';
COMMENT ON OPERATOR <> (stepset, stepset) IS 'different conditions are met, or the numbers of conditions differ';

CREATE FUNCTION journey_internal.stepset_lt(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_lt'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_lt(stepset, stepset) IS 'Function of the operator <: sorts before, in the order of text forms.';
CREATE FUNCTION journey_internal.stepset_le(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_le'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_le(stepset, stepset) IS 'Function of the operator <=: sorts before, or is equal.';
CREATE FUNCTION journey_internal.stepset_gt(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_gt'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_gt(stepset, stepset) IS 'Function of the operator >: sorts after, in the order of text forms.';
CREATE FUNCTION journey_internal.stepset_ge(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_ge'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_ge(stepset, stepset) IS 'Function of the operator >=: sorts after, or is equal.';
CREATE FUNCTION journey_internal.stepset_cmp(stepset, stepset) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_stepset_cmp'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_cmp(stepset, stepset) IS 'Order of two stepsets, -1, 0 or 1, for btree operators: that of their text forms.';

CREATE OPERATOR < (
	LEFTARG = stepset, RIGHTARG = stepset, FUNCTION = journey_internal.stepset_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (stepset, stepset) IS 'sorts before, in the order of text forms';
CREATE OPERATOR <= (
	LEFTARG = stepset, RIGHTARG = stepset, FUNCTION = journey_internal.stepset_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (stepset, stepset) IS 'sorts before, or is equal';
CREATE OPERATOR > (
	LEFTARG = stepset, RIGHTARG = stepset, FUNCTION = journey_internal.stepset_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (stepset, stepset) IS 'sorts after, in the order of text forms';
CREATE OPERATOR >= (
	LEFTARG = stepset, RIGHTARG = stepset, FUNCTION = journey_internal.stepset_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (stepset, stepset) IS 'sorts after, or is equal';

CREATE OPERATOR CLASS stepset_ops DEFAULT FOR TYPE stepset USING btree AS
	OPERATOR 1 <,
	OPERATOR 2 <=,
	OPERATOR 3 =,
	OPERATOR 4 >=,
	OPERATOR 5 >,
	FUNCTION 1 journey_internal.stepset_cmp(stepset, stepset);
COMMENT ON OPERATOR CLASS stepset_ops USING btree IS 'The order of the text forms of stepsets, for ORDER BY, DISTINCT and indexes.';
COMMENT ON OPERATOR FAMILY stepset_ops USING btree IS 'The order of the text forms of stepsets, for ORDER BY, DISTINCT and indexes.';

CREATE OPERATOR CLASS stepset_hash_ops DEFAULT FOR TYPE stepset USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 journey_internal.stepset_hash(stepset),
	FUNCTION 2 journey_internal.stepset_hash_extended(stepset, bigint);
COMMENT ON OPERATOR CLASS stepset_hash_ops USING hash IS 'Equality of stepsets, for hash joins, GROUP BY, hash indexes and hash partitioning.';
COMMENT ON OPERATOR FAMILY stepset_hash_ops USING hash IS 'Equality of stepsets, for hash joins, GROUP BY, hash indexes and hash partitioning.';

CREATE FUNCTION journey_internal.planner_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_planner_support'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.planner_support(internal) IS 'Support function of steps, step_of, the aggregates and others: lets the planner load the extension and use its table scan.';

CREATE FUNCTION steps(VARIADIC "any") RETURNS stepset
	AS 'MODULE_PATHNAME', 'journey_steps'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION steps(VARIADIC "any") IS
	'steps(c1 boolean, ..., cN boolean): which of the conditions are true, as a stepset. 1 <= N <= 58; NULL counts as false. steps(VARIADIC array) takes a boolean[].';

CREATE FUNCTION step_of(event text, names text[]) RETURNS stepset
	AS 'MODULE_PATHNAME', 'journey_step_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION step_of(text, text[]) IS
	'The stepset in which condition i is met if event = names[i], compared byte for byte. 1 to 58 names. A NULL event meets no condition; a NULL name is never met. Faster than steps(event = ...).';

