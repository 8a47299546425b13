-- Paths against the definition in plain SQL: random histories with many ties, NULLs, repeats
-- and gaps; sessions, anchors, options; and that no plan changes an answer.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(152);

CREATE TABLE event (u int, at timestamptz, seq bigint, node text, i int);
INSERT INTO event
SELECT CASE WHEN rnd(i, 1, 90) > 0 THEN rnd(i, 2, 120) END, CASE WHEN rnd(i, 3, 90) > 0 THEN moment(rnd(i, 4, 300)) END,
	CASE WHEN rnd(i, 5, 9) > 0 THEN rnd(i, 6, 4) END, (ARRAY['a', 'b', 'B', 'c', 'd', '贷款', '', 'ab', NULL])[1 + least(rnd(i, 7, 9), rnd(i, 8, 9))], i
FROM generate_series(1, 2500) i;
ALTER TABLE event SET (parallel_workers = 3);
ANALYZE event;

-- ---- the definition ---------------------------------------------------------------------
-- Every event that counts, by the event order: time, seq if it counts, bytes of the node.
CREATE FUNCTION sessions(with_seq boolean, gap interval, collapse boolean, ignored text[])
	RETURNS TABLE (u int, session bigint, place bigint, n bigint, at timestamptz, node text) LANGUAGE sql AS $$
	WITH ordered AS (
		SELECT e.u, e.at, e.node, row_number() OVER w AS i, (lag(e.at) OVER w IS NULL OR e.at - lag(e.at) OVER w > gap) AS starts
		FROM event e WHERE e.u IS NOT NULL AND e.at IS NOT NULL AND e.node IS NOT NULL
		WINDOW w AS (PARTITION BY e.u ORDER BY e.at, CASE WHEN with_seq THEN e.seq END, e.node::bytea, e.i)
	), numbered AS (
		SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY o.u ORDER BY o.i) AS s FROM ordered o
	), kept AS (
		SELECT *, lag(k.node) OVER (PARTITION BY k.u, k.s ORDER BY k.i) AS before FROM numbered k WHERE k.node <> ALL (ignored)
	)
	SELECT k.u, k.s, row_number() OVER (PARTITION BY k.u, k.s ORDER BY k.i), count(*) OVER (PARTITION BY k.u, k.s), k.at, k.node
	FROM kept k WHERE NOT collapse OR k.before IS DISTINCT FROM k.node $$;

