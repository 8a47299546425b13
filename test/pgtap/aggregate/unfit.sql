-- Calls that fit no form of an aggregate: the error says what to write.
\i test/pgtap/setup.psql

SELECT plan(23);

CREATE TABLE log (user_id int, at timestamptz, event text, seconds bigint, label varchar, score numeric);

-- DETAIL and HINT of the error of a query, planned and not run.
CREATE FUNCTION advice(call text, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE plpgsql
	AS $$
BEGIN
	EXECUTE format('EXPLAIN SELECT %s FROM log', call);
EXCEPTION WHEN undefined_function THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;

SELECT results_eq($$ SELECT * FROM advice('window_funnel(at, event = ''ad'', event = ''pay'', ''7 days'')') $$,
	$$ VALUES ('function window_funnel(timestamp with time zone, boolean, boolean, unknown) does not exist',
		'It takes (at timestamp with time zone, step stepset, within interval).',
		'Put the conditions into steps(), for example steps(event = ''view'', event = ''pay'').') $$,
	'conditions without steps()');
SELECT results_eq($$ SELECT detail FROM advice('funnel(user_id, at, event = ''ad'', event = ''pay'', ''7 days'')') $$,
	$$ VALUES ('It takes (user_id of any type, at timestamp with time zone, step stepset, within interval).') $$,
	'of several forms, the shortest is shown');

SELECT is((advice(call)).hint, hint, call) FROM (VALUES
	('window_funnel(at, steps(event = ''ad''), 3600)', 'Write within as an interval; a number of seconds is interval ''3600 seconds''.'),
	('window_funnel(at, steps(event = ''ad''), 3600, ''strict_order'')', 'Write within as an interval; a number of seconds is interval ''3600 seconds''.'),
	('funnel(user_id, at, steps(event = ''ad''), NULL::int)', 'Write within as an interval, for example interval ''7 days''; a number of seconds is n * interval ''1 second''.'),
	('funnel(user_id, at, steps(event = ''ad''), seconds)', 'Write within as an interval, for example interval ''7 days''; a number of seconds is n * interval ''1 second''.'),
	('transitions(user_id, at, event, 1800)', 'Write gap as an interval; a number of seconds is interval ''1800 seconds''.'),
	('sessions(user_id, at, event, 1800)', 'Write gap as an interval; a number of seconds is interval ''1800 seconds''.'),
	('path_flow(user_id, at, event, score, 5)', 'Write gap as an interval, for example interval ''7 days''; a number of seconds is n * interval ''1 second''.'),
	('funnel(user_id, seconds, steps(event = ''ad''), interval ''1 day'')', 'Write at as a time; a number of seconds since 1970 is to_timestamp(n).'),
	('funnel(user_id, label, steps(event = ''ad''), interval ''1 day'')', 'Cast at to its type: CAST(... AS timestamp with time zone).'),
	('funnel(user_id, at, steps(event = ''ad''), label)', 'Cast within to its type: CAST(... AS interval).'),
	('funnel(user_id, at, event, ''7 days'')', 'Conditions are one argument: steps(event = ''view'', event = ''pay'') or step_of(event, ARRAY[''view'', ''pay'']).'),
	('sequence_match(''(?1)(?2)'', at, event = ''ad'', event = ''pay'')', 'Put the conditions into steps(), for example steps(event = ''view'', event = ''pay'').'),
	('intervals(user_id, ''infinity'', ''10'')', 'Give the columns their types, for example timestamptz ''2026-03-01'' or $1::timestamptz.')) AS v(call, hint);

-- It is the same anywhere in a query.
SELECT throws_ok($$ SELECT 1 FROM log GROUP BY user_id HAVING window_funnel(at, event = 'ad', '7 days') > 1 $$, '42883', NULL, 'in HAVING');
SELECT throws_ok($$ SELECT * FROM funnel_steps((SELECT funnel(user_id, at, event = 'ad', '7 days') FROM log)) $$, '42883', NULL, 'in a subquery');
SELECT throws_ok($$ SELECT user_id FROM log GROUP BY 1 ORDER BY window_funnel(at, event = 'ad', '7 days') $$, '42883', NULL, 'in ORDER BY');
SELECT lives_ok($$ SELECT window_funnel(at, event = 'ad', '7 days') OVER () FROM log $$, 'over a window, the first row decides');
INSERT INTO log VALUES (1, '2024-01-01', 'ad', 1, '2024-01-01', 1);
SELECT throws_ok($$ SELECT window_funnel(at, event = 'ad', '7 days') OVER () FROM log $$, '42883',
	'no form of this aggregate takes (timestamp with time zone, boolean, unknown)', 'and refuses');

-- What is meant is found as before.
SELECT lives_ok($$ SELECT window_funnel(at::date, steps(event = 'ad'), '1 day'), window_funnel(at::timestamp, steps(event = 'ad'), '1 day', ''),
	funnel(user_id, at::date, steps(event = 'ad'), '1 day'), transitions(user_id, at::date, label), transitions(label, at, label, '1 day'),
	funnel_members(user_id, at::date, steps(event = 'ad'), '1 day'), users_matching(user_id, at::date, user_id, steps(event = 'ad'), '(?1)'),
	user_path(at::date, label), sessions(score, at::timestamp, label, '30 min'), sessions_by_channel(user_id, at::date, label, label, '30 min') FROM log $$,
	'columns of other types that convert, parameters without one');

-- step_of with the names as arguments.
SELECT results_eq($$ SELECT step_of('b', 'a', 'b', 'c'), step_of(NULL, 'a', 'b'), step_of('b', 'a', NULL, 'b') $$,
	$$ VALUES (stepset '010', stepset '00', stepset '001') $$, 'names as arguments');
SELECT is((SELECT count(*) FROM generate_series(1, 200) AS i, LATERAL (SELECT chr(97 + rnd(i, 1, 5)) AS event) AS e
	WHERE step_of(event, 'a', 'c', 'a') <> step_of(event, ARRAY['a', 'c', 'a'])), 0::bigint, 'they are those of the array');
SELECT finish();
ROLLBACK;
