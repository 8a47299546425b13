-- numeric tags: each measure against a plain query, comparisons with decimals, what is read
-- from them, their history and rights, and numbers that they refuse.
\ir ../setup.psql

CREATE TABLE log AS
SELECT rnd(i, 1, 90)::bigint * CASE rnd(i, 8, 20) WHEN 0 THEN -1 ELSE 1 END + CASE WHEN rnd(i, 1, 90) > 80 THEN 5000000000 ELSE 0 END AS user_id,
	moment(rnd(i, 2, 100) * 86400 + rnd(i, 3, 4) * 3600) AS at,
	(ARRAY['login', 'buy', 'pay'])[1 + rnd(i, 4, 3)] AS event,
	(ARRAY['app', 'web', NULL, '', 'branch'])[1 + rnd(i, 5, 5)] AS channel,
	CASE WHEN rnd(i, 6, 10) > 0 THEN (rnd(i, 7, 2000) - 400) / 100.0 END::numeric(10,2) AS amount,
	rnd(i, 9, 30) AS points
FROM generate_series(1, 900) i;
CREATE FUNCTION day(n float8) RETURNS timestamptz LANGUAGE sql IMMUTABLE RETURN moment(n * 86400);
CREATE VIEW past AS SELECT * FROM log WHERE at < day(90);
SELECT add_source('app', 'log', attrs => '{"channel": "channel", "amount": "amount", "points": "points", "real": "amount::real"}', value => 'amount');
CREATE TABLE log_json AS SELECT user_id, at, event, jsonb_strip_nulls(jsonb_build_object('channel', channel, 'amount', amount)) AS payload FROM log;
SELECT add_source('json', 'log_json', attrs => '"payload"');

SELECT plan(140);

-- ---- each measure -----------------------------------------------------------------------

CREATE TABLE tag (name text, scale int, definition text, oracle text);
INSERT INTO tag VALUES
('buys', NULL, '{"source": "app", "event": "buy", "take": "count"}', $$SELECT user_id, count(*) FROM past WHERE event = 'buy' GROUP BY 1$$),
('hundreds', 2, '{"source": "app", "event": "buy", "take": "count"}', $$SELECT user_id, count(*) FROM past WHERE event = 'buy' GROUP BY 1$$),
('spent', 2, '{"source": "app", "event": ["buy", "pay"], "take": "sum"}', $$SELECT user_id, sum(amount) FROM past WHERE event IN ('buy', 'pay') GROUP BY 1$$),
('spent by app', 3, '{"source": "app", "where": {"channel": "app"}, "take": "sum", "attribute": "amount", "within": "50 days"}', $$SELECT user_id, sum(amount) FROM past WHERE channel = 'app' AND at >= day(40) GROUP BY 1$$),
('json spent', 2, '{"source": "json", "take": "sum", "attribute": "amount"}', $$SELECT user_id, sum(amount) FROM past GROUP BY 1$$),
('points', 0, '{"source": "app", "take": "sum", "attribute": "points"}', $$SELECT user_id, sum(points) FROM past GROUP BY 1$$),
('mean', 1, '{"source": "app", "take": "avg", "attribute": "amount"}', $$SELECT user_id, round(avg(amount), 1) FROM past GROUP BY 1$$),
('least', 2, '{"source": "app", "take": "min", "attribute": "real"}', $$SELECT user_id, min(amount) FROM past GROUP BY 1$$),
('most', 2, '{"source": "app", "take": "max"}', $$SELECT user_id, max(amount) FROM past GROUP BY 1$$),
('channels', NULL, '{"source": "json", "take": "distinct", "attribute": "channel"}', $$SELECT user_id, count(DISTINCT channel) FROM past WHERE channel IS NOT NULL GROUP BY 1$$),
('first', 2, '{"source": "app", "take": "first", "event": "pay"}', $$SELECT user_id, (array_agg(amount ORDER BY at, amount))[1] FROM past WHERE event = 'pay' AND amount IS NOT NULL GROUP BY 1$$),
('last', 2, '{"source": "json", "take": "last", "attribute": "amount"}', $$SELECT user_id, (array_agg(amount ORDER BY at DESC, amount))[1] FROM past WHERE amount IS NOT NULL GROUP BY 1$$),
('age', NULL, '{"source": "app", "take": "days since first"}', $$SELECT user_id, floor(extract(epoch FROM day(90) - min(at)) / 86400) FROM past GROUP BY 1$$),
('absent', 3, '{"source": "app", "event": "login", "take": "days since last"}', $$SELECT user_id, trunc(extract(epoch FROM day(90) - max(at)) / 86400, 3) FROM past WHERE event = 'login' GROUP BY 1$$),
('balance', 2, 'SELECT user_id, sum(amount) FROM log WHERE at < as_of() GROUP BY user_id', 'SELECT user_id, sum(amount) FROM past GROUP BY 1'),
('float', 2, 'SELECT user_id, sum(amount::float8) FROM log WHERE at < as_of() GROUP BY user_id', 'SELECT user_id, sum(amount) FROM past GROUP BY 1'),
('small', NULL, 'SELECT user_id, max(points)::smallint FROM log WHERE at < as_of() GROUP BY user_id', 'SELECT user_id, max(points) FROM past GROUP BY 1'),
('nobody', 1, 'SELECT user_id, 1 FROM log WHERE false', 'SELECT 1, 1 WHERE false');
SELECT lives_ok(format('SELECT create_tag(%L, %L, ''numeric'', scale => %L)', name, definition, scale), 'create ' || name) FROM tag;
SELECT is((SELECT error FROM refresh_tag(name, day(90))), NULL, 'refresh ' || name) FROM tag;