-- The paths: for each their events, with the position that each has.
CREATE FUNCTION paths(with_seq boolean, gap interval, depth int, start_node text, end_node text, collapse boolean, ignored text[], every boolean)
	RETURNS TABLE (u int, session bigint, path bigint, place bigint, "position" int, at timestamptz, node text, starts boolean, exits boolean) LANGUAGE sql AS $$
	WITH s AS MATERIALIZED (
		SELECT *, min(place) FILTER (WHERE node = end_node) OVER (PARTITION BY u, session ORDER BY place ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_end FROM sessions(with_seq, gap, collapse, ignored)
	), anchors AS (
		SELECT a.u, a.session, a.place AS p, a.n, a.next_end, min(a.place) OVER (PARTITION BY a.u, a.session) AS first FROM s a
		WHERE CASE WHEN start_node IS NOT NULL THEN a.node = start_node WHEN end_node IS NOT NULL THEN a.node = end_node ELSE a.place = 1 END
	), ranges AS (
		SELECT c.*, CASE WHEN start_node IS NULL AND end_node IS NOT NULL THEN greatest(1, c.p - depth + 1) ELSE c.p END AS low,
			CASE WHEN start_node IS NULL AND end_node IS NOT NULL THEN c.p WHEN start_node IS NOT NULL AND end_node IS NOT NULL THEN c.next_end ELSE least(c.n, c.p + depth - 1) END AS high
		FROM anchors c WHERE every OR c.p = c.first
	)
	SELECT e.u, e.session, r.p, e.place, (CASE WHEN start_node IS NULL AND end_node IS NOT NULL THEN e.place - r.high - 1 ELSE e.place - r.low + 1 END)::int, e.at, e.node,
		e.place = r.low AND (start_node IS NOT NULL OR end_node IS NULL OR r.low = 1),
		e.place = r.high AND (end_node IS NOT NULL OR r.high = r.n)
	FROM ranges r JOIN s e ON e.u = r.u AND e.session = r.session AND e.place BETWEEN r.low AND r.high
	WHERE r.high - r.low < depth $$;

-- ---- path_flow --------------------------------------------------------------------------
CREATE TABLE flow (id int, with_seq boolean, gap interval, depth int, start_node text, end_node text, collapse boolean, ignored text[], every boolean);
INSERT INTO flow
SELECT row_number() OVER (), s, g, d, a, e, c, i, v AND (a IS NOT NULL OR e IS NOT NULL)
FROM (VALUES (false), (true)) s (s), (VALUES ('7 s'::interval), (NULL)) g (g), (VALUES (1), (4)) d (d), (VALUES (NULL), ('a'), ('')) a (a), (VALUES (NULL), ('b'), ('nowhere')) e (e),
	(VALUES (false, '{}'::text[], false), (true, '{}', true), (true, '{c,贷款}', false), (false, '{B,""}', true)) o (c, i, v);
DELETE FROM flow WHERE depth = 1 AND id % 5 <> 0;
INSERT INTO flow SELECT 1000 + id, with_seq, '30 s', 50, start_node, end_node, collapse, ignored, every FROM flow WHERE gap IS NOT NULL AND depth = 4 AND id % 3 = 0;

CREATE FUNCTION options(f flow) RETURNS text LANGUAGE sql RETURN
	array_to_string(array_remove(ARRAY[CASE WHEN f.collapse THEN 'collapse' END, CASE WHEN f.every THEN 'every' END, (SELECT string_agg('ignore "' || i || '"', ' , ') FROM unnest(f.ignored) i)], NULL), ',');
CREATE FUNCTION stats(f flow) RETURNS flow_stats LANGUAGE sql AS $$
	SELECT CASE WHEN f.with_seq THEN path_flow(u, at, seq, node, f.gap, f.depth, f.start_node, f.end_node, options(f)) ELSE path_flow(u, at, node, f.gap, f.depth, f.start_node, f.end_node, options(f)) END FROM event $$;
CREATE TABLE found AS SELECT id, stats(f) AS stats FROM flow f;
CREATE TABLE expected AS SELECT f.id, p.* FROM flow f, paths(with_seq, gap, depth, start_node, end_node, collapse, ignored, every) p;

CREATE TABLE links AS SELECT id, l.* FROM found, flow_links(stats) l;
CREATE TABLE expected_links AS
SELECT id, position, node AS source, next AS target, count(DISTINCT u) AS users, count(DISTINCT (u, session)) AS sessions,
	date_trunc('milliseconds', avg(next_at - at)) AS avg_time, percentile_disc(0.5) WITHIN GROUP (ORDER BY next_at - at) AS median_time
FROM (SELECT *, lead(node) OVER w AS next, lead(at) OVER w AS next_at FROM expected WINDOW w AS (PARTITION BY id, u, session, path ORDER BY place)) e
WHERE next IS NOT NULL GROUP BY 1, 2, 3, 4;
SELECT cmp_ok(count(*), '>', 5000::bigint, 'links') FROM expected_links;
SELECT is_empty('(SELECT id, position, source, target, users, sessions FROM links EXCEPT SELECT id, position, source, target, users, sessions FROM expected_links) LIMIT 3', 'no link that there is not');
SELECT is_empty('(SELECT id, position, source, target, users, sessions FROM expected_links EXCEPT SELECT id, position, source, target, users, sessions FROM links) LIMIT 3', 'every link that there is');
SELECT is_empty($$ SELECT * FROM links JOIN expected_links e USING (id, position, source, target) WHERE abs(extract(epoch FROM links.avg_time - e.avg_time)) > 0.002
	OR abs(extract(epoch FROM links.median_time - e.median_time)) > 0.01 * extract(epoch FROM e.median_time) LIMIT 3 $$, 'mean and median time of each');
SELECT is_empty('SELECT id, position, source, target FROM links GROUP BY 1, 2, 3, 4 HAVING count(*) > 1', 'each once');
SELECT set_eq('SELECT id, n.* FROM found, flow_nodes(stats) n',
	'SELECT id, position, node, count(DISTINCT u) AS a, count(DISTINCT (u, session)) AS b, count(*) FILTER (WHERE starts) AS c, count(*) FILTER (WHERE exits) AS d FROM expected GROUP BY 1, 2, 3', 'nodes');
SELECT set_eq($$ SELECT id, (stats::text::json->>'users')::bigint AS a, (stats::text::json->>'sessions')::bigint AS b FROM found $$,
	'SELECT f.id, count(DISTINCT u) AS a, count(DISTINCT (u, session)) FILTER (WHERE u IS NOT NULL) AS b FROM flow f LEFT JOIN expected e USING (id) GROUP BY 1', 'users and sessions in all');

-- The most frequent nodes of each position, the rest as (other).
SELECT set_eq(format($$ SELECT n.* FROM flow_nodes((SELECT path_flow(u, at, node, '30 s', 5, %L, %L, 'top %s') FROM event)) n $$, s, e, top), format($$
	WITH p AS (SELECT * FROM paths(false, '30 s', 5, %L, %L, false, '{}', false)),
	top AS (SELECT position, node, row_number() OVER (PARTITION BY position ORDER BY count(*) DESC, node::bytea) AS r FROM p GROUP BY 1, 2)
	SELECT position, CASE WHEN r <= %s THEN node ELSE '(other)' END AS node, count(DISTINCT u) AS a, count(DISTINCT (u, session)) AS b, count(*) FILTER (WHERE starts) AS c, count(*) FILTER (WHERE exits) AS d FROM p JOIN top USING (position, node) GROUP BY 1, 2 $$, s, e, top),
	format('top %s: nodes', top))
FROM (VALUES (1, NULL, NULL), (3, NULL, NULL), (2, NULL, 'b'), (4, 'a', NULL), (100, NULL, NULL)) t (top, s, e);
SELECT set_eq(format($$ SELECT position, source, target, users, sessions FROM flow_links((SELECT path_flow(u, at, node, '30 s', 5, %L, %L, 'top %s') FROM event)) n $$, s, e, top), format($$
	WITH p AS (SELECT * FROM paths(false, '30 s', 5, %L, %L, false, '{}', false)),
	top AS (SELECT position, node, row_number() OVER (PARTITION BY position ORDER BY count(*) DESC, node::bytea) AS r FROM p GROUP BY 1, 2),
	folded AS (SELECT p.*, CASE WHEN r <= %s THEN node ELSE '(other)' END AS f FROM p JOIN top USING (position, node))
	SELECT position, f, next, count(DISTINCT u) AS a, count(DISTINCT (u, session)) AS b FROM (SELECT *, lead(f) OVER (PARTITION BY u, session, path ORDER BY place) AS next FROM folded) x WHERE next IS NOT NULL GROUP BY 1, 2, 3 $$, s, e, top),
	format('top %s: links', top))
FROM (VALUES (1, NULL, NULL), (3, NULL, NULL), (2, NULL, 'b'), (4, 'a', NULL), (100, NULL, NULL)) t (top, s, e);

-- ---- transitions ------------------------------------------------------------------------
CREATE TABLE walk (id int, with_seq boolean, gap interval, collapse boolean, ignored text[]);
INSERT INTO walk SELECT row_number() OVER (), s, g, c, i FROM (VALUES (false), (true)) s (s), (VALUES ('7 s'::interval), ('0'), (NULL)) g (g), (VALUES (false, '{}'::text[]), (true, '{}'), (false, '{a,贷款}')) o (c, i);
CREATE TABLE walked AS SELECT id, (SELECT CASE WHEN with_seq THEN transitions(u, at, seq, node, gap, o) ELSE transitions(u, at, node, gap, o) END FROM event) AS stats
FROM walk w, LATERAL (SELECT options((0, false, NULL, NULL, NULL, NULL, collapse, ignored, false)::flow) AS o) o;
CREATE TABLE steps AS SELECT w.id, s.*, lead(node) OVER v AS next, lead(at) OVER v AS next_at FROM walk w, sessions(with_seq, gap, collapse, ignored) s WINDOW v AS (PARTITION BY w.id, s.u, s.session ORDER BY s.place);
SELECT set_eq('SELECT id, source, target, count, users, sessions, round(share::numeric, 9) FROM walked, transition_links(stats)',
	'SELECT id, node, next, count(*) AS n, count(DISTINCT u) AS a, count(DISTINCT (u, session)) AS b, round(count(*) / sum(count(*)) OVER (PARTITION BY id, node), 9) FROM steps WHERE next IS NOT NULL GROUP BY 1, 2, 3', 'transitions');
SELECT is_empty($$ SELECT * FROM (SELECT id, l.* FROM walked, transition_links(stats) l) l JOIN
	(SELECT id, node AS source, next AS target, extract(epoch FROM avg(next_at - at)) AS a, extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY next_at - at)) AS m, extract(epoch FROM percentile_disc(0.9) WITHIN GROUP (ORDER BY next_at - at)) AS p FROM steps GROUP BY 1, 2, 3) e USING (id, source, target)
	WHERE abs(extract(epoch FROM avg_time) - a) > 0.00001 OR abs(extract(epoch FROM median_time) - m) > 0.008 * m OR abs(extract(epoch FROM p90_time) - p) > 0.008 * p LIMIT 3 $$, 'their times');
