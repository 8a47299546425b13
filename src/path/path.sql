-- path: which way users walk.

-- flow_stats and transition_stats: the way of a population from node to node.

TYPE flow_stats
	'The way of a population from node to node, by position: users and sessions of each node and link, and histograms of the times between. Made by path_flow(), merged by rollup(). Text form: JSON.';
STATE flow_rollup SPACE 10000;
AGGREGATE rollup(flow_stats) -> flow_stats STATE flow_rollup FINAL flow_rollup TRANSITION rollup CALLS flow_rollup
	'The results of path_flow() over different users as one result. The users must be disjoint, as in shards or partitions by user; the parameters must agree. NULLs are skipped.';

TYPE transition_stats
	'Which node came next after which in a population: users and sessions of each node and link, and histograms of the times between. Made by transitions(), merged by rollup(). Text form: JSON.';
STATE transition_rollup SPACE 10000;
AGGREGATE rollup(transition_stats) -> transition_stats STATE transition_rollup FINAL transition_rollup TRANSITION rollup CALLS transition_rollup
	'The results of transitions() over different users as one result. The users must be disjoint, as in shards or partitions by user; the parameters must agree. NULLs are skipped.';

-- Version 0.1.0 stored results of transitions() as flow_stats.
CREATE FUNCTION transition_stats(flow_stats) RETURNS transition_stats
	AS 'MODULE_PATHNAME', 'journey_flow_as_transitions'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION transition_stats(flow_stats) IS
	'A result of transitions() that version 0.1.0 stored as flow_stats; a result of path_flow() is an error.';
CREATE CAST (flow_stats AS transition_stats) WITH FUNCTION transition_stats(flow_stats) AS ASSIGNMENT;
COMMENT ON CAST (flow_stats AS transition_stats) IS
	'A result of transitions() that version 0.1.0 stored as flow_stats.';

CREATE TYPE path_variant AS (path text[], users bigint, sessions bigint, conversion_rate double precision, median_duration interval);
COMMENT ON TYPE path_variant IS 'A path of top_paths(): its nodes, the users and sessions that took it, the share of those sessions that have the conversion node (NULL without one), and the median time from its first node to its last.';
CREATE TYPE path_member AS (user_id bigint, passes bigint, first_at timestamptz);
COMMENT ON TYPE path_member IS 'A user of path_members(): how often they went through the link, and when they first arrived at its target.';
COMMENT ON COLUMN path_member.user_id IS 'Who.';
COMMENT ON COLUMN path_member.passes IS 'How often they went through the link.';
COMMENT ON COLUMN path_member.first_at IS 'When they first arrived at its target.';
CREATE TYPE path_member_text AS (user_id text, passes bigint, first_at timestamptz);
COMMENT ON TYPE path_member_text IS 'A user of path_members() whose id is of type text: how often they went through the link, and when they first arrived at its target.';
COMMENT ON COLUMN path_member_text.user_id IS 'Who.';
COMMENT ON COLUMN path_member_text.passes IS 'How often they went through the link.';
COMMENT ON COLUMN path_member_text.first_at IS 'When they first arrived at its target.';
CREATE TYPE path_member_uuid AS (user_id uuid, passes bigint, first_at timestamptz);
COMMENT ON TYPE path_member_uuid IS 'A user of path_members() whose id is of type uuid: how often they went through the link, and when they first arrived at its target.';
COMMENT ON COLUMN path_member_uuid.user_id IS 'Who.';
COMMENT ON COLUMN path_member_uuid.passes IS 'How often they went through the link.';
COMMENT ON COLUMN path_member_uuid.first_at IS 'When they first arrived at its target.';
COMMENT ON COLUMN path_variant.path IS 'The nodes, in order.';
COMMENT ON COLUMN path_variant.users IS 'Users who took it.';
COMMENT ON COLUMN path_variant.sessions IS 'Sessions that took it.';
COMMENT ON COLUMN path_variant.conversion_rate IS 'Share of these sessions that have the conversion node, in the path or after it; NULL without one.';
COMMENT ON COLUMN path_variant.median_duration IS 'Median time from the first node to the last, within 1 %.';
STATE path SPACE 1000000 READ_WRITE
	WITH seq '% with events of equal at in the order of seq, a NULL seq last.';

