-- userset against arrays: random sets that are sparse, dense, runs and all of these, around
-- the ends of containers (2^16), of buckets (2^32) and of the sign.
\ir ../setup.psql
SELECT plan(60);

-- ---- the model ----------------------------------------------------------------------------

-- A set is some of up to three parts, each 200 to 6000 ids somewhere after a base.
CREATE TABLE base AS
SELECT n::int - 1 AS n, base FROM unnest(ARRAY[0, 65530, 65536, 131072, 4294967290, 4294967296, -3, -65536, -65540,
	-4294967300, -4294967296, 9223372036854700000, -9223372036854775808, 1234567890123]) WITH ORDINALITY b (base, n);
CREATE TABLE model AS
SELECT s, array_agg(DISTINCT id ORDER BY id) AS ids
FROM generate_series(1, 70) s, generate_series(1, 3) part, LATERAL (SELECT s * 8 + part AS key) k,
	LATERAL (SELECT base.base, rnd(key, 2, 5) AS shape FROM base WHERE base.n = rnd(key, 1, 14)) b,
	LATERAL (SELECT base + CASE shape
			WHEN 0 THEN rnd(key * 100000 + i, 3, 70000)		-- sparse
			WHEN 1 THEN i									-- one run
			WHEN 2 THEN i * 2 + rnd(key * 100000 + i, 4, 2)	-- every other
			WHEN 3 THEN i + (i / 50) * 30					-- runs
			ELSE rnd(key * 100000 + i, 5, 7000)				-- dense
		END AS id
		FROM generate_series(1, CASE shape WHEN 0 THEN 300 WHEN 4 THEN 9000 ELSE 2500 END) i) c
WHERE rnd(key, 6, 4) > 0
GROUP BY s;
ALTER TABLE model ADD u userset;
UPDATE model SET u = ids::userset;
INSERT INTO model VALUES (0, '{}', '{}');
SELECT cmp_ok(count(*), '>', 60::bigint, 'many sets') FROM model;
SELECT ok(count(*) FILTER (WHERE ids[1] < 0 AND ids[array_upper(ids, 1)] >= 0) > 10, 'some with both signs') FROM model;

CREATE FUNCTION ids(userset) RETURNS bigint[] LANGUAGE sql AS 'SELECT coalesce(array_agg(m ORDER BY m), ''{}'') FROM members($1) AS m';
CREATE FUNCTION arr(VARIADIC bigint[]) RETURNS bigint[] LANGUAGE sql AS 'SELECT $1';

-- ---- one set ------------------------------------------------------------------------------

SELECT is_empty($$ SELECT s FROM model WHERE u::bigint[] <> ids $$, 'array, set, array');
SELECT is_empty($$ SELECT s FROM model WHERE ARRAY(SELECT members(u)) <> ids $$, 'members in order');
SELECT is_empty($$ SELECT s FROM model WHERE cardinality(u) <> cardinality(ids) $$, 'cardinality');
SELECT is_empty($$ SELECT s FROM model WHERE u::text::userset <> u OR journey_internal.userset_send(u::text::userset) <> journey_internal.userset_send(u) $$, 'text and back, to the byte');
SELECT is_empty($$ SELECT s FROM model WHERE roaring_to_userset(userset_to_roaring(u)) <> u $$, 'bytes and back');
SELECT is_empty($$
	SELECT s FROM model, LATERAL (SELECT userset_agg(id ORDER BY id % 1009) AS shuffled, userset_agg(id ORDER BY id DESC) AS falling
		FROM unnest(ids || ids[1:50]) id) a
	WHERE journey_internal.userset_send(shuffled) <> journey_internal.userset_send(u) OR journey_internal.userset_send(falling) <> journey_internal.userset_send(u) $$, 'aggregated in any order, with duplicates: the same bytes');
SELECT is_empty($$
	SELECT s FROM model, LATERAL (SELECT '{' || string_agg(id::text, ',' ORDER BY id % 101) || '}' AS listed FROM unnest(ids) id) l
	WHERE cardinality(ids) > 0 AND listed::userset <> u $$, 'text in any order');
