-- Options of attribution against their definitions in SQL: top N, through NAME; members. Many
-- equal times, seqs and NULLs; every plan, spilled and not.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(59);

CREATE TABLE event AS
SELECT i, nullif(1 + rnd(i, 1, 150), 150)::bigint AS user_id, CASE WHEN rnd(i, 2, 40) > 0 THEN moment(rnd(i, 3, 60) * 7200) END AS at, nullif(rnd(i, 4, 3), 2)::bigint AS seq,
	(ARRAY['ads', 'mail', '(direct)', 'open', 'open', 'é', '(other)', '', 'a', 'b', 'c', 'open', NULL, NULL])[1 + least(rnd(i, 5, 14), rnd(i, 9, 20))] AS touch, nullif(rnd(i, 6, 5), 4) = 0 AS converts, (rnd(i, 7, 400) - 50) / 4.0::float8 AS amount
FROM generate_series(1, 5000) AS i;
ALTER TABLE event SET (parallel_workers = 2);
CREATE TABLE typed AS SELECT *, 'user ' || user_id AS as_text, md5(user_id::text)::uuid AS as_uuid FROM event;
CREATE FUNCTION answer(call text, source text DEFAULT 'event') RETURNS attribution_stats LANGUAGE plpgsql AS $$
DECLARE
	answer attribution_stats;
BEGIN
	EXECUTE format('SELECT %s FROM %s', call, source) INTO answer;
	RETURN answer;
END $$;
-- Every plan of a query that gives one text.
CREATE FUNCTION plans(query text) RETURNS TABLE (plan text, answer text) LANGUAGE plpgsql AS $$
DECLARE
	scan text;
	workers int;
	memory text;
BEGIN
	SET LOCAL parallel_setup_cost = 0;
	SET LOCAL parallel_tuple_cost = 0;
	SET LOCAL min_parallel_table_scan_size = 0;
	FOREACH scan IN ARRAY '{on,off}'::text[] LOOP
		FOREACH workers IN ARRAY '{0,2}'::int[] LOOP
			FOREACH memory IN ARRAY '{64kB,64MB}'::text[] LOOP
				PERFORM set_config('journey.enable_scan', scan, true), set_config('max_parallel_workers_per_gather', workers::text, true), set_config('work_mem', memory, true);
				plan := format('scan %s, %s workers, %s', scan, workers, memory);
				EXECUTE query INTO answer;
				RETURN NEXT;
			END LOOP;
		END LOOP;
	END LOOP;
	SET LOCAL journey.enable_scan = on;
	SET LOCAL max_parallel_workers_per_gather = 0;
	SET LOCAL work_mem = '64MB';
END $$;

-- ---- top N ------------------------------------------------------------------------------

-- As if the touches of fewer users were called (other) in the table; the direct one is kept.
CREATE FUNCTION shown(n int, direct text) RETURNS SETOF event LANGUAGE sql AS $$
	WITH users AS (SELECT touch, count(DISTINCT user_id) AS users FROM event WHERE touch <> direct AND at IS NOT NULL AND user_id IS NOT NULL GROUP BY 1),
		kept AS (SELECT touch FROM users WHERE touch <> '(other)' OR (SELECT count(*) FROM users) <= n ORDER BY users DESC, touch COLLATE "C" LIMIT n)
	SELECT i, user_id, at, seq, CASE WHEN touch IS NULL OR touch = direct OR touch IN (SELECT touch FROM kept) THEN touch ELSE '(other)' END, converts, amount FROM event
