-- segment: rules against a brute-force answer for each condition, versions, and what is refused.
\ir ../setup.psql
SET LOCAL jit = off;

-- A log with many equal times, and NULLs in attributes.
CREATE TABLE log AS
SELECT rnd(i, 1, 60) AS customer, moment(rnd(i, 2, 100) * 86400 + rnd(i, 3, 4) * 3600) AS at,
	(ARRAY['login', 'view', 'buy', 'pay', 'o''clock'])[1 + least(rnd(i, 4, 8), 4)] AS event,
	(ARRAY['app', 'web', NULL, 'branch'])[1 + rnd(i, 5, 4)] AS channel,
	CASE WHEN rnd(i, 6, 10) > 0 THEN rnd(i, 7, 1000) / 10.0 END AS amount
FROM generate_series(1, 3000) i;
INSERT INTO log SELECT 1000 + i, moment(i * 86400), 'view', 'app', i FROM generate_series(1, 20) i;
CREATE TABLE customers AS
SELECT i AS id, (ARRAY['Bern', 'Basel', NULL])[1 + i % 3] AS city, i AS age FROM generate_series(0, 80) i;
CREATE TABLE log_json AS SELECT customer, at, event, jsonb_strip_nulls(jsonb_build_object('channel', channel, 'amount', amount)) AS payload FROM log;
GRANT USAGE ON SCHEMA journey_test TO PUBLIC;

SELECT plan(229);

-- ---- sources ----------------------------------------------------------------------------

SELECT lives_ok($$SELECT add_source('app', 'log', 'customer', attrs => '{"channel": "channel", "amount": "amount"}', value => 'amount')$$, 'a source');
SELECT lives_ok($$SELECT add_source('json', 'log_json', 'customer', attrs => '"payload"')$$, 'a source with a jsonb of attributes');
CREATE VIEW odd AS SELECT customer::smallint, at::timestamp, event::varchar(20), amount FROM log WHERE customer % 2 = 1;
CREATE VIEW even AS SELECT customer, at, event, channel, amount FROM log WHERE customer % 2 = 0;
SELECT lives_ok($$SELECT add_source('odd', 'odd', 'customer', attrs => '{"amount": "amount"}')$$, 'other types');
SELECT lives_ok($$SELECT add_source('even', 'even', 'customer * 1', event => 'lower(event)', attrs => '{"channel": "channel", "amount": "amount"}')$$, 'expressions');
SELECT results_eq($$SELECT user_id, at, event, value FROM events_of('app') ORDER BY 1, 2, 3, 4$$,
	$$SELECT customer::bigint, at, event, amount::float8 FROM log ORDER BY 1, 2, 3, 4$$, 'events_of: the rows of a source');
SELECT results_eq($$SELECT user_id, at, event FROM events_of('odd', 'even') ORDER BY 1, 2, 3$$,
	$$SELECT customer::bigint, at, event FROM log ORDER BY 1, 2, 3$$, 'events_of: two sources as one');
SELECT lives_ok($$SELECT create_event_view('journey_test.stream', 'odd', 'even')$$, 'a view over two sources');
SELECT results_eq($$SELECT source, count(*) FROM stream GROUP BY 1 ORDER BY 1$$,
	$$SELECT CASE customer % 2 WHEN 1 THEN 'odd' ELSE 'even' END, count(*) FROM log GROUP BY 1 ORDER BY 1$$, 'and its rows');
SELECT is((SELECT reloptions FROM pg_class WHERE relname = 'stream'), '{security_invoker=true}', 'the view is read with its reader''s rights');
SELECT throws_ok($$SELECT add_source('x', 'log', 'nobody')$$, '42703', NULL, 'a column that is not there');
SELECT throws_like($$SELECT add_source('x', 'log', 'event')$$, 'source "x": user_id is of type text', 'a user that is no integer');
SELECT throws_like($$SELECT add_source('x', 'log', 'customer', 'amount')$$, 'source "x": at is of type numeric', 'a time that is none');
SELECT throws_like($$SELECT add_source('x', 'log', 'customer', event => 'amount')$$, 'source "x": event is of type numeric', 'an event that is no text');
SELECT throws_like($$SELECT add_source('x', 'log', 'customer', value => 'event')$$, 'source "x": value is of type text', 'a value that is no number');
SELECT throws_like($$SELECT add_source('x', 'log', 'customer', attrs => '"event"')$$, 'source "x": attrs is of type text', 'attributes that are no jsonb');
SELECT throws_like($$SELECT add_source('x', 'log', 'customer', attrs => '[1]')$$, 'attrs is [1], neither an object nor a string', 'attributes of a wrong shape');
SELECT throws_like($$SELECT add_source('app', 'log', 'customer')$$, 'a source named "app" exists already', 'a name that is taken');
SELECT throws_ok($$SELECT add_source('x', 'log', 'customer) FROM log; DROP TABLE log; SELECT (1')$$, NULL, NULL, 'only one SELECT');
SELECT throws_like($$SELECT add_source('', 'log', 'customer')$$, '% is no name for a source', 'no name');

-- ---- rules against brute force ----------------------------------------------------------