SELECT is_empty($$
	SELECT s, probe FROM model, LATERAL (SELECT ids[1 + rnd(s * 100 + i, 7, cardinality(ids))] + rnd(s * 100 + i, 8, 3) - 1 AS probe FROM generate_series(1, 40) i OFFSET 0) p
	WHERE cardinality(ids) > 0 AND probe IS NOT NULL AND s NOT IN (SELECT s FROM model WHERE ids[array_upper(ids, 1)] > 9223372036854775800 OR ids[1] < -9223372036854775800)
	AND (contains(u, probe) <> (probe = ANY (ids)) OR userset_rank(u, probe) <> (SELECT count(*) FROM unnest(ids) id WHERE id <= probe)) $$, 'contains, userset_rank');
SELECT is_empty($$
	SELECT s FROM model, LATERAL (SELECT 1 + rnd(s * 100 + i, 9, 6000) AS n FROM generate_series(1, 20) i) p
	WHERE userset_nth(u, n) IS DISTINCT FROM ids[n] $$, 'userset_nth');
SELECT is_empty($$ SELECT s FROM model WHERE userset_min(u) IS DISTINCT FROM ids[1] OR userset_max(u) IS DISTINCT FROM ids[cardinality(ids)] $$, 'userset_min, userset_max');
SELECT is_empty($$
	SELECT s FROM model, LATERAL (SELECT b1.base + rnd(s * 10 + i, 10, 5000) AS f, b2.base + rnd(s * 10 + i, 11, 5000) AS t
		FROM generate_series(1, 4) i, base b1, base b2 WHERE b1.n = rnd(s * 10 + i, 12, 14) AND b2.n = rnd(s * 10 + i, 13, 14) OFFSET 0) p
	WHERE ids(userset_range(u, f, t)) <> ARRAY(SELECT id FROM unnest(ids) id WHERE id BETWEEN f AND t) $$, 'userset_range');
SELECT is_empty($$
	SELECT s FROM model, LATERAL (SELECT b.base + rnd(s * 10 + i, 14, 5000) AS after, rnd(s * 10 + i, 15, 700) AS n FROM generate_series(1, 4) i, base b WHERE b.n = rnd(s * 10 + i, 16, 14) OFFSET 0) p
	WHERE ARRAY(SELECT members(u, after, n)) <> ARRAY(SELECT id FROM unnest(ids) id WHERE id > after ORDER BY id LIMIT n) $$, 'a page of members');
-- page after page, until one is empty and one further
SELECT is_empty($$
	WITH RECURSIVE page AS (
		SELECT s, u, 1 AS k, ARRAY(SELECT members(u) LIMIT 1 + s % 40) AS users FROM model WHERE cardinality(ids) < 300
		UNION ALL
		SELECT s, u, k + 1, ARRAY(SELECT members(u, users[cardinality(users)], 1 + s % 40)) FROM page WHERE k < 302
	), read AS (
		SELECT s, array_agg(id ORDER BY k, o) AS ids FROM page, unnest(users) WITH ORDINALITY AS p (id, o) GROUP BY s
	)
	SELECT s FROM model LEFT JOIN read r USING (s) WHERE cardinality(model.ids) < 300 AND coalesce(r.ids, '{}') <> model.ids $$,
	'pages until the end, and after it none');

SELECT throws_ok(format($$ SELECT ('{' || repeat('渠', 50))::%s $$, type), '22P02', format('invalid input syntax for type %s: "{%s"', type, repeat('渠', 33)),
	type || ': a message has whole characters of a text') FROM unnest('{userset,numset}'::text[]) type;

-- ---- two sets -----------------------------------------------------------------------------

