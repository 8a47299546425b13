-- cohort_retention_by: the groups of cohorts against an oracle in SQL, with many ties and NULLs; its
-- options, top and (other), results that are stored and added up, every plan, and what is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(167);

CREATE TABLE event AS
SELECT i, CASE WHEN rnd(i, 8, 50) > 0 THEN 1 + rnd(i, 1, 70) END AS u, CASE WHEN rnd(i, 9, 60) > 0 THEN timestamptz '2024-02-20 00:00+00' + rnd(i, 2, 350) * interval '3 hours' END AS at,
	CASE rnd(i, 3, 9) WHEN 0 THEN NULL ELSE rnd(i, 3, 9) < 4 END AS s, CASE rnd(i, 4, 9) WHEN 0 THEN NULL ELSE rnd(i, 4, 9) < 6 END AS r,
	(ARRAY['app', 'web', NULL, '', 'Ünïcode', 'b', 'B', 'app'])[1 + rnd(i, 5, 8)] AS c, i % 3 AS g
FROM generate_series(1, 1500) i;
ANALYZE event;
CREATE TABLE valued AS SELECT *, CASE WHEN rnd(i, 6, 5) > 0 THEN rnd(i, 7, 1000) - 300 END AS v FROM event;
CREATE FUNCTION first_of(unit text, at timestamptz, zone text) RETURNS date LANGUAGE sql IMMUTABLE RETURN CASE unit WHEN 'week_sunday' THEN date_trunc('week', (at AT TIME ZONE zone) + interval '1 day')::date - 1 ELSE date_trunc(unit, at AT TIME ZONE zone)::date END;
CREATE FUNCTION period_of(unit text, day date) RETURNS int LANGUAGE sql IMMUTABLE RETURN CASE unit WHEN 'day' THEN day - date '2000-01-01' WHEN 'month' THEN extract(year FROM day) * 12 + extract(month FROM day) ELSE (day - date '2000-01-02') / 7 END;

-- Whose label is what: of the starts in the bucket with a value, the first or last time, then the least by bytes.
CREATE FUNCTION wanted(unit text, zone text, cohorts text, value text, returns text, until timestamptz) RETURNS TABLE (breakdown text, cohort timestamptz, cohort_date date, period int, users bigint, cohort_users bigint, complete boolean) LANGUAGE sql AS $$
	WITH seen AS (SELECT *, first_of(unit, at, zone) AS day, period_of(unit, first_of(unit, at, zone)) AS p FROM event WHERE u IS NOT NULL AND at < coalesce(until, 'infinity')),
		starts AS (SELECT DISTINCT u, CASE cohorts WHEN 'first' THEN min(day) OVER (PARTITION BY u) ELSE day END AS day FROM seen WHERE s),
		labelled AS (SELECT *, (SELECT c FROM seen e WHERE (e.u, e.day) = (starts.u, starts.day) AND e.s AND c IS NOT NULL
			ORDER BY CASE value WHEN 'last_value' THEN at END DESC, at, c COLLATE "C" LIMIT 1) AS label FROM starts)
	SELECT label, day::timestamp AT TIME ZONE zone, day, k,
		count(*) FILTER (WHERE EXISTS (SELECT FROM seen e WHERE e.u = l.u AND e.r AND e.p - period_of(unit, l.day) BETWEEN CASE returns WHEN 'within' THEN 0 ELSE k END AND CASE returns WHEN 'on_or_after' THEN 100000 ELSE k END)),
		count(*), period_of(unit, day) + k < period_of(unit, first_of(unit, coalesce(until, (SELECT max(at) FROM seen)), zone))
	FROM labelled l, generate_series(0, 4) k GROUP BY label, day, k ORDER BY day, label COLLATE "C" NULLS LAST, k
$$;
SELECT results_eq(format('SELECT breakdown, cohort, cohort_date, period, users, cohort_users, complete FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, %L, 4, %L, %L, %L) FROM event))', unit, concat_ws(', ', cohorts, value, returns), zone, until),
	format('SELECT * FROM wanted(%L, %L, %L, %L, %L, %L)', unit, zone, cohorts, value, returns, until), concat_ws(' ', unit, zone, cohorts, value, returns, until))
