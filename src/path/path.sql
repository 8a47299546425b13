-- path: which way users walk.

-- flow_stats and transition_stats: the way of a population from node to node.

TYPE flow_stats
	'The flow of a population from node to node, by position: users and sessions of each node and link, and histograms of the times between nodes. Made by path_flow(), merged by rollup(), read by flow_links() and flow_nodes(). Text form: JSON.';
STATE flow_rollup SPACE 10000;
AGGREGATE rollup(flow_stats) -> flow_stats STATE flow_rollup FINAL flow_rollup TRANSITION rollup CALLS flow_rollup
	'Merges results of path_flow(). Their users must be disjoint, as in shards or partitions by user; their parameters must be equal. NULLs are skipped.';

TYPE transition_stats
	'Which node directly follows which in a population: users and sessions of each node and link, and histograms of the times between nodes. Made by transitions(), merged by rollup(), read by transition_links(), transition_nodes() and transition_loops(). Text form: JSON.';
STATE transition_rollup SPACE 10000;
AGGREGATE rollup(transition_stats) -> transition_stats STATE transition_rollup FINAL transition_rollup TRANSITION rollup CALLS transition_rollup
	'Merges results of transitions(). Their users must be disjoint, as in shards or partitions by user; their parameters must be equal. NULLs are skipped.';

-- Version 0.1.0 stored results of transitions() as flow_stats.
FUNCTION transition_stats(flow_stats) -> transition_stats CALLS flow_as_transitions
	'A result of transitions() that version 0.1.0 stored as flow_stats; a result of path_flow() is an error.';
CREATE CAST (flow_stats AS transition_stats) WITH FUNCTION transition_stats(flow_stats) AS ASSIGNMENT;
COMMENT ON CAST (flow_stats AS transition_stats) IS
	'A result of transitions() that version 0.1.0 stored as flow_stats.';

ROW path_variant(
	path text[] 'The nodes, in order.',
	users bigint 'Users who took it.',
	sessions bigint 'Sessions that took it.',
	conversion_rate double precision 'Share of these sessions that have the conversion node, in the path or after it; NULL without one.',
	median_duration interval 'Median time from the first node to the last, within 1 %.')
	'A path of top_paths(): its nodes, the users and sessions that took it, the share of those sessions that have the conversion node (NULL without one), and the median time from its first node to its last.';
ROW path_member(
	user_id id 'Who.',
	passes bigint 'How often they went through the link, were at the node, or took the path.',
	first_at timestamptz 'When they first arrived at its target, or at the node, or began the path.')
	'A user of path_members() or top_path_members()%: how often they went through the link, and when they first arrived at its target; how often they were at the node, and when first; or how often they took the path, and when they first began it.';
STATE path SPACE 1000000 READ_WRITE
	WITH seq '% with seq, which orders events of the same time, NULL last.';

-- By position, to plot as a Sankey diagram.
AGGREGATE path_flow(user_id anyelement, at timestamptz [, seq bigint], node text, gap interval, depth integer [, start_node text [, end_node text [, options text]]]) -> flow_stats STATE path
	'The flow of all users through the first depth (1 to 50) nodes of each session: how many users and sessions go from one node to the next. A session ends when more than gap (no months; NULL: never) passes without an event. Rows whose user_id, at or node is NULL are skipped; no rows give NULL. Read the result with flow_links() and flow_nodes().'
	WITH start_node 'path_flow that begins at the first start_node of each session.'
	WITH end_node 'path_flow between a start_node and an end_node: from the first start_node to the first end_node after it, in sessions where this takes at most depth nodes. If start_node is NULL: backwards from the first end_node of each session, with positions -1 (the end), -2 (the node before), and so on.'
	WITH options 'path_flow with options, separated by commas: collapse (merge consecutive events of the same node), ignore NODE (drop a node; may be given several times), top N (keep the N most frequent nodes of each position, merge the others into (other)), every (a path for each occurrence of the start_node or end_node, not only for the first of a session).';

-- Which node comes next.
AGGREGATE transitions(user_id anyelement, at timestamptz [, seq bigint], node text [, gap interval [, options text]]) -> transition_stats STATE path
	'Which node directly follows which in the histories of all users: the directly-follows graph. Rows whose user_id, at or node is NULL are skipped; no rows give NULL. Read the result with transition_links(), transition_nodes() and transition_loops().'
	WITH gap 'transitions within sessions: a session ends when more than gap (no months; NULL: never) passes without an event.'
	WITH options 'transitions with options, separated by commas: collapse (merge consecutive events of the same node), ignore NODE (drop a node; may be given several times).';

