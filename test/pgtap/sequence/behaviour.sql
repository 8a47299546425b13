-- sequence_match, sequence_count and sequence_match_events: random patterns over random
-- histories, against an oracle that enumerates every chain of events a pattern admits.
\ir ../setup.psql

-- ---- cases: one pattern and one history each -------------------------------------------

-- Times are whole numbers of the case's unit, which its patterns' values are in too.
CREATE TABLE kase AS
SELECT i AS case_id, 1 + rnd(i, 1, 4) AS nevents, rnd(i, 2, 10) AS nrows, 3 + rnd(i, 3, 5) AS times,
	(ARRAY['', 's', 'm', 'h', 'd'])[1 + rnd(i, 4, 5)] AS letter,
	(ARRAY['1 s', '1 s', '1 min', '1 h', '1 day'])[1 + rnd(i, 4, 5)]::interval AS unit,
	rnd(i, 5, 4) = 0 AS dots_before, rnd(i, 6, 4) = 0 AS dots_after, rnd(i, 7, 5) = 0 AS blanks
FROM generate_series(1, 10000) i;

-- The events of the patterns: condition 1 to 3, or 0 for a dot; then the gap after it, as a
-- list of '.*' and time conditions.
CREATE TABLE element AS
SELECT case_id, pos, greatest(0, rnd(key, 11, 8) - 1) % 4 AS condition,
	ARRAY(SELECT (ARRAY['.*', '>=', '>', '<=', '<', '==', '!='])[1 + rnd(key * 4 + g, 13, 7)]
			|| '|' || (ARRAY[0, 1, 1, 2, 2, 3, 4])[1 + rnd(key * 4 + g, 14, 7)]
		FROM generate_series(1, (ARRAY[0, 0, 1, 1, 1, 1, 2, 3])[1 + rnd(key, 12, 8)]) g) AS gap
FROM kase, generate_series(1, nevents) pos, LATERAL (SELECT case_id * 8 + pos AS key) k;

CREATE TABLE pattern AS
SELECT case_id, CASE WHEN dots_before THEN '.*' ELSE '' END
	|| string_agg(CASE condition WHEN 0 THEN '.' ELSE '(?' || condition || ')' END
		|| CASE WHEN pos < nevents THEN (
			SELECT coalesce(string_agg(CASE WHEN item ~ '^\.' THEN '.*' WHEN blanks
					THEN ' (?t ' || split_part(item, '|', 1) || ' ' || split_part(item, '|', 2) || letter || ' ) '
					ELSE '(?t' || replace(item, '|', '') || letter || ')' END, '' ORDER BY place), '')
			FROM unnest(gap) WITH ORDINALITY g (item, place))
		ELSE '' END, '' ORDER BY pos)
	|| CASE WHEN dots_after THEN '.*' ELSE '' END AS pattern
FROM kase JOIN element USING (case_id) GROUP BY case_id, dots_before, dots_after;

-- The histories. Half of the events meet one condition, so that adjacent patterns occur.
CREATE TABLE event AS
SELECT case_id, j AS id,
	CASE WHEN rnd(key, 21, 30) > 0 THEN rnd(key, 22, times) END AS t,
	CASE WHEN rnd(key, 23, 30) > 0 THEN (CASE case_id % 2 WHEN 0 THEN rnd(key, 24, 8) ELSE 1 << rnd(key, 24, 3) END
		)::bit(3)::text END AS s
FROM kase, generate_series(1, nrows) j, LATERAL (SELECT case_id * 16 + j AS key) k;
CREATE INDEX ON element (case_id, pos);

CREATE VIEW history AS
SELECT case_id, pattern, id, moment(0) + t * unit AS at, s::stepset AS step
FROM kase JOIN pattern USING (case_id) LEFT JOIN event USING (case_id);

-- ---- the oracle -------------------------------------------------------------------------

-- The rows that a pattern sees, in event order.
CREATE TABLE visible AS
SELECT case_id, t, s, row_number() OVER (PARTITION BY case_id ORDER BY t, s COLLATE "C" DESC)::int AS place
FROM event WHERE t IS NOT NULL AND s ~ '1';
CREATE INDEX ON visible (case_id);
ANALYZE visible;
ANALYZE element;