-- By position, to plot as a Sankey diagram.
AGGREGATE path_flow(user_id anyelement, at timestamptz [, seq bigint], node text, gap interval, depth integer [, start_node text [, end_node text [, options text]]]) -> flow_stats STATE path
	'The ways of all users through the first depth (1 to 50) nodes of each session: how many users and sessions go from which node to which. A session ends when more than gap (no months; NULL: never) passes without an event. Rows with a NULL user_id, at or node are skipped; no rows give NULL. Read it with flow_links() and flow_nodes().'
	WITH start_node 'path_flow from the first start_node of each session on.'
	WITH end_node 'path_flow between a start_node and an end_node. With a NULL start_node, what led to the first end_node of each session, by positions -1 (the end), -2 and so on; with both, from the first start_node to the first end_node after it, in sessions where that takes at most depth nodes.'
	WITH options 'path_flow with options, separated by commas: collapse (equal nodes in a row are one), ignore NODE (leave a node out; several times for several), top N (the N most frequent nodes of each position, the rest as (other)), every (a path for each occurrence of the start_node or end_node, not the first of a session alone).';

-- Which node comes next.
AGGREGATE transitions(user_id anyelement, at timestamptz [, seq bigint], node text [, gap interval [, options text]]) -> transition_stats STATE path
	'Which node comes next after which in the histories of all users: the directly-follows graph. Rows with a NULL user_id, at or node are skipped; no rows give NULL. Read it with transition_links(), transition_nodes() and transition_loops().'
	WITH gap 'transitions within sessions: a session ends when more than gap (no months; NULL: never) passes without an event.'
	WITH options 'transitions with options, separated by commas: collapse (equal nodes in a row are one), ignore NODE (leave a node out; several times for several).';

-- The most frequent paths.
AGGREGATE top_paths(user_id anyelement, at timestamptz [, seq bigint], node text, gap interval, depth integer, n integer [, conversion_node text [, options text]]) -> path_variant[] STATE path
	'The n most frequent paths through the first depth (1 to 50) nodes of each session, the most frequent first; of equally frequent ones the one of more users, then the first by the bytes of its names. Sessions as in path_flow. SELECT * FROM unnest((SELECT top_paths(...) FROM ...)).'
	WITH conversion_node 'top_paths with the share of the sessions of each path that have the node conversion_node, in the path or after it.'
	WITH options 'top_paths with the options collapse and ignore NODE, as path_flow has.';

-- Who went through a link.
AGGREGATE path_members(user_id bigint, at timestamptz [, seq bigint], node text, gap interval, source text, target text) -> path_member[] STATE path
	'The users of whom target came next after source in a session, by user_id, as transitions() counts them. SELECT * FROM unnest((SELECT path_members(...) FROM ...)).';
AGGREGATE path_members(user_id bigint, at timestamptz [, seq bigint], node text, gap interval, depth integer, start_node text, end_node text, options text, "position" integer, source text, target text) -> path_member[] STATE path
	'The users who went through the link of path_flow(..., gap, depth, start_node, end_node, options) that has this position, source and target, by user_id; with option top, (other) stands for the others of its position.';
AGGREGATE path_members(user_id text, at timestamptz [, seq bigint], node text, gap interval, source text, target text) -> path_member_text[] STATE path
	FINAL path_members_text OF path_members
	'The users of whom target came next after source in a session, by user_id, as transitions() counts them. SELECT * FROM unnest((SELECT path_members(...) FROM ...)).';
AGGREGATE path_members(user_id text, at timestamptz [, seq bigint], node text, gap interval, depth integer, start_node text, end_node text, options text, "position" integer, source text, target text) -> path_member_text[] STATE path
	FINAL path_members_text OF path_members
	'The users who went through the link of path_flow(..., gap, depth, start_node, end_node, options) that has this position, source and target, by user_id; with option top, (other) stands for the others of its position.';
