-- sessions and sessions_by_channel against sessions cut by window functions. Every plan, spilled and
-- not; groups and rollup; the type; and bad input.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(210);

-- 12,000 events of 2,000 users, one of whom has a good eighth of them; many equal times, NULLs, equal rows, and names of all kinds.
CREATE TABLE event (i int, user_id int, code text, at timestamptz, seq bigint, node text, channel text, starts boolean, ends boolean, g int);
INSERT INTO event
SELECT i, u, 'customer ' || u, CASE WHEN rnd(i, 2, 40) > 0 THEN moment(rnd(i, 3, 60) * CASE u % 3 WHEN 0 THEN 1 WHEN 1 THEN 600.000007 ELSE 3600 * 20 END) END,
	CASE WHEN rnd(i, 5, 10) > 0 THEN rnd(i, 6, 4) - 2 END,
	CASE WHEN rnd(i, 7, 40) > 0 THEN (ARRAY['home', '', 'Überweisung', '转账', 'a "quoted" \ name', 'login'])[1 + rnd(i, 8, 6)] || CASE WHEN rnd(i, 9, 4) = 0 THEN rnd(i, 10, 200)::text ELSE '' END END,
	(ARRAY['app', 'web', '', NULL, '柜台'])[1 + rnd(i, 11, 5)], (ARRAY[true, false, false, false, NULL])[1 + rnd(i, 12, 5)], (ARRAY[true, false, false, NULL])[1 + rnd(i, 13, 4)], u % 5
FROM generate_series(1, 12000) i, LATERAL (SELECT CASE WHEN i % 8 = 0 THEN 1 ELSE NULLIF(1 + rnd(i, 1, 2000), 2000) END AS u) c;
INSERT INTO event SELECT i + 20000, user_id, code, at, seq, node, channel, starts, ends, g FROM event WHERE i % 50 = 0;
ALTER TABLE event SET (parallel_workers = 4);
ANALYZE event;

-- ---- the oracle -------------------------------------------------------------------------

CREATE TABLE asked (id int, gap interval, zone text, cut boolean, with_seq boolean, call text);
INSERT INTO asked
SELECT row_number() OVER (ORDER BY gap, zone, cut, with_seq), gap, zone, cut, with_seq,
	'(user_id, at, ' || CASE WHEN with_seq THEN 'seq, ' ELSE '' END || CASE WHEN cut THEN 'starts, ends, ' ELSE '' END || '%snode, ' || quote_literal(gap) || CASE zone WHEN 'UTC' THEN '' ELSE ', ' || quote_literal(zone) END || ')'
FROM (VALUES ('0'::interval, 'UTC'), ('10 s', 'Asia/Shanghai'), ('00:20:00.000014', 'America/St_Johns'), ('53375995 days', 'UTC')) g (gap, zone),
	(VALUES (false), (true)) c (cut), (VALUES (false), (true)) s (with_seq);

-- Events of one time: by seq, none last; starts first and ends last; by node and channel, no channel first.
CREATE FUNCTION cut(gap interval, cut boolean, with_seq boolean) RETURNS TABLE (user_id int, n bigint, session bigint, at timestamptz, node text, channel text) LANGUAGE sql AS $$
	WITH o AS (
		SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY at, CASE WHEN with_seq THEN seq END NULLS LAST, cut AND starts IS TRUE DESC, cut AND ends IS TRUE, node COLLATE "C", channel COLLATE "C" NULLS FIRST, i) AS n
		FROM event WHERE user_id IS NOT NULL AND at IS NOT NULL AND node IS NOT NULL
	), b AS (
		SELECT *, lag(at) OVER w IS NULL OR extract(epoch FROM at - lag(at) OVER w) > extract(epoch FROM gap) OR cut AND (starts IS TRUE OR lag(ends) OVER w IS TRUE) AS begins FROM o WINDOW w AS (PARTITION BY user_id ORDER BY n)
	)
	SELECT user_id, n, count(*) FILTER (WHERE begins) OVER (PARTITION BY user_id ORDER BY n), at, node, channel FROM b
