-- path: which way users walk.

-- flow_stats: the way of a population from node to node.

CREATE TYPE flow_stats;

CREATE FUNCTION flow_stats_in(cstring) RETURNS flow_stats
	AS 'MODULE_PATHNAME', 'journey_flow_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION flow_stats_out(flow_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_flow_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION flow_stats_recv(internal) RETURNS flow_stats
	AS 'MODULE_PATHNAME', 'journey_flow_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION flow_stats_send(flow_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_flow_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE flow_stats (
	INPUT = flow_stats_in,
	OUTPUT = flow_stats_out,
	RECEIVE = flow_stats_recv,
	SEND = flow_stats_send,
	STORAGE = extended
);

COMMENT ON TYPE flow_stats IS
	'The way of a population from node to node: users and sessions of each node and link, and histograms of the times between. Made by path_flow() and transitions(), merged by rollup(). Text form: JSON.';
COMMENT ON FUNCTION flow_stats_in(cstring) IS 'Text input of flow_stats: JSON as flow_stats_out writes it.';
COMMENT ON FUNCTION flow_stats_out(flow_stats) IS 'Text output of flow_stats: JSON.';
COMMENT ON FUNCTION flow_stats_recv(internal) IS 'Binary input of flow_stats; every byte is checked.';
COMMENT ON FUNCTION flow_stats_send(flow_stats) IS 'Binary output of flow_stats, as flow_stats_recv reads it.';

CREATE TYPE path_variant AS (path text[], users bigint, sessions bigint, conversion double precision, median_duration interval);
COMMENT ON TYPE path_variant IS 'A path of top_paths(): its nodes, the users and sessions that took it, the share of those sessions that have the goal (NULL without a goal), and the median time from its first node to its last.';
CREATE TYPE path_member AS (user_id bigint, passes bigint, first_at timestamptz);
COMMENT ON TYPE path_member IS 'A user of path_members(): how often they went through the link, and when they first arrived at its target.';
COMMENT ON COLUMN path_member.user_id IS 'Who.';
COMMENT ON COLUMN path_member.passes IS 'How often they went through the link.';
COMMENT ON COLUMN path_member.first_at IS 'When they first arrived at its target.';
COMMENT ON COLUMN path_variant.path IS 'The nodes, in order.';
COMMENT ON COLUMN path_variant.users IS 'Users who took it.';
COMMENT ON COLUMN path_variant.sessions IS 'Sessions that took it.';
COMMENT ON COLUMN path_variant.conversion IS 'Share of these sessions that have the goal, in the path or after it; NULL without a goal.';
COMMENT ON COLUMN path_variant.median_duration IS 'Median time from the first node to the last, within 1 %.';

-- What the population aggregates share.

CREATE FUNCTION path_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION path_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_path_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION path_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION path_combine(internal, internal) IS 'Support function of path_flow and its relatives: joins the events of two workers.';
COMMENT ON FUNCTION path_serialize(internal) IS 'Support function of path_flow and its relatives: the events as bytes.';
COMMENT ON FUNCTION path_deserialize(bytea, internal) IS 'Support function of path_flow and its relatives: bytes as events.';

-- path_flow: by levels, to plot as a Sankey diagram.

CREATE FUNCTION path_flow_final(internal) RETURNS flow_stats
	AS 'MODULE_PATHNAME', 'journey_path_flow_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION path_flow_final(internal) IS 'Support function of path_flow: groups the events by user and counts.';
CREATE FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer) IS 'Support function of path_flow: adds one event.';
CREATE AGGREGATE path_flow(user_id anyelement, at timestamptz, node text, gap interval, depth integer) (
	SFUNC = path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_flow_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, text, interval, integer) IS
	'The ways of all users through the first depth (1 to 50) nodes of each session: how many users and sessions go from which node to which. A session ends when more than gap (no months; NULL: never) passes without an event. Rows with a NULL user_id, at or node are skipped; no rows give NULL. Read it with flow_links() and flow_nodes().';
CREATE FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer) IS 'Support function of path_flow: adds one event.';
CREATE AGGREGATE path_flow(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer) (
	SFUNC = path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_flow_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, bigint, text, interval, integer) IS
	'path_flow with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text) IS 'Support function of path_flow: adds one event.';