-- as_of is day 80: what comes later must not count.
CREATE FUNCTION day(n float8) RETURNS timestamptz LANGUAGE sql IMMUTABLE RETURN moment(n * 86400);
CREATE TABLE rule (n int GENERATED ALWAYS AS IDENTITY, condition jsonb, oracle text, source text DEFAULT 'app');
CREATE VIEW past AS SELECT * FROM log WHERE at < day(80);
INSERT INTO rule (condition, oracle) VALUES
('{"did": "buy"}', $$SELECT customer FROM past WHERE event = 'buy'$$),
('{"did": "o''clock"}', $$SELECT customer FROM past WHERE event = 'o''clock'$$),
('{"did": "nothing of the kind"}', $$SELECT 1 WHERE false$$),
('{"did": ["buy", "pay"], "within": "3 days"}', $$SELECT customer FROM past WHERE event IN ('buy', 'pay') AND at >= day(77)$$),
('{"did": "buy", "within": "72 hours"}', $$SELECT customer FROM past WHERE event = 'buy' AND at >= day(77)$$),
('{"did": "buy", "within": ["20 days", "17 days"]}', $$SELECT customer FROM past WHERE event = 'buy' AND at >= day(60) AND at < day(63)$$),
('{"did": "buy", "from": "2024-01-05 00:00+00", "to": "2024-01-08 00:00+00"}', $$SELECT customer FROM past WHERE event = 'buy' AND at >= day(4) AND at < day(7)$$),
('{"did": "buy", "from": "2024-03-18 00:00+00"}', $$SELECT customer FROM past WHERE event = 'buy' AND at >= day(77)$$),
('{"did": "buy", "to": "2024-01-03 08:00+08"}', $$SELECT customer FROM past WHERE event = 'buy' AND at < day(2)$$),
('{"did": "buy", "count": {">=": 6}}', $$SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING count(*) >= 6$$),
('{"did": "buy", "count": {">": 6, "<": 9}}', $$SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING count(*) IN (7, 8)$$),
('{"did": "buy", "count": 5}', $$SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING count(*) = 5$$),
('{"did": "buy", "count": {"<=": 4}}', $$SELECT customer FROM past GROUP BY 1 HAVING count(*) FILTER (WHERE event = 'buy') <= 4$$),
('{"did": "buy", "count": {"=": 0}, "within": "20 days"}', $$SELECT customer FROM past GROUP BY 1 HAVING count(*) FILTER (WHERE event = 'buy' AND at >= day(60)) = 0$$),
('{"did_not": "buy"}', $$SELECT customer FROM past GROUP BY 1 HAVING NOT bool_or(event = 'buy')$$),
('{"did": "*", "count": {">=": 45}}', $$SELECT customer FROM past GROUP BY 1 HAVING count(*) >= 45$$),
('{"did": "buy", "where": {"channel": "app"}, "within": "20 days"}', $$SELECT customer FROM past WHERE event = 'buy' AND channel = 'app' AND at >= day(60)$$),
('{"did": "*", "where": {"channel": ["app", "web"], "amount": {">=": 95, "<": 97.5}}}', $$SELECT customer FROM past WHERE channel IN ('app', 'web') AND amount >= 95 AND amount < 97.5$$),
('{"did": "*", "where": {"or": [{"channel": {"like": "b%"}}, {"amount": {"exists": false}}]}, "within": "10 days"}', $$SELECT customer FROM past WHERE (channel LIKE 'b%' OR amount IS NULL) AND at >= day(70)$$),
('{"did": "*", "where": {"and": [{"not": {"channel": "app"}}, {"amount": {"<=": 3}}]}}', $$SELECT customer FROM past WHERE (channel = 'app') IS NOT TRUE AND amount <= 3$$),
('{"did": "pay", "where": {"value": {"=": 50}}}', $$SELECT customer FROM past WHERE event = 'pay' AND amount = 50$$),
('{"did": "*", "where": {"channel": null}, "count": {">=": 14}}', $$SELECT customer FROM past WHERE channel IS NULL GROUP BY 1 HAVING count(*) >= 14$$),
('{"did": "*", "where": {"channel": {"!=": "app"}}, "within": "2 days"}', $$SELECT customer FROM past WHERE channel <> 'app' AND at >= day(78)$$),
('{"did": "buy", "sum": "amount", "is": {">=": 300}}', $$SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING sum(amount) >= 300$$),
('{"did": "buy", "sum": "amount", "is": {"<": 60}, "within": "40 days"}', $$SELECT customer FROM past WHERE event = 'buy' AND at >= day(40) GROUP BY 1 HAVING sum(amount) < 60$$),
('{"did": "*", "avg": "value", "is": {"<=": 48}, "where": {"channel": "app"}}', $$SELECT customer FROM past WHERE channel = 'app' GROUP BY 1 HAVING avg(amount) <= 48$$),
('{"did": "*", "max": "amount", "is": {">": 99}}', $$SELECT customer FROM past GROUP BY 1 HAVING max(amount) > 99$$),
('{"did": "pay", "min": "amount", "is": {"!=": 0.5}}', $$SELECT customer FROM past WHERE event = 'pay' GROUP BY 1 HAVING min(amount) <> 0.5$$),
('{"did": "buy", "distinct": "channel", "is": {"=": 3}}', $$SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING count(DISTINCT channel) = 3$$),
('{"did": "buy", "distinct": "amount", "is": {"<=": 4}}', $$SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING count(DISTINCT amount) BETWEEN 1 AND 4$$),
('{"first": "buy", "within": "70 days"}', $$SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING min(at) >= day(10)$$),
('{"last": "buy", "within": ["70 days", "10 days"]}', $$SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING max(at) >= day(10) AND max(at) < day(70)$$),
('{"first": "*", "where": {"channel": "web"}, "from": "2024-01-04 00:00+00", "to": "2024-01-20 00:00+00"}', $$SELECT customer FROM past WHERE channel = 'web' GROUP BY 1 HAVING min(at) >= day(3) AND min(at) < day(19)$$),
('{"sequence": ["view", "buy"], "in": "6 hours"}', $$SELECT a.customer FROM past a JOIN past b USING (customer) WHERE a.event = 'view' AND b.event = 'buy' AND b.at BETWEEN a.at AND a.at + interval '6 h'$$),
('{"sequence": ["view", "buy"], "in": "6 days", "options": "Consecutive"}', $$SELECT a.customer FROM past a JOIN past b USING (customer) WHERE a.event = 'view' AND b.event = 'buy' AND b.at BETWEEN a.at AND a.at + interval '6 days' AND NOT EXISTS (SELECT FROM past x WHERE x.customer = a.customer AND x.at > a.at AND x.at < b.at)$$),
('{"sequence": ["view", {"did": "buy", "where": {"channel": "app"}}, ["pay", "login"]], "in": "3 days", "within": "60 days"}', $$SELECT a.customer FROM past a JOIN past b USING (customer) JOIN past c USING (customer) WHERE a.at >= day(20) AND a.event = 'view' AND b.event = 'buy' AND b.channel = 'app' AND c.event IN ('pay', 'login') AND b.at >= a.at AND c.at BETWEEN b.at AND a.at + interval '3 days'$$),
('{"sequence": ["buy", "pay"], "within": "3 days"}', $$SELECT a.customer FROM past a JOIN past b USING (customer) WHERE a.at >= day(77) AND a.event = 'buy' AND b.event = 'pay' AND b.at >= a.at$$),
('{"not": {"sequence": ["view", "buy"], "in": "1 hour"}}', $$SELECT customer FROM past EXCEPT SELECT a.customer FROM past a JOIN past b USING (customer) WHERE a.event = 'view' AND b.event = 'buy' AND b.at BETWEEN a.at AND a.at + interval '1 h'$$),
('{"sequence": ["view", "buy"], "pattern": "(?1)(?t<=6h)(?2)"}', $$SELECT a.customer FROM past a JOIN past b USING (customer) WHERE a.event = 'view' AND b.event = 'buy' AND b.at BETWEEN a.at AND a.at + interval '6 h'$$),
('{"sequence": ["view", "buy", "login"], "pattern": "(?1)(?!3)*(?2)(?w<=1d)"}', $$SELECT a.customer FROM past a JOIN past b USING (customer) WHERE a.event = 'view' AND b.event = 'buy' AND b.at BETWEEN a.at AND a.at + interval '24 h'
	AND NOT EXISTS (SELECT FROM past l WHERE l.customer = a.customer AND l.event = 'login' AND l.at >= a.at AND l.at < b.at)$$),
