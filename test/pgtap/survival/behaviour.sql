-- survival and survival_by against their definition in plain SQL: units, zones, groups, ends of observation,
-- ties and NULLs; curves, means and the log-rank test against sums over the periods; plans; what is refused.
\ir ../setup.psql
SELECT no_plan();
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;

CREATE TABLE event (i int, u int, at timestamptz, starts boolean, ends boolean, label text);
INSERT INTO event
SELECT i, nullif(rnd(i, 1, 900), 9), CASE WHEN rnd(i, 2, 40) > 0 THEN moment(rnd(i, 3, 150) * (CASE rnd(i, 1, 900) % 3 WHEN 0 THEN 3600 ELSE 86400 END)) END,
	CASE rnd(i, 4, 5) WHEN 0 THEN true WHEN 1 THEN NULL ELSE false END, CASE rnd(i, 5, 9) WHEN 0 THEN true WHEN 1 THEN NULL ELSE false END,
	CASE rnd(i, 6, 6) WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN '贷款' ELSE chr(96 + rnd(i, 6, 6)) END
FROM generate_series(1, 6000) AS i;
INSERT INTO event SELECT i + 10000, u, at, starts, ends, label FROM event WHERE i % 40 = 0;
ANALYZE event;

-- The users of the definition: start, end, group.
CREATE FUNCTION stays(until timestamptz) RETURNS TABLE (u int, start timestamptz, till timestamptz, ended boolean, label text) LANGUAGE sql AS $$
	WITH e AS (SELECT * FROM event WHERE u IS NOT NULL AND at IS NOT NULL AND (until IS NULL OR at < until)),
		s AS (SELECT u, min(at) FILTER (WHERE starts) AS start, max(at) AS latest FROM e GROUP BY u)
	SELECT u, start, coalesce(first_end, until - interval '1 microsecond', latest), first_end IS NOT NULL, label
	FROM s, LATERAL (SELECT min(at) AS first_end FROM e WHERE e.u = s.u AND ends AND at >= start) AS f,
		LATERAL (SELECT min(label COLLATE "C") COLLATE "default" AS label FROM e WHERE e.u = s.u AND at = start AND starts) AS l
	WHERE start IS NOT NULL
$$;
CREATE FUNCTION period_of(unit text, zone text, a timestamptz, b timestamptz) RETURNS bigint LANGUAGE sql AS $$
	SELECT CASE
		WHEN unit LIKE 'rolling%' THEN floor(extract(epoch FROM b - a) / extract(epoch FROM ('1 ' || split_part(replace(unit, '_sunday', ''), ' ', 2))::interval))
		WHEN unit = 'hour' THEN floor(extract(epoch FROM b) / 3600) - floor(extract(epoch FROM a) / 3600)
		WHEN unit = 'day' THEN (b AT TIME ZONE zone)::date - (a AT TIME ZONE zone)::date
		WHEN unit = 'week' THEN (date_trunc('week', b AT TIME ZONE zone)::date - date_trunc('week', a AT TIME ZONE zone)::date) / 7
		WHEN unit = 'week_sunday' THEN (date_trunc('week', b AT TIME ZONE zone + interval '1 day')::date - date_trunc('week', a AT TIME ZONE zone + interval '1 day')::date) / 7
		ELSE (12 * (extract(year FROM b AT TIME ZONE zone) - extract(year FROM a AT TIME ZONE zone)) + extract(month FROM b AT TIME ZONE zone) - extract(month FROM a AT TIME ZONE zone)) END
$$;
-- Users by group and period, those beyond the last one censored in it.
CREATE FUNCTION cells(by boolean, unit text, periods int, zone text, until timestamptz) RETURNS TABLE (label text, period int, ended bigint, censored bigint) LANGUAGE sql AS $$
	SELECT CASE WHEN by THEN label END, least(p, periods)::int, count(*) FILTER (WHERE ended AND p <= periods), count(*) FILTER (WHERE NOT ended OR p > periods)
	FROM stays(until), LATERAL (SELECT period_of(unit, zone, start, till) AS p) AS x GROUP BY 1, 2
$$;
CREATE TABLE asked AS
SELECT row_number() OVER () AS id, * FROM (VALUES (false), (true)) AS b (by),
	(VALUES ('hour', 48, 'UTC'), ('day', 30, 'Asia/Shanghai'), ('week', 12, 'America/New_York'), ('week_sunday', 3, 'UTC'), ('month', 6, 'Asia/Kathmandu'), ('rolling hour', 100, 'UTC'), ('rolling day', 9, 'UTC'), ('rolling week_sunday', 40, 'UTC')) AS a (unit, periods, zone),
	(VALUES (NULL::timestamptz), ('2024-02-20 12:00')) AS t (until);
