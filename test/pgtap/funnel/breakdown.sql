-- funnel_breakdown by each value and with top, funnel_trend_breakdown, and the times of trends,
-- against funnels of the rows of each group: the users of a group, their rows, and, in a trend,
-- those rows with condition 1 only in the bucket. funnel/population.sql and funnel/touch.sql
-- hold those funnels to their own oracles.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(195);

-- Many equal times, with and without a seq; rows with a NULL user, time, step or value.
CREATE TABLE event AS
SELECT i, CASE WHEN rnd(i, 9, 50) > 0 THEN u END AS user_id, CASE WHEN rnd(i, 8, 30) > 0 THEN moment(rnd(i, 2, 24) * 900) END AS at, CASE WHEN rnd(i, 10, 3) > 0 THEN rnd(i, 11, 3) - 1 END::bigint AS seq,
	CASE WHEN rnd(i, 7, 30) > 0 THEN (rnd(i, 3, 8) & rnd(i, 4, 8))::bit(3)::text::stepset END AS step,
	(ARRAY['app', '', 'wechat', '柜台'])[1 + rnd(i, 5, 7)] AS value
FROM generate_series(1, 5000) i, LATERAL (SELECT rnd(i, 1, 600) AS u) c;
ALTER TABLE event SET (parallel_workers = 3);
ANALYZE event;
CREATE TABLE row AS SELECT *, date_trunc('hour', at) AS bucket FROM event WHERE user_id IS NOT NULL AND at IS NOT NULL AND step IS NOT NULL;

-- Who is in which groups.
CREATE TABLE label AS
SELECT by_seq, l.* FROM unnest(ARRAY[false, true]) by_seq, LATERAL (
	SELECT 'each_value' AS how, v.* FROM (SELECT DISTINCT user_id, value FROM row WHERE value IS NOT NULL AND step::text ~ '1'
		UNION ALL SELECT user_id, NULL FROM row GROUP BY user_id HAVING bool_and(value IS NULL OR step::text !~ '1')) v
	UNION ALL SELECT 'first_touch', user_id, v.value FROM (SELECT DISTINCT user_id FROM row) u LEFT JOIN (
		SELECT DISTINCT ON (user_id) user_id, value FROM row WHERE value IS NOT NULL ORDER BY user_id, at, CASE WHEN by_seq THEN seq END NULLS LAST, step::text COLLATE "C" DESC, value COLLATE "C") v USING (user_id)
	UNION ALL SELECT 'last_touch', user_id, v.value FROM (SELECT DISTINCT user_id FROM row) u LEFT JOIN (
		SELECT DISTINCT ON (user_id) user_id, value FROM row WHERE value IS NOT NULL ORDER BY user_id, at DESC, CASE WHEN by_seq THEN seq END DESC NULLS FIRST, step::text COLLATE "C", value COLLATE "C" DESC) v USING (user_id)
	UNION ALL SELECT n, user_id, NULL FROM unnest(ARRAY['none', '1', '2', '3']) n, (SELECT DISTINCT user_id FROM row) u
) l (how, user_id, label);

-- A row of each group, bucket (NULL without) and step.
CREATE TYPE answer AS (breakdown text, bucket timestamptz, step int, users bigint, conversion_rate float8, avg_time interval, median_time interval, p90_time interval, avg_time_from_start interval, median_time_from_start interval, p90_time_from_start interval);
CREATE FUNCTION wanted(how text, mode text, by_seq boolean, trend boolean) RETURNS SETOF answer LANGUAGE plpgsql AS $$
DECLARE
	columns text := 'user_id, at, ' || CASE WHEN by_seq THEN 'seq, ' ELSE '' END;
	by_step boolean := how ~ '\d';
