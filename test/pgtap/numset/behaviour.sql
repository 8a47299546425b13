-- numset against a plain table: random values, negative, extreme and equal ones, under every
-- plan, stored and not; hostile bytes and states; what is refused.
\ir ../setup.psql
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT plan(82);

-- ---- the model --------------------------------------------------------------------------

-- One value for each user of a kind. Users: dense, sparse, around the ends of bigint and 2^32,
-- scattered. Values: few bits, many, extremes, all the same, mostly small.
CREATE TABLE model (kind int, u bigint, v bigint, PRIMARY KEY (kind, u));
INSERT INTO model
SELECT kind, CASE kind % 4
		WHEN 0 THEN i - 100
		WHEN 1 THEN i * 37 - 500000
		WHEN 2 THEN CASE i % 3 WHEN 0 THEN -9223372036854775808 + i WHEN 1 THEN 9223372036854775807 - i ELSE 4294967296 + i - 2000 END
		ELSE hashint8extended(i, kind) / 2048 * 2048 + i % 2048 END AS u,
	CASE kind
		WHEN 0 THEN rnd(i, 1, 2000) - 1000
		WHEN 1 THEN rnd(i, 2, 8)
		WHEN 2 THEN hashint8extended(i, 3)
		WHEN 3 THEN CASE WHEN rnd(i, 4, 2) = 0 THEN 9223372036854775807 ELSE -9223372036854775808 END
		WHEN 4 THEN 7
		WHEN 5 THEN CASE WHEN rnd(i, 5, 100) = 0 THEN hashint8extended(i, 6) >> 10 ELSE rnd(i, 7, 5) END
		WHEN 6 THEN -rnd(i, 8, 100000) - 1
		WHEN 7 THEN rnd(i, 9, 1000000) END
FROM generate_series(0, 7) kind, generate_series(1, 4000::bigint) AS i ON CONFLICT DO NOTHING;
-- one with several blocks of 65536 users, one of one user, one of none
INSERT INTO model SELECT 8, i - 40000, rnd(i, 10, 300) - 20 FROM generate_series(1, 150000) i WHERE rnd(i, 11, 20) > 0;
INSERT INTO model VALUES (9, -5, 12345);
CREATE TABLE kinds AS SELECT generate_series(0, 10) AS kind;
ANALYZE model, kinds;

CREATE TABLE held AS SELECT kind, (SELECT numset_agg(u, v) FROM model WHERE model.kind = kinds.kind) AS n,
	(SELECT userset_agg(u + rnd(u, 12, 2)) FROM model WHERE model.kind = kinds.kind AND rnd(u, 13, 3) = 0) AS f FROM kinds;

SELECT results_eq('SELECT kind, e.* FROM held, numset_entries(n) e ORDER BY 1, 2', 'SELECT * FROM model ORDER BY 1, 2', 'entries are the rows');
SELECT results_eq('SELECT kind, e.* FROM held, numset_entries(n) WITH ORDINALITY e ORDER BY kind, ordinality',
	'SELECT kind, u, v, row_number() OVER (PARTITION BY kind ORDER BY u) FROM model ORDER BY 1, 2', 'in ascending order of users');
SELECT results_eq('SELECT kind, e.* FROM held, numset_entries(n, f) e ORDER BY 1, 2',
	'SELECT model.* FROM model JOIN held USING (kind) WHERE contains(f, u) ORDER BY 1, 2', 'entries inside a filter');
SELECT results_eq('SELECT kind, numset_users(n) FROM held ORDER BY 1',
	'SELECT kind, userset_agg(u) FROM kinds LEFT JOIN model USING (kind) GROUP BY 1 ORDER BY 1', 'users');
SELECT ok(bool_and(n::text::numset = n AND n::text = (SELECT '{' || coalesce(string_agg(u || ':' || v, ',' ORDER BY u), '') || '}' FROM model WHERE model.kind = held.kind)), 'text form, and back')
FROM held WHERE kind <> 8;

-- ---- comparisons ------------------------------------------------------------------------

