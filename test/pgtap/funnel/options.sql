-- The options of a funnel that say more than a word: exclusions, optional steps, limits between
-- steps, what is counted; against joins of all events with all others. What simultaneous events
-- may do, the fuzzer of the kernel holds to every chain that there is.
\ir ../setup.psql
SET LOCAL jit = off;
SELECT no_plan();

-- Few users with many events and many ties; a fourth condition that is no step. Rows with a NULL
-- user, time or step are nobody's.
CREATE TABLE event AS
SELECT CASE WHEN rnd(i, 1, 60) > 0 THEN u END AS user_id, 'customer ' || u AS code, i AS seq,
	CASE WHEN rnd(i, 2, 60) > 0 THEN moment(300 * rnd(i, 3, 500)) END AS at,
	CASE WHEN rnd(i, 4, 60) > 0 THEN (8 >> rnd(i, 5, 4) | CASE rnd(i, 6, 6) WHEN 0 THEN 8 >> rnd(i, 7, 4) ELSE 0 END)::bit(4)::text::stepset END AS step,
	(ARRAY[NULL, 'app', '', 'web'])[1 + rnd(i, 8, 4)] AS value
FROM generate_series(1, 12000) i, LATERAL (SELECT rnd(i, 9, 1500) AS u) c;
ALTER TABLE event SET (parallel_workers = 3);
ANALYZE event;
CREATE TABLE valid AS SELECT user_id, at, step::text AS s FROM event WHERE user_id IS NOT NULL AND at IS NOT NULL AND step IS NOT NULL;
CREATE INDEX ON valid (user_id, at);
ANALYZE valid;
-- all pairs and triples of events in the order of the steps
CREATE TABLE pair AS SELECT e1.user_id, e1.at AS t1, e2.at AS t2 FROM valid e1 JOIN valid e2 USING (user_id) WHERE meets(e1.s, 1) AND meets(e2.s, 2) AND e1.at <= e2.at;
CREATE TABLE triple AS SELECT p.*, e3.at AS t3 FROM pair p JOIN valid e3 USING (user_id) WHERE meets(e3.s, 3) AND p.t2 <= e3.at;
CREATE INDEX ON triple (user_id);
ANALYZE pair, triple;

-- Each set of options, and what it asks of a chain of two events e1, e2 and of three.
CREATE TABLE question (options text, two text, three text);
CREATE FUNCTION nothing(low text, high text) RETURNS text LANGUAGE sql AS $$
	SELECT format('NOT EXISTS (SELECT FROM valid x WHERE x.user_id = e.user_id AND meets(x.s, 4) AND x.at > %s AND x.at < %s)', low, high) $$;
INSERT INTO question VALUES
	('exclude 4', nothing('t1', 't2'), nothing('t1', 't3')),
	('exclude 4 between 1 and 2', nothing('t1', 't2'), nothing('t1', 't2')),
	('EXCLUDE 4 between 2 and 3', 'true', nothing('t2', 't3')),
	('exclude 4 between 1 and 2, exclude 4 between 2 and 3', nothing('t1', 't2'), nothing('t1', 't2') || ' AND ' || nothing('t2', 't3')),
	('strict_increase, exclude 4', 't1 < t2 AND ' || nothing('t1', 't2'), 't1 < t2 AND t2 < t3 AND ' || nothing('t1', 't3')),
	('within 1 h from 1 to 2, exclude 4', 't2 - t1 <= ''1 h'' AND ' || nothing('t1', 't2'), 't2 - t1 <= ''1 h'' AND ' || nothing('t1', 't3')),
	('within 2 hours from 2 to 3, exclude 4 between 2 and 3', 'true', 't3 - t2 <= ''2 h'' AND ' || nothing('t2', 't3')),
	('same day in Asia/Shanghai, exclude 4 between 2 and 3', 'date_trunc(''day'', t1, ''Asia/Shanghai'') = date_trunc(''day'', t2, ''Asia/Shanghai'') OR true', 'date_trunc(''day'', t1, ''Asia/Shanghai'') = date_trunc(''day'', t3, ''Asia/Shanghai'') AND ' || nothing('t2', 't3')),
	('same Hours from 1 to 2, exclude 4 between 2 and 3', 'date_trunc(''hour'', t1) = date_trunc(''hour'', t2)', 'date_trunc(''hour'', t1) = date_trunc(''hour'', t2) AND ' || nothing('t2', 't3'));