FROM unnest(ARRAY['day', 'week', 'week_sunday', 'month']) unit, unnest(ARRAY['first', 'every']) cohorts, unnest(ARRAY['first_value', 'last_value']) value, (VALUES ('UTC', NULL::timestamptz), ('America/New_York', '2024-03-20 13:00+00')) z (zone, until), LATERAL (SELECT (ARRAY['on', 'within', 'on_or_after'])[1 + (length(unit) + length(value) + length(zone)) % 3] AS returns) r;
SELECT is((SELECT cohort_retention_by(u, at, s, r, c, 'day', 4)::text FROM event), (SELECT cohort_retention_by(u, at, s, r, c, 'day', 4, 'FIRST, first_VALUE,on')::text FROM event), 'the default');

-- The groups of a cohort make up the cohort, also of rolling periods and of hours.
SELECT is_empty(format($$ SELECT * FROM (SELECT cohort, cohort_date, period, last_period, complete, sum(users) AS users, sum(cohort_users) AS cohort_users FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, %1$L, %2$s, %3$L) FROM event)) GROUP BY 1, 2, 3, 4, 5) a
	FULL JOIN retention_cells((SELECT cohort_retention(u, at, s, r, %1$L, %2$s, %3$L) FROM event)) b USING (cohort, period, last_period, complete) WHERE (a.users, a.cohort_users, a.cohort_date) IS DISTINCT FROM (b.users::numeric, b.cohort_users::numeric, b.cohort_date) $$, unit, periods, options), concat_ws(' ', unit, options))
FROM unnest(ARRAY['hour', 'quarter', 'rolling day', 'rolling hour', 'rolling week_sunday']) unit, unnest(ARRAY['first', 'every, within', 'every, on_or_after', 'within_from_1']) options, LATERAL (SELECT CASE WHEN options ~ 'every' THEN 'ARRAY[1, 3, 40]' ELSE '7' END AS periods) p;
-- Rolling periods have the same labels as those of the calendar.
SELECT is_empty($$ SELECT * FROM (SELECT breakdown, cohort, cohort_users FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, 'rolling week', 3, 'every, last_value') FROM event)) WHERE period = 0) a
	FULL JOIN (SELECT breakdown, cohort, cohort_users FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, 'week', 3, 'every, last_value') FROM event)) WHERE period = 0) b ON a.cohort = b.cohort AND a.breakdown IS NOT DISTINCT FROM b.breakdown WHERE a.cohort_users IS DISTINCT FROM b.cohort_users $$, 'labels of rolling weeks');

-- ---- top and (other) ----------------------------------------------------------------------

SELECT results_eq(format('SELECT breakdown, cohort, period, users, cohort_users, complete, last_period FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, ''week'', 3, %L) FROM event))', options || ', top ' || n),
	format($$ WITH cell AS (SELECT * FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, 'week', 3, %1$L) FROM event))),
			kept AS (SELECT breakdown FROM cell WHERE period = 0 AND breakdown IS NOT NULL GROUP BY 1 ORDER BY sum(cohort_users) DESC, breakdown COLLATE "C" LIMIT %2$s)
		SELECT b, cohort, period, sum(users)::bigint, sum(cohort_users)::bigint, complete, last_period FROM (SELECT *, CASE WHEN breakdown IS NULL THEN NULL WHEN breakdown IN (TABLE kept) THEN breakdown ELSE '(other)' END AS b FROM cell) c
		GROUP BY b, cohort, period, complete, last_period ORDER BY cohort, b COLLATE "C" NULLS LAST, period $$, options, n), options || ' top ' || n)
FROM unnest(ARRAY['first', 'every, within']) options, unnest(ARRAY[1, 2, 4, 6, 10000]) n;

-- ---- values and members -------------------------------------------------------------------

-- What rows with is_return say is summed up, and is the same in groups as without; integers, so that no order matters.
SELECT is_empty(format($$ SELECT * FROM (SELECT cohort, period, last_period, sum(users) AS users, sum(value) AS value FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, v, c, %1$L, %2$s, %3$L) FROM valued)) GROUP BY 1, 2, 3) a
	FULL JOIN retention_cells((SELECT cohort_retention(u, at, s, r, v, %1$L, %2$s, %3$L) FROM valued)) b USING (cohort, period, last_period) WHERE (a.users, a.value) IS DISTINCT FROM (b.users::numeric, b.value) $$, unit, periods, options), concat_ws(' ', 'values', unit, options))
