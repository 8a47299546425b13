-- schedules against a minute-by-minute answer, and what a runner claims and does.
-- Runners at work, killed and restarted, are in test/client.
\ir ../setup.psql

SELECT plan(96);

-- ---- schedules --------------------------------------------------------------------------

-- Minutes that a cron expression, given as what each field allows, is about.
CREATE TABLE cron (schedule text, minutes int[], hours int[], days int[], months int[], weekdays int[], either boolean DEFAULT false);
INSERT INTO cron VALUES
('* * * * *', NULL, NULL, NULL, NULL, NULL),
('30 2 * * *', '{30}', '{2}', NULL, NULL, NULL),
('*/20 9-17/4 * * mon-fri', '{0,20,40}', '{9,13,17}', NULL, NULL, '{1,2,3,4,5}'),
('5,10 0 1,15 * *', '{5,10}', '{0}', '{1,15}', NULL, NULL),
('59 23 31 Dec *', '{59}', '{23}', '{31}', '{12}', NULL),
('0 0 * feb,3 7', '{0}', '{0}', NULL, '{2,3}', '{0}'),
('15 3 */10 * 0', '{15}', '{3}', '{1,11,21,31}', NULL, '{0}');
INSERT INTO cron VALUES ('0 12 13 * fri', '{0}', '{12}', '{13}', NULL, '{5}', true);
CREATE FUNCTION brute(c cron, at timestamptz, forward boolean) RETURNS timestamptz LANGUAGE sql AS $$
	SELECT CASE WHEN forward THEN min(t) FILTER (WHERE t > at) ELSE max(t) FILTER (WHERE t <= at) END
	FROM generate_series(date_trunc('hour', at) - interval '400 days', at + interval '400 days', '1 day') d,
		LATERAL (SELECT extract(month FROM d) = ANY (coalesce(c.months, '{1,2,3,4,5,6,7,8,9,10,11,12}')) AND
			CASE WHEN c.either THEN extract(day FROM d) = ANY (c.days) OR extract(dow FROM d) = ANY (c.weekdays)
			ELSE (c.days IS NULL OR extract(day FROM d) = ANY (c.days)) AND (c.weekdays IS NULL OR extract(dow FROM d) = ANY (c.weekdays)) END AS fits) f,
		LATERAL (SELECT date_trunc('day', d) + make_interval(hours => h, mins => m) AS t FROM generate_series(0, 23) h, generate_series(0, 59) m
			WHERE (c.hours IS NULL OR h = ANY (c.hours)) AND (c.minutes IS NULL OR m = ANY (c.minutes))) u
	WHERE fits
$$;
SELECT is(journey_internal.schedule_time(schedule, 'UTC', at, forward), brute(c, at, forward), format('%s %s %s', schedule, CASE WHEN forward THEN 'after' ELSE 'until' END, at))
FROM cron c, unnest(ARRAY['2026-02-28 23:59:30+00', '2026-01-01 00:00+00', '2026-06-13 12:00+00']::timestamptz[]) at, unnest('{true,false}'::boolean[]) forward
WHERE schedule <> '* * * * *' OR forward;
SELECT is(journey_internal.schedule_time('30 2 * * *', 'Asia/Shanghai', '2026-01-01 00:00+00'), '2026-01-01 18:30+00', 'the hour is that of the time zone');
-- clocks are set back on 25 October 2026 at 01:00 UTC, forward on 29 March
SELECT is(ARRAY(SELECT journey_internal.schedule_time('*/30 * * * *', 'Europe/Berlin', t) FROM generate_series('2026-10-24 22:30+00'::timestamptz, '2026-10-25 02:30+00', '30 min') AS t),
	ARRAY(SELECT generate_series('2026-10-24 23:00+00'::timestamptz, '2026-10-25 03:00+00', '30 min')), 'no half hour is left out when an hour comes twice');
SELECT is(ARRAY(SELECT journey_internal.schedule_time('*/30 * * * *', 'Europe/Berlin', t, false) FROM generate_series('2026-10-24 22:45+00'::timestamptz, '2026-10-25 02:45+00', '30 min') AS t),
	ARRAY(SELECT generate_series('2026-10-24 22:30+00'::timestamptz, '2026-10-25 02:30+00', '30 min')), 'nor backwards');
