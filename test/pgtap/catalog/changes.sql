-- Sources, segments and tags that are created in place of others, altered, renamed and described:
-- what stays, what goes on, and who may.
\ir ../setup.psql
SELECT plan(118);

CREATE TABLE log (user_id int, at timestamptz, event text, channel text, amount int);
INSERT INTO log SELECT i % 7, moment(i), (ARRAY['a', 'b'])[1 + i % 2], (ARRAY['app', 'web'])[1 + i % 2], i FROM generate_series(1, 30) AS i;
CREATE TABLE other_log (customer int, day date, kind text);
INSERT INTO other_log SELECT i, '2024-01-01', 'a' FROM generate_series(100, 103) AS i;
CREATE ROLE journey_ann;
CREATE ROLE journey_vic;
GRANT USAGE ON SCHEMA journey_test, journey TO journey_ann, journey_vic;
GRANT SELECT ON log, other_log TO journey_ann, journey_vic;
CREATE FUNCTION wanted(event text) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(userset_agg(l.user_id), '{}')::text FROM log AS l WHERE l.event = wanted.event $$;
SET LOCAL client_min_messages = warning;

-- ---- create or replace --------------------------------------------------------------------

SET LOCAL ROLE journey_ann;
SELECT lives_ok($$SELECT add_source('log', 'log', replace => true)$$, 'a source that is not there is created');
SELECT lives_ok($$SELECT grant_source('log', 'journey_vic')$$, 'granted');
SELECT lives_ok($$SELECT create_segment('s', '{"source": "log", "rule": {"did": "a"}}', replace => true, keep_versions => 3, description => 'first')$$, 'so is a segment');
SELECT lives_ok($$SELECT grant_segment('s', 'journey_vic'), schedule_refresh('s', '1 day', 'UTC')$$, 'granted and scheduled');
SELECT is((SELECT error FROM refresh_segment('s', moment(1000))), NULL, 'refreshed');
SELECT is(segment('s')::text, wanted('a'), 'who did a');
CREATE TEMP TABLE before AS SELECT id, created_at FROM segments WHERE name = 's';
SELECT throws_ok($$SELECT create_segment('s', '{"source": "log", "rule": {"did": "b"}}')$$, '42710', 'a segment or tag named "s" exists already', 'not without replace');
SELECT lives_ok($$SELECT create_segment('s', '{"source": "log", "rule": {"did": "b"}}', replace => true)$$, 'with replace');
SELECT results_eq($$SELECT id, created_at, keep_versions, description, definition FROM segments WHERE name = 's'$$,
	$$SELECT id, created_at, NULL::int, NULL::text, '{"source": "log", "rule": {"did": "b"}}'::text FROM before$$, 'it is the same segment, defined as the statement says');
SELECT is((SELECT count(*)::int FROM segment_trend('s')), 1, 'its version stays');
SELECT is((SELECT readers::text FROM definitions WHERE name = 's'), '{journey_vic}', 'its grant');
SELECT is((SELECT count(*)::int FROM schedules JOIN definitions USING (id) WHERE name = 's'), 1, 'its schedule');
SELECT is((SELECT error FROM refresh_segment('s', moment(2000))), NULL, 'refreshed');
SELECT is(segment('s')::text, wanted('b'), 'who did b');
SELECT lives_ok($$SELECT create_segment('s', 'SELECT 7', replace => true)$$, 'SQL in place of a rule');
SELECT is((SELECT method || sources::text FROM segments WHERE name = 's'), 'sql{}', 'it reads no source any more');
SELECT lives_ok($$SELECT create_segment('s', '{"source": "log", "rule": {"did": "b"}}'::jsonb, replace => true, keep_versions => 5)$$, 'a rule in jsonb in place of SQL');
SELECT is((SELECT keep_versions FROM segments WHERE name = 's'), 5, 'with what else it says');
SELECT throws_ok($$SELECT create_tag('s', 'SELECT 1, 2', 'sql', replace => true)$$, '42809', '"s" is a segment, not a tag', 'not in place of what it is not');
SELECT throws_ok($$SELECT create_segment('s', 'SELECT 1', replace => NULL)$$, '22004', 'replace must not be NULL', 'NULL');
SELECT lives_ok($$SELECT create_tag('t', 'SELECT user_id, max(amount) / 10.0 FROM log GROUP BY 1', 'numeric', scale => 1, replace => true)$$, 'a tag');
SELECT is((SELECT error FROM refresh_tag('t', moment(1000))), NULL, 'refreshed');
SELECT lives_ok($$SELECT create_tag('t', 'SELECT user_id, max(amount) FROM log GROUP BY 1', 'numeric', replace => true)$$, 'replaced');
SELECT is((SELECT d.scale FROM definitions AS d WHERE d.name = 't'), 0, 'without a scale');
SELECT throws_ok($$SELECT create_segment('s', 'SELECT segment(''s'')', replace => true)$$, '42P19', '"s" would depend on itself: s -> s', 'not in terms of itself');
SELECT throws_like($$SELECT create_segment('s', '{"source": "nowhere", "rule": {"did": "b"}}', replace => true)$$, 'there is no source "nowhere"%', 'what is wrong replaces nothing');
SELECT is((SELECT keep_versions FROM segments WHERE name = 's'), 5, 'it is as it was');