$$;
CREATE TABLE seen AS SELECT id, c.*, lead(c.at) OVER (PARTITION BY id, user_id, session ORDER BY n) - c.at AS took, row_number() OVER (PARTITION BY id, user_id, session ORDER BY n) = 1 AS entry,
	row_number() OVER (PARTITION BY id, user_id, session ORDER BY n DESC) = 1 AS exit FROM asked, cut(gap, cut, with_seq) c;
CREATE TABLE session AS SELECT id, user_id, session, min(s.at) AS began, extract(epoch FROM max(s.at) - min(s.at)) AS duration, count(*) AS depth, (array_agg(channel ORDER BY n))[1] AS channel, (min(s.at) AT TIME ZONE min(zone))::date AS day
FROM seen s JOIN asked USING (id) GROUP BY id, user_id, session;
ANALYZE seen;
ANALYZE session;

CREATE TABLE answered (id int, s session_stats, t session_stats);
DO $$
DECLARE
	a asked;
BEGIN
	FOR a IN SELECT * FROM asked LOOP
		EXECUTE format('INSERT INTO answered SELECT %s, sessions' || a.call || ', sessions_by_channel' || a.call || ' FROM event', a.id, '', 'channel, ');
	END LOOP;
END $$;
SELECT ok(min(n) > 1500 AND max(n) > 9000 AND count(DISTINCT n) > 10, format('the oracle finds %s to %s sessions', min(n), max(n))) FROM (SELECT count(*) AS n FROM session GROUP BY id) s;

-- What all sessions, a day or a channel have: sums exactly, percentiles within 1 %.
CREATE FUNCTION about(a float8, b float8) RETURNS boolean LANGUAGE sql AS 'SELECT a IS NOT DISTINCT FROM b OR abs(a - b) <= 0.01 * abs(b)';
CREATE VIEW measured AS
SELECT id, what, day, channel, count(*) AS sessions, count(DISTINCT user_id) AS users, sum(depth)::bigint AS events, count(*) FILTER (WHERE depth = 1) / count(*)::float8 AS bounce_rate,
	avg(duration) AS avg_duration, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY duration) AS durations, avg(depth) AS avg_depth, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY depth) AS depths
FROM (SELECT id, 'total' AS what, NULL::date AS day, NULL AS channel, user_id, duration, depth FROM session UNION ALL SELECT id, 'day', day, NULL, user_id, duration, depth FROM session
	UNION ALL SELECT id, 'channel', NULL, channel, user_id, duration, depth FROM session) s
GROUP BY id, what, day, channel;
CREATE TABLE want AS SELECT * FROM measured;
CREATE TABLE got AS
SELECT id, 'total' AS what, NULL::date AS day, NULL AS channel, t.* FROM answered, session_totals(s) t
UNION ALL SELECT id, 'day', bucket_date, NULL, sessions, users, events, bounce_rate, avg_duration, median_duration, p90_duration, avg_depth, median_depth, p90_depth FROM answered, session_buckets(s) d
UNION ALL SELECT id, 'channel', NULL, channel, sessions, users, events, bounce_rate, avg_duration, median_duration, p90_duration, avg_depth, median_depth, p90_depth FROM answered, session_channels(t) c;
SELECT cmp_ok(count(*), '>', 3::bigint, 'sessions on days: ' || max(what)) FROM want WHERE what = 'day' GROUP BY id HAVING id = 1;
SELECT is_empty(format($$ SELECT * FROM want w FULL JOIN got g ON g.id = w.id AND g.what = w.what AND g.day IS NOT DISTINCT FROM w.day AND g.channel IS NOT DISTINCT FROM w.channel
	WHERE coalesce(w.id, g.id) = %s AND coalesce(w.what, g.what) = %L AND ((g.sessions, g.users, g.events, g.bounce_rate) IS DISTINCT FROM (w.sessions, w.users, w.events, w.bounce_rate)
		OR abs(extract(epoch FROM g.avg_duration) - w.avg_duration) > 0.000001 OR abs(g.avg_depth - w.avg_depth) > 1e-9 OR g.median_depth <> w.depths[1] OR g.p90_depth <> w.depths[2]
		OR NOT about(extract(epoch FROM g.median_duration)::float8, w.durations[1]::float8) OR NOT about(extract(epoch FROM g.p90_duration)::float8, w.durations[2]::float8)) LIMIT 2 $$, id, what), format('%s, %s: %s', id, call, what))