-- What a tag must say, user by user, with as many decimals as it has.
CREATE FUNCTION wanted(name text, oracle text) RETURNS TABLE (user_id bigint, number numeric) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT q.u::bigint, round(q.v, (SELECT coalesce(scale, 0) FROM tag WHERE name = %L)) FROM (%s) AS q(u, v) WHERE q.v IS NOT NULL', name, oracle);
END $$;
CREATE FUNCTION got(name text) RETURNS TABLE (user_id bigint, number numeric) LANGUAGE sql AS $$
	SELECT e.user_id, journey_internal.tag_value(e.value, d.scale) FROM definitions d, numset_entries(tag_numset(d.name)) e WHERE d.name = $1 $$;
SELECT set_eq(format('SELECT user_id, number::text FROM got(%L)', name), format('SELECT user_id, number::text FROM wanted(%L, %L)', name, oracle), name || ': ' || (SELECT count(*) FROM got(name)) || ' users') FROM tag;
SELECT is((SELECT count(*)::int FROM tag, wanted(name, oracle) w, profile(w.user_id, events => 0) p WHERE p.kind = 'tag' AND p.name = tag.name AND p.value = w.number::text),
	(SELECT count(*)::int FROM tag, wanted(name, oracle)), 'profiles say the same');
SELECT is((SELECT count(*)::int FROM tag, profile(987654, events => 0) p WHERE p.name = tag.name AND p.value IS NULL), (SELECT count(*)::int FROM tag), 'and nothing of a stranger');

-- ---- comparisons ------------------------------------------------------------------------

CREATE TABLE answers AS
SELECT tag.name, operator, bound, tag_users_where(tag.name, operator, bound) AS got,
	(SELECT coalesce(userset_agg(w.user_id) FILTER (WHERE CASE operator WHEN '=' THEN number = bound WHEN '!=' THEN number <> bound WHEN '<' THEN number < bound
		WHEN '<=' THEN number <= bound WHEN '>' THEN number > bound ELSE number >= bound END), '{}') FROM wanted(tag.name, oracle) w) AS want
FROM tag, unnest('{=,!=,<,<=,>,>=}'::text[]) AS operator, unnest('{-Infinity,-1e30,-3.995,-0.5,0,1,2,5.05,7.123,12.5,29,29.9999999999,60,9223372036854775808,1e30,Infinity}'::numeric[]
	|| (SELECT array_agg(DISTINCT number) FROM (SELECT number FROM wanted(tag.name, oracle) ORDER BY number LIMIT 6) w)) AS bound;