SET LOCAL ROLE journey_vic;
SELECT throws_ok($$SELECT create_segment('s', 'SELECT 1', replace => true)$$, '42501', 'segment "s" belongs to journey_ann', 'what others own is not replaced, who may read it or not');
SELECT throws_ok($$SELECT create_tag('t', 'SELECT 1, 2', 'sql', replace => true)$$, '42710', 'a segment or tag named "t" exists already', 'nor what cannot be seen');
SELECT throws_ok($$SELECT create_segment('t', 'SELECT 1', replace => true)$$, '42710', 'a segment or tag named "t" exists already', 'of whatever kind');
SELECT throws_ok($$SELECT add_source('log', 'other_log', 'customer', 'day', 'kind', replace => true)$$, '42704', 'there is no source "log" of yours', 'nor a source');
SELECT throws_ok($$SELECT alter_source('log', 'other_log', 'customer', 'day', 'kind')$$, '42704', 'there is no source "log" of yours', 'nor altered');
SELECT throws_ok($$SELECT rename_source('log', 'vic''s')$$, '42704', 'there is no source "log" of yours', 'nor renamed');
SELECT throws_ok($$SELECT set_source_description('log', 'x')$$, '42704', 'there is no source "log" of yours', 'nor described');
SELECT throws_ok($$SELECT rename_segment('s', 'vic''s')$$, '42501', 'segment "s" belongs to journey_ann', 'nor a segment renamed');
SELECT throws_ok($$SELECT rename_tag('t', 'vic''s', true)$$, '42704', 'there is no tag "t" that you may read', 'nor a tag');
SELECT throws_ok($$SELECT set_definition_description('s', 'x')$$, '42501', 'segment "s" belongs to journey_ann', 'nor described');
SELECT throws_ok($$SELECT journey_internal.do_rename_definition('s', 'segment', 'vic''s', true)$$, '42501', 'segment "s" belongs to journey_ann', 'nor by what they call');
SELECT throws_ok($$SELECT journey_internal.store_source('log', 'other_log', 'customer', 'day', 'kind', NULL, NULL, NULL, 'replace', NULL, NULL, NULL, journey_internal.analyze_query('SELECT customer, day, kind, 1::float8 AS value FROM journey_test.other_log', 'x'))$$,
	'42704', 'there is no source "log" of yours', 'nor a source');
SELECT throws_ok($$SELECT * FROM journey_internal.source_with('log', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)$$, '42704', 'there is no source "log" of yours', 'nor looked at');

-- ---- alter_source -------------------------------------------------------------------------

