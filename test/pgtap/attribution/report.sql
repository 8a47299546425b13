-- One row for each channel, from acquisition to payment: channel_report against plain SQL, number by number.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS
SELECT u AS user_id, moment(rnd(u, 1, 20) * 86400 + k * (1 + rnd(u, 2, 60)) * 3600) AS at, CASE WHEN k = 1 OR rnd(u * 40 + k, 3, 3) = 0 THEN 'visit' ELSE (ARRAY['open', 'pay', 'read', 'read'])[1 + rnd(u * 40 + k, 4, 4)] END AS event,
	CASE WHEN u % 11 > 0 THEN (ARRAY['ads', 'mail', 'search', 'app', 'a', NULL])[1 + least(rnd(u * 40 + k, 5, 6), CASE k WHEN 1 THEN 4 ELSE 5 END)] END AS channel, (1 + rnd(u * 40 + k, 6, 400)) / 4.0::float8 AS amount
FROM generate_series(1, 300) u, generate_series(1, 1 + rnd(u, 7, 12)) k;
UPDATE event SET channel = NULL WHERE event <> 'visit';
CREATE TABLE spend AS SELECT (ARRAY['ads', 'mail', 'search', 'tv'])[1 + i % 4] AS channel, i * 1.25 AS cost FROM generate_series(1, 30) i UNION ALL SELECT 'app', 0;
CREATE TABLE made AS SELECT funnel_breakdown(user_id, at, step_of(event, '{visit,open,pay}'), '5 days', channel, 'first_touch', 'first_chain') AS f, cohort_retention_by(user_id, at, event = 'visit', true, channel, 'week', ARRAY[1, 2], 'first', '', '2024-01-29') AS r,
	attribution(user_id, at, channel, event = 'pay', amount, '10 days') AS a, attribution(user_id, at, channel, event = 'pay', '10 days') AS counted, funnel_breakdown(user_id, at, step_of(event, '{visit}'), '5 days', channel, 'first_touch') AS one_step FROM event;
CREATE TABLE costs AS SELECT json_object_agg(channel, cost) AS j FROM spend;

-- Each customer in plain SQL: the first channel; the first chain that gets farthest; the weeks of visits.
CREATE TABLE customer AS
WITH chain AS (SELECT v.user_id, v.at AS t1, o.t2, p.t3 FROM event v
		LEFT JOIN LATERAL (SELECT min(o.at) AS t2 FROM event o WHERE o.user_id = v.user_id AND o.event = 'open' AND o.at >= v.at AND o.at <= v.at + interval '5 days') o ON true
		LEFT JOIN LATERAL (SELECT min(p.at) AS t3 FROM event p WHERE p.user_id = v.user_id AND p.event = 'pay' AND p.at >= o.t2 AND p.at <= v.at + interval '5 days') p ON true
	WHERE v.event = 'visit'),
	best AS (SELECT DISTINCT ON (user_id) user_id, 1 + (t2 IS NOT NULL)::int + (t3 IS NOT NULL)::int AS level, t3 - t1 AS took FROM chain ORDER BY user_id, 2 DESC, t1)
SELECT b.*, (SELECT channel FROM event e WHERE e.user_id = b.user_id AND channel IS NOT NULL ORDER BY at LIMIT 1) AS channel, s.week,
	(SELECT channel FROM event e WHERE e.user_id = b.user_id AND date_trunc('week', at) = s.week AND channel IS NOT NULL AND event = 'visit' ORDER BY at LIMIT 1) AS week_channel,
	ARRAY(SELECT DISTINCT extract(day FROM date_trunc('week', e.at) - s.week)::int / 7 FROM event e WHERE e.user_id = b.user_id AND e.at < '2024-01-29') AS periods
FROM best b, LATERAL (SELECT date_trunc('week', min(at)) AS week FROM event e WHERE e.user_id = b.user_id AND event = 'visit') s;

CREATE FUNCTION wanted(of_model text, of_period int) RETURNS TABLE (channel text, new_users bigint, activated_users bigint, retained_users bigint, retention_rate numeric, converted_users bigint, conversion_rate numeric, avg_time interval, conversions numeric, value numeric, cost numeric, cost_per_user numeric, cost_per_conversion numeric, return_on_spend numeric) LANGUAGE sql AS $$
	WITH reached AS (SELECT channel, count(*) AS n, count(*) FILTER (WHERE level > 1) AS opened, count(*) FILTER (WHERE level > 2) AS paid, avg(took) FILTER (WHERE level > 2) AS took FROM customer GROUP BY 1),
		back AS (SELECT week_channel AS channel, count(*) FILTER (WHERE of_period = ANY (periods)) AS n, count(*) AS of FROM customer WHERE week + (of_period + 1) * interval '7 days' <= '2024-01-29' GROUP BY 1),
		credit AS (SELECT m.* FROM made, attribution_models(a) m WHERE model = of_model),
		spent AS (SELECT channel, sum(cost) AS cost FROM spend GROUP BY 1),
		name AS (SELECT channel FROM reached UNION SELECT week_channel FROM customer WHERE week <= '2024-01-29' UNION SELECT channel FROM spent UNION SELECT touch FROM credit)
	SELECT name.channel, coalesce(r.n, 0), coalesce(r.opened, 0), CASE WHEN EXISTS (SELECT FROM customer c WHERE week_channel IS NOT DISTINCT FROM name.channel) THEN b.n ELSE 0 END, round(b.n / nullif(b.of, 0)::numeric, 9), coalesce(r.paid, 0), round(r.paid / r.n::numeric, 9), date_trunc('milliseconds', r.took),
		round(coalesce(c.conversions, 0)::numeric, 9), round(coalesce(c.value, 0)::numeric, 6), s.cost, round(s.cost / nullif(r.n, 0), 6), round(s.cost / nullif(c.conversions, 0)::numeric, 6), round(coalesce(c.value, 0)::numeric / nullif(s.cost, 0), 6)
	FROM name LEFT JOIN reached r ON r.channel IS NOT DISTINCT FROM name.channel LEFT JOIN back b ON b.channel IS NOT DISTINCT FROM name.channel LEFT JOIN credit c ON touch = name.channel LEFT JOIN spent s ON s.channel = name.channel
	ORDER BY name.channel COLLATE "C"
