-- States that workers pass on, from a hostile place: every byte changed, every length. Nothing
-- crashes; what is no state is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT plan(14);

-- As in extension/errors.sql: this passes any bytes to the deserial function, if it runs split in two.
CREATE AGGREGATE from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.attribution_deserialize, COMBINEFUNC = journey_internal.attribution_combine, FINALFUNC = journey_internal.attribution_final, PARALLEL = SAFE);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, text, boolean, interval) (SFUNC = journey_internal.attribution_transition, STYPE = internal, FINALFUNC = journey_internal.attribution_serialize);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, bigint, text, boolean, float8, interval, text, text) (SFUNC = journey_internal.attribution_transition, STYPE = internal, FINALFUNC = journey_internal.attribution_serialize);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, bigint, text, boolean, float8, text, interval, text, text) (SFUNC = journey_internal.attribution_holding_constant_transition, STYPE = internal, FINALFUNC = journey_internal.attribution_serialize);
CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);
SET LOCAL cpu_tuple_cost = 1;
CREATE FUNCTION answer(zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	s attribution_stats;
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	SELECT from_bytes(b, NULL) INTO s FROM bytes;
	SELECT string_agg(concat_ws(' ', touch, touches, conversions, first), ', ') INTO answer FROM attribution_touches(s);
	PERFORM s::text::attribution_stats;
	PERFORM attribution_paths(s), attribution_models(s);
	RETURN coalesce(answer, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;

CREATE TABLE event AS SELECT moment(i) AS at, i::bigint AS seq, (ARRAY['ab', 'c', NULL, '', NULL])[i] AS touch, i IN (3, 4, 5) AS converts, i * 1.5::float8 AS value FROM generate_series(1, 5) i;
CREATE TABLE state (kind text, b bytea);
INSERT INTO state SELECT 'int', to_bytes(5, at, touch, converts, '1 h') FROM event UNION ALL SELECT 'text, seq, value', to_bytes('u'::text, at, seq, touch, converts, value, '1 h', 'reset, same day, direct c', 'UTC') FROM event
	UNION ALL SELECT 'held', to_bytes('u'::text, at, seq, touch, converts, value, nullif(left(touch, 1), 'c'), '1 h'::interval, 'reset, top 1, through c', 'UTC') FROM event;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
INSERT INTO state SELECT 'packed', to_bytes(5 + i / 500, at, seq, touch, converts, value, '1 h', '', '') FROM event, generate_series(1, 200) i;
RESET work_mem;
RESET hash_mem_multiplier;
SELECT is(answer(b, NULL), want, kind || ': as it was written') FROM state JOIN (VALUES ('int', ' 1 2 0, ab 1 3 3, c 1 3 0'), ('text, seq, value', ' 1 1 1, ab 1 1 1, c 1 2 1')) v (kind, want) USING (kind);
SELECT isnt(answer(b, NULL), '22P03', kind || ': is read') FROM state;
SELECT is(answer(b, b) ~ '^[0-9A-Z]{5}$', false, kind || ': twice') FROM state;
SELECT is(answer(a.b, b.b), '22P03', a.kind || ' does not go with ' || b.kind) FROM state a, state b WHERE a.kind = 'int' AND b.kind = 'text, seq, value';

CREATE TABLE hostile AS
SELECT kind, b AS whole, set_byte(b, i, v) AS h FROM state, generate_series(0, least(octet_length(b), CASE kind WHEN 'held' THEN 110 ELSE 250 END) - 1) i,
	LATERAL (SELECT DISTINCT v & 255 FROM unnest(ARRAY[0, 59, 127, 255, get_byte(b, i) + 1, get_byte(b, i) # 128]) v) c (v) WHERE v <> get_byte(b, i)
UNION ALL SELECT kind, b, substr(b, 1, n) FROM state, generate_series(0, least(octet_length(b), CASE kind WHEN 'held' THEN 110 ELSE 300 END) - 1) n
UNION ALL SELECT kind, b, b || more FROM state, unnest(ARRAY['\x00', '\x0000', '\xff', b]::bytea[]) more
UNION ALL SELECT kind, b, substr(b, 1, cut) || substr(decode(md5(i::text) || md5(i::text || 'x') || md5(i::text || 'y'), 'hex'), 1, 1 + i % 48) FROM state, generate_series(1, 100) i, LATERAL (SELECT i % octet_length(b) AS cut) c;
CREATE TABLE outcome AS SELECT kind, whole, h, answer(h, NULL) AS alone, answer(whole, h) AS second FROM hostile;
SELECT cmp_ok(count(*), '>', 2000::bigint, 'hostile states') FROM outcome;
-- XX000: there is no type of such an OID; 42883: a type without a hash function; 42P18: no type; 22023: other parameters, or invalid ones.
SELECT is_empty($$ SELECT kind, h, alone, second FROM outcome WHERE alone ~ '^[0-9A-Z]{5}$' AND alone NOT IN ('22P03', '22023', '42883', '42P18', 'XX000', '22007')
	OR second ~ '^[0-9A-Z]{5}$' AND second NOT IN ('22P03', '22023', '42883', '42P18', 'XX000', '22007') LIMIT 5 $$, 'are refused, or read');
SELECT is_empty($$ SELECT kind, h FROM outcome WHERE (h = substr(whole, 1, octet_length(h)) AND h <> whole OR whole = substr(h, 1, octet_length(whole))) AND alone <> '22P03' LIMIT 5 $$, 'refused if cut short, or longer');

SELECT * FROM finish();
ROLLBACK;
