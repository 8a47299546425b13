-- title: Segment by a rule
-- question: How many customers bought a fund but did not log in during the last 30 days? (As a rule, refreshed: computed, stored and compared with the version before.)

-- run: plain
SELECT count(*) AS users
FROM (SELECT user_id FROM events WHERE event = 'fund_buy' AND at < '2025-04-01 00:00+00'
      EXCEPT
      SELECT user_id FROM events
      WHERE event = 'login' AND at >= '2025-03-02 00:00+00' AND at < '2025-04-01 00:00+00') AS e;

-- run: plain, one pass
SELECT count(*) AS users
FROM (SELECT user_id FROM events
      WHERE event IN ('fund_buy', 'login') AND at < '2025-04-01 00:00+00'
      GROUP BY user_id
      HAVING bool_or(event = 'fund_buy')
         AND NOT bool_or(event = 'login' AND at >= '2025-03-02 00:00+00')) AS e;

-- setup: journey
SELECT journey.add_source('bench', 'events', value => 'amount')
WHERE NOT EXISTS (SELECT FROM journey.sources WHERE name = 'bench');
SELECT journey.create_segment('dormant', '{"source": "bench", "rule": {"and": [
    {"did": "fund_buy"}, {"not": {"did": "login", "within": "30 days"}}]}}')
WHERE NOT EXISTS (SELECT FROM journey.segments WHERE name = 'dormant');

-- run: journey
SELECT users FROM journey.refresh_segment('dormant', '2025-04-01 00:00+00');

-- run: journey, the query alone
SELECT cardinality(sets[1] - sets[2]) AS users
FROM (SELECT journey_internal.step_users_once(user_id, at, step_of(event, ARRAY['fund_buy', 'login']),
                        '1 [-infinity, 2025-04-01 00:00+00) 1; 2 [2025-03-02 00:00+00, 2025-04-01 00:00+00) 1') AS sets
      FROM events WHERE event IN ('fund_buy', 'login') AND at < '2025-04-01 00:00+00') AS s;

-- run: duckdb
SELECT count(*) AS users
FROM (SELECT user_id FROM events
      WHERE event IN ('fund_buy', 'login') AND time < '2025-04-01 00:00:00'
      GROUP BY user_id
      HAVING count(*) FILTER (WHERE event = 'fund_buy') > 0
         AND count(*) FILTER (WHERE event = 'login' AND time >= '2025-03-02 00:00:00') = 0) AS e;

-- run: clickhouse
SELECT count() AS users
FROM (SELECT user_id FROM events
      WHERE event IN ('fund_buy', 'login') AND at < toDateTime('2025-04-01 00:00:00', 'UTC')
      GROUP BY user_id
      HAVING countIf(event = 'fund_buy') > 0
         AND countIf(event = 'login' AND at >= toDateTime('2025-03-02 00:00:00', 'UTC')) = 0) AS e;
