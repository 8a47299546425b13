-- window_funnel and window_funnel_times against oracles that know no state but the whole
-- history: every chain is enumerated, and the definition picks among them.
\ir ../setup.psql

-- Small histories with many equal times, rows that meet several conditions or none, rows
-- with a NULL time or step, and users without rows. `within` belongs to the user.
CREATE TABLE customer AS
SELECT u AS user_id,
	(ARRAY[1, 2, 3, 4, 4, 3, 4, 2])[1 + u % 8] AS n,
	make_interval(secs => rnd(u, 1, 7)) AS within,
	rnd(u, 2, 8) AS nrows,
	(ARRAY[7, 7, 2, 1])[1 + rnd(u, 3, 4)] AS seconds,	-- how many different times
	rnd(u, 4, 3) AS density
FROM generate_series(1, 4000) u;

CREATE TABLE event AS
SELECT user_id, j AS id, n, within,
	CASE WHEN rnd(key, 5, 20) > 0 THEN moment(rnd(key, 6, seconds)) END AS at,
	CASE WHEN rnd(key, 7, 20) > 0 THEN left((CASE density
		WHEN 0 THEN rnd(key, 8, 16)							-- each condition at 1/2
		WHEN 1 THEN rnd(key, 8, 16) & rnd(key, 9, 16)		-- at 1/4
		ELSE 1 << rnd(key, 8, 4)							-- one condition, or none
	END)::bit(4)::text, n) END AS s
FROM customer, generate_series(1, nrows) j, LATERAL (SELECT user_id * 8 + j AS key) k;

-- The same, with users without rows as one row of NULLs.
CREATE VIEW history AS
SELECT c.user_id, c.n, c.within, e.id, e.at, e.s::stepset AS step
FROM customer c LEFT JOIN event e USING (user_id);

CREATE INDEX ON event (user_id);
ANALYZE event;
ANALYZE customer;

-- Every chain of a user under the definition of the modes that restrict a chain by itself.
CREATE FUNCTION all_chains(increase boolean, once boolean)
	RETURNS TABLE (user_id int, level int, ids int[], times timestamptz[])
	LANGUAGE sql
BEGIN ATOMIC
	WITH RECURSIVE chain AS (
		SELECT e.user_id, 1 AS level, ARRAY[e.id] AS ids, ARRAY[e.at] AS times
		FROM event e
		WHERE e.at IS NOT NULL AND meets(e.s, 1)
		UNION ALL
		SELECT e.user_id, c.level + 1, c.ids || e.id, c.times || e.at
		FROM chain c JOIN event e USING (user_id)
		WHERE meets(e.s, c.level + 1)
			AND e.at >= c.times[c.level]
			AND NOT (increase AND e.at = c.times[c.level])
			AND NOT (once AND e.id = ANY (c.ids))
			AND e.at - c.times[1] <= e.within
	)
	SELECT * FROM chain;
END;

-- Of all chains: the deepest, of those the first to end, then the latest to start, then
-- the one whose steps are earliest.
CREATE FUNCTION best_chains(increase boolean, once boolean)
	RETURNS TABLE (user_id int, level int, times timestamptz[])
	LANGUAGE sql
BEGIN ATOMIC
	SELECT c.user_id, coalesce(b.level, 0), b.times
	FROM customer c LEFT JOIN (
		SELECT DISTINCT ON (user_id) * FROM all_chains(increase, once)
		ORDER BY user_id, level DESC, times[level], times[1] DESC, times
	) b USING (user_id);
END;

-- ClickHouse's windowFunnel: (time, condition) pairs in order, the latest start a level.
CREATE FUNCTION clickhouse(customer customer, mode text) RETURNS int
	LANGUAGE plpgsql STABLE AS $$
