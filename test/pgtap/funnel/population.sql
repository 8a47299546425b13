-- funnel, funnel_breakdown, funnel_holding_constant, funnel_members: the users grouped inside the aggregate,
-- against window_funnel_times with GROUP BY user_id, which funnel/behaviour.sql holds to its oracles.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;

-- Small histories with many equal times, rows that meet several conditions or none, and rows
-- with a NULL user, time, step or value. Half of the users have times on whole seconds, the
-- others to the microsecond; a few have long windows, to fill the histograms.
CREATE TABLE customer AS
SELECT u AS user_id,
	(ARRAY[1, 2, 3, 4, 4, 3, 4, 2])[1 + u % 8] AS n,
	(ARRAY[interval '0', '1 s', '3 s', '5 s', '1 h', '30 d'])[1 + rnd(u, 1, 6)] AS within,
	rnd(u, 2, 9) AS nrows,
	(ARRAY[7, 3, 2, 100000, 4000000])[1 + rnd(u, 3, 5)] AS seconds,
	rnd(u, 4, 3) AS density
FROM generate_series(1, 4000) u;

CREATE TABLE event AS
SELECT CASE WHEN rnd(key, 12, 40) > 0 THEN user_id END AS user_id, user_id AS owner, j AS id, n, within,
	CASE WHEN rnd(key, 5, 20) > 0 THEN moment(rnd(key, 6, seconds)) + CASE WHEN user_id % 2 = 0 AND seconds > 7 THEN rnd(key, 13, 1000000) ELSE 0 END * interval '1 us' END AS at,
	CASE WHEN rnd(key, 7, 20) > 0 THEN left((CASE density
		WHEN 0 THEN rnd(key, 8, 16)
		WHEN 1 THEN rnd(key, 8, 16) & rnd(key, 9, 16)
		ELSE 1 << rnd(key, 8, 4)
	END)::bit(4)::text, n)::stepset END AS step,
	(ARRAY[NULL, NULL, 'app', '', 'wechat', 'web', '柜台', 'app'])[1 + rnd(key, 10, 8)] AS value
FROM customer, generate_series(1, nrows) j, LATERAL (SELECT user_id * 16 + j AS key) k;
CREATE INDEX ON event (owner);
ANALYZE event;

CREATE TABLE combination AS
SELECT row_number() OVER () AS c, concat_ws(', ', first, second) AS mode
FROM unnest(ARRAY[NULL, 'strict_order', 'strict_order, allow_reentry', 'strict_deduplication',
		'strict_deduplication, strict_order', 'allow_reentry, strict_deduplication, strict_order']) first,
	unnest(ARRAY[NULL, 'strict_increase', 'strict_once', 'strict_once, strict_increase']) second;
INSERT INTO combination VALUES (0, 'any_order'), (25, 'first_chain'), (26, 'any_order, first_chain'), (27, 'strict_order, allow_reentry, first_chain'), (28, 'strict_once, first_chain');

SELECT plan(163);

-- ---- funnel_steps from the chains of single users ---------------------------------------

-- What funnel_steps must say of chains, given as arrays of times: for each group and step.
CREATE TABLE chain (grp text, n int, t timestamptz[]);
CREATE FUNCTION wanted() RETURNS TABLE (grp text, step int, users bigint, conversion_rate float8, step_conversion_rate float8, dropped_off bigint,
		avg_time numeric, median_time interval, p90_time interval,
		avg_time_from_start numeric, median_time_from_start interval, p90_time_from_start interval)
	LANGUAGE sql
BEGIN ATOMIC
	WITH reached AS (
		SELECT c.grp, k, count(*) FILTER (WHERE cardinality(t) >= k) AS users,
			avg(extract(epoch FROM t[k] - t[k - 1])) AS a, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY t[k] - t[k - 1]) AS p,
			avg(extract(epoch FROM t[k] - t[1])) FILTER (WHERE k > 1) AS b, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY t[k] - t[1]) FILTER (WHERE k > 1) AS q
		FROM chain c, generate_series(1, c.n) k
		GROUP BY c.grp, k)
	SELECT r.grp, k, r.users, r.users / nullif(first_value(r.users) OVER w, 0)::float8,
		r.users / nullif(coalesce(lag(r.users) OVER w, r.users), 0)::float8, r.users - lead(r.users) OVER w,
		a, p[1], p[2], b, q[1], q[2]
	FROM reached r WINDOW w AS (PARTITION BY r.grp ORDER BY k);
