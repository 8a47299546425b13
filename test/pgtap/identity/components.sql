-- connected_components(): as a recursive query, for ids of any type, in any plan and order of rows.
\ir ../setup.psql
SELECT no_plan();

-- Random graphs, from a few links among many ids to many among few; with loops, both directions, and lone ids.
CREATE TABLE links (n int, a bigint, b bigint, place int);
INSERT INTO links
SELECT n, CASE WHEN rnd(n * 1000 + i, 1, 12) > 0 THEN rnd(n * 1000 + i, 2, ids) - ids / 2 END, CASE WHEN rnd(n * 1000 + i, 3, 12) > 0 THEN rnd(n * 1000 + i, 4, ids) - ids / 2 END, i
FROM generate_series(1, 40) AS n, LATERAL (SELECT 2 + rnd(n, 5, 120) AS ids) AS s, generate_series(1, 1 + rnd(n, 6, 90)) AS i;

-- What is in one component with each id, by its definition: whoever can be reached. NULL: no link.
CREATE FUNCTION by_recursion(case_of int) RETURNS TABLE (id bigint, component bigint) LANGUAGE sql AS $$
	WITH RECURSIVE one AS (SELECT a, b FROM links WHERE n = case_of),
		edges AS (SELECT a, b FROM one WHERE b IS NOT NULL AND a IS NOT NULL UNION SELECT b, a FROM one WHERE b IS NOT NULL AND a IS NOT NULL
			UNION SELECT a, a FROM one WHERE a IS NOT NULL UNION SELECT b, b FROM one WHERE b IS NOT NULL),
		reached AS (SELECT a AS id, b AS other FROM edges UNION SELECT r.id, e.b FROM reached AS r JOIN edges AS e ON e.a = r.other)
	SELECT r.id, min(r.other) FROM reached AS r GROUP BY r.id $$;

CREATE TABLE expected AS SELECT n, r.* FROM generate_series(1, 40) AS n, by_recursion(n) AS r;

CREATE FUNCTION differs(query text) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('(%s EXCEPT SELECT n, id, component FROM expected) UNION ALL (SELECT n, id, component FROM expected EXCEPT %1$s)', query);
END $$;

SELECT cmp_ok((SELECT count(*) FROM expected), '>', 500::bigint, 'there are ids');
SELECT cmp_ok((SELECT count(DISTINCT (n, component)) FROM expected), '>', 100::bigint, 'and components');
SELECT is_empty($$SELECT * FROM differs('SELECT l.n, r.id, r.component FROM (SELECT DISTINCT n FROM links) AS l, component_rows((SELECT connected_components(a, b) FROM links WHERE links.n = l.n), NULL::bigint) AS r') AS d(n int, id bigint, component bigint)$$, 'as by recursion');
SELECT is_empty($$SELECT * FROM differs('SELECT l.n, r.id, r.component FROM (SELECT DISTINCT n FROM links) AS l, component_rows((SELECT connected_components(b, a ORDER BY rnd(place, 77, 1000)) FROM links WHERE links.n = l.n), NULL::bigint) AS r') AS d(n int, id bigint, component bigint)$$, 'in any order, and in the other direction');
SELECT is_empty($$SELECT * FROM differs('SELECT l.n, r.id::bigint, r.component::bigint FROM (SELECT DISTINCT n FROM links) AS l, component_rows((SELECT connected_components(a::int, b::int) FROM links WHERE links.n = l.n), NULL::int) AS r') AS d(n int, id bigint, component bigint)$$, 'of integer');
SELECT is_empty($$SELECT * FROM differs('SELECT l.n, r.id, r.component FROM (SELECT DISTINCT n FROM links) AS l, component_rows((SELECT connected_components(a::int, b::int) FROM links WHERE links.n = l.n), NULL::bigint) AS r') AS d(n int, id bigint, component bigint)$$, 'which may be read as bigint');
SELECT is_empty($$SELECT * FROM differs('SELECT l.n, r.id::bigint, r.component::bigint FROM (SELECT DISTINCT n FROM links) AS l, component_rows((SELECT connected_components(a + 0.5, b + 0.5) FROM links WHERE links.n = l.n), NULL::numeric) AS r0, LATERAL (SELECT r0.id - 0.5 AS id, r0.component - 0.5 AS component) AS r') AS d(n int, id bigint, component bigint)$$, 'of numeric, which are compared as numbers');
SELECT is_empty($$SELECT * FROM differs('SELECT l.n, r.id::bigint, r.component::bigint FROM (SELECT DISTINCT n FROM links) AS l, component_rows((SELECT connected_components(a::numeric, b * 1.0) FROM links WHERE links.n = l.n), NULL::numeric) AS r') AS d(n int, id bigint, component bigint)$$, 'whole ones, of any scale');
-- as text, the smallest id is the first in its collation
SELECT set_eq($$SELECT l.n, r.id, r.component FROM (SELECT DISTINCT n FROM links) AS l, component_rows((SELECT connected_components(a::text, b::text) FROM links WHERE links.n = l.n), NULL::text) AS r$$,
	$$SELECT n, id::text, min(id::text) OVER (PARTITION BY n, component) FROM expected$$, 'of text');
