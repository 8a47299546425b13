-- The catalogue: what names in it mean once roles, tables and other rows are renamed, dropped and
-- made anew; and that each argument of add_source is one expression.
\ir ../setup.psql

CREATE ROLE journey_ann; CREATE ROLE journey_bob; CREATE ROLE "Public"; CREATE ROLE journey_short;
CREATE ROLE "?odd ""name"""; CREATE ROLE "!odd";
GRANT USAGE ON SCHEMA journey TO PUBLIC;
GRANT ALL ON SCHEMA journey_test TO PUBLIC;
CREATE TABLE log (user_id int, at timestamptz, event text, amount numeric);
INSERT INTO log SELECT u, now() - interval '1 day', 'buy', u FROM generate_series(1, 9) u;
GRANT SELECT ON log TO PUBLIC;

SELECT plan(134);

-- ---- references to roles ----------------------------------------------------------------

SELECT is(name::role_ref::text, name, 'a role: ' || name) FROM unnest('{journey_ann,Public,public,?nobody}'::text[]) name;
SELECT is('nobody at all'::role_ref::text, '?nobody at all', 'one that does not exist');
SELECT is('!journey_ann'::role_ref::text, '!journey_ann', 'one that has to accept');
SELECT is('!nobody'::role_ref::text, '?nobody', 'which none can that does not exist');
SELECT is(r::text || ' ' || journey_internal.role_name(r), want, 'a name like a mark') FROM (VALUES ('"?odd ""name"""'::role_ref, '"?odd ""name""" ?odd "name"'), (journey_internal.role_of('!odd'), '"!odd" !odd'), ('?odd "name"', '?odd "name" odd "name"')) v(r, want);
SELECT throws_ok($$SELECT ''::role_ref$$, '42602', NULL, 'no name');
SELECT is(('journey_ann'::role_ref)::regrole, 'journey_ann'::regrole, 'a role as regrole');
SELECT is(r::role_ref::oid, 0::oid, r || ' as number') FROM unnest('{public,?nobody,!journey_ann}'::text[]) r;
SELECT is('journey_ann'::regrole::role_ref::text, 'journey_ann', 'from regrole');
SELECT is(4000000000::oid::regrole::role_ref::text, '?4000000000', 'from a number of none');
SELECT is(a::role_ref = b::role_ref AND NOT a::role_ref <> b::role_ref, a = b, a || ' = ' || b)
FROM unnest('{journey_ann,!journey_ann,?x,?y,public}'::text[]) a, unnest('{journey_ann,!journey_ann,?x,?y,public}'::text[]) b WHERE a <= b;
SELECT is((SELECT count(*)::int FROM (SELECT r::role_ref FROM unnest('{journey_ann,journey_ann,?x,?x,public,Public}'::text[]) r GROUP BY 1) g), 4, 'hashed');
SELECT is(convert_from(journey_internal.role_ref_send('!journey_ann'), 'UTF8') || convert_from(journey_internal.table_ref_send('journey_test.log'), 'UTF8'), '!journey_annjourney_test.log', 'in binary');
SELECT is('journey_test.log'::table_ref::regclass, 'log'::regclass, 'a table');
SELECT is('log'::regclass::table_ref::text, 'journey_test.log', 'with its schema');
SELECT is('journey_test.no_such'::table_ref::text || 'journey_test.no_such'::table_ref::oid, '?journey_test.no_such0', 'one that does not exist');
SELECT is('no_schema."No such"'::table_ref::text, '?no_schema."No such"', 'nor does its schema');
SELECT throws_ok($$SELECT 'log'::table_ref$$, '42602', NULL, 'no schema');

SET LOCAL search_path = public;
SELECT is((SELECT count(*)::int FROM unnest('{journey_ann,?x}'::journey.role_ref[]) AS r WHERE r = 'journey_ann' OR r = 'journey_bob'::name OR r LIKE '?%'), 2, 'compared with names, without the schema in the search_path');
SET LOCAL search_path = journey_test, journey, public;

-- ---- names mean what they meant ---------------------------------------------------------

