-- title: Credit of channels, five models
-- question: How do channels, of one event in 50, share the credit for payments, one event in 500, by five models within 30 days?

-- setup: plain
CREATE UNLOGGED TABLE scratch.visits AS
SELECT user_id, at, CASE WHEN event = 'search' AND amount % 5 < 2 THEN 'visit' WHEN event = 'pay_done' AND amount % 25 = 0 THEN 'pay' ELSE event END AS event, channel FROM events;
VACUUM (FREEZE, ANALYZE) scratch.visits;

-- setup: clickhouse
CREATE OR REPLACE TABLE visits ENGINE = MergeTree ORDER BY at AS
SELECT user_id, at, toLowCardinality(multiIf(event = 'search' AND amount % 5 < 2, 'visit', event = 'pay_done' AND amount % 25 = 0, 'pay', toString(event))) AS event, channel FROM events;

-- run: plain
WITH hits AS (SELECT user_id, at, channel, event FROM scratch.visits WHERE event IN ('visit', 'pay')),
led AS (
	SELECT c.user_id, c.at, coalesce(t.channel, '(direct)') AS touch, row_number() OVER (conversion ORDER BY t.at) AS i, count(*) OVER conversion AS n,
		power(2, -extract(epoch FROM c.at - coalesce(t.at, c.at))::float8 / 604800) AS weight, sum(power(2, -extract(epoch FROM c.at - coalesce(t.at, c.at))::float8 / 604800)) OVER conversion AS weights
	FROM hits AS c LEFT JOIN hits AS t ON t.user_id = c.user_id AND t.event = 'visit' AND t.at <= c.at AND t.at >= c.at - interval '30 days'
	WHERE c.event = 'pay' WINDOW conversion AS (PARTITION BY c.user_id, c.at))
SELECT touch, count(DISTINCT (user_id, at)), round(sum((i = 1)::int) * 10 + 1e-5)::bigint, round(sum((i = n)::int) * 10 + 1e-5)::bigint, round(sum(1.0::float8 / n) * 10 + 1e-5)::bigint, round(sum(CASE n WHEN 1 THEN 1 WHEN 2 THEN 0.5 ELSE CASE WHEN i IN (1, n) THEN 0.4 ELSE 0.2 / (n - 2) END END) * 10 + 1e-5)::bigint, round(sum(weight / weights) * 10 + 1e-5)::bigint
FROM led GROUP BY touch;

-- run: journey
SELECT touch, conversions, round(first * 10 + 1e-5)::bigint, round(last * 10 + 1e-5)::bigint, round(linear * 10 + 1e-5)::bigint, round(position * 10 + 1e-5)::bigint, round(time_decay * 10 + 1e-5)::bigint
FROM attribution_touches((SELECT attribution(user_id, at, CASE event WHEN 'visit' THEN channel END, event = 'pay', '30 days') FROM scratch.visits))
WHERE conversions > 0;

-- run: journey, filtered
SELECT touch, conversions, round(first * 10 + 1e-5)::bigint, round(last * 10 + 1e-5)::bigint, round(linear * 10 + 1e-5)::bigint, round(position * 10 + 1e-5)::bigint, round(time_decay * 10 + 1e-5)::bigint
FROM attribution_touches((SELECT attribution(user_id, at, CASE event WHEN 'visit' THEN channel END, event = 'pay', '30 days') FROM scratch.visits WHERE event IN ('visit', 'pay')))
WHERE conversions > 0;

-- run: clickhouse
SELECT hits[i].2 AS touch, uniqExact((user_id, c)), toInt64(round(sum(i = 1) * 10 + 1e-5)), toInt64(round(sum(i = n) * 10 + 1e-5)), toInt64(round(sum(1 / n) * 10 + 1e-5)), toInt64(round(sum(if(n = 1, 1, if(n = 2, 0.5, if(i = 1 OR i = n, 0.4, 0.2 / (n - 2))))) * 10 + 1e-5)), toInt64(round(sum(exp2((hits[i].1 - c) / 604800) / arraySum(h -> exp2((h.1 - c) / 604800), hits)) * 10 + 1e-5))
FROM (SELECT user_id, c, if(empty(found), [(c, '(direct)')], found) AS hits, length(hits) AS n
	FROM (SELECT user_id, arraySort(groupArrayIf((at, toString(channel)), event = 'visit')) AS touches, groupArrayIf(at, event = 'pay') AS cs
		FROM visits WHERE event IN ('visit', 'pay') GROUP BY user_id)
	ARRAY JOIN cs AS c, arrayMap(c -> arrayFilter(t -> t.1 <= c AND t.1 >= c - 30 * 86400, touches), cs) AS found)
ARRAY JOIN arrayEnumerate(hits) AS i
GROUP BY touch;
