-- The table scan under population aggregates: whatever the table and the conditions,
-- it must give what PostgreSQL's own sequential scan gives.
\ir ../setup.psql

SELECT plan(359);

SET LOCAL max_parallel_workers_per_gather = 0;

-- A table with all that rows can be: NULLs, dropped and added columns, long and short
-- values, columns before and after values of varying length, dead rows.
CREATE TABLE log (gone1 text, user_id bigint, flag boolean, at timestamptz, note text,
                  gone2 int, event text, amount numeric, small smallint, name name,
                  mark "char", price float8, day date);
ALTER TABLE log ALTER note SET STORAGE EXTERNAL;
INSERT INTO log
SELECT repeat('x', rnd(i, 1, 9)),
       nullif(rnd(i, 2, 40), 39),
       CASE rnd(i, 3, 3) WHEN 0 THEN true WHEN 1 THEN false END,
       CASE WHEN rnd(i, 4, 30) > 0 THEN moment(rnd(i, 5, 5000)) END,
       CASE rnd(i, 6, 40) WHEN 0 THEN repeat('long ', 2000) WHEN 1 THEN repeat('y', 200)
                          WHEN 2 THEN '' WHEN 3 THEN NULL ELSE repeat('n', rnd(i, 7, 20)) END,
       i,
       CASE WHEN rnd(i, 8, 20) > 0 THEN chr(97 + rnd(i, 9, 5)) END,
       nullif(rnd(i, 10, 1000), 0) / 7.0, rnd(i, 11, 100), 'n' || rnd(i, 12, 5), 'm',
       nullif(rnd(i, 13, 50), 0), date '2024-01-01' + rnd(i, 14, 9)
FROM generate_series(1, 6000) AS i;
ALTER TABLE log DROP gone1, DROP gone2;
ALTER TABLE log ADD channel text, ADD level int DEFAULT 7;
INSERT INTO log (user_id, at, event, channel, level)
SELECT rnd(i, 21, 40), moment(rnd(i, 22, 5000)), chr(97 + rnd(i, 23, 5)),
       CASE WHEN rnd(i, 24, 5) > 0 THEN 'c' || rnd(i, 25, 4) END, rnd(i, 26, 9)
FROM generate_series(1, 2000) AS i;
DELETE FROM log WHERE small % 10 = 3;
UPDATE log SET event = 'c' WHERE small % 10 = 4;
ANALYZE log;

-- The plan of a query, a line per node.
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    result text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        result := result || line || E'\n';
    END LOOP;
    RETURN result;
END $$;

-- Do both scans give the same, and is ours used? `what` goes after FROM.
CREATE FUNCTION same(what text, aggregate text DEFAULT NULL) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    query text := 'SELECT ' || coalesce(aggregate, $q$funnel(user_id, at, step_of(event, '{a,b,c}'), '30 minutes')$q$)
                  || '::text FROM ' || what;
    ours text;
    theirs text;
BEGIN
    PERFORM set_config('journey.enable_scan', 'on', true);
    RETURN NEXT ok(plan_of(query) LIKE '%JourneyScan%', 'planned: ' || query);
    EXECUTE query INTO ours;
    PERFORM set_config('journey.enable_scan', 'off', true);
    EXECUTE query INTO theirs;
    PERFORM set_config('journey.enable_scan', 'on', true);
    RETURN NEXT is(ours, theirs, 'same: ' || query);
END $$;

