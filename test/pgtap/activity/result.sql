-- activity_stats as a type: text and binary forms, hostile bytes and text, rollup; and what
-- lifecycle and its relatives refuse, between rows, groups and workers.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(112);

CREATE TABLE event AS SELECT i, u, moment(rnd(i, 2, 20000) * 600) AS at, (ARRAY['a', 'bb', '', NULL, 'é'])[1 + rnd(i, 3, 5)] AS c FROM generate_series(1, 6000) i, LATERAL (SELECT 1 + rnd(i, 1, 900) AS u) c;
ALTER TABLE event SET (parallel_workers = 4);
ANALYZE event;

-- ---- values of every kind ---------------------------------------------------------------

CREATE TABLE kept (name text, call text, accessor text, s activity_stats);
INSERT INTO kept (name, call, accessor) VALUES
	('lifecycle', 'lifecycle(u, at, ''day'')', 'lifecycle_buckets'), ('lifecycle of one', 'lifecycle(1, at, ''quarter'', ''Asia/Kathmandu'')', 'lifecycle_buckets'), ('lifecycle by hour', 'lifecycle(u, at, ''hour'', ''Etc/GMT-8'')', 'lifecycle_buckets'),
	('ratio', 'active_ratio(u, at, ''day'', 1, 28, ''America/New_York'')', 'active_ratio_buckets'), ('ratio, longest', 'active_ratio(u, at, ''week'', 99999, 100000)', 'active_ratio_buckets'),
	('stickiness', 'stickiness(u, at, ''day'', ''month'')', 'stickiness_buckets'), ('stickiness by hour', 'stickiness(u, at, ''hour'', ''quarter'', ''Europe/Berlin'')', 'stickiness_buckets'),
	('frequency', 'frequency(u, at, ''month'', ''Asia/Shanghai'')', 'frequency_bins'), ('times', 'frequency(u % 7, at, ''times'')', 'frequency_bins'),
	('lifecycle by value', 'lifecycle_by(u, at, c, ''month'', ''each_value'')', 'lifecycle_by_buckets'), ('ratio by value', 'active_ratio_by(u, at, c, ''week'', 1, 2, ''top 2'')', 'active_ratio_by_buckets'),
	('stickiness by value', 'stickiness_by(u, at, c, ''day'', ''week'', ''last_value'')', 'stickiness_by_buckets'), ('times by value', 'frequency_by(u, at, c, ''times'', ''each_value, top 2'')', 'frequency_by_bins');
CREATE FUNCTION stats_of(call text, condition text DEFAULT 'true') RETURNS activity_stats LANGUAGE plpgsql AS $$
DECLARE
	s activity_stats;
BEGIN
	EXECUTE format('SELECT %s FROM event WHERE %s', call, condition) INTO s;
	RETURN s;