CREATE FUNCTION levels(w interval, two text, three text) RETURNS TABLE (user_id int, level int) LANGUAGE plpgsql AS $$ BEGIN
	RETURN QUERY EXECUTE format($q$
		SELECT u.user_id, CASE WHEN u.user_id IN (SELECT e.user_id FROM triple e WHERE t3 - t1 <= %1$L AND (%3$s)) THEN 3
			WHEN u.user_id IN (SELECT e.user_id FROM pair e WHERE t2 - t1 <= %1$L AND (%2$s)) THEN 2 ELSE 1 END
		FROM (SELECT DISTINCT v.user_id FROM valid v WHERE meets(v.s, 1)) u $q$, w, two, three);
END $$;
CREATE TABLE answer AS SELECT w AS within, q.options, l.* FROM question q, unnest(ARRAY[interval '4 h', '30 d']) w, LATERAL levels(w, two, three) l;
SELECT ok(bool_and(threes > 20 AND ones > 20), 'there are users at all levels')
FROM (SELECT count(*) FILTER (WHERE level = 3) AS threes, count(*) FILTER (WHERE level = 1) AS ones FROM answer WHERE within = '30 d' GROUP BY options) a;
SELECT isnt((SELECT array_agg(level ORDER BY user_id) FROM answer WHERE within = '30 d' AND options = q.options),
	(SELECT array_agg(level ORDER BY user_id) FROM levels('30 d', 'true', 'true')), 'it matters: ' || options) FROM question q;

SELECT set_eq(format('SELECT user_id, level FROM answer WHERE within = %L AND options = %L', within, options),
	format('SELECT user_id, level FROM (SELECT user_id, window_funnel(at, step, %L, %L) AS level FROM event WHERE user_id IS NOT NULL GROUP BY user_id) u WHERE level > 0', within, options),
	format('window_funnel, %s, %s', within, options))
FROM (SELECT DISTINCT within, options FROM answer ORDER BY 1, 2) a;
SELECT set_eq(format('SELECT user_id, level FROM answer WHERE within = %L AND options = %L', within, options),
	format('SELECT user_id, level FROM unnest((SELECT funnel_members(user_id, at, step, %L, %L) FROM event))', within, options),
	format('funnel_members, %s, %s', within, options))
FROM (SELECT DISTINCT within, options FROM answer ORDER BY 1, 2) a;
-- the counts, whatever the plan
SELECT set_config('max_parallel_workers_per_gather', '0', true);
CREATE TABLE counted AS SELECT options, step, count(*) FILTER (WHERE level >= step) AS users FROM answer, generate_series(1, 3) step WHERE within = '30 d' GROUP BY 1, 2;
SELECT set_eq(format('SELECT step, users FROM counted WHERE options = %L', options),
	format($$SELECT step, users FROM funnel_steps((SELECT funnel(user_id, at, step, '30 d', %L) FROM event))$$, options), 'funnel, one process, ' || options) FROM question;
SELECT set_config('max_parallel_workers_per_gather', '3', true), set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true), set_config('min_parallel_table_scan_size', '0', true);
SELECT set_eq(format('SELECT step, users FROM counted WHERE options = %L', options),
	format($$SELECT step, users FROM funnel_steps((SELECT funnel(user_id, at, step, '30 d', %L) FROM event))$$, options), 'funnel, parallel, ' || options) FROM question;
SELECT set_config('journey.enable_scan', 'off', true);
SELECT set_eq(format('SELECT step, users FROM counted WHERE options = %L', options),
	format($$SELECT step, users FROM funnel_steps((SELECT funnel(code, at, step, '30 d', %L) FROM event WHERE user_id IS NOT NULL))$$, options), 'funnel of texts, without the scan, ' || options) FROM question;
