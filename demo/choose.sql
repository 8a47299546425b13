-- Look at a log of the user's own and choose what demo/tour/file.sql asks about it:
-- one line "name<TAB>SQL text" for every @name@ there, with vertical tabs for newlines.
WITH seen AS (
	SELECT user_id, event, min(at) AS at FROM events GROUP BY user_id, event
), placed AS (
	SELECT event, percent_rank() OVER (PARTITION BY user_id ORDER BY at) AS place FROM seen
), common AS (
	-- the five events that most users meet, in their usual order
	SELECT event, avg(place) AS place, count(*) AS users
	FROM placed GROUP BY event
	ORDER BY users DESC, event LIMIT 5
), steps AS (
	SELECT array_agg(event ORDER BY place, event) AS steps FROM common
), span AS (
	SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY last - first) AS usual,
		   max(last) - min(first) AS whole
	FROM (SELECT min(at) AS first, max(at) AS last FROM events GROUP BY user_id) AS u
), pause AS (
	SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS median
	FROM (SELECT at - lag(at) OVER (PARTITION BY user_id ORDER BY at) AS gap FROM events) AS g
), chosen AS (
	SELECT steps,
		   CASE WHEN usual <= '1 hour' THEN '1 hour' WHEN usual <= '1 day' THEN '1 day'
				ELSE ceil(extract(epoch FROM usual) / 86400) || ' days' END AS within,
		   CASE WHEN whole >= '300 days' THEN 'month' WHEN whole >= '40 days' THEN 'week'
				ELSE 'day' END AS cohort,
		   CASE WHEN whole >= '300 days' THEN '30 days' WHEN whole >= '40 days' THEN '7 days'
				ELSE '1 day' END AS period,
		   CASE WHEN median >= '3 days' THEN '30 days' WHEN median >= '8 hours' THEN '7 days'
				WHEN median >= '10 minutes' THEN '1 day' ELSE '30 minutes' END AS gap
	FROM steps, span, pause
)
SELECT name || E'\t' || value
FROM chosen, LATERAL (VALUES
	('steps', 'ARRAY[' || (SELECT string_agg(quote_literal(name), E',\x0B             ' ORDER BY n)
						   FROM unnest(steps) WITH ORDINALITY AS u(name, n)) || ']'),
	('last', cardinality(steps)::text),
	('last_step', quote_literal(steps[cardinality(steps)])),
	('step1', quote_literal(steps[1])),
	('step2', quote_literal(steps[least(2, cardinality(steps))])),
	('within', quote_literal(within)),
	('cohort', cohort),
	('period', quote_literal(period)),
	('period_text', period),
	('gap', quote_literal(gap)),
	('gap_text', gap)) AS v(name, value);
