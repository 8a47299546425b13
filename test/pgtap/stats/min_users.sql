-- min_users: every accessor of a finished result has it, and shows all but what rests on fewer users.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(12);

-- 3,000 events; of some users, nodes and channels few. Equal times and NULLs.
CREATE TABLE event AS
SELECT NULLIF(rnd(i, 1, 9) * rnd(i, 2, 9), 0) AS user_id, moment(rnd(i, 3, 700) * 9000) AS at, NULLIF(rnd(i, 4, 4), 0)::bigint AS seq,
	chr(97 + rnd(i, 5, 3) * rnd(i, 6, 4)) AS node, NULLIF(chr(96 + rnd(i, 7, 3) * rnd(i, 8, 4)), '`') AS channel, rnd(i, 9, 100)::float8 AS value
FROM generate_series(1, 3000) AS i;
INSERT INTO event SELECT 1000 + i, moment(10000000 + i * 700), NULL, 'once', 'rare', 1 FROM generate_series(1, 7) AS i;

CREATE TABLE made AS
SELECT funnel(user_id, at, seq, step_of(node, '{a,b,c,d}'), '9 h') AS steps, funnel_breakdown(user_id, at, seq, step_of(node, '{a,b,c,d}'), '9 h', channel, 1, 'top 3') AS groups,
	funnel_breakdown(user_id, at, seq, step_of(node, '{a,b,c}'), '9 h', channel, 'first_touch') AS first_groups, funnel_trend(user_id, at, seq, step_of(node, '{a,b,c}'), '9 h', 'week') AS trend, funnel_trend_breakdown(user_id, at, seq, step_of(node, '{a,b,c}'), '9 h', channel, 'each_value', 'month') AS trends,
	lifecycle(user_id, at, 'day') AS life, active_ratio(user_id, at, 'day', 1, 7) AS ratio, stickiness(user_id, at, 'day', 'week') AS stick, frequency(user_id, at, 'day') AS often,
	lifecycle_by(user_id, at, channel, 'day', 'each_value, top 2') AS life_by, active_ratio_by(user_id, at, channel, 'week', 1, 3, 'each_value') AS ratio_by, stickiness_by(user_id, at, channel, 'day', 'week', 'each_value') AS stick_by,
	frequency_by(user_id, at, channel, 'day', 'each_value, top 2') AS often_by,
	attribution(user_id, at, seq, channel, node IN ('b', 'once'), value, '2 days') AS credits,
	intervals(user_id, at, seq, step_of(node, '{b,c}')) AS times, event_drivers(user_id, at, seq, node, node = 'a', node = 'c', '1 day', 'times 1 2', channel) AS drivers, event_metrics(user_id, at, value, channel, 'week', 'top 100') AS metric, distribution(user_id, at, value, 'times', 'week') AS spread, week_hours(user_id, at) AS hours,
	log_quality(user_id, at, at + value * interval '1 minute', channel, seq, 'week') AS quality,
	sessions(user_id, at, seq, node, '8 h') AS visits, sessions_by_channel(user_id, at, seq, channel, node, '8 h') AS traffic,
	funnel_losses(user_id, at, seq, node, step_of(node, '{a,b,c,d}'), '9 h') AS lost, survival_by(user_id, at, node = 'a', node = 'c', channel, 'week', 3) AS stay,
	experiment(user_id, at, CASE WHEN user_id < 1000 THEN chr(97 + ((user_id + CASE WHEN user_id % 5 = 4 THEN coalesce(seq, 0) ELSE 0 END) % 3)::int) ELSE 'few' END, node IN ('a', 'once'), value, '1 day', '1 day') AS trial,
	path_flow(user_id, at, seq, node, '1 day', 4) AS flow, transitions(user_id, at, seq, node, '1 day') AS ways, top_paths(user_id, at, seq, node, '1 day', 3, 30, 'c') AS paths,
	cohort_retention(user_id, at, node = 'a', node = 'b', 'day', 20, 'every') AS back, cohort_retention(user_id, at, node = 'a', node = 'b', value, 'week', ARRAY[1, 3], 'on_or_after') AS worth,
	cohort_retention_by(user_id, at, node = 'a', node = 'b', channel, 'week', 4, 'top 3') AS back_by,
	cohort_retention_by(user_id, at, node = 'a', node = 'b', value, channel, 'month', 2, 'every') AS worth_by
FROM event;

