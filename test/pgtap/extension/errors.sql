-- Bad input: every error has its SQLSTATE, names the argument and its value, and hints at
-- what to write instead. Nothing crashes, and nothing is silently wrong.
\ir ../setup.psql
SELECT plan(387);

CREATE TABLE event (user_id int, at timestamptz, step stepset, value text, base boolean, n int);
INSERT INTO event SELECT 1, moment(i), '10', 'v', true, i FROM generate_series(1, 3) i;

-- ---- what an error says -----------------------------------------------------------------

CREATE FUNCTION error_of(query text, OUT state text, OUT message text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
END $$;

-- An error of ours has a hint; one of the server's may have none.
CREATE FUNCTION refuses(query text, state text, message text, name text, hinted boolean DEFAULT true) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	e record;
BEGIN
	SELECT * INTO e FROM error_of(query) e;
	RETURN is(concat_ws(': ', e.state, e.message), concat_ws(': ', refuses.state, refuses.message), name)
		|| CASE WHEN hinted THEN E'\n' || isnt(coalesce(e.hint, ''), '', name || ': with a hint') ELSE '' END;
END $$;

-- ---- within and gap ---------------------------------------------------------------------

SET LOCAL intervalstyle = 'postgres';
SELECT refuses(format(q, v), s, name || ' ' || m, name || ' ' || v)
FROM (VALUES ('within', 'SELECT window_funnel(at, step, interval ''%s'') FROM event'),
		('within', 'SELECT window_funnel_times(at, step, interval ''%s'', ''strict_once'') FROM event'),
		('gap', 'SELECT sessionize(at, interval ''%s'') OVER (ORDER BY at) FROM event')) c (name, q),
	(VALUES ('-1 second', '22023', 'must not be negative: -00:00:01'),
		('1 hour -1 day', '22023', 'must not be negative: -1 days +01:00:00'),
		('1 month', '22023', 'must not contain months or years: 1 mon'),
		('1 year -11 months', '22023', 'must not contain months or years: 1 mon'),
		('-1 month 60 days', '22023', 'must not contain months or years: -1 mons +60 days'),
		('53375996 days', '22015', 'is too long: 53375996 days'),
		('2147483647 days 2562047788 hours', '22015', 'is too long: 2147483647 days 2562047788:00:00')) v (v, s, m);
SELECT refuses(q, '22004', name || ' must not be NULL', name || ' NULL')
FROM (VALUES ('within', 'SELECT window_funnel(at, step, NULL) FROM event'), ('within', 'SELECT window_funnel_times(at, step, NULL) FROM event'),
	('within', 'SELECT window_funnel(at, step, CASE WHEN n < 3 THEN interval ''1 h'' END) FROM event'),
	('within', 'SELECT window_funnel(NULL::timestamptz, NULL, NULL) FROM event'),
	('gap', 'SELECT sessionize(at, NULL) OVER (ORDER BY at) FROM event')) v (name, q);
-- Intervals can be infinite since version 17.
SELECT CASE WHEN current_setting('server_version_num')::int >= 170000
	THEN refuses(q, '22023', m, m) ELSE skip('no infinite intervals before PostgreSQL 17', 2) END
FROM (VALUES ('SELECT window_funnel(at, step, ''infinity'') FROM event', 'within must be finite, not infinity'),
	('SELECT window_funnel(at, step, ''-infinity'') FROM event', 'within must be finite, not -infinity'),
	('SELECT sessionize(at, ''infinity'') OVER (ORDER BY at) FROM event', 'gap must be finite, not infinity')) v (q, m);

-- ---- mode -------------------------------------------------------------------------------

SELECT refuses(format('SELECT window_funnel(at, step, ''1 h'', %L) FROM event', mode), '22023', message, 'mode ' || to_json(mode))
FROM (VALUES ('strict', 'option "strict" does not exist'), ('STRICT', 'option "STRICT" does not exist'),
	('strict_once,', 'option "" does not exist'), ('strict_order strict_once', 'option "strict_order strict_once" does not exist'),
	('strict_order, , strict_once', 'option "" does not exist'), ('strict_order,严格', 'option "严格" does not exist'),
	('allow_reentry', 'options "allow_reentry" have allow_reentry without strict_order'),
	('strict_once,allow_reentry', 'options "strict_once,allow_reentry" have allow_reentry without strict_order'),
	('any_order,strict_once', 'options "any_order,strict_once" combine any_order with another')) v (mode, message);
SELECT refuses('SELECT window_funnel(at, step, ''1 h'', NULL) FROM event', '22004', 'options must not be NULL', 'mode NULL');
SELECT is(window_funnel(at, step, '1 h', repeat('strict_once, ', 100000) || 'strict_once'), 1, 'a mode of a megabyte') FROM event;

-- ---- pattern ----------------------------------------------------------------------------

SELECT refuses(format('SELECT sequence_match(at, step, %L) FROM event', pattern), '2201B',
	format('invalid pattern "%s": %s, at character %s', pattern, message, place), format('pattern %s', to_json(left(pattern, 40))))
FROM (VALUES ('', 'the pattern names no event', 1), ('.*', 'the pattern names no event', 1), ('   ', 'the pattern names no event', 1),
	('x', 'unexpected character', 1), ('(?1)x', 'unexpected character', 5), ('(?1) é', 'unexpected character', 6), ('贷(?1)', 'unexpected character', 1),
	('(?1)**', 'unexpected character', 6), ('(1)', 'unexpected character', 2), ('(?1) +', 'unexpected character', 6),
	('(?1)*', 'the pattern may match no event', 1), ('(?1)?(?2)?', 'the pattern may match no event', 1), ('((?1)', 'the group is not closed', 1),
	('()', 'a group or an alternative names no event', 2), ('(?1)|(?2)', '| stands outside of parentheses', 5), ('(?!)', 'expected a condition number', 4),
	('(?1)^', '^ does not stand at the beginning', 5), ('(?1)$(?2)', 'something follows $', 6), ('((?1)$)', '$ does not stand at the end', 6),
	('(?1){', 'expected a number of repeats', 6), ('(?1){2', 'expected } after the number of repeats', 7), ('(?1){2,1}', 'the least number of repeats is above the most', 5),
	('(?1){0}', 'it is repeated no times', 5), ('(?1){65}', 'the repeats make too many events', 5), ('((?1){8}(?2)){8}', 'the repeats make too many events', 14),
	('(?1){1000000000}{1000000000}', 'the repeats make too many events', 5), ('((((?1){60}){60}){60})', 'the repeats make too many events', 13),
	('(?1)((?2)?.*)+(?1)', 'what is repeated may match no event, but has a gap', 14), ('(?1)((?2)|(?t<5)(?3)?)*(?1)', 'what is repeated may match no event, but has a gap', 23),
	('(?1)?(?t<1)(?2)', 'a time condition stands before the first event', 6), ('(?1)((?2)(?t<1))?', 'a time condition stands after the last event', 10),
	('(?1)(?w>1)', 'expected <= or <', 8), ('(?1)(?w<0)', 'no match is so short', 5), ('((?1)(?w<1))', 'the window stands inside a group', 6),
	('(?1)(?w<1)(?w<2)', 'there are two windows', 11), ('(?1)(?w<=53375996d)', 'the duration is too large', 10), ('(?1)(?w<=1d', 'expected ) after the window', 12),
	(repeat('(', 33) || '(?1)' || repeat(')', 33), 'too many groups inside groups', 33), ('(?1)' || repeat('((?t!=1)(?t!=2)(?2))?', 50), 'too many time conditions', 6),
	(repeat('(', 500000), 'too many groups inside groups', 33), ('(?1)(?2))', 'unexpected character', 9), (E'(?1)\t(?2)', 'unexpected character', 5),
	('(?', 'expected a condition number, ! or t', 3), ('(?)', 'expected a condition number, ! or t', 3), ('(?-1)', 'expected a condition number, ! or t', 3), ('(?é1)', 'expected a condition number, ! or t', 3),
	('(?1', 'expected ) after a condition number', 4), ('(?1x)', 'expected ) after a condition number', 4), ('(?1é)', 'expected ) after a condition number', 4),
	('(?0)', 'condition 0 does not exist', 3), ('(?59)', 'the condition number is too large', 3), ('(?18446744073709551617)', 'the condition number is too large', 3),
	('(?t<1)(?1)', 'a time condition stands before the first event', 1), ('.*(?t<1)(?1)', 'a time condition stands before the first event', 3),
	('(?1)(?t<1)', 'a time condition stands after the last event', 5), ('(?1)(?t<1).*(?t>2)', 'a time condition stands after the last event', 5),
	('(?1)(?t)(?1)', 'expected a comparison operator', 8), ('(?1)(?t=1)(?1)', 'expected a comparison operator', 8), ('(?1)(?t', 'expected a comparison operator', 8),
	('(?1)(?t<)(?1)', 'expected a number', 9), ('(?1)(?t<-1)(?1)', 'expected a number', 9), ('(?1)(?t<１)(?1)', 'expected a number', 9),
	('(?1)(?t<1w)(?1)', 'expected ) after a time condition', 10), ('(?1)(?t<1.5)(?1)', 'expected ) after a time condition', 10), ('(?1)(?t<1', 'expected ) after a time condition', 10),
	('(?1)(?t<53375996d)(?1)', 'the duration is too large', 9), ('(?1)(?t<99999999999999999999)(?1)', 'the duration is too large', 9),
	(repeat('(?1)', 64) || '.', 'too many events', 257), (repeat('.', 65), 'too many events', 65),
	('.' || repeat('(?t!=1)', 129) || '.', 'too many time conditions', 898),
	-- 127 exceptions leave 128 ranges, and one range more is too many
	('.' || (SELECT string_agg('(?t!=' || i * 2 || ')', '') FROM generate_series(1, 127) i) || '.(?t<1).', 'too many time conditions', 1093)) v (pattern, message, place);
SELECT refuses('SELECT sequence_match(at, step, ''(?1)(?3)'') FROM event', '22023', 'pattern names condition (?3), but step has 2', 'a condition that step does not have');
SELECT refuses('SELECT sequence_count(at, step, NULL) FROM event', '22004', 'pattern must not be NULL', 'pattern NULL');
SELECT refuses('SELECT sequence_count(NULL, step, ''x'') FROM event', '2201B', 'invalid pattern "x": unexpected character, at character 1', 'a bad pattern where every row is skipped');
SELECT is(sequence_count(at, step, repeat('.*', 500000) || '(?1)'), 3::bigint, 'a pattern of a megabyte') FROM event;

-- ---- direction and anchor ---------------------------------------------------------------

SELECT refuses(format('SELECT sequence_next_node(at, step, value, base, %L, %L) FROM event', d, a), s, m, concat_ws(' ', 'next node', d, a))
FROM (VALUES ('Forward', 'head', '22023', 'direction "Forward" does not exist'), ('', 'head', '22023', 'direction "" does not exist'),
	('forward', 'first', '22023', 'anchor "first" does not exist'), ('forward', 'tail', '22023', 'direction "forward" leads nowhere from anchor "tail"'),
	('backward', 'head', '22023', 'direction "backward" leads nowhere from anchor "head"'),
	(NULL, 'head', '22004', 'direction must not be NULL'), ('forward', NULL, '22004', 'anchor must not be NULL')) v (d, a, s, m);

-- ---- times ------------------------------------------------------------------------------

SELECT refuses(format(q, t), '22008', 'at must be a finite time, not ' || t, t || ' in ' || substring(q FROM '\w+\('))
FROM unnest(ARRAY['infinity', '-infinity']) t, unnest(ARRAY['SELECT window_funnel(%L, step, ''1 h'') FROM event',
	'SELECT sequence_match(%L, step, ''(?1)'') FROM event', 'SELECT sequence_next_node(%L, step, value, base, ''forward'', ''head'') FROM event',
	'SELECT sessionize(%L, ''1 h'') OVER () FROM event']) q;
SELECT refuses('SELECT sessionize(at, ''1 h'') OVER (ORDER BY at DESC) FROM event', '42P20', 'rows are not in the order of at', 'sessionize over rows in no order');
SELECT refuses('SELECT sessionize(at, ''1 h'') FROM event', '42809', 'window function sessionize requires an OVER clause', 'sessionize without OVER', false);
SELECT refuses('SELECT sessionize(at, n * interval ''1 h'') OVER (ORDER BY at) FROM event', '22023', 'gap must be the same for all rows of one group', 'a gap that changes');
SELECT results_eq('SELECT sessionize(at, gap) OVER (PARTITION BY gap ORDER BY at) FROM event, unnest(ARRAY[interval ''0'', ''1 s'']) gap ORDER BY gap, at',
	ARRAY[1, 2, 3, 1, 1, 1]::bigint[], 'a gap for each partition');

-- ---- what must be the same in all rows --------------------------------------------------

-- Each call with a parameter that a case expression changes from one row to another.
CREATE TABLE changing (name text, message text, call text);
INSERT INTO changing VALUES
	('N of window_funnel', 'step has 3 conditions where the rows before have 2', 'window_funnel(at, (CASE WHEN n <= 2 THEN ''10'' ELSE ''100'' END)::stepset, ''1 h'')'),
	('N of window_funnel_times', 'step has 3 conditions where the rows before have 2', 'window_funnel_times(at, (CASE WHEN n <= 2 THEN ''10'' ELSE ''100'' END)::stepset, ''1 h'')'),
	('N of window_funnel, of rows that meet nothing', 'step has 3 conditions where the rows before have 2', 'window_funnel(at, (CASE WHEN n <= 2 THEN ''00'' ELSE ''000'' END)::stepset, ''1 h'')'),
	('N of retention', 'step has 3 conditions where the rows before have 2', 'retention((CASE WHEN n <= 2 THEN ''10'' ELSE ''100'' END)::stepset)'),
	('N of sequence_match', 'step has 3 conditions where the rows before have 2', 'sequence_match(at, (CASE WHEN n <= 2 THEN ''10'' ELSE ''100'' END)::stepset, ''(?1)'')'),
	('N of sequence_count, of rows that meet nothing', 'step has 3 conditions where the rows before have 2', 'sequence_count(at, (CASE WHEN n <= 2 THEN ''00'' ELSE ''000'' END)::stepset, ''(?1)'')'),
	('N of sequence_next_node', 'step has 3 conditions where the rows before have 2', 'sequence_next_node(at, (CASE WHEN n <= 2 THEN ''10'' ELSE ''100'' END)::stepset, value, base, ''forward'', ''head'')'),
	('within', 'within must be the same for all rows of one group', 'window_funnel(at, step, (CASE WHEN n <= 2 THEN 1 ELSE 2 END) * interval ''1 h'')'),
	('mode', 'options must be the same for all rows of one group', 'window_funnel(at, step, ''1 h'', CASE WHEN n <= 2 THEN '''' ELSE ''strict_once'' END)'),
	('pattern', 'pattern must be the same for all rows of one group', 'sequence_count(at, step, CASE WHEN n <= 2 THEN ''(?1)'' ELSE ''(?2)'' END)'),
	('direction', 'direction must be the same for all rows of one group', 'sequence_next_node(at, step, value, base, CASE WHEN n <= 2 THEN ''forward'' ELSE ''backward'' END, ''first_match'')'),
	('anchor', 'anchor must be the same for all rows of one group', 'sequence_next_node(at, step, value, base, ''forward'', CASE WHEN n <= 2 THEN ''head'' ELSE ''first_match'' END)');
SELECT refuses('SELECT ' || call || ' FROM event', '22023', message, name || ' changes between rows') FROM changing;

-- Between two partial aggregates, which are then combined.
CREATE TABLE part (LIKE event) PARTITION BY RANGE (n);
CREATE TABLE part_0 PARTITION OF part FOR VALUES FROM (0) TO (3);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (3) TO (10);
INSERT INTO part TABLE event;
SET LOCAL enable_partitionwise_aggregate = on;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL cpu_tuple_cost = 1;
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		lines := lines || line || '|';
	END LOOP;
	RETURN lines;
END $$;
SELECT ok(bool_and(plan_of('SELECT ' || call || ' FROM part') ~ 'Finalize Aggregate.*Append.*Partial Aggregate.*Partial Aggregate'), 'partial aggregates') FROM changing;
SELECT refuses('SELECT ' || call || ' FROM part', '22023', message, name || ' changes between partial aggregates') FROM changing;

-- Between parallel workers.
CREATE TABLE many AS SELECT i AS n, moment(i) AS at, 'v' AS value, true AS base, '10'::stepset AS step FROM generate_series(1, 20000) i;
ALTER TABLE many SET (parallel_workers = 4);
ANALYZE many;
SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
RESET cpu_tuple_cost;
SELECT ok(bool_and(plan_of('SELECT ' || call || ' FROM many') ~ 'Finalize Aggregate.*Gather.*Partial Aggregate'), 'parallel plans') FROM changing;
-- Which of the two a worker meets first is chance.
SELECT ok((SELECT state = '22023' AND regexp_replace(message, '\d', '', 'g') = regexp_replace(c.message, '\d', '', 'g')
	FROM error_of('SELECT ' || replace(call, 'n <= 2', 'n <= 10000') || ' FROM many')), name || ' changes between workers') FROM changing c;
SET LOCAL max_parallel_workers_per_gather = 0;

-- Between groups they may change, and each group has its own.
CREATE TABLE several AS
SELECT user_id, moment(i) AS at, (1 + rnd(i, 1, 3))::bit(2)::text::stepset AS step, user_id % 3 * interval '50 s' AS within,
	CASE user_id % 2 WHEN 0 THEN 'strict_increase' ELSE 'any_order' END AS mode, (ARRAY['(?1)(?2)', '(?2).(?1)', '.'])[1 + user_id % 3] AS pattern
FROM generate_series(1, 600) i, LATERAL (SELECT i / 2 % 50 AS user_id) u;
CREATE FUNCTION alone(one int) RETURNS text LANGUAGE sql STABLE
	RETURN (SELECT concat_ws('|', window_funnel(at, step, within), window_funnel_times(at, step, within, mode), sequence_count(at, step, pattern))
		FROM several WHERE user_id = one);
SELECT cmp_ok(count(DISTINCT alone(user_id)), '>', 10::bigint, 'groups that differ') FROM several;
SELECT is_empty($$
	SELECT user_id FROM several GROUP BY user_id
	HAVING concat_ws('|', window_funnel(at, step, within), window_funnel_times(at, step, within, mode), sequence_count(at, step, pattern)) <> alone(user_id) $$,
	'within, mode and pattern of each group');
SELECT is_empty($$
	SELECT d, a, i FROM unnest(ARRAY['forward', 'backward']) d, unnest(ARRAY['first_match', 'last_match']) a, generate_series(1, 20) i,
		LATERAL (SELECT CASE d WHEN 'forward' THEN 1 ELSE -1 END * (1 + i % 2) AS s) x, generate_series(1, 4) j
	GROUP BY d, a, i
	HAVING sequence_next_node(moment(j), (j IN (2, 3))::int::text::stepset, j::text, true, d, a)
		IS DISTINCT FROM (CASE a WHEN 'first_match' THEN 2 ELSE 3 END + CASE d WHEN 'forward' THEN 1 ELSE -1 END)::text $$, 'direction and anchor of each group');

-- ---- support functions by themselves ----------------------------------------------------

-- The server lets no SQL call a function of an internal state, not even with NULL. Before
-- its minor releases of 2026 it finds the function, and then refuses the value.
SELECT ok((SELECT state IN ('42883', '0A000') FROM error_of('SELECT ' || call)), call || ' cannot be called')
FROM unnest(ARRAY['journey_internal.window_funnel_transition(NULL, now(), ''10'', ''1 h'')', 'journey_internal.window_funnel_transition(NULL, now(), ''10'', ''1 h'', ''strict_once'')',
	'journey_internal.window_funnel_combine(NULL, NULL)', 'journey_internal.window_funnel_serialize(NULL)', 'journey_internal.window_funnel_deserialize(''\x00'', NULL)', 'journey_internal.window_funnel_final(NULL)', 'journey_internal.window_funnel_times_final(NULL)',
	'journey_internal.sequence_transition(NULL, now(), ''10'', ''(?1)'')', 'journey_internal.sequence_combine(NULL, NULL)', 'journey_internal.sequence_serialize(NULL)', 'journey_internal.sequence_deserialize(''\x00'', NULL)',
	'journey_internal.sequence_match_final(NULL)', 'journey_internal.sequence_count_final(NULL)', 'journey_internal.sequence_match_events_final(NULL)',
	'journey_internal.sequence_next_node_transition(NULL, now(), ''10'', ''v'', true, ''forward'', ''head'')', 'journey_internal.sequence_next_node_combine(NULL, NULL)',
	'journey_internal.sequence_next_node_serialize(NULL)', 'journey_internal.sequence_next_node_deserialize(''\x00'', NULL)', 'journey_internal.sequence_next_node_final(NULL)', 'journey_internal.stepset_recv(NULL)']) call;
SELECT refuses('SELECT journey_internal.retention_transition(''10'', ''100'')', '22023', 'step has 3 conditions where the rows before have 2', 'retention_transition by itself');
SELECT is(journey_internal.retention_final(journey_internal.retention_transition('10', '01')), '{t,t}', 'which works by itself otherwise');

-- ---- states from a hostile place --------------------------------------------------------

-- These aggregates pass any bytes to a deserial function: their state is a string, and their
-- serial function takes it as it is. They must only run split in two, which the plan of two
-- partitions does.
CREATE AGGREGATE from_bytes_funnel(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.window_funnel_deserialize, COMBINEFUNC = journey_internal.window_funnel_combine, FINALFUNC = journey_internal.window_funnel_final, PARALLEL = SAFE);
CREATE AGGREGATE from_bytes_sequence(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.sequence_deserialize, COMBINEFUNC = journey_internal.sequence_combine, FINALFUNC = journey_internal.sequence_match_events_final, PARALLEL = SAFE);
CREATE AGGREGATE from_bytes_next_node(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.sequence_next_node_deserialize, COMBINEFUNC = journey_internal.sequence_next_node_combine, FINALFUNC = journey_internal.sequence_next_node_final, PARALLEL = SAFE);
-- And these give the bytes of a state.
CREATE AGGREGATE to_bytes_funnel(timestamptz, stepset, interval, text) (SFUNC = journey_internal.window_funnel_transition, STYPE = internal, FINALFUNC = journey_internal.window_funnel_serialize);
CREATE AGGREGATE to_bytes_sequence(timestamptz, stepset, text) (SFUNC = journey_internal.sequence_transition, STYPE = internal, FINALFUNC = journey_internal.sequence_serialize);
CREATE AGGREGATE to_bytes_next_node(timestamptz, stepset, text, boolean, text, text) (SFUNC = journey_internal.sequence_next_node_transition, STYPE = internal, FINALFUNC = journey_internal.sequence_next_node_serialize);

CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);
SET LOCAL cpu_tuple_cost = 1;

CREATE FUNCTION answer_from_bytes(kind text, zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	query text := format('SELECT from_bytes_%s(b, NULL)::text FROM bytes', kind);
	answer text;
BEGIN
	IF plan_of(query) !~ '^Finalize Aggregate\|  ->  Append\|        ->  Partial Aggregate' THEN
		RAISE EXCEPTION 'not a partial plan';
	END IF;
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	BEGIN
		EXECUTE query INTO answer;
	EXCEPTION WHEN OTHERS THEN
		answer := SQLSTATE;
	END;
	RETURN coalesce(answer, 'NULL');
END $$;

CREATE TABLE state (kind text, bytes bytea, answer text);
INSERT INTO state
SELECT 'funnel', to_bytes_funnel(moment(i), s::stepset, '1 h', 'strict_once'), '3' FROM unnest(ARRAY['110', '010', '001', '011']) WITH ORDINALITY u (s, i)
UNION ALL
SELECT 'sequence', to_bytes_sequence(moment(i), s::stepset, '(?1)(?t<=9)(?3)'), format('{"%s","%s"}', moment(1), moment(3)) FROM unnest(ARRAY['110', '010', '001', '011']) WITH ORDINALITY u (s, i)
UNION ALL
SELECT 'next_node', to_bytes_next_node(moment(i), s::stepset, 'value ' || i, true, 'forward', 'first_match'), 'value 2' FROM unnest(ARRAY['1', '0', '1', '0']) WITH ORDINALITY u (s, i);

SELECT is(answer_from_bytes(kind, bytes, NULL), answer, kind || ': bytes as they were written') FROM state;
SELECT is(answer_from_bytes(kind, NULL, bytes), answer, kind || ': bytes as they were written, from the other partition') FROM state;

-- Every byte changed in several ways, every length, and bytes at random; the other state whole.
CREATE TABLE hostile AS
SELECT kind, bytes AS whole, set_byte(bytes, i, v) AS b FROM state, generate_series(0, octet_length(bytes) - 1) i,
	LATERAL (SELECT DISTINCT v & 255 FROM unnest(ARRAY[0, 1, 58, 59, 127, 128, 255, get_byte(bytes, i) + 1, get_byte(bytes, i) + 255, get_byte(bytes, i) # 128, get_byte(bytes, i) # 64]) v) c (v)
WHERE v <> get_byte(bytes, i)
UNION ALL SELECT kind, bytes, substr(bytes, 1, n) FROM state, generate_series(0, octet_length(bytes) - 1) n
UNION ALL SELECT kind, bytes, bytes || more FROM state, unnest(ARRAY['\x00', '\x0000', '\xff']::bytea[]) more
UNION ALL SELECT kind, bytes, bytes || bytes FROM state
UNION ALL SELECT kind, bytes, substr(decode(md5(i::text) || md5(i::text || 'x'), 'hex'), 1, 1 + i % 32) FROM state, generate_series(1, 200) i
UNION ALL SELECT kind, bytes, '\x01' || substr(decode(md5(i::text) || md5(i::text || 'x'), 'hex'), 1, 1 + i % 32) FROM state, generate_series(1, 200) i
-- counts beyond all memory
UNION ALL SELECT kind, bytes, '\x0100' || n || c || '\x0000' FROM state, unnest(ARRAY['\x01', '\x3a', '\x00', '\x3b', '\xffffffffffffffffff01']::bytea[]) n,
	unnest(ARRAY['\xffffffff0f', '\xffffffffffffffffff01', '\xffffffffffffffffff7f', '\x80808080808080808080808001']::bytea[]) c
UNION ALL SELECT kind, bytes, '\x01' || c || '\x0101' FROM state, unnest(ARRAY['\xffffffff0f', '\xffffffffffffffffff01', '\xffffffffffffffffff7f']::bytea[]) c;

-- What each check of a reader is for, in bytes made by hand: format 1, the parameters' length and
-- bytes, N = 2, one event, its time (0) and its conditions.
SELECT is(answer_from_bytes(kind, b, NULL), answer, format('%s: %s', kind, name))
FROM (VALUES
	('sequence', '\x01'::bytea || '\x04' || '(?1)'::bytea || '\x02' || '\x01' || '\x00' || '\x02', '{"2000-01-01 00:00:00+00"}', 'one event'),
	('sequence', '\x02'::bytea || '\x04' || '(?1)'::bytea || '\x02' || '\x01' || '\x00' || '\x02', '22P03', 'another format'),
	('sequence', '\x01'::bytea || '\x05' || '(?1)'::bytea || '\x02' || '\x01' || '\x00' || '\x02', '22P03', 'parameters that take the next byte'),
	('sequence', '\x01'::bytea || '\x04' || '(?x)'::bytea || '\x02' || '\x01' || '\x00' || '\x02', '2201B', 'a bad pattern'),
	('sequence', '\x01'::bytea || '\x04' || '(?3)'::bytea || '\x02' || '\x01' || '\x00' || '\x02', '22023', 'a pattern beyond N'),
	('sequence', '\x01'::bytea || '\x04' || '(?1)'::bytea || '\x00' || '\x01' || '\x00' || '\x00', '22P03', 'N = 0'),
	('sequence', '\x01'::bytea || '\x04' || '(?1)'::bytea || '\x3b' || '\x01' || '\x00' || '\x02', '22P03', 'N = 59'),
	('sequence', '\x01'::bytea || '\x04' || '(?1)'::bytea || '\x02' || '\x02' || '\x00' || '\x02', '22P03', 'more events than bytes'),
	('sequence', '\x01'::bytea || '\x04' || '(?1)'::bytea || '\x02' || '\x00' || '\x00' || '\x02', '22P03', 'more bytes than events'),
	('sequence', '\x01'::bytea || '\x04' || '(?1)'::bytea || '\x02' || '\x01' || '\x00' || '\x04', '22P03', 'a condition beyond N'),
	('sequence', '\x01'::bytea || '\x04' || '(?1)'::bytea || '\x02' || '\x01' || '\xffffffffffffffffff01' || '\x02', '22P03', 'the time -infinity'),
	('sequence', '\x01'::bytea || '\x04' || '(?1)'::bytea || '\x02' || '\x01' || '\xfeffffffffffffffff01' || '\x02', '22P03', 'the time infinity'),
	('sequence', '\x01'::bytea || '\x04' || '(?1)'::bytea || '\x02' || '\x01' || '\xffffffffffffffffff03' || '\x02', '22P03', 'a number of 65 bits'),
	('next_node', '\x01'::bytea || '\x03' || '\x000002' || '\x01' || '\x02' || '\x00' || '\x03' || '\x0161' || '\x00' || '\x03' || '\x0162', 'b', 'two rows'),
	('next_node', '\x01'::bytea || '\x03' || '\x020002' || '\x01' || '\x02' || '\x00' || '\x03' || '\x0161' || '\x00' || '\x03' || '\x0162', '22P03', 'an unknown direction'),
	('next_node', '\x01'::bytea || '\x03' || '\x000402' || '\x01' || '\x02' || '\x00' || '\x03' || '\x0161' || '\x00' || '\x03' || '\x0162', '22P03', 'an unknown anchor'),
	('next_node', '\x01'::bytea || '\x03' || '\x000001' || '\x01' || '\x02' || '\x00' || '\x03' || '\x0161' || '\x00' || '\x03' || '\x0162', '22P03', 'values longer than their sum'),
	('next_node', '\x01'::bytea || '\x03' || '\x000003' || '\x01' || '\x02' || '\x00' || '\x03' || '\x0161' || '\x00' || '\x03' || '\x0162', '22P03', 'values shorter than their sum'),
	('next_node', '\x01'::bytea || '\x04' || '\x00000200' || '\x01' || '\x02' || '\x00' || '\x03' || '\x0161' || '\x00' || '\x03' || '\x0162', '22P03', 'a parameter too many'),
	('next_node', '\x01'::bytea || '\x03' || '\x000002' || '\x01' || '\x02' || '\x00' || '\x04' || '\x0161' || '\x00' || '\x03' || '\x0162', '22P03', 'a condition beyond N')) v (kind, b, answer, name);
SELECT is(answer_from_bytes(kind, overlay(bytes PLACING 'strict_ones' FROM position('strict_once'::bytea IN bytes)), NULL), '22023', 'funnel: an unknown mode')
FROM state WHERE kind = 'funnel';

CREATE TABLE outcome AS SELECT kind, b, answer_from_bytes(kind, b, whole) AS answer, answer_from_bytes(kind, whole, b) AS other FROM hostile;

SELECT cmp_ok(count(*), '>', 700::bigint, kind || ': many hostile states') FROM outcome GROUP BY kind ORDER BY kind;
SELECT cmp_ok(count(*) FILTER (WHERE answer = '22P03'), '>', 400::bigint, kind || ': most are refused') FROM outcome GROUP BY kind ORDER BY kind;
SELECT is_empty($$
	SELECT kind, b, answer, other FROM outcome
	WHERE (answer ~ '^[0-9A-Z]{5}$' AND answer NOT IN ('22P03', '22023', '2201B')) OR (other ~ '^[0-9A-Z]{5}$' AND other NOT IN ('22P03', '22023', '2201B')) LIMIT 5 $$,
	'with an error of ours, if not with an answer');
SELECT is_empty($$
	SELECT o.kind, o.b FROM outcome o JOIN state s USING (kind)
	WHERE (octet_length(o.b) < octet_length(s.bytes) AND o.b = substr(s.bytes, 1, octet_length(o.b)) OR o.b <> s.bytes AND substr(o.b, 1, octet_length(s.bytes)) = s.bytes)
		AND o.answer <> '22P03' LIMIT 5 $$, 'what is cut short, or goes on, is always refused');

SELECT * FROM finish();
ROLLBACK;
