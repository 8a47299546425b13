-- intervals against an oracle in SQL: all pairs of a start and the next end. Every plan,
-- spilled and not; groups and rollup; the type; and bad input.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(199);

-- 12,000 events of 3,000 users; many equal times, far ones, NULLs, and equal rows.
CREATE TABLE event (i int, user_id int, code text, at timestamptz, pair stepset, single stepset, g int);
INSERT INTO event
SELECT i, u, 'customer ' || u, CASE WHEN rnd(i, 2, 40) > 0 THEN moment(rnd(i, 3, 30) * CASE u % 3 WHEN 0 THEN 1 WHEN 1 THEN 3600.000007 ELSE 86400 * 20 END) END,
	CASE WHEN rnd(i, 8, 30) > 0 THEN (rnd(i, 4, 4))::bit(2)::text::stepset END, (rnd(i, 4, 2))::bit(1)::text::stepset, u % 5
FROM generate_series(1, 12000) i, LATERAL (SELECT NULLIF(1 + rnd(i, 1, 3000), 3000) AS u) c;
INSERT INTO event SELECT i + 20000, user_id, code, at, pair, single, g FROM event WHERE i % 50 = 0;
ALTER TABLE event SET (parallel_workers = 4);
CREATE INDEX ON event (user_id);
ANALYZE event;

-- ---- the oracle -------------------------------------------------------------------------

-- The definition. Events of one time: first those that are starts and ends, then starts, then
-- ends. A start's end is the first one after it; only the latest start of an end, or each.
CREATE FUNCTION pairs(single boolean, within interval, mode text) RETURNS TABLE (user_id int, took interval) LANGUAGE sql AS $$
	WITH e AS MATERIALIZED (SELECT user_id, at, left(s::text, 1) = '1' AS starts, right(s::text, 1) = '1' AS ends, row_number() OVER (PARTITION BY user_id ORDER BY at, s::text DESC, i) AS n
		FROM (SELECT *, CASE WHEN pairs.single THEN event.single ELSE pair END AS s FROM event) e WHERE user_id IS NOT NULL AND at IS NOT NULL AND s IS NOT NULL)
	SELECT a.user_id, b.at - a.at FROM e a JOIN e b ON b.user_id = a.user_id AND b.n > a.n AND a.starts AND b.ends
	WHERE extract(epoch FROM b.at - a.at) <= extract(epoch FROM within)
		AND NOT EXISTS (SELECT FROM e c WHERE c.user_id = a.user_id AND c.n > a.n AND c.n < b.n AND (c.ends OR mode = 'latest' AND c.starts))
$$;
CREATE TABLE asked AS
SELECT row_number() OVER (ORDER BY single, within, mode) AS id, single, within, mode FROM (VALUES (false), (true)) s (single),
	(VALUES ('0'::interval), ('10 s'), ('05:00:00.00004'), ('40 days'), ('53375995 days')) w (within), (VALUES ('each'), ('latest')) m (mode);
CREATE TABLE found AS SELECT id, p.* FROM asked, pairs(single, within, mode) p;
CREATE TABLE answered AS
SELECT id, (SELECT intervals(user_id, at, CASE WHEN asked.single THEN event.single ELSE pair END, within, mode) FROM event) AS s FROM asked;
CREATE INDEX ON found (id, took);
ANALYZE found;
SELECT ok(min(n) > 100 AND max(n) > 3000, format('the oracle finds %s to %s pairs', min(n), max(n))) FROM (SELECT count(*) AS n FROM found GROUP BY id) f;
SELECT is(count(*), 8::bigint, 'the modes differ with two conditions, and only then')
FROM (SELECT id, single, within, mode, count(f.id) AS n FROM asked LEFT JOIN found f USING (id) GROUP BY 1, 2, 3, 4) a JOIN (SELECT single, within, mode, count(f.id) AS n FROM asked LEFT JOIN found f USING (id) GROUP BY 1, 2, 3) b
	USING (single, within) WHERE a.mode = 'each' AND b.mode = 'latest' AND (single AND a.n = b.n OR NOT single AND a.n > b.n AND within >= '5 h');

SELECT ok((t.count, t.users, t.min_time, t.max_time, t.avg_time) IS NOT DISTINCT FROM (o.count, o.users, o.least, o.most, make_interval(secs => o.mean::float8)),
	format('%s within %s, %s: %s is %s', CASE WHEN single THEN 'one condition' ELSE 'two' END, within, mode, t::text, o::text))
