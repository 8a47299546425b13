-- title: Shape: user_path GROUP BY user_id
-- question: How many events are in the customers' paths, and how many customers end with a log-out?

-- run: journey
SET journey.enable_aggregate = on;
SELECT sum(cardinality(p))::bigint, count(*) FILTER (WHERE p[cardinality(p)] = 'logout') FROM (SELECT user_path(at, event) AS p FROM events GROUP BY user_id) AS u;

-- run: clickhouse
SELECT sum(length(p)), countIf(p[-1] = 'logout') FROM (SELECT arrayMap(x -> x.2, arraySort(groupArray((at, event)))) AS p FROM events GROUP BY user_id);
