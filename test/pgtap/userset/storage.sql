-- Large sets in each form that a value may have in a row: out of line, where functions read
-- it in pieces, compressed out of line and in line, and in memory. The answers must be the same.
\ir ../setup.psql
SELECT plan(30);

-- Ids of a shape: about 4000 of each 65536 (arrays), 21845 (bitmaps), runs, every
-- fifth id, which can be compressed, and few that are far from each other.
CREATE FUNCTION shape(shape int, base bigint, n int) RETURNS userset LANGUAGE sql AS $$
	SELECT CASE shape
		WHEN 0 THEN (SELECT userset_agg(base + i * 16::bigint + rnd(i, 1, 16)) FROM generate_series(1, n) i)
		WHEN 1 THEN (SELECT userset_agg(base + i * 3::bigint + rnd(i, 2, 3)) FROM generate_series(1, n) i)
		WHEN 2 THEN (SELECT ('{' || string_agg(base + i * 40::bigint || '-' || base + i * 40::bigint + rnd(i, 3, 37), ',') || '}')::userset FROM generate_series(1, n / 5) i)
		WHEN 3 THEN (SELECT userset_agg(base + i * 5::bigint) FROM generate_series(1, n) i)
		ELSE (SELECT userset_agg(base + rnd(i, 4, 900000000) * 65536::bigint) FROM generate_series(1, 300) i) END
$$;
-- 1 to 8: one shape each, over the sign, over the end of a bucket, far away; the others are unions of these.
CREATE TABLE made AS
SELECT s, shape(shape, base, n) AS u
FROM (VALUES (1, 0, 0::bigint, 120000), (2, 1, 100000, 150000), (3, 2, -500000, 100000), (4, 1, 4294967296 - 300000, 200000),
	(5, 0, -4294967296 * 7 - 900000, 60000), (6, 3, 1000000, 400000), (7, 4, -4294967296 * 5000, 0), (8, 1, 9223372036853775807 - 300000, 200000)) v (s, shape, base, n);
INSERT INTO made SELECT 9, union_agg(u) FROM made WHERE s IN (1, 4, 8);
INSERT INTO made SELECT 10, union_agg(u) FROM made WHERE s <= 8;
INSERT INTO made SELECT 11, union_agg(u) FROM made WHERE s IN (2, 5, 7);
INSERT INTO made SELECT 12, userset_range(u, 1200000, 1300000) FROM made WHERE s = 6;
INSERT INTO made SELECT 13, u - '{150001}' FROM made WHERE s = 4;
INSERT INTO made VALUES (18, shape(3, 0, 150000)), (14, '{}'), (15, '{42}'), (16, '{-500000-500000}'), (17, '{-9223372036854775808,9223372036854775807}');

CREATE TABLE external (s int, u userset);
INSERT INTO external TABLE made;
CREATE TABLE extended (s int, u userset);
ALTER TABLE extended ALTER u SET STORAGE extended;
INSERT INTO extended TABLE made;
CREATE TABLE main (s int, u userset);
ALTER TABLE main ALTER u SET STORAGE main;
INSERT INTO main TABLE made;
-- in memory, by way of bytes
CREATE TABLE memory AS SELECT s, userset_to_roaring(u) AS bytes FROM made;

SELECT ok((SELECT count(*) FROM external WHERE pg_column_size(u) > 65536) >= 7
	AND (SELECT bool_and(pg_column_size(u) >= octet_length(userset_to_roaring(u))) FROM external), 'large values that are not compressed');
SELECT ok((SELECT count(*) FROM extended WHERE pg_column_size(u) BETWEEN 2100 AND octet_length(userset_to_roaring(u)) * 0.8) >= 2, 'large values that are compressed');
SELECT ok((SELECT count(*) FROM main WHERE pg_column_size(u) < 3000 AND octet_length(userset_to_roaring(u)) > 30000) >= 1, 'compressed values in rows');
SELECT is_empty($$ SELECT s FROM made JOIN memory USING (s) WHERE cardinality(u) <> cardinality(roaring_to_userset(bytes)) OR u <> roaring_to_userset(bytes) $$, 'the same sets');