SELECT lives_ok($$SELECT create_segment('vic''s a', '{"source": "log", "rule": {"did": "a"}}')$$, 'another role uses the source');
SET LOCAL ROLE journey_ann;
SELECT lives_ok($$SELECT alter_source('log', attrs => '{"channel": "channel"}', value => 'amount')$$, 'attributes and a value');
SELECT results_eq($$SELECT user_id, at, event, attrs, value, attributes, readers::text FROM sources WHERE name = 'log'$$,
	$$SELECT 'user_id', 'at', 'event', '{"channel": "channel"}'::jsonb, 'amount', '{"channel": "text"}'::jsonb, '{journey_vic}'$$, 'the rest stays');
SELECT lives_ok($$SELECT create_segment('app', '{"source": "log", "rule": {"did": "a", "where": {"channel": "web"}}}')$$, 'which rules may name');
SELECT lives_ok($$SELECT set_source_description('log', 'what customers do')$$, 'a description');
SELECT lives_ok($$SELECT alter_source('log', event => 'upper(event)')$$, 'an expression');
SELECT is((SELECT description || attrs::text || value FROM sources WHERE name = 'log'), 'what customers do{"channel": "channel"}amount', 'the description stays, and the rest');
SELECT is((SELECT error FROM refresh_segment('s', moment(3000))), NULL, 'refreshed');
SELECT is(segment('s')::text, '{}', 'rules read it as it is');
SELECT lives_ok($$SELECT alter_source('log', relation => 'other_log', user_id => 'customer', at => 'day', event => 'kind', attrs => '{}', value => '')$$, 'another table');
SELECT is((SELECT concat(relation, attributes, attrs, value) FROM sources WHERE name = 'log'), 'journey_test.other_log{}', 'without attributes and a value');
SELECT is((SELECT error FROM refresh_segment('app', moment(4000))), 'there is no attribute "channel"', 'a rule that names an attribute that is gone fails, and says so');
SET LOCAL ROLE journey_vic;
SELECT is((SELECT users FROM refresh_segment('vic''s a', '2024-02-01')), 4::bigint, 'whoever uses it reads the new one');
SET LOCAL ROLE journey_ann;
SELECT throws_ok($$SELECT alter_source('log', user_id => 'nobody')$$, '42703', 'column "nobody" does not exist', 'an error');
SELECT throws_ok($$SELECT alter_source('log', at => 'kind')$$, '42804', 'source "log": at is of type text', 'a wrong type');
SELECT throws_ok($$SELECT alter_source('log', event => 'kind) FROM log --')$$, '42601', NULL, 'no more than an expression');
SELECT is((SELECT relation::text || user_id || at || event FROM sources WHERE name = 'log'), 'journey_test.other_logcustomerdaykind', 'leaves it as it was');
SELECT throws_ok($$SELECT alter_source('nothing')$$, '42704', 'there is no source "nothing" of yours', 'one that is not there');
SELECT lives_ok($$SELECT add_source('log', 'log', attrs => '{"channel": "channel"}', description => 'again', replace => true)$$, 'replaced');
SELECT results_eq($$SELECT user_id, value, description, readers::text FROM sources WHERE name = 'log'$$, $$SELECT 'user_id', NULL::text, 'again', '{journey_vic}'$$, 'all but who may use it');
SELECT is((SELECT error FROM refresh_segment('app', moment(5000))), NULL, 'rules go on');
-- a table that is gone
RESET ROLE;
CREATE TABLE gone AS TABLE log;
GRANT SELECT ON gone TO journey_ann;
SET LOCAL ROLE journey_ann;
SELECT lives_ok($$SELECT add_source('gone', 'gone')$$, 'a table');
RESET ROLE;
DROP TABLE gone;
SET LOCAL ROLE journey_ann;
SELECT throws_ok($$SELECT alter_source('gone', event => 'event')$$, '42P01', 'source "gone": relation "journey_test.gone" does not exist', 'that is gone');
SELECT lives_ok($$SELECT alter_source('gone', 'log')$$, 'another is named');
-- what its owner may not read others do not read by it
SELECT lives_ok($$SELECT alter_source('log', event => 'event || (SELECT max(kind) FROM other_log)')$$, 'a source that reads more');
RESET ROLE;
REVOKE SELECT ON other_log FROM journey_ann;
SET LOCAL ROLE journey_vic;
SELECT throws_ok($$SELECT * FROM events_of('log')$$, '42501', NULL, 'than its owner may is refused');
RESET ROLE;
GRANT SELECT ON other_log TO journey_ann;
SET LOCAL ROLE journey_ann;
SELECT lives_ok($$SELECT alter_source('log', event => 'event')$$, 'back');