BEGIN
	RETURN QUERY EXECUTE format($q$
		WITH held AS MATERIALIZED (
			SELECT label, row.* FROM label JOIN row USING (user_id)
			WHERE how = %1$L AND by_seq = %2$L AND (how <> 'each_value' OR value IS NULL OR value = label)
		), starts AS (
			%3$s
		), masked AS (
			SELECT s.label, s.bucket, h.user_id, h.at, h.seq, h.value, h.step::text AS given, CASE WHEN s.all_steps OR h.bucket = s.bucket THEN h.step ELSE overlay(h.step::text PLACING '0' FROM 1)::stepset END AS step
			FROM starts s JOIN held h ON h.user_id = s.user_id AND h.label IS NOT DISTINCT FROM s.label
		), found AS (
			SELECT bucket, label, %4$s AS f FROM masked WHERE step::text = given OR step::text ~ '1' OR %5$L ~ 'consecutive' GROUP BY bucket, label
		)
		SELECT %6$s AS breakdown, bucket, step, users, conversion_rate, avg_time, median_time, p90_time, avg_time_from_start, median_time_from_start, p90_time_from_start
		FROM found, %7$s(f) s WHERE (SELECT users FROM funnel_steps(f) WHERE step = 1) > 0 $q$,
		how, by_seq, CASE
			WHEN NOT trend THEN 'SELECT DISTINCT label, user_id, NULL::timestamptz AS bucket, true AS all_steps FROM held'
			-- once, in the bucket in which the chain starts that counts
			WHEN mode ~ 'chain' THEN format('SELECT label, m.user_id, date_trunc(''hour'', m.times[1]) AS bucket, true AS all_steps FROM (SELECT label, funnel_members(%s step, ''90 min'', %L) AS f FROM held GROUP BY label) g, unnest(f) m', columns, mode)
			ELSE 'SELECT DISTINCT label, user_id, bucket, false AS all_steps FROM held WHERE meets(step::text, 1)' END,
		format(CASE WHEN by_step THEN 'funnel_breakdown(%s step, ''90 min'', value, %L, %L)' ELSE 'funnel(%1$s step, ''90 min'', %3$L)' END, columns, how, mode), mode,
		CASE WHEN by_step THEN 's.breakdown' ELSE 'label' END, CASE WHEN by_step THEN 'funnel_breakdown_steps' ELSE 'funnel_steps' END);
END $$;
CREATE FUNCTION got(how text, mode text, by_seq boolean, trend boolean, source text DEFAULT 'event') RETURNS SETOF answer LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT %s, %s, step, users, conversion_rate, avg_time, median_time, p90_time, avg_time_from_start, median_time_from_start, p90_time_from_start FROM %s((SELECT %s(user_id, at, %s step, ''90 min''%s %s, %L %s) FROM %s))',
		CASE WHEN how = 'none' THEN 'NULL' ELSE 'breakdown' END, CASE WHEN trend THEN 'bucket' ELSE 'NULL::timestamptz' END,
		CASE WHEN how = 'none' THEN 'funnel_trend_steps' WHEN trend THEN 'funnel_trend_breakdown_steps' ELSE 'funnel_breakdown_steps' END,
		CASE WHEN how = 'none' THEN 'funnel_trend' WHEN trend THEN 'funnel_trend_breakdown' ELSE 'funnel_breakdown' END,
		CASE WHEN by_seq THEN 'seq,' END, CASE WHEN how <> 'none' THEN format(', value, %L', how) END, CASE WHEN trend THEN ', ''hour''' END, mode, CASE WHEN trend THEN ', ''UTC''' END, source);
END $$;

CREATE TABLE question AS
SELECT how, mode, by_seq, trend, format('%s%s, mode %L%s', CASE WHEN trend THEN 'trend, ' ELSE '' END, how, mode, CASE WHEN by_seq THEN ', with seq' ELSE '' END) AS name
FROM unnest(ARRAY['none', '1', '2', '3', 'first_touch', 'last_touch', 'each_value']) WITH ORDINALITY h (how, n),
	unnest(ARRAY['', 'strict_order', 'strict_once', 'strict_deduplication, strict_increase', 'consecutive', 'first_chain', 'latest_chain', 'strict_once, first_chain', 'any_order']) WITH ORDINALITY m (mode, m),
	unnest(ARRAY[false, true]) by_seq, unnest(ARRAY[false, true]) trend
