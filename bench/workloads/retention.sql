-- title: Retention over 7 days
-- question: Of the customers active on 1 February, how many come back on each of the seven days after?

-- run: plain
SELECT count(*) FILTER (WHERE d0), count(*) FILTER (WHERE d0 AND d1),
       count(*) FILTER (WHERE d0 AND d2), count(*) FILTER (WHERE d0 AND d3),
       count(*) FILTER (WHERE d0 AND d4), count(*) FILTER (WHERE d0 AND d5),
       count(*) FILTER (WHERE d0 AND d6), count(*) FILTER (WHERE d0 AND d7)
FROM (SELECT bool_or(at < '2025-02-02') AS d0,
             bool_or(at >= '2025-02-02' AND at < '2025-02-03') AS d1,
             bool_or(at >= '2025-02-03' AND at < '2025-02-04') AS d2,
             bool_or(at >= '2025-02-04' AND at < '2025-02-05') AS d3,
             bool_or(at >= '2025-02-05' AND at < '2025-02-06') AS d4,
             bool_or(at >= '2025-02-06' AND at < '2025-02-07') AS d5,
             bool_or(at >= '2025-02-07' AND at < '2025-02-08') AS d6,
             bool_or(at >= '2025-02-08') AS d7
      FROM events
      WHERE at >= '2025-02-01' AND at < '2025-02-09'
      GROUP BY user_id) AS users;

-- run: journey
SELECT count(*) FILTER (WHERE r[1]), count(*) FILTER (WHERE r[2]),
       count(*) FILTER (WHERE r[3]), count(*) FILTER (WHERE r[4]),
       count(*) FILTER (WHERE r[5]), count(*) FILTER (WHERE r[6]),
       count(*) FILTER (WHERE r[7]), count(*) FILTER (WHERE r[8])
FROM (SELECT retention(steps(at < '2025-02-02',
                             at >= '2025-02-02' AND at < '2025-02-03',
                             at >= '2025-02-03' AND at < '2025-02-04',
                             at >= '2025-02-04' AND at < '2025-02-05',
                             at >= '2025-02-05' AND at < '2025-02-06',
                             at >= '2025-02-06' AND at < '2025-02-07',
                             at >= '2025-02-07' AND at < '2025-02-08',
                             at >= '2025-02-08')) AS r
      FROM events
      WHERE at >= '2025-02-01' AND at < '2025-02-09'
      GROUP BY user_id) AS users;

-- run: duckdb
SELECT count(*) FILTER (WHERE d0), count(*) FILTER (WHERE d0 AND d1),
       count(*) FILTER (WHERE d0 AND d2), count(*) FILTER (WHERE d0 AND d3),
       count(*) FILTER (WHERE d0 AND d4), count(*) FILTER (WHERE d0 AND d5),
       count(*) FILTER (WHERE d0 AND d6), count(*) FILTER (WHERE d0 AND d7)
FROM (SELECT bool_or(time < '2025-02-02') AS d0,
             bool_or(time >= '2025-02-02' AND time < '2025-02-03') AS d1,
             bool_or(time >= '2025-02-03' AND time < '2025-02-04') AS d2,
             bool_or(time >= '2025-02-04' AND time < '2025-02-05') AS d3,
             bool_or(time >= '2025-02-05' AND time < '2025-02-06') AS d4,
             bool_or(time >= '2025-02-06' AND time < '2025-02-07') AS d5,
             bool_or(time >= '2025-02-07' AND time < '2025-02-08') AS d6,
             bool_or(time >= '2025-02-08') AS d7
      FROM events
      WHERE time >= '2025-02-01' AND time < '2025-02-09'
      GROUP BY user_id) AS users;

-- run: clickhouse
SELECT sum(r[1]), sum(r[2]), sum(r[3]), sum(r[4]), sum(r[5]), sum(r[6]), sum(r[7]), sum(r[8])
FROM (SELECT retention(at < '2025-02-02',
                       at >= '2025-02-02' AND at < '2025-02-03',
                       at >= '2025-02-03' AND at < '2025-02-04',
                       at >= '2025-02-04' AND at < '2025-02-05',
                       at >= '2025-02-05' AND at < '2025-02-06',
                       at >= '2025-02-06' AND at < '2025-02-07',
                       at >= '2025-02-07' AND at < '2025-02-08',
                       at >= '2025-02-08') AS r
      FROM events
      WHERE at >= '2025-02-01' AND at < '2025-02-09'
      GROUP BY user_id);