CREATE FUNCTION ours(by boolean, unit text, periods int, zone text, until timestamptz) RETURNS survival_stats LANGUAGE sql AS $$
	SELECT CASE WHEN by THEN survival_by(u, at, starts, ends, label, unit, periods, zone, until) ELSE survival(u, at, starts, ends, unit, periods, zone, until) END FROM event
$$;
CREATE TABLE result AS SELECT *, ours(by, unit, periods, zone, until) AS s FROM asked;
CREATE TABLE cell AS SELECT id, c.* FROM asked, cells(by, unit, periods, zone, until) AS c;
SELECT ok(count(*) FILTER (WHERE ended > 1) > 15 AND count(*) FILTER (WHERE censored > 1) > 15, 'there are users to count') FROM cell;

SELECT is_empty(format($q$
	(SELECT c->>0, (c->>1)::int, (c->>2)::bigint, (c->>3)::bigint FROM result, jsonb_array_elements(s::text::jsonb->'cells') AS c WHERE id = %1$s EXCEPT ALL SELECT label, period, ended, censored FROM cell WHERE id = %1$s)
	UNION ALL (SELECT label, period, ended, censored FROM cell WHERE id = %1$s EXCEPT ALL SELECT c->>0, (c->>1)::int, (c->>2)::bigint, (c->>3)::bigint FROM result, jsonb_array_elements(s::text::jsonb->'cells') AS c WHERE id = %1$s) $q$, id),
	format('users by %s, %s, until %s%s', unit, zone, until, CASE WHEN by THEN ' in groups' END))
FROM asked;

-- The curve by its formula: products and sums over the periods before.
CREATE VIEW risk AS
SELECT id, label, g.period, coalesce(ended, 0) AS ended, coalesce(censored, 0) AS censored,
	(SELECT sum(ended + censored) FROM cell AS c WHERE c.id = a.id AND c.label IS NOT DISTINCT FROM l.label AND c.period >= g.period) AS at_risk
FROM asked AS a JOIN (SELECT DISTINCT id, label FROM cell) AS l USING (id), generate_series(0, periods) AS g (period)
LEFT JOIN LATERAL (SELECT ended, censored FROM cell AS c WHERE c.id = a.id AND c.label IS NOT DISTINCT FROM l.label AND c.period = g.period) AS c ON true;
CREATE TABLE point AS
SELECT id, label, period, at_risk, ended, censored,
	CASE WHEN bool_or(ended = at_risk) OVER w THEN 0 ELSE exp(sum(CASE WHEN ended < at_risk THEN ln(1 - ended / at_risk) END) OVER w) END::float8 AS survival,
	sqrt(CASE WHEN NOT bool_or(ended = at_risk) OVER w THEN sum(ended / (at_risk * nullif(at_risk - ended, 0))) OVER w END)::float8 AS log_error
FROM risk WHERE at_risk > 0 WINDOW w AS (PARTITION BY id, label ORDER BY period);
SELECT is_empty(format($q$
	SELECT * FROM (SELECT r.* FROM result, survival_curve(s) AS r WHERE id = %1$s) AS r FULL JOIN (SELECT * FROM point WHERE id = %1$s) AS p ON breakdown IS NOT DISTINCT FROM label AND r.period = p.period
	WHERE r.period IS NULL OR p.period IS NULL OR (r.at_risk, r.ended, r.censored) <> (p.at_risk, p.ended, p.censored) OR abs(r.survival - p.survival) > 1e-12
		OR (r.std_error IS NULL) <> (p.log_error IS NULL) OR abs(r.std_error - p.survival * log_error) > 1e-10
		OR abs(r.lower - p.survival * exp(-1.959963984540054 * log_error)) > 1e-10 OR abs(r.upper - least(1, p.survival * exp(1.959963984540054 * log_error))) > 1e-10 $q$, id), 'curve ' || id)
