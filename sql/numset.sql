-- numset: a number for each of many users.
SET search_path = public, journey;

-- text form, and back
SELECT '{1:5,2:-7}'::numset, '{ 9 : 0 , -3:+4,1:9223372036854775807}'::numset, '{}'::numset, ' { } '::numset;
SELECT '{-9223372036854775808:-9223372036854775808,9223372036854775807:9223372036854775807}'::numset;
SELECT ''::numset;
SELECT '{1:5'::numset;
SELECT '{1}'::numset;
SELECT '{1:5,}'::numset;
SELECT '{1:5}x'::numset;
SELECT '{1:9223372036854775808}'::numset;
SELECT '{1:5,2:3,1:4}'::numset;

-- binary form
SELECT journey_internal.numset_send('{}'), journey_internal.numset_send('{1:5,2:-7}');

-- comparisons
SELECT n = 5 AS "=", n <> 5 AS "<>", n < 5 AS "<", n <= 5 AS "<=", n > 5 AS ">", n >= 5 AS ">=", numset_users_between(n, 0, 5) AS "between", numset_users(n) AS users
FROM (VALUES ('{1:5,2:-7,3:12,-4:0,70000:5}'::numset), ('{1:5,2:5}'), ('{}')) AS v(n);
SELECT numset_users_eq(n, 5, f), numset_users_ne(n, 5, f), numset_users_lt(n, 5, f), numset_users_le(n, 5, f), numset_users_gt(n, 5, f), numset_users_ge(n, 5, f), numset_users_between(n, 0, 5, f)
FROM (VALUES ('{1:5,2:-7,3:12,-4:0,70000:5}'::numset, '{1-3,5}'::userset)) AS v(n, f);
SELECT '{1:5,2:6}'::numset = '{2:6,1:5}' AS same, '{1:5}'::numset = '{1:6}' AS other_value, '{1:5}'::numset <> '{2:5}' AS other_user;

-- figures
SELECT numset_count(n), numset_sum(n), round(numset_avg(n), 3) AS avg, numset_min(n), numset_max(n), numset_quantile(n, 0.5) AS median
FROM (VALUES ('{1:5,2:-7,3:12,-4:0,70000:5}'::numset), ('{1:9223372036854775807,2:9223372036854775807}'), ('{}')) AS v(n);
SELECT numset_count(n, f), numset_sum(n, f), round(numset_avg(n, f), 3) AS avg, numset_min(n, f), numset_max(n, f), numset_quantile(n, 0.5, f) AS median
FROM (VALUES ('{1:5,2:-7,3:12,-4:0,70000:5}'::numset, '{1,2,5}'::userset), ('{1:5}', '{2}')) AS v(n, f);
SELECT numset_quantile('{1:5}', 1.5);
SELECT numset_quantile('{1:5}', 'NaN');
SELECT numset_top(n, 0), numset_top(n, 1), numset_top(n, 2), numset_top(n, 10), numset_top(n, 1, '{1,2}') FROM (VALUES ('{1:5,2:-7,3:12,-4:5,70000:5}'::numset)) AS v(n);
SELECT numset_top('{1:5}', -1);
SELECT * FROM numset_histogram('{1:5,2:-7,3:12,-4:0,70000:5}', ARRAY[0, 5, 100]);
SELECT * FROM numset_histogram('{1:5,2:-7,3:12}', ARRAY[0], '{1,3}');
SELECT * FROM numset_histogram('{1:5}', '{}');
SELECT * FROM numset_histogram('{1:5}', ARRAY[0, 0]);
SELECT * FROM numset_histogram('{1:5}', ARRAY[0, NULL]);

-- two numsets
SELECT numset_merge('{1:5,3:7}', '{2:-9}'), '{1:5,3:7}'::numset + '{2:-9,3:1}' AS "+", numset_merge('{}', '{1:1}'), '{}'::numset + '{}' AS none;
SELECT numset_merge('{1:5,3:7}', '{3:-9}');
SELECT '{1:9223372036854775807}'::numset + '{1:1}';

-- users one by one
SELECT u, numset_value('{1:5,2:-7,-4:0}', u) FROM unnest(ARRAY[-5, -4, 1, 2, 3]) AS u;
SELECT * FROM numset_entries('{1:5,2:-7,-4:0}');
SELECT * FROM numset_entries('{1:5,2:-7,-4:0}', '{-4,2,9}');
SELECT * FROM numset_entries('{}');

-- the aggregate
SELECT numset_agg(u, v), numset_agg(u, v) FILTER (WHERE false) AS none
FROM (VALUES (3, 1), (1, 5), (NULL, 7), (2, NULL), (3, 10)) AS t(u, v);
SELECT numset_agg(1, v) FROM unnest(ARRAY[9223372036854775807, 1, -1]) AS v;
SELECT numset_agg(1, v) FROM unnest(ARRAY[9223372036854775807, 1]) AS v;
SELECT k, numset_agg(u, v) OVER (ORDER BY k) AS so_far FROM (VALUES (1, 7, 1), (2, 8, 2), (3, 7, 3)) AS t(k, u, v);

-- grouped
SELECT n, count(*) FROM (VALUES ('{1:5,2:-7}'::numset), ('{1:5}'), ('{2:-7,1:5}')) AS v(n) GROUP BY n ORDER BY 2;