CREATE VIEW form (form, s, u) AS
SELECT 'external', s, u FROM external UNION ALL SELECT 'extended', s, u FROM extended UNION ALL SELECT 'main', s, u FROM main;

-- ---- two sets -----------------------------------------------------------------------------

-- the answers for sets in memory, each call with values of its own
CREATE TABLE pair AS
SELECT a.s AS a, b.s AS b, and_cardinality(x, y) AS n_and, or_cardinality(x, y) AS n_or, andnot_cardinality(x, y) AS n_andnot,
	xor_cardinality(x, y) AS n_xor, jaccard(x, y) AS alike, x && y AS shared, x <@ y AS in_b, x @> y AS in_a,
	md5(journey_internal.userset_send(x & y)) AS m_and, md5(journey_internal.userset_send(x | y)) AS m_or, md5(journey_internal.userset_send(x - y)) AS m_andnot, md5(journey_internal.userset_send(x # y)) AS m_xor
FROM memory a, memory b, LATERAL (SELECT roaring_to_userset(a.bytes) AS x, roaring_to_userset(b.bytes) AS y OFFSET 0) v;
SELECT ok(count(*) FILTER (WHERE n_and > 0 AND NOT in_b AND NOT in_a) > 40 AND count(*) FILTER (WHERE n_and = 0) > 50
	AND count(*) FILTER (WHERE in_b AND a <> b) > 20, 'pairs of all kinds') FROM pair;
SELECT is_empty($$ SELECT a, b FROM pair, LATERAL (SELECT u AS x FROM made WHERE s = a) x, LATERAL (SELECT u AS y FROM made WHERE s = b) y
	WHERE (n_and, n_or, n_andnot, n_xor) <> (cardinality(x & y), cardinality(x | y), cardinality(x - y), cardinality(x # y)) $$, 'cardinalities in memory are those of the results');
-- the first of a pair in each form, the second in each form
SELECT is_empty(format($$ SELECT a.form, b.form, p.a, p.b FROM pair p JOIN form a ON a.s = p.a JOIN form b ON b.s = p.b
	WHERE (%s) $$, condition), name)
FROM (VALUES ('and_cardinality', 'and_cardinality(a.u, b.u) <> n_and'), ('or_cardinality', 'or_cardinality(a.u, b.u) <> n_or'),
	('andnot_cardinality', 'andnot_cardinality(a.u, b.u) <> n_andnot'), ('xor_cardinality', 'xor_cardinality(a.u, b.u) <> n_xor'),
	('jaccard', 'jaccard(a.u, b.u) IS DISTINCT FROM alike'),
	('&&', '(a.u && b.u) <> shared'), ('<@', '(a.u <@ b.u) <> in_b'), ('@>', '(a.u @> b.u) <> in_a'),
	('&', 'md5(journey_internal.userset_send(a.u & b.u)) <> m_and'), ('|', 'md5(journey_internal.userset_send(a.u | b.u)) <> m_or'),
	('-', 'md5(journey_internal.userset_send(a.u - b.u)) <> m_andnot'), ('#', 'md5(journey_internal.userset_send(a.u # b.u)) <> m_xor')) v (name, condition);

-- ---- one set ------------------------------------------------------------------------------

-- members, their neighbours, and ids that are no members
CREATE TABLE probe AS
SELECT s, x, n, id FROM memory, LATERAL (SELECT roaring_to_userset(bytes) AS x OFFSET 0) v,
	LATERAL (SELECT n, greatest(least(userset_nth(x, 1 + rnd(s * 100 + n, 5, 1000000) % greatest(cardinality(x), 1)), 9223372036854775806), -9223372036854775807)
		+ (rnd(s * 100 + n, 6, 3) - 1) AS id FROM generate_series(1, 12) n OFFSET 0) p WHERE id IS NOT NULL
UNION ALL
SELECT s, roaring_to_userset(bytes), 0, unnest(ARRAY[0, -1, 65536 * 70, 4294967296, -4294967296 * 7, 9223372036854775807, '-9223372036854775808'::bigint]) FROM memory;
SELECT ok(count(*) FILTER (WHERE contains(x, id)) > 60 AND count(*) FILTER (WHERE NOT contains(x, id)) > 60, 'members and others') FROM probe;
SELECT is_empty($$ SELECT form, s, id FROM probe JOIN form USING (s) WHERE contains(u, id) <> contains(x, id) $$, 'contains, of many sets');
SELECT is_empty($$ SELECT form, s, id FROM form JOIN LATERAL (SELECT * FROM probe WHERE probe.s = form.s OFFSET 0) p USING (s) WHERE contains(u, id) <> contains(x, id) $$, 'contains, several times of each set');
SELECT is_empty($$ SELECT form, s, id FROM probe JOIN form USING (s) WHERE userset_rank(u, id) <> userset_rank(x, id) $$, 'userset_rank');
SELECT is_empty($$ SELECT form, s, n FROM probe JOIN form USING (s) WHERE userset_nth(u, n * n * 1000 + 1) IS DISTINCT FROM userset_nth(x, n * n * 1000 + 1) $$, 'userset_nth');
SELECT is_empty($$ SELECT form, s FROM memory JOIN form USING (s), LATERAL (SELECT roaring_to_userset(bytes) AS x OFFSET 0) v
	WHERE userset_min(u) IS DISTINCT FROM userset_min(x) OR userset_max(u) IS DISTINCT FROM userset_max(x) OR cardinality(u) <> cardinality(x) $$, 'userset_min, userset_max, cardinality');
SELECT is_empty($$ SELECT form, s, a.id, b.id FROM probe a JOIN probe b USING (s) JOIN form USING (s)
	WHERE a.n % 4 = 0 AND b.n % 5 = 0 AND userset_range(u, a.id, b.id) <> userset_range(a.x, a.id, b.id) $$, 'userset_range');
SELECT is_empty($$ SELECT form, s, id FROM probe JOIN form USING (s) WHERE n % 3 = 0
	AND (ARRAY(SELECT members(u, id, 700)) <> ARRAY(SELECT members(x, id, 700)) OR ARRAY(SELECT * FROM members(u, id, 3)) <> ARRAY(SELECT * FROM members(x, id, 3))) $$, 'pages of members');
SELECT is_empty($$ SELECT form, s FROM memory JOIN form USING (s), LATERAL (SELECT roaring_to_userset(bytes) AS x OFFSET 0) v
	WHERE userset_sample(u, 1000, s) <> userset_sample(x, 1000, s) $$, 'sample');

-- ---- many sets ----------------------------------------------------------------------------

SELECT is_empty($$ SELECT form, part FROM generate_series(1, 12) part, LATERAL (SELECT form, md5(journey_internal.userset_send(intersect_agg(u ORDER BY s))) AS both, md5(journey_internal.userset_send(union_agg(u ORDER BY s))) AS any
		FROM form WHERE s IN (part, 9, 10) OR s = 11 AND part = 2 GROUP BY form) a,
	LATERAL (SELECT md5(journey_internal.userset_send(intersect_agg(roaring_to_userset(bytes)))) AS both, md5(journey_internal.userset_send(union_agg(roaring_to_userset(bytes)))) AS any
		FROM memory WHERE s IN (part, 9, 10) OR s = 11 AND part = 2) m
	WHERE a.both <> m.both OR a.any <> m.any $$, 'intersect_agg, union_agg');

-- ---- what is read ---------------------------------------------------------------------------

CREATE FUNCTION pages(expression text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE format('EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT %s FROM external WHERE s = 10', expression) INTO plan;
	RETURN (plan->0->'Plan'->>'Shared Hit Blocks')::int + (plan->0->'Plan'->>'Shared Read Blocks')::int;
END $$;
SELECT cmp_ok(pages('journey_internal.userset_send(u)'), '>=', 90, 'a set of 700 kB fills 90 pages');
SELECT is_empty($$ SELECT expression, pages(expression) FROM unnest(ARRAY['contains(u, 1500000)', 'userset_min(u)', 'u && ''{-500000-500000}''',
		'u <@ ''{1}''', 'and_cardinality(u, ''{1500000-1500010}'')', 'members(u, 1500000, 10)', 'userset_range(u, 1500000, 1500010)']) expression
	WHERE pages(expression) > 45 $$, 'of which many answers need only some');

SELECT * FROM finish();
ROLLBACK;