SET LOCAL ROLE journey_ann;
SELECT add_source('log', 'log', value => 'amount'), grant_source('log', 'journey_bob');
SELECT create_segment('base', 'SELECT user_id FROM log'), grant_segment('base', 'journey_bob');
SELECT create_tag('size', '{"source": "log", "take": "sum"}', 'numeric'), grant_tag('size', 'journey_bob');
SELECT is((SELECT count(*)::int FROM refresh_segment('base'), refresh_tag('size')), 1, 'ann: a source, a segment and a tag');
SET LOCAL ROLE journey_bob;
SELECT lives_ok($$SELECT create_segment('a rule', '{"source": "log", "rule": {"and": [{"did": "buy"}, {"segment": "base"}, {"tag": "size", "is": {">=": 3}}, {"tag": "size", "is": {"<": 8}}]}}')$$, 'bob: a rule over them');
SELECT lives_ok($$SELECT create_segment('some sql', 'SELECT segment(''base'')')$$, 'and SQL');
SELECT is((SELECT string_agg(users::text, ',' ORDER BY name) FROM refresh_segments('{a rule,some sql}')), '5,9', 'computed');
SELECT results_eq($$SELECT depends_on, sources FROM segments WHERE name = 'a rule'$$, $$VALUES ('{base,size}'::text[], '{log}'::text[])$$, 'what it uses');

SET LOCAL ROLE journey_ann;
SELECT id_of('base') AS ann_base, (SELECT id FROM sources WHERE name = 'log') AS ann_source \gset
SELECT throws_ok($$SELECT drop_segment('base')$$, '2BP01', '"base" is used by a definition of another role', 'ann cannot drop what bob uses');
SELECT throws_ok($$SELECT drop_tag('size')$$, '2BP01', '"size" is used by a definition of another role', 'nor the tag');
SELECT throws_ok($$SELECT drop_source('log')$$, '2BP01', 'source "log" is used by "size"', 'nor the source');
SELECT create_segment('user of base', 'SELECT segment(''base'')');
SELECT throws_ok($$SELECT drop_segment('base')$$, '2BP01', '"base" is used by "user of base"', 'what she sees is named');
SELECT drop_segment('user of base');

-- who may not read it cannot keep it from being dropped
SET LOCAL ROLE "Public";
SELECT create_segment('hook', 'SELECT 1');
SELECT throws_ok(format('INSERT INTO definition_uses SELECT id, ''x'', %s FROM definitions WHERE name = ''hook''', :ann_base), '42501', NULL, 'what may not be read may not be used');
SELECT throws_ok(format('INSERT INTO definition_sources SELECT id, ''x'', %s FROM definitions WHERE name = ''hook''', :ann_source), '42501', NULL, 'nor a source');
SELECT throws_ok(format('UPDATE definition_uses SET used = %s', :ann_base), '42501', NULL, 'nor written in afterwards');
SELECT drop_segment('hook');
SET LOCAL ROLE journey_ann;

-- renamed: a rule goes by number
UPDATE definitions SET name = 'renamed ' || name WHERE name IN ('base', 'size');
UPDATE sources SET name = 'renamed log' WHERE name = 'log';
SELECT create_segment('base', 'SELECT 4'), create_tag('size', 'SELECT 4, 4', 'numeric'), add_source('log', 'log', event => '''buy''');
SELECT grant_segment('base', 'journey_bob'), grant_tag('size', 'journey_bob'), grant_source('log', 'public'); SELECT (SELECT users FROM refresh_segment('base')), (SELECT users FROM refresh_tag('size'));
SET LOCAL ROLE journey_bob;
SELECT is((SELECT users FROM refresh_segment('a rule', clock_timestamp())), 5::bigint, 'a rule means what it meant, though others have the names');
SELECT results_eq($$SELECT depends_on, sources FROM segments WHERE name = 'a rule'$$, $$VALUES ('{"renamed base","renamed size"}'::text[], '{"renamed log"}'::text[])$$, 'and says so');
SET LOCAL client_min_messages = error;
SELECT is((SELECT error FROM refresh_segment('some sql', clock_timestamp())), 'what was called "base" was dropped or renamed, or may no longer be read', 'SQL, which goes by name, fails with the reason');
SELECT is(cardinality(segment('some sql')), 9::bigint, 'and keeps its version');

