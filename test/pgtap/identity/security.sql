-- Identity spaces: who reads, changes and refreshes them; and nobody reads more through one.
\ir ../setup.psql
CREATE ROLE journey_alice; CREATE ROLE journey_mallory; CREATE ROLE journey_bob; CREATE ROLE journey_team;
GRANT journey_team TO journey_alice;
GRANT USAGE ON SCHEMA journey TO journey_alice, journey_mallory, journey_bob, journey_team;
GRANT ALL ON SCHEMA journey_test, public TO PUBLIC;
SELECT no_plan();

CREATE TABLE logins (device text, customer int, at timestamptz);
INSERT INTO logins VALUES ('d1', 1, moment(1)), ('d2', 1, moment(2)), ('d3', 2, moment(3));
CREATE TABLE secret (device text, customer int, at timestamptz);
INSERT INTO secret VALUES ('s1', 99, moment(1));
ALTER TABLE logins ENABLE ROW LEVEL SECURITY;
CREATE POLICY part ON logins USING (device <> 'd3' AND current_user IN ('journey_alice', 'journey_bob'));
GRANT SELECT ON logins TO journey_alice, journey_bob, journey_mallory;
CREATE TABLE log (device text, at timestamptz, event text);
INSERT INTO log VALUES ('d1', moment(1), 'x'), ('d2', moment(2), 'y');
GRANT SELECT ON log TO PUBLIC;

SET LOCAL ROLE journey_alice;
SELECT lives_ok($$SELECT create_identity_space('hers', '{customer,device}')$$, 'alice: a space');
SELECT lives_ok($$SELECT add_identity_links('hers', 'logins', 'device', 'device', 'customer', 'customer')$$, 'with links');
SELECT results_eq($$SELECT customers, ids FROM refresh_identities('hers')$$, 'VALUES (1::bigint, 3::bigint)', 'row-level security of the relation applies to her');
SELECT throws_ok($$SELECT add_identity_links('hers', 'secret', 'device', 'device', 'customer', 'customer'); SELECT * FROM refresh_identities('hers')$$, '42501', NULL, 'a relation that she may not read');
SELECT lives_ok($$SELECT add_source('log', 'log', 'device', identity => 'hers', id_type => 'device')$$, 'a source');
RESET ROLE;
SELECT results_eq($$SELECT customers, ids FROM refresh_identities('hers')$$, 'VALUES (1::bigint, 3::bigint)', 'the rights are the owner''s also when a superuser refreshes');

-- every table and function, as somebody else
SET LOCAL ROLE journey_mallory;
SELECT is_empty('SELECT * FROM ' || t, 'mallory sees nothing of ' || t) FROM unnest('{identity_spaces,identity_types,identity_relations,identity_ids,identity_members,identity_links,identity_conflict_links}'::text[]) AS t;
SELECT is_empty(format('DELETE FROM %s RETURNING id', t), 'and deletes nothing of ' || t) FROM unnest('{identity_spaces,identity_types,identity_relations,identity_ids,identity_members,identity_links,identity_conflict_links}'::text[]) AS t;
SELECT throws_ok(call, '42704', 'there is no identity space "hers" that you may read', call) FROM unnest(ARRAY[
	$$SELECT identify('hers', 'device', 'd1')$$, $$SELECT identify('hers', 'device', 1)$$, $$SELECT identify('hers', 'device', NULL::text, now())$$, $$SELECT * FROM identities('hers', 1)$$, $$SELECT * FROM identity_conflicts('hers')$$,
	$$SELECT * FROM refresh_identities('hers')$$, $$SELECT set_identity_rule('hers', 'device', 1)$$, $$SELECT add_identity_links('hers', 'logins', 'device', 'device', 'customer', 'customer')$$,
	$$SELECT drop_identity_links('hers', 1)$$, $$SELECT drop_identity_space('hers')$$, $$SELECT grant_identity_space('hers', 'journey_mallory')$$, $$SELECT revoke_identity_space('hers', 'public')$$, $$SELECT set_identity_space_owner('hers', 'journey_mallory')$$,
	$$SELECT add_source('x', 'log', 'device', identity => 'hers', id_type => 'device')$$]) AS call;