END;

-- Two intervals of less than a month that differ by at most this share, or a microsecond.
CREATE FUNCTION near(a interval, b numeric, share numeric) RETURNS boolean LANGUAGE sql
	RETURN CASE WHEN a IS NULL OR b IS NULL THEN a IS NULL AND b IS NULL
		ELSE abs(extract(epoch FROM a) - b) <= greatest(share * b, 0.000001) END;
CREATE FUNCTION near(a interval, b interval, share numeric) RETURNS boolean LANGUAGE sql RETURN near(a, extract(epoch FROM b), share);

-- Rows of `got` (grp text, s record of funnel_steps) that differ.
CREATE TABLE got (grp text, step int, users bigint, conversion_rate float8, step_conversion_rate float8, dropped_off bigint,
	avg_time interval, median_time interval, p90_time interval,
	avg_time_from_start interval, median_time_from_start interval, p90_time_from_start interval);
CREATE FUNCTION differences() RETURNS SETOF record LANGUAGE sql AS $$
	SELECT g, w FROM wanted() w FULL JOIN got g ON coalesce(g.grp, '') = coalesce(w.grp, '') AND g.step = w.step
	WHERE (g.users, g.conversion_rate, g.step_conversion_rate, g.dropped_off) IS DISTINCT FROM (w.users, w.conversion_rate, w.step_conversion_rate, w.dropped_off)
		OR NOT near(g.avg_time, w.avg_time, 1e-15) OR NOT near(g.avg_time_from_start, w.avg_time_from_start, 1e-15)
		OR NOT near(g.median_time, w.median_time, 0.01) OR NOT near(g.median_time_from_start, w.median_time_from_start, 0.01)
		OR NOT near(g.p90_time, w.p90_time, 0.01) OR NOT near(g.p90_time_from_start, w.p90_time_from_start, 0.01) LIMIT 3
$$;