-- a batch has one owner, also if it changes after grouping
SET LOCAL ROLE journey_ann;
SELECT create_segment('of ann', '{"source": "renamed log", "rule": {"did": "buy"}}');
SET LOCAL ROLE journey_bob;
SELECT create_segment('of bob', '{"source": "renamed log", "rule": {"did": "buy"}}');
RESET ROLE;
SELECT is((SELECT count(*)::int FROM journey_internal.batches(ARRAY[id_of('of ann'), id_of('of bob')])), 2, 'rules of two roles are two batches');
SELECT throws_like($$SELECT journey_internal.compute_versions(ARRAY[id_of('of ann'), id_of('of bob')], now())$$, '"of bob" was changed meanwhile', 'and never run as one');
SELECT drop_segment('of ann'), drop_segment('of bob');

-- dropped and made anew
SET LOCAL ROLE journey_ann;
SELECT lives_ok($$SELECT drop_segment('base'), drop_segment('renamed base', force => true), drop_tag('size'), drop_source('log')$$, 'ann drops, with force what is used');
SET LOCAL ROLE journey_bob;
SELECT is((SELECT error FROM refresh_segment('a rule', clock_timestamp())), 'the segment "base" was dropped', 'the rule says what is gone');
RESET ROLE;
SELECT create_segment('base', 'SELECT 666'), grant_segment('base', 'public'); SELECT (SELECT users FROM refresh_segment('base'));
SET LOCAL ROLE journey_bob;
SELECT is((SELECT error FROM refresh_segment('a rule', clock_timestamp())), 'the segment "base" was dropped', 'and takes no other of that name');
SELECT is((SELECT error FROM refresh_segment('some sql', clock_timestamp())), 'what was called "base" was dropped or renamed, or may no longer be read', 'nor does SQL');
SELECT alter_segment('some sql', 'SELECT segment(''base'')');
SELECT is((SELECT users FROM refresh_segment('some sql', clock_timestamp())), 1::bigint, 'until it is written anew');
SET LOCAL ROLE journey_ann;
SELECT lives_ok($$SELECT drop_tag('renamed size', true), drop_source('renamed log', true)$$, 'the source, too');
SET LOCAL ROLE journey_bob;
SELECT is((SELECT error FROM refresh_segment('a rule', clock_timestamp())), 'the source "log" was dropped', 'a rule without its source');
SET LOCAL client_min_messages = warning;

-- between grouping and running: the name has changed hands
SET LOCAL ROLE journey_ann;
SELECT create_segment('short-lived', 'SELECT 1');
RESET ROLE;
CREATE TABLE grouped AS SELECT batch FROM journey_internal.batches(ARRAY[id_of('short-lived')]);
SET LOCAL ROLE journey_ann;
SELECT drop_segment('short-lived');
SET LOCAL ROLE journey_bob;
SELECT create_segment('short-lived', 'SELECT CASE current_user WHEN ''journey_ann'' THEN 666 ELSE 1 END');
RESET ROLE;
SELECT throws_like(format('SELECT journey_internal.compute_versions(%L, now())', (SELECT batch FROM grouped)), 'segment or tag number % was dropped%', 'a batch runs what was grouped, not what has taken the name');
SELECT is((SELECT count(*)::int FROM versions WHERE id = id_of('short-lived')), 0, 'which has no version');
SELECT is_empty($$SELECT d.name FROM definitions d JOIN definitions e ON d.id = e.id AND d.name <> e.name$$, 'numbers are unique');
SET LOCAL ROLE journey_bob;
SELECT throws_ok($$INSERT INTO definitions (id, name, kind, method, definition) VALUES (7, 'x', 'segment', 'sql', 'SELECT 1')$$, '42501', NULL, 'nobody chooses a number');
SELECT throws_ok($$UPDATE definitions SET id = 7$$, '42501', NULL, 'or changes one');
SELECT throws_ok($$INSERT INTO sources (id, name, relation, user_id, at, event, query, attributes) VALUES (7, 'x', 'journey_test.log', 'a', 'b', 'c', 'd', '{}')$$, '42501', NULL, 'nor of a source');
SELECT throws_ok($$SELECT setval('journey.ids', 1)$$, '42501', NULL, 'or sets the sequence back');
RESET ROLE;