SELECT cmp_ok(count(*), '>', 1500::bigint, 'comparisons') FROM answers;
SELECT is_empty('SELECT * FROM answers WHERE got::text <> want::text', 'give the users that a plain query gives');
SELECT is_empty($$SELECT tag.name, low, high FROM tag, unnest('{NULL,-2.5,0,3,7.5}'::numeric[]) low, unnest('{NULL,-2.5,0,3,7.5,40}'::numeric[]) high
	WHERE tag_users_between(tag.name, low, high)::text <> (SELECT coalesce(userset_agg(w.user_id) FILTER (WHERE number >= coalesce(low, '-Infinity') AND number <= coalesce(high, 'Infinity')), '{}')::text FROM wanted(tag.name, oracle) w)$$,
	'tag_users_between');
SELECT is(tag_users('buys', '2')::text, tag_users_where('buys', '=', 2)::text, 'tag_users takes a number');
SELECT is(tag_users('balance', '2.005')::text, '{}', 'nobody has a number with more decimals');
SELECT throws_like($$SELECT tag_users('buys', 'many')$$, 'tag "buys" is numeric, and its value cannot be "many"', 'nor is there a word');
SELECT throws_like($$SELECT tag_users_where('buys', 'NaN', 2)$$, 'operator is NaN', 'no operator');
SELECT throws_like($$SELECT tag_users_where('buys', '<', 'NaN')$$, 'number is NaN', 'no number');
SELECT throws_like($$SELECT tag_users_where('buys', '<', NULL)$$, 'number must not be NULL', 'NULL');

-- ---- rules ------------------------------------------------------------------------------

SELECT lives_ok($$SELECT create_segment('rich', '{"source": "app", "rule": {"and": [{"tag": "balance", "is": {">=": 20.5, "<": 100}}, {"not": {"tag": "buys", "is": 2}}]}}')$$, 'a rule over numbers');
SELECT is((SELECT error FROM refresh_segment('rich', day(90))), NULL, 'is refreshed');
SELECT is(segment('rich')::text, (SELECT userset_agg(user_id)::text FROM (SELECT user_id FROM past GROUP BY 1 HAVING sum(amount) >= 20.5 AND sum(amount) < 100 AND count(*) FILTER (WHERE event = 'buy') <> 2) s), 'and right');
SELECT is((SELECT depends_on FROM segments WHERE name = 'rich'), '{balance,buys}'::text[], 'it depends on them');
SELECT lives_ok($$SELECT create_segment('richer', 'SELECT numset_top(tag_numset(''balance''), 3) & tag_users_between(''age'', 0, 50)')$$, 'a SELECT, too');
SELECT is((SELECT depends_on FROM segments WHERE name = 'richer'), '{age,balance}'::text[], 'depends on them');
SELECT throws_like($$SELECT create_segment('x', '{"source": "app", "rule": {"tag": "balance"}}')$$, '"tag" needs "value" or "is"%', 'neither value nor is');
SELECT throws_like($$SELECT create_segment('x', '{"source": "app", "rule": {"tag": "balance", "is": {"~": 1}}}')$$, '"is" is {"~": 1}', 'no such comparison');
SELECT throws_like($$SELECT create_segment('x', '{"source": "app", "rule": {"tag": "balance", "is": {}}}')$$, '"is" is empty', 'none');

-- ---- summaries --------------------------------------------------------------------------

SELECT results_eq($$SELECT value, users, round(share::numeric, 9) FROM tag_summary('buys')$$, $$SELECT n::text, count(*), round(count(*) / sum(count(*)) OVER (), 9) FROM (SELECT count(*) AS n FROM past WHERE event = 'buy' GROUP BY user_id) s GROUP BY n ORDER BY n$$,
	'a few numbers, in ascending order');
