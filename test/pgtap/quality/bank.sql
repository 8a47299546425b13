-- The demo's bank, with damage of known numbers: what log_quality, a plan and an identity space say of it.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT no_plan();
\ir ../../../demo/bank.sql
SELECT bank.add_customers(1, 400);
SELECT bank.finish();

CREATE TABLE log AS SELECT row_number() OVER (ORDER BY at, user_id, event) AS i, user_id::text AS customer, at, at + interval '2 seconds' AS received_at, event, channel, amount::text AS amount, NULL::text AS event_id FROM events;
UPDATE log SET event_id = 'e' || i;
CREATE TABLE q (name text, s quality_stats);
CREATE VIEW quality AS SELECT log_quality(customer, at, received_at, event, event_id, 'day') AS s FROM log;
INSERT INTO q SELECT 'clean', s FROM quality;
SELECT add_source('bank', 'log', 'i', attrs => '{"channel": "channel", "amount": "amount", "customer": "customer", "received_at": "received_at"}');
SELECT create_plan('bank', 'bank', '{"received": "received_at", "within": "1 hour", "events": {"*": {"every": "day", "attributes": {"channel": {"values": ["app", "wechat", "web", "branch", "call_centre"]}, "amount": {"type": "number"}, "customer": {"required": true}}}}}');
CREATE TABLE clean AS SELECT rule, event, attribute, bad FROM check_plan('bank');
SELECT is_empty($$ SELECT rule, attribute FROM clean WHERE bad > 0 AND rule <> 'every day' $$, 'the bank keeps its plan');

-- The damage.
CREATE FUNCTION rows_at(n int, after int) RETURNS SETOF bigint LANGUAGE sql AS $$ SELECT i FROM log WHERE at < '2025-05-01' ORDER BY rnd(i, 1, 1000000000), i LIMIT n OFFSET after $$;
CREATE TABLE victim AS SELECT 'late' AS what, i FROM rows_at(17, 0) AS i UNION ALL SELECT 'no user', i FROM rows_at(11, 17) AS i UNION ALL SELECT 'fax', i FROM rows_at(7, 28) AS i UNION ALL SELECT 'no number', i FROM rows_at(5, 35) AS i;
UPDATE log SET received_at = at + interval '1 day' WHERE i IN (SELECT i FROM victim WHERE what = 'late');
UPDATE log SET customer = NULL WHERE i IN (SELECT i FROM victim WHERE what = 'no user');
UPDATE log SET channel = 'fax' WHERE i IN (SELECT i FROM victim WHERE what = 'fax');
UPDATE log SET amount = 'much' WHERE i IN (SELECT i FROM victim WHERE what = 'no number');
INSERT INTO log SELECT i + 1000000, customer, at, received_at, event, channel, amount, event_id FROM log WHERE at >= '2025-06-10' AND at < '2025-06-12' AND i < 1000000;
CREATE TABLE planted AS SELECT count(*) AS again FROM log WHERE i > 1000000;
DELETE FROM log WHERE at >= '2025-09-10' AND at < '2025-09-11';
ANALYZE log;
INSERT INTO q SELECT 'damaged', s FROM quality;

CREATE VIEW told AS SELECT name, t.* FROM q, quality_summary(s) AS t;
SELECT is((SELECT duplicate_ids FROM told WHERE name = 'damaged') - (SELECT duplicate_ids FROM told WHERE name = 'clean'), again, 'events that came twice, by their ids') FROM planted;
SELECT is((SELECT duplicate_rows FROM told WHERE name = 'damaged') - (SELECT duplicate_rows FROM told WHERE name = 'clean'), again, 'and by user, event and time') FROM planted;
SELECT cmp_ok(again, '>', 5::bigint, 'there are some') FROM planted;
SELECT is((SELECT null_users FROM told WHERE name = 'damaged'), 11::bigint, 'events without a customer');
SELECT is((SELECT sum(rows) FROM q, quality_lateness(s) WHERE name = 'damaged' AND upper > interval '1 hour'), 17::numeric, 'late events');
SELECT is((SELECT max_lateness FROM told WHERE name = 'damaged'), interval '24 hours', 'so late');
SELECT is((SELECT rows FROM q, quality_buckets(s) WHERE name = 'damaged' AND bucket = '2025-09-10'), 0::bigint, 'the missing day');
SELECT is((SELECT array_agg(q.name ORDER BY q.name) FROM q, quality_buckets(s, 1.5) WHERE gap AND bucket = '2025-09-10'), '{damaged}'::text[], 'is a gap');
SELECT set_eq($$ SELECT f.rule, f.event, f.attribute, f.bad - c.bad FROM check_plan('bank') AS f JOIN clean AS c ON (f.rule, f.event, f.attribute) IS NOT DISTINCT FROM (c.rule, c.event, c.attribute) WHERE f.bad <> c.bad $$,
	$$ VALUES ('every day'::text, NULL::text, NULL::text, 1::bigint), ('values', NULL, 'channel', 7), ('type number', NULL, 'amount', 5), ('required', NULL, 'customer', 11), ('within 01:00:00', NULL, 'received_at', 17) $$, 'the plan finds the same');

-- A device shared by two.
INSERT INTO logins SELECT 'kiosk', openid, '2025-12-01' FROM bindings ORDER BY openid LIMIT 2;
SELECT create_identity_space('people', '{customer,openid,device}'), add_identity_links('people', 'logins', 'device', 'device', 'openid', 'openid'), add_identity_links('people', 'bindings', 'openid', 'openid', 'customer', 'user_id');
SELECT set_identity_rule('people', 'customer', 1);
SELECT refresh_identities('people', '2026-01-01');
SELECT results_eq($$ SELECT DISTINCT id_b FROM identity_conflicts('people') $$, $$ VALUES ('kiosk') $$, 'the one that is shared is nobody''s');
SELECT is((SELECT count(DISTINCT identify('people', 'customer', user_id)) FROM bindings), (SELECT count(DISTINCT user_id) FROM bindings), 'each customer is a person');
SELECT is(identify('people', 'device', device), identify('people', 'customer', user_id), device) FROM logins JOIN bindings USING (openid) WHERE device <> 'kiosk';

SELECT * FROM finish();
ROLLBACK;