-- Bounds that are values, next to values, and the ends.
CREATE TABLE bound AS
SELECT DISTINCT kind, b FROM (
	SELECT kind, v + d AS b FROM model, generate_series(-1, 1) d WHERE rnd(u, 14, CASE kind WHEN 8 THEN 70000 ELSE 1500 END) = 0 AND v NOT IN (9223372036854775807, -9223372036854775808)
	UNION ALL SELECT kind, b FROM kinds, unnest(ARRAY[-9223372036854775808, -1, 0, 1, 7, 12345, 9223372036854775807]) b) b;
ANALYZE bound;
SELECT cmp_ok(count(*), '>', 100::bigint, 'bounds to compare with') FROM bound;

SELECT results_eq(format($q$SELECT kind, b, n %1$s b FROM held JOIN bound USING (kind) ORDER BY 1, 2$q$, op),
	format($q$SELECT kind, b, userset_agg(u) FILTER (WHERE v %1$s b) FROM bound LEFT JOIN model USING (kind) GROUP BY 1, 2 ORDER BY 1, 2$q$, op), 'numset ' || op || ' value')
FROM unnest('{=,<>,<,<=,>,>=}'::text[]) op;
SELECT results_eq(format($q$SELECT kind, b, %2$s(n, b, f) FROM held JOIN bound USING (kind) ORDER BY 1, 2$q$, op, f),
	format($q$WITH e AS MATERIALIZED (SELECT kind, b, userset_agg(u) FILTER (WHERE v %1$s b) AS s FROM bound LEFT JOIN model USING (kind) GROUP BY 1, 2) SELECT kind, b, f & s FROM e JOIN held USING (kind) ORDER BY 1, 2$q$, op), f || ' inside a filter')
FROM unnest('{=,<>,<,<=,>,>=}'::text[], '{numset_users_eq,numset_users_ne,numset_users_lt,numset_users_le,numset_users_gt,numset_users_ge}'::text[]) o (op, f);
CREATE TABLE span AS SELECT kind, a.b AS low, z.b AS high FROM bound a JOIN bound z USING (kind) WHERE rnd(hashint8(a.b)::bigint * 3 + hashint8(z.b), 15, 25) = 0;
SELECT results_eq('SELECT kind, low, high, numset_users_between(n, low, high), numset_users_between(n, low, high, f) FROM held JOIN span USING (kind) ORDER BY 1, 2, 3',
	'SELECT kind, low, high, b, b & f FROM (SELECT kind, low, high, userset_agg(u) FILTER (WHERE v BETWEEN low AND high) AS b FROM span LEFT JOIN model USING (kind) GROUP BY 1, 2, 3) s JOIN held USING (kind) ORDER BY 1, 2, 3',
	'between, with a filter and without');

-- ---- figures ----------------------------------------------------------------------------

CREATE VIEW filtered AS SELECT kind, 'all' AS who, u, v FROM model UNION ALL SELECT kind, 'filter', u, v FROM model JOIN held USING (kind) WHERE contains(f, u);
SELECT results_eq($q$SELECT kind, 'all' AS who, numset_count(n), numset_sum(n), numset_avg(n), numset_min(n), numset_max(n) FROM held
	UNION ALL SELECT kind, 'filter', numset_count(n, f), numset_sum(n, f), numset_avg(n, f), numset_min(n, f), numset_max(n, f) FROM held ORDER BY 1, 2$q$,
	$q$SELECT kind, who, count(v), sum(v), avg(v), min(v), max(v) FROM kinds CROSS JOIN (VALUES ('all'), ('filter')) w (who) LEFT JOIN filtered USING (kind, who) GROUP BY 1, 2 ORDER BY 1, 2$q$,
	'count, sum, avg, min, max');
CREATE TABLE fraction AS SELECT unnest(ARRAY[0, 1e-9, 0.1, 0.25, 0.5, 0.9, 0.999, 1]) AS q;
SELECT results_eq($q$SELECT kind, 'all' AS who, q, numset_quantile(n, q) FROM held, fraction UNION ALL SELECT kind, 'filter', q, numset_quantile(n, q, f) FROM held, fraction ORDER BY 1, 2, 3$q$,
	$q$SELECT kind, who, q, percentile_disc(q) WITHIN GROUP (ORDER BY v) FROM kinds CROSS JOIN (VALUES ('all'), ('filter')) w (who) CROSS JOIN fraction LEFT JOIN filtered USING (kind, who) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3$q$,
	'quantiles are those of percentile_disc');
