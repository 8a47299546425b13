-- Venn diagrams and UpSet plots: areas and bars are in proportion to users.
\ir ../setup.psql
SELECT no_plan();

CREATE FUNCTION is_svg(svg text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN xml_is_well_formed_document(svg);
EXCEPTION WHEN feature_not_supported THEN
	RETURN svg LIKE '<svg %</svg>';
END $$;
CREATE FUNCTION circles(svg text) RETURNS TABLE (n int, x float8, y float8, r float8) LANGUAGE sql AS $$
	SELECT m[1]::int, m[2]::float8, m[3]::float8, m[4]::float8
	FROM regexp_matches(svg, '<circle class=''set j(\d)'' [^>]* cx=''([0-9.]+)'' cy=''([0-9.]+)'' r=''([0-9.]+)''/>', 'g') AS m $$;
CREATE FUNCTION regions(svg text) RETURNS TABLE (region text, shown text) LANGUAGE sql AS $$
	SELECT m[1], m[2] FROM regexp_matches(svg, '<circle class=''region [^>]*><title>([^<:]*): ([^<]*)</title>', 'g') AS m $$;
CREATE FUNCTION columns(svg text) RETURNS TABLE (region text, shown text, height float8, dots bigint) LANGUAGE sql AS $$
	SELECT m[3], m[4], m[1]::float8, (length(m[2]) - length(replace(m[2], '<circle class=''mark', ''))) / length('<circle class=''mark')
	FROM regexp_matches(svg, '<g class=''column''><rect class=''mark j1'' [^>]*? height=''([0-9.]+)''/>(.*?)<title>([^<:]*): ([^<]*)</title></g>', 'g') AS m $$;
-- the area that two circles share
CREATE FUNCTION lens(a float8, b float8, d float8) RETURNS float8 LANGUAGE sql AS $$
	SELECT a * a * acos((d * d + a * a - b * b) / (2 * d * a)) + b * b * acos((d * d + b * b - a * a) / (2 * d * b)) - sqrt((a + b - d) * (d + a - b) * (d - a + b) * (d + a + b)) / 2 $$;

CREATE TABLE people AS SELECT n, userset_agg(u) AS users FROM generate_series(1, 2000) AS u, generate_series(1, 6) AS n WHERE rnd(u, n, 10) < n GROUP BY n;
CREATE TABLE picture AS SELECT k, overlap_svg(sets, '{"names": ["one", "two", "three", "four", "five", "six"]}') AS svg, sets
FROM generate_series(1, 6) AS k, LATERAL (SELECT array_agg(users ORDER BY n) AS sets FROM people WHERE n <= k) AS s;
CREATE FUNCTION named(sets int[]) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(('{one,two,three,four,five,six}'::text[])[s], ' + ' ORDER BY s) FROM unnest($1) AS s $$;

SELECT ok(is_svg(svg), k || ' sets') FROM picture ORDER BY k;
SELECT results_eq('SELECT k, region, split_part(shown, '' '', 1)::bigint FROM picture, regions(svg) WHERE k <= 3 ORDER BY 1, 2',
	'SELECT k, named(o.sets), users FROM picture AS p, overlap_regions(p.sets) AS o WHERE k <= 3 ORDER BY 1, 2', 'regions of Venn diagrams');
SELECT results_eq('SELECT k, region, replace(split_part(shown, '' '', 1), '','', '''')::bigint, dots FROM picture, columns(svg) WHERE k = 4 ORDER BY 1, 2',
	'SELECT k, named(o.sets), users, degree::bigint FROM picture AS p, overlap_regions(p.sets) AS o WHERE k = 4 ORDER BY 1, 2', 'columns of an UpSet plot');
SELECT is((SELECT count(*) FROM columns(svg)), 30::bigint, 'the 30 greatest regions') FROM picture WHERE k = 6;
SELECT ok(max(height / n) - min(height / n) < 0.01, 'heights of columns')
FROM (SELECT height, replace(split_part(shown, ' ', 1), ',', '')::float8 AS n FROM picture, columns(svg) WHERE k = 4) AS c WHERE n > 5;
-- areas of sets, and of what two share
SELECT ok(bool_and(abs(pi() * r * r / a * big / users_count - 1) < 0.01), k || ' sets: areas')
FROM (SELECT k, r, cardinality(sets[n]) AS users_count, max(pi() * r * r) OVER (PARTITION BY k) AS a, max(cardinality(sets[n])) OVER (PARTITION BY k) AS big FROM picture, circles(svg) WHERE k <= 3) AS c GROUP BY k ORDER BY k;
SELECT ok(abs(lens(a.r, b.r, sqrt((a.x - b.x) ^ 2 + (a.y - b.y) ^ 2)) / (pi() * b.r * b.r) / (cardinality(userset_and(sets[1], sets[2]))::float8 / cardinality(sets[2])) - 1) < 0.02, 'the area that two sets share')
FROM picture, circles(svg) AS a, circles(svg) AS b WHERE k = 2 AND a.n = 1 AND b.n = 2;
SELECT ok(sqrt((a.x - b.x) ^ 2 + (a.y - b.y) ^ 2) > a.r + b.r, 'sets without common users are apart') FROM (SELECT overlap_svg('{"{1-10}","{11-30}"}') AS svg) AS s, circles(svg) AS a, circles(svg) AS b WHERE a.n = 1 AND b.n = 2;
SELECT ok(sqrt((a.x - b.x) ^ 2 + (a.y - b.y) ^ 2) <= b.r - a.r + 0.02, 'a set in another') FROM (SELECT overlap_svg('{"{1-10}","{1-30}"}') AS svg) AS s, circles(svg) AS a, circles(svg) AS b WHERE a.n = 1 AND b.n = 2;

-- empty sets, no sets, small groups
SELECT is((SELECT count(*) FROM circles(svg)), 3::bigint, 'an empty set') FROM (SELECT overlap_svg('{"{1-10}","{}","{5-30}"}') AS svg) AS s;
SELECT ok(is_svg(overlap_svg('{"{}","{}"}')), 'empty sets');
SELECT ok(overlap_svg('{}') LIKE '%no data%' AND overlap_svg(NULL) LIKE '%no data%', 'no sets');
SELECT is((SELECT string_agg(region || ' ' || shown, ', ' ORDER BY region) FROM regions(svg)), '1 ? users, 1 + 2 10 users, 2 12 users', 'min_users') FROM (SELECT overlap_svg('{"{1-13}","{4-25}"}', '{"min_users": 10}') AS svg) AS s;
SELECT ok(svg LIKE '%>1</text>%>?</text>%>2</text>%>22</text>%', 'nor the size of a set with such') FROM (SELECT overlap_svg('{"{1-13}","{4-25}"}', '{"min_users": 10}') AS svg) AS s;
SELECT throws_ok($$SELECT overlap_svg(ARRAY['{1}', NULL]::userset[])$$, NULL, NULL, 'a NULL set');

-- rows of any query
SELECT ok(is_svg(svg) AND svg NOT LIKE '%<script%' AND svg !~ '[\u0001-\u0008\u200f\u202e\uffff]', kind || ' escapes names')
FROM (SELECT kind, chart_svg(r, kind) AS svg FROM unnest('{venn,upset}'::text[]) AS kind, (VALUES (ARRAY['<script>', 'a"b\,{}'], 5), ('{a}', 3), (ARRAY[E'\u202E\x01', repeat('贷款', 5000)], 4), (NULL, 4), ('{}', 4), ('{a}', -1)) AS r(sets, n) GROUP BY kind) AS s;
SELECT is((SELECT string_agg(region || ' ' || shown, ', ' ORDER BY region) FROM regions(svg)), 'a 3 n, a&quot;b\,{} + a 5 n', 'names') FROM (SELECT chart_svg(r, 'venn') AS svg FROM (VALUES (ARRAY['a"b\,{}', 'a'], 5), ('{a}', 1), ('{a}', 2)) AS r(sets, n)) AS s;
SELECT ok(is_svg(svg) AND svg !~ '=''-?(nan|inf|NaN|Infinity)', kind || ' of extreme numbers')
FROM (SELECT kind, chart_svg(r, kind) AS svg FROM unnest('{venn,upset}'::text[]) AS kind, (VALUES ('{1}', 'infinity'::float8), ('{1,2}', 'nan'), ('{2}', 1e308), ('{3}', 1e308), ('{1,3}', 5e-324), ('{1,2,3}', NULL)) AS r(sets, n) GROUP BY kind) AS s;
SELECT ok(is_svg(chart_svg(r, kind, '{"width": 200, "height": 100}')), kind || ' in little room') FROM unnest('{venn,upset}'::text[]) AS kind, (SELECT ARRAY[i % 20, i % 17] AS sets, i AS n FROM generate_series(1, 300) AS i) AS r GROUP BY kind;
SELECT throws_ok($$SELECT chart_svg(r, 'upset') FROM (SELECT ARRAY[i] AS sets, 1 AS n FROM generate_series(1, 31) AS i) AS r$$, '54000', NULL, 'too many sets');
SELECT throws_ok($$SELECT chart_svg(r, 'venn') FROM (SELECT 1 AS n) AS r$$, '42703', NULL, 'no sets');
SELECT is(count(DISTINCT svg), 1::bigint, 'the same rows give the same picture') FROM (SELECT i, overlap_svg(sets) AS svg FROM generate_series(1, 3) AS i, picture WHERE k = 3) AS s;

SELECT * FROM finish();
ROLLBACK;
