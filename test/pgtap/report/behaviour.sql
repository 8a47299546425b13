-- Reports: one file of HTML, each part with its picture, rows and query; deterministic and escaped.
\ir ../setup.psql
SELECT no_plan();

CREATE FUNCTION is_xml(page text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN xml_is_well_formed_document(replace(page, '<!DOCTYPE html>', ''));
EXCEPTION WHEN feature_not_supported THEN
	RETURN page LIKE '<!DOCTYPE html>%</html>' || E'\n';
END $$;
-- The cells of the rows of all tables, and of their headings.
CREATE FUNCTION cells(page text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(m[1], '|' ORDER BY n) FROM regexp_matches(page, '<td[^>]*>([^<]*)</td>', 'g') WITH ORDINALITY AS f(m, n) $$;
CREATE FUNCTION headings(page text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(m[1], '|' ORDER BY n) FROM regexp_matches(page, '<th [^>]*><button type="button">([^<]*)<', 'g') WITH ORDINALITY AS f(m, n) $$;

CREATE TABLE log (user_id bigint, at timestamptz, event text, channel text);
INSERT INTO log SELECT u, moment(u % 7 * 86400 + e.n * 600), e.event, (ARRAY['app', 'branch', 'wechat'])[1 + u % 3]
FROM generate_series(1, 60) AS u, (VALUES (1, 'visit'), (2, 'register'), (3, 'buy')) AS e(n, event) WHERE u % e.n = 0;

-- ---- the page ---------------------------------------------------------------------------

CREATE TABLE page AS SELECT report_html('The bank & its customers',
	report_part('Funnel', $$SELECT funnel(user_id, at, step_of(event, '{visit,register,buy}'), '1 day') FROM log$$, options => '{"names": ["visit", "register", "buy"]}'),
	report_part('By channel', 'SELECT channel, count(*) AS events FROM log GROUP BY channel ORDER BY channel', 'bar'),
	report_part('Rows', E'  SELECT channel, count(*) AS events\nFROM log\nGROUP BY channel ORDER BY channel  '),
	report_part('Nothing', 'SELECT channel, 1 AS n FROM log WHERE false', 'line')) AS html;
SELECT ok(is_xml(html), 'it is well-formed') FROM page;
SELECT is(html, (SELECT report_html('The bank & its customers',
	report_part('Funnel', $$SELECT funnel(user_id, at, step_of(event, '{visit,register,buy}'), '1 day') FROM log$$, options => '{"names": ["visit", "register", "buy"]}'),
	report_part('By channel', 'SELECT channel, count(*) AS events FROM log GROUP BY channel ORDER BY channel', 'bar'),
	report_part('Rows', E'  SELECT channel, count(*) AS events\nFROM log\nGROUP BY channel ORDER BY channel  '),
	report_part('Nothing', 'SELECT channel, 1 AS n FROM log WHERE false', 'line'))), 'the same rows give the same bytes') FROM page;
SELECT is(html, report_html('{"title": "The bank & its customers", "parts": [
	{"title": "Funnel", "query": "SELECT funnel(user_id, at, step_of(event, ''{visit,register,buy}''), ''1 day'') FROM log", "options": {"names": ["visit", "register", "buy"]}},
	{"title": "By channel", "kind": "bar", "query": "SELECT channel, count(*) AS events FROM log GROUP BY channel ORDER BY channel"},
	{"title": "Rows", "query": "  SELECT channel, count(*) AS events\nFROM log\nGROUP BY channel ORDER BY channel  "},
	{"title": "Nothing", "kind": "line", "query": "SELECT channel, 1 AS n FROM log WHERE false"}]}'), 'a definition in JSON is the same report') FROM page;
SELECT is((SELECT count(*)::int FROM regexp_matches(html, '<svg ', 'g')), 3, 'pictures') FROM page;
SELECT is((SELECT string_agg(m[1], ',' ORDER BY n) FROM regexp_matches(html, '<a href="#(part-\d+)">', 'g') WITH ORDINALITY AS f(m, n)), 'part-1,part-2,part-3,part-4', 'a table of contents') FROM page;
SELECT ok(html LIKE '%<title>The bank &amp; its customers</title>%', 'the title') FROM page;
SELECT ok(html LIKE '%<code>SELECT channel, count(*) AS events' || E'\n' || 'FROM log' || E'\n' || 'GROUP BY channel ORDER BY channel</code>%', 'the query as it was written') FROM page;
SELECT ok(html LIKE '%>visit: 60 users (100.0%)<%', 'the picture of a result') FROM page;
SELECT is(headings(html), 'step|users|conversion_rate|step_conversion_rate|dropped_off|avg_time|median_time|p90_time|avg_time_from_start|median_time_from_start|p90_time_from_start|channel|events|channel|events', 'the rows of a result') FROM page;
SELECT ok(html LIKE '%<p class="m">no rows</p>%', 'a part without rows') FROM page;
SELECT is((SELECT count(*)::int FROM regexp_matches(html, '(?:src|href)="(?!#|data:)|url\((?!#)|@import', 'g')), 0, 'the page needs nothing from elsewhere') FROM page;
SELECT is((SELECT encode(sha256(convert_to(substring(html FROM '<script>(.*)</script>'), 'UTF8')), 'base64')), substring(html FROM 'script-src ''sha256-([^'']+)'''), 'the policy allows the script of the page and no other') FROM page;
-- ids
SELECT is((SELECT count(*) - count(DISTINCT m[1]) FROM regexp_matches(p, '\sid=[''"]([^''"]+)[''"]', 'g') AS m), 0::bigint, 'no id is given twice')
FROM report_html('twice', report_part('a', 'SELECT ''a'' AS a, 1 AS n', 'bar'), report_part('a', 'SELECT ''a'' AS a, 1 AS n', 'bar')) AS p;
SELECT ok(p !~ '<nav', 'one part needs no table of contents') FROM report_html('one', report_part('a', 'SELECT 1')) AS p;

-- ---- cells ------------------------------------------------------------------------------

SELECT is(cells(p), '1,234,567|-1,234|12345|2026|0.33|12.3%|1,234.50|1 day 02:03:04|2026-03-01|&lt;i&gt;||1e+20|NaN|0.00123', 'numbers as people read them')
FROM report_html('cells', report_part('a', $$SELECT 1234567 AS n, -1234 AS m, 12345 AS user_id, 2026 AS year, 1/3::float8 AS f, 0.1234 AS x_rate, 1234.50 AS money, interval '1 day 02:03:04.567' AS took, date '2026-03-01' AS day, '<i>' AS t, NULL::int AS nothing, 1e20::float8 AS big, 'NaN'::float8 AS nan, 0.00123456::float8 AS small$$)) AS p;
SELECT is((SELECT string_agg(m[1], '|' ORDER BY n) FROM regexp_matches(p, 'data-v="([^"]*)"', 'g') WITH ORDINALITY AS f(m, n)), '1234567|0.3333333333333333|0.1234', 'and the numbers that they are')
FROM report_html('cells', report_part('a', 'SELECT 1234567 AS n, 12 AS m, 1/3::float8 AS f, 0.1234 AS x_rate')) AS p;
SELECT ok(p LIKE '%<summary>Rows (1500)</summary>%' AND p LIKE '%the first 1,000 are shown%' AND (SELECT count(*) FROM regexp_matches(p, '<tr><td', 'g')) = 1000, 'of many rows the first 1000 are shown')
FROM report_html('many', report_part('a', 'SELECT g FROM generate_series(1, 1500) AS g')) AS p;
-- settings of the session do not matter
CREATE TABLE written AS SELECT report_html('settings', report_part('a', $$SELECT date '2026-03-01' AS d, interval '1 day 2 hours' AS i, 1/3::float8 AS f, '\x01'::bytea AS b, timestamptz '2026-03-01 00:00+00' AS at$$)) AS html;
SET LOCAL datestyle = 'SQL, DMY'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL extra_float_digits = -5; SET LOCAL bytea_output = 'escape';
SELECT is(report_html('settings', report_part('a', $$SELECT date '2026-03-01' AS d, interval '1 day 2 hours' AS i, 1/3::float8 AS f, '\x01'::bytea AS b, timestamptz '2026-03-01 00:00+00' AS at$$)), html, 'settings of the session change nothing') FROM written;
RESET datestyle; RESET intervalstyle; RESET extra_float_digits; RESET bytea_output;

-- ---- kinds ------------------------------------------------------------------------------

SELECT ok(p LIKE '%<svg %' AND is_xml(p), 'the picture of kind ' || coalesce(kind, '(default)') || ' of ' || call)
FROM (VALUES ('funnel', 'funnel(user_id, at, step_of(event, ''{visit,buy}''), ''1 day'')'), ('funnel_breakdown', 'funnel_breakdown(user_id, at, step_of(event, ''{visit,buy}''), ''1 day'', channel, ''first_touch'')'),
		('funnel_trend', 'funnel_trend(user_id, at, step_of(event, ''{visit,buy}''), ''1 day'', ''day'')'), (NULL, 'cohort_retention(user_id, at, event = ''visit'', true, ''day'', 3)'),
		('retention_curve', 'cohort_retention(user_id, at, event = ''visit'', true, ''day'', 3)'), (NULL, 'lifecycle(user_id, at, ''day'')'), ('active_ratio', 'active_ratio(user_id, at, ''day'', 1, 7)'),
		('stickiness', 'stickiness(user_id, at, ''day'', ''week'')'), ('frequency', 'frequency(user_id, at, ''week'')'), (NULL, 'event_metrics(user_id, at, channel, ''day'')'), ('metric_change', 'event_metrics(user_id, at, channel, ''day'')'),
		(NULL, 'distribution(user_id, at, 1, ''times'', ''week'')'), (NULL, 'week_hours(user_id, at)'), (NULL, 'intervals(user_id, at, step_of(event, ''{visit,buy}''), ''1 day'')'), (NULL, 'sessions(user_id, at, event, ''30 minutes'')'),
		('session_channel', 'sessions_by_channel(user_id, at, channel, event, ''30 minutes'')'), (NULL, 'attribution(user_id, at, channel, event = ''buy'', ''1 day'')'),
		(NULL, 'path_flow(user_id, at, event, NULL, 4)'), (NULL, 'transitions(user_id, at, event)'), (NULL, 'ARRAY[userset_agg(user_id), userset_agg(user_id) FILTER (WHERE event = ''buy'')]')) AS k(kind, call),
	LATERAL report_html('kinds', report_part('one', format('SELECT %s FROM log', call), kind)) AS p;
SELECT is((SELECT string_agg(k.kind, ',') FROM journey_internal.report_kinds() AS k WHERE to_regproc('journey.' || split_part(k.draws, '(', 1)) IS NULL AND NOT EXISTS (SELECT FROM pg_proc WHERE proname = split_part(k.draws, '(', 1))), NULL, 'all pictures exist');
SELECT is(cells(p), 'all|1|40|all + buy|2|20', 'rows of sets, by their names')
FROM report_html('sets', report_part('a', $$SELECT ARRAY[userset_agg(user_id), userset_agg(user_id) FILTER (WHERE event = 'buy')] FROM log$$, options => '{"names": ["all", "buy"]}')) AS p;
SELECT is(cells(p), '1 + 2|2|40|1|1|', 'and without those of small regions')
FROM report_html('sets', report_part('a', $$SELECT ARRAY[userset_agg(user_id), userset_agg(user_id) FILTER (WHERE user_id > 20)] FROM log$$, options => '{"min_users": 30}')) AS p;
SELECT is(cells(p), E'two\nlines|tab\there|a&#13;', 'lines and tabs of values stay') FROM report_html('lines', report_part('a', $$SELECT E'two\nlines', E'tab\there' AS t, E'a\r' AS r$$)) AS p;
-- small groups are hidden in the rows, too
SELECT is(cells(p), '1|60|100.0%|100.0%|||||||', 'min_users') FROM (SELECT regexp_replace(report_html('few', report_part('a', $$SELECT funnel(user_id, at, step_of(event, '{visit,buy}'), '1 day') FROM log$$, options => '{"min_users": 30}')), '<tr><td class="n">2.*</tr>', '')) AS r(p);
-- languages and themes
SELECT ok(p LIKE '% lang="zh" class="dark">%' AND p LIKE '%' || U&'\76EE\5F55' || '%', 'Chinese, dark') FROM report_html('{"title": "a", "language": "zh", "theme": "dark", "parts": [{"title": "a", "query": "SELECT 1"}, {"title": "b", "query": "SELECT ''a'' AS a, 1 AS n", "kind": "bar"}]}') AS p;
-- a column may have any name
SELECT ok(p LIKE '%<svg %', 'columns named r, q and v') FROM report_html('names', report_part('a', 'SELECT ''a'' AS r, 1 AS q, 2 AS v', 'bar'), report_part('b', 'SELECT ''a'' AS r, 1 AS q, 2 AS p')) AS p;

-- ---- errors -----------------------------------------------------------------------------

SELECT throws_ok($$SELECT report_html('x', report_part('fine', 'SELECT 1'), report_part('a ratio', 'SELECT 1/0'))$$, '22012', 'part 2 "a ratio" failed: division by zero', 'the part that fails');
SELECT throws_ok($$SELECT report_html('x', report_part('a', 'SELECT 1', 'pie'))$$, '22023', 'part 1 "a" cannot be shown: kind "pie" of a chart does not exist', 'a kind that does not exist');
SELECT throws_ok($$SELECT report_html('x', report_part('a', 'SELECT 1', 'metric'))$$, '42804', 'part 1 "a" cannot be shown: a part of kind metric returns one value of type journey.metric_stats', 'a kind of a result');
SELECT throws_ok($$SELECT report_html('x', report_part('a', 'SELECT 1, 2', 'svg'))$$, '42804', NULL, 'svg of two columns');
SELECT throws_ok($$SELECT report_html('x', report_part('a', 'SELECT 1', 'bar', '{"width": 0}'))$$, '22023', 'part 1 "a" cannot be shown: option "width" of a chart cannot be 0', 'an option that is wrong');
SELECT throws_ok($$SELECT report_html('x', report_part('a', 'SELECT 1', options => '{"width": 300}'))$$, '22023', NULL, 'options of no picture');
SELECT throws_ok($$SELECT report_html('x', report_part('a', 'SELECT 1', 'bar', '[1]'))$$, '22023', 'the options of part 1 "a" are no JSON object', 'options that are no object');
SELECT throws_ok($$SELECT report_html('x', report_part(NULL, 'SELECT 1'))$$, '22004', NULL, 'a part without a title');
SELECT throws_ok($$SELECT report_html('x', report_part('a', NULL))$$, '22004', NULL, 'a part without a query');
SELECT throws_ok($$SELECT report_html('x', NULL::report_part)$$, '22004', NULL, 'a part that is NULL');
SELECT throws_ok($$SELECT report_html('x', VARIADIC NULL::report_part[])$$, '22023', 'a report has no parts', 'no parts');
SELECT throws_ok($$SELECT report_html('x', VARIADIC '{}'::report_part[])$$, '22023', 'a report has no parts', 'no parts');
SELECT throws_ok($$SELECT report_html(NULL, report_part('a', 'SELECT 1'))$$, '22023', 'a report has no title', 'no title');
SELECT throws_ok(format('SELECT report_html(%L::jsonb)', d), '22023', NULL, 'no definition: ' || d)
FROM unnest(ARRAY['1', '[]', '{}', '{"title": "a", "parts": 1}', '{"title": "a", "parts": []}', '{"title": "a", "parts": [1]}', '{"title": "a", "parts": [{"title": "b", "query": "SELECT 1", "sort": 1}]}',
	'{"title": "a", "them": "dark", "parts": [{"title": "b", "query": "SELECT 1"}]}', '{"title": "a", "theme": "blue", "parts": [{"title": "b", "query": "SELECT 1"}]}', '{"title": "a", "language": "de", "parts": [{"title": "b", "query": "SELECT 1"}]}']) AS d;

SELECT * FROM finish();
ROLLBACK;