-- Who is asked what: a call without its last argument.
CREATE TABLE asked (accessor text, arguments text);
INSERT INTO asked VALUES
	('funnel_steps', 'steps'), ('funnel_steps', 'groups'), ('funnel_breakdown_steps', 'groups'), ('funnel_trend_steps', 'trend'), ('funnel_trend_breakdown_steps', 'trends'),
	('funnel_times', 'steps, 2'), ('funnel_times', 'steps, 3, true, ''{1 h,3 h,6 h}'''),
	('lifecycle_buckets', 'life'), ('active_ratio_buckets', 'ratio'), ('stickiness_buckets', 'stick'), ('frequency_bins', 'often'), ('frequency_bins', 'often, ''{2,5,9,20,21,100}'''),
	('metric_rows', 'metric'), ('metric_buckets', 'metric'), ('metric_breakdowns', 'metric'), ('metric_summary', 'metric'), ('metric_change', 'metric, 2'), ('metric_rolling', 'metric, 1'), ('metric_ratio', 'metric, metric'),
	('distribution_rows', 'spread'), ('distribution_rows', 'spread, ''{1,2,5}'''), ('distribution_buckets', 'spread'), ('week_hours_rows', 'hours'),
	('quality_summary', 'quality'), ('quality_events', 'quality'), ('quality_buckets', 'quality'), ('quality_buckets', 'quality, 2'), ('quality_lateness', 'quality'), ('quality_lateness', 'quality, ''{1 m,20 m,1 h,2 h}'''),
	('funnel_difference', 'steps, steps, 0.9'), ('retention_difference', 'back, back, 0.9'), ('flow_difference', 'flow, flow, 0.9'), ('driver_rows', 'drivers, 0.9'), ('driver_summary', 'drivers'), ('interval_summary', 'times'), ('interval_histogram', 'times'), ('interval_histogram', 'times, ''{1 h,1 day,2 days,30 days}'''),
	('attribution_touches', 'credits'), ('attribution_models', 'credits'), ('attribution_paths', 'credits'), ('attribution_paths', 'credits, 40'), ('attribution_markov', 'credits'), ('attribution_markov', 'credits, 3'), ('attribution_shapley', 'credits'), ('channel_cost', 'credits, ''{"b": 5, "nowhere": 1}'''), ('channel_report', 'first_groups, back_by, credits, ''{"b": 5, "nowhere": 1}'''),
	('session_totals', 'visits'), ('session_buckets', 'visits'), ('session_nodes', 'visits'), ('session_channels', 'traffic'), ('session_channel_buckets', 'traffic'),
	('flow_links', 'flow'), ('flow_nodes', 'flow'), ('transition_links', 'ways'), ('transition_nodes', 'ways'), ('transition_loops', 'ways'), ('path_variants', 'paths'),
	('loss_reasons', 'lost'), ('loss_nodes', 'lost'), ('loss_nodes', 'lost, 2'), ('survival_curve', 'stay'), ('survival_curve', 'stay, 0.9'), ('survival_summary', 'stay'), ('survival_test', 'stay'),
	('experiment_variants', 'trial'), ('experiment_results', 'trial, ''a'''), ('experiment_srm', 'trial, ''{"a": 1, "b": 1, "c": 1, "few": 0.1}'''),
	('retention_cells', 'back'), ('retention_cells', 'worth'), ('retention_curve', 'back'), ('retention_curve', 'worth'), ('retention_by_cells', 'back_by'), ('retention_by_cells', 'worth_by'),
	('lifecycle_by_buckets', 'life_by'), ('active_ratio_by_buckets', 'ratio_by'), ('stickiness_by_buckets', 'stick_by'), ('frequency_by_bins', 'often_by'), ('frequency_by_bins', 'often_by, ''{2,5,9,20,21,100}''');

