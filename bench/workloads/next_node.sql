-- title: Next step after a customer's first look at a loan
-- question: Which event follows the first loan_view of each customer, and how often?

-- run: plain
SELECT next, count(*)
FROM (SELECT DISTINCT ON (user_id) user_id, next
      FROM (SELECT user_id, at, event,
                   lead(event) OVER (PARTITION BY user_id ORDER BY at) AS next
            FROM events) AS e
      WHERE event = 'loan_view'
      ORDER BY user_id, at) AS users
GROUP BY next;

-- run: plain, join
-- First the customers' first views, then the earliest event after each.
SELECT next, count(*)
FROM (SELECT v.user_id, (array_agg(e.event ORDER BY e.at) FILTER (WHERE e.at > v.at))[1] AS next
      FROM (SELECT user_id, min(at) AS at FROM events WHERE event = 'loan_view' GROUP BY user_id) AS v
      JOIN events AS e ON e.user_id = v.user_id AND e.at >= v.at
      GROUP BY v.user_id) AS users
GROUP BY next;

-- run: journey
SELECT next, count(*)
FROM (SELECT user_id, sequence_next_node(at, steps(event = 'loan_view'), event, event = 'loan_view',
                                         'forward', 'first_match') AS next,
             bool_or(event = 'loan_view') AS viewed
      FROM events
      GROUP BY user_id) AS users
WHERE viewed
GROUP BY next;

-- run: duckdb
SELECT next, count(*)
FROM (SELECT user_id, arg_min(struct_pack(next), time) AS first
      FROM (SELECT user_id, time, event,
                   lead(event) OVER (PARTITION BY user_id ORDER BY time) AS next
            FROM events) AS e
      WHERE event = 'loan_view'
      GROUP BY user_id) AS users, LATERAL (SELECT first.next)
GROUP BY next;

-- run: clickhouse
SELECT next, count()
FROM (SELECT user_id, sequenceNextNode('forward', 'first_match')(at, toNullable(toString(event)),
                          event = 'loan_view', event = 'loan_view') AS next,
             max(event = 'loan_view') AS viewed
      FROM events
      GROUP BY user_id)
WHERE viewed
GROUP BY next;