END $$;
UPDATE kept SET s = stats_of(call);
CREATE FUNCTION makes_sense(s activity_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT CASE coalesce(s::text::jsonb ->> 'breakdown', '') || (s::text::jsonb ->> 'kind')
		WHEN 'lifecycle' THEN NOT EXISTS (SELECT FROM lifecycle_buckets(s) WHERE active < 0 OR new < 0 OR "returning" < 0 OR dormant < 0 OR active <> new + "returning" + resurrected)
		WHEN 'ratio' THEN NOT EXISTS (SELECT FROM active_ratio_buckets(s) WHERE short_active < 0 OR long_active < short_active OR active_ratio NOT BETWEEN 0 AND 1)
		WHEN 'stickiness' THEN NOT EXISTS (SELECT FROM stickiness_buckets(s) WHERE users < 0 OR users_or_more < users OR share NOT BETWEEN 0 AND 1)
		WHEN 'each_valuelifecycle' THEN NOT EXISTS (SELECT FROM lifecycle_by_buckets(s) WHERE active < 0 OR new < 0 OR "returning" < 0 OR dormant < 0 OR active <> new + "returning" + resurrected)
		WHEN 'first_valueratio' THEN NOT EXISTS (SELECT FROM active_ratio_by_buckets(s) WHERE short_active < 0 OR long_active < short_active OR active_ratio NOT BETWEEN 0 AND 1)
		WHEN 'last_valuestickiness' THEN NOT EXISTS (SELECT FROM stickiness_by_buckets(s) WHERE users < 0 OR users_or_more < users OR share NOT BETWEEN 0 AND 1)
		WHEN 'each_valuefrequency' THEN NOT EXISTS (SELECT FROM frequency_by_bins(s) WHERE users < 1 OR share NOT BETWEEN 0 AND 1 OR lower < 1)
		WHEN 'frequency' THEN NOT EXISTS (SELECT FROM frequency_bins(s) WHERE users < 1 OR share NOT BETWEEN 0 AND 1 OR lower < 1)
		ELSE (SELECT count(*) >= 0 FROM (SELECT FROM lifecycle_by_buckets(CASE WHEN s::text ~ '"kind": "lifecycle"' THEN s END) UNION ALL SELECT FROM active_ratio_by_buckets(CASE WHEN s::text ~ '"kind": "ratio"' THEN s END)
			UNION ALL SELECT FROM stickiness_by_buckets(CASE WHEN s::text ~ '"kind": "stickiness"' THEN s END) UNION ALL SELECT FROM frequency_by_bins(CASE WHEN s::text ~ '"kind": "frequency"' THEN s END)) r) END
$$;
\set type activity_stats
\set values '(SELECT name, s FROM kept UNION ALL SELECT \'small \' || name, stats_of(call, \'u < 6\') FROM kept WHERE name !~ \'hour|longest\')'
\ir ../stats_type.psql
-- What is stored today must be read by every later version.
CREATE TABLE version_1 AS SELECT '{"version": 1, "kind": "ratio", "unit": "day", "over_unit": "day", "short_window": 1, "long_window": 3, "time_zone": "UTC", "newest": 757468800000000, "cells": [[8766, 0, 1], [8766, 2, 1], [8767, 0, 1], [8767, 1, 1], [8767, 2, 1], [8768, 1, 1], [8769, 3, 1], [8770, 3, 1]]}' AS text,
	'\x01010101010303555443808085acbebad80208fc88010001000201020001000101000201020101020301020301'::bytea AS bytes;
CREATE TABLE version_2 AS SELECT '{"version": 2, "kind": "ratio", "unit": "day", "over_unit": "day", "short_window": 1, "long_window": 3, "time_zone": "UTC", "until": 758160000000000, "newest": 758160000000000, "cells": [[8766, 0, 1], [8766, 2, 1], [8767, 0, 1], [8767, 1, 1], [8767, 2, 1], [8768, 1, 1], [8769, 3, 1], [8770, 3, 1]]}' AS text,
	'\x02010101010303555443018080dd97dce2d8028080dd97dce2d80208fc88010001000201020001000101000201020101020301020301'::bytea AS bytes;
SELECT unnest(ARRAY[is(f::text, text, 'text of version 2'), is(text::activity_stats::text, text, 'text of version 2, read'), is(journey_internal.activity_stats_send(f), bytes, 'bytes of version 2'), is(receive(bytes), text, 'bytes of version 2, read')])
FROM version_2, (SELECT active_ratio(u, moment(s), 'day', 1, 3, 'UTC', moment(9 * 86400)) AS f FROM (VALUES (1, 0), (2, 86400), (2, 86400), (3, 9 * 86400)) v (u, s)) f;
SELECT unnest(ARRAY[is(text::activity_stats::text, now, 'text of version 1, read'), is(receive(bytes), now, 'bytes of version 1, read'), is(journey_internal.activity_stats_send(f), journey_internal.activity_stats_send(text::activity_stats), 'version 1 is what is made today without until')])
FROM version_1, LATERAL (SELECT replace(text, '"version": 1', '"version": 2') AS now) v, (SELECT active_ratio(u, moment(s), 'day', 1, 3, 'UTC') AS f FROM (VALUES (1, 0), (2, 86400), (2, 86400)) v (u, s)) f;
CREATE TABLE version_3 AS SELECT '{"version": 3, "kind": "lifecycle", "unit": "day", "over_unit": "day", "short_window": 0, "long_window": 0, "time_zone": "UTC", "until": 758160000000000, "newest": 758160000000000, "breakdown": "each_value", "top": 3, "groups": [{"label": "app", "users": 2}, {"label": "x", "users": 1}, {"label": null, "users": 1}], "cells": [["app", 8766, 0, 2], ["app", 8767, 3, 2], ["x", 8767, 0, 1], ["x", 8768, 3, 1], [null, 8767, 0, 1], [null, 8768, 3, 1]]}' AS text,
	'\x03000101000003555443018080dd97dce2d8028080dd97dce2d802030303046170700202780100010604617070fc8801000204617070020302027800000102780203010001000100020301'::bytea AS bytes;
SELECT unnest(ARRAY[is(f::text, text, 'text of version 3'), is(text::activity_stats::text, text, 'text of version 3, read'), is(journey_internal.activity_stats_send(f), bytes, 'bytes of version 3'), is(receive(bytes), text, 'bytes of version 3, read')])
FROM version_3, (SELECT lifecycle_by(u, moment(s), c, 'day', 'each_value, top 3', 'UTC', moment(9 * 86400)) AS f FROM (VALUES (1, 0, 'app'), (1, 90000, 'x'), (2, 86400, NULL), (2, 0, 'app')) v (u, s, c)) f;
-- A value may be of a zone that no call is given any more, as that of its session was.
SELECT results_eq($$ SELECT bucket, bucket_date FROM version_1, active_ratio_buckets(replace(text, 'UTC', '<+08>-08')::activity_stats) LIMIT 1 $$, $$ VALUES (timestamptz '2023-12-31 16:00+00', date '2024-01-01') $$, 'a value of a POSIX zone');

-- ---- hostile text -----------------------------------------------------------------------

-- Every member, at every depth, missing, or of another type or value.
CREATE TABLE whole AS SELECT name, stats_of(call, 'u < 6')::text::jsonb AS j FROM kept WHERE name !~ 'hour|longest';
CREATE TABLE place AS
WITH RECURSIVE p AS (
	SELECT name, ARRAY[]::text[] AS path, j FROM whole
	UNION ALL
	SELECT name, path || c.key, c.value FROM p, LATERAL (
		SELECT key, value FROM jsonb_each(CASE jsonb_typeof(j) WHEN 'object' THEN j ELSE '{}' END)
		UNION ALL SELECT (ord - 1)::text, value FROM jsonb_array_elements(CASE jsonb_typeof(j) WHEN 'array' THEN j ELSE '[]' END) WITH ORDINALITY e (value, ord) WHERE ord <= 3) c
) SELECT * FROM p WHERE path <> '{}';
CREATE TABLE spoilt AS
SELECT name, path, w.j #- path AS j, 'missing' AS how FROM place JOIN whole w USING (name)
UNION ALL SELECT name, path, jsonb_set(w.j, path, value), value::text FROM place JOIN whole w USING (name),
	unnest(ARRAY['null', 'true', '"x"', '""', '"day"', '"quarter"', '"lifecycle"', '"ratio"', '"UTC\\u0001"', '-1', '0', '1', '2', '1.5', '4', '100001', '1e9', '9223372036854775807', '1e30', '[]', '{}', '[[1]]', '[[1, 2, 3, 4]]', '[[0, 1, -5]]', '[[9497, 1, 1], [9496, 1, 1]]']::jsonb[]) value;
CREATE TABLE outcome AS SELECT *, state_of(j::text) AS state FROM spoilt;
SELECT cmp_ok(count(*), '>', 3000::bigint, 'spoilt texts') FROM outcome;
-- 22P02: no such value; 22023: no such zone; 54000: too many buckets; 22008: out of range; 22003: too large, or the sum is.
SELECT is_empty($$ SELECT name, path, how, state FROM outcome WHERE state NOT IN ('22P02', '22023', 'accepted', '54000', '22008', '22003') LIMIT 5 $$, 'are refused, or make sense');
SELECT is_empty($$ SELECT name, path, state FROM outcome WHERE how = 'missing' AND cardinality(path) = 1 AND state <> '22P02' $$, 'nothing may be missing');
SELECT ok(count(*) FILTER (WHERE state = '22P02') > 2000 AND count(*) FILTER (WHERE state = 'accepted') > 50, 'some of either') FROM outcome;
SELECT throws_ok(format('SELECT %L::activity_stats', jsonb_set(j, path::text[], value::jsonb)), state, message, path || ' is ' || value)
FROM whole, (VALUES ('ratio', '{version}', '4', '22P02', 'invalid input for type activity_stats: "version" is missing or not as it should be'), ('ratio', '{kind}', '"x"', '22P02', 'invalid input for type activity_stats: "kind" is missing or not as it should be'),
	('ratio', '{short_window}', '28', '22P02', 'invalid input for type activity_stats: "unit" is missing or not as it should be'), ('ratio', '{long_window}', '100001', '22P02', 'invalid input for type activity_stats: "long_window" is missing or not as it should be'),
	('ratio', '{unit}', '"times"', '22P02', 'invalid input for type activity_stats: "over_unit" is missing or not as it should be'), ('ratio', '{time_zone}', '"Mars"', '22023', 'time_zone "Mars" does not exist'), ('ratio', '{newest}', '9223372036854775807', '22P02', 'invalid input for type activity_stats: "newest" is missing or not as it should be'),
	('ratio', '{cells}', '[[1, 0, 1]]', '22P02', 'invalid input for type activity_stats: "cells" is missing or not as it should be'), ('ratio', '{cells}', '[[1, 0, 2], [1, 2, 1], [2, 1, 2], [3, 3, 1]]', '22P02', 'invalid input for type activity_stats: "cells" is missing or not as it should be'),
	('times', '{cells}', '[[0, 1, 9223372036854775807], [0, 2, 1]]', '22P02', 'invalid input for type activity_stats: "cells" is missing or not as it should be'), ('times', '{cells}', '[[0, 1, 1], [0, 1, 1]]', '22P02', 'invalid input for type activity_stats: "cells" is missing or not as it should be'),
	('times', '{cells}', '[[1, 1, 1]]', '22P02', 'invalid input for type activity_stats: "cells" is missing or not as it should be'), ('lifecycle', '{cells}', '[[0, 4, 1]]', '22P02', 'invalid input for type activity_stats: "cells" is missing or not as it should be')) c (n, path, value, state, message) WHERE name = n;

-- ---- rollup -----------------------------------------------------------------------------

SELECT is((SELECT rollup(t)::text FROM (SELECT stats_of(call, 'u % 3 = ' || i) AS t FROM generate_series(0, 2) i UNION ALL SELECT NULL) v), s::text, name || ': of three thirds') FROM kept WHERE name NOT IN ('times', 'lifecycle of one');
SELECT throws_ok(format('SELECT rollup(t) FROM (VALUES (%L::activity_stats), (%L)) v (t)', a.s, b.s), '22023', 'cannot roll up activity that differs in kind, unit, window, time zone or until', a.name || ' and ' || b.name)
FROM kept a, LATERAL (SELECT 'another window' AS name, stats_of('active_ratio(u, at, ''day'', 1, 7, ''America/New_York'')') AS s WHERE a.name = 'ratio' UNION ALL SELECT 'another zone', stats_of('lifecycle(u, at, ''day'', ''GMT'')') WHERE a.name = 'lifecycle'
	UNION ALL SELECT 'another unit', stats_of('lifecycle(u, at, ''week'')') WHERE a.name = 'lifecycle' UNION ALL SELECT 'another kind', stats_of('frequency(u, at, ''day'')') WHERE a.name = 'lifecycle'
	UNION ALL SELECT 'another over_unit', stats_of('stickiness(u, at, ''day'', ''week'')') WHERE a.name = 'stickiness' UNION ALL SELECT 'another until', stats_of('lifecycle(u, at, ''day'', '''', ''2100-01-01'')') WHERE a.name = 'lifecycle') b;
SELECT throws_ok(format('SELECT rollup(s) FROM (SELECT %L::activity_stats FROM generate_series(1, 2)) v (s)', jsonb_set(j, '{cells}', '[[0, 1, 9223372036854775807]]')), '22003', 'too many users to count') FROM whole WHERE name = 'times';

-- ---- what is refused --------------------------------------------------------------------

SELECT throws_ok(format('SELECT %s FROM event', call), state, message, call)
FROM (VALUES ('lifecycle(u, at, NULL)', '22004', 'unit must not be NULL'), ('lifecycle(u, at, ''Dag'')', '22023', 'unit "Dag" does not exist'), ('lifecycle(u, at, '''')', '22023', 'unit "" does not exist'), ('lifecycle(u, at, ''times'')', '22023', 'unit "times" does not exist'),
	('lifecycle(u, at, ''day'', NULL)', '22004', 'time_zone must not be NULL'), ('lifecycle(u, at, ''day'', ''Asia/Beijing'')', '22023', 'time_zone "Asia/Beijing" does not exist'), ('lifecycle(u, ''infinity'', ''day'')', '22008', 'at must be a finite time, not infinity'),
	('frequency(u, ''-infinity'', ''times'')', '22008', 'at must be a finite time, not -infinity'), ('lifecycle(''{}''::json, at, ''day'')', '42883', 'user_id must be of a type that can be hashed, not json'),
	('active_ratio(u, at, ''day'', NULL, 28)', '22004', 'short_window must not be NULL'), ('active_ratio(u, at, ''day'', 1, NULL)', '22004', 'long_window must not be NULL'), ('active_ratio(u, at, ''day'', -1, 28)', '22023', 'short_window must be a number of buckets from 1 to 100000, not -1'),
	('active_ratio(u, at, ''day'', 1, 100001)', '22023', 'long_window must be a number of buckets from 1 to 100000, not 100001'), ('active_ratio(u, at, ''day'', 7, 7)', '22023', 'short_window 7 is not shorter than long_window 7'),
	('stickiness(u, at, ''day'', NULL)', '22004', 'per must not be NULL'), ('stickiness(u, at, ''day'', ''year'')', '22023', 'unit "year" does not exist'), ('stickiness(u, at, ''week'', ''quarter'')', '22023', 'weeks do not fit into a quarter'), ('stickiness(u, at, ''day'', ''day'')', '22023', 'per "day" is not longer than unit "day"'),
	('frequency(u, at, NULL)', '22004', 'unit must not be NULL'), ('lifecycle_users(u, at, ''day'', NULL, ''new'')', '22004', 'bucket must not be NULL'), ('lifecycle_users(u, at, ''day'', ''-infinity'', ''new'')', '22008', 'bucket must be a finite time, not -infinity'),
	('lifecycle_users(u, at, ''day'', ''2024-01-01'', NULL)', '22004', 'state must not be NULL'), ('lifecycle_users(u, at, ''day'', ''2024-01-01'', ''New'')', '22023', 'state "New" does not exist'),
	('lifecycle(u, at + interval ''200000 years'', ''hour'')', '22008', 'at is too far in the future to count hours')) v (call, state, message);
CREATE TABLE changing (message text, call text);
INSERT INTO changing VALUES ('unit must be the same for all rows of one group', 'lifecycle(u, at, CASE WHEN @ THEN ''day'' ELSE ''hour'' END)'), ('time_zone must be the same for all rows of one group', 'frequency(u, at, ''day'', CASE WHEN @ THEN ''UTC'' ELSE ''GMT'' END)'),
	('per must be the same for all rows of one group', 'stickiness(u, at, ''day'', CASE WHEN @ THEN ''week'' ELSE ''month'' END)'), ('long_window must be the same for all rows of one group', 'active_ratio(u, at, ''day'', 1, CASE WHEN @ THEN 7 ELSE 28 END)'),
	('bucket must be the same for all rows of one group', 'lifecycle_users(u, at, ''day'', CASE WHEN @ THEN timestamptz ''2024-01-01'' ELSE ''2024-01-02'' END, ''new'')'), ('state must be the same for all rows of one group', 'lifecycle_users(u, at, ''day'', ''2024-01-01'', CASE WHEN @ THEN ''new'' ELSE ''dormant'' END)');
SELECT throws_ok(format('SELECT %s FROM event', replace(call, '@', 'i < 3000')), '22023', message, message) FROM changing;
SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT throws_ok(format('SELECT %s FROM event', replace(call, '@', 'i < 3000')), '22023', message, message || ', with workers') FROM changing;
SET LOCAL max_parallel_workers_per_gather = 0;
-- Each group has its own.
SELECT is((SELECT string_agg(s, ' ' ORDER BY g) FROM (SELECT u % 2 AS g, lifecycle(u, at, CASE u % 2 WHEN 0 THEN 'day' ELSE 'week' END)::text AS s FROM event GROUP BY u % 2) s),
	(SELECT lifecycle(u, at, 'day')::text FROM event WHERE u % 2 = 0) || ' ' || (SELECT lifecycle(u, at, 'week')::text FROM event WHERE u % 2 = 1), 'parameters may differ between groups');
SELECT throws_ok(format('SELECT %s(s) FROM kept WHERE name = %L', accessor, name), '22023', format('%s was given the result of %s()', accessor, maker))
FROM (VALUES ('lifecycle_buckets', 'ratio', 'active_ratio'), ('active_ratio_buckets', 'stickiness', 'stickiness'), ('stickiness_buckets', 'frequency', 'frequency'), ('frequency_bins', 'lifecycle', 'lifecycle')) v (accessor, name, maker);
SELECT throws_ok(format('SELECT frequency_bins(s, %L) FROM kept WHERE name = ''times''', bounds), state, message)
FROM (VALUES ('{1,NULL}', '22004', 'bounds must not contain NULL'), ('{0}', '22023', 'bounds must be 1 or more, not 0'), ('{1,1}', '22023', 'bounds must ascend, but 1 comes after 1'), ('{5,3}', '22023', 'bounds must ascend, but 3 comes after 5')) v (bounds, state, message);
SELECT throws_ok('SELECT lifecycle_buckets((SELECT lifecycle(1, t::timestamptz, ''day'') FROM (VALUES (''4000-01-01 BC''), (''2024-01-01'')) v (t)))', '54000', NULL, 'too many buckets to list');
-- At the ends of time.
SELECT is((SELECT count(*) FROM lifecycle_buckets((SELECT lifecycle(1, t::timestamptz, unit, 'UTC') FROM (VALUES ('294276-10-30'), ('294276-11-02')) v (t)))), n::bigint, 'late ' || unit) FROM (VALUES ('day', 4), ('week', 1), ('month', 2)) v (unit, n);
SELECT is((SELECT count(*) FROM lifecycle_buckets((SELECT lifecycle(1, t::timestamptz, unit, 'UTC') FROM (VALUES ('4713-01-01 BC'), ('4713-02-02 BC')) v (t)))), n::bigint, 'early ' || unit) FROM (VALUES ('hour', 769), ('day', 33), ('month', 2), ('quarter', 1)) v (unit, n);

SELECT * FROM finish();
ROLLBACK;
