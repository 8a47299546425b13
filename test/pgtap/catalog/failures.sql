-- What becomes of segments and tags whose inputs fail, of those that are dropped meanwhile, and
-- who sees why.
\ir ../setup.psql

SELECT plan(105);

SET LOCAL client_min_messages = error;
CREATE TABLE source (user_id int, divisor int);
INSERT INTO source SELECT i, 1 FROM generate_series(1, 10) AS i;
SELECT create_segment('base', 'SELECT user_id / divisor FROM source'), create_segment('dep', 'SELECT segment(''base'')'),
	create_segment('dep of dep', 'SELECT segment(''dep'')'), create_segment('alone', 'SELECT 1');
CREATE FUNCTION spoil() RETURNS void LANGUAGE sql AS 'UPDATE source SET divisor = 0 WHERE user_id = 7';
CREATE FUNCTION mend() RETURNS void LANGUAGE sql AS 'UPDATE source SET divisor = 1';
-- the inputs of a version, for people
CREATE FUNCTION inputs(of_name text, at timestamptz) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat(i ->> 'name', ' ', i ->> 'as_of', CASE WHEN (i ->> 'stale')::boolean THEN ' stale' END), ',') FROM segment_trend(of_name) AS t, jsonb_array_elements(t.inputs) AS i WHERE t.as_of = at $$;

-- ---- in one run ---------------------------------------------------------------------------

SELECT is((SELECT count(error)::int FROM refresh_segments('{base,dep,dep of dep,alone}', '2026-01-01')), 0, 'all are computed');
SELECT is(inputs('dep', '2026-01-01'), 'base 2026-01-01T00:00:00+00:00', 'of each version it is known what it was computed from');
SELECT is((SELECT inputs -> 0 ->> 'id' FROM segment_trend('dep')), id_of('base')::text, 'by number, too');
SELECT is((SELECT (inputs -> 0 ->> 'computed_at')::timestamptz FROM segment_trend('dep')), (SELECT computed_at FROM segment_trend('base')), 'and when that was computed');
SELECT is((SELECT inputs FROM segment_trend('base')), '[]', 'what uses no other has no inputs');
SELECT spoil();
SELECT results_eq($$SELECT name, users, error FROM refresh_segments('{base,dep,dep of dep,alone}', '2026-01-02') ORDER BY name COLLATE "C"$$,
	$$VALUES ('alone', 1::bigint, NULL), ('base', NULL, 'division by zero'), ('dep', NULL, 'its input "base" failed: division by zero'),
		('dep of dep', NULL, 'its input "dep" failed: its input "base" failed: division by zero')$$, 'what uses one that failed fails, with the reason');
SELECT is((SELECT max(as_of) FROM segment_trend('dep')), '2026-01-01', 'and is not computed');
SELECT results_eq($$SELECT name, status, error FROM refresh_progress WHERE name LIKE 'dep%' ORDER BY name$$,
	$$VALUES ('dep', 'failed', 'its input "base" failed: division by zero'), ('dep of dep', 'failed', 'its input "dep" failed: its input "base" failed: division by zero')$$, 'progress says so');

-- ---- later --------------------------------------------------------------------------------

SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-02')), 'its input "base" failed: division by zero', 'also alone, later');
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-03')), 'its input "base" failed: division by zero', 'also for a later time');
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-01 12:00')), NULL, 'but not for a time before that for which it failed');
SELECT is(inputs('dep', '2026-01-01 12:00'), 'base 2026-01-01T00:00:00+00:00', 'which has the version that holds then');
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-02', stale_inputs => true)), NULL, 'unless stale inputs will do');
SELECT is(inputs('dep', '2026-01-02'), 'base 2026-01-01T00:00:00+00:00 stale', 'then the version says so');
SELECT is((SELECT error FROM refresh_segments('{base,dep}', '2026-01-02', stale_inputs => true) WHERE name = 'dep'), NULL, 'also in one run');
SELECT mend();
SELECT is((SELECT count(error)::int FROM refresh_segments('{dep,base}', '2026-01-02')), 0, 'once the input is computed, so is what uses it');
SELECT is(inputs('dep', '2026-01-02'), 'base 2026-01-02T00:00:00+00:00', 'from that');
SELECT spoil();
SELECT is((SELECT error FROM refresh_segment('base', '2026-01-02')), 'division by zero', 'it fails when it is computed once more for the same time');
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-02')), 'its input "base" failed: division by zero', 'so does what uses it');
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-01 18:00')), NULL, 'an older version is none the worse');
DELETE FROM refresh_log WHERE status = 'failed';
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-02')), NULL, 'without a record it is the newest version');
SELECT mend();
SELECT throws_ok($$SELECT refresh_segment('dep', '2026-01-02', NULL)$$, '22004', 'stale_inputs must not be NULL', 'yes or no');
-- in a definition, a name means the version of its time
SELECT is((SELECT error FROM refresh_segment('base', '2026-01-05')), NULL, 'a newer version');
INSERT INTO source VALUES (100, 1);
SELECT is((SELECT error FROM refresh_segment('base', '2026-01-06')), NULL, 'and one more');
SELECT is((SELECT users FROM refresh_segment('dep', '2026-01-05')), 10::bigint, 'a definition takes the version of the time for which it is computed');
SELECT is((SELECT error FROM refresh_segment('dep', '2025-01-05')), '"base" has no version as of 2025-01-05 00:00:00+00', 'and none if there was none');
SELECT is(cardinality(segment('base')), 11::bigint, 'outside of definitions it is the newest');

-- ---- what else is stale ---------------------------------------------------------------------

-- a version of an earlier time, computed afterwards, does not make up for what failed
SELECT spoil();
SELECT is((SELECT error FROM refresh_segment('base', '2026-01-08')), 'division by zero', 'it fails');
SELECT mend();
SELECT is((SELECT error FROM refresh_segment('base', '2026-01-06')), NULL, 'and is computed for a time before that');
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-09')), 'its input "base" failed: division by zero', 'it is stale all the same');
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-07')), NULL, 'before it failed it is not');
SELECT is((SELECT error FROM refresh_segment('base', '2026-01-08')), NULL, 'it is computed for that time');
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-09')), NULL, 'so it is not stale any more');
-- of a runner that was killed, which no other has noticed yet
INSERT INTO refresh_log (id, as_of, started_at, status, pid) VALUES (id_of('base'), '2026-01-10', clock_timestamp(), 'running', 1);
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-10')), 'its input "base" was interrupted', 'what was interrupted is stale');
SELECT is((SELECT error FROM refresh_segment('base', '2026-01-10')), NULL, 'until it is computed');
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-10')), NULL, 'and no longer');
-- of a schedule that cannot be read
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-11')), NULL, 'nothing is stale yet');
SELECT schedule_refresh('base', '1 day', 'UTC');
UPDATE schedules SET time_zone = 'Mars', next_due = now();
SELECT is((SELECT (c).failed FROM journey_internal.claim_due(NULL) AS c), ARRAY[id_of('base')], 'a schedule that cannot be read fails');
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-11')), 'its input "base" failed: time zone "Mars" does not exist', 'what it would have refreshed is stale');
SELECT unschedule_refresh('base');
SELECT is((SELECT error FROM refresh_segment('base', '2026-01-11')), NULL, 'until it is computed');
-- and what is computed from what is stale
SELECT is((SELECT count(error)::int FROM refresh_segments('{base,dep,dep of dep}', '2026-01-12')), 0, 'all are computed');
SELECT spoil();
SELECT is((SELECT error FROM refresh_segment('base', '2026-01-13')), 'division by zero', 'the first fails');
SELECT is((SELECT error FROM refresh_segment('dep', '2026-01-13', stale_inputs => true)), NULL, 'the second may be stale');
SELECT is((SELECT error FROM refresh_segment('dep of dep', '2026-01-13')), 'its input "dep" was computed from a stale input', 'the third may not');
SELECT is((SELECT error FROM refresh_segment('dep of dep', '2026-01-13', stale_inputs => true)), NULL, 'unless it may be, too');
SELECT is(inputs('dep of dep', '2026-01-13'), 'dep 2026-01-13T00:00:00+00:00 stale', 'which it says');
SELECT mend();
SELECT is((SELECT count(error)::int FROM refresh_segments('{base,dep,dep of dep}', '2026-01-13')), 0, 'all are well');
SELECT is(inputs('dep of dep', '2026-01-13'), 'dep 2026-01-13T00:00:00+00:00', 'and none is stale');
DELETE FROM versions WHERE as_of > '2026-01-06' OR as_of = '2026-01-05' AND id <> ALL (ARRAY[id_of('base'), id_of('dep')]);