CREATE AGGREGATE path_flow(user_id anyelement, at timestamptz, node text, gap interval, depth integer, start_node text) (
	SFUNC = path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_flow_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, text, interval, integer, text) IS
	'path_flow from the first start_node of each session on.';
CREATE FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text) IS 'Support function of path_flow: adds one event.';
CREATE AGGREGATE path_flow(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, start_node text) (
	SFUNC = path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_flow_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, bigint, text, interval, integer, text) IS
	'path_flow with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text, text) IS 'Support function of path_flow: adds one event.';
CREATE AGGREGATE path_flow(user_id anyelement, at timestamptz, node text, gap interval, depth integer, start_node text, end_node text) (
	SFUNC = path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_flow_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, text, interval, integer, text, text) IS
	'path_flow between a start_node and an end_node. With a NULL start_node, what led to the first end_node of each session, by levels -1 (the end), -2 and so on; with both, from the first start_node to the first end_node after it, in sessions where that takes at most depth nodes.';
CREATE FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text, text) IS 'Support function of path_flow: adds one event.';
CREATE AGGREGATE path_flow(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, start_node text, end_node text) (
	SFUNC = path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_flow_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, bigint, text, interval, integer, text, text) IS
	'path_flow with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text, text, text) IS 'Support function of path_flow: adds one event.';
CREATE AGGREGATE path_flow(user_id anyelement, at timestamptz, node text, gap interval, depth integer, start_node text, end_node text, options text) (
	SFUNC = path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_flow_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, text, interval, integer, text, text, text) IS
	'path_flow with options, separated by commas: collapse (equal nodes in a row are one), ignore NODE (leave a node out; several times for several), top N (the N most frequent nodes of each level, the rest as (other)), every (a path for each occurrence of the start_node or end_node, not the first of a session alone).';
CREATE FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text, text, text) IS 'Support function of path_flow: adds one event.';
CREATE AGGREGATE path_flow(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, start_node text, end_node text, options text) (
	SFUNC = path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_flow_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, bigint, text, interval, integer, text, text, text) IS
	'path_flow with events of equal at in the order of seq, a NULL seq last.';

-- transitions: which node comes next.

CREATE FUNCTION transitions_final(internal) RETURNS flow_stats
	AS 'MODULE_PATHNAME', 'journey_transitions_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION transitions_final(internal) IS 'Support function of transitions: groups the events by user and counts.';
CREATE FUNCTION transitions_transition(internal, anyelement, timestamptz, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION transitions_transition(internal, anyelement, timestamptz, text) IS 'Support function of transitions: adds one event.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, node text) (
	SFUNC = transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = transitions_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, text) IS
	'Which node comes next after which in the histories of all users: the directly-follows graph. Rows with a NULL user_id, at or node are skipped; no rows give NULL. Read it with transition_links(), transition_nodes() and transition_loops().';
CREATE FUNCTION transitions_transition(internal, anyelement, timestamptz, bigint, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION transitions_transition(internal, anyelement, timestamptz, bigint, text) IS 'Support function of transitions: adds one event.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, seq bigint, node text) (
	SFUNC = transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = transitions_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, bigint, text) IS
	'transitions with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION transitions_transition(internal, anyelement, timestamptz, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION transitions_transition(internal, anyelement, timestamptz, text, interval) IS 'Support function of transitions: adds one event.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, node text, gap interval) (
	SFUNC = transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = transitions_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, text, interval) IS
	'transitions within sessions: a session ends when more than gap (no months; NULL: never) passes without an event.';
CREATE FUNCTION transitions_transition(internal, anyelement, timestamptz, bigint, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION transitions_transition(internal, anyelement, timestamptz, bigint, text, interval) IS 'Support function of transitions: adds one event.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, seq bigint, node text, gap interval) (
	SFUNC = transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = transitions_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, bigint, text, interval) IS
	'transitions with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION transitions_transition(internal, anyelement, timestamptz, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION transitions_transition(internal, anyelement, timestamptz, text, interval, text) IS 'Support function of transitions: adds one event.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, node text, gap interval, options text) (
	SFUNC = transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = transitions_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, text, interval, text) IS
	'transitions with options, separated by commas: collapse (equal nodes in a row are one), ignore NODE (leave a node out; several times for several).';
