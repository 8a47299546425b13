-- title: Retention matrix
-- question: Of the customers active on each of the first 30 days, how many are active on the same day and each of the 30 days after it? (Every day's active customers are a cohort; 30 × 31 numbers.)

-- run: plain
WITH active AS MATERIALIZED (
    SELECT DISTINCT user_id, (at AT TIME ZONE 'UTC')::date AS day FROM events
    WHERE at < '2025-03-02 00:00:00+00')
SELECT a.day AS cohort, b.day - a.day AS period, count(*) AS users
FROM active AS a JOIN active AS b ON b.user_id = a.user_id AND b.day BETWEEN a.day AND a.day + 30
WHERE a.day < '2025-01-31'
GROUP BY 1, 2 ORDER BY 1, 2;

-- run: plain, days as bits
SELECT date '2025-01-01' + c AS cohort, p AS period, count(*) AS users
FROM (SELECT bit_or(1::bigint << ((at AT TIME ZONE 'UTC')::date - date '2025-01-01')) AS days
      FROM events WHERE at < '2025-03-02 00:00:00+00' GROUP BY user_id) AS users,
     generate_series(0, 29) AS c, generate_series(0, 30) AS p
WHERE days >> c & 1 = 1 AND days >> (c + p) & 1 = 1
GROUP BY 1, 2 ORDER BY 1, 2;

-- run: plain, days as arrays
SELECT cohort, day - cohort AS period, count(*) AS users
FROM (SELECT array_agg(DISTINCT (at AT TIME ZONE 'UTC')::date) AS days
      FROM events WHERE at < '2025-03-02 00:00:00+00' GROUP BY user_id) AS users,
     unnest(days) AS cohort, unnest(days) AS day
WHERE cohort < '2025-01-31' AND day BETWEEN cohort AND cohort + 30
GROUP BY 1, 2 ORDER BY 1, 2;

-- run: journey
SELECT cohort_date, period, users
FROM retention_cells((SELECT cohort_retention(user_id, at, at < '2025-01-31 00:00:00+00', true, 'day', 30, 'every', 'UTC')
                      FROM events));

-- run: journey, with WHERE
SELECT cohort_date, period, users
FROM retention_cells((SELECT cohort_retention(user_id, at, at < '2025-01-31 00:00:00+00', true, 'day', 30, 'every', 'UTC')
                      FROM events WHERE at < '2025-03-02 00:00:00+00'));

-- run: journey, text ids
SELECT cohort_date, period, users
FROM retention_cells((SELECT cohort_retention(user_id::text, at, at < '2025-01-31 00:00:00+00', true, 'day', 30, 'every', 'UTC')
                      FROM events));

-- run: journey, one process
SET max_parallel_workers_per_gather = 0;
SELECT cohort_date, period, users
FROM retention_cells((SELECT cohort_retention(user_id, at, at < '2025-01-31 00:00:00+00', true, 'day', 30, 'every', 'UTC')
                      FROM events));

-- run: duckdb
WITH active AS MATERIALIZED (
    SELECT DISTINCT user_id, time::date AS day FROM events
    WHERE time < '2025-03-02')
SELECT a.day AS cohort, b.day - a.day AS period, count(*) AS users
FROM active AS a JOIN active AS b ON b.user_id = a.user_id AND b.day BETWEEN a.day AND a.day + 30
WHERE a.day < '2025-01-31'
GROUP BY 1, 2 ORDER BY 1, 2;

-- run: duckdb, days as lists
SELECT cohort, day - cohort AS period, count(*) AS users
FROM (SELECT days, unnest(days) AS cohort
      FROM (SELECT list(DISTINCT time::date) AS days FROM events WHERE time < '2025-03-02' GROUP BY user_id)) AS a,
     unnest(days) AS b(day)
WHERE cohort < '2025-01-31' AND day BETWEEN cohort AND cohort + 30
GROUP BY 1, 2 ORDER BY 1, 2;

-- run: clickhouse
SELECT cohort, day - cohort AS period, count() AS users
FROM (SELECT cohort, arrayJoin(arrayFilter(d -> d >= cohort AND d <= cohort + 30, days)) AS day
      FROM (SELECT groupUniqArray(toDate(at, 'UTC')) AS days
            FROM events WHERE at < toDateTime('2025-03-02 00:00:00', 'UTC') GROUP BY user_id)
      ARRAY JOIN days AS cohort
      WHERE cohort < toDate('2025-01-31'))
GROUP BY cohort, period ORDER BY cohort, period;

-- run: clickhouse, days as bits
SELECT toDate('2025-01-01') + cohort AS cohort_day, toInt32(day) - toInt32(cohort) AS period, count() AS users
FROM (SELECT cohort, arrayJoin(bitPositionsToArray(bitAnd(days, bitShiftLeft(toUInt64(2147483647), cohort)))) AS day
      FROM (SELECT groupBitOr(bitShiftLeft(toUInt64(1), dateDiff('day', toDate('2025-01-01'), toDate(at, 'UTC')))) AS days
            FROM events WHERE at < toDateTime('2025-03-02 00:00:00', 'UTC') GROUP BY user_id)
      ARRAY JOIN bitPositionsToArray(days) AS cohort
      WHERE cohort < 30)
GROUP BY cohort, period ORDER BY cohort, period;

-- run: clickhouse, customers as bitmaps
WITH days AS (SELECT toDate(at, 'UTC') AS day, groupBitmapState(toUInt64(user_id)) AS users
              FROM events WHERE at < toDateTime('2025-03-02 00:00:00', 'UTC') GROUP BY day)
SELECT a.day AS cohort, b.day - a.day AS period, bitmapAndCardinality(a.users, b.users) AS users
FROM days AS a CROSS JOIN days AS b
WHERE a.day < toDate('2025-01-31') AND b.day >= a.day AND b.day <= a.day + 30
ORDER BY cohort, period;