CREATE TABLE top AS SELECT unnest(ARRAY[0, 1, 2, 10, 777, 2999, 1000000]) AS k;
SELECT results_eq($q$SELECT kind, 'all' AS who, k, numset_top(n, k) FROM held, top UNION ALL SELECT kind, 'filter', k, numset_top(n, k, f) FROM held, top ORDER BY 1, 2, 3$q$,
	$q$SELECT kind, who, k, userset_agg(u) FILTER (WHERE place <= k) FROM kinds CROSS JOIN (VALUES ('all'), ('filter')) w (who) CROSS JOIN top
		LEFT JOIN (SELECT *, row_number() OVER (PARTITION BY kind, who ORDER BY v DESC, u) AS place FROM filtered) f USING (kind, who) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3$q$,
	'the n greatest, of equal ones those with smaller ids');
CREATE TABLE cuts AS SELECT kind, array_agg(b ORDER BY b) AS bounds FROM bound GROUP BY 1;
SELECT results_eq($q$SELECT kind, 'all' AS who, h.bin::int, h.lower, h.upper, h.users FROM held JOIN cuts USING (kind), numset_histogram(n, bounds) WITH ORDINALITY h(lower, upper, users, bin) UNION ALL SELECT kind, 'filter', h.bin::int, h.lower, h.upper, h.users FROM held JOIN cuts USING (kind), numset_histogram(n, bounds, f) WITH ORDINALITY h(lower, upper, users, bin) ORDER BY 1, 2, 3$q$,
	$q$SELECT cuts.kind, w.who, i, bounds[i - 1], bounds[i], count(v) FROM cuts CROSS JOIN (VALUES ('all'), ('filter')) w (who) CROSS JOIN LATERAL generate_series(1, cardinality(bounds) + 1) i
		LEFT JOIN filtered f ON f.kind = cuts.kind AND f.who = w.who AND width_bucket(v, bounds) + 1 = i GROUP BY cuts.kind, w.who, i, bounds ORDER BY 1, 2, 3$q$,
	'histogram');
SELECT results_eq($q$SELECT kind, who, h.* FROM (SELECT kind, 'all' AS who, n, numset_users(n) AS f FROM held UNION ALL SELECT kind, 'filter', n, f FROM held) s JOIN cuts USING (kind), numset_histogram(n, bounds, f, min_users => 200) WITH ORDINALITY h(lower, upper, users, bin) ORDER BY 1, 2, h.bin$q$,
	$q$SELECT kind, who, h.lower, h.upper, CASE WHEN h.users >= 200 THEN h.users END, bin FROM (SELECT kind, 'all' AS who, h.* FROM held JOIN cuts USING (kind), numset_histogram(n, bounds) WITH ORDINALITY h(lower, upper, users, bin) UNION ALL SELECT kind, 'filter', h.* FROM held JOIN cuts USING (kind), numset_histogram(n, bounds, f) WITH ORDINALITY h(lower, upper, users, bin)) h ORDER BY 1, 2, bin$q$,
	'histogram without what is of few users');
SELECT throws_ok(format($q$SELECT numset_histogram('{1:1}', ARRAY[2], '{1}', %L)$q$, k), state, message) FROM (VALUES (NULL, '22004', 'min_users must not be NULL'), ('-1', '22023', 'min_users is -1')) v (k, state, message);
SELECT is_empty($q$SELECT numset_histogram(NULL, ARRAY[2], '{1}', 1) UNION ALL SELECT numset_histogram('{1:1}', NULL, '{1}', 1) UNION ALL SELECT numset_histogram('{1:1}', ARRAY[2], NULL::userset)$q$, 'no rows of NULL');

-- ---- single users, of stored numsets ----------------------------------------------------