$$;
CREATE FUNCTION without_top(s attribution_stats) RETURNS jsonb LANGUAGE sql RETURN s::text::jsonb - 'top';
CREATE TABLE call AS SELECT n, direct, format('attribution(user_id, at, %s touch, converts, %s ''3 days'', %%L, ''UTC'')', seq, value) AS call, concat_ws(', ', nullif(more, ''), 'direct ' || direct) AS options
FROM unnest('{1,2,4,8,9,10}'::int[]) AS n, (VALUES ('(direct)', '', '', ''), ('none', 'seq,', 'amount,', 'reset'), ('ads', '', 'amount,', 'same day, depth 2')) AS v(direct, seq, value, more);
SELECT is(without_top(answer(format(call, concat_ws(', ', 'Top ' || n, options)))), without_top(answer(format(call, options), format('shown(%s, %L)', n, direct))), format('top %s, %s', n, options)) FROM call;
SELECT is((SELECT count(*) FROM attribution_touches((SELECT attribution(user_id, at, touch, converts, '3 days', 'top 3') FROM event))), 5::bigint, 'three, the direct one, and (other)');
SELECT is(count(DISTINCT answer), 1::bigint, 'top in every plan') FROM plans($$ SELECT attribution(user_id, at, seq, touch, converts, amount, '3 days', 'top 3')::text FROM event $$);
SELECT is(count(DISTINCT answer), 1::bigint, 'and of groups') FROM plans($$ SELECT string_agg(s, '' ORDER BY u) FROM (SELECT user_id % 3 AS u, attribution(user_id, at, touch, converts, '3 days', 'top 2')::text AS s FROM event GROUP BY 1) AS g $$);
SELECT is(jsonb_path_query_array(attribution(user_id, at, touch, converts, '3 days', 'top 10000')::text::jsonb, '$.names'), jsonb_path_query_array(attribution(user_id, at, touch, converts, '3 days')::text::jsonb, '$.names'), 'more than there are') FROM event;
SELECT lives_ok($$ SELECT rollup(s) FROM (SELECT attribution(user_id, at, touch, converts, '3 days', 'top 8, direct (direct)') AS s FROM event WHERE touch IN ('ads', 'mail') AND converts OR touch IN ('ads', 'mail') GROUP BY user_id % 2) AS g $$, 'parts that show the same');
SELECT throws_ok($$ SELECT rollup(s) FROM (VALUES ((SELECT attribution(1, now(), 'a', false, '3 days', 'top 1'))), ((SELECT attribution(2, now(), 'b', false, '3 days', 'top 1')))) AS v(s) $$, '22023', 'cannot roll up attributions that show different touches');
SELECT throws_ok($$ SELECT rollup(s) FROM (VALUES ((SELECT attribution(1, now(), 'a', false, '3 days', 'top 1'))), ((SELECT attribution(2, now(), 'a', false, '3 days', 'top 2')))) AS v(s) $$, '22023', 'cannot roll up attributions that differ in look_back, options, time zone, or in having values');
SELECT throws_ok(format($$ SELECT attribution(1, now(), 'a', false, '3 days', %L) $$, options), '22023', message, options)
FROM (VALUES ('top 0', 'option "top 0" must be top and a number from 1 to 10000'), ('top', 'option "top" must be top and a number from 1 to 10000'), ('top 1, top 1', 'option "top 1" answers what another has answered'), ('top 10001', 'option "top 10001" must be top and a number from 1 to 10000'), ('top 3 4', 'option "top 3 4" must be top and a number from 1 to 10000'),
	('top 1, direct (other)', 'option top does not go with direct (other)'), ('through', 'option "through" lacks the name'), ('through "a', 'option "through "a" lacks the name'), ('through "a" b', 'option "through "a" b" has too much'), ('through a, through b', 'option "through b" answers what another has answered')) AS v(options, message);

-- ---- through NAME -----------------------------------------------------------------------