('{"sequence": ["view", {"did": "buy", "where": {"channel": "app"}}, {"did": ["buy", "pay"], "where": {"channel": "web", "amount": {">": 20}}}, "login"], "pattern": "(?1)(?t<=1d)((?2)|(?3))(?t<=1d)(?4)", "within": "60 days"}',
	$$SELECT a.customer FROM past a JOIN past b USING (customer) JOIN past c USING (customer) WHERE a.at >= day(20) AND a.event = 'view' AND (b.event = 'buy' AND b.channel = 'app' OR b.event IN ('buy', 'pay') AND b.channel = 'web' AND b.amount > 20)
	AND c.event = 'login' AND b.at BETWEEN a.at AND a.at + interval '24 h' AND c.at BETWEEN b.at AND b.at + interval '24 h'$$),
('{"sequence": ["login", "*"], "pattern": "^(?1)", "within": "70 days"}', $$SELECT customer FROM (SELECT *, min(at) OVER (PARTITION BY customer) AS first FROM past WHERE at >= day(10)) p WHERE at = first AND event = 'login'$$),
('{"sequence": ["buy", "*"], "pattern": "(?1)$"}', $$SELECT customer FROM (SELECT *, max(at) OVER (PARTITION BY customer) AS last FROM past) p WHERE at = last GROUP BY 1 HAVING bool_and(event = 'buy')$$),
('{"sequence": ["buy", "*"], "pattern": "(?1){3}", "from": "2024-01-04 00:00+00"}', $$SELECT customer FROM (SELECT customer, event = 'buy' AND lag(event) OVER w = 'buy' AND lag(event, 2) OVER w = 'buy' AS three FROM past WHERE at >= day(3) WINDOW w AS (PARTITION BY customer ORDER BY at, event = 'buy' DESC)) p WHERE three$$),
('{"not": {"sequence": ["view", "buy", "pay"], "pattern": "(?1)(?2)(?3)"}}', $$SELECT customer FROM past EXCEPT SELECT customer FROM (SELECT customer, event = 'pay' AND lag(event) OVER w = 'buy' AND lag(event, 2) OVER w = 'view' AS three FROM past WHERE event IN ('view', 'buy', 'pay')
	WINDOW w AS (PARTITION BY customer ORDER BY at, array_position('{view,buy,pay}', event))) p WHERE three$$),
('{"and": [{"sequence": ["login"], "pattern": "(?1)(?t>2d)(?1)(?t>2d)(?1)(?w<=8d)"}, {"did": "buy", "count": {">=": 8}}]}', $$SELECT a.customer FROM past a JOIN past b USING (customer) JOIN past c USING (customer) WHERE a.event = 'login' AND b.event = 'login' AND c.event = 'login'
	AND b.at > a.at + interval '48 h' AND c.at > b.at + interval '48 h' AND c.at <= a.at + interval '192 h' INTERSECT SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING count(*) >= 8$$),
('{"user": {"city": "Bern", "age": {"<": 40}}, "of": "journey_test.customers", "id": "id"}', $$SELECT id FROM customers WHERE city = 'Bern' AND age < 40 AND id IN (SELECT customer FROM past)$$),
('{"and": [{"user": {"city": null}, "of": "journey_test.customers", "id": "id"}, {"did_not": "buy", "within": "30 days"}]}', $$SELECT id FROM customers WHERE city IS NULL AND id IN (SELECT customer FROM past) AND id NOT IN (SELECT customer FROM past WHERE event = 'buy' AND at >= day(50))$$),
('{"and": [{"did": "buy"}, {"not": {"did": "login", "within": "6 days"}}]}', $$SELECT customer FROM past GROUP BY 1 HAVING bool_or(event = 'buy') AND NOT bool_or(event = 'login' AND at >= day(74))$$),
('{"and": [{"not": {"did": "buy", "within": "9 days"}}, {"not": {"did": "login", "within": "6 days"}}]}', $$SELECT customer FROM past GROUP BY 1 HAVING NOT bool_or(event = 'buy' AND at >= day(71)) AND NOT bool_or(event = 'login' AND at >= day(74))$$),
('{"or": [{"not": {"did": "buy", "within": "9 days"}}, {"did": "login", "within": "6 days"}]}', $$SELECT customer FROM past GROUP BY 1 HAVING NOT bool_or(event = 'buy' AND at >= day(71)) OR bool_or(event = 'login' AND at >= day(74))$$),
('{"or": [{"not": {"did": "buy", "within": "9 days"}}, {"not": {"did": "login", "within": "6 days"}}]}', $$SELECT customer FROM past GROUP BY 1 HAVING NOT bool_or(event = 'buy' AND at >= day(71)) OR NOT bool_or(event = 'login' AND at >= day(74))$$),
('{"or": [{"did": "buy", "within": "3 days"}, {"and": [{"did": "pay", "within": "4 days"}, {"or": [{"did_not": "view", "within": "5 days"}, {"not": {"not": {"did": "view", "count": {">=": 30}}}}]}]}]}', $$SELECT customer FROM past GROUP BY 1 HAVING bool_or(event = 'buy' AND at >= day(77)) OR (bool_or(event = 'pay' AND at >= day(76)) AND (NOT bool_or(event = 'view' AND at >= day(75)) OR count(*) FILTER (WHERE event = 'view') >= 30))$$);
INSERT INTO rule (condition, oracle, source) VALUES
('{"did": "buy", "where": {"channel": "app"}, "within": "20 days"}', $$SELECT customer FROM past WHERE event = 'buy' AND channel = 'app' AND at >= day(60)$$, 'json'),
('{"did": "*", "where": {"channel": ["app", "web"], "amount": {">=": 95, "<": 97.5}}}', $$SELECT customer FROM past WHERE channel IN ('app', 'web') AND amount >= 95 AND amount < 97.5$$, 'json'),
('{"did": "buy", "sum": "amount", "is": {">=": 300}}', $$SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING sum(amount) >= 300$$, 'json'),
('{"did": "buy", "distinct": "channel", "is": {"=": 3}}', $$SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING count(DISTINCT channel) = 3$$, 'json'),
('{"did": "*", "where": {"amount": {"exists": false}}, "within": "10 days"}', $$SELECT customer FROM past WHERE amount IS NULL AND at >= day(70)$$, 'json'),
('{"sequence": [{"did": "view", "where": {"channel": "app"}}, {"did": "buy", "where": {"amount": {">=": 50}}}], "pattern": "(?1).*(?2)", "within": "9 days"}', $$SELECT a.customer FROM past a JOIN past b USING (customer) WHERE a.event = 'view' AND a.channel = 'app' AND b.event = 'buy' AND b.amount >= 50 AND a.at >= day(71) AND b.at >= a.at$$, 'json'),
('{"did": "buy", "where": {"channel": "app"}, "within": "20 days"}', $$SELECT customer FROM past WHERE event = 'buy' AND channel = 'app' AND at >= day(60) AND customer % 2 = 0$$, '["even", "odd"]'),
('{"did": "buy", "sum": "amount", "is": {">=": 300}}', $$SELECT customer FROM past WHERE event = 'buy' GROUP BY 1 HAVING sum(amount) >= 300$$, '["odd", "even"]');
INSERT INTO rule (condition, oracle) VALUES
('{"sequence": ["view", "buy", "pay"], "in": "6 days", "options": "exclude 3"}', $$SELECT a.customer FROM past a JOIN past b USING (customer) WHERE a.event = 'view' AND b.event = 'buy' AND b.at BETWEEN a.at AND a.at + interval '6 days' AND NOT EXISTS (SELECT FROM past x WHERE x.customer = a.customer AND x.event = 'pay' AND x.at > a.at AND x.at < b.at)$$),
('{"sequence": ["view", "login", "buy"], "in": "6 days", "options": "optional 2"}', $$SELECT a.customer FROM past a JOIN past b USING (customer) WHERE a.event = 'view' AND b.event = 'buy' AND b.at BETWEEN a.at AND a.at + interval '6 days'$$);

