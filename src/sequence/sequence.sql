-- sequence: patterns over the events of users.

CREATE FUNCTION sequence_transition(internal, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
CREATE FUNCTION sequence_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sequence_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_sequence_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION sequence_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION sequence_match_final(internal) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_sequence_match_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sequence_count_final(internal) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_sequence_count_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sequence_match_events_final(internal) RETURNS timestamptz[]
	AS 'MODULE_PATHNAME', 'journey_sequence_match_events_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION sequence_transition(internal, timestamptz, stepset, text) IS 'Support function of sequence_match and its relatives: adds one event.';
COMMENT ON FUNCTION sequence_combine(internal, internal) IS 'Support function of sequence_match and its relatives: joins the events of two workers.';
COMMENT ON FUNCTION sequence_serialize(internal) IS 'Support function of sequence_match and its relatives: the events as bytes.';
COMMENT ON FUNCTION sequence_deserialize(bytea, internal) IS 'Support function of sequence_match and its relatives: bytes as events.';
COMMENT ON FUNCTION sequence_match_final(internal) IS 'Support function of sequence_match: does the pattern match?';
COMMENT ON FUNCTION sequence_count_final(internal) IS 'Support function of sequence_count: the number of matches.';
COMMENT ON FUNCTION sequence_match_events_final(internal) IS 'Support function of sequence_match_events: the times of a match.';

CREATE AGGREGATE sequence_match(at timestamptz, step stepset, pattern text) (
	SFUNC = sequence_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = sequence_match_final, COMBINEFUNC = sequence_combine,
	SERIALFUNC = sequence_serialize, DESERIALFUNC = sequence_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_match(timestamptz, stepset, text) IS
	'Do the rows of one user contain the pattern? (?N) an event that meets condition N, (?N|M) N or M, (?!N) not N, . any event, .* any events, (?t<=1h) the time between two events: >= > <= < == != and a value in seconds or with s, m, h, d; (A|B) groups and alternatives, ? * + {m,n} for what is left out or repeated, ^ the first event of the user, $ the last, (?w<=7d) the time that the whole match may take. Rows with a NULL at or step are skipped, as are rows that meet no condition; no rows give false.';

CREATE AGGREGATE sequence_count(at timestamptz, step stepset, pattern text) (
	SFUNC = sequence_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = sequence_count_final, COMBINEFUNC = sequence_combine,
	SERIALFUNC = sequence_serialize, DESERIALFUNC = sequence_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_count(timestamptz, stepset, text) IS
	'How many matches of the pattern the rows of one user contain one after the other: each ends as early as it can, and the next begins after it; with ^ or $ one at most. Patterns as for sequence_match; no rows give 0.';

CREATE AGGREGATE sequence_match_events(at timestamptz, step stepset, pattern text) (
	SFUNC = sequence_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = sequence_match_events_final, COMBINEFUNC = sequence_combine,
	SERIALFUNC = sequence_serialize, DESERIALFUNC = sequence_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_match_events(timestamptz, stepset, text) IS
	'The times of the events of the first match of the pattern, one for each event that it matched; if there is none, of a match up to the furthest event of the pattern that was reached; NULL if not even its first event was. Patterns as for sequence_match.';

-- Over a population: who.

CREATE FUNCTION sequence_users_transition(internal, bigint, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
CREATE FUNCTION sequence_users_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_users_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sequence_users_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_sequence_users_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION sequence_users_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_users_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sequence_users_transition(internal, bigint, timestamptz, stepset, text) IS 'Support function of sequence_users: adds one event.';
COMMENT ON FUNCTION sequence_users_combine(internal, internal) IS 'Support function of sequence_users: joins the states of two workers.';
COMMENT ON FUNCTION sequence_users_serialize(internal) IS 'Support function of sequence_users: a state as bytes.';
COMMENT ON FUNCTION sequence_users_deserialize(bytea, internal) IS 'Support function of sequence_users: bytes as a state.';

CREATE FUNCTION sequence_users_final(internal) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_sequence_users_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION sequence_users_final(internal) IS 'Support function of sequence_users: groups the events by user and says whom the pattern matches.';
CREATE AGGREGATE sequence_users(user_id bigint, at timestamptz, step stepset, pattern text) (
	SFUNC = sequence_users_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = sequence_users_combine, SERIALFUNC = sequence_users_serialize, DESERIALFUNC = sequence_users_deserialize,
	FINALFUNC = sequence_users_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_users(bigint, timestamptz, stepset, text) IS
	'The users for whom sequence_match(at, step, pattern) is true, grouped inside. Rows with a NULL user_id, at or step are skipped; no rows give NULL.';

CREATE FUNCTION sequence_users_transition(internal, bigint, timestamptz, bigint, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_users_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION sequence_users_transition(internal, bigint, timestamptz, bigint, stepset, text) IS 'Support function of sequence_users: adds one event.';
CREATE AGGREGATE sequence_users(user_id bigint, at timestamptz, seq bigint, step stepset, pattern text) (
	SFUNC = sequence_users_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = sequence_users_combine, SERIALFUNC = sequence_users_serialize, DESERIALFUNC = sequence_users_deserialize,
	FINALFUNC = sequence_users_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_users(bigint, timestamptz, bigint, stepset, text) IS
	'sequence_users with events of equal at in the order of seq, a NULL seq last.';

CREATE FUNCTION sequence_next_node_transition(internal, timestamptz, stepset, text, boolean, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_next_node_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
CREATE FUNCTION sequence_next_node_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_next_node_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sequence_next_node_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_next_node_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION sequence_next_node_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_next_node_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION sequence_next_node_final(internal) RETURNS text
	AS 'MODULE_PATHNAME', 'journey_next_node_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION sequence_next_node_transition(internal, timestamptz, stepset, text, boolean, text, text) IS 'Support function of sequence_next_node: adds one row.';
COMMENT ON FUNCTION sequence_next_node_combine(internal, internal) IS 'Support function of sequence_next_node: joins the rows of two workers.';
COMMENT ON FUNCTION sequence_next_node_serialize(internal) IS 'Support function of sequence_next_node: the rows as bytes.';
COMMENT ON FUNCTION sequence_next_node_deserialize(bytea, internal) IS 'Support function of sequence_next_node: bytes as rows.';
COMMENT ON FUNCTION sequence_next_node_final(internal) IS 'Support function of sequence_next_node: the value found.';

CREATE AGGREGATE sequence_next_node(at timestamptz, step stepset, value text, base boolean, direction text, anchor text) (
	SFUNC = sequence_next_node_transition, STYPE = internal, SSPACE = 512,
	FINALFUNC = sequence_next_node_final, COMBINEFUNC = sequence_next_node_combine,
	SERIALFUNC = sequence_next_node_serialize, DESERIALFUNC = sequence_next_node_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_next_node(timestamptz, stepset, text, boolean, text, text) IS
	'The value of the row right after (direction forward) or right before (backward) a chain of consecutive rows of one user that meet conditions 1 to N, beginning at the anchor: head, tail, first_match or last_match. Only a row with base may begin the chain. Rows with a NULL at, step or value are skipped; no such chain gives NULL.';
