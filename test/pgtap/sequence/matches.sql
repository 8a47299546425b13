-- pattern_matches: users of every type, seq, plans, what is no pattern or option, and states
-- from a hostile place. What a match is, sequence/behaviour.sql compares with an oracle.
\ir ../setup.psql
SELECT plan(30);

CREATE TABLE event AS
SELECT rnd(i, 1, 60)::bigint AS u, CASE WHEN rnd(i, 2, 30) > 0 THEN moment(rnd(i, 3, 40)) END AS at, rnd(i, 4, 5)::bigint AS seq,
	CASE WHEN rnd(i, 5, 30) > 0 THEN (1 + rnd(i, 6, 7))::bit(3)::text::stepset END AS step, CASE WHEN rnd(i, 7, 9) > 0 THEN chr(97 + rnd(i, 8, 26)) END AS value
FROM generate_series(1, 3000) i;
INSERT INTO event SELECT NULL, at, seq, step, value FROM event LIMIT 20;
ANALYZE event;
CREATE TABLE pattern (p text, o text);
INSERT INTO pattern SELECT p, o FROM unnest(ARRAY['(?1)(?2)', '(?1).*(?2)(?t<=3)(?3)', '(?1)(?!3)*(?2)(?w<=5)', '((?1)|(?2)(?3))+$', '^(?1)']) AS p, unnest(ARRAY['', ' Overlapping ']) AS o;