WHERE NOT (trend AND mode = 'any_order') AND (trend OR how = 'each_value') AND (mode = '' OR how = 'each_value' OR (n + m) % 2 = by_seq::int);
SELECT bag_eq(format('SELECT * FROM got(%L, %L, %L, %L)', how, mode, by_seq, trend), format('SELECT * FROM wanted(%L, %L, %L, %L)', how, mode, by_seq, trend), name) FROM question ORDER BY name;
SELECT ok(count(DISTINCT breakdown) = 4 AND bool_or(breakdown IS NULL) AND bool_and(users > 5), 'every value is there, and none') FROM got('each_value', '', false, false) WHERE step = 1;
SELECT ok(count(*) > 20 AND count(DISTINCT bucket) = 6 AND bool_or(median_time > '0') AND bool_or(users > 20 AND step = 3), 'in every bucket') FROM got('1', '', false, true);

-- ---- what each value means ----------------------------------------------------------------

CREATE FUNCTION groups(history text, mode text DEFAULT '') RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(coalesce(breakdown, 'NULL') || ' ' || step || ' ' || users, ', ' ORDER BY breakdown NULLS LAST, step)
	FROM funnel_breakdown_steps((SELECT funnel_breakdown(1, moment(n), steps(e ~ '^a', e ~ '^b'), '1 h', nullif(substr(e, 2), ''), 'each_value', mode) FROM regexp_split_to_table(history, ' ') WITH ORDINALITY t (e, n))) WHERE users > 0 $$;
SELECT is(groups(history, mode), wanted, coalesce(history || ' ' || mode, history))
FROM (VALUES ('ax bx', '', 'x 1 1, x 2 1'), ('ax by', '', 'x 1 1'), ('ax ay bx by', '', 'x 1 1, x 2 1, y 1 1, y 2 1'), ('a bx', '', 'x 1 1, x 2 1'), ('a bx by', '', 'x 1 1, x 2 1, y 1 1, y 2 1'),
	('a b', '', 'NULL 1 1, NULL 2 1'), ('a b ax', '', 'x 1 1, x 2 1'), ('a b cx', '', 'NULL 1 1, NULL 2 1'), ('a cx b', 'strict_order', 'NULL 1 1, NULL 2 1'), ('ax cx bx', 'strict_order', 'x 1 1'),
	('ax cy bx', 'strict_order', 'x 1 1, x 2 1'), ('ax c bx', 'consecutive', 'x 1 1'), ('bx', '', NULL), ('bx ay', '', 'y 1 1')) v (history, mode, wanted);
SELECT is_empty($$ SELECT breakdown, step, users FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, step, '1 h', value, 'each_value') FROM event WHERE value IS NOT NULL))
	EXCEPT SELECT value, step, users FROM (SELECT value, funnel(user_id, at, step, '1 h') AS f FROM event WHERE value IS NOT NULL GROUP BY value) g, funnel_steps(f) $$, 'where all events have a value, it is GROUP BY value');

-- ---- top and (other) ----------------------------------------------------------------------

CREATE TABLE many AS SELECT i, CASE WHEN i % 97 > 0 THEN 1 + rnd(i, 1, 3000) END AS user_id, CASE WHEN i % 89 > 0 THEN moment(i * 30 + rnd(i, 2, 3) * 3600) END AS at, CASE WHEN i % 83 > 0 THEN (rnd(i, 4, 8) & rnd(i, 5, 8))::bit(3)::text::stepset END AS step,
	CASE WHEN i % 5 > 0 THEN 'c' || least(rnd(i, 3, 40), rnd(i, 6, 40)) END AS value FROM generate_series(1, 40000) i;