DECLARE
	strict_order CONSTANT boolean := mode ~ 'strict_order';
	dedup CONSTANT boolean := mode ~ 'strict_deduplication';
	reentry CONSTANT boolean := mode ~ 'allow_reentry';
	began timestamptz[] := array_fill(NULL::timestamptz, ARRAY[customer.n]);
	started boolean := false;
	reached int := 0;
	pair record;
BEGIN
	FOR pair IN
		SELECT e.at, k
		FROM event e, generate_series(0, customer.n) k
		WHERE e.user_id = customer.user_id AND e.at IS NOT NULL AND e.s IS NOT NULL
			AND CASE WHEN k = 0 THEN strict_order AND e.s !~ '1' ELSE meets(e.s, k) END
		ORDER BY e.at, k
	LOOP
		IF pair.k = 0 THEN
			EXIT WHEN started;
		ELSIF pair.k = 1 THEN
			began[1] := pair.at;
			started := true;
		ELSIF dedup AND began[pair.k] IS NOT NULL THEN
			EXIT;
		ELSIF strict_order AND started AND began[pair.k - 1] IS NULL THEN
			EXIT WHEN NOT reentry;
		ELSIF began[pair.k - 1] IS NOT NULL AND pair.at - began[pair.k - 1] <= customer.within THEN
			began[pair.k] := began[pair.k - 1];
		END IF;
	END LOOP;
	FOR k IN 1 .. customer.n LOOP
		IF began[k] IS NOT NULL THEN
			reached := k;
		END IF;
	END LOOP;
	RETURN reached;
END $$;

-- All modes together: the same machine, which keeps every chain instead of one start a
-- level. All rows of one time that meet one condition are one turn of it.
CREATE TYPE chain AS (level int, ids int[], times timestamptz[]);

CREATE FUNCTION walk(customer customer, mode text) RETURNS chain
	LANGUAGE plpgsql STABLE AS $$
DECLARE
	strict_order CONSTANT boolean := mode ~ 'strict_order';
	dedup CONSTANT boolean := mode ~ 'strict_deduplication';
	increase CONSTANT boolean := mode ~ 'strict_increase';
	once CONSTANT boolean := mode ~ 'strict_once';
	reentry CONSTANT boolean := mode ~ 'allow_reentry';
	chains chain[] := '{}';
	grown chain[];
	one chain;
	id int;
	turn record;
	reached int := 0;
BEGIN
	FOR turn IN
		SELECT e.at, k, array_agg(e.id) AS ids
		FROM event e, generate_series(0, customer.n) k
		WHERE e.user_id = customer.user_id AND e.at IS NOT NULL AND e.s IS NOT NULL
			AND CASE WHEN k = 0 THEN strict_order AND e.s !~ '1' ELSE meets(e.s, k) END
		GROUP BY e.at, k
		ORDER BY e.at, k
	LOOP
		EXIT WHEN turn.k = 0 AND reached > 0;
		CONTINUE WHEN turn.k = 0;
		EXIT WHEN dedup AND turn.k > 1 AND reached >= turn.k;
		IF strict_order AND reached > 0 AND reached < turn.k - 1 THEN
			EXIT WHEN NOT reentry;
			CONTINUE;
		END IF;
		grown := '{}';
		FOREACH id IN ARRAY turn.ids LOOP
			IF turn.k = 1 THEN
				grown := grown || ROW(1, ARRAY[id], ARRAY[turn.at])::chain;
			END IF;
			FOREACH one IN ARRAY chains LOOP
				IF one.level = turn.k - 1 AND turn.at - one.times[1] <= customer.within
					AND NOT (increase AND turn.at = one.times[one.level])
					AND NOT (once AND id = ANY (one.ids))
				THEN
					grown := grown || ROW(turn.k, one.ids || id, one.times || turn.at)::chain;
				END IF;
			END LOOP;
		END LOOP;
		IF cardinality(grown) > 0 THEN
			reached := greatest(reached, turn.k);
		END IF;
		chains := chains || grown;
		EXIT WHEN dedup AND turn.k > 1 AND reached >= turn.k AND cardinality(turn.ids) > 1;
	END LOOP;
	SELECT c.level, c.ids, c.times INTO one FROM unnest(chains) c
	ORDER BY c.level DESC, CASE WHEN mode ~ 'first_chain' THEN c.times END, c.times[c.level], c.times[1] DESC, c.times LIMIT 1;
	RETURN one;
