-- Tags and segments of channels: the first and the preferred channel, the last product viewed, the channel that attribution
-- credits, who paid after an ad, and what a metric gives, against plain SQL for several days.
\ir ../setup.psql
SELECT no_plan();

CREATE TABLE log AS
SELECT rnd(i, 1, 60)::bigint AS user_id, moment(rnd(i, 2, 100 * 24) * 3600) AS at, (ARRAY['visit', 'view', 'pay', 'visit'])[1 + rnd(i, 3, 4)] AS event, (ARRAY['ads', 'mail', 'search', '', NULL])[1 + rnd(i, 4, 5)] AS channel, (ARRAY['fund', 'card', 'loan', NULL])[1 + rnd(i, 5, 4)] AS product, rnd(i, 6, 1000) / 4.0 AS amount
FROM generate_series(1, 700) i;
UPDATE log SET channel = CASE event WHEN 'visit' THEN channel END, product = CASE event WHEN 'view' THEN product END;
SELECT add_source('bank', 'log', attrs => '{"channel": "channel", "product": "product"}', value => 'amount');
CREATE FUNCTION past(day timestamptz) RETURNS SETOF log LANGUAGE sql STABLE AS 'SELECT * FROM log WHERE at < day';

SELECT create_tag('first channel', '{"source": "bank", "attribute": "channel", "take": "first"}', 'attribute');
SELECT create_tag('preferred channel', '{"source": "bank", "event": "visit", "attribute": "channel", "take": "most frequent", "within": "40 days"}', 'attribute');
SELECT create_tag('last product viewed', '{"source": "bank", "event": "view", "attribute": "product", "take": "last"}', 'attribute');
SELECT create_tag('credited last', $$
	SELECT user_id, touch FROM (SELECT user_id, attribution(user_id, at, nullif(channel, ''), event = 'pay', '10 days') AS credit FROM log WHERE at < as_of() GROUP BY user_id) u, attribution_touches(credit) WHERE last > 0 $$, 'sql');
SELECT create_tag('value of ads', $$
	SELECT user_id, first_value FROM (SELECT user_id, attribution(user_id, at, nullif(channel, ''), event = 'pay', amount, '10 days') AS credit FROM log WHERE at < as_of() GROUP BY user_id) u, attribution_touches(credit) WHERE touch = 'ads' AND first > 0 $$, 'numeric', scale => 2);
SELECT create_tag('weeks with views', $$
	SELECT user_id, count(*) FROM (SELECT user_id, event_metrics(user_id, at, 'x', 'week') AS m FROM log WHERE at < as_of() AND event = 'view' GROUP BY user_id) u, metric_buckets(m) WHERE events > 0 GROUP BY 1 $$, 'numeric');