ALTER TABLE many SET (parallel_workers = 3);
ANALYZE many;
CREATE FUNCTION shown(how text, top text, trend boolean) RETURNS TABLE (breakdown text, bucket timestamptz, step int, users bigint, sum numeric) LANGUAGE sql AS $$
	SELECT breakdown, bucket, step, users, round(users * extract(epoch FROM avg_time_from_start)) FROM got(how, top, false, trend, 'many') $$;
SELECT results_eq(format('SELECT breakdown, bucket, step, users FROM shown(%L, %L, %L)', how, 'top ' || top || CASE WHEN trend THEN ', first_chain' ELSE '' END, trend),
	format($$ WITH all_groups AS (SELECT * FROM shown(%1$L, %4$L, %2$L)),
			kept AS (SELECT breakdown FROM all_groups WHERE step = 1 AND breakdown IS NOT NULL GROUP BY 1 ORDER BY sum(users) DESC, breakdown COLLATE "C" LIMIT %3$s)
		SELECT b, bucket, step, sum(users)::bigint FROM (SELECT *, CASE WHEN breakdown IS NULL THEN NULL WHEN breakdown IN (TABLE kept) THEN breakdown ELSE '(other)' END AS b FROM all_groups) g
		GROUP BY b, bucket, step ORDER BY bucket, b COLLATE "C" NULLS LAST, step $$, how, trend, top, CASE WHEN trend THEN 'first_chain' ELSE '' END), format('top %s of %s%s', top, how, CASE WHEN trend THEN ', in a trend' ELSE '' END))
FROM unnest(ARRAY['1', 'last_touch', 'each_value']) how, unnest(ARRAY[1, 5, 39, 10000]) top, unnest(ARRAY[false, true]) trend WHERE top <> 5 OR NOT trend;
SELECT is((SELECT array_agg(s::text) FROM funnel_steps((SELECT funnel_breakdown(user_id, at, step, '1 h', value, 1, 'top 3') FROM many)) s), (SELECT array_agg(s::text) FROM funnel_steps((SELECT funnel(user_id, at, step, '1 h') FROM many)) s), 'all groups together are as without top');
SELECT is((SELECT array_agg(s::text) FROM funnel_trend_steps((SELECT funnel_trend_breakdown(user_id, at, step, '1 h', value, 1, 'day', 'top 3', 'UTC', '2024-01-05') FROM many)) s), (SELECT array_agg(s::text) FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, step, '1 h', 'day', '', 'UTC', '2024-01-05') FROM many)) s), 'all groups of a bucket together are the trend');
SELECT is((SELECT string_agg(coalesce(breakdown, 'NULL') || users, ' ') FROM funnel_breakdown_steps((SELECT funnel_breakdown(i, moment(i), '1'::stepset, '1 h', v, 1, 'top 2') FROM unnest(values) WITH ORDINALITY u (v, i)))), wanted, 'ties: ' || values::text)
FROM (VALUES (ARRAY['c', 'a', 'b', NULL], '(other)1 a1 b1 NULL1'), ('{b,a,c,c}', '(other)1 a1 c2'), ('{b,a,(other)}', '(other)2 a1'), ('{b,(other),(other),a,c}', '(other)4 a1'), ('{"",B,a}', '1 (other)1 B1'), ('{a,b,NULL}', 'a1 b1 NULL1'), ('{NULL}', 'NULL1')) v (values, wanted);
SELECT is(funnel_breakdown(user_id, at, step, '1 h', value, 1, options)::text, funnel_breakdown(user_id, at, step, '1 h', value, 1, 'top 3, strict_once, first_chain')::text, options)
FROM event, unnest(ARRAY['strict_once,top 3,first_chain', ' TOP  3 , Strict_Once,first_chain', 'first_chain, strict_once, top 3']) options GROUP BY options;
SELECT is(funnel_breakdown(user_id, at, step, '1 h', value, 1, 'top 3')::text::jsonb ->> 'mode', '', 'top alone') FROM event;