SELECT set_config('journey.enable_scan', 'on', true), set_config('max_parallel_workers_per_gather', '0', true);
-- each event in a moment of its own
SELECT set_eq(format('SELECT user_id, level FROM (SELECT user_id, window_funnel(at + seq * interval ''1 us'', step, ''30 d'', %L) AS level FROM event WHERE user_id IS NOT NULL GROUP BY user_id) u WHERE level > 0', options),
	format('SELECT user_id, level FROM unnest((SELECT funnel_members(user_id, at, seq, step, ''30 d'', %L) FROM event))', options), 'seq, ' || options)
FROM question WHERE options !~ 'strict|within|same';

-- a user whose chain, made without regard to it, has an excluded event is in no funnel
CREATE FUNCTION dropped(level int, times timestamptz[], u int, low int, high int, w interval) RETURNS boolean LANGUAGE sql AS $$
	SELECT level >= low AND EXISTS (SELECT FROM valid x WHERE x.user_id = u AND meets(x.s, 4) AND x.at > times[low]
		AND CASE WHEN level >= high THEN x.at < times[high] ELSE x.at <= times[1] + w END) $$;
SELECT set_eq(format('SELECT m.user_id, m.level, m.times FROM unnest((SELECT funnel_members(user_id, at, substr(step::text, 1, 3)::stepset, %1$L, %2$L) FROM event)) m WHERE NOT dropped(level, times, user_id::int, %3$s, %4$s, %1$L)', w, chain, low, high),
	format('SELECT m.* FROM unnest((SELECT funnel_members(user_id, at, step, %L, %L) FROM event)) m', w, format('exclude 4 between %s and %s dropping users, %s', low, high, chain)),
	format('dropping users, %s, between %s and %s, %s', chain, low, high, w))
FROM unnest(ARRAY[interval '4 h', '30 d']) w, unnest(ARRAY['first_chain', 'latest_chain']) chain, (VALUES (1, 2), (1, 3), (2, 3)) v(low, high);
SELECT ok(a.users < b.users, 'users are dropped')
FROM funnel_steps((SELECT funnel(user_id, at, step, '30 d', 'exclude 4 dropping users') FROM event)) a,
	funnel_steps((SELECT funnel(user_id, at, substr(step::text, 1, 3)::stepset, '30 d') FROM event)) b WHERE a.step = 1 AND b.step = 1;

-- an optional step: the chain of the others, and whether the step lies in it
SELECT set_eq(format($$SELECT m.user_id, CASE WHEN m.level = 2 THEN 3 WHEN o.at IS NULL THEN 1 ELSE 2 END, CASE WHEN m.level = 2 THEN ARRAY[times[1], o.at, times[2]] WHEN o.at IS NULL THEN times ELSE ARRAY[times[1], o.at] END
		FROM unnest((SELECT funnel_members(user_id, at, (substr(step::text, 1, 1) || substr(step::text, 3, 1))::stepset, %1$L, %2$L) FROM event)) m
		LEFT JOIN LATERAL (SELECT min(v.at) AS at FROM valid v WHERE v.user_id = m.user_id AND meets(v.s, 2) AND v.at >= times[1] AND CASE m.level WHEN 2 THEN v.at <= times[2] ELSE v.at <= times[1] + %1$L::interval END) o ON true$$, w, chain),
	format('SELECT m.* FROM unnest((SELECT funnel_members(user_id, at, substr(step::text, 1, 3)::stepset, %L, %L) FROM event)) m', w, 'optional 2, ' || chain),
	format('optional 2, %s, %s', chain, w))