SELECT same('log');
SELECT same('log WHERE event IN (''a'', ''b'', ''c'')');
SELECT same('log WHERE event = ANY (ARRAY[''a'', NULL, ''c'']) OR event IS NULL');
SELECT same('log WHERE NOT (event = ANY (ARRAY[''a'', NULL]))');
SELECT same('log WHERE event = ANY (''{}''::text[]) OR small > 50');
SELECT same('log WHERE flag AND price > 10 AND amount < 100 AND name <> ''n3''');
SELECT same('log WHERE (flag OR price > 25) IS NOT TRUE AND NOT (small < 20)');
SELECT same('log WHERE flag IS NULL AND note IS NOT NULL AND mark = ''m''');
SELECT same('log WHERE length(note) > 15 AND upper(note) LIKE ''%N%''');
SELECT same('log WHERE channel = ''c1'' OR level = 7');
SELECT same('log WHERE at BETWEEN ''2024-01-01 00:10+00'' AND ''2024-01-01 01:00+00'' AND day > ''2024-01-03''');
SELECT same('log WHERE CASE WHEN flag THEN small > 3 ELSE price > 3 END AND coalesce(small, 1) <> 5');
SELECT same('log WHERE tableoid = ''log''::regclass AND (log).small > 5 AND ctid IS NOT NULL');
SELECT same('log WHERE user_id = ANY (ARRAY(SELECT small FROM log AS l WHERE small < 30)) AND (SELECT count(*) FROM log AS l WHERE l.day = log.day) > 0');
SELECT same('log WHERE random() >= 0 AND false IS NOT NULL');
SELECT same('log WHERE now() > ''2000-01-01''');
SELECT same('log WHERE now() < ''2000-01-01''');
SELECT same('log', $q$funnel(user_id, at, steps(event = 'a', flag, amount > 20 OR NULL, note = 'nnn'), '1 hour', 'any_order')$q$);
SELECT same('log', $q$funnel(name || '-' || user_id, at + interval '1 day', step_of(event, '{a,b}'), '1 hour')$q$);
SELECT same('log', $q$funnel_breakdown(user_id, at, step_of(event, '{a,b}'), '1 hour', channel, 1)$q$);
SELECT same('log', $q$funnel_breakdown(user_id, at, step_of(event, '{a,b}'), '1 hour', channel, 'first_touch')$q$);
SELECT same('log', $q$funnel_breakdown(user_id, at, step_of(event, '{a,b}'), '1 hour', note, 'last_touch', 'first_chain')$q$);
SELECT same('log', $q$funnel_trend(user_id, at, step_of(event, '{a,b}'), '1 hour', 'hour', '', 'UTC')$q$);
SELECT same('log', $q$funnel_breakdown(user_id, at, step_of(event, '{a,b}'), '1 hour', note, 'each_value', 'top 3')$q$);
SELECT same('log', $q$funnel_trend_breakdown(user_id, at, step_of(event, '{a,b}'), '1 hour', channel, 1, 'day', '', 'UTC')$q$);
SELECT same('log', $q$funnel_trend_breakdown(user_id, at, small, step_of(event, '{a,b}'), '1 hour', channel, 'each_value', 'hour', '', 'UTC', '2024-01-10')$q$);
SELECT same('log', $q$funnel_holding_constant(user_id, at, step_of(event, '{a,b}'), '1 hour', note)$q$);
SELECT same('log WHERE user_id = 7 AND at IS NOT NULL', $q$window_funnel_times(at, step_of(event, '{a,b,c}'), '1 hour')$q$);
-- Conditions tested on all rows of a page at once, alone and with NULLs in all places.
SELECT same('log WHERE small > 20 AND small <= 70 AND level <> 3 AND day >= ''2024-01-02''');
SELECT same('log WHERE 30 < small AND user_id = level');
SELECT same('log WHERE user_id < level AND small <> level');
SELECT same('log WHERE event = ''a''');
SELECT same('log WHERE ''b'' = event OR (event = ''c'') IS NULL');
SELECT same('log WHERE event <> ''a''');
SELECT same('log WHERE NOT (event = ''a'' AND small > 50)');
SELECT same('log WHERE NOT (event = ''a'' OR user_id > 20 OR small < 30)');
SELECT same('log WHERE (event = ''a'' OR user_id > 20) IS NULL');
SELECT same('log WHERE (event = ''a'' AND user_id > 20 AND flag) IS NOT NULL');
SELECT same('log WHERE flag AND (small IS NULL OR NOT flag OR event IN (''a'', ''b''))');
SELECT same('log WHERE event = ANY (ARRAY[NULL, ''a''])');
SELECT same('log WHERE note = ''nnnn''');
SELECT same('log WHERE note IN ('''', ''' || repeat('y', 200) || ''', ''nnnnnn'')');
SELECT same('log WHERE note = ''' || repeat('long ', 2000) || ''' OR user_id = 3');
SELECT same('log WHERE note <> ''' || repeat('long ', 1999) || 'lonG '' AND small > 10');
SELECT same('log WHERE event = ANY (''{' || (SELECT string_agg('x' || i, ',') FROM generate_series(1, 100) AS i) || ',a}'')');
SELECT same('log WHERE small = 4 AND 10 / (small - 7) < 9');
SELECT same('log WHERE channel IN (''c1'', ''c2'') AND length(channel) = 2 AND level > 1');
SELECT same('log WHERE level = 7 AND event = ''a''');
SELECT same('log WHERE at >= ''2024-01-01 00:10+00'' AND at < ''2024-01-01 00:10+00''');
SELECT same('log WHERE small > 99999999999 OR user_id > 3::smallint');
-- Arguments of all rows of a page at once, and one by one.
SELECT same('log', $q$funnel(user_id, at, steps(event = 'a', 'b' = event, event <> 'c', NULL, small > 5 AND flag), '1 hour')$q$);
SELECT same('log', $q$funnel(user_id, at, steps(VARIADIC ARRAY[event = 'a', flag, small > 10]), '1 hour')$q$);
SELECT same('log', $q$funnel(user_id, at, step_of(event, ARRAY[event, 'b']), '1 hour')$q$);
SELECT same('log', $q$funnel(user_id, at, step_of('b', ARRAY['a', 'b', NULL, 'b']), '1 hour')$q$);
SELECT same('log', $q$funnel(user_id, at, step_of(NULL, ARRAY['a', 'b']), '1 hour')$q$);
SELECT same('log', $q$funnel(user_id, at, step_of(note, ARRAY['', 'nnnn', repeat('long ', 2000), repeat('y', 200)]), '1 hour')$q$);
SELECT same('log', $q$funnel(user_id, at, step_of(channel, ARRAY['c1', 'c2']), '1 hour', 'strict_order')$q$);
SELECT same('log', $q$funnel(7, at, step_of(event, ARRAY['a', 'b']), '1 hour')$q$);
SELECT same('log', $q$funnel(user_id, at, step_of(event, '{a,x,y,z,b,c,d,e,f,g,h}'), '1 hour')$q$);
SELECT same('log WHERE user_id IS NOT NULL AND at IS NOT NULL', $q$funnel(channel, at, step_of(event, '{a,b}'), '1 hour', 'strict_order')$q$);
SELECT same('log', $q$funnel(user_id, at, CASE WHEN small > 5 THEN '10' WHEN small > 2 THEN '01' END::stepset, '1 hour')$q$);
SELECT same('log', $q$funnel(level, at, small, step_of(event, ARRAY['a', 'b']), '1 hour')$q$);
SELECT same('log', $q$funnel(note, at, step_of(event, ARRAY['a', 'b']), '1 hour')$q$);
SELECT same('log', $q$cohort_retention(user_id, at, small < 50, true, 'hour', 5, 'every', 'UTC')$q$);
SELECT same('log', $q$cohort_retention(user_id, at, flag, event = 'a', 'hour', 5, 'first', 'UTC')$q$);
SELECT same('log', $q$cohort_retention(channel, at, flag, event = 'a', price, 'hour', 5)$q$);
SELECT same('log', $q$lifecycle(user_id, at, 'hour', 'UTC')$q$);
SELECT same('log WHERE small > 7', $q$lifecycle(note, at, 'hour', 'UTC')$q$);
SELECT same('log', $q$sessions(user_id, at, event, '5 minutes', 'UTC')$q$);
SELECT same('log', $q$sessions(user_id, at, note, '5 minutes', 'UTC')$q$);
SELECT same('log', $q$sessions(channel, at, event, '5 minutes', 'UTC')$q$);
SELECT same('log', $q$sessions(small, at, flag, price > 10, event, '5 minutes', 'UTC')$q$);
SELECT same('log', $q$sessions(user_id, at, text 'a', '5 minutes', 'UTC')$q$);
SELECT same('log WHERE small > 5', $q$sessions(user_id, at, NULL::text, '5 minutes', 'UTC')$q$);
SELECT same('log', $q$transitions(small, at, note)$q$);
SELECT same('log', $q$path_flow(level, at, event, '5 minutes', 4)$q$);
SELECT same('log', $q$pattern_matches(user_id, at, step_of(event, '{a,b}'), channel, '(?1).*(?2)(?w<=1h)', 'overlapping')$q$);
-- many nodes that differ little: in length, at the ends, in the middle, not at all
CREATE TABLE page AS
SELECT rnd(i, 31, 30) AS user_id, moment(rnd(i, 32, 5000)) AS at,
       (ARRAY['x', 'page ', '12345678', '/a/long/', '/a/very/long/'])[1 + rnd(i, 33, 5)]
       || CASE WHEN rnd(i, 34, 3) > 0 THEN rnd(i, 35, 10)::text ELSE rnd(i, 36, 3000)::text END
       || (ARRAY['', '', '12345678', '/and/its/end', 'x'])[1 + rnd(i, 37, 5)] AS page