SELECT cmp_ok(pg_column_size(n), '>', 100000, 'it is stored out of line') FROM held WHERE kind = 8;
SELECT is_empty('SELECT kind, u, v, numset_value(n, u) FROM model JOIN held USING (kind) WHERE kind <> 8 AND numset_value(n, u) IS DISTINCT FROM v', 'numset_value each user, read whole');
SELECT is_empty('SELECT u, v FROM model, LATERAL (SELECT numset_value((SELECT n FROM held WHERE kind = 8), u) AS got) g WHERE kind = 8 AND got IS DISTINCT FROM v', 'numset_value each user of a large one');
SELECT is_empty($q$SELECT kind, u FROM held, LATERAL (SELECT u + 1 AS u FROM model WHERE model.kind = held.kind AND u < 9223372036854775807 AND rnd(u, 16, 10) = 0) p
	WHERE numset_value(n, u) IS DISTINCT FROM (SELECT v FROM model WHERE model.kind = held.kind AND model.u = p.u)$q$, 'numset_value the users next to them');
-- another user of another numset in each row: never read whole
SELECT is_empty($q$SELECT p.kind FROM (SELECT kind, u, v FROM model WHERE rnd(u, 17, 40) = 0 ORDER BY u % 97, kind) p JOIN held USING (kind) WHERE numset_value(n, u) IS DISTINCT FROM v$q$, 'numset_value by parts');
CREATE FUNCTION of_one(who bigint) RETURNS TABLE (kind int, v bigint) LANGUAGE sql AS 'SELECT kind, numset_value(n, who) FROM held';
SELECT results_eq(format('SELECT * FROM of_one(%s) WHERE v IS NOT NULL ORDER BY 1', u), format('SELECT kind, v FROM model WHERE u = %s ORDER BY 1', u), format('the profile of user %s', u))
FROM unnest(ARRAY[-5, 25537, 1, 90000, -500000]::bigint[]) u;

-- ---- two numsets ------------------------------------------------------------------------

SELECT results_eq($q$SELECT a.kind, b.kind, e.user_id, e.value FROM held a JOIN held b ON a.kind IN (0, 1, 5, 7, 8, 10) AND b.kind IN (1, 6, 8, 9, 10), numset_entries(a.n + b.n) e ORDER BY 1, 2, 3$q$,
	$q$SELECT a.kind, b.kind, u, sum(v)::bigint FROM kinds a JOIN kinds b ON a.kind IN (0, 1, 5, 7, 8, 10) AND b.kind IN (1, 6, 8, 9, 10),
		LATERAL (SELECT u, v FROM model WHERE kind = a.kind UNION ALL SELECT u, v FROM model WHERE kind = b.kind) m GROUP BY 1, 2, 3 ORDER BY 1, 2, 3$q$, 'sums of two');
SELECT ok(bool_and(numset_merge((SELECT numset_agg(e.user_id, e.value) FROM numset_entries(n, f) e), (SELECT numset_agg(e.user_id, e.value) FROM numset_entries(n, numset_users(n) - f) e)) = n), 'two parts merged are the whole, byte by byte') FROM held;
SELECT throws_ok('SELECT numset_merge(n, n) FROM held WHERE kind = 9', '22023', 'user -5 has a value in both numsets');
SELECT throws_ok('SELECT n + n FROM held WHERE kind = 3', '22003');

-- ---- the aggregate under every plan -----------------------------------------------------

