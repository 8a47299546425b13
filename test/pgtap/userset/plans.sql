-- The aggregates that give sets under every plan that the executor may choose, and the
-- states that workers pass on, from a hostile place.
\ir ../setup.psql
SET LOCAL jit = off;
SELECT plan(35);

-- 60,000 rows of 400 groups and many users, in no order; half of the users negative.
CREATE TABLE visit (g int, user_id bigint, u userset);
INSERT INTO visit
SELECT rnd(i, 1, 400), CASE WHEN rnd(i, 2, 40) > 0 THEN id END,
	CASE WHEN rnd(i, 3, 40) > 0 THEN ARRAY[id, id + 1, 7, 1000000 + rnd(i, 1, 400), rnd(i, 4, 3)]::bigint[]::userset END
FROM generate_series(1, 60000) i, LATERAL (SELECT (rnd(i, 5, 200000) - 100000)::bigint * (1 + 50000 * rnd(i, 6, 2)) AS id) c;
ALTER TABLE visit SET (parallel_workers = 4);
ANALYZE visit;
CREATE TABLE by_user (LIKE visit) PARTITION BY HASH (user_id);
CREATE TABLE by_user_0 PARTITION OF by_user FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_user_1 PARTITION OF by_user FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_user TABLE visit;
ANALYZE by_user;

