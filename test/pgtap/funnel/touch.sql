-- Which event gives the group of a user in funnel_breakdown: their first or last touch, whatever it
-- was, or a step of the chain that starts first; against plain SQL. And the question that
-- these are for: which channel brought the customer?
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(123);

-- ---- the question -----------------------------------------------------------------------

CREATE TABLE visit (user_id int, at timestamptz, event text, channel text);
INSERT INTO visit VALUES
	(1, moment(0), 'visit', 'search'), (1, moment(100), 'visit', 'wechat'), (1, moment(200), 'register', NULL),
	(2, moment(0), 'visit', 'search'), (2, moment(100), 'visit', 'wechat');
CREATE FUNCTION groups(call text, source text DEFAULT 'visit') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(breakdown || '' '' || users, '', '' ORDER BY breakdown, step) FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, step_of(event, ''{visit,register}''), %s) FROM %s))', call, source) INTO answer;
	RETURN answer;
END $$;
SELECT is(groups($$'7 days', channel, 'first_touch'$$), 'search 2, search 1', 'first touch: search brought both, and one converts');
SELECT is(groups($$'7 days', channel, 1, 'first_chain'$$), 'search 2, search 1', 'first_chain: the same, as both visited within the window');
SELECT is(groups($$'7 days', channel, 1$$), 'search 1, search 0, wechat 1, wechat 1', 'by default those who convert have their latest start, others their first');
SELECT is(groups($$'7 days', channel, 'last_touch'$$), 'wechat 2, wechat 1', 'last touch: wechat was the last channel of both');
SELECT is(groups($$'150 s', channel, 1, 'first_chain'$$), 'search 1, search 0, wechat 1, wechat 1', 'first_chain knows no start whose window is over');
SELECT is(groups($$'150 s', channel, 'first_touch'$$), 'search 2, search 1', 'first touch is the first of all');

-- A touch that is no step: an advertisement seen before.
INSERT INTO visit VALUES (1, moment(-100), 'advertisement', 'video'), (2, moment(300), 'advertisement', 'video'), (3, moment(0), 'advertisement', 'video');
SELECT is(groups($$'7 days', channel, 'first_touch'$$), 'search 1, search 0, video 1, video 1', 'events that meet no step count, users who meet no step do not');
SELECT is(groups($$'7 days', channel, 'last_touch'$$), 'video 1, video 0, wechat 1, wechat 1', 'nor in last touch');
SELECT is(groups($$'7 days', channel, 'first_touch', 'strict_order'$$, '(TABLE visit UNION ALL SELECT 1, moment(150), ''advertisement'', ''video'') v'), 'search 1, search 0, video 1, video 0', 'and in strict_order they end a chain as ever');
SELECT is(groups($$'7 days', channel, 'first_touch'$$, '(SELECT * FROM visit WHERE event <> ''advertisement'') v'), 'search 2, search 1', 'of the rows that the aggregate gets');
-- Between the first visit and the first payment: a window longer than all of the log.
SELECT is((SELECT avg_time FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, '{visit,register}'), '36500 days', 'first_chain') FROM visit)) WHERE step = 2), interval '200 s', 'first visit to first registration');
SELECT is((SELECT avg_time FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, '{visit,register}'), '36500 days') FROM visit)) WHERE step = 2), interval '100 s', 'by default from the latest visit before it');

-- ---- random histories against plain SQL -------------------------------------------------

-- Many equal times, with and without a seq; rows with a NULL user, time, step or value.
CREATE TABLE event AS
SELECT i, CASE WHEN rnd(i, 9, 50) > 0 THEN u END AS user_id, CASE WHEN rnd(i, 8, 30) > 0 THEN moment(rnd(i, 2, 20)) END AS at, CASE WHEN rnd(i, 10, 3) > 0 THEN rnd(i, 11, 3) - 1 END::bigint AS seq,
	CASE WHEN rnd(i, 7, 30) > 0 THEN (rnd(i, 3, 8) & rnd(i, 4, 8))::bit(3)::text::stepset END AS step,
	(ARRAY['app', '', 'wechat', '柜台'])[1 + rnd(i, 5, 14)] AS value
FROM generate_series(1, 12000) i, LATERAL (SELECT rnd(i, 1, 1500) AS u) c;
CREATE INDEX ON event (user_id);
ALTER TABLE event SET (parallel_workers = 3);
ANALYZE event;