CREATE TABLE pair AS
SELECT a.s AS a, b.s AS b, a.u AS x, b.u AS y, a.ids AS xs, b.ids AS ys
FROM model a, model b WHERE b.s BETWEEN a.s AND a.s + 1 AND a.s % 2 = 0 OR a.s % 29 = b.s % 29;
SELECT ok(count(*) > 100 AND count(*) FILTER (WHERE x && y) > 40 AND count(*) FILTER (WHERE NOT x && y) > 40, 'pairs of all kinds') FROM pair;
SELECT is_empty($$ SELECT a, b FROM pair WHERE ids(x & y) <> ARRAY(SELECT unnest(xs) INTERSECT SELECT unnest(ys) ORDER BY 1) $$, '&');
SELECT is_empty($$ SELECT a, b FROM pair WHERE ids(x | y) <> ARRAY(SELECT unnest(xs) UNION SELECT unnest(ys) ORDER BY 1) $$, '|');
SELECT is_empty($$ SELECT a, b FROM pair WHERE ids(x - y) <> ARRAY(SELECT unnest(xs) EXCEPT SELECT unnest(ys) ORDER BY 1) $$, '-');
SELECT is_empty($$ SELECT a, b FROM pair WHERE x # y <> (x | y) - (x & y) OR journey_internal.userset_send(x # y) <> journey_internal.userset_send((x - y) | (y - x)) $$, '#');
SELECT is_empty($$ SELECT a, b FROM pair, LATERAL (SELECT NOT EXISTS (SELECT unnest(ys) EXCEPT SELECT unnest(xs)) AS y_in_x,
		NOT EXISTS (SELECT unnest(xs) EXCEPT SELECT unnest(ys)) AS x_in_y, EXISTS (SELECT unnest(xs) INTERSECT SELECT unnest(ys)) AS shared OFFSET 0) m
	WHERE (x @> y) <> y_in_x OR (x <@ y) <> x_in_y OR (x && y) <> shared OR (x = y) <> (xs = ys) OR (x <> y) <> (xs <> ys) $$, '@> <@ && = <>');
SELECT is_empty($$ SELECT a, b FROM pair WHERE NOT (x | y) @> x OR NOT (x & y) <@ y OR NOT (x - y) <@ x OR (x - y) && y $$, '@> <@ && of results');
SELECT is_empty($$ SELECT a, b FROM pair WHERE and_cardinality(x, y) <> cardinality(x & y) OR or_cardinality(x, y) <> cardinality(x | y)
	OR andnot_cardinality(x, y) <> cardinality(x - y) OR xor_cardinality(x, y) <> cardinality(x # y) $$, 'cardinalities without the result');
SELECT is_empty($$ SELECT a, b FROM pair WHERE jaccard(x, y) IS DISTINCT FROM cardinality(x & y)::float8 / nullif(cardinality(x | y), 0) $$, 'jaccard');
SELECT is_empty($$ SELECT a, b FROM pair WHERE journey_internal.userset_send(x & y) <> journey_internal.userset_send(ids(x & y)::userset) OR journey_internal.userset_send(x | y) <> journey_internal.userset_send(ids(x | y)::userset) OR journey_internal.userset_send(x - y) <> journey_internal.userset_send(ids(x - y)::userset) $$, 'a result has the bytes of the same set from an array');

-- ---- random sequences of operations --------------------------------------------------------

CREATE TABLE walked AS
WITH RECURSIVE walk (w, step, u, ids) AS (
	SELECT w, 0, '{}'::userset, '{}'::bigint[] FROM generate_series(1, 8) w
	UNION ALL
	SELECT w, step + 1,
		CASE op WHEN 0 THEN walk.u & m.u WHEN 1 THEN walk.u - m.u WHEN 2 THEN walk.u # m.u ELSE walk.u | m.u END,
		CASE op WHEN 0 THEN ARRAY(SELECT unnest(walk.ids) INTERSECT SELECT unnest(m.ids))
			WHEN 1 THEN ARRAY(SELECT unnest(walk.ids) EXCEPT SELECT unnest(m.ids))
			WHEN 2 THEN ARRAY((SELECT unnest(walk.ids) EXCEPT SELECT unnest(m.ids)) UNION ALL (SELECT unnest(m.ids) EXCEPT SELECT unnest(walk.ids)))
			ELSE ARRAY(SELECT unnest(walk.ids) UNION SELECT unnest(m.ids)) END
	FROM walk, LATERAL (SELECT w * 64 + step AS key, rnd(w * 64 + step, 20, 6) AS op) k, model m
	WHERE m.s = 1 + rnd(key, 21, 70) AND step < 20)
SELECT w, step, u, ids FROM walk;
SELECT cmp_ok(max(cardinality(ids)), '>', 5000, 'the sets of the walk grow') FROM walked;
SELECT is_empty($$ SELECT w, step FROM walked WHERE ids(u) <> ARRAY(SELECT unnest(ids) ORDER BY 1) OR journey_internal.userset_send(u) <> journey_internal.userset_send(ids::userset) $$, '8 walks of operations');

-- ---- many sets ----------------------------------------------------------------------------

SELECT is((SELECT ids(union_agg(u)) FROM model), (SELECT array_agg(DISTINCT id ORDER BY id) FROM model, unnest(ids) id), 'union_agg');
SELECT is((SELECT ids(xor_agg(u)) FROM model), (SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM model, unnest(ids) id GROUP BY id HAVING count(*) % 2 = 1) o), 'xor_agg');
SELECT is_empty($$
	SELECT s % 30 FROM model WHERE s > 0 GROUP BY s % 30
	HAVING ids(intersect_agg(u | '{1-10}')) <> ARRAY(SELECT id FROM (SELECT s, unnest(ids) AS id FROM model m WHERE s > 0 AND m.s % 30 = min(model.s) % 30
		UNION SELECT s, generate_series(1, 10) FROM model m WHERE s > 0 AND m.s % 30 = min(model.s) % 30) x GROUP BY id HAVING count(DISTINCT s) = count(DISTINCT model.s) ORDER BY id) $$, 'intersect_agg');
SELECT results_eq($$ SELECT a, b, users FROM overlap((SELECT array_agg(u ORDER BY s) FROM model WHERE s <= 12)) ORDER BY a, b $$,
	$$ WITH m AS (SELECT row_number() OVER (ORDER BY s)::int AS n, u FROM model WHERE s <= 12)
	SELECT x.n, y.n, cardinality(x.u & y.u) FROM m x, m y WHERE x.n <= y.n ORDER BY 1, 2 $$, 'overlap');
SELECT results_eq($$ SELECT first, sets, degree, users FROM generate_series(1, 60, 9) first, overlap_regions((SELECT array_agg(u | '{5-60}' ORDER BY s) FROM model WHERE s BETWEEN first AND first + 7)) ORDER BY 1, users, sets $$,
	$$ SELECT first, sets, cardinality(sets), count(*) FROM (SELECT first, id, array_agg(n ORDER BY n) AS sets
		FROM (SELECT first, dense_rank() OVER (PARTITION BY first ORDER BY s)::int AS n, id FROM generate_series(1, 60, 9) first, model, members(u | '{5-60}') id WHERE s BETWEEN first AND first + 7) m
		GROUP BY first, id) r GROUP BY first, sets ORDER BY 1, 4, 2 $$, 'overlap_regions');

-- ---- samples ------------------------------------------------------------------------------

SELECT is_empty($$ SELECT s FROM model, unnest(ARRAY[0, 1, 7, 500, 100000]) n WHERE cardinality(userset_sample(u, n, s)) <> least(n, cardinality(u)) OR NOT userset_sample(u, n, s) <@ u $$, 'a sample has as many as asked for, all of them members');
SELECT is_empty($$ SELECT s FROM model WHERE userset_sample(u, 100, 5) <> userset_sample(u, 100, 5) $$, 'the same seed, the same sample');
-- 3000 samples of 10 out of 100: each user in 300, give or take five standard deviations (16.4)
SELECT is_empty($$ SELECT user_id, count(*) FROM generate_series(1, 3000) seed, members(userset_sample('{-20-59,70000-70019}', 10, seed)) user_id GROUP BY user_id HAVING abs(count(*) - 300) > 82 $$, 'every member is as likely');
SELECT is((SELECT count(DISTINCT user_id) FROM generate_series(1, 3000) seed, members(userset_sample('{-20-59,70000-70019}', 10, seed)) user_id), 100::bigint, 'and none is left out');

-- ---- equal, ordered, hashed -----------------------------------------------------------------

SELECT is_empty($$ SELECT a, b FROM pair WHERE (x < y)::int + (x = y)::int + (x > y)::int <> 1 OR (x <= y) <> (x < y OR x = y) OR (x >= y) <> NOT (x < y)
	OR journey_internal.userset_cmp(x, y) <> (x > y)::int - (x < y)::int OR journey_internal.userset_cmp(x, y) <> - journey_internal.userset_cmp(y, x) $$, 'an order');
SELECT is_empty($$ SELECT a, b FROM pair WHERE x < y AND cardinality(x) > cardinality(y) $$, 'smaller sets first');
SELECT is_empty($$ SELECT a, b FROM pair WHERE x = y AND (journey_internal.userset_hash(x) <> journey_internal.userset_hash(y) OR journey_internal.userset_hash_extended(x, 7) <> journey_internal.userset_hash_extended(y, 7)) $$, 'equal sets, equal hashes');
SELECT is((SELECT count(DISTINCT journey_internal.userset_hash(u)) FROM model), (SELECT count(*) FROM (SELECT DISTINCT u FROM model) d), 'other sets, other hashes');

-- ---- stored out of line, compressed, in a large value ---------------------------------------

-- 200,000 odd ids in a table of their own, and the same compressed
CREATE TABLE stored AS SELECT 1 AS n, userset_agg(2 * i + 1) AS u FROM generate_series(0, 199999) i;
CREATE TABLE compressed (n int, u userset);
ALTER TABLE compressed ALTER u SET STORAGE main;
INSERT INTO compressed SELECT 1, userset_agg(5 * i) FROM generate_series(1, 200000) i;
INSERT INTO stored SELECT 2, userset_agg(3 * i) FROM generate_series(0, 199999) i;
SELECT cmp_ok((SELECT pg_column_size(u) FROM stored WHERE n = 1), '>=', 50000, 'a large value');
SELECT ok((SELECT pg_column_size(u) < 0.9 * octet_length(userset_to_roaring(u)) FROM compressed), 'a compressed value');
SELECT is((SELECT cardinality(u) FROM stored WHERE n = 1), 200000::bigint, 'its cardinality');
SELECT is((SELECT count(*) FROM generate_series(0, 400) id, stored WHERE contains(u, id)), 201 - 1 + 134::bigint, 'contains, the set changing with every row');
SELECT is((SELECT count(*) FROM generate_series(-10, 400010) id WHERE contains((SELECT u FROM stored WHERE n = 1), id)), 200000::bigint, 'contains, always the same set');
SELECT is((SELECT count(*) FROM generate_series(-10, 400010) id WHERE contains((SELECT u FROM compressed), id)), 80002::bigint, 'contains, a compressed set');
-- PL/pgSQL keeps what a function has cached and calls it with other sets
CREATE FUNCTION asked() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text := '';
	s userset;
BEGIN
	FOR s IN SELECT u FROM stored UNION ALL SELECT '{1-3}' UNION ALL SELECT u FROM compressed UNION ALL SELECT '{}' LOOP
		answer := answer || contains(s, 3)::int || contains(s, 2)::int || contains(s, 70000)::int || contains('{3}', 3)::int || ' ';
	END LOOP;
	RETURN answer;
END $$;
SELECT is(asked(), '1001 1001 1101 0011 0001 ', 'contains in a loop of PL/pgSQL');

-- NULL is no set: unknown to operators and functions, skipped by aggregates; coalesce makes it the empty one.
CREATE TABLE joined AS SELECT a, b FROM (VALUES (1, '{1-3}'::userset), (2, '{5}')) x (n, a) LEFT JOIN (VALUES (1, '{2-4}'::userset)) y (n, b) USING (n) ORDER BY n;
SELECT is(array_agg(x ORDER BY a), ARRAY[NULL, known]::text[], name || ': NULL if a set is')
FROM joined, LATERAL (VALUES ('|', (a | b)::text, '{1-4}'), ('&', (a & b)::text, '{2,3}'), ('-', (a - b)::text, '{1}'), ('#', (a # b)::text, '{1,4}'), ('and', and_cardinality(a, b)::text, '2'),
	('or', or_cardinality(a, b)::text, '4'), ('andnot', andnot_cardinality(a, b)::text, '1'), ('xor', xor_cardinality(b, a)::text, '2')) v (name, x, known) GROUP BY name, known ORDER BY name;
SELECT is(array_agg(or_cardinality(a, coalesce(b, '{}')) ORDER BY a), ARRAY[1, 4]::bigint[], 'coalesce: nobody') FROM joined;
SELECT is(array_agg(cardinality(a - coalesce(b, '{}')) ORDER BY a), ARRAY[1, 1]::bigint[], 'nobody is left out') FROM joined;
SELECT is((union_agg(b), intersect_agg(b), xor_agg(b))::text, '({2-4},{2-4},{2-4})', 'aggregates skip NULL') FROM joined;

SELECT * FROM finish();
ROLLBACK;
