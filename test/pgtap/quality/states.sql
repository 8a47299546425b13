-- States that workers pass on, from a hostile place: every byte changed, every length. Nothing
-- crashes; what is no state is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT no_plan();

-- As in extension/errors.sql: this passes any bytes to the deserial function, if it runs split in two.
CREATE AGGREGATE from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.quality_deserialize, COMBINEFUNC = journey_internal.quality_combine, FINALFUNC = journey_internal.quality_final, PARALLEL = SAFE);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, timestamptz, text, text, text, text, text) (SFUNC = journey_internal.quality_transition, STYPE = internal, FINALFUNC = journey_internal.quality_serialize);
CREATE AGGREGATE to_bytes(anyelement, timestamptz, timestamptz, text, bigint, text) (SFUNC = journey_internal.quality_transition, STYPE = internal, FINALFUNC = journey_internal.quality_serialize);
CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);
SET LOCAL cpu_tuple_cost = 1;
CREATE FUNCTION answer(zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	s quality_stats;
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	SELECT from_bytes(b, NULL) INTO s FROM bytes;
	SELECT string_agg(concat_ws(' ', event, rows, users, duplicate_ids, duplicate_rows, out_of_order, future, null_users, null_times), ', ') INTO answer FROM quality_events(s);
	PERFORM s::text::quality_stats;
	PERFORM quality_buckets(s), quality_lateness(s);
	RETURN coalesce(answer, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;

CREATE TABLE event AS SELECT i, nullif(i, 4) AS u, CASE WHEN i <> 3 THEN moment(i % 3) END AS at, CASE WHEN i <> 5 THEN moment(i % 2) END AS received, (ARRAY['ab', 'c', NULL, '', 'c'])[i] AS event, nullif('id' || i % 2, 'id0') AS id FROM generate_series(1, 5) i;
CREATE TABLE state (kind text, b bytea);
INSERT INTO state SELECT 'int', to_bytes(CASE WHEN u > 0 THEN 5 END, at, received, event, i::bigint, 'day') FROM event UNION ALL SELECT 'text', to_bytes(CASE WHEN u > 0 THEN 'u'::text END, at, received, event, id, 'day', 'ahead 1 s', 'UTC') FROM event;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
INSERT INTO state SELECT 'packed', to_bytes(5 + e.i / 500, at, received, event, e.i::bigint, 'day') FROM event e, generate_series(1, 200) n;
RESET work_mem;
RESET hash_mem_multiplier;
SELECT is(answer(b, NULL), want, kind || ': as it was written') FROM state JOIN (VALUES ('int', ' 1 0 0 0 0 1 1 0, ab 1 1 0 0 1 0 0 0, c 2 1 0 1 0 1 0 0, 1 1 0 0 0 0 0 1'), ('text', ' 1 0 0 0 0 0 1 0, ab 1 1 0 0 1 0 0 0, c 2 1 1 1 0 1 0 0, 1 1 0 0 0 0 0 1')) v (kind, want) USING (kind);
SELECT isnt(answer(b, NULL), '22P03', kind || ': is read') FROM state;
SELECT is(answer(b, b) ~ '^[0-9A-Z]{5}$', false, kind || ': twice') FROM state;
SELECT is(answer(a.b, b.b), '22P03', a.kind || ' does not go with ' || b.kind) FROM state a, state b WHERE a.kind = 'int' AND b.kind = 'text';

CREATE TABLE hostile AS
SELECT kind, b AS whole, set_byte(b, i, v) AS h FROM state, generate_series(0, least(octet_length(b), CASE kind WHEN 'packed' THEN 60 ELSE 140 END) - 1) i,
	LATERAL (SELECT DISTINCT v & 255 FROM unnest(ARRAY[0, 59, 127, 255, get_byte(b, i) + 1, get_byte(b, i) # 128]) v) c (v) WHERE v <> get_byte(b, i)
UNION ALL SELECT kind, b, substr(b, 1, n) FROM state, generate_series(0, least(octet_length(b), CASE kind WHEN 'packed' THEN 60 ELSE 140 END) - 1) n
UNION ALL SELECT kind, b, b || more FROM state, unnest(ARRAY['\x00', '\x0000', '\xff', b]::bytea[]) more
UNION ALL SELECT kind, b, substr(b, 1, cut) || substr(decode(md5(i::text) || md5(i::text || 'x') || md5(i::text || 'y'), 'hex'), 1, 1 + i % 48) FROM state, generate_series(1, 100) i, LATERAL (SELECT i % octet_length(b) AS cut) c;
CREATE TABLE outcome AS SELECT kind, whole, h, answer(h, NULL) AS alone, answer(whole, h) AS second FROM hostile;
SELECT cmp_ok(count(*), '>', 1000::bigint, 'hostile states') FROM outcome;
-- XX000: there is no type of such an OID; 42883: a type without a hash function; 42P18: no type; 22023: other parameters, or invalid ones; 54000: too many buckets.
SELECT is_empty($$ SELECT kind, h, alone, second FROM outcome WHERE alone ~ '^[0-9A-Z]{5}$' AND alone NOT IN ('22P03', '22023', '42883', '42P18', 'XX000', '22007', '54000')
	OR second ~ '^[0-9A-Z]{5}$' AND second NOT IN ('22P03', '22023', '42883', '42P18', 'XX000', '22007', '54000') LIMIT 5 $$, 'are refused, or read');
SELECT is_empty($$ SELECT kind, h FROM outcome WHERE (h = substr(whole, 1, octet_length(h)) AND h <> whole OR whole = substr(h, 1, octet_length(whole))) AND alone <> '22P03' LIMIT 5 $$, 'refused if cut short, or longer');

SELECT * FROM finish();
ROLLBACK;
