-- retention_stats as a type: text and binary forms, hostile bytes and text, rollup; and the
-- states that workers pass on, from a hostile place.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(84);

CREATE TABLE event AS
SELECT i, u, u % 8 AS shard, moment(rnd(i, 2, 8000000)) AS at, rnd(i, 3, 3) = 0 AS s, rnd(i, 4, 3) > 0 AS r, CASE WHEN rnd(i, 5, 9) > 0 THEN (rnd(i, 5, 100000) - 20000) / 64.0 END AS v
FROM generate_series(1, 12000) i, LATERAL (SELECT 1 + rnd(i, 1, 2000) AS u) c;

-- ---- values of every kind ---------------------------------------------------------------

CREATE TABLE kept (name text, call text, s retention_stats);
INSERT INTO kept (name, call) VALUES
	('day', 'cohort_retention(u, at, s, r, ''day'', 30)'), ('nobody starts', 'cohort_retention(u, at, false, r, ''day'', 30)'), ('nobody starts, value', 'cohort_retention(u, at, false, r, v, ''day'', ARRAY[3])'),
	('nobody comes back', 'cohort_retention(u, at, s, NULL, v, ''week'', 5, '''', ''UTC'')'), ('hours', 'cohort_retention(u, at, s, r, v, ''hour'', ARRAY[1, 24, 2000], ''every,within'', ''Asia/Kathmandu'')'),
	('brackets', 'cohort_retention(u, at, s, r, ''day'', ARRAY[1, 7, 30], ''every'')'), ('quarter', 'cohort_retention(u, at, s, r, v, ''quarter'', 10000, ''on_or_after'', ''America/New_York'')'),
	('within_from_1', 'cohort_retention(u, at, s, r, v, ''month'', 2, ''within_from_1, first'', ''UTC'')'),
	('rolling', 'cohort_retention(u, at, s, r, ''rolling day'', 30, '''', ''Asia/Shanghai'')'), ('rolling, value', 'cohort_retention(u, at, s, r, v, ''rolling week'', ARRAY[1, 4], ''every, on_or_after'', ''UTC'')');
CREATE FUNCTION stats_of(call text, condition text DEFAULT 'true') RETURNS retention_stats LANGUAGE plpgsql AS $$
DECLARE
	s retention_stats;
BEGIN
	EXECUTE format('SELECT %s FROM event WHERE %s', call, condition) INTO s;
	RETURN s;
END $$;
UPDATE kept SET s = stats_of(call);

CREATE FUNCTION makes_sense(s retention_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM retention_cells(s) WHERE users < 0 OR users > cohort_users OR NOT retention_rate BETWEEN 0 AND 1 OR last_period < period OR value = 'NaN' OR value IN ('Infinity', '-Infinity'))
		AND NOT EXISTS (SELECT FROM retention_curve(s) WHERE users < 0 OR users > cohort_users OR NOT retention_rate BETWEEN 0 AND 1)
$$;
\set type retention_stats
\set values '(SELECT name, s FROM kept UNION ALL SELECT \'small \' || name, stats_of(call, \'u < 12\') FROM kept)'
\ir ../stats_type.psql
-- What is stored today must be read by every later version.
CREATE TABLE version_1 AS SELECT
	'{"version": 1, "unit": "day", "mode": "every, on", "periods": [1, 7], "value": true, "newest": 9498, "cohorts": [{"number": 9496, "begin": 820454400000000, "users": 2, "counts": [2, 0, 2], "values": ["3.5", "0", "-1"]}, {"number": 9497, "begin": 820540800000000, "users": 1, "counts": [0, 1], "values": ["0", "0"]}]}' AS text,
	'\x01010001000107b4940102020106b09401808088d1dd8cf5020203020000000000000c4000000000000000000002000000000000f0bf028080bbdd83050102000000000000000000010000000000000000'::bytea AS bytes;
CREATE TABLE version_2 AS SELECT
	'{"version": 2, "unit": "day", "mode": "every, on", "periods": [1, 7], "value": true, "time_zone": "UTC", "until": 820886400000000, "newest": 9501, "cohorts": [{"number": 9496, "begin": 820454400000000, "users": 2, "counts": [2, 0, 2], "values": ["3.5", "0", "-1"]}, {"number": 9497, "begin": 820540800000000, "users": 1, "counts": [0, 1], "values": ["0", "0"]}]}' AS text,
	'\x02010001000107ba94010203555443018080afa4f0a5f502020106b09401808088d1dd8cf5020203020000000000000c4000000000000000000002000000000000f0bf028080bbdd83050102000000000000000000010000000000000000'::bytea AS bytes;
