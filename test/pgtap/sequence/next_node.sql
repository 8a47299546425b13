-- sequence_next_node against window functions, over values of all kinds.
\ir ../setup.psql

-- Values that order by bytes and not by language, empty, in several scripts, compressible
-- and not: the last two are stored out of line, or compressed.
CREATE TABLE word AS
SELECT i, w FROM unnest(ARRAY['', 'a', 'A', 'aa', 'b', 'B', 'é', 'z', '银行卡绑定', '🏦', 'a ', 'Z',
	repeat('x', 5000), repeat('x', 5000) || 'y',
	(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 300) i),
	(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 300) i) || '!']) WITH ORDINALITY u (w, i);

CREATE TABLE event (user_id int, id int, n int, at timestamptz, s text, value text, base boolean);
INSERT INTO event
SELECT u, j, n, CASE WHEN rnd(key, 1, 40) > 0 THEN moment(rnd(key, 2, 5)) END,
	CASE WHEN rnd(key, 3, 40) > 0 THEN left((rnd(key, 4, 8) | rnd(key, 5, 8))::bit(3)::text, n) END,
	CASE WHEN rnd(key, 6, 40) > 0 THEN (SELECT w FROM word WHERE i = 1 + rnd(key, 7, CASE u % 3 WHEN 0 THEN 4 ELSE 16 END)) END,
	(ARRAY[true, true, true, false, NULL])[1 + rnd(key, 8, 5)]
FROM (SELECT u, 1 + u % 3 AS n, rnd(u, 9, 8) AS nrows FROM generate_series(1, 3000) u) c, generate_series(1, nrows) j,
	LATERAL (SELECT u * 8 + j AS key) k;
ANALYZE event;

SELECT plan(24);

SELECT ok(count(*) FILTER (WHERE pg_column_size(value) < octet_length(value)) > 400
	AND count(*) FILTER (WHERE octet_length(value) > 8000) > 400, 'long values are compressed and out of line') FROM event;

-- A user's rows in order or, backward, in reverse; the base's place; the chain from there.
CREATE FUNCTION answer(direction text, anchor text) RETURNS TABLE (user_id int, value text)
	LANGUAGE sql
BEGIN ATOMIC
	WITH numbered AS (
		SELECT *, row_number() OVER (PARTITION BY user_id
			ORDER BY at, value COLLATE "C", s COLLATE "C" DESC, coalesce(base, false) DESC) AS place
		FROM event WHERE at IS NOT NULL AND s IS NOT NULL AND value IS NOT NULL
	), placed AS (
		SELECT user_id, n, value, s, base,
			row_number() OVER (PARTITION BY user_id ORDER BY CASE direction WHEN 'forward' THEN place ELSE -place END) AS place,
			place = 1 AS head, place = count(*) OVER (PARTITION BY user_id) AS tail
		FROM numbered
	), walk AS (
		SELECT user_id, n, array_agg(value ORDER BY place) AS vals, array_agg(s ORDER BY place) AS ss,
			CASE anchor
				WHEN 'head' THEN min(place) FILTER (WHERE base AND head)
				WHEN 'tail' THEN min(place) FILTER (WHERE base AND tail)
				WHEN CASE direction WHEN 'forward' THEN 'first_match' ELSE 'last_match' END
				THEN min(place) FILTER (WHERE base AND meets(s, 1))
				ELSE max(place) FILTER (WHERE base AND meets(s, 1))
			END::int AS base
		FROM placed GROUP BY user_id, n
	)
	SELECT user_id, CASE WHEN (SELECT bool_and(meets(ss[base + k - 1], k)) FROM generate_series(1, n) k) THEN vals[base + n] END
	FROM walk;
END;

CREATE TABLE way AS
SELECT d, a, row_number() OVER () AS i FROM unnest(ARRAY['forward', 'backward']) d, unnest(ARRAY['head', 'tail', 'first_match', 'last_match']) a
WHERE (d, a) NOT IN (('forward', 'tail'), ('backward', 'head'));
CREATE TABLE want AS SELECT i, w.* FROM way, answer(d, a) w;

SELECT is_empty(format($q$
	SELECT user_id, left(w.value, 20) AS want, left(got, 20) AS got FROM (
		SELECT user_id, sequence_next_node(at, s::stepset, value, base, %1$L, %2$L) AS got FROM event GROUP BY user_id) g
		LEFT JOIN (SELECT * FROM want WHERE i = %3$s) w USING (user_id)
	WHERE got IS DISTINCT FROM w.value LIMIT 3 $q$, d, a, i), format('%s from %s', d, a))
FROM way;
SELECT ok(count(value) > 200 AND count(DISTINCT value) = 16, format('%s from %s finds values of every kind', d, a))
FROM way JOIN want USING (i) GROUP BY i, d, a;

SELECT is_empty(format($q$
	SELECT user_id FROM (
		SELECT user_id, sequence_next_node(at, s::stepset, value, base, %1$L, %2$L ORDER BY hashint8extended(user_id * 8 + id, 7 * %3$s)) AS got
		FROM event GROUP BY user_id) g LEFT JOIN (SELECT * FROM want WHERE i = %3$s) w USING (user_id)
	WHERE got IS DISTINCT FROM w.value LIMIT 3 $q$, d, a, i), format('%s from %s, shuffled input', d, a))
FROM way;

-- Every row counts, whether it meets a condition or not.
SELECT is(sequence_next_node(at, step::stepset, value, true, 'forward', 'head'), 'b', 'the next row, whatever it meets')
FROM (VALUES (moment(1), '1', 'a'), (moment(2), '0', 'b'), (moment(3), '1', 'c')) v (at, step, value);
SELECT is(sequence_next_node(at, step::stepset, value, true, 'forward', 'head'), NULL, 'nothing comes after the last row')
FROM (VALUES (moment(1), '10', 'a'), (moment(2), '01', 'b')) v (at, step, value);
SELECT is(sequence_next_node(at, step::stepset, value, base, 'forward', 'head'), NULL, 'the head must be a base itself')
FROM (VALUES (moment(1), '1', 'a', false), (moment(2), '1', 'b', true), (moment(3), '1', 'c', true)) v (at, step, value, base);
SELECT is(sequence_next_node(at, step::stepset, value, true, 'forward', 'head'), '', 'an empty value is a value')
FROM (VALUES (moment(1), '1', 'a'), (moment(2), '1', '')) v (at, step, value);
-- One value of 20 MB.
SELECT ok(sequence_next_node(at, step::stepset, value, true, 'forward', 'head') = repeat('long ', 4000000), 'a very long value')
FROM (VALUES (moment(1), '1', 'a'), (moment(2), '1', repeat('long ', 4000000))) v (at, step, value);

SELECT * FROM finish();
ROLLBACK;