SELECT set_eq('SELECT id, n.* FROM walked, transition_nodes(stats) n',
	'SELECT id, node, count(*) AS c, count(DISTINCT u) AS a, count(DISTINCT (u, session)) AS b, count(*) FILTER (WHERE place = 1) AS s, count(*) FILTER (WHERE place = n) AS e FROM steps GROUP BY 1, 2', 'nodes of transitions');
SELECT set_eq('SELECT id, node, repeats, returns, users, sessions, round(avg_steps::numeric, 9), date_trunc(''milliseconds'', avg_time) FROM walked, transition_loops(stats)', $$
	SELECT id, node, count(*) FILTER (WHERE after = 1) AS a, count(*) FILTER (WHERE after > 1) AS b, count(DISTINCT u) FILTER (WHERE after > 1) AS c, count(DISTINCT (u, session)) FILTER (WHERE after > 1) AS d,
		round(avg(after) FILTER (WHERE after > 1), 9), date_trunc('milliseconds', avg(at - last_at) FILTER (WHERE after > 1))
	FROM (SELECT *, place - lag(place) OVER w AS after, lag(at) OVER w AS last_at FROM steps WINDOW w AS (PARTITION BY id, u, session, node ORDER BY place)) s WHERE after IS NOT NULL GROUP BY 1, 2 $$, 'loops');

