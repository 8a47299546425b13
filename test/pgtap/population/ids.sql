-- Ids that are no integers, of so many events that records have numbers instead: the same answers
-- as with an integer for each user, also where that must end in the midst.
\ir ../setup.psql
SET LOCAL jit = off;

SELECT plan(90);

-- 24,000 events of 3,000 users, some of them not long before the end.
CREATE TABLE event AS
SELECT i, u, moment(i * 20 + rnd(i, 2, 300)) AS at, 'page ' || rnd(i, 3, 12) AS event, 'channel ' || u % 3 AS channel
FROM generate_series(1, 24000) i, LATERAL (SELECT CASE WHEN i % 13 = 0 THEN NULL WHEN i > 20000 THEN 2000 + rnd(i, 1, 1000) ELSE rnd(i, 1, 2000) END AS u) c;
CREATE TABLE id AS
SELECT i, u, at, event, channel, 'customer ' || u AS plain, repeat('customer ', 4) || u AS long,
	-- the bytes that give a hash of its own are 0 for one of two and 1 for the other
	(CASE u % 2 WHEN 0 THEN '8d' ELSE '8c' END || 'e5b3c4716d9a2f' || lpad(to_hex(u / 2), 16, '0'))::uuid AS pair,
	CASE WHEN u > 2500 THEN (CASE u % 2 WHEN 0 THEN '8d' ELSE '8c' END || 'e5b3c4716d9a2f' || lpad(to_hex(u / 2), 16, '0')) ELSE md5(u::text) END::uuid AS late_pair,
	CASE WHEN u > 2500 THEN u + 0.5 ELSE u END AS late_fraction, u::numeric AS number,
	CASE u WHEN 2700 THEN repeat('x', 3000000) ELSE 'c' || u END AS late_large
FROM event ORDER BY i;
ALTER TABLE id SET (parallel_workers = 2);
ANALYZE id;

SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;

CREATE FUNCTION answers(aggregate text, id text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	answers text[];
	settings text;
BEGIN
	FOREACH settings IN ARRAY '{0 on 4MB,0 off 4MB,0 on 64kB,2 on 4MB,2 on 64kB}'::text[] LOOP
		PERFORM set_config('max_parallel_workers_per_gather', split_part(settings, ' ', 1), true),
			set_config('journey.enable_scan', split_part(settings, ' ', 2), true),
			set_config('work_mem', split_part(settings, ' ', 3), true);
		EXECUTE format('SELECT %s::text FROM id', replace(aggregate, 'ID', id)) INTO answer;
		answers := answers || answer;
		EXECUTE format('SELECT string_agg(channel || a, '', '' ORDER BY channel) FROM (SELECT channel, %s::text AS a FROM id GROUP BY channel) AS c', replace(aggregate, 'ID', id)) INTO answer;
		answers := answers || answer;
	END LOOP;
	RETURN answers;
END;
$$;

CREATE TABLE asked AS
SELECT number, aggregate FROM unnest(ARRAY[
	'lifecycle(ID, at, ''hour'')', 'cohort_retention(ID, at, event = ''page 1'', true, ''hour'', 4)',
	'funnel(ID, at, step_of(event, ''{page 1,page 2,page 3}''), ''1 hour'')',
	'funnel(ID, at, steps(event = ''page 1'', true, event > ''page 2'', true, true, true, true, true, event = ''page 4''), ''1 day'')',
	'transitions(ID, at, event)', 'sessions(ID, at, event, ''30 minutes'')', 'path_flow(ID, at, event, ''1 hour'', 4)',
	'intervals(ID, at, step_of(event, ''{page 1,page 2}''))', 'survival_by(ID, at, event = ''page 1'', event = ''page 2'', event, ''hour'', 9)', 'event_drivers(ID, at, event, event = ''page 1'', event = ''page 2'', ''1 hour'')'
	]) WITH ORDINALITY AS a (aggregate, number);
CREATE TABLE truth AS SELECT number, answers(aggregate, 'u') AS answers FROM asked;

SELECT ok((SELECT bool_and(answers[i] = answers[1 + (i + 1) % 2] AND answers[1] <> '') FROM generate_series(1, 10) AS i), 'integers: ' || aggregate)
FROM asked JOIN truth USING (number) ORDER BY number;
SELECT is(answers(aggregate, id), answers, id || ': ' || aggregate)
FROM asked JOIN truth USING (number), unnest('{plain,long,pair,late_pair,late_fraction,number,late_large,plain::bytea}'::text[]) WITH ORDINALITY AS i (id, place)
ORDER BY number, place;
SELECT * FROM finish();
ROLLBACK;