FROM unnest(ARRAY[interval '4 h', '30 d']) w, unnest(ARRAY['first_chain', 'latest_chain']) chain;
SELECT set_eq($$SELECT 2 AS step, count(times[2]) AS users, NULL::bigint AS dropped, avg(times[2] - times[1]) AS avg_time FROM unnest((SELECT funnel_members(user_id, at, substr(step::text, 1, 3)::stepset, '30 d', 'optional 2') FROM event))
	UNION ALL SELECT 3, count(times[3]), NULL, avg(times[3] - times[1]) FROM unnest((SELECT funnel_members(user_id, at, substr(step::text, 1, 3)::stepset, '30 d', 'optional 2') FROM event))
	UNION ALL SELECT 1, count(*), count(*) - count(times[3]), NULL FROM unnest((SELECT funnel_members(user_id, at, substr(step::text, 1, 3)::stepset, '30 d', 'optional 2') FROM event))$$,
	$$SELECT step, users, dropped_off, avg_time FROM funnel_steps((SELECT funnel(user_id, at, substr(step::text, 1, 3)::stepset, '30 d', 'optional 2') FROM event))$$, 'the counts of an optional step');

-- completions: how many chains follow one another
CREATE FUNCTION completions(w interval) RETURNS TABLE (user_id int, started timestamptz, completed timestamptz) LANGUAGE plpgsql AS $$
DECLARE who int; ended timestamptz; BEGIN
	FOR who IN SELECT DISTINCT v.user_id FROM valid v LOOP
		ended := '-infinity';
		LOOP
			SELECT min(t3) INTO completed FROM triple t WHERE t.user_id = who AND t3 - t1 <= w AND t1 > ended;
			EXIT WHEN completed IS NULL;
			SELECT max(t1) INTO started FROM triple t WHERE t.user_id = who AND t3 - t1 <= w AND t1 > ended AND t3 = completed;
			user_id := who;
			RETURN NEXT;
			ended := completed;
		END LOOP;
	END LOOP;
END $$;
CREATE TABLE completed AS SELECT w AS within, c.* FROM unnest(ARRAY[interval '4 h', '30 d']) w, completions(w) c;
SELECT bag_eq(format('SELECT user_id, started, completed FROM completed WHERE within = %L', w),
	format('SELECT user_id, times[1] AS started, times[3] AS completed FROM unnest((SELECT funnel_members(user_id, at, substr(step::text, 1, 3)::stepset, %L, ''count completions'') FROM event)) WHERE level = 3', w),
	'completions within ' || w) FROM unnest(ARRAY[interval '4 h', '30 d']) w;
SELECT ok(count(*) > count(DISTINCT user_id), 'some complete several times') FROM completed WHERE within = '30 d';
SELECT set_eq(format('SELECT user_id, max(level) FROM unnest((SELECT funnel_members(user_id, at, step, ''4 h'', %L) FROM event)) GROUP BY 1', 'count completions' || options),
	format('SELECT user_id, level FROM unnest((SELECT funnel_members(user_id, at, step, ''4 h'', %L) FROM event))', substr(options, 3)), 'the furthest attempt is the user''s chain' || options)
FROM unnest(ARRAY['', ', exclude 4', ', strict_once', ', strict_increase, exclude 4']) options;
SELECT set_eq($$SELECT level, count(*) FROM unnest((SELECT funnel_members(user_id, at, step, '4 h', 'count completions, exclude 4') FROM event)) GROUP BY 1$$,
	$$SELECT step, coalesce(users - lead(users) OVER (ORDER BY step), users) FROM funnel_steps((SELECT funnel(user_id, at, step, '4 h', 'count completions, exclude 4') FROM event))$$, 'members and counts of attempts');
-- attempts that fail take up their window
SELECT is((SELECT array_agg(users ORDER BY step) FROM funnel_steps((SELECT funnel(1, moment(3600 * t), steps(e = 'a', e = 'b'), '1 h', 'count completions')
		FROM (VALUES (0, 'a'), (0.5, 'a'), (0.9, 'a'), (2, 'a'), (2.5, 'a'), (3.2, 'b'), (3.3, 'b'), (9, 'a'), (9, 'b')) v(t, e)))), ARRAY[4, 2]::bigint[], 'of five starts four are attempts');

