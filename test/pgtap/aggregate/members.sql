-- Members of every number that a result shows: as many as it says, for each cell, with many ties and NULLs.
\ir ../setup.psql
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT plan(142);

CREATE TABLE event AS
SELECT NULLIF(rnd(i, 1, 120), 0)::bigint AS user_id, CASE WHEN rnd(i, 2, 50) > 0 THEN moment(rnd(i, 3, 900) * 7200) END AS at, NULLIF(rnd(i, 4, 4), 0)::bigint AS seq,
	NULLIF(chr(96 + rnd(i, 5, 6)), '`') AS node, (ARRAY['app', 'web', '', '(other)', '柜台', NULL])[1 + rnd(i, 6, 3) * rnd(i, 7, 4) % 6] AS channel, rnd(i, 8, 3) = 0 AS is_start, rnd(i, 9, 3) = 0 AS is_return
FROM generate_series(1, 4000) AS i;
ALTER TABLE event SET (parallel_workers = 3);
CREATE TABLE typed AS SELECT *, 'user ' || user_id AS as_text, md5(user_id::text)::uuid AS as_uuid FROM event;

-- A query for each cell: its name, the number shown, and its members as rows.
CREATE TABLE cell (what text, name text, shown bigint, members text);
CREATE FUNCTION members_of(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM (%s) AS q', query) INTO n;
	RETURN n;
END $$;

-- ---- retention of groups ----------------------------------------------------------------

SELECT is_empty(format($$ SELECT * FROM (SELECT breakdown, cohort, period, users, cohort_users FROM retention_by_cells((SELECT cohort_retention_by(user_id, at, is_start, is_return, channel, %1$L, %2$L, %3$L) FROM event))) AS c
	FULL JOIN (SELECT m.breakdown, m.cohort, p.period, count(*) FILTER (WHERE p.period = ANY (returned)) AS users, count(*) AS cohort_users
		FROM unnest((SELECT retention_members_by(user_id, at, is_start, is_return, channel, %1$L, %2$L, %3$L) FROM event)) AS m, (SELECT DISTINCT period FROM retention_by_cells((SELECT cohort_retention_by(user_id, at, is_start, is_return, channel, %1$L, %2$L, %3$L) FROM event))) AS p GROUP BY 1, 2, 3) AS m
	ON m.breakdown IS NOT DISTINCT FROM c.breakdown AND (m.cohort, m.period) = (c.cohort, c.period) WHERE (c.users, c.cohort_users) IS DISTINCT FROM (m.users, m.cohort_users) $$, unit, periods, options), concat_ws(' ', unit, periods, options))
FROM (VALUES ('month', '3', ''), ('week', '{1,3,7}', 'every, last_value, top 2'), ('rolling week', '2', 'every, within, top 1'), ('month', '{1,2}', 'on_or_after, top 3')) AS p(unit, periods, options);

-- ---- lifecycle --------------------------------------------------------------------------

SELECT is_empty($$ SELECT bucket, state, shown, n FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'day') FROM event)) AS b,
	LATERAL (VALUES ('active', b.active), ('new', b.new), ('returning', b."returning"), ('resurrected', b.resurrected), ('dormant', b.dormant)) AS s(state, shown),
	LATERAL (SELECT cardinality(lifecycle_users(user_id, at, 'day', b.bucket, s.state)) AS n FROM event) AS u WHERE n <> shown $$, 'users of every state are as many as it says');

-- ---- paths ------------------------------------------------------------------------------

DO $$
DECLARE
	p record;
