-- funnel_losses against window_funnel itself: it is asked again for each user with one rule
-- relaxed, and the weakest relaxation that lets the user go on is the reason.
\ir ../setup.psql
SET LOCAL jit = off;
SELECT no_plan();

-- Few users with many events and many ties; a fourth condition that is no step. Rows with a NULL
-- user, time or step are nobody's; one with a NULL node is no next event.
CREATE TABLE event AS
SELECT CASE WHEN rnd(i, 1, 60) > 0 THEN u END AS user_id, 'customer ' || u AS code, i AS seq,
	CASE WHEN rnd(i, 2, 60) > 0 THEN moment(300 * rnd(i, 3, 500)) END AS at,
	CASE WHEN rnd(i, 4, 60) > 0 THEN (CASE rnd(i, 5, 8) WHEN 0 THEN 0 ELSE 8 >> rnd(i, 10, 4) END | CASE rnd(i, 6, 6) WHEN 0 THEN 8 >> rnd(i, 7, 4) ELSE 0 END)::bit(4)::text END AS s,
	(ARRAY[NULL, 'app', '', 'web', 'wëb'])[1 + rnd(i, 8, 5)] AS node, (ARRAY[NULL, 'a', 'b', ''])[1 + rnd(i, 11, 4)] AS property
FROM generate_series(1, 12000) i, LATERAL (SELECT rnd(i, 9, 2500) AS u) c;
ALTER TABLE event SET (parallel_workers = 3);
ANALYZE event;
\set until '''2024-01-02 09:20+00'''
CREATE TABLE valid AS SELECT user_id, seq, at, s, node, property FROM event WHERE user_id IS NOT NULL AND at IS NOT NULL AND s IS NOT NULL;
CREATE INDEX ON valid (user_id, at);
ANALYZE valid;

-- Each set of options; those without limits between steps, and those without what interrupts, NULL
-- where nothing does. n: how many conditions there are.
CREATE TABLE question (id int, n int, options text, unlimited text, uninterrupted text, pair interval);
INSERT INTO question VALUES
	(1, 3, '', '', NULL, NULL),
	(2, 3, 'first_chain', 'first_chain', NULL, NULL),
	(3, 3, 'strict_increase', 'strict_increase', NULL, NULL),
	(4, 3, 'strict_once', 'strict_once', NULL, NULL),
	(5, 3, 'strict_order', 'strict_order', '', NULL),
	(6, 3, 'strict_deduplication', 'strict_deduplication', '', NULL),
	(7, 3, 'strict_order, allow_reentry', 'strict_order, allow_reentry', '', NULL),
	(8, 3, 'consecutive', 'consecutive', '', NULL),
	(9, 3, 'any_order', 'any_order', NULL, NULL),
	(10, 4, 'exclude 4', 'exclude 4', '', NULL),
	(11, 4, 'strict_increase, exclude 4 between 1 and 2', 'strict_increase, exclude 4 between 1 and 2', 'strict_increase', NULL),
	(12, 3, 'within 1 h from 1 to 2', '', NULL, '1 h'),
	(13, 4, 'within 2 h from 1 to 2, exclude 4', 'exclude 4', 'within 2 h from 1 to 2', '2 h');
CREATE FUNCTION limit_of(q question, w interval, level int) RETURNS interval LANGUAGE sql AS $$ SELECT CASE WHEN level = 1 AND q.pair < w THEN q.pair ELSE w END $$;