FROM answered JOIN asked USING (id), interval_summary(s) t, LATERAL (SELECT count(*), count(DISTINCT user_id) AS users, min(took) AS least, max(took) AS most, avg(extract(epoch FROM took)) AS mean FROM found f WHERE f.id = answered.id) o
ORDER BY id;
SELECT ok(count(*) = 3 AND bool_and(abs(extract(epoch FROM ours) - extract(epoch FROM q)) <= 0.01 * extract(epoch FROM q)), format('%s: quartiles are within 1 %%', id))
FROM answered, interval_summary(s), LATERAL (SELECT unnest(percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY took)) AS q, unnest(ARRAY[p25_time, median_time, p75_time]) AS ours FROM found f WHERE f.id = answered.id) o
GROUP BY id ORDER BY id;
-- A bucket holds what lies in it, and is narrow; together they hold all.
SELECT is_empty(format('SELECT * FROM answered, interval_histogram(s) h WHERE id = %1$s AND (h.count <> (SELECT count(*) FROM found f WHERE f.id = %1$s AND took >= lower AND took < upper)
		OR extract(epoch FROM upper - lower) > greatest(extract(epoch FROM lower) / 64, 0.000001) OR h.count = 0 OR h.share IS DISTINCT FROM h.count::float8 / (SELECT count(*) FROM found f WHERE f.id = %1$s))', id), id || ': buckets') FROM asked;
SELECT is((SELECT sum(count) FROM interval_histogram(s)), (SELECT count(*)::numeric FROM found f WHERE f.id = a.id), id || ': buckets hold all') FROM answered a ORDER BY id;
-- These bounds are times that come about, or lie where there are none.
SELECT results_eq(format('SELECT lower, upper, count FROM answered, interval_histogram(s, ARRAY[''1 s'', ''5 s'', ''03:00:00.000021'', ''20 days'', ''2000 days'']::interval[]) WHERE id = %s', id),
	format($$ SELECT l, u, (SELECT count(*) FROM found WHERE id = %s AND took >= l AND (u IS NULL OR took < u)) FROM (VALUES (1, '0'::interval, '1 s'::interval), (2, '1 s', '5 s'), (3, '5 s', '03:00:00.000021'), (4, '03:00:00.000021', '20 days'), (5, '20 days', '2000 days'), (6, '2000 days', NULL)) b (n, l, u) ORDER BY n $$, id), id || ': bins')
FROM asked ORDER BY id;

SELECT is((SELECT intervals(user_id, at, pair)::text FROM event), (SELECT intervals(user_id, at, pair, '53375995 days', 'each')::text FROM event), 'without within and mode: no limit, each');
SELECT is((SELECT intervals(user_id, at, pair, '5 h')::text FROM event), (SELECT intervals(user_id, at, pair, '5 h', 'each')::text FROM event), 'without mode: each');

-- Examples.
SELECT is((SELECT interval_summary(intervals(1, moment(t), s::stepset, '1 day', mode))::text FROM (SELECT s, t FROM regexp_split_to_table(events, ' ') WITH ORDINALITY e (s, t)) e), want, format('%s, %s', events, mode))
FROM (VALUES ('10 01', 'each', '(1,1,00:00:01,00:00:01,00:00:01,00:00:01,00:00:01,00:00:01)'), ('01 10', 'each', '(0,0,,,,,,)'), ('10 10 01 01', 'latest', '(1,1,00:00:01,00:00:01,00:00:01,00:00:01,00:00:01,00:00:01)'),
	('11 11', 'latest', '(1,1,00:00:01,00:00:01,00:00:01,00:00:01,00:00:01,00:00:01)'), ('10 11 00 01', 'latest', '(2,1,00:00:01.5,00:00:01,00:00:01.003519,00:00:01.003519,00:00:02,00:00:02)'), ('11', 'each', '(0,0,,,,,,)'),
	('1 0 1 1', 'each', '(2,1,00:00:01.5,00:00:01,00:00:01.003519,00:00:01.003519,00:00:02,00:00:02)')) v (events, mode, want);
SELECT is((SELECT interval_summary(intervals(1, at::timestamptz, '1'))::text FROM (VALUES ('2026-03-29 00:30+00'), ('2026-03-30 00:30+00')) v (at)), '(1,1,"1 day","1 day","1 day","1 day","1 day","1 day")', 'a day is 24 hours');
SELECT is((SELECT count FROM interval_summary((SELECT intervals(1, at::timestamptz, '1') FROM (VALUES ('4714-11-24 00:00+00 BC'), ('294276-12-31 23:00+00')) v (at)))), 0::bigint, 'farther apart than any duration');

-- ---- every plan -------------------------------------------------------------------------

CREATE TABLE call (name text, call text);
INSERT INTO call VALUES ('int', 'intervals(user_id, at, pair, ''5 h'', ''latest'')'), ('text', 'intervals(code, at, pair)'), ('single', 'intervals(user_id::numeric, at, single, ''40 days'')');
CREATE FUNCTION answer(call text, clause text DEFAULT '', source text DEFAULT 'event') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(s, '' '' ORDER BY s) FROM (SELECT %s::text AS s FROM %s %s) s', call, source, clause) INTO answer;
	RETURN answer;
END $$;
CREATE TABLE whole AS SELECT name, answer(call) AS one, answer(call, 'GROUP BY g') AS groups FROM call;
SELECT ok(bool_and(length(groups) > length(one) AND length(one) > 300), 'answers say something') FROM whole;
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
CREATE TABLE kept AS SELECT g, intervals(user_id, at, pair, '5 h', 'latest') AS s FROM event GROUP BY g;
INSERT INTO kept VALUES (99, NULL);
ALTER TABLE kept SET (parallel_workers = 4);
SELECT is((SELECT rollup(s)::text FROM kept), one, 'rollup of groups is the whole') FROM whole WHERE name = 'int';
SET LOCAL max_parallel_workers_per_gather = 4;
SELECT is((SELECT rollup(s)::text FROM kept), one, 'and in parallel') FROM whole WHERE name = 'int';
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT ok((SELECT rollup(s) FROM kept WHERE g = 99) IS NULL, 'rollup of NULL');
SELECT ok((SELECT intervals(user_id, at, pair) FROM event WHERE false) IS NULL AND (SELECT intervals(NULL::int, at, pair) FROM event) IS NULL, 'no rows give NULL');
SELECT is((SELECT intervals(user_id, at, '00')::text FROM event), '{"version": 1, "steps": 2, "within": 4611685968000000000, "mode": "each", "users": 0, "times": {"sum": "0", "least": 0, "most": 0, "buckets": []}}', 'nothing happens');
SELECT is_empty($$ SELECT * FROM interval_histogram((SELECT intervals(user_id, at, '00') FROM event)) $$, 'then there are no buckets');
SELECT results_eq($$ SELECT lower, upper, count, share FROM interval_histogram((SELECT intervals(user_id, at, '00') FROM event), '{0,1 h}') $$, $$ VALUES (interval '0', interval '1 h', 0::bigint, NULL::float8), ('1 h', NULL, 0, NULL) $$, 'and the bins are empty');

-- One user with everything is not quadratic.
SELECT is((SELECT count FROM interval_summary((SELECT intervals(1, moment(i), CASE WHEN i < 1000000 THEN '10'::stepset ELSE '01' END) FROM generate_series(1, 1000000) i))), 999999::bigint, 'a million starts before one end');

-- ---- the type ---------------------------------------------------------------------------

CREATE FUNCTION makes_sense(s interval_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM interval_summary(s) WHERE NOT (users <= count AND (count = 0 OR min_time <= p25_time AND p25_time <= median_time AND median_time <= p75_time AND p75_time <= max_time)))
		AND (SELECT sum(count) FROM interval_histogram(s)) IS NOT DISTINCT FROM (SELECT nullif(count, 0)::numeric FROM interval_summary(s))
$$;
\set type interval_stats
\set values '(SELECT row_number() OVER ()::text AS name, s FROM answered UNION ALL SELECT \'small \' || g, intervals(user_id, at, pair, \'1 day\') FROM event WHERE user_id < 20 GROUP BY g UNION ALL SELECT \'nobody\', intervals(user_id, at, \'00\') FROM event)'
\ir ../stats_type.psql
SELECT is(receive('\x01028098c4b105000102808084fea6dee111008080e0fea6dee1118080e0fea6dee11101800c02'), '22P03', 'bytes that are none');
-- What is stored today must be read by every later version.
CREATE TABLE version_1 AS SELECT '{"version": 1, "steps": 2, "within": 3600000000, "mode": "latest", "users": 1, "times": {"sum": "101000001", "least": 1000001, "most": 100000000, "buckets": [[954, 1], [1375, 1]]}}' AS text,
	'\x010280c8ceb40d01010200c1c69430c1843d80c2d72fba0701a50301'::bytea AS bytes;
SELECT unnest(ARRAY[is(f::text, text, 'text of version 1'), is(text::interval_stats::text, text, 'text of version 1, read'), is(journey_internal.interval_stats_send(f), bytes, 'bytes of version 1'), is(receive(bytes), text, 'bytes of version 1, read')])
FROM version_1, (SELECT intervals(u, moment(s), step::stepset, '1 h', 'latest') AS f FROM (VALUES (1, 0, '10'), (1, 100, '01'), (1, 200, '10'), (1, 201.000001, '01')) v (u, s, step)) f;

SELECT throws_ok(format('SELECT %L::interval_stats', jsonb_set(v.text::jsonb, path::text[], value::jsonb)), '22P02', format('invalid input for type interval_stats: "%s" is missing or not as it should be', what), path || ' is ' || value)
FROM version_1 v, (VALUES ('{version}', '2', 'version'), ('{steps}', '3', 'steps'), ('{steps}', '0', 'steps'), ('{steps}', '1.5', 'steps'), ('{within}', '-1', 'within'), ('{within}', '4611686018427387905', 'within'), ('{mode}', '"x"', 'mode'), ('{mode}', '1', 'mode'),
	('{users}', '-1', 'users'), ('{users}', '3', 'times'), ('{users}', '0', 'times'), ('{within}', '99', 'times'), ('{times}', '[]', 'buckets'), ('{times,sum}', '"x"', 'sum'), ('{times,most}', '99', 'times'), ('{times,buckets}', '[[1]]', 'buckets'), ('{times,buckets,0,0}', '4000', 'times')) c (path, value, what);

-- ---- bad input --------------------------------------------------------------------------

SELECT throws_ok(format('SELECT %s FROM event', call), state, message, call)
FROM (VALUES ('intervals(user_id, at, pair, NULL)', '22004', 'within must not be NULL'), ('intervals(user_id, at, pair, ''1 mon'')', '22023', 'within must not contain months or years: 1 mon'),
	('intervals(user_id, at, pair, ''-1 s'')', '22023', 'within must not be negative: -00:00:01'), ('intervals(user_id, at, pair, ''1 h'', NULL)', '22004', 'mode must not be NULL'),
	('intervals(user_id, at, pair, ''1 h'', ''first'')', '22023', 'mode "first" does not exist'), ('intervals(user_id, at, pair, ''1 h'', '''')', '22023', 'mode "" does not exist'),
	('intervals(user_id, ''infinity'', pair)', '22008', 'at must be a finite time, not infinity'), ('intervals(user_id, ''-infinity'', pair)', '22008', 'at must be a finite time, not -infinity'),
	('intervals(user_id, at, ''101'')', '22023', 'step has 3 conditions, but an interval has a start and an end'), ('intervals(user_id, at, CASE WHEN i < 5000 THEN pair ELSE ''1'' END)', '22023', 'step has 1 conditions where the rows before have 2'),
	('intervals(user_id, at, pair, CASE WHEN i < 5000 THEN interval ''1 h'' ELSE ''2 h'' END)', '22023', 'within must be the same for all rows of one group'),
	('intervals(user_id, at, pair, ''1 h'', CASE WHEN i < 5000 THEN ''each'' ELSE ''latest'' END)', '22023', 'mode must be the same for all rows of one group'),
	('intervals(''{}''::json, at, pair)', '42883', 'user_id must be of a type that can be hashed, not json')) v (call, state, message);
SELECT throws_ok(format('SELECT interval_histogram(s, %s) FROM answered', bounds), state, message, bounds)
FROM (VALUES ('ARRAY[NULL]::interval[]', '22004', 'bounds must not contain NULL'), ('ARRAY[''2 h'', ''1 h'']::interval[]', '22023', 'bounds must ascend, but 01:00:00 comes after 02:00:00'), ('ARRAY[''1 h'', ''1 h'']::interval[]', '22023', 'bounds must ascend, but 01:00:00 comes after 01:00:00'),
	('ARRAY[''1 mon'']::interval[]', '22023', 'bounds must not contain months or years: 1 mon'), ('ARRAY[''-1 s'']::interval[]', '22023', 'bounds must not be negative: -00:00:01')) v (bounds, state, message);
SELECT throws_ok('SELECT rollup(s) FROM answered', '22023', 'cannot roll up intervals that differ in conditions, within or mode');

SELECT * FROM finish();
ROLLBACK;