-- Touches, steps and conversions in their order.
CREATE TABLE step AS
SELECT user_id, at, kind, touch, amount, row_number() OVER (PARTITION BY user_id ORDER BY at, seq NULLS LAST, kind, touch COLLATE "C", amount NULLS FIRST) AS n
FROM (SELECT user_id, at, seq, CASE touch WHEN 'open' THEN 2 ELSE 1 END AS kind, CASE WHEN touch <> 'open' THEN touch END AS touch, NULL::float8 AS amount FROM event WHERE touch IS NOT NULL UNION ALL SELECT user_id, at, seq, 3, NULL, amount FROM event WHERE converts) AS e
WHERE user_id IS NOT NULL AND at IS NOT NULL;
CREATE INDEX ON step (user_id, n);
CREATE TABLE led AS
SELECT l AS look_back, c.user_id, c.n AS c, c.at AS converted_at, coalesce(c.amount, 0) AS amount, t.n AS t, t.at, coalesce(t.touch, '(direct)') AS touch, row_number() OVER w AS k, count(t.n) OVER (PARTITION BY l, c.user_id, c.n) AS of
FROM unnest('{0,5 h,4 days}'::interval[]) AS l(l) CROSS JOIN step AS c LEFT JOIN step AS t ON t.user_id = c.user_id AND t.kind = 1 AND t.n < c.n AND c.at - t.at <= l AND EXISTS (SELECT FROM step AS s WHERE s.user_id = c.user_id AND s.kind = 2 AND s.n BETWEEN t.n AND c.n)
WHERE c.kind = 3 WINDOW w AS (PARTITION BY l, c.user_id, c.n ORDER BY t.n);
CREATE TABLE found AS
SELECT look_back, touch, count(DISTINCT (user_id, c)) AS conversions, count(DISTINCT user_id) AS converted_users, sum((k = 1)::int) AS first, sum((k = of OR of = 0)::int) AS last, round(sum(1.0 / greatest(of, 1)), 9) AS linear, sum(CASE WHEN k = 1 THEN amount ELSE 0 END) AS first_value
FROM led GROUP BY 1, 2;
CREATE TABLE answered AS SELECT l AS look_back, answer(format('attribution(user_id, at, seq, touch, converts, amount, %L, ''through open'')', l)) AS s FROM unnest('{0,5 h,4 days}'::interval[]) AS l;
SELECT bag_eq(format($$ SELECT touch, conversions, converted_users, first, last, round(linear::numeric, 9), first_value FROM answered, attribution_touches(s) WHERE look_back = %L AND conversions > 0 $$, l),
	format($$ SELECT touch, conversions, converted_users, first::float8, last::float8, linear, first_value FROM found WHERE look_back = %L $$, l), 'through a step: ' || l) FROM unnest('{0,5 h,4 days}'::interval[]) AS l;
SELECT bag_eq(format($$ SELECT touch, touches, users FROM answered, attribution_touches(s) WHERE look_back = %L AND touches > 0 AND touch <> '(direct)' $$, l), $$ SELECT touch, count(*) AS n, count(DISTINCT user_id) AS users FROM step WHERE kind = 1 AND touch <> '(direct)' GROUP BY 1 $$, 'a step is no touch: ' || l) FROM unnest('{0,5 h,4 days}'::interval[]) AS l;
SELECT bag_eq(format($$ SELECT path, conversions FROM answered, attribution_paths(s) WHERE look_back = %L AND conversions > 0 $$, l),
	format($$ SELECT path, count(*) FROM (SELECT coalesce(array_agg(touch ORDER BY k) FILTER (WHERE t IS NOT NULL), '{}') AS path FROM led WHERE look_back = %L GROUP BY user_id, c) AS p GROUP BY 1 $$, l), 'paths: ' || l) FROM unnest('{0,5 h,4 days}'::interval[]) AS l;
-- With reset, in turn: a conversion uses up the touches before its step.
SELECT results_eq($$ SELECT path, conversions, non_conversions FROM attribution_paths((SELECT attribution(1, moment(i), nullif(touch, '!'), touch = '!', '1 day', 'reset, through "o"') FROM unnest('{a,b,!,o,c,!,d,!,o,!,e}'::text[]) WITH ORDINALITY AS v(touch, i))) $$,
	$$ VALUES ('{}'::text[], 2::bigint, 0::bigint), ('{a,b}', 1, 0), ('{c,d}', 1, 0), ('{e}', 0, 1) $$, 'reset');
