-- The option consecutive of all funnels, against runs of rows found by number. What simultaneous
-- events may do, the tests of the kernel hold to every order of theirs.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

-- Histories whose rows meet one step, several or none; rows with a NULL user, time or step are
-- nobody's. The times of a user differ; by `day` they are all equal, and seq tells them apart.
CREATE TABLE event AS
SELECT CASE WHEN rnd(i, 1, 60) > 0 THEN u END AS user_id, 'customer ' || u AS code, i::bigint AS seq,
	CASE WHEN rnd(i, 2, 60) > 0 THEN moment(i) END AS at, moment(0) AS day,
	CASE WHEN rnd(i, 3, 60) > 0 THEN (CASE rnd(i, 4, 3) WHEN 0 THEN 1 << rnd(i, 5, 4) WHEN 1 THEN 8 >> (i % 4) ELSE (rnd(i, 6, 16) & rnd(i, 7, 16)) END)::bit(4)::text::stepset END AS step,
	(ARRAY[NULL, 'app', '', 'web'])[1 + rnd(i, 8, 4)] AS value
FROM generate_series(1, 60000) i, LATERAL (SELECT rnd(i / 12, 9, 3000) AS u) c;
ALTER TABLE event SET (parallel_workers = 3);
ANALYZE event;

CREATE FUNCTION meets(step stepset, k int) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN substr(step::text, k, 1) = '1';
-- Each run: from a row of step 1 on, for as long as the next row of the user meets the next step.
CREATE FUNCTION runs(within interval) RETURNS TABLE (user_id int, level int, times timestamptz[], vals text[]) LANGUAGE sql AS $$
	WITH RECURSIVE numbered AS MATERIALIZED (
		SELECT e.user_id, e.at, e.step, e.value, row_number() OVER (PARTITION BY e.user_id ORDER BY e.at) AS n
		FROM event e WHERE e.user_id IS NOT NULL AND e.at IS NOT NULL AND e.step IS NOT NULL
	), run AS (
		SELECT user_id, n, 1 AS level, ARRAY[at] AS times, ARRAY[value] AS vals FROM numbered WHERE meets(step, 1)
		UNION ALL
		SELECT r.user_id, r.n, r.level + 1, times || e.at, vals || e.value FROM run r JOIN numbered e ON e.user_id = r.user_id AND e.n = r.n + r.level
		WHERE r.level < 4 AND meets(e.step, r.level + 1) AND e.at - times[1] <= within)
	SELECT user_id, level, times, vals FROM run $$;
CREATE TABLE run AS SELECT w AS within, o AS options, r.* FROM unnest(ARRAY[interval '0', '2 s', '30 d']) w, unnest(ARRAY['consecutive', 'Consecutive, first_chain']) o,
	LATERAL (SELECT DISTINCT ON (user_id) * FROM runs(w) ORDER BY user_id, level DESC, CASE WHEN o ~ 'first' THEN times[1] ELSE times[level] END, times[1] DESC) r;
SELECT ok(count(*) FILTER (WHERE level = 4) > 100 AND count(*) FILTER (WHERE level = 1) > 100, 'there are users at all levels') FROM run;

SELECT set_eq(format('SELECT user_id, level, times FROM run WHERE within = %L AND options = %L', within, options),
	format('SELECT user_id, level, times FROM (SELECT user_id, window_funnel(at, step, %1$L, %2$L) AS level, window_funnel_times(at, step, %1$L, %2$L) AS times FROM event WHERE user_id IS NOT NULL GROUP BY user_id) u WHERE level > 0', within, options),
	format('window_funnel, %s, %s', within, options))
FROM (SELECT DISTINCT within, options FROM run ORDER BY 1, 2) r;
SELECT set_eq(format('SELECT user_id, level, times FROM run WHERE within = %L AND options = %L', within, options),
	format('SELECT m.* FROM unnest((SELECT funnel_members(user_id, at, step, %L, %L) FROM event)) m', within, options),
	format('funnel_members, %s, %s', within, options))
FROM (SELECT DISTINCT within, options FROM run ORDER BY 1, 2) r;
SELECT set_eq($$SELECT user_id, level FROM run WHERE within = '30 d' AND options = 'consecutive'$$,
	$$SELECT user_id, level FROM unnest((SELECT funnel_members(user_id, day, seq, step, '0', 'consecutive') FROM event WHERE at IS NOT NULL)) m$$, 'events of one time in the order of seq');
SELECT set_eq(format($$SELECT step, count(user_id) FROM generate_series(1, 4) step LEFT JOIN run ON level >= step AND within = '30 d' AND options = 'consecutive' GROUP BY step$$),
	'SELECT step, users FROM funnel_steps((SELECT funnel(' || id || $$, at, step, '30 d', 'consecutive') FROM event WHERE user_id IS NOT NULL))$$, 'funnel by ' || id)
FROM unnest(ARRAY['user_id', 'code']) id;
SELECT set_eq(format($$SELECT CASE WHEN level >= %1$s THEN vals[%1$s] END AS breakdown, count(*) FROM run WHERE within = '30 d' AND options = %2$L GROUP BY 1$$, b, options),
	format($$SELECT breakdown, users FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, step, '30 d', value, %s, %L) FROM event)) WHERE step = 1$$, b, options),
	format('funnel_breakdown by step %s, %s', b, options))
