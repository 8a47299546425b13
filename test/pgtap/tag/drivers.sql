-- tag_drivers against counts in plain SQL: values, missing values, numbers in ranges, times, rights, few users.
\ir ../setup.psql
SELECT plan(28);

CREATE TABLE customer AS
SELECT i::bigint AS user_id, (ARRAY['gold', 'silver', NULL, 'other', ''])[1 + rnd(i, 1, 5)] AS tier, CASE WHEN rnd(i, 2, 9) > 0 THEN rnd(i, 3, 7) END AS cards,
	CASE WHEN rnd(i, 4, 6) > 0 THEN rnd(i, 5, 5000) / 10.0 END AS balance, rnd(i, 6, 5) + rnd(i, 1, 5) > 4 AS gone, rnd(i, 7, 8) > 0 AS counts
FROM generate_series(1, 900) AS i;
SELECT create_tag('tier', 'SELECT user_id, tier FROM customer', 'sql'), create_tag('cards', 'SELECT user_id, cards FROM customer', 'numeric'),
	create_tag('balance', 'SELECT user_id, balance FROM customer', 'numeric', scale => 1), create_tag('never', 'SELECT user_id, tier FROM customer', 'sql'), create_tag('none', 'SELECT user_id, NULL FROM customer', 'sql');
SELECT * FROM refresh_tags('{tier,cards,balance,none}', '2026-01-01');
CREATE TABLE sets AS SELECT userset_agg(user_id) FILTER (WHERE gone) AS goal, userset_agg(user_id) FILTER (WHERE counts) AS base FROM customer;

-- Each user's value of each tag: those of numbers are the ranges that tag_summary shows.
CREATE TABLE holds AS
SELECT user_id, gone, 'tier' AS tag, nullif(tier, '') AS value FROM customer WHERE counts
UNION ALL SELECT user_id, gone, 'none', NULL FROM customer WHERE counts
UNION ALL SELECT user_id, gone, 'cards', cards::text FROM customer WHERE counts
UNION ALL SELECT user_id, gone, 'balance', (SELECT s.value FROM tag_summary('balance') AS s WHERE balance BETWEEN split_part(s.value, ' to ', 1)::numeric AND coalesce(nullif(split_part(s.value, ' to ', 2), ''), s.value)::numeric) FROM customer WHERE counts;
CREATE VIEW wanted AS
SELECT tag, value, users, all_users - users AS others, goals, all_goals - goals AS other_goals
FROM (SELECT tag, value, count(*) AS users, count(*) FILTER (WHERE gone) AS goals FROM holds GROUP BY 1, 2) AS h, (SELECT count(*) AS all_users, count(*) FILTER (WHERE gone) AS all_goals FROM customer WHERE counts) AS a;
CREATE TABLE got AS SELECT d.* FROM sets, tag_drivers(goal, base) AS d;

SELECT results_eq('SELECT tag, value, users_with, users_without, goal_with, goal_without FROM got ORDER BY 1, 2', 'SELECT * FROM (SELECT tag, value, users, others, goals, other_goals FROM wanted) AS w ORDER BY 1, 2', 'users of each value');
SELECT cmp_ok(count(*), '=', 24::bigint, 'values of all tags that have a version') FROM got;
SELECT is((SELECT count(*) FROM got WHERE tag = 'balance' AND value ~ ' to '), 10::bigint, 'ten ranges');
SELECT is_empty('SELECT * FROM got WHERE rate_with <> goal_with / users_with::float8 OR rate_without <> goal_without / nullif(users_without, 0)::float8 OR abs(lift - rate_with / ((goal_with + goal_without) / (users_with + users_without)::float8)) > 1e-12', 'rates and lifts');
SELECT is_empty('SELECT * FROM got, odds_ratio(goal_with, users_with - goal_with, goal_without, users_without - goal_without) AS o WHERE (got.odds_ratio, got.lower, got.upper, got.p_value) IS DISTINCT FROM (o.odds_ratio, o.lower, o.upper, o.p_value)', 'odds ratios');
SELECT is_empty('SELECT * FROM got WHERE NOT abs(q_value - (SELECT least(1, min(p.p_value * n / p.rank)) FROM (SELECT p_value, rank() OVER (ORDER BY p_value) + count(*) OVER (PARTITION BY p_value) - 1 AS rank, count(*) OVER () AS n FROM got AS g WHERE p_value IS NOT NULL) AS p WHERE p.p_value >= got.p_value)) < 1e-12 OR (q_value IS NULL) <> (p_value IS NULL)', 'q values');
SELECT is_empty('SELECT * FROM (SELECT *, lag(information_value) OVER () AS before FROM got) AS g WHERE information_value > before OR (before IS NULL AND information_value IS NOT NULL AND EXISTS (SELECT FROM got WHERE information_value > g.information_value))', 'the greatest information value first');
-- by its definition, from the rates of those who are in goal and those who are not
SELECT is_empty('SELECT * FROM got, LATERAL (SELECT (goal_with + h) / (goal_with + goal_without + 2 * h) AS g, (users_with - goal_with + h) / (users_with - goal_with + users_without - goal_without + 2 * h) AS n
	FROM (SELECT CASE WHEN least(goal_with, goal_without, users_with - goal_with, users_without - goal_without) = 0 THEN 0.5::float8 ELSE 0 END AS h) AS h) AS s
	WHERE users_without > 0 AND abs(information_value - ((g - n) * ln(g / n) + ((1 - g) - (1 - n)) * ln((1 - g) / (1 - n)))) > 1e-12', 'information values');