FROM unnest(ARRAY['day', 'month', 'rolling day', 'rolling hour']) unit, unnest(ARRAY['first', 'every, within', 'every, on_or_after', 'within_from_1']) options, LATERAL (SELECT CASE WHEN options ~ 'every' THEN 'ARRAY[1, 3, 40]' ELSE '7' END AS periods) p;
-- With values there are the same groups and users as without.
SELECT is_empty(format($$ (SELECT breakdown, cohort, period, users, cohort_users FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, v, c, %1$L, 5, %2$L) FROM valued))
	EXCEPT SELECT breakdown, cohort, period, users, cohort_users FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, %1$L, 5, %2$L) FROM valued))) $$, unit, options), concat_ws(' ', 'with values', unit, options))
FROM unnest(ARRAY['day', 'rolling week']) unit, unnest(ARRAY['first', 'every, last_value', 'every, top 2']) options;
SELECT results_eq($$ SELECT breakdown, value, value_per_user FROM retention_by_cells((SELECT cohort_retention_by(1 + i, at, true, i % 2 = 0, i * 1.5, (ARRAY['', NULL, 'x'])[1 + i % 3], 'day', 1) FROM generate_series(0, 5) i, (VALUES (timestamptz '2024-01-01')) t (at))) WHERE period = 0 $$,
	$$ VALUES ('', 0::float8, 0::float8), ('x', 3.0, 1.5), (NULL, 6.0, 3.0) $$, 'an empty value is none of NULL');
SELECT throws_ok($$ SELECT cohort_retention_by(u, at, s, true, 'NaN'::float8, c, 'day', 3) FROM event $$, '22003', 'value must be a finite number, not NaN', 'a value that is no number');
SELECT is((SELECT count(*) FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, 'day', 5) FROM event)) WHERE value IS NOT NULL OR value_per_user IS NOT NULL), 0::bigint, 'NULL without values');

-- Members are those who are counted.
CREATE TABLE member AS SELECT id, unit, options, m.* FROM (VALUES ('u'), ('u::text'), ('md5(u::text)::uuid')) i (id), (VALUES ('day', 'first'), ('week', 'every, last_value, within'), ('rolling day', 'every, top 2'), ('month', 'every, on_or_after, top 1')) o (unit, options), LATERAL (SELECT NULL::text AS breakdown, NULL::timestamptz AS cohort, NULL::int[] AS returned, NULL::date AS cohort_date) m LIMIT 0;
DO $$
DECLARE
	one record;
BEGIN
	FOR one IN SELECT * FROM (VALUES ('u'), ('u::text'), ('md5(u::text)::uuid')) i (id), (VALUES ('day', 'first'), ('week', 'every, last_value, within'), ('rolling day', 'every, top 2'), ('month', 'every, on_or_after, top 1')) o (unit, options) LOOP
		EXECUTE format('INSERT INTO member SELECT %1$L, %2$L, %3$L, breakdown, cohort, returned, cohort_date FROM unnest((SELECT retention_members_by(%1$s, at, s, r, c, %2$L, 5, %3$L, ''Europe/Berlin'') FROM event))', one.id, one.unit, one.options);
	END LOOP;
END $$;
SELECT is_empty(format($$ SELECT * FROM (SELECT breakdown, cohort, cohort_date, k, count(*) FILTER (WHERE k = ANY (returned)) AS users, count(*) AS cohort_users FROM member, generate_series(0, 5) k WHERE (id, unit, options) = (%1$L, %2$L, %3$L) GROUP BY 1, 2, 3, 4) a
	FULL JOIN retention_by_cells((SELECT cohort_retention_by(%1$s, at, s, r, c, %2$L, 5, %3$L, 'Europe/Berlin') FROM event)) b ON a.breakdown IS NOT DISTINCT FROM b.breakdown AND (a.cohort, a.k) = (b.cohort, b.period)
	WHERE (a.users, a.cohort_users, a.cohort_date) IS DISTINCT FROM (b.users, b.cohort_users, b.cohort_date) $$, id, unit, options), concat_ws(' ', 'members', id, unit, options))
