-- lifecycle_by, active_ratio_by, stickiness_by and frequency_by: the groups of users against an oracle in
-- SQL, with many ties and NULLs; top and (other), members, results that are stored and added up, every
-- plan, and what is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(197);

CREATE TABLE event AS
SELECT i, CASE WHEN rnd(i, 8, 50) > 0 THEN 1 + rnd(i, 1, 70) END AS u, CASE WHEN rnd(i, 9, 60) > 0 THEN timestamptz '2024-02-20 00:00+00' + rnd(i, 2, 350) * interval '3 hours' END AS at,
	(ARRAY['app', 'web', NULL, '', 'Ünïcode', 'b', 'B', 'app'])[1 + rnd(i, 5, 8)] AS c, i % 3 AS g
FROM generate_series(1, 1500) i
-- a user without any value, and one whose values come late
UNION ALL SELECT i, 100 + i % 2, timestamptz '2024-02-20 01:00+00' + i * interval '13 hours', CASE WHEN i % 2 = 0 AND i > 40 THEN 'late' END, i % 3 FROM generate_series(1, 60) i;
ANALYZE event;
CREATE FUNCTION first_of(unit text, at timestamptz, zone text) RETURNS date LANGUAGE sql IMMUTABLE RETURN CASE unit WHEN 'week_sunday' THEN date_trunc('week', (at AT TIME ZONE zone) + interval '1 day')::date - 1 ELSE date_trunc(unit, at AT TIME ZONE zone)::date END;
CREATE FUNCTION step_of_unit(unit text) RETURNS interval LANGUAGE sql IMMUTABLE RETURN CASE unit WHEN 'week_sunday' THEN '7 days' WHEN 'quarter' THEN '3 months' ELSE '1 ' || unit END::interval;

-- The events that count, each with the label of its user: of their events with a value, the first or last time,
-- then the least by bytes; or its own.
CREATE FUNCTION labelled(value text, until timestamptz) RETURNS TABLE (u int, at timestamptz, label text) LANGUAGE sql AS $$
	WITH seen AS MATERIALIZED (SELECT e.u, e.at, c FROM event e WHERE e.u IS NOT NULL AND e.at < coalesce(until, 'infinity')),
		one AS (SELECT DISTINCT ON (u) u, c FROM seen WHERE c IS NOT NULL ORDER BY u, CASE value WHEN 'last_value' THEN at END DESC, at, c COLLATE "C")
	SELECT u, at, CASE value WHEN 'each_value' THEN s.c ELSE one.c END FROM seen s LEFT JOIN one USING (u)
$$;
CREATE FUNCTION wanted(unit text, zone text, value text, until timestamptz) RETURNS TABLE (breakdown text, bucket timestamptz, bucket_date date, active bigint, new bigint, "returning" bigint, resurrected bigint, dormant bigint, complete boolean) LANGUAGE sql AS $$
	WITH event AS MATERIALIZED (SELECT DISTINCT label, u, first_of(unit, at, zone) AS day FROM labelled(value, until)),
		ends AS (SELECT coalesce(until, max(at)) AS at, first_of(unit, coalesce(until - interval '1 microsecond', max(at)), zone) AS last FROM labelled(value, until)),
		bucket AS (SELECT d::date AS day FROM ends, generate_series((SELECT min(day) FROM event), last::timestamp, step_of_unit(unit)) d),
		state AS (SELECT e.label, e.day, p.u IS NOT NULL AS before, e.day = min(e.day) OVER (PARTITION BY e.label, e.u) AS is_new
			FROM event e LEFT JOIN event p ON p.u = e.u AND p.label IS NOT DISTINCT FROM e.label AND p.day = (e.day - step_of_unit(unit))::date),
		dormant AS (SELECT e.label, (e.day + step_of_unit(unit))::date AS day FROM event e WHERE NOT EXISTS (SELECT FROM event n WHERE n.u = e.u AND n.label IS NOT DISTINCT FROM e.label AND n.day = (e.day + step_of_unit(unit))::date))
	SELECT l.label, b.day::timestamp AT TIME ZONE zone, b.day, count(s.day), count(s.day) FILTER (WHERE is_new), count(s.day) FILTER (WHERE before), count(s.day) FILTER (WHERE NOT is_new AND NOT before),
		(SELECT count(*) FROM dormant d WHERE d.day = b.day AND d.label IS NOT DISTINCT FROM l.label), (b.day + step_of_unit(unit)) AT TIME ZONE zone <= (SELECT at FROM ends)
	FROM bucket b CROSS JOIN (SELECT DISTINCT label FROM event) l LEFT JOIN state s ON s.day = b.day AND s.label IS NOT DISTINCT FROM l.label
	GROUP BY l.label, b.day ORDER BY b.day, l.label COLLATE "C" NULLS LAST