-- ---- top_paths --------------------------------------------------------------------------
CREATE FUNCTION top(f flow, n int, conversion_node text) RETURNS SETOF path_variant LANGUAGE sql AS $$
	SELECT * FROM unnest((SELECT CASE WHEN f.with_seq THEN top_paths(u, at, seq, node, f.gap, f.depth, n, conversion_node, options(f)) ELSE top_paths(u, at, node, f.gap, f.depth, n, conversion_node, options(f)) END FROM event)) $$;
CREATE TABLE variant AS
SELECT f.id, path, count(DISTINCT p.u) AS users, count(*) AS sessions, avg(reached::int) AS conversion_rate, percentile_disc(0.5) WITHIN GROUP (ORDER BY duration) AS median_duration
FROM flow f, LATERAL (SELECT s.u, s.session, array_agg(s.node ORDER BY s.place) FILTER (WHERE s.place <= f.depth) AS path, bool_or(s.node = 'c') AS reached, max(s.at) FILTER (WHERE s.place <= f.depth) - min(s.at) AS duration
	FROM sessions(with_seq, gap, collapse, ignored) s GROUP BY 1, 2) p
WHERE start_node IS NULL AND end_node IS NULL AND NOT every GROUP BY 1, 2;
CREATE TABLE topped AS SELECT id, t.* FROM flow f, top(f, 100000, 'c') t WHERE start_node IS NULL AND end_node IS NULL AND NOT every;
SELECT set_eq('SELECT id, path, users, sessions, round(conversion_rate::numeric, 9) FROM topped',
	'SELECT id, path, users, sessions, round(conversion_rate, 9) FROM variant', 'top_paths: all of them');
SELECT is_empty($$ SELECT * FROM topped t JOIN variant v USING (id, path)
	WHERE abs(extract(epoch FROM t.median_duration - v.median_duration)) > 0.008 * extract(epoch FROM v.median_duration) LIMIT 3 $$, 'and their durations');
SELECT results_eq(format('SELECT path, users, sessions FROM flow f, top(f, 7, NULL) WHERE id = %s', id),
	format('SELECT path, users, sessions FROM variant WHERE id = %s ORDER BY sessions DESC, users DESC, (SELECT array_agg(p::bytea ORDER BY i) FROM unnest(path) WITH ORDINALITY u (p, i)) LIMIT 7', id), 'top_paths: the first 7, in order')
FROM flow WHERE start_node IS NULL AND end_node IS NULL AND NOT every AND id % 5 = 0;
SELECT is((SELECT count(*) FROM unnest((SELECT top_paths(u, at, node, '7 s', 3, 5) FROM event)) WHERE conversion_rate IS NULL), 5::bigint, 'no conversion node, no conversion_rate');
-- Past its memory the paths are counted in parts.
CREATE TABLE many AS SELECT i % 20000 AS u, moment(i) AS at, 'n' || rnd(i, 1, 30) AS node FROM generate_series(1, 60000) i;
CREATE TABLE best AS SELECT t.* FROM unnest((SELECT top_paths(u, at, node, NULL, 3, 200, 'n7') FROM many)) t;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT results_eq($$ SELECT t.* FROM unnest((SELECT top_paths(u, at, node, NULL, 3, 200, 'n7') FROM many)) t $$, 'TABLE best', 'top_paths: in parts');
RESET work_mem;
RESET hash_mem_multiplier;

-- ---- path_members -----------------------------------------------------------------------
SELECT set_eq($$ SELECT id, m.* FROM walk, LATERAL unnest((SELECT CASE WHEN with_seq THEN path_members(u, at, seq, node, gap, 'a', 'b') ELSE path_members(u, at, node, gap, 'a', 'b') END FROM event)) m WHERE NOT collapse AND ignored = '{}' $$,
	$$ SELECT id, u::bigint, count(*), min(next_at) FROM steps JOIN walk USING (id) WHERE steps.node = 'a' AND next = 'b' AND NOT collapse AND ignored = '{}' GROUP BY 1, 2 $$, 'path_members of transitions');