SELECT ok(users_without = 0 AND rate_without IS NULL AND odds_ratio IS NULL AND p_value IS NULL AND information_value IS NULL AND q_value IS NULL, 'a value of all compares nobody') FROM got WHERE tag = 'none';
-- what event_drivers says of the same users
SELECT is_empty($$ SELECT * FROM got JOIN driver_rows((SELECT event_drivers(user_id, at, event, event = 'in', event = 'gone', '1 day', '', NULL, '2027-01-01')
		FROM (SELECT user_id, timestamptz '2026-01-01' AS at, 'in' AS event FROM customer WHERE counts UNION ALL SELECT user_id, '2026-01-01 01:00', tier FROM customer WHERE counts AND tier <> '' UNION ALL SELECT user_id, '2026-01-01 02:00', 'gone' FROM customer WHERE counts AND gone) AS e)) AS d ON d.factor = got.value
	WHERE got.tag = 'tier' AND ((got.users_with, got.goal_with, got.p_value) <> (d.users_with, d.goal_with, d.p_value) OR abs(got.information_value - d.information_value) > 1e-12 OR abs(got.odds_ratio - d.odds_ratio) > 1e-12) $$, 'event_drivers says the same');

SELECT results_eq('SELECT d.value, d.users_with FROM sets, tag_drivers(goal, base, ''{cards,cards}'') AS d ORDER BY 1', 'SELECT value, users_with FROM got WHERE tag = ''cards'' ORDER BY 1', 'of some tags; each once');
SELECT is_empty('SELECT d.* FROM sets, tag_drivers(goal, base, ''{}'') AS d', 'of no tags');
SELECT results_eq('SELECT d.users_with, d.goal_with FROM sets, tag_drivers(goal, goal, ''{tier}'') AS d ORDER BY 1', 'SELECT users_with, users_with FROM sets, tag_drivers(goal, goal, ''{tier}'') AS d ORDER BY 1', 'all reach the goal');
SELECT ok(bool_and(odds_ratio IS NULL AND lift = 1), 'which compares nobody') FROM sets, tag_drivers(goal, goal, '{tier}');
SELECT is((SELECT sum(d.goal_with) FROM sets, tag_drivers(goal, base | goal, '{tier}') AS d), (SELECT cardinality(goal)::numeric FROM sets), 'each user has one value, or none');
SELECT is_empty('SELECT d.* FROM sets, tag_drivers(goal, ''{}''::bigint[]::userset) AS d', 'nobody');
SELECT ok(bool_and(goal_with = 0 AND lift IS NULL AND odds_ratio IS NULL), 'nobody is in goal') FROM sets, tag_drivers('{}'::bigint[]::userset, base);

-- versions
UPDATE customer SET tier = 'new';
SELECT * FROM refresh_tag('tier', '2026-02-01');
SELECT is((SELECT count(*) FROM sets, tag_drivers(goal, base, '{tier}')), 1::bigint, 'the newest version');
SELECT results_eq('SELECT d.tag, d.value, d.users_with FROM sets, tag_drivers(goal, base, as_of => ''2026-01-15'') AS d ORDER BY 1, 2', 'SELECT tag, value, users_with FROM got ORDER BY 1, 2', 'one of an earlier time');
SELECT is_empty('SELECT d.* FROM sets, tag_drivers(goal, base, as_of => ''2025-01-01'') AS d', 'none is so old');
SELECT throws_ok(call, state, message, call) FROM (VALUES
	('SELECT d.* FROM sets, tag_drivers(goal, base, ''{tier,nothing}'') AS d', '42704', 'there is no tag "nothing" that you may read'), ('SELECT d.* FROM sets, tag_drivers(goal, base, ''{never}'') AS d', '55000', '"never" has no version yet'),
	('SELECT tag_drivers(goal, NULL) FROM sets', '22004', 'base must not be NULL'), ('SELECT tag_drivers(NULL, base) FROM sets', '22004', 'goal must not be NULL'),
	('SELECT tag_drivers(goal, base, level => 1) FROM sets', '22023', 'level is 1, which is not between 0 and 1'), ('SELECT tag_drivers(goal, base, min_users => -1) FROM sets', '22023', 'min_users is -1')) AS v (call, state, message);

-- few users
SELECT is_empty('SELECT d.* FROM sets, tag_drivers(goal, base, as_of => ''2026-01-15'', min_users => 40) AS d WHERE least(users_with, users_without, goal_with, goal_without, users_with - goal_with, users_without - goal_without) < 40
	OR odds_ratio IS NOT NULL AND (goal_with IS NULL OR goal_without IS NULL OR users_with IS NULL)', 'what rests on few is not shown');
-- others see only what they may
CREATE ROLE journey_test_reader;
GRANT USAGE ON SCHEMA journey, journey_test TO journey_test_reader;
GRANT SELECT ON sets TO journey_test_reader;
SELECT grant_tag('cards', 'journey_test_reader');
SET LOCAL ROLE journey_test_reader;
SELECT is((SELECT string_agg(DISTINCT d.tag, ' ') FROM sets, tag_drivers(goal, base) AS d), 'cards', 'tags that one may read');

SELECT * FROM finish();
ROLLBACK;
