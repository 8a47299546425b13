-- retention against bool_or.
\ir ../setup.psql

CREATE TABLE event AS
SELECT u AS user_id, n, CASE WHEN rnd(key, 1, 10) > 0 THEN left((rnd(key, 2, 64) & rnd(key, 3, 64))::bit(6)::text, n) END AS s
FROM (SELECT u, 1 + u % 6 AS n, 1 + rnd(u, 4, 5) AS nrows FROM generate_series(1, 3000) u) c, generate_series(1, nrows) j,
	LATERAL (SELECT u * 8 + j AS key) k;

SELECT plan(10);

CREATE TABLE want AS
SELECT user_id, n, array_agg(met AND came ORDER BY k) AS r
FROM (SELECT user_id, n, k, bool_or(meets(s, k)) AS met, bool_or(bool_or(meets(s, k)) FILTER (WHERE k = 1)) OVER (PARTITION BY user_id) AS came
	FROM (SELECT * FROM event WHERE s IS NOT NULL) e, generate_series(1, n) k GROUP BY user_id, n, k) c
GROUP BY user_id, n;

SELECT ok(count(*) FILTER (WHERE r[1]) > 400 AND count(*) FILTER (WHERE NOT r[1]) > 400 AND count(DISTINCT r) > 50, 'the histories differ') FROM want;
SELECT is_empty($$
	SELECT user_id, w.r AS want, retention(s::stepset) AS got FROM event LEFT JOIN want w USING (user_id)
	GROUP BY user_id, w.r HAVING retention(s::stepset) IS DISTINCT FROM w.r LIMIT 3 $$, 'r[i] is: met condition 1, and met condition i');
SELECT ok(count(*) > 20, 'some users have nothing but NULL') FROM event e WHERE NOT EXISTS (SELECT FROM want w WHERE w.user_id = e.user_id);
SELECT is_empty($$
	SELECT user_id FROM event GROUP BY user_id, n
	HAVING retention(s::stepset) IS NOT NULL AND cardinality(retention(s::stepset)) <> n $$, 'as many answers as conditions');

SELECT is(retention(s::stepset), '{f,f,f}', 'who never met condition 1 is retained by nothing')
FROM (VALUES ('011'), ('001')) v (s);
SELECT is(retention(s::stepset), '{t,f,t}', 'in whatever order the rows come')
FROM (VALUES ('001'), ('100')) v (s);
SELECT is(retention(s::stepset), NULL, 'NULL for nothing but NULL') FROM (VALUES (NULL)) v (s);
SELECT is(retention(repeat('1', 58)::stepset), array_fill(true, ARRAY[58]), '58 conditions');
SELECT is(retention(overlay(repeat('0', 58) PLACING '1' FROM i)::stepset), array_fill(true, ARRAY[58]), '58 rows') FROM generate_series(1, 58) i;

-- The sums that a retention table is made of.
SELECT results_eq($$
	SELECT k, count(*) FILTER (WHERE r[k]) FROM (SELECT retention(s::stepset) AS r FROM event WHERE n = 6 GROUP BY user_id) u,
		generate_series(1, 6) k GROUP BY k ORDER BY k $$, $$
	SELECT k, count(DISTINCT e.user_id) FROM event e JOIN event first USING (user_id), generate_series(1, 6) k
	WHERE e.n = 6 AND meets(first.s, 1) AND meets(e.s, k) GROUP BY k ORDER BY k $$, 'summed over users');

SELECT * FROM finish();
ROLLBACK;