-- by hand
CREATE FUNCTION matches(conditions text, pattern text, options text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(array_to_string("values", '-'), ' ' ORDER BY match_number) FROM unnest((SELECT pattern_matches(1::bigint, moment(j::int), overlay('0000' PLACING '1' FROM c::int)::stepset, j::text, pattern, options)
		FROM unnest(string_to_array(conditions, NULL)) WITH ORDINALITY u (c, j))) $$;
SELECT is(matches(conditions, pattern, options), want, format('%s on %s, %s', pattern, conditions, options)) FROM (VALUES
	('(?1).*(?2)', '1122', '', '1-3'), ('(?1).*(?2)', '1122', 'overlapping', '1-3 2-3'), ('(?1)(?2)', '121212', NULL, '1-2 3-4 5-6'), ('(?1)(?2)(?1)', '12121', 'overlapping', '1-2-3 3-4-5'),
	('(?1)+(?2)', '1112', '', '1-2-3-4'), ('(?1)+(?2)', '1112', 'OVERLAPPING', '1-2-3-4 2-3-4 3-4'), ('(?2)$', '12', 'overlapping', '2'), ('(?3)', '12', '', NULL)) v (pattern, conditions, options, want);
SELECT is((SELECT "values"::text FROM unnest((SELECT pattern_matches(1::bigint, moment(1), '1', NULL, '(?1)')))), '{NULL}', 'an event without a value is an event');
SELECT is((SELECT pattern_matches(u, at, step, value, '(?1)') FROM event WHERE u IS NULL OR at IS NULL OR step IS NULL), NULL, 'no rows');
SELECT is((SELECT pattern_matches(1::bigint, moment(1), '00', 'x', '(?1)'))::text, '{}', 'no matches');

-- users of other types, in their order, and a seq
CREATE TABLE found AS SELECT p, o, m.* FROM pattern, LATERAL unnest((SELECT pattern_matches(u, at, step, value, p, o) FROM event)) m;
SELECT is_empty('SELECT p, o, match_number, user_id FROM found EXCEPT SELECT p, o, row_number() OVER (PARTITION BY p, o, user_id ORDER BY match_number), user_id FROM found', 'matches are numbered by user');
SELECT is_empty('(SELECT p, o, u || ''x'' AS u, n, times, v FROM (SELECT p, o, user_id::text AS u, match_number AS n, times, "values" AS v FROM found) f) EXCEPT SELECT p, o, m.user_id, m.match_number, m.times, m."values" FROM pattern, LATERAL unnest((SELECT pattern_matches(u::text || ''x'', at, step, value, p, o) FROM event)) m', 'text');
SELECT is_empty('(SELECT p, o, lpad(user_id::text, 32, ''0'')::uuid AS u, match_number AS n, times, "values" AS v FROM found) EXCEPT SELECT p, o, m.user_id, m.match_number, m.times, m."values" FROM pattern, LATERAL unnest((SELECT pattern_matches(lpad(u::text, 32, ''0'')::uuid, at, step, value, p, o) FROM event)) m', 'uuid');
-- a seq that is a place among all events is like distinct times
CREATE TABLE placed AS SELECT *, row_number() OVER (ORDER BY at, seq, md5(value), md5(step::text), ctid) AS place FROM event;
SELECT is_empty(format('SELECT m.user_id, m.match_number, m."values" FROM unnest((SELECT pattern_matches(u, at, place, step, value, %1$L, %2$L) FROM placed WHERE at IS NOT NULL)) m
	EXCEPT SELECT m.user_id, m.match_number, m."values" FROM unnest((SELECT pattern_matches(u, moment(place::int), step, value, %1$L, %2$L) FROM placed WHERE at IS NOT NULL)) m', p, o), format('seq: %s %s', p, o)) FROM pattern WHERE p !~ '<=';

-- parallel, by the scan, beyond work_mem: the same
CREATE FUNCTION digest() RETURNS text LANGUAGE sql AS $$ SELECT md5(string_agg(pattern_matches::text, ' ' ORDER BY p, o)) FROM (SELECT p, o, (SELECT pattern_matches(u, at, step, value, p, o) FROM event) FROM pattern) f $$;
CREATE TABLE plain AS SELECT digest() AS d;
SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL max_parallel_workers_per_gather = 3;
SELECT is(digest(), d, 'in parallel') FROM plain;
SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '64kB';
SELECT is(digest(), d, 'with little memory') FROM plain;

-- what is wrong
SELECT throws_ok(format('SELECT pattern_matches(u, at, step, value, %s) FROM event', call), state, message, call) FROM (VALUES
	('''(?4)''', '22023', 'pattern names condition (?4), but step has 3'), ('''(?1''', '2201B', NULL), ('NULL', '22004', 'pattern must not be NULL'),
	('''(?1)'', ''overlap''', '22023', 'options "overlap" are not understood'), ('''(?1)'', ''overlapping,''', '22023', 'options "overlapping," end with a comma')) v (call, state, message);

-- states from a hostile place: every byte changed, every length
SET LOCAL jit = off;
SET LOCAL enable_partitionwise_aggregate = on;
CREATE AGGREGATE from_bytes(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal, SERIALFUNC = bytea_string_agg_finalfn,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, COMBINEFUNC = journey_internal.pattern_matches_combine, FINALFUNC = journey_internal.pattern_matches_text_final, PARALLEL = SAFE);
CREATE AGGREGATE to_bytes(text, timestamptz, bigint, stepset, text, text, text) (SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, FINALFUNC = journey_internal.pattern_matches_serialize);
CREATE TABLE bytes (p int, b bytea) PARTITION BY LIST (p);
CREATE TABLE bytes_0 PARTITION OF bytes FOR VALUES IN (0);
CREATE TABLE bytes_1 PARTITION OF bytes FOR VALUES IN (1);
SET LOCAL cpu_tuple_cost = 1;
CREATE FUNCTION answer(zero bytea, one bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM bytes;
	INSERT INTO bytes VALUES (0, zero), (1, one);
	RETURN coalesce((SELECT from_bytes(b, NULL)::text FROM bytes), 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
CREATE TABLE state AS SELECT to_bytes(u::text, at, seq, step, value, '(?1).*(?2)(?t<=3)(?3)', 'overlapping') AS b FROM (SELECT * FROM event WHERE u < 4 LIMIT 20) e;
SELECT ok(answer(b, NULL) ~ '^{"\(' AND answer(b, b) <> answer(b, NULL), 'states are joined') FROM state;
CREATE TABLE outcome AS
SELECT answer(h, NULL) AS alone, answer(b, h) AS second FROM state, LATERAL (
	SELECT set_byte(b, i, v) FROM generate_series(0, octet_length(b) - 1) i, LATERAL (SELECT DISTINCT v & 255 FROM unnest(ARRAY[0, 127, 255, get_byte(b, i) + 1, get_byte(b, i) # 128]) v) c (v) WHERE v <> get_byte(b, i)
	UNION ALL SELECT substr(b, 1, n) FROM generate_series(0, octet_length(b) - 1) n) AS c (h);
SELECT cmp_ok(count(*), '>', 800::bigint, 'hostile states') FROM outcome;
-- XX000: there is no type of such an OID; 42883: one without a hash function; 42P18: no type; 22021: no text of this encoding; 2201B: no pattern
SELECT is_empty($$ SELECT s, count(*) FROM (SELECT alone FROM outcome UNION ALL SELECT second FROM outcome) o (s) WHERE s ~ '^[0-9A-Z]{5}$' AND s NOT IN ('22P03', '22023', '42883', '42P18', 'XX000', '22021', '2201B') GROUP BY s $$, 'are refused, or read');
SELECT * FROM finish();
ROLLBACK;
