-- title: Pattern count: transfers done within an hour of their start
-- question: How many transfers were finished within an hour, and by how many customers?

-- run: plain
SELECT sum(pairs), count(*) FILTER (WHERE pairs > 0)
FROM (SELECT count(*) FILTER (WHERE event = 'transfer_done' AND before = 'transfer_start'
                                    AND at - before_at <= interval '1 hour') AS pairs
      FROM (SELECT user_id, at, event, lag(event) OVER w AS before, lag(at) OVER w AS before_at
            FROM events
            WHERE event IN ('transfer_start', 'transfer_done')
            WINDOW w AS (PARTITION BY user_id ORDER BY at)) AS e
      GROUP BY user_id) AS users;

-- run: journey
SELECT sum(pairs), count(*) FILTER (WHERE pairs > 0)
FROM (SELECT sequence_count(at, step_of(event, ARRAY['transfer_start', 'transfer_done']),
                            '(?1)(?t<=3600)(?2)') AS pairs
      FROM events
      WHERE event IN ('transfer_start', 'transfer_done')
      GROUP BY user_id) AS users;

-- run: duckdb
SELECT sum(pairs), count(*) FILTER (WHERE pairs > 0)
FROM (SELECT count(*) FILTER (WHERE event = 'transfer_done' AND before = 'transfer_start'
                                    AND time - before_time <= interval '1 hour') AS pairs
      FROM (SELECT user_id, time, event, lag(event) OVER w AS before, lag(time) OVER w AS before_time
            FROM events
            WHERE event IN ('transfer_start', 'transfer_done')
            WINDOW w AS (PARTITION BY user_id ORDER BY time)) AS e
      GROUP BY user_id) AS users;

-- run: clickhouse
SELECT sum(pairs), countIf(pairs > 0)
FROM (SELECT sequenceCount('(?1)(?t<=3600)(?2)')(at, event = 'transfer_start',
                           event = 'transfer_done') AS pairs
      FROM events
      WHERE event IN ('transfer_start', 'transfer_done')
      GROUP BY user_id);