END $$;

CREATE TABLE combination AS
SELECT row_number() OVER () AS c, concat_ws(', ', first, second) AS mode
FROM unnest(ARRAY[NULL, 'strict_order', 'strict_order, allow_reentry', 'strict_deduplication',
		'strict_deduplication, strict_order', 'allow_reentry, strict_deduplication, strict_order']) first,
	unnest(ARRAY[NULL, 'strict_increase', 'strict_once', 'strict_once, strict_increase']) second;

SELECT plan(129);

-- ---- the histories are worth testing with ----------------------------------------------

SELECT ok(count(*) FILTER (WHERE level = 0) > 300 AND count(*) FILTER (WHERE level = 1) > 300
	AND count(*) FILTER (WHERE level = 2) > 300 AND count(*) FILTER (WHERE level = 3) > 300
	AND count(*) FILTER (WHERE level = 4) > 100, 'the histories reach every level')
FROM best_chains(false, false);

SELECT ok(count(*) FILTER (WHERE a.level > b.level) > 50 AND count(*) FILTER (WHERE b.level > c.level) > 50,
	'and the modes differ on them')
FROM best_chains(false, false) a JOIN best_chains(false, true) b USING (user_id)
	JOIN best_chains(true, false) c USING (user_id);

-- ---- the chain by itself: default, strict_increase, strict_once -------------------------

SELECT is_empty(format($q$
	SELECT h.user_id, o.level AS want, window_funnel(h.at, h.step, h.within %1$s) AS got
	FROM history h JOIN best_chains(%2$L, %3$L) o USING (user_id)
	GROUP BY h.user_id, o.level
	HAVING window_funnel(h.at, h.step, h.within %1$s) <> o.level LIMIT 3 $q$,
	', ' || quote_literal(mode), increase, once), format('level, mode %L: the longest chain', mode))
FROM (VALUES (NULL, false, false), ('', false, false), ('strict_increase', true, false),
	('strict_once', false, true), ('strict_increase,strict_once', true, true)) m (mode, increase, once);

SELECT is_empty(format($q$
	SELECT h.user_id, o.times AS want, window_funnel_times(h.at, h.step, h.within %1$s) AS got
	FROM history h JOIN best_chains(%2$L, %3$L) o USING (user_id)
	GROUP BY h.user_id, o.times
	HAVING window_funnel_times(h.at, h.step, h.within %1$s) IS DISTINCT FROM o.times LIMIT 3 $q$,
	', ' || quote_literal(mode), increase, once),
	format('times, mode %L: the deepest chain that ends first, then starts last, with the earliest steps', mode))
FROM (VALUES (NULL, false, false), ('', false, false), ('strict_increase', true, false),
	('strict_once', false, true), ('strict_increase,strict_once', true, true)) m (mode, increase, once);

-- The times are a certificate of the level: as many, of one of the chains there are.
SELECT is_empty(format($q$
	SELECT user_id, got FROM (
		SELECT user_id, window_funnel(at, step, within, %1$L) AS level,
			window_funnel_times(at, step, within, %1$L) AS got
		FROM history GROUP BY user_id) g
	WHERE coalesce(cardinality(got), 0) <> level
		OR level > 0 AND NOT EXISTS (
			SELECT FROM all_chains(%2$L, %3$L) c WHERE c.user_id = g.user_id AND c.times = got) LIMIT 3 $q$,
	mode, increase, once), format('times, mode %L: as many as the level, of real events', mode))
FROM (VALUES ('', false, false), ('strict_increase', true, false),
	('strict_once', false, true)) m (mode, increase, once);