SELECT unnest(ARRAY[is(f::text, text, 'text of version 2'), is(text::retention_stats::text, text, 'text of version 2, read'), is(journey_internal.retention_stats_send(f), bytes, 'bytes of version 2'), is(receive(bytes), text, 'bytes of version 2, read')])
FROM version_2, (SELECT cohort_retention(u, at::timestamptz, s, r, v, 'day', ARRAY[1, 7], 'every', 'UTC', '2026-01-05') AS f
	FROM (VALUES (1, '2025-12-31', true, true, 3.5), (1, '2026-01-02', false, true, -1), (2, '2025-12-31 23:00', true, true, NULL), (2, '2026-01-01', true, false, 5), (2, '2026-01-02 12:00', false, true, 0), (2, '2026-01-05', true, true, 9)) v (u, at, s, r, v)) f;
-- Version 1 knew neither time zone nor end of observation; the dates of its cohorts are known all the same.
SELECT unnest(ARRAY[is(text::retention_stats::text, now, 'text of version 1, read'), is(receive(bytes), now, 'bytes of version 1, read'),
	is((SELECT array_agg(DISTINCT cohort_date) FROM retention_cells(text::retention_stats)), ARRAY['2025-12-31', '2026-01-01']::date[], 'the dates of version 1')])
FROM version_1, LATERAL (SELECT replace(replace(text, '"version": 1', '"version": 2'), '"newest"', '"time_zone": "", "newest"') AS now) v;
SELECT is((SELECT rollup(s)::text::jsonb ->> 'time_zone' FROM (SELECT text::retention_stats AS s FROM version_1 UNION ALL SELECT replace(replace(v.text, '"until": 820886400000000, ', ''), 'UTC', 'Asia/Shanghai')::retention_stats FROM version_2 v) s), '', 'with one that does not know its zone: it is not known');

-- ---- hostile text -----------------------------------------------------------------------

CREATE TABLE whole AS SELECT name, s::text::jsonb AS j FROM (
	SELECT 'day' AS name, cohort_retention(u, at, s, r, 'day', 12) AS s FROM event WHERE u < 30
	UNION ALL SELECT 'value', cohort_retention(u, at, s, r, v, 'day', ARRAY[1, 4], 'every,within') FROM event WHERE u < 30
	UNION ALL SELECT 'rolling', cohort_retention(u, at, s, r, v, 'rolling week', ARRAY[1, 4], 'every,on_or_after') FROM event WHERE u < 30) s;
CREATE TABLE place AS
WITH RECURSIVE p AS (
	SELECT name, ARRAY[]::text[] AS path, j FROM whole
	UNION ALL
	SELECT name, path || c.key, c.value FROM p, LATERAL (
		SELECT key, value FROM jsonb_each(CASE jsonb_typeof(j) WHEN 'object' THEN j ELSE '{}' END)
		UNION ALL SELECT (ord - 1)::text, value FROM jsonb_array_elements(CASE jsonb_typeof(j) WHEN 'array' THEN j ELSE '[]' END) WITH ORDINALITY e (value, ord) WHERE ord <= 3) c
) SELECT * FROM p WHERE path <> '{}';
CREATE TABLE spoilt AS
SELECT name, path, w.j #- path AS j, 'missing' AS how FROM place JOIN whole w USING (name)
UNION ALL
SELECT name, path, jsonb_set(w.j, path, v), v::text FROM place p JOIN whole w USING (name),
	unnest(ARRAY['null', '{}', '[]', 'true', 'false', '"x"', '""', '-1', '0.5', '1e400', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '1000000000000000000', '100000000000', '0', '1', '[1]', '[0]', '[2, 1]', '[10001]', '"1e400"', '"NaN"', '"-Infinity"', '"1e308"', '"day"', '"rolling day"', '"rolling month"', '"first, on"', '"every"']::jsonb[]) v
