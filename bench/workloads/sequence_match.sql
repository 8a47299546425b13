-- title: Pattern: transfer done within an hour of its start, later a coupon used
-- question: How many customers finish a transfer within an hour, and use a coupon some time after that?

-- run: plain
-- Among starts and ends alone, an end counts when a start stands right before it.
SELECT count(*) FILTER (WHERE last_coupon > first_pair)
FROM (SELECT min(at) FILTER (WHERE event = 'transfer_done' AND before = 'transfer_start'
                                   AND at - before_at <= interval '1 hour') AS first_pair,
             max(at) FILTER (WHERE event = 'coupon_use') AS last_coupon
      FROM (SELECT user_id, at, event, lag(event) OVER w AS before, lag(at) OVER w AS before_at
            FROM events
            WHERE event IN ('transfer_start', 'transfer_done', 'coupon_use')
            WINDOW w AS (PARTITION BY user_id, event = 'coupon_use' ORDER BY at)) AS e
      GROUP BY user_id) AS users;

-- run: journey
SELECT count(*) FILTER (WHERE matches)
FROM (SELECT sequence_match(at, step_of(event, ARRAY['transfer_start', 'transfer_done', 'coupon_use']),
                            '(?1)(?t<=3600)(?2).*(?3)') AS matches
      FROM events
      WHERE event IN ('transfer_start', 'transfer_done', 'coupon_use')
      GROUP BY user_id) AS users;

-- run: duckdb
SELECT count(*) FILTER (WHERE last_coupon > first_pair)
FROM (SELECT min(time) FILTER (WHERE event = 'transfer_done' AND before = 'transfer_start'
                                   AND time - before_time <= interval '1 hour') AS first_pair,
             max(time) FILTER (WHERE event = 'coupon_use') AS last_coupon
      FROM (SELECT user_id, time, event, lag(event) OVER w AS before, lag(time) OVER w AS before_time
            FROM events
            WHERE event IN ('transfer_start', 'transfer_done', 'coupon_use')
            WINDOW w AS (PARTITION BY user_id, event = 'coupon_use' ORDER BY time)) AS e
      GROUP BY user_id) AS users;

-- run: clickhouse
SELECT countIf(matches)
FROM (SELECT sequenceMatch('(?1)(?t<=3600)(?2).*(?3)')(at, event = 'transfer_start',
                           event = 'transfer_done', event = 'coupon_use') AS matches
      FROM events
      WHERE event IN ('transfer_start', 'transfer_done', 'coupon_use')
      GROUP BY user_id);