-- The event order: at, seq, lowest condition, conditions, value.
CREATE FUNCTION wanted(touch text, mode text, by_seq boolean) RETURNS TABLE (breakdown text, step int, users bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		SELECT v.value, k, count(*) FILTER (WHERE m.level >= k) AS users
		FROM unnest((SELECT funnel_members(user_id, at, %1$s step, '5 s', %2$L) FROM event)) m LEFT JOIN (
			SELECT DISTINCT ON (user_id) user_id, value FROM event
			WHERE user_id IS NOT NULL AND at IS NOT NULL AND step IS NOT NULL AND value IS NOT NULL
			ORDER BY user_id, at %3$s, %4$s step::text COLLATE "C" %5$s, value COLLATE "C" %3$s) v USING (user_id), generate_series(1, 3) k
		GROUP BY v.value, k $q$, CASE WHEN by_seq THEN 'seq,' END, mode, CASE touch WHEN 'last_touch' THEN 'DESC' END,
		CASE WHEN by_seq THEN CASE touch WHEN 'last_touch' THEN 'seq DESC NULLS FIRST,' ELSE 'seq NULLS LAST,' END END, CASE touch WHEN 'first_touch' THEN 'DESC' END);
END $$;
CREATE FUNCTION got(touch text, mode text, by_seq boolean, source text DEFAULT 'event') RETURNS TABLE (breakdown text, step int, users bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT breakdown, step, users FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, %s step, ''5 s'', value, %L, %L) FROM %s))', CASE WHEN by_seq THEN 'seq,' END, touch, mode, source);
END $$;
CREATE TABLE question AS
SELECT touch, mode, by_seq, format('%s, mode %L%s', touch, mode, CASE WHEN by_seq THEN ', with seq' ELSE '' END) AS name
FROM unnest(ARRAY['first_touch', 'last_touch']) touch, unnest(ARRAY['', 'strict_order', 'strict_once, first_chain', 'any_order', 'strict_deduplication', 'strict_increase']) mode, unnest(ARRAY[false, true]) by_seq;
SELECT bag_eq(format('SELECT * FROM got(%L, %L, %L)', touch, mode, by_seq), format('SELECT * FROM wanted(%L, %L, %L)', touch, mode, by_seq), name) FROM question;
SELECT ok(count(*) = 5 AND bool_and(users > 10), 'every value is there, and none') FROM got('first_touch', '', false) WHERE step = 1;
SELECT is((SELECT array_agg(s::text) FROM funnel_steps((SELECT funnel_breakdown(user_id, at, step, '5 s', value, touch, mode) FROM event)) s),
	(SELECT array_agg(s::text) FROM funnel_steps((SELECT funnel(user_id, at, step, '5 s', mode) FROM event)) s), format('%s, mode %L: all groups together are funnel()', touch, mode))
FROM question WHERE NOT by_seq AND mode <> '';

-- A step as text is the step; without a mode is mode ''.
SELECT is(funnel_breakdown(user_id, at, step, '5 s', value, k::text, 'first_chain')::text, funnel_breakdown(user_id, at, step, '5 s', value, k, 'first_chain')::text, 'step ' || k || ' as text') FROM event, generate_series(1, 3) k GROUP BY k;
SELECT is(funnel_breakdown(user_id, at, step, '5 s', value, '2')::text, funnel_breakdown(user_id, at, step, '5 s', value, 2)::text, 'or a literal') FROM event;
SELECT is(funnel_breakdown(user_id, at, seq, step, '5 s', value, 'first_touch')::text, funnel_breakdown(user_id, at, seq, step, '5 s', value, 'first_touch', '')::text, 'no mode, with seq') FROM event;

-- The value of the step of the chain that starts first.
SELECT bag_eq(format($$ SELECT breakdown, step, users FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, step, '5 s', value, %s, 'first_chain') FROM event)) $$, b),
	format($$ SELECT value, k, count(*) FILTER (WHERE cardinality(t) >= k) FROM (
		SELECT t, (SELECT value FROM event e WHERE e.user_id = u.user_id AND e.at = t[%1$s] AND meets(e.step::text, %1$s) AND value IS NOT NULL ORDER BY e.step::text COLLATE "C" DESC, value COLLATE "C" LIMIT 1) AS value
		FROM (SELECT user_id, window_funnel_times(at, step, '5 s', 'first_chain') AS t FROM event WHERE user_id IS NOT NULL GROUP BY user_id) u WHERE t IS NOT NULL) s,
		generate_series(1, 3) k GROUP BY value, k $$, b), 'first_chain, step ' || b)
FROM generate_series(1, 2) b;

-- A seq is as good as times that differ: which event gives the group is then exact.
CREATE TABLE numbered AS
SELECT rnd(i, 1, 1500) AS user_id, moment(rnd(i, 2, 8)) AS at, i::bigint AS seq, moment(rnd(i, 2, 8)) + i * interval '1 us' AS alone,
	(rnd(i, 3, 8) & rnd(i, 4, 8))::bit(3)::text::stepset AS step, CASE WHEN rnd(i, 6, 3) > 0 THEN 'v' || rnd(i, 5, 50) END AS value