-- ---- exports ----------------------------------------------------------------------------

SET LOCAL ROLE journey_ann;
SELECT create_segment('exported', 'SELECT generate_series(1, 7)'), grant_segment('exported', 'journey_bob'); SELECT (SELECT users FROM refresh_segment('exported'));
SET LOCAL ROLE journey_bob;
SELECT is((SELECT count(*)::int FROM segment_export('exported', 'audit')), 7, 'bob exports');
SELECT throws_ok($$INSERT INTO exports (id, name, as_of, exported_by, users, reason) SELECT id, name, as_of, journey_internal.caller(), 1, 'invented' FROM segments WHERE name = 'exported'$$, '42501', NULL, 'a reader cannot invent a record');
SELECT throws_like($$SELECT journey_internal.export_members(-1, now(), 'x')$$, 'there is no such version%', 'nor export what is not there');
SELECT create_segment('exporter', 'SELECT segment_export(''exported'', ''in a definition'')');
SET LOCAL client_min_messages = error;
SELECT isnt((SELECT error FROM refresh_segment('exporter')), NULL, 'a definition exports nothing');
SET LOCAL client_min_messages = warning;
SET LOCAL ROLE journey_ann;
SELECT throws_ok($$INSERT INTO exports (id, name, as_of, exported_by, users, reason) SELECT id, name, as_of, journey_internal.caller(), 1, 'invented' FROM segments WHERE name = 'exported'$$, '42501', NULL, 'nor can the owner');
SELECT throws_ok($$DELETE FROM exports$$, '42501', NULL, 'or remove one');
SELECT results_eq($$SELECT name, exported_by::text, users, reason FROM exports$$, $$VALUES ('exported', 'journey_bob', 7::bigint, 'audit')$$, 'the owner sees it');
SELECT drop_segment('exported');
SELECT is_empty('SELECT * FROM exports', 'of a dropped segment not any more');
SET LOCAL ROLE "Public";
SELECT create_segment('exported', 'SELECT 1');
SELECT is_empty('SELECT * FROM exports', 'nor does who takes its name');
SET LOCAL ROLE journey_bob;
SELECT is((SELECT count(*)::int FROM exports), 1, 'who exported does');
RESET ROLE;

-- ---- public and "Public" ----------------------------------------------------------------

SET LOCAL ROLE journey_ann;
SELECT create_segment('for one', 'SELECT 1'), grant_segment('for one', 'Public'); SELECT (SELECT users FROM refresh_segment('for one'));
SET LOCAL ROLE journey_bob;
SELECT throws_like($$SELECT segment('for one')$$, 'there is no segment%', 'granted to the role "Public", not to everybody');
SET LOCAL ROLE "Public";
SELECT is(segment('for one')::text, '{1}', 'who reads it');
SET LOCAL ROLE journey_ann;
SELECT throws_ok($$SELECT grant_segment('for one', 'PUBLIC')$$, '42704', NULL, 'which is spelt exactly');
SELECT revoke_segment('for one', 'Public'), grant_segment('for one', 'public');
SET LOCAL ROLE journey_bob;
SELECT is(segment('for one')::text, '{1}', 'public is everybody');
SET LOCAL ROLE journey_ann;
SELECT revoke_segment('for one', 'public');
SELECT is((SELECT readers::text FROM definitions WHERE name = 'for one'), '{}', 'and taken back');
RESET ROLE;

-- ---- roles that are renamed and dropped -------------------------------------------------