-- ---- times in bins of your own ------------------------------------------------------------

CREATE TABLE timed AS SELECT i AS user_id, CASE WHEN i % 2 = 1 THEN make_interval(hours => rnd(i, 1, 100)) ELSE make_interval(secs => rnd(i, 1, 400) * rnd(i, 2, 5) * 60 + rnd(i, 3, 1000000) / 1e6) END AS took FROM generate_series(1, 3000) i;
CREATE FUNCTION times_of(whole boolean) RETURNS funnel_stats LANGUAGE sql AS $$
	SELECT funnel(user_id, at, step, '365 days') FROM timed, LATERAL (VALUES (moment(0), '10'::stepset), (moment(0) + took, '01')) e (at, step) WHERE NOT whole OR user_id % 2 = 1 $$;
SELECT results_eq(format('SELECT * FROM funnel_times(times_of(true), 2, %L, %L)', from_start, bounds),
	format($$ SELECT lower, upper, (SELECT count(*) FROM timed WHERE user_id %% 2 = 1 AND took >= lower AND (upper IS NULL OR took < upper)) FROM (SELECT lower, lead(lower) OVER (ORDER BY lower) AS upper FROM (SELECT interval '0' AS lower UNION SELECT * FROM unnest(%L::interval[])) b) b ORDER BY lower $$, bounds), 'times in whole hours are exact below 64 hours: ' || bounds::text)
FROM unnest(ARRAY[false, true]) from_start, (VALUES ('{1 h,10 h,1 day}'::interval[]), ('{0,3 h,63 h,60 days}'), ('{}'), ('{1 us}')) v (bounds);
SELECT ok(bool_and(upper IS NULL OR above >= least_above AND above <= most_above) AND count(*) = 5, 'others count at most 1.6 % too high')
FROM (SELECT upper, sum(users) OVER (ORDER BY lower DESC) - users AS above, (SELECT count(*) FROM timed WHERE took >= upper) AS least_above, (SELECT count(*) FROM timed WHERE took >= upper / 1.016) AS most_above
	FROM funnel_times(times_of(false), 2, from_start => false, bounds => '{7 min,33 min,1 h,5 h}')) t;
SELECT results_eq($$ SELECT * FROM funnel_times((SELECT funnel_breakdown(user_id, at, step, '1 h', value, 1) FROM event), 3, true, '{20 min}') $$, $$ SELECT * FROM funnel_times((SELECT funnel(user_id, at, step, '1 h') FROM event), 3, true, '{20 min}') $$, 'of a breakdown, all groups together');
SELECT is((SELECT string_agg(t::text, ' ') FROM funnel_times((SELECT funnel(user_id, at, '00'::stepset, '1 h') FROM event), 2, false, '{1 h}') t), '(00:00:00,01:00:00,0) (01:00:00,,0)', 'of nobody');
SELECT is((SELECT count(*) FROM funnel_times(s, step, false, b)), 0::bigint, 'an argument is NULL') FROM (VALUES (NULL::funnel_stats, 2, '{1 h}'::interval[]), (times_of(true), NULL, '{1 h}')) v (s, step, b);
SELECT results_eq('SELECT * FROM funnel_times(times_of(true), 2, false, NULL)', 'SELECT * FROM funnel_times(times_of(true), 2)', 'bounds that are NULL are none');
SELECT throws_ok(format('SELECT * FROM funnel_times(times_of(true), 2, false, %L)', bounds), state, message, message)
FROM (VALUES ('{1 h,NULL}', '22004', 'bounds must not contain NULL'), ('{2 h,1 h}', '22023', 'bounds must ascend, but 01:00:00 comes after 02:00:00'), ('{1 h,1 h}', '22023', 'bounds must ascend, but 01:00:00 comes after 01:00:00'),
	('{1 h,0}', '22023', 'bounds must ascend, but 00:00:00 comes after 01:00:00'), ('{1 mon}', '22023', 'bounds must not contain months or years: 1 mon'), ('{-1 h}', '22023', 'bounds must not be negative: -01:00:00')) v (bounds, state, message);

