-- title: Two stored sets of 10 million of 100 million, over pg_roaringbitmap
-- goal: 1 times
--
-- Both times include reading the stored sets.

-- setup: journey
CREATE TABLE scratch.usersets AS
SELECT n, userset_agg(i * (ARRAY[48271171, 69621133])[n]::bigint % 100000000) AS users
FROM generate_series(1, 2) AS n, generate_series(1, 10000000) AS i GROUP BY n;
ANALYZE scratch.usersets;

-- setup: roaringbitmap
CREATE TABLE scratch.bitmaps AS
SELECT n, rb64_build_agg(i * (ARRAY[48271171, 69621133])[n]::bigint % 100000000) AS users
FROM generate_series(1, 2) AS n, generate_series(1, 10000000) AS i GROUP BY n;
ANALYZE scratch.bitmaps;

-- run: baseline, &
SELECT rb64_cardinality(a.users & b.users) FROM scratch.bitmaps AS a, scratch.bitmaps AS b WHERE a.n = 1 AND b.n = 2;

-- run: measured, &
SELECT cardinality(a.users & b.users) FROM scratch.usersets AS a, scratch.usersets AS b WHERE a.n = 1 AND b.n = 2;

-- run: baseline, |
SELECT rb64_cardinality(a.users | b.users) FROM scratch.bitmaps AS a, scratch.bitmaps AS b WHERE a.n = 1 AND b.n = 2;

-- run: measured, |
SELECT cardinality(a.users | b.users) FROM scratch.usersets AS a, scratch.usersets AS b WHERE a.n = 1 AND b.n = 2;

-- run: baseline, -
SELECT rb64_cardinality(a.users - b.users) FROM scratch.bitmaps AS a, scratch.bitmaps AS b WHERE a.n = 1 AND b.n = 2;

-- run: measured, -
SELECT cardinality(a.users - b.users) FROM scratch.usersets AS a, scratch.usersets AS b WHERE a.n = 1 AND b.n = 2;

-- run: baseline, and_cardinality
SELECT rb64_and_cardinality(a.users, b.users) FROM scratch.bitmaps AS a, scratch.bitmaps AS b WHERE a.n = 1 AND b.n = 2;

-- run: measured, and_cardinality
SELECT and_cardinality(a.users, b.users) FROM scratch.usersets AS a, scratch.usersets AS b WHERE a.n = 1 AND b.n = 2;

-- run: baseline, or_cardinality
SELECT rb64_or_cardinality(a.users, b.users) FROM scratch.bitmaps AS a, scratch.bitmaps AS b WHERE a.n = 1 AND b.n = 2;

-- run: measured, or_cardinality
SELECT or_cardinality(a.users, b.users) FROM scratch.usersets AS a, scratch.usersets AS b WHERE a.n = 1 AND b.n = 2;

-- run: baseline, andnot_cardinality
SELECT rb64_andnot_cardinality(a.users, b.users) FROM scratch.bitmaps AS a, scratch.bitmaps AS b WHERE a.n = 1 AND b.n = 2;

-- run: measured, andnot_cardinality
SELECT andnot_cardinality(a.users, b.users) FROM scratch.usersets AS a, scratch.usersets AS b WHERE a.n = 1 AND b.n = 2;