CREATE FUNCTION transitions_transition(internal, anyelement, timestamptz, bigint, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION transitions_transition(internal, anyelement, timestamptz, bigint, text, interval, text) IS 'Support function of transitions: adds one event.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, options text) (
	SFUNC = transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = transitions_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, bigint, text, interval, text) IS
	'transitions with events of equal at in the order of seq, a NULL seq last.';

-- top_paths: the most frequent paths.

CREATE FUNCTION top_paths_final(internal) RETURNS path_variant[]
	AS 'MODULE_PATHNAME', 'journey_top_paths_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION top_paths_final(internal) IS 'Support function of top_paths: groups the events by user and lists the most frequent paths.';
CREATE FUNCTION top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer) IS 'Support function of top_paths: adds one event.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, node text, gap interval, depth integer, n integer) (
	SFUNC = top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = top_paths_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, text, interval, integer, integer) IS
	'The n most frequent paths through the first depth (1 to 50) nodes of each session, the most frequent first; of equally frequent ones the one of more users, then the first by the bytes of its names. Sessions as in path_flow. SELECT * FROM unnest((SELECT top_paths(...) FROM ...)).';
CREATE FUNCTION top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer) IS 'Support function of top_paths: adds one event.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, n integer) (
	SFUNC = top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = top_paths_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, bigint, text, interval, integer, integer) IS
	'top_paths with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer, text) IS 'Support function of top_paths: adds one event.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, node text, gap interval, depth integer, n integer, goal text) (
	SFUNC = top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = top_paths_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, text, interval, integer, integer, text) IS
	'top_paths with the share of the sessions of each path that have the node goal, in the path or after it.';
CREATE FUNCTION top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer, text) IS 'Support function of top_paths: adds one event.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, n integer, goal text) (
	SFUNC = top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = top_paths_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, bigint, text, interval, integer, integer, text) IS
	'top_paths with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer, text, text) IS 'Support function of top_paths: adds one event.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, node text, gap interval, depth integer, n integer, goal text, options text) (
	SFUNC = top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = top_paths_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, text, interval, integer, integer, text, text) IS
	'top_paths with the options collapse and ignore NODE, as path_flow has.';
CREATE FUNCTION top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer, text, text) IS 'Support function of top_paths: adds one event.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, n integer, goal text, options text) (
	SFUNC = top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = top_paths_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, bigint, text, interval, integer, integer, text, text) IS
	'top_paths with events of equal at in the order of seq, a NULL seq last.';

-- path_members: who went through a link.

CREATE FUNCTION path_members_final(internal) RETURNS path_member[]
	AS 'MODULE_PATHNAME', 'journey_path_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION path_members_final(internal) IS 'Support function of path_members: groups the events by user and lists the users.';
