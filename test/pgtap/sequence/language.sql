-- Groups, alternatives, negation, repeats and anchors of the pattern language: random patterns
-- over random histories, against PostgreSQL's regular expressions.
\ir ../setup.psql

-- The events have three conditions. The set that one meets is a letter, a (only the third) to g
-- (all three), in order of the event order: a history is a string, and a pattern without times a
-- regular expression over it. Its events are written (?N), its expression names the letters.
CREATE TABLE atom (no int, pattern text, expression text);
INSERT INTO atom VALUES (0, '(?1)', '[defg]'), (1, '(?2)', '[bcfg]'), (2, '(?3)', '[aceg]'), (3, '(?1|2)', '[bcdefg]'),
	(4, '(?1|3)', '[acdefg]'), (5, '(?!1)', '[abc]'), (6, '(?!3)', '[bdf]'), (7, '(?!1|3)', '[b]'), (8, '(?!2|3)', '[d]'),
	(9, '.', '[a-g]'), (10, '(?1)', '[defg]'), (11, '(?2)', '[bcfg]');
CREATE TABLE quantifier (no int, q text);
INSERT INTO quantifier VALUES (0, '?'), (1, '*'), (2, '+'), (3, '{2}'), (4, '{1,2}'), (5, '{0,3}'), (6, '{2,}'), (7, '{0,}'), (8, '{3}');

-- One of 12 atoms, with a quantifier one time in three.
CREATE FUNCTION item(key bigint, salt int) RETURNS atom LANGUAGE sql STABLE AS $$
	-- .* would be a gap, whose events are not of the match
	SELECT no, pattern || CASE pattern || q WHEN '.*' THEN '{0,}' ELSE q END, expression || q FROM (
		SELECT a.*, coalesce((SELECT q FROM quantifier q WHERE q.no = rnd(key, salt + 1, 27)), '') AS q
		FROM atom a WHERE a.no = rnd(key, salt, 12)) i
$$;

-- Three parts: an item, or a group of one or two rows, the second of two items with .* between.
CREATE TABLE part AS
SELECT case_id, place,
	CASE WHEN kind < 5 THEN (a).pattern WHEN kind < 8 THEN '(' || (a).pattern || (b).pattern || ')' || q
		ELSE '(' || (a).pattern || '|' || (b).pattern || '.*' || (c).pattern || ')' || q END AS pattern,
	CASE WHEN kind < 5 THEN (a).expression WHEN kind < 8 THEN '(' || (a).expression || (b).expression || ')' || q
		ELSE '(' || (a).expression || '|' || (b).expression || '.*' || (c).expression || ')' || q END AS expression
FROM (
	SELECT i / 3 AS case_id, i % 3 AS place, rnd(i, 31, 10) AS kind, item(i, 40) AS a, item(i, 50) AS b, item(i, 60) AS c,
		coalesce((SELECT q FROM quantifier q WHERE q.no = rnd(i, 32, 12)), '') AS q
	FROM generate_series(0, 3 * 6000 - 1) i OFFSET 0) p;

CREATE TABLE pattern AS
SELECT case_id, starts, ends, starts || string_agg(part.pattern, gap ORDER BY place) || ends AS pattern,
	string_agg(expression, gap ORDER BY place) AS expression
FROM part, LATERAL (SELECT CASE rnd(case_id, 71, 3) WHEN 0 THEN '.*' ELSE '' END AS gap,
	CASE rnd(case_id, 72, 6) WHEN 0 THEN '^' ELSE '' END AS starts, CASE rnd(case_id, 73, 6) WHEN 0 THEN '$' ELSE '' END AS ends) x
GROUP BY case_id, starts, ends
-- what may match no event is refused, as is a .* in what is repeated and may match none
HAVING '' !~ ('^(' || string_agg(expression, gap ORDER BY place) || ')$')
	AND NOT bool_or(expression ~ '\.\*.*\)[*+{]' AND '' ~ ('^(' || expression || ')$'));

