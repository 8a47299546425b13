-- busiest against the definition in SQL: of each event, how many are not later than `within` after it.
\ir ../setup.psql
SELECT plan(5);

CREATE TABLE event AS
SELECT 1 + rnd(i, 1, 200) AS user_id, CASE WHEN rnd(i, 2, 30) > 0 THEN moment(rnd(i, 3, 100) * 600) END AS at
FROM generate_series(1, 5000) AS i;

CREATE FUNCTION expected(within interval) RETURNS TABLE (user_id int, most bigint) LANGUAGE sql AS $$
	SELECT u.user_id, coalesce((SELECT max((SELECT count(*) FROM event AS b WHERE b.user_id = a.user_id AND b.at BETWEEN a.at AND a.at + within))
		FROM event AS a WHERE a.user_id = u.user_id), 0)
	FROM (SELECT DISTINCT user_id FROM event) AS u
$$;

SELECT results_eq(format('SELECT user_id, busiest(at, %L) FROM event GROUP BY user_id ORDER BY user_id', within),
	format('SELECT * FROM expected(%L) ORDER BY user_id', within), format('within %s: as many as the definition counts', within))
FROM unnest('{0,1 hour,3 days}'::interval[]) AS within;
SELECT is((SELECT busiest(at, '1 hour') FROM event WHERE false), 0::bigint, 'nobody has no events');
SELECT throws_ok('SELECT busiest(at, NULL) FROM event', '22004', NULL, 'within must not be NULL');

SELECT * FROM finish();
ROLLBACK;