SELECT is(ARRAY(SELECT journey_internal.schedule_time('0,30 * * * *', 'Australia/Lord_Howe', t) FROM generate_series('2026-04-04 13:45+00'::timestamptz, '2026-04-04 16:45+00', '30 min') AS t),
	ARRAY(SELECT generate_series('2026-04-04 14:00+00'::timestamptz, '2026-04-04 17:00+00', '30 min')), 'also where it is half an hour');
SELECT is(ARRAY(SELECT journey_internal.schedule_time('*/30 * * * *', 'Europe/Berlin', t) FROM generate_series('2026-03-28 23:30+00'::timestamptz, '2026-03-29 02:30+00', '30 min') AS t),
	ARRAY(SELECT generate_series('2026-03-29 00:00+00'::timestamptz, '2026-03-29 03:00+00', '30 min')), 'or is left out');
SELECT is(ARRAY(SELECT journey_internal.schedule_time('30 2 * * *', 'Europe/Berlin', t) FROM unnest('{2026-03-28 12:00+00,2026-03-29 02:00+00,2026-10-24 12:00+00,2026-10-25 00:45+00,2026-10-25 01:30+00}'::timestamptz[]) AS t),
	'{2026-03-29 01:30+00,2026-03-30 00:30+00,2026-10-25 01:30+00,2026-10-25 01:30+00,2026-10-26 01:30+00}', 'what is due once a day is due once a day');
SELECT is(journey_internal.schedule_time('6 hours', 'UTC', '2026-01-01 06:00+00'), '2026-01-01 12:00+00', 'an interval counts from midnight');
SELECT is(journey_internal.schedule_time('6 hours', 'UTC', '2026-01-01 06:00+00', false), '2026-01-01 06:00+00', 'also backwards');
SELECT throws_like($$SELECT journey_internal.schedule_time(s, 'UTC', now())$$, '"60" is no minute of a cron expression', s) FROM (SELECT '60 * * * *' AS s) x WHERE false;
SELECT throws_like(format('SELECT journey_internal.schedule_time(%L, ''UTC'', now())', s), message, s) FROM (VALUES
	('60 * * * *', '"60" is no minute of a cron expression'), ('* 5-3 * * *', '"5-3" is no hour of a cron expression'), ('* * 0 * *', '"0" is no day of month of a cron expression'),
	('* * * foo *', '"foo" is no month of a cron expression'), ('*/0 * * * *', '"*/0" is no minute of a cron expression'), ('often', '"often" is no schedule'),
	('1 month', 'the schedule "1 month" has months, or is shorter than a minute'), ('10 seconds', 'the schedule "10 seconds" has months, or is shorter than a minute'), ('0 0 30 2 *', 'the schedule "0 0 30 2 *" never comes')) AS v(s, message);
SELECT throws_like($$SELECT journey_internal.schedule_time('1 day', 'Mars', now())$$, 'time zone "Mars" does not exist', 'no time zone');

-- ---- claiming and running ---------------------------------------------------------------

CREATE TABLE log AS SELECT i % 10 AS user_id, now() - i * interval '1 hour' AS at, 'x' AS event FROM generate_series(0, 100) i;
SELECT add_source('log', 'log');
SELECT create_segment(n, '{"source": "log", "rule": {"did": "x"}}') FROM unnest('{a,b,c}'::text[]) n;
SELECT create_segment('user of a', 'SELECT segment(''a'') & segment(''b'')');
SELECT create_segment('broken', 'SELECT 1 / (user_id - user_id) FROM log');
SELECT schedule_refresh(n, '1 hour') FROM unnest('{a,b,user of a,broken}'::text[]) n;
-- at a time that is never that of an hour, and always before
SELECT schedule_refresh('c', '30 12 1 1 *');
-- zones by name (EST5EDT is not on every system); what is read with the opposite sign, or has several meanings, is refused
SELECT throws_like(format($$SELECT schedule_refresh('c', '30 2 * * *', %L)$$, zone), '%and not the name of a time zone', 'zone ' || zone)
FROM unnest('{UTC+8,gmt+8,+08,+08:00,CST,"<+08>-08","EST5EDT,M3.2.0,M11.1.0"}'::text[]) zone;
SELECT lives_ok(format($$SELECT schedule_refresh('c', '30 12 1 1 *', %L)$$, zone), 'zone ' || zone)
FROM unnest(ARRAY['UTC', 'Etc/GMT-8', 'asia/shanghai', coalesce((SELECT name FROM pg_timezone_names WHERE name = 'EST5EDT'), 'Etc/GMT+5')]) zone;
SET LOCAL timezone = '8';
SELECT lives_ok($$SELECT schedule_refresh('c', '30 12 1 1 *')$$, 'the zone of the session, ' || current_setting('TimeZone'));
SET LOCAL timezone = 'UTC';
SELECT is((journey_internal.claim_due(NULL)).ids, NULL, 'nothing is due yet');
UPDATE schedules SET next_due = now() - interval '3 hours';
CREATE TABLE claims (n int GENERATED ALWAYS AS IDENTITY, c journey_internal.claim);
INSERT INTO claims (c) SELECT journey_internal.claim_due(NULL);
SELECT is(names_of((c).ids), '{c}', 'first what uses no other, and of that what was due before') FROM claims WHERE n = 1;
SELECT results_eq($$SELECT DISTINCT status FROM refresh_progress WHERE name = ANY ((SELECT names_of((c).ids) FROM claims WHERE n = 1)::text[])$$, $$VALUES ('running')$$, 'they are running');
CREATE FUNCTION run_all() RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	last journey_internal.claim := (SELECT c FROM claims ORDER BY n DESC LIMIT 1);
BEGIN
	WHILE (last).ids IS NOT NULL LOOP
		PERFORM journey_internal.run_claim(last);
		last := journey_internal.claim_due(last);
		INSERT INTO claims (c) VALUES (last);
	END LOOP;
	RETURN count(*) - 1 FROM claims;
