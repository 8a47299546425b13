-- cohort_retention past its memory, in many groups, cancelled, and out of temporary space.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(32);

-- Events of n rows: users and times at random; of 8 rows, `skew` are one user's.
CREATE FUNCTION source(n int, skew int) RETURNS text LANGUAGE sql
	RETURN format('(SELECT CASE WHEN i %% 8 < %s THEN 0 ELSE (hashint8extended(i, 1) & 65535)::int END AS u, moment(hashint8extended(i, 2) & 16777215) AS at, (hashint8extended(i, 3) & 3) = 0 AS s, i %% 1000 AS v FROM generate_series(1, %s) i) e', skew, n);
CREATE FUNCTION timed(query text, OUT answer text, OUT ms float8) LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	EXECUTE query INTO answer;
	ms := extract(epoch FROM clock_timestamp() - began) * 1000;
END $$;
CREATE FUNCTION temporary_bytes() RETURNS bigint LANGUAGE sql RETURN coalesce((SELECT sum(size) FROM pg_ls_tmpdir()), 0);

-- The server's own account of the private memory it has used at most, in MB; before all else,
-- as it never falls. As a list, 8,000,000 events would be 96 MB.
CREATE FUNCTION peak() RETURNS int LANGUAGE sql VOLATILE RETURN (regexp_match(pg_read_file('/proc/self/status', 0, 100000, true), 'VmHWM:\s+(\d+)'))[1]::int / 1024;
CREATE FUNCTION grows(name text, most int, memory text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before int;
BEGIN
	IF pg_stat_file('/proc/self/status', true) IS NULL THEN
		RETURN skip('no /proc here', 1);
	END IF;
	PERFORM set_config('work_mem', memory, true);
	before := peak();
	EXECUTE query;
	RETURN cmp_ok(peak() - before, '<', most, name);
END $$;
SELECT grows('4,000,000 events of many users in 1 MB', 16, '1MB', 'SELECT cohort_retention(hashint8extended(i, 1) & 1048575, moment(i), true, true, ''day'', 30) FROM (SELECT generate_series(1, 4000000) AS i) s');
SELECT grows('8,000,000 events of few users on few days, with all the memory', 80, '1GB', 'SELECT cohort_retention(hashint8extended(i, 1) & 65535, moment(i), true, true, ''week'', 30) FROM (SELECT generate_series(1, 8000000) AS i) s');

CREATE TABLE call (name text, call text);
INSERT INTO call VALUES ('int', 'cohort_retention(u, at, s, true, ''day'', 30, ''every'')'), ('text, value', 'cohort_retention(''customer number '' || u, at, s, true, v, ''hour'', 30, ''every'')'), ('rolling', 'cohort_retention(u, at, s, true, ''rolling day'', 30, ''every'')');
SET LOCAL work_mem = '256MB';
CREATE TABLE whole AS SELECT name, skew, t.answer FROM call, unnest(ARRAY[0, 4, 8]) skew, LATERAL timed(format('SELECT md5((%s)::text) FROM %s', call, source(150000, skew))) t;
SET LOCAL work_mem = '64kB';
SELECT is(t.answer, w.answer, format('%s in 64 kB, one user with %s of 8', name, skew)) FROM whole w JOIN call USING (name), LATERAL timed(format('SELECT md5((%s)::text) FROM %s', call, source(150000, skew))) t;
SELECT is(temporary_bytes(), 0::bigint, 'no temporary file is left');
SET LOCAL work_mem = '4MB';
SELECT is(t.answer, w.answer, format('%s in 4 MB, one user with %s of 8', name, skew)) FROM whole w JOIN call USING (name), LATERAL timed(format('SELECT md5((%s)::text) FROM %s', call, source(150000, skew))) t WHERE skew = 4;

-- Ids larger than the memory.
SET LOCAL work_mem = '1MB';
SELECT is((SELECT users FROM retention_cells((SELECT cohort_retention(repeat('x', 1000000) || i % 20, moment(i), true, true, 'day', 1) FROM generate_series(1, 60) i)) WHERE period = 0), 20::bigint, 'ids of a megabyte in a memory of one');

-- Many groups, whose states are small, and few large ones.
CREATE TABLE grouped AS SELECT i % 7919 AS g, (hashint8extended(i, 1) & 1023)::int AS u, moment((hashint8extended(i, 2) & 16777215)) AS at FROM generate_series(1, 200000) i;
SELECT is_empty($$ SELECT g FROM (SELECT g, (SELECT sum(users) FROM retention_cells(s)) AS users FROM (SELECT g, cohort_retention(u, at, true, true, 'day', 300, 'every') AS s FROM grouped GROUP BY g) c) a
	JOIN (SELECT g, count(*) AS users FROM (SELECT DISTINCT g, u, at::date AS d FROM grouped) x JOIN (SELECT DISTINCT g, u, at::date AS d FROM grouped) y USING (g, u) WHERE y.d >= x.d GROUP BY g) b USING (g) WHERE a.users <> b.users LIMIT 3 $$, 'thousands of groups');
SELECT is_empty($$ SELECT g FROM (SELECT g % 3 AS g, cohort_retention(u, at, true, true, 'week', 300, 'every')::text AS s FROM grouped GROUP BY g % 3) a
	WHERE s <> (SELECT cohort_retention(u, at, true, true, 'week', 300, 'every')::text FROM grouped WHERE grouped.g % 3 = a.g) $$, 'groups that spill');
-- Units and zones that change from group to group.
SELECT is_empty($$ SELECT unit, zone FROM (SELECT unit, zone, cohort_retention(u, at, true, true, unit, 30, '', zone)::text AS s FROM grouped, unnest(ARRAY['hour', 'rolling day', 'month']) unit, unnest(ARRAY['UTC', 'Asia/Shanghai']) zone WHERE g < 100 GROUP BY unit, zone) a
	WHERE s <> (SELECT cohort_retention(u, at, true, true, a.unit, 30, '', a.zone)::text FROM grouped WHERE g < 100) $$, 'a unit and a zone for each group');

-- A user who is active in every hour of a century, and one with a million events.
SELECT is((SELECT users FROM retention_cells((SELECT cohort_retention(1, at, true, true, 'hour', 10000) FROM generate_series(timestamptz '1950-01-01 00:00+00', '2050-01-01', '1 h') at)) WHERE period = 10000), 1::bigint, 'a user active in every hour of a century');
SELECT cmp_ok(t.ms, '<', 30000::float8, format('600,000 events in 1 MB, one user with %s of 8: in time', skew)) FROM unnest(ARRAY[0, 8]) skew, LATERAL timed('SELECT cohort_retention(u, at, s, true, ''day'', 30, ''every'') FROM ' || source(600000, skew)) t;

-- ---- temp_file_limit --------------------------------------------------------------------

CREATE FUNCTION failed(query text, OUT state text, OUT message text, OUT ms float8) LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	EXECUTE query;
	ms := extract(epoch FROM clock_timestamp() - began) * 1000;
EXCEPTION WHEN query_canceled OR OTHERS THEN
	state := SQLSTATE;
	message := SQLERRM;
	ms := extract(epoch FROM clock_timestamp() - began) * 1000;
END $$;
SET LOCAL work_mem = '64kB';
SET LOCAL temp_file_limit = '1MB';
SELECT is(f.state || ': ' || replace(f.message, '"', ''), '53400: temporary file size exceeds temp_file_limit (1024kB)', name || ': past temp_file_limit')
FROM call, LATERAL failed(format('SELECT %s FROM %s', call, source(300000, 0))) f;
SELECT is(temporary_bytes(), 0::bigint, 'and no temporary file is left');
SET LOCAL temp_file_limit = -1;

-- ---- cancelling -------------------------------------------------------------------------

CREATE TABLE slow AS SELECT name, format('SELECT %s FROM %s', call, source(CASE WHEN name = 'int' THEN 700000 ELSE 300000 END, 2)) AS query, 0.0::float8 AS ms FROM call WHERE name <> 'rolling';
UPDATE slow SET ms = (timed(query)).ms;
CREATE FUNCTION cancel_at(name text, share float8) RETURNS text LANGUAGE sql RETURN (SELECT set_config('statement_timeout', (ms * share)::int::text, true) FROM slow s WHERE s.name = cancel_at.name);
CREATE FUNCTION stops(name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	f record;
	s slow;
	timeout float8 := extract(epoch FROM current_setting('statement_timeout')::interval) * 1000;
BEGIN
	SELECT * INTO s FROM slow WHERE slow.name = stops.name;
	-- It may be quicker this time: the timeout, which comes once a statement, is waited for,
	-- so that it cannot come later.
	BEGIN
		SELECT * INTO f FROM failed(s.query) f;
		PERFORM pg_sleep(300) WHERE f.state IS NULL;
	EXCEPTION WHEN query_canceled THEN
		IF f IS NULL THEN
			SELECT '57014' AS state, timeout AS ms INTO f;
		END IF;
	END;
	RETURN ok((f.state = '57014' OR f.state IS NULL AND f.ms < timeout) AND f.ms < timeout + 1000, name || ': cancelled after ' || round(timeout / s.ms * 10) || ' tenths of its time, within a second');
END $$;
SELECT cancel_at('int', 0.2) IS NULL AS no \gset
SELECT stops('int');
SELECT cancel_at('int', 0.6) IS NULL AS no \gset
SELECT stops('int');
SELECT cancel_at('int', 0.9) IS NULL AS no \gset
SELECT stops('int');
SELECT cancel_at('text, value', 0.4) IS NULL AS no \gset
SELECT stops('text, value');
SELECT cancel_at('text, value', 0.8) IS NULL AS no \gset
SELECT stops('text, value');
SET LOCAL statement_timeout = '120 s';
SELECT is(temporary_bytes(), 0::bigint, 'no temporary file is left');

SELECT * FROM finish();
ROLLBACK;
