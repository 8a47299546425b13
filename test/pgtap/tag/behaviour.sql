-- tags by each method against a brute-force answer, what is read from them, and profiles.
\ir ../setup.psql

CREATE TABLE log AS
SELECT rnd(i, 1, 80) AS user_id, moment(rnd(i, 2, 100) * 86400 + rnd(i, 3, 4) * 3600) AS at,
	(ARRAY['login', 'buy', 'pay'])[1 + rnd(i, 4, 3)] AS event,
	(ARRAY['app', 'web', NULL, '', 'branch'])[1 + rnd(i, 5, 5)] AS channel,
	CASE WHEN rnd(i, 6, 10) > 0 THEN rnd(i, 7, 1000) / 10.0 END AS amount
FROM generate_series(1, 400) i
UNION ALL
-- users with a few events, far apart
SELECT 100 + i, moment((i * 7 % 100) * 86400 + k * (i % 40) * 86400), 'login', 'app', i FROM generate_series(1, 100) i, generate_series(0, 1) k;
CREATE FUNCTION day(n float8) RETURNS timestamptz LANGUAGE sql IMMUTABLE RETURN moment(n * 86400);
CREATE VIEW past AS SELECT * FROM log WHERE at < day(90);
SELECT add_source('app', 'log', attrs => '{"channel": "channel", "amount": "amount"}', value => 'amount');
CREATE TABLE log_json AS SELECT user_id, at, event, jsonb_strip_nulls(jsonb_build_object('channel', channel, 'amount', amount)) AS payload FROM log;
SELECT add_source('json', 'log_json', attrs => '"payload"');

SELECT plan(82);

-- What a tag must say, user by user.
CREATE FUNCTION differences(tag text, oracle text) RETURNS TABLE (kind text, user_id bigint, value text) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		WITH got AS (SELECT members(m.members) AS user_id, m.value FROM version_members m WHERE m.id = id_of(%L) AND m.as_of = (SELECT max(as_of) FROM versions WHERE id = id_of(%1$L))),
			want AS (SELECT q.u::bigint AS user_id, q.v::text AS value FROM (%s) AS q(u, v) WHERE q.v IS NOT NULL)
		(SELECT 'too much', * FROM (SELECT * FROM got EXCEPT ALL SELECT * FROM want) a) UNION ALL (SELECT 'missing', * FROM (SELECT * FROM want EXCEPT ALL SELECT * FROM got) b)$q$, tag, oracle);
END $$;
CREATE TABLE tag (name text, method text, definition text, oracle text);
INSERT INTO tag VALUES
('worth', 'rule', '{"source": "app", "values": [{"value": "gold", "when": {"did": "buy", "sum": "amount", "is": {">=": 100}}}, {"value": "silver", "when": {"did": "buy"}}, {"value": "other"}], "base": "source"}',
	$$SELECT user_id, CASE WHEN sum(amount) FILTER (WHERE event = 'buy') >= 100 THEN 'gold' WHEN bool_or(event = 'buy') THEN 'silver' ELSE 'other' END FROM past GROUP BY 1$$),
('worth of some', 'rule', '{"source": "app", "values": [{"value": "gold", "when": {"did": "buy", "count": {">=": 3}}}, {"value": "silver", "when": {"did": "buy", "count": {">=": 2}}}, {"value": "gold", "when": {"did": "pay"}}]}',
	$$SELECT user_id, CASE count(*) FILTER (WHERE event = 'buy') WHEN 0 THEN CASE WHEN bool_or(event = 'pay') THEN 'gold' END WHEN 1 THEN CASE WHEN bool_or(event = 'pay') THEN 'gold' END WHEN 2 THEN 'silver' ELSE 'gold' END FROM past GROUP BY 1$$),
('stage', 'lifecycle', '{"source": "app", "new": "20 days", "active": "15 days", "dormant": "40 days", "returned": "30 days"}',
	$$SELECT user_id, CASE WHEN min(at) >= day(70) THEN 'new' WHEN max(at) >= day(75) AND NOT bool_or(at < day(75) AND at >= day(45)) THEN 'returned'
		WHEN max(at) >= day(75) THEN 'active' WHEN max(at) >= day(50) THEN 'dormant' ELSE 'lost' END FROM past GROUP BY 1$$),
