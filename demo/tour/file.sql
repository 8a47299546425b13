-- # The log
-- What happens in it, and to how many?
SELECT event, count(*) AS events, count(DISTINCT user_id) AS users,
       round(100.0 * count(DISTINCT user_id)
             / (SELECT count(DISTINCT user_id) FROM events), 1) AS "% of users"
FROM events
GROUP BY event
ORDER BY users DESC, events DESC
LIMIT 12;

-- # Funnel
-- How far do users get through the most common events, in their usual order?
WITH reached AS (
  SELECT user_id, window_funnel(at, step_of(event,
       @steps@),
       @within@) AS step
  FROM events
  GROUP BY user_id
)
SELECT n AS step, name AS event, count(*) FILTER (WHERE step >= n) AS users,
       round(100 * avg((step >= n)::int), 1) AS "% of all",
       repeat('█', (20 * avg((step >= n)::int))::int) AS share
FROM reached, unnest(
       @steps@)
       WITH ORDINALITY AS s(name, n)
GROUP BY n, name
ORDER BY n;

-- # Drop-off
-- Where do users stop, and how long does each step take those who go on?
WITH f AS (
  SELECT window_funnel_times(at, step_of(event,
       @steps@),
       @within@) AS t
  FROM events
  GROUP BY user_id
)
SELECT n AS step, count(t[n]) AS users,
       CASE WHEN n > 1 THEN count(t[n-1]) - count(t[n]) END AS stopped_before,
       date_trunc('second', justify_hours(percentile_cont(0.5)
         WITHIN GROUP (ORDER BY t[n] - t[n-1]))) AS median_time,
       date_trunc('second', justify_hours(percentile_cont(0.9)
         WITHIN GROUP (ORDER BY t[n] - t[n-1]))) AS "90% within"
FROM f, generate_series(1, @last@) AS n
GROUP BY n
ORDER BY n;

-- # Retention
-- Of the users first seen in a @cohort@, how many % were seen in period 1, 2, 3 … after?
-- (A period is @period_text@; only those count whose period is over.)
WITH began AS (
  SELECT user_id, min(at) AS day0
  FROM events
  GROUP BY user_id
), r AS (
  SELECT date_trunc('@cohort@', day0)::date AS cohort,
         (SELECT max(at) FROM events) - day0 AS age,
         retention(steps(
           at = day0,
           at BETWEEN day0 + 1 * interval @period@ AND day0 + 2 * interval @period@,
           at BETWEEN day0 + 2 * interval @period@ AND day0 + 3 * interval @period@,
           at BETWEEN day0 + 3 * interval @period@ AND day0 + 4 * interval @period@,
           at BETWEEN day0 + 4 * interval @period@ AND day0 + 5 * interval @period@)) AS r
  FROM events JOIN began USING (user_id)
  GROUP BY user_id, day0
)
SELECT cohort, count(*) AS users,
       round(100 * avg(r[2]::int) FILTER (WHERE age >= 2 * interval @period@), 1) AS "1",
       round(100 * avg(r[3]::int) FILTER (WHERE age >= 3 * interval @period@), 1) AS "2",
       round(100 * avg(r[4]::int) FILTER (WHERE age >= 4 * interval @period@), 1) AS "3",
       round(100 * avg(r[5]::int) FILTER (WHERE age >= 5 * interval @period@), 1) AS "4"
FROM r
GROUP BY cohort
ORDER BY cohort
LIMIT 12;

-- # Patterns
-- Between steps 1 and 2 of the funnel: do users go straight on, by a detour, or back?
WITH e AS (
  SELECT user_id, at,
         steps(event = @step1@,
               event = @step2@,
               true) AS step       -- "true" makes every other event visible
  FROM events
), s AS (
  SELECT sequence_match(at, step, '(?1)(?2)') AS straight,
         sequence_match(at, step, '(?1).*(?2)') AS sooner_or_later,
         sequence_match(at, step, '(?1)(?t<=1h)(?2)') AS within_an_hour,
         sequence_match(at, step, '(?2).*(?1)') AS back,
         sequence_count(at, step, '(?1)') > 1 AS again
  FROM e
  GROUP BY user_id
)
SELECT pattern, count(*) FILTER (WHERE hit) AS users,
       round(100 * avg(hit::int), 1) AS "% of all"