CREATE FUNCTION rule_of(r rule) RETURNS jsonb LANGUAGE sql
	RETURN jsonb_build_object('source', CASE WHEN (r).source ~ '^\[' THEN (r).source::jsonb ELSE to_jsonb((r).source) END, 'base', 'source', 'rule', (r).condition);
SELECT count(create_segment('rule ' || n, rule_of(r))) AS created FROM rule r \gset
SELECT is(:created, (SELECT count(*)::int FROM rule), 'the rules are created');
SELECT is((SELECT count(*)::int FROM refresh_segments(ARRAY(SELECT 'rule ' || n FROM rule), day(80)) WHERE error IS NULL), (SELECT count(*)::int FROM rule), 'and refreshed together');
CREATE FUNCTION oracle(query text) RETURNS userset LANGUAGE plpgsql AS $$
DECLARE result userset;
BEGIN
	EXECUTE format('SELECT coalesce(userset_agg(q.u::bigint), ''{}'') FROM (%s) AS q(u)', query) INTO result;
	RETURN result;
END $$;
SELECT is(segment('rule ' || n, day(80))::text, oracle(r.oracle)::text, r.condition::text) FROM rule r ORDER BY n;
SELECT cmp_ok(count(DISTINCT segment('rule ' || n)::text), '>', 38::bigint, 'hardly two give the same') FROM rule;
SELECT cmp_ok(count(*), '>', 40::bigint, 'hardly one gives nobody or everybody') FROM rule WHERE cardinality(segment('rule ' || n)) BETWEEN 1 AND 58;

-- alone, they give the same as together
CREATE TABLE together AS SELECT n, segment('rule ' || n) AS members FROM rule;
SELECT is((SELECT count(*)::int FROM rule, refresh_segment('rule ' || n, day(80)) WHERE error IS NULL), (SELECT count(*)::int FROM rule), 'refreshed one by one');
SELECT is((SELECT count(*)::int FROM rule JOIN together USING (n) WHERE members = segment('rule ' || n)), (SELECT count(*)::int FROM rule), 'they give the same');
SELECT is((regexp_matches(explain_segment('rule 54'), 'FROM journey_test\.\w+', 'g'))[1], 'FROM journey_test.log_json', 'a rule reads its source') ;
SELECT is((SELECT count(*)::int FROM regexp_matches(explain_segment('rule ' || n), 'journey_test\.log\M', 'g')), 1, 'and only once: ' || condition::text)
FROM rule WHERE n IN (1, 10, 24, 34, 36, 44, 52);
SELECT create_segment('rule of a pattern', '{"source": "app", "rule": {"sequence": ["view", "buy"], "in": "1 day"}}');
SELECT unalike(explain_segment('rule of a pattern'), '%ANY (NULL%', 'a rule that only has a pattern reads no events of no name');
SELECT drop_segment('rule of a pattern');
SELECT is((SELECT count(*)::int FROM regexp_matches(journey_internal.refresh_query(ARRAY(SELECT id_of('rule ' || n) FROM rule WHERE source = 'app'), day(80)), 'journey_test\.log\M', 'g')), 1, 'all of them together, too');

-- parallel and not, spilling and not
SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL work_mem = '64kB';
SELECT is((SELECT count(*)::int FROM refresh_segments(ARRAY(SELECT 'rule ' || n FROM rule), day(80)) WHERE error IS NULL), (SELECT count(*)::int FROM rule), 'refreshed in parallel');
SELECT is((SELECT count(*)::int FROM rule JOIN together USING (n) WHERE members = segment('rule ' || n)), (SELECT count(*)::int FROM rule), 'they give the same');
SELECT is((SELECT count(*)::int FROM rule, refresh_segment('rule ' || n, day(80)) WHERE error IS NULL), (SELECT count(*)::int FROM rule), 'one by one in parallel');
SELECT is((SELECT count(*)::int FROM rule JOIN together USING (n) WHERE members = segment('rule ' || n)), (SELECT count(*)::int FROM rule), 'the same again');
RESET max_parallel_workers_per_gather; RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET work_mem;

