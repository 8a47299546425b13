-- The picture of quality_buckets(): days as a calendar with gaps, other units as a line.
\ir ../setup.psql
SELECT no_plan();
CREATE FUNCTION tips(svg text) RETURNS SETOF text LANGUAGE sql AS $$ SELECT m[1] FROM regexp_matches(svg, '<title>([^<]*)</title></(?:rect|circle)>', 'g') AS m $$;

-- ten weeks, some 50 rows a day, a day without rows, one with few, and rows of another age
CREATE TABLE log AS
SELECT i AS user_id, d + i * interval '10 min' AS at, d + i * interval '10 min' AS received
FROM generate_series(timestamptz '2026-01-05', '2026-03-15', '1 day') AS d, generate_series(1, 60) AS i
WHERE i <= CASE d WHEN '2026-02-03' THEN 0 WHEN '2026-02-20' THEN 4 ELSE 45 + rnd(extract(epoch FROM d)::bigint / 86400, 1, 10) END
UNION ALL SELECT 1, '1970-01-01 03:00', '2026-03-01';
CREATE TABLE result AS
SELECT unit, log_quality(user_id, at, received, 'e', NULL::text, unit) AS quality FROM log, unnest('{day,week,hour}'::text[]) AS unit GROUP BY unit;

SELECT bag_eq($$ SELECT tips(quality_svg(quality)) FROM result WHERE unit = 'day' $$,
	$$ SELECT format('%s, rows: %s%s (%s - %s)%s', bucket_date, rows, CASE WHEN complete THEN '' ELSE ' (incomplete)' END, lower, upper, CASE WHEN gap THEN ', gap' ELSE '' END)
		FROM (SELECT b.bucket_date, b.rows, b.complete, trim_scale(round(b.lower::numeric, 2)) AS lower, trim_scale(round(b.upper::numeric, 2)) AS upper, b.gap FROM result, quality_buckets(quality) AS b WHERE unit = 'day' AND b.bucket >= '2026-01-05') AS b $$,
	'a cell for each day with what is expected, without the stray day');
SELECT is(regexp_count(quality_svg(quality), 'class=''jl jl2 gap'''), 2, 'gaps have a frame') FROM result WHERE unit = 'day';
SELECT is((SELECT string_agg(t, '; ' ORDER BY t) FROM tips(quality_svg(quality)) AS t WHERE t LIKE '%gap'), (SELECT string_agg(t, '; ' ORDER BY t) FROM tips(quality_svg(quality)) AS t WHERE t ~ '^2026-02-(03, rows: 0|20, rows: 4)'), 'those that are') FROM result WHERE unit = 'day';
SELECT is(regexp_count(quality_svg(quality, 1000), 'class=''jl jl2 gap'''), 0, 'k') FROM result WHERE unit = 'day';
SELECT ok(quality_svg(quality, 3, '{"language": "zh"}') LIKE '%缺口%', 'in Chinese') FROM result WHERE unit = 'day' AND getdatabaseencoding() = 'UTF8';
SELECT bag_eq($$ SELECT tips(quality_svg(quality, 3, '{"value": "users"}')) FROM result WHERE unit = 'day' $$,
	$$ SELECT format('%s, users: %s%s', b.bucket_date, b.users, CASE WHEN complete THEN '' ELSE ' (incomplete)' END) FROM result, quality_buckets(quality) AS b WHERE unit = 'day' AND b.bucket >= '2026-01-05' $$, 'another column has no gaps');
SELECT is((SELECT count(*) FROM tips(quality_svg(quality, 3, '{"min_users": 50}'))), (SELECT count(*) FROM quality_buckets(quality, 3, 50) AS b WHERE b.rows IS NOT NULL AND b.bucket >= '2026-01-05'), 'min_users') FROM result WHERE unit = 'day';
SELECT ok(quality_svg(quality) LIKE '%fill-opacity=%' AND (SELECT bool_and(t ~ '^2026-\d\d-\d\d, rows: \d+( \(incomplete\))? \([\d.]+ - [\d.]+\)$') FROM tips(quality_svg(quality)) AS t), 'weeks are a line with a band') FROM result WHERE unit = 'week';
SELECT is((SELECT count(*) FROM tips(quality_svg(quality))), (SELECT count(*) FROM quality_buckets(quality) AS b WHERE b.bucket >= (SELECT min(f.bucket) FROM quality_buckets(quality) AS f WHERE f.expected IS NOT NULL)), 'hours') FROM result WHERE unit = 'hour';
SELECT ok(quality_svg(NULL) LIKE '%no data%', 'NULL');
SELECT ok(quality_svg(log_quality(user_id, at, received, 'e', NULL::text, 'day'), 3, NULL) LIKE '%2026-03-01%', 'a log of one day') FROM log WHERE at::date = '2026-03-01';
SELECT throws_ok($$SELECT quality_svg(quality, 3, '{"value": "nothing"}') FROM result WHERE unit = 'day'$$, '42703', NULL, 'a column that does not exist');
-- the parts of a report
SELECT ok(p LIKE '%<svg %' AND p LIKE '%<th scope="col"%gap%', 'in a report') FROM report_html('log', report_part('a', $$SELECT quality FROM result WHERE unit = 'day'$$)) AS p;

SELECT * FROM finish();
ROLLBACK;