WHERE v <> p.j
UNION ALL SELECT name, path, jsonb_insert(w.j, path, p.j), 'twice' FROM place p JOIN whole w USING (name) WHERE path[cardinality(path)] ~ '^\d+$';
ALTER TABLE spoilt ADD state text;
UPDATE spoilt SET state = state_of(j::text);
SELECT cmp_ok(count(*), '>', 2000::bigint, 'spoilt values') FROM spoilt;
SELECT is_empty($$ SELECT name, path, how, state FROM spoilt WHERE state NOT IN ('22P02', '22003', 'accepted') LIMIT 10 $$, 'are refused as bad input, or read');
SELECT is_empty($$ SELECT name, path, how FROM spoilt WHERE state = 'accepted' AND NOT (
	path[cardinality(path)] IN ('newest', 'number', 'begin', 'end', 'users', 'unit', 'mode', 'periods') OR path[1] = 'periods' OR path[3] IN ('counts', 'values') OR path[1] = 'cohorts' AND cardinality(path) = 2 AND how = 'missing' OR path = '{cohorts}' AND how = '[]') LIMIT 10 $$,
	'and only where another value makes sense');
SELECT is(jsonb_set(j, '{cohorts}', (SELECT jsonb_agg(g ORDER BY ord DESC) FROM jsonb_array_elements(j->'cohorts') WITH ORDINALITY e (g, ord)))::text::retention_stats::text, j::text::retention_stats::text, name || ': cohorts in any order are put in theirs') FROM whole;

-- ---- rollup -----------------------------------------------------------------------------

CREATE TABLE shard AS SELECT name, shard, stats_of(call, 'shard = ' || shard) AS s FROM kept, generate_series(0, 7) shard;
ALTER TABLE shard SET (parallel_workers = 3);
SELECT is((SELECT rollup(s) FROM shard h WHERE h.name = k.name)::text, k.s::text, name || ': shards by user rolled up are the whole') FROM kept k;
SELECT is((SELECT rollup(s) FROM (SELECT rollup(s) AS s FROM shard h WHERE h.name = k.name GROUP BY shard % 3) r)::text, k.s::text, name || ': in two turns') FROM kept k;
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
SELECT matches(plan_of('SELECT rollup(s) FROM shard WHERE name = ''day'''), 'Finalize Aggregate.*Gather.*Partial Aggregate', 'rollup in parallel');
SELECT is((SELECT rollup(s) FROM shard h WHERE h.name = k.name)::text, k.s::text, name || ': rolled up in parallel') FROM kept k;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT throws_ok(format('SELECT rollup(s) FROM (VALUES (stats_of(%L)), (stats_of(%L))) v (s)', 'cohort_retention(u, at, s, r, ''day'', 30)', other), '22023', 'cannot roll up retentions that differ in unit, periods, options, value or until', 'rollup with ' || other)
FROM unnest(ARRAY['cohort_retention(u, at, s, r, ''week'', 30)', 'cohort_retention(u, at, s, r, ''rolling day'', 30)', 'cohort_retention(u, at, s, r, ''day'', 31)', 'cohort_retention(u, at, s, r, ''day'', ARRAY[30])', 'cohort_retention(u, at, s, r, ''day'', 30, ''every'')',
	'cohort_retention(u, at, s, r, ''day'', 30, ''within'')', 'cohort_retention(u, at, s, r, v, ''day'', 30)', 'cohort_retention(u, at, s, r, ''day'', 30, '''', '''', ''2100-01-01'')']) other;
SELECT throws_ok($$ SELECT rollup(s) FROM (VALUES (stats_of('cohort_retention(u, at, s, r, ''day'', 30, '''', ''UTC'')')), (stats_of('cohort_retention(u, at, s, r, ''day'', 30, '''', ''Asia/Shanghai'')'))) v (s) $$, '22023', 'cannot roll up retentions of different time zones');

-- ---- hostile states ---------------------------------------------------------------------