GRANT journey_short TO journey_ann;
SET LOCAL ROLE journey_short;
SELECT create_segment('left', 'SELECT 1'), grant_segment('left', 'journey_bob'), add_source('left', 'log'); SELECT (SELECT users FROM refresh_segment('left'));
SET LOCAL ROLE journey_ann;
SELECT create_segment('read', 'SELECT 1'), grant_segment('read', 'journey_short');
SELECT lives_ok($$SELECT set_source_owner('left', 'journey_ann')$$, 'a source is given to a role of one''s own');
SELECT throws_ok($$SELECT set_source_owner('left', 'journey_bob')$$, '42501', NULL, 'and to no other');
SELECT lives_ok($$SELECT set_source_owner('left', 'journey_short')$$, 'and back');
RESET ROLE;
ALTER ROLE journey_short RENAME TO journey_renamed;
SELECT is((SELECT owner FROM segments WHERE name = 'left') || (SELECT readers::text FROM definitions WHERE name = 'read'), 'journey_renamed{journey_renamed}', 'a role is renamed: so is the owner, and the reader');
REASSIGN OWNED BY journey_renamed TO journey_bob;
SELECT is((SELECT owner FROM segments WHERE name = 'left'), 'journey_renamed', 'REASSIGN OWNED leaves the catalogue alone');
DROP OWNED BY journey_renamed;
SELECT is((SELECT owner FROM segments WHERE name = 'left'), 'journey_renamed', 'so does DROP OWNED');
SELECT is_empty('SELECT * FROM orphans', 'nobody is missing');
DROP ROLE journey_renamed;
SELECT is((SELECT owner FROM segments WHERE name = 'left') || (SELECT readers::text FROM definitions WHERE name = 'read'), '?journey_short{?journey_short}', 'a role is dropped');
CREATE ROLE journey_short;
SET LOCAL ROLE journey_short;
SELECT is_empty($$SELECT name FROM segments WHERE name IN ('left', 'read')$$, 'another of that name is not it');
SELECT throws_like($$SELECT set_definition_owner('left', 'journey_short')$$, 'there is no segment or tag "left" that you may read', 'and cannot take it');
SET LOCAL ROLE journey_bob;
SELECT throws_like($$SELECT refresh_segment('left')$$, 'segment "left" belongs to ?journey_short', 'nobody refreshes it');
SELECT throws_like($$SELECT drop_segment('left')$$, 'segment "left" belongs to ?journey_short', 'or drops it');
SELECT is(segment('left')::text, '{1}', 'those to whom it was granted read it');
SELECT throws_like($$SELECT * FROM events_of('left')$$, 'there is no source "left" that%', 'nobody uses its source');
RESET ROLE;
SET LOCAL client_min_messages = error;
SELECT is((SELECT error FROM refresh_segment('left', clock_timestamp())), '"left" has no owner: ?journey_short', 'not even a superuser');
SET LOCAL client_min_messages = warning;
SELECT results_eq($$SELECT kind, name, part, role, problem FROM orphans ORDER BY kind, part$$, $$VALUES ('segment', 'left', 'owner', 'journey_short', 'does not exist'), ('segment', 'read', 'reader', 'journey_short', 'does not exist'), ('source', 'left', 'owner', 'journey_short', 'does not exist')$$, 'orphans: what is left behind');
SELECT lives_ok(mend, mend) FROM orphans;
SELECT is_empty('SELECT * FROM orphans', 'which its statements mend');
SELECT is((SELECT users FROM refresh_segment('left', clock_timestamp())), 1::bigint, 'then it is refreshed');

-- ---- many ways to the same --------------------------------------------------------------

-- each of 40 layers uses both of the layer before: a million million paths
SELECT create_segment(format('layer 0 %s', j), 'SELECT 1') FROM generate_series(0, 1) j;
SET LOCAL statement_timeout = '20s';
SELECT lives_ok($$SELECT create_segment(format('layer %s %s', i, j), format('SELECT segment(''layer %s 0'') | segment(''layer %1$s 1'')', i - 1)) FROM (SELECT i, j FROM generate_series(1, 40) i, generate_series(0, 1) j ORDER BY i, j) l$$, 'definitions in layers');
SELECT throws_like($$SELECT alter_segment('layer 0 0', 'SELECT segment(''layer 40 1'')')$$, '"layer 0 0" would depend on itself: layer 0 0 -> layer 40 1 -> %layer 1 0 -> layer 0 0', 'a cycle over all of them');
SELECT throws_like($$SELECT create_segment('narcissus', 'SELECT segment(''narcissus'')')$$, '"narcissus" would depend on itself', 'of one');
SELECT throws_like($$SELECT alter_segment('base', 'SELECT segment(''base'')')$$, '"base" would depend on itself: base -> base', 'and of one that is there');

