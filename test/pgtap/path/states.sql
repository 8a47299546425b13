-- States with nodes, and results, from a hostile place: every byte changed, every length.
-- Nothing crashes; what is no state, or no result, is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT plan(35);

-- As in extension/errors.sql: these pass any bytes to the deserial functions, if they run split in two.
CREATE AGGREGATE from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.path_deserialize, COMBINEFUNC = journey_internal.path_combine, FINALFUNC = journey_internal.transitions_final, PARALLEL = SAFE);
CREATE AGGREGATE path_from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.user_path_deserialize, COMBINEFUNC = journey_internal.user_path_combine, FINALFUNC = journey_internal.user_path_final, PARALLEL = SAFE);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, bigint, text, interval, text) (SFUNC = journey_internal.transitions_transition, STYPE = internal, FINALFUNC = journey_internal.path_serialize);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, text) (SFUNC = journey_internal.transitions_transition, STYPE = internal, FINALFUNC = journey_internal.path_serialize);
CREATE AGGREGATE path_to_bytes(timestamptz, bigint, text, interval) (SFUNC = journey_internal.user_path_transition, STYPE = internal, FINALFUNC = journey_internal.user_path_serialize);

CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);
SET LOCAL cpu_tuple_cost = 1;
CREATE FUNCTION answer(path boolean, zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	IF path THEN
		SELECT path_from_bytes(b, NULL)::text INTO answer FROM bytes;
	ELSE
		SELECT string_agg(source || target || count, ' ') INTO answer FROM transition_links((SELECT from_bytes(b, NULL) FROM bytes));
	END IF;
	RETURN coalesce(answer, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;

CREATE TABLE event AS SELECT moment(i) AS at, i::bigint AS seq, (ARRAY['ab', 'c', '', '贷款', 'c'])[i] AS node FROM generate_series(1, 5) i;
CREATE TABLE state (kind text, path boolean, b bytea);
INSERT INTO state
SELECT 'int', false, to_bytes(5, at, node) FROM event
UNION ALL SELECT 'text, seq', false, to_bytes('u'::text, at, seq, node, '1 h', 'collapse') FROM event
UNION ALL SELECT 'path', true, path_to_bytes(at, seq, node, '1 h') FROM event;
-- The same, packed by one with little memory: many events, of which few matter here.
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
INSERT INTO state SELECT 'packed', false, to_bytes(5 + i / 5000, at, seq, node, NULL, '') FROM event, generate_series(1, 1000) i;
RESET work_mem;
RESET hash_mem_multiplier;
SELECT isnt(answer(path, b, NULL), '22P03', kind || ': as they were written') FROM state;
SELECT isnt(answer(path, b, b), '22P03', kind || ': twice') FROM state;
SELECT is(answer(true, b, NULL), '{ab,c,"",贷款,c}', 'path: the same') FROM state WHERE path;
SELECT is(answer(a.path, a.b, b.b), '22P03', a.kind || ' does not go with ' || b.kind) FROM state a, state b WHERE a.kind = 'int' AND b.kind = 'text, seq';
SELECT cmp_ok(octet_length(b), '<', 80000, 'packed') FROM state WHERE kind = 'packed';

CREATE TABLE hostile_state AS
SELECT kind, path, b AS whole, set_byte(b, i, v) AS h FROM state, generate_series(0, least(octet_length(b), 200) - 1) i,
	LATERAL (SELECT DISTINCT v & 255 FROM unnest(ARRAY[0, 59, 127, 255, get_byte(b, i) + 1, get_byte(b, i) # 128]) v) c (v) WHERE v <> get_byte(b, i)
UNION ALL SELECT kind, path, b, substr(b, 1, n) FROM state, generate_series(0, least(octet_length(b), 300) - 1) n
UNION ALL SELECT kind, path, b, b || more FROM state, unnest(ARRAY['\x00', '\x0000', '\xff']::bytea[]) more
UNION ALL SELECT kind, path, b, b || b FROM state
UNION ALL SELECT kind, path, b, substr(b, 1, cut) || substr(decode(md5(i::text) || md5(i::text || 'x') || md5(i::text || 'y'), 'hex'), 1, 1 + i % 48) FROM state, generate_series(1, 100) i, LATERAL (SELECT i % octet_length(b) AS cut) c;
CREATE TABLE outcome AS SELECT kind, whole, h, answer(path, h, NULL) AS alone, answer(path, whole, h) AS second FROM hostile_state;
SELECT cmp_ok(count(*), '>', 2000::bigint, 'hostile states') FROM outcome;
-- XX000: there is no type of such an OID; 42883: a type without a hash function; 42P18: no type; 22021: no text of this encoding.
SELECT is_empty($$ SELECT kind, h, alone, second FROM outcome WHERE alone ~ '^[0-9A-Z]{5}$' AND alone NOT IN ('22P03', '22023', '42883', '42P18', 'XX000')
	OR second ~ '^[0-9A-Z]{5}$' AND second NOT IN ('22P03', '22023', '42883', '42P18', 'XX000') LIMIT 5 $$, 'are refused, or read');
SELECT is_empty($$ SELECT kind, h FROM outcome WHERE (h = substr(whole, 1, octet_length(h)) AND h <> whole OR whole = substr(h, 1, octet_length(whole))) AND alone <> '22P03' LIMIT 5 $$, 'refused if cut short, or longer');

-- ---- flow_stats -------------------------------------------------------------------------
CREATE TABLE kept (name text, s flow_stats);
-- as version 0.1.0 stored a result of transitions()
CREATE FUNCTION of_0_1(s transition_stats) RETURNS flow_stats LANGUAGE sql AS $$
	SELECT (j || '{"kind": "transitions", "depth": 0, "start": null, "end": null}'
		|| jsonb_build_object('nodes', (SELECT jsonb_agg(jsonb_set(n, '{node}', '[0]' || (n -> 'node')) ORDER BY i) FROM jsonb_array_elements(j -> 'nodes') WITH ORDINALITY AS e (n, i)),
			'links', (SELECT jsonb_agg(jsonb_set(l, '{link}', '[0]' || (l -> 'link')) ORDER BY i) FROM jsonb_array_elements(j -> 'links') WITH ORDINALITY AS e (l, i))))::text::flow_stats
	FROM (SELECT s::text::jsonb AS j) AS t $$;
INSERT INTO kept
SELECT 'transitions', of_0_1(transitions(i % 7, at + i * interval '1 min', node, '1 h')) FROM event, generate_series(1, 300) i
UNION ALL SELECT 'levels', path_flow(i % 7, at + i * interval '1 min', node, NULL, 3, 'c', NULL, 'every') FROM event, generate_series(1, 30) i
UNION ALL SELECT 'backward', path_flow(i % 7, at + i * interval '1 min', node, NULL, 50, NULL, 'c', 'top 2') FROM event, generate_series(1, 30) i
UNION ALL SELECT 'nobody', path_flow(i % 7, at, node, NULL, 5, 'nowhere') FROM event, generate_series(1, 30) i;
CREATE FUNCTION makes_sense(s flow_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT CASE WHEN s::text ~ '"levels"' THEN
			NOT EXISTS (SELECT FROM flow_links(s) WHERE NOT (users BETWEEN 1 AND sessions AND median_time <= p90_time)) AND NOT EXISTS (SELECT FROM flow_nodes(s) WHERE users > sessions)
		ELSE NOT EXISTS (SELECT FROM transition_links(s::transition_stats) WHERE NOT (users BETWEEN 1 AND sessions AND sessions <= count AND share BETWEEN 0 AND 1))
			AND NOT EXISTS (SELECT FROM transition_nodes(s::transition_stats) WHERE users > sessions) AND NOT EXISTS (SELECT FROM transition_loops(s::transition_stats) WHERE users > sessions) END
$$;
\set type flow_stats
\set values kept
\ir ../stats_type.psql

-- Text with each number, one after the other, set to something else.
CREATE FUNCTION outcome(t text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	s flow_stats;
	n bigint;
BEGIN
	s := t::flow_stats;
	SELECT count(*) INTO n FROM transition_links(s::transition_stats);
	RETURN 'read';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
CREATE TABLE said AS SELECT outcome(left(s::text, m) || v || substr(s::text, m + 2)) AS o FROM (SELECT * FROM kept WHERE name <> 'nobody') k,
	LATERAL (SELECT i AS m FROM generate_series(0, length(s::text) - 1) i WHERE substr(s::text, i + 1, 1) ~ '[0-9"n]' AND i % 5 = 0) d, unnest(ARRAY['null', '-1', '9', '1e400', '9223372036854775807', '[]', '{}', '"x"', '0.5', '4294967295']) v;
SELECT cmp_ok(count(*), '>', 2000::bigint, 'hostile text') FROM said;
SELECT is_empty($$ SELECT o, count(*) FROM said WHERE o NOT IN ('read', '22023', '22P02', '22003') GROUP BY o $$, 'is refused, or read');

-- ---- results of transitions() of version 0.1.0 ----------------------------------------------
SELECT is((SELECT s::transition_stats::text FROM kept WHERE name = 'transitions'), (SELECT transitions(i % 7, at + i * interval '1 min', node, '1 h')::text FROM event, generate_series(1, 300) i), 'are cast to transition_stats');
SELECT is((SELECT rollup(s)::transition_stats::text FROM (SELECT s FROM kept WHERE name = 'transitions' UNION ALL SELECT of_0_1(transitions(100 + i, at, node, '1 h')) FROM event, generate_series(1, 9) i) AS k),
	(SELECT rollup(s)::text FROM (SELECT s::transition_stats FROM kept WHERE name = 'transitions' UNION ALL SELECT transitions(100 + i, at, node, '1 h') FROM event, generate_series(1, 9) i) AS k (s)), 'and rolled up');
SELECT throws_ok(format('SELECT s::transition_stats FROM kept WHERE name = %L', name), '22023', 'this flow_stats is a result of path_flow(), not of transitions()', name || ' is not') FROM kept WHERE name <> 'transitions';
SELECT throws_ok($$ SELECT flow_links(s) FROM kept WHERE name = 'transitions' $$, '22023', 'this flow_stats is a result of transitions(), which has no positions', 'flow_links says how to read it');
SELECT throws_ok($$ SELECT rollup(s) FROM kept WHERE name IN ('transitions', 'levels') $$, '22023', NULL, 'no rollup of both');

SELECT * FROM finish();
ROLLBACK;