-- sessions: the chain of each
CREATE VIEW session AS SELECT *, count(*) FILTER (WHERE new) OVER (PARTITION BY user_id ORDER BY at) AS session
FROM (SELECT *, at - lag(at) OVER (PARTITION BY user_id ORDER BY at) > interval '2 hours' IS NOT false AS new FROM event WHERE user_id IS NOT NULL AND at IS NOT NULL AND step IS NOT NULL) v;
SELECT bag_eq(format('SELECT user_id, times FROM (SELECT user_id, session, window_funnel_times(at, step, ''30 d'', %L) AS times FROM session GROUP BY 1, 2) s WHERE times IS NOT NULL', options),
	format('SELECT user_id, times FROM unnest((SELECT funnel_members(user_id, at, step, ''30 d'', %L) FROM event))', concat_ws(', ', 'count sessions of 2 hours', nullif(options, ''))),
	'count sessions, ' || options)
FROM unnest(ARRAY['', 'strict_order', 'consecutive', 'any_order', 'exclude 4', 'optional 2', 'first_chain']) options;
SELECT is(funnel(user_id, at, step, '1 d', 'count sessions')::text, funnel(user_id, at, step, '1 d', 'count sessions of 1800 s')::text, 'half an hour is the default') FROM event;

-- by group and bucket
SELECT set_eq(format($$SELECT (SELECT count(*) FROM unnest(t) WHERE unnest IS NOT NULL) AS n, date_trunc('day', t[1], 'UTC') AS bucket FROM unnest((SELECT funnel_members(user_id, at, step, '4 h', %1$L) FROM event)) m(u, l, t)$$, options),
	format($$SELECT n, bucket FROM (SELECT DISTINCT bucket FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, step, '4 h', 'day', %1$L, 'UTC') FROM event)) WHERE users > 0) b, LATERAL (SELECT DISTINCT (SELECT count(*) FROM unnest(t) WHERE unnest IS NOT NULL) AS n FROM unnest((SELECT funnel_members(user_id, at, step, '4 h', %1$L) FROM event)) m(u, l, t) WHERE date_trunc('day', t[1], 'UTC') = b.bucket) c$$, options), 'buckets, ' || options)
FROM unnest(ARRAY['count completions, exclude 4', 'first_chain, exclude 4']) options;
SELECT set_eq(format($$SELECT date_trunc('day', times[1], 'UTC') AS bucket, step, count(*) FILTER (WHERE times[step] IS NOT NULL) AS users FROM unnest((SELECT funnel_members(user_id, at, step, '4 h', %1$L) FROM event)), generate_series(1, 3) step GROUP BY 1, 2$$, options),
	format($$SELECT bucket, step, users FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, step, '4 h', 'day', %1$L, 'UTC') FROM event))$$, options), 'funnel_trend, ' || options)
FROM unnest(ARRAY['count completions, exclude 4', 'count sessions of 1 h, optional 2, exclude 4', 'first_chain, exclude 4, optional 2']) options;
-- the zone of a trend is that of its rules
SELECT is(funnel_trend(user_id, at, step, '4 h', 'day', 'same day, exclude 4', 'Asia/Shanghai')::text, funnel_trend(user_id, at, step, '4 h', 'day', 'same day in Asia/Shanghai, exclude 4', 'Asia/Shanghai')::text, 'the zone of a trend') FROM event;
SELECT set_eq(format($$SELECT (SELECT e.value FROM event e WHERE e.user_id = m.user_id AND e.at = times[2] AND meets(e.step::text, 2) ORDER BY e.value IS NULL, step DESC, e.value LIMIT 1) IS NULL AS none, count(*) FROM unnest((SELECT funnel_members(user_id, at, step, '4 h', %1$L) FROM event)) m GROUP BY 1$$, options),
	format($$SELECT breakdown IS NULL, sum(users)::bigint FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, step, '4 h', value, 2, %1$L) FROM event)) WHERE step = 1 GROUP BY 1$$, options), 'funnel_breakdown, ' || options)