FROM (SELECT DISTINCT id, unit, options FROM member) m;
SELECT results_eq($$ SELECT user_id, cohort, returned, cohort_date FROM unnest((SELECT retention_members_by(u, at, s, r, c, 'week', '{1,3}', 'every') FROM event)) $$,
	$$ SELECT user_id, cohort, returned, cohort_date FROM unnest((SELECT retention_members(u, at, s, r, 'week', '{1,3}', 'every') FROM event)) $$, 'members of groups are members, in the same order');

-- ---- results ------------------------------------------------------------------------------

CREATE TABLE kept AS SELECT unit, options, cohort_retention_by(u, at, s, r, c, unit, 5, options, 'Europe/Berlin', until) AS s, g FROM event, unnest(ARRAY['day', 'rolling day']) unit, (VALUES ('', NULL::timestamptz), ('every, last_value, top 2', '2024-04-01')) v (options, until) GROUP BY unit, options, until, g;
SELECT ok(bool_and(s::text::retention_stats::text = s::text), 'text is read again') FROM kept;
CREATE TEMP TABLE received (s retention_stats) ON COMMIT DROP;
CREATE FUNCTION again(retention_stats) RETURNS retention_stats LANGUAGE plpgsql AS $$
DECLARE
	path text := current_setting('data_directory') || '/pg_journey_breakdown.' || pg_backend_pid();
BEGIN
	TRUNCATE received;
	EXECUTE format('COPY (SELECT %L::retention_stats) TO %L (FORMAT binary)', $1, path);
	EXECUTE format('COPY received FROM %L (FORMAT binary)', path);
	RETURN (SELECT s FROM received);
END $$;
SELECT ok(again(s)::text = s::text, 'bytes are read again: ' || unit || ' ' || options) FROM kept WHERE g = 0;
SELECT is((SELECT rollup(s)::text FROM (SELECT cohort_retention_by(u, at, s, r, c, 'day', 5, 'every, top 2', '', '2024-04-01') AS s FROM event GROUP BY u % 4) s), (SELECT cohort_retention_by(u, at, s, r, c, 'day', 5, 'every, top 2', '', '2024-04-01')::text FROM event), 'results of different users add up');
SELECT throws_ok(format('SELECT rollup(s) FROM (SELECT cohort_retention_by(u, at, s, r, c, ''day'', 5) AS s FROM event UNION ALL SELECT %s FROM event) s', other), '22023', NULL, 'but not with ' || other)
FROM unnest(ARRAY['cohort_retention(u, at, s, r, ''day'', 5)', 'cohort_retention_by(u, at, s, r, c, ''day'', 5, ''top 3'')', 'cohort_retention_by(u, at, s, r, c, ''day'', 5, ''last_value'')']) other;
SELECT ok((SELECT cohort_retention(u, at, s, r, 'day', 5)::text FROM event) LIKE '{"version": 2,%', 'without a breakdown the format is as it was');
SELECT throws_ok(format('SELECT %L::retention_stats', replace((SELECT cohort_retention_by(u, at, s, r, c, 'day', 5)::text FROM event), a, b)), '22P02', NULL, a || ' as ' || b)
FROM (VALUES ('"version": 3', '"version": 2'), ('"first_value"', '"none"'), ('"first_value"', '"any"'), ('"top": 0', '"top": -1'), ('"top": 0', '"top": 10001'), ('"label": "app"', '"label": 1')) v (a, b);
SELECT throws_ok('SELECT retention_cells(s) FROM kept', '22023', 'this retention has a breakdown', 'cells of a breakdown');
SELECT throws_ok('SELECT retention_curve(s) FROM kept', '22023', 'this retention has a breakdown', 'curve of a breakdown');
SELECT throws_ok('SELECT retention_by_cells((SELECT cohort_retention(u, at, s, r, ''day'', 5) FROM event))', '22023', 'this retention has no breakdown', 'groups of none');