END $$;
SET LOCAL client_min_messages = error;
SELECT cmp_ok(run_all(), '<=', 5, 'all is run in few batches');
SET LOCAL client_min_messages = warning;
SELECT results_eq($$SELECT name, status FROM refresh_progress ORDER BY name COLLATE "C"$$, $$VALUES ('a', 'succeeded'), ('b', 'succeeded'), ('broken', 'failed'), ('c', 'succeeded'), ('user of a', 'succeeded')$$, 'each is done or failed');
SELECT cmp_ok((SELECT min(n) FROM claims WHERE 'user of a' = ANY (names_of((c).ids))), '>', (SELECT max(n) FROM claims WHERE names_of((c).ids) && '{a,b}'), 'what uses others came after them');
SELECT is((SELECT count(*)::int FROM schedules WHERE next_due > now()), 5, 'all are due again later');
SELECT is((SELECT as_of FROM segments WHERE name = 'a'), journey_internal.schedule_time('1 hour', 'UTC', now(), false), 'the version is as of the last time of the schedule');
SELECT is((SELECT count(*)::int FROM refresh_log), 5, 'and nothing was run twice');
SELECT lives_ok($$SELECT unschedule_refresh('a')$$, 'unschedule_refresh');
SELECT is((SELECT next_due FROM refresh_progress WHERE name = 'a'), NULL, 'is due no more');

-- ---- what takes too long ----------------------------------------------------------------

-- A runner that was cancelled has left it as running. All others come before it and what uses it.
SELECT create_segment('an endless one', 'SELECT 1'), create_segment('another endless one', 'SELECT 1'), create_segment('later', 'SELECT 2'), create_segment('user of an endless one', 'SELECT segment(''an endless one'')');
SELECT unschedule_refresh(name) FROM schedules JOIN definitions USING (id);
SELECT schedule_refresh(name, '1 hour', 'UTC') FROM segments WHERE name LIKE '%endless%' OR name = 'later';
UPDATE schedules SET next_due = '2026-01-01';
INSERT INTO refresh_log (id, as_of, started_at, status, pid) VALUES (id_of('an endless one'), '2026-01-01', '2026-01-01 00:10', 'running', 1), (id_of('another endless one'), '2026-01-01', '2026-01-01 00:05', 'running', 1);
SET LOCAL client_min_messages = error;
CREATE TABLE taken AS SELECT 1 AS n, journey_internal.claim_due(NULL) AS c;
INSERT INTO taken SELECT 2, journey_internal.claim_due(c) FROM taken WHERE n = 1;
INSERT INTO taken SELECT 3, journey_internal.claim_due(c) FROM taken WHERE n = 2;
INSERT INTO taken SELECT 4, journey_internal.claim_due(c) FROM taken WHERE n = 3;
SELECT is(names_of((c).ids), want, format('claim %s', n)) FROM taken JOIN (VALUES (1, '{later}'::text[]), (2, '{another endless one}'), (3, '{an endless one}'), (4, NULL)) AS v(n, want) USING (n) ORDER BY n;
SET LOCAL client_min_messages = warning;