-- Fill both tables with queries, then compare.
CREATE FUNCTION compares(wanted text, got text, name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE chain, got;
	EXECUTE 'INSERT INTO chain ' || wanted;
	EXECUTE 'INSERT INTO got ' || got;
	RETURN NEXT is_empty('SELECT * FROM differences() d (got got, wanted record)', name);
END $$;

-- ---- funnel -----------------------------------------------------------------------------

SELECT ok(count(*) FILTER (WHERE level = 0) > 200 AND count(*) FILTER (WHERE level = 1) > 300
	AND count(*) FILTER (WHERE level = 2) > 200 AND count(*) FILTER (WHERE level = 3) > 100
	AND count(*) FILTER (WHERE level = 4) > 50, 'the histories reach every level')
FROM (SELECT window_funnel(at, step, within) AS level FROM event WHERE user_id IS NOT NULL GROUP BY user_id, within) l;

-- GROUP BY n, within: funnels that differ in both, in one query.
SELECT compares(format($q$
		SELECT n || ' ' || within, n, window_funnel_times(at, step, within, %L) FROM event WHERE user_id IS NOT NULL GROUP BY n, within, user_id $q$, mode),
	format($q$
		SELECT n || ' ' || within, s.* FROM (SELECT n, within, funnel(user_id, at, step, within, %L) AS f FROM event GROUP BY n, within) f, funnel_steps(f) s $q$, mode),
	format('funnel, mode %L: window_funnel_times of each user', mode))
FROM combination;
SELECT compares('SELECT n || '' '' || within, n, window_funnel_times(at, step, within) FROM event WHERE user_id IS NOT NULL GROUP BY n, within, user_id',
	'SELECT n || '' '' || within, s.* FROM (SELECT n, within, funnel(user_id, at, step, within) AS f FROM event GROUP BY n, within) f, funnel_steps(f) s',
	'funnel without a mode');

-- Tens of thousands of users at once, over several partitions of the hash, ids far apart.
CREATE TABLE large AS
SELECT (u::bigint * 1000003 - 15000000000) AS user_id, moment(rnd(i, 3, 1000000)) + rnd(i, 4, 1000000) * interval '1 us' AS at,
	((1 << rnd(i, 5, 4)) | (rnd(i, 6, 16) & rnd(i, 7, 16) & rnd(i, 8, 16)))::bit(4)::text::stepset AS step
FROM generate_series(1, 200000) i, LATERAL (SELECT CASE WHEN rnd(i, 1, 4) > 0 THEN rnd(i, 2, 30000) ELSE 7 END AS u) c;
SELECT compares(format('SELECT NULL, 4, window_funnel_times(at, step, ''12 h'', %L) FROM large GROUP BY user_id', mode),
	format('SELECT NULL, s.* FROM funnel_steps((SELECT funnel(user_id, at, step, ''12 h'', %L) FROM large)) s', mode),
	format('30,000 users, one of them with a quarter of the events, mode %L', mode))
FROM unnest(ARRAY['', 'strict_order', 'strict_once', 'any_order']) mode;

-- ---- the shape of the answer ------------------------------------------------------------

SELECT is(funnel(user_id, at, step, '1 h')::text, NULL, 'no rows give NULL') FROM event WHERE false;
SELECT is(funnel(NULL::bigint, at, step, '1 h')::text, NULL, 'nor do rows without a user') FROM event;
SELECT is(funnel(user_id, NULL, step, '1 h')::text, NULL, 'nor rows without a time') FROM event;
SELECT is(funnel(user_id, at, NULL, '1 h')::text, NULL, 'nor rows without a step') FROM event;
SELECT is((SELECT count(*) FROM funnel_steps(NULL)), 0::bigint, 'and NULL has no steps');
SELECT results_eq($$ SELECT s.* FROM (SELECT funnel(user_id, at, '000', '1 h') AS f FROM event) f, funnel_steps(f) s $$,
	$$ SELECT k, 0::bigint, NULL::float8, NULL::float8, CASE WHEN k < 3 THEN 0::bigint END, NULL::interval, NULL::interval, NULL::interval, NULL::interval, NULL::interval, NULL::interval
		FROM generate_series(1, 3) k $$, 'rows that meet no condition: a row of zeros for each step');
SELECT results_eq($$ SELECT s.* FROM (SELECT funnel(user_id, at, '010', '1 h') AS f FROM event) f, funnel_steps(f) s $$,
	$$ SELECT s.* FROM (SELECT funnel(user_id, at, '000', '1 h') AS f FROM event) f, funnel_steps(f) s $$, 'and so do rows that meet step 2 only');
SELECT is((SELECT array_agg(s::text) FROM funnel_steps((SELECT funnel(1, moment(0), repeat('1', 58)::stepset, '0'))) s),
	(SELECT array_agg(format('(%s,1,1,1,%s,%s)', k, CASE WHEN k < 58 THEN 0 END, CASE WHEN k > 1 THEN '00:00:00,00:00:00,00:00:00,00:00:00,00:00:00,00:00:00' ELSE ',,,,,' END)) FROM generate_series(1, 58) k),
	'58 steps');
SELECT is((SELECT avg_time FROM funnel_steps((SELECT funnel(u, moment(u * 0.000001 * k), (1 << (2 - k))::bit(2)::text::stepset, '1 h')
		FROM generate_series(1, 3) u, generate_series(1, 2) k)) WHERE step = 2), interval '2 us', 'a mean of microseconds');
SELECT ok((SELECT near(avg_time, extract(epoch FROM timestamptz '140000-01-01' - '4713-01-01 BC'), 1e-15) FROM funnel_steps((SELECT funnel(u, CASE k WHEN 1 THEN timestamptz '4713-01-01 BC' ELSE '140000-01-01' END, (1 << (2 - k))::bit(2)::text::stepset, '53375995 d')
		FROM generate_series(1, 1000) u, generate_series(1, 2) k)) WHERE step = 2),
	'a mean whose sum needs more than 64 bits');

-- ---- members ----------------------------------------------------------------------------

SELECT is_empty(format($q$
	(SELECT n, within, m.* FROM (SELECT n, within, funnel_members(user_id, at, step, within, %1$L) AS f FROM event GROUP BY n, within) f, unnest(f) m
	EXCEPT ALL
	SELECT n, within, user_id, cardinality(t), t FROM (
		SELECT n, within, user_id, window_funnel_times(at, step, within, %1$L) AS t FROM event WHERE user_id IS NOT NULL GROUP BY n, within, user_id) t WHERE t IS NOT NULL)
	UNION ALL
	(SELECT n, within, user_id, cardinality(t), t FROM (
		SELECT n, within, user_id, window_funnel_times(at, step, within, %1$L) AS t FROM event WHERE user_id IS NOT NULL GROUP BY n, within, user_id) t WHERE t IS NOT NULL
	EXCEPT ALL
	SELECT n, within, m.* FROM (SELECT n, within, funnel_members(user_id, at, step, within, %1$L) AS f FROM event GROUP BY n, within) f, unnest(f) m) LIMIT 3 $q$, mode),
	format('funnel_members, mode %L: window_funnel_times of each user', mode))
FROM combination;
SELECT is((SELECT array_agg(user_id) FROM unnest(f)), (SELECT array_agg(user_id ORDER BY user_id) FROM unnest(f)), 'funnel_members: by user_id')
FROM (SELECT funnel_members(user_id, at, step, '12 h') AS f FROM large) f;
SELECT ok(funnel_members(user_id, at, step, '1 h') IS NULL, 'funnel_members: no rows give NULL') FROM large WHERE false;
SELECT is(funnel_members(user_id, at, '01', '1 h')::text, '{}', 'funnel_members: nobody at step 1 gives an empty array') FROM large;
SELECT is(funnel_members(u, moment(0), '10', '1 h')::text, '{"(-9223372036854775808,1,\"{\"\"2024-01-01 00:00:00+00\"\"}\")","(-1,1,\"{\"\"2024-01-01 00:00:00+00\"\"}\")","(9223372036854775807,1,\"{\"\"2024-01-01 00:00:00+00\"\"}\")"}',
	'funnel_members: the least and the greatest user_id')
FROM (VALUES (9223372036854775807), (-9223372036854775808), (-1)) v (u);
-- ids of other types: the same users, also of no bytes and of many, in parallel and with little memory
CREATE FUNCTION id_text(u bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN u % 50 = 0 THEN repeat('long ', 900) || u WHEN u = 1 THEN '' ELSE u::text END;
CREATE FUNCTION id_uuid(u bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN lpad(u::text, 32, '0')::uuid;
CREATE FUNCTION members_match() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEXT results_eq($q$ SELECT m.* FROM unnest((SELECT funnel_members(id_text(user_id), at, step, '12 h') FROM large)) AS m $q$,
		$q$ SELECT id_text(user_id), level, times FROM unnest((SELECT funnel_members(user_id, at, step, '12 h') FROM large)) ORDER BY 1 $q$, 'funnel_members: ids of type text, in their order');
	RETURN NEXT results_eq($q$ SELECT m.* FROM unnest((SELECT funnel_members(id_uuid(user_id), at, step, '12 h', 'first_chain') FROM large WHERE user_id >= 0)) AS m $q$,
		$q$ SELECT id_uuid(user_id), level, times FROM unnest((SELECT funnel_members(user_id, at, step, '12 h', 'first_chain') FROM large WHERE user_id >= 0)) ORDER BY 1 $q$, 'funnel_members: ids of type uuid, in their order');
END $$;
SELECT members_match();
SET LOCAL work_mem = '64kB';
SELECT members_match();
RESET work_mem;
SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;
SELECT members_match();
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is(pg_typeof(funnel_members('x'::varchar, moment(0), '1', '1 h'))::text, 'funnel_member_text[]', 'ids of a type that becomes text');
SELECT is(pg_typeof(funnel_members(1::smallint, moment(0), '1', '1 h'))::text, 'funnel_member[]', 'and of smaller integers');

-- ---- funnel_breakdown --------------------------------------------------------------------------

-- Where each event counts once: if event e is step b, are there other events for all other
-- steps of that time? For each set of those at least as many as there are steps in it (Hall).
CREATE FUNCTION others_left(e record, b int, t timestamptz[]) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN NOT EXISTS (
		SELECT FROM generate_series(1, 15) m, LATERAL (SELECT array_agg(j) AS steps FROM generate_series(1, 4) j WHERE meets(m::bit(4)::text, j)) s
		WHERE NOT EXISTS (SELECT FROM unnest(s.steps) j WHERE j = b OR t[j] IS DISTINCT FROM t[b]) AND cardinality(s.steps) > (
			SELECT count(*) FROM event o
			WHERE o.owner = e.owner AND o.user_id IS NOT NULL AND o.at = t[b] AND o.ctid <> e.ctid
				AND EXISTS (SELECT FROM unnest(s.steps) j WHERE meets(o.step::text, j))));
END $$;
-- The value at step b of the chain that counts: of the events at its time that can be that
-- step, the first with a value, those that meet lower conditions before the others, then the
-- value that is first by its bytes.
CREATE FUNCTION by_wanted(mode text, b int) RETURNS text LANGUAGE sql RETURN format($q$
	SELECT n || ' ' || within || ': ' || coalesce(to_json((
			SELECT e.value FROM (SELECT *, ctid FROM event) e
			WHERE e.owner = u.user_id AND e.user_id IS NOT NULL AND e.at = t[%2$s] AND meets(e.step::text, %2$s) AND e.value IS NOT NULL
				AND (%1$L NOT LIKE '%%strict_once%%' OR others_left(e, %2$s, t))
			ORDER BY e.step::text COLLATE "C" DESC, e.value COLLATE "C" LIMIT 1))::text, 'NULL'), n, t
	FROM (SELECT n, within, user_id, window_funnel_times(at, step, within, %1$L) AS t FROM event WHERE user_id IS NOT NULL AND n >= %2$s GROUP BY n, within, user_id) u
	WHERE t IS NOT NULL $q$, mode, b);
CREATE FUNCTION by_got(mode text, b int) RETURNS text LANGUAGE sql RETURN format($q$
	SELECT n || ' ' || within || ': ' || coalesce(to_json(breakdown)::text, 'NULL'), s.step, s.users, conversion_rate, step_conversion_rate, dropped_off, avg_time, median_time, p90_time,
		avg_time_from_start, median_time_from_start, p90_time_from_start
	FROM (SELECT n, within, funnel_breakdown(user_id, at, step, within, value, %2$s, %1$L) AS f FROM event WHERE n >= %2$s GROUP BY n, within) f, funnel_breakdown_steps(f) s $q$, mode, b);

SELECT compares(by_wanted(mode, 1 + c::int % 4), by_got(mode, 1 + c::int % 4), format('funnel_breakdown step %s, mode %L', 1 + c % 4, mode)) FROM combination;
SELECT compares(by_wanted('', b), replace(by_got('', b), ', '''')', ')'), format('funnel_breakdown step %s, no mode', b)) FROM generate_series(1, 4) b;
SELECT ok(bool_and(users > 20), 'every value is there, and NULL: ' || string_agg(quote_nullable(breakdown), ', ' ORDER BY breakdown))
FROM (SELECT breakdown, users FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, step, '1 h', value, 2) FROM event WHERE n = 4)) WHERE step = 1) s;

SELECT is_empty(format($q$
	SELECT n, within FROM event WHERE n >= %1$s GROUP BY n, within
	HAVING (SELECT array_agg(s::text) FROM funnel_steps(funnel_breakdown(user_id, at, step, within, value, %1$s)) s) <>
		(SELECT array_agg(s::text) FROM funnel_steps(funnel(user_id, at, step, within)) s) $q$, b),
	format('funnel_breakdown step %s: all groups together are funnel()', b)) FROM generate_series(1, 4) b;
SELECT is_empty($$
	SELECT n, within FROM event GROUP BY n, within
	HAVING (SELECT array_agg(s::text) FROM funnel_times(funnel_breakdown(user_id, at, step, within, value, 1), 2, true) s) IS DISTINCT FROM
		(SELECT array_agg(s::text) FROM funnel_times(funnel(user_id, at, step, within), 2, true) s) AND n > 1 $$,
	'and so are its times');
SELECT is((SELECT array_agg(breakdown ORDER BY ord) FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, step, '30 d', value, 1) FROM event WHERE n = 1)) WITH ORDINALITY s (breakdown, step, users, a, b, c, d, e, f, g, h, i, ord)),
	ARRAY['', 'app', 'web', 'wechat', '柜台', NULL], 'groups come by their bytes, NULL last');
SELECT is((SELECT array_agg(s::text) FROM funnel_breakdown_steps((SELECT funnel(user_id, at, step, '30 d') FROM event WHERE n = 4)) s),
	(SELECT array_agg('(,' || substr(s::text, 2)) FROM funnel_steps((SELECT funnel(user_id, at, step, '30 d') FROM event WHERE n = 4)) s),
	'funnel_breakdown_steps of a funnel without one: its group is NULL');
SELECT is((SELECT count(DISTINCT breakdown) || ' ' || sum(users) FROM funnel_breakdown_steps((
		SELECT funnel_breakdown(i, moment(0), '1', '1 h', i::text, 1) FROM generate_series(1, 50000) i))), '50000 50000', '50,000 groups');
SELECT is((SELECT string_agg(length(breakdown) || ' ' || users, ', ' ORDER BY length(breakdown)) FROM funnel_breakdown_steps((
		SELECT funnel_breakdown(i, moment(0), '1', '1 h', repeat('é', i % 3 * 300000), 1) FROM generate_series(1, 30) i))), '0 10, 300000 10, 600000 10', 'values of a megabyte');

-- ---- funnel_holding_constant ---------------------------------------------------------------------

-- The chains of a user's events of each value together with those without one, and of the
-- latter alone: the deepest counts; of several the first to end. Where two end together it is
-- the one without a value, then the value that is first by its bytes.
CREATE FUNCTION holding_wanted(mode text) RETURNS text LANGUAGE sql RETURN format($q$
	SELECT grp, n, t FROM (
		SELECT DISTINCT ON (user_id) c.n || ' ' || c.within AS grp, c.n, t FROM customer c
			LEFT JOIN LATERAL (
				SELECT v.value, window_funnel_times(e.at, e.step, e.within, %1$L) AS t
				FROM (SELECT DISTINCT x.value FROM event x WHERE x.owner = c.user_id AND x.user_id IS NOT NULL AND x.at IS NOT NULL AND x.step IS NOT NULL
					UNION SELECT NULL) v JOIN event e ON e.owner = c.user_id AND e.user_id IS NOT NULL AND (e.value IS NULL OR e.value = v.value)
				GROUP BY v.value) v ON t IS NOT NULL
		ORDER BY user_id, cardinality(t) DESC NULLS LAST, CASE WHEN %1$L ~ 'first_chain' THEN t END, t[cardinality(t)], v.value COLLATE "C" NULLS FIRST) d $q$, mode);
CREATE FUNCTION holding_got(mode text) RETURNS text LANGUAGE sql RETURN format($q$
	SELECT n || ' ' || within, s.* FROM (SELECT n, within, funnel_holding_constant(user_id, at, step, within, value, %L) AS f FROM event GROUP BY n, within) f, funnel_steps(f) s $q$, mode);
SELECT compares(holding_wanted(mode), holding_got(mode), format('funnel_holding_constant, mode %L: each value by itself', mode)) FROM combination;
SELECT compares(holding_wanted(''), replace(holding_got(''), ', '''')', ')'), 'funnel_holding_constant without a mode');

SELECT ok(h.users < f.users AND h.users > 20, 'holding a value constant keeps users from the last step, but not all')
FROM funnel_steps((SELECT funnel(user_id, at, step, '1 h') FROM event WHERE n = 4)) f,
	funnel_steps((SELECT funnel_holding_constant(user_id, at, step, '1 h', value) FROM event WHERE n = 4)) h WHERE f.step = 4 AND h.step = 4;
SELECT is(funnel_holding_constant(user_id, at, step, '1 h', v)::text, funnel(user_id, at, step, '1 h')::text, format('a constant of %L changes nothing', v))
FROM event, (VALUES (NULL), ('x'), ('')) c (v) WHERE n = 4 GROUP BY v;

SELECT * FROM finish();
ROLLBACK;