-- What is stored today must be read by every later version.
CREATE TABLE version_3 (name text, f retention_stats, text text, bytes bytea);
INSERT INTO version_3 SELECT 'days', cohort_retention_by(u, moment(s), a, true, c, 'day', 2, 'every, top 5', 'UTC', moment(9 * 86400)),
	'{"version": 3, "unit": "day", "mode": "every, on", "periods": 2, "value": false, "time_zone": "UTC", "until": 758160000000000, "breakdown": "first_value", "top": 5, "newest": 8775, "cohorts": [{"number": 8766, "label": "app", "begin": 757382400000000, "users": 1, "counts": [1, 1]}, {"number": 8767, "label": "", "begin": 757468800000000, "users": 1, "counts": [1, 0, 1]}, {"number": 8767, "label": null, "begin": 757468800000000, "users": 1, "counts": [1]}, {"number": 8769, "label": "web", "begin": 757641600000000, "users": 1, "counts": [1]}]}',
	'\x030100010000028e89010403555443018080dd97dce2d802010500fc8801046170708080cacebab5d8020102010102018080bbdd8305010301000100000001010104047765628080f6ba870a010101' FROM (VALUES (1, 0, true, 'app'), (1, 90000, false, 'x'), (2, 86400, true, NULL), (3, 86400, true, ''), (3, 3 * 86400, true, 'web')) v (u, s, a, c);
INSERT INTO version_3 SELECT 'rolling days with values', cohort_retention_by(u, moment(s), a, true, u * 1.5, c, 'rolling day', ARRAY[1, 3], 'last_value', 'UTC'),
	'{"version": 3, "unit": "rolling day", "mode": "first, on", "periods": [1, 3], "value": true, "time_zone": "UTC", "breakdown": "last_value", "top": 0, "newest": 757472400000000, "cohorts": [{"number": 8766, "label": "app", "begin": 757382400000000, "end": 757468800000000, "users": 1, "counts": [1, 1], "values": ["1.5", "1.5"]}, {"number": 8767, "label": null, "begin": 757468800000000, "end": 757555200000000, "users": 1, "counts": [1], "values": ["3"]}]}',
	'\x030101000001038090a295d9bad8020203555443000200020102fc8801046170708080cacebab5d80280c0ddeec102010201000000000000f83f01000000000000f83f02008080bbdd830580c0ddeec1020101010000000000000840' FROM (VALUES (1, 0, true, 'app'), (1, 90000, false, 'x'), (2, 86400, true, NULL)) v (u, s, a, c);
CREATE FUNCTION receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	path text := current_setting('data_directory') || '/pg_journey_breakdown.' || pg_backend_pid();
BEGIN
	TRUNCATE received;
	EXECUTE format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', bytes, path);
	EXECUTE format('COPY received FROM %L (FORMAT binary)', path);
	RETURN (SELECT s FROM received);
END $$;
SELECT unnest(ARRAY[is(f::text, text, 'text of version 3: ' || name), is(text::retention_stats::text, text, 'text of version 3, read: ' || name), is(journey_internal.retention_stats_send(f), bytes, 'bytes of version 3: ' || name), is(receive(bytes), text, 'bytes of version 3, read: ' || name)]) FROM version_3;

-- ---- what is refused ----------------------------------------------------------------------

SELECT throws_ok(format('SELECT cohort_retention_by(u, at, s, r, c, ''day'', 3, %L) FROM event', options), '22023', message, options)
FROM (VALUES ('top', 'option "top" does not exist'), ('top 0', 'option "top 0" must be top and a number from 1 to 10000'), ('top 10001', 'option "top 10001" must be top and a number from 1 to 10000'), ('top 99999999999999999999', 'option "top 99999999999999999999" must be top and a number from 1 to 10000'), ('top -1', 'option "top -1" must be top and a number from 1 to 10000'), ('top ten', 'option "top ten" must be top and a number from 1 to 10000'),
	('top 3, top 3', 'options "top 3, top 3" say twice how many values there are'), ('first_value, last_value', 'options "first_value, last_value" say twice which value counts'), ('first value', 'option "first value" does not exist'), ('first_value,', 'options "first_value," end with a comma')) v (options, message);
SELECT throws_ok('SELECT cohort_retention(u, at, s, r, ''day'', 3, ''first_value'') FROM event', '22023', 'option "first_value" does not exist', 'not without a breakdown');

-- ---- hostile states -----------------------------------------------------------------------