FROM asked;
SELECT results_eq('SELECT breakdown FROM result, survival_summary(s) WHERE id = (SELECT min(id) FROM asked WHERE by)', 'SELECT label FROM (SELECT DISTINCT label FROM cell WHERE id = (SELECT min(id) FROM asked WHERE by)) AS l ORDER BY label COLLATE "C"', 'groups by their bytes, NULL last');
SELECT is_empty($q$
	SELECT * FROM result, survival_summary(s) AS r JOIN LATERAL (
		SELECT min(at_risk) FILTER (WHERE period = 0) + max(at_risk) - max(at_risk) AS users, sum(ended) AS ended, sum(censored) AS censored, min(period) FILTER (WHERE survival <= 0.5 + 1e-12) AS median FROM point WHERE point.id = result.id AND label IS NOT DISTINCT FROM breakdown) AS p ON true
	WHERE (r.users, r.ended, r.censored) <> (p.users, p.ended, p.censored) OR median_period IS DISTINCT FROM median $q$, 'summaries');
SELECT is_empty($q$
	SELECT * FROM result, survival_summary(s) AS r, LATERAL (
		SELECT sum(coalesce(survival, CASE WHEN least <= 1e-15 THEN 0 END)) AS mean, count(*) FILTER (WHERE survival IS NULL AND least > 1e-15) AS unknown
		FROM generate_series(0, result.periods - 1) AS g (period) LEFT JOIN (SELECT * FROM point WHERE point.id = result.id AND label IS NOT DISTINCT FROM breakdown) AS p USING (period),
			(SELECT min(survival) AS least FROM point WHERE point.id = result.id AND label IS NOT DISTINCT FROM breakdown) AS l) AS m
	WHERE (avg_periods IS NULL) <> (unknown > 0) OR abs(avg_periods - mean) > 1e-9 $q$, 'mean periods: the area below the curve');

-- The log-rank test by its formula, for two groups; what is expected, for all.
CREATE VIEW pooled AS SELECT id, period, sum(at_risk) AS n, sum(ended) AS d FROM risk GROUP BY 1, 2;
SELECT is_empty($q$
	SELECT * FROM result, survival_summary(s) AS r, LATERAL (SELECT sum(d * at_risk / nullif(n, 0)) AS expected FROM risk JOIN pooled USING (id, period) WHERE id = result.id AND label IS NOT DISTINCT FROM breakdown) AS e
	WHERE abs(r.expected - e.expected) > 1e-8 $q$, 'expected of each group');
CREATE TABLE two AS SELECT id, survival_by(u, at, starts, ends, CASE u % 2 WHEN 0 THEN 'even' ELSE 'odd' END, unit, periods, zone, until) AS s FROM asked, event WHERE by GROUP BY id;
SELECT is_empty($q$
	WITH c AS (SELECT id, r.* FROM two, survival_curve(s) AS r), p AS (SELECT id, period, sum(at_risk) AS n, sum(ended) AS d FROM c GROUP BY 1, 2),
		t AS (SELECT id, sum(ended - d * at_risk / n) AS excess, sum(CASE WHEN n > 1 THEN d * (n - d) / (n - 1) * at_risk / n * (1 - at_risk / n) END) AS variance FROM c JOIN p USING (id, period) WHERE breakdown = 'odd' GROUP BY id)
	SELECT * FROM two JOIN t USING (id), survival_test(s) AS r WHERE groups <> 2 OR degrees <> 1 OR chi_square IS NULL OR abs(chi_square - excess * excess / variance) > 1e-8 * (1 + chi_square) $q$, 'log-rank test of two groups');
SELECT ok(bool_and(groups = 6 AND degrees = 5 AND p_value BETWEEN 0 AND 1), 'and of six') FROM result, survival_test(s) WHERE by AND unit <> 'month';
SELECT is((SELECT survival_test(s)::text FROM result WHERE NOT by LIMIT 1), '(1,,0,)', 'nothing to compare');

-- Few users are not shown.
SELECT is_empty($q$ SELECT * FROM result, survival_curve(s, min_users => 5) AS f WHERE (at_risk < 5 OR ended < 5) AND (survival IS NOT NULL OR lower IS NOT NULL OR std_error IS NOT NULL) OR least(at_risk, ended, censored) < 5 $q$, 'min_users of curves');
SELECT is_empty($q$ SELECT * FROM result, survival_summary(s, 40) WHERE least(users, ended, censored) < 40 OR (users IS NULL OR ended IS NULL) AND (median_period IS NOT NULL OR avg_periods IS NOT NULL OR expected IS NOT NULL) $q$, 'min_users of summaries');