-- ---- what a SELECT uses, however it is spelt --------------------------------------------------

CREATE TABLE spelt (definition text, uses text[]);
INSERT INTO spelt VALUES ('SELECT segment(name => ''base'')', '{base}'), ('SELECT segment(as_of => as_of() - interval ''1 day'', name => ''base'')', '{base}'),
	('SELECT segment($q$base$q$)', '{base}'), ('SELECT "segment"(E''b\141se'')', '{base}'), ('SELECT segment(/* a comment */ ''base'')', '{base}'),
	('SELECT SEGMENT (text ''base'') | segment(U&''d\0065p'')', '{base,dep}'), ('SELECT members FROM segment_diff(''base'', as_of() - interval ''1 day'', as_of())', '{base}'),
	('SELECT contains(segment(''dep''), 1)::int', '{dep}'), ('SELECT c.users FROM tag_cross(''a tag'', ''another\ ''''tag'') AS c WHERE cardinality(tag_users(''a tag'', ''x'')) > 0', '{a tag,another\\ ''tag}'),
	('SELECT s.users FROM tag_summary(''a tag'') AS s, tag_stats(name => ''numbers'') AS t', '{a tag,numbers}'),
	('SELECT 1 /* segment(''none'') */', '{}'), ('SELECT length(''segment(''''none'''')'')', '{}'), ('SELECT segment(concat(''ba'', ''se''))', '{}');
SELECT create_tag('a tag', 'SELECT 1, ''x''', 'sql'), create_tag('another\ ''tag', 'SELECT 1, ''x''', 'sql'), create_tag('numbers', 'SELECT 1, 1', 'numeric');
CREATE FUNCTION uses_of(definition text) RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
	PERFORM create_segment('spelt', definition);
	RETURN (SELECT depends_on FROM segments WHERE name = 'spelt');
END $$;
SELECT is(uses_of(definition), uses, definition), drop_segment('spelt') FROM spelt;

-- ---- versions of one time -------------------------------------------------------------------

SELECT is(common_as_of('{base,dep}'), '2026-01-05', 'the newest time for which all have a version');
SELECT is(common_as_of('{base,dep}', '2026-01-04'), '2026-01-02', 'not after a time');
SELECT is(common_as_of('{base,base}'), '2026-01-06', 'of one');
SELECT throws_ok($$SELECT common_as_of('{base,dep}', '2025-01-04')$$, '55000', 'there is no time for which all of these have a version: base, dep', 'none');
SELECT throws_ok($$SELECT common_as_of('{}')$$, '22023', 'names is {}', 'of none');
SELECT throws_ok($$SELECT common_as_of('{base,nothing}')$$, '42704', 'there is no segment or tag "nothing" that you may read', 'of what is not there');

-- ---- by refresh_due() -------------------------------------------------------------------------

CREATE FUNCTION run_due(as_superuser boolean DEFAULT false) RETURNS journey_internal.claim LANGUAGE plpgsql AS $$
DECLARE
	c journey_internal.claim := journey_internal.claim_due(NULL, as_superuser);
