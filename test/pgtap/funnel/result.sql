-- funnel_stats as a type: text and binary forms, hostile bytes and text, rollup, and the
-- histograms of funnel_times.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(114);

CREATE TABLE event AS
SELECT i, u, u % 8 AS shard, moment(rnd(i, 2, 200000)) + rnd(i, 6, 1000000) * interval '1 us' * (u % 2) AS at, (rnd(i, 3, 8) & rnd(i, 4, 8))::bit(3)::text::stepset AS step,
	(ARRAY['app', '', NULL, 'web"\', E'line\nbreak', '柜台 🏦'])[1 + rnd(i, 5, 6)] AS value
FROM generate_series(1, 20000) i, LATERAL (SELECT 1 + rnd(i, 1, 3000) AS u) c;

-- ---- values of every kind ---------------------------------------------------------------

CREATE TABLE kept (name text, call text, s funnel_stats);
INSERT INTO kept (name, call) VALUES
	('funnel', 'funnel(u, at, step, ''2 h'')'), ('funnel of nobody', 'funnel(u, at, ''010'', ''2 h'')'), ('funnel of one step', 'funnel(u, at, left(step::text, 1)::stepset, ''0'')'),
	('funnel of 58 steps', 'funnel(u, at, rpad(step::text, 58, ''1'')::stepset, ''53375995 d'')'),
	('modes', 'funnel(u, at, step, ''2 h'', ''strict_once,strict_order , allow_reentry'')'), ('any_order', 'funnel(u, at, step, ''2 h'', ''any_order'')'),
	('breakdown', 'funnel_breakdown(u, at, step, ''2 h'', value, 2)'), ('breakdown of many', 'funnel_breakdown(u, at, step, ''2 h'', u::text, 1)'), ('breakdown of nobody', 'funnel_breakdown(u, at, ''000''::stepset, ''2 h'', value, 2)'),
	('holding', 'funnel_holding_constant(u, at, step, ''2 h'', value)'),
	('breakdown by each value', 'funnel_breakdown(u, at, step, ''2 h'', value, ''each_value'')'), ('breakdown, top', 'funnel_breakdown(u, at, step, ''2 h'', value, 2, ''top 2, strict_once'')'),
	('trend by breakdown', 'funnel_trend_breakdown(u, at, step, ''2 h'', value, 1, ''hour'', '''', ''Asia/Shanghai'')'), ('trend by each value, top', 'funnel_trend_breakdown(u, at, step, ''2 h'', value, ''each_value'', ''day'', ''top 1'', ''UTC'', ''2024-01-02'')'),
	('trend', 'funnel_trend(u, at, step, ''2 h'', ''day'', '''', ''Asia/Shanghai'')'), ('trend of nobody', 'funnel_trend(u, at, ''000''::stepset, ''2 h'', ''week'', '''', ''UTC'')');

-- One of a condition's events.
CREATE FUNCTION stats_of(call text, condition text DEFAULT 'true') RETURNS funnel_stats LANGUAGE plpgsql AS $$
DECLARE
	s funnel_stats;
BEGIN
	EXECUTE format('SELECT %s FROM event WHERE %s', call, condition) INTO s;
	RETURN s;
END $$;
UPDATE kept SET s = stats_of(call);

CREATE FUNCTION makes_sense(s funnel_stats) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	IF s::text ~ '"trend_breakdown"' THEN
		PERFORM * FROM funnel_trend_breakdown_steps(s);
	END IF;
	IF s::text ~ '"trend' THEN
		IF s::text !~ '"each_value": true' THEN
			PERFORM * FROM funnel_trend_steps(s);
		END IF;
		RETURN true;
	END IF;
	PERFORM * FROM funnel_breakdown_steps(s);
	IF s::text ~ '"each_value": true' THEN
		RETURN true;
	END IF;
	RETURN NOT EXISTS (SELECT FROM funnel_steps(s) f WHERE avg_time < '0' OR avg_time_from_start < '0' OR median_time < '0' OR users < 0 OR dropped_off < 0 OR NOT f.conversion_rate <= 1);
END $$;
\set type funnel_stats
\set values '(SELECT name, s FROM kept UNION ALL SELECT \'small \' || name, stats_of(call, \'u < 20\') FROM kept WHERE name !~ \'58\')'
\ir ../stats_type.psql

-- A table, toasted and not; and a dump's text.
CREATE TABLE copied AS TABLE kept;
SELECT ok(pg_relation_size((SELECT reltoastrelid FROM pg_class WHERE oid = 'copied'::regclass)) > 0, 'some are toasted');
DO $$
DECLARE
	file text := format('%s/pg_journey_test.%s.copy', current_setting('data_directory'), pg_backend_pid());
BEGIN
	EXECUTE format('COPY copied TO %L', file);
	EXECUTE format('COPY copied FROM %L', file);
	EXECUTE format('COPY copied (name) TO %L', file);	-- shorter
END $$;
SELECT is(array_agg(c.s::text), ARRAY[k.s::text, k.s::text], k.name || ': in a table, and through COPY') FROM kept k JOIN copied c USING (name) GROUP BY k.name, k.s::text;

-- What is stored today must be read by every later version.
CREATE TABLE version_1 AS SELECT
	'{"version": 1, "kind": "breakdown", "steps": 2, "within": 3600000000, "mode": "strict_once", "groups": [{"label": null, "users": [1, 0], "from_before": [{"sum": "0", "least": 0, "most": 0, "buckets": []}], "from_start": [{"sum": "0", "least": 0, "most": 0, "buckets": []}]}, {"label": "é", "users": [2, 2], "from_before": [{"sum": "101000001", "least": 1000001, "most": 100000000, "buckets": [[954, 1], [1375, 1]]}], "from_start": [{"sum": "101000001", "least": 1000001, "most": 100000000, "buckets": [[954, 1], [1375, 1]]}]}]}' AS text,
	'\x01010280c8ceb40d0802000100000003c3a902020200c1c69430c1843d80c2d72fba0701a503010200c1c69430c1843d80c2d72fba0701a50301'::bytea AS bytes;
SELECT unnest(ARRAY[is(f::text, text, 'text of version 1'), is(text::funnel_stats::text, text, 'text of version 1, read'), is(journey_internal.funnel_stats_send(f), bytes, 'bytes of version 1'), is(receive(bytes), text, 'bytes of version 1, read')])
FROM version_1, (SELECT funnel_breakdown(u, moment(s), step::stepset, '1 h', v, 1, 'strict_once') AS f
	FROM (VALUES (1, 0, '10', NULL), (2, 0, '10', 'é'), (2, 100, '01', NULL), (3, 5, '10', 'é'), (3, 6.000001, '01', 'x')) v (u, s, step, v)) f;

-- ---- hostile text -----------------------------------------------------------------------

-- Every member, at every depth, missing, twice, or of another type or value.
CREATE TABLE whole AS SELECT name, s::text::jsonb AS j FROM (
	SELECT 'whole' AS name, funnel(u, at, step, '2 h') AS s FROM event WHERE u < 40
	UNION ALL SELECT 'breakdown', funnel_breakdown(u, at, step, '2 h', value, 1) FROM event WHERE u < 40
	UNION ALL SELECT 'each value', funnel_breakdown(u, at, step, '2 h', value, 'each_value', 'top 3') FROM event WHERE u < 40
	UNION ALL SELECT 'trend by breakdown', funnel_trend_breakdown(u, at, step, '2 h', value, 1, 'day', '', 'UTC') FROM event WHERE u < 40
	UNION ALL SELECT 'trend', funnel_trend(u, at, step, '2 h', 'day', '', 'UTC') FROM event WHERE u < 40) s;
CREATE TABLE place AS
WITH RECURSIVE p AS (
	SELECT name, ARRAY[]::text[] AS path, j FROM whole
	UNION ALL
	SELECT name, path || c.key, c.value FROM p, LATERAL (
		SELECT key, value FROM jsonb_each(CASE jsonb_typeof(j) WHEN 'object' THEN j ELSE '{}' END)
		UNION ALL SELECT (ord - 1)::text, value FROM jsonb_array_elements(CASE jsonb_typeof(j) WHEN 'array' THEN j ELSE '[]' END) WITH ORDINALITY e (value, ord) WHERE ord <= 2) c
) SELECT * FROM p WHERE path <> '{}';
CREATE TABLE spoilt AS
SELECT name, path, w.j #- path AS j, 'missing' AS how FROM place JOIN whole w USING (name)
UNION ALL
SELECT name, path, jsonb_set(w.j, path, v), v::text FROM place p JOIN whole w USING (name),
	unnest(ARRAY['null', '{}', '[]', 'true', '"x"', '""', '-1', '0.5', '1e400', '9223372036854775807', '9223372036854775808', '18446744073709551616', '-9223372036854775808', '1000000000000000000', '0', '"99999999999999999999999999999999999999999999"', '"340282366920938463463374607431768211455"', '"-1"', '[[1, 1], [1, 1]]']::jsonb[]) v
WHERE v <> p.j
UNION ALL SELECT name, path, jsonb_insert(w.j, path, p.j), 'twice' FROM place p JOIN whole w USING (name) WHERE path[cardinality(path)] ~ '^\d+$';
ALTER TABLE spoilt ADD state text;
UPDATE spoilt SET state = state_of(j::text);
SELECT cmp_ok(count(*), '>', 3000::bigint, 'spoilt values') FROM spoilt;
SELECT is_empty($$ SELECT name, path, how, state FROM spoilt WHERE state NOT IN ('22P02', '22003', 'accepted') AND NOT (state = '22023' AND path IN ('{unit}', '{time_zone}')) LIMIT 10 $$, 'are refused as bad input, or read');
SELECT is_empty($$ SELECT name, path, how FROM spoilt WHERE state = 'accepted' AND NOT (
	path[cardinality(path)] IN ('label', 'each_value', 'top', 'newest', 'time_zone', 'bucket', 'complete_at', 'within', 'mode', 'unit', 'sum', 'least', 'most') OR path = '{groups}' OR path[3:] = '{users,0}' OR cardinality(path) = 2 AND how = 'missing') LIMIT 10 $$,
	'and only where another value makes sense');

SELECT is(state_of(jsonb_set(j, '{groups}', (SELECT jsonb_agg(g ORDER BY ord DESC) FROM jsonb_array_elements(j->'groups') WITH ORDINALITY e (g, ord)))::text), 'accepted', name || ': groups in any order') FROM whole WHERE name <> 'whole';
SELECT is(jsonb_set(j, '{groups}', (SELECT jsonb_agg(g ORDER BY ord DESC) FROM jsonb_array_elements(j->'groups') WITH ORDINALITY e (g, ord)))::text::funnel_stats::text, j::text::funnel_stats::text, name || ': which are put in theirs') FROM whole;

SELECT throws_ok(format('SELECT %L::funnel_stats', jsonb_set(j, '{version}', '2')), '22P02', 'invalid input for type funnel_stats: "version" is missing or not as it should be', name || ' has no version 2') FROM whole WHERE name IN ('whole', 'breakdown');
-- Version 1 of a trend does not say its zone: buckets have no date.
SELECT is((SELECT array_agg((bucket, step, users, conversion_rate, complete)::text ORDER BY bucket, step) FROM funnel_trend_steps(old)), (SELECT array_agg((bucket, step, users, conversion_rate, complete)::text ORDER BY bucket, step) FROM funnel_trend_steps(j::text::funnel_stats)), 'a trend of version 1')
FROM whole, LATERAL (SELECT (jsonb_set(j, '{version}', '1') - 'time_zone')::text::funnel_stats AS old) o WHERE name = 'trend';
SELECT ok(bool_and(bucket_date IS NULL), 'it has no dates') FROM whole, funnel_trend_steps((jsonb_set(j, '{version}', '1') - 'time_zone')::text::funnel_stats) WHERE name = 'trend';
SELECT is(receive('\x01020280c8ceb40d00018080cacebab5d802018080cacebab5d8028090a295d9bad80201000000'), replace(funnel_trend(1, timestamptz '2024-01-01', '10'::stepset, '1 h', 'day', '', 'UTC')::text, 'UTC', ''), 'bytes of a trend of version 1');
SELECT is((SELECT rollup(s)::text::jsonb ->> 'time_zone' FROM (SELECT j::text::funnel_stats AS s UNION ALL SELECT (jsonb_set(j, '{version}', '1') - 'time_zone')::text::funnel_stats) s), '', 'nor has what is added up with it') FROM whole WHERE name = 'trend';

-- ---- rollup -----------------------------------------------------------------------------

CREATE TABLE shard AS SELECT name, shard, stats_of(call, 'shard = ' || shard) AS s FROM kept, generate_series(0, 7) shard;
ALTER TABLE shard SET (parallel_workers = 3);
SELECT is((SELECT rollup(s) FROM shard h WHERE h.name = k.name)::text, k.s::text, name || ': shards by user rolled up are the whole') FROM kept k;
SELECT is((SELECT rollup(s) FROM (SELECT rollup(s) AS s FROM shard h WHERE h.name = k.name GROUP BY shard % 3) r)::text, k.s::text, name || ': in two turns') FROM kept k WHERE name IN ('funnel', 'breakdown', 'trend');
SELECT is_empty('SELECT s.name FROM (SELECT name, rollup(s ORDER BY shard DESC)::text AS s FROM shard GROUP BY name) s JOIN kept k USING (name) WHERE s.s <> k.s::text', 'in any order');
SELECT is((SELECT string_agg(r::text, '') FROM (SELECT rollup(s) OVER (ORDER BY shard) AS r FROM shard WHERE name = 'breakdown' ORDER BY shard DESC LIMIT 1) w), (SELECT s::text FROM kept WHERE name = 'breakdown'), 'rollup as a window aggregate');

-- Before the year 2000, times are below 0.
SELECT is((SELECT rollup(s)::text FROM (SELECT funnel_trend(u, timestamptz '1999-01-01' + u * interval '1 day', '10'::stepset, '1 h', 'month', '', 'UTC') AS s FROM generate_series(1, 60) u GROUP BY u) g),
	(SELECT funnel_trend(u, timestamptz '1999-01-01' + u * interval '1 day', '10'::stepset, '1 h', 'month', '', 'UTC')::text FROM generate_series(1, 60) u), 'a trend of the last century');

INSERT INTO shard SELECT 'padding', i, NULL FROM generate_series(1, 20000) i;
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
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
SELECT matches(plan_of('SELECT rollup(s) FROM shard WHERE name = ''trend'''), 'Finalize Aggregate.*Gather.*Partial Aggregate', 'rollup in parallel');
SELECT is((SELECT rollup(s) FROM shard h WHERE h.name = k.name)::text, k.s::text, name || ': rolled up in parallel') FROM kept k;
SET LOCAL max_parallel_workers_per_gather = 0;

SELECT throws_ok(format('SELECT rollup(s) FROM (VALUES (stats_of(%L)), (stats_of(%L))) v (s)', 'funnel(u, at, step, ''2 h'')', other), '22023', 'cannot roll up funnels that differ in kind, steps, within, mode, unit or until', 'rollup with ' || other)
FROM unnest(ARRAY['funnel(u, at, ''1000'', ''2 h'')', 'funnel(u, at, step, ''3 h'')', 'funnel(u, at, step, ''2 h'', ''strict_once'')', 'funnel_breakdown(u, at, step, ''2 h'', value, 1)', 'funnel_trend(u, at, step, ''2 h'', ''day'')']) other;
SELECT throws_ok('SELECT rollup(s) FROM (VALUES (stats_of(''funnel_trend(u, at, step, ''''2 h'''', ''''day'''')'')), (stats_of(''funnel_trend(u, at, step, ''''2 h'''', ''''week'''')''))) v (s)', '22023', 'cannot roll up funnels that differ in kind, steps, within, mode, unit or until', 'rollup of other units');

-- ---- funnel_times -----------------------------------------------------------------------

CREATE TABLE duration AS
SELECT k, from_start, t[k] - t[CASE WHEN from_start THEN 1 ELSE k - 1 END] AS d
FROM (SELECT window_funnel_times(at, step, '2 h') AS t FROM event GROUP BY u) t, generate_series(2, cardinality(t)) k, unnest(ARRAY[false, true]) from_start;
SELECT is_empty(format($$
	SELECT * FROM funnel_times((SELECT s FROM kept WHERE name = 'funnel'), %1$s, %2$L) b
	WHERE users <> (SELECT count(*) FROM duration WHERE k = %1$s AND from_start = %2$L AND d >= lower AND d < upper)
		OR upper <= lower OR upper > lower * (1 + 1 / 64.0) + interval '1 us' $$, k, s), format('funnel_times of step %s, from start %s: buckets hold what they say and are narrow', k, s))
FROM generate_series(2, 3) k, unnest(ARRAY[false, true]) s;
SELECT is((SELECT sum(users)::bigint FROM funnel_times(s, k, f)), (SELECT users FROM funnel_steps(s) WHERE step = k), format('funnel_times of step %s, from start %s: all of them', k, f))
FROM kept, generate_series(2, 3) k, unnest(ARRAY[false, true]) f WHERE name = 'funnel';
SELECT is((SELECT array_agg(b.* ORDER BY lower)::text FROM funnel_times(b.s, 3) b), (SELECT array_agg(b.* ORDER BY lower)::text FROM funnel_times(f.s, 3) b), 'of a breakdown, all groups together') FROM kept b, kept f WHERE b.name = 'breakdown' AND f.name = 'funnel';
SELECT ok(bool_and(lower >= before), 'in order, not overlapping') FROM (SELECT lower, lag(upper, 1, '0') OVER (ORDER BY ord) AS before FROM kept, funnel_times(s, 2) WITH ORDINALITY t (lower, upper, users, ord) WHERE name = 'funnel') b;
SELECT throws_ok(format('SELECT * FROM funnel_times((SELECT s FROM kept WHERE name = ''funnel''), %s)', k), '22023', format('step %s has no times in a funnel of 3 steps', k)) FROM unnest(ARRAY[-1, 0, 1, 4, 2147483647]) k;
SELECT is((SELECT count(*) FROM funnel_times(NULL, 2)), 0::bigint, 'funnel_times of NULL');

-- Each duration is in its bucket, to the microsecond and up to the longest.
CREATE TABLE long AS
SELECT DISTINCT d FROM generate_series(0, 61) b, unnest(ARRAY[-1, 0, 1]) o, LATERAL (SELECT greatest((1::bigint << b) + o, 0) AS d) d
UNION SELECT (2 ^ (r / 100.0))::bigint FROM generate_series(0, 6100, 7) r UNION SELECT 53375995 * 86400000000 UNION SELECT i FROM generate_series(0, 300) i;
CREATE TABLE bucket AS SELECT b.* FROM (SELECT funnel(d, timestamptz '4713-01-01 BC' + e.i, e.s::stepset, '53375995 d') AS f
	FROM long, LATERAL (VALUES (interval '0', '10'), (make_interval(days => (d / 86400000000)::int) + d % 86400000000 * interval '1 us', '01')) e (i, s)) f, funnel_times(f, 2) b;
SELECT is(sum(users), (SELECT count(*) FROM long)::numeric, 'durations from 0 to 146,000 years') FROM bucket;
SELECT is_empty($$ SELECT * FROM bucket WHERE users <> (SELECT count(*) FROM long WHERE d >= extract(epoch FROM lower) * 1000000 AND d < extract(epoch FROM upper) * 1000000) $$, 'each in its bucket');

SELECT * FROM finish();
ROLLBACK;
