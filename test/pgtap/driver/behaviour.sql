-- event_drivers against its definition in plain SQL.
\ir ../setup.psql
SELECT no_plan();

-- Few users, few times: ties of entry, goal and factors are frequent.
CREATE TABLE event AS
	SELECT id, CASE WHEN rnd(id, 1, 40) > 0 THEN rnd(id, 2, 60) END AS user_id,
		CASE WHEN rnd(id, 3, 50) > 0 THEN moment(rnd(id, 4, 40) * 43200) END AS at, nullif(rnd(id, 5, 4), 0)::bigint AS seq,
		(ARRAY['app', 'call', 'error', 'wait', NULL])[1 + rnd(id, 6, 5)] AS event,
		CASE rnd(id, 7, 12) WHEN 0 THEN true WHEN 1 THEN NULL ELSE false END AS is_entry,
		CASE rnd(id, 8, 10) WHEN 0 THEN true WHEN 1 THEN NULL ELSE false END AS is_goal,
		(ARRAY['few', 'many', '', NULL])[1 + rnd(id, 9, 4)] AS stratum
	FROM generate_series(1, 900) AS id;

/*
 * The definition: of each user the first entry, the window, the first goal after
 * the entry; factors between them. Without seq, the order of a time is: entries,
 * goals, others, each by event and stratum; with it, that of seq, NULL last, and then the same.
 */
CREATE FUNCTION defined(within interval, times int[], days int[], until timestamptz, by_seq boolean)
RETURNS TABLE (factor text, times_ int, days_ int, stratum text, with_goal bigint, with_none bigint, stratum_goal bigint, stratum_none bigint, open bigint)
LANGUAGE sql AS $$
	WITH ordered AS (
		SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY at, CASE WHEN by_seq THEN coalesce(seq, 1000) END, coalesce(is_entry, false) DESC, coalesce(is_goal, false) DESC, event IS NOT NULL DESC, event COLLATE "C", is_entry IS TRUE AND stratum IS NOT NULL, CASE WHEN is_entry THEN stratum END COLLATE "C") AS n
		FROM event WHERE user_id IS NOT NULL AND at IS NOT NULL AND (event IS NOT NULL OR is_entry OR is_goal) AND (until IS NULL OR at < until)),
	last AS (SELECT coalesce(until - interval '1 microsecond', (SELECT max(at) FROM event WHERE user_id IS NOT NULL)) AS at),
	entry AS (SELECT DISTINCT ON (user_id) user_id, n, at, stratum, at + within > (SELECT at FROM last) AS open FROM ordered WHERE is_entry ORDER BY user_id, n),
	goal AS (SELECT e.user_id, min(o.n) AS n FROM entry e JOIN ordered o USING (user_id) WHERE o.n > e.n AND o.is_goal AND o.at <= e.at + within GROUP BY 1),
	done AS (SELECT e.*, g.n AS goal FROM entry e LEFT JOIN goal g USING (user_id) WHERE NOT open),
	had AS (SELECT d.user_id, o.event, o.at - d.at AS after FROM done d JOIN ordered o USING (user_id) WHERE o.event IS NOT NULL AND o.n > d.n AND (o.n < d.goal OR d.goal IS NULL) AND o.at <= d.at + within),
	exposed AS (SELECT h.event, t, d, h.user_id FROM had h CROSS JOIN unnest(times) t CROSS JOIN unnest(days) d WHERE d IS NULL OR after < d * interval '24 hours' GROUP BY 1, 2, 3, 4 HAVING count(*) >= t),
	stratum AS (SELECT stratum, count(goal) AS goal, count(*) - count(goal) AS none FROM done GROUP BY stratum),
	shown AS (SELECT DISTINCT event, t, d FROM exposed)
	SELECT s.event, s.t, s.d, m.stratum, count(d.goal) FILTER (WHERE x.user_id IS NOT NULL), count(x.user_id) - count(d.goal) FILTER (WHERE x.user_id IS NOT NULL), m.goal, m.none, (SELECT count(*) FROM entry WHERE open)
	FROM shown s CROSS JOIN stratum m JOIN done d ON d.stratum IS NOT DISTINCT FROM m.stratum LEFT JOIN exposed x ON x.event = s.event AND x.t = s.t AND x.d IS NOT DISTINCT FROM s.d AND x.user_id = d.user_id
	GROUP BY 1, 2, 3, 4, m.goal, m.none
$$;

CREATE FUNCTION near(found float8, wanted float8) RETURNS boolean LANGUAGE sql IMMUTABLE
	RETURN CASE WHEN wanted IS NULL OR found IS NULL THEN found IS NOT DISTINCT FROM wanted WHEN wanted IN ('Infinity', 0) THEN found = wanted ELSE abs(found - wanted) <= 1e-9 * abs(wanted) END;