BEGIN
	WHILE (c).ids IS NOT NULL LOOP
		c := journey_internal.claim_due(journey_internal.run_claim(c), as_superuser);
	END LOOP;
	RETURN c;
END $$;
CREATE FUNCTION state(of_name text) RETURNS text LANGUAGE sql AS
	$$ SELECT concat_ws(' ', status, error, CASE WHEN next_due < now() + interval '30 minutes' THEN 'soon' END) FROM refresh_progress WHERE name = of_name $$;
SELECT schedule_refresh(n, '0 0 29 2 *') FROM unnest('{base,dep,dep of dep,alone}'::text[]) AS n;
UPDATE schedules SET next_due = now();
SELECT is((run_due()).failed, '{}', 'all are computed');
SELECT is((SELECT count(DISTINCT as_of)::int FROM refresh_progress WHERE status = 'succeeded'), 1, 'for one time');
SELECT spoil();
UPDATE schedules SET next_due = now();
SELECT is(names_of((run_due()).failed), '{base,dep,"dep of dep"}', 'what uses one that failed fails');
SELECT is(state('dep'), 'failed its input "base" failed: division by zero', 'for that reason');
UPDATE schedules SET next_due = now() WHERE id IN (id_of('dep'), id_of('dep of dep'));
SELECT is(names_of((run_due()).failed), '{dep,"dep of dep"}', 'also when the input is not due');
SELECT schedule_refresh('dep', '0 0 29 2 *', stale_inputs => true);
UPDATE schedules SET next_due = now() WHERE id IN (id_of('dep'), id_of('dep of dep'));
SELECT is(names_of((run_due()).failed), '{"dep of dep"}', 'unless stale inputs will do');
SELECT is((SELECT inputs -> 0 ->> 'stale' FROM refresh_progress WHERE name = 'dep'), 'true', 'which progress shows');
SELECT is(state('dep of dep'), 'failed its input "dep" was computed from a stale input', 'what uses that has not been asked, and fails');
SELECT schedule_refresh('dep', '0 0 29 2 *');
-- tried again
SELECT schedule_refresh('base', '0 0 29 2 *', retries => 2, retry_after => '20 minutes');
UPDATE schedules SET next_due = now();
SELECT is((run_due()).done, 4, 'once in a run');
SELECT is(state('base'), 'failed division by zero soon', 'what failed is due again soon');
SELECT is(state('dep of dep'), 'failed its input "dep" failed: its input "base" failed: division by zero soon', 'with all that uses it');
SELECT is(state('alone'), 'succeeded', 'and nothing else');
UPDATE schedules SET next_due = now() WHERE next_due < now() + interval '30 minutes';
SELECT is((run_due()).done, 3, 'tried again');
SELECT is(state('base'), 'failed division by zero soon', 'it is tried once more');
UPDATE schedules SET next_due = now() WHERE next_due < now() + interval '30 minutes';
SELECT is((run_due()).done, 3, 'tried again');
SELECT is(state('base'), 'failed division by zero', 'but not for ever');
SELECT is(state('dep'), 'failed its input "base" failed: division by zero', 'nor what uses it');
SELECT mend();
UPDATE schedules SET next_due = now();
SELECT is((run_due()).failed, '{}', 'all are well again');
SELECT is((SELECT max(failures) FROM schedules), 0, 'the count begins anew');
SELECT throws_ok($$SELECT schedule_refresh('base', '1 day', retries => -1)$$, '22023', 'retries is -1', 'retries');
SELECT throws_ok($$SELECT schedule_refresh('base', '1 day', retry_after => '0')$$, '22023', 'retry_after is 00:00:00', 'retry_after');
-- at the end
SELECT spoil();
UPDATE schedules SET next_due = now();
SELECT throws_ok($$SELECT journey_internal.raise_failures(run_due())$$, 'P0001', '3 of 4 refreshes failed: "base", "dep", "dep of dep"', 'who looks at the exit code is told');
SELECT mend();
SELECT lives_ok($$SELECT journey_internal.raise_failures(run_due())$$, 'if there is reason to');
SELECT throws_ok('CALL refresh_due()', '25001', 'refresh_due() cannot run inside a transaction block or a function', 'refresh_due() in a transaction block');

