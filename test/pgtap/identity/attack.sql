-- Identity spaces: what a log of strangers, and links that come in any order, must not do.
\ir ../setup.psql
SELECT no_plan();

-- a link to somebody of the same person brings nobody: who joins through others joins when that is found
CREATE TABLE logins (device text, openid text, at timestamptz, until timestamptz);
CREATE TABLE bindings (openid text, customer text, at timestamptz, until timestamptz);
INSERT INTO logins VALUES ('d', 'o', '2025-01-01', NULL), ('d', 'p', '2025-01-05', NULL);
SELECT create_identity_space('late', '{customer,openid,device}');
SELECT add_identity_links('late', 'logins', 'device', 'device', 'openid', 'openid', until => 'until');
SELECT add_identity_links('late', 'bindings', 'openid', 'openid', 'customer', 'customer', until => 'until');
SELECT count(*) FROM refresh_identities('late', '2025-01-10');
CREATE TABLE before AS SELECT identify('late', 'openid', 'o') AS o;
INSERT INTO bindings VALUES ('o', 'c', '2025-01-12', NULL);
SELECT count(*) FROM refresh_identities('late', '2025-01-15');
SELECT is(identify('late', 'device', 'd'), identify('late', 'customer', 'c'), 'a device of two openids, of which a customer binds one');
SELECT is(identify('late', 'device', 'd', '2025-01-07'), (SELECT o FROM before), 'keeps its past');
SELECT is(identify('late', 'device', 'd', '2025-01-13'), (SELECT o FROM before), 'until the refresh that found out');
SELECT is(identify('late', 'device', 'd', '2025-01-15'), identify('late', 'customer', 'c'), 'and no longer');
-- an id that leaves takes with it those that came later than itself
INSERT INTO logins VALUES ('e', 'q', '2025-01-16', NULL), ('f', 'q', '2025-01-18', NULL);
INSERT INTO bindings VALUES ('q', 'c2', '2025-01-17', NULL);
SELECT count(*) FROM refresh_identities('late', '2025-01-20');
UPDATE bindings SET until = '2025-01-22' WHERE customer = 'c2';
SELECT count(*) FROM refresh_identities('late', '2025-01-25');
SELECT is(identify('late', 'openid', 'q', '2025-01-21'), identify('late', 'customer', 'c2'), 'an openid is a customer''s until it is unbound');
SELECT isnt(identify('late', 'openid', 'q', '2025-01-23'), identify('late', 'customer', 'c2'), 'whatever devices it got meanwhile');

-- PL/pgSQL keeps what it looked up, but not for another time of a definition
CREATE FUNCTION looked_up() RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN identify('late', 'device', 'd'); END $$;
CREATE FUNCTION looked_up_twice(OUT past bigint, OUT now bigint) LANGUAGE plpgsql STABLE AS $$
BEGIN
	PERFORM set_config('journey.as_of', '2025-01-07', true);
	past := looked_up();
	PERFORM set_config('journey.as_of', '', true);
	now := looked_up();
END $$;
SELECT results_eq('SELECT past, now FROM looked_up_twice()', $$SELECT o, identify('late', 'customer', 'c') FROM before$$, 'a definition for two times in one command');

-- clients write anything into a log
CREATE TABLE log (device text, at timestamptz, event text);
INSERT INTO log SELECT string_agg(md5(i::text), ''), '2025-01-01', 'x' FROM generate_series(1, 500) AS i;
INSERT INTO log VALUES ('good', '2025-01-01', 'x'), (repeat('n', 1000), '2025-01-01', 'x'), (repeat('n', 1001), '2025-01-01', 'x');
SELECT create_identity_space('long', '{device}');
SELECT add_identity_links('long', 'log', 'device', 'device', NULL, NULL);
SELECT results_eq($$SELECT customers, ids FROM refresh_identities('long', '2025-01-02')$$, 'VALUES (2::bigint, 2::bigint)', 'ids of more than 1000 bytes are none');
SELECT is(identify('long', 'device', device) IS NOT NULL, octet_length(device) <= 1000, left(device, 4)) FROM log;

-- an app that knows no device writes an empty text for it; and an export turns numbers into 2.0
CREATE TABLE exports (device text, customer numeric, at timestamptz);
INSERT INTO exports VALUES ('', 1, '2025-01-01'), ('', 2.0, '2025-01-01'), ('phone', 2, '2025-01-01'), ('tablet', 2.00, '2025-01-01');
SELECT create_identity_space('blank', '{customer,device}');
SELECT add_identity_links('blank', 'exports', 'device', 'device', 'customer', 'customer');
SELECT results_eq($$SELECT customers, ids FROM refresh_identities('blank', '2025-01-02')$$, 'VALUES (2::bigint, 4::bigint)', 'an empty id is none, and 2.0 is the id 2');
SELECT is(identify('blank', 'device', ''), NULL, 'nobody has the empty id');
SELECT is(identify('blank', 'device', 'phone'), identify('blank', 'customer', '2'), 'numeric ids without trailing zeros');
SELECT add_source('payments', 'exports', 'customer', 'at', $$'paid'$$, identity => 'blank', id_type => 'customer');
SELECT create_event_view('journey_test.paid', 'payments');
SELECT results_eq($$SELECT DISTINCT user_id FROM paid ORDER BY user_id$$, $$SELECT identify('blank', 'customer', c) FROM unnest('{1,2}'::text[]) AS c ORDER BY 1$$, 'in sources, too');

SELECT * FROM finish();
ROLLBACK;
