-- A table picture (name, svg): each kind and each function that draws a result, in English and
-- Chinese, wide and narrow.
SET search_path = public, journey;
SET timezone = 'UTC';
CREATE FUNCTION rnd(key bigint, seed int, n int) RETURNS int LANGUAGE sql IMMUTABLE RETURN (hashint8extended(key, seed) & 1073741823) % n;
CREATE TABLE log AS
SELECT u AS user_id, timestamptz '2026-01-05 00:00' + rnd(u, 1, 40) * interval '1 day' + n * rnd(u * 100 + n, 2, 200000) * interval '1 s' AS at,
	(ARRAY['visit', 'register', 'bind card', 'view fund', 'buy fund'])[1 + least(n, rnd(u * 100 + n, 3, 5))] AS event,
	(ARRAY['app', '手机银行应用程序', 'call centre', '<script>alert(1)</script>', NULL])[1 + rnd(u, 4, 5)] AS channel, rnd(u * 100 + n, 5, 5000) / 10.0 AS amount
FROM generate_series(1, 1000) AS u, generate_series(0, 14) AS n WHERE n < 2 + rnd(u, 6, 14);
CREATE TABLE result AS
SELECT funnel(user_id, at, steps, '30 days') AS funnel, funnel_breakdown(user_id, at, steps, '30 days', channel, 1) AS funnel_breakdown, funnel_trend(user_id, at, steps, '14 days', 'week') AS funnel_trend,
	cohort_retention(user_id, at, event = 'visit', true, 'week', 6) AS retention, lifecycle(user_id, at, 'week') AS lifecycle, active_ratio(user_id, at, 'day', 1, 28) AS active_ratio,
	stickiness(user_id, at, 'day', 'month') AS stickiness, frequency(user_id, at, 'times') AS frequency, event_metrics(user_id, at, amount, channel, 'week') AS metric,
	distribution(user_id, at, amount::float8, 'sum', 'month') AS distribution, week_hours(user_id, at) AS week_hours, intervals(user_id, at, step_of(event, '{register,bind card}')) AS intervals,
	sessions(user_id, at, event, '30 minutes') AS sessions, sessions_by_channel(user_id, at, channel, event, '30 minutes') AS by_channel, attribution(user_id, at, channel, event = 'buy fund', '30 days') AS attribution,
	path_flow(user_id, at, event, NULL, 6) AS flow, transitions(user_id, at, event) AS transitions
FROM (SELECT *, step_of(event, '{visit,register,bind card,view fund,buy fund}') AS steps FROM log) AS l;
SELECT add_source('bank', 'log', attrs => '{"channel": "channel"}', value => 'amount');
SELECT create_segment('buyers', '{"source": "bank", "rule": {"did": "buy fund"}}'), create_tag('channel', '{"source": "bank", "attribute": "channel", "take": "first"}', 'attribute'),
	create_tag('rfm', '{"source": "bank", "event": "buy fund", "groups": "scores"}', 'rfm');
SELECT count(*) FROM unnest('{2026-01-20,2026-02-01,2026-03-01}'::timestamptz[]) AS t, refresh_segment('buyers', t);
SELECT count(*) FROM unnest('{channel,rfm}'::text[]) AS t, refresh_tag(t, '2026-03-01');

CREATE TABLE options (o jsonb);
INSERT INTO options VALUES ('{}'), ('{"language": "zh", "width": 360, "title": "一个非常长的标题，超出了图片的宽度，所以必须截断"}'), ('{"width": 1400, "height": 700, "title": "A title", "label_title": "a label", "value_title": "a value"}');
CREATE TABLE picture AS
SELECT v.* FROM result, options AS p(o), LATERAL (VALUES
	('funnel', funnel_svg(funnel, o)), ('funnel_breakdown', funnel_breakdown_svg(funnel_breakdown, o)), ('funnel_trend', funnel_trend_svg(funnel_trend, o)), ('retention', retention_svg(retention, o)),
	('retention_curve', retention_curve_svg(retention, o)), ('lifecycle', lifecycle_svg(lifecycle, o)), ('active_ratio', active_ratio_svg(active_ratio, o)), ('stickiness', stickiness_svg(stickiness, o)),
	('frequency', frequency_svg(frequency, o)), ('metric', metric_svg(metric, o)), ('metric_change', metric_change_svg(metric, 1, o)), ('distribution', distribution_svg(distribution, NULL, o)),
	('week_hours', week_hours_svg(week_hours, o)), ('intervals', intervals_svg(intervals, NULL, o)), ('session', session_svg(sessions, o)), ('session_channel', session_channel_svg(by_channel, o)),
	('attribution', attribution_svg(attribution, o)), ('segment', segment_svg('buyers', o)), ('tag', tag_svg('channel', o)), ('tag_cross', tag_cross_svg('channel', 'rfm', o)), ('rfm', rfm_svg('rfm', o)),
	('nothing', funnel_svg(NULL, o)), ('path_flow', path_flow_svg(result.flow, o)), ('path_flow of few', path_flow_svg(result.flow, o || '{"top": 3}')), ('transitions', transitions_svg(result.transitions, o))) AS v(name, svg)