CREATE TABLE asked AS SELECT row_number() OVER () AS id, * FROM (VALUES
	(interval '4 days', '', '{1}'::int[], '{NULL}'::int[], NULL::timestamptz, false), ('0', '', '{1}', '{NULL}', NULL, false), ('2 days 12:00', 'times 1 2 3', '{1,2,3}', '{NULL}', moment(30 * 43200), false),
	('6 days', 'times 2, days 1 3', '{2}', '{1,3}', moment(1000000000), false), ('4 days', 'days 2', '{1}', '{2}', moment(40 * 43200), true), ('5 days', '', '{1}', '{NULL}', NULL, true)) v (within, options, times, days, until, by_seq);
CREATE TABLE answered AS
	SELECT a.id, event_drivers(user_id, e.at, event, is_entry, is_goal, within, options, stratum, until) AS s FROM asked a, event e WHERE NOT by_seq GROUP BY a.id
	UNION ALL SELECT a.id, event_drivers(user_id, e.at, e.seq, event, is_entry, is_goal, within, options, stratum, until) FROM asked a, event e WHERE by_seq GROUP BY a.id;

CREATE TABLE wanted AS SELECT a.id, d.* FROM asked a, defined(within, times, days, until, by_seq) d;
SELECT cmp_ok((SELECT count(*) FROM wanted)::int, '>', 100, 'the definition gives rows');

SELECT results_eq(format($$ SELECT factor, times, days, users_with, users_without, goal_with, goal_without FROM answered, driver_rows(s) WHERE id = %s ORDER BY 1, 2, 3 $$, id),
	format($$ SELECT factor, times_, days_, sum(with_goal + with_none)::bigint, sum(stratum_goal + stratum_none - with_goal - with_none)::bigint, sum(with_goal)::bigint, sum(stratum_goal - with_goal)::bigint
		FROM wanted WHERE id = %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 $$, id), format('users with and without: %s, %s', within, options)) FROM asked ORDER BY id;
SELECT results_eq('SELECT id, open_users, users, goal_users FROM answered, driver_summary(s) ORDER BY id',
	$$ SELECT id, max(open), sum(g + n)::bigint, sum(g)::bigint FROM (SELECT id, stratum, max(open) AS open, max(stratum_goal) AS g, max(stratum_none) AS n FROM wanted GROUP BY 1, 2) w GROUP BY 1 ORDER BY 1 $$, 'users, goals, and users whose window is open');
SELECT ok((SELECT bool_or(open > 0) AND bool_or(open = 0) FROM wanted), 'of which there are some');

-- what rows say of these numbers
SELECT is_empty($$ SELECT * FROM answered, driver_rows(s) r, odds_ratio(goal_with, users_with - goal_with, goal_without, users_without - goal_without) o
	WHERE NOT (near(r.odds_ratio, o.odds_ratio) AND near(r.lower, o.lower) AND near(r.upper, o.upper) AND near(r.p_value, o.p_value)) $$, 'odds ratio, interval and p value are those of odds_ratio()');
SELECT is_empty($$ SELECT * FROM answered, driver_rows(s, 0.5) r, odds_ratio(goal_with, users_with - goal_with, goal_without, users_without - goal_without, 0.5) o WHERE NOT (near(r.lower, o.lower) AND near(r.upper, o.upper)) $$, 'of another level');
SELECT is_empty($$ SELECT * FROM answered, driver_rows(s) r WHERE NOT (near(rate_with, goal_with::float8 / nullif(users_with, 0)) AND near(rate_without, goal_without::float8 / nullif(users_without, 0))
	AND near(lift, goal_with::float8 / users_with / nullif((goal_with + goal_without)::float8 / (users_with + users_without), 0))) $$, 'rates and lift');
SELECT is_empty($$ SELECT * FROM (SELECT id, array_agg(q_value) AS found, q_values(array_agg(p_value)) AS wanted FROM answered, driver_rows(s) GROUP BY id) g, unnest(found, wanted) u (f, w) WHERE NOT near(f, w) $$, 'q values over all rows');
SELECT is_empty($$ SELECT id, factor, times, days, r.adjusted_odds_ratio, m.* FROM answered a, driver_rows(s) r, LATERAL (SELECT mantel_haenszel(array_agg(with_goal), array_agg(with_none), array_agg(stratum_goal - with_goal), array_agg(stratum_none - with_none)) AS m
		FROM wanted w WHERE w.id = a.id AND w.factor = r.factor AND w.times_ = r.times AND w.days_ IS NOT DISTINCT FROM r.days) w, LATERAL (SELECT (m).*) m
	WHERE NOT (near(r.adjusted_odds_ratio, m.odds_ratio) AND near(r.adjusted_lower, m.lower) AND near(r.adjusted_upper, m.upper) AND near(r.adjusted_p_value, m.p_value)) $$, 'the adjusted odds ratio is that of mantel_haenszel() over the strata');
SELECT is_empty($$ SELECT * FROM answered, driver_rows(s) r, LATERAL (SELECT CASE WHEN 0 IN (goal_with, users_with - goal_with, goal_without, users_without - goal_without) THEN 0.5 ELSE 0 END AS h) h,
		LATERAL (SELECT goal_with + h AS a, users_with - goal_with + h AS b, goal_without + h AS c, users_without - goal_without + h AS d) t
	WHERE odds_ratio IS NOT NULL AND abs(information_value - ((a / (a + c) - b / (b + d)) * ln(a / (a + c) / (b / (b + d))) + (c / (a + c) - d / (b + d)) * ln(c / (a + c) / (d / (b + d))))) > 1e-12 $$, 'the information value');
