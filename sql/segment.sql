-- segment: rules, versions, and the aggregates under them.
SET search_path = public, journey;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

CREATE TABLE log (user_id int, at timestamptz, event text, amount int);
INSERT INTO log VALUES
    (1, '2026-01-01', 'buy', 10), (1, '2026-01-02', 'buy', 20), (1, '2026-02-20', 'login', NULL),
    (2, '2026-01-05', 'buy', 99), (2, '2026-01-06', 'login', NULL),
    (3, '2026-02-19', 'login', NULL), (NULL, '2026-02-19', 'login', NULL), (4, NULL, 'login', NULL);
SELECT add_source('log', 'log', value => 'amount');

SELECT create_segment('dormant', '{"source": "log", "rule": {"and": [{"did": "buy"}, {"not": {"did": "login", "within": "30 days"}}]}}');
SELECT regexp_matches(explain_segment('dormant', '2026-03-01 00:00+00'), 'journey_internal\.step_users_once\(.*AS a1');
SELECT name, as_of, users, entered, exited, error FROM refresh_segment('dormant', '2026-01-03 00:00+00');
SELECT name, as_of, users, entered, exited, error FROM refresh_segment('dormant', '2026-03-01 00:00+00');
-- names of events that no row has, but not those of attributes
SELECT create_segment('mistyped', '{"source": "log", "rule": {"and": [{"did": ["buy", "Login"]}, {"sequence": ["log in", {"did": "buy"}], "in": "1 day"}, {"not": {"did": "*"}}]}}');
SELECT create_tag('mistyped too', '{"source": "log", "take": "sum", "event": "bye"}', 'numeric');
SELECT journey_internal.rule_event_names('{"did": "a", "where": {"did": "b", "event": ["c"]}, "and": [{"first": "d"}, {"last": ["e", "a"], "where": {"or": [{"first": "f"}]}}, {"did": "*"}]}');
SELECT drop_segment('mistyped'), drop_tag('mistyped too');
SELECT segment('dormant'), segment('dormant', '2026-02-01 00:00+00');
SELECT as_of, users, entered, exited FROM segment_trend('dormant');
SELECT * FROM segment_diff('dormant', '2026-01-03 00:00+00', '2026-03-01 00:00+00');

-- the aggregates
SELECT journey_internal.step_users(user_id, at, step_of(event, '{buy,login}'), '1 [-infinity, infinity) 1; 1 [-infinity, infinity) 2;
    2 [2026-01-06 00:00+00, 2026-02-19 00:00+00) 1; 2 [2026-02-19 00:00+00, 2026-02-19 00:00:00.000001+00) 1') FROM log;
SELECT journey_internal.step_users_once(user_id, at, step_of(event, '{buy,login}'), '2 [2026-02-19 00:00+00, 2026-02-19 00:00:00.000001+00) 1; 1 [-infinity, infinity) 1;
    2 [2026-01-06 00:00+00, 2026-02-19 00:00+00) 1; 1 [infinity, infinity) 1') FROM log;
SELECT journey_internal.step_users_once(user_id, at, step_of(event, '{buy}'), '1 [-infinity, infinity) 1') FROM log WHERE false;
SELECT journey_internal.step_users_once(user_id, at, step_of(event, '{buy}'), '1 [-infinity, infinity) 2') FROM log;
SELECT journey_internal.step_users_once(user_id, at, step_of(event, '{buy}'), '2 [-infinity, infinity) 1') FROM log;
SELECT journey_internal.step_users(user_id, at, step_of(event, '{buy}'), '1 [-infinity, infinity) 1') FROM log WHERE false;
SELECT journey_internal.step_users(user_id, at, step_of(event, '{buy}'), '2 [-infinity, infinity) 1') FROM log;
SELECT journey_internal.step_users(user_id, at, step_of(event, '{buy}'), '1 -infinity, infinity) 1') FROM log;
SELECT journey_internal.step_users(user_id, at, step_of(event, '{buy}'), '1 [-infinity, infinity) 0') FROM log;
SELECT journey_internal.step_users(user_id, at, step_of(event, '{buy}'), '') FROM log;
SELECT journey_internal.step_users(user_id, at, step_of(event, '{buy}'), NULL) FROM log;
SELECT journey_internal.users_by_total(user_id, amount::float8, 'sum', '>=', '30'), journey_internal.users_by_total(user_id, amount::float8, 'avg', '<', '16'),
    journey_internal.users_by_total(user_id, event, 'distinct', '=', '2'), journey_internal.users_by_total(user_id, amount::float8, 'max', '!=', '99') FROM log;
SELECT journey_internal.users_by_total(user_id, amount::float8, 'median', '>=', '30') FROM log;
SELECT journey_internal.users_by_total(user_id, amount::float8, 'sum', '>>', '30') FROM log;
SELECT journey_internal.users_by_total(user_id, amount::float8, 'sum', '>', 'much') FROM log;
SELECT journey_internal.users_by_total(user_id, amount::float8, 'distinct', '>', '1') FROM log;

-- a pattern
SELECT create_segment('came back', '{"source": "log", "rule": {"sequence": ["buy", {"did": "*", "where": {"value": null}}], "pattern": "(?1)+(?t<=60d)(?2)"}}');
SELECT users, error FROM refresh_segment('came back', '2026-03-01 00:00+00');
SELECT (regexp_match(explain_segment('came back', '2026-03-01 00:00+00'), 'pattern_users.*?AS a1'))[1];
SELECT create_segment('x', '{"source": "log", "rule": {"sequence": ["buy"], "pattern": "(?1)(?1"}}');
SELECT create_segment('x', '{"source": "log", "rule": {"sequence": ["buy"], "pattern": "(?2)"}}');
SELECT drop_segment('came back');

-- refused
SELECT create_segment('x', '{"source": "log", "rule": {"did_not": "login"}}');
SELECT create_segment('x', '{"source": "log", "rule": {"did": "buy", "within": "1 month"}}');
SELECT create_segment('x', '{"source": "log", "rule": {"did": "buy", "where": {"colour": "red"}}}');
SELECT create_segment('x', 'SELECT user_id, event FROM log');
SELECT segment('x');

SELECT drop_segment('dormant'), drop_source('log');
DROP TABLE log;