FROM generate_series(1, 20000) AS i;
ALTER TABLE page ALTER page SET STORAGE PLAIN;
SELECT same('page', $q$sessions(user_id, at, page, '1 minute', 'UTC')$q$);
SELECT same('page', $q$transitions(user_id, at, page, '1 minute')$q$);
SELECT same('log', $q$journey_internal.step_users(user_id, at, step_of(event, '{a,b}'), '1 [-infinity, 2024-01-01 01:00+00) 1; 2 [2024-01-01 00:30+00, infinity) 2')$q$);
SELECT same('log', $q$journey_internal.step_users_once(user_id, at, step_of(event, '{a,b}'), '1 [-infinity, 2024-01-01 01:00+00) 1; 2 [2024-01-01 00:30+00, infinity) 1')$q$);
-- CASE of conditions, and of a text: NULL conditions, columns and constants as results, errors and subqueries in branches not taken, many.
SELECT same('log', format($q$path_flow(user_id, at, %s, '1 hour', 3)$q$, node)) FROM unnest(ARRAY[$q$CASE WHEN event = 'a' THEN channel WHEN flag THEN note WHEN small > 50 THEN 'x' END$q$, $q$CASE event WHEN 'b' THEN channel WHEN 'c' THEN NULL WHEN channel THEN note ELSE event END$q$,
	$q$CASE event COLLATE "C" WHEN 'b' THEN note END$q$, $q$CASE event || 'x' WHEN 'bx' THEN event WHEN 'cx' THEN channel END$q$, $q$CASE WHEN small > 90 THEN NULL WHEN small <> 0 THEN (100 / small)::text ELSE event END$q$, $q$CASE name WHEN 'n1' THEN event ELSE name::text END$q$,
	$q$CASE WHEN flag THEN (SELECT 'y' FROM pg_sleep(0) LIMIT 1) ELSE event END$q$, $q$CASE WHEN CASE level WHEN 7 THEN flag ELSE small > 3 END THEN CASE event WHEN 'a' THEN note ELSE channel END ELSE event END$q$, $q$CASE day WHEN '2024-01-02' THEN 'second' WHEN '2024-01-03' THEN event END$q$]) AS node;