AGGREGATE path_members(user_id uuid, at timestamptz [, seq bigint], node text, gap interval, source text, target text) -> path_member_uuid[] STATE path
	FINAL path_members_uuid OF path_members
	'The users of whom target came next after source in a session, by user_id, as transitions() counts them. SELECT * FROM unnest((SELECT path_members(...) FROM ...)).';
AGGREGATE path_members(user_id uuid, at timestamptz [, seq bigint], node text, gap interval, depth integer, start_node text, end_node text, options text, "position" integer, source text, target text) -> path_member_uuid[] STATE path
	FINAL path_members_uuid OF path_members
	'The users who went through the link of path_flow(..., gap, depth, start_node, end_node, options) that has this position, source and target, by user_id; with option top, (other) stands for the others of its position.';

-- The nodes of one user.
STATE user_path SPACE 256;
AGGREGATE user_path(at timestamptz [, seq bigint], node text [, gap interval]) -> text[] STATE user_path
	'The nodes of the rows of one user in order of time; of those at one time, by their bytes. Rows with a NULL at or node are skipped; no rows give NULL.'
	WITH gap 'user_path with a NULL between two sessions: a session ends when more than gap (no months; NULL: never) passes without an event.'
	WITH seq 'user_path with events of equal at in the order of seq, a NULL seq last.'
	WITH seq, gap 'user_path with sessions, and with events of equal at in the order of seq, a NULL seq last.';

-- Rows to plot.

CREATE FUNCTION flow_links(flow_stats, OUT "position" integer, OUT source text, OUT target text, OUT users bigint,
		OUT sessions bigint, OUT avg_time interval, OUT median_time interval, OUT p90_time interval)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_flow_links'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
CREATE FUNCTION flow_nodes(flow_stats, OUT "position" integer, OUT node text, OUT users bigint,
		OUT sessions bigint, OUT entries bigint, OUT exits bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_flow_nodes'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 50;
CREATE FUNCTION transition_links(transition_stats, OUT source text, OUT target text, OUT count bigint, OUT users bigint,
		OUT sessions bigint, OUT share double precision,
		OUT avg_time interval, OUT median_time interval, OUT p90_time interval)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_transition_links'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
CREATE FUNCTION transition_nodes(transition_stats, OUT node text, OUT count bigint, OUT users bigint,
		OUT sessions bigint, OUT entries bigint, OUT exits bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_transition_nodes'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
CREATE FUNCTION transition_loops(transition_stats, OUT node text, OUT repeats bigint, OUT returns bigint, OUT users bigint,
		OUT sessions bigint, OUT avg_steps double precision,
		OUT avg_time interval, OUT median_time interval, OUT p90_time interval)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_transition_loops'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;

COMMENT ON FUNCTION flow_links(flow_stats) IS
	'A row for each link of path_flow(): the position of its source (1 is the first node of a path; with an end_node alone, -1 is the last and -2 the one before), the users and sessions that went through it there, and mean, median and 90th percentile of the time from source to target. Quantiles are percentile_disc, within 1 %.';
COMMENT ON FUNCTION flow_nodes(flow_stats) IS
	'A row for each position and node of path_flow(): the users and sessions with this node there, the paths that begin there and those that end there, not counting where depth cut them off.';
COMMENT ON FUNCTION transition_links(transition_stats) IS
	'A row for each pair of nodes of transitions(): how often target came next after source, for how many users, in how many sessions, the share of all transitions from source, and mean, median and 90th percentile of the time between. Quantiles are percentile_disc, within 1 %.';
COMMENT ON FUNCTION transition_nodes(transition_stats) IS
	'A row for each node of transitions(): how often it occurred, for how many users, in how many sessions, and how many sessions began and ended with it.';
COMMENT ON FUNCTION transition_loops(transition_stats) IS
	'A row for each node of transitions() that came again in a session: how often at once (repeats) and how often by way of other nodes (returns); and of the returns the users, the sessions, the mean number of transitions from one occurrence to the next, and mean, median and 90th percentile of that time.';

