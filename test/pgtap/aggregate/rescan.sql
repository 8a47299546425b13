-- PostgreSQL reads a hash table of groups again, and asks the final functions again: every
-- aggregate answers the same.
\ir ../setup.psql
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_sort = off;
SET LOCAL enable_material = off;
SET LOCAL enable_memoize = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL hash_mem_multiplier = 1;
SELECT no_plan();

CREATE TABLE log (user_id bigint, at timestamptz, step stepset, value text, number bigint, channel int, users userset);
INSERT INTO log
SELECT rnd(i, 1, 500), moment(rnd(i, 3, 300000)), (rnd(i, 4, 8) & rnd(i, 5, 8))::bit(3)::text::stepset,
	(ARRAY['a', 'b', NULL, '贷款', ''])[1 + rnd(i, 6, 5)], rnd(i, 8, 100), rnd(i, 7, 3), ARRAY[rnd(i, 9, 1000)]::bigint[]::userset
FROM generate_series(1, 8000) i;
ANALYZE log;

CREATE TABLE call (call text);
INSERT INTO call VALUES
	('active_ratio(user_id, at, ''day'', 1, 2)'), ('journey_internal.fault_counts(1 + number::int % 2, step, user_id, at)'), ('active_ratio_by(user_id, at, value, ''day'', 1, 2)'),
	('attribution(user_id, at, value, number > 60, ''1 day'')'), ('attribution_holding_constant(user_id, at, value, number > 60, value, ''1 day'')'), ('attribution_members(user_id, at, value, number > 60, ''1 day'', ''top 1'')'), ('event_drivers(user_id, at, value, number < 30, number > 60, ''1 day'')'), ('event_metrics(user_id, at, value, ''day'')'),
	('distribution(user_id, at, number::float8, ''sum'', ''day'')'), ('journey_internal.fault_counts(channel, step, user_id, at)'), ('log_quality(user_id, at, at + number * interval ''1 minute'', value, number, ''day'')'), ('week_hours(user_id, at)'),
	('cohort_retention(user_id, at, true, true, ''hour'', 20)'), ('cohort_retention_by(user_id, at, true, true, value, ''hour'', 20)'),
	('frequency(user_id, at, ''day'')'), ('frequency_by(user_id, at, value, ''day'')'),
	('funnel(user_id, at, step, ''1 hour'')'), ('funnel_breakdown(user_id, at, step, ''1 hour'', value, ''first_touch'')'),
	('funnel_breakdown_members(user_id, at, step, ''1 hour'', value, ''first_touch'')'), ('funnel_holding_constant(user_id, at, step, ''1 hour'', value)'),
	('funnel_members(user_id, at, step, ''1 hour'')'), ('funnel_trend(user_id, at, step, ''1 hour'', ''day'')'),
	('funnel_trend_breakdown(user_id, at, step, ''1 hour'', value, ''first_touch'', ''day'')'), ('funnel_trend_breakdown_members(user_id, at, step, ''1 hour'', value, ''first_touch'', ''day'')'),
	('funnel_trend_members(user_id, at, step, ''1 hour'', ''day'')'), ('experiment(user_id, at, value, number > 60, number::float8, ''1 hour'')'), ('funnel_losses(user_id, at, value, step, ''1 hour'')'), ('funnel_losses_holding_constant(user_id, at, value, step, ''1 hour'', value)'), ('loss_members(user_id, at, value, step, ''1 hour'')'), ('loss_members_holding_constant(user_id, at, value, step, ''1 hour'', value)'), ('loss_member_list(user_id, at, value, step, ''1 hour'')'), ('intervals(user_id, at, step_of(value, ''{a,贷款}''), ''1 hour'')'), ('survival(user_id, at, true, number > 60, ''hour'', 20)'), ('survival_by(user_id, at, true, number > 60, value, ''hour'', 20)'),
	('lifecycle(user_id, at, ''day'')'), ('lifecycle_by(user_id, at, value, ''day'')'),
	('lifecycle_users(user_id, at, ''day'', ''2024-01-02'', ''returning'')'), ('lifecycle_users_by(user_id, at, value, ''day'', ''2024-01-02'', ''returning'')'),
	('path_flow(user_id, at, value, ''1 hour'', 4)'), ('path_members(user_id, at, value, ''1 hour'', ''a'', ''b'')'),
	('pattern_matches(user_id, at, step, value, ''(?1)(?2)'')'), ('retention_members(user_id, at, true, true, ''hour'', 20)'),
	('retention_members_by(user_id, at, true, true, value, ''hour'', 20)'), ('sessions(user_id, at, value, ''1 hour'')'),
	('sessions_by_channel(user_id, at, value, value, ''1 hour'', ''day'')'), ('stickiness(user_id, at, ''day'', ''month'')'),
	('stickiness_by(user_id, at, value, ''day'', ''month'')'), ('top_path_members(user_id, at, value, ''1 hour'', 2, ''{a,b}'')'),
	('top_paths(user_id, at, value, ''1 hour'', 4, 5)'), ('transitions(user_id, at, value)'), ('users_matching(user_id, at, step, ''(?1)(?2)'')'),
	('intersect_agg(users)'), ('union_agg(users)'), ('xor_agg(users)'), ('userset_agg(user_id)'), ('numset_agg(user_id, number)'),
	('session_list(user_id, at, value, ''1 hour'')'), ('funnel_member_list(user_id, at, step, ''1 hour'')'), ('path_member_list(user_id, at, value, ''1 hour'', ''a'', ''b'')'),
	('funnel_breakdown_member_list(user_id, at, step, ''1 hour'', value, ''first_touch'')'), ('funnel_trend_member_list(user_id, at, step, ''1 hour'', ''day'')'),
	('funnel_trend_breakdown_member_list(user_id, at, step, ''1 hour'', value, ''first_touch'', ''day'')'), ('pattern_match_list(user_id, at, step, value, ''(?1)(?2)'')'),
	('retention_member_list(user_id, at, true, true, ''hour'', 20)'), ('retention_member_list_by(user_id, at, true, true, value, ''hour'', 20)'), ('attribution_member_list(user_id, at, value, number > 60, ''1 day'')'), ('top_path_member_list(user_id, at, value, ''1 hour'', 2, ''{a,b}'')'),
	('(SELECT count(*) || '' '' || string_agg(r::text, '','') FROM session_rows(session_list(user_id, at, value, ''1 hour'')) AS r)'),
	('(SELECT count(*) || '' '' || min(component) || string_agg(id || '' '' || component, '','' ORDER BY id) FROM component_rows(connected_components(user_id, nullif(user_id % 17, 3)), NULL::bigint))'),
	('retention(step)'), ('sequence_count(at, step, ''(?1).*(?2)'')'), ('sequence_match(at, step, ''(?1)(?2)'')'), ('sequence_match_events(at, step, ''(?1)(?2)'')'),
	('sequence_progress(at, step, ''(?1)(?2)'')'), ('sequence_next_node(at, step_of(value, ''{a}''), value, true, ''forward'', ''first_match'')'),
	('chart_svg(ROW(log.ctid::text, number), ''bar'', ''{"top": 5}'')'), ('journey_internal.report_rows(ROW(log.ctid::text, number))'), ('user_path(at, value)'), ('window_funnel(at, step, ''1 hour'')'), ('window_funnel_times(at, step, ''1 hour'')'),
	('journey_internal.step_users(user_id, at, step, ''1 [-infinity,infinity) 2'')'), ('journey_internal.step_users_once(user_id, at, step, ''1 [-infinity,infinity) 1'')'),
	('journey_internal.step_totals(user_id, at, step, number::float8, ''1 [-infinity,infinity) sum > 50;'')'),
	('journey_internal.users_by_total(user_id, value, ''distinct'', ''>='', ''2'')'), ('journey_internal.pattern_users(user_id, at, step, ''[-infinity,infinity) 1,2: (?1){2}(?2);'')');