SELECT same('log', (SELECT format('path_flow(user_id, at, CASE small %s ELSE event END, ''1 hour'', 3)', string_agg(format('WHEN %s THEN %L', i, 'n' || i % 7), ' ')) FROM generate_series(1, n) AS i)) FROM unnest('{16,17,300}'::int[]) AS n;
SELECT same('log', $q$attribution(user_id, at, CASE event WHEN 'a' THEN channel END, CASE WHEN event = 'b' THEN true WHEN flag THEN small > 20 END, CASE event WHEN 'b' THEN price END, '1 hour')$q$);
SELECT same('log WHERE CASE WHEN event = ''a'' THEN small > 20 WHEN price > 10 THEN flag ELSE level = 7 END AND CASE event WHEN ''b'' THEN small > 3 ELSE true END', $q$funnel(user_id, at, CASE WHEN flag THEN steps(event = 'a', event = 'b') ELSE '01' END, '1 hour')$q$);
-- CASE of a number: by branch, without ELSE, with NULL, the same number twice, and others.
SELECT same('log', $q$funnel(user_id, at, CASE journey_internal.first_step(step_of(event, '{a,b,c}')) WHEN 1 THEN '100'::stepset WHEN 2 THEN journey_internal.steps_at('010', price > 10) WHEN 3 THEN journey_internal.steps_at('011', small::float8 >= 30, channel IN ('c1', 'c2')) ELSE '000' END, '1 hour')$q$);
SELECT same('log', $q$funnel(user_id, at, steps(CASE level WHEN 7 THEN small > 20 WHEN 3 THEN NULL WHEN 7 THEN false WHEN 0 THEN true END, CASE level WHEN 3 THEN event = 'b' ELSE event = 'c' END), '1 hour')$q$);
SELECT same('log', $q$journey_internal.step_users(user_id, at, CASE level WHEN 300 THEN '10'::stepset WHEN -1 THEN '01' WHEN 7 THEN journey_internal.steps_at('11', flag, note = repeat('long ', 2000)) ELSE journey_internal.steps_at(CASE WHEN flag THEN '10'::stepset ELSE '01' END, small > 50) END, '1 [-infinity,infinity) 1; 2 [-infinity,infinity) 2')$q$);
SELECT same('log', $q$funnel(user_id, at, CASE level WHEN 7 THEN step_of(event, '{a,b}') WHEN 3 THEN (SELECT '01'::stepset FROM pg_sleep(0) LIMIT 1) ELSE '00' END, '1 hour')$q$);
SELECT same('log', $q$funnel(user_id, at, CASE level WHEN 7 THEN steps(small / (level - 7 + small) = 1) ELSE '1' END, '1 hour') FILTER (WHERE small > 0)$q$);
SELECT same('log WHERE CASE level WHEN 7 THEN small > 20 WHEN 2 THEN flag END', $q$funnel(user_id, at, steps(price = 4 OR price <> small::float8, small <= price, 'NaN' > price, price < level::float8, price / 2 >= 6, user_id::float8 = 'NaN'), '1 hour')$q$);
SELECT same('log', $q$journey_internal.step_users_once(user_id, at, CASE level WHEN 7 THEN CASE small::int WHEN 1 THEN journey_internal.steps_at('110', price > 10, event = 'a') WHEN 20 THEN journey_internal.steps_at('011', flag, note IS NULL) ELSE journey_internal.steps_at('101', small > 30, channel = 'c1') END WHEN 3 THEN journey_internal.steps_at('111', event IN ('a', 'b'), price <= 5, flag) WHEN 5 THEN NULL ELSE journey_internal.steps_at('010', note = '') END, '1 [-infinity, 2024-01-01 01:00+00) 1; 2 [2024-01-01 00:30+00, infinity) 1; 3 [-infinity, infinity) 1')$q$);
SELECT same('log', (SELECT format('journey_internal.step_totals(user_id, at, CASE small::int %s ELSE steps(flag, event = ''b'') END, price, ''1 [-infinity, 2024-01-01 01:00+00) sum >= 100; 2 [2024-01-01 00:30+00, infinity) avg < 25;'')',
	string_agg(format('WHEN %s THEN steps(price > %s, event = %L)', i, i % 50, chr(97 + i % 3)), ' ')) FROM generate_series(0, 254) AS i));
