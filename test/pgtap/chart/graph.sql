-- Graphs of transitions: boxes and arrows have the numbers of the rows.
\ir ../setup.psql
SELECT no_plan();

CREATE FUNCTION is_svg(svg text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN xml_is_well_formed_document(svg);
EXCEPTION WHEN feature_not_supported THEN
	RETURN svg LIKE '<svg %</svg>';
END $$;
CREATE FUNCTION arrows(svg text) RETURNS TABLE (source text, target text, width float8, shown text, back boolean) LANGUAGE sql AS $$
	SELECT m[3], m[4], m[2]::float8, m[5], m[1] = '2'
	FROM regexp_matches(svg, '<g class=''way mark [^'']*''><path class=''jl jl([12])'' style=''stroke-width:([0-9.]+)'' [^>]*/><path [^>]*/><title>([^<]*) &#8594; ([^<]*): ([^<]*)</title>', 'g') AS m $$;
CREATE FUNCTION boxes(svg text) RETURNS TABLE (node text, x float8, y float8, width float8, shown text) LANGUAGE sql AS $$
	SELECT m[4], m[1]::float8, m[2]::float8, m[3]::float8, m[5]
	FROM regexp_matches(svg, '<g class=''node n\d+?''><rect class=''jb'' x=''([0-9.]+)'' y=''([0-9.]+)'' width=''([0-9.]+)''[^>]*/>.*?<title>([^<:]*): ([^<]*)</title></g>\n', 'g') AS m $$;
CREATE FUNCTION escaped(name text) RETURNS text LANGUAGE sql AS $$ SELECT replace(replace(name, '<', '&lt;'), '>', '&gt;') $$;

CREATE TABLE log AS
SELECT u AS user_id, moment(u * 10000 + n * 60) AS at, (ARRAY['home', 'search', 'offer', 'apply', '<script>', 'help'])[1 + rnd(u * 10 + n, 3, 6)] AS page
FROM generate_series(1, 300) AS u, generate_series(1, 6) AS n WHERE n <= 1 + rnd(u, 1, 6);
CREATE TABLE result AS SELECT transitions(user_id, at, page) AS stats FROM log;
CREATE TABLE picture AS SELECT transitions_svg(stats) AS svg FROM result;

SELECT ok(is_svg(svg) AND svg NOT LIKE '%<script%', 'a graph') FROM picture;
SELECT results_eq('SELECT source, target, split_part(shown, '' '', 1)::bigint FROM picture, arrows(svg) ORDER BY 1, 2', 'SELECT escaped(source), escaped(target), count FROM result, transition_links(stats) ORDER BY 1, 2', 'an arrow for each link');
SELECT results_eq('SELECT node, shown FROM picture, boxes(svg) ORDER BY 1',
	'SELECT escaped(node), count || coalesce('', '' || nullif(entries, 0) || '' entries'', '''') || coalesce('', '' || nullif(exits, 0) || '' exits'', '''') FROM result, transition_nodes(stats) ORDER BY 1', 'a box for each node');
SELECT ok(bool_and(abs(width - greatest(v * 8 / most, 1)) < 0.011), 'widths of arrows')
FROM (SELECT width, split_part(shown, ' ', 1)::float8 AS v, (SELECT greatest((SELECT max(count) FROM result, transition_links(stats)), (SELECT max(greatest(entries, exits)) FROM result, transition_nodes(stats))))::float8 AS most FROM picture, arrows(svg)) AS a;
SELECT is(count(*), 0::bigint, 'boxes are apart') FROM picture, LATERAL (SELECT * FROM boxes(svg)) AS a, LATERAL (SELECT * FROM boxes(svg)) AS b WHERE a.y = b.y AND a.x < b.x AND a.x + a.width > b.x;
SELECT ok(bool_and(x >= 15.9 AND x + width <= 704.1), 'boxes are in the picture') FROM picture, boxes(svg);
SELECT ok((SELECT min(split_part(shown, ' ', 1)::int) >= 10 FROM arrows(svg)), 'min_users') FROM (SELECT transitions_svg(stats, '{"min_users": 10}') AS svg FROM result) AS s;
SELECT ok(transitions_svg(NULL) LIKE '%no data%', 'no transitions');

SELECT is((SELECT string_agg(source || target || CASE WHEN back THEN ' back' ELSE '' END, ', ' ORDER BY source, target) FROM arrows(svg)), 'ab, bb back, bc, ca back, ce, dc back, ed', 'which lead back')
FROM (SELECT chart_svg(r, 'graph') AS svg FROM (VALUES ('a', 'b', 100), ('b', 'b', 3), ('b', 'c', 90), ('c', 'a', 5), ('c', 'e', 80), ('e', 'd', 1), ('d', 'c', 2)) AS r(source, target, n)) AS s;
SELECT ok(is_svg(chart_svg(r, 'graph')), 'one row') FROM (VALUES ('a', 'b', 1)) AS r(source, target, n);
SELECT ok(is_svg(chart_svg(r, 'graph')), 'a node that leads to itself') FROM (VALUES ('a', 'a', 1)) AS r(source, target, n);
SELECT ok(is_svg(svg) AND svg LIKE '%no data%', 'rows without links') FROM (SELECT chart_svg(r, 'graph') AS svg FROM (VALUES ('a', 'b', NULL::int), (NULL, NULL, 1)) AS r(source, target, n)) AS s;
SELECT is(count(DISTINCT svg), 1::bigint, 'the same rows give the same picture') FROM (SELECT i, transitions_svg(stats) AS svg FROM generate_series(1, 3) AS i, result) AS s;
SELECT ok(is_svg(svg) AND svg NOT LIKE '%<script%' AND svg !~ '[\u0001-\u0008\u200f\u202e\uffff]', 'names are escaped')
FROM (SELECT chart_svg(r, 'graph') AS svg FROM (VALUES ('<script>alert(1)</script>', '" onload="x', 1.5), (E'a\x01\u202Eb', ']]>', 2), ('', repeat('贷款', 5000), 3), ('</title></svg>', '(other)', 3)) AS r(source, target, n)) AS s;
SELECT ok(is_svg(svg) AND svg !~ '[MCH''](-?(nan|inf|NaN|Infinity))', 'extreme numbers')
FROM (SELECT chart_svg(r, 'graph') AS svg FROM (VALUES ('a', 'b', 'infinity'::float8), ('b', 'c', '-infinity'), ('c', 'd', 'nan'), ('d', 'e', 1e308), ('e', 'a', 1e308), ('e', 'f', 5e-324), ('f', 'd', 1)) AS r(source, target, n)) AS s;
SELECT ok(is_svg(chart_svg(r, 'graph', '{"width": 200, "height": 100}')), 'in little room') FROM (SELECT 'a long name ' || i AS source, 'another ' || i % 7 AS target, i AS n FROM generate_series(1, 300) AS i) AS r;
SELECT ok(is_svg(svg) AND (SELECT count(*) BETWEEN 1 AND 300 FROM arrows(svg)), what)
FROM (SELECT '10,000 links of a few nodes' AS what, chart_svg(r, 'graph') AS svg FROM (SELECT 'n' || i / 100 AS source, 'n' || i % 100 AS target, 1 + i % 97 AS n FROM generate_series(1, 10000) AS i) AS r
	UNION ALL SELECT '10,000 links of many nodes', chart_svg(r, 'graph') FROM (SELECT 'n' || rnd(i, 1, 3000) AS source, 'n' || rnd(i, 2, 3000) AS target, 1 + i % 97 AS n FROM generate_series(1, 10000) AS i) AS r
	UNION ALL SELECT 'a star of 10,000', chart_svg(r, 'graph') FROM (SELECT 'n' || i AS source, 'hub' AS target, 1 AS n FROM generate_series(1, 10000) AS i) AS r) AS s;

SELECT * FROM finish();
ROLLBACK;
