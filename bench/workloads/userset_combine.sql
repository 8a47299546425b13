-- title: Set operations on ten million customers
-- question: How many of 100 million customers are in both of two random sets of ten million, in either, in one only, and in the first only?

-- setup: plain
CREATE TABLE scratch.sets (n int, id bigint);
INSERT INTO scratch.sets
SELECT n, i * (ARRAY[48271171, 69621133])[n]::bigint % 100000000 FROM generate_series(1, 2) AS n, generate_series(1, 10000000) AS i;
ANALYZE scratch.sets;

-- setup: journey
CREATE TABLE scratch.usersets AS
SELECT n, userset_agg(i * (ARRAY[48271171, 69621133])[n]::bigint % 100000000) AS users
FROM generate_series(1, 2) AS n, generate_series(1, 10000000) AS i GROUP BY n;

-- setup: roaringbitmap
CREATE TABLE scratch.bitmaps AS
SELECT n, rb64_build_agg(i * (ARRAY[48271171, 69621133])[n]::bigint % 100000000) AS users
FROM generate_series(1, 2) AS n, generate_series(1, 10000000) AS i GROUP BY n;

-- setup: clickhouse
CREATE OR REPLACE TABLE usersets ENGINE = Memory AS
SELECT n, groupBitmapState(toUInt64(i * if(n = 1, 48271171, 69621133) % 100000000)) AS users
FROM (SELECT arrayJoin([1, 2]) AS n, number + 1 AS i FROM numbers(10000000)) GROUP BY n;

-- run: plain
SELECT count(*) FILTER (WHERE a AND b), count(*), count(*) FILTER (WHERE a <> b), count(*) FILTER (WHERE a AND NOT b)
FROM (SELECT bool_or(n = 1) AS a, bool_or(n = 2) AS b FROM scratch.sets GROUP BY id) AS s;

-- run: journey
SELECT cardinality(a.users & b.users), cardinality(a.users | b.users), cardinality(a.users # b.users), cardinality(a.users - b.users)
FROM scratch.usersets AS a, scratch.usersets AS b
WHERE a.n = 1 AND b.n = 2;

-- run: journey, without the sets
SELECT and_cardinality(a.users, b.users), or_cardinality(a.users, b.users), xor_cardinality(a.users, b.users), andnot_cardinality(a.users, b.users)
FROM scratch.usersets AS a, scratch.usersets AS b
WHERE a.n = 1 AND b.n = 2;

-- run: roaringbitmap
SELECT rb64_cardinality(a.users & b.users), rb64_cardinality(a.users | b.users), rb64_cardinality(a.users # b.users), rb64_cardinality(a.users - b.users)
FROM scratch.bitmaps AS a, scratch.bitmaps AS b
WHERE a.n = 1 AND b.n = 2;

-- run: roaringbitmap, without the sets
SELECT rb64_and_cardinality(a.users, b.users), rb64_or_cardinality(a.users, b.users), rb64_xor_cardinality(a.users, b.users), rb64_andnot_cardinality(a.users, b.users)
FROM scratch.bitmaps AS a, scratch.bitmaps AS b
WHERE a.n = 1 AND b.n = 2;

-- run: clickhouse
SELECT bitmapCardinality(bitmapAnd(a.users, b.users)), bitmapCardinality(bitmapOr(a.users, b.users)),
       bitmapCardinality(bitmapXor(a.users, b.users)), bitmapCardinality(bitmapAndnot(a.users, b.users))
FROM usersets AS a, usersets AS b
WHERE a.n = 1 AND b.n = 2;

-- run: clickhouse, without the sets
SELECT bitmapAndCardinality(a.users, b.users), bitmapOrCardinality(a.users, b.users), bitmapXorCardinality(a.users, b.users), bitmapAndnotCardinality(a.users, b.users)
FROM usersets AS a, usersets AS b
WHERE a.n = 1 AND b.n = 2;