-- ---- what is refused ----------------------------------------------------------------------

SELECT throws_ok(format('SELECT %s FROM event', call), state, message, call)
FROM (VALUES ('funnel_breakdown(user_id, at, step, ''1 h'', value, 1, ''top 0'')', '22023', 'option "top 0" must be top and a number from 1 to 10000'), ('funnel_breakdown(user_id, at, step, ''1 h'', value, 1, ''top 10001'')', '22023', 'option "top 10001" must be top and a number from 1 to 10000'),
	('funnel_breakdown(user_id, at, step, ''1 h'', value, 1, ''top ten'')', '22023', 'option "top ten" must be top and a number from 1 to 10000'), ('funnel_breakdown(user_id, at, step, ''1 h'', value, 1, ''top'')', '22023', 'option "top" is not complete, or has too much'),
	('funnel_breakdown(user_id, at, step, ''1 h'', value, 1, ''top 2, top 3'')', '22023', 'options "top 2, top 3" say twice how many values there are'), ('funnel_breakdown(user_id, at, step, ''1 h'', value, 1, ''top 2,'')', '22023', 'option "" does not exist'),
	('funnel_breakdown(user_id, at, step, ''1 h'', value, 1, '' ,top 2'')', '22023', 'option "" does not exist'), ('funnel_breakdown(user_id, at, step, ''1 h'', value, 1, ''x, top 2'')', '22023', 'option "x" does not exist'),
	('funnel(user_id, at, step, ''1 h'', ''top 2'')', '22023', 'option "top 2" does not exist'), ('funnel_trend(user_id, at, step, ''1 h'', ''day'', ''top 2'')', '22023', 'option "top 2" does not exist'),
	('funnel_breakdown(user_id, at, step, ''1 h'', value, ''every_value'')', '22023', 'breakdown_event "every_value" does not exist'),
	('funnel_trend_breakdown(user_id, at, step, ''1 h'', value, 0, ''day'')', '22023', 'breakdown_step must be a step of the funnel, not 0'), ('funnel_trend_breakdown(user_id, at, step, ''1 h'', value, 4, ''day'')', '22023', 'breakdown_step is 4, but step has 3 conditions'),
	('funnel_trend_breakdown(user_id, at, step, ''1 h'', value, ''day'', ''1'')', '22023', 'breakdown_event "day" does not exist'), ('funnel_trend_breakdown(user_id, at, step, ''1 h'', value, 1, ''year'')', '22023', 'unit "year" does not exist'),
	('funnel_trend_breakdown(user_id, at, step, ''1 h'', value, 1, ''day'', ''any_order'')', '22023', 'option any_order does not go with a trend'), ('funnel_trend_breakdown(user_id, at, step, ''1 h'', value, 1, ''day'', '''', ''Mars'')', '22023', 'time_zone "Mars" does not exist'),
	('funnel_trend_breakdown(user_id, at, step, ''1 h'', value, 1, NULL)', '22004', 'unit must not be NULL'), ('funnel_trend_breakdown(user_id, at, step, ''1 h'', value, NULL::int, ''day'')', '22004', 'breakdown_step must not be NULL'),
	('funnel_trend_breakdown(user_id, at, step, ''1 h'', value, 1, CASE WHEN i % 2 = 0 THEN ''day'' ELSE ''hour'' END)', '22023', 'unit must be the same for all rows of one group'),
	('funnel_steps(funnel_breakdown(user_id, at, step, ''1 h'', value, ''each_value''))', '22023', 'funnel_steps cannot add up the groups of each value'), ('funnel_times(funnel_breakdown(user_id, at, step, ''1 h'', value, ''each_value''), 2)', '22023', 'funnel_times cannot add up the groups of each value'),
	('funnel_trend_steps(funnel_trend_breakdown(user_id, at, step, ''1 h'', value, ''each_value'', ''day''))', '22023', 'funnel_trend_steps cannot add up the groups of each value'), ('funnel_steps(funnel_trend_breakdown(user_id, at, step, ''1 h'', value, 1, ''day''))', '22023', 'funnel_steps cannot add up the buckets of a trend'),
	('funnel_breakdown_steps(funnel_trend_breakdown(user_id, at, step, ''1 h'', value, 1, ''day''))', '22023', 'funnel_breakdown_steps was given a trend'), ('funnel_trend_breakdown_steps(funnel_trend(user_id, at, step, ''1 h'', ''day''))', '22023', 'funnel_trend_breakdown_steps was given no trend by breakdown'),
	('funnel_trend_breakdown_steps(funnel_breakdown(user_id, at, step, ''1 h'', value, 1))', '22023', 'funnel_trend_breakdown_steps was given no trend by breakdown')) v (call, state, message);
SELECT ok(funnel_trend_breakdown(user_id, at, step, '1 h', value, 1, 'day') IS NULL, 'no rows give NULL') FROM event WHERE false;
SELECT is_empty($$ SELECT * FROM funnel_trend_breakdown_steps((SELECT funnel_trend_breakdown(user_id, at, '010', '1 d', value, 1, 'day') FROM event)) $$, 'nobody at step 1: no groups');

-- ---- every plan ---------------------------------------------------------------------------

CREATE TABLE call AS SELECT call FROM unnest(ARRAY['funnel_breakdown(user_id, at, step, ''1 h'', value, ''each_value'', ''top 5'')', 'funnel_breakdown(user_id::text, at, i % 3, step, ''1 h'', value, ''each_value'', ''strict_order'')',
	'funnel_trend_breakdown(user_id, at, step, ''1 h'', value, 2, ''day'', ''strict_once'', ''UTC'')', 'funnel_trend_breakdown(user_id, at, i % 3, step, ''1 h'', value, ''last_touch'', ''hour'', ''first_chain, top 3'', ''UTC'', ''2024-01-10'')',
	'funnel_trend_breakdown(user_id::text, at, step, ''1 h'', value, ''each_value'', ''week'')']) call;
CREATE FUNCTION answer(call text, clause text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT md5(string_agg(s, '' '' ORDER BY s)) FROM (SELECT %s::text AS s FROM many %s) s', call, clause) INTO answer;
	RETURN answer;
END $$;
SET LOCAL journey.enable_scan = off;
CREATE TABLE whole AS SELECT call, answer(call) AS one, answer(call, 'GROUP BY i % 4') AS groups FROM call;
SET LOCAL enable_hashagg = off;
SELECT is_empty('SELECT call FROM whole WHERE answer(call, ''GROUP BY i % 4'') <> groups', 'sorted groups');
SET LOCAL journey.enable_scan = on;
SELECT is_empty('SELECT call FROM whole WHERE answer(call) <> one OR answer(call, ''GROUP BY i % 4'') <> groups', 'by the table scan');
SET LOCAL enable_hashagg = on;
SELECT is_empty('SELECT call FROM whole WHERE answer(call, ''GROUP BY i % 4'') <> groups', 'by the table scan, hashed groups');
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT is_empty('SELECT call FROM whole WHERE answer(call) <> one OR answer(call, ''GROUP BY i % 4'') <> groups', 'spilled');
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is_empty('SELECT call FROM whole WHERE answer(call) <> one OR answer(call, ''GROUP BY i % 4'') <> groups', 'in parallel');
RESET work_mem;
SELECT is_empty('SELECT call FROM whole WHERE answer(call) <> one OR answer(call, ''GROUP BY i % 4'') <> groups', 'in parallel, in memory');
SET LOCAL journey.enable_scan = off;
SELECT is_empty('SELECT call FROM whole WHERE answer(call) <> one OR answer(call, ''GROUP BY i % 4'') <> groups', 'in parallel, without the scan');

SELECT * FROM finish();
ROLLBACK;