SELECT is((SELECT count(*)::int FROM tag_summary('balance')), 10, 'many numbers become ten ranges');
SELECT is((SELECT sum(users) FROM tag_summary('balance')), (SELECT count(*)::numeric FROM got('balance')), 'of everybody');
SELECT is_empty($$SELECT * FROM tag_summary('balance') s WHERE users <> (SELECT count(*) FROM got('balance') WHERE number BETWEEN split_part(s.value, ' to ', 1)::numeric AND split_part(s.value, ' to ', 2)::numeric)$$, 'the ranges say whom they hold');
SELECT cmp_ok(max(users) - min(users), '<=', 2::bigint, 'and hold about as many each') FROM tag_summary('balance');
SELECT is_empty($$SELECT * FROM tag_summary('nobody')$$, 'nobody has a number');
SELECT is((SELECT sum(users) FROM tag_cross('balance', 'channels')), (SELECT count(*)::numeric FROM got('channels') c JOIN got('balance') b USING (user_id)), 'tag_cross');
SELECT results_eq($$SELECT users, sum, round(avg, 12), min, p25, median, p75, p90, p99, max FROM tag_stats('balance')$$, $$SELECT count(*), sum(number), round(avg(number), 12), min(number), percentile_disc(0.25) WITHIN GROUP (ORDER BY number), percentile_disc(0.5) WITHIN GROUP (ORDER BY number),
	percentile_disc(0.75) WITHIN GROUP (ORDER BY number), percentile_disc(0.9) WITHIN GROUP (ORDER BY number), percentile_disc(0.99) WITHIN GROUP (ORDER BY number), max(number) FROM got('balance')$$, 'tag_stats');
SELECT results_eq($$SELECT * FROM tag_stats('nobody')$$, $$SELECT 0::bigint, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric$$, 'of nobody');
SELECT results_eq(format('SELECT lower, upper, CASE WHEN users >= %s THEN users END, CASE WHEN users >= %1$s THEN share END FROM tag_histogram(''balance'', ''{0,1,12.5,100}'')', k),
	format('SELECT * FROM tag_histogram(''balance'', ''{0,1,12.5,100}'', min_users => %s)', k), 'tag_histogram, at least ' || k) FROM unnest('{0,1,4,20,100000}'::int[]) AS k;
SELECT is((SELECT count(*)::int FROM tag_stats('balance', min_users => (SELECT count(*)::int FROM got('balance'))) AS s WHERE s = (SELECT t FROM tag_stats('balance') AS t)), 1, 'tag_stats of enough users');
SELECT is((SELECT s::text FROM tag_stats('balance', min_users => 1 + (SELECT count(*)::int FROM got('balance'))) AS s), '(,,,,,,,,,)', 'and of too few');
SELECT is((SELECT count(*)::int FROM tag_summary('buys', min_users => 3) AS s FULL JOIN (SELECT n::text AS value, count(*) AS users FROM (SELECT number AS n FROM got('buys')) AS g GROUP BY 1 HAVING count(*) >= 3) AS o ON o.value = s.value AND o.users = s.users
	WHERE s.users IS NOT NULL AND o.value IS NULL OR s.users IS NULL AND num_nonnulls(s.value, s.share) > 0 OR s.users IS NULL AND o.value IS NOT NULL), 0, 'numbers of few are not shown');
SELECT throws_ok(format('SELECT * FROM %s', call), state, message, call) FROM (VALUES ('tag_histogram(''balance'', ''{1}'', min_users => -1)', '22023', 'min_users is -1'), ('tag_stats(''balance'', NULL, NULL)', '22004', 'min_users must not be NULL')) AS v(call, state, message);
SELECT results_eq($$SELECT row_number() OVER (ORDER BY lower NULLS FIRST)::int, lower, upper, users FROM tag_histogram('balance', '{0,12.5,100}')$$, $$SELECT width_bucket(b, ARRAY[0,12.5,100]) + 1, (ARRAY[NULL,0,12.5,100])[n], (ARRAY[0,12.5,100])[n], (SELECT count(*) FROM got('balance') WHERE width_bucket(number, ARRAY[0,12.5,100]) + 1 = n)
	FROM generate_series(1, 4) n, unnest(ARRAY[(ARRAY[-1,1,50,500])[n]::numeric]) b$$, 'tag_histogram');