-- What rests on which counts, all of which must be min_users at least.
CREATE TABLE rests (accessor text, columns text[], counts text);
INSERT INTO rests VALUES
	('lifecycle_buckets', '{new}', 'new'), ('lifecycle_buckets', '{returning}', '"returning"'), ('lifecycle_buckets', '{resurrected}', 'resurrected'), ('lifecycle_buckets', '{dormant}', 'dormant'),
	('lifecycle_buckets', '{active}', 'least(new, "returning", resurrected)'),	-- from which, and two of them, the third could be computed
	('active_ratio_buckets', '{short_active,active_ratio}', 'short_active'), ('active_ratio_buckets', '{long_active}', 'long_active'),
	('stickiness_buckets', '{users,share}', 'users'),
	('stickiness_buckets', '{users_or_more}', 'least(users_or_more, CASE WHEN active_units < 7 THEN users_or_more - users END)'),
	('frequency_bins', '{users,share}', 'users'),
	('driver_rows', '{users_with}', 'users_with'), ('driver_rows', '{users_without}', 'users_without'), ('driver_rows', '{goal_with,rate_with}', 'least(goal_with, users_with - goal_with)'), ('driver_rows', '{goal_without,rate_without}', 'least(goal_without, users_without - goal_without)'),
	('driver_rows', '{lift,odds_ratio,lower,upper,p_value,q_value,information_value,adjusted_odds_ratio,adjusted_lower,adjusted_upper,adjusted_p_value}', 'least(goal_with, users_with - goal_with, goal_without, users_without - goal_without)'),
	('driver_summary', '{users}', 'users'), ('driver_summary', '{goal_users,goal_rate}', 'goal_users'), ('driver_summary', '{open_users}', 'open_users'),
	('interval_summary', '{count,users,avg_time,min_time,p25_time,median_time,p75_time,max_time}', 'users'), ('interval_histogram', '{count,share}', 'count'),
	('attribution_touches', '{touches,users}', 'users'),
	('attribution_touches', '{converted_users,conversions,first,last,last_non_direct,linear,position,time_decay,first_value,last_value,last_non_direct_value,linear_value,position_value,time_decay_value,avg_touches,avg_time,median_time,p90_time}', 'converted_users'),
	('attribution_models', '{conversions,value,share}', '(SELECT t.converted_users FROM attribution_touches(credits) AS t WHERE t.touch = r.touch)'),
	('attribution_markov', '{removal_effect,conversions,value,share}', '(SELECT t.converted_users FROM attribution_touches(credits) AS t WHERE t.touch = r.touch)'),
	('attribution_shapley', '{shapley_value,conversions,value,share,standard_error}', '(SELECT t.converted_users FROM attribution_touches(credits) AS t WHERE t.touch = r.touch)'),
	('channel_cost', '{conversions,value,cost_per_conversion,return_on_spend}', 'coalesce((SELECT t.converted_users FROM attribution_touches(credits) AS t WHERE t.touch = r.touch), 0)'),
	('channel_report', '{conversions,value,cost_per_conversion,return_on_spend}', 'coalesce((SELECT t.converted_users FROM attribution_touches(credits) AS t WHERE t.touch = r.channel), 0)'),
	('channel_report', '{new_users,cost_per_user}', 'new_users'), ('channel_report', '{activated_users}', 'activated_users'), ('channel_report', '{retained_users,retention_rate}', 'retained_users'), ('channel_report', '{converted_users,conversion_rate,avg_time,median_time}', 'converted_users'),
	('attribution_paths', '{users,conversions,non_conversions,conversion_rate,value}', 'users'),
	('flow_links', '{users,sessions,avg_time,median_time,p90_time}', 'users'), ('flow_nodes', '{users,sessions,entries,exits}', 'users'),
	('transition_links', '{count,users,sessions,share,avg_time,median_time,p90_time}', 'users'), ('transition_nodes', '{count,users,sessions,entries,exits}', 'users'),
	('transition_loops', '{returns,users,sessions,avg_steps,avg_time,median_time,p90_time}', 'users'),
	('transition_loops', '{repeats}', 'coalesce((SELECT l.users FROM transition_links(ways) AS l WHERE l.source = node AND l.target = node), 0)'),
	('path_variants', '{users,sessions,conversion_rate,median_duration}', 'users'),
	('session_nodes', '{events,users,entries,exits,exit_rate,avg_time,median_time,p90_time}', 'users'),
	('retention_cells', '{users,retention_rate,value,value_per_user}', 'users'), ('retention_cells', '{cohort_users}', 'cohort_users'),
	('retention_by_cells', '{users,retention_rate,value,value_per_user}', 'users'), ('retention_by_cells', '{cohort_users}', 'cohort_users'),
	('retention_curve', '{users,retention_rate,value,value_per_user}', 'users'), ('retention_curve', '{cohort_users}', 'cohort_users');