FROM s, LATERAL (VALUES
  (1, '1, and straight on to 2', straight),
  (2, '1, sooner or later 2', sooner_or_later),
  (3, '1, and 2 within the hour', within_an_hour),
  (4, '2, and back to 1', back),
  (5, '1 more than once', again)) AS v(n, pattern, hit)
GROUP BY n, pattern
ORDER BY n;

-- # Next step
-- What comes right after step 1?
WITH s AS (
  SELECT sequence_next_node(at,
           step_of(event, ARRAY[@step1@]),
           event, true, 'forward', 'first_match') AS next_event
  FROM events
  GROUP BY user_id
  HAVING bool_or(event = @step1@)
)
SELECT coalesce(next_event, '(nothing more)') AS next_event, count(*) AS users,
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS "%",
       repeat('█', (20.0 * count(*) / sum(count(*)) OVER ())::int) AS share
FROM s
GROUP BY 1
ORDER BY users DESC
LIMIT 8;

-- # Sessions
-- Cut wherever nothing happened for @gap_text@: how many sessions do users have?
WITH e AS (
  SELECT user_id, at,
         sessionize(at, @gap@) OVER (PARTITION BY user_id ORDER BY at) AS session
  FROM events
), s AS (
  SELECT user_id, session, count(*) AS events, max(at) - min(at) AS length
  FROM e
  GROUP BY user_id, session
), u AS (
  SELECT user_id, count(*) AS sessions, avg(events) AS events, avg(length) AS length
  FROM s
  GROUP BY user_id
)
SELECT CASE WHEN sessions >= 6 THEN '6 or more' ELSE sessions::text END AS sessions,
       count(*) AS users, round(avg(events), 1) AS events_each,
       date_trunc('second', justify_hours(avg(length))) AS mean_length
FROM u
GROUP BY 1
ORDER BY 1;

-- # Paths
-- Which way do they walk? A row is a band of a Sankey diagram.
SELECT position, source, target, users,
       date_trunc('second', justify_hours(median_time)) AS median_time,
       repeat('█', ceil(24.0 * users / max(users) OVER ())::int) AS flow
FROM (SELECT *
      FROM flow_links((
             SELECT path_flow(user_id, at, event, NULL, 5, NULL, NULL,
                      'collapse, top 4')
             FROM events))
      ORDER BY users DESC
      LIMIT 14) AS widest
ORDER BY position, users DESC, source, target;

-- # Variants
-- Which are the most frequent whole ways?
SELECT array_to_string(path, E'\n') AS path, users,
       round(100.0 * users / (SELECT count(DISTINCT user_id) FROM events), 1) AS "% of all",
       date_trunc('second', justify_hours(median_duration)) AS median_duration
FROM unnest((SELECT top_paths(user_id, at, event, NULL, 50, 5) FROM events));

-- # Loops
-- What do they come back to, and after how many steps?
SELECT node, repeats + returns AS times, users, round(avg_steps::numeric, 1) AS steps,
       date_trunc('second', justify_hours(median_time)) AS median_time
FROM transition_loops((SELECT transitions(user_id, at, event) FROM events))
UNION ALL
SELECT '(all)', coalesce(sum(repeats + returns), 0), max(users), NULL, NULL
FROM transition_loops((SELECT transitions(user_id, at, event) FROM events))
ORDER BY times DESC
LIMIT 8;

-- # The ones who stalled
-- Who got to step 2 or further but never met the last, and has been silent the longest?
WITH f AS (
  SELECT user_id, max(at) AS last_seen, window_funnel(at, step_of(event,
       @steps@),
       @within@) AS step
  FROM events
  GROUP BY user_id
  HAVING NOT bool_or(event = @last_step@)
)
SELECT user_id, step AS reached_step, last_seen::timestamp(0),
       (SELECT max(at) FROM events)::date - last_seen::date AS silent_days,
       count(*) OVER () AS "users in all"
FROM f
WHERE step >= 2
ORDER BY last_seen
LIMIT 8;
