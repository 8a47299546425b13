-- fault_counts against plain SQL, under every plan; states that workers pass on, from a hostile place.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT no_plan();

CREATE TABLE many AS SELECT i, rnd(i, 1, 25) AS kind, nullif(rnd(i, 2, 30), 0)::bigint AS u, CASE WHEN rnd(i, 3, 20) > 0 THEN moment(rnd(i, 4, 200)) END AS at, CASE WHEN rnd(i, 5, 9) > 0 THEN steps(rnd(i, 6, 5) = 0, rnd(i, 7, 3) = 0, rnd(i, 8, 400) = 0) END AS faults, i % 3 AS g FROM generate_series(1, 5000) i;
CREATE FUNCTION rows_of(c bigint[]) RETURNS TABLE (kind bigint, rule bigint, events bigint, u bigint, at timestamptz) LANGUAGE sql AS $$ SELECT c[i][1], c[i][2], c[i][3], c[i][4], timestamptz '2000-01-01 00:00+00' + c[i][5] * interval '1 microsecond' FROM generate_series(1, array_length(c, 1)) i $$;
SELECT results_eq('SELECT * FROM rows_of((SELECT journey_internal.fault_counts(kind, faults, u, at) FROM many))', $$
	SELECT kind::bigint, 0::bigint, count(*), NULL::bigint, NULL::timestamptz FROM many GROUP BY 1
	UNION ALL SELECT kind, r, count(*), (array_agg(u ORDER BY at NULLS LAST, u NULLS LAST))[1], min(at) FROM many, generate_series(1, 3) r WHERE substr(faults::text, r, 1) = '1' GROUP BY 1, 2 ORDER BY 1, 2 $$, 'counts, and the first of each');
SELECT is((SELECT journey_internal.fault_counts(kind, faults, u, at) FROM many WHERE false), '{}', 'of nothing');
SELECT throws_ok(format('SELECT journey_internal.fault_counts(%s, faults, u, at) FROM many', kind), state, NULL, 'kind ' || kind) FROM (VALUES ('-1', '22023'), ('1000', '22023'), ('NULL', '22004'), ('i::int', '22023')) v (kind, state);
CREATE TABLE call AS SELECT 'journey_internal.fault_counts(kind, faults, u, at)'::text AS call;
\ir ../plans.psql
SET LOCAL max_parallel_workers_per_gather = 0;

-- As in extension/errors.sql: this passes any bytes to the deserial function, if it runs split in two.
CREATE AGGREGATE from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.fault_counts_deserialize, COMBINEFUNC = journey_internal.fault_counts_combine, FINALFUNC = journey_internal.fault_counts_final, PARALLEL = SAFE);
CREATE AGGREGATE to_bytes(integer, stepset, bigint, timestamptz) (SFUNC = journey_internal.fault_counts_transition, STYPE = internal, FINALFUNC = journey_internal.fault_counts_serialize);
CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);
SET LOCAL cpu_tuple_cost = 1;
CREATE FUNCTION state_answer(zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	SELECT from_bytes(b, NULL)::text INTO answer FROM bytes;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
CREATE TABLE state AS SELECT to_bytes(kind, faults, u, at) AS b FROM many WHERE kind < 3 AND i < 100;
SELECT is(state_answer(b, NULL), (SELECT journey_internal.fault_counts(kind, faults, u, at)::text FROM many WHERE kind < 3 AND i < 100), 'as it was written') FROM state;
CREATE TABLE hostile AS SELECT b AS whole, set_byte(b, i, v) AS h FROM state, generate_series(0, least(octet_length(b), 250) - 1) i, LATERAL (SELECT DISTINCT v & 255 FROM unnest(ARRAY[0, 59, 127, 255, get_byte(b, i) + 1, get_byte(b, i) # 128]) v) c (v) WHERE v <> get_byte(b, i)
UNION ALL SELECT b, substr(b, 1, n) FROM state, generate_series(0, octet_length(b) - 1) n UNION ALL SELECT b, b || more FROM state, unnest(ARRAY['\x00', '\xff', b]::bytea[]) more;
CREATE TABLE outcome AS SELECT whole, h, state_answer(h, NULL) AS alone, state_answer(whole, h) AS second FROM hostile;
SELECT is_empty($$ SELECT h, alone, second FROM outcome WHERE alone ~ '^[0-9A-Z]{5}$' AND alone <> '22P03' OR second ~ '^[0-9A-Z]{5}$' AND second <> '22P03' LIMIT 5 $$, 'hostile states are refused, or read');
SELECT is_empty($$ SELECT h FROM outcome WHERE (h = substr(whole, 1, octet_length(h)) AND h <> whole OR whole = substr(h, 1, octet_length(whole))) AND alone <> '22P03' LIMIT 5 $$, 'refused if cut short, or longer');

-- Late is what arrives later, row by row and by pages.
CREATE TABLE arrival AS SELECT i, a AS at, r AS received, w FROM generate_series(1, 1) i, unnest('{NULL,2024-01-01,-infinity,infinity,4714-11-24 BC,294276-12-31}'::timestamptz[]) a, unnest('{NULL,2024-01-01,2024-01-01 00:00:01,-infinity,infinity,4714-11-24 BC,294276-12-31}'::timestamptz[]) r, unnest('{NULL,0,999999,1000000,9223372036854775807}'::bigint[]) w;
SELECT is_empty($$ SELECT * FROM arrival WHERE journey_internal.is_late(at, received, w) IS DISTINCT FROM CASE WHEN at IS NULL OR received IS NULL OR w IS NULL THEN NULL WHEN NOT isfinite(at) OR NOT isfinite(received) THEN false ELSE (extract(epoch FROM received) - extract(epoch FROM at)) * 1000000 > w END $$, 'late');
SELECT is((SELECT journey_internal.fault_counts(0, steps(journey_internal.is_late(at, received, 999999)), 1, now()))[1:2][3:3], ARRAY[ARRAY[count(*)], ARRAY[count(*) FILTER (WHERE journey_internal.is_late(at, received, 999999))]], 'by pages') FROM arrival;

SELECT * FROM finish();
ROLLBACK;