-- Nor do others of the same owner come before what is not theirs.
CREATE ROLE journey_slow;
GRANT USAGE ON SCHEMA journey, journey_test TO journey_slow;
GRANT CREATE ON SCHEMA journey_test TO journey_slow;
DELETE FROM refresh_log;
SET LOCAL ROLE journey_slow;
SELECT create_segment(n, 'SELECT 1'), schedule_refresh(n, '1 hour', 'UTC') FROM unnest('{slow,not tried yet}'::text[]) AS n;
SELECT grant_segment('not tried yet', 'public');
RESET ROLE;
SELECT unschedule_refresh(name) FROM schedules JOIN definitions USING (id) WHERE name NOT IN ('slow', 'not tried yet', 'later');
SELECT create_segment('much later', 'SELECT segment(''later'')'), create_segment('user of one not tried yet', 'SELECT segment(''not tried yet'')');
SELECT schedule_refresh(n, '1 hour', 'UTC') FROM unnest('{much later,user of one not tried yet}'::text[]) AS n;
INSERT INTO refresh_log (id, as_of, started_at, status, pid) VALUES (id_of('slow'), '2026-01-01', '2026-01-01 00:10', 'running', 1);
UPDATE schedules SET next_due = '2026-01-01';
SELECT results_eq($$SELECT names_of(batch) FROM journey_internal.plan_due(journey_internal.due_ids(true))$$,
	$$VALUES ('{later}'::text[]), ('{much later}'), ('{not tried yet}'), ('{user of one not tried yet}'), ('{slow}')$$, 'an owner whose definition did not come back');

-- What PL/pgSQL does not catch ends no runner.
SET LOCAL ROLE journey_slow;
CREATE FUNCTION journey_test.failed_assertion() RETURNS int LANGUAGE plpgsql AS $$ BEGIN ASSERT false, 'no'; RETURN 1; END $$;
CREATE FUNCTION journey_test.cancelled() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'canceling statement due to user request' USING ERRCODE = 'query_canceled'; END $$;
SELECT create_segment('asserts', 'SELECT journey_test.failed_assertion()'), create_segment('cancels', 'SELECT journey_test.cancelled()');
RESET ROLE;
SET LOCAL client_min_messages = error;
SELECT results_eq($$SELECT name, error FROM refresh_segments('{asserts,cancels,later}') ORDER BY name$$,
	$$VALUES ('asserts', 'no'), ('cancels', 'canceling statement due to user request'), ('later', NULL)$$, 'a failed assertion, or a cancellation that is none, is a failure as any other');
CREATE FUNCTION take_too_long() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM journey_internal.run_as(current_user::regrole, 'SELECT pg_sleep(10)::text', now()) AS r(t text);
EXCEPTION WHEN query_canceled THEN
	RETURN SQLERRM;
END $$;
SET LOCAL statement_timeout = '200ms';
SELECT is(take_too_long(), 'canceling statement due to statement timeout', 'a real one is not');
SET LOCAL statement_timeout = 0;

-- ---- inputs that nobody computes --------------------------------------------------------

-- What waits for another role's runner says so aloud once its own time has come again.
CREATE ROLE journey_lazy;
GRANT USAGE ON SCHEMA journey TO journey_lazy;
SET LOCAL ROLE journey_lazy;
SELECT create_segment('of the lazy', 'SELECT 1'), grant_segment('of the lazy', 'public'), schedule_refresh('of the lazy', '1 hour', 'UTC');
RESET ROLE;
SELECT unschedule_refresh(name) FROM schedules JOIN definitions USING (id) WHERE name <> 'of the lazy';
SELECT create_segment('of the diligent', 'SELECT segment(''of the lazy'')'), schedule_refresh('of the diligent', '1 hour', 'UTC');
UPDATE schedules SET next_due = journey_internal.schedule_time('1 hour', 'UTC', now(), false);
SET LOCAL client_min_messages = error;
SELECT is((journey_internal.claim_due(NULL)).failed, '{}', 'it waits');
UPDATE schedules SET next_due = next_due - interval '1 hour';
SELECT is(names_of((journey_internal.claim_due(NULL)).failed), '{of the diligent}', 'but not for ever without a word');
SELECT is((journey_internal.claim_due(NULL)).ids, NULL, 'it is not computed from what is not there');
SET LOCAL client_min_messages = warning;

SELECT * FROM finish();
ROLLBACK;
