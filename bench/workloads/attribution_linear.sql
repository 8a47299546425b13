-- title: Credit of channels, all models against one
-- question: How do channels share the credit for payments linearly? pg_journey computes all of its models.

-- setup: plain
CREATE UNLOGGED TABLE scratch.visits AS
SELECT user_id, at, CASE WHEN event = 'search' AND amount % 5 < 2 THEN 'visit' WHEN event = 'pay_done' AND amount % 25 = 0 THEN 'pay' ELSE event END AS event, channel FROM events;
VACUUM (FREEZE, ANALYZE) scratch.visits;

-- setup: clickhouse
CREATE OR REPLACE TABLE visits ENGINE = MergeTree ORDER BY at AS
SELECT user_id, at, toLowCardinality(multiIf(event = 'search' AND amount % 5 < 2, 'visit', event = 'pay_done' AND amount % 25 = 0, 'pay', toString(event))) AS event, channel FROM events;

-- run: journey
SELECT touch, conversions, round(linear * 10)::bigint
FROM attribution_touches((SELECT attribution(user_id, at, CASE event WHEN 'visit' THEN channel END, event = 'pay', '30 days') FROM scratch.visits))
WHERE conversions > 0;

-- run: journey, filtered
SELECT touch, conversions, round(linear * 10)::bigint
FROM attribution_touches((SELECT attribution(user_id, at, CASE event WHEN 'visit' THEN channel END, event = 'pay', '30 days') FROM scratch.visits WHERE event IN ('visit', 'pay')))
WHERE conversions > 0;

-- run: clickhouse
SELECT hits[i].2 AS touch, uniqExact((user_id, c)), toInt64(round(sum(1 / n) * 10))
FROM (SELECT user_id, c, if(empty(found), [(c, '(direct)')], found) AS hits, length(hits) AS n
	FROM (SELECT user_id, arraySort(groupArrayIf((at, toString(channel)), event = 'visit')) AS touches, groupArrayIf(at, event = 'pay') AS cs
		FROM visits WHERE event IN ('visit', 'pay') GROUP BY user_id)
	ARRAY JOIN cs AS c, arrayMap(c -> arrayFilter(t -> t.1 <= c AND t.1 >= c - 30 * 86400, touches), cs) AS found)
ARRAY JOIN arrayEnumerate(hits) AS i
GROUP BY touch;

-- run: clickhouse, events of all kinds
SELECT hits[i].2 AS touch, uniqExact((user_id, c)), toInt64(round(sum(1 / n) * 10))
FROM (SELECT user_id, c, if(empty(found), [(c, '(direct)')], found) AS hits, length(hits) AS n
	FROM (SELECT user_id, arraySort(groupArrayIf((at, toString(channel)), event = 'visit')) AS touches, groupArrayIf(at, event = 'pay') AS cs
		FROM visits GROUP BY user_id)
	ARRAY JOIN cs AS c, arrayMap(c -> arrayFilter(t -> t.1 <= c AND t.1 >= c - 30 * 86400, touches), cs) AS found)
ARRAY JOIN arrayEnumerate(hits) AS i
GROUP BY touch;
