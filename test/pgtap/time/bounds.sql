-- One rule for the bounds of all histograms: lower <= value < upper. Each is asked about values on
-- its bounds, just below and just above, against a plain query.
\ir ../setup.psql
SELECT plan(10);

CREATE FUNCTION wanted(query text) RETURNS TABLE (lower numeric, upper numeric, n bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT l, u, (SELECT count(*) FROM (%s) v (x) WHERE (l IS NULL OR x >= l) AND (u IS NULL OR x < u)) FROM (VALUES (NULL::numeric, 10::numeric), (10, 20), (20, 40), (40, NULL)) b (l, u) ORDER BY l NULLS FIRST', query);
END $$;

-- user n: n times, and n seconds from the first event to the second
CREATE TABLE event AS SELECT n AS user_id, moment(i * n) AS at, i = 0 AS a, i = 1 AS b FROM generate_series(1, 60) n, generate_series(0, 1) i;
CREATE TABLE visit AS SELECT n AS user_id, moment(i) AS at FROM generate_series(1, 60) n, generate_series(1, n) i;

SELECT results_eq($$ SELECT CASE lower WHEN '0' THEN NULL ELSE extract(epoch FROM lower) END, extract(epoch FROM upper), count FROM interval_histogram((SELECT intervals(user_id, at, '1'::stepset) FROM event), '{0,10 s,20 s,40 s}') $$,
	$$ SELECT * FROM wanted('SELECT n FROM generate_series(1, 60) n') $$, 'interval_histogram');
SELECT is_empty($$ SELECT * FROM interval_histogram((SELECT intervals(user_id, at, '1'::stepset) FROM event)) h WHERE count <> (SELECT count(*) FROM generate_series(1, 60) n WHERE n * interval '1 s' >= lower AND n * interval '1 s' < upper) $$, 'and without bounds');
SELECT results_eq($$ SELECT NULLIF(lower, 1)::numeric, upper::numeric, users FROM frequency_bins((SELECT frequency(user_id, at, 'times') FROM visit), '{1,10,20,40}') $$,
	$$ SELECT * FROM wanted('SELECT n FROM generate_series(1, 60) n') $$, 'frequency_bins');
SELECT is_empty($$ SELECT * FROM frequency_bins((SELECT frequency(user_id, at, 'times') FROM visit)) WHERE users <> (SELECT count(*) FROM generate_series(1, 60) n WHERE n >= lower AND n < upper) $$, 'and without bounds');
-- (microseconds that are bounds of the histogram, and those beside them)
CREATE TABLE pair AS SELECT row_number() OVER (ORDER BY d, took) AS user_id, took FROM generate_series(0, 40) s, unnest(ARRAY[-1, 0, 1]) d, LATERAL (SELECT greatest((2::float8 ^ s)::bigint + d, 0) AS took) t;
SELECT is_empty($$ SELECT * FROM funnel_times((SELECT funnel(user_id, moment(0) + i * took * interval '1 us', steps(i = 0, i = 1), '100 days') FROM pair, generate_series(0, 1) i WHERE took > 0), 2) h
	WHERE users <> (SELECT count(*) FROM pair WHERE took > 0 AND took * interval '1 us' >= lower AND took * interval '1 us' < upper) $$, 'funnel_times');
SELECT is((SELECT sum(users)::int FROM funnel_times((SELECT funnel(user_id, moment(0) + i * took * interval '1 us', steps(i = 0, i = 1), '100 days') FROM pair, generate_series(0, 1) i WHERE took > 0), 2, true)), (SELECT count(*)::int FROM pair WHERE took > 0), 'all are in one');
SELECT results_eq($$ SELECT lower::numeric, upper::numeric, users FROM numset_histogram((SELECT ('{' || string_agg(n || ':' || n, ',') || '}')::numset FROM generate_series(1, 60) n), '{10,20,40}') $$,
	$$ SELECT * FROM wanted('SELECT n FROM generate_series(1, 60) n') $$, 'numset_histogram');
SELECT results_eq($$ SELECT lower::numeric, upper::numeric, users FROM numset_histogram((SELECT ('{' || string_agg(n || ':' || n, ',') || '}')::numset FROM generate_series(1, 60) n), '{10,20,40}', '{10,20,39,40}'::userset) $$,
	$$ SELECT * FROM wanted('VALUES (10), (20), (39), (40)') $$, 'and of some users');
SELECT lives_ok($$ SELECT create_tag('size', 'SELECT user_id, user_id FROM event WHERE a', 'numeric'); SELECT refresh_tag('size') $$, 'a tag of numbers');
SELECT results_eq($$ SELECT lower::numeric, upper::numeric, users FROM tag_histogram('size', '{10,20,40}') $$,
	$$ SELECT * FROM wanted('SELECT n FROM generate_series(1, 60) n') $$, 'tag_histogram');

SELECT * FROM finish();
ROLLBACK;