-- Who stopped, where and why; of the events of the table of `events`.
CREATE FUNCTION reasons(q question, w interval, until timestamptz, events regclass) RETURNS TABLE (user_id int, level int, t timestamptz[], reason text, lateness interval) LANGUAGE plpgsql AS $f$ BEGIN
	RETURN QUERY EXECUTE format($q$
	WITH e AS MATERIALIZED (SELECT v.user_id, v.at, left(v.s, %1$s) AS s FROM %6$s v WHERE v.at < coalesce(%5$L, timestamptz 'infinity')),
	stopped AS MATERIALIZED (SELECT * FROM (SELECT e.user_id, window_funnel(e.at, e.s::stepset, %2$L, %3$L) AS level, window_funnel_times(e.at, e.s::stepset, %2$L, %3$L) AS t FROM e GROUP BY 1) x WHERE x.level BETWEEN 1 AND 2),
	mine AS MATERIALIZED (SELECT s.user_id, s.level, e.at, e.s FROM stopped s JOIN e USING (user_id)),
	open AS (SELECT x.user_id FROM (SELECT a.user_id, a.level, window_funnel(a.at, a.s::stepset, %2$L, %3$L) AS now FROM (SELECT * FROM mine
			UNION ALL SELECT s.user_id, s.level, %5$L, CASE WHEN %3$L = 'any_order' THEN '111' ELSE rpad(lpad('1', s.level + 1, '0'), %1$s, '0') END FROM stopped s WHERE %5$L IS NOT NULL) a GROUP BY 1, 2) x WHERE x.now > x.level),
	late AS (SELECT x.* FROM (SELECT m.user_id, m.level, window_funnel_times(m.at, m.s::stepset, '53375995 days', %4$L) AS t FROM mine m GROUP BY 1, 2) x WHERE cardinality(x.t) > x.level),
	inter AS (SELECT x.user_id FROM (SELECT m.user_id, m.level, window_funnel(m.at, left(m.s, 3)::stepset, %2$L, %7$L) AS now FROM mine m WHERE %7$L IS NOT NULL GROUP BY 1, 2) x WHERE x.now > x.level),
	anyhow AS (SELECT x.user_id FROM (SELECT m.user_id, m.level, window_funnel(m.at, left(m.s, m.level + 1)::stepset, %2$L, 'any_order') AS now FROM mine m WHERE %3$L <> 'any_order' GROUP BY 1, 2) x WHERE x.now > x.level)
	SELECT s.user_id, s.level, s.t, r.reason, CASE WHEN r.reason = 'too_late' THEN greatest(l.t[s.level + 1] - l.t[1] - %2$L, CASE WHEN s.level = 1 OR %8$L IS NULL THEN l.t[2] - l.t[1] - %8$L ELSE l.t[2] - l.t[1] - %8$L END) END
	FROM stopped s LEFT JOIN late l USING (user_id), LATERAL (SELECT CASE WHEN s.user_id IN (SELECT o.user_id FROM open o) THEN 'still_open' WHEN l.user_id IS NOT NULL THEN 'too_late'
		WHEN s.user_id IN (SELECT i.user_id FROM inter i) THEN 'interrupted' WHEN s.user_id IN (SELECT a.user_id FROM anyhow a) THEN 'other_order' ELSE 'never' END AS reason) r $q$,
	q.n, w, q.options, q.unlimited, until, events, q.uninterrupted, q.pair);
END $f$;
CREATE TABLE asked AS SELECT q AS question, q.*, w.within, u.until FROM question q, (VALUES (interval '4 h'), ('13 h')) w (within), (VALUES (NULL::timestamptz), (:until)) u (until);
CREATE TABLE wanted AS SELECT a.id, a.within, a.until, r.*,
	(SELECT v.node FROM valid v WHERE v.user_id = r.user_id AND v.node IS NOT NULL AND v.at > r.t[r.level] AND v.at <= r.t[1] + a.within AND v.at < coalesce(a.until, 'infinity') ORDER BY v.at, left(v.s, a.n) DESC, v.node COLLATE "C" LIMIT 1) AS node
FROM asked a, reasons(a.question, a.within, a.until, 'valid') r;
ANALYZE wanted;
SELECT ok(count(*) > 50 AND count(DISTINCT user_id) > 50, reason || ' comes about') FROM wanted GROUP BY reason;
SELECT is(count(DISTINCT reason), 5::bigint, 'all reasons of chains without a property') FROM wanted;

CREATE TABLE answered AS
SELECT a.id, a.n, a.options, a.within, a.until, (SELECT funnel_losses(user_id, at, node, left(s, a.n)::stepset, a.within, a.options, a.until) FROM event) AS l,
	(SELECT funnel(user_id, at, left(s, a.n)::stepset, a.within, a.options) FROM event WHERE at < coalesce(a.until, 'infinity')) AS f,
	(SELECT loss_members(user_id, at, node, left(s, a.n)::stepset, a.within, a.options, a.until) FROM event) AS m