-- new is shorter than active: who came first in between has not returned
('short', 'lifecycle', '{"source": "app", "event": ["login", "buy"], "new": "5 days", "active": "25 days", "dormant": "40 days", "returned": "20 days"}',
	$$SELECT user_id, CASE WHEN min(at) >= day(85) THEN 'new' WHEN max(at) >= day(65) AND min(at) < day(65) AND NOT bool_or(at < day(65) AND at >= day(45)) THEN 'returned'
		WHEN max(at) >= day(65) THEN 'active' WHEN max(at) >= day(50) THEN 'dormant' ELSE 'lost' END FROM past WHERE event IN ('login', 'buy') GROUP BY 1$$),
('buying stage', 'lifecycle', '{"source": "app", "event": "buy", "where": {"channel": "app"}}',
	$$SELECT user_id, CASE WHEN min(at) >= day(60) THEN 'new' WHEN max(at) >= day(60) AND NOT bool_or(at < day(60) AND at >= day(-30)) THEN 'returned'
		WHEN max(at) >= day(60) THEN 'active' WHEN max(at) >= day(0) THEN 'dormant' ELSE 'lost' END FROM past WHERE event = 'buy' AND channel = 'app' GROUP BY 1$$),
('first channel', 'attribute', '{"source": "app", "event": "buy", "attribute": "channel", "take": "first"}',
	$$SELECT user_id, (array_agg(channel ORDER BY at, channel COLLATE "C"))[1] FROM past WHERE event = 'buy' AND channel <> '' GROUP BY 1$$),
('last channel', 'attribute', '{"source": "json", "attribute": "channel", "take": "last", "within": "30 days"}',
	$$SELECT user_id, (array_agg(channel ORDER BY at DESC, channel COLLATE "C"))[1] FROM past WHERE at >= day(60) AND channel <> '' GROUP BY 1$$),
('usual channel', 'attribute', '{"source": "app", "where": {"amount": {">": 10}}, "attribute": "channel", "take": "most frequent"}',
	$$SELECT user_id, (SELECT channel FROM past p WHERE p.user_id = u.user_id AND channel <> '' AND amount > 10 GROUP BY channel ORDER BY count(*) DESC, channel COLLATE "C" LIMIT 1) FROM (SELECT DISTINCT user_id FROM past) u$$),
('rfm', 'rfm', '{"source": "app", "event": ["buy", "pay"], "within": "80 days"}',
	$$WITH u AS (SELECT user_id, max(at) AS r, count(*) AS f, coalesce(sum(amount), 0) AS m FROM past WHERE event IN ('buy', 'pay') AND at >= day(10) GROUP BY 1),
		q AS (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY r) AS r, percentile_disc(0.5) WITHIN GROUP (ORDER BY f) AS f, percentile_disc(0.5) WITHIN GROUP (ORDER BY m) AS m FROM u)
	SELECT user_id, CASE WHEN u.m > q.m THEN 'important ' ELSE 'general ' END || CASE (u.r > q.r, u.f > q.f) WHEN (true, true) THEN 'value' WHEN (true, false) THEN 'development' WHEN (false, true) THEN 'retention' ELSE 'win-back' END FROM u, q$$),
('rfm scores', 'rfm', '{"source": "json", "value": "amount", "groups": "scores"}',
	$$WITH u AS (SELECT user_id, max(at) AS r, count(*) AS f, coalesce(sum(amount), 0) AS m FROM past GROUP BY 1)
	SELECT user_id, (SELECT concat(ceil(5.0 * count(*) FILTER (WHERE v.r <= u.r) / count(*)), ceil(5.0 * count(*) FILTER (WHERE v.f <= u.f) / count(*)), ceil(5.0 * count(*) FILTER (WHERE v.m <= u.m) / count(*))) FROM u v) FROM u$$),
('rfm cuts', 'rfm', '{"source": "app", "groups": "scores", "cuts": {"recency": ["30 days", "7 days"], "frequency": [2, 4], "monetary": [50]}}',
	$$SELECT user_id, 1 + (max(at) >= day(60))::int + (max(at) >= day(83))::int || '' || 1 + (count(*) >= 2)::int + (count(*) >= 4)::int || '' || 1 + (coalesce(sum(amount), 0) >= 50)::int FROM past GROUP BY 1$$),