SELECT set_eq($$SELECT l.n, r.id, r.component FROM (SELECT DISTINCT n FROM links) AS l, component_rows((SELECT connected_components(md5(a::text)::uuid, md5(b::text)::uuid) FROM links WHERE links.n = l.n), NULL::uuid) AS r$$,
	$$SELECT n, md5(id::text)::uuid, min(md5(id::text)) OVER (PARTITION BY n, component)::uuid FROM expected$$, 'of uuid');
SELECT set_eq($$SELECT id, component FROM component_rows((SELECT connected_components(a, b) FROM (VALUES ('x'::char(3), 'y'::char(3)), ('z', 'y'), ('w', NULL), (NULL, NULL)) AS v(a, b)), NULL::char(3))$$,
	$$VALUES ('x'::char(3), 'x'::char(3)), ('y', 'x'), ('z', 'x'), ('w', 'w')$$, 'of other types');

-- ---- plans -----------------------------------------------------------------------------

CREATE TABLE big AS SELECT rnd(i, 1, 30000)::bigint AS a, rnd(i, 2, 30000)::bigint AS b FROM generate_series(1, 20000) AS i;
ALTER TABLE big SET (parallel_workers = 2);
ANALYZE big;
CREATE TABLE alone AS SELECT id, component FROM component_rows((SELECT connected_components(a, b) FROM big), NULL::bigint);
SELECT is((SELECT count(*) FROM alone), (SELECT count(*) FROM (SELECT a FROM big UNION SELECT b FROM big) AS u), 'each id has a row');
SELECT is((SELECT count(*) FROM big JOIN alone AS x ON x.id = big.a JOIN alone AS y ON y.id = big.b WHERE x.component <> y.component), 0::bigint, 'both ends of a link are in one component');
SELECT is((SELECT count(*) FROM alone WHERE component > id), 0::bigint, 'which has the name of its smallest');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	result text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		result := result || line || E'\n';
	END LOOP;
	RETURN result;