-- Rows of the same user, NULLs, and sums that pass the ends of bigint on the way.
CREATE TABLE parts (g int, u bigint, v bigint);
INSERT INTO parts SELECT kind, u, unnest(ARRAY[v / 2, NULL, v - v / 2]) FROM model WHERE kind < 9;
INSERT INTO parts SELECT kind, u, unnest(ARRAY[9223372036854775807, 9223372036854775807, -9223372036854775807, -9223372036854775807]) FROM model WHERE kind = 3;
INSERT INTO parts SELECT kind, NULL, v FROM model WHERE kind = 1;
CREATE TABLE shuffled AS SELECT * FROM parts ORDER BY hashint8(u), v, g;
ALTER TABLE shuffled SET (parallel_workers = 3);
ANALYZE shuffled;
CREATE VIEW expected AS SELECT kind AS g, n FROM held WHERE kind < 9;
CREATE VIEW asked AS SELECT g, numset_agg(u, v) AS n FROM shuffled GROUP BY g;
SET LOCAL enable_sort = off;
SELECT results_eq('SELECT * FROM asked ORDER BY g', 'SELECT * FROM expected ORDER BY g', 'hashed');
RESET enable_sort;
SET LOCAL enable_hashagg = off;
SELECT results_eq('SELECT * FROM asked ORDER BY g', 'SELECT * FROM expected ORDER BY g', 'sorted');
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT results_eq('SELECT * FROM asked ORDER BY g', 'SELECT * FROM expected ORDER BY g', 'sorted, parallel');
RESET enable_hashagg;
SELECT results_eq('SELECT * FROM asked ORDER BY g', 'SELECT * FROM expected ORDER BY g', 'parallel');
SELECT is((SELECT numset_agg(u, v) FROM shuffled WHERE g = 8), (SELECT n FROM held WHERE kind = 8), 'one group, parallel');
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is((SELECT numset_agg(u, v) FROM (SELECT u, v FROM shuffled WHERE g = 8 ORDER BY u DESC, v) s), (SELECT n FROM held WHERE kind = 8), 'in descending order');
SELECT results_eq('SELECT numset_agg(u % 100, 1) FROM generate_series(1, 300000) u', 'SELECT numset_agg(u, 3000) FROM generate_series(0, 99) u', 'many rows of few users');
SELECT throws_ok('SELECT numset_agg(1, v) FROM (VALUES (9223372036854775807), (1)) t (v)', '22003', 'the values of user 1 add up to more than a bigint');

-- ---- hostile bytes ----------------------------------------------------------------------

-- Through COPY in binary, as a client would.
CREATE TABLE sent (s bytea);
CREATE TABLE received (s numset);
CREATE FUNCTION receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file text := format('%s/pg_journey_test.%s.copy', current_setting('data_directory'), pg_backend_pid());
	got numset;
BEGIN
	INSERT INTO sent VALUES (bytes);
	EXECUTE format('COPY sent TO %L (FORMAT binary)', file);
	DELETE FROM sent;
	EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
	DELETE FROM received RETURNING s INTO STRICT got;
	-- what is accepted means the same by every way to read it
	IF journey_internal.numset_send(got) <> bytes OR got::text::numset <> got OR (SELECT numset_agg(e.user_id, e.value) FROM numset_entries(got) e) <> got
		OR numset_count(got) <> cardinality(got >= -9223372036854775808) THEN
		RETURN 'nonsense';
	END IF;
	RETURN got::text;
EXCEPTION WHEN OTHERS THEN
	DELETE FROM sent;
	RETURN SQLSTATE;
END $$;
SELECT is(receive(journey_internal.numset_send(n)), n::text, format('kind %s through its bytes', kind)) FROM held WHERE kind <> 8;

-- What is stored today must be read by every later version.
SELECT unnest(ARRAY[is(journey_internal.numset_send('{1:5,2:-7}'), b, 'bytes of version 1'), is(receive(b), '{1:5,2:-7}', 'bytes of version 1, read')])
FROM (SELECT '\x0104000001000000f9ffffffffffffff0200000000000000200000000100000000000000000000003a300000010000000000010010000000010002000100000000000000000000003a300000020000000200000003000000180000001a0000000000000001000000000000006400000000000000'::bytea AS b) v;

CREATE TABLE small AS SELECT unnest(ARRAY['{1:5,2:-7}', '{-1:3,7:3}', '{1:0,2:1,3:2,70000:3,4294967299:4}', '{}', '{5:9223372036854775807,6:-9223372036854775808}']::numset[]) AS n;
SELECT unnest(ARRAY[is(count(*) FILTER (WHERE got = '22P03') + count(*) FILTER (WHERE got ~ '^{'), count(*), format('%s bytes changed: %s refused, %s of another numset', count(*), count(*) FILTER (WHERE got = '22P03'), count(*) FILTER (WHERE got ~ '^{'))),
	cmp_ok(count(*) FILTER (WHERE got = '22P03'), '>', count(*) / 2, 'most are refused')])
