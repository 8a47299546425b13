-- Population aggregates past their memory: spilled answers, one user who owns it all, limits
-- of temporary files, cancelling at every phase, nothing left behind. The times are loose.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SET LOCAL statement_timeout = '120 s';
SELECT plan(85);

CREATE FUNCTION timed(query text, OUT ms float8, OUT answer text) LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	EXECUTE query INTO answer;
	ms := extract(epoch FROM clock_timestamp() - began) * 1000;
END $$;

-- Events of `skew` in 8 belong to one user.
CREATE FUNCTION source(n int, skew int) RETURNS text LANGUAGE sql
	RETURN format('(SELECT CASE WHEN i %% 8 < %2$s THEN 0 ELSE (hashint8extended(i, 1) & 65535)::int END AS u, timestamptz ''2024-01-01 00:00+00'' + (hashint8extended(i, 2) & 16777215) * interval ''1 s'' AS at,
		(ARRAY[''100'', ''010'', ''001'', ''110'']::stepset[])[1 + (hashint8extended(i, 3) & 3)] AS step, (hashint8extended(i, 4) & 1023)::text AS v FROM (SELECT generate_series(1, %1$s) AS i) s) e', n, skew);
CREATE TABLE call (name text, call text);
INSERT INTO call VALUES ('int', 'funnel(u, at, step, ''7 d'')'), ('text', 'funnel(''customer number '' || u, at, step, ''7 d'')'), ('numeric', 'funnel(u::numeric, at, step, ''7 d'')'),
	('int, values', 'funnel_breakdown(u, at, step, ''7 d'', v, 1)'), ('text, values', 'funnel_holding_constant(''customer number '' || u, at, step, ''7 d'', v)');

-- The server's own account of the private memory it has used at most, in MB; before all else,
-- as it never falls. 3,000,000 events are 51 MB.
CREATE FUNCTION peak() RETURNS int LANGUAGE sql VOLATILE RETURN (regexp_match(pg_read_file('/proc/self/status', 0, 100000, true), 'VmHWM:\s+(\d+)'))[1]::int / 1024;
SET LOCAL work_mem = '1MB';
SET LOCAL hash_mem_multiplier = 1;
SELECT CASE WHEN pg_stat_file('/proc/self/status', true) IS NULL THEN skip('no /proc here', 2)
	ELSE cmp_ok(p.before, '<', 200, 'before it, a backend like any other') || E'\n' || cmp_ok((SELECT CASE WHEN t.answer IS NULL THEN 0 ELSE peak() - p.before END FROM timed('SELECT funnel(u, at, step, ''7 d'')::text FROM ' || source(3000000, 0)) t), '<', 30, '3,000,000 events in 1 MB: memory') END
FROM (SELECT peak() AS before) p;

-- How many bytes of temporary files the session has written, and how many there are.
CREATE FUNCTION temporary_bytes() RETURNS bigint LANGUAGE sql VOLATILE RETURN (SELECT coalesce(sum(size), 0) FROM pg_ls_tmpdir());

-- ---- equal answers ----------------------------------------------------------------------

CREATE TABLE whole (name text, skew int, answer text);
SET LOCAL work_mem = '1GB';
INSERT INTO whole SELECT name, skew, (timed(format('SELECT md5((%s)::text) FROM %s', call, source(300000, skew)))).answer FROM call, unnest(ARRAY[0, 4, 8]) skew;
SELECT is(count(DISTINCT answer), 9::bigint, 'int, text and numeric agree') FROM whole;

SET LOCAL hash_mem_multiplier = 1;
SET LOCAL work_mem = '64kB';
SELECT is(t.answer, w.answer, format('%s in 64 kB, one user with %s of 8', name, skew)) FROM whole w JOIN call USING (name), LATERAL timed(format('SELECT md5((%s)::text) FROM %s', call, source(300000, skew))) t;
SET LOCAL work_mem = '1MB';
SELECT is(t.answer, w.answer, format('%s in 1 MB, one user with %s of 8', name, skew)) FROM whole w JOIN call USING (name), LATERAL timed(format('SELECT md5((%s)::text) FROM %s', call, source(300000, skew))) t;
SELECT is(temporary_bytes(), 0::bigint, 'no temporary file is left');

-- Workers that spill, and a leader that does.
CREATE TABLE event AS SELECT (hashint8extended(i, 1) & 65535)::int AS u, moment(hashint8extended(i, 2) & 16777215) AS at, (ARRAY['100', '010', '001', '110']::stepset[])[1 + (hashint8extended(i, 3) & 3)] AS step,
	(hashint8extended(i, 4) & 1023)::text AS v, i % 4 AS g FROM generate_series(1, 300000) i;
ALTER TABLE event SET (parallel_workers = 4);
ANALYZE event;
SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SELECT is(t.answer, w.answer, name || ' in workers of 1 MB') FROM whole w JOIN call USING (name), LATERAL timed(format('SELECT md5((%s)::text) FROM event', call)) t WHERE skew = 0;
SET LOCAL work_mem = '64MB';
SELECT is(t.answer, w.answer, name || ' in workers of 64 MB') FROM whole w JOIN call USING (name), LATERAL timed(format('SELECT md5((%s)::text) FROM event', call)) t WHERE skew = 0;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL work_mem = '1MB';