SELECT is_empty($$ SELECT * FROM links l JOIN flow f USING (id), LATERAL (SELECT count(*) AS n FROM unnest((
		SELECT CASE WHEN with_seq THEN path_members(u, at, seq, node, gap, depth, start_node, end_node, options(f), position, source, target) ELSE path_members(u, at, node, gap, depth, start_node, end_node, options(f), position, source, target) END FROM event))) m
	WHERE l.position IN (1, 3, -2, -4) AND (l.id + hashtext(source || target)) % 37 = 0 AND m.n <> users LIMIT 3 $$, 'path_members of path_flow: as many as the link has users');
SELECT results_eq($$ SELECT m.* FROM unnest((SELECT path_members(u, at, node, '7 s', 4, 'a', NULL, 'every', 2, 'b', 'a') FROM event)) m $$,
	$$ SELECT u::bigint, count(*), min(next_at) FROM (SELECT *, lead(node) OVER w AS next, lead(at) OVER w AS next_at FROM paths(false, '7 s', 4, 'a', NULL, false, '{}', true) WINDOW w AS (PARTITION BY u, session, path ORDER BY place)) p
	WHERE position = 2 AND node = 'b' AND next = 'a' GROUP BY 1 ORDER BY 1 $$, 'who, how often, and when');
SELECT is_empty(format($$ SELECT l.*, m.n FROM flow_links((SELECT path_flow(u, at, node, '30 s', 5, %1$L, %2$L, 'top %3$s, collapse') FROM event)) l,
	LATERAL (SELECT count(*) AS n FROM unnest((SELECT path_members(u, at, node, '30 s', 5, %1$L, %2$L, 'top %3$s, collapse', position, source, target) FROM event))) m WHERE m.n <> users $$, s, e, top),
	format('top %s: as many members as a link has users, also of (other)', top))
FROM (VALUES (1, NULL, NULL), (2, NULL, 'b'), (2, 'a', NULL), (1, 'a', 'b')) t (top, s, e);
SELECT is((SELECT path_members(u, at, node, '30 s', 5, NULL, NULL, NULL, 1, 'a', '(other)') FROM event)::text, '{}', '(other) is a node like any without top');
SELECT is((SELECT path_members(u, at, node, NULL, 'a', 'nowhere') FROM event)::text, '{}', 'nobody');
-- without a target: who was there, and with exits whose paths end there
SELECT is_empty($$ SELECT n.id, n.position, n.node, users, m.n FROM (SELECT f AS flow, id, l.* FROM found JOIN flow f USING (id), flow_nodes(stats) l WHERE id % 5 = 0) n, LATERAL (SELECT count(*) AS n FROM unnest((
		SELECT CASE WHEN (flow).with_seq THEN path_members(u, at, seq, event.node, (flow).gap, (flow).depth, (flow).start_node, (flow).end_node, options(flow), n.position, n.node, NULL) ELSE path_members(u, at, event.node, (flow).gap, (flow).depth, (flow).start_node, (flow).end_node, options(flow), n.position, n.node, NULL) END FROM event))) m
	WHERE (n.position + hashtext(n.node)) % 11 = 0 AND m.n <> n.users LIMIT 3 $$, 'path_members of a node: as many as it has users');
SELECT is_empty($$ SELECT n.id, n.position, n.node, exits, m.n FROM (SELECT f AS flow, id, concat_ws(',', 'Exits', nullif(options(f), '')) AS o, l.* FROM found JOIN flow f USING (id), flow_nodes(stats) l WHERE id % 5 = 1) n, LATERAL (SELECT coalesce(sum(passes), 0) AS n FROM unnest((
		SELECT CASE WHEN (flow).with_seq THEN path_members(u, at, seq, event.node, (flow).gap, (flow).depth, (flow).start_node, (flow).end_node, o, n.position, n.node, NULL) ELSE path_members(u, at, event.node, (flow).gap, (flow).depth, (flow).start_node, (flow).end_node, o, n.position, n.node, NULL) END FROM event))) m
	WHERE (n.position + hashtext(n.node)) % 11 = 0 AND m.n <> n.exits LIMIT 3 $$, 'with exits: their passes are its exits');
SELECT results_eq($$ SELECT m.* FROM unnest((SELECT path_members(u, at, node, '7 s', 'a', NULL) FROM event)) m $$,
	$$ SELECT u::bigint, count(*), min(at) FROM event WHERE u IS NOT NULL AND at IS NOT NULL AND node = 'a' GROUP BY 1 ORDER BY 1 $$, 'path_members of a node of transitions');