-- May two events so far apart, in places and in time, stand on both sides of a gap?
CREATE FUNCTION admits(gap text[], places int, apart int) RETURNS boolean
	LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
	SELECT places > 0 AND (gap <> '{}' OR places = 1) AND coalesce(bool_and(CASE split_part(item, '|', 1)
		WHEN '>=' THEN apart >= v WHEN '>' THEN apart > v WHEN '<=' THEN apart <= v
		WHEN '<' THEN apart < v WHEN '==' THEN apart = v WHEN '!=' THEN apart <> v ELSE true END), true)
	FROM unnest(gap) item, LATERAL (SELECT split_part(item, '|', 2)::int AS v) x;
END;

-- Every chain of events that meets the beginning of the pattern, of every length.
CREATE TABLE chain AS
WITH RECURSIVE chain AS (
	SELECT case_id, 1 AS length, ARRAY[place] AS places, ARRAY[t] AS ts
	FROM element JOIN visible USING (case_id)
	WHERE pos = 1 AND (condition = 0 OR meets(s, condition))
	UNION ALL
	SELECT case_id, c.length + 1, places || place, ts || t
	FROM chain c JOIN element l USING (case_id) JOIN element e USING (case_id) JOIN visible v USING (case_id)
	WHERE l.pos = c.length AND e.pos = c.length + 1
		AND (e.condition = 0 OR meets(s, e.condition))
		AND admits(l.gap, place - places[c.length], t - ts[c.length])
)
SELECT *, places[1] AS first, places[length] AS last FROM chain;
CREATE INDEX ON chain (case_id, length);
ANALYZE chain;

CREATE TABLE want AS
WITH RECURSIVE greedy AS (		-- each match ends as early as it can
	SELECT case_id, nevents, 0 AS ended, 0 AS count FROM kase
	UNION ALL
	SELECT case_id, nevents, next.ended, count + 1
	FROM greedy g, LATERAL (SELECT min(c.last) AS ended FROM chain c
		WHERE c.case_id = g.case_id AND c.length = nevents AND c.first > g.ended) next
	WHERE next.ended IS NOT NULL
), best AS (
	SELECT case_id, max(length) AS length FROM chain GROUP BY case_id
), first AS (					-- of the first match, or the longest beginning
	SELECT DISTINCT ON (case_id) case_id, c.ts
	FROM kase k JOIN best b USING (case_id) JOIN chain c USING (case_id, length)
	WHERE b.length < k.nevents
		OR c.last = (SELECT min(last) FROM chain f WHERE f.case_id = k.case_id AND f.length = k.nevents)
	ORDER BY case_id, c.places
)
SELECT k.case_id, max(count) AS count,
	(SELECT array_agg(moment(0) + t * k.unit ORDER BY place) FROM first f, unnest(f.ts) WITH ORDINALITY u (t, place)
		WHERE f.case_id = k.case_id) AS events
FROM greedy g JOIN kase k USING (case_id) GROUP BY k.case_id, k.unit;

SELECT plan(29);

SELECT ok(count(*) FILTER (WHERE count = 0) > 1000 AND count(*) FILTER (WHERE count = 1) > 1000
	AND count(*) FILTER (WHERE count > 1) > 500, 'the cases match never, once and often') FROM want;
SELECT ok(count(*) FILTER (WHERE count = 0 AND cardinality(events) = 1) > 100
	AND count(*) FILTER (WHERE count = 0 AND cardinality(events) > 1) > 100
	AND count(*) FILTER (WHERE events IS NULL) > 100, 'and begin to match without an end, or do not begin') FROM want;
SELECT ok(count(DISTINCT pattern) > 5000, 'patterns differ') FROM pattern;
SELECT is(count(*), 6::bigint, 'every comparison operator decides a match: without it, there would be more')
FROM unnest(ARRAY['>=', '>', '<=', '<', '==', '!=']) op
WHERE (SELECT count(*) FROM pattern JOIN want USING (case_id) WHERE pattern ~ ('t *' || op || ' *[0-9]') AND count > 0) > 100
	AND (SELECT count(*) FROM pattern JOIN want USING (case_id) WHERE pattern ~ ('t *' || op || ' *[0-9]') AND count = 0) > 100;