-- The most frequent paths.
AGGREGATE top_paths(user_id anyelement, at timestamptz [, seq bigint], node text, gap interval, depth integer, n integer [, conversion_node text [, options text]]) -> path_variant[] STATE path
	'The n most frequent paths through the first depth (1 to 50) nodes of each session, the most frequent first. Among equally frequent paths, the one with more users comes first, then the first in byte order of its nodes. Sessions are those of path_flow. SELECT * FROM unnest((SELECT top_paths(...) FROM ...)).'
	WITH conversion_node 'top_paths with the share of the sessions of each path that have the node conversion_node, in the path or after it.'
	WITH options 'top_paths with the options collapse and ignore NODE, as path_flow has.';

-- Who went through a link.
AGGREGATE path_members(user_id id, at timestamptz [, seq bigint], node text, gap interval, source text, target text) -> path_member[] STATE path
	LIST path_member_list
	'The users who went directly from source to target in a session, ordered by user_id, as transitions() counts them; with a NULL target those who were at source. SELECT * FROM unnest((SELECT path_members(...) FROM ...)).';
AGGREGATE path_members(user_id id, at timestamptz [, seq bigint], node text, gap interval, depth integer, start_node text, end_node text, options text, "position" integer, source text, target text) -> path_member[] STATE path
	LIST path_member_list
	'The users of the link with this position, source and target in path_flow(..., gap, depth, start_node, end_node, options), ordered by user_id. With option top, (other) means the merged nodes of its position.';

-- Who took a path.
AGGREGATE top_path_members(user_id id, at timestamptz [, seq bigint], node text, gap interval, depth integer, path text[] [, options text]) -> path_member[] STATE path
	LIST top_path_member_list
	'The users who took this path, as top_paths(..., gap, depth, n) counts them, ordered by user_id: passes are their sessions that took it, first_at is when they first began it. Ids are of type bigint, text or uuid. SELECT * FROM unnest((SELECT top_path_members(...) FROM ...)).'
	WITH options 'top_path_members with the options collapse and ignore NODE, as top_paths has.';

-- The nodes of one user.
STATE user_path SPACE 256;
AGGREGATE user_path(at timestamptz [, seq bigint], node text [, gap interval]) -> text[] STATE user_path
	'The nodes of the rows of one user in order of time; those of the same time in byte order. Rows whose at or node is NULL are skipped; no rows give NULL.'
	WITH gap 'user_path with a NULL between two sessions: a session ends when more than gap (no months; NULL: never) passes without an event.'
	WITH seq 'user_path with seq, which orders events of the same time, NULL last.'
	WITH seq, gap 'user_path with sessions, and with seq, which orders events of the same time, NULL last.';

-- Rows to plot.

FUNCTION path_variants(path_variant[], min_users bigint DEFAULT 0) -> SETOF path_variant IMMUTABLE PARALLEL SAFE ROWS 20
	'A row for each path of top_paths(), in its order. min_users: what rests on fewer users is NULL.';
FUNCTION flow_links(flow_stats, min_users bigint DEFAULT 0, OUT "position" integer, OUT source text, OUT target text, OUT users bigint, OUT sessions bigint, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'A row for each link of path_flow(): the position of its source (1 is the first node of a path; with only an end_node, -1 is the last node and -2 the one before), the users and sessions that took the link at this position, and mean, median and 90th percentile of the time from source to target. Quantiles are percentile_disc, within 1 %. min_users: what rests on fewer users is NULL.';
FUNCTION flow_nodes(flow_stats, min_users bigint DEFAULT 0, OUT "position" integer, OUT node text, OUT users bigint, OUT sessions bigint, OUT entries bigint, OUT exits bigint) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 50
	'A row for each position and node of path_flow(): the users and sessions with this node at this position, the paths that begin there (entries), and the paths that end there (exits), without those that depth cut off. min_users: what rests on fewer users is NULL.';
FUNCTION transition_links(transition_stats, min_users bigint DEFAULT 0, OUT source text, OUT target text, OUT count bigint, OUT users bigint, OUT sessions bigint, OUT share double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'A row for each pair of nodes of transitions(): how often target directly followed source (count), for how many users, in how many sessions, the share of all transitions from source, and mean, median and 90th percentile of the time between them. Quantiles are percentile_disc, within 1 %. min_users: what rests on fewer users is NULL.';
FUNCTION transition_nodes(transition_stats, min_users bigint DEFAULT 0, OUT node text, OUT count bigint, OUT users bigint, OUT sessions bigint, OUT entries bigint, OUT exits bigint) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 20
	'A row for each node of transitions(): how often it occurred, for how many users, in how many sessions, and how many sessions began and ended with it. min_users: what rests on fewer users is NULL.';
FUNCTION transition_loops(transition_stats, min_users bigint DEFAULT 0, OUT node text, OUT repeats bigint, OUT returns bigint, OUT users bigint, OUT sessions bigint, OUT avg_steps double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 20
	'A row for each node of transitions() that came again in a session: how often directly (repeats) and how often through other nodes (returns). For the returns: users, sessions, the mean number of transitions from one occurrence to the next, and mean, median and 90th percentile of the time between. min_users: what rests on fewer users is NULL.';