SELECT results_eq($$ SELECT sum(passes)::bigint FROM unnest((SELECT path_members(u, at, node, '30 s', 5, NULL, NULL, 'exits, top 2', 3, '(other)', NULL) FROM event)) $$,
	$$ SELECT exits FROM flow_nodes((SELECT path_flow(u, at, node, '30 s', 5, NULL, NULL, 'top 2') FROM event)) WHERE position = 3 AND node = '(other)' $$, 'of the others');
SELECT throws_ok(format('SELECT path_members(u, at, node, NULL, 4, NULL, %s) FROM event', args), '22023', message) FROM (VALUES ('NULL, ''exits'', 1, ''a'', ''b''', 'option exits is for path_members with a NULL target'),
	('NULL, NULL, 5, ''a'', NULL', 'no node of these paths has position 5'), ('''b'', NULL, 1, ''a'', NULL', 'no node of these paths has position 1')) v (args, message);
SELECT throws_ok('SELECT path_flow(u, at, node, NULL, 4, NULL, NULL, ''exits'') FROM event', '22023', 'option exits is for path_members with a NULL target');
-- ids of other types: the same users
SELECT results_eq(format('SELECT substr(user_id, 2)::int, passes, first_at FROM unnest((SELECT %s FROM event)) ORDER BY 1', replace(call, '(u,', '(''u'' || u,')), format('SELECT user_id::int, passes, first_at FROM unnest((SELECT %s FROM event))', call), 'text: ' || call)
	|| E'\n' || results_eq(format('SELECT right(user_id::text, 12)::int, passes, first_at FROM unnest((SELECT %s FROM event))', replace(call, '(u,', '(lpad(u::text, 32, ''0'')::uuid,')), format('SELECT user_id::int, passes, first_at FROM unnest((SELECT %s FROM event))', call), 'uuid: ' || call)
FROM unnest(ARRAY['path_members(u, at, node, ''7 s'', ''a'', ''b'')', 'path_members(u, at, seq, node, ''7 s'', ''a'', ''b'')',
	'path_members(u, at, node, ''7 s'', 4, ''a'', NULL, ''every'', 2, ''b'', ''a'')', 'path_members(u, at, seq, node, ''7 s'', 4, NULL, ''c'', NULL, -2, ''b'', ''c'')']) AS call;
SELECT is((SELECT array_agg(user_id) FROM unnest((SELECT path_members(u::text, at, node, NULL, 'a', 'b') FROM event))), (SELECT array_agg(user_id::text ORDER BY user_id::text) FROM unnest((SELECT path_members(u, at, node, NULL, 'a', 'b') FROM event))), 'by user_id');

-- ---- user_path --------------------------------------------------------------------------
SELECT set_eq('SELECT u, user_path(at, node) FROM event WHERE u IS NOT NULL GROUP BY u', $$
	SELECT u, array_agg(node ORDER BY at, node::bytea) FILTER (WHERE at IS NOT NULL AND node IS NOT NULL) FROM event WHERE u IS NOT NULL GROUP BY u $$, 'user_path');
SELECT set_eq('SELECT u, user_path(at, seq, node) FROM event WHERE u IS NOT NULL GROUP BY u', $$
	SELECT u, array_agg(node ORDER BY at, seq, node::bytea) FILTER (WHERE at IS NOT NULL AND node IS NOT NULL) FROM event WHERE u IS NOT NULL GROUP BY u $$, 'user_path by seq');
SELECT set_eq($$ SELECT u, user_path(at, seq, node, '7 s') FROM event WHERE u IS NOT NULL GROUP BY u HAVING user_path(at, seq, node, '7 s') IS NOT NULL $$, $$
	SELECT u, array_agg(node ORDER BY session, place) FROM (SELECT u, session, place, node FROM sessions(true, '7 s', false, '{}') UNION ALL SELECT DISTINCT u, session, 0, NULL FROM sessions(true, '7 s', false, '{}') WHERE session > 1) s GROUP BY u $$,
	'user_path by session');
SELECT set_eq($$ SELECT u, user_path(at, node, '7 s') FROM event WHERE u % 5 = 1 GROUP BY u HAVING user_path(at, node) IS NOT NULL $$, $$
	SELECT u, array_agg(node ORDER BY session, place) FROM (SELECT u, session, place, node FROM sessions(false, '7 s', false, '{}') UNION ALL SELECT DISTINCT u, session, 0, NULL FROM sessions(false, '7 s', false, '{}') WHERE session > 1) s WHERE u % 5 = 1 GROUP BY u $$,
	'user_path by session, without seq');

-- ---- plans ------------------------------------------------------------------------------
CREATE TABLE call (name text, call text);
INSERT INTO call VALUES ('flow', 'path_flow(u, at, node, ''7 s'', 5)'), ('flow seq', 'path_flow(u, at, seq, node, NULL, 9, ''a'', NULL, ''every'')'), ('flow top', 'path_flow(u, at, node, ''30 s'', 5, NULL, ''b'', ''top 3'')'),
	('flow text', 'path_flow(u::text, at, seq, node, ''7 s'', 5)'), ('transitions', 'transitions(u, at, node)'), ('transitions seq', 'transitions(u, at, seq, node, ''7 s'', ''collapse'')'),
	('transitions text', 'transitions(''customer'' || u, at, node)'), ('top_paths', 'top_paths(u, at, node, ''30 s'', 5, 20, ''c'')'), ('top_paths seq', 'top_paths(u, at, seq, node, ''30 s'', 3, 9)'), ('members', 'path_members(u, at, seq, node, NULL, ''a'', ''b'')'), ('user_path', 'user_path(at, seq, node, ''7 s'')');
CREATE FUNCTION ask(call text, source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT %s::text FROM %s', call, source) INTO answer;
	RETURN answer;
END $$;
CREATE TABLE answer AS SELECT name, call, ask(call, 'event') AS plain FROM call;
SELECT is(ask(call, '(SELECT * FROM event ORDER BY hashint4(i)) e'), plain, name || ': in another order') FROM answer WHERE name <> 'user_path';
SELECT is(ask(call, '(SELECT * FROM event ORDER BY hashint4(i)) e'), plain, name || ': in another order') FROM answer WHERE name = 'user_path';
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT is(ask(call, 'event'), plain, name || ': spilled') FROM answer;
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is(ask(call, 'event'), plain, name || ': packed by workers') FROM answer;
SET LOCAL work_mem = '64MB';
SELECT is(ask(call, 'event'), plain, name || ': from workers as they are') FROM answer;
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE FUNCTION grouped(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(s, '' '' ORDER BY k) FROM (SELECT u %% 7 AS k, %s::text AS s FROM event GROUP BY u %% 7) g', call) INTO answer;
	RETURN answer;
END $$;
SET LOCAL enable_sort = off;
CREATE TABLE grouped AS SELECT name, call, grouped(call) AS hashed FROM call;
SET LOCAL enable_sort = on;
SET LOCAL enable_hashagg = off;
SELECT is(grouped(call), hashed, name || ': grouped by sorting and by hashing') FROM grouped;
RESET enable_hashagg;

-- ---- rollup -----------------------------------------------------------------------------
SELECT is(rollup(s)::text, (SELECT transitions(u, at, node, '7 s')::text FROM event), 'rollup of disjoint users') FROM (SELECT transitions(u, at, node, '7 s') AS s FROM event WHERE u IS NOT NULL GROUP BY u % 11) s;
SELECT is(rollup(s)::text, (SELECT path_flow(u, at, seq, node, '7 s', 4, 'a')::text FROM event), 'rollup of flows') FROM (SELECT path_flow(u, at, seq, node, '7 s', 4, 'a') AS s FROM event WHERE u IS NOT NULL GROUP BY u) s;
SELECT throws_ok($$ SELECT rollup(s) FROM (SELECT transitions(u, at, node, '7 s') AS s FROM event UNION ALL SELECT transitions(u, at, node, '8 s') FROM event) s $$, '22023', NULL, 'rollup of what differs');

-- ---- many nodes -------------------------------------------------------------------------
CREATE TABLE page AS SELECT i % 5000 AS u, moment(i) AS at, 'page/' || md5((i * 7919 % 100000)::text) AS node FROM generate_series(1, 200000) i;
SELECT is(count(*), 100000::bigint, '100 thousand nodes') FROM transition_nodes((SELECT transitions(u, at, node) FROM page));
SELECT set_eq('SELECT source, target, count, users FROM transition_links((SELECT transitions(u, at, node) FROM page))',
	'SELECT node, next, count(*) AS n, count(DISTINCT u) AS a FROM (SELECT *, lead(node) OVER (PARTITION BY u ORDER BY at) AS next FROM page) p WHERE next IS NOT NULL GROUP BY 1, 2', 'their links');
SELECT is((SELECT string_agg(source || target || count || users, ',' ORDER BY source COLLATE "C", target COLLATE "C") FROM transition_links((SELECT transitions(u, at, node) FROM page))),
	(SELECT string_agg(source || target || count || users, ',') FROM transition_links((SELECT transitions(u, at, node) FROM (SELECT * FROM page ORDER BY node) p))), 'and in another order, by the bytes of names');

-- The ends of time: longer than histograms count, more often than they count one by one.
SELECT is((SELECT string_agg(count || ' ' || (median_time > '140000 years') || ' ' || (avg_time < '150000 years'), ',' ORDER BY source) FROM transition_links((
	SELECT transitions(i / 2, CASE i % 2 WHEN 0 THEN '4714-11-24 00:00 BC'::timestamptz ELSE '294276-12-31 00:00'::timestamptz END, CASE i % 2 WHEN 0 THEN 'begin' ELSE 'end' END) FROM generate_series(0, 999) i))), '500 true true', 'the longest times');
SELECT is((SELECT median_duration > '140000 years' FROM unnest((SELECT top_paths(1, a, 'x', NULL, 2, 1) FROM unnest('{4714-11-24 00:00 BC,294276-12-31 00:00}'::timestamptz[]) a))), true, 'and of top_paths');

-- ---- what is refused --------------------------------------------------------------------
SELECT throws_ok(format('SELECT %s FROM event', call), state, message, call) FROM (VALUES
	('path_flow(u, at, node, ''7 s'', 0)', '22023', 'depth must be 1 to 50, not 0'), ('path_flow(u, at, node, ''7 s'', 51)', '22023', 'depth must be 1 to 50, not 51'), ('path_flow(u, at, node, ''7 s'', NULL)', '22004', 'depth must not be NULL'),
	('path_flow(u, at, node, ''1 month'', 3)', '22023', 'gap must not contain months or years: 1 mon'), ('path_flow(u, at, node, ''-1 s'', 3)', '22023', 'gap must not be negative: -00:00:01'),
	('path_flow(u, at, node, ''7 s'', 3, NULL, NULL, ''every'')', '22023', 'option every needs a start_node or an end_node'), ('path_flow(u, at, node, ''7 s'', 3, NULL, NULL, ''colapse'')', '22023', 'options "colapse" are not understood'),
	('path_flow(u, at, node, ''7 s'', 3, NULL, NULL, ''collapse top 3'')', '22023', 'options "collapse top 3" lack a comma'), ('path_flow(u, at, node, ''7 s'', 3, NULL, NULL, ''top 0'')', '22023', 'options "top 0" lack the number of nodes after top'),
	('path_flow(u, at, node, ''7 s'', 3, NULL, NULL, ''ignore'')', '22023', 'options "ignore" lack the node after ignore'), ('path_flow(u, at, node, ''7 s'', 3, NULL, NULL, ''ignore "a'')', '22023', 'options "ignore "a" lack a closing double quote'),
	('path_flow(u, at, node, ''7 s'', 3, NULL, NULL, ''collapse,'')', '22023', 'options "collapse," end with a comma'), ('transitions(u, at, node, NULL, ''top 3'')', '22023', 'option top does not go with transitions, top_paths or top_path_members'), ('transitions(u, at, node, NULL, ''every'')', '22023', 'option every needs a start_node or an end_node'),
	('top_paths(u, at, node, NULL, 3, 0)', '22023', 'n must be 1 to 1000000, not 0'), ('top_paths(u, at, node, NULL, 3, 5, NULL, ''top 3'')', '22023', 'option top does not go with transitions, top_paths or top_path_members'),
	('path_members(u, at, node, NULL, 4, NULL, NULL, NULL, 4, ''a'', ''b'')', '22023', 'no link of these paths has position 4'), ('path_members(u, at, node, NULL, 4, NULL, ''a'', NULL, 1, ''a'', ''b'')', '22023', 'no link of these paths has position 1'), ('path_members(u, at, node, NULL, NULL, ''b'')', '22004', 'source must not be NULL'),
	('transitions(u, ''infinity'', node)', '22008', 'at must be a finite time, not infinity'), ('user_path(''-infinity'', node)', '22008', 'at must be a finite time, not -infinity'),
	('transitions(u, at, node, make_interval(secs => i))', '22023', 'gap must be the same for all rows of one group')) r (call, state, message);
SELECT throws_ok('SELECT flow_links(transitions(u, at, node)) FROM event', '42883', NULL, 'flow_links of transitions');
SELECT throws_ok('SELECT transition_loops(path_flow(u, at, node, NULL, 3)) FROM event', '42883', NULL, 'transition_loops of a flow');
SELECT is((SELECT transitions(u, at, node)::text FROM event WHERE false), NULL, 'no rows');
SELECT is((SELECT transitions(u, at, node)::text FROM event WHERE node IS NULL), NULL, 'no row that counts');
SELECT is((SELECT user_path(at, node)::text FROM event WHERE false), NULL, 'user_path of no rows');
SELECT is((SELECT path_flow(u, at, node, NULL, 3, 'nowhere')::text::json->>'sessions' FROM event), '0', 'a start that nobody has');
SELECT * FROM finish();
ROLLBACK;