FROM asked a;
-- Which of several chains counts in any_order, and so its times, its own page leaves open.
SELECT is_empty(format($$
	(SELECT m.user_id, m.step, m.reason, m.at, CASE WHEN id <> 9 THEN m.lateness END, m.node FROM answered, unnest(m) m WHERE id = %1$s AND within = %2$L AND until IS NOT DISTINCT FROM %3$L
	EXCEPT SELECT user_id, level, reason, t[level], CASE WHEN id <> 9 THEN lateness END, node FROM wanted WHERE id = %1$s AND within = %2$L AND until IS NOT DISTINCT FROM %3$L)
	UNION ALL (SELECT user_id, level, reason, t[level], CASE WHEN id <> 9 THEN lateness END, node FROM wanted WHERE id = %1$s AND within = %2$L AND until IS NOT DISTINCT FROM %3$L
	EXCEPT SELECT m.user_id, m.step, m.reason, m.at, CASE WHEN id <> 9 THEN m.lateness END, m.node FROM answered, unnest(m) m WHERE id = %1$s AND within = %2$L AND until IS NOT DISTINCT FROM %3$L) $$, id, within, until),
	format('members: %s within %s until %s', options, within, until)) FROM answered ORDER BY id, within, until;
SELECT results_eq(format($$ SELECT step, reason, users, share FROM answered, loss_reasons(l) WHERE id = %1$s AND within = %2$L AND until IS NOT DISTINCT FROM %3$L $$, id, within, until),
	format($$ SELECT level, reason, count(*), count(*) / (sum(count(*)) OVER (PARTITION BY level))::float8 FROM wanted WHERE id = %1$s AND within = %2$L AND until IS NOT DISTINCT FROM %3$L
		GROUP BY level, reason ORDER BY level, array_position('{still_open,too_late,interrupted,other_value,other_order,never}', reason) $$, id, within, until),
	format('reasons: %s within %s until %s', options, within, until)) FROM answered ORDER BY id, within, until;
SELECT set_eq(format($$ SELECT step, reason, node, users, share FROM answered, loss_nodes(l) WHERE id = %1$s AND within = %2$L AND until IS NOT DISTINCT FROM %3$L $$, id, within, until),
	format($$ SELECT level, reason, node, count(*), count(*) / (sum(count(*)) OVER (PARTITION BY level, reason))::float8 FROM wanted WHERE id = %1$s AND within = %2$L AND until IS NOT DISTINCT FROM %3$L GROUP BY 1, 2, 3 $$, id, within, until),
	format('nodes: %s within %s until %s', options, within, until)) FROM answered ORDER BY id, within, until;
SELECT is_empty($$ SELECT * FROM answered, LATERAL (SELECT array_agg(coalesce(dropped_off, 0) ORDER BY step) FILTER (WHERE dropped_off > 0) AS d FROM funnel_steps(f)) s,
	LATERAL (SELECT array_agg(users ORDER BY step) AS d FROM (SELECT step, sum(users)::bigint AS users FROM loss_reasons(l) GROUP BY step) x) o WHERE s.d IS DISTINCT FROM o.d $$, 'as many stopped as funnel says dropped off');
SELECT ok(bool_and(r.avg_lateness = w.mean AND abs(extract(epoch FROM r.median_lateness) / extract(epoch FROM w.median) - 1) < 0.01 AND abs(extract(epoch FROM r.p90_lateness) / extract(epoch FROM w.p90) - 1) < 0.01), 'how late')
FROM answered a, loss_reasons(l) r, LATERAL (SELECT make_interval(secs => avg(extract(epoch FROM lateness))::float8) AS mean, percentile_disc(0.5) WITHIN GROUP (ORDER BY lateness) AS median, percentile_disc(0.9) WITHIN GROUP (ORDER BY lateness) AS p90
	FROM wanted w WHERE w.id = a.id AND w.within = a.within AND w.until IS NOT DISTINCT FROM a.until AND w.reason = 'too_late' AND w.level = r.step) w WHERE r.reason = 'too_late' AND a.id <> 9;