('rfm eight', 'rfm', '{"source": "app", "cuts": {"recency": ["30 days"], "frequency": [4], "monetary": [50]}}',
	$$SELECT user_id, CASE WHEN sum(amount) >= 50 THEN 'important ' ELSE 'general ' END || CASE (max(at) >= day(60), count(*) >= 4) WHEN (true, true) THEN 'value' WHEN (true, false) THEN 'development' WHEN (false, true) THEN 'retention' ELSE 'win-back' END FROM past GROUP BY 1$$),
('decade', 'sql', 'SELECT user_id, user_id / 10 FROM log WHERE at < as_of() GROUP BY user_id', 'SELECT user_id, user_id / 10 FROM past GROUP BY 1');
SELECT lives_ok(format('SELECT create_tag(%L, %L, %L)', name, definition, method), 'create ' || name) FROM tag;
SELECT is((SELECT error FROM refresh_tag(name, day(90))), NULL, 'refresh ' || name) FROM tag;
SELECT is_empty(format('SELECT * FROM differences(%L, %L)', name, oracle), name || ': ' || (SELECT count(*) FROM tag_summary(name)) || ' values') FROM tag;

-- ---- reading ----------------------------------------------------------------------------

SELECT results_eq($$SELECT value, users, round(share::numeric, 6) FROM tag_summary('stage')$$,
	$$SELECT value, users, round(users / sum(users) OVER (), 6) FROM version_members WHERE id = id_of('stage') ORDER BY users DESC, value$$, 'tag_summary');
SELECT is(tag_users('decade', '3')::text, '{30-39}', 'tag_users');
SELECT is(tag_users('decade', 'none')::text, '{}', 'nobody has a value that there is not');
-- small groups
SELECT results_eq(format('SELECT value, users, round(share::numeric, 6) FROM tag_summary(%L, min_users => %s) ORDER BY value', t, k),
	format($$SELECT value, CASE WHEN users >= %s THEN users END, CASE WHEN users >= %1$s THEN round(users / (SELECT v.users::numeric FROM versions v WHERE id = id_of(%2$L) AND as_of = day(90)), 6) END
		FROM version_members WHERE id = id_of(%2$L) AND as_of = day(90) ORDER BY value$$, k, t), format('tag_summary of %s, at least %s', t, k))
FROM unnest('{stage,rfm scores,decade}'::text[]) AS t, unnest('{0,2,9,100000}'::int[]) AS k;
SELECT results_eq(format('SELECT value_a, value_b, users, round(share::numeric, 9) FROM tag_cross(%L, %L, min_users => %s) ORDER BY 1, 2', a, b, k),
	format($$WITH p AS (SELECT x.value AS value_a, y.value AS value_b, count(*) AS users, (SELECT count(*) FROM (%2$s) AS q(u, v) WHERE q.v::text = x.value) AS of
		FROM (SELECT q.u, q.v::text AS value FROM (%2$s) AS q(u, v) WHERE q.v::text <> '') x JOIN (SELECT q.u, q.v::text AS value FROM (%3$s) AS q(u, v) WHERE q.v::text <> '') y ON x.u = y.u GROUP BY 1, 2)
		SELECT value_a, value_b, CASE WHEN users >= %1$s THEN users END, CASE WHEN users >= %1$s THEN round(users / of::numeric, 9) END FROM p ORDER BY 1, 2$$,
		k, (SELECT oracle FROM tag WHERE name = a), (SELECT oracle FROM tag WHERE name = b)), format('tag_cross of %s and %s, at least %s: the share is of those with value_a', a, b, k))
FROM (VALUES ('stage', 'worth'), ('worth', 'usual channel'), ('rfm scores', 'decade')) AS t(a, b), unnest('{0,3,100000}'::int[]) AS k;
SELECT throws_ok(format('SELECT * FROM %s', call), state, message, call) FROM (VALUES ('tag_summary(''stage'', min_users => -1)', '22023', 'min_users is -1'), ('tag_summary(''stage'', NULL, NULL)', '22004', 'min_users must not be NULL'),
	('tag_cross(''stage'', ''worth'', min_users => -2147483648)', '22023', 'min_users is -2147483648')) AS v(call, state, message);