INSERT INTO rests SELECT regexp_replace(accessor, '_(buckets|bins)$', '_by_\1'), columns, counts FROM rests WHERE accessor ~ '^(lifecycle|active_ratio|stickiness|frequency)_';
INSERT INTO rests SELECT a, c, counts FROM unnest('{funnel_steps,funnel_breakdown_steps}'::text[]) AS a, (VALUES
	('{users,conversion_rate,step_conversion_rate,avg_time,median_time,p90_time,avg_time_from_start,median_time_from_start,p90_time_from_start}'::text[], 'users'),
	('{dropped_off}', 'least(dropped_off, users - dropped_off)')) AS v(c, counts);	-- those of the next step are users - dropped_off
INSERT INTO rests SELECT a, '{users,conversion_rate,avg_time,median_time,p90_time,avg_time_from_start,median_time_from_start,p90_time_from_start}', 'users'
FROM unnest('{funnel_trend_steps,funnel_trend_breakdown_steps}'::text[]) AS a;
INSERT INTO rests VALUES ('funnel_times', '{users}', 'users'), ('retention_difference', '{cohort_users_a}', 'cohort_users_a'), ('retention_difference', '{cohort_users_b}', 'cohort_users_b');
INSERT INTO rests SELECT a || '_difference', c, counts FROM unnest('{funnel,retention,flow}'::text[]) AS a, (VALUES ('{users_a,rate_a}'::text[], 'users_a'), ('{users_b,rate_b}', 'users_b'), ('{difference,lower,upper,p_value,q_value}', 'least(users_a, users_b)')) AS v(c, counts);
INSERT INTO rests SELECT 'metric_' || part, '{events,users,events_per_user,value_sum,value_avg,value_min,value_max,value_median,value_p90}', 'users' FROM unnest('{rows,buckets,breakdowns,summary}'::text[]) AS part;
INSERT INTO rests VALUES ('quality_lateness', '{rows,share}', 'rows'), ('quality_events', '{rows,users,duplicate_ids,duplicate_rows,out_of_order,future,null_users,empty_users,null_times,null_ids,empty_ids,null_received,median_lateness,p90_lateness,p99_lateness,max_lateness}', 'users'),
	('quality_summary', '{rows,users,duplicate_ids,duplicate_rows,out_of_order,future,null_users,empty_users,null_times,null_ids,empty_ids,null_received,median_lateness,p90_lateness,p99_lateness,max_lateness,null_events,empty_events}', 'users'),
	('quality_buckets', '{rows,users,duplicate_ids,duplicate_rows,out_of_order,future,median_lateness,p90_lateness}', 'users'), ('quality_buckets', '{expected,lower,upper,gap}', 'least(users, (SELECT min(b.users) FROM quality_buckets(quality) AS b WHERE b.complete AND b.rows > 0))');
INSERT INTO rests VALUES ('loss_reasons', '{users,share,avg_lateness,median_lateness,p90_lateness}', 'users'), ('loss_nodes', '{users,share}', 'users'),
	('survival_curve', '{at_risk}', 'at_risk'), ('survival_curve', '{ended}', 'ended'), ('survival_curve', '{censored}', 'censored'), ('survival_curve', '{survival,std_error,lower,upper}', 'least(at_risk, ended)'),
	('survival_summary', '{users}', 'users'), ('survival_summary', '{ended}', 'ended'), ('survival_summary', '{censored}', 'censored'), ('survival_summary', '{median_period,avg_periods,expected}', 'least(users, ended)'),
	('survival_test', '{chi_square,p_value}', '(SELECT min(users) FROM survival_summary(stay))'), ('survival_test', '{groups,degrees}', NULL),
	('experiment_variants', '{exposed}', 'least(exposed, crossed, open, users)'), ('experiment_variants', '{crossed}', 'crossed'), ('experiment_variants', '{open}', 'open'), ('experiment_variants', '{users}', 'users'),
	('experiment_results', '{users,mean,stddev}', 'users'), ('experiment_results', '{difference,lower,upper,lift,p_value,q_value,sequential_lower,sequential_upper,sequential_p_value,adjusted_difference,adjusted_lower,adjusted_upper,adjusted_p_value,variance_reduction}',
		'least(users, (SELECT v.users FROM experiment_variants(trial) AS v WHERE v.variant = ''a''))'),
	('experiment_srm', '{users}', 'users'), ('experiment_srm', '{expected,share,chi_square,p_value}', '(SELECT min(users) FROM experiment_srm(trial, ''{"a": 1, "b": 1, "c": 1, "few": 0.1}''))'), ('experiment_srm', '{expected_share}', NULL);