-- ---- ClickHouse's machine ---------------------------------------------------------------

SELECT is_empty(format($q$
	SELECT user_id, clickhouse(c, %1$L) AS want, got
	FROM customer c JOIN (
		SELECT user_id, window_funnel(at, step, within, %1$L) AS got FROM history GROUP BY user_id) g
		USING (user_id)
	WHERE clickhouse(c, %1$L) <> got LIMIT 3 $q$, mode), format('level, mode %L: windowFunnel of ClickHouse', mode))
FROM combination WHERE mode !~ 'increase|once';

-- ---- all combinations -------------------------------------------------------------------

-- Each takes another quarter of the users.
SELECT is_empty(format($q$
	SELECT user_id, coalesce(w.level, 0) AS want, got
	FROM customer c JOIN (
		SELECT user_id, window_funnel(at, step, within, %1$L) AS got FROM history GROUP BY user_id) g
		USING (user_id), LATERAL walk(c, %1$L) w
	WHERE user_id %% 4 = %2$s AND coalesce(w.level, 0) <> got LIMIT 3 $q$, mode, c % 4),
	format('level, mode %L: all chains that the machine keeps', mode))
FROM combination;

SELECT is_empty(format($q$
	SELECT user_id, w.times AS want, got
	FROM customer c JOIN (
		SELECT user_id, window_funnel_times(at, step, within, %1$L) AS got FROM history GROUP BY user_id) g
		USING (user_id), LATERAL walk(c, %1$L) w
	WHERE user_id %% 4 = %2$s AND w.times IS DISTINCT FROM got LIMIT 3 $q$, mode, (c + 1) % 4),
	format('times, mode %L: the documented choice among them', mode))
FROM combination;

-- first_chain: of the same chains the one that starts first, its steps as early as possible.
SELECT is_empty(format($q$
	SELECT user_id, coalesce(w.level, 0) AS level, w.times AS want, got, got_level
	FROM customer c JOIN (
		SELECT user_id, window_funnel_times(at, step, within, %1$L) AS got, window_funnel(at, step, within, %1$L) AS got_level FROM history GROUP BY user_id) g
		USING (user_id), LATERAL walk(c, %1$L) w
	WHERE user_id %% 4 = %2$s AND (w.times IS DISTINCT FROM got OR coalesce(w.level, 0) <> got_level) LIMIT 3 $q$, concat_ws(', ', nullif(mode, ''), 'first_chain'), (c + 2) % 4),
	format('mode %L with first_chain: the chain that starts first', mode))
FROM combination;
SELECT is_empty($q$
	SELECT user_id FROM history GROUP BY user_id
	HAVING window_funnel_times(at, step, within, 'latest_chain') IS DISTINCT FROM window_funnel_times(at, step, within) $q$, 'latest_chain is the default');
SELECT ok(count(*) FILTER (WHERE first[1] < latest[1]) > 100 AND count(*) FILTER (WHERE first[1] = latest[1] AND cardinality(first) > 1) > 100
	AND bool_and(first <= latest), 'first_chain starts earlier for many, not for all')
FROM (SELECT window_funnel_times(at, step, within, 'first_chain') AS first, window_funnel_times(at, step, within) AS latest FROM history GROUP BY user_id) t
WHERE first IS NOT NULL;

-- ---- any_order --------------------------------------------------------------------------

-- All ways to give conditions events of their own that lie within one window. Of the largest
-- the first to be complete, and of those the one with the latest events.
CREATE TABLE placed AS
SELECT user_id, within, at, s,
	row_number() OVER (PARTITION BY user_id ORDER BY at, s COLLATE "C" DESC)::int AS place