-- ---- sources ----------------------------------------------------------------------------

CREATE VIEW vt AS SELECT user_id, at, event, 1 AS more FROM log;
SELECT throws_ok(format('SELECT add_source(''x'', ''vt'', user_id => %L)', given), code, message, 'user_id: ' || given) FROM (VALUES
	('vt.*', '42601', 'user_id of source "x" stands for several columns: vt.*'), ('(vt).*', '42601', 'user_id of source "x" stands for several columns: (vt).*'), ('*', '42601', NULL),
	('user_id, at', '42804', NULL), ('user_id) AS user_id, (at', '42601', NULL), ('user_id) FROM log WHERE (true', '42601', NULL), ('user_id) --', '42601', NULL), ('', '42601', NULL)) v(given, code, message);
SELECT throws_ok($$SELECT add_source('x', 'vt', at => 'vt.*')$$, '42601', 'at of source "x" stands for several columns: vt.*', 'at');
SELECT throws_ok($$SELECT add_source('x', 'vt', event => 'vt.*')$$, '42601', 'event of source "x" stands for several columns: vt.*', 'event');
SELECT throws_ok($$SELECT add_source('x', 'vt', value => 'vt.*')$$, '42601', 'value of source "x" stands for several columns: vt.*', 'value');
SELECT throws_ok($$SELECT add_source('x', 'vt', attrs => '"vt.*"')$$, '42601', 'attrs of source "x" stands for several columns: vt.*', 'attrs');
SELECT throws_ok($$SELECT add_source('x', 'vt', attrs => '{"a": "vt.*"}')$$, '42601', 'attribute "a" of source "x" stands for several columns: vt.*', 'an attribute');
SELECT lives_ok($$SELECT add_source('comment', 'vt', user_id => 'user_id -- who', attrs => '{"row": "to_jsonb(vt)"}')$$, 'a comment at the end, a whole row');

-- a table is renamed, and moved
CREATE SCHEMA journey_other;
CREATE TABLE "Odd name" AS SELECT * FROM log;
SELECT add_source('moved', '"Odd name"', event => '"Odd name".event', value => '(SELECT max(l.amount) FROM log l WHERE l.user_id = "Odd name".user_id)');
SELECT create_segment('of moved', '{"source": "moved", "rule": {"did": "buy", "max": "value", "is": {">=": 5}}}');
SELECT is((SELECT users FROM refresh_segment('of moved')), 5::bigint, 'a rule over a table');
ALTER TABLE "Odd name" RENAME TO "An odder name";
ALTER TABLE "An odder name" SET SCHEMA journey_other;
CREATE TABLE "Odd name" AS SELECT * FROM log WHERE false;
SELECT is((SELECT users FROM refresh_segment('of moved', clock_timestamp())), 5::bigint, 'that is renamed and moved');
SELECT is((SELECT count(*)::int FROM events_of('moved')), 9, 'its events');
SELECT is((SELECT relation::text FROM sources WHERE name = 'moved'), 'journey_other."An odder name"', 'its name');
SELECT lives_ok($$SELECT create_event_view('journey_test.moved_events', 'moved')$$, 'a view of it');
SET LOCAL client_min_messages = error;
ALTER TABLE journey_other."An odder name" RENAME at TO happened;
SELECT is((SELECT error FROM refresh_segment('of moved', clock_timestamp())), 'source "moved": column "at" does not exist', 'a column is renamed: the error names the source');
DROP TABLE journey_other."An odder name" CASCADE;
SELECT is((SELECT error FROM refresh_segment('of moved', clock_timestamp())), 'source "moved": relation "journey_test."Odd name"" does not exist', 'the table is dropped');
SELECT is((SELECT relation::text FROM sources WHERE name = 'moved'), '?journey_test."Odd name"', 'and is no other of that name');

SELECT * FROM finish();
ROLLBACK;