FROM small, LATERAL (SELECT journey_internal.numset_send(n) AS b) b, generate_series(0, octet_length(b) - 1) at, unnest(ARRAY[1, 128, 255]) x, receive(set_byte(b, at, get_byte(b, at) # x)) got;
SELECT is(count(*) FILTER (WHERE got = '22P03'), count(*), 'every shorter length is refused')
FROM small, LATERAL (SELECT journey_internal.numset_send(n) AS b) b, generate_series(0, octet_length(b) - 1) size, receive(substr(b, 1, size)) got;
SELECT is(receive(journey_internal.numset_send(n) || '\x00'), '22P03', 'a byte more is refused') FROM small;

-- States that workers pass on: this passes any bytes to the deserial function, split in two.
CREATE AGGREGATE from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.numset_agg_deserialize, COMBINEFUNC = journey_internal.numset_agg_combine, FINALFUNC = journey_internal.numset_agg_final, PARALLEL = SAFE);
CREATE AGGREGATE to_bytes(bigint, bigint) (SFUNC = journey_internal.numset_agg_transition, STYPE = internal, FINALFUNC = journey_internal.numset_agg_serialize);
CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);
SET LOCAL enable_partitionwise_aggregate = on;
SET LOCAL cpu_tuple_cost = 1;
CREATE FUNCTION combined(zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	RETURN (SELECT from_bytes(b, NULL)::text FROM bytes);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
CREATE TABLE state AS SELECT to_bytes(u, v) AS b FROM (VALUES (1, 5), (2, -7), (-3, 9223372036854775807)) t (u, v);
SELECT is(combined(b, b), '22003', 'a state with itself') FROM state;
SELECT is(combined(b, (SELECT to_bytes(u, v) FROM (VALUES (1, 1), (-3, -1), (9, 9)) t (u, v))), '{-3:9223372036854775806,1:6,2:-7,9:9}', 'two states') FROM state;
SELECT is(count(*) FILTER (WHERE got IN ('22P03', '22003') OR got ~ '^{'), count(*), 'states with a byte changed') FROM state, generate_series(0, octet_length(b) - 1) at, unnest(ARRAY[1, 128, 255]) x, combined(set_byte(b, at, get_byte(b, at) # x), '\x0100') got;
SELECT is(count(*) FILTER (WHERE got = '22P03'), count(*), 'states cut off') FROM state, generate_series(0, octet_length(b) - 1) size, combined(substr(b, 1, size), '\x0100') got;

-- ---- NULLs, and what is refused ---------------------------------------------------------

SELECT is(num_nulls(numset_count(NULL), numset_sum(n, NULL), n = NULL::bigint, numset_users_between(n, NULL, 1), numset_top(n, NULL), numset_value(n, NULL), numset_merge(n, NULL), numset_quantile(n, NULL)), 8, 'NULL in, NULL out')
FROM (SELECT '{1:1}'::numset) v (n);
SELECT throws_ok(format('SELECT %s', call), state, NULL, call) FROM (VALUES ('numset_quantile(''{1:1}'', -0.1)', '22003'), ('numset_quantile(''{1:1}'', ''Infinity'')', '22003'), ('numset_top(''{1:1}'', -1)', '22023'),
	('numset_histogram(''{1:1}'', ARRAY[2, 1])', '22023'), ('numset_histogram(''{1:1}'', ARRAY[2, NULL])', '22004'), ('''{1:2:3}''::numset', '22P02'), ('''{1:99999999999999999999}''::numset', '22003')) v (call, state);
SELECT throws_ok(format('SELECT %s(NULL, NULL)', f), NULL, NULL, f || ' is not for calling') FROM unnest('{numset_agg_combine}'::text[]) f;

SELECT * FROM finish();
ROLLBACK;