UPDATE log SET price = 'NaN' WHERE small % 17 = 5;
SELECT same('log', $q$funnel(user_id, at, steps(price = 'NaN', price <> 'NaN', price < 'NaN', price <= 'NaN', price > 30, price >= 'infinity'), '1 hour')$q$);
-- Rules' aggregates: ids of other types, NULLs, many conditions, all rows at once and row by row.
SELECT same('log', $q$(journey_internal.step_users(level, at, step_of(event, '{a,b}'), '1 [-infinity, 2024-01-01 01:00+00) 2; 2 [2024-01-01 00:30+00, infinity) 1'), journey_internal.step_users_once(level, at, step_of(channel, '{c1,c2}'), '2 [-infinity, infinity) 1'), journey_internal.step_totals(small, at, steps(event = 'a', flag), price, '1 [-infinity, infinity) sum > 10; 2 [2024-01-01 00:30+00, infinity) min < 9;'))$q$);
SELECT same('log', $q$journey_internal.pattern_users(user_id, at, step_of(event, '{a,x,y,z,b,c,d,e,f,g,h}'), '[-infinity, infinity) 1,5: (?1)(?2); [2024-01-01 00:30+00, 2024-01-01 01:00+00) 6,5,1: (?1)(?t<=1h)(?2|3);')$q$);
SELECT same('log', $q$journey_internal.pattern_users(user_id, at, step_of(event, (SELECT array_agg('x' || i) || '{a,b,c}' FROM generate_series(1, 20) AS i)), '[-infinity, infinity) 21,22: (?1)(?2);')$q$);
-- Several aggregates: one after the other is fed the rows of a page, PostgreSQL's own as well.
SELECT same('log', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), count(*), sum(amount))$q$);
SELECT same('log', $q$(count(*), funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), cohort_retention(user_id, at, flag, event = 'a', 'hour', 5, 'first', 'UTC'), lifecycle(user_id, at, 'hour', 'UTC'), sessions(user_id, at, event, '5 minutes', 'UTC'), max(at))$q$);
SELECT same('log WHERE small > 7 AND length(note) > 3', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), funnel(level, at, step_of(event, '{a,c}'), '2 hours'), journey_internal.step_users(user_id, at, step_of(event, '{a,b}'), '1 [-infinity,infinity) 2'))$q$);
-- by value and by reference, strict and not, with the first value as the state, expanded, internal
SELECT same('log', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), count(level), sum(small), avg(small), avg(price), stddev(amount), min(note), max(event), min(day), max(name::text), bool_and(flag), bit_or(small), sum(user_id), avg(at - '2024-01-01'), corr(small, price), percentile_disc(0.5) WITHIN GROUP (ORDER BY small))$q$);
SELECT same('log WHERE user_id = 7', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), md5(string_agg(note, ',')), array_agg(small), array_agg(ARRAY[small, level]), md5(jsonb_agg(event)::text), string_agg(event, channel), json_object_agg(coalesce(small, 0), day), string_agg(event, ',') FILTER (WHERE flag))$q$);
-- all of their values are NULL; a first value that comes late; a state that stays NULL
SELECT same('log', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), max(channel) FILTER (WHERE level = 99), max(channel), min(NULL::text), funnel(NULL::bigint, at, step_of(event, '{a,b}'), '1 hour'), funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FILTER (WHERE channel = 'c1'), funnel(level, at, step_of(channel, '{c1,c2}'), '1 hour'))$q$);
CREATE FUNCTION second_or_null(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT nullif($2, 'c') $$;
CREATE AGGREGATE latest_or_null(text) (sfunc = second_or_null, stype = text);
CREATE FUNCTION longer_or_null(text, text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT nullif(left($1 || $2, 20), 'cabb') $$;
CREATE AGGREGATE longest_or_null(text) (sfunc = longer_or_null, stype = text);
SELECT same('log', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), latest_or_null(event), longest_or_null(event), longest_or_null(channel))$q$);
-- the same twice, and different ones with the same state
SELECT same('log', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), count(*), count(*), avg(small), sum(small))$q$);
SELECT same('log', $q$(window_funnel(at, step_of(event, '{a,b}'), '1 hour'), window_funnel_times(at, step_of(event, '{a,b}'), '1 hour'), sequence_match(at, step_of(event, '{a,b}'), '(?1)(?2)'), sequence_count(at, step_of(event, '{a,b}'), '(?1)(?2)'))$q$);
SELECT same('log', $q$(userset_agg(user_id), userset_agg(level) FILTER (WHERE small > 3), retention(step_of(event, '{a,b}')), count(*))$q$);
-- FILTER, for all rows at once and one by one, alone and with others
SELECT same('log', $q$funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FILTER (WHERE small > 30)$q$);
SELECT same('log', $q$funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FILTER (WHERE length(note) > 5 AND flag)$q$);
SELECT same('log', $q$funnel(user_id::text, at, step_of(event, '{a,b}'), '1 hour') FILTER (WHERE small > 30)$q$);
SELECT same('log', $q$funnel(user_id::text, at, step_of(event, '{a,b}'), '1 hour') FILTER (WHERE upper(event) = 'A' OR small > 30)$q$);
SELECT same('log', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FILTER (WHERE channel = 'c1' OR small > 30), count(*) FILTER (WHERE small > 30), funnel_breakdown(user_id, at, step_of(event, '{a,b}'), '1 hour', channel, 1) FILTER (WHERE channel IS NOT NULL), max(note) FILTER (WHERE length(note) > 7), sum(10 / (small - 7)) FILTER (WHERE small > 7))$q$);
SELECT same('log', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FILTER (WHERE false), funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FILTER (WHERE NULL), count(*) FILTER (WHERE true))$q$);
SELECT same('log', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FILTER (WHERE small > (SELECT avg(small) FROM log)), count(*) FILTER (WHERE user_id IN (SELECT small FROM log)), funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FILTER (WHERE contains((SELECT userset_agg(small) FROM log), user_id)))$q$);
-- what sorts its rows gets them one by one
SELECT same('log', $q$funnel(DISTINCT user_id, at, step_of(event, '{a,b}'), '1 hour')$q$);
SELECT same('log', $q$funnel(user_id, at, step_of(event, '{a,b}'), '1 hour' ORDER BY at DESC)$q$);
SELECT same('log', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), count(DISTINCT user_id), count(DISTINCT event), string_agg(DISTINCT event, ',' ORDER BY event))$q$);

-- Functions with an effect see the rows in their order, row by row.
CREATE TEMPORARY SEQUENCE numbers;
CREATE FUNCTION in_order() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    ALTER SEQUENCE numbers RESTART;
    RETURN (SELECT (funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), sum(nextval('numbers') * small), sum(nextval('numbers') * level),
                    sum(level) FILTER (WHERE nextval('numbers') % 3 = 0), sum(nextval('numbers')) FILTER (WHERE nextval('numbers') % 3 = 0))::text FROM log);
END $$;
SELECT is(in_order(), (SELECT in_order() FROM set_config('journey.enable_scan', 'off', true)), 'effects in their order');
SET LOCAL journey.enable_scan = on;
SELECT throws_ok($q$SELECT count(*), funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), sum(1 / (small - 77)) FROM log$q$,
                 '22012', NULL, 'an error in an argument of another aggregate');
SELECT throws_like($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), sum(small) FILTER (WHERE small * 500::int2 > 0) FROM log$q$,
                   '%out of range%', 'an error in the condition of one');

-- Groups of PostgreSQL's HashAggregate are fed, too; where it is not for: joins, views of other
-- things.
SELECT alike(plan_of($q$SELECT channel, funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log GROUP BY 1$q$),
             'HashAggregate%JourneyScan%', 'under GROUP BY, for few groups');
