-- rule: the aggregates that answer what rules ask of the events, many questions at once.

CREATE FUNCTION journey_internal.first_step(stepset) RETURNS int
	AS 'MODULE_PATHNAME', 'journey_first_step'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.first_step(stepset) IS 'Support function of rules: the number of the first condition that is met, from 1; 0 if none is.';
CREATE FUNCTION journey_internal.steps_at(places stepset, VARIADIC conditions "any") RETURNS stepset
	AS 'MODULE_PATHNAME', 'journey_steps_at'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.steps_at(stepset, "any") IS 'Support function of rules: a stepset of conditions, booleans, that stand where places has ones; the others are false. NULL counts as false.';

CREATE FUNCTION step_users_transition(internal, bigint, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION step_users_transition(internal, bigint, timestamptz, stepset, text) IS 'Support function of step_users: adds one row.';
CREATE FUNCTION step_users_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION step_users_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_step_users_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_users_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_users_final(internal) RETURNS userset[]
	AS 'MODULE_PATHNAME', 'journey_step_users_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION step_users_combine(internal, internal) IS 'Support function of step_users: joins the states of two workers.';
COMMENT ON FUNCTION step_users_serialize(internal) IS 'Support function of step_users: a state as bytes.';
COMMENT ON FUNCTION step_users_deserialize(bytea, internal) IS 'Support function of step_users: bytes as a state.';
COMMENT ON FUNCTION step_users_final(internal) IS 'Support function of step_users: groups the rows by user and says who.';
CREATE AGGREGATE step_users(user_id bigint, at timestamptz, step stepset, questions text) (
	SFUNC = step_users_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = step_users_combine, SERIALFUNC = step_users_serialize, DESERIALFUNC = step_users_deserialize,
	FINALFUNC = step_users_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE step_users(bigint, timestamptz, stepset, text) IS
	'Who met a step how often and when: an array of one userset a question, for all in one pass. A question is a step, a window (its end not included) and a number of times: ''1 [2026-01-01 00:00+00, 2026-02-01 00:00+00) 3'' holds for users who met step 1 at least three times in January; several are separated by semicolons. Rows with a NULL are skipped; no rows give NULL. Rules are made of it.';

CREATE FUNCTION step_users_once_transition(internal, bigint, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_once_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION step_users_once_transition(internal, bigint, timestamptz, stepset, text) IS 'Support function of step_users_once: adds one row.';
CREATE FUNCTION step_users_once_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_once_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION step_users_once_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_step_users_once_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_users_once_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_once_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_users_once_final(internal) RETURNS userset[]
	AS 'MODULE_PATHNAME', 'journey_step_users_once_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION step_users_once_combine(internal, internal) IS 'Support function of step_users_once: joins the states of two workers.';
COMMENT ON FUNCTION step_users_once_serialize(internal) IS 'Support function of step_users_once: a state as bytes.';
COMMENT ON FUNCTION step_users_once_deserialize(bytea, internal) IS 'Support function of step_users_once: bytes as a state.';
COMMENT ON FUNCTION step_users_once_final(internal) IS 'Support function of step_users_once: groups the rows by user and says who.';
CREATE AGGREGATE step_users_once(user_id bigint, at timestamptz, step stepset, questions text) (
	SFUNC = step_users_once_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = step_users_once_combine, SERIALFUNC = step_users_once_serialize, DESERIALFUNC = step_users_once_deserialize,
	FINALFUNC = step_users_once_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE step_users_once(bigint, timestamptz, stepset, text) IS
	'The same as step_users for questions that all ask for one time only: faster, as nothing is counted.';

CREATE FUNCTION step_totals_transition(internal, bigint, timestamptz, stepset, double precision, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_totals_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION step_totals_transition(internal, bigint, timestamptz, stepset, double precision, text) IS 'Support function of step_totals: adds one row.';
CREATE FUNCTION step_totals_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_totals_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION step_totals_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_step_totals_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_totals_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_totals_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_totals_final(internal) RETURNS userset[]
	AS 'MODULE_PATHNAME', 'journey_step_totals_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION step_totals_combine(internal, internal) IS 'Support function of step_totals: joins the states of two workers.';
COMMENT ON FUNCTION step_totals_serialize(internal) IS 'Support function of step_totals: a state as bytes.';
COMMENT ON FUNCTION step_totals_deserialize(bytea, internal) IS 'Support function of step_totals: bytes as a state.';
COMMENT ON FUNCTION step_totals_final(internal) IS 'Support function of step_totals: groups the rows by user and says who.';
CREATE AGGREGATE step_totals(user_id bigint, at timestamptz, step stepset, value double precision, questions text) (
	SFUNC = step_totals_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = step_totals_combine, SERIALFUNC = step_totals_serialize, DESERIALFUNC = step_totals_deserialize,
	FINALFUNC = step_totals_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE step_totals(bigint, timestamptz, stepset, double precision, text) IS
	'Whose values of a step come to something: an array of one userset a question, for all in one pass. A question is a step, a window (its end not included), sum, avg, min or max, and a comparison, with a semicolon after it: ''1 [2026-01-01 00:00+00, 2026-02-01 00:00+00) sum >= 100;''. A sum or mean that is as near to the bound as float8 can tell is equal to it. Rows with a NULL are skipped; no rows give NULL.';

CREATE FUNCTION users_by_total_transition(internal, bigint, double precision, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_total_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION users_by_total_transition(internal, bigint, double precision, text, text, text) IS 'Support function of users_by_total: adds one row.';
CREATE FUNCTION users_by_total_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_total_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION users_by_total_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_users_by_total_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION users_by_total_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_total_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION users_by_total_final(internal) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_users_by_total_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION users_by_total_combine(internal, internal) IS 'Support function of users_by_total: joins the states of two workers.';
COMMENT ON FUNCTION users_by_total_serialize(internal) IS 'Support function of users_by_total: a state as bytes.';
COMMENT ON FUNCTION users_by_total_deserialize(bytea, internal) IS 'Support function of users_by_total: bytes as a state.';
COMMENT ON FUNCTION users_by_total_final(internal) IS 'Support function of users_by_total: groups the rows by user and says who.';
CREATE AGGREGATE users_by_total(user_id bigint, value double precision, total text, operator text, bound text) (
	SFUNC = users_by_total_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = users_by_total_combine, SERIALFUNC = users_by_total_serialize, DESERIALFUNC = users_by_total_deserialize,
	FINALFUNC = users_by_total_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE users_by_total(bigint, double precision, text, text, text) IS
	'The users whose values come to something: users_by_total(user_id, amount, ''sum'', ''>='', ''1000''). total: sum, avg, min or max. Rows with a NULL user or value are skipped; no rows give NULL.';

CREATE FUNCTION users_by_distinct_transition(internal, bigint, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_distinct_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION users_by_distinct_transition(internal, bigint, text, text, text, text) IS 'Support function of users_by_total: adds one row.';
CREATE AGGREGATE users_by_total(user_id bigint, value text, total text, operator text, bound text) (
	SFUNC = users_by_distinct_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = users_by_total_combine, SERIALFUNC = users_by_total_serialize, DESERIALFUNC = users_by_total_deserialize,
	FINALFUNC = users_by_total_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE users_by_total(bigint, text, text, text, text) IS
	'The users with so many different values: users_by_total(user_id, channel, ''distinct'', ''>='', ''3''). Rows with a NULL user or value are skipped; no rows give NULL.';

CREATE FUNCTION pattern_users_transition(internal, bigint, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION pattern_users_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_users_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION pattern_users_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_pattern_users_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION pattern_users_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_users_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION pattern_users_transition(internal, bigint, timestamptz, stepset, text) IS 'Support function of pattern_users: adds one event.';
COMMENT ON FUNCTION pattern_users_combine(internal, internal) IS 'Support function of pattern_users: joins the states of two workers.';
COMMENT ON FUNCTION pattern_users_serialize(internal) IS 'Support function of pattern_users: a state as bytes.';
COMMENT ON FUNCTION pattern_users_deserialize(bytea, internal) IS 'Support function of pattern_users: bytes as a state.';

CREATE FUNCTION pattern_users_final(internal) RETURNS userset[]
	AS 'MODULE_PATHNAME', 'journey_pattern_users_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION pattern_users_final(internal) IS 'Support function of pattern_users: groups the events by user and says whom each pattern matches.';
CREATE AGGREGATE pattern_users(user_id bigint, at timestamptz, step stepset, questions text) (
	SFUNC = pattern_users_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = pattern_users_combine, SERIALFUNC = pattern_users_serialize, DESERIALFUNC = pattern_users_deserialize,
	FINALFUNC = pattern_users_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_users(bigint, timestamptz, stepset, text) IS
	'The users whom each of several patterns matches, for all in one pass: an array of one userset a question. A question is a window (its end not included), the conditions that are the steps of a pattern, and the pattern: ''[-infinity, 2026-02-01 00:00+00) 1,3: (?1)(?2);'', where (?2) is condition 3; each has a semicolon after it. Rows outside the window or without a step of the pattern are not there for it. Rows with a NULL are skipped; no rows give NULL.';