INSERT INTO rests VALUES ('distribution_rows', '{users,share}', 'users'), ('distribution_buckets', '{users,avg_number,min_number,max_number,median_number,p90_number}', 'users'), ('week_hours_rows', '{events,users,share}', 'users');
INSERT INTO rests VALUES ('metric_change', '{events,users,value_sum}', 'users'), ('metric_change', '{events_before,users_before,value_sum_before}', 'users_before'),
	('metric_change', '{events_change,events_change_rate,users_change,users_change_rate,value_sum_change,value_sum_change_rate}', 'least(users, users_before)'), ('metric_rolling', '{events,avg_events,users,avg_users,value_sum,avg_value_sum}', 'users'),
	('metric_ratio', '{numerator_events,denominator_events,events_ratio,numerator_users,denominator_users,users_ratio,numerator_value_sum,denominator_value_sum,value_sum_ratio}', 'numerator_users');
INSERT INTO rests SELECT 'session_' || part, '{sessions,users,events,bounce_rate,avg_duration,median_duration,p90_duration,avg_depth,median_depth,p90_depth}', 'users'
FROM unnest('{totals,buckets,channels,channel_buckets}'::text[]) AS part;

-- The columns of the catalogue's accessors: functions of a finished result that give rows.
CREATE VIEW accessor AS
SELECT p.oid::regprocedure AS f, p.proname::text AS name, p.proargnames[1:p.pronargs] AS names, p.proargtypes[p.pronargs - 1]::regtype AS last_type, p.pronargdefaults,
	pg_get_expr(p.proargdefaults, 0) AS defaults, p.proargtypes[0]::regtype AS takes
FROM pg_proc AS p JOIN pg_type AS t ON t.oid = p.prorettype
WHERE p.pronamespace = 'journey'::regnamespace AND p.prokind = 'f' AND (t.typtype = 'c' OR t.typtype = 'p' AND t.typname = 'record')
	AND (p.proargtypes[0]::regtype::text LIKE '%\_stats' OR p.proargtypes[0]::regtype = 'path_variant[]'::regtype);
CREATE VIEW column_of AS
SELECT p.name, c.column_name, c.type FROM accessor AS p, LATERAL (
	SELECT u.n, u.t::regtype FROM pg_proc AS q, unnest(q.proargnames, q.proallargtypes, q.proargmodes) AS u(n, t, m) WHERE q.oid = p.f AND m = 'o'
	UNION ALL SELECT a.attname, a.atttypid::regtype FROM pg_proc AS q JOIN pg_type AS t ON t.oid = q.prorettype JOIN pg_attribute AS a ON a.attrelid = t.typrelid AND a.attnum > 0 WHERE q.oid = p.f) AS c(column_name, type);

SELECT cmp_ok(count(*), '>=', 27::bigint, 'accessors of the catalogue') FROM accessor;
SELECT is_empty($$ SELECT f FROM accessor WHERE names[cardinality(names)] IS DISTINCT FROM 'min_users' OR last_type <> 'bigint'::regtype OR defaults !~ '(^|, )(''0''::bigint|0)$' $$,
	'each has min_users bigint DEFAULT 0 as its last argument');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'journey'::regnamespace AND 'min_users' = ANY (p.proargnames)
	AND (p.proargnames[p.pronargs] <> 'min_users' OR p.proargtypes[p.pronargs - 1] <> 'bigint'::regtype) $$, 'so has every function that has it');
SELECT is_empty('SELECT name FROM accessor WHERE name NOT IN (SELECT accessor FROM asked)', 'each is asked here');
SELECT is_empty($$ SELECT name, column_name FROM column_of WHERE type IN ('bigint'::regtype, 'integer'::regtype, 'float8'::regtype, 'interval'::regtype)
	AND column_name NOT IN ('cost', 'period', 'last_period', 'cohorts', 'active_units', 'position', 'lower', 'upper', 'step', 'weekday', 'hour', 'times', 'days')
	AND NOT EXISTS (SELECT FROM rests AS r WHERE r.accessor = name AND column_name = ANY (r.columns)) $$, 'each number rests on a count');

