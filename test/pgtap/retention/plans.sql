-- cohort_retention in every plan and with little memory: always the same result.
\ir ../setup.psql
SET LOCAL jit = off;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT plan(99);

-- By time, and out of order; one user has a third of the events.
CREATE TABLE event AS
SELECT CASE i % 3 WHEN 0 THEN 7 ELSE (hashint8extended(i, 1) & 16383)::int END AS u, moment(CASE WHEN i % 5 = 0 THEN hashint8extended(i, 2) & 8388607 ELSE i * 40 END) AS at,
	(hashint8extended(i, 3) & 3) = 0 AS s, (hashint8extended(i, 4) & 3) > 0 AS r, (hashint8extended(i, 5) & 1023) - 300 AS v, i % 4 AS g FROM generate_series(1, 200000) i;
ALTER TABLE event SET (parallel_workers = 3);
ANALYZE event;

CREATE TABLE call (name text, call text);
INSERT INTO call VALUES
	('int', 'cohort_retention(u, at, s, r, ''day'', 30)'),
	('int, every', 'cohort_retention(u, at, s, r, ''day'', ARRAY[1, 7, 30], ''every,within'')'),
	('bigint, value', 'cohort_retention(u::bigint, at, s, r, v, ''hour'', 300, ''every'', ''Asia/Kathmandu'')'),
	('text', 'cohort_retention(''customer '' || u, at, s, r, ''week'', 8, ''every,on_or_after'')'),
	('text, value', 'cohort_retention(''customer '' || u, at, s, r, v, ''day'', 8)'),
	('uuid, value', 'cohort_retention(md5(u::text)::uuid, at, s, r, v, ''day'', 8)'),
	('numeric', 'cohort_retention(CASE WHEN v % 2 = 0 THEN u::numeric ELSE u::numeric(20,5) END, at, s, r, ''day'', 8, ''every'')'),
	('char', 'cohort_retention(CASE WHEN v % 2 = 0 THEN u::text::char(9) ELSE u::text::char(20) END, at, s, r, v, ''day'', 8, ''every'')'),
	('rolling', 'cohort_retention(u, at, s, r, ''rolling day'', 30, ''every'')'),
	('rolling, text, value', 'cohort_retention(''customer '' || u, at, s, r, v, ''rolling hour'', ARRAY[2, 24], ''every,within'')');

CREATE FUNCTION answer(call text, query text DEFAULT 'event') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT md5((%s)::text) FROM %s', call, query) INTO answer;
	RETURN answer;
END $$;
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		lines := lines || line || E'\n';
	END LOOP;
	RETURN lines;
END $$;

SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL work_mem = '256MB';
CREATE TABLE whole AS SELECT name, answer(call) FROM call;
SELECT is(count(DISTINCT answer), 9::bigint, 'nine answers, ids of any kind giving the same') FROM whole;

-- What the ids are does not matter.
SELECT is(answer('cohort_retention(u, at, s, r, v, ''day'', 8)'), answer, 'ids as ' || name) FROM whole WHERE name IN ('text, value', 'uuid, value');
SELECT is(answer('cohort_retention(u, at, s, r, ''day'', 8, ''every'')'), answer, 'numeric ids of different scale') FROM whole WHERE name = 'numeric';
SELECT is(answer('cohort_retention(u, at, s, r, v, ''day'', 8, ''every'')'), answer, 'char ids of different length') FROM whole WHERE name = 'char';
SELECT is(answer('cohort_retention(u::text COLLATE "C", at, s, r, ''week'', 8, ''every,on_or_after'')'), answer, 'ids with a collation') FROM whole WHERE name = 'text';
-- Nor does the order of the rows, nor seeing rows twice.
SELECT is(answer(call, '(SELECT * FROM event ORDER BY at DESC) e'), answer, name || ', latest first') FROM whole JOIN call USING (name);
SELECT is(answer(call, '(SELECT * FROM event UNION ALL SELECT * FROM event) e'), answer, name || ', twice') FROM whole JOIN call USING (name) WHERE name !~ 'value|char';

-- Groups by hashing and by sorting.
CREATE FUNCTION groups(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT md5(string_agg(g || s, '','' ORDER BY g)) FROM (SELECT g, (%s)::text AS s FROM event GROUP BY g) c', call) INTO answer;
	RETURN answer;
END $$;
CREATE TABLE grouped AS SELECT name, call, groups(call) AS answer FROM call;
SELECT matches(plan_of('SELECT g, cohort_retention(u, at, s, r, ''day'', 30) FROM event GROUP BY g'), '^HashAggregate', 'hashed groups');
SET LOCAL enable_hashagg = off;
SELECT matches(plan_of('SELECT g, cohort_retention(u, at, s, r, ''day'', 30) FROM event GROUP BY g'), '^GroupAggregate', 'sorted groups');
SELECT is(groups(call), answer, name || ', sorted groups') FROM grouped;
SET LOCAL max_parallel_workers_per_gather = 3;
SELECT is(groups(call), answer, name || ', groups in workers') FROM grouped;
SET LOCAL enable_hashagg = on;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is(answer('rollup(c)', format('(SELECT u %% 5, %s AS c FROM event GROUP BY 1) x', call)), answer, name || ', rolled up') FROM whole JOIN call USING (name) WHERE name ~ 'int|rolling';

-- With little memory.
SET LOCAL work_mem = '64kB';
SELECT is(answer(call), answer, name || ' in 64 kB') FROM whole JOIN call USING (name);
SET LOCAL work_mem = '1MB';
SELECT is(answer(call), answer, name || ' in 1 MB') FROM whole JOIN call USING (name);

-- In workers.
SET LOCAL max_parallel_workers_per_gather = 3;
SELECT matches(plan_of('SELECT cohort_retention(u, at, s, r, ''day'', 30) FROM event'), 'Finalize Aggregate.*Gather.*Partial Aggregate', 'a parallel plan');
SELECT is(answer(call), answer, name || ' in workers of 1 MB') FROM whole JOIN call USING (name);
SET LOCAL work_mem = '64kB';
SELECT is(answer(call), answer, name || ' in workers of 64 kB') FROM whole JOIN call USING (name);
SET LOCAL work_mem = '256MB';
SELECT is(answer(call), answer, name || ' in workers') FROM whole JOIN call USING (name);

SELECT * FROM finish();
ROLLBACK;