-- ---- whose messages -----------------------------------------------------------------------------

CREATE ROLE journey_owner;
CREATE ROLE journey_reader;
CREATE ROLE journey_super SUPERUSER;
GRANT USAGE ON SCHEMA journey, journey_test TO journey_owner, journey_reader;
SELECT unschedule_refresh(name) FROM schedules JOIN definitions USING (id);
SET LOCAL ROLE journey_owner;
SELECT create_segment('secret', 'SELECT (''card '' || 4711)::int'), grant_segment('secret', 'journey_reader'), schedule_refresh('secret', '1 day', 'UTC');
SELECT is((SELECT error FROM refresh_segment('secret')), 'invalid input syntax for type integer: "card 4711"', 'the owner sees why');
SELECT is((SELECT error FROM refresh_progress WHERE name = 'secret'), 'invalid input syntax for type integer: "card 4711"', 'later, too');
RESET ROLE;
SET LOCAL ROLE journey_reader;
SELECT is((SELECT error FROM refresh_progress WHERE name = 'secret'), 'failed with SQLSTATE 22P02; its owner may read why', 'a reader sees that it failed');
SELECT is((SELECT count(*)::int FROM refresh_errors), 0, 'and no message');
SELECT is((SELECT count(*)::int FROM refresh_log AS l WHERE l::text LIKE '%4711%'), 0, 'anywhere');
SELECT create_segment('user of secret', 'SELECT segment(''secret'')');
SELECT is((SELECT error FROM refresh_segment('user of secret')), 'its input "secret" failed (SQLSTATE 22P02)', 'nor by way of a segment of its own');
RESET ROLE;

-- ---- who runs what --------------------------------------------------------------------------------

UPDATE schedules SET next_due = now();
SELECT is((run_due()).done, 0, 'a superuser does not run what belongs to others');
SELECT is((run_due(true)).done, 1, 'unless told');
UPDATE schedules SET next_due = now();
SET LOCAL ROLE journey_reader;
SELECT is((journey_internal.claim_due(NULL)).ids, NULL, 'nor does a reader');
RESET ROLE;
SET LOCAL ROLE journey_owner;
SELECT is((SELECT count(*)::int FROM (SELECT journey_internal.claim_due(NULL) AS c) AS x WHERE (c).ids = ARRAY[(SELECT id FROM definitions WHERE name = 'secret')]), 1, 'the owner does');
RESET ROLE;

-- ---- an input whose owner was dropped ---------------------------------------------------------------

CREATE ROLE journey_leaver;
GRANT USAGE ON SCHEMA journey TO journey_leaver;
SET LOCAL ROLE journey_leaver;
SELECT create_segment('left behind', 'SELECT 1'), grant_segment('left behind', 'public'), schedule_refresh('left behind', '1 day', 'UTC');
SELECT refresh_segment('left behind', '2026-01-01');
RESET ROLE;
SELECT create_segment('user of it', 'SELECT segment(''left behind'')');
DROP OWNED BY journey_leaver;
DROP ROLE journey_leaver;
SELECT is((SELECT error FROM refresh_segment('user of it')), NULL, 'what was left behind is not stale before it is due');
UPDATE schedules SET next_due = '2026-01-02' WHERE id = id_of('left behind');
SELECT is((SELECT error FROM refresh_segment('user of it')), 'its input "left behind" is due, and has no owner who could refresh it', 'then it is');
SELECT is((SELECT error FROM refresh_segment('user of it', '2026-01-01 12:00')), NULL, 'but not for a time before');
SELECT is((SELECT error FROM refresh_segment('user of it', stale_inputs => true)), NULL, 'nor for who can do with that');

SELECT * FROM finish();
ROLLBACK;