-- As in extension/errors.sql: this passes any bytes to the deserial function, if it runs split in two.
SET LOCAL enable_partitionwise_aggregate = on;
CREATE AGGREGATE from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, COMBINEFUNC = journey_internal.cohort_retention_combine, FINALFUNC = journey_internal.cohort_retention_final, PARALLEL = SAFE);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, boolean, boolean, text, int) (SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, FINALFUNC = journey_internal.cohort_retention_serialize);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, boolean, boolean, float8, text, int) (SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, FINALFUNC = journey_internal.cohort_retention_serialize);
CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);
SET LOCAL cpu_tuple_cost = 1;
SELECT matches(plan_of('SELECT from_bytes(b, NULL)::text FROM bytes'), '^Finalize Aggregate\|  ->  Append\|        ->  Partial Aggregate', 'split in two');
CREATE FUNCTION answer(zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	SELECT string_agg(users::text, ' ' ORDER BY cohort, period) INTO answer FROM retention_cells((SELECT from_bytes(b, NULL) FROM bytes));
	RETURN coalesce(answer, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
CREATE TABLE two AS SELECT u, moment(d * 86400) AS at FROM (VALUES (5, 0), (5, 1), (7, 0), (7, 2)) v (u, d);
CREATE TABLE state AS
SELECT 'int' AS kind, to_bytes(u, at, true, true, 'day', 2) AS b FROM two
UNION ALL SELECT 'text', to_bytes('customer ' || u, at, true, true, 'day', 2) FROM two
UNION ALL SELECT 'uuid', to_bytes(md5(u::text)::uuid, at, true, true, 'day', 2) FROM two
UNION ALL SELECT 'int, value', to_bytes(u, at, true, true, u + 0.5, 'day', 2) FROM two
UNION ALL SELECT 'rolling', to_bytes(u, at, true, true, 'rolling day', 2) FROM two
UNION ALL SELECT 'rolling, value', to_bytes(u::text, at, true, true, u + 0.5, 'rolling day', 2) FROM two;
SELECT is(answer(b, NULL), '2 1 1', kind || ': as they were written') FROM state;
SELECT is(answer(b, b), '2 1 1', kind || ': twice') FROM state;
SELECT is_empty($$ SELECT a.kind, b.kind, answer(a.b, b.b) FROM state a, state b WHERE a.kind <> b.kind AND answer(a.b, b.b) NOT IN ('22P03', '22023') $$, 'states of other ids, units, or with other values');
CREATE TABLE hostile_state AS
SELECT kind, b AS whole, set_byte(b, i, v) AS h FROM state, generate_series(0, octet_length(b) - 1) i,
	LATERAL (SELECT DISTINCT v & 255 FROM unnest(ARRAY[0, 59, 127, 255, get_byte(b, i) + 1, get_byte(b, i) # 128]) v) c (v) WHERE v <> get_byte(b, i) AND kind <> 'uuid'
UNION ALL SELECT kind, b, substr(b, 1, n) FROM state, generate_series(0, octet_length(b) - 1) n
UNION ALL SELECT kind, b, b || more FROM state, unnest(ARRAY['\x00', '\x0000', '\xff']::bytea[]) more
UNION ALL SELECT kind, b, b || b FROM state
UNION ALL SELECT kind, b, substr(b, 1, cut) || substr(decode(md5(i::text) || md5(i::text || 'x') || md5(i::text || 'y'), 'hex'), 1, 1 + i % 48) FROM state, generate_series(1, 60) i, LATERAL (SELECT i % octet_length(b) AS cut) c;
CREATE TABLE outcome_state AS SELECT kind, whole, h, answer(h, NULL) AS alone, answer(h, whole) AS first, answer(whole, h) AS second FROM hostile_state;
SELECT cmp_ok(count(*), '>', 1500::bigint, 'hostile states') FROM outcome_state;
-- XX000: there is no type of such an OID; 42883: a type without a hash function; 42P18: no type; 22008: a period that is no time
SELECT is_empty($$ SELECT kind, h, a FROM outcome_state, unnest(ARRAY[alone, first, second]) a WHERE a ~ '^\w{5}$' AND a NOT IN ('22P03', '22023', '42883', '42P18', 'XX000', '22008', '2 1 1') AND a !~ '^[0-9 ]+$' OR a ~ '^\d{5}$' AND a NOT IN ('22023', '22008') LIMIT 5 $$, 'are refused, or read');
SELECT is_empty($$ SELECT kind, alone, h FROM outcome_state WHERE (whole = substr(h, 1, octet_length(whole))) AND alone <> '22P03' LIMIT 5 $$, 'refused if longer');
SELECT is((SELECT answer(b, NULL)), '2 1 1', 'the session goes on') FROM state WHERE kind = 'int';

SELECT * FROM finish();
ROLLBACK;
