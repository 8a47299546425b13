-- The states that workers of lifecycle and intervals pass on, from a hostile place:
-- every byte changed, every length. Nothing crashes; what is no state is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SET LOCAL enable_partitionwise_aggregate = on;
SET LOCAL cpu_tuple_cost = 1;
SELECT plan(17);

-- These pass any bytes to the deserial function, if they run split in two.
CREATE AGGREGATE activity_from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.activity_deserialize, COMBINEFUNC = journey_internal.activity_combine, FINALFUNC = journey_internal.lifecycle_final, PARALLEL = SAFE);
CREATE AGGREGATE times_from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.activity_deserialize, COMBINEFUNC = journey_internal.activity_combine, FINALFUNC = journey_internal.frequency_final, PARALLEL = SAFE);
CREATE AGGREGATE interval_from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.interval_deserialize, COMBINEFUNC = journey_internal.interval_combine, FINALFUNC = journey_internal.interval_final, PARALLEL = SAFE);
CREATE AGGREGATE by_from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.activity_deserialize, COMBINEFUNC = journey_internal.activity_combine, FINALFUNC = journey_internal.lifecycle_by_final, PARALLEL = SAFE);
CREATE AGGREGATE by_to_bytes(anyelement, timestamptz, text, text, text) (SFUNC = journey_internal.lifecycle_by_transition, STYPE = internal, FINALFUNC = journey_internal.activity_serialize);
CREATE AGGREGATE activity_to_bytes(anyelement, timestamptz, text, text) (SFUNC = journey_internal.lifecycle_transition, STYPE = internal, FINALFUNC = journey_internal.activity_serialize);
CREATE AGGREGATE times_to_bytes(anyelement, timestamptz, text, text) (SFUNC = journey_internal.frequency_transition, STYPE = internal, FINALFUNC = journey_internal.activity_serialize);
CREATE AGGREGATE interval_to_bytes(anyelement, timestamptz, stepset, interval) (SFUNC = journey_internal.interval_transition, STYPE = internal, FINALFUNC = journey_internal.interval_serialize);

CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);

-- The answer to two states, or the SQLSTATE.
CREATE FUNCTION answer(kind text, zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	EXECUTE format('SELECT %I(b, NULL)::text FROM bytes', split_part(kind, ',', 1) || '_from_bytes') INTO answer;
	RETURN coalesce(answer, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;

CREATE TABLE event AS SELECT i % 2 AS u, moment(i * 40000) AS at, (ARRAY['10', '01']::stepset[])[1 + i / 2 % 2] AS step FROM generate_series(0, 5) i;
CREATE TABLE state (kind text, b bytea, want text);
INSERT INTO state
SELECT 'activity', activity_to_bytes(u, at, 'day', 'UTC'), lifecycle(u, at, 'day', 'UTC')::text FROM event
UNION ALL SELECT 'activity, text', activity_to_bytes(u::text, at, 'day', 'UTC'), lifecycle(u, at, 'day', 'UTC')::text FROM event
UNION ALL SELECT 'times', times_to_bytes(u, at, 'times', 'UTC'), frequency(u, at, 'times', 'UTC')::text FROM event
UNION ALL SELECT 'by', by_to_bytes(u, at, step::text, 'day', 'top 1'), lifecycle_by(u, at, step::text, 'day', 'top 1')::text FROM event
UNION ALL SELECT 'by, each', by_to_bytes(u::text, at, nullif(step::text, '10'), 'day', 'each_value'), lifecycle_by(u, at, nullif(step::text, '10'), 'day', 'each_value')::text FROM event
UNION ALL SELECT 'interval', interval_to_bytes(u, at, step, '9 days'), intervals(u, at, step, '9 days')::text FROM event
UNION ALL SELECT 'interval, text', interval_to_bytes(u::text, at, step, '9 days'), intervals(u, at, step, '9 days')::text FROM event;
SELECT is(answer(kind, b, NULL), want, kind || ': as it was written') FROM state;
SELECT is(answer('activity', a.b, b.b), '22023', 'other parameters do not go together') FROM state a, state b WHERE a.kind = 'activity' AND b.kind = 'times';
SELECT is(answer('activity', a.b, b.b), '22P03', 'nor other ids') FROM state a, state b WHERE a.kind = 'activity' AND b.kind = 'activity, text';
-- The state of one aggregate given to another.
SELECT is(answer('activity', b, NULL), '22P03', 'a state of frequency is none of lifecycle') FROM state WHERE kind = 'times';
SELECT is(answer('activity', b, NULL), '22P03', 'nor one of a breakdown') FROM state WHERE kind = 'by';
SELECT is(answer('by', b, NULL), '22P03', 'and a breakdown none without') FROM state WHERE kind = 'activity';
SELECT is(answer('interval', b, NULL), '22P03', 'nor one of intervals') FROM state WHERE kind = 'times';

CREATE TABLE hostile AS
SELECT kind, b AS whole, set_byte(b, i, v) AS h FROM state, generate_series(0, octet_length(b) - 1) i,
	LATERAL (SELECT DISTINCT v & 255 FROM unnest(ARRAY[0, 59, 127, 255, get_byte(b, i) + 1, get_byte(b, i) # 128]) v) c (v) WHERE v <> get_byte(b, i)
UNION ALL SELECT kind, b, substr(b, 1, n) FROM state, generate_series(0, octet_length(b) - 1) n
UNION ALL SELECT kind, b, b || more FROM state, unnest(ARRAY['\x00', '\xff']::bytea[]) more
UNION ALL SELECT kind, b, b || b FROM state;
CREATE TABLE outcome AS SELECT kind, whole, h, answer(kind, h, NULL) AS alone, answer(kind, whole, h) AS second FROM hostile;
SELECT cmp_ok(count(*), '>', 1500::bigint, 'hostile states') FROM outcome;
-- XX000: there is no type of such an OID; 42883: a type without a hash function; 42P18: no type; 22008: out of range.
SELECT is_empty($$ SELECT kind, h, alone, second FROM outcome WHERE alone ~ '^\w{5}$' AND alone NOT IN ('22P03', '22023', '42883', '42P18', 'XX000', '22008') OR second ~ '^\w{5}$' AND second NOT IN ('22P03', '22023', '42883', '42P18', 'XX000', '22008') LIMIT 5 $$, 'are refused, or read');
SELECT ok(count(*) FILTER (WHERE alone = '22P03') > 500 AND count(*) FILTER (WHERE alone ~ '^{') > 50, 'some of either') FROM outcome;
SELECT is(answer(kind, b, NULL), want, 'the session goes on') FROM state WHERE kind = 'activity';

SELECT * FROM finish();
ROLLBACK;