-- Types of ids; parts by user add up; plans.
SELECT is(survival_by(u::text, at, starts, ends, label, 'day', 9)::text, survival_by(u, at, starts, ends, label, 'day', 9)::text, 'ids of text') FROM event;
SELECT is((SELECT rollup(s)::text FROM (SELECT survival_by(u, at, starts, ends, label, 'day', 9) AS s FROM event GROUP BY u % 4 UNION ALL SELECT NULL) AS p), (SELECT survival_by(u, at, starts, ends, label, 'day', 9)::text FROM event), 'rollup');
SELECT throws_ok(format('SELECT rollup(s) FROM (SELECT survival(u, at, starts, ends, ''day'', 9) AS s FROM event UNION ALL SELECT %s FROM event) AS p', other), '22023', 'cannot roll up survivals that differ in unit, periods, time zone, until or whether they have groups', other)
FROM unnest(ARRAY['survival(u, at, starts, ends, ''day'', 8)', 'survival(u, at, starts, ends, ''rolling day'', 9)', 'survival(u, at, starts, ends, ''day'', 9, ''Asia/Tokyo'')', 'survival(u, at, starts, ends, ''day'', 9, '''', ''2024-03-01'')', 'survival_by(u, at, starts, ends, label, ''day'', 9)']) AS other;
SELECT ok(survival(u, at, starts, ends, 'day', 3) IS NULL, 'no rows give NULL') FROM event WHERE false;
SELECT is(survival(u, at, false, ends, 'day', 3)::text, '{"version": 1, "unit": "day", "rolling": false, "periods": 3, "time_zone": "UTC", "by": false, "cells": []}', 'nobody starts') FROM event;
SELECT is_empty($q$ SELECT survival_curve(survival(u, at, false, ends, 'day', 3)) FROM event $q$, 'nobody starts: no rows');
SELECT is(survival(1, at, starts, ends, 'rolling day', 10000)::text, '{"version": 1, "unit": "day", "rolling": true, "periods": 10000, "time_zone": "UTC", "by": false, "cells": [[null, 10000, 0, 1]]}', 'far times')
FROM (VALUES (timestamptz '4713-01-01 BC', true, false), ('294276-12-31', false, true)) AS v (at, starts, ends);
SELECT throws_ok(call, state, message, call)
FROM (VALUES ('SELECT survival(u, at, starts, ends, NULL, 3) FROM event', '22004', 'unit must not be NULL'), ('SELECT survival(u, at, starts, ends, ''day'', NULL) FROM event', '22004', 'periods must not be NULL'),
	('SELECT survival(u, at, starts, ends, ''day'', 10001) FROM event', '22023', 'periods must be from 1 to 10000, not 10001'), ('SELECT survival(u, at, starts, ends, ''day'', 3, ''Mars'') FROM event', '22023', 'time_zone "Mars" does not exist'),
	('SELECT survival(u, ''infinity'', starts, ends, ''day'', 3) FROM event', '22008', NULL), ('SELECT survival(u, at, starts, ends, ''day'', i) FROM event', '22023', NULL),
	('SELECT survival_curve(s, NULL) FROM result', '22004', NULL), ('SELECT survival_curve(s, ''NaN'') FROM result', '22023', NULL), ('SELECT survival_curve(s, 0.9, -1) FROM result', '22023', NULL),
	('SELECT survival_test(survival_by(i, moment(0), true, false, i::text, ''day'', 3)) FROM generate_series(1, 501) AS i', '54000', '501 groups are too many to compare: more than 500')) AS v (call, state, message);
SELECT ok((SELECT groups FROM survival_test(survival_by(i, moment(i % 7), i < 1000, true, (i % 500)::text, 'hour', 3))) = 500, '500 groups can be compared') FROM generate_series(1, 2000) AS i;

CREATE TABLE many AS SELECT i, CASE WHEN i % 97 > 0 THEN 1 + rnd(i, 1, 1000) END AS u, CASE WHEN i % 89 > 0 THEN moment(i * 180 + rnd(i, 2, 3) * 3600) END AS at, nullif(rnd(i, 3, 9), 1) = 0 AS starts, nullif(rnd(i, 4, 25), 1) = 0 AS ends, nullif(chr(97 + rnd(i, 5, 6)), 'c') AS label, i % 4 AS g FROM generate_series(1, 20000) i;
CREATE TABLE call AS SELECT call FROM unnest(ARRAY['survival(u, at, starts, ends, ''day'', 30)', 'survival(u, at, starts, ends, ''rolling day'', 30, '''', ''2024-02-01'')', 'survival(u::text, at, starts, ends, ''month'', 3, ''Asia/Kathmandu'')',
	'survival_by(u, at, starts, ends, label, ''day'', 30)', 'survival_by(u::text, at, starts, ends, label, ''week'', 9, '''', ''2024-02-01'')']) AS call;
\ir ../plans.psql

SELECT * FROM finish();
ROLLBACK;