FROM unnest(ARRAY['exclude 4', 'optional 2, exclude 4', 'count completions', 'count sessions, exclude 4']) options;
SELECT is(funnel_holding_constant(user_id, at, step, '1 h', 'x', options)::text, funnel(user_id, at, step, '1 h', options)::text, 'funnel_holding_constant of one value, ' || options)
FROM event, unnest(ARRAY['exclude 4', 'optional 2, exclude 4, same day']) options GROUP BY options;

-- a value that only an excluded event has is no group
SELECT results_eq($$SELECT breakdown, step, users FROM funnel_breakdown_steps((SELECT funnel_breakdown(1, moment(t), steps(e = 'a', e = 'b', e = 'x'), '1 h', v, 'each_value', 'exclude 3')
	FROM (VALUES (0, 'a', NULL), (1, 'b', NULL), (2, 'x', 'web'), (3, 'x', NULL)) v(t, e, v)))$$, 'VALUES (NULL::text, 1, 1::bigint), (NULL, 2, 1)', 'each_value of excluded events');

-- stored: as text and bytes, merged, and never with another question
CREATE TABLE stored AS SELECT options, funnel(user_id, at, step, '1 d', options) AS f FROM event, unnest(ARRAY['exclude 4', 'exclude 4 between 1 and 2 dropping users, first_chain', 'optional 2, exclude 4',
	'within 90 min from 1 to 2, same week_sunday from 2 to 3 in Asia/Shanghai, exclude 4', 'count completions', 'count sessions of 10 min, strict_increase']) options GROUP BY options;
SELECT is(f::text::funnel_stats::text, f::text, 'as text: ' || options) FROM stored;
CREATE TABLE halves AS SELECT options, user_id % 2 AS half, funnel(user_id, at, step, '1 d', options) AS f FROM event, (SELECT options FROM stored) o GROUP BY 1, 2;
SELECT is(rollup(h.f)::text, (SELECT f::text FROM stored s WHERE s.options = h.options), 'rollup: ' || options) FROM halves h GROUP BY options;
SELECT throws_like($$SELECT rollup(f) FROM stored$$, '%differ%', 'different options do not merge');
SELECT is(a::text, b::text, 'the order of options is nothing')
FROM (SELECT funnel(user_id, at, step, '1 d', 'exclude 4 between 2 and 3, exclude 4 between 1 and 2') AS a, funnel(user_id, at, step, '1 d', 'Exclude 4 between 1 and 2, exclude 4 between 2 and 3,exclude 4 between 1 and 2') AS b FROM event) f;
SELECT throws_ok(format('SELECT %L::funnel_stats', replace(f::text, '"optional 2, exclude 4 between 1 and 3"', t)), NULL, NULL, 'hostile: ' || t)
FROM stored, unnest(ARRAY['"optional 3, exclude 4"', '"optional 1"', '"exclude 2"', '"exclude 58"', '"optional 2, count cats"', '"same day in Mars"', '"within x from 1 to 2"', '""']) t WHERE options = 'optional 2, exclude 4';

-- the zone of a session need not be the name of one
SET LOCAL timezone = '<A"B>-7:30';
CREATE TABLE posix AS SELECT funnel(user_id, at, step, '1 d', 'same day, exclude 4') AS f FROM event;
SELECT is(f::text::funnel_stats::text, f::text, 'a POSIX zone as text') FROM posix;
SELECT is((SELECT rollup(f)::text FROM posix), f::text, 'a POSIX zone in rollup') FROM posix;
SET LOCAL timezone = 'EST5EDT,M3.2.0,M11.1.0';
SELECT throws_ok($$SELECT funnel(1, moment(0), '11'::stepset, '1 d', 'same day')$$, '22023', 'option same does not go with time zone "EST5EDT,M3.2.0,M11.1.0"', 'a zone with a comma');
SELECT is(funnel(1, moment(0), '11'::stepset, '1 d', 'same day in UTC, count completions')::text::funnel_stats IS NOT NULL, true, 'another zone in such a session');
SET LOCAL timezone = 'UTC';

