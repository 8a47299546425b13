-- job: schedules, and doing what is due.
SET search_path = public, journey;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

SELECT journey_internal.schedule_time('30 2 * * mon-fri', 'Asia/Shanghai', '2026-01-03 00:00+00'), journey_internal.schedule_time('12 hours', 'UTC', '2026-01-03 00:00+00');
SELECT journey_internal.schedule_time('30 25 * * *', 'UTC', '2026-01-03 00:00+00');
SELECT journey_internal.schedule_time('now and then', 'UTC', '2026-01-03 00:00+00');

SELECT create_segment('everybody', 'SELECT generate_series(1, 10)'), create_segment('some', 'SELECT segment(''everybody'') & ''{1-3}''');
SELECT create_segment('broken', 'SELECT 1 / (u - u) FROM generate_series(1, 10) AS u');
SELECT schedule_refresh(n, '0 0 29 2 *') > now() AS due_later FROM unnest('{some,everybody,broken}'::text[]) AS n;
CALL refresh_due();
SELECT name, status FROM refresh_progress ORDER BY name;
UPDATE schedules SET next_due = now();
CALL refresh_due();
SELECT name, status, users, error, next_due > now() AS due_later FROM refresh_progress ORDER BY name;
CALL refresh_due();
SELECT count(*) FROM refresh_log;
BEGIN;
UPDATE schedules SET next_due = now();
CALL refresh_due();
ROLLBACK;
SELECT drop_segment('everybody');
SELECT drop_segment('some'), drop_segment('everybody'), drop_segment('broken');