-- ---- renaming -----------------------------------------------------------------------------

SELECT lives_ok($$SELECT create_segment('by rule', '{"source": "log", "rule": {"and": [{"segment": "s"}, {"tag": "t", "is": {">": 0}}]}}')$$, 'a rule that uses both');
SELECT is((SELECT count(*)::int FROM refresh_segments('{s}', moment(6000)) AS s, refresh_tags('{t}', moment(6000)) AS t WHERE s.error IS NULL AND t.error IS NULL), 1, 'refreshed');
SELECT lives_ok($$SELECT rename_segment('s', 'seg'), rename_tag('t', 'a new name')$$, 'renamed');
SELECT results_eq($$SELECT id, name FROM segments WHERE name IN ('s', 'seg')$$, $$SELECT id, 'seg'::text FROM before$$, 'the number stays');
SELECT is((SELECT depends_on::text FROM segments WHERE name = 'by rule'), '{"a new name",seg}', 'what it uses is shown by the names of now');
SELECT lives_ok($$SELECT create_segment('s', 'SELECT 4711')$$, 'another of the old name');
SELECT is((SELECT error FROM refresh_segment('by rule', moment(7000))), NULL, 'the rule goes on');
SELECT is(segment('by rule')::text, (segment('seg') & tag_users_where('a new name', '>', 0))::text, 'with what it meant');
SELECT lives_ok($$SELECT create_segment('by sql', 'SELECT segment(''seg'')')$$, 'a SELECT that names it');
SELECT throws_ok($$SELECT rename_segment('seg', 'x')$$, '2BP01', '"seg" is used by "by sql", a SELECT that names it', 'keeps it from being renamed');
SELECT lives_ok($$SELECT rename_segment('seg', 'x', force => true)$$, 'but by force');
SELECT is((SELECT error FROM refresh_segment('by sql', moment(8000))), 'what was called "seg" was dropped or renamed, or may no longer be read', 'then it fails, and says so');
SELECT lives_ok($$SELECT rename_segment('x', 'seg')$$, 'renamed back');
SELECT is((SELECT error FROM refresh_segment('by sql', moment(8000))), NULL, 'it goes on');
SELECT lives_ok($$SELECT create_segment('depends', 'SELECT 1', depends_on => '{app}')$$, 'what it only depends on');
SELECT lives_ok($$SELECT rename_segment('app', 'application')$$, 'is renamed');
SELECT is((SELECT error FROM refresh_segment('depends', moment(8000))), NULL, 'it goes on');
SELECT throws_ok($$SELECT rename_segment('seg', 'a new name', true)$$, '42710', 'a segment or tag named "a new name" exists already', 'a name that is taken');
SELECT throws_ok($$SELECT rename_segment('application', E'a\nb')$$, '42602', NULL, 'no name');
SELECT throws_ok($$SELECT rename_tag('a new name', NULL)$$, '22004', 'the name of a tag must not be NULL', 'NULL');
SELECT throws_ok($$SELECT rename_segment('a new name', 'x')$$, '42809', '"a new name" is a tag, not a segment', 'of another kind');
SELECT lives_ok($$SELECT grant_tag('a new name', 'journey_vic')$$, 'a tag of which others');
SET LOCAL ROLE journey_vic;
SELECT lives_ok($$SELECT create_segment('secret', 'SELECT tag_users_where(''a new name'', ''>'', 1)')$$, 'make use');
SET LOCAL ROLE journey_ann;
SELECT throws_ok($$SELECT rename_tag('a new name', 'x')$$, '2BP01', '"a new name" is used by a definition of another role', 'is not renamed unawares, and nothing of theirs is told');
SELECT lives_ok($$SELECT rename_source('log', 'log of ann')$$, 'a source');
SELECT throws_ok($$SELECT rename_source('log of ann', 'gone')$$, '42710', 'a source named "gone" exists already', 'not as another');
SELECT is((SELECT sources::text FROM segments WHERE name = 'by rule'), '{"log of ann"}', 'is shown by its new name');
SELECT is((SELECT error FROM refresh_segment('by rule', moment(9000))), NULL, 'rules go on');

