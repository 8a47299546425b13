-- Sankey diagrams: widths are in proportion to values, names are escaped, ways lead back, and many links are bounded.
\ir ../setup.psql
SELECT no_plan();

CREATE FUNCTION is_svg(svg text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN xml_is_well_formed_document(svg);
EXCEPTION WHEN feature_not_supported THEN
	RETURN svg LIKE '<svg %</svg>';
END $$;
-- What the picture shows: links with the widths of their ribbons, and nodes with their heights.
CREATE FUNCTION ribbons(svg text) RETURNS TABLE (source text, target text, width float8, shown text, way text) LANGUAGE sql AS $$
	SELECT m[3], m[4], m[1]::float8, m[5], m[2]
	FROM regexp_matches(svg, '<path class=''way mark [^'']*'' stroke-width=''([0-9.]+)'' d=''([^'']*)''><title>([^<]*) &#8594; ([^<]*): ([^<]*)</title>', 'g') AS m $$;
CREATE FUNCTION heights(svg text) RETURNS TABLE (node text, x float8, y float8, height float8, shown text) LANGUAGE sql AS $$
	SELECT m[4], m[1]::float8, m[2]::float8, m[3]::float8, m[5]
	FROM regexp_matches(svg, '<rect class=''node [^'']*'' x=''([0-9.]+)'' y=''([0-9.]+)'' width=''14'' height=''([0-9.]+)''><title>([^<]*): ([^<]*)</title>', 'g') AS m $$;

CREATE TABLE log AS
SELECT u AS user_id, moment(u * 10000 + n * 60) AS at, (ARRAY['home', 'search', 'offer', 'apply', '<script>', 'help'])[1 + rnd(u * 10 + n, 3, 6)] AS page
FROM generate_series(1, 300) AS u, generate_series(1, 6) AS n WHERE n <= 1 + rnd(u, 1, 6);
CREATE TABLE flow AS SELECT path_flow(user_id, at, page, '30 minutes', 5, NULL, NULL, 'top 4') AS flow FROM log;
CREATE TABLE picture AS SELECT path_flow_svg(flow) AS svg FROM flow;

SELECT ok(is_svg(svg) AND svg NOT LIKE '%<script%', 'a flow') FROM picture;
SELECT results_eq('SELECT source, target, substring(shown FROM ''^[0-9]+'')::bigint, count(*) FROM picture, ribbons(svg) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3',
	'SELECT replace(replace(source, ''<'', ''&lt;''), ''>'', ''&gt;''), replace(replace(target, ''<'', ''&lt;''), ''>'', ''&gt;''), sessions, count(*) FROM flow, flow_links(flow) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3',
	'a ribbon for each link');
SELECT ok(max(abs(width - v * one)) < 0.011, 'widths are in proportion')
FROM (SELECT width, substring(shown FROM '^[0-9]+')::float8 AS v, max(width) OVER () / max(substring(shown FROM '^[0-9]+')::float8) OVER () AS one FROM picture, ribbons(svg)) AS r;
-- what enters a node leaves it, or ends there
SELECT ok(bool_and(abs(h.height - r.sum - e.height) < 0.02 * (r.n + 2)) AND count(*) > 5, 'ribbons and exits fill a node: ' || max(abs(h.height - r.sum - e.height)))
FROM picture, LATERAL (SELECT * FROM heights(svg)) AS h,
	LATERAL (SELECT coalesce(sum(width), 0) AS sum, count(*) AS n FROM ribbons(svg) AS r WHERE r.source = h.node AND split_part(substr(r.way, 2), ' ', 1)::float8 = h.x + 14) AS r,
	LATERAL (SELECT coalesce(sum(m[2]::float8), 0) AS height FROM regexp_matches(svg, '<rect class=''jm lost'' fill-opacity=''.3'' x=''([0-9.]+)'' y=''[0-9.]+'' width=''9'' height=''([0-9.]+)''><title>([^<]*): ', 'g') AS m
		WHERE m[3] = h.node AND m[1]::float8 = h.x + 14) AS e
WHERE h.x < (SELECT max(x) FROM heights(svg));
SELECT ok(bool_and(abs(h.height - r.sum) < 0.02 * (r.n + 2)) AND count(*) > 5, 'ribbons fill the node that they enter')
FROM picture, LATERAL (SELECT * FROM heights(svg)) AS h, LATERAL (SELECT sum(width) AS sum, count(*) AS n FROM ribbons(svg) AS r WHERE r.target = h.node AND abs(substring(r.way FROM '([0-9.]+) [0-9.]+$')::float8 - h.x) < 0.01) AS r
WHERE h.x > (SELECT min(x) FROM heights(svg));
-- no node lies on another
SELECT is(count(*), 0::bigint, 'nodes are apart') FROM picture, LATERAL (SELECT * FROM heights(svg)) AS a, LATERAL (SELECT * FROM heights(svg)) AS b
WHERE a.x = b.x AND (a.y, a.node) < (b.y, b.node) AND a.y + a.height > b.y + 0.02;
SELECT is((SELECT string_agg(node || ' ' || shown, ', ' ORDER BY node) FROM heights(svg) WHERE x = (SELECT min(x) FROM heights(svg))),
	(SELECT string_agg(replace(replace(node, '<', '&lt;'), '>', '&gt;') || ' ' || sessions, ', ' ORDER BY replace(node, '<', '&lt;')) FROM flow, flow_nodes(flow) WHERE position = 1), 'nodes of step 1') FROM picture;
SELECT is((SELECT count(DISTINCT x) FROM heights(svg)), 3::bigint, 'positions that end at -1') FROM (SELECT path_flow_svg(path_flow(user_id, at, page, '30 minutes', 3, NULL, 'apply')) AS svg FROM log) AS s;
SELECT ok(svg LIKE '%>step -3<%>step -1<%', 'their numbers') FROM (SELECT path_flow_svg(path_flow(user_id, at, page, '30 minutes', 3, NULL, 'apply')) AS svg FROM log) AS s;
SELECT ok((SELECT bool_and(shown LIKE '%users%') AND count(*) > 0 FROM ribbons(svg)), 'users') FROM (SELECT path_flow_svg(flow, '{"value": "users"}') AS svg FROM flow) AS s;
SELECT ok((SELECT min(substring(shown FROM '^[0-9]+')::int) >= 10 FROM ribbons(svg)), 'min_users') FROM (SELECT path_flow_svg(flow, '{"value": "users", "min_users": 10}') AS svg FROM flow) AS s;
SELECT ok(path_flow_svg(NULL) LIKE '%no data%', 'no flow');

-- rows of any query: ways that lead back, circles, top
CREATE TABLE link (source text, target text, n int, note text);
INSERT INTO link VALUES ('a', 'b', 100, 'x'), ('b', 'c', 60, 'x'), ('c', 'a', 10, 'x'), ('b', 'b', 5, 'x'), ('a', 'd', 7, 'x'), ('d', NULL, 2, 'x'), (NULL, 'a', 90, 'x'), (NULL, NULL, 9, 'x'), ('a', 'z', NULL, 'x'), ('a', 'z', 0, 'x'), ('a', 'z', -5, 'x');
SELECT is((SELECT string_agg(source || target || ' ' || shown, ', ' ORDER BY source, target) FROM ribbons(svg)), 'ab 100 n, ad 7 n, bb 5 n, bc 60 n, ca 10 n', 'links')
FROM (SELECT chart_svg(r, 'sankey') AS svg FROM link AS r) AS s;
SELECT is((SELECT string_agg(source || target, ', ' ORDER BY source, target) FROM ribbons(svg) WHERE split_part(substr(way, 2), ' ', 1)::float8 > substring(way FROM '([0-9.]+) [0-9.]+$')::float8), 'bb, ca', 'ways that lead back')
FROM (SELECT chart_svg(r, 'sankey') AS svg FROM link AS r) AS s;
SELECT is((SELECT string_agg(node || ' ' || shown, ', ' ORDER BY node) FROM heights(svg)), 'a 107, b 105, c 60, d 7', 'nodes') FROM (SELECT chart_svg(r, 'sankey') AS svg FROM link AS r) AS s;
SELECT is((SELECT string_agg(source || ' ' || target || ' ' || shown, ', ' ORDER BY source, target) FROM ribbons(svg)), 'one two 3 n', 'links of the same nodes are added up')
FROM (SELECT chart_svg(r, 'sankey', '{"label": "from", "series": "to"}') AS svg FROM (VALUES ('one', 'two', 1), ('one', 'two', 2)) AS r("from", "to", n)) AS s;
SELECT is((SELECT string_agg(source || ' ' || target || ' ' || shown, ', ' ORDER BY source, target) FROM ribbons(svg)), 'a (other) 3 n, a t3 3 n, a t4 4 n', 'top')
FROM (SELECT chart_svg(r, 'sankey', '{"top": 2}') AS svg FROM (SELECT 'a' AS source, 't' || i AS target, i AS n FROM generate_series(1, 4) AS i) AS r) AS s;
SELECT ok(is_svg(chart_svg(r, 'sankey')), 'one row') FROM (SELECT * FROM link LIMIT 1) AS r;
SELECT ok(is_svg(chart_svg(r, 'sankey')), 'a node that leads to itself') FROM (VALUES ('a', 'a', 1)) AS r(source, target, n);
SELECT ok(is_svg(chart_svg(r, 'sankey')), 'only what ends') FROM (VALUES ('a', NULL::text, 1), ('b', NULL, 2)) AS r(source, target, n);
SELECT ok(is_svg(svg) AND svg LIKE '%no data%', 'rows without links') FROM (SELECT chart_svg(r, 'sankey') AS svg FROM (VALUES ('a', 'b', NULL::int), (NULL, NULL, 1)) AS r(source, target, n)) AS s;
SELECT is((SELECT chart_svg(r, 'sankey') FROM link AS r WHERE false), NULL, 'no rows');
SELECT throws_ok($$SELECT chart_svg(r, 'sankey') FROM (SELECT 'a' AS a, 1 AS n) AS r$$, '42703', NULL, 'no target');
SELECT throws_ok($$SELECT chart_svg(r, 'sankey') FROM (SELECT 'a' AS a, 'b' AS b) AS r$$, '42703', NULL, 'no number');
SELECT is(count(DISTINCT svg), 1::bigint, 'the same rows give the same picture') FROM (SELECT i, chart_svg(r, 'sankey') AS svg FROM generate_series(1, 3) AS i, link AS r GROUP BY i) AS s;

-- hostile names and numbers
SELECT ok(is_svg(svg) AND svg NOT LIKE '%<script%' AND svg NOT LIKE '%" onload%' AND svg !~ '[\u0001-\u0008\u200f\u202e\uffff]', 'names are escaped')
FROM (SELECT chart_svg(r, 'sankey') AS svg FROM (VALUES ('<script>alert(1)</script>', '" onload="x', 1.5), (E'a\x01\u202Eb', ']]>', 2), ('', repeat('贷款', 5000), 3), ('</title></svg>', '(other)', 3)) AS r(source, target, n)) AS s;
SELECT ok(is_svg(svg) AND svg !~ '[MCH''](-?(nan|inf|NaN|Infinity))', 'extreme numbers')
FROM (SELECT chart_svg(r, 'sankey') AS svg FROM (VALUES ('a', 'b', 'infinity'::float8), ('b', 'c', '-infinity'), ('c', 'd', 'nan'), ('d', 'e', 1e308), ('e', 'a', 1e308), ('e', 'f', 5e-324), ('f', 'd', 1)) AS r(source, target, n)) AS s;
SELECT ok(is_svg(chart_svg(r, 'sankey', '{"width": 200, "height": 100}')), 'in little room') FROM (SELECT i % 40 AS position, 'a long name ' || i AS source, 'another ' || i % 7 AS target, i AS n FROM generate_series(1, 300) AS i) AS r;
SELECT ok(is_svg(svg), 'extreme positions') FROM (SELECT chart_svg(r, 'sankey') AS svg FROM (VALUES (-1e9, 'a', 'b', 1), (1e9, 'b', 'c', 2), ('nan', 'b', 'c', 2), (NULL, 'c', 'd', 2)) AS r(position, source, target, n)) AS s;

-- many links
SELECT ok(is_svg(svg) AND length(svg) < 4000000 AND (SELECT count(*) BETWEEN 1 AND 5000 FROM ribbons(svg)), what)
FROM (SELECT '10,000 links of a few nodes' AS what, chart_svg(r, 'sankey') AS svg FROM (SELECT 'n' || i / 100 AS source, 'n' || i % 100 AS target, 1 + i % 97 AS n FROM generate_series(1, 10000) AS i) AS r
	UNION ALL SELECT '10,000 links of many nodes', chart_svg(r, 'sankey') FROM (SELECT 'n' || rnd(i, 1, 3000) AS source, 'n' || rnd(i, 2, 3000) AS target, 1 + i % 97 AS n FROM generate_series(1, 10000) AS i) AS r
	UNION ALL SELECT 'a chain of 10,000', chart_svg(r, 'sankey') FROM (SELECT 'n' || i AS source, 'n' || i + 1 AS target, 1 AS n FROM generate_series(1, 10000) AS i) AS r
	UNION ALL SELECT 'a star of 10,000', chart_svg(r, 'sankey') FROM (SELECT 'n' || i AS source, 'hub' AS target, 1 AS n FROM generate_series(1, 10000) AS i) AS r) AS s;

-- no more crossings than d3-sankey 0.12.3, whose layers were the same, with the best of 6, 32 and 100 iterations
SELECT cmp_ok(crossings, '<=', d3, 'few crossings: ' || crossings || ', d3-sankey ' || d3)
FROM (VALUES (1, 67), (2, 51), (3, 61), (4, 55), (5, 56)) AS d(seed, d3),
	LATERAL (SELECT chart_svg(r, 'sankey') AS svg FROM (SELECT i % 5 + 1 AS position, 'n' || rnd(i, seed, 12) AS source, 'n' || rnd(i, seed + 10, 12) AS target, sum(1 + rnd(i, seed + 20, 50)) AS n
		FROM generate_series(1, 80) AS i GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) AS r) AS s,
	LATERAL (WITH ends AS (SELECT p[1]::float8 AS x, p[2]::float8 AS y0, p[array_upper(p, 1)]::float8 AS y1 FROM ribbons(svg), regexp_split_to_array(translate(way, 'MC', '  '), ' ') AS a, array_remove(a, '') AS p)
		SELECT count(*)::int AS crossings FROM ends AS a, ends AS b WHERE a.x = b.x AND a.y0 < b.y0 AND a.y1 > b.y1) AS c;

-- a picture can be cancelled
CREATE FUNCTION is_cancelled() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM chart_svg(r, 'sankey') FROM (SELECT 'n' || i % 9973 AS source, 'n' || i % 9967 AS target, 1 AS n FROM generate_series(1, 100000) AS i) AS r;
	RETURN false;
EXCEPTION WHEN query_canceled THEN
	RETURN true;
END $$;
SET LOCAL statement_timeout = '30ms';
SELECT ok(is_cancelled(), 'cancel');
RESET statement_timeout;

SELECT * FROM finish();
ROLLBACK;
