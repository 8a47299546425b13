-- title: userset_agg of 10 million of 100 million ids in random order, over pg_roaringbitmap's rb64_build_agg
-- goal: 0.5 times
--
-- The time of both includes the scan of the ids, which is the same.

-- setup: roaringbitmap
CREATE UNLOGGED TABLE scratch.ids AS
SELECT i * 48271171 % 100000000 AS user_id FROM generate_series(1, 10000000::bigint) AS i;
VACUUM (FREEZE, ANALYZE) scratch.ids;

-- run: baseline
SELECT rb64_cardinality(rb64_build_agg(user_id)) FROM scratch.ids;

-- run: measured
SET journey.enable_scan = off;
SELECT cardinality(userset_agg(user_id)) FROM scratch.ids;