SELECT throws_ok($$SELECT create_identity_space('hers')$$, '42710', NULL, 'cannot take its name');
SELECT throws_ok($$INSERT INTO identity_spaces (name, owner) VALUES ('forged', 'journey_alice')$$, '42501', NULL, 'cannot make one that is alice''s');
SELECT throws_ok($$INSERT INTO identity_spaces (id, name) VALUES (1, 'chosen')$$, '42501', NULL, 'cannot choose a number');
RESET ROLE;
CREATE TABLE numbers AS SELECT id FROM identity_spaces WHERE name = 'hers';
GRANT SELECT ON numbers TO PUBLIC;
SET LOCAL ROLE journey_mallory;
SELECT throws_ok($$SELECT journey_internal.identify_event((SELECT id FROM numbers), 'device', 'd1', now(), NULL)$$, '42704', NULL, 'cannot read it by its number');
SELECT throws_ok($$INSERT INTO identity_relations SELECT id, 9, 'journey_test.secret'::regclass, 'device', 'device', 'customer', 'customer', 'at', NULL, 'SELECT device AS a, customer::text AS b, at, at FROM journey_test.secret', NULL FROM numbers$$, '42501', NULL, 'cannot add a relation by hand');
SELECT throws_ok($$INSERT INTO identity_ids SELECT id, 77, 'device', 'd9', now(), 77 FROM numbers$$, '42501', NULL, 'nor an id');
SELECT throws_ok($$INSERT INTO identity_members SELECT id, 1, 77, now() FROM numbers$$, '42501', NULL, 'nor a member');
SELECT throws_ok($$INSERT INTO identity_links SELECT id, 1, 1, 2, now() FROM numbers$$, '42501', NULL, 'nor a link');
SELECT throws_ok($$INSERT INTO identity_types SELECT id, 'x', 1 FROM numbers$$, '42501', NULL, 'nor a type');

-- who was allowed to read reads, and does not change
SET LOCAL ROLE journey_alice;
SELECT grant_identity_space('hers', 'journey_bob');
SELECT lives_ok($$SELECT grant_source('log', 'journey_bob')$$, 'alice grants the source, too');
SELECT lives_ok($$SELECT grant_source('log', 'journey_mallory')$$, 'and to mallory the source only');
SET LOCAL ROLE journey_bob;
SELECT is(identify('hers', 'device', 'd1'), identify('hers', 'customer', 1), 'bob may read');
SELECT is((SELECT count(DISTINCT user_id) FROM events_of('log')), 1::bigint, 'also the source');
SELECT throws_ok(call, '42501', NULL, call) FROM unnest(ARRAY[$$SELECT * FROM refresh_identities('hers')$$, $$SELECT set_identity_rule('hers', 'device', 1)$$, $$SELECT drop_identity_space('hers')$$, $$SELECT drop_identity_links('hers', 1)$$,
	$$SELECT grant_identity_space('hers', 'public')$$, $$SELECT add_identity_links('hers', 'logins', 'device', 'device', 'customer', 'customer')$$, $$SELECT set_identity_space_owner('hers', 'journey_bob')$$]) AS call;
SELECT is_empty($$UPDATE identity_members SET user_id = 5 RETURNING id$$, 'nor by hand');
SET LOCAL ROLE journey_mallory;
SELECT throws_ok($$SELECT * FROM events_of('log')$$, '42501', NULL, 'a source does not open its space');
SELECT throws_ok($$SELECT create_segment('m', '{"source": "log", "rule": {"did": "x"}}')$$, '42501', NULL, 'nor to a rule');