FROM generate_series(1, 12000) i;
CREATE FUNCTION by_number(at text, event text, mode text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(breakdown || '' '' || step || '' '' || users, '','') FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, %s, step, ''5.5 s'', value, %L, %L) FROM numbered))', at, event, mode) INTO answer;
	RETURN answer;
END $$;
SELECT is(by_number('at, seq', event, mode), by_number('alone', event, mode), format('with seq: %s, mode %L', event, mode))
FROM unnest(ARRAY['1', '2', '3', 'first_touch', 'last_touch']) event, unnest(ARRAY['first_chain', 'strict_once, first_chain', 'strict_order, first_chain', '', 'strict_once', 'strict_deduplication']) mode;
SELECT is((SELECT array_agg((m.user_id, m.level, m.times)::text ORDER BY m.user_id) FROM unnest((SELECT funnel_members(user_id, at, seq, step, '5.5 s', mode) FROM numbered)) m),
	(SELECT array_agg((m.user_id, m.level, (SELECT array_agg(date_trunc('second', t) ORDER BY t) FROM unnest(m.times) t))::text ORDER BY m.user_id) FROM unnest((SELECT funnel_members(user_id, alone, step, '5.5 s', mode) FROM numbered)) m),
	'and the times: ' || mode)
FROM unnest(ARRAY['', 'first_chain', 'strict_once', 'strict_order', 'strict_deduplication, first_chain', 'any_order', 'any_order, first_chain']) mode;

-- Days and a seq: search, then wechat, then the registration, and once more search.
CREATE TABLE daily (user_id int, at date, seq bigint, event text, channel text);
INSERT INTO daily VALUES (1, '2024-01-01', 1, 'visit', 'search'), (1, '2024-01-01', 2, 'visit', 'wechat'), (1, '2024-01-01', 3, 'register', 'app'), (1, '2024-01-01', 4, 'visit', 'branch');
CREATE FUNCTION day_group(rest text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(coalesce(breakdown, ''none''), '','') FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, %s FROM daily)) WHERE step = 1', rest) INTO answer;
	RETURN answer;
END $$;
SELECT is(day_group($$seq, step_of(event, '{visit,register}'), '1 day', channel, 1)$$), 'wechat', 'the latest visit before the registration');
SELECT is(day_group($$seq, step_of(event, '{visit,register}'), '1 day', channel, 1, 'first_chain')$$), 'search', 'the first visit');
SELECT is(day_group($$seq, step_of(event, '{visit,register}'), '1 day', nullif(channel, 'wechat'), 1)$$), 'none', 'whose value is none, not that of another visit');
SELECT is(day_group($$step_of(event, '{visit,register}'), '1 day', channel, 1)$$), 'branch', 'without a seq they are simultaneous: the first value by its bytes');

-- Simultaneous events of which one can only be step 2, since each counts once.
SELECT is((SELECT string_agg(breakdown, ',') FROM funnel_breakdown_steps((
		SELECT funnel_breakdown(1, moment(0), step::stepset, '1 s', value, k, 'strict_once') FROM (VALUES ('10', 'a'), ('11', 'b')) e (step, value))) WHERE step = k),
	wanted, 'strict_once: step ' || k)
FROM (VALUES (1, 'a'), (2, 'b')) k (k, wanted);

-- ---- other ways to run ------------------------------------------------------------------

CREATE TABLE answer AS SELECT question.*, (SELECT string_agg(g::text, ' ') FROM got(touch, mode, by_seq) g) AS plain FROM question WHERE mode IN ('', 'strict_once, first_chain');
SET LOCAL journey.enable_scan = off;
SELECT is_empty($$ SELECT name FROM answer WHERE plain <> (SELECT string_agg(g::text, ' ') FROM got(touch, mode, by_seq) g) $$, 'without the table scan');
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT is_empty($$ SELECT name FROM answer WHERE plain <> (SELECT string_agg(g::text, ' ') FROM got(touch, mode, by_seq, '(SELECT * FROM event ORDER BY hashint4(i)) e') g) $$, 'spilled, rows in another order');
SET LOCAL journey.enable_scan = on;
SELECT is_empty($$ SELECT name FROM answer WHERE plain <> (SELECT string_agg(g::text, ' ') FROM got(touch, mode, by_seq) g) $$, 'spilled by the table scan');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 3;
SELECT is_empty($$ SELECT name FROM answer WHERE plain <> (SELECT string_agg(g::text, ' ') FROM got(touch, mode, by_seq) g) $$, 'with workers that share users');
SET LOCAL journey.enable_scan = off;
SELECT is_empty($$ SELECT name FROM answer WHERE plain <> (SELECT string_agg(g::text, ' ') FROM got(touch, mode, by_seq) g) $$, 'with workers that pass on their states');
SET LOCAL work_mem = '64MB';
SELECT is_empty($$ SELECT name FROM answer WHERE plain <> (SELECT string_agg(g::text, ' ') FROM got(touch, mode, by_seq) g) $$, 'with memory enough');
SET LOCAL max_parallel_workers_per_gather = 0;