$$;
SELECT results_eq(format('SELECT channel, new_users, activated_users, retained_users, round(retention_rate::numeric, 9), converted_users, round(conversion_rate::numeric, 9), date_trunc(''milliseconds'', avg_time), round(conversions::numeric, 9), round(value::numeric, 6), cost::numeric,
	round(cost_per_user::numeric, 6), round(cost_per_conversion::numeric, 6), CASE WHEN cost IS NOT NULL THEN round(return_on_spend::numeric, 6) END FROM made, costs, channel_report(f, r, a, j, %L, %s)', model, period), format('SELECT * FROM wanted(%L, %s)', model, period), concat_ws(' ', model, 'week', period))
FROM unnest('{first,linear,position}'::text[]) model, unnest('{1,2}'::int[]) period;
SELECT is((SELECT sum(new_users) FROM made, channel_report(f, r, a)), (SELECT count(DISTINCT user_id)::numeric FROM event WHERE event = 'visit'), 'each user once');
SELECT results_eq('SELECT c.* FROM made, costs, channel_report(f, r, a, j) c', 'SELECT c.* FROM made, costs, channel_report(f, r, a, j, ''linear'', 2, 0) c', 'the last period and linear by default');

-- Over sources, with costs that are a source, too.
SELECT add_source('bank', 'event', attrs => '{"channel": "channel"}', value => 'amount');
SELECT add_source('spend', 'spend', user_id => '0', at => 'timestamptz ''2024-01-01 00:00+00''', event => '''spend''', attrs => '{"channel": "channel"}', value => 'cost');
SELECT create_event_view('stream', 'bank');
SELECT results_eq($$ SELECT c.* FROM (SELECT funnel_breakdown(user_id, at, step_of(event, '{visit,open,pay}'), '5 days', attrs ->> 'channel', 'first_touch', 'first_chain') AS f, cohort_retention_by(user_id, at, event = 'visit', true, attrs ->> 'channel', 'week', ARRAY[1, 2], 'first', '', '2024-01-29') AS r,
	attribution(user_id, at, attrs ->> 'channel', event = 'pay', value, '10 days') AS a FROM stream) s, channel_report(f, r, a, (SELECT json_object_agg(attrs ->> 'channel', value) FROM events_of('spend'))) c $$, 'SELECT c.* FROM made, costs, channel_report(f, r, a, j) c', 'over sources');

-- What is not given is NULL, not 0.
SELECT is_empty('SELECT FROM made, channel_report(NULL, r, a) WHERE num_nonnulls(new_users, activated_users, converted_users, conversion_rate, avg_time, median_time, cost, cost_per_user, cost_per_conversion, return_on_spend) > 0', 'no funnel, no costs');
SELECT is_empty('SELECT FROM made, costs, channel_report(f, NULL, NULL, j) WHERE num_nonnulls(retained_users, retention_rate, value) > 0 OR (cost IS NOT NULL) <> (channel IS NOT NULL AND channel IN (SELECT channel FROM spend))', 'no retention, no attribution');
SELECT is_empty('SELECT FROM made, channel_report(f, r, counted) WHERE num_nonnulls(value, return_on_spend) > 0 OR conversions IS NULL', 'no values');
SELECT is_empty('SELECT FROM made, channel_report(one_step, r, a) WHERE activated_users IS NOT NULL OR converted_users <> new_users', 'one step');
SELECT is_empty('SELECT FROM channel_report(NULL, NULL, NULL)', 'nothing at all');

SELECT throws_ok(format('SELECT count(c) FROM made, channel_report(%s) c', arguments), state, message, arguments)
FROM (VALUES ('f, r, a, ''{}'', ''markov''', '22023', 'model "markov" does not exist'), ('f, r, a, ''{}'', NULL', '22004', 'model must not be NULL'), ('f, r, a, ''{}'', ''last'', 3', '22023', 'retention has no period 3'), ('f, r, a, ''[]''', '22023', 'costs must be an object of JSON, not array'),
	('f, r, a, min_users => NULL', '22004', 'min_users must not be NULL'), ('f, r, a, min_users => -1', '22023', 'min_users is -1')) v (arguments, state, message);
SELECT results_eq('SELECT channel, new_users FROM channel_report((SELECT funnel(user_id, at, step_of(event, ''{visit}''), ''1 day'') FROM event), NULL, NULL)', 'SELECT NULL::text, count(DISTINCT user_id) FROM event WHERE event = ''visit''', 'a funnel without groups is one');
SELECT throws_ok('SELECT channel_report(NULL, (SELECT cohort_retention(user_id, at, true, true, ''week'', 1) FROM event), NULL)', NULL, NULL, 'a retention without groups');

SELECT * FROM finish();
ROLLBACK;
