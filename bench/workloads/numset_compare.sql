-- title: Comparing values of 10 million customers
-- question: Of 10 million customers with a number from 0 to 999,999 each: how many are at or above 500,000, how many have from 100,000 to 200,000, how many exactly 777,777, and what is the median? (The numbers are stored.)

-- setup: plain
CREATE TABLE scratch.numbers AS SELECT g AS user_id, (hashint8extended(g, 1) & 1073741823) % 1000000 AS number FROM generate_series(1::bigint, 10000000) AS g;
ANALYZE scratch.numbers;

-- setup: journey
CREATE TABLE scratch.numset AS SELECT numset_agg(user_id, number) AS n FROM scratch.numbers;

-- run: plain
SELECT count(*) FILTER (WHERE number >= 500000), count(*) FILTER (WHERE number BETWEEN 100000 AND 200000), count(*) FILTER (WHERE number = 777777),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY number)
FROM scratch.numbers;

-- run: journey
SELECT cardinality(n >= 500000), cardinality(numset_users_between(n, 100000, 200000)), cardinality(n = 777777), numset_quantile(n, 0.5)
FROM scratch.numset;