FROM asked, unnest(ARRAY['total', 'day', 'channel']) what ORDER BY id;

-- The nodes.
CREATE TABLE want_node AS
SELECT id, node, count(*) AS events, count(DISTINCT user_id) AS users, count(*) FILTER (WHERE entry) AS entries, count(*) FILTER (WHERE exit) AS exits, count(*) FILTER (WHERE exit) / count(*)::float8 AS exit_rate,
	avg(extract(epoch FROM took)) AS avg_time, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM took)) AS times FROM seen GROUP BY id, node;
SELECT is_empty(format($$ SELECT * FROM (SELECT * FROM want_node WHERE id = %1$s) w FULL JOIN (SELECT n.* FROM answered, session_nodes(s) n WHERE id = %1$s) g USING (node)
	WHERE (g.events, g.users, g.entries, g.exits, g.exit_rate) IS DISTINCT FROM (w.events, w.users, w.entries, w.exits, w.exit_rate) OR (g.avg_time IS NULL) <> (w.avg_time IS NULL)
		OR abs(extract(epoch FROM g.avg_time) - w.avg_time) > 0.000001 OR NOT about(extract(epoch FROM g.median_time)::float8, w.times[1]::float8) OR NOT about(extract(epoch FROM g.p90_time)::float8, w.times[2]::float8) LIMIT 2 $$, id), id || ': nodes') FROM asked ORDER BY id;
SELECT results_eq('SELECT node FROM answered, session_nodes(s) WHERE id = 1', 'SELECT node FROM want_node WHERE id = 1 ORDER BY node COLLATE "C"', 'nodes in the order of their bytes');
SELECT results_eq('SELECT channel FROM answered, session_channels(t) WHERE id = 1', 'SELECT channel FROM (SELECT DISTINCT channel FROM session WHERE id = 1) c ORDER BY channel COLLATE "C" NULLS LAST', 'channels in the order of their bytes, none last');
SELECT results_eq('SELECT bucket_date FROM answered, session_buckets(s) WHERE id = 6', 'SELECT DISTINCT day FROM session WHERE id = 6 ORDER BY day', 'days in order');
SELECT is((SELECT string_agg(n::text, ' ') FROM session_nodes(t) n), (SELECT string_agg(n::text, ' ') FROM session_nodes(s) n), id || ': by channel it has the nodes of sessions') FROM answered a WHERE id % 4 IN (0, 1) ORDER BY id;
SELECT is((session_totals(t))::text, (session_totals(s))::text, id || ': and its totals') FROM answered ORDER BY id;

-- Examples: a node is its first letter, > is a start, < an end, / a pause of an hour.
CREATE FUNCTION example(text) RETURNS TABLE (at timestamptz, node text, starts boolean, ends boolean) LANGUAGE sql AS $$
	SELECT moment(3600 * count(*) FILTER (WHERE e = '/') OVER (ORDER BY n) + n), left(e, 1), e ~ '>', e ~ '<' FROM regexp_split_to_table($1, ' ') WITH ORDINALITY s (e, n)