SELECT ok(bool_and(avg_lateness > '0' AND median_lateness > '0'), 'any_order: lateness is positive') FROM answered, loss_reasons(l) WHERE id = 9 AND reason = 'too_late';

-- ---- dropped users, optional steps, buckets ----------------------------------------------

-- A dropped user is at no step of the funnel; the exclusion is why.
SELECT results_eq($$ SELECT step, reason, node, users FROM loss_nodes((SELECT funnel_losses(user_id, at, node, s::stepset, '13 h', 'exclude 4 dropping users') FROM event)) WHERE step = 0 $$,
	$$ SELECT 0, 'interrupted', NULL::text, count(*) FROM (SELECT window_funnel(at, s::stepset, '13 h', 'exclude 4 dropping users') AS level, window_funnel(at, left(s, 3)::stepset, '13 h') AS kept FROM valid GROUP BY user_id) u WHERE level = 0 AND kept > 0 $$, 'dropped users');
SELECT results_eq($$ SELECT step, reason, sum(users)::bigint FROM loss_reasons((SELECT funnel_losses(user_id, at, node, left(s, 3)::stepset, '4 h', 'optional 2') FROM event)) WHERE reason = 'too_late' GROUP BY 1, 2 ORDER BY 1 $$,
	$$ SELECT level, 'too_late', count(*) FROM (SELECT window_funnel(at, left(s, 3)::stepset, '4 h', 'optional 2') AS level, window_funnel(at, left(s, 3)::stepset, '36500 days', 'optional 2') AS late FROM valid GROUP BY user_id) u WHERE level BETWEEN 1 AND 2 AND late = 3 GROUP BY level ORDER BY level $$,
	'an optional step is no reason to stop');
SELECT is((SELECT array_agg((m.reason, m.lateness)::text) FROM unnest((SELECT loss_members(1, t, n, s::stepset, '7 d', 'same day in UTC') FROM (VALUES (timestamptz '2026-01-01 20:00+00', 'a', '10'), ('2026-01-02 01:30+00', 'b', '01')) v (t, n, s))) m),
	'{"(too_late,01:30:00)"}', 'another day: later than the end of the day by so much');

-- ---- with a seq ---------------------------------------------------------------------------

CREATE TABLE day (user_id int, at date, seq bigint, event text);
INSERT INTO day VALUES (1, '2026-01-01', 1, 'b'), (1, '2026-01-01', 2, 'a'), (1, '2026-01-01', 3, 'z'), (1, '2026-01-01', 4, 'y'), (2, '2026-01-01', 1, 'a'), (2, '2026-01-01', 1, 'b'), (2, '2026-01-01', 2, 'x'),
	(3, '2026-01-01', 1, 'z'), (3, '2026-01-01', 2, 'a'), (3, '2026-01-01', 2, 'y');
SELECT results_eq($$ SELECT user_id, step, reason, node FROM unnest((SELECT loss_members(user_id, at, seq, event, step_of(event, '{a,b,c}'), '7 days') FROM day)) $$,
	$$ VALUES (1::bigint, 1, 'other_order', 'z'), (2, 2, 'never', 'x'), (3, 1, 'never', NULL) $$, 'seq orders the events of a day');
SELECT results_eq($$ SELECT user_id, step, reason, node FROM unnest((SELECT loss_members(user_id, at, event, step_of(event, '{a,b,c}'), '7 days') FROM day)) $$,
	$$ VALUES (1::bigint, 2, 'never', NULL::text), (2, 2, 'never', NULL), (3, 1, 'never', NULL) $$, 'without it they are simultaneous');

-- ---- a property that chains hold constant -------------------------------------------------