$$;
SELECT results_eq(format('SELECT * FROM lifecycle_by_buckets((SELECT lifecycle_by(u, at, c, %L, %L, %L, %L) FROM event))', unit, value, zone, until),
	format('SELECT * FROM wanted(%L, %L, %L, %L)', unit, zone, value, until), concat_ws(' ', 'lifecycle', unit, zone, value, until))
FROM unnest(ARRAY['day', 'week', 'week_sunday', 'month']) unit, unnest(ARRAY['first_value', 'last_value', 'each_value']) value, (VALUES ('UTC', NULL::timestamptz), ('America/New_York', '2024-03-20 13:00+00'), ('Asia/Kathmandu', '2024-04-20')) z (zone, until);
SELECT is((SELECT lifecycle_by(u, at, c, 'day')::text FROM event), (SELECT lifecycle_by(u, at, c, 'Days', ' FIRST_value')::text FROM event), 'the default');

-- Each group is what the aggregate without a breakdown makes of its rows, but for the empty buckets before its first.
CREATE TABLE kind (name text, args text, accessor text, sort text);
INSERT INTO kind VALUES ('lifecycle', '''day''', 'lifecycle%s_buckets', 'bucket'), ('lifecycle', '''hour''', 'lifecycle%s_buckets', 'bucket'), ('active_ratio', '''day'', 1, 7', 'active_ratio%s_buckets', 'bucket'), ('active_ratio', '''week'', 2, 3', 'active_ratio%s_buckets', 'bucket'),
	('stickiness', '''day'', ''week''', 'stickiness%s_buckets', 'bucket'), ('stickiness', '''hour'', ''day''', 'stickiness%s_buckets', 'bucket'), ('frequency', '''times''', 'frequency%s_bins', 'lower'), ('frequency', '''day''', 'frequency%s_bins', 'lower');
SELECT is_empty(format($$ WITH got AS (SELECT r.* FROM %1$s((SELECT %2$s_by(u, at, c, %4$s, %5$L, 'Europe/Berlin', '2024-04-20') FROM event)) r),
	alone AS (SELECT label AS breakdown, r.* FROM (SELECT label, %2$s(u, at, %4$s, 'Europe/Berlin', '2024-04-20') AS s FROM labelled(%5$L, '2024-04-20') GROUP BY label) g, %3$s(s) r),
	got_all AS (SELECT (to_jsonb(got) - 'complete')::text FROM got WHERE (breakdown, %6$s) IN (SELECT breakdown, %6$s FROM alone) OR (breakdown IS NULL AND %6$s IN (SELECT %6$s FROM alone WHERE breakdown IS NULL))),
	alone_all AS (SELECT (to_jsonb(alone) - 'complete')::text FROM alone)
	(TABLE got_all EXCEPT ALL TABLE alone_all) UNION ALL (TABLE alone_all EXCEPT ALL TABLE got_all) $$, format(accessor, '_by'), name, format(accessor, ''), args, value, sort), concat_ws(' ', name, args, value))
FROM kind, unnest(ARRAY['first_value', 'last_value', 'each_value']) value;
-- Users in one group each are together all users.
SELECT is_empty(format($$ SELECT * FROM (SELECT %1$s AS b, sum(%2$s) AS n FROM %3$s((SELECT %4$s_by(u, at, c, %5$s, %6$L, '', '2024-04-20') FROM event)) GROUP BY 1) a
	FULL JOIN (SELECT %1$s AS b, %2$s AS n FROM %7$s((SELECT %4$s(u, at, %5$s, '', '2024-04-20') FROM event))) b USING (b) WHERE a.n IS DISTINCT FROM b.n::numeric $$, CASE name WHEN 'frequency' THEN 'lower' WHEN 'stickiness' THEN 'bucket || '' '' || active_units' ELSE 'bucket' END,
	CASE name WHEN 'lifecycle' THEN 'resurrected' WHEN 'active_ratio' THEN 'long_active' ELSE 'users' END, format(accessor, '_by'), name, args, value, format(accessor, '')), concat_ws(' ', 'together', name, args, value))
FROM kind, unnest(ARRAY['first_value', 'last_value']) value;
SELECT is_empty($$ SELECT FROM active_ratio_by_buckets((SELECT active_ratio_by(u, at, c, 'day', 1, 7) FROM event)) a JOIN active_ratio_buckets((SELECT active_ratio(u, at, 'day', 1, 7) FROM event)) b USING (bucket) WHERE a.complete <> b.complete $$, 'complete as of all users');
SELECT results_eq($$ SELECT breakdown, lower, upper, users FROM frequency_by_bins((SELECT frequency_by(u, at, c, 'times', 'each_value') FROM event), ARRAY[1, 3, 10]) $$,
	$$ SELECT label, lower, upper, count(n) FROM (VALUES (1::bigint, 3::bigint), (3, 10), (10, NULL)) b (lower, upper) CROSS JOIN (SELECT DISTINCT label FROM labelled('each_value', NULL)) l
		LEFT JOIN LATERAL (SELECT count(*) AS n FROM labelled('each_value', NULL) e WHERE e.label IS NOT DISTINCT FROM l.label GROUP BY u) f ON n >= lower AND n < coalesce(upper, 1000000) GROUP BY 1, lower, upper ORDER BY label COLLATE "C" NULLS LAST, lower $$, 'bins of your own');

-- ---- who ----------------------------------------------------------------------------------

CREATE TABLE state AS SELECT state, unit, value, bucket, r.breakdown, CASE state WHEN 'active' THEN active WHEN 'new' THEN new WHEN 'returning' THEN "returning" WHEN 'resurrected' THEN resurrected ELSE dormant END AS users
FROM unnest(ARRAY['day', 'week']) unit, unnest(ARRAY['first_value', 'last_value', 'each_value', 'top 2']) value, LATERAL lifecycle_by_buckets((SELECT lifecycle_by(u, at, c, unit, value, 'Asia/Shanghai') FROM event)) r, unnest(ARRAY['active', 'new', 'returning', 'resurrected', 'dormant']) state
WHERE unit = 'week' OR extract(day FROM bucket) IN (3, 11, 27);
CREATE TABLE who AS SELECT state, unit, value, bucket, w.* FROM (SELECT DISTINCT state, unit, value, bucket FROM state) s, unnest((SELECT lifecycle_users_by(u, at, c, unit, bucket + interval '7 hours', state, value, 'Asia/Shanghai') FROM event)) w;
SELECT is_empty($$ SELECT * FROM state s FULL JOIN who w ON (s.state, s.unit, s.value, s.bucket, coalesce(s.breakdown, '<NULL>')) = (w.state, w.unit, w.value, w.bucket, coalesce(w.breakdown, '<NULL>')) WHERE s.users IS DISTINCT FROM cardinality(w.users) $$, 'as many as are counted');
SELECT cmp_ok(count(*), '>', 200::bigint, 'users in some state') FROM who WHERE cardinality(users) > 0;
SELECT is_empty($$ SELECT bucket, breakdown, m FROM who, members(users) m WHERE unit = 'week' AND value = 'each_value' AND state = 'active'
	EXCEPT SELECT date_trunc('week', at AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai', label, u FROM labelled('each_value', NULL) $$, 'who is active');
SELECT is_empty($$ SELECT FROM who GROUP BY unit, bucket, value HAVING value <> 'each_value' AND union_agg(users) FILTER (WHERE state = 'active') <> union_agg(users) FILTER (WHERE state IN ('new', 'returning', 'resurrected')) $$, 'active is one of three');
SELECT is_empty($$ SELECT bucket, state, w.users FROM (SELECT bucket, state, union_agg(users) AS users FROM who WHERE unit = 'week' AND value = 'last_value' GROUP BY bucket, state) w
	WHERE users <> (SELECT lifecycle_users(u, at, 'week', bucket, state, 'Asia/Shanghai') FROM event) $$, 'the groups have the users of lifecycle_users');
SELECT is((SELECT array_agg(breakdown ORDER BY n) FROM unnest((SELECT lifecycle_users_by(u, at, c, 'week', '2024-03-05', 'new', 'top 1') FROM event)) WITH ORDINALITY w (breakdown, users, n)), ARRAY['(other)', 'app', NULL], 'by the bytes of breakdown');
SELECT is((SELECT lifecycle_users_by(u, at, c, 'week', '2024-03-05', 'new') FROM event WHERE false), NULL, 'none without rows');
-- Of several values that are shown as one, users count for each, and are in the set once.
CREATE TABLE tiny AS SELECT u, c, timestamptz '2024-01-01' AS at FROM (VALUES (1, 'x'), (1, 'y'), (2, 'z'), (3, 'x'), (1, 'a'), (2, 'a'), (3, 'a'), (4, 'a')) e (u, c);
SELECT is((SELECT new FROM lifecycle_by_buckets((SELECT lifecycle_by(u, at, c, 'day', 'each_value, top 1') FROM tiny)) WHERE breakdown = '(other)'), 4::bigint, 'each of the other values counts');
SELECT is((SELECT users::text FROM unnest((SELECT lifecycle_users_by(u, at, c, 'day', '2024-01-01', 'new', 'each_value, top 1') FROM tiny)) WHERE breakdown = '(other)'), '{1-3}', 'users of the other values');

-- ---- top and (other) ----------------------------------------------------------------------

SELECT results_eq(format('SELECT breakdown, bucket, active, new, "returning", resurrected, dormant, complete FROM lifecycle_by_buckets((SELECT lifecycle_by(u, at, c, ''week'', %L) FROM event))', value || ', top ' || n),
	format($$ WITH cell AS (SELECT * FROM lifecycle_by_buckets((SELECT lifecycle_by(u, at, c, 'week', %1$L) FROM event))),
			kept AS (SELECT breakdown FROM cell WHERE breakdown IS NOT NULL GROUP BY 1 ORDER BY sum(new) DESC, breakdown COLLATE "C" LIMIT %2$s)
		SELECT b, bucket, sum(active)::bigint, sum(new)::bigint, sum("returning")::bigint, sum(resurrected)::bigint, sum(dormant)::bigint, complete FROM (SELECT *, CASE WHEN breakdown IS NULL THEN NULL WHEN breakdown IN (TABLE kept) THEN breakdown ELSE '(other)' END AS b FROM cell) c
		GROUP BY b, bucket, complete ORDER BY bucket, b COLLATE "C" NULLS LAST $$, value, n), value || ' top ' || n)
FROM unnest(ARRAY['first_value', 'last_value', 'each_value']) value, unnest(ARRAY[1, 2, 4, 7, 10000]) n;
SELECT results_eq(format('SELECT breakdown, bucket, short_active, long_active FROM active_ratio_by_buckets((SELECT active_ratio_by(u, at, c, ''day'', 1, 5, %L) FROM event))', value || ', top 2'),
	format($$ WITH cell AS (SELECT * FROM active_ratio_by_buckets((SELECT active_ratio_by(u, at, c, 'day', 1, 5, %1$L) FROM event))),
			kept AS (SELECT label FROM labelled(%1$L, NULL) WHERE label IS NOT NULL GROUP BY 1 ORDER BY count(DISTINCT u) DESC, label COLLATE "C" LIMIT 2)
		SELECT b, bucket, sum(short_active)::bigint, sum(long_active)::bigint FROM (SELECT *, CASE WHEN breakdown IS NULL THEN NULL WHEN breakdown IN (TABLE kept) THEN breakdown ELSE '(other)' END AS b FROM cell) c
		GROUP BY b, bucket ORDER BY bucket, b COLLATE "C" NULLS LAST $$, value), 'ratio, ' || value || ' top 2')
FROM unnest(ARRAY['first_value', 'each_value']) value;

-- ---- results ------------------------------------------------------------------------------

CREATE TABLE kept AS SELECT unit, options, lifecycle_by(u, at, c, unit, options, 'Europe/Berlin', until) AS s, g FROM event, unnest(ARRAY['day', 'quarter']) unit, (VALUES ('', NULL::timestamptz), ('each_value, top 2', '2024-04-01')) v (options, until) GROUP BY unit, options, until, g;
SELECT is((SELECT rollup(s)::text FROM (SELECT lifecycle_by(u, at, c, 'day', 'each_value, top 2', '', '2024-04-01') AS s FROM event GROUP BY u % 4) s), (SELECT lifecycle_by(u, at, c, 'day', 'each_value, top 2', '', '2024-04-01')::text FROM event), 'results of different users add up');
SELECT is((SELECT rollup(s)::text FROM (SELECT active_ratio_by(u, at, c, 'day', 1, 3) AS s FROM event GROUP BY u % 4) s), (SELECT active_ratio_by(u, at, c, 'day', 1, 3)::text FROM event), 'and ratios');
SELECT throws_ok(format('SELECT rollup(s) FROM (SELECT lifecycle_by(u, at, c, ''day'') AS s FROM event UNION ALL SELECT %s FROM event) s', other), '22023', 'cannot roll up activity that differs in kind, unit, window, time zone or until', 'but not with ' || other)
FROM unnest(ARRAY['lifecycle(u, at, ''day'')', 'lifecycle_by(u, at, c, ''day'', ''top 3'')', 'lifecycle_by(u, at, c, ''day'', ''each_value'')', 'frequency_by(u, at, c, ''day'')']) other;
SELECT ok((SELECT lifecycle(u, at, 'day')::text FROM event) LIKE '{"version": 2,%', 'without a breakdown the format is as it was');
SELECT throws_ok(format('SELECT %L::activity_stats', replace((SELECT lifecycle_by(u, at, c, 'day')::text FROM event), a, b)), '22P02', NULL, a || ' as ' || b)
FROM (VALUES ('"version": 3', '"version": 2'), ('"first_value"', '"none"'), ('"first_value"', '"any"'), ('"top": 0', '"top": -1'), ('"top": 0', '"top": 10001'), ('"label": "app"', '"label": 1'), ('"label": "app"', '"label": "apple"'), ('"users": ', '"users": -'), ('["app", ', '["apple", '), ('["app", ', '['), ('["app", ', '[1, ')) v (a, b);
SELECT throws_ok(format('SELECT %s(s) FROM kept', accessor), '22023', message, accessor || ' of a breakdown')
FROM (VALUES ('lifecycle_buckets', 'lifecycle_buckets was given the result of lifecycle_by()'), ('frequency_by_bins', 'frequency_by_bins was given the result of lifecycle_by()')) v (accessor, message);
SELECT throws_ok('SELECT lifecycle_by_buckets((SELECT lifecycle(u, at, ''day'') FROM event))', '22023', 'lifecycle_by_buckets was given the result of lifecycle()', 'groups of none');
SELECT is((SELECT lifecycle_by(u, at, c, 'day')::text FROM event WHERE u > 1000), NULL, 'no rows give NULL');

-- ---- what is refused ----------------------------------------------------------------------

SELECT throws_ok(format('SELECT lifecycle_by(u, at, c, ''day'', %L) FROM event', options), '22023', message, options)
FROM (VALUES ('top', 'option "top" does not exist'), ('top 0', 'option "top 0" must be top and a number from 1 to 10000'), ('top 10001', 'option "top 10001" must be top and a number from 1 to 10000'), ('top -1', 'option "top -1" must be top and a number from 1 to 10000'),
	('top 3, top 3', 'options "top 3, top 3" say twice how many values there are'), ('first_value, each_value', 'options "first_value, each_value" say twice which value counts'), ('first value', 'option "first value" does not exist'), ('each_value,', 'options "each_value," end with a comma'), (', ', 'option "" does not exist'), ('Asia/Shanghai', 'option "Asia/Shanghai" does not exist')) v (options, message);
SELECT throws_ok('SELECT lifecycle_by(u, at, c, ''day'', NULL) FROM event', '22004', 'options must not be NULL', 'NULL as options');
SELECT throws_ok('SELECT lifecycle_by(u, ''infinity'', c, ''day'') FROM event', '22008', NULL, 'an infinite time');
SELECT throws_ok('SELECT lifecycle_users_by(u, at, c, ''day'', ''2024-03-01'', ''gone'') FROM event', '22023', 'state "gone" does not exist', 'a state');
SELECT throws_ok('SELECT lifecycle_by(u, at, c, CASE WHEN i % 2 = 0 THEN ''day'' ELSE ''week'' END) FROM event', '22023', NULL, 'units in turn');
SELECT throws_ok($$ SELECT count(*) FROM lifecycle_by_buckets((SELECT lifecycle_by(i, moment(3600 * i), 'c' || i, 'hour') FROM generate_series(1, 1200) i)) $$, '54000', '1200 values have 1200 buckets of unit "hour" each, together more than 1000000', 'too many rows');
SELECT is((SELECT count(*) FROM lifecycle_by_buckets((SELECT lifecycle_by(i, moment(3600 * i), 'c' || i, 'hour', 'top 10') FROM generate_series(1, 1200) i))), 1200 * 11::bigint, 'but not of fewer values');

-- ---- every plan ---------------------------------------------------------------------------

CREATE TABLE many AS SELECT i, CASE WHEN i % 97 > 0 THEN 1 + rnd(i, 1, 1000) END AS u, CASE WHEN i % 89 > 0 THEN moment(i * 180 + rnd(i, 2, 3) * 3600) END AS at, CASE WHEN i % 5 > 0 THEN 'c' || rnd(i, 3, 40) END AS c, i % 4 AS g FROM generate_series(1, 20000) i;
CREATE TABLE call AS SELECT format(call, '') AS call FROM unnest(ARRAY['lifecycle_by(u, at, c, ''day'')', 'lifecycle_by(u::text, at, c, ''hour'', ''last_value, top 5'')', 'lifecycle_by(u, at, c, ''week'', ''each_value'', '''', ''2024-02-05'')', 'active_ratio_by(u, at, c, ''day'', 1, 7, ''each_value'')',
	'stickiness_by(u, at, c, ''day'', ''week'', ''last_value'')', 'frequency_by(u, at, c, ''times'')', 'frequency_by(u, at, c, ''times'', ''each_value'')', 'lifecycle_users_by(u, at, c, ''day'', ''2024-01-20'', ''active'', ''each_value, top 3'')', 'lifecycle_users_by(u, at, c, ''day'', ''2024-01-20'', ''dormant'')']) call;
\ir ../plans.psql

SELECT * FROM finish();
ROLLBACK;