SELECT is(count(DISTINCT answer), 1::bigint, 'through in every plan') FROM plans($$ SELECT attribution(user_id, at, seq, touch, converts, amount, '3 days', 'through open, top 2')::text FROM event $$);

SELECT throws_ok($$ SELECT rollup(s) FROM (VALUES ((SELECT attribution(1, now(), 'a', false, '3 days', 'through a'))), ((SELECT attribution(2, now(), 'a', false, '3 days')))) AS v(s) $$, '22023', 'cannot roll up attributions that differ in look_back, options, time zone, or in having values', 'a step, and none');

-- ---- members ----------------------------------------------------------------------------

CREATE TABLE member AS
SELECT o AS options, m.* FROM unnest(ARRAY['', 'reset', 'through open', 'top 2, same day', 'direct none']) AS o, LATERAL (SELECT attribution_members(user_id, at, seq, touch, converts, '4 days', o) AS ms FROM event) AS e, unnest(ms) AS m;
SELECT bag_eq(format($$ SELECT touch, count(*) FILTER (WHERE touches > 0 OR conversions > 0) AS n, count(*) FILTER (WHERE conversions > 0) AS converted, sum(touches) AS touches, sum(conversions) AS conversions FROM member WHERE options = %L GROUP BY 1 $$, o),
	format($$ SELECT touch, users, converted_users, touches::numeric, conversions::numeric FROM attribution_touches((SELECT attribution(user_id, at, seq, touch, converts, '4 days', %L) FROM event)) $$, o), 'members are as many: ' || o) FROM unnest(ARRAY['', 'reset', 'through open', 'top 2, same day', 'direct none']) AS o;
SELECT bag_eq($$ SELECT user_id, touch, touches, conversions, first_at, converted_at FROM member WHERE options = 'through open' $$,
	$$ SELECT user_id, touch, coalesce(touches, 0) AS touches, coalesce(conversions, 0) AS conversions, first_at, converted_at FROM (SELECT user_id, touch, count(*) AS touches, min(at) AS first_at FROM step WHERE kind = 1 GROUP BY 1, 2) AS t
	FULL JOIN (SELECT user_id, touch, count(DISTINCT c) AS conversions, min(converted_at) AS converted_at FROM led WHERE look_back = '4 days' GROUP BY 1, 2) AS c USING (user_id, touch) $$, 'each with touches, conversions and times');
SELECT results_eq($$ SELECT user_id, touch FROM unnest((SELECT attribution_members(user_id, at, touch, converts, '4 days') FROM event)) $$, $$ SELECT user_id, touch FROM member WHERE options = '' ORDER BY user_id, touch COLLATE "C" $$, 'by user and touch');
SELECT bag_eq($$ SELECT 'user ' || user_id AS u, touch, conversions FROM unnest((SELECT attribution_members(user_id, at, touch, converts, '4 days', 'top 2', 'UTC') FROM event)) $$, $$ SELECT user_id, touch, conversions FROM unnest((SELECT attribution_members(as_text, at, touch, converts, '4 days', 'top 2', 'UTC') FROM typed)) $$, 'of users that are texts');
SELECT bag_eq($$ SELECT md5(user_id::text)::uuid, touch, conversions FROM member WHERE options = 'reset' $$, $$ SELECT user_id, touch, conversions FROM unnest((SELECT attribution_members(as_uuid, at, seq, touch, converts, '4 days'::interval, 'reset') FROM typed)) $$, 'or uuids');
SELECT is(count(DISTINCT answer), 1::bigint, 'members in every plan') FROM plans($$ SELECT attribution_members(user_id, at, seq, touch, converts, '3 days', 'top 3')::text FROM event $$);
SELECT is(attribution_members(user_id, at, touch, converts, '4 days'), NULL, 'of no rows') FROM event WHERE false;
SELECT is(attribution_members(user_id, at, NULL, false, '4 days'), '{}', 'of nothing') FROM event;

SELECT * FROM finish();
ROLLBACK;