$$;
SELECT is((SELECT string_agg(format('%s %s-%s/%s', node, entries, exits, events), ', ') FROM session_nodes((SELECT sessions(1, at, starts, ends, node, '30 min') FROM example(events) WHERE node <> '/'))), want, events)
FROM (VALUES ('a', 'a 1-1/1'), ('a b', 'a 1-0/1, b 0-1/1'), ('a / b', 'a 1-1/1, b 1-1/1'), ('a b> c', 'a 1-1/1, b 1-0/1, c 0-1/1'), ('a b< c', 'a 1-0/1, b 0-1/1, c 1-1/1'), ('a b<> c', 'a 1-1/1, b 1-1/1, c 1-1/1'),
	('a> a> a>', 'a 3-3/3'), ('a< / b', 'a 1-1/1, b 1-1/1'), ('a a a', 'a 1-1/3')) v (events, want);
SELECT is((SELECT string_agg(format('%s %s-%s', node, entries, exits), ', ') FROM session_nodes((SELECT sessions(1, moment(0), n = 'y', n = 'x', n, '1 h') FROM unnest(ARRAY['x', 'a', 'y', 'b']) n))), 'a 0-0, b 0-0, x 0-1, y 1-0', 'at one time starts come first and ends last');
SELECT is((SELECT sessions FROM session_totals((SELECT sessions(1, at::timestamptz, 'x', '53375995 days') FROM (VALUES ('4714-11-24 00:00+00 BC'), ('294276-12-30 23:00+00')) v (at)))), 2::bigint, 'the two ends of the calendar');
SELECT is((SELECT string_agg(bucket_date::text, ' ') FROM session_buckets((SELECT sessions(1, at::timestamptz, text 'x', '1 h', 'Asia/Shanghai') FROM (VALUES ('4714-11-25 00:00+00 BC'), ('294276-12-30 23:00+00')) v (at)))), '4714-11-25 BC 294276-12-31', 'and their days');
SELECT is((SELECT median_duration FROM session_totals((SELECT sessions(1, moment(i), 'x', '10 s') FROM generate_series(0, 500000) i))), interval '500000 s', 'half a million events in one session');
SELECT is((SELECT count(*) FROM session_nodes((SELECT sessions(i % 1000, moment(i), 'page ' || i, '1 h') FROM generate_series(1, 100000) i))), 100000::bigint, 'a hundred thousand nodes');
SELECT is((SELECT count(*) FROM session_channels((SELECT sessions_by_channel(i % 1000, moment(i * 4000), 'c ' || i, 'page', '1 h') FROM generate_series(1, 20000) i))), 20000::bigint, 'twenty thousand channels');

-- ---- every plan -------------------------------------------------------------------------

CREATE TABLE call (name text, call text);
INSERT INTO call VALUES ('int', 'sessions(user_id, at, node, ''10 min'')'), ('text', 'sessions_by_channel(code, at, seq, starts, ends, channel, node, ''10 min'', ''Asia/Shanghai'')'), ('numeric', 'sessions(user_id::numeric, at, starts, ends, node, ''1 day'')');
CREATE FUNCTION answer(call text, clause text DEFAULT '', source text DEFAULT 'event') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(s, '' '' ORDER BY s) FROM (SELECT %s::text AS s FROM %s %s) s', call, source, clause) INTO answer;
	RETURN answer;
END $$;
CREATE TABLE whole AS SELECT name, answer(call) AS one, answer(call, 'GROUP BY g') AS groups FROM call;
SELECT ok(bool_and(length(groups) > length(one) AND length(one) > 3000), 'answers say something') FROM whole;
SELECT is(answer(call, '', '(SELECT * FROM event ORDER BY hashint8extended(i, 9)) e'), one, name || ': shuffled') FROM whole JOIN call USING (name);
SET LOCAL enable_hashagg = off;
SELECT is(answer(call, 'GROUP BY g'), groups, name || ': sorted groups') FROM whole JOIN call USING (name);
SET LOCAL enable_hashagg = on;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT is(answer(call, '', '(SELECT * FROM event, generate_series(1, 20)) e'), answer(call, '', '(SELECT * FROM generate_series(1, 20), event ORDER BY i DESC) e'), name || ': spilled') FROM whole JOIN call USING (name);
SELECT is(answer(call), one, name || ': in little memory') FROM whole JOIN call USING (name);
SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is(answer(call), one, name || ': spilled by workers') FROM whole JOIN call USING (name);
SET LOCAL work_mem = '64MB';
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		lines := lines || line || '|';
	END LOOP;
	RETURN lines;
