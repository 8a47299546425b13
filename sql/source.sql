-- source: tables as streams of events.
SET search_path = public, journey;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

CREATE TABLE visits (customer int, at timestamptz, page text, channel text);
CREATE TABLE payments (customer_no bigint, paid_on date, amount numeric(10, 2));
INSERT INTO visits VALUES (1, '2026-01-01 09:00', 'home', 'app'), (2, '2026-01-01 10:00', 'funds', 'web');
INSERT INTO payments VALUES (1, '2026-01-02', 12.50);

SELECT add_source('visits', 'visits', user_id => 'customer', event => 'page', attrs => '{"channel": "channel"}');
SELECT add_source('payments', 'payments', user_id => 'customer_no', at => 'paid_on', event => '''payment''',
    attrs => '{"large": "amount > 1000"}', value => 'amount');
SELECT * FROM events_of('visits', 'payments') ORDER BY at;
SELECT create_event_view('public.everything', 'visits', 'payments');
SELECT user_id, event FROM everything ORDER BY at;
SELECT name, relation, attributes FROM sources ORDER BY name;

-- what cannot be a source
SELECT add_source('x', 'visits', user_id => 'nobody');
SELECT add_source('x', 'visits', user_id => 'page', event => 'page');
SELECT add_source('x', 'visits', user_id => 'customer', event => 'page', attrs => '{"channel": 5}');
SELECT add_source('visits', 'visits', user_id => 'customer', event => 'page');
SELECT events_of('nothing');
SELECT drop_source('nothing');

-- queries run as somebody
SELECT * FROM journey_internal.run_as(current_user::regrole, 'SELECT journey.as_of(), 1', '2026-01-01') AS r(at timestamptz, n int);
SELECT * FROM journey_internal.run_as(current_user::regrole, 'SELECT 1', NULL) AS r(n bigint);
SELECT * FROM journey_internal.run_as(current_user::regrole, 'SELECT 1, 2', NULL) AS r(n int);
SELECT * FROM journey_internal.run_as(current_user::regrole, 'INSERT INTO public.visits DEFAULT VALUES RETURNING 1', NULL) AS r(n int);
SELECT query LIKE '%FROM public.visits%' AS qualified, columns, types::regtype[] FROM journey_internal.analyze_query('SELECT customer AS c, now() FROM visits', 'it');

DROP VIEW everything;
SELECT drop_source('visits'), drop_source('payments');
DROP TABLE visits, payments;