FROM event WHERE at IS NOT NULL AND s IS NOT NULL;
CREATE INDEX ON placed (user_id);
ANALYZE placed;
CREATE TABLE choice AS
WITH RECURSIVE choice AS (
	SELECT user_id, 0 AS k, '{}'::int[] AS places, NULL::timestamptz AS first, NULL::timestamptz AS last, '{}'::timestamptz[] AS times
	FROM customer
	UNION ALL
	SELECT c.user_id, k + 1, places || coalesce(e.place, 0), least(first, e.at), greatest(last, e.at),
		CASE WHEN e.place IS NULL THEN times ELSE times || e.at END
	FROM choice c, LATERAL (
		SELECT place, at FROM placed AS p
		WHERE p.user_id = c.user_id AND meets(s, k + 1) AND place <> ALL (places)
			AND greatest(last, at) - least(first, at) <= within
		UNION ALL SELECT NULL, NULL) e
	WHERE k < 4
)
SELECT user_id, level, t.times, last
FROM choice, LATERAL (SELECT count(*)::int AS level, array_agg(at ORDER BY at) AS times FROM unnest(times) AS at) t
WHERE k = 4 AND level > 0;
CREATE TABLE any_order AS
SELECT DISTINCT ON (user_id) user_id, level, times FROM choice ORDER BY user_id, level DESC, last, times DESC;
-- With first_chain, of the largest the one that begins first, with the first events.
CREATE TABLE any_order_first AS
SELECT DISTINCT ON (user_id) user_id, level, times FROM choice ORDER BY user_id, level DESC, times;

SELECT is_empty($q$
	SELECT h.user_id, coalesce(o.level, 0) AS want, window_funnel(at, step, within, 'any_order') AS got
	FROM history h LEFT JOIN any_order o USING (user_id)
	GROUP BY h.user_id, o.level
	HAVING window_funnel(at, step, within, 'any_order') <> coalesce(o.level, 0) LIMIT 3 $q$,
	'level, any_order: the most conditions that events of one window meet, each one of them');
SELECT is_empty($q$
	SELECT h.user_id, o.times AS want, window_funnel_times(at, step, within, 'any_order') AS got
	FROM history h LEFT JOIN any_order o USING (user_id)
	GROUP BY h.user_id, o.times
	HAVING window_funnel_times(at, step, within, 'any_order') IS DISTINCT FROM o.times LIMIT 3 $q$,
	'times, any_order: of the first such window, the latest events');
SELECT is_empty($q$
	SELECT h.user_id, o.times AS want, window_funnel_times(at, step, within, 'any_order, first_chain') AS got
	FROM history h LEFT JOIN any_order_first o USING (user_id)
	GROUP BY h.user_id, o.times
	HAVING window_funnel_times(at, step, within, 'any_order, first_chain') IS DISTINCT FROM o.times LIMIT 3 $q$,
	'times, any_order with first_chain: of the window that begins first, the first events');
SELECT ok(count(*) FILTER (WHERE f.times < o.times) > 100 AND bool_and(f.level = o.level AND f.times <= o.times), 'which are others for many')
FROM any_order_first f FULL JOIN any_order o USING (user_id);
SELECT ok(count(*) FILTER (WHERE a.level > b.level) > 100, 'any_order reaches further than strict_once')
FROM any_order a JOIN best_chains(false, true) b USING (user_id);
SELECT ok(count(*) FILTER (WHERE a.level < b.level) > 100, 'an event that meets two conditions is not two steps')
FROM any_order a JOIN best_chains(false, false) b USING (user_id);

-- ---- what holds between modes -----------------------------------------------------------

SELECT is_empty($q$
	SELECT user_id FROM history GROUP BY user_id
	HAVING window_funnel(at, step, within, 'strict_increase') > window_funnel(at, step, within, 'strict_once')
		OR window_funnel(at, step, within, 'strict_once') > window_funnel(at, step, within)
		OR window_funnel(at, step, within, 'strict_once') > window_funnel(at, step, within, 'any_order')
		OR window_funnel(at, step, within, 'strict_order') > window_funnel(at, step, within, 'strict_order, allow_reentry')
		OR window_funnel(at, step, within, 'strict_order, allow_reentry') > window_funnel(at, step, within)
		OR window_funnel(at, step, within, 'strict_deduplication') > window_funnel(at, step, within)
		OR window_funnel(at, step, within) > window_funnel(at, step, within + '1 second') $q$,
	'a stricter mode or a shorter window never reaches further');

