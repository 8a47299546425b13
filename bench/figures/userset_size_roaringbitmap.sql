-- title: Bytes of a stored set, over pg_roaringbitmap's after run optimisation
-- goal: 1.05 times the size

-- setup: journey
CREATE TABLE scratch.usersets (n int, users userset);
INSERT INTO scratch.usersets SELECT 1, userset_agg((hashint8extended(i, 1) & 2147483647) % 100000000) FROM generate_series(1, 1000000::bigint) AS i;
INSERT INTO scratch.usersets SELECT 2, userset_agg((hashint8extended(i, 2) & 2147483647) % 100000000) FROM generate_series(1, 10000000::bigint) AS i;
INSERT INTO scratch.usersets SELECT 3, userset_agg(hashint8extended(i, 3) & 281474976710655) FROM generate_series(1, 1000000::bigint) AS i;
INSERT INTO scratch.usersets SELECT 4, userset_agg(i / 20 * 30 + i % 20) FROM generate_series(1, 10000000::bigint) AS i;
INSERT INTO scratch.usersets SELECT 5, userset_agg(CASE WHEN i % 3 = 0 THEN i * 7 ELSE 30000000 + i END) FROM generate_series(1, 6000000::bigint) AS i;

-- setup: roaringbitmap
CREATE TABLE scratch.bitmaps (n int, users roaringbitmap64);
INSERT INTO scratch.bitmaps SELECT 1, rb64_runoptimize(rb64_build_agg((hashint8extended(i, 1) & 2147483647) % 100000000)) FROM generate_series(1, 1000000::bigint) AS i;
INSERT INTO scratch.bitmaps SELECT 2, rb64_runoptimize(rb64_build_agg((hashint8extended(i, 2) & 2147483647) % 100000000)) FROM generate_series(1, 10000000::bigint) AS i;
INSERT INTO scratch.bitmaps SELECT 3, rb64_runoptimize(rb64_build_agg(hashint8extended(i, 3) & 281474976710655)) FROM generate_series(1, 1000000::bigint) AS i;
INSERT INTO scratch.bitmaps SELECT 4, rb64_runoptimize(rb64_build_agg(i / 20 * 30 + i % 20)) FROM generate_series(1, 10000000::bigint) AS i;
INSERT INTO scratch.bitmaps SELECT 5, rb64_runoptimize(rb64_build_agg(CASE WHEN i % 3 = 0 THEN i * 7 ELSE 30000000 + i END)) FROM generate_series(1, 6000000::bigint) AS i;

-- run: baseline, 1 million of 100 million
SELECT pg_column_size(users) FROM scratch.bitmaps WHERE n = 1;

-- run: measured, 1 million of 100 million
SELECT pg_column_size(users) FROM scratch.usersets WHERE n = 1;

-- run: baseline, 10 million of 100 million
SELECT pg_column_size(users) FROM scratch.bitmaps WHERE n = 2;

-- run: measured, 10 million of 100 million
SELECT pg_column_size(users) FROM scratch.usersets WHERE n = 2;

-- run: baseline, 1 million of 2^48
SELECT pg_column_size(users) FROM scratch.bitmaps WHERE n = 3;

-- run: measured, 1 million of 2^48
SELECT pg_column_size(users) FROM scratch.usersets WHERE n = 3;

-- run: baseline, runs of 20 in 30
SELECT pg_column_size(users) FROM scratch.bitmaps WHERE n = 4;

-- run: measured, runs of 20 in 30
SELECT pg_column_size(users) FROM scratch.usersets WHERE n = 4;

-- run: baseline, runs and single ones
SELECT pg_column_size(users) FROM scratch.bitmaps WHERE n = 5;

-- run: measured, runs and single ones
SELECT pg_column_size(users) FROM scratch.usersets WHERE n = 5;