END $$;
SELECT alike(plan_of('SELECT connected_components(a, b) FROM big'), '%Partial Aggregate%', 'processes share the work');
SELECT set_eq('SELECT id, component FROM component_rows((SELECT connected_components(a, b) FROM big), NULL::bigint)', 'SELECT id, component FROM alone', 'and answer the same');
SELECT set_eq('SELECT id, component FROM component_rows((SELECT connected_components(a::text, b::text) FROM big), NULL::text)', 'SELECT id::text, min(id::text) OVER (PARTITION BY component) AS component FROM alone', 'also for text');
SELECT set_eq('SELECT id, component FROM component_rows((SELECT connected_components(a + 0.5, b + 0.5) FROM big), NULL::numeric)', 'SELECT id + 0.5 AS id, component + 0.5 AS component FROM alone', 'and numeric');
SELECT set_eq('SELECT id, component FROM component_rows((SELECT connected_components(a::numeric, b::numeric) FROM big), NULL::numeric)', 'SELECT id, component FROM alone', 'whole numbers of it, too');
SELECT set_eq('SELECT a % 3, (SELECT string_agg(concat(id, '' '', component), '','' ORDER BY id) FROM component_rows(connected_components(a, b), NULL::bigint)) FROM big WHERE a < 3000 GROUP BY a % 3',
	'SELECT r, (SELECT string_agg(concat(id, '' '', component), '','' ORDER BY id) FROM component_rows((SELECT connected_components(a, b) FROM big WHERE a < 3000 AND a % 3 = r), NULL::bigint)) FROM generate_series(0, 2) AS r', 'of each group');

-- ---- edges -----------------------------------------------------------------------------

SELECT ok((SELECT connected_components(a, b) IS NULL FROM big WHERE a < 0), 'no rows give NULL');
SELECT is_empty('SELECT * FROM component_rows(NULL, NULL::bigint)', 'which has no rows');
SELECT is_empty('SELECT * FROM component_rows((SELECT connected_components(NULL::bigint, NULL::bigint)), NULL::bigint)', 'nor have links of nothing');
SELECT results_eq('SELECT id, component FROM component_rows((SELECT connected_components(NULL, 7::bigint)), NULL::bigint)', 'VALUES (7::bigint, 7::bigint)', 'an id without a link');
SELECT results_eq('SELECT id, component FROM component_rows((SELECT connected_components(v, -9223372036854775808) FROM (VALUES (9223372036854775807)) AS x(v)), NULL::bigint) ORDER BY 1', 'VALUES (-9223372036854775808, -9223372036854775808), (9223372036854775807, -9223372036854775808)', 'the extremes');
SELECT results_eq($$SELECT id, component FROM component_rows((SELECT connected_components(v, 'b') FROM (VALUES (''), ('b')) AS x(v)), NULL::text) ORDER BY 1$$, $$VALUES ('', ''), ('b', '')$$, 'an empty text is an id');
SELECT throws_ok($$SELECT * FROM component_rows((SELECT connected_components('a'::text, 'b'::text)), NULL::bigint)$$, '42804', 'the ids of these components are of type text, not bigint', 'the type of the rows is that of the ids');
SELECT throws_ok($$SELECT connected_components('(1,2)'::point, '(1,2)')$$, '42883', NULL, 'a type without a hash');
SELECT throws_ok($$SELECT * FROM component_rows('x'::id_components, NULL::bigint)$$, '0A000', NULL, 'a value cannot be written');
SELECT throws_ok($$SELECT * FROM component_rows('(of a query that has ended)'::id_components, NULL::bigint)$$, '55000', NULL, 'nor kept');
SELECT throws_ok($$SELECT journey_internal.components_deserialize('\x14001f0000', NULL)$$, NULL, NULL, 'a support function cannot be called by itself');
SET LOCAL work_mem = '64kB';
SET LOCAL maintenance_work_mem = '1MB';
SELECT throws_ok('SELECT connected_components(i, i + 1) FROM generate_series(1, 300000) AS i', '53400', NULL, 'memory has a limit');
-- a long chain and a star
RESET work_mem;
RESET maintenance_work_mem;
SELECT is((SELECT count(*) FROM component_rows((SELECT connected_components(i, i + 1) FROM generate_series(1, 300000) AS i), NULL::int) WHERE component = 1), 300001::bigint, 'a chain');
SELECT is((SELECT count(*) FROM component_rows((SELECT connected_components(300001 - i, 300000 - i) FROM generate_series(1, 299999) AS i), NULL::int) WHERE component = 1), 300000::bigint, 'backwards');

SELECT throws_like('SELECT connected_components(1, 2) OVER ()', '%does not support use as a window function', 'not over a window');

SELECT * FROM finish();
ROLLBACK;