-- ---- describing, and how many versions are kept --------------------------------------------

SELECT lives_ok($$SELECT set_definition_description('seg', 'the first'), set_definition_description('a new name', 'a tag')$$, 'descriptions');
SELECT is((SELECT s.description || t.description FROM segments AS s, tags AS t WHERE s.name = 'seg' AND t.name = 'a new name'), 'the firsta tag', 'are shown');
SELECT lives_ok($$SELECT set_definition_description('seg', NULL)$$, 'and taken back');
SELECT is((SELECT description FROM segments WHERE name = 'seg'), NULL, 'NULL');
SET LOCAL journey.keep_versions = 2;
SELECT lives_ok($$SELECT create_segment('few', 'SELECT 1'), create_segment('all', 'SELECT 1', keep_versions => NULL), create_segment('rule', '{"source": "gone", "rule": {"did": "a"}}'::jsonb), create_tag('few too', 'SELECT 1, 2', 'sql')$$, 'with a default');
SELECT results_eq($$SELECT name, keep_versions FROM definitions WHERE name IN ('few', 'all', 'rule', 'few too') ORDER BY name COLLATE "C"$$, $$VALUES ('all', NULL), ('few', 2), ('few too', 2), ('rule', 2)$$, 'it is that of what says nothing');
SELECT is((SELECT count(r)::int FROM generate_series(1, 4) AS i, refresh_segment('few', moment(i)) AS r), 4, 'four versions');
SELECT is((SELECT count(*)::int FROM segment_trend('few')), 2, 'two are kept');
SET LOCAL journey.keep_for = '2 seconds';
SET LOCAL journey.keep_versions = 0;
SELECT lives_ok($$SELECT create_segment('short', 'SELECT 1'), create_segment('long', 'SELECT 1', keep_for => NULL), create_segment('short rule', '{"source": "gone", "rule": {"did": "a"}}'::jsonb), create_segment('other', 'SELECT 1', keep_for => '1 mon', keep_versions => 3), create_tag('short too', 'SELECT 1, 2', 'sql')$$, 'with a default of time');
SELECT results_eq($$SELECT name, keep_for, keep_versions FROM definitions WHERE name IN ('short', 'long', 'short rule', 'other', 'short too') ORDER BY name COLLATE "C"$$,
	$$VALUES ('long', NULL::interval, NULL::int), ('other', '1 mon', 3), ('short', '2 s', NULL), ('short rule', '2 s', NULL), ('short too', '2 s', NULL)$$, 'it is that of what says nothing');
SELECT is((SELECT count(r)::int FROM generate_series(1, 5) AS i, refresh_segment('short', moment(i)) AS r), 5, 'five versions');
SELECT is((SELECT count(*)::int FROM segment_trend('short')), 3, 'those of the last two seconds are kept');
SET LOCAL journey.keep_for = '1 year 2 mons 3 days 04:05';
SELECT is(journey_internal.default_keep_for(), '1 year 2 mons 3 days 04:05'::interval, 'an interval as intervals are written');
SET LOCAL journey.keep_for = '';
SELECT is(journey_internal.default_keep_for(), NULL, 'empty keeps all');
SELECT throws_ok(format('SET journey.keep_for = %L', value), '22023', format('invalid value for parameter "journey.keep_for": "%s"', value), 'not ' || value) FROM unnest('{0,-1 day,1 mon -40 days,many,90,infinity,2024-01-01}'::text[]) AS value;
SELECT throws_ok('SET journey.keep_versions = -1', '22023', NULL, 'not less than nothing');
SELECT throws_ok('SET journey.keep_versions = ''many''', '22023', NULL, 'a number');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