SELECT is_empty($$
	SELECT case_id, pattern, w.count > 0 AS want, sequence_match(at, step, pattern) AS got
	FROM history JOIN want w USING (case_id) GROUP BY case_id, pattern, w.count
	HAVING sequence_match(at, step, pattern) <> (w.count > 0) LIMIT 3 $$, 'sequence_match');
SELECT is_empty($$
	SELECT case_id, pattern, w.count AS want, sequence_count(at, step, pattern) AS got
	FROM history JOIN want w USING (case_id) GROUP BY case_id, pattern, w.count
	HAVING sequence_count(at, step, pattern) <> w.count LIMIT 3 $$, 'sequence_count');
SELECT is_empty($$
	SELECT case_id, pattern, w.events AS want, sequence_match_events(at, step, pattern) AS got
	FROM history JOIN want w USING (case_id) GROUP BY case_id, pattern, w.events
	HAVING sequence_match_events(at, step, pattern) IS DISTINCT FROM w.events LIMIT 3 $$, 'sequence_match_events');

-- ---- all matches as rows -----------------------------------------------------------------

-- A value that is the same for events that are not told apart.
CREATE TABLE match_want AS
WITH RECURSIVE whole AS (
	SELECT c.case_id, c.first, c.last, c.places, c.ts FROM chain c JOIN kase k USING (case_id) WHERE c.length = k.nevents
), greedy AS (
	SELECT case_id, 0 AS number, 0 AS last, '{}'::int[] AS ts, '{}'::int[] AS places FROM kase
	UNION ALL
	SELECT g.case_id, number + 1, next.last, next.ts, next.places
	FROM greedy g, LATERAL (SELECT * FROM whole w WHERE w.case_id = g.case_id AND w.first > g.last ORDER BY w.last, w.places LIMIT 1) next
), overlapping AS (
	SELECT DISTINCT ON (case_id, first) * FROM whole ORDER BY case_id, first, last, places
)
SELECT '' AS options, case_id, number::bigint AS number, ts, places FROM greedy WHERE number > 0
UNION ALL SELECT 'overlapping', case_id, row_number() OVER (PARTITION BY case_id ORDER BY first), ts, places FROM overlapping;
CREATE TABLE match_rows AS
SELECT options, case_id, number, ARRAY(SELECT moment(0) + t * k.unit FROM unnest(ts) WITH ORDINALITY u (t, i) ORDER BY i) AS times,
	ARRAY(SELECT v.t || v.s FROM unnest(places) WITH ORDINALITY u (p, i) JOIN visible v ON v.case_id = m.case_id AND v.place = p ORDER BY i) AS vals