END $$;
SELECT matches(plan_of('SELECT ' || call || ' FROM event'), 'Finalize Aggregate.*Gather.*Partial Aggregate', name || ' runs in parallel') FROM call;
SELECT is(answer(call), one, name || ': in parallel') FROM whole JOIN call USING (name);
SELECT is(answer(call, 'GROUP BY g'), groups, name || ': groups in parallel') FROM whole JOIN call USING (name);
SET LOCAL max_parallel_workers_per_gather = 0;

-- Groups of different users add up to the whole.
CREATE TABLE kept AS SELECT g, sessions(user_id, at, node, '10 min') AS s, sessions_by_channel(code, at, seq, starts, ends, channel, node, '10 min', 'Asia/Shanghai') AS t FROM event GROUP BY g;
INSERT INTO kept VALUES (99, NULL, NULL);
ALTER TABLE kept SET (parallel_workers = 4);
SELECT is((SELECT rollup(s)::text FROM kept), (SELECT one FROM whole WHERE name = 'int'), 'rollup of groups is the whole');
SELECT is((SELECT rollup(t)::text FROM kept), (SELECT one FROM whole WHERE name = 'text'), 'of traffic too');
SET LOCAL max_parallel_workers_per_gather = 4;
SELECT is((SELECT rollup(t)::text FROM kept), (SELECT one FROM whole WHERE name = 'text'), 'and in parallel');
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT ok((SELECT rollup(s) FROM kept WHERE g = 99) IS NULL, 'rollup of NULL');
SELECT ok((SELECT sessions(user_id, at, node, '1 h') FROM event WHERE false) IS NULL AND (SELECT sessions(NULL::int, at, node, '1 h') FROM event) IS NULL AND (SELECT sessions(user_id, at, NULL, '1 h') FROM event) IS NULL, 'no rows give NULL');

-- The time zone is the session's unless it is given.
SET LOCAL timezone = 'America/St_Johns';
SELECT is((SELECT sessions(user_id, at, node, '10 min', '')::text FROM event), (SELECT sessions(user_id, at, node, '10 min', 'America/St_Johns')::text FROM event), 'an empty time zone is the session''s');
SELECT isnt((SELECT sessions(user_id, at, node, '10 min')::text FROM event), one, 'as is none') FROM whole WHERE name = 'int';
SET LOCAL timezone = 'UTC';

-- ---- the type ---------------------------------------------------------------------------

CREATE FUNCTION makes_sense(s session_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM session_totals(s) a WHERE NOT (users <= sessions AND sessions <= events AND median_depth <= p90_depth AND median_duration <= p90_duration AND bounce_rate BETWEEN 0 AND 1)
			OR sessions <> (SELECT sum(sessions) FROM session_buckets(s)) OR sessions <> (SELECT sum(entries) FROM session_nodes(s)) OR sessions <> (SELECT sum(exits) FROM session_nodes(s)) OR events <> (SELECT sum(events) FROM session_nodes(s)))
		AND NOT EXISTS (SELECT FROM session_nodes(s) WHERE NOT (users <= events AND median_time <= p90_time))
		AND CASE WHEN s::text ~ '"traffic": true' THEN (SELECT sum(sessions) FROM session_channels(s)) = (SELECT sessions FROM session_totals(s)) ELSE true END