-- ---- numbers that are refused -------------------------------------------------------------

CREATE FUNCTION error_of(definition text, scale int DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
	PERFORM create_tag('x', definition, 'numeric', scale => scale);
	SELECT error INTO result FROM refresh_tag('x', day(90));
	PERFORM drop_tag('x');
	RETURN result;
END $$;
SET LOCAL client_min_messages = error;
SELECT is(error_of('SELECT 1, 2.5'), 'the number 2.5 has more than 0 decimals', 'decimals');
SELECT is(error_of('SELECT 1, 2.125::float8', 2), 'the number 2.125 has more than 2 decimals', 'of a float8');
SELECT is(error_of('SELECT 1, 2.5::float8 UNION SELECT 2, 0.1::float8 + 0.2::float8', 1), NULL, '0.1 + 0.2 is 0.3');
SELECT is(error_of($q$SELECT 1, 'NaN'::float8$q$), 'a numeric tag cannot hold the number NaN', 'NaN');
SELECT is(error_of($q$SELECT 1, '-Infinity'::numeric$q$), 'a numeric tag cannot hold the number -Infinity', 'infinity');
SELECT is(error_of('SELECT 1, 1e17', 2), 'a numeric tag cannot hold the number 100000000000000000', 'too large');
SELECT is(error_of('SELECT 1, 9223372036854775807 UNION SELECT 2, -9223372036854775808'), NULL, 'both ends of bigint');
SELECT is(error_of('SELECT 1, 92233720368547758.07 UNION SELECT 2, -92233720368547758.08', 2), NULL, 'with decimals');
SELECT is(error_of('SELECT user_id % 5, user_id FROM log WHERE user_id > 0'), format('the definition of tag "x" returns %s rows for 5 users', (SELECT count(*) FROM log WHERE user_id > 0)), 'a user twice');
SELECT is(error_of('SELECT NULL::int, 5 UNION ALL SELECT 5, NULL UNION ALL SELECT 6, 0'), NULL, 'NULLs are left out');
SELECT is(error_of($q${"source": "app", "take": "sum"}$q$), 'the number ' || (SELECT (regexp_match(error_of($q${"source": "app", "take": "sum"}$q$), 'number (\S+)'))[1]) || ' has more than 0 decimals', 'decimals of a source');
SET LOCAL client_min_messages = warning;
SELECT throws_like($$SELECT create_tag('x', 'SELECT 1, 2', 'numeric', scale => 19)$$, 'scale is 19 for a tag by method "numeric"', 'too many decimals');
SELECT throws_like($$SELECT create_tag('x', 'SELECT 1, 2', 'sql', scale => 1)$$, 'scale is 1 for a tag by method "sql"', 'another method has none');
SELECT throws_like($$SELECT create_tag('x', 'SELECT 1, true', 'numeric')$$, 'the definition of tag "x" returns numbers of type boolean', 'no number');
SELECT throws_like($$SELECT create_tag('x', '{"source": "app", "take": "sum", "attribute": "channel"}', 'numeric')$$, 'the sum of "channel" is asked for, which is of type text', 'the sum of a text');
SELECT throws_like($$SELECT create_tag('x', '{"source": "app", "take": "mode"}', 'numeric')$$, '"take" is mode', 'no measure');
SELECT throws_like($$SELECT create_tag('x', '{"source": "app", "take": "count", "attribute": "points"}', 'numeric')$$, '"take" is count, which is of no attribute', 'count of an attribute');
SELECT throws_like($$SELECT create_tag('x', '{"source": "app", "take": "sum", "attribute": 5}', 'numeric')$$, '"attribute" is 5', 'no attribute');

-- ---- versions ---------------------------------------------------------------------------

SELECT results_eq($$SELECT users, entered, exited FROM refresh_tag('balance', day(95))$$, $$SELECT count(*), count(*) FILTER (WHERE old IS NULL), 0::bigint
	FROM (SELECT user_id, sum(amount) AS new, sum(amount) FILTER (WHERE at < day(90)) AS old FROM log WHERE at < day(95) GROUP BY 1) s WHERE new IS NOT NULL$$, 'another version, and who entered');
SELECT is((SELECT sum(value) FROM numset_entries(tag_numset('balance', day(94)))), (SELECT sum(amount) * 100 FROM past), 'the old one is there');
SELECT lives_ok($$SELECT alter_tag('balance', 'SELECT user_id, sum(amount) FROM log WHERE at < as_of() GROUP BY user_id', 'numeric', scale => 4)$$, 'another scale');
SELECT is((SELECT scale FROM definitions WHERE name = 'balance' AND alter_tag(name, definition, 'numeric') IS NOT NULL), 4, 'stays');
SELECT is((SELECT error FROM refresh_tag('balance', day(96))), NULL, 'is refreshed');
SELECT is(ARRAY(SELECT (SELECT max FROM tag_stats('balance', a)) = (SELECT max(s) FROM (SELECT sum(amount) AS s FROM log WHERE at < a GROUP BY user_id) s) FROM unnest(ARRAY[day(90), day(96)]) a), '{t,t}', 'each version has its own scale');
SELECT lives_ok($$SELECT alter_tag('balance', 'SELECT DISTINCT user_id, event FROM log WHERE at < as_of()', 'sql')$$, 'another kind');
SELECT is((SELECT scale FROM definitions WHERE name = 'balance'), NULL, 'without scale');
SELECT is((SELECT error FROM refresh_tag('balance', day(97))), NULL, 'is refreshed');
SELECT throws_like($$SELECT tag_numset('balance')$$, 'tag "balance" is not numeric', 'it has no numbers any more');
SELECT is((SELECT users FROM tag_stats('balance', day(96))), (SELECT count(DISTINCT user_id) FROM log WHERE at < day(96) AND amount IS NOT NULL), 'its old versions have');
SELECT results_eq($$SELECT value FROM profile(7, day(98), events => 0) WHERE name = 'balance' ORDER BY 1$$, $$SELECT DISTINCT event FROM log WHERE user_id = 7 AND at < day(97) ORDER BY 1$$, 'a profile follows');

-- ---- looking one user up ------------------------------------------------------------------

SELECT is((SELECT value FROM profile(7, day(94), events => 0) WHERE name = 'balance'), (SELECT round(sum(amount), 2)::text FROM past WHERE user_id = 7), 'a profile from an older version');
SELECT is((SELECT count(*)::int FROM numbers_by_user b WHERE as_of <> (SELECT max(as_of) FROM versions v WHERE v.id = b.id AND scale IS NOT NULL)), 0, 'only the newest is kept by user');
SELECT is((SELECT count(value)::int FROM unnest('{-100,4999999999,-9223372036854775808,9223372036854775807}'::bigint[]) u, profile(u, events => 0) WHERE kind = 'tag'), 0, 'strangers before, between and after all have nothing');
CREATE TABLE shape (name text, numbers numset);
INSERT INTO shape
SELECT 'dense', numset_agg(i, i * 7 % 1000) FROM generate_series(-1000, 5000) i UNION ALL
SELECT 'one number', numset_agg(i, 5) FROM generate_series(1, 3000) i UNION ALL
SELECT 'sparse', numset_agg(i * 7919::bigint * i, i % 13 - 6) FROM generate_series(1, 4000) i UNION ALL
SELECT 'large', numset_agg(hashint8extended(i, 1), hashint8extended(i, 2)) FROM generate_series(1, 3000) i UNION ALL
SELECT 'ends', numset_agg(u, v) FROM unnest('{-9223372036854775808,-1,0,9223372036854775807}'::bigint[], '{9223372036854775807,-9223372036854775808,0,9223372036854775807}'::bigint[]) e(u, v) UNION ALL
SELECT 'one', '{5:-7}' UNION ALL SELECT 'none', '{}';
CREATE TABLE by_user AS SELECT name, r.* FROM shape s, journey_internal.numbers_by_user(s.numbers) r;
CREATE FUNCTION looked_up(shape text, u bigint) RETURNS bigint LANGUAGE sql AS $$
	SELECT journey_internal.number_in_row(numbers, first_user, u) FROM by_user WHERE name = shape AND first_user <= u ORDER BY first_user DESC LIMIT 1 $$;
CREATE INDEX ON by_user (name, first_user);
SELECT is_empty($$SELECT name, e.* FROM shape, numset_entries(numbers) e WHERE looked_up(name, user_id) IS DISTINCT FROM value$$, 'everybody is found, whatever the ids and numbers');
SELECT is_empty($$SELECT name, u FROM shape, numset_entries(numbers) e, LATERAL (VALUES (user_id + CASE WHEN user_id < 9223372036854775807 THEN 1 ELSE 0 END), (user_id - CASE WHEN user_id > -9223372036854775808 THEN 1 ELSE 0 END)) n(u)
	WHERE looked_up(name, u) IS DISTINCT FROM numset_value(numbers, u)$$, 'and their neighbours, if they are there');
SELECT ok(bool_and(journey_internal.is_number_row(numbers) AND octet_length(numbers) <= 1800) AND count(*) > 20, 'rows are small') FROM by_user;

-- ---- rights -----------------------------------------------------------------------------

CREATE ROLE journey_mallory;
GRANT USAGE ON SCHEMA journey, journey_test TO journey_mallory;
SET LOCAL ROLE journey_mallory;
SELECT is_empty('SELECT * FROM version_numbers', 'others see no numbers');
SELECT throws_like($$SELECT tag_numset('buys')$$, 'there is no tag "buys" that you may read', 'by no function');
SELECT throws_ok($$INSERT INTO version_numbers VALUES (1, journey_test.day(90), '{}')$$, '42501', NULL, 'and add none');
RESET ROLE;
SELECT lives_ok($$SELECT grant_tag('buys', 'journey_mallory')$$, 'granted');
SET LOCAL ROLE journey_mallory;
SELECT cmp_ok(numset_count(tag_numset('buys')), '>', 50::bigint, 'they see them');
SELECT is_empty($$DELETE FROM version_numbers RETURNING id$$, 'but remove none');
RESET ROLE;

-- ---- in parallel plans ------------------------------------------------------------------

-- in which no error can be caught
CREATE TABLE many AS SELECT i % 100 AS user_id FROM generate_series(1, 10000) i;
ALTER TABLE many SET (parallel_workers = 2);
CREATE TABLE note (user_id int, at timestamptz, event text, payload jsonb);
INSERT INTO note VALUES (1, '2024-01-01 00:00+00', 'a', '{"n": null}'), (1, '2024-01-01 00:00+00', 'a', '{"n": 1}'), (2, '2024-01-01 00:00+00', 'a', '{"n": null}');
ANALYZE many;
SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL max_parallel_workers_per_gather = 2;
SELECT create_tag('parity', 'SELECT i, i % 2 FROM generate_series(0, 99) i', 'numeric');
SELECT create_segment('odd', 'SELECT user_id FROM many WHERE contains((SELECT tag_users(''parity'', ''1'')), user_id)');
SELECT count(*) FROM refresh_tag('parity');
SELECT is((SELECT count(*)::int FROM many WHERE contains((SELECT tag_users('parity', '1')), user_id)), 5000, 'tag_users of a numeric tag in a parallel plan');
SELECT results_eq($$SELECT users, error FROM refresh_segment('odd')$$, $$VALUES (50::bigint, NULL::text)$$, 'also in a definition');
SELECT throws_like(format('SELECT tag_users(''parity'', %L)', value), 'tag "parity" is numeric, and its value cannot be %', quote_literal(value)) FROM unnest('{"1,5"}'::text[]) AS value;

-- the null of JSON is no value
SELECT add_source('note', 'note', attrs => '"payload"');
SELECT create_tag('different', '{"source": "note", "take": "distinct", "attribute": "n"}', 'numeric');
SELECT count(*) FROM refresh_tag('different');
SELECT is(tag_numset('different'), '{1:1}', 'distinct counts no JSON null');

SELECT * FROM finish();
ROLLBACK;