-- amounts of money: what float8 cannot tell apart is equal
CREATE TABLE money AS SELECT u, i, CASE u WHEN 1 THEN 0.1 WHEN 2 THEN 0.01 WHEN 3 THEN CASE i % 3 WHEN 0 THEN 0.1 WHEN 1 THEN 0.2 ELSE -0.3 END
	WHEN 4 THEN CASE WHEN i = 0 THEN 1e9 WHEN i = 29 THEN -1e9 ELSE 0.07 END ELSE 0.1 + (i = 29)::int * 0.000001 END::numeric AS amount FROM generate_series(1, 5) u, generate_series(0, 29) i;
SELECT is_empty($$SELECT what, op, bound, got, want FROM unnest('{sum,avg,min,max}'::text[]) what, unnest('{<,<=,=,!=,>=,>}'::text[]) op, unnest('{0,0.1,0.01,3,0.3,1.96,3.000001,0.065333}'::numeric[]) bound,
	LATERAL (SELECT journey_internal.step_totals(u, now(), steps(true), amount::float8, format('1 [-infinity, infinity) %s %s %s;', what, op, bound)) AS got, journey_internal.users_by_total(u, amount::float8, what, op, bound::text) AS also FROM money) g,
	LATERAL (SELECT coalesce(userset_agg(u) FILTER (WHERE CASE op WHEN '<' THEN t < bound WHEN '<=' THEN t <= bound WHEN '=' THEN t = bound WHEN '!=' THEN t <> bound WHEN '>=' THEN t >= bound ELSE t > bound END), '{}') AS want
		FROM (SELECT u, CASE what WHEN 'sum' THEN sum(amount) WHEN 'avg' THEN avg(amount) WHEN 'min' THEN min(amount) ELSE max(amount) END AS t FROM money GROUP BY u) m) w
	WHERE got[1]::text <> want::text OR also::text <> want::text$$, 'totals of decimal numbers are as in numeric');
SELECT is(journey_internal.step_totals(u, now(), steps(true), v, '1 [-infinity, infinity) sum > 5; 1 [-infinity, infinity) max >= Infinity; 1 [-infinity, infinity) min < 0;')::text, '{"{1,3}","{1,3}","{2,4}"}', 'infinities and NaN')
FROM (VALUES (1, 'Infinity'::float8), (1, 1), (2, '-Infinity'), (2, 5), (3, 'NaN'), (3, 5), (4, -1)) v(u, v);
SELECT throws_like(format('SELECT journey_internal.step_totals(u, now(), steps(true), amount::float8, %L) FROM money', questions), message, 'questions: ' || questions) FROM (VALUES
	('1 [-infinity, infinity) sum >= 1', 'questions has no question at "1"'), ('1 [-infinity, infinity) median >= 1;', 'total "median" does not exist'), ('1 [-infinity, infinity) sum ~ 1;', 'operator "~" does not exist'),
	('1 [-infinity, infinity) distinct >= 1;', 'distinct is a total of texts, not of numbers'), ('1 [-infinity, infinity) sum >= x;', 'invalid input syntax for type double precision: "x"'), ('2 [-infinity, infinity) sum >= 1;', 'a question is about step 2, but step has 1 conditions')) AS q(questions, message);

SELECT is(journey_internal.steps_at('01010', i > 1, nullif(i > 2, false))::text || journey_internal.first_step(journey_internal.steps_at('01010', i > 1, nullif(i > 2, false))), (ARRAY['000000', '010002', '010102'])[i], 'steps_at: ' || i) FROM generate_series(1, 3) i;
SELECT throws_like($$SELECT journey_internal.steps_at('0101', true)$$, 'steps_at has 2 places, but 1 conditions', 'a condition for each place');
SELECT throws_like($$SELECT journey_internal.steps_at('1', 'a'::text)$$, 'condition 1 of steps_at is not of type boolean', 'of booleans');

-- more conditions than fit into one stepset, of each sort
SELECT count(create_segment('many ' || i, jsonb_build_object('source', 'app', 'rule', jsonb_build_object('or', jsonb_build_array(
	jsonb_build_object('did', 'buy', 'where', jsonb_build_object('amount', jsonb_build_object('>', i))), jsonb_build_object('did', 'event ' || i),
	jsonb_build_object('did', 'pay', 'where', jsonb_build_object('amount', jsonb_build_object('>', i)), 'sum', 'value', 'is', jsonb_build_object('>=', 4 * i)),
	jsonb_build_object('sequence', jsonb_build_array('view', jsonb_build_object('did', 'login', 'where', jsonb_build_object('amount', jsonb_build_object('<', i)))), 'pattern', '(?1)(?2)')))))) AS created FROM generate_series(1, 130) i \gset
SELECT is((SELECT count(*)::int FROM refresh_segments(ARRAY(SELECT 'many ' || i FROM generate_series(1, 130) i), day(80)) WHERE error IS NULL), 130, 'many are refreshed together');
SELECT is_empty($$SELECT i FROM generate_series(1, 130) i WHERE segment('many ' || i)::text <> (SELECT userset_agg(customer)::text FROM (
	SELECT customer FROM past WHERE event = 'buy' AND amount > i UNION SELECT customer FROM past WHERE event = 'pay' AND amount > i GROUP BY 1 HAVING sum(amount) >= 4 * i
	UNION SELECT customer FROM (SELECT customer, is_view, lag(is_view) OVER (PARTITION BY customer ORDER BY at, is_view DESC) AS after_view FROM (SELECT customer, at, event = 'view' AS is_view FROM past WHERE event = 'view' OR event = 'login' AND amount < i) p) q WHERE after_view AND NOT is_view) u)$$, 'and right');

-- none of the aggregates may be asked twice
SELECT throws_like(format('SELECT %s OVER () FROM log', call), '%does not support use as a window function', 'not over a window: ' || call)
FROM unnest(ARRAY[$$journey_internal.step_users(customer, at, step_of(event, '{buy}'), '1 [-infinity, infinity) 1')$$, $$journey_internal.step_users_once(customer, at, step_of(event, '{buy}'), '1 [-infinity, infinity) 1')$$,
	$$journey_internal.users_by_total(customer, amount::float8, 'sum', '>', '1')$$, $$journey_internal.users_by_total(customer, channel, 'distinct', '>', '1')$$]) call;