CREATE TABLE ran (name text, plan jsonb);
CREATE FUNCTION run(name text, query text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE format('EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON) CREATE TABLE %I AS %s', name, query) INTO plan;
	INSERT INTO ran VALUES (name, plan::jsonb);
END $$;
CREATE FUNCTION ran_with(name text, condition text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN ok((SELECT jsonb_path_exists(plan, ('$.** ? (' || condition || ')')::jsonpath) FROM ran WHERE ran.name = ran_with.name),
			ran_with.name || ' ran with ' || condition);
END $$;
CREATE FUNCTION same(name text, other text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN is_empty(format('(TABLE %1$I EXCEPT ALL TABLE %2$I) UNION ALL (TABLE %2$I EXCEPT ALL TABLE %1$I) LIMIT 3', name, other),
		name || ': the answers of ' || other);
END $$;
CREATE FUNCTION calls() RETURNS text LANGUAGE sql
	RETURN 'journey_internal.userset_send(userset_agg(user_id)) AS ua, journey_internal.userset_send(union_agg(u)) AS un, journey_internal.userset_send(xor_agg(u)) AS xo, journey_internal.userset_send(intersect_agg(u)) AS it';

-- the oracle, without these aggregates
CREATE TABLE expected AS
SELECT g, journey_internal.userset_send(coalesce(array_agg(DISTINCT user_id) FILTER (WHERE user_id IS NOT NULL), '{}')::userset) AS ua, un, xo, it
FROM visit JOIN (SELECT g, journey_internal.userset_send(array_agg(m)::userset) AS un, journey_internal.userset_send(coalesce(array_agg(m) FILTER (WHERE n % 2 = 1), '{}')::userset) AS xo,
		journey_internal.userset_send(coalesce(array_agg(m) FILTER (WHERE n = nsets), '{}')::userset) AS it
	FROM (SELECT g, m, count(*) AS n FROM visit, members(u) m GROUP BY g, m) c JOIN (SELECT g, count(u) AS nsets FROM visit GROUP BY g) s USING (g) GROUP BY g) sets USING (g)
GROUP BY g, un, xo, it;
SELECT is(count(*), 400::bigint, 'as many groups') FROM expected;
SELECT ok(count(DISTINCT it) > 2 AND count(DISTINCT ua) = 400 AND count(DISTINCT xo) = 400, 'the answers differ') FROM expected;

SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL work_mem = '64MB';
SET LOCAL enable_hashagg = off;
SELECT run('sorted', 'SELECT g, ' || calls() || ' FROM visit GROUP BY g');
SELECT ran_with('sorted', '@."Node Type" == "Aggregate" && @.Strategy == "Sorted" && @."Partial Mode" == "Simple"');
SELECT same('sorted', 'expected');
RESET enable_hashagg;
SET LOCAL enable_sort = off;
SELECT run('hash', 'SELECT g, ' || calls() || ' FROM visit GROUP BY g');
SELECT ran_with('hash', '@."Node Type" == "Aggregate" && @.Strategy == "Hashed" && @."HashAgg Batches" == 1');
SELECT same('hash', 'expected');
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT run('spilled', 'SELECT g, ' || calls() || ' FROM visit GROUP BY g');
SELECT ran_with('spilled', '@."Node Type" == "Aggregate" && @.Strategy == "Hashed" && @."HashAgg Batches" > 1');
SELECT same('spilled', 'expected');
SET LOCAL work_mem = '64MB';

SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT run('parallel', 'SELECT g, ' || calls() || ' FROM visit GROUP BY g');
SELECT ran_with('parallel', '@."Node Type" == "Aggregate" && @."Partial Mode" == "Finalize"');
SELECT ran_with('parallel', '@."Workers Launched" > 0');
SELECT same('parallel', 'expected');
RESET enable_sort;
SELECT run('parallel_whole', 'SELECT ' || calls() || ' FROM visit');
SELECT ran_with('parallel_whole', '@."Node Type" == "Aggregate" && @."Partial Mode" == "Finalize" && @.Strategy == "Plain"');
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT run('whole', 'SELECT ' || calls() || ' FROM visit');
SELECT ran_with('whole', '@."Node Type" == "Aggregate" && @."Partial Mode" == "Simple"');
SELECT same('parallel_whole', 'whole');

-- states are combined without being passed on
SET LOCAL enable_partitionwise_aggregate = on;
SET LOCAL cpu_tuple_cost = 10;
SELECT run('partitions', 'SELECT ' || calls() || ' FROM by_user');
SELECT ran_with('partitions', '@."Node Type" == "Aggregate" && @."Partial Mode" == "Finalize"');
SELECT same('partitions', 'whole');
RESET cpu_tuple_cost;

-- as window functions, where the answer is asked for again and again
SELECT is((SELECT array_agg(cardinality(s) ORDER BY i) FROM (SELECT i, userset_agg(i / 2) OVER (ORDER BY i) AS s FROM generate_series(0, 999) i) w),
	(SELECT array_agg(i / 2 + 1 ORDER BY i)::bigint[] FROM generate_series(0, 999) i), 'a running userset_agg');
SELECT is((SELECT array_agg(cardinality(s) ORDER BY i) FROM (SELECT i, xor_agg(ARRAY[i / 2]::bigint[]::userset) OVER (ORDER BY i) AS s FROM generate_series(0, 99) i) w),
	(SELECT array_agg((i + 1) % 2 ORDER BY i)::bigint[] FROM generate_series(0, 99) i), 'a running xor_agg');

-- many rows of one group, of few and of many users: sorted, shuffled, with duplicates
SELECT is(cardinality(userset_agg(i * 3)), 300000::bigint, 'ascending') FROM generate_series(1, 300000) i;
SELECT is(userset_agg((i * 7919::bigint) % 300007), '{0-300006}'::userset, 'shuffled') FROM generate_series(0, 300006) i;
SELECT is(cardinality(userset_agg(i % 100)), 100::bigint, 'few users') FROM generate_series(1, 300000) i;
SELECT is(cardinality(userset_agg(hashint8extended(i, 5))), count(DISTINCT hashint8extended(i, 5)), 'ids all over the range') FROM generate_series(1, 50000) i;

-- union of many small sets into a large one does not copy the large one each time
CREATE TEMP TABLE small AS SELECT '{0-1,65536-131071,200000,300000}'::userset | userset_agg(i * 2) AS u FROM generate_series(1, 1000000) i;
INSERT INTO small SELECT ARRAY[i * 1000, i * 999]::bigint[]::userset FROM generate_series(1, 20000) i;
SET LOCAL statement_timeout = '20 s';
SELECT cmp_ok(cardinality(union_agg(u)), '>', 1000000::bigint, 'a large set and 20,000 small ones') FROM small;

-- ---- what the planner expects -------------------------------------------------------------

RESET statement_timeout;
CREATE FUNCTION rows_expected(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN plan->0->'Plan'->>'Plan Rows';
END $$;
-- 100,000 rows: user 0 has a tenth of them, 1 to 20,000 about 4 each; a tenth is NULL
CREATE TABLE hit AS SELECT CASE WHEN i % 10 = 0 THEN 0 WHEN i % 10 = 1 THEN NULL ELSE 1 + rnd(i, 30, 20000) END AS user_id, (CASE WHEN i % 10 = 0 THEN 0 ELSE 1 + rnd(i, 31, 20000) END)::bigint AS big_id
FROM generate_series(1, 100000) i;
ANALYZE hit;
SELECT ok(rows_expected($$ SELECT * FROM hit WHERE contains('{0}', user_id) $$) BETWEEN 8000 AND 12000, 'a common user');
SELECT ok(rows_expected($$ SELECT * FROM hit WHERE contains('{5001-15000}', user_id) $$) BETWEEN 30000 AND 50000, 'half of the others');
SELECT ok(rows_expected($$ SELECT * FROM hit WHERE contains('{5001-5100}', big_id) $$) BETWEEN 200 AND 1000, 'a hundred of the others');
SELECT is(rows_expected($$ SELECT * FROM members('{-5-5}', -1) $$) + rows_expected($$ SELECT * FROM members('{1-777}') $$), 11 + 777::float8, 'members');

-- ---- hostile states -------------------------------------------------------------------------

-- This passes any bytes to the deserial function, if it runs split in two.
CREATE AGGREGATE union_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.userset_union_deserialize, COMBINEFUNC = journey_internal.userset_builder_combine, FINALFUNC = journey_internal.userset_builder_final, PARALLEL = SAFE);
CREATE AGGREGATE intersect_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.userset_intersect_deserialize, COMBINEFUNC = journey_internal.userset_intersect_combine, FINALFUNC = journey_internal.userset_intersect_final, PARALLEL = SAFE);
CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);
SET LOCAL cpu_tuple_cost = 1;
CREATE FUNCTION answer(zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	SELECT union_bytes(b, NULL)::text || ' ' || intersect_bytes(b, NULL)::text INTO answer FROM bytes;
	RETURN answer;
EXCEPTION WHEN invalid_binary_representation THEN
	RETURN 'refused';
END $$;
CREATE TABLE state AS SELECT userset_to_roaring(u) AS b FROM unnest(ARRAY['{1,5,9,70000-90000}', '{-3--1,4294967290-4294967300}', '{7}', '{}']::userset[]) u;
SELECT is(answer(userset_to_roaring('{1,2}'), userset_to_roaring('{2,3}')), '{1-3} {2}', 'states as they are written');
CREATE TABLE hostile AS
SELECT set_byte(b, i, v) AS h FROM state, generate_series(0, octet_length(b) - 1) i,
	LATERAL (SELECT DISTINCT v & 255 FROM unnest(ARRAY[0, 59, 127, 255, get_byte(b, i) + 1, get_byte(b, i) # 128]) v) c (v) WHERE v <> get_byte(b, i)
UNION ALL SELECT substr(b, 1, n) FROM state, generate_series(0, octet_length(b) - 1) n
UNION ALL SELECT b || more FROM state, unnest(ARRAY['\x00', '\x0000', '\xff']::bytea[]) more
UNION ALL SELECT '\x0100000000000000000000003a3000000100000000000300100000000100020003000400';	-- an array that would be smaller as a run
CREATE TABLE outcome AS SELECT h, answer(h, NULL) AS alone, answer(h, userset_to_roaring('{1-100000}')) AS first, answer(userset_to_roaring('{1-100000}'), h) AS second FROM hostile;
SELECT cmp_ok(count(*), '>', 500::bigint, 'hostile states') FROM outcome;
SELECT cmp_ok(count(*) FILTER (WHERE alone = 'refused'), '>', 300::bigint, 'most of them are refused') FROM outcome;
SELECT is_empty($$ SELECT h FROM outcome WHERE (alone = 'refused') <> (first = 'refused') OR first <> second $$, 'on either side');
-- what is accepted is the set of these very bytes
SELECT is_empty($$ SELECT h FROM outcome WHERE alone <> 'refused' AND (userset_to_roaring(split_part(alone, ' ', 1)::userset) <> h OR split_part(alone, ' ', 2) <> split_part(alone, ' ', 1)) $$, 'the others are sets');

-- bytes from a client
CREATE FUNCTION read_bytes(b bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN roaring_to_userset(b);
EXCEPTION WHEN invalid_binary_representation THEN
	RETURN 'refused';
END $$;
CREATE TABLE bytes_read AS SELECT h, read_bytes(h) AS r, alone FROM outcome;
SELECT is_empty($$ SELECT h FROM bytes_read WHERE alone <> 'refused' AND r <> split_part(alone, ' ', 1) $$, 'read as a value');
SELECT is_empty($$ SELECT h FROM bytes_read WHERE r <> 'refused' AND roaring_to_userset(userset_to_roaring(r::userset)) <> r::userset $$, 'and written again');
SELECT ok(count(*) > 0, 'bytes that are not as small as they could be are read as a value') FROM bytes_read WHERE r <> 'refused' AND alone = 'refused';

SELECT * FROM finish();
ROLLBACK;