SELECT unalike(plan_of($q$SELECT funnel(l.user_id, l.at, step_of(l.event, '{a,b}'), '1 hour') FROM log AS l JOIN log AS m USING (user_id)$q$),
               '%JourneyScan%', 'not under a join');
SELECT unalike(plan_of('SELECT count(*), max(at) FROM log'), '%JourneyScan%', 'not for other aggregates');
SET LOCAL journey.enable_scan = off;
SELECT unalike(plan_of($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log$q$),
               '%JourneyScan%', 'not when it is switched off');
SET LOCAL journey.enable_scan = on;

-- Rows of all kinds on one page: dead, updated in place, aborted, locked, wider than the
-- table was, with a NULL before or after what is needed, and pages with a single row.
CREATE TABLE mixed (before text, user_id int, at timestamptz, event varchar(40), after text);
ALTER TABLE mixed ALTER after SET STORAGE PLAIN, ALTER before SET STORAGE PLAIN;
INSERT INTO mixed
SELECT CASE WHEN i % 5 > 0 THEN repeat('b', i % 200) END, nullif(i % 17, 3),
       moment(rnd(i, 31, 3000)), chr(97 + rnd(i, 32, 4)),
       CASE WHEN i % 300 = 0 THEN repeat('w', 7000) WHEN i % 7 > 0 THEN 'z' END
FROM generate_series(1, 3000) AS i;
SAVEPOINT rows_of_nobody;
INSERT INTO mixed SELECT '', 5, moment(i), 'a' FROM generate_series(1, 500) AS i;
UPDATE mixed SET event = 'd' WHERE user_id = 5;
ROLLBACK TO rows_of_nobody;
UPDATE mixed SET event = 'b' WHERE user_id = 4;
DELETE FROM mixed WHERE user_id = 6;
CREATE TEMPORARY TABLE locked AS SELECT FROM mixed WHERE user_id = 7 FOR UPDATE;
SELECT same('mixed');
SELECT same('mixed WHERE event = ''a'' AND user_id > 2');
SELECT same('mixed WHERE after IS NULL AND before <> ''bbb''');
SELECT same('mixed WHERE user_id IN (4, 5, 6, 7)');
ALTER TABLE mixed ADD a int, ADD b text DEFAULT 'bee', ADD c bigint NOT NULL DEFAULT 12;
INSERT INTO mixed SELECT '', i % 9, moment(i), 'c', NULL, i, 'bee' || i % 2, i % 14 FROM generate_series(1, 900) AS i;
SELECT same('mixed WHERE b = ''bee''');
SELECT same('mixed WHERE c = 12 AND b <> ''bee1''');
SELECT same('mixed', $q$funnel(c, at, step_of(b, '{bee,bee0}'), '1 hour')$q$);
ALTER TABLE mixed DROP before, DROP after;
INSERT INTO mixed (user_id, at, event) SELECT i % 9, moment(i), 'b' FROM generate_series(1, 900) AS i;
SELECT same('mixed WHERE c > 5 AND event IN (''a'', ''b'')');
SELECT same('mixed', $q$funnel(coalesce(a, user_id), at, step_of(event, '{a,b,c}'), '1 hour')$q$);

-- Columns before the needed ones that would not fit on a page if they were not NULL.
DO $$ BEGIN
    EXECUTE format('CREATE TABLE wide (%s, user_id bigint, at timestamptz, event text, day date, amount float8)',
                   (SELECT string_agg('n' || i || ' name', ', ') FROM generate_series(1, 150) AS i));
END $$;
INSERT INTO wide (user_id, at, event, day, amount) SELECT i % 11, moment(rnd(i, 41, 3000)), chr(97 + rnd(i, 42, 4)), '2024-01-01', i FROM generate_series(1, 2000) AS i;
INSERT INTO wide (n1, n99, user_id, at, event, day) SELECT 'a', 'b', i % 11, moment(rnd(i, 43, 3000)), 'a', '2024-01-02' FROM generate_series(1, 500) AS i;
ANALYZE wide;
SELECT same('wide');
SELECT same('wide WHERE event IN (''a'', ''c'') AND day = ''2024-01-02''', $q$funnel(user_id::text, at, steps(event = 'a', amount > 7, event = 'b'), '1 hour')$q$);
SELECT same('wide WHERE amount > 100 AND event LIKE ''%a%''');

-- One argument is evaluated row by row, the others for all rows at once.
SELECT same('log WHERE level > 3', $q$funnel(user_id::text, at, step_of(event, '{a,b}'), '1 hour')$q$);
SELECT same('log', $q$funnel_breakdown(user_id, at + interval '1 hour', step_of(event, '{a,b}'), '1 hour', upper(channel), 1)$q$);
SELECT same('log', $q$cohort_retention(user_id, at, price > 10, event IN ('a', 'b') OR amount < 50, 'hour', 5, 'every', 'UTC')$q$);

-- Conditions with an effect are evaluated once for each row that met those before them;
-- one that fails does so.
CREATE TEMPORARY SEQUENCE calls;
CREATE FUNCTION called(small smallint) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$
BEGIN
    RETURN nextval('calls') % 3 > 0 AND small > 20;