SELECT is((SELECT sum(users) FROM tag_cross('stage', 'worth')), (SELECT sum(users) FROM tag_summary('worth')), 'tag_cross counts everybody');
SELECT is((SELECT users FROM tag_cross('stage', 'worth') WHERE value_a = 'lost' AND value_b = 'other'), cardinality(tag_users('stage', 'lost') & tag_users('worth', 'other')), 'and each pair');
SELECT is((SELECT users FROM refresh_segment('lost') WHERE create_segment('lost', '{"source": "app", "rule": {"and": [{"tag": "stage", "value": "lost"}, {"did": "login"}]}}') IS NOT NULL), NULL, 'nothing') WHERE false;
SELECT lives_ok($$SELECT create_segment('lost', '{"source": "app", "rule": {"and": [{"tag": "stage", "value": "lost"}, {"not": {"tag": "worth", "value": "other"}}]}}')$$, 'a segment of tags');
SELECT is((SELECT users FROM refresh_segment('lost', day(90))), cardinality(tag_users('stage', 'lost') - tag_users('worth', 'other')), 'and its users');
SELECT throws_like($$SELECT drop_tag('stage')$$, '"stage" is used by "lost"', 'a tag in use is not dropped');
SELECT throws_like($$SELECT segment('stage')$$, '"stage" is a tag, not a segment', 'a tag is no segment');
SELECT throws_like($$SELECT create_tag('x', 'SELECT 1', 'sql')$$, 'the definition of tag "x" returns 1 columns', 'one column');
SELECT throws_like($$SELECT create_tag('x', 'SELECT 1, 2', 'rule')$$, 'a tag by method "rule" is not defined by SQL', 'a method that goes with JSON');
SELECT throws_like($$SELECT create_tag('x', '{}', 'colour')$$, 'there is no method "colour" for tags', 'no method');
SELECT throws_like($$SELECT create_tag('x', '{"source": "app", "values": [{"value": "a"}, {"value": "b", "when": {"did": "buy"}}], "base": "source"}', 'rule')$$, 'a value stands after one without a condition%', 'a value never reached');
SELECT throws_like($$SELECT create_tag('x', '{"source": "app", "active": "30 days", "dormant": "30 days"}', 'lifecycle')$$, 'dormant is "30 days", active "30 days"', 'stages of no length');
SELECT throws_like($$SELECT create_tag('x', '{"source": "app", "attribute": "colour", "take": "last"}', 'attribute')$$, 'there is no attribute "colour"', 'no attribute');
SELECT throws_like($$SELECT create_tag('x', '{"source": "app", "cuts": {"recency": ["3 days", "2 days"], "frequency": [1], "monetary": [1]}}', 'rfm')$$, '"cuts" has recency as %', 'eight groups have one cut each');

-- ---- profiles ---------------------------------------------------------------------------

SELECT results_eq($$SELECT kind, name, value, source FROM profile(7, day(95), events => 2)$$,
	$$SELECT 'segment'::text, 'lost'::text, contains(segment('lost'), 7)::text, NULL::text
	UNION ALL (SELECT 'tag', name, (SELECT value FROM version_members m WHERE m.id = id_of(tag.name) AND contains(members, 7)), NULL FROM tag ORDER BY name)
	UNION ALL (SELECT 'event', event, amount::float8::text, 'app' FROM log WHERE user_id = 7 AND at < day(95) ORDER BY at DESC LIMIT 2)
	UNION ALL (SELECT 'event', event, NULL, 'json' FROM log WHERE user_id = 7 AND at < day(95) ORDER BY at DESC LIMIT 2)$$, 'profile: segments, tags, and the newest events of each source');
SELECT is((SELECT count(*)::int FROM profile(7, day(89))), (SELECT 2 * least(20, count(*))::int FROM log WHERE user_id = 7 AND at < day(89)), 'before the first version: only events');
SELECT throws_like('SELECT profile(NULL)', 'user_id must not be NULL', 'profile of nobody');

SELECT * FROM finish();
ROLLBACK;