UNION ALL SELECT kind, chart_svg(r, kind, o) FROM options, unnest('{line,bar,stacked,heat_map,funnel,step}'::text[]) AS kind,
	(VALUES ('one', 'a', 5::float8), ('one', 'b', 1), ('two', 'a', 3), (repeat('a long label ', 30), 'a', 4), ('"&<>''', 'b', 2.5), (NULL, NULL, 7)) AS r(label, series, n) GROUP BY kind, o
UNION ALL SELECT kind || ' of few', chart_svg(r, kind, o) FROM options, unnest('{line,bar,stacked,heat_map,funnel,step}'::text[]) AS kind, (VALUES ('one', 12345678.9)) AS r(label, n) GROUP BY kind, o
UNION ALL SELECT kind || ' of many', chart_svg(r, kind, o) FROM options, unnest('{line,bar,stacked,heat_map,funnel,step}'::text[]) AS kind, (SELECT 'label ' || i AS label, 'series ' || i % 12 AS series, -i * 1000.5 AS n FROM generate_series(1, 200) AS i) AS r GROUP BY kind, o
UNION ALL SELECT 'times', chart_svg(r, 'line', o) FROM options, (SELECT timestamp '2026-03-01' + i * interval '20 min' AS at, i * i AS n FROM generate_series(1, 200) AS i) AS r GROUP BY o
UNION ALL SELECT 'dates', chart_svg(r, 'line', o) FROM options, (SELECT date '1990-03-01' + i * 31 AS day, i * i AS n FROM generate_series(1, 400) AS i) AS r GROUP BY o
UNION ALL SELECT 'calendar', chart_svg(r, 'calendar', o) FROM options, (SELECT date '2025-03-01' + i AS day, i % 50 AS n FROM generate_series(1, 400) AS i) AS r GROUP BY o
UNION ALL SELECT 'quality by ' || unit, quality_svg(log_quality(user_id, at, at + interval '1 min', event, NULL::text, unit), 3, o) FROM options, log, unnest('{day,week}'::text[]) AS unit WHERE at::date NOT IN ('2026-01-20', '2026-02-02') GROUP BY unit, o
UNION ALL SELECT 'survival', chart_svg(r, 'step', o) FROM options, (SELECT i * interval '1 day' AS "time", exp(-i / 9.0) AS share, exp(-i / 9.0) * 0.9 AS lower, exp(-i / 9.0) * 1.1 AS upper FROM generate_series(1, 40) AS i) AS r GROUP BY o
UNION ALL SELECT 'forest', chart_svg(r, 'forest', o) FROM options, (VALUES ('a reason', 1.5, 1.1, 2.0), ('another reason with a long name', 0.5, 0.1, 0.9)) AS r(reason, ratio, lower, upper) GROUP BY o
UNION ALL SELECT 'box', chart_svg(r, 'box', o) FROM result, options, LATERAL interval_summary(intervals) AS r GROUP BY o
UNION ALL SELECT 'boxes', chart_svg(r, 'box', o) FROM options, (VALUES ('app', -5, 1, 2.5, 4, 9), ('branch', 0, 0, 0, 0, 0)) AS r(channel, min, p25, median, p75, max) GROUP BY o
UNION ALL SELECT 'ways back', chart_svg(r, 'sankey', o) FROM options, (VALUES ('one', 'two', 50), ('two', 'three', 40), ('three', 'one', 9), ('two', 'two', 5), ('one', NULL, 6), (NULL, 'one', 30), (repeat('a long name ', 30), 'three', 9)) AS r(source, target, n) GROUP BY o
UNION ALL SELECT 'graph', chart_svg(r, 'graph', o) FROM options, (SELECT 'node ' || i * 7 % 13 AS source, 'node ' || i * 11 % 17 AS target, i AS n FROM generate_series(1, 40) AS i) AS r GROUP BY o
UNION ALL SELECT 'overlap of ' || n, overlap_svg(sets[1:n], o || '{"names": ["app", "branch", "a set with a long name"]}') FROM options, generate_series(1, 5) AS n, (SELECT '{"{1-1000}","{700-1800}","{900-950,1200-1400,2000-2100}","{5-500}","{300-1500}"}'::userset[] AS sets) AS s;
