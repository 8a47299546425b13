-- title: Which event comes next after which
-- question: How often does each event follow each other event of a customer, and for how many customers?

-- run: plain
SELECT source, target, count(*), count(DISTINCT user_id)
FROM (SELECT user_id, event AS source, lead(event) OVER (PARTITION BY user_id ORDER BY at, event COLLATE "C") AS target
      FROM events) AS e
WHERE target IS NOT NULL
GROUP BY source, target;

-- run: plain, users counted by customer first
SELECT source, target, sum(n)::bigint, count(*)
FROM (SELECT user_id, source, target, count(*) AS n
      FROM (SELECT user_id, event AS source, lead(event) OVER (PARTITION BY user_id ORDER BY at, event COLLATE "C") AS target
            FROM events) AS e
      WHERE target IS NOT NULL
      GROUP BY user_id, source, target) AS u
GROUP BY source, target;

-- run: journey
SELECT source, target, count, users
FROM transition_links((SELECT transitions(user_id, at, event) FROM events));

-- run: duckdb
SELECT source, target, count(*), count(DISTINCT user_id)
FROM (SELECT user_id, event AS source, lead(event) OVER (PARTITION BY user_id ORDER BY time, event) AS target
      FROM events) AS e
WHERE target IS NOT NULL
GROUP BY source, target;

-- run: clickhouse
SELECT p.1 AS source, p.2 AS target, sum(n), count()
FROM (SELECT user_id, p, count() AS n
      FROM (SELECT user_id,
                   arrayJoin(arrayZip(arrayPopBack(nodes), arrayPopFront(nodes))) AS p
            FROM (SELECT user_id, arrayMap(x -> x.2, arraySort(groupArray((at, event)))) AS nodes
                  FROM events
                  GROUP BY user_id))
      GROUP BY user_id, p)
GROUP BY p;

-- run: clickhouse, window
SELECT source, target, count(), uniqExact(user_id)
FROM (SELECT user_id, event AS source,
             leadInFrame(toNullable(event)) OVER (PARTITION BY user_id ORDER BY at, event ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS target
      FROM events)
WHERE target IS NOT NULL
GROUP BY source, target;