-- ---- what is refused, and what is kept --------------------------------------------------

SELECT throws_ok(format('SELECT funnel_breakdown(user_id, at, step, ''5 s'', value, %s) FROM event', event), state, message, message)
FROM (VALUES ('''first''', '22023', 'breakdown_event "first" does not exist'), ('''''', '22023', 'breakdown_event "" does not exist'), ('''0''', '22023', 'breakdown_event "0" does not exist'),
	('''1 ''', '22023', 'breakdown_event "1 " does not exist'), ('''99999999999''', '22023', 'breakdown_event "99999999999" does not exist'), ('''4''', '22023', 'breakdown_step is 4, but step has 3 conditions'),
	('NULL::text', '22004', 'breakdown_event must not be NULL'), ('''first_touch'', ''first_chain, latest_chain''', '22023', 'options "first_chain, latest_chain" have both first_chain and latest_chain'),
	('CASE WHEN i % 2 = 0 THEN ''first_touch'' ELSE ''last_touch'' END', '22023', 'breakdown_event must be the same for all rows of one group')) v (event, state, message);
SELECT ok(funnel_breakdown(user_id, at, step, '5 s', value, 'first_touch') IS NULL, 'no rows give NULL') FROM event WHERE false;

-- latest_chain is the default, so that both are one funnel; first_chain is another.
SELECT lives_ok($$ SELECT rollup(f) FROM (SELECT funnel(user_id, at, step, '5 s', 'latest_chain') AS f FROM event UNION ALL SELECT funnel(user_id, at, step, '5 s') FROM event) f $$, 'latest_chain rolls up with the default');
SELECT throws_ok($$ SELECT rollup(f) FROM (SELECT funnel(user_id, at, step, '5 s', 'first_chain') AS f FROM event UNION ALL SELECT funnel(user_id, at, step, '5 s') FROM event) f $$, '22023', 'cannot roll up funnels that differ in kind, steps, within, mode, unit or until', 'first_chain does not');
SELECT is(f::text::funnel_stats::text, f::text, 'a result has a text form: ' || mode)
FROM unnest(ARRAY['first_chain', 'strict_order, first_chain']) mode, LATERAL (SELECT funnel(user_id, at, step, '5 s', mode) AS f FROM event) f;
SELECT is((regexp_match(funnel_trend(user_id, at, step, '5 s', 'day', mode, 'UTC')::text, '"mode": "([^"]*)"'))[1], mode, 'a trend says ' || mode) FROM event, unnest(ARRAY['', 'first_chain', 'latest_chain']) mode GROUP BY mode;
-- As version 0.1.0 wrote it.
SELECT is((SELECT array_agg(users) FROM funnel_steps('{"version": 1, "kind": "whole", "steps": 2, "within": 5000000, "mode": "strict_order, strict_once", "groups": [{"users": [3, 1], "from_before": [{"sum": "90", "least": 90, "most": 90, "buckets": [[90, 1]]}], "from_start": [{"sum": "90", "least": 90, "most": 90, "buckets": [[90, 1]]}]}]}')), ARRAY[3, 1]::bigint[], 'a result of version 0.1.0 is read');

-- A hundred thousand events at one time, all of other conditions: which of them can be the step is not
-- asked of each, together with all others. The second time only the last has a value.
CREATE TEMP TABLE tied AS
SELECT '2026-01-01 00:00+00'::timestamptz AS at, ('1' || lpad(n::bit(40)::text, 40, '0'))::stepset AS step, CASE n WHEN 100000 THEN 'last' END AS value
FROM generate_series(1, 100000) AS n;
SET LOCAL statement_timeout = '15s';
SELECT is((SELECT string_agg(DISTINCT coalesce(breakdown, 'none'), ',') FROM funnel_breakdown_steps((SELECT funnel_breakdown(1, at, step, '1 day', NULL::text, 1, 'strict_once') FROM tied))), 'none', 'many simultaneous events without a value, in time');
SELECT is((SELECT string_agg(DISTINCT coalesce(breakdown, 'none'), ',') FROM funnel_breakdown_steps((SELECT funnel_breakdown(1, at, step, '1 day', value, 1, 'strict_once') FROM tied))), 'last', 'and the value of the last');

SELECT * FROM finish();
ROLLBACK;