-- an owner of a source who may not read the space gains nothing from a reader who may
SELECT lives_ok($$SELECT create_identity_space('bait', '{customer,device}')$$, 'mallory: a space');
SELECT lives_ok($$SELECT add_source('trap', 'log', '1')$$, 'a source');
SELECT lives_ok($$UPDATE sources SET identity = (SELECT id FROM numbers), id_type = 'device', query = replace(query, '1)', '''d1''::text)') WHERE name = 'trap'$$, 'with alice''s space, by hand');
SELECT lives_ok($$SELECT grant_source('trap', 'journey_bob')$$, 'for bob');
SET LOCAL ROLE journey_bob;
SELECT throws_ok($$SELECT * FROM events_of('trap')$$, '42501', NULL, 'bob does not read for mallory');
SET LOCAL ROLE journey_mallory;
SELECT lives_ok($$SELECT add_source('trap2', 'log', 'journey.identify(''bait'', ''device'', device)')$$, 'nor by a call in an expression');
SELECT lives_ok($$SELECT grant_source('trap2', 'journey_bob')$$, 'for bob');
SET LOCAL ROLE journey_bob;
SELECT throws_ok($$SELECT * FROM events_of('trap2')$$, '42501', NULL, 'which reads with the rights of its user');

-- PL/pgSQL keeps what it has looked up, but not for another role
RESET ROLE;
CREATE FUNCTION looks_up() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN journey.identify('hers', 'device', 'd1'); END $$;
SET LOCAL ROLE journey_bob;
SELECT isnt(looks_up(), NULL, 'bob');
SET LOCAL ROLE journey_mallory;
SELECT throws_ok('SELECT looks_up()', '42704', NULL, 'mallory not, by the same expression');
SET LOCAL ROLE journey_alice;
SELECT revoke_identity_space('hers', 'journey_bob');
SET LOCAL ROLE journey_bob;
SELECT throws_ok('SELECT looks_up()', '42704', NULL, 'nor bob any more');

-- giving it away
SET LOCAL ROLE journey_alice;
SELECT throws_ok($$SELECT set_identity_space_owner('hers', 'journey_bob')$$, '42501', NULL, 'not to a role of which she is no member');
SELECT lives_ok($$SELECT set_identity_space_owner('hers', 'journey_team')$$, 'to a team');
SELECT is((SELECT owner FROM identity_spaces WHERE name = 'hers'), 'journey_team', 'which owns it');
SELECT throws_ok($$SELECT * FROM refresh_identities('hers')$$, '42501', NULL, 'and reads with its own rights');

-- a view in place of the relation runs nothing with the owner's rights
RESET ROLE;
GRANT SELECT ON logins TO journey_team;
SET LOCAL ROLE journey_mallory;
CREATE FUNCTION steal(d text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM count(*) FROM journey_test.secret; RETURN d; END $$;
CREATE VIEW shown AS SELECT steal(device) AS device, customer, at FROM logins;
GRANT SELECT ON shown TO PUBLIC;
SET LOCAL ROLE journey_alice;
SELECT lives_ok($$SELECT create_identity_space('trapped')$$, 'alice trusts a view');
SELECT throws_ok($$SELECT add_identity_links('trapped', 'shown', 'device', 'device', 'customer', 'customer')$$, '42501', NULL, 'which calls a function of mallory''s');

RESET ROLE;
SELECT is((SELECT string_agg(relname, ', ') FROM pg_class WHERE relnamespace = 'journey'::regnamespace AND relname LIKE 'identity%' AND relkind = 'r' AND NOT relrowsecurity), NULL, 'all tables have row-level security');
SELECT is((SELECT string_agg(c.relname, ', ') FROM pg_class AS c WHERE relnamespace = 'journey'::regnamespace AND relname LIKE 'identity%' AND relkind = 'r' AND c.oid <> ALL ((SELECT extconfig FROM pg_extension WHERE extname = 'pg_journey')::oid[])), NULL, 'and are dumped');

SELECT * FROM finish();
ROLLBACK;