CREATE TABLE event AS
SELECT case_id, j AS t, 1 + CASE WHEN case_id % 2 = 0 THEN rnd(key, 81, 7) ELSE (1 << rnd(key, 82, 3)) - 1 END AS letter
FROM pattern, generate_series(1, 1 + rnd(case_id, 83, 9)) j, LATERAL (SELECT case_id * 16 + j AS key) k;

CREATE VIEW history AS
SELECT case_id, pattern, moment(t) AS at, letter::bit(3)::text::stepset AS step FROM pattern JOIN event USING (case_id);

CREATE TABLE line AS
SELECT case_id, string_agg(chr(96 + letter), '' ORDER BY t) AS line FROM event GROUP BY case_id;

-- Where the earliest match ends of those that begin after a place; 0 if none does.
CREATE FUNCTION match_end(line text, expression text, starts text, ends text, after int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(min(e), 0) FROM generate_series(after + 1, length(line)) e
	WHERE CASE WHEN ends = '' THEN true ELSE e = length(line) END AND CASE WHEN starts = '' THEN true ELSE after = 0 END
		AND substr(line, after + 1, e - after) ~ (starts || '(' || expression || ')$')
$$;

CREATE TABLE want AS
WITH RECURSIVE greedy AS (
	SELECT case_id, line, expression, starts, ends, 0 AS ended, 0 AS count FROM pattern JOIN line USING (case_id)
	UNION ALL
	SELECT case_id, line, expression, starts, ends, next, count + 1
	FROM greedy, LATERAL (SELECT match_end(line, expression, starts, ends, ended) AS next OFFSET 0) m WHERE next > 0
)
SELECT case_id, max(count) AS count, min(ended) FILTER (WHERE count = 1) AS ended FROM greedy GROUP BY case_id;

-- The first event of the first match: the earliest from which one can be completed.
CREATE TABLE want_first AS
SELECT case_id, min(b) AS first
FROM want JOIN pattern USING (case_id) JOIN line USING (case_id), generate_series(1, ended) b
WHERE substr(line, b, ended - b + 1) ~ ('^(' || expression || ')$') AND (starts = '' OR b = 1) GROUP BY case_id;

SELECT plan(31);

SELECT ok(count(*) FILTER (WHERE count = 0) > 500 AND count(*) FILTER (WHERE count = 1) > 500
	AND count(*) FILTER (WHERE count > 1) > 300, 'the cases match never, once and often') FROM want;
SELECT is(count(*), 10::bigint, 'each part of the language stands in patterns that match, and in some that do not')
FROM unnest(ARRAY['?)', '(?!', '|', '*', '+', '{', '((', '^', '$', '.*']) part
WHERE (SELECT count(*) FROM pattern JOIN want USING (case_id) WHERE strpos(replace(pattern, ')?', '?)'), part) > 0 AND count > 0) > 50
	AND (SELECT count(*) FROM pattern JOIN want USING (case_id) WHERE strpos(replace(pattern, ')?', '?)'), part) > 0 AND count = 0) > 50;
SELECT is_empty($$
	SELECT case_id, pattern, w.count > 0 AS want, sequence_match(at, step, pattern) AS got
	FROM history JOIN want w USING (case_id) GROUP BY case_id, pattern, w.count
	HAVING sequence_match(at, step, pattern) <> (w.count > 0) LIMIT 3 $$, 'sequence_match');
SELECT is_empty($$
	SELECT case_id, pattern, w.count AS want, sequence_count(at, step, pattern) AS got
	FROM history JOIN want w USING (case_id) GROUP BY case_id, pattern, w.count
	HAVING sequence_count(at, step, pattern) <> w.count LIMIT 3 $$, 'sequence_count');
SELECT is_empty($$
	SELECT case_id, pattern, first, ended, times FROM (
		SELECT case_id, pattern, first, ended, sequence_match_events(at, step, pattern) AS times
		FROM history JOIN want USING (case_id) JOIN want_first USING (case_id) GROUP BY case_id, pattern, first, ended) m
	WHERE (times[1] <> moment(first) OR times[cardinality(times)] <> moment(ended))
		AND strpos(pattern, '.*') = 0	-- which may lie at an end, and is not of the match there
	LIMIT 3 $$,
	'sequence_match_events begins and ends with the first match');
SELECT is_empty($$
	SELECT case_id FROM history JOIN want w USING (case_id) GROUP BY case_id, pattern, w.count
	HAVING sequence_count(at, step, pattern ORDER BY hashtextextended(at::text, case_id)) <> w.count LIMIT 3 $$, 'shuffled input');

-- A window is a match whose last time lies so far from its first: with the events a second apart,
-- a match of that many events.
SELECT is_empty($$
	SELECT case_id, pattern, width, want, got FROM (
		SELECT case_id, pattern, width, sequence_match(at, step, pattern || format('(?w<%ss)', width)) AS got,
			(SELECT bool_or(substr(line, b, width) ~ ('^(' || expression || ')' || CASE WHEN ends <> '' THEN '$' ELSE '' END))
			 FROM generate_series(1, length(line)) b
			 WHERE (starts = '' OR b = 1) AND (ends = '' OR b + width > length(line))) AS want
		FROM history JOIN pattern p USING (case_id, pattern) JOIN line USING (case_id), generate_series(1, 4) width
		GROUP BY case_id, pattern, width, line, expression, starts, ends) m
	WHERE got <> coalesce(want, false) AND (pattern !~ '[$^]' OR strpos(pattern, '.*') = 0) LIMIT 3 $$, 'a window');

-- Time conditions in what is repeated: sessions by hand. A view, then views each at most 2 seconds
-- after the one before, then an order.
SELECT is_empty($$
	WITH step AS (
		SELECT case_id, t, letter, t - lag(t, 1, t - 9) OVER (PARTITION BY case_id, letter >= 4 ORDER BY t) AS since FROM event
	), want AS (			-- the views from which on each is close to the one before
		SELECT case_id, t, letter, count(*) FILTER (WHERE letter >= 4 AND since > 2) OVER (PARTITION BY case_id ORDER BY t) AS run FROM step
	), runs AS (
		SELECT case_id, run, count(*) FILTER (WHERE letter >= 4) AS views FROM want WHERE run > 0 GROUP BY case_id, run
	)
	SELECT case_id, views, n FROM (SELECT case_id, max(views) AS views FROM runs GROUP BY case_id) r
	JOIN history USING (case_id), generate_series(2, 4) n
	GROUP BY case_id, views, n
	HAVING sequence_match(at, step, format('(?1)((?t<=2)(?1)){%s,}', n - 1)) <> (views >= n) LIMIT 3 $$,
	'time conditions in what is repeated');

-- Long histories: linear time.
CREATE TABLE long AS SELECT moment(i) AS at, (CASE i % 3 WHEN 0 THEN '100' WHEN 1 THEN '010' ELSE '001' END)::stepset AS step
FROM generate_series(1, 200000) i;
SELECT is(sequence_count(at, step, '(?1)(?2)?(?3)*(?1)'), 33333::bigint, 'every four of 133333 events') FROM long WHERE NOT step = '010';
SELECT is(sequence_count(at, step, '((?1)(?2)(?3)){2,5}(?1)(?w<=6)'), 22222::bigint, 'seven of every nine of 200000 events') FROM long;
SELECT is(cardinality(sequence_match_events(at, step, '^(?!2|3)((?2)(?3)(?1))*(?2)$')), NULL, 'nothing, whatever their number') FROM long;

-- the same over a population
SELECT is_empty($$
	SELECT pattern FROM (SELECT pattern, users_matching(case_id, at, step, pattern) AS got FROM history GROUP BY pattern) g
	JOIN (SELECT pattern, coalesce(userset_agg(case_id) FILTER (WHERE count > 0), '{}') AS want FROM pattern JOIN want USING (case_id) GROUP BY pattern) w USING (pattern)
	WHERE got IS DISTINCT FROM want LIMIT 3 $$, 'users_matching');
SELECT is(users_matching(user_id, at, step, '(?1)(?2)'), NULL, 'users_matching without rows') FROM (SELECT 1::bigint AS user_id, moment(1) AS at, NULL::stepset AS step) n;
SELECT throws_like($$SELECT users_matching(case_id, at, step, '(?4)') FROM history$$, 'pattern names condition (?4), but step has 3', 'a condition that there is not');
SELECT throws_like($$SELECT users_matching(case_id, at, step, NULL) FROM history$$, 'pattern must not be NULL', 'no pattern');
SELECT throws_like($$SELECT users_matching(case_id, at, step, pattern) FROM history$$, 'pattern must be the same for all rows of one group', 'two patterns');
SELECT throws_like($$SELECT users_matching(case_id, at, step, '(?1)') OVER () FROM history$$, '%does not support use as a window function', 'not over a window');

-- many patterns over one population: windows, and steps in another order, one of them twice
CREATE TABLE question AS
SELECT row_number() OVER (ORDER BY pattern) AS n, pattern, kind, (ARRAY['1,2,3', '3,1,2', '2,2,1'])[1 + kind / 2] AS places,
	CASE kind % 2 WHEN 0 THEN '-infinity' ELSE moment(3) END AS since, CASE kind % 2 WHEN 0 THEN 'infinity' ELSE moment(8) END AS until
FROM (SELECT DISTINCT ON (case_id % 30) pattern, case_id / 30 % 6 AS kind FROM pattern ORDER BY case_id % 30, case_id) p;
CREATE TABLE answer AS
SELECT journey_internal.pattern_users(case_id, at, step, (SELECT string_agg(format('[%s, %s) %s: %s;', since, until, places, pattern), ' ' ORDER BY n) FROM question)) AS sets FROM history;
SELECT is(array_length(sets, 1), (SELECT count(*)::int FROM question), 'an answer to each question') FROM answer;
CREATE TABLE wanted AS
SELECT q.n, coalesce(userset_agg(case_id) FILTER (WHERE want), '{}') AS want
FROM question q, LATERAL (SELECT case_id, sequence_match(at, seen, q.pattern) AS want
	FROM (SELECT case_id, at, (SELECT string_agg(substr(step::text, place::int, 1), '' ORDER BY i) FROM unnest(string_to_array(places, ',')) WITH ORDINALITY p(place, i))::stepset AS seen FROM history WHERE at >= since AND at < until) h
	GROUP BY case_id) h GROUP BY q.n;
SELECT is_empty('SELECT pattern, places FROM question JOIN wanted USING (n), answer WHERE sets[n]::text <> want::text', 'as each alone');
SELECT cmp_ok(count(DISTINCT want::text), '>', 20::bigint, 'which differ') FROM wanted;
-- those that are followed event by event: steps in any order, some of them twice, windows, and many events of one time
CREATE TABLE followed AS
SELECT row_number() OVER (ORDER BY places, pattern, since) AS n, pattern, places, since, until
FROM unnest('{"(?1)","(?2|3)","(?1)(?t<=1)(?2)","(?1)(?t<=2)(?2|3)","(?1|2)(?t<3)(?3)","(?1)(?t<=0)(?1)","(?1).*(?2)","(?1).*(?2)(?w<=2)","(?1)(?t<=4)(?2)(?w<=1)","(?1|3).*(?1|2)(?w<=1)",
	"(?1).*(?2).*(?3)","(?1).*(?2).*(?3)(?w<=3)","(?1)(?t<=2)(?2).*(?1)","(?1)(?t<=1)(?2)(?t<=3)(?3)","(?1).*(?1).*(?1)(?w<=2)","(?1)(?t<=1)(?2)(?t<=1)(?3)(?w<=1)","(?1).*(?2).*(?1).*(?2)(?w<=5)"}'::text[]) AS pattern,
	unnest('{"1,2,3","3,2,1","2,3,1","2,2,1","3,1,3"}'::text[]) AS places,
	(VALUES ('-infinity', 'infinity'), (moment(2)::text, moment(7)::text)) AS w(since, until);
CREATE TABLE crowded AS			-- up to 12 events in 10 s, or in 3
SELECT case_id::bigint, moment(rnd(case_id * 100 + i, 1, CASE case_id % 4 WHEN 0 THEN 3 ELSE 10 END)) AS at,
	CASE WHEN rnd(case_id * 100 + i, 2, 20) > 0 THEN (CASE WHEN case_id % 2 = 0 THEN (ARRAY['100', '010', '001'])[1 + rnd(case_id * 100 + i, 3, 3)] ELSE rnd(case_id * 100 + i, 3, 8)::bit(3)::text END)::stepset END AS step
FROM generate_series(1, 600) AS case_id, generate_series(1, 12) AS i WHERE i <= 2 + rnd(case_id, 4, 11);
CREATE TABLE followers AS
SELECT journey_internal.pattern_users(case_id, at, step, (SELECT string_agg(format('[%s, %s) %s: %s;', since, until, places, pattern), ' ' ORDER BY n) FROM followed)) AS sets FROM crowded;
CREATE TABLE expected_followers AS
SELECT q.n, coalesce(userset_agg(case_id) FILTER (WHERE want), '{}') AS want
FROM followed q, LATERAL (SELECT case_id, sequence_match(at, seen, q.pattern) AS want
	FROM (SELECT case_id, at, (SELECT string_agg(substr(step::text, place::int, 1), '' ORDER BY i) FROM unnest(string_to_array(places, ',')) WITH ORDINALITY p(place, i))::stepset AS seen FROM crowded WHERE at >= since::timestamptz AND at < until::timestamptz) h
	GROUP BY case_id) h GROUP BY q.n;
SELECT is_empty('SELECT pattern, places, since FROM followed JOIN expected_followers USING (n), followers WHERE sets[n]::text <> want::text', 'chains, as each alone');
SELECT cmp_ok(count(DISTINCT want::text), '>', 120::bigint, 'which differ, too') FROM expected_followers;
SELECT is_empty($$
	SELECT n FROM followed, followers, (SELECT journey_internal.pattern_users(case_id, at, step, (SELECT string_agg(format('[%s, %s) %s: %s;', since, until, places, pattern), ' ' ORDER BY n) FROM followed)) AS other
		FROM (SELECT * FROM crowded ORDER BY rnd(case_id, 5, 1000), step) AS c) AS o WHERE sets[n]::text <> other[n]::text $$, 'whatever the order of the rows');

SELECT throws_like(format('SELECT journey_internal.pattern_users(case_id, at, step, %L) FROM history', questions), message, 'questions: ' || questions) FROM (VALUES
	('', 'questions has no question at ""'), ('[-infinity, infinity) 1: (?1)', 'questions has no question at "(?1)"'), ('[-infinity, infinity) 0: (?1);', 'questions has no question at " 0: (?1);"'),
	('[-infinity, infinity) 4: (?1);', 'a question is about condition 4, but step has 3 conditions'), ('[-infinity, infinity) 1: (?2);', 'pattern names condition (?2), but step has 1'),
	('[-infinity, infinity) 1: (?1;', 'invalid pattern "(?1": %'), ('[-infinity 1: (?1);', 'questions has no question at "-infinity 1: (?1);"'), ('[-infinity, infinity) 1 (?1);', 'questions has no question at "(?1);"')) AS q(questions, message);

SELECT * FROM finish();
ROLLBACK;