-- The rows that are to be shown, and those that are.
CREATE FUNCTION rows_of(accessor text, arguments text, min_users bigint, as_told boolean) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT ROW(%s)::text FROM made, %s(%s, min_users => %s) AS r',
		(SELECT string_agg(CASE WHEN rests.counts IS NULL OR as_told THEN format('r.%I', c.column_name)
				ELSE format('CASE WHEN NOT %s < %s THEN r.%I END', rests.counts, min_users, c.column_name) END, ', ')
			FROM column_of AS c LEFT JOIN rests ON rests.accessor = c.name AND c.column_name = ANY (rests.columns) WHERE c.name = rows_of.accessor),
		accessor, arguments, CASE WHEN as_told THEN min_users ELSE 0 END);
END $$;
CREATE TABLE answer AS
SELECT a.*, k, ARRAY(SELECT rows_of(accessor, arguments, k, true)) AS got, ARRAY(SELECT rows_of(accessor, arguments, k, false)) AS want
FROM asked AS a, unnest('{0,1,2,3,5,10,20,100,150,200,300,500,1000,9223372036854775807}'::bigint[]) AS k;
SELECT is_empty('SELECT accessor, arguments, k, g, w FROM answer, unnest(got, want) AS u(g, w) WHERE g IS DISTINCT FROM w LIMIT 5', 'what rests on fewer is NULL, all else is shown');
SELECT is_empty('SELECT accessor, arguments FROM answer WHERE cardinality(got) = 0', 'all give rows');
SELECT is_empty('SELECT a.accessor, a.arguments FROM asked AS a WHERE accessor NOT IN (''funnel_steps'', ''session_totals'', ''quality_summary'', ''driver_summary'', ''survival_test'', ''experiment_srm'', ''experiment_variants'', ''retention_difference'', ''interval_summary'', ''metric_summary'', ''retention_curve'')
	AND NOT EXISTS (SELECT FROM answer AS x, answer AS y WHERE (x.accessor, x.arguments, y.accessor, y.arguments, x.k) = (a.accessor, a.arguments, a.accessor, a.arguments, 0)
		AND y.k BETWEEN 1 AND 1000 AND EXISTS (SELECT FROM unnest(x.got, y.got) AS u(g, h) WHERE g = h) AND EXISTS (SELECT FROM unnest(x.got, y.got) AS u(g, h) WHERE g <> h))',
	'some rows are hidden, some are not');

CREATE FUNCTION error_of(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE call;
	RETURN 'none';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' ', sqlstate, sqlerrm, left(hint, 29));
END $$;
SELECT is_empty($$ SELECT accessor, k, e FROM asked, unnest('{-1,NULL,-9223372036854775808}'::bigint[]) AS k,
	error_of(format('SELECT count(*) FROM made, %s(%s, min_users => %L)', accessor, arguments, k)) AS e
	WHERE e <> CASE WHEN k IS NULL THEN '22004 min_users must not be NULL' ELSE '22023 min_users is ' || k END || ' Write the fewest users that a' $$, 'negative and NULL are errors');
SELECT is_empty($$ SELECT f, e FROM accessor, error_of(format('SELECT 1 / count(r) FROM %s(NULL::%s%s, min_users => 3) AS r', name, takes, CASE WHEN name ~ 'times$|change$|rolling$' THEN ', 2' WHEN name ~ 'ratio$|cost$|_difference$' THEN ', NULL' WHEN name ~ '_results$' THEN ', ''a''' WHEN name ~ '_srm$' THEN ', ''{"a": 1}''' WHEN name ~ 'report$' THEN ', NULL, NULL' END)) AS e
	WHERE e NOT LIKE '22012%' AND f::text !~ 'summary|totals|survival_test' $$, 'no result, no rows');
SELECT results_eq('SELECT (interval_summary(NULL, 3)).count, (session_totals(NULL)).users', 'VALUES (NULL::bigint, NULL::bigint)', 'or none of its numbers');
SELECT results_eq($$ SELECT r FROM path_variants(ARRAY[NULL, ROW('{a}', 3, 4, NULL, '1 h'), ROW('{b}', NULL, 4, 0.5, '1 h'), ROW(NULL, 2, 4, 0.5, '1 h')]::path_variant[], 3) AS r $$,
	$$ VALUES (ROW(NULL, NULL, NULL, NULL, NULL)::path_variant), (ROW('{a}', 3, 4, NULL, '1 h')::path_variant), (ROW('{b}', NULL, 4, 0.5, '1 h')::path_variant), (ROW(NULL, NULL, NULL, NULL, NULL)::path_variant) $$, 'paths of any hand');
SELECT finish();
ROLLBACK;