END $$;
SELECT is((SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') IS NULL FROM log WHERE called(small) AND small > 10),
          false, 'a condition with an effect');
SELECT is((SELECT last_value FROM calls), (SELECT count(*) FROM log), 'evaluated once for each row');
ALTER FUNCTION called COST 1000;
ALTER SEQUENCE calls RESTART;
SELECT is((SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') IS NULL FROM log WHERE called(small) AND small > 10),
          false, 'a condition with an effect, after another');
SELECT is((SELECT last_value FROM calls), (SELECT count(*) FROM log WHERE small > 10), 'evaluated once for each row that it is asked for');
SELECT throws_like($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log WHERE event = 'a' AND small / (user_id - 7) IS NOT NULL$q$,
                   '%division by zero%', 'an error on a row in the middle of a page');

-- An empty table, and one of whose rows none counts.
CREATE TABLE empty (LIKE log);
SELECT is((SELECT funnel(user_id, at, step_of(event, '{a}'), '1 hour')::text FROM empty), NULL, 'an empty table');
INSERT INTO empty (event) SELECT 'a' FROM generate_series(1, 1000);
SELECT is((SELECT funnel(user_id, at, step_of(event, '{a}'), '1 hour')::text FROM empty), NULL, 'only NULLs');

-- Once for each row of an outer query: the scan begins anew.
CREATE FUNCTION per_user() RETURNS TABLE (u int, result text) LANGUAGE sql AS $$
    SELECT u, (SELECT (funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), count(*), max(at),
                       lifecycle(user_id, at, 'hour', 'UTC') FILTER (WHERE event = 'c'))::text
               FROM log WHERE user_id = u)
    FROM generate_series(-1, 30) AS u
$$;
CREATE TEMPORARY TABLE ours AS SELECT * FROM per_user();
SET LOCAL journey.enable_scan = off;
SELECT results_eq('SELECT * FROM ours', 'SELECT * FROM per_user()', 'a subquery run for each row');
SET LOCAL journey.enable_scan = on;

-- Partitions: some scanned by us, some by an index.
CREATE TABLE parts (user_id bigint, at timestamptz, event text) PARTITION BY RANGE (user_id);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE parts2 (event text, extra int, at timestamptz, user_id bigint);
ALTER TABLE parts2 DROP extra;
ALTER TABLE parts ATTACH PARTITION parts2 FOR VALUES FROM (10) TO (20);
CREATE TABLE parts3 PARTITION OF parts FOR VALUES FROM (20) TO (100);
CREATE TABLE parts4 PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT user_id, at, event FROM log;
CREATE INDEX ON parts3 (at);
ANALYZE parts;
SELECT same('parts');
SELECT same('parts WHERE at > ''2024-01-01 01:20+00''');
SELECT same('parts', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), count(*), lifecycle(user_id, at, 'hour', 'UTC'), max(event) FILTER (WHERE user_id > 15))$q$);
SELECT same('(SELECT user_id, at, event FROM log UNION ALL SELECT user_id, at, event FROM parts1) AS both_tables');
-- what is a column of one table and a constant of another, or another constant
SELECT same('(SELECT user_id, at, price AS n FROM log UNION ALL SELECT user_id, at, NULL::float8 FROM parts1 UNION ALL SELECT user_id, at, 5::float8 FROM parts2) AS tables',
    $q$journey_internal.step_totals(user_id, at, '11', n, '1 [-infinity, infinity) sum >= 2000; 2 [-infinity, infinity) min >= 5; 1 [-infinity, infinity) max < 49;')$q$);
SELECT same('(SELECT user_id, at, amount AS n, ''x''::text AS node FROM log UNION ALL SELECT user_id, at, NULL::numeric, ''y''::text FROM parts1 UNION ALL SELECT user_id, at, 5::numeric, ''z''::text FROM parts2 UNION ALL SELECT user_id, at, 6::numeric, NULL::text FROM parts4) AS tables', a)
FROM unnest(ARRAY[$q$journey_internal.step_totals(user_id, at, '1', n::float8, '1 [-infinity, infinity) sum >= 2000; 1 [-infinity, infinity) min >= 5;')$q$,
    $q$transitions(user_id, at, node)$q$, $q$transitions(user_id, at, node || '')$q$, $q$(count(n), sum(n), max(node), count(node), lifecycle(user_id, at, 'hour', 'UTC'))$q$,
    $q$journey_internal.users_by_total(user_id, n::float8, 'sum', '>=', '2000')$q$, $q$journey_internal.users_by_total(user_id, node, 'distinct', '>=', '2')$q$,
    $q$numset_agg(user_id, n::bigint)$q$, $q$(funnel(user_id, at, steps(node = 'x', node = 'y'), '1 hour'), count(node) FILTER (WHERE n > 3))$q$,
    $q$funnel(user_id, at, CASE node WHEN 'x' THEN stepset '100' WHEN 'y' THEN '010' ELSE '001' END, '1 hour')$q$]) AS a;
SELECT same('(SELECT user_id, at, ''100''::stepset AS step FROM log UNION ALL SELECT user_id, at, ''010''::stepset FROM parts1 UNION ALL SELECT user_id, at, NULL::stepset FROM parts4 UNION ALL SELECT user_id, at, ''001''::stepset FROM parts2) AS tables', a)
FROM unnest(ARRAY[$q$funnel(user_id, at, step, '1 hour')$q$, $q$journey_internal.step_users(user_id, at, step, '2 [-infinity, infinity) 2; 3 [-infinity, infinity) 1')$q$, $q$journey_internal.step_users_once(user_id, at, step, '1 [-infinity, infinity) 1; 2 [-infinity, infinity) 1; 3 [-infinity, infinity) 1')$q$,
    $q$journey_internal.pattern_users(user_id, at, step, '[-infinity, infinity) 1,2,3: (?1)(?2)(?3);')$q$]) AS a;