$$;
\set type session_stats
\set values '(SELECT id::text AS name, s FROM answered UNION ALL SELECT \'traffic \' || id, t FROM answered UNION ALL SELECT \'small \' || g, sessions_by_channel(user_id, at, starts, ends, channel, node, \'1 h\', \'Asia/Shanghai\') FROM event WHERE user_id BETWEEN 2 AND 12 GROUP BY g)'
\ir ../stats_type.psql
-- What is stored today must be read by every later version.
CREATE FUNCTION rollup_text(session_stats, session_stats) RETURNS text LANGUAGE sql AS 'SELECT rollup(s)::text FROM (VALUES ($1), ($2)) v (s)';
CREATE TABLE version_1 AS SELECT '{"version": 1, "gap": 3600000000, "cuts": true, "traffic": true, "zone": "Asia/Shanghai", "users": 2, "days": [{"day": 8766, "users": 1, "durations": {"sum": "70000000", "least": 0, "most": 70000000, "buckets": [[0, 1], [1346, 1]]}, "depths": {"sum": "4", "least": 1, "most": 3, "buckets": [[1, 1], [3, 1]]}}, {"day": 8767, "users": 1, "durations": {"sum": "1000000", "least": 1000000, "most": 1000000, "buckets": [[954, 1]]}, "depths": {"sum": "2", "least": 2, "most": 2, "buckets": [[2, 1]]}}], "channels": [{"channel": "app", "users": 2, "durations": {"sum": "71000000", "least": 1000000, "most": 70000000, "buckets": [[954, 1], [1346, 1]]}, "depths": {"sum": "5", "least": 2, "most": 3, "buckets": [[2, 1], [3, 1]]}}, {"channel": null, "users": 1, "durations": {"sum": "0", "least": 0, "most": 0, "buckets": [[0, 1]]}, "depths": {"sum": "1", "least": 1, "most": 1, "buckets": [[1, 1]]}}], "nodes": [{"node": "in", "views": 1, "visitors": 1, "entries": 1, "exits": 0, "times": {"sum": "10000000", "least": 10000000, "most": 10000000, "buckets": [[1164, 1]]}}, {"node": "out", "views": 1, "visitors": 1, "entries": 0, "exits": 1, "times": {"sum": "0", "least": 0, "most": 0, "buckets": []}}, {"node": "pay", "views": 4, "visitors": 2, "entries": 2, "exits": 2, "times": {"sum": "61000000", "least": 1000000, "most": 60000000, "buckets": [[954, 1], [1330, 1]]}}]}' AS text, '\x010380c8ceb40d0e417369612f5368616e6768616902020203fc880101020080bbb0210080bbb0210001c20a0102000401030101020102010100c0843dc0843dc0843dba07010100020202020104617070020200c0bfed21c0843d80bbb021ba07018803010200050203020101010001010000000000010100010101010103696e01010100010080ade20480ade20480ade2048c0901046f7574010100010004706179040202020200c0928b1dc0843d808ece1cba0701f80201'::bytea AS bytes;
SELECT unnest(ARRAY[is(text::session_stats::text, text, 'text of version 1, read'), is(journey_internal.session_stats_send(text::session_stats), bytes, 'bytes of version 1'), is(receive(bytes), text, 'bytes of version 1, read')])
FROM version_1;
CREATE TABLE version_2 AS SELECT '{"version": 2, "gap": 3600000000, "cuts": true, "traffic": true, "zone": "Asia/Shanghai", "unit": "day", "newest": 757472401000000, "users": 2, "days": [{"day": 8766, "users": 1, "durations": {"sum": "70000000", "least": 0, "most": 70000000, "buckets": [[0, 1], [1346, 1]]}, "depths": {"sum": "4", "least": 1, "most": 3, "buckets": [[1, 1], [3, 1]]}}, {"day": 8767, "users": 1, "durations": {"sum": "1000000", "least": 1000000, "most": 1000000, "buckets": [[954, 1]]}, "depths": {"sum": "2", "least": 2, "most": 2, "buckets": [[2, 1]]}}], "channels": [{"channel": "app", "users": 2, "durations": {"sum": "71000000", "least": 1000000, "most": 70000000, "buckets": [[954, 1], [1346, 1]]}, "depths": {"sum": "5", "least": 2, "most": 3, "buckets": [[2, 1], [3, 1]]}}, {"channel": null, "users": 1, "durations": {"sum": "0", "least": 0, "most": 0, "buckets": [[0, 1]]}, "depths": {"sum": "1", "least": 1, "most": 1, "buckets": [[1, 1]]}}], "cells": [{"day": 8766, "channel": "app", "users": 1, "durations": {"sum": "70000000", "least": 70000000, "most": 70000000, "buckets": [[1346, 1]]}, "depths": {"sum": "3", "least": 3, "most": 3, "buckets": [[3, 1]]}}, {"day": 8766, "channel": null, "users": 1, "durations": {"sum": "0", "least": 0, "most": 0, "buckets": [[0, 1]]}, "depths": {"sum": "1", "least": 1, "most": 1, "buckets": [[1, 1]]}}, {"day": 8767, "channel": "app", "users": 1, "durations": {"sum": "1000000", "least": 1000000, "most": 1000000, "buckets": [[954, 1]]}, "depths": {"sum": "2", "least": 2, "most": 2, "buckets": [[2, 1]]}}], "nodes": [{"node": "in", "views": 1, "visitors": 1, "entries": 1, "exits": 0, "times": {"sum": "10000000", "least": 10000000, "most": 10000000, "buckets": [[1164, 1]]}}, {"node": "out", "views": 1, "visitors": 1, "entries": 0, "exits": 1, "times": {"sum": "0", "least": 0, "most": 0, "buckets": []}}, {"node": "pay", "views": 4, "visitors": 2, "entries": 2, "exits": 2, "times": {"sum": "61000000", "least": 1000000, "most": 60000000, "buckets": [[954, 1], [1330, 1]]}}]}' AS text, '\x020380c8ceb40d0e417369612f5368616e67686169010080999c96d9bad8020202020303fc880101020080bbb0210080bbb0210001c20a0102000401030101020102010100c0843dc0843dc0843dba07010100020202020104617070020200c0bfed21c0843d80bbb021ba070188030102000502030201010100010100000000000101000101010101fc88010461707001010080bbb02180bbb02180bbb021c20a010100030303030100000101000000000001010001010101010204617070010100c0843dc0843dc0843dba07010100020202020103696e01010100010080ade20480ade20480ade2048c0901046f7574010100010004706179040202020200c0928b1dc0843d808ece1cba0701f80201'::bytea AS bytes;
SELECT unnest(ARRAY[is(f::text, text, 'text of version 2'), is(text::session_stats::text, text, 'text of version 2, read'), is(journey_internal.session_stats_send(f), bytes, 'bytes of version 2'), is(receive(bytes), text, 'bytes of version 2, read'),
	is(rollup_text(f, v1), rollup_text(v1, f), 'versions 1 and 2 together'), is((SELECT string_agg(c::text, ' ') FROM session_channels(v1) c), (SELECT string_agg(c::text, ' ') FROM session_channels(f) c), 'have the same channels'),
	is((SELECT array_agg(complete) FROM session_buckets(v1)), ARRAY[NULL, NULL]::boolean[], 'of version 1 it is not known what is complete'), is((SELECT array_agg(complete) FROM session_buckets(f)), ARRAY[true, false], 'of version 2 it is')])
