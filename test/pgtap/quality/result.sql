-- quality_stats as a type: text and binary forms, hostile bytes and text, rollup.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS SELECT i, nullif(rnd(i, 1, 90), 0) AS u, CASE WHEN rnd(i, 9, 30) > 0 THEN moment(rnd(i, 2, 400) * 6000) END AS at, (ARRAY['a', 'bb', '', NULL, 'é'])[1 + rnd(i, 3, 5)] AS c, nullif('id' || rnd(i, 4, 300), 'id7') AS id,
	moment(rnd(i, 2, 400) * 6000 + rnd(i, 5, 9000) - 500) AS received FROM generate_series(1, 1500) i;
CREATE TABLE kept (name text, call text, s quality_stats);
INSERT INTO kept (name, call) VALUES ('plain', 'log_quality(u, at, received, c, id, ''day'')'), ('ahead', 'log_quality(u, at, received, c, id, ''week'', ''ahead 2 minutes'', ''Asia/Kathmandu'')'), ('nothing known', 'log_quality(NULL::int, NULL, NULL, NULL, NULL::text, ''month'')'),
	('one', 'log_quality(1, at, received, ''x''::text, 7::bigint, ''hour'', '''', ''Etc/GMT-8'')'), ('no arrival', 'log_quality(u, at, NULL, c, id, ''quarter'')');
CREATE FUNCTION stats_of(call text, condition text DEFAULT 'true') RETURNS quality_stats LANGUAGE plpgsql AS $$
DECLARE
	s quality_stats;
BEGIN
	EXECUTE format('SELECT %s FROM event WHERE %s', call, condition) INTO s;
	RETURN s;
END $$;
UPDATE kept SET s = stats_of(call);
CREATE FUNCTION makes_sense(s quality_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM quality_events(s) WHERE least(rows, users, duplicate_ids, future) < 0 OR rows < users OR rows < duplicate_ids OR rows < duplicate_rows OR rows < out_of_order OR rows < future OR median_lateness > max_lateness)
		AND NOT EXISTS (SELECT FROM quality_buckets(s) WHERE rows < users OR lower > upper OR lower < 0 OR gap AND rows > expected) AND NOT EXISTS (SELECT FROM quality_lateness(s) WHERE rows < 1)
		AND (quality_summary(s)).rows >= 1
$$;
\set type quality_stats
\set values '(SELECT name, s FROM kept UNION ALL SELECT \'small \' || name, stats_of(call, \'i < 4\') FROM kept)'
\ir ../stats_type.psql
SELECT throws_ok(format('SELECT %L::quality_stats', replace((SELECT s::text FROM kept WHERE name = name_of), a, b)), '22P02', NULL, a || ' as ' || b)
FROM (VALUES ('plain', '"unit": "day"', '"unit": "days"'), ('plain', '"ahead": 0', '"ahead": -1'), ('plain', '"users": ', '"users": 1'), ('one', '"event": "x"', '"event": 1'), ('one', '"null_times": ', '"null_times": 9'), ('one', '"same_ids": ', '"same_ids": 1')) v (name_of, a, b);
SELECT throws_ok(format('SELECT %L::quality_stats', regexp_replace((SELECT s::text FROM kept WHERE name = 'one'), '"bucket": -?\d+', '"bucket": ' || number)), '22P02', NULL, 'no time is in hour ' || number) FROM unnest('{-1099511627775,-3000000000}'::bigint[]) AS number;
SELECT throws_ok($$ SELECT rollup(s) FROM kept WHERE name IN ('plain', 'ahead') $$, '22023', NULL, 'units must be the same');
SELECT is((SELECT rollup(s)::text FROM (SELECT stats_of('log_quality(u, at, received, c, id, ''day'')', 'coalesce(u, 0) % 3 = ' || k) AS s FROM generate_series(0, 2) k) r), (SELECT s::text FROM kept WHERE name = 'plain'), 'parts by user add up');
-- What is stored today must be read by every later version.
CREATE TABLE version_1 AS SELECT s, s::text AS text FROM (SELECT log_quality(u, moment(u * 50000), moment(u * 50001), CASE WHEN u < 3 THEN 'a' END, 7::bigint, 'day', 'ahead 1 s') AS s FROM generate_series(1, 2) u) e;
SELECT is(text, '{"version": 1, "unit": "day", "time_zone": "UTC", "ahead": 1000000, "newest": 757482402000000, "users": 2, "events": [{"event": "a", "rows": 2, "users": 2, "same_ids": 0, "same_rows": 0, "out_of_order": 0, "future": 0, "null_users": 0, "empty_users": 0, "null_times": 0, "null_ids": 0, "empty_ids": 0, "null_received": 0, "lateness": {"sum": "3000000", "least": 1000000, "most": 2000000, "buckets": [[954, 1], [1018, 1]]}}], "buckets": [{"bucket": 8766, "rows": 1, "users": 1, "same_ids": 0, "same_rows": 0, "out_of_order": 0, "future": 0, "null_users": 0, "empty_users": 0, "null_times": 0, "null_ids": 0, "empty_ids": 0, "null_received": 0, "lateness": {"sum": "1000000", "least": 1000000, "most": 1000000, "buckets": [[954, 1]]}}, {"bucket": 8767, "rows": 1, "users": 1, "same_ids": 0, "same_rows": 0, "out_of_order": 0, "future": 0, "null_users": 0, "empty_users": 0, "null_times": 0, "null_ids": 0, "empty_ids": 0, "null_received": 0, "lateness": {"sum": "2000000", "least": 2000000, "most": 2000000, "buckets": [[1018, 1]]}}]}', 'version 1 as text') FROM version_1;
SELECT is(send_of(s), '\x010103555443c0843d80b2f5d7a3bbd80202010202610202000000000000000000000200c08db701c0843d80897aba07014001fc88010101000000000000000000000100c0843dc0843dc0843dba070102010100000000000000000000010080897a80897a80897afa0701', 'version 1 as bytes') FROM version_1;
SELECT is(receive(send_of(s)), text, 'read') FROM version_1;

SELECT * FROM finish();
ROLLBACK;
