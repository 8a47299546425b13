-- Pictures of results: each shows the numbers of the function that returns the rows.
\ir ../setup.psql
SELECT no_plan();

CREATE TABLE log AS
SELECT u AS user_id, moment(rnd(u * 100 + n, 1, 30) * 86400 + rnd(u * 100 + n, 2, 86400)) AS at,
	(ARRAY['visit', 'register', 'buy'])[1 + rnd(u * 100 + n, 3, 3)] AS event, (ARRAY['app', 'branch', '<script>', NULL])[1 + rnd(u, 4, 4)] AS channel,
	rnd(u * 100 + n, 5, 900)::float8 AS amount
FROM generate_series(1, 200) AS u, generate_series(0, 7) AS n;

CREATE FUNCTION tips(svg text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT m[1] FROM regexp_matches(svg, '<(?:rect|circle)[^>]* class=''mark[^>]*><title>([^<]*)</title>', 'g') WITH ORDINALITY AS f(m, n) ORDER BY n $$;
CREATE FUNCTION sum_of_tips(svg text) RETURNS numeric LANGUAGE sql AS $$
	SELECT round(sum(replace(substring(t FROM ': (-?[0-9,.]+)'), ',', '')::numeric), 1) FROM tips(svg) AS t $$;
CREATE FUNCTION is_svg(svg text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN xml_is_well_formed_document(svg);
EXCEPTION WHEN feature_not_supported THEN
	RETURN svg LIKE '<svg %</svg>';
END $$;

CREATE TABLE result AS
SELECT funnel(user_id, at, step_of(event, '{visit,register,buy}'), '20 days') AS funnel,
	funnel_breakdown(user_id, at, step_of(event, '{visit,register,buy}'), '20 days', channel, 'first_touch') AS funnel_breakdown,
	funnel_trend(user_id, at, step_of(event, '{visit,register,buy}'), '5 days', 'week') AS funnel_trend,
	cohort_retention(user_id, at, event = 'visit', true, 'week', 4) AS retention,
	lifecycle(user_id, at, 'week') AS lifecycle, lifecycle(user_id, at, 'hour') AS hourly,
	active_ratio(user_id, at, 'day', 1, 7) AS active_ratio, stickiness(user_id, at, 'day', 'week') AS stickiness, frequency(user_id, at, 'times') AS frequency,
	event_metrics(user_id, at, amount, channel, 'week') AS metric, distribution(user_id, at, amount, 'sum', 'week') AS distribution,
	survival_by(user_id, at, event = 'visit', event = 'buy', channel, 'week', 9) AS survival, week_hours(user_id, at) AS week_hours, funnel_losses(user_id, at, event, step_of(event, '{visit,register}'), '1 hour') AS losses, experiment(user_id, at, channel, event = 'visit', amount::float8, '60 days') AS experiment, intervals(user_id, at, step_of(event, '{visit,register}')) AS intervals,
	sessions(user_id, at, event, '30 minutes') AS sessions, sessions_by_channel(user_id, at, channel, event, '30 minutes', 'week') AS by_channel,
	attribution(user_id, at, channel, event = 'buy', '10 days') AS attribution, event_drivers(user_id, at, concat(event, '<', channel), event = 'visit', event = 'buy', '10 days', 'times 1 2, days 3', channel) AS driver
FROM log;

CREATE TABLE picture (name text, svg text, total numeric);
INSERT INTO picture
SELECT 'funnel', funnel_svg(funnel), (SELECT sum(users) FROM funnel_steps(funnel)) FROM result
UNION ALL SELECT 'funnel_breakdown', funnel_breakdown_svg(funnel_breakdown), (SELECT sum(users) FROM funnel_breakdown_steps(funnel_breakdown)) FROM result
UNION ALL SELECT 'funnel_trend', funnel_trend_svg(funnel_trend, '{"value": "users"}'), (SELECT sum(users) FROM funnel_trend_steps(funnel_trend) WHERE step > 1) FROM result
UNION ALL SELECT 'retention', retention_svg(retention, '{"value": "users"}'), (SELECT sum(users) FROM retention_cells(retention)) FROM result
UNION ALL SELECT 'retention_curve', retention_curve_svg(retention, '{"value": "users"}'), (SELECT sum(users) FROM retention_curve(retention)) FROM result
UNION ALL SELECT 'lifecycle', lifecycle_svg(lifecycle), (SELECT sum(active - dormant) FROM lifecycle_buckets(lifecycle)) FROM result
UNION ALL SELECT 'lifecycle by hour', lifecycle_svg(hourly), (SELECT sum(active - dormant) FROM lifecycle_buckets(hourly)) FROM result
UNION ALL SELECT 'active_ratio', active_ratio_svg(active_ratio, '{"value": "long_active"}'), (SELECT sum(long_active) FROM active_ratio_buckets(active_ratio)) FROM result
UNION ALL SELECT 'stickiness', stickiness_svg(stickiness), (SELECT sum(users) FROM stickiness_buckets(stickiness) WHERE bucket = (SELECT max(bucket) FROM stickiness_buckets(stickiness) WHERE complete)) FROM result
UNION ALL SELECT 'frequency', frequency_svg(frequency), 200 FROM result
UNION ALL SELECT 'metric', metric_svg(metric), (SELECT sum(events) FROM metric_rows(metric)) FROM result
UNION ALL SELECT 'metric by value', metric_svg(metric, '{"value": "value_sum", "number_format": "0"}'), (SELECT sum(value_sum) FROM metric_rows(metric)) FROM result
UNION ALL SELECT 'metric_change', metric_change_svg(metric, 1, '{"percent_format": "0.000000000000000"}'), (SELECT sum(events_change_rate) FROM metric_change(metric)) FROM result
UNION ALL SELECT 'distribution', distribution_svg(distribution), (SELECT sum(users) FROM distribution_buckets(distribution)) FROM result
UNION ALL SELECT 'distribution in bins', distribution_svg(distribution, '{0,1000}'), (SELECT sum(users) FROM distribution_buckets(distribution)) FROM result
UNION ALL SELECT 'survival', survival_svg(survival, '{"value": "at_risk"}'), (SELECT sum(at_risk) FROM survival_curve(survival)) FROM result
UNION ALL SELECT 'week_hours', week_hours_svg(week_hours), 1600 FROM result
UNION ALL SELECT 'loss', loss_svg(losses, '{"names": ["visit"]}'), (SELECT sum(users) FROM loss_reasons(losses)) FROM result
UNION ALL SELECT 'intervals', intervals_svg(intervals), (SELECT count FROM interval_summary(intervals)) FROM result
UNION ALL SELECT 'intervals in bins', intervals_svg(intervals, '{1 day,10 days}'), (SELECT count FROM interval_summary(intervals)) FROM result
UNION ALL SELECT 'session', session_svg(sessions), (SELECT sum(sessions + users) FROM session_buckets(sessions)) FROM result
UNION ALL SELECT 'session_channel', session_channel_svg(by_channel), (SELECT sum(sessions) FROM session_channel_buckets(by_channel)) FROM result
UNION ALL SELECT 'attribution', attribution_svg(attribution, '{"number_format": "0.0#########"}'), (SELECT sum(conversions) FROM attribution_models(attribution))::numeric FROM result;

SELECT ok(is_svg(svg), name || ' is well-formed') FROM picture ORDER BY name;
SELECT is(sum_of_tips(svg), round(total, 1), name || ' has the numbers of the rows') FROM picture ORDER BY name;
SELECT ok(svg NOT LIKE '%<script%', name || ' escapes names') FROM picture ORDER BY name;

SELECT is(regexp_count(svg, 'class=''mark'''), least(30, n)::int, 'driver shows each event') FROM result, driver_svg(driver) AS svg, LATERAL (SELECT count(odds_ratio) AS n FROM driver_rows(driver)) AS r;
SELECT is(regexp_count(svg, 'class=''mark'''), n::int, 'driver shows each event, adjusted') FROM result, driver_svg(driver, '{"value": "adjusted_odds_ratio"}') AS svg, LATERAL (SELECT count(*) AS n FROM (SELECT * FROM driver_rows(driver) LIMIT 30) AS d WHERE adjusted_odds_ratio < 'Infinity') AS r;
SELECT ok(is_svg(svg) AND svg NOT LIKE '%<visit%' AND svg LIKE '%&gt;= 2%', 'driver is well-formed') FROM result, driver_svg(driver) AS svg;
SELECT is(driver_svg(NULL) IS NULL, false, 'driver of nothing');

-- intervals
SELECT is((SELECT array_agg(m[1] ORDER BY m[1] COLLATE "C") FROM regexp_matches(experiment_svg(experiment, 'app', '{"number_format": "0.00"}'), '<title>([^<]*)</title><path', 'g') AS m),
	(SELECT array_agg(format('%s: %s (%s - %s)', replace(replace(variant, '<', '&lt;'), '>', '&gt;'), round(difference::numeric, 2), round(lower::numeric, 2), round(upper::numeric, 2)) ORDER BY variant COLLATE "C") FROM experiment_results(experiment, 'app') WHERE variant <> 'app'), 'experiment') FROM result;
SELECT ok(is_svg(experiment_svg(experiment, 'app')) AND is_svg(experiment_svg(NULL, 'app')), 'experiment is well-formed') FROM result;

-- segments and tags
CREATE TABLE journey_test.source AS SELECT * FROM log WHERE user_id IS NOT NULL;
SELECT add_source('app', 'source', attrs => '{"channel": "channel"}', value => 'amount');
SELECT create_segment('buyers', '{"source": "app", "rule": {"did": "buy"}}');
SELECT count(*) FROM unnest('{2024-01-10,2024-01-20,2024-02-10}'::timestamptz[]) AS t, refresh_segment('buyers', t);
SELECT create_tag('channel', '{"source": "app", "attribute": "channel", "take": "first"}', 'attribute'), create_tag('rfm', '{"source": "app", "event": "buy", "groups": "scores"}', 'rfm');
SELECT count(*) FROM unnest('{channel,rfm}'::text[]) AS t, refresh_tag(t, '2024-02-10');
SELECT is((SELECT string_agg(t, '; ') FROM tips(segment_svg('buyers')) AS t), (SELECT string_agg(as_of::date || ', users: ' || users, '; ' ORDER BY as_of) FROM segment_trend('buyers')), 'segment');
SELECT is(sum_of_tips(tag_svg('channel')), (SELECT round(sum(users), 1) FROM tag_summary('channel')), 'tag');
SELECT is(sum_of_tips(tag_cross_svg('channel', 'rfm')), (SELECT round(sum(users), 1) FROM tag_cross('channel', 'rfm')), 'tag_cross');
SELECT is(sum_of_tips(rfm_svg('rfm')), (SELECT round(sum(users), 1) FROM tag_summary('rfm')), 'rfm');

-- small groups, no rows, NULL
SELECT is(sum_of_tips(retention_svg(retention, '{"value": "users", "min_users": 30}')), (SELECT round(sum(users), 1) FROM retention_cells(retention, 30)), 'small groups are hidden') FROM result;
SELECT is((SELECT array_agg(m[1]) FROM regexp_matches(funnel_svg(funnel, jsonb_build_object('min_users', fewest)), '<title>dropped off: ([0-9]+)', 'g') AS m),
	(SELECT array_agg(dropped_off::text) FROM funnel_steps(funnel, fewest) WHERE dropped_off > 0), 'dropped off, from ' || fewest || ' users')
FROM result, unnest('{0,20,60,1000}'::int[]) AS fewest;
SELECT is(regexp_count(intervals_svg(intervals, NULL, '{"min_users": 100000}'), 'class=''mark'''), 0, 'bounds of few users are hidden') FROM result;
SELECT ok(funnel_svg(NULL) LIKE '%no data%', 'NULL');
SELECT ok(funnel_svg(funnel, NULL) LIKE '%</svg>', 'options NULL') FROM result;
SELECT ok(segment_svg('buyers', '{"language": "zh", "min_users": 100000}') LIKE '%</svg>', 'hidden numbers');
SELECT throws_ok($$SELECT funnel_svg(funnel, '{"min_users": 0, "size": 3}') FROM result$$, '22023', 'a chart has no option "size"', 'an option that does not exist');
SELECT throws_ok($$SELECT chart_svg(r, 'bar', '{"min_users": 10}') FROM (SELECT 'a' AS a, 1 AS n) AS r$$, '22023', 'a chart has no option "min_users"', 'chart_svg does not hide');
SELECT is((SELECT array_agg(t) FROM tips(funnel_svg(funnel, '{"names": ["one", "two", "three"]}')) AS t WHERE t !~ '^(one|two|three): '), NULL, 'names of steps') FROM result;
-- a function of each result has its picture
SELECT is_empty($$SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'journey'::regnamespace AND p.proname LIKE '%\_svg' AND p.prokind = 'f' AND NOT EXISTS (SELECT FROM picture WHERE p.proname = replace(split_part(name, ' ', 1), 'x', 'x') || '_svg')
	AND p.proname NOT IN ('segment_svg', 'tag_svg', 'tag_cross_svg', 'rfm_svg', 'path_flow_svg', 'transitions_svg', 'overlap_svg', 'quality_svg', 'driver_svg', 'experiment_svg')$$, 'all are tested');

SELECT * FROM finish();
ROLLBACK;
