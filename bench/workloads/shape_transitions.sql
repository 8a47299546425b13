-- title: Shape: transitions in six partitions
-- question: How often does each event follow each other event, in a table partitioned by time?

-- setup: plain
CREATE TABLE scratch.parted (LIKE events) PARTITION BY RANGE (at);
DO $$ BEGIN FOR i IN 0..5 LOOP EXECUTE format('CREATE UNLOGGED TABLE scratch.parted_%s PARTITION OF scratch.parted FOR VALUES FROM (%L) TO (%L)', i, timestamptz '2025-01-01 00:00:00+00' + i * interval '15 days', timestamptz '2025-01-01 00:00:00+00' + (i + 1) * interval '15 days'); END LOOP; END $$;
INSERT INTO scratch.parted SELECT * FROM events;
VACUUM (FREEZE, ANALYZE) scratch.parted;

-- run: journey, one table
SELECT source, target, count, users FROM transition_links((SELECT transitions(user_id, at, event) FROM events));

-- run: journey, partitions
SELECT source, target, count, users FROM transition_links((SELECT transitions(user_id, at, event) FROM scratch.parted));

-- run: clickhouse
SELECT p.1 AS source, p.2 AS target, sum(n), count()
FROM (SELECT user_id, p, count() AS n
      FROM (SELECT user_id, arrayJoin(arrayZip(arrayPopBack(nodes), arrayPopFront(nodes))) AS p
            FROM (SELECT user_id, arrayMap(x -> x.2, arraySort(groupArray((at, event)))) AS nodes
                  FROM events GROUP BY user_id))
      GROUP BY user_id, p)
GROUP BY p;