-- As in retention/result.sql, which has those without a breakdown.
SET LOCAL enable_partitionwise_aggregate = on;
SET LOCAL cpu_tuple_cost = 1;
CREATE AGGREGATE from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, COMBINEFUNC = journey_internal.cohort_retention_combine, FINALFUNC = journey_internal.cohort_retention_by_final, PARALLEL = SAFE);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, boolean, boolean, text, text, int) (SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, FINALFUNC = journey_internal.cohort_retention_serialize);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, boolean, boolean, float8, text, text, int) (SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, FINALFUNC = journey_internal.cohort_retention_serialize);
CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);
CREATE FUNCTION of_states(zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	SELECT string_agg(concat_ws(' ', breakdown, users, value), ', ' ORDER BY cohort, breakdown COLLATE "C", period) INTO answer FROM retention_by_cells((SELECT from_bytes(b, NULL) FROM bytes));
	RETURN coalesce(answer, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
CREATE TABLE two AS SELECT u, moment(d * 86400) AS at, c FROM (VALUES (5, 0, 'app'), (5, 1, 'web'), (7, 0, NULL), (7, 2, 'x')) v (u, d, c);
CREATE TABLE state AS
SELECT 'int' AS kind, to_bytes(u, at, true, true, c, 'day', 2) AS b, 'app 1, app 1, app 0, 1, 0, 1' AS want FROM two
UNION ALL SELECT 'text, value', to_bytes(u::text, at, true, true, u + 0.5, c, 'day', 2), 'app 1 5.5, app 1 5.5, app 0 0, 1 7.5, 0 0, 1 7.5' FROM two
UNION ALL SELECT 'rolling, value', to_bytes(u, at, true, true, u + 0.5, c, 'rolling day', 2), 'app 1 5.5, app 1 5.5, app 0 0, 1 7.5, 0 0, 1 7.5' FROM two;
SELECT is(of_states(b, NULL), want, kind || ': as they were written') FROM state;
SELECT is_empty($$ SELECT a.kind, b.kind FROM state a, state b WHERE a.kind <> b.kind AND of_states(a.b, b.b) NOT IN ('22P03', '22023') $$, 'states of other ids, units, or with other values');
CREATE TABLE hostile AS
SELECT kind, b AS whole, set_byte(b, i, v) AS h FROM state, generate_series(0, octet_length(b) - 1) i,
	LATERAL (SELECT DISTINCT v & 255 FROM unnest(ARRAY[0, 59, 127, 255, get_byte(b, i) + 1, get_byte(b, i) # 128]) v) c (v) WHERE v <> get_byte(b, i)
UNION ALL SELECT kind, b, substr(b, 1, n) FROM state, generate_series(0, octet_length(b) - 1) n;
CREATE TABLE outcome AS SELECT kind, h, of_states(h, NULL) AS alone, of_states(whole, h) AS second FROM hostile;
SELECT cmp_ok(count(*), '>', 1000::bigint, 'hostile states') FROM outcome;
SELECT is_empty($$ SELECT kind, h, alone, second FROM outcome WHERE alone ~ '^[0-9A-Z]{5}$' AND alone NOT IN ('22P03', '22023', '42883', '42P18', 'XX000', '22008') OR second ~ '^[0-9A-Z]{5}$' AND second NOT IN ('22P03', '22023', '42883', '42P18', 'XX000', '22008') LIMIT 5 $$, 'are refused, or read');
SELECT is(of_states(b, NULL), want, kind || ': the session goes on') FROM state;
RESET cpu_tuple_cost;

-- ---- every plan ---------------------------------------------------------------------------

CREATE TABLE many AS SELECT i, CASE WHEN i % 97 > 0 THEN 1 + rnd(i, 1, 1000) END AS u, CASE WHEN i % 89 > 0 THEN moment(i * 180 + rnd(i, 2, 3) * 3600) END AS at, i % 7 = 0 AS s, i % 3 = 0 AS r, CASE WHEN i % 5 > 0 THEN 'c' || rnd(i, 3, 40) END AS c, i % 4 AS g FROM generate_series(1, 20000) i;
CREATE TABLE call AS SELECT format('cohort_retention_by(u%s, at, s, r, c, %L, 9, %L)', type, unit, options) AS call FROM (VALUES ('', 'day', ''), ('::text', 'day', 'every, last_value'), ('', 'rolling day', 'every, top 5')) v (type, unit, options);
\ir ../plans.psql

SELECT * FROM finish();
ROLLBACK;
