-- experiment: users are assigned to variants, and what they did is compared.
SET search_path = journey, public;
SET timezone = 'UTC';
SET extra_float_digits = -3;

SELECT id, assign_variant(id, 'new page', '{"control": 50, "new": 50}') FROM generate_series(1, 4) AS id;
CREATE TABLE test_log (user_id int, at timestamptz, variant text, amount float8);
INSERT INTO test_log VALUES
    (1, '2026-03-01 09:00', 'control', NULL), (1, '2026-03-01 10:00', NULL, 20), (1, '2026-02-20 10:00', NULL, 10),
    (2, '2026-03-01 09:00', 'control', NULL), (2, '2026-03-02 10:00', NULL, 10),
    (3, '2026-03-01 09:00', 'new', NULL), (3, '2026-03-01 10:00', NULL, 40), (3, '2026-02-25 10:00', NULL, 15),
    (4, '2026-03-01 09:00', 'new', NULL), (4, '2026-03-03 10:00', NULL, 25), (4, '2026-03-03 11:00', NULL, 5),
    (5, '2026-03-01 09:00', 'new', NULL), (5, '2026-03-02 09:00', 'control', NULL), (5, '2026-03-02 10:00', NULL, 99);
SELECT * FROM experiment_variants((SELECT experiment(user_id, at, variant, variant IS NOT NULL, amount, '7 days', '14 days') FROM test_log));
SELECT * FROM experiment_results((SELECT experiment(user_id, at, variant, variant IS NOT NULL, amount, '7 days', '14 days') FROM test_log), 'control') \gx
SELECT variant, users, mean, difference, lower, upper FROM experiment_results((SELECT experiment(user_id, at, variant, variant IS NOT NULL, amount > 15, '7 days') FROM test_log), 'control');
SELECT * FROM experiment_srm((SELECT experiment(user_id, at, variant, variant IS NOT NULL, amount, '7 days') FROM test_log), '{"control": 50, "new": 50}');
SELECT experiment(user_id, at, variant, variant IS NOT NULL, amount, '7 days', '14 days') FROM test_log;

-- bad input
SELECT assign_variant(1, 'x', '[]');
SELECT * FROM experiment_results((SELECT experiment(user_id, at, variant, variant IS NOT NULL, amount, '7 days') FROM test_log), 'old');
SELECT * FROM experiment_srm((SELECT experiment(user_id, at, variant, variant IS NOT NULL, amount, '7 days') FROM test_log), '{"new": 1}');
SELECT '{"version": 2}'::experiment_stats;
DROP TABLE test_log;