FROM match_want m JOIN kase k USING (case_id);
CREATE VIEW valued AS
SELECT case_id, pattern, id, moment(0) + t * unit AS at, s::stepset AS step, t || s AS value
FROM kase JOIN pattern USING (case_id) JOIN event USING (case_id);
CREATE TABLE match_found AS
SELECT options, case_id, user_id, match_number, first_at, last_at, times, "values"
FROM unnest(ARRAY['', 'overlapping']) AS options, LATERAL (SELECT case_id, pattern_matches(case_id, at, step, value, pattern, options) AS found FROM valued GROUP BY case_id, pattern) f, unnest(found);
SELECT ok(count(*) FILTER (WHERE options = '') > 3000 AND count(*) FILTER (WHERE options <> '') > count(*) FILTER (WHERE options = ''), 'there are many matches, and more that overlap') FROM match_rows;
SELECT is_empty('(SELECT options, case_id, number, times, vals FROM match_rows EXCEPT SELECT options, user_id, match_number, times, "values" FROM match_found) LIMIT 3', 'pattern_matches: every one');
SELECT is_empty('(SELECT options, user_id, match_number, times, "values" FROM match_found EXCEPT SELECT options, case_id, number, times, vals FROM match_rows) LIMIT 3', 'and no other');
SELECT is(count(*), (SELECT count(*) FROM match_rows), 'each once, with its first and last time') FROM match_found WHERE first_at = times[1] AND last_at = times[cardinality(times)] AND user_id = case_id;
SELECT is_empty('SELECT case_id FROM want LEFT JOIN (SELECT case_id, count(*) AS n FROM match_found WHERE options = '''' GROUP BY 1) f USING (case_id) WHERE count <> coalesce(n, 0)'::text, 'as many as sequence_count counts');

-- ---- any input order, the same answer ---------------------------------------------------

SELECT is_empty(format($q$
	SELECT case_id FROM history JOIN want w USING (case_id) WHERE case_id %% 3 = %1$s %% 3 GROUP BY case_id, pattern, w.count, w.events
	HAVING sequence_match(at, step, pattern ORDER BY hashint8extended(case_id * 16 + id, %1$s)) <> (w.count > 0)
		OR sequence_count(at, step, pattern ORDER BY hashint8extended(case_id * 16 + id, %1$s)) <> w.count
		OR sequence_match_events(at, step, pattern ORDER BY hashint8extended(case_id * 16 + id, %1$s)) IS DISTINCT FROM w.events
	LIMIT 3 $q$, i), format('shuffled input, order %s', i))
FROM generate_series(1, 4) i;

-- ---- by hand ----------------------------------------------------------------------------

-- A history is written as the condition met at second 1, 2, ...; - is a row that meets none.
CREATE FUNCTION written(conditions text) RETURNS TABLE (at timestamptz, step stepset)
	LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
	SELECT moment(place), CASE c WHEN '-' THEN '000' ELSE overlay('000' PLACING '1' FROM c::int) END::stepset
	FROM unnest(string_to_array(conditions, NULL)) WITH ORDINALITY u (c, place);
END;

SELECT is((SELECT sequence_count(at, step, '(?1)(?2)') FROM written('1-2')), 1::bigint,
	'rows that meet no condition are invisible');
SELECT is((SELECT sequence_count(at, step, '(?1).(?2)') FROM written('1-2')), 0::bigint, 'to a dot as well');
SELECT is((SELECT sequence_count(at, step, '(?1)(?2)') FROM written('132')), 0::bigint, 'a condition makes them visible');
SELECT is((SELECT sequence_count(at, step, '(?1).*(?2)') FROM written('1122')), 1::bigint,
	'matches are counted one after the other, not one inside another');
SELECT is((SELECT sequence_count(at, step, '.') FROM written('1-2-3')), 3::bigint, 'a dot is any event');
SELECT is((SELECT sequence_count(at, step, '(?1)(?t>=2)(?t<=3)(?t!=2)(?2)') FROM written('13321222')), 2::bigint,
	'all time conditions of a gap hold together');
SELECT is((SELECT sequence_match(at, step, '(?1)(?t<2)(?t>2)(?2)') FROM written('12222')), false, 'or never');
SELECT is((SELECT sequence_match(at, step, '(?1)(?t<0)(?2)') FROM written('12222')), false, 'no time is below zero');
SELECT is((SELECT sequence_match_events(at, step, '(?1).*(?2).*(?3)') FROM written('121133')),
	ARRAY[moment(1), moment(2), moment(5)], 'the first match begins first');
SELECT is((SELECT sequence_match_events(at, step, '(?1)(?t<=2)(?2).*(?3)') FROM written('11122')),
	ARRAY[moment(2), moment(4)], 'without a match, the longest beginning of one');
SELECT is((SELECT sequence_match_events(at, step, '(?3).*(?2)') FROM written('1212')), NULL, 'NULL if not even that');

-- The longest pattern: 64 events, and 128 time conditions.
SELECT is((SELECT ARRAY[sequence_count(at, step, repeat('(?1)', 64)),
		sequence_count(at, step, repeat('(?1)(?t==1)', 63) || '(?1)'),
		sequence_count(at, step, '(?1)' || repeat('(?t!=9)', 127) || '(?2)')] FROM written(repeat('1', 128) || '2')),
	ARRAY[2, 2, 1]::bigint[], '64 events, 127 time conditions');
-- Times as far apart as there are.
SELECT is(ARRAY[sequence_match(at, step::stepset, '(?1)(?t>53375995d)(?2)'),
		sequence_match(at, step::stepset, '(?1)(?t<=53375995d)(?2)')], ARRAY[true, false], 'from the first time to the last')
FROM (VALUES (timestamptz '4713-01-01 BC', '10'), ('294276-12-31 23:59:59.999999', '01')) v (at, step);

SELECT * FROM finish();
ROLLBACK;
