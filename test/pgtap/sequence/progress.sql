-- sequence_progress: random patterns over random histories, against an oracle that enumerates
-- every way to begin the pattern.
\ir ../setup.psql
SELECT plan(16);

-- One to five parts, each (?N), (?!N) or a dot, perhaps with a quantifier; adjacent or with .*
-- before it. A match needs the parts (?N) without ? or *.
CREATE TABLE part AS
SELECT i / 5 AS case_id, i % 5 + 1 AS k, (ARRAY['', '', '', '!', '.'])[1 + rnd(i, 1, 5)] AS kind, 1 + rnd(i, 2, 3) AS condition,
	(ARRAY['', '', '', '?', '*', '+'])[1 + rnd(i, 3, 6)] AS q, rnd(i, 4, 2) = 0 AND i % 5 > 0 AS free
FROM generate_series(0, 5 * 3000 - 1) i WHERE i % 5 <= rnd(i / 5, 5, 5);
UPDATE part SET q = '' WHERE kind = '.';
DELETE FROM part p WHERE NOT EXISTS (SELECT FROM part o WHERE o.case_id = p.case_id AND o.q IN ('', '+'));
CREATE TABLE pattern AS
SELECT case_id, string_agg(CASE WHEN free THEN '.*' ELSE '' END || CASE kind WHEN '.' THEN '.' ELSE '(?' || kind || condition || ')' END || q, '' ORDER BY k) AS pattern,
	count(*) FILTER (WHERE kind = '' AND q IN ('', '+')) AS needs
FROM part GROUP BY case_id;
CREATE TABLE event AS
SELECT case_id, j, moment(j) AS at, CASE case_id % 2 WHEN 0 THEN 1 + rnd(key, 6, 7) ELSE 1 << rnd(key, 7, 3) END::bit(3)::text AS s
FROM pattern, generate_series(1, 1 + rnd(case_id, 8, 7)) j, LATERAL (SELECT case_id * 16 + j AS key) k;
CREATE INDEX ON part (case_id, k);
CREATE INDEX ON event (case_id, j);
ANALYZE part, event;

-- Which parts k can the event j be? The parts that are left out in between are optional; the
-- gaps at their sides become one.
CREATE TABLE reached AS
WITH RECURSIVE reached AS (
	SELECT p.case_id, p.k, e.j FROM part p JOIN event e USING (case_id)
	WHERE CASE p.kind WHEN '' THEN meets(e.s, p.condition) WHEN '!' THEN NOT meets(e.s, p.condition) ELSE true END
		AND NOT EXISTS (SELECT FROM part o WHERE o.case_id = p.case_id AND o.k < p.k AND o.q IN ('', '+'))
	UNION
	SELECT p.case_id, p.k, e.j FROM reached r JOIN part p ON p.case_id = r.case_id AND p.k >= r.k JOIN event e ON e.case_id = r.case_id AND e.j > r.j
	WHERE CASE p.kind WHEN '' THEN meets(e.s, p.condition) WHEN '!' THEN NOT meets(e.s, p.condition) ELSE true END
		AND CASE WHEN p.k = r.k THEN p.q IN ('*', '+') AND e.j = r.j + 1
			ELSE NOT EXISTS (SELECT FROM part o WHERE o.case_id = p.case_id AND o.k > r.k AND o.k < p.k AND o.q IN ('', '+'))
				AND (e.j = r.j + 1 OR EXISTS (SELECT FROM part o WHERE o.case_id = p.case_id AND o.k > r.k AND o.k <= p.k AND o.free)) END
)
SELECT * FROM reached;
CREATE TABLE want AS
SELECT p.case_id, coalesce(max(n), 0) AS progress, coalesce(bool_or(ends), false) AS matches
FROM pattern p LEFT JOIN reached r USING (case_id),
	LATERAL (SELECT count(*) FILTER (WHERE kind = '' AND q IN ('', '+') AND o.k <= r.k) AS n, bool_and(coalesce(o.k <= r.k, false) OR q IN ('?', '*')) AS ends FROM part o WHERE o.case_id = p.case_id) c
GROUP BY p.case_id;
CREATE VIEW history AS SELECT case_id, pattern, needs, at, s::stepset AS step FROM pattern JOIN event USING (case_id);

SELECT ok(count(DISTINCT progress) > 4 AND count(*) FILTER (WHERE progress < needs AND progress > 0) > 300 AND count(*) FILTER (WHERE progress = needs AND NOT matches) > 20, 'some get far, some do not') FROM want JOIN pattern USING (case_id);
SELECT is_empty('SELECT case_id, pattern, progress, sequence_progress(at, step, pattern) AS got FROM history JOIN want USING (case_id) GROUP BY 1, 2, 3 HAVING progress <> sequence_progress(at, step, pattern) LIMIT 3', 'sequence_progress');
SELECT is_empty('SELECT case_id, pattern FROM history JOIN want USING (case_id) GROUP BY 1, 2, matches HAVING matches <> sequence_match(at, step, pattern) LIMIT 3', 'the oracle knows what a match is');
SELECT is_empty('SELECT case_id FROM history JOIN want USING (case_id) GROUP BY 1, pattern, progress HAVING progress <> sequence_progress(at, step, pattern ORDER BY hashint8extended(extract(epoch FROM at)::bigint, 1)) LIMIT 3', 'in any order');
SELECT is_empty('SELECT case_id FROM history GROUP BY 1, pattern HAVING sequence_progress(at, step, pattern || ''(?w<=1d)'') <> sequence_progress(at, step, pattern) LIMIT 3', 'a wide window changes nothing');

CREATE FUNCTION progress(conditions text, pattern text) RETURNS int LANGUAGE sql AS $$
	SELECT sequence_progress(moment(j::int), overlay('0000' PLACING '1' FROM c::int)::stepset, pattern) FROM unnest(string_to_array(conditions, NULL)) WITH ORDINALITY u (c, j)
$$;
SELECT is(progress(conditions, pattern), want, format('%s on %s', pattern, conditions)) FROM (VALUES
	('(?1)(?!4)*(?2)(?!4)*(?3)', '112', 2), ('(?1)(?!4)*(?2)(?!4)*(?3)', '143', 1), ('(?1)+.*(?2){2,}.*(?3)', '11232', 2), ('(?1)(?!2)$', '1', 1),
	('((?1)(?2)(?3)|(?4)).*(?1)', '123', 1), ('((?1)(?2)(?3)|(?4)).*(?1)', '12', 0), ('(?1).*(?2)(?w<=1)', '132', 1), ('(?1)(?t<0)(?2)', '12', 0), ('(?2)', '11', 0)) v (pattern, conditions, want);
SELECT is((SELECT sequence_progress(at, step, '(?1)') FROM history WHERE false), 0, 'no rows');
SELECT throws_ok($$ SELECT sequence_progress(at, step, '(?4)') FROM history $$, '22023', NULL, 'a condition that there is not');
SELECT * FROM finish();
ROLLBACK;
