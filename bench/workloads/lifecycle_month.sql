-- title: Lifecycle by month
-- question: How many customers are active, new, returning, resurrected and dormant in each month?

-- run: plain
SELECT day, active, new, "returning", active - new - "returning" AS resurrected, coalesce(lag(leaving) OVER (ORDER BY day), 0) AS dormant
FROM (SELECT day, count(*) AS active, count(*) FILTER (WHERE before IS NULL) AS new,
             count(*) FILTER (WHERE day = (before + interval '1 month')::date) AS "returning",
             count(*) FILTER (WHERE after IS NULL OR after <> (day + interval '1 month')::date) AS leaving
      FROM (SELECT day, lag(day) OVER w AS before, lead(day) OVER w AS after
            FROM (SELECT user_id, date_trunc('month', at)::date AS day FROM events GROUP BY 1, 2) AS days
            WINDOW w AS (PARTITION BY user_id ORDER BY day)) AS neighbours
      GROUP BY day) AS counts;

-- run: journey
SELECT bucket_date, active, new, "returning", resurrected, dormant
FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'month', 'UTC') FROM events));

-- run: journey, one process
SET max_parallel_workers_per_gather = 0;
SELECT bucket_date, active, new, "returning", resurrected, dormant
FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'month', 'UTC') FROM events));

-- run: journey, little memory
SET work_mem = '4MB';
SELECT bucket_date, active, new, "returning", resurrected, dormant
FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'month', 'UTC') FROM events));

-- run: duckdb
SELECT day, active, new, "returning", active - new - "returning" AS resurrected, coalesce(lag(leaving) OVER (ORDER BY day), 0) AS dormant
FROM (SELECT day, count(*) AS active, count(*) FILTER (WHERE before IS NULL) AS new,
             count(*) FILTER (WHERE day = (before + interval 1 month)::date) AS "returning",
             count(*) FILTER (WHERE after IS NULL OR after <> (day + interval 1 month)::date) AS leaving
      FROM (SELECT day, lag(day) OVER w AS before, lead(day) OVER w AS after
            FROM (SELECT user_id, date_trunc('month', time)::date AS day FROM events GROUP BY 1, 2) AS days
            WINDOW w AS (PARTITION BY user_id ORDER BY day)) AS neighbours
      GROUP BY day) AS counts;

-- run: clickhouse
SELECT cell.1 AS day, countIf(cell.2 < 3), countIf(cell.2 = 0), countIf(cell.2 = 1), countIf(cell.2 = 2), countIf(cell.2 = 3)
FROM (SELECT user_id, arraySort(groupUniqArray(toStartOfMonth(at))) AS days FROM events GROUP BY user_id) AS users
ARRAY JOIN arrayConcat(arrayMap((x, before) -> (x, if(before = toDate(0), 0, if(addMonths(before, 1) = x, 1, 2))),
                                days, arrayPopBack(arrayPushFront(days, toDate(0)))),
                       arrayMap(x -> (addMonths(x, 1), 3),
                                arrayFilter((x, after) -> addMonths(x, 1) <> after,
                                            days, arrayPopFront(arrayPushBack(days, toDate(0)))))) AS cell
GROUP BY day
HAVING day <= (SELECT max(toStartOfMonth(at)) FROM events);
