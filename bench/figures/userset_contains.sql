-- title: WHERE contains(set, user_id), over a plain filter
-- goal: 30 ns
-- plans: may differ
--
-- Both statements select about the same number of rows. For a condition contains(set,
-- column) the planner chooses pg_journey's own scan, so its gain is included; the first pair
-- turns this scan off. In the last two pairs the ids are random numbers up to 100 million, so
-- nearly every row needs a different part of a set of 12.5 MB.

-- setup: journey
CREATE TABLE scratch.sets AS
SELECT 'half' AS name, userset_agg(user_id) AS users FROM events WHERE hashint8extended(user_id, 1) & 1 = 0
UNION ALL
SELECT 'ten million', userset_agg((hashint8extended(i, 2) & 2147483647) % 100000000) FROM generate_series(1, 10517000) AS i;
CREATE UNLOGGED TABLE scratch.events AS
SELECT (hashint8extended(user_id, extract(epoch FROM at)::bigint) & 2147483647) % 100000000 AS user_id,
       at, event, channel, amount
FROM events;
VACUUM (FREEZE, ANALYZE) scratch.events;

-- run: baseline, half of the customers, a sequential scan
SELECT count(*) FROM events WHERE user_id < 250000;

-- run: measured, half of the customers, a sequential scan
SET journey.enable_scan = off;
SELECT count(*) FROM events WHERE contains((SELECT users FROM scratch.sets WHERE name = 'half'), user_id);

-- run: baseline, half of the customers
SELECT count(*) FROM events WHERE user_id < 250000;

-- run: measured, half of the customers
SELECT count(*) FROM events WHERE contains((SELECT users FROM scratch.sets WHERE name = 'half'), user_id);

-- run: baseline, random ids and 10 million of 100 million
SELECT count(*) FROM scratch.events WHERE user_id < 10000000;

-- run: measured, random ids and 10 million of 100 million
SELECT count(*) FROM scratch.events
WHERE contains((SELECT users FROM scratch.sets WHERE name = 'ten million'), user_id);

-- With an aggregate of pg_journey, here one that does nothing, the plain filter has its scan, too.
-- run: baseline, the same, both in the scan of pg_journey
SELECT count(*), intersect_agg(NULL::userset) FROM scratch.events WHERE user_id < 10000000;

-- run: measured, the same, both in the scan of pg_journey
SELECT count(*), intersect_agg(NULL::userset) FROM scratch.events
WHERE contains((SELECT users FROM scratch.sets WHERE name = 'ten million'), user_id);