-- ---- rules that are refused -------------------------------------------------------------

CREATE TABLE wrong (rule jsonb, message text);
INSERT INTO wrong VALUES
('{"source": "app", "rule": {"did_not": "buy"}}', 'the rule of "wrong" holds for users who did nothing at all%'),
('{"source": "app", "base": {"did_not": "buy"}, "rule": {"did_not": "buy"}}', '"base" is a complement%'),
('{"rule": {"did": "buy"}}', 'the source of a rule is missing'),
('{"source": "nowhere", "rule": {"did": "buy"}}', 'there is no source "nowhere" that role % may use'),
('{"source": "app"}', 'a condition is missing'),
('{"source": "app", "rules": {}}', 'a rule has no "rules"%'),
('{"source": "app", "rule": {"done": "buy"}}', 'a condition is {"done": "buy"}'),
('{"source": "app", "rule": {"did": "buy", "segment": "rule 1"}}', 'a condition is %'),
('{"source": "app", "rule": {"did": "buy", "on": "x"}}', '"did" has no "on"%'),
('{"source": "app", "rule": {"did": 5}}', 'an event is 5'),
('{"source": "app", "rule": {"did": "buy", "within": "1 month"}}', 'within is "1 month": months differ in length'),
('{"source": "app", "rule": {"did": "buy", "within": 30}}', 'within is 30, not a length of time'),
('{"source": "app", "rule": {"did": "buy", "within": "-3 days"}}', 'within is "-3 days", before its own beginning'),
('{"source": "app", "rule": {"did": "buy", "within": ["3 days", "4 days"]}}', 'the window of a condition is empty%'),
('{"source": "app", "rule": {"did": "buy", "from": "2026-01-01 00:00"}}', 'from is "2026-01-01 00:00", without a time zone'),
('{"source": "app", "rule": {"did": "buy", "from": "infinity"}}', 'from is "infinity", not a time'),
('{"source": "app", "rule": {"did": "buy", "within": "3 days", "from": "2026-01-01 00:00+00"}}', 'a condition has both within and from or to%'),
('{"source": "app", "rule": {"did": "buy", "count": {">=": 0}}}', '"count" is {">=": 0}: that holds for everybody'),
('{"source": "app", "rule": {"did": "buy", "count": {">=": 3, "<": 3}}}', '"count" is %: that holds for nobody'),
('{"source": "app", "rule": {"did": "buy", "count": {">=": 1.5}}}', '"count" is compared with 1.5'),
('{"source": "app", "rule": {"did": "buy", "where": {"colour": "red"}}}', 'there is no attribute "colour"'),
('{"source": "app", "rule": {"did": "buy", "where": {"channel": {"~": "red"}}}}', '"channel" is compared by "~" with "red"'),
('{"source": "app", "rule": {"did": "buy", "where": {"amount": "much"}}}', 'invalid input syntax for type numeric: "much"'),
('{"source": "app", "rule": {"did": "buy", "sum": "amount"}}', '"is" is missing, not one comparison'),
('{"source": "app", "rule": {"did": "buy", "sum": "channel", "is": {">": 1}}}', 'the sum of "channel" is asked for, which is of type text'),
('{"source": "app", "rule": {"first": "buy"}}', '"first" needs a window'),
('{"source": "app", "rule": {"sequence": ["buy"]}}', '"sequence" is ["buy"], not an array of 2 to 58 steps'),
('{"source": "app", "rule": {"sequence": ["buy", "pay"], "in": "1 day", "options": "loose"}}', 'option "loose" does not exist'),
('{"source": "app", "rule": {"sequence": ["buy", "pay"], "in": "1 day", "options": "exclude 3"}}', 'options "exclude 3" exclude condition 3, but step has 2 conditions'),
('{"source": "app", "rule": {"sequence": [], "pattern": "(?1)"}}', '"sequence" is [], not an array of 1 to 58 steps'),
('{"source": "app", "rule": {"sequence": ["buy", "pay"], "pattern": "(?1)(?t<=1w)(?2)"}}', 'invalid pattern "(?1)(?t<=1w)(?2)": expected ) after a time condition, at character 11'),
('{"source": "app", "rule": {"sequence": ["buy", "pay"], "pattern": "(?1)(?3)"}}', 'the pattern "(?1)(?3)" names more steps than the 2 there are'),
('{"source": "app", "rule": {"sequence": ["buy", "pay"], "pattern": "(?1)*"}}', 'invalid pattern "(?1)*": %'),
('{"source": "app", "rule": {"sequence": ["buy", "pay"], "pattern": ""}}', 'invalid pattern "": %'),
('{"source": "app", "rule": {"sequence": ["buy", "pay"], "pattern": 12}}', '"pattern" is 12, not a string'),
('{"source": "app", "rule": {"sequence": ["buy", "pay"], "pattern": "(?1)(?2)", "in": "1 day"}}', '"sequence" with "pattern" has no "in"%'),
('{"source": "app", "rule": {"user": {}, "of": "customers", "id": "id"}}', '"of" is customers, not a table or view'),
('{"source": "app", "rule": {"user": {}, "of": "journey_test.customers"}}', 'journey_test.customers has no integer column "user_id"'),
('{"source": "app", "rule": {"segment": "nobody"}}', '"wrong" uses "nobody", which is no segment or tag that you may read'),
('{"source": "app", "rule": {"and": []}}', '"and" is [], not an array of conditions');
CREATE FUNCTION attempt(rule jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM create_segment('wrong', rule);
	RAISE EXCEPTION 'created: %', (SELECT coalesce(error, 'and refreshed') FROM refresh_segment('wrong', day(80)));
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END $$;
SET LOCAL client_min_messages = error;
SELECT alike(attempt(rule), CASE WHEN message ~ '^mode' THEN '%' || message ELSE message END, message) FROM wrong;
SET LOCAL client_min_messages = warning;

-- ---- segments in SQL, versions ----------------------------------------------------------

SELECT lives_ok($$SELECT create_segment('buyers', 'SELECT customer FROM log WHERE event = ''buy'' AND at < as_of()', keep_versions => 3)$$, 'names are resolved by the author''s search_path');
SELECT results_eq($$SELECT users, entered, exited, error FROM refresh_segment('buyers', day(10))$$,
	$$SELECT count(DISTINCT customer), count(DISTINCT customer), 0::bigint, NULL::text FROM log WHERE event = 'buy' AND at < day(10)$$, 'its users as of a time');
SELECT is(segment('buyers')::text, oracle($$SELECT customer FROM log WHERE event = 'buy' AND at < day(10)$$)::text, 'segment() gives them');
SELECT is((SELECT entered FROM refresh_segment('buyers', day(2))), (SELECT count(DISTINCT customer) FROM log WHERE event = 'buy' AND at < day(2)), 'an older version, afterwards');
SELECT is((SELECT entered FROM segment_trend('buyers') WHERE as_of = day(10)), (SELECT count(DISTINCT customer) FROM log l WHERE event = 'buy' AND at < day(10)
	AND NOT EXISTS (SELECT FROM log o WHERE o.customer = l.customer AND o.event = 'buy' AND o.at < day(2))), 'what entered since is counted again');
SELECT is(segment('buyers', day(9))::text, oracle($$SELECT customer FROM log WHERE event = 'buy' AND at < day(2)$$)::text, 'segment() as of a time takes the version before');
SELECT throws_like($$SELECT segment('buyers', day(1))$$, '"buyers" has no version as of %', 'and none before the first');
SELECT results_eq($$SELECT change, users, cardinality(members) FROM segment_diff('buyers', day(2), day(10))$$,
	$$SELECT 'entered'::text, entered, entered FROM segment_trend('buyers') WHERE as_of = day(10) UNION ALL SELECT 'exited', 0, 0
	UNION ALL SELECT 'stayed', users, users FROM segment_trend('buyers') WHERE as_of = day(2)$$, 'segment_diff');
SELECT results_eq(format($$SELECT as_of, users, entered, exited, inputs FROM segment_trend('buyers', min_users => %s)$$, k),
	format($$SELECT as_of, CASE WHEN users >= %1$s THEN users END, CASE WHEN least(users, entered, exited) >= %1$s THEN entered END, CASE WHEN least(users, entered, exited) >= %1$s THEN exited END, inputs FROM segment_trend('buyers')$$, k), 'segment_trend without what is of fewer than ' || k)
FROM unnest('{0,1,9223372036854775807}'::bigint[]) k;
SELECT is((SELECT array_agg(ARRAY[users, entered, exited] ORDER BY as_of) FROM segment_trend('buyers', (SELECT max(users) FROM segment_trend('buyers')))), (SELECT array_agg(ARRAY[CASE WHEN users = most THEN users END, NULL, NULL] ORDER BY as_of) FROM (SELECT *, max(users) OVER () AS most FROM segment_trend('buyers')) t), 'the largest is shown');
SELECT throws_ok(format($$SELECT segment_trend('buyers', %L)$$, k), state, message) FROM (VALUES (NULL, '22004', 'min_users must not be NULL'), ('-1', '22023', 'min_users is -1')) v (k, state, message);
SELECT results_eq($$SELECT count(*) FROM refresh_segment('buyers', day(20)) a, refresh_segment('buyers', day(30)) b, refresh_segment('buyers', day(40)) c$$, 'SELECT 1::bigint', 'three more');
SELECT results_eq($$SELECT as_of FROM segment_trend('buyers')$$, $$SELECT day(n) FROM unnest('{20,30,40}'::int[]) n$$, 'keep_versions: three stay');
SELECT lives_ok($$SELECT set_keep_versions('buyers', '15 days')$$, 'keep_for');
SELECT is((SELECT count(*)::int FROM refresh_segment('buyers', day(40))), 1, 'the same again');
SELECT results_eq($$SELECT as_of FROM segment_trend('buyers')$$, $$SELECT day(n) FROM unnest('{30,40}'::int[]) n$$, 'keep_for: two stay');

SELECT lives_ok($$SELECT create_segment('both', 'SELECT segment(''buyers'') & segment(''rule 1'')')$$, 'a segment of usersets');
SELECT is((SELECT depends_on FROM segments WHERE name = 'both'), '{buyers,"rule 1"}', 'what it uses is known');
SELECT is((SELECT users FROM refresh_segment('both')), cardinality(segment('buyers') & segment('rule 1')), 'and it works');
SELECT throws_like($$SELECT alter_segment('buyers', 'SELECT segment(''both'')')$$, '"buyers" would depend on itself: buyers -> both -> buyers', 'a cycle');
SELECT throws_like($$SELECT drop_segment('buyers')$$, '"buyers" is used by "both"', 'what is used cannot be dropped');
SELECT throws_like($$SELECT create_segment('buyers', 'SELECT 1')$$, 'a segment or tag named "buyers" exists already', 'a name that is taken');
SELECT throws_like($$SELECT create_segment('x', 'SELECT 1; SELECT 2')$$, 'the definition of segment "x" is not one SELECT', 'two statements');
SELECT throws_like($$SELECT create_segment('x', 'DELETE FROM log')$$, 'the definition of segment "x" is not one SELECT', 'no SELECT');
SELECT throws_like($$SELECT create_segment('x', 'WITH d AS (DELETE FROM log RETURNING customer) SELECT customer FROM d')$$, '% changes or locks rows', 'a SELECT that deletes');
SELECT throws_like($$SELECT create_segment('x', 'SELECT customer FROM log FOR UPDATE')$$, '% changes or locks rows', 'a SELECT that locks');
SELECT throws_like($$SELECT create_segment('x', 'SELECT event FROM log')$$, 'the definition of segment "x" returns values of type text', 'no ids');
SELECT throws_like($$SELECT create_segment('x', 'SELECT 1, 2')$$, 'the definition of segment "x" returns 2 columns', 'two columns');
CREATE TEMP TABLE fleeting (user_id int);
SELECT throws_like($$SELECT create_segment('x', 'SELECT user_id FROM fleeting')$$, '% uses a temporary table or view', 'a temporary table');
SELECT throws_like($$SELECT refresh_segment('buyers', 'infinity')$$, 'as_of is infinity', 'as of infinity');
SELECT throws_like($$SELECT refresh_segment('buyers', now() + interval '1 day')$$, 'as_of is %', 'as of tomorrow');

-- ---- failures ---------------------------------------------------------------------------

SET LOCAL client_min_messages = error;
ALTER TABLE log RENAME channel TO chan;
SELECT results_eq($$SELECT users, error FROM refresh_segment('rule 1', day(81))$$, $$SELECT NULL::bigint, 'source "app": column "channel" does not exist'::text$$, 'a column was renamed: the error names the source');
SELECT is((SELECT as_of FROM segments WHERE name = 'rule 1'), day(80), 'the last good version stays');
SELECT results_eq($$SELECT status, error FROM refresh_progress WHERE name = 'rule 1'$$, $$SELECT 'failed'::text, 'source "app": column "channel" does not exist'::text$$, 'and the failure is recorded');
SELECT results_eq($$SELECT count(*) FILTER (WHERE error IS NULL), count(*) FROM refresh_segments('{"rule 1","rule 54","buyers","rule 2"}', day(82))$$, 'SELECT 2::bigint, 4::bigint', 'of four, two fail and two do not');
ALTER TABLE log RENAME chan TO channel;
SELECT is((SELECT error FROM refresh_segment('rule 1', day(81))), NULL, 'when it is back, all is well');
SET LOCAL client_min_messages = warning;

-- ---- exports ----------------------------------------------------------------------------

SELECT results_eq($$SELECT * FROM segment_export('buyers', 'campaign 7')$$, $$SELECT members(segment('buyers'))$$, 'segment_export gives the users');
SELECT results_eq($$SELECT name, as_of, users, reason, exported_by::text FROM exports$$, $$SELECT 'buyers'::text, day(82), cardinality(segment('buyers')), 'campaign 7'::text, current_user::text COLLATE "default"$$, 'and says who took how many, and why');
SELECT throws_like($$SELECT segment_export('buyers', ' ')$$, 'an export needs a reason', 'not without a reason');

-- ---- types, and definitions that could never be refreshed --------------------------------

CREATE DOMAIN branch_code AS char(6);
CREATE TABLE cards (user_id int, at timestamptz, event char(10), code char(4), branch branch_code, flags bit(4), payload jsonb);
INSERT INTO cards VALUES (1, day(1), 'buy', 'ABC', 'N1', '1010', '{"note": "x", "n": 1}'), (2, day(1), 'buy', 'A', 'N', B'1000', '{"note": null, "n": 1}'),
	(3, day(1), 'buy', NULL, NULL, NULL, '{"n": null}'), (4, day(1), 'buy', 'ABCD', 'N12345', '1000', NULL);
SELECT add_source('cards', 'cards', attrs => '{"code": "code", "branch": "branch", "flags": "flags"}');
SELECT add_source('notes', 'cards', attrs => '"payload"');
CREATE FUNCTION answer(condition jsonb, source text DEFAULT 'cards') RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
	problem text;
BEGIN
	PERFORM create_segment('answer', jsonb_build_object('source', source, 'base', 'source', 'rule', condition));
	SELECT error INTO problem FROM refresh_segment('answer', day(80));
	IF problem IS NULL THEN
		problem := segment('answer')::text;
	END IF;
	PERFORM drop_segment('answer');
	RETURN problem;
END $f$;
SELECT is(answer(c), want, c::text) FROM (VALUES
	('{"did": "buy", "where": {"code": "ABC"}}'::jsonb, '{1}'), ('{"did": "buy", "where": {"code": "A"}}', '{2}'), ('{"did": "buy", "where": {"code": ["ABCD", "A"]}}', '{2,4}'),
	('{"did": "buy", "where": {"code": {">=": "ABC"}}}', '{1,4}'), ('{"did": "buy", "where": {"branch": "N12345"}}', '{4}'), ('{"did": "buy", "where": {"flags": "1010"}}', '{1}'),
	('{"user": {"code": "ABC"}, "of": "journey_test.cards"}', '{1}'), ('{"user": {"branch": {"!=": "N1"}}, "of": "journey_test.cards"}', '{2,4}'),
	('{"user": {"flags": "1000"}, "of": "journey_test.cards"}', '{2,4}')) AS v(c, want);
SELECT is(answer(c, 'notes'), want, c::text) FROM (VALUES
	('{"did": "buy", "where": {"note": null}}'::jsonb, '{2-4}'), ('{"did": "buy", "where": {"note": {"exists": true}}}', '{1}'), ('{"did": "buy", "where": {"note": {"exists": false}}}', '{2-4}'),
	('{"did": "buy", "distinct": "n", "is": {"=": 1}}', '{1,2}')) AS v(c, want);
SELECT throws_like(format('SELECT answer(%L)', c), message, c) FROM (VALUES
	('{"did": "buy", "within": "100000000 days"}', 'within is "100000000 days", which is too long'), ('{"did": "buy", "within": "-1 days"}', 'within is "-1 days", before its own beginning'),
	('{"did": "buy", "sum": "value", "is": {">": 1e400}}', '"is" compares with a number that is out of range: %'),
	('{"segment": 5}', '"segment" is 5, not a string'), ('{"tag": {}, "value": "x"}', '"tag" is {}, not a string'),
	('{"sequence": ["a", "b"], "mode": "strictly"}', 'option "strictly" does not exist')) AS v(c, message);
SELECT throws_like($$SELECT create_segment('x', NULL::text)$$, 'definition must not be NULL', 'no definition');
ALTER TABLE cards RENAME code TO code_2;
SELECT throws_like($$SELECT create_segment('x', '{"source": "cards", "rule": {"did": "buy"}}')$$, 'source "cards": column "code" does not exist', 'a rule over what is gone: the error names the source');
SELECT throws_like($$SELECT * FROM events_of('app', 'cards')$$, 'source "cards": column "code" does not exist', 'its events');
SELECT throws_like($$SELECT create_event_view('journey_test.gone', 'app', 'cards')$$, 'source "cards": column "code" does not exist', 'a view of it');
DROP TABLE cards;
SELECT throws_like($$SELECT * FROM events_of('cards')$$, 'source "cards": relation "%cards" does not exist', 'also when the table is gone');

-- ---- size ---------------------------------------------------------------------------------

-- ten million ids spread over a hundred million; 99999989 is a prime, so all are different
SELECT create_segment('ten million', 'SELECT i * 48271 % 99999989 FROM generate_series(1, 10000000::bigint) AS i');
SELECT is((SELECT users FROM refresh_segment('ten million')), 10000000::bigint, 'a segment of ten million');
SELECT cmp_ok((SELECT pg_column_size(members) FROM version_members WHERE id = id_of('ten million')), '<', 13000000, 'takes some 12.5 MB');

SELECT * FROM finish();
ROLLBACK;
