-- The states that workers pass on, from a hostile place: every byte changed, every length,
-- records and packed users. Nothing crashes; what is no state is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT plan(28);

-- As in extension/errors.sql: this passes any bytes to the deserial function, if it runs split in two.
CREATE AGGREGATE from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.funnel_deserialize, COMBINEFUNC = journey_internal.funnel_combine, FINALFUNC = journey_internal.funnel_final, PARALLEL = SAFE);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, stepset, interval) (SFUNC = journey_internal.funnel_transition, STYPE = internal, FINALFUNC = journey_internal.funnel_serialize);
CREATE AGGREGATE to_bytes_holding(anyelement, timestamptz, stepset, interval, text) (SFUNC = journey_internal.funnel_holding_constant_transition, STYPE = internal, FINALFUNC = journey_internal.funnel_serialize);

CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);
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
SELECT matches(plan_of('SELECT from_bytes(b, NULL)::text FROM bytes'), '^Finalize Aggregate\|  ->  Append\|        ->  Partial Aggregate', 'split in two');

-- How many users reach each step, or the SQLSTATE.
CREATE FUNCTION answer(zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	SELECT string_agg(users::text, ' ' ORDER BY step) INTO answer FROM funnel_steps((SELECT from_bytes(b, NULL) FROM bytes));
	RETURN coalesce(answer, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;

-- Two events of one user, at 0 and 1 microseconds of PostgreSQL's epoch: records as they are.
CREATE TABLE event AS SELECT '2000-01-01 00:00+00'::timestamptz + i * interval '1 us' AS at, (ARRAY['10', '01']::stepset[])[1 + i] AS step, (ARRAY[NULL, 'x'])[1 + i] AS v FROM generate_series(0, 1) i;
CREATE TABLE state (kind text, b bytea, record int);	-- bytes a record
INSERT INTO state
SELECT 'int', to_bytes(5, at, step, '1 h'), 17 FROM event
UNION ALL SELECT 'text', to_bytes('ab'::text, at, step, '1 h'), 23 FROM event
UNION ALL SELECT 'uuid', to_bytes(md5('')::uuid, at, step, '1 h'), 37 FROM event
UNION ALL SELECT 'int, values', to_bytes_holding(5, at, step, '1 h', NULL), 21 FROM event
UNION ALL SELECT 'text, values', to_bytes_holding('ab'::text, at, step, '1 h', NULL), 27 FROM event;
-- The same packed: key, id, number of events, and for each the time from the one before and
-- the conditions; then values; at the end the bytes of each of 64 partitions, four bytes each
-- as the machine has them. Key 5 belongs to partition 14, counted from 0.
INSERT INTO state
SELECT kind || ', packed', substr(b, 1, octet_length(b) - 2 * record - 1) || '\x01' || body
	|| decode(repeat('00', 4 * 14), 'hex') || set_byte('\x00000000', 0, octet_length(body)) || decode(repeat('00', 4 * 49), 'hex'), record
FROM (SELECT *, '\x0a'::bytea || CASE WHEN kind ~ 'text' THEN '\x026162'::bytea ELSE '' END || '\x0200020201' || CASE WHEN kind ~ 'values' THEN '\x000278'::bytea ELSE '' END AS body
	FROM state WHERE kind ~ 'int|text') s;

SELECT is(answer(b, NULL), '1 1', kind || ': as they were written') FROM state;
SELECT is(answer(b, b), '1 1', kind || ': twice') FROM state;
SELECT is(answer(substr(s.b, 1, octet_length(s.b) - 2 * s.record), p.b), '22P03', s.kind || ': fewer records than it says') FROM state s JOIN state p ON p.kind = s.kind || ', packed' WHERE s.kind = 'int';

-- States of different ids, or of which one only has values, do not go together.
SELECT is_empty($$
	SELECT a.kind, b.kind, answer(a.b, b.b) FROM state a, state b
	WHERE replace(a.kind, ', packed', '') <> replace(b.kind, ', packed', '') AND answer(a.b, b.b) <> '22P03' $$, 'states of other ids, or with other values');

CREATE TABLE hostile AS
SELECT kind, b AS whole, set_byte(b, i, v) AS h FROM state, generate_series(0, octet_length(b) - 1) i,
	LATERAL (SELECT DISTINCT v & 255 FROM unnest(ARRAY[0, 59, 127, 255, get_byte(b, i) + 1, get_byte(b, i) # 128]) v) c (v) WHERE v <> get_byte(b, i) AND kind <> 'uuid'
		AND (kind !~ 'packed' OR i < octet_length(b) - 4 * 48)
UNION ALL SELECT kind, b, substr(b, 1, n) FROM state, generate_series(0, octet_length(b) - 1) n
UNION ALL SELECT kind, b, b || more FROM state, unnest(ARRAY['\x00', '\x0000', '\xff']::bytea[]) more
UNION ALL SELECT kind, b, b || b FROM state
UNION ALL SELECT kind, b, substr(b, 1, cut) || substr(decode(md5(i::text) || md5(i::text || 'x') || md5(i::text || 'y'), 'hex'), 1, 1 + i % 48) FROM state, generate_series(1, 30) i, LATERAL (SELECT i % octet_length(b) AS cut) c;
CREATE TABLE outcome AS SELECT kind, whole, h, answer(h, NULL) AS alone, answer(h, whole) AS first, answer(whole, h) AS second FROM hostile;
SELECT cmp_ok(count(*), '>', 2000::bigint, 'hostile states') FROM outcome;
-- XX000: there is no type of such an OID; 42883: a type without a hash function; 42P18: no type.
SELECT is_empty($$ SELECT kind, h, alone, first, second FROM outcome WHERE NOT ARRAY[alone, first, second] <@ ARRAY['22P03', '22023', '42883', '42P18', 'XX000'] AND (alone ~ '^\w{5}$' AND alone NOT IN ('22P03', '22023', '42883', '42P18', 'XX000')
	OR first ~ '^\w{5}$' AND first NOT IN ('22P03', '22023', '42883', '42P18', 'XX000') OR second ~ '^\w{5}$' AND second NOT IN ('22P03', '22023', '42883', '42P18', 'XX000')) LIMIT 5 $$, 'are refused, or read');
SELECT is_empty($$ SELECT kind, h FROM outcome WHERE (h = substr(whole, 1, octet_length(h)) AND h <> whole OR whole = substr(h, 1, octet_length(whole))) AND alone <> '22P03' LIMIT 5 $$, 'refused if cut short, or longer');
SELECT is((SELECT answer(b, NULL)), '1 1', 'the session goes on') FROM state WHERE kind = 'int';

-- A state of another aggregate: breakdowns need values, and to know whose.
CREATE AGGREGATE from_bytes_breakdown(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.funnel_deserialize, COMBINEFUNC = journey_internal.funnel_combine, FINALFUNC = journey_internal.funnel_breakdown_final, PARALLEL = SAFE);
CREATE AGGREGATE from_bytes_trend(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.funnel_deserialize, COMBINEFUNC = journey_internal.funnel_combine, FINALFUNC = journey_internal.funnel_trend_breakdown_final, PARALLEL = SAFE);
CREATE FUNCTION other_answer(aggregate text, zero bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero);
	EXECUTE format('SELECT %s(b, NULL)::text FROM bytes', aggregate) INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT is_empty($$ SELECT kind, aggregate, other_answer(aggregate, b) FROM state, unnest(ARRAY['from_bytes_breakdown', 'from_bytes_trend']) aggregate WHERE other_answer(aggregate, b) <> '22P03' $$, 'states of funnels without a breakdown');
CREATE AGGREGATE to_bytes_breakdown(anyelement, timestamptz, stepset, interval, text, integer) (SFUNC = journey_internal.funnel_breakdown_transition, STYPE = internal, FINALFUNC = journey_internal.funnel_serialize);
SELECT is(other_answer('from_bytes_breakdown', b)::jsonb #>> '{groups,0,label}', 'xyz', 'a state of a breakdown') FROM (SELECT to_bytes_breakdown(5, at, step, '1 h', 'xyz', 1) AS b FROM event) s;
SELECT is(other_answer('from_bytes_breakdown', overlay(b PLACING '\xffffff' FROM position('xyz'::bytea IN b))), '22P03', 'whose value is no text') FROM (SELECT to_bytes_breakdown(5, at, step, '1 h', 'xyz', 1) AS b FROM event) s;

SELECT * FROM finish();
ROLLBACK;