-- rollup() is asked below, and connected_components() with its rows above.
SELECT is((SELECT string_agg(DISTINCT p.proname::text, ' ') FROM pg_aggregate AS a JOIN pg_proc AS p ON p.oid = a.aggfnoid JOIN pg_depend AS d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
           JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'pg_journey'
           WHERE p.proname NOT IN (SELECT split_part(replace(call, 'journey_internal.', ''), '(', 1) FROM call)), 'connected_components rollup', 'every aggregate is called here');

-- The groups, asked three times by a nested loop.
CREATE FUNCTION again(call text, groups text DEFAULT 'log') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	n int;
	answers int;
	once text;
	plan text := '';
	line text;
	query text := format('SELECT r, channel, x FROM (VALUES (1), (2), (3)) AS v (r) LEFT JOIN (SELECT channel, (%s)::text AS x FROM %s GROUP BY channel) AS t ON coalesce(length(t.x), 1) + r > 0', call, groups);
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		plan := plan || line || E'\n';
	END LOOP;
	EXECUTE format('SELECT count(*), count(DISTINCT (channel, x)), (array_agg(x))[1] FROM (%s OFFSET 0) AS t', query) INTO n, answers, once;
	RETURN NEXT ok(plan LIKE '%Nested Loop%HashAggregate%' AND n = 9 AND answers = 3 AND coalesce(once, '') <> '', call || ' answers ' || answers || ' times: ' || coalesce(left(once, 40), 'NULL'));
EXCEPTION WHEN OTHERS THEN
	RETURN NEXT fail(call || ': ' || SQLERRM);
END $$;
SELECT again(call) FROM call;
SELECT again('rollup(s)', format('(SELECT channel, %s AS s FROM log GROUP BY channel, user_id %% 4 OFFSET 0) AS l', call))
FROM call WHERE call ~ '^(funnel|cohort_retention|sessions|transitions|path_flow|intervals|lifecycle)\(';

SELECT * FROM finish();
ROLLBACK;