-- The events of each value with those without one, and these alone, are a history of their own.
CREATE TABLE held AS SELECT v.user_id AS of_user, dense_rank() OVER (ORDER BY v.user_id, p.property)::int AS user_id, v.at, v.s
FROM valid v JOIN (SELECT DISTINCT user_id, property FROM valid UNION SELECT DISTINCT user_id, NULL FROM valid) p ON p.user_id = v.user_id AND (v.property = p.property OR v.property IS NULL);
CREATE INDEX ON held (user_id, at);
ANALYZE held;
CREATE TABLE owner AS SELECT DISTINCT user_id, of_user FROM held;
CREATE TABLE held_asked AS SELECT * FROM asked WHERE until IS NOT NULL AND id IN (1, 5, 10) AND within = '4 h';
CREATE TABLE level AS SELECT a.id, o.of_user, max(h.level) AS level FROM held_asked a, LATERAL (SELECT user_id, window_funnel(at, left(s, a.n)::stepset, a.within, a.options) AS level FROM held WHERE at < :until GROUP BY user_id) h JOIN owner o USING (user_id) GROUP BY 1, 2;
CREATE TABLE unheld AS SELECT a.id, h.* FROM held_asked a, LATERAL (SELECT user_id, window_funnel(at, left(s, a.n)::stepset, a.within, a.options) AS level FROM valid WHERE at < :until GROUP BY user_id) h;
CREATE TABLE part AS SELECT a.id, r.* FROM held_asked a, reasons(a.question, a.within, a.until, 'held') r;
ANALYZE owner, level, unheld, part;
CREATE TABLE held_wanted AS
SELECT l.id, l.of_user AS user_id, l.level, coalesce(min(array_position('{still_open,too_late,interrupted,other_value,other_order,never}', p.reason)) FILTER (WHERE p.level = l.level), 6) AS least, w.level > l.level AS other
FROM level l JOIN owner o USING (of_user) LEFT JOIN part p ON (p.id, p.user_id) = (l.id, o.user_id) JOIN unheld w ON (w.id, w.user_id) = (l.id, l.of_user) WHERE l.level BETWEEN 1 AND 2 GROUP BY 1, 2, 3, w.level;
CREATE TABLE held_answered AS SELECT a.id, m.* FROM held_asked a, LATERAL (SELECT loss_members_holding_constant(user_id, at, node, left(s, a.n)::stepset, a.within, property, a.options, a.until) AS all_of FROM event) x, unnest(all_of) m;
ANALYZE held_wanted, held_answered;
SELECT is(count(*), (SELECT count(*) FROM held_wanted), 'held: who stopped') FROM held_answered;
-- What a part at a lower step would need is not compared: it is in no table of the oracle.
SELECT is_empty($$ SELECT * FROM held_answered a JOIN held_wanted w USING (id, user_id) WHERE w.level <> a.step $$, 'held: at which step');
SELECT ok(bool_and(array_position('{still_open,too_late,interrupted,other_value,other_order,never}', a.reason) <= CASE WHEN other THEN least(least, 4) ELSE least END), 'held: never more than the parts at this step need')
FROM held_answered a JOIN held_wanted w USING (id, user_id);
SELECT is_empty($$ SELECT * FROM held_answered a JOIN held_wanted w USING (id, user_id) WHERE (a.reason = 'other_value') <> (other AND least >= 4 AND array_position('{still_open,too_late,interrupted,other_value,other_order,never}', a.reason) >= 4) $$, 'held: another value');
SELECT ok(count(*) FILTER (WHERE reason = 'other_value') > 100, 'held: other_value comes about') FROM held_answered;
SELECT results_eq($$ SELECT m.id, m.step, m.reason, count(*) FROM held_answered m GROUP BY 1, 2, 3 ORDER BY 1, 2, array_position('{still_open,too_late,interrupted,other_value,other_order,never}', m.reason) $$,
	$$ SELECT a.id, r.step, r.reason, r.users FROM held_asked a, LATERAL (SELECT funnel_losses_holding_constant(user_id, at, node, left(s, a.n)::stepset, a.within, property, a.options, a.until) AS l FROM event) x, loss_reasons(l) r ORDER BY 1, 2, array_position('{still_open,too_late,interrupted,other_value,other_order,never}', r.reason) $$, 'held: counts are of the members');
SELECT is((SELECT array_agg((m.step, m.reason)::text) FROM unnest((SELECT loss_members_holding_constant(1, t, n, s::stepset, '7 d', p) FROM (VALUES (timestamptz '2026-01-01', 'a', '10', 'loan 1'), ('2026-01-02', 'b', '01', 'loan 2')) v (t, n, s, p))) m),
	'{"(1,other_value)"}', 'the second step was of another loan');