FROM version_2, (SELECT text::session_stats AS v1 FROM version_1) v1, (SELECT sessions_by_channel(u, moment(s), node = 'in', node = 'out', channel, node, '1 h', 'day', '', 'Asia/Shanghai') AS f FROM (VALUES (1, 0, 'app', 'in'), (1, 10, 'web', 'pay'), (1, 70, 'app', 'out'), (1, 71, NULL, 'pay'), (2, 90000, 'app', 'pay'), (2, 90001, 'app', 'pay')) v (u, s, channel, node)) f;

SELECT throws_ok(format('SELECT %L::session_stats', jsonb_set(v.text::jsonb, path::text[], value::jsonb)), '22P02', format('invalid input for type session_stats: "%s" is missing or not as it should be', what), path || ' is ' || value)
FROM version_1 v, (VALUES ('{version}', '3', 'version'), ('{gap}', '-1', 'gap'), ('{gap}', '4611686018427387905', 'gap'), ('{cuts}', '1', 'cuts'), ('{traffic}', 'false', 'nodes'), ('{zone}', '1', 'zone'), ('{users}', '-1', 'users'), ('{users}', '0', 'nodes'), ('{users}', '4', 'nodes'),
	('{days}', '[]', 'nodes'), ('{days}', '{}', 'days'), ('{days,0}', '1', 'days'), ('{days,0,day}', '99999999999', 'day'), ('{days,1,day}', '8766', 'nodes'), ('{days,0,users}', '3', 'nodes'), ('{days,0,durations}', '[]', 'buckets'), ('{days,0,depths,sum}', '"5"', 'nodes'), ('{days,0,depths,sum}', '"9"', 'depths'),
	('{channels}', '[]', 'nodes'), ('{channels,0,channel}', '1', 'channel'), ('{channels,0,channel}', 'null', 'nodes'), ('{channels,0,users}', '9', 'nodes'), ('{nodes}', '[]', 'nodes'), ('{nodes,0,node}', 'null', 'node'), ('{nodes,0,node}', '"zz"', 'nodes'), ('{nodes,0,views}', '2', 'nodes'),
	('{nodes,0,visitors}', '0', 'visitors'), ('{nodes,0,visitors}', '9', 'nodes'), ('{nodes,0,entries}', '0', 'nodes'), ('{nodes,0,exits}', '1', 'nodes'), ('{nodes,0,exits}', '-1', 'exits'), ('{nodes,0,times,most}', '1', 'times')) c (path, value, what);