-- ---- any input order, the same answer ---------------------------------------------------

CREATE TABLE in_order AS
SELECT c, user_id, window_funnel(at, step, within, mode) AS level, window_funnel_times(at, step, within, mode) AS times
FROM history, (SELECT c, mode FROM combination UNION ALL VALUES (0, 'any_order'), (-1, 'first_chain'), (-2, 'first_chain, strict_once')) m
GROUP BY c, user_id;

SELECT is_empty(format($q$
	(SELECT c, user_id, window_funnel(at, step, within, mode ORDER BY hashint8extended(user_id * 8 + id, %1$s)),
		window_funnel_times(at, step, within, mode ORDER BY hashint8extended(user_id * 8 + id, %1$s))
	FROM history, (SELECT c, mode FROM combination UNION ALL VALUES (0, 'any_order'), (-1, 'first_chain'), (-2, 'first_chain, strict_once')) m
	WHERE user_id %% 4 = %2$s
	GROUP BY c, user_id)
	EXCEPT TABLE in_order LIMIT 3 $q$, 100 + i, i % 4), format('shuffled input, order %s', i))
FROM generate_series(1, 4) i;

-- ---- the text of a mode -----------------------------------------------------------------

SELECT is_empty(format($q$
	SELECT user_id FROM history GROUP BY user_id
	HAVING window_funnel(at, step, within, %L) <> window_funnel(at, step, within, %L) $q$, a, b),
	format('mode %L is mode %L', a, b))
FROM (VALUES ('   ', ''), (' strict_once ', 'strict_once'), ('strict_order ,  allow_reentry', 'allow_reentry,strict_order'),
	('strict_once,strict_once', 'strict_once'), ('first_chain,first_chain', ' first_chain')) v (a, b);

-- ---- a constant window, and the edges of it ---------------------------------------------

SELECT is_empty($q$
	SELECT user_id FROM history WHERE within = '3 seconds' GROUP BY user_id
	HAVING window_funnel(at, step, within) <> window_funnel(at, step, '3 seconds') $q$,
	'a constant window is the same as one in a column');
SELECT is(window_funnel(at, step::stepset, '10 seconds'), 2, 'within is inclusive')
FROM (VALUES (moment(0), '10'), (moment(10), '01')) v (at, step);
SELECT is(window_funnel(at, step::stepset, '10 seconds'), 1, 'and ends a microsecond later')
FROM (VALUES (moment(0), '10'), (moment(10.000001), '01')) v (at, step);
SELECT is(window_funnel(at, step::stepset, '0'), 3, 'a window of zero: simultaneous steps count as in order')
FROM (VALUES (moment(1), '001'), (moment(1), '010'), (moment(1), '100')) v (at, step);
SELECT is(window_funnel(at, step::stepset, '1 day -23 hours'), 2, 'days are 24 hours; parts of an interval may differ in sign')
FROM (VALUES (moment(0), '10'), (moment(3600), '01')) v (at, step);
SET LOCAL timezone = 'Europe/Berlin';
SELECT is(window_funnel(at, step::stepset, '1 day'), 1, 'even on the day that summer time ends')
FROM (VALUES (timestamptz '2024-10-27 00:30', '10'), ('2024-10-28 00:30', '01')) v (at, step);
SET LOCAL timezone = 'UTC';
SELECT is(window_funnel(at, step::stepset, '53375995 days'), 1, 'the longest window is shorter than all of time')
FROM (VALUES (timestamptz '4713-01-01 BC', '10'), ('294276-12-31 23:59:59.999999', '01')) v (at, step);
SELECT is(window_funnel_times(at, step::stepset, '53375995 days'),
	ARRAY[timestamptz '4713-01-01 BC', '100000-01-01'], 'and spans 146,000 years')