SELECT is((SELECT funnel_losses_holding_constant(user_id, at, node, left(s, 3)::stepset, '4 h', NULL) FROM event)::text::jsonb - 'held', (SELECT funnel_losses(user_id, at, node, left(s, 3)::stepset, '4 h') FROM event)::text::jsonb - 'held', 'held: NULL goes with any value');

-- ---- plans ---------------------------------------------------------------------------------

CREATE TABLE many AS SELECT user_id, code, seq, at, left(s, 3)::stepset AS step, s::stepset AS four, node, property, user_id % 3 AS g FROM event;
CREATE TABLE call (call text);
INSERT INTO call VALUES ('funnel_losses(user_id, at, node, step, ''4 h'')'), ('funnel_losses(code, at, seq, node, four, ''13 h'', ''exclude 4'', ''2024-01-02 09:20+00'')'),
	('funnel_losses_holding_constant(user_id, at, node, step, ''4 h'', property)'), ('loss_members(user_id, at, seq, node, step, ''4 h'')'), ('loss_members_holding_constant(user_id, at, node, step, ''4 h'', property)'),
	('funnel_losses(user_id, at, NULL::text, step, ''4 h'')');
\ir ../plans.psql

-- ---- bad input -----------------------------------------------------------------------------

SELECT throws_ok($$ SELECT funnel_losses(user_id, at, node, step, '1 month') FROM many $$, '22023', NULL, 'months');
SELECT throws_ok($$ SELECT funnel_losses(user_id, at, node, step, '4 h', 'count completions') FROM many $$, '22023', NULL, 'attempts are not users');
SELECT throws_ok($$ SELECT funnel_losses(user_id, at, node, step, '4 h', 'count sessions') FROM many $$, '22023', NULL, 'nor are sessions');
SELECT throws_ok($$ SELECT funnel_losses(user_id, at, node, step, '4 h', 'nonsense') FROM many $$, '22023', 'option "nonsense" does not exist', 'an unknown option');
SELECT throws_ok($$ SELECT funnel_losses(user_id, at, node, step, '4 h', 'exclude 4') FROM many $$, '22023', NULL, 'a condition that is not there');
SELECT throws_ok($$ SELECT funnel_losses(user_id, at, node, step, NULL) FROM many $$, '22004', NULL, 'within is needed');
SELECT throws_ok($$ SELECT funnel_losses(1, timestamptz 'infinity', NULL::text, '10'::stepset, '4 h') $$, '22008', NULL, 'at infinity');
SELECT throws_ok($$ SELECT funnel_losses(1, now(), NULL::text, s, '4 h') FROM unnest('{10,100}'::stepset[]) s $$, '22023', NULL, 'different numbers of conditions');
SELECT throws_ok($$ SELECT * FROM loss_nodes((SELECT funnel_losses(user_id, at, node, step, '4 h') FROM many), -1) $$, '22023', 'n is -1', 'fewer than no nodes');
SELECT throws_ok($$ SELECT * FROM loss_reasons((SELECT funnel_losses(user_id, at, node, step, '4 h') FROM many), NULL) $$, '22004', NULL, 'min_users is needed');
SELECT ok((SELECT funnel_losses(user_id, at, node, step, '4 h') FROM many WHERE false) IS NULL, 'no rows');
SELECT is((SELECT funnel_losses(1, now(), 'a', '00'::stepset, '4 h'))::text::jsonb ->> 'users', '0', 'nobody enters');
SELECT ok(bool_and((users IS NULL) = (share IS NULL)) AND count(*) FILTER (WHERE users IS NULL) > 0 AND min(users) >= 30, 'min_users hides few')
FROM loss_nodes((SELECT funnel_losses(user_id, at, node, step, '4 h') FROM many), NULL, 30);
SELECT is((SELECT max(n) FROM (SELECT count(*) AS n FROM loss_nodes((SELECT funnel_losses(user_id, at, node, step, '4 h') FROM many), 2) GROUP BY step, reason) x), 2::bigint, 'the first two of each');
SELECT * FROM finish();
ROLLBACK;