-- a touch is that of the user, whatever is counted
SELECT set_eq(format($$SELECT (SELECT e.value FROM event e WHERE e.user_id = m.user_id AND e.at IS NOT NULL AND e.step IS NOT NULL AND e.value IS NOT NULL ORDER BY e.at, e.step DESC, e.value LIMIT 1) AS value, count(*) FROM unnest((SELECT funnel_members(user_id, at, step, '4 h', %1$L) FROM event)) m GROUP BY 1$$, options),
	format($$SELECT breakdown, users FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, step, '4 h', value, 'first_touch', %1$L) FROM event)) WHERE step = 1$$, options), 'first_touch, ' || options)
FROM unnest(ARRAY['exclude 4', 'count completions', 'count sessions, exclude 4']) options;

-- a user with many events, of whom each attempt looks only at its own
SET LOCAL statement_timeout = '30s';
CREATE TABLE many AS SELECT moment(i) AS at, CASE i % 2 WHEN 0 THEN '1000' ELSE '0010' END::stepset AS step FROM generate_series(1, 300000) i;
SELECT is((SELECT users FROM funnel_steps((SELECT funnel(1, at, step, '1 h', options) FROM many)) WHERE step = 3), 149999::bigint, 'many attempts, ' || options)
FROM unnest(ARRAY['optional 2, exclude 4, count completions', 'optional 2, exclude 4 dropping users, count completions']) options;
SELECT is((SELECT sum(users) FROM funnel_breakdown_steps((SELECT funnel_breakdown(1, at, step, '1 h', NULL::text, 'first_touch', 'optional 2, exclude 4, count completions') FROM many)) WHERE step = 3), 149999::numeric, 'many attempts without a touch');
RESET statement_timeout;

-- errors
CREATE FUNCTION refused(options text, message text, hint text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE m text; h text; BEGIN
	PERFORM funnel(1, moment(0), '1000'::stepset, '1 d', options);
	RETURN NEXT fail('no error: ' || options);
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, h = PG_EXCEPTION_HINT;
	RETURN NEXT ok(m LIKE message AND h LIKE hint, options || ': ' || m);
END $$;
SELECT refused(options, message, hint) FROM (VALUES
	('exclude 5', '%exclude condition 5, but step has 4 conditions', 'Add the condition%'),
	('exclude 3', '%exclude condition 3, which comes before step 4', '%after all steps.'),
	('exclude', 'option "exclude" is not complete, or has too much', 'Write ''exclude 4''%'),
	('optional 1', '%make step 1 optional', '%first and the last%'),
	('optional 4', '%make step 4 optional', '%first and the last%'),
	('optional 9', '%name step 9, but the funnel has 4 steps', '%numbered from 1.'),
	('optional 2, within 1 h from 1 to 2', '%name step 2, which is optional', '%not optional.'),
	('within 1 h from 2 to 5', '%name step 5, but the funnel has 4 steps', '%'),
	('within 1 hor from 1 to 2', 'invalid input syntax for type interval: "1 hor"', ''),
	('within 1 month from 1 to 2', 'a duration must not contain months or years: 1 mon', '%30 days%'),
	('within -1 h from 1 to 2', 'a duration must not be negative%', '%'),
	('same century', 'unit "century" does not exist', '%''day''%'),
	('same day in UTC+8', '%POSIX%', '%Asia/Shanghai%'),
	('strict_once, optional 2', '%combine what does not go together', '%strict_increase%'),
	('exclude 2, exclude 3, exclude 4', '%fewer than two steps%', '%two steps at least%'),
	('exclud 4', 'option "exclud 4" does not exist', '%exclude, optional, within, same and count%')) v(options, message, hint);
SELECT throws_like($$SELECT window_funnel(moment(0), '10'::stepset, '1 d', 'count sessions')$$, 'option count does not go with window_funnel', 'window_funnel counts nothing');
SELECT throws_like($$SELECT funnel_holding_constant(1, moment(0), '10'::stepset, '1 d', 'x', 'count sessions')$$, 'option count does not go with funnel_holding_constant', 'nor does funnel_holding_constant');
SELECT * FROM finish();
ROLLBACK;
