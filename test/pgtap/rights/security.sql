-- What a stored query can do while it runs: read, with its owner's rights, and call nobody
-- else's functions with these. Each attack here worked, or would without one of the hooks.
\ir ../setup.psql

CREATE ROLE journey_ann; CREATE ROLE journey_vic; CREATE ROLE journey_both; CREATE ROLE journey_group;
GRANT journey_vic TO journey_both;
GRANT journey_group TO journey_ann;
GRANT USAGE ON SCHEMA journey TO PUBLIC;
GRANT ALL ON SCHEMA journey_test TO PUBLIC;
CREATE SCHEMA ann AUTHORIZATION journey_ann;
CREATE SCHEMA vic AUTHORIZATION journey_vic;
GRANT USAGE ON SCHEMA ann, vic TO PUBLIC;

SELECT plan(214);

-- ---- it only reads ------------------------------------------------------------------

SET LOCAL ROLE journey_ann;
CREATE TABLE ann.loot (who text);
CREATE SEQUENCE ann.numbers;
CREATE FUNCTION ann.run(statement text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; RETURN 1; END $$;
-- turns writing on again, then writes
CREATE FUNCTION ann.reset(statement text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
	BEGIN EXECUTE statement; EXCEPTION WHEN OTHERS THEN NULL; END;
	INSERT INTO ann.loot VALUES (current_user);
	RETURN 1;
END $$;
CREATE FUNCTION ann.set_clause() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ann.loot VALUES (current_user); RETURN 1; END $$;
ALTER FUNCTION ann.set_clause() SET transaction_read_only FROM CURRENT;
CREATE FUNCTION ann.in_sql() RETURNS int LANGUAGE sql VOLATILE AS $$ INSERT INTO ann.loot VALUES (current_user); SELECT 1 $$;
CREATE FUNCTION ann.cte() RETURNS int LANGUAGE sql VOLATILE AS $$ WITH x AS (INSERT INTO ann.loot VALUES (current_user) RETURNING 1) SELECT 1 FROM x $$;

-- the message that a query gets when it is run as a stored query of a role; NULL: none
CREATE FUNCTION message(query text, role name DEFAULT current_user) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM count(*) FROM journey_internal.run_as(quote_ident(role)::regrole::oid, query, NULL::timestamptz) AS r(x int);
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
GRANT EXECUTE ON FUNCTION message(text, name) TO PUBLIC;

SELECT is(message(format('SELECT ann.reset(%L)', s)), '25006 a stored query cannot execute INSERT', 'no way to write: ' || s)
FROM unnest(ARRAY['SET LOCAL transaction_read_only TO DEFAULT', 'SET transaction_read_only TO DEFAULT', 'RESET transaction_read_only', 'RESET ALL', 'DISCARD ALL',
	'SET LOCAL transaction_read_only = off', 'SET TRANSACTION READ WRITE', 'SELECT set_config(''transaction_read_only'', ''off'', true)', 'SELECT set_config(''journey.in_stored_query'', ''off'', true)',
	'SET LOCAL journey.in_stored_query = off', 'RESET journey.in_stored_query']) s;
-- (version 16 and later refuse this one anyway)
SELECT matches(message('SELECT ann.set_clause()'), '^(25001 cannot set transaction read-write mode inside a read-only transaction|0A000 parameter "transaction_read_only" cannot be set locally in functions)$', 'nor by a SET clause');
SELECT is(message('SELECT ann.in_sql()'), '25006 a stored query cannot execute INSERT', 'nor in SQL');
SELECT is(message('SELECT ann.cte()'), '25006 a stored query cannot execute a query that changes rows', 'nor in WITH');
SELECT is(message(format('SELECT ann.run(%L)', s)), '25006 a stored query cannot execute ' || substring(s, '/\*(.*?)\*/'), s)
FROM unnest(ARRAY['/*SET*/ SET work_mem = ''1MB''', '/*SET*/ SET LOCAL work_mem = ''1MB''', '/*RESET*/ RESET work_mem', '/*SHOW*/ SHOW work_mem', '/*NOTIFY*/ NOTIFY ann', '/*LISTEN*/ LISTEN ann', '/*UNLISTEN*/ UNLISTEN *',
	'/*LOCK TABLE*/ LOCK TABLE ann.loot IN ACCESS SHARE MODE', '/*INSERT*/ INSERT INTO ann.loot VALUES (1)', '/*UPDATE*/ UPDATE ann.loot SET who = who', '/*DELETE*/ DELETE FROM ann.loot',
	'/*MERGE*/ MERGE INTO ann.loot USING (VALUES (1)) v ON false WHEN NOT MATCHED THEN INSERT VALUES (''x'')',
	'/*TRUNCATE TABLE*/ TRUNCATE ann.loot', '/*SELECT FOR UPDATE*/ SELECT * FROM ann.loot FOR UPDATE', '/*SELECT FOR KEY SHARE*/ SELECT * FROM ann.loot FOR KEY SHARE', '/*COPY*/ COPY ann.loot TO ''/nowhere''', '/*DO*/ DO $x$ BEGIN NULL; END $x$',
	'/*DECLARE CURSOR*/ DECLARE c CURSOR WITH HOLD FOR SELECT 1', '/*DECLARE CURSOR*/ DECLARE c CURSOR FOR SELECT 1', '/*PREPARE*/ PREPARE p AS SELECT 1', '/*EXPLAIN*/ EXPLAIN SELECT 1', '/*CREATE TABLE*/ CREATE TEMP TABLE t (x int)',
	'/*CREATE TABLE AS*/ CREATE TEMP TABLE t AS SELECT 1', '/*CREATE FUNCTION*/ CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS ''SELECT 1''', '/*GRANT*/ GRANT ALL ON ann.loot TO PUBLIC', '/*GRANT ROLE*/ GRANT journey_group TO journey_vic',
	'/*ALTER ROLE*/ ALTER ROLE journey_ann SET work_mem = ''1MB''', '/*COMMENT*/ COMMENT ON TABLE ann.loot IS ''x''', '/*LOAD*/ LOAD ''plpgsql''', '/*ANALYZE*/ ANALYZE ann.loot', '/*CLUSTER*/ CLUSTER ann.loot', '/*REINDEX*/ REINDEX TABLE ann.loot',
	'/*SECURITY LABEL*/ SECURITY LABEL ON TABLE ann.loot IS ''x''', '/*CLOSE CURSOR ALL*/ CLOSE ALL', '/*DEALLOCATE ALL*/ DEALLOCATE ALL', '/*SET CONSTRAINTS*/ SET CONSTRAINTS ALL IMMEDIATE']) s;
SELECT is(message(q), '25006 a stored query cannot call function pg_catalog.' || f, f)
FROM (VALUES ('set_config(text,text,boolean)', 'SELECT length(set_config(''work_mem'', ''1MB'', false))'), ('set_config(text,text,boolean)', 'SELECT 1 WHERE set_config(''work_mem'', ''1MB'', true) IS NULL'),
	('nextval(regclass)', 'SELECT nextval(''ann.numbers'')::int'), ('setval(regclass,bigint)', 'SELECT setval(''ann.numbers'', 5)::int'),
	('pg_advisory_lock(bigint)', 'SELECT 1 FROM pg_advisory_lock(1)'), ('pg_try_advisory_lock(integer,integer)', 'SELECT pg_try_advisory_lock(1, 1)::int'), ('pg_advisory_unlock_all()', 'SELECT 1 FROM pg_advisory_unlock_all()'),
	('lo_creat(integer)', 'SELECT lo_creat(-1)::int'), ('lo_from_bytea(oid,bytea)', 'SELECT lo_from_bytea(0, ''x'')::int'), ('lo_unlink(oid)', 'SELECT lo_unlink(1)'),
	('pg_notify(text,text)', 'SELECT 1 FROM pg_notify(''ann'', ''x'')'), ('pg_terminate_backend(integer,bigint)', 'SELECT pg_terminate_backend(1)::int'), ('pg_cancel_backend(integer)', 'SELECT pg_cancel_backend(1)::int'),
	('pg_export_snapshot()', 'SELECT length(pg_export_snapshot())'), ('setseed(double precision)', 'SELECT 1 FROM setseed(0.5)'), ('pg_logical_emit_message(boolean,text,text' || CASE WHEN current_setting('server_version_num')::int >= 170000 THEN ',boolean)' ELSE ')' END, 'SELECT 1 WHERE pg_logical_emit_message(true, ''x'', ''y'') IS NULL'),
	('cursor_to_xml(refcursor,integer,boolean,boolean,text)', 'SELECT 1 WHERE cursor_to_xml(''c'', 1, false, false, '''') IS NULL')) v(f, q);
SELECT is(message('SELECT ann.run(''SELECT pg_notify(''''ann'''', ''''x'''')'')'), '25006 a stored query cannot call function pg_catalog.pg_notify(text,text)', 'nor in a function');
CREATE AGGREGATE ann.last_setting(text, boolean) (SFUNC = set_config, STYPE = text, INITCOND = 'work_mem');
SELECT is(message('SELECT length(ann.last_setting(''1MB'', false))'), '25006 a stored query cannot call function pg_catalog.set_config(text,text,boolean)', 'nor in an aggregate');
SELECT is(message('SELECT length(ann.last_setting(''1MB'', false) OVER ())'), '25006 a stored query cannot call function pg_catalog.set_config(text,text,boolean)', 'nor over a window');
CREATE OPERATOR ann.!!! (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_notify);
SELECT is(message('SELECT 1 WHERE (''x''::text OPERATOR(ann.!!!) ''y''::text) IS NULL'), '25006 a stored query cannot call function pg_catalog.pg_notify(text,text)', 'nor as an operator');
SELECT is(message('SELECT (pg_sleep(0) IS NULL)::int + (random() < 0)::int + (clock_timestamp() IS NULL)::int + (gen_random_uuid() IS NULL)::int + (pg_relation_size(''ann.loot'') < 0)::int'), NULL, 'what only tells something may be called');
RESET ROLE;

-- every volatile function that PostgreSQL brings is refused, but for these
CREATE FUNCTION refused(function regprocedure) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE (SELECT format('SELECT count(*) FROM journey_internal.run_as(current_user::regrole::oid, %L, NULL::timestamptz) AS r(x int)',
		-- arguments that the planner cannot know, lest it need not call a strict function; and no call
		format('SELECT 1 FROM (SELECT 1 AS a0%s OFFSET 0) AS a, pg_catalog.%I(%s) AS f%s LIMIT 0',
			(SELECT string_agg(format(', NULL::%s AS a%s', CASE WHEN t IN ('anyarray'::regtype, 'anycompatiblearray'::regtype) THEN 'int[]' WHEN t::regtype::text ~ '^"?any' THEN 'int' ELSE t::regtype::text END, n), '' ORDER BY n) FROM unnest(proargtypes) WITH ORDINALITY AS u(t, n)), proname,
			(SELECT string_agg(CASE WHEN provariadic NOT IN (0, '"any"'::regtype) AND n = pronargs THEN 'VARIADIC ' ELSE '' END || 'a' || n, ', ' ORDER BY n) FROM generate_series(1, pronargs) AS n),
			CASE WHEN prorettype = 'record'::regtype AND proargnames IS NULL THEN '(x int)' ELSE '' END))
		FROM pg_proc WHERE oid = function);
	RETURN false;
EXCEPTION WHEN read_only_sql_transaction THEN
	RETURN true;
END $$;
CREATE TEMP TABLE volatile AS
SELECT p.oid::regprocedure AS function, proname FROM pg_proc p
WHERE pronamespace = 'pg_catalog'::regnamespace AND p.oid < 16384 AND provolatile = 'v' AND prokind = 'f'
	AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype, 'language_handler'::regtype, 'index_am_handler'::regtype, 'table_am_handler'::regtype, 'tsm_handler'::regtype)
	AND 'internal'::regtype <> ALL (proargtypes);
SELECT cmp_ok((SELECT count(*)::int FROM volatile), '>', 200, 'PostgreSQL has many volatile functions');
SELECT is_empty($$SELECT function FROM volatile WHERE NOT refused(function) AND proname <> ALL ('{array_sample,array_shuffle,clock_timestamp,current_query,currval,gen_random_uuid,lastval,pg_blocking_pids,
	pg_database_size,pg_indexes_size,pg_is_in_recovery,pg_jit_available,pg_last_xact_replay_timestamp,pg_lock_status,pg_partition_ancestors,pg_partition_tree,pg_relation_size,pg_sleep,pg_sleep_for,pg_sleep_until,
	pg_table_size,pg_tablespace_size,pg_total_relation_size,pg_xact_commit_timestamp,pg_xact_status,query_to_xml,query_to_xml_and_xmlschema,query_to_xmlschema,random,random_normal,timeofday,
	ts_rewrite,ts_stat,txid_status,uuidv4,uuidv7}'::text[])$$, 'all are refused but those known to be harmless');
SELECT is((SELECT count(*)::int FROM volatile WHERE proname IN ('set_config', 'random') AND refused(function) = (proname = 'random')), 0, 'and the test can tell');

-- volatile functions in C that extensions bring could do anything
CREATE FUNCTION ann.in_c(oid) RETURNS void LANGUAGE c VOLATILE AS '$libdir/plpgsql', 'plpgsql_validator';
SELECT is(message('SELECT 1 WHERE ann.in_c(1) IS NULL'), '25006 a stored query cannot call function ann.in_c(oid)', 'a volatile function in C');

-- afterwards all is as before
SELECT is(current_setting('transaction_read_only') || current_setting('journey.in_stored_query'), 'offoff', 'afterwards writing works');
INSERT INTO ann.loot VALUES ('by hand');
SELECT is((SELECT string_agg(who, ',') FROM ann.loot), 'by hand', 'and nothing was written before');
DELETE FROM ann.loot;
SELECT is((SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), 0, 'no advisory lock stayed');
SELECT throws_ok('SET journey.in_stored_query = on', '42501', 'parameter "journey.in_stored_query" cannot be changed', 'nobody can pretend');

-- ---- cursors ------------------------------------------------------------------------

SET LOCAL ROLE journey_ann;
CREATE FUNCTION ann.fetch(cursor refcursor) RETURNS int LANGUAGE plpgsql AS $$ DECLARE r int; BEGIN FETCH cursor INTO r; RETURN r; END $$;
CREATE FUNCTION ann.tell() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'run as %', current_user; RETURN 1; END $$;
CREATE FUNCTION ann.leave() RETURNS int LANGUAGE plpgsql AS $$ DECLARE c refcursor := 'left'; r int; BEGIN OPEN c FOR SELECT ann.tell() FROM generate_series(1, 3); RETURN 1; END $$;
CREATE FUNCTION ann.loops() RETURNS int LANGUAGE plpgsql AS $$
DECLARE r int; n int := 0; c refcursor;
BEGIN
	FOR r IN SELECT generate_series(1, 100) LOOP
		BEGIN
			n := n + r / (r % 3);
		EXCEPTION WHEN division_by_zero THEN
			FOR r IN SELECT 1 LOOP n := n + 1; END LOOP;
		END;
	END LOOP;
	OPEN c FOR SELECT 7; FETCH c INTO r; CLOSE c;
	RETURN n + r;
END $$;
SELECT is(message('SELECT ann.loops()'), NULL, 'its own cursors work');
RESET ROLE;
DECLARE secret CURSOR FOR SELECT 42;
SELECT is(message('SELECT ann.fetch(''secret'')', 'journey_ann'), '42501 a stored query cannot fetch from a cursor that it did not open', 'it cannot read what somebody else opened');
SELECT is(message('SELECT ann.leave()', 'journey_ann'), NULL, 'a cursor left open');
SELECT is_empty($$SELECT name FROM pg_cursors WHERE name = 'left'$$, 'is closed');
CLOSE secret;
DECLARE held CURSOR WITH HOLD FOR SELECT 42;
SELECT is(message('SELECT ann.fetch(''held'')', 'journey_ann'), '55006 cursor "held" is open WITH HOLD', 'nor what lies in memory');
CLOSE held;

-- one that is no SELECT would run when somebody fetches from it
SET LOCAL ROLE journey_ann;
CREATE FUNCTION ann.leave_explain() RETURNS int LANGUAGE plpgsql AS $$ DECLARE c refcursor := 'left'; BEGIN OPEN c FOR EXECUTE 'EXPLAIN ANALYZE SELECT ann.tell()'; RETURN 1; END $$;
RESET ROLE;
SELECT is(message('SELECT ann.leave_explain()', 'journey_ann'), NULL, 'a cursor of EXPLAIN left open');
SELECT is_empty($$SELECT name FROM pg_cursors WHERE name = 'left'$$, 'is closed, too');
-- and has its rows in memory
CREATE FUNCTION journey_test.open_explain() RETURNS void LANGUAGE plpgsql AS $$ DECLARE c refcursor := 'secret'; r text; BEGIN OPEN c FOR EXECUTE 'EXPLAIN SELECT 42 UNION ALL SELECT 43'; FETCH c INTO r; END $$;
SELECT journey_test.open_explain();
SELECT is(message('SELECT 1', 'journey_ann'), '55006 cursor "secret" is open with rows', 'nothing is run as somebody else while rows of a cursor lie in memory');
SELECT is(message('SELECT 1'), NULL, 'as oneself it is');
CLOSE secret;

-- ---- a cancellation is the end ---------------------------------------------------------

SET LOCAL ROLE journey_ann;
CREATE TABLE ann.never AS SELECT 1 AS user_id, now() - interval '1 hour' AS at;
-- for five seconds, lest a failure of this test takes forever
CREATE FUNCTION ann.never_mind() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. 100 LOOP
		BEGIN PERFORM pg_sleep(0.05); EXCEPTION WHEN query_canceled THEN NULL; END;
	END LOOP;
	RETURN 'never';
END $$;
CREATE FUNCTION ann.never_handled() RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(5); RETURN 'x'; EXCEPTION WHEN query_canceled THEN PERFORM pg_sleep(5); RETURN 'never'; END $$;
CREATE FUNCTION ann.never_returned() RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(5); RETURN 'x'; EXCEPTION WHEN query_canceled THEN END $$;
CREATE FUNCTION ann.never_nested() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT x FROM journey_internal.run_as(current_user::regrole, 'SELECT ann.never_mind()', NULL::timestamptz) AS r(x text)); EXCEPTION WHEN query_canceled THEN RETURN 'never'; END $$;
CREATE FUNCTION ann.raises() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not really' USING ERRCODE = 'query_canceled'; EXCEPTION WHEN query_canceled THEN RETURN 1; END $$;
SELECT add_source('never ' || f, 'ann.never', event => format('ann.never_%s()', f)) FROM unnest('{mind,handled,returned,nested}'::text[]) f;
RESET ROLE;
SELECT throws_ok(format($$SELECT * FROM profile(1, sources => ARRAY['never %s'], time_limit => '20 milliseconds')$$, f), '53400', 'it takes longer than 20 ms', 'a function cannot catch it: ' || f) FROM unnest('{mind,handled,returned,nested}'::text[]) f;
CREATE FUNCTION canceled(query text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM FROM journey_internal.run_as('journey_ann'::regrole, query, NULL::timestamptz) AS r(x int); RETURN 'done'; EXCEPTION WHEN query_canceled THEN RETURN SQLSTATE; END $$;
SELECT is(canceled('SELECT ann.raises()'), 'done', 'an error of its own that looks like one it can');
SELECT pg_sleep(0.01);
SELECT is(canceled('SELECT 1'), 'done', 'what comes later is not canceled');
DELETE FROM sources WHERE name LIKE 'never %';

-- ---- it calls nobody else's functions with its owner's rights --------------------------

SET LOCAL ROLE journey_vic;
CREATE TABLE vic.secrets AS SELECT 7 AS user_id;
CREATE FUNCTION vic.own() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION vic.calls() RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN ann.plain(); END';
SET LOCAL ROLE journey_ann;
CREATE FUNCTION ann.plain() RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION ann.inlined() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION ann.inlined(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION ann.rows() RETURNS SETOF int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE FUNCTION ann.definer() RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER AS 'BEGIN RETURN ann.plain(); END';
CREATE FUNCTION ann.add(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE AGGREGATE ann.total(int) (SFUNC = ann.add, STYPE = int, INITCOND = '0');
CREATE OPERATOR ann.+ (LEFTARG = int, RIGHTARG = int, FUNCTION = ann.add);
CREATE FUNCTION ann.checked(int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
CREATE DOMAIN ann.number AS int CHECK (ann.checked(VALUE));
CREATE TYPE ann.pair AS (a int, b int);
CREATE FUNCTION ann.to_int(ann.pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1.a';
CREATE CAST (ann.pair AS int) WITH FUNCTION ann.to_int(ann.pair);
CREATE VIEW ann.viewed AS SELECT ann.plain() AS x;
CREATE TABLE ann.protected AS SELECT 1 AS x;
ALTER TABLE ann.protected ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON ann.protected USING (ann.plain() = 1);
CREATE TABLE ann.indexed AS SELECT 1 AS x;
CREATE INDEX ON ann.indexed (ann.inlined(x)) WHERE ann.inlined(x) > 0;
GRANT SELECT ON ALL TABLES IN SCHEMA ann TO PUBLIC;
RESET ROLE;
SELECT is(message(q, 'journey_vic'), NULL, q)
FROM unnest('{SELECT vic.own(),SELECT user_id FROM vic.secrets,SELECT ann.definer(),SELECT x FROM ann.indexed WHERE x = 1,"SELECT journey_test.rnd(1, 1, 1)"}'::text[]) q;
SELECT is(message(q, 'journey_vic'), '42501 a stored query cannot call function ' || f || ' of role "journey_ann"', q)
FROM (VALUES ('ann.plain()', 'SELECT ann.plain()'), ('ann.inlined()', 'SELECT ann.inlined()'), ('ann.inlined(integer)', 'SELECT ann.inlined(user_id) FROM vic.secrets'),
	('ann.inlined(integer)', 'SELECT user_id FROM vic.secrets WHERE ann.inlined(user_id) > 0'), ('ann.inlined(integer)', 'SELECT x FROM ann.indexed WHERE ann.inlined(x) = 1'),
	('ann.rows()', 'SELECT x FROM ann.rows() AS x'), ('ann.rows()', 'SELECT ann.rows()'), ('ann.plain()', 'SELECT vic.calls()'), ('ann.total(integer)', 'SELECT ann.total(1)'), ('ann.total(integer)', 'SELECT ann.total(1) OVER ()'),
	('ann.add(integer,integer)', 'SELECT 1 OPERATOR(ann.+) 1'), ('ann.add(integer,integer)', 'SELECT user_id OPERATOR(ann.+) user_id FROM vic.secrets'), ('ann.checked(integer)', 'SELECT user_id::ann.number::int FROM vic.secrets'), ('ann.checked(integer)', 'SELECT ''1''::ann.number::int'),
	('ann.to_int(ann.pair)', 'SELECT ROW(user_id, 1)::ann.pair::int FROM vic.secrets'), ('ann.plain()', 'SELECT x FROM ann.viewed'), ('ann.plain()', 'SELECT x FROM ann.protected'),
	('ann.plain()', 'SELECT user_id FROM vic.secrets WHERE user_id < 0 AND ann.plain() = 1'), ('ann.plain()', 'SELECT (SELECT max(ann.plain()))')) v(f, q);
-- the aggregate is one's own, its function is not
CREATE AGGREGATE vic.total(int) (SFUNC = ann.add, STYPE = int, INITCOND = '0');
ALTER AGGREGATE vic.total(int) OWNER TO journey_vic;
SELECT is(message('SELECT vic.total(1)', 'journey_vic'), '42501 a stored query cannot call function ann.add(integer,integer) of role "journey_ann"', 'the function of an aggregate');
SELECT is(message('SELECT vic.total(1) OVER ()', 'journey_vic'), '42501 a stored query cannot call function ann.add(integer,integer) of role "journey_ann"', 'over a window, too');
-- nor is it called by a sort, which no expression shows
SET LOCAL ROLE journey_ann;
CREATE FUNCTION ann.before(int, int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 > $2; END';
CREATE FUNCTION ann.compare(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $2 - $1; END';
CREATE OPERATOR ann.<<< (LEFTARG = int, RIGHTARG = int, FUNCTION = ann.before);
RESET ROLE;
CREATE OPERATOR CLASS ann.backwards FOR TYPE int USING btree AS OPERATOR 1 ann.<<<, OPERATOR 3 =, FUNCTION 1 ann.compare(int, int);
SELECT is(message('SELECT u FROM generate_series(1, 3) AS u ORDER BY u USING OPERATOR(ann.<<<)', 'journey_vic'), '42501 a stored query cannot call function ann.compare(integer,integer) of role "journey_ann"', 'the function of a sort');
SELECT is(message('SELECT u FROM generate_series(1, 3) AS u ORDER BY u USING OPERATOR(ann.<<<)', 'journey_ann'), NULL, 'but to its owner');
-- who has the rights of the current role anyway gains nothing
SELECT is(message('SELECT ann.plain()', 'journey_group'), NULL, 'a function of a member of the role');
SELECT is(message('SELECT vic.own()', 'journey_both'), '42501 a stored query cannot call function vic.own() of role "journey_vic"', 'not the other way round');
SELECT is(message('SELECT ann.plain()'), '42501 a stored query cannot call function ann.plain() of role "journey_ann"', 'a superuser''s least of all');
SELECT is(ann.plain() + ann.inlined(1) + (SELECT sum(x) FROM ann.rows() x), 3::bigint, 'outside, who calls it is on their own');

-- ---- before it runs, and between two calls ------------------------------------------------

-- the planner calls the function of an operator to guess how many rows it leaves, also of the negator
SET LOCAL ROLE journey_ann;
CREATE TABLE ann.guessed AS SELECT g % 3 AS x FROM generate_series(1, 300) g;
CREATE OPERATOR ann.@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = pg_try_advisory_lock, RESTRICT = eqsel);
CREATE OPERATOR ann.<> (LEFTARG = int, RIGHTARG = int, FUNCTION = int4ne, NEGATOR = OPERATOR(ann.@@), RESTRICT = neqsel);
CREATE FUNCTION ann.guess(int) RETURNS boolean LANGUAGE sql AS 'SELECT $1 OPERATOR(ann.@@) 12345';
CREATE FUNCTION ann.guess_not(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 OPERATOR(ann.<>) 12345';
CREATE FUNCTION ann.guesses() RETURNS SETOF int LANGUAGE sql STABLE AS 'SELECT x FROM ann.guessed WHERE x OPERATOR(ann.@@) 12345';
CREATE VIEW ann.guess_view AS SELECT x FROM ann.guessed WHERE x OPERATOR(ann.<>) 12345;
RESET ROLE;
ANALYZE ann.guessed;
SELECT is(message(q, 'journey_ann'), '25006 a stored query cannot call function pg_catalog.pg_try_advisory_lock(integer,integer)', 'before it is planned: ' || q)
FROM unnest('{SELECT x FROM ann.guessed WHERE x OPERATOR(ann.@@) 12345,SELECT x FROM ann.guessed WHERE x OPERATOR(ann.<>) 12345,SELECT x FROM ann.guessed WHERE ann.guess(x),SELECT x FROM ann.guessed WHERE ann.guess_not(x),SELECT ann.guesses(),SELECT x FROM ann.guesses() x,SELECT x FROM ann.guess_view}'::text[]) q;
SELECT is((SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objid = 12345), 0, 'no lock was taken');

-- what PL/pgSQL made ready for one role is used for another in the same transaction
CREATE FUNCTION journey_test.as_text(value anyelement) RETURNS text LANGUAGE plpgsql AS $$ DECLARE result text; BEGIN result := value::text; RETURN result; END $$;
GRANT EXECUTE ON FUNCTION journey_test.as_text(anyelement) TO PUBLIC;
SET LOCAL ROLE journey_ann;
CREATE TYPE ann.told AS (a int); CREATE TYPE ann.told_sql AS (a int);
CREATE FUNCTION ann.to_text(ann.told) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN current_user; END';
CREATE FUNCTION ann.to_text(ann.told_sql) RETURNS text LANGUAGE sql AS 'SELECT current_user::text';
CREATE CAST (ann.told AS text) WITH FUNCTION ann.to_text(ann.told);
CREATE CAST (ann.told_sql AS text) WITH FUNCTION ann.to_text(ann.told_sql);
CREATE FUNCTION ann.ready(value anyelement) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT journey_test.as_text($1)';
RESET ROLE;
SELECT is(message(format('SELECT length(ann.ready(ROW(1)::%s))', t), 'journey_vic'), NULL, 'in a function of its owner''s a cast is called: ' || t)
FROM unnest('{ann.told,ann.told_sql}'::text[]) t;
SELECT is(message(format('SELECT length(ann.ready(ROW(1)::%1$s) || journey_test.as_text(ROW(1)::%1$s))', t), 'journey_vic'), format('42501 a stored query cannot call function ann.to_text(%s) of role "journey_ann"', t), 'and not again with other rights: ' || t)
FROM unnest('{ann.told,ann.told_sql}'::text[]) t;

-- errors that come later know nothing of it
SELECT throws_like($$SELECT x, (SELECT y FROM journey_internal.run_as(current_user::regrole, 'SELECT 2', NULL) AS r(y int)), journey_test.as_text(1)::int, journey_internal.check_name(repeat('x', 64), 'source') FROM journey_internal.run_as(current_user::regrole, 'SELECT 1', NULL) AS r(x int)$$, '%is no name for a source', 'an error after two stored queries');

-- the extension's own functions are no other's
SELECT is(message('SELECT x FROM journey_internal.run_as(current_user::regrole, ''SELECT 1'', NULL::timestamptz) AS r(x int)', 'journey_vic'), NULL, 'a stored query within another');
SELECT is(message('SELECT x FROM journey_internal.run_as(''journey_ann''::regrole, ''SELECT 1'', NULL::timestamptz) AS r(x int)', 'journey_vic'), '42501 permission denied to run a query as role "journey_ann"', 'but not as somebody else');

-- in parallel workers, too
SET LOCAL ROLE journey_vic;
CREATE TABLE vic.many AS SELECT i AS user_id FROM generate_series(1, 1000) i;
ALTER TABLE vic.many SET (parallel_workers = 2);
CREATE FUNCTION vic.parallel(int) RETURNS int LANGUAGE plpgsql STABLE PARALLEL SAFE AS 'BEGIN RETURN ann.plain(); END';
CREATE FUNCTION vic.worker(leader int, int) RETURNS int LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$ BEGIN RETURN (current_setting('journey.in_stored_query') = 'on' AND pg_backend_pid() <> $1)::int; END $$;
RESET ROLE;
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL parallel_leader_participation = off;
CREATE FUNCTION worker_message(query text, role name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	PERFORM count(*) FROM journey_internal.run_as(quote_ident(role)::regrole::oid, query, NULL::timestamptz) AS r(x int);
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS result = PG_EXCEPTION_CONTEXT;
	RETURN SQLERRM || coalesce(', says a ' || substring(result, '(parallel worker)'), '');
END $$;
SELECT is(worker_message('SELECT max(vic.parallel(user_id)) FROM vic.many', 'journey_vic'), 'a stored query cannot call function ann.plain() of role "journey_ann", says a parallel worker', 'a worker refuses it');
SELECT is((SELECT x FROM journey_internal.run_as('journey_vic'::regrole, format('SELECT min(vic.worker(%s, user_id)) FROM vic.many', pg_backend_pid()), NULL) AS r(x int)), 1, 'workers know what they work for');
SET LOCAL parallel_leader_participation = on;

-- ---- sources -------------------------------------------------------------------------

SET LOCAL ROLE journey_ann;
CREATE TABLE ann.events AS SELECT 1 AS user_id, now() - interval '1 hour' AS at;
GRANT SELECT ON ann.events TO PUBLIC;
CREATE FUNCTION ann.steal() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	BEGIN EXECUTE 'SET LOCAL transaction_read_only TO DEFAULT'; EXCEPTION WHEN OTHERS THEN NULL; END;
	INSERT INTO ann.loot VALUES (current_user);
	EXECUTE 'GRANT SELECT ON vic.secrets TO journey_ann';
	RETURN 'stolen';
END $$;
GRANT INSERT ON ann.loot TO PUBLIC;
SELECT lives_ok($$SELECT add_source('trap', 'ann.events', event => 'ann.steal()'), grant_source('trap', 'public')$$, 'a source with a function of its owner');
SELECT lives_ok($$SELECT add_source('plain', 'ann.events', event => '''x'''), grant_source('plain', 'public')$$, 'and one without');
SET LOCAL ROLE journey_vic;
SELECT throws_ok($$SELECT create_segment('vic''s', '{"source": "trap", "rule": {"did": "*"}}'::text)$$, '42501', 'source "trap" cannot call function ann.steal() of role "journey_ann"', 'cannot be used in a rule');
SELECT throws_ok($$SELECT * FROM events_of('trap')$$, '42501', 'source "trap" cannot call function ann.steal() of role "journey_ann"', 'nor read');
SELECT throws_ok($$SELECT * FROM profile(1, sources => '{trap}')$$, '42501', 'a stored query cannot call function ann.steal() of role "journey_ann"', 'nor profiled');
SELECT throws_ok($$SELECT create_event_view('vic.stolen', 'trap')$$, '42501', 'source "trap" cannot call function ann.steal() of role "journey_ann"', 'nor viewed');
SELECT throws_ok($$SELECT create_segment('x', 'SELECT ann.plain()')$$, '42501', 'the definition of segment "x" cannot call function ann.plain() of role "journey_ann"', 'a definition is refused when it is created');
SELECT throws_ok($$SELECT create_segment('x', 'SELECT x FROM ann.viewed')$$, '42501', 'the definition of segment "x" cannot call function ann.plain() of role "journey_ann"', 'also if a view hides it');
SELECT throws_ok($$SELECT create_segment('x', 'SELECT x FROM ann.protected')$$, '42501', 'the definition of segment "x" cannot call function ann.plain() of role "journey_ann"', 'or a policy');
SELECT throws_ok($$SELECT create_segment('x', 'SELECT setval(''ann.numbers'', 1)')$$, '25006', 'the definition of segment "x" cannot call function pg_catalog.setval(regclass,bigint)', 'or what it calls changes something');
-- the source becomes a trap when it is in use
SELECT lives_ok($$SELECT create_segment('vic''s', '{"source": "plain", "rule": {"did": "*"}}'::text)$$, 'vic: a segment over the plain source');
SELECT is((SELECT error FROM refresh_segment('vic''s')), NULL, 'it is refreshed');
SELECT is((SELECT count(*)::int FROM events_of('plain')), 1, 'and read');
RESET ROLE;
UPDATE sources AS s SET query = (SELECT t.query FROM sources AS t WHERE t.name = 'trap') WHERE s.name = 'plain';
SET LOCAL client_min_messages = error;
SELECT matches((SELECT error FROM refresh_segment('vic''s', now() - interval '1 minute')), 'a stored query cannot call function ann.steal\(\) of role "journey_ann"', 'a superuser refreshes it: refused');
SELECT throws_ok($$SELECT * FROM events_of('plain')$$, '42501', 'source "plain" cannot call function ann.steal() of role "journey_ann"', 'reads it: refused');
SELECT is((SELECT count(*)::int FROM profile(1) WHERE value = 'trap'), 0, 'a superuser''s profile runs it as its owner: nothing happens');
SET LOCAL client_min_messages = warning;
SELECT is_empty('SELECT * FROM ann.loot', 'nothing was taken');
SELECT ok(NOT has_table_privilege('journey_ann', 'vic.secrets', 'SELECT'), 'nothing was granted');

-- ---- a source reads no more than its owner may --------------------------------------------

SET LOCAL ROLE journey_ann;
CREATE VIEW ann.through WITH (security_invoker = true) AS SELECT e.user_id + s.user_id AS user_id, e.at FROM ann.events e, vic.secrets s;
CREATE VIEW ann.own WITH (security_invoker = true) AS SELECT * FROM ann.events;
GRANT SELECT ON ann.through, ann.own TO PUBLIC;
SELECT is((SELECT count(add_source(n, r::regclass, user_id => u, event => '''x'''))::int FROM (VALUES ('peek', 'ann.events', '(SELECT s.user_id FROM vic.secrets s)'), ('view', 'ann.through', 'user_id'), ('fine', 'ann.own', '(SELECT max(user_id) FROM ann.events)')) v(n, r, u)), 3, 'sources that read more than their owner may');
SELECT is((SELECT count(grant_source(n, 'public'))::int FROM unnest('{peek,view,fine}'::text[]) n), 3, 'granted to everybody');
SET LOCAL ROLE journey_vic;
SELECT is((SELECT count(*)::int FROM events_of('fine')), 1, 'what the owner may read, too, is read');
SELECT throws_ok(format('SELECT * FROM events_of(%L)', n), '42501', format('source "%s" reads what its owner "journey_ann" may not read', n), 'what it may not is not: ' || n) FROM unnest('{peek,view}'::text[]) n;
SELECT throws_ok(format('SELECT create_segment(%L, %L::text)', n, format('{"source": "%s", "rule": {"did": "*"}}', n)), '42501', format('source "%s" reads what its owner "journey_ann" may not read', n), 'in a rule: ' || n) FROM unnest('{peek,view}'::text[]) n;
SELECT throws_ok(format('SELECT create_event_view(%L, %L)', 'vic.' || n, n), '42501', format('source "%s" reads what its owner "journey_ann" may not read', n), 'in a view: ' || n) FROM unnest('{peek,view}'::text[]) n;
SELECT throws_ok(format('SELECT * FROM profile(1, sources => %L)', ARRAY[n]), '42501', format('source "%s" reads what its owner "journey_ann" may not read', n), 'in a profile: ' || n) FROM unnest('{peek,view}'::text[]) n;
SELECT lives_ok($$SELECT create_segment('over fine', '{"source": "fine", "rule": {"did": "*"}}'::text)$$, 'a segment over the one');
-- nor does it smuggle a SELECT into somebody else's rule, where the type of an attribute stands
SET LOCAL ROLE journey_ann;
SELECT add_source('typed', 'ann.events', event => '''x''', attrs => '{"a": "1"}'), grant_source('typed', 'public');
SET LOCAL ROLE journey_vic;
SELECT lives_ok($$SELECT create_segment('typed', '{"source": "typed", "rule": {"did": "*", "where": {"a": 1}}}'::text), create_segment('two', '{"source": ["typed", "fine"], "rule": {"did": "*", "where": {"a": 1}}}'::text)$$, 'rules with an attribute');
SET LOCAL ROLE journey_ann;
UPDATE sources SET attributes = '{"a": "int OR e.user_id IN (SELECT s.user_id FROM vic.secrets AS s)"}' WHERE name = 'typed';
RESET ROLE;
SET LOCAL client_min_messages = error;
SELECT matches((SELECT error FROM refresh_segment('typed')), 'syntax error at or near "OR"|invalid type name|of type "int OR', 'the type of an attribute is a type');
UPDATE sources SET attributes = '{"a": "nowhere"}' WHERE name = 'typed';
SELECT is((SELECT error FROM refresh_segment('typed')), 'attribute "a" is of type "nowhere", which does not exist', 'that exists');
UPDATE sources SET attributes = '{"a": "int"}' WHERE name = 'typed';
SELECT is((SELECT error FROM refresh_segment('typed')), 'attribute "a" is of type "int", which does not exist', 'and is written as the extension writes it');
UPDATE sources SET attributes = '{"a": "integer"}' WHERE name = 'typed';
SELECT is((SELECT error FROM refresh_segment('typed')), NULL, 'such as integer');
SET LOCAL client_min_messages = warning;

RESET ROLE;
UPDATE sources AS s SET query = (SELECT t.query FROM sources AS t WHERE t.name = 'peek') WHERE s.name = 'fine';
SET LOCAL client_min_messages = error;
SELECT is((SELECT error FROM refresh_segment('over fine')), 'source "fine" reads what its owner "journey_ann" may not read', 'that turns into the other: refused');
SET LOCAL client_min_messages = warning;
SET LOCAL ROLE journey_vic;
GRANT SELECT ON vic.secrets TO journey_ann;
SELECT is((SELECT string_agg(user_id::text, ',' ORDER BY user_id) FROM events_of('peek', 'view')), '7,8', 'once the owner may read it, it is read');
REVOKE SELECT ON vic.secrets FROM journey_ann;
GRANT SELECT (user_id) ON vic.secrets TO journey_ann;
SELECT is((SELECT string_agg(user_id::text, ',' ORDER BY user_id) FROM events_of('peek', 'view')), '7,8', 'a column is enough');
REVOKE SELECT (user_id) ON vic.secrets FROM journey_ann;
RESET ROLE;

-- what the query does not show: text that is run, and what shows each role its own
SET LOCAL ROLE journey_vic;
SELECT create_segment('vic''s own', 'SELECT 4711');
SELECT is((SELECT users FROM refresh_segment('vic''s own')), 1::bigint, 'a segment that nobody else may read');
ANALYZE vic.secrets;
SET LOCAL ROLE journey_ann;
CREATE VIEW ann.stats AS SELECT most_common_vals::text AS values, histogram_bounds::text AS bounds, tablename FROM pg_stats;
GRANT SELECT ON ann.stats TO PUBLIC;
CREATE TEMP TABLE tricks AS SELECT * FROM (VALUES
	('pg_catalog.query_to_xml(text,boolean,boolean,text)', $$query_to_xml('SELECT * FROM vic.secrets', true, false, '')::text$$), ('pg_catalog.table_to_xml(regclass,boolean,boolean,text)', $$table_to_xml('vic.secrets'::regclass, true, false, '')::text$$),
	('pg_catalog.schema_to_xml(name,boolean,boolean,text)', $$schema_to_xml('vic', true, false, '')::text$$), ('pg_catalog.ts_stat(text)', $$(SELECT word FROM ts_stat('SELECT user_id::text::tsvector FROM vic.secrets'))$$),
	('pg_catalog.ts_rewrite(tsquery,text)', $$ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, user_id::text::tsquery FROM vic.secrets')::text$$),
	('journey_internal.run_as(oid,text,timestamp with time zone)', $$(SELECT x::text FROM journey_internal.run_as(current_user::regrole, 'SELECT user_id FROM vic.secrets', NULL) AS r(x int))$$),
	('journey.segment(text,timestamp with time zone)', $$journey.segment('vic''s own')::text$$), ('journey.events_of(text[])', $$(SELECT e.event FROM journey.events_of('plain') e)$$),
	('journey_internal.segment_by_id(bigint,text,timestamp with time zone)', $$journey_internal.segment_by_id(1, 'x')::text$$)) v(what, event);
SELECT is((SELECT count(add_source('by ' || left(what, 60), 'ann.events', event => event))::int FROM tricks), 9, 'sources that read by functions');
SELECT add_source('trick members', 'ann.events', event => '(SELECT members::text FROM journey.version_members)'), add_source('trick views', 'ann.events', event => '(SELECT definition FROM journey.segments LIMIT 1)'),
	add_source('trick stats', 'ann.events', event => '(SELECT max(values) FROM ann.stats)'), add_source('no trick', 'ann.events', event => 'journey.as_of()::text || journey.contains(''{1}'', user_id)');
SELECT is((SELECT count(grant_source(name, 'public'))::int FROM sources WHERE name LIKE 'by %' OR name LIKE '%trick%'), 13, 'granted to everybody');
GRANT SELECT ON tricks TO journey_vic;
SET LOCAL ROLE journey_vic;
SELECT throws_ok(format('SELECT * FROM events_of(%L)', 'by ' || left(what, 60)), '42501', format('source "by %s" calls function %s, which reads with the rights of its user', left(what, 60), what), 'not with the rights of others: ' || what) FROM tricks;
SELECT throws_ok(format('SELECT * FROM events_of(%L)', n), '42501', format('source "%s" reads %s, where each role sees what is its own', n, r), 'nor: ' || n)
FROM (VALUES ('trick members', 'journey.version_members'), ('trick stats', 'pg_catalog.pg_statistic')) v(n, r);
SELECT throws_like('SELECT * FROM events_of(''trick views'')', 'source "trick views" calls function journey_internal.source_names(%), which reads%', 'nor views of the catalogue');
SELECT is((SELECT count(*)::int FROM events_of('no trick')), 1, 'the extension''s functions that only compute are read');

-- parsing reads constants, and those of arrays and rows call the conditions of domains
SET LOCAL ROLE journey_ann;
CREATE FUNCTION ann.parsed(int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	IF current_user <> 'journey_ann' THEN
		RAISE WARNING 'parsed as %', current_user;
		INSERT INTO ann.loot VALUES (current_user);
	END IF;
	RETURN true;
END $$;
CREATE DOMAIN ann.parsing AS int CHECK (ann.parsed(VALUE));
CREATE TYPE ann.parsing_row AS (a ann.parsing);
CREATE FUNCTION ann.parse_definer() RETURNS boolean LANGUAGE sql SECURITY DEFINER AS 'SELECT true';
CREATE DOMAIN ann.parsing_later AS int CHECK (ann.parse_definer());
SELECT add_source(n, 'ann.events', event => e), grant_source(n, 'public')
FROM (VALUES ('good', $$'x'$$), ('array', $$('{1}'::ann.parsing[])[1]::text$$), ('row', $$('(1)'::ann.parsing_row)::text$$), ('rows', $$('{(1)}'::ann.parsing_row[])[1]::text$$), ('later', $$('{1}'::ann.parsing_later[])[1]::text$$)) v(n, e);
SELECT is((SELECT count(*)::int FROM events_of('array', 'row', 'rows', 'later')), 4, 'such constants in sources of one''s own');
SET LOCAL ROLE journey_vic;
SELECT throws_ok(format(s, n), '42501', format('source "%s": a stored query cannot call function ann.parsed(integer) of role "journey_ann"', n), 'nobody else parses them: ' || format(s, n))
FROM unnest('{array,row,rows}'::text[]) n, unnest(ARRAY['SELECT * FROM events_of(%L)', 'SELECT create_event_view(''vic.parsed'', %L)', 'SELECT create_segment(''p'', format(''{"source": "%%s", "rule": {"did": "*"}}'', %L::text))']) s;
SELECT throws_ok($$SELECT * FROM profile(1, sources => '{array}')$$, '42501', 'a stored query cannot call function ann.parsed(integer) of role "journey_ann"', 'not in a profile');
SELECT throws_ok($$SELECT create_segment('p', 'SELECT (''{1}''::ann.parsing[])[1]')$$, '42501', 'a stored query cannot call function ann.parsed(integer) of role "journey_ann"', 'not in a definition');
SELECT throws_ok($$SELECT create_event_view('vic.parsed', 'later')$$, '42501', 'source "later" has a constant of type ann.parsing_later', 'nor what may be another tomorrow');
SELECT lives_ok($$SELECT create_segment('parsed', '{"source": "good", "rule": {"did": "*"}}'::text)$$, 'a segment over a source that parses nothing');
RESET ROLE;
UPDATE sources AS s SET query = (SELECT t.query FROM sources AS t WHERE t.name = 'array') WHERE s.name = 'good';
SET LOCAL client_min_messages = error;
SELECT is((SELECT error FROM refresh_segment('parsed')), 'source "good": a stored query cannot call function ann.parsed(integer) of role "journey_ann"', 'and one day it does: a superuser does not parse it');
SET LOCAL client_min_messages = warning;
SELECT is_empty('SELECT * FROM ann.loot', 'nothing was written');

SELECT * FROM finish();
ROLLBACK;