-- Ids and values larger than the memory.
SELECT is(s.users, 20::bigint, 'ids of a megabyte in a memory of one')
FROM (SELECT funnel(repeat('x', 1000000) || i % 20, moment(i), '1', '1 h') AS f FROM generate_series(1, 60) i) f, funnel_steps(f) s;
SELECT is(count(*), 20::bigint, 'values of a megabyte, too')
FROM (SELECT funnel_breakdown(i % 40, moment(0), '1', '1 h', repeat('x', 1000000) || i % 20, 1) AS f FROM generate_series(1, 60) i) f, funnel_breakdown_steps(f) s;

-- ---- time -------------------------------------------------------------------------------

-- One user with all events, or half of them, takes no longer than many: not quadratic.
SELECT cmp_ok(t.ms, '<', 30000::float8, format('1,000,000 events in 1 MB, one user with %s of 8: in time', skew)) FROM unnest(ARRAY[0, 4, 8]) skew, LATERAL timed('SELECT funnel(u, at, step, ''7 d'') FROM ' || source(1000000, skew)) t;

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
SET LOCAL temp_file_limit = '4MB';
SELECT is(f.state || ': ' || replace(f.message, '"', ''), '53400: temporary file size exceeds temp_file_limit (4096kB)', name || ': past temp_file_limit')
FROM call, LATERAL failed(format('SELECT %s FROM %s', call, source(1000000, 4))) f WHERE name IN ('int', 'text, values');
SELECT is(temporary_bytes(), 0::bigint, 'and no temporary file is left');
SELECT is((failed('SELECT funnel(u, at, step, ''7 d'') FROM ' || source(100000, 0))).state, NULL, 'a query within it goes on');
SET LOCAL temp_file_limit = -1;

-- ---- cancelling -------------------------------------------------------------------------

-- While rows are read, spilled, split again and counted: at a share of the time that the
-- query takes. The timeout counts from the beginning of a statement, so that is one a share.
CREATE TABLE slow (name text, call text, n int, skew int, ms float8);
INSERT INTO slow (name, call, n, skew) VALUES ('int', 'funnel(u, at, step, ''7 d'')', 1500000, 0), ('one user', 'funnel(u, at, step, ''7 d'')', 1500000, 8), ('text, values', 'funnel_holding_constant(''customer number '' || u, at, step, ''7 d'', v)', 500000, 4);
UPDATE slow SET ms = (timed(format('SELECT %s FROM %s', call, source(n, skew)))).ms;
CREATE FUNCTION cancel_at(name text, share float8) RETURNS text LANGUAGE sql RETURN (SELECT set_config('statement_timeout', (ms * share)::int::text, true) FROM slow s WHERE s.name = cancel_at.name);
CREATE FUNCTION stops(name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	f record;
	s slow;
	timeout float8 := extract(epoch FROM current_setting('statement_timeout')::interval) * 1000;
BEGIN
	SELECT * INTO s FROM slow WHERE slow.name = stops.name;
	-- It may be quicker this time: the timeout, which comes once a statement, is waited for,
	-- so that it cannot come later.
	BEGIN
		SELECT * INTO f FROM failed(format('SELECT %s FROM %s', s.call, source(s.n, s.skew))) f;
		PERFORM pg_sleep(300) WHERE f.state IS NULL;
	EXCEPTION WHEN query_canceled THEN
		IF f IS NULL THEN
			SELECT '57014' AS state, timeout AS ms INTO f;
		END IF;
	END;
	RETURN NEXT ok(f.state = '57014' OR f.state IS NULL AND f.ms < timeout, name || ': cancelled after ' || timeout || ' ms');
	RETURN NEXT cmp_ok(f.ms - timeout, '<', 1000::float8, name || ': within a second');
END $$;
SELECT cancel_at('int', 0.1) IS NULL AS no \gset
SELECT stops('int');
SELECT cancel_at('int', 0.3) IS NULL AS no \gset
SELECT stops('int');
SELECT cancel_at('int', 0.5) IS NULL AS no \gset
SELECT stops('int');
SELECT cancel_at('int', 0.7) IS NULL AS no \gset
SELECT stops('int');
SELECT cancel_at('int', 0.85) IS NULL AS no \gset
SELECT stops('int');
SELECT cancel_at('one user', 0.1) IS NULL AS no \gset
SELECT stops('one user');
SELECT cancel_at('one user', 0.3) IS NULL AS no \gset
SELECT stops('one user');
SELECT cancel_at('one user', 0.5) IS NULL AS no \gset
SELECT stops('one user');
SELECT cancel_at('one user', 0.7) IS NULL AS no \gset
SELECT stops('one user');
SELECT cancel_at('one user', 0.85) IS NULL AS no \gset
SELECT stops('one user');
SELECT cancel_at('text, values', 0.1) IS NULL AS no \gset
SELECT stops('text, values');
SELECT cancel_at('text, values', 0.3) IS NULL AS no \gset
SELECT stops('text, values');
SELECT cancel_at('text, values', 0.5) IS NULL AS no \gset
SELECT stops('text, values');
SELECT cancel_at('text, values', 0.7) IS NULL AS no \gset
SELECT stops('text, values');
SELECT cancel_at('text, values', 0.85) IS NULL AS no \gset
SELECT stops('text, values');
SET LOCAL statement_timeout = '120 s';
SELECT is(temporary_bytes(), 0::bigint, 'no temporary file is left');
SELECT is((SELECT md5(funnel(u, at, step, '7 d')::text) FROM event), answer, 'the session goes on') FROM whole WHERE name = 'int' AND skew = 0;

SELECT * FROM finish();
ROLLBACK;