SELECT throws_ok(format('SELECT %L::session_stats', replace(text, 'Asia/Shanghai', 'Asia/Nowhere')), '22023', 'time_zone "Asia/Nowhere" does not exist') FROM version_1;

-- ---- bad input --------------------------------------------------------------------------

SELECT throws_ok(format('SELECT %s FROM event', call), state, message, call)
FROM (VALUES ('sessions(user_id, at, node, NULL)', '22004', 'gap must not be NULL'), ('sessions(user_id, at, node, ''1 mon'')', '22023', 'gap must not contain months or years: 1 mon'),
	('sessions(user_id, at, node, ''-1 s'')', '22023', 'gap must not be negative: -00:00:01'), ('sessions(user_id, at, node, ''1 h'', NULL)', '22004', 'unit must not be NULL'),
	('sessions(user_id, at, node, ''1 h'', ''Nowhere'')', '22023', 'unit "Nowhere" does not exist'), ('sessions(user_id, at, node, ''1 h'', ''day'', ''Nowhere'')', '22023', 'time_zone "Nowhere" does not exist'), ('sessions(user_id, ''infinity'', node, ''1 h'')', '22008', 'at must be a finite time, not infinity'),
	('sessions_by_channel(user_id, ''-infinity'', channel, node, ''1 h'')', '22008', 'at must be a finite time, not -infinity'), ('sessions_by_channel(user_id, at, channel, node, CASE WHEN i < 5000 THEN interval ''1 h'' ELSE ''2 h'' END)', '22023', 'gap must be the same for all rows of one group'),
	('sessions_by_channel(user_id, at, starts, ends, channel, node, ''1 h'', CASE WHEN i < 5000 THEN ''UTC'' ELSE ''Asia/Shanghai'' END)', '22023', 'time_zone must be the same for all rows of one group'),
	('sessions(''{}''::json, at, node, ''1 h'')', '42883', 'user_id must be of a type that can be hashed, not json')) v (call, state, message);
SELECT throws_ok('SELECT session_channels(s) FROM answered', '22023', 'the sessions have no channels');
SELECT throws_ok('SELECT rollup(s) FROM answered', '22023', 'cannot roll up sessions of different kinds');
SELECT throws_ok('SELECT rollup(x) FROM (SELECT s AS x FROM answered WHERE id = 1 UNION ALL SELECT t FROM answered WHERE id = 1) x', '22023', 'cannot roll up sessions of different kinds');

SELECT * FROM finish();
ROLLBACK;