FROM unnest(ARRAY[1, 2, 4]) b, (SELECT DISTINCT options FROM run ORDER BY 1) r;
SELECT set_eq(format($$SELECT CASE WHEN level >= %1$s THEN vals[%1$s] END AS breakdown, count(*) FROM run WHERE within = '30 d' AND options = %2$L GROUP BY 1$$, b, options),
	format($$SELECT breakdown, users FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, day, seq, step, '0', value, %s, %L) FROM event WHERE at IS NOT NULL)) WHERE step = 1$$, b, options),
	format('funnel_breakdown by step %s and seq, %s', b, options))
FROM unnest(ARRAY[1, 2, 4]) b, (SELECT DISTINCT options FROM run ORDER BY 1) r;
-- by the hour in which a run starts: the deepest
SELECT set_eq($$SELECT bucket, step, count(*) FILTER (WHERE level >= step) FROM (SELECT user_id, date_trunc('hour', times[1], 'UTC') AS bucket, max(level) AS level FROM runs('1 h') GROUP BY 1, 2) r, generate_series(1, 4) step GROUP BY 1, 2$$,
	$$SELECT bucket, step, users FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, step, '1 h', 'hour', 'consecutive', 'UTC') FROM event))$$, 'funnel_trend');
-- one value for all is none
SELECT is(funnel_holding_constant(user_id, at, step, '1 h', 'x', 'consecutive')::text, funnel(user_id, at, step, '1 h', 'consecutive')::text, 'funnel_holding_constant of one value') FROM event;

-- simultaneous events that can be the step: the first with a value
CREATE TABLE tie (id int, at timestamptz, step stepset, value text);
INSERT INTO tie VALUES (1, moment(0), '1000', 'a'), (1, moment(1), '0110', 'wrong'), (1, moment(1), '0100', 'right'), (1, moment(2), '0001', 'd');
SELECT is(window_funnel(at, step, '1 h', 'consecutive'), 4, 'all events of one time are steps') FROM tie;
SELECT is(breakdown, 'right', 'the event that can be step 2 gives the group') FROM funnel_breakdown_steps((SELECT funnel_breakdown(id, at, step, '1 h', value, 2, 'consecutive') FROM tie)) WHERE step = 1;
SELECT is(breakdown, 'wrong', 'and the other is step 3') FROM funnel_breakdown_steps((SELECT funnel_breakdown(id, at, step, '1 h', value, 3, 'consecutive') FROM tie)) WHERE step = 1;

-- plans
CREATE TABLE answer (plan text, f text, m text);
INSERT INTO answer SELECT 'scan', funnel(user_id, at, step, '1 h', 'consecutive'), md5(funnel_members(code, at, step, '1 h', 'consecutive')::text) FROM event;
SET LOCAL journey.enable_scan = off;
INSERT INTO answer SELECT 'rows', funnel(user_id, at, step, '1 h', 'consecutive'), md5(funnel_members(code, at, step, '1 h', 'consecutive')::text) FROM event;
INSERT INTO answer SELECT 'shuffled', funnel(user_id, at, step, '1 h', 'consecutive' ORDER BY hashint8(seq)), md5(funnel_members(code, at, step, '1 h', 'consecutive' ORDER BY hashint8(seq))::text) FROM event;
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
INSERT INTO answer SELECT 'parallel', f, m FROM (SELECT funnel(user_id, at, step, '1 h', 'consecutive')::text AS f, md5(funnel_members(code, at, step, '1 h', 'consecutive')::text) AS m FROM event) e;
RESET journey.enable_scan;
INSERT INTO answer SELECT 'parallel scan', f, m FROM (SELECT funnel(user_id, at, step, '1 h', 'consecutive')::text AS f, md5(funnel_members(code, at, step, '1 h', 'consecutive')::text) AS m FROM event) e;
SELECT is(count(DISTINCT (f, m)), 1::bigint, 'the same in every plan') FROM answer;
SELECT is((SELECT f FROM answer LIMIT 1)::funnel_stats::text, (SELECT f FROM answer LIMIT 1), 'the text form is read');

-- ---- what is refused --------------------------------------------------------------------

SELECT throws_ok(format('SELECT window_funnel(at, step, ''1 h'', %L) FROM tie', o), '22023', format('options "%s" combine %s with another', o, w), o)
FROM (VALUES ('consecutive, strict_order', 'consecutive'), ('strict_once,consecutive', 'consecutive'), ('any_order, consecutive', 'any_order')) v (o, w);
SELECT throws_ok($$SELECT funnel_trend(id, at, step, '1 h', 'day', 'Asia/Shanghai') FROM tie$$, '22023', 'option "Asia/Shanghai" does not exist', 'a time zone in place of options');
SELECT throws_ok($$SELECT funnel_trend(id, at, step, '1 h', 'day', '', 'consecutive') FROM tie$$, '22023', 'time_zone "consecutive" does not exist', 'options in place of a time zone');

SELECT * FROM finish();
ROLLBACK;