BEGIN
	FOR p IN SELECT * FROM (VALUES (3, interval '1 day', '', ''), (2, NULL, 'collapse', 'seq, '), (4, '3 days', 'ignore a, collapse', 'seq, '), (1, '1 h', '', '')) AS v(depth, gap, options, seq) LOOP
		EXECUTE format('INSERT INTO cell SELECT ''path'', concat_ws('' '', %2$s, %1$L, %4$L, path), users, format(''SELECT FROM unnest((SELECT top_path_members(user_id, at, %3$snode, %%L, %2$s, %%L::text[], %%L) FROM event))'', %1$L, path, %4$L)
			FROM unnest((SELECT top_paths(user_id, at, %3$snode, %1$L, %2$s, 100000, NULL, %4$L) FROM event))', p.gap, p.depth, p.seq, p.options);
	END LOOP;
END $$;
SELECT cmp_ok(count(*), '>', 200::bigint, 'paths') FROM cell WHERE what = 'path';
SELECT is_empty('SELECT name, shown, n FROM cell, members_of(members) AS n WHERE what = ''path'' AND n <> shown LIMIT 5', 'their members are as many as they say');
SELECT is_empty($$ SELECT * FROM unnest((SELECT top_paths(user_id, at, node, '2 days', 2, 50) FROM event)) AS t, LATERAL (SELECT sum(passes) AS passes, min(first_at) AS first
		FROM unnest((SELECT top_path_members(user_id, at, node, '2 days', 2, t.path) FROM event))) AS m
	WHERE m.passes <> t.sessions OR NOT EXISTS (SELECT FROM event AS e WHERE e.node = t.path[1] AND e.at = m.first) $$, 'who passed as often');
SELECT results_eq($$ SELECT ('user ' || user_id) COLLATE "C" AS u, passes, first_at FROM unnest((SELECT top_path_members(user_id, at, node, '1 day', 2, '{a,b}') FROM typed)) ORDER BY u $$,
	$$ SELECT user_id COLLATE "C" AS u, passes, first_at FROM unnest((SELECT top_path_members(as_text, at, node, '1 day', 2, '{a,b}') FROM typed)) ORDER BY u $$, 'of users that are texts');
SELECT results_eq($$ SELECT md5(user_id::text)::uuid, passes, first_at FROM unnest((SELECT top_path_members(user_id, at, seq, node, '1 day', 2, '{a,b}') FROM typed)) ORDER BY 1 $$,
	$$ SELECT * FROM unnest((SELECT top_path_members(as_uuid, at, seq, node, '1 day', 2, '{a,b}') FROM typed)) $$, 'or uuids');
SELECT throws_ok(format($$ SELECT top_path_members(user_id, at, node, '1 day', 2, %L::text[]) FROM event $$, path), state, message, 'path ' || coalesce(path, 'NULL'))
FROM (VALUES ('{}', '22023', 'path must be an array of 1 to 2 nodes without NULL, not {}'), ('{a,NULL}', '22023', 'path must be an array of 1 to 2 nodes without NULL, not {a,NULL}'), ('{{a,b}}', '22023', 'path must be an array of 1 to 2 nodes without NULL, not {{a,b}}'),
	('{a,b,c}', '22023', 'path must be an array of 1 to 2 nodes without NULL, not {a,b,c}'), (NULL, '22004', 'path must not be NULL')) AS v(path, state, message);
SELECT throws_ok($$ SELECT top_path_members(user_id, at, node, '1 day', 2, '{a}', 'top 3') FROM event $$, '22023', 'option top does not go with transitions, top_paths or top_path_members', 'no top');
SELECT throws_ok($$ SELECT top_path_members(user_id, at, node, '1 day', 2, ARRAY[node]) FROM event $$, '22023', NULL, 'a path for each row');
-- ---- funnels ----------------------------------------------------------------------------

-- Users of the step of a group or bucket are its members with a time of that step.
CREATE TABLE walk AS SELECT *, step_of(node, '{a,b,c}') AS step FROM typed;
CREATE FUNCTION steps_of(call text) RETURNS TABLE (bucket timestamptz, bucket_date date, breakdown text, step int, users bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT m.bucket, m.bucket_date, m.breakdown, k, count(m.times[k]) FROM unnest((SELECT %s FROM walk)) AS m, generate_series(1, 3) AS k GROUP BY 1, 2, 3, 4', call);
END $$;
SELECT set_eq(format($$ SELECT breakdown, step, users FROM steps_of(%L) $$, format('funnel_breakdown_members(%s, at, %sstep, ''2 days'', channel, %L, %L)', id, seq, touch, options)),
	format($$ SELECT breakdown, step, users FROM funnel_breakdown_steps((SELECT funnel_breakdown(%s, at, %sstep, '2 days', channel, %L, %L) FROM walk)) $$, id, seq, touch, options),
	format('funnel_breakdown_members(%s, %s%s, %s)', id, seq, touch, options))
FROM (VALUES ('user_id', ''), ('user_id', 'seq, '), ('as_text', ''), ('as_uuid', 'seq, ')) AS i(id, seq), unnest('{first_touch,last_touch,each_value,2}'::text[]) AS touch,
	unnest(ARRAY['', 'first_chain, strict_increase', 'optional 2, count completions', 'count sessions of 1 hour']) AS options;
SELECT set_eq(format($$ SELECT bucket, bucket_date, step, users FROM steps_of(%L) $$, format('funnel_trend_members(%s, at, %sstep, ''2 days'', %L, %L, %L)', id, seq, unit, options, zone)),
	format($$ SELECT bucket, bucket_date, step, users FROM funnel_trend_steps((SELECT funnel_trend(%s, at, %sstep, '2 days', %L, %L, %L) FROM walk)) $$, id, seq, unit, options, zone),
	format('funnel_trend_members(%s, %s%s, %s, %s)', id, seq, unit, options, zone))
FROM (VALUES ('user_id', ''), ('user_id', 'seq, '), ('as_text', ''), ('as_uuid', 'seq, ')) AS i(id, seq), (VALUES ('day', 'Asia/Shanghai'), ('week_sunday', 'UTC'), ('hour', '')) AS u(unit, zone),
	unnest(ARRAY['', 'first_chain', 'optional 2, count completions']) AS options;
SELECT set_eq(format($$ SELECT bucket, bucket_date, breakdown, step, users FROM steps_of(%L) $$, format('funnel_trend_breakdown_members(%s, at, step, ''2 days'', channel, %L, ''day'', %L, ''UTC'', moment(86400 * 5))', id, touch, options)),
	format($$ SELECT bucket, bucket_date, breakdown, step, users FROM funnel_trend_breakdown_steps((SELECT funnel_trend_breakdown(%s, at, step, '2 days', channel, %L, 'day', %L, 'UTC', moment(86400 * 5)) FROM walk)) $$, id, touch, options),
	format('funnel_trend_breakdown_members(%s, %s, %s)', id, touch, options))
FROM unnest('{user_id,as_text,as_uuid}'::text[]) AS id, unnest('{first_touch,each_value,2}'::text[]) AS touch, unnest(ARRAY['', 'latest_chain, count completions']) AS options;
SELECT bag_eq('SELECT user_id, level, times FROM unnest((SELECT funnel_breakdown_members(user_id, at, step, ''2 days'', channel, ''first_touch'') FROM walk))',
	'SELECT user_id, level, times FROM unnest((SELECT funnel_members(user_id, at, step, ''2 days'') FROM walk))', 'in one group each');
SELECT throws_ok($$ SELECT funnel_breakdown_members(user_id, at, step, '2 days', channel, '1', 'top 3') FROM walk $$, '22023', 'option top does not go with members', 'no top of members');
SELECT is(funnel_trend_members(user_id, at, step, '2 days', 'day'), NULL, 'of no rows') FROM walk WHERE false;

-- ---- funnels in other plans -------------------------------------------------------------

CREATE TABLE members AS SELECT funnel_breakdown_members(user_id, at, step, '2 days', channel, 'each_value', 'count completions')::text AS breakdown,
	funnel_trend_members(as_text, at, step, '2 days', 'day', 'optional 2')::text AS trend, funnel_trend_breakdown_members(as_uuid, at, seq, step, '2 days', channel, '2', 'day')::text AS in_both FROM walk;
SELECT is((SELECT array_agg(m.breakdown) FROM generate_series(1, 3) AS g, LATERAL (SELECT funnel_breakdown_members(user_id, at, step, '2 days', channel, 'each_value', 'count completions')::text AS breakdown FROM walk WHERE g > 0) AS m), (SELECT array_fill(breakdown, '{3}') FROM members), 'read three times');
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
ALTER TABLE walk SET (parallel_workers = 2);
SELECT is((funnel_breakdown_members(user_id, at, step, '2 days', channel, 'each_value', 'count completions')::text,
	funnel_trend_members(as_text, at, step, '2 days', 'day', 'optional 2')::text, funnel_trend_breakdown_members(as_uuid, at, seq, step, '2 days', channel, '2', 'day')::text), (SELECT (breakdown, trend, in_both) FROM members), 'by several processes') FROM walk;
SET LOCAL journey.enable_scan = off;
SELECT is((funnel_breakdown_members(user_id, at, step, '2 days', channel, 'each_value', 'count completions')::text,
	funnel_trend_members(as_text, at, step, '2 days', 'day', 'optional 2')::text, funnel_trend_breakdown_members(as_uuid, at, seq, step, '2 days', channel, '2', 'day')::text), (SELECT (breakdown, trend, in_both) FROM members), 'without the scan') FROM walk;
SELECT throws_ok($$ SELECT funnel_breakdown_members(user_id, at, step, '2 days', channel, '9') FROM walk $$, '22023', NULL, 'a step that is not there');

SELECT finish();
ROLLBACK;
