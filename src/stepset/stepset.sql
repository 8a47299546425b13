-- stepset: which of N conditions one event meets.

TYPE stepset (LIKE = int8)
	'Which of N conditions one event meets, 1 <= N <= 58. Text form: one 0 or 1 a condition, ''101'' meets conditions 1 and 3 of 3. Eight bytes. In binary: in network order, condition 1 in the highest bit, N in the lowest six.';

FUNCTION journey_internal.stepset_eq(stepset, stepset) -> boolean IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
	'the same conditions are met, of the same number of conditions'
	OPERATOR = COMMUTATOR = NEGATOR <> RESTRICT eqsel JOIN eqjoinsel HASHES MERGES;
FUNCTION journey_internal.stepset_ne(stepset, stepset) -> boolean IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
	'different conditions are met, or the numbers of conditions differ'
	OPERATOR <> COMMUTATOR <> NEGATOR = RESTRICT neqsel JOIN neqjoinsel;
FUNCTION journey_internal.stepset_lt(stepset, stepset) -> boolean IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
	'sorts before, in the order of text forms'
	OPERATOR < COMMUTATOR > NEGATOR >= RESTRICT scalarltsel JOIN scalarltjoinsel;
FUNCTION journey_internal.stepset_le(stepset, stepset) -> boolean IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
	'sorts before, or is equal'
	OPERATOR <= COMMUTATOR >= NEGATOR > RESTRICT scalarlesel JOIN scalarlejoinsel;
FUNCTION journey_internal.stepset_gt(stepset, stepset) -> boolean IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
	'sorts after, in the order of text forms'
	OPERATOR > COMMUTATOR < NEGATOR <= RESTRICT scalargtsel JOIN scalargtjoinsel;
FUNCTION journey_internal.stepset_ge(stepset, stepset) -> boolean IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
	'sorts after, or is equal'
	OPERATOR >= COMMUTATOR <= NEGATOR < RESTRICT scalargesel JOIN scalargejoinsel;
FUNCTION journey_internal.stepset_cmp(stepset, stepset) -> integer IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
	'Order of two stepsets, -1, 0 or 1, for btree operators: that of their text forms.';
FUNCTION journey_internal.stepset_hash(stepset) -> integer IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
	'Hash of a stepset, for hash operators.';
FUNCTION journey_internal.stepset_hash_extended(stepset, bigint) -> bigint IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
	'Hash of a stepset with a seed, for hash partitioning.';

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

FUNCTION journey_internal.planner_support(internal) -> internal
	'Support function of steps, step_of, the aggregates and others: lets the planner load the extension and use its table scan.';
FUNCTION journey_internal.unfit_support(internal) -> internal
	'Support function of aggregates: refuses arguments that fit none of their forms, when a query is planned.';

FUNCTION steps(VARIADIC "any") -> stepset IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support
	'steps(c1 boolean, ..., cN boolean): which of the conditions are true, as a stepset. 1 <= N <= 58; NULL counts as false. steps(VARIADIC array) takes a boolean[].';

FUNCTION step_of(event text, names text[]) -> stepset IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support
	'The stepset in which condition i is met if event = names[i], compared byte for byte. 1 to 58 names. A NULL event meets no condition; a NULL name is never met. Faster than steps(event = ...).';

CREATE FUNCTION step_of(event text, name text, VARIADIC names text[]) RETURNS stepset
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN step_of(event, ARRAY[name] || names);
COMMENT ON FUNCTION step_of(text, text, text[]) IS
	'step_of(event, name1, name2, ...): step_of with the names as arguments, two or more.';