SELECT create_segment('paid after an ad', '{"source": "bank", "rule": {"sequence": [{"did": "visit", "where": {"channel": "ads"}}, "pay"], "in": "5 days"}}');
SELECT create_segment('led to pay', 'SELECT user_id FROM unnest((SELECT attribution_members(user_id, at, nullif(channel, ''''), event = ''pay'', ''10 days'') FROM log WHERE at < as_of())) WHERE touch = ''ads'' AND conversions > 1');
SELECT create_segment('credited ads', '{"source": "bank", "rule": {"and": [{"tag": "credited last", "value": "ads"}, {"tag": "value of ads", "is": {">=": 100}}, {"not": {"tag": "first channel", "value": "mail"}}]}}');

-- The touch before each payment: of several at one time the last by its bytes, a payment after all of them.
CREATE VIEW touched AS SELECT p.user_id, p.at, p.amount, t.channel, row_number() OVER w AS from_first, row_number() OVER (PARTITION BY p.ctid ORDER BY t.at DESC, t.channel COLLATE "C" DESC) AS from_last FROM log p LEFT JOIN log t ON t.user_id = p.user_id AND t.channel <> '' AND t.at <= p.at AND t.at >= p.at - interval '10 days' WHERE p.event = 'pay' WINDOW w AS (PARTITION BY p.ctid ORDER BY t.at, t.channel COLLATE "C");
CREATE TABLE oracle (name text, query text);
INSERT INTO oracle VALUES
('first channel', 'SELECT DISTINCT ON (user_id) user_id, channel FROM past($1) WHERE channel <> '''' ORDER BY user_id, at, channel COLLATE "C"'),
('preferred channel', 'SELECT DISTINCT ON (user_id) user_id, channel FROM (SELECT user_id, channel, count(*) AS n FROM past($1) WHERE at >= $1 - interval ''40 days'' AND channel <> '''' GROUP BY 1, 2) c ORDER BY user_id, n DESC, channel COLLATE "C"'),
('last product viewed', 'SELECT DISTINCT ON (user_id) user_id, product FROM past($1) WHERE product IS NOT NULL ORDER BY user_id, at DESC, product COLLATE "C"'),
('credited last', 'SELECT DISTINCT user_id, coalesce(channel, ''(direct)'') FROM touched WHERE from_last = 1 AND at < $1'),
('value of ads', 'SELECT user_id, sum(amount)::numeric(20,2) FROM touched WHERE from_first = 1 AND channel = ''ads'' AND at < $1 GROUP BY 1'),
('weeks with views', 'SELECT user_id, count(DISTINCT date_trunc(''week'', at)) FROM past($1) WHERE event = ''view'' GROUP BY 1');
CREATE FUNCTION differences(name text, query text, day timestamptz) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('WITH got AS (SELECT u.user_id, s.value FROM tag_summary(%L, $1) AS s, members(tag_users(%1$L, s.value, $1)) AS u(user_id)), want AS (SELECT user_id, value::text FROM (%s) AS q(user_id, value))
		(SELECT concat(''too much '', a) FROM (SELECT * FROM got EXCEPT ALL SELECT * FROM want) a) UNION ALL (SELECT concat(''missing '', b) FROM (SELECT * FROM want EXCEPT ALL SELECT * FROM got) b)', name, query) USING day;
END $$;
CREATE TABLE day AS SELECT moment(n * 86400) AS day FROM unnest('{20,61,101}'::int[]) n;
CREATE TABLE refreshed AS SELECT r.name, day, r.users, r.error FROM day, oracle, refresh_tag(name, day) r;
SELECT is_empty('SELECT name, error FROM refreshed WHERE error IS NOT NULL', 'all are refreshed');
SELECT cmp_ok(max(users), '>', 2::bigint, name || ' has users') FROM refreshed GROUP BY name;
SELECT is_empty(format('SELECT differences(%L, %L, %L)', name, query, day), name || ' ' || day::date) FROM oracle, day WHERE name NOT IN ('value of ads', 'weeks with views');
SELECT results_eq(format('SELECT e.user_id, e.number::numeric / %s FROM numset_entries(tag_numset(%L, %L)) AS e(user_id, number) ORDER BY 1', CASE name WHEN 'value of ads' THEN 100 ELSE 1 END, name, day), format('SELECT user_id, number::numeric FROM (%s) AS q(user_id, number) ORDER BY 1', replace(query, '$1', quote_literal(day))), name || ' ' || day::date)
FROM oracle, day WHERE name IN ('value of ads', 'weeks with views');

CREATE TABLE segments AS SELECT r.name, day, r.users FROM day, unnest(ARRAY['paid after an ad', 'led to pay', 'credited ads']) s, refresh_segment(s, day) r;
SELECT results_eq(format('SELECT members(segment(''paid after an ad'', %L))', day), format('SELECT DISTINCT a.user_id FROM past(%1$L) a JOIN past(%1$L) p ON p.user_id = a.user_id AND p.at >= a.at AND p.at <= a.at + interval ''5 days'' WHERE a.channel = ''ads'' AND p.event = ''pay'' ORDER BY 1', day), 'paid after an ad ' || day::date) FROM day;
SELECT results_eq(format('SELECT members(segment(''led to pay'', %L))', day), format('SELECT user_id FROM (SELECT DISTINCT p.ctid, p.user_id FROM log p JOIN log a ON a.user_id = p.user_id AND a.at <= p.at AND a.at >= p.at - interval ''10 days'' WHERE p.event = ''pay'' AND a.channel = ''ads'' AND p.at < %L) q GROUP BY 1 HAVING count(*) > 1 ORDER BY 1', day), 'led to pay ' || day::date) FROM day;
SELECT results_eq(format('SELECT members(segment(''credited ads'', %L))', day), format('SELECT members((tag_users(''credited last'', ''ads'', %1$L) & tag_users_where(''value of ads'', ''>='', 100, %1$L)) - tag_users(''first channel'', ''mail'', %1$L))', day), 'credited ads ' || day::date) FROM day;
SELECT cmp_ok(max(users), '>', 1::bigint, name || ' has users') FROM segments GROUP BY name;

SELECT * FROM finish();
ROLLBACK;