SELECT throws_ok($q$SELECT funnel(user_id, at, '1', w) FROM (SELECT user_id, at, interval '1 hour' AS w FROM log UNION ALL SELECT user_id, at, interval '2 hours' FROM parts1) AS tables$q$,
    NULL, NULL, 'a parameter that is another one in another table');

-- Prepared statements, with and without a generic plan.
PREPARE asked(text, timestamptz) AS
    SELECT funnel(user_id, at, step_of(event, ARRAY[$1, 'b']), '1 hour')::text FROM log WHERE at < $2;
SET LOCAL plan_cache_mode = force_generic_plan;
CREATE TEMPORARY TABLE asked1 AS EXECUTE asked('a', '2024-01-01 01:00+00');
CREATE TEMPORARY TABLE asked2 AS EXECUTE asked('c', '2024-01-01 02:00+00');
RESET plan_cache_mode;
SET LOCAL journey.enable_scan = off;
SELECT is((SELECT * FROM asked1), (SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour')::text
                                   FROM log WHERE at < '2024-01-01 01:00+00'), 'generic plan, first');
SELECT is((SELECT * FROM asked2), (SELECT funnel(user_id, at, step_of(event, '{c,b}'), '1 hour')::text
                                   FROM log WHERE at < '2024-01-01 02:00+00'), 'generic plan, second');
SET LOCAL journey.enable_scan = on;

-- Row-level security and rights.
CREATE ROLE journey_test_reader;
GRANT USAGE ON SCHEMA journey, journey_test TO journey_test_reader;
SET LOCAL ROLE journey_test_reader;
SELECT throws_ok($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log$q$,
                 '42501', NULL, 'a table that one may not read');
RESET ROLE;
GRANT SELECT ON log TO journey_test_reader;
ALTER TABLE log ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_small ON log FOR SELECT TO journey_test_reader USING (small < 50);
CREATE FUNCTION peek(small int) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
    IF small >= 50 OR small IS NULL THEN RAISE 'seen: %', small; END IF;
    RETURN true;
END $$;
CREATE TEMPORARY TABLE allowed AS
    SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour')::text AS result
    FROM log WHERE small < 50;
GRANT SELECT ON allowed TO journey_test_reader;
SET LOCAL ROLE journey_test_reader;
SELECT is((SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour')::text FROM log),
          (SELECT result FROM allowed), 'a policy holds');
SELECT lives_ok($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log
                   WHERE peek(small)$q$, 'a condition does not see rows that a policy hides');
RESET ROLE;

-- The counts of EXPLAIN ANALYZE.
CREATE FUNCTION counts(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) ' || query INTO plan;
    plan := plan->0->'Plan'->'Plans'->0;
    RETURN format('%s %s %s', plan->>'Custom Plan Provider', (plan->>'Actual Rows')::float8::int,
                  plan->>'Rows Removed by Filter');
END $$;
SELECT is(counts($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log WHERE small > 30$q$),
          (SELECT format('JourneyScan %s %s', count(*) FILTER (WHERE small > 30),
                         count(*) FILTER (WHERE (small > 30) IS NOT TRUE)) FROM log),
          'EXPLAIN ANALYZE counts the rows');

-- An error on the way, then the next query.
SELECT throws_ok($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log WHERE 1 / (small - 77) < 9$q$,
                 '22012', NULL, 'an error while rows are fed');
INSERT INTO log (user_id, at, event) VALUES (1, 'infinity', 'a');
SELECT throws_like($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log$q$,
                   '%infinity%', 'an error of the aggregate');
SELECT throws_like($q$SELECT sessions(user_id, at, event, '1 hour') FROM log$q$,
                   '%infinity%', 'and of one that takes the nodes of a page together');
SELECT throws_like($$SELECT journey_internal.step_users_once(user_id, at, step_of(event, '{a,b}'), '1 [-infinity, infinity) 1') FROM log WHERE user_id IS NOT NULL AND at IS NOT NULL$$,
                   '%infinity%', 'and of those that take users of a page together');
SELECT throws_like($$SELECT journey_internal.step_totals(user_id, at, step_of(event, '{a,b}'), 1, '1 [-infinity, infinity) sum > 1;') FROM log WHERE at IS NOT NULL$$,
                   '%infinity%', 'or numbers');
SELECT throws_like(format($$SELECT %s(user_id, at, CASE small::int WHEN 77 THEN '1'::stepset ELSE '01' END, %s FROM log WHERE user_id IS NOT NULL AND at IS NOT NULL AND isfinite(at)$$, call, args), 'step has 1 conditions where the rows before have 2', call)
FROM (VALUES ('journey_internal.step_users_once', $q$'1 [-infinity, infinity) 1')$q$), ('journey_internal.step_totals', $q$1, '1 [-infinity, infinity) sum > 1;')$q$), ('journey_internal.pattern_users', $q$'[-infinity, infinity) 1: (?1);')$q$)) AS v(call, args);
DELETE FROM log WHERE at = 'infinity';

-- With statistics of functions being collected.
SET LOCAL track_functions = 'all';
SELECT same('log WHERE upper(event) < ''D''');
RESET track_functions;

-- Parallel.
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SELECT alike(plan_of($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log$q$),
             '%Parallel Custom Scan (JourneyScan)%', 'a parallel plan');
SELECT same('log WHERE small > 20');
SELECT same('parts');
SELECT same('parts', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), count(*), lifecycle(user_id, at, 'hour', 'UTC'))$q$);

SELECT * FROM finish();
ROLLBACK;
