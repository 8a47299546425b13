-- path: which way users walk.
SET search_path = public, journey;
SET timezone = 'UTC';
CREATE TABLE visit (user_id int, at timestamptz, seq int, page text);
INSERT INTO visit
SELECT u, '2026-03-01 09:00'::timestamptz + minute * interval '1 minute', seq, page
FROM (VALUES (1, 0, 1, 'home'), (1, 2, 2, 'search'), (1, 2, 3, 'fund'), (1, 5, 4, 'buy'),
	(2, 0, 1, 'home'), (2, 1, 2, 'fund'), (2, 3, 3, 'home'), (2, 90, 4, 'home'), (2, 95, 5, 'buy'),
	(3, 0, 1, 'search'), (3, 4, 2, 'search'), (3, 6, NULL, 'fund'), (3, 6, 3, 'home'),
	(4, 0, 1, NULL), (4, 1, 2, 'home'), (NULL, 1, 1, 'buy')) v (u, minute, seq, page);

SELECT * FROM flow_links((SELECT path_flow(user_id, at, page, '30 minutes', 4) FROM visit));
SELECT * FROM flow_nodes((SELECT path_flow(user_id, at, page, '30 minutes', 4) FROM visit));
SELECT position, source, target, users, sessions FROM flow_links((SELECT path_flow(user_id, at, seq, page, NULL, 3, 'search') FROM visit));
SELECT position, source, target, users, sessions FROM flow_links((SELECT path_flow(user_id, at, seq, page, '30 minutes', 3, NULL, 'buy') FROM visit));
SELECT * FROM flow_nodes((SELECT path_flow(user_id, at, seq, page, NULL, 4, 'home', 'buy', 'every, collapse, ignore search') FROM visit));
SELECT * FROM flow_nodes((SELECT path_flow(user_id, at, seq, page, '30 minutes', 3, NULL, NULL, 'top 1') FROM visit));
SELECT * FROM transition_links((SELECT transitions(user_id, at, seq, page) FROM visit));
SELECT * FROM transition_nodes((SELECT transitions(user_id, at, seq, page, '30 minutes') FROM visit));
SELECT * FROM transition_loops((SELECT transitions(user_id, at, seq, page, '30 minutes') FROM visit));
SELECT * FROM unnest((SELECT top_paths(user_id, at, seq, page, '30 minutes', 3, 3) FROM visit));
SELECT * FROM unnest((SELECT top_paths(user_id, at, seq, page, '30 minutes', 3, 3, 'buy', 'collapse') FROM visit));
SELECT * FROM unnest((SELECT path_members(user_id, at, seq, page, '30 minutes', 'search', 'fund') FROM visit));
SELECT user_id, user_path(at, seq, page, '30 minutes') FROM visit GROUP BY user_id ORDER BY user_id;
SELECT user_id, user_path(at, page) FROM visit WHERE user_id < 3 GROUP BY user_id ORDER BY user_id;
SELECT transitions(user_id, at, seq, page) FROM visit WHERE user_id = 3;
SELECT path_flow(user_id, at, seq, page, '1 h', 2, 'home', NULL, 'every') FROM visit WHERE user_id = 2;
SELECT f.s::text::transition_stats::text = f.s::text FROM (SELECT transitions(user_id, at, page, '1 h') AS s FROM visit) f;

-- mistakes
SELECT path_flow(user_id, at, page, '30 minutes', 51) FROM visit;
SELECT path_flow(user_id, at, page, '1 month', 5) FROM visit;
SELECT path_flow(user_id, at, page, '30 minutes', 5, NULL, NULL, 'every') FROM visit;
SELECT path_flow(user_id, at, page, '30 minutes', 5, NULL, NULL, 'colapse') FROM visit;
SELECT transitions(user_id, at, page, '30 minutes', 'top 3') FROM visit;
SELECT top_paths(user_id, at, page, NULL, 3, 0) FROM visit;
SELECT path_members(user_id, at, page, NULL, 4, NULL, 'buy', NULL, 1, 'home', 'buy') FROM visit;
SELECT path_flow(user_id, at, page, NULL, 3)::transition_stats FROM visit;
-- what version 0.1.0 stored of transitions
CREATE TABLE old_transitions AS SELECT '{"version": 1, "kind": "transitions", "gap": null, "depth": 0, "start": null, "end": null, "options": null, "users": 1, "sessions": 1, "names": ["fund", "home"], "nodes": [{"node": [0, 0, 1, 1, 1, 1, 0, 0, 0, 0], "loop_times": {"sum": "0", "least": 0, "most": 0, "buckets": []}}, {"node": [0, 1, 1, 1, 1, 0, 1, 0, 0, 0], "loop_times": {"sum": "0", "least": 0, "most": 0, "buckets": []}}], "links": [{"link": [0, 0, 1, 1, 1], "times": {"sum": "0", "least": 0, "most": 0, "buckets": [[0, 1]]}}]}'::flow_stats AS s;
SELECT * FROM transition_links((SELECT s::transition_stats FROM old_transitions));
SELECT flow_links(s) FROM old_transitions;
ALTER TABLE old_transitions ALTER s TYPE transition_stats;
SELECT node, entries, exits FROM old_transitions, transition_nodes(s);
DROP TABLE old_transitions;
SELECT rollup(s) FROM (SELECT transitions(user_id, at, page) AS s FROM visit UNION ALL SELECT transitions(user_id, at, page, '1 h') FROM visit) t;
SELECT '{"version": 1}'::flow_stats;
-- names that no row has: a notice for each, once in a query, whatever the groups and processes
SELECT cardinality(array_agg(l)) FROM flow_links((SELECT path_flow(user_id, at, seq, page, NULL, 3, 'Search', 'buy ', 'ignore serch, ignore home') FROM visit)) AS l;
SELECT cardinality(top_paths(user_id, at, seq, page, NULL, 3, 3, 'bye')) FROM visit;
SELECT cardinality(path_members(user_id, at, seq, page, '30 minutes', 'search', 'funds')) FROM visit;
SELECT cardinality(path_members(user_id, at, seq, page, NULL, 3, NULL, NULL, 'top 1', 1, '(other)', '(other)')) FROM visit;
SELECT count(*) FROM (SELECT user_id, path_flow(user_id, at, seq, page, NULL, 3, 'fund', 'fnud') AS flow FROM visit GROUP BY user_id) AS f WHERE flow IS NOT NULL;
SELECT count(*) FROM (SELECT DISTINCT user_id AS u FROM visit) AS users, LATERAL (SELECT path_flow(user_id, at, page, NULL, 3, 'fund', 'fnud') AS flow FROM visit WHERE user_id = u) AS f WHERE flow IS NOT NULL;
CREATE TABLE many_visits AS SELECT user_id + 1000 * n AS user_id, at, page FROM visit, generate_series(1, 500) AS n;
ANALYZE many_visits;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SELECT count(*) FROM flow_links((SELECT path_flow(user_id, at, page, NULL, 3, 'Search') FROM many_visits));
SELECT count(*) FROM transition_links((SELECT transitions(user_id, at, page, NULL, 'ignore serch') FROM many_visits WHERE page IS NULL));
DROP TABLE visit, many_visits;