SELECT is_empty($$ SELECT * FROM (SELECT id, information_value, lag(information_value) OVER (PARTITION BY id ORDER BY n) AS before FROM answered, ROWS FROM (driver_rows(s)) WITH ORDINALITY r(f,t,d,a1,a2,a3,a4,a5,a6,l,o,lo,up,p,q,information_value,x1,x2,x3,x4,n)) g WHERE information_value > before $$, 'the strongest come first');

-- a goal's own event, and the entry's, explain nothing
SELECT is((SELECT array_agg(factor) FROM (SELECT event_drivers(u, moment(t), event, event = 'visit', event = 'leave', '1 day') AS s
	FROM (VALUES (1, 0, 'visit'), (1, 10, 'call'), (1, 20, 'leave'), (1, 30, 'refund'), (2, 0, 'visit'), (2, 90000, 'late'), (3, 0, 'call'), (4, 200000, 'visit')) v (u, t, event)) g, driver_rows(s)), '{call}', 'what comes before the entry, at the goal or later is no factor');
SELECT is((SELECT (users, goal_users, goal_rate, open_users, as_of) FROM (SELECT event_drivers(u, moment(t), event, event = 'visit', event = 'leave', '1 day') AS s
	FROM (VALUES (1, 0, 'visit'), (1, 10, 'call'), (1, 20, 'leave'), (2, 0, 'visit'), (2, 90000, 'late'), (4, 200000, 'visit'), (4, 200010, 'leave')) v (u, t, event)) g, driver_summary(s))::text,
	'(2,1,0.5,1,"2024-01-03 07:33:30+00")', 'a user whose window is open is left out, also with a goal');
SELECT ok((SELECT event_drivers(NULL::int, now(), 'a', true, true, '1 day') IS NULL), 'no rows give NULL');
SELECT is((SELECT count(*) FROM driver_rows((SELECT event_drivers(1, now(), 'a', false, true, '1 day')))), 0::bigint, 'nobody entered: no factors');
SELECT is((SELECT s FROM driver_summary((SELECT event_drivers(1, now(), 'a', false, true, '1 day', '', NULL, '2030-01-01+00'))) s)::text, '(0,0,,0,"2030-01-01 00:00:00+00")', 'and nobody counts');

-- few users
SELECT is_empty($$ SELECT * FROM answered, driver_rows(s, 0.95, 5) r WHERE users_with < 5 OR users_without < 5 OR goal_with < 5 OR goal_without < 5 OR users_with - goal_with < 5 OR users_without - goal_without < 5 $$, 'min_users hides small counts');
SELECT is_empty($$ SELECT * FROM answered, LATERAL (SELECT * FROM driver_rows(s)) f JOIN LATERAL (SELECT * FROM driver_rows(s, 0.95, 5)) r USING (factor, times) WHERE f.days IS NOT DISTINCT FROM r.days
	AND (r.odds_ratio IS NULL) <> (f.odds_ratio IS NULL OR least(f.goal_with, f.goal_without, f.users_with - f.goal_with, f.users_without - f.goal_without) < 5) $$, 'and what can be computed from them');

-- errors
SELECT throws_ok(format('SELECT event_drivers(1, now(), ''a'', true, true, %s)', arguments), state, message, arguments) FROM (VALUES
	('NULL', '22004', 'within must not be NULL'), ('''-1 day''', '22023', 'within must not be negative: -1 days'), ('''1 month''', '22023', 'within must not contain months or years: 1 mon'),
	('''1 day'', ''tims 1''', '22023', 'option "tims 1" does not exist'), ('''1 day'', ''times''', '22023', 'option "times" lacks a number'), ('''1 day'', ''times 0''', '22023', 'option "times 0" must have numbers from 1 to 100000000 in ascending order'),
	('''1 day'', ''times 3 3''', '22023', 'option "times 3 3" must have numbers from 1 to 100000000 in ascending order'), ('''1 day'', ''days 1 x''', '22023', 'option "days 1 x" must have numbers from 1 to 100000000 in ascending order'),
	('''1 day'', ''days 1 2 3 4 5 6 7 8 9''', '22023', 'option "days 1 2 3 4 5 6 7 8 9" has more than 8 numbers'), ('''1 day'', ''days 1, days 2''', '22023', 'option "days 2" answers what another has answered'),
	('''1 day'', '''', NULL, ''infinity''', '22008', 'until must be a finite time, not infinity')) v (arguments, state, message);
SELECT throws_ok($$ SELECT driver_rows(s, 1.5) FROM answered $$, '22023', 'level is 1.5, which is not between 0 and 1', 'level');
SELECT throws_ok($$ SELECT driver_rows(s, NULL) FROM answered $$, '22004', 'level must not be NULL', 'no level');
SELECT throws_ok('SELECT rollup(s) FROM answered', '22023', 'cannot roll up drivers that differ in within, options, until, or in having strata', 'different parameters');

SELECT * FROM finish();
ROLLBACK;