CREATE FUNCTION path_members_transition(internal, bigint, timestamptz, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_members_transition(internal, bigint, timestamptz, text, interval, text, text) IS 'Support function of path_members: adds one event.';
CREATE AGGREGATE path_members(user_id bigint, at timestamptz, node text, gap interval, source text, target text) (
	SFUNC = path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_members_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(bigint, timestamptz, text, interval, text, text) IS
	'The users of whom target came next after source in a session, by user_id, as transitions() counts them. SELECT * FROM unnest((SELECT path_members(...) FROM ...)).';
CREATE FUNCTION path_members_transition(internal, bigint, timestamptz, bigint, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_members_transition(internal, bigint, timestamptz, bigint, text, interval, text, text) IS 'Support function of path_members: adds one event.';
CREATE AGGREGATE path_members(user_id bigint, at timestamptz, seq bigint, node text, gap interval, source text, target text) (
	SFUNC = path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_members_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(bigint, timestamptz, bigint, text, interval, text, text) IS
	'path_members with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION path_members_transition(internal, bigint, timestamptz, text, interval, integer, text, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_members_transition(internal, bigint, timestamptz, text, interval, integer, text, text, text, integer, text, text) IS 'Support function of path_members: adds one event.';
CREATE AGGREGATE path_members(user_id bigint, at timestamptz, node text, gap interval, depth integer, start_node text, end_node text, options text, level integer, source text, target text) (
	SFUNC = path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_members_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(bigint, timestamptz, text, interval, integer, text, text, text, integer, text, text) IS
	'The users who went through the link of path_flow(..., gap, depth, start_node, end_node, options) that has this level, source and target, by user_id; with option top, (other) stands for the others of its level.';
CREATE FUNCTION path_members_transition(internal, bigint, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION path_members_transition(internal, bigint, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) IS 'Support function of path_members: adds one event.';
CREATE AGGREGATE path_members(user_id bigint, at timestamptz, seq bigint, node text, gap interval, depth integer, start_node text, end_node text, options text, level integer, source text, target text) (
	SFUNC = path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = path_members_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = path_combine,
	SERIALFUNC = path_serialize, DESERIALFUNC = path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(bigint, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) IS
	'path_members with events of equal at in the order of seq, a NULL seq last.';

-- user_path: the nodes of one user.

CREATE FUNCTION user_path_transition(internal, timestamptz, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION user_path_transition(internal, timestamptz, text) IS 'Support function of user_path: adds one event.';
CREATE FUNCTION user_path_transition(internal, timestamptz, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION user_path_transition(internal, timestamptz, text, interval) IS 'Support function of user_path: adds one event.';
CREATE FUNCTION user_path_transition(internal, timestamptz, bigint, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION user_path_transition(internal, timestamptz, bigint, text) IS 'Support function of user_path: adds one event.';
CREATE FUNCTION user_path_transition(internal, timestamptz, bigint, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION user_path_transition(internal, timestamptz, bigint, text, interval) IS 'Support function of user_path: adds one event.';
CREATE FUNCTION user_path_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION user_path_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_user_path_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION user_path_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION user_path_final(internal) RETURNS text[]
	AS 'MODULE_PATHNAME', 'journey_user_path_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION user_path_combine(internal, internal) IS 'Support function of user_path: joins the events of two workers.';
COMMENT ON FUNCTION user_path_serialize(internal) IS 'Support function of user_path: the events as bytes.';
COMMENT ON FUNCTION user_path_deserialize(bytea, internal) IS 'Support function of user_path: bytes as events.';
COMMENT ON FUNCTION user_path_final(internal) IS 'Support function of user_path: the nodes in order.';
CREATE AGGREGATE user_path(at timestamptz, node text) (
	SFUNC = user_path_transition, STYPE = internal, SSPACE = 256,
	FINALFUNC = user_path_final, COMBINEFUNC = user_path_combine,
	SERIALFUNC = user_path_serialize, DESERIALFUNC = user_path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE user_path(timestamptz, text) IS
	'The nodes of the rows of one user in order of time; of those at one time, by their bytes. Rows with a NULL at or node are skipped; no rows give NULL.';
CREATE AGGREGATE user_path(at timestamptz, node text, gap interval) (
	SFUNC = user_path_transition, STYPE = internal, SSPACE = 256,
	FINALFUNC = user_path_final, COMBINEFUNC = user_path_combine,
	SERIALFUNC = user_path_serialize, DESERIALFUNC = user_path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE user_path(timestamptz, text, interval) IS
	'user_path with a NULL between two sessions: a session ends when more than gap (no months; NULL: never) passes without an event.';
CREATE AGGREGATE user_path(at timestamptz, seq bigint, node text) (
	SFUNC = user_path_transition, STYPE = internal, SSPACE = 256,
	FINALFUNC = user_path_final, COMBINEFUNC = user_path_combine,
	SERIALFUNC = user_path_serialize, DESERIALFUNC = user_path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE user_path(timestamptz, bigint, text) IS
	'user_path with events of equal at in the order of seq, a NULL seq last.';
CREATE AGGREGATE user_path(at timestamptz, seq bigint, node text, gap interval) (
	SFUNC = user_path_transition, STYPE = internal, SSPACE = 256,
	FINALFUNC = user_path_final, COMBINEFUNC = user_path_combine,
	SERIALFUNC = user_path_serialize, DESERIALFUNC = user_path_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE user_path(timestamptz, bigint, text, interval) IS
	'user_path with sessions, and with events of equal at in the order of seq, a NULL seq last.';

-- Rows to plot.

CREATE FUNCTION flow_links(flow_stats, OUT level integer, OUT source text, OUT target text, OUT users bigint,
		OUT sessions bigint, OUT avg_time interval, OUT median_time interval, OUT p90_time interval)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_flow_links'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
CREATE FUNCTION flow_nodes(flow_stats, OUT level integer, OUT node text, OUT users bigint,
		OUT sessions bigint, OUT starts bigint, OUT exits bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_flow_nodes'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 50;
CREATE FUNCTION transition_links(flow_stats, OUT source text, OUT target text, OUT count bigint, OUT users bigint,
		OUT sessions bigint, OUT probability double precision,
		OUT avg_time interval, OUT median_time interval, OUT p90_time interval)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_transition_links'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
CREATE FUNCTION transition_nodes(flow_stats, OUT node text, OUT count bigint, OUT users bigint,
		OUT sessions bigint, OUT starts bigint, OUT ends bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_transition_nodes'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
CREATE FUNCTION transition_loops(flow_stats, OUT node text, OUT repeats bigint, OUT returns bigint, OUT users bigint,
		OUT sessions bigint, OUT avg_steps double precision,
		OUT avg_time interval, OUT median_time interval, OUT p90_time interval)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_transition_loops'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;

COMMENT ON FUNCTION flow_links(flow_stats) IS
	'A row for each link of path_flow(): the level of its source (1 is the first node of a path; with an end_node alone, -1 is the last and -2 the one before), the users and sessions that went through it there, and mean, median and 90th percentile of the time from source to target. Quantiles are percentile_disc, within 1 %.';
COMMENT ON FUNCTION flow_nodes(flow_stats) IS
	'A row for each level and node of path_flow(): the users and sessions with this node there, the paths that begin there and those that end there, not counting where depth cut them off.';
COMMENT ON FUNCTION transition_links(flow_stats) IS
	'A row for each pair of nodes of transitions(): how often target came next after source, for how many users, in how many sessions, the share of all transitions from source, and mean, median and 90th percentile of the time between. Quantiles are percentile_disc, within 1 %.';
COMMENT ON FUNCTION transition_nodes(flow_stats) IS
	'A row for each node of transitions(): how often it occurred, for how many users, in how many sessions, and how many sessions began and ended with it.';
COMMENT ON FUNCTION transition_loops(flow_stats) IS
	'A row for each node of transitions() that came again in a session: how often at once (repeats) and how often by way of other nodes (returns); and of the returns the users, the sessions, the mean number of transitions from one occurrence to the next, and mean, median and 90th percentile of that time.';

CREATE FUNCTION rollup_transition(internal, flow_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_flow_rollup_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
CREATE FUNCTION rollup_flow_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_flow_rollup_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION rollup_flow_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_flow_rollup_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION rollup_flow_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_flow_rollup_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION rollup_flow_final(internal) RETURNS flow_stats
	AS 'MODULE_PATHNAME', 'journey_flow_rollup_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION rollup_transition(internal, flow_stats) IS 'Support function of rollup: adds one result.';
COMMENT ON FUNCTION rollup_flow_combine(internal, internal) IS 'Support function of rollup: joins two states.';
COMMENT ON FUNCTION rollup_flow_serialize(internal) IS 'Support function of rollup: the state as bytes.';
COMMENT ON FUNCTION rollup_flow_deserialize(bytea, internal) IS 'Support function of rollup: bytes as a state.';
COMMENT ON FUNCTION rollup_flow_final(internal) IS 'Support function of rollup: the results as one.';

CREATE AGGREGATE rollup(flow_stats) (
	SFUNC = rollup_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = rollup_flow_final, COMBINEFUNC = rollup_flow_combine,
	SERIALFUNC = rollup_flow_serialize, DESERIALFUNC = rollup_flow_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(flow_stats) IS
	'The results of path_flow() or transitions() over different users as one result. The users must be disjoint, as in shards or partitions by user; the parameters must agree. NULLs are skipped.';
