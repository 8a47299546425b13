-- One user with all events, 10,000,000 of them, in 1 MB of work_mem: each population aggregate
-- answers rightly, with workers and without, in the memory that docs/administration.md names.
-- That takes ten minutes, so it runs only if JOURNEY_HUGE says how many events.
\set have `test -n "${JOURNEY_HUGE:-}" && echo yes || echo no`
\if :have
\else
	\echo '1..0 # SKIP JOURNEY_HUGE is not set: the number of events, such as 10000000'
	\quit
\endif
\set events `echo "${JOURNEY_HUGE:-0}"`
\ir ../setup.psql
SET LOCAL jit = off;
SET LOCAL statement_timeout = '10 min';
SELECT plan(37);

CREATE TABLE log AS
SELECT 1::bigint AS user_id, i::bigint AS seq, moment(rnd(i, 1, 100000000)) AS at, 'page ' || rnd(i, 2, 20) AS page, (ARRAY['100', '010', '001', '110']::stepset[])[1 + rnd(i, 3, 4)] AS step
FROM generate_series(1, :events) AS i;
ALTER TABLE log SET (parallel_workers = 2);
ANALYZE log;
SET LOCAL work_mem = '1MB';
SET LOCAL hash_mem_multiplier = 1;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;

CREATE TABLE asked (id int, call text, answer text);
INSERT INTO asked SELECT row_number() OVER (), call FROM unnest(ARRAY['funnel(user_id, at, step, ''2 days'')', 'funnel(user_id, at, seq, step, ''2 days'', ''strict_order'')',
	'funnel_breakdown(user_id, at, step, ''2 days'', page, 1)', 'funnel_holding_constant(user_id, at, step, ''2 days'', page)', 'funnel_trend(user_id, at, step, ''2 days'', ''day'')', 'funnel_members(user_id, at, step, ''2 days'')',
	'cohort_retention(user_id, at, true, true, ''hour'', 30)', 'retention_members(user_id, at, true, true, ''hour'', 30)', 'lifecycle(user_id, at, ''hour'')', 'stickiness(user_id, at, ''day'', ''week'')', 'frequency(user_id, at, ''hour'')', 'intervals(user_id, at, left(step::text, 2)::stepset)',
	'sessions(user_id, at, page, ''30 s'')', 'transitions(user_id, at, page)', 'path_flow(user_id, at, page, ''1 h'', 4)', 'top_paths(user_id, at, page, ''30 s'', 3, 5)']) AS call;
CREATE FUNCTION answer(call text, workers int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
	EXECUTE format('SELECT %s::text FROM log', call) INTO answer;
	RETURN answer;
END $$;
-- a statement each, for each has its time
SELECT format('UPDATE asked SET answer = answer(call, 0) WHERE id = %s', id) FROM asked ORDER BY id \gexec
SELECT format('SELECT is(md5(answer(call, 2)), md5(answer), call) FROM asked WHERE id = %s', id) FROM asked ORDER BY id \gexec
SELECT ok(length(answer) > 20, 'and says something: ' || call) FROM asked ORDER BY id;

-- what is known
CREATE TABLE step_before AS SELECT at, page, lag(at) OVER w AS before, lag(page) OVER w AS page_before FROM log WINDOW w AS (ORDER BY at, page COLLATE "C");
SELECT is((SELECT array_agg(users ORDER BY step) FROM funnel_steps(answer::funnel_stats)), '{1,1,1}', 'the user has done each step') FROM asked WHERE id = 1;
SELECT is((SELECT sessions FROM session_totals(answer::session_stats)), (SELECT count(*) FROM step_before WHERE (at - before <= interval '30 s') IS NOT TRUE), 'sessions as SQL counts them') FROM asked WHERE call LIKE 'sessions%';
SELECT is((SELECT sum(count) FROM transition_links(answer::transition_stats)), (SELECT count(*)::numeric FROM step_before WHERE page_before IS NOT NULL), 'transitions, too') FROM asked WHERE call LIKE 'transitions%';
SELECT is((SELECT sum(active)::bigint FROM lifecycle_buckets(answer::activity_stats)), (SELECT count(DISTINCT date_trunc('hour', at)) FROM log), 'and active hours') FROM asked WHERE call LIKE 'lifecycle%';
SELECT CASE WHEN pg_stat_file('/proc/self/status', true) IS NULL THEN skip('no /proc here', 1)
	ELSE cmp_ok((regexp_match(pg_read_file('/proc/self/status', 0, 100000, true), 'VmHWM:\s+(\d+)'))[1]::bigint * 1024, '<', 300000000 + 130 * :events::bigint, 'in 130 bytes for each event of the user') END;

SELECT * FROM finish();
ROLLBACK;
