-- Pictures of rows: the marks have the sizes of the data, the text is that of the rows.
\ir ../setup.psql
SELECT no_plan();

-- A picture as XML, and the marks of a series: the tooltip and an attribute.
CREATE FUNCTION marks(svg text, element text, attribute text) RETURNS TABLE (tip text, size float8) LANGUAGE sql AS $$
	SELECT m[2], substring(m[1] FROM attribute || '=''(-?[0-9.]+)''')::float8
	FROM regexp_matches(svg, '<' || element || ' ([^>]*)><title>([^<]*)</title>', 'g') WITH ORDINALITY AS f(m, n)
	WHERE m[1] LIKE '%mark%' ORDER BY n $$;
CREATE FUNCTION is_svg(svg text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN xml_is_well_formed_document(svg);
EXCEPTION WHEN feature_not_supported THEN
	RETURN svg LIKE '<svg %</svg>';
END $$;

CREATE TABLE sales (day date, channel text, users int, share float8, complete boolean);
INSERT INTO sales VALUES
	('2026-03-01', 'app', 40, 0.4, true), ('2026-03-01', 'branch', 10, 0.1, true),
	('2026-03-02', 'app', 80, 0.8, true), ('2026-03-02', 'branch', 20, 0.2, true),
	('2026-03-03', 'app', 20, 0.2, false), ('2026-03-03', 'branch', NULL, NULL, false);

-- each kind
CREATE TABLE kind (kind text);
INSERT INTO kind VALUES ('line'), ('bar'), ('stacked'), ('heat_map'), ('funnel'), ('step');
SELECT ok(is_svg(chart_svg(r, kind)), kind || ' is well-formed') FROM kind, sales AS r GROUP BY kind ORDER BY kind;

-- the heights of bars are in proportion to the values
SELECT is((SELECT string_agg(tip, '; ') FROM marks(svg, 'rect', 'height')),
	'2026-03-01, app: 40; 2026-03-02, app: 80; 2026-03-03, app: 20 (incomplete); 2026-03-01, branch: 10; 2026-03-02, branch: 20', 'tooltips of bars')
FROM (SELECT chart_svg(r, 'bar') AS svg FROM sales AS r) AS s;
SELECT ok((SELECT max(size / v) - min(size / v) < 0.01 FROM (SELECT size, substring(tip FROM ': ([0-9.]+)')::float8 AS v FROM marks(svg, 'rect', 'height')) AS m), 'heights of ' || kind)
FROM (SELECT kind, chart_svg(r, kind) AS svg FROM sales AS r, kind WHERE kind IN ('bar', 'stacked') GROUP BY kind) AS s;
-- a stack stands on the one below
SELECT is((SELECT string_agg(round((y1.size + y2.size - (SELECT max(y.size + h.size) FROM marks(svg, 'rect', 'y') AS y JOIN marks(svg, 'rect', 'height') AS h USING (tip)))::numeric, 1)::text, ',')
	FROM (SELECT 1) AS one, LATERAL (SELECT * FROM marks(svg, 'rect', 'y') WHERE tip LIKE '2026-03-01, branch%') AS y1, LATERAL (SELECT * FROM marks(svg, 'rect', 'height') WHERE tip LIKE '2026-03-01, branch%') AS y2),
	(SELECT round(-h.size::numeric, 1)::text FROM marks(svg, 'rect', 'height') AS h WHERE tip LIKE '2026-03-01, app%'), 'a stack')
FROM (SELECT chart_svg(r, 'stacked') AS svg FROM sales AS r) AS s;
-- points of a line
SELECT is((SELECT string_agg(tip, '; ') FROM marks(svg, 'circle', 'cy')),
	'2026-03-01, app: 40; 2026-03-02, app: 80; 2026-03-03, app: 20 (incomplete); 2026-03-01, branch: 10; 2026-03-02, branch: 20', 'tooltips of points')
FROM (SELECT chart_svg(r, 'line') AS svg FROM sales AS r) AS s;
SELECT ok((SELECT abs((a.size - b.size) / (c.size - a.size) - 2) < 0.01 FROM marks(svg, 'circle', 'cy') AS a, marks(svg, 'circle', 'cy') AS b, marks(svg, 'circle', 'cy') AS c
	WHERE a.tip LIKE '%01, app%' AND b.tip LIKE '%02, app%' AND c.tip LIKE '%03, app%'), 'heights of points')
FROM (SELECT chart_svg(r, 'line') AS svg FROM sales AS r) AS s;
SELECT ok(svg LIKE '%stroke-dasharray%', 'the way to what is not complete is dashed') FROM (SELECT chart_svg(r, 'line') AS svg FROM sales AS r) AS s;
SELECT ok(svg LIKE '%fill=''url(#j%-h)''%', 'cells that are not complete are hatched') FROM (SELECT chart_svg(r, 'heat_map') AS svg FROM sales AS r) AS s;

-- percent, by the name of the column
SELECT is((SELECT string_agg(tip, '; ') FROM marks(svg, 'rect', 'height')), 'app, share: 12.5%; branch, share: 87.5%', 'a share is written in percent')
FROM (SELECT chart_svg(r, 'bar') AS svg FROM (VALUES ('app', 0.125), ('branch', 0.875)) AS r(channel, share)) AS s;
-- durations
SELECT is((SELECT string_agg(tip, '; ') FROM marks(svg, 'rect', 'height')), 'a, time: 2 d 11 h; b, time: 3 min 5 s', 'durations')
FROM (SELECT chart_svg(r, 'bar') AS svg FROM (VALUES ('a', interval '2 days 11:10'), ('b', '3 min 5 s')) AS r(name, "time")) AS s;
SELECT is((SELECT string_agg(tip, '; ') FROM marks(svg, 'rect', 'height')), U&'a, \6570\503C: 2\592911\5C0F\65F6', 'Chinese')
FROM (SELECT chart_svg(r, 'bar', '{"language": "zh"}') AS svg FROM (VALUES ('a', interval '2 days 11:10')) AS r(name, value)) AS s;

-- ranges: a forest plot, boxes, histograms, calendars
CREATE FUNCTION tips(svg text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(m[1], '; ' ORDER BY n) FROM regexp_matches(svg, '<(?:rect|circle|g)[^>]* class=''mark[^>]*><title>([^<]*)</title>', 'g') WITH ORDINALITY AS f(m, n) $$;
SELECT is(tips(svg), 'push: 1.8 (1.3 - 2.5); none: 1; &lt;&gt;: 0.5 (0.4 - 0.6)', 'forest')
FROM (SELECT chart_svg(r, 'forest', '{"reference": 1}') AS svg FROM (VALUES ('push', 1.8, 1.3, 2.5), ('none', 1, NULL, NULL), ('<>', 0.5, 0.4, 0.6), ('NaN', 'nan', 0, 1)) AS r(driver, ratio, lower, upper)) AS s;
SELECT ok(is_svg(chart_svg(r, 'forest', '{"reference": 1e999}')), 'forest of infinity') FROM (VALUES (NULL, 'infinity'::float8, '-infinity'::float8, 'nan'::float8), ('a', 1, -1e308, 1e308)) AS r(a, n, lower, upper);
SELECT is(tips(svg), 'app: min 1 s, p25 1 min, median 1 h, p75 2 h, max 3 d; branch: min 0 s, p25 0 s, median 0 s, p75 0 s, max 0 s', 'box')
FROM (SELECT chart_svg(r, 'box') AS svg FROM (VALUES ('app', interval '1 s', interval '1 min', interval '1 h', interval '2 h', interval '3 days'), ('branch', '0', '0', '0', '0', '0'), ('none', NULL, NULL, NULL, NULL, NULL)) AS r(channel, min_time, p25_time, median_time, p75_time, max_time)) AS s;
SELECT throws_ok($$SELECT chart_svg(r, 'box') FROM (SELECT 1 AS min, 2 AS max) AS r$$, '42703', 'rows of a chart of kind "box" have no column "p25"', 'box without quartiles');
SELECT is(tips(svg), '&lt; 0, users: 1; 0 - 10, users: 2; 10+, users: 3', 'histogram')
FROM (SELECT chart_svg(r, 'histogram') AS svg FROM (VALUES (10::float8, NULL, 3), (0, 10, 2), ('-infinity', 0, 1)) AS r(lower, upper, users)) AS s;
SELECT is(tips(svg), '1, n: 5; 2, n: 6; 3+, n: 7', 'histogram of whole numbers') FROM (SELECT chart_svg(r, 'histogram') AS svg FROM (VALUES (1, 2, 5), (2, 3, 6), (3, NULL, 7)) AS r(lower, upper, n)) AS s;
SELECT is(tips(svg), '2025-12-31, n: 1; 2026-01-01, n: 2', 'calendar') FROM (SELECT chart_svg(r, 'calendar') AS svg FROM (VALUES (date '2025-12-31', 1), ('2026-01-01', 2), ('infinity', 3), ('2026-02-01', NULL)) AS r(day, n)) AS s;
SELECT throws_ok($$SELECT chart_svg(r, 'calendar') FROM (VALUES (date '0001-01-01', 1), ('2026-01-01', 2)) AS r(day, n)$$, '54000', NULL, 'calendar of 2000 years');
SELECT throws_ok($$SELECT chart_svg(r, 'calendar') FROM (SELECT 'a' AS a, 1 AS n) AS r$$, '42804', NULL, 'calendar without dates');
-- a step goes on over a gap, a line does not; a band
SELECT is((SELECT count(*) FROM regexp_matches(svg, 'class=''jl ', 'g')), n::bigint, kind || ' over a gap')
FROM (SELECT kind, n, chart_svg(r, kind) AS svg FROM (VALUES ('line', 0), ('step', 1)) AS k(kind, n), (VALUES (1, 10), (2, NULL), (3, 5)) AS r(x, y) GROUP BY kind, n) AS s;
SELECT is(tips(svg), '0, survival: 1 (0.9 - 1); 1, survival: 0.5 (0.4 - 0.6)', 'a band') FROM (SELECT chart_svg(r, 'step') AS svg FROM (VALUES (0, 1.0, 0.9, 1.0), (1, 0.5, 0.4, 0.6)) AS r(t, survival, lower, upper)) AS s;

-- options
SELECT is((SELECT string_agg(tip, '; ') FROM marks(svg, 'rect', 'height')), 'one, n: $1,234.50; b, n: $0.00', 'a format, names')
FROM (SELECT chart_svg(r, 'bar', '{"number_format": "$#,##0.00", "names": ["one"]}') AS svg FROM (VALUES ('a', 1234.5), ('b', 0)) AS r(name, n)) AS s;
SELECT is((SELECT string_agg(tip, '; ') FROM marks(svg, 'rect', 'height')), 'b, n: 3; c, n: 2', 'top 2')
FROM (SELECT chart_svg(r, 'bar', '{"top": 2}') AS svg FROM (VALUES ('a', 1), ('b', 3), ('c', 2)) AS r(name, n)) AS s;
SELECT is((SELECT string_agg(tip, '; ') FROM marks(svg, 'rect', 'height')), 'x, b: 2; y, b: 4', 'columns by their names')
FROM (SELECT chart_svg(r, 'bar', '{"value": "b", "label": "name"}') AS svg FROM (VALUES ('x', 1, 2), ('y', 3, 4)) AS r(name, a, b)) AS s;
SELECT ok(svg LIKE '% width=''400'' height=''300'' viewBox=''0 0 400 300''%' AND svg LIKE '%>Hello</title>%' AND svg NOT LIKE '%prefers%', 'size, title, theme')
FROM (SELECT chart_svg(r, 'bar', '{"width": 400, "height": 300, "title": "Hello", "theme": "dark"}') AS svg FROM sales AS r) AS s;

-- the text alternative
SELECT ok(svg LIKE '%role=''img'' aria-labelledby=''j%-t j%-d''%' AND svg LIKE '%>day, channel, users, share, complete.%2026-03-01, app, 40, 40.0\%, true.%', 'rows as text')
FROM (SELECT chart_svg(r, 'bar') AS svg FROM sales AS r) AS s;

-- the same rows, the same bytes; other rows, another id
SELECT is(count(DISTINCT svg), 1::bigint, 'the same rows give the same picture') FROM (SELECT i, chart_svg(r, 'line') AS svg FROM generate_series(1, 3) AS i, sales AS r GROUP BY i) AS s;
SELECT is(count(DISTINCT substring(svg FROM ' id=''(j\w+)''')), 2::bigint, 'pictures of a page differ in their ids')
FROM (SELECT chart_svg(r, 'line') AS svg FROM sales AS r UNION ALL SELECT chart_svg(r, 'line') FROM sales AS r WHERE day < '2026-03-03') AS s;

-- rows: none, NULL, one
SELECT is((SELECT chart_svg(r, 'bar') FROM sales AS r WHERE false), NULL, 'no rows');
SELECT ok((SELECT chart_svg(r, 'bar') FROM (SELECT) AS one LEFT JOIN (SELECT * FROM sales WHERE false) AS r ON true) LIKE '%no data%', 'no data');
SELECT ok(is_svg(chart_svg(r, kind)), kind || ' of one row') FROM kind, (SELECT * FROM sales LIMIT 1) AS r GROUP BY kind ORDER BY kind;
SELECT ok(is_svg(chart_svg(r, kind)), kind || ' of NULLs') FROM kind, (SELECT NULL::text AS label, NULL::int AS n) AS r GROUP BY kind ORDER BY kind;

-- hostile text
SELECT ok(is_svg(svg) AND svg NOT LIKE '%<script%' AND svg LIKE '%&lt;script&gt;alert(1)&lt;/script&gt;%' AND svg NOT LIKE '%" onload%', kind || ' escapes')
FROM (SELECT kind, chart_svg(r, kind, '{"title": "<script>&\"''", "value_title": "]]><a>", "label_title": "<b>"}') AS svg
      FROM kind, (VALUES ('<script>alert(1)</script>', '" onload="x', 1.5), (E'a\x01\x1b\tb', '&amp;''"', 2), (repeat('贷款', 5000), ']]>', 3)) AS r(label, series, n) GROUP BY kind) AS s ORDER BY kind;
SELECT ok(is_svg(svg) AND svg !~ '[\u0001-\u0008\u200f\u202e\uffff]', 'control characters are left out')
FROM (SELECT chart_svg(r, 'bar') AS svg FROM (SELECT E'\u202Eevil\uFFFF\x02'::text AS label, 1 AS n) AS r) AS s;
-- hostile numbers
SELECT ok(is_svg(svg) AND svg !~ '=''-?(nan|inf|NaN|Infinity)', kind || ' of extreme numbers')
FROM (SELECT kind, chart_svg(r, kind) AS svg FROM kind, (VALUES ('a', 'infinity'::float8), ('b', '-infinity'), ('c', 'nan'), ('d', 1e308), ('e', -1e308), ('f', 5e-324), ('g', 0), ('h', NULL)) AS r(label, n) GROUP BY kind) AS s ORDER BY kind;
SELECT ok(is_svg(svg), kind || ' of extreme times')
FROM (SELECT kind, chart_svg(r, kind) AS svg FROM kind, (VALUES ('infinity'::timestamptz, 1), ('-infinity', 2), ('4713-01-01 BC', 3), ('294276-01-01', 4), (NULL, 5)) AS r(at, n) GROUP BY kind) AS s ORDER BY kind;
SELECT ok(is_svg(svg), kind || ' of numbers as labels')
FROM (SELECT kind, chart_svg(r, kind) AS svg FROM kind, (VALUES (1e300::float8, 1), ('nan', 2), (-1e308, 3), (NULL, 4), ('infinity', 5)) AS r(x, n) GROUP BY kind) AS s ORDER BY kind;
SELECT ok(is_svg(svg) AND length(svg) < 4000000, kind || ' of 10,000 rows')
FROM (SELECT kind, chart_svg(r, kind) AS svg FROM kind, (SELECT 'label ' || i AS label, i % 97 AS n FROM generate_series(1, 10000) AS i) AS r GROUP BY kind) AS s ORDER BY kind;
SELECT ok(is_svg(svg), kind || ' in little room')
FROM (SELECT kind, chart_svg(r, kind, '{"width": 200, "height": 100}') AS svg FROM kind, (SELECT 'a long label ' || i AS label, 'series ' || i % 30 AS series, i AS n FROM generate_series(1, 300) AS i) AS r GROUP BY kind) AS s ORDER BY kind;

-- errors
PREPARE wrong AS SELECT chart_svg(r, $1, $2::jsonb) FROM sales AS r;
CREATE FUNCTION refused(kind text, options jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	hint text;
BEGIN
	PERFORM chart_svg(r, kind, options) FROM sales AS r;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' / ', SQLSTATE, message, hint);
END $$;
SELECT is(refused('pie', NULL), '22023 / kind "pie" of a chart does not exist / The kinds are line, bar, stacked, histogram, heat_map, funnel, step, forest, box, calendar, sankey, graph, venn, upset.', 'kind');
SELECT is(refused(NULL, NULL), '22004 / kind must not be NULL / Give kind a value; only the data of a row may be NULL.', 'kind NULL');
SELECT is(refused('bar', '{"colour": 1}'), '22023 / a chart has no option "colour" / The options are title, width, height, language, theme, palette, number_format, percent_format, top, label, series, value, names, label_title, value_title, numbers, horizontal, reference.', 'an option that does not exist');
SELECT is(refused('bar', '[1]'), '22023 / options of a chart must be a JSON object, not [1] / Write for example ''{"title": "Payments", "width": 600}''.', 'no object');
SELECT is(refused('bar', o), '22023 / option "width" of a chart cannot be ' || (o ->> 'width') || ' / Write an integer from 200 to 4000.', o::text)
FROM unnest(ARRAY['{"width": 0}', '{"width": -5}', '{"width": 1e9}', '{"width": 400.5}']::jsonb[]) AS o;
SELECT is(refused('bar', '{"width": "wide"}'), '22023 / option "width" of a chart cannot be "wide" / Write an integer from 200 to 4000.', 'width as a text');
SELECT is(refused('bar', '{"theme": "blue"}'), '22023 / option "theme" of a chart cannot be "blue" / Write "auto", "light" or "dark".', 'theme');
SELECT is(refused('bar', '{"language": "de"}'), '22023 / option "language" of a chart cannot be "de" / Write "en" or "zh".', 'language');
SELECT is(left(refused('bar', '{"palette": ["red;}</style>"]}'), 5), '22023', 'palette');
SELECT is(left(refused('bar', '{"number_format": "none"}'), 5), '22023', 'number_format');
SELECT is(refused('bar', '{"value": "day"}'), '42804 / column "day" of a chart of kind "bar" must be a number / ', 'a value that is no number');
SELECT is(refused('bar', '{"label": "week"}'), '42703 / rows of a chart of kind "bar" have no column "week" / The columns are day, channel, users, share, complete.', 'a column that does not exist');
SELECT is(refused('bar', '{"label": "day", "series": "complete"}'), '21000 / two rows of a chart have the label "2026-03-01" and the series "true" / The first column is the label, the next one that is no number the series. The options "label", "series" and "value" choose others.', 'two rows with a label');
SELECT throws_ok($$SELECT chart_svg(r, 'bar') FROM (SELECT 'a' AS a) AS r$$, '42703', NULL, 'no number');
SELECT throws_ok($$SELECT chart_svg(r, CASE WHEN n = 1 THEN 'bar' ELSE 'line' END) FROM (VALUES ('a', 1), ('b', 2)) AS r(a, n)$$, '22023', NULL, 'the kind changes');
SELECT throws_ok($$SELECT chart_svg(r, 'bar') FROM (SELECT i::text AS label, 1 AS n FROM generate_series(1, 100001) AS i) AS r$$, '54000', NULL, 'too many rows');
SELECT throws_ok($$SELECT chart_svg(r, 'bar', '{"series": "series", "value": "n"}') FROM (SELECT i::text AS label, i AS series, 1 AS n FROM generate_series(1, 500) AS i) AS r$$, '54000', NULL, 'too many marks');

SELECT * FROM finish();
ROLLBACK;