FROM (VALUES (timestamptz '4713-01-01 BC', '10'), ('100000-01-01', '01')) v (at, step);
SELECT is(window_funnel(at, step::stepset, '1 hour', 'strict_increase'), 2,
	'strict_increase keeps the start of an earlier event of step 1')
FROM (VALUES (moment(0), '10'), (moment(1), '10'), (moment(1), '01')) v (at, step);

SELECT is(window_funnel(at, step::stepset, '1 hour', 'strict_order'), 1,
	'strict_order: an event that begins the chain and comes early for step 3 ends it, as in ClickHouse')
FROM (VALUES (moment(0), '101'), (moment(1), '010')) v (at, step);
SELECT is(window_funnel_times(at, step::stepset, '1 hour', 'any_order'), ARRAY[moment(1), moment(2), moment(3)],
	'any_order: the latest events, moved to other steps where that makes room')
FROM (VALUES (moment(0), '010'), (moment(1), '110'), (moment(2), '100'), (moment(3), '001')) v (at, step);

SELECT is(window_funnel_times(at, step::stepset, '1 hour', 'strict_once'), ARRAY[moment(0), moment(0), moment(1)],
	'strict_once takes step 2 at its first time even when the last time has rows for steps 2 and 3')
FROM (VALUES (moment(0), '100'), (moment(0), '010'), (moment(1), '011'), (moment(1), '011')) v (at, step);

SELECT is(window_funnel_times(at, step::stepset, '1 hour', 'first_chain'), ARRAY[moment(0), moment(2)], 'first_chain takes the start of the earlier of two')
FROM (VALUES (moment(0), '10'), (moment(1), '10'), (moment(2), '01')) v (at, step);
SELECT is(window_funnel_times(at, step::stepset, '1 s', 'first_chain'), ARRAY[moment(1), moment(2)], 'if its window is not over')
FROM (VALUES (moment(0), '10'), (moment(1), '10'), (moment(2), '01')) v (at, step);

-- 58 conditions.
SELECT is(ARRAY[window_funnel(at, step, '0'), window_funnel(at, step, '0', 'strict_once'),
	window_funnel(at, step, '0', 'strict_increase'), window_funnel(at, step, '0', 'any_order'),
	window_funnel(at, step, '0', 'strict_order')], ARRAY[58, 1, 1, 1, 58], 'one row that meets all of 58 conditions')
FROM (SELECT moment(0) AS at, repeat('1', 58)::stepset AS step) v;
SELECT is(ARRAY[window_funnel(at, step, '0'), window_funnel(at, step, '0', 'strict_once'),
	window_funnel(at, step, '0', 'strict_increase')], ARRAY[58, 40, 1], 'forty such rows at one time')
FROM (SELECT moment(0) AS at, repeat('1', 58)::stepset AS step FROM generate_series(1, 40)) v;
SELECT is(ARRAY[window_funnel(at, step, '57 seconds'), window_funnel(at, step, '56 seconds'),
	window_funnel(at, step, '57 seconds', 'strict_order,strict_deduplication,strict_increase'),
	cardinality(window_funnel_times(at, step, '57 seconds'))], ARRAY[58, 57, 58, 58], '58 rows, each its condition')
FROM (SELECT moment(i) AS at, overlay(repeat('0', 58) PLACING '1' FROM i)::stepset AS step FROM generate_series(1, 58) i) v;
-- strict_once is a matching: k rows that meet steps 1 to k, k - 1, ... 1 of 58 need just one arrangement.
SELECT is(window_funnel(at, step, '0', 'strict_once'), 58, 'strict_once finds the only arrangement of 58 rows')
FROM (SELECT moment(0) AS at, rpad(repeat('1', i), 58, '0')::stepset AS step FROM generate_series(1, 58) i) v;

SELECT * FROM finish();
ROLLBACK;
