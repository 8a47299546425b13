-- Bad input: each error names the argument, its value, and what to write.
SET search_path = journey, public;
SET timezone = 'UTC';
SET intervalstyle = 'postgres';
\set VERBOSITY default

CREATE TABLE log (user_id int, at timestamptz, event text, days int);
INSERT INTO log VALUES (1, '2026-01-01', 'a', 1), (1, '2026-01-02', 'b', 2);

-- within
SELECT window_funnel(at, steps(event = 'a'), '1 month') FROM log;
SELECT window_funnel(at, steps(event = 'a'), '-1 day') FROM log;
SELECT window_funnel(at, steps(event = 'a'), '2000000000 days') FROM log;
SELECT window_funnel(at, steps(event = 'a'), NULL) FROM log;
SELECT window_funnel(at, steps(event = 'a'), days * interval '1 day') FROM log;
SELECT days, window_funnel(at, steps(event = 'a'), days * interval '1 day') FROM log GROUP BY days ORDER BY days;

-- mode
SELECT window_funnel(at, steps(event = 'a'), '1 day', 'strict') FROM log;
SELECT window_funnel(at, steps(event = 'a'), '1 day', 'strict_order,') FROM log;
SELECT window_funnel(at, steps(event = 'a'), '1 day', 'first_chain, latest_chain') FROM log;
SELECT funnel_breakdown(1, at, steps(event = 'a'), '1 day', event, 'first') FROM log;
SELECT funnel_breakdown(1, at, steps(event = 'a'), '1 day', event, 'first_chain') FROM log;
SELECT window_funnel(at, steps(event = 'a'), '1 day', 'allow_reentry') FROM log;
SELECT window_funnel(at, steps(event = 'a'), '1 day', 'any_order, strict_once') FROM log;
SELECT window_funnel(at, steps(event = 'a'), '1 day', NULL) FROM log;
SELECT window_funnel(at, steps(event = 'a'), '1 day', CASE event WHEN 'a' THEN 'strict_once' ELSE '' END) FROM log;

-- at and step
SELECT window_funnel('infinity', steps(event = 'a'), '1 day') FROM log;
SELECT window_funnel(at, (CASE event WHEN 'a' THEN '10' ELSE '100' END)::stepset, '1 day') FROM log;
SELECT sequence_match(at, (CASE event WHEN 'a' THEN '10' ELSE '100' END)::stepset, '(?1)') FROM log;
SELECT retention((CASE event WHEN 'a' THEN '10' ELSE '100' END)::stepset) FROM log;

-- pattern
SELECT sequence_match(at, steps(event = 'a'), '') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '.*') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)(?2)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?0)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?99999999999999999999)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)é') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?t<1)(?1)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)(?t<1)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)(?t~1)(?1)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)(?t<x)(?1)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)(?t<1w)(?1)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)(?t<99999999999999999d)(?1)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), repeat('.', 65)) FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)*') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '((?1){9}){9}') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)?(?t<1h)(?1)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)(.*(?1)?)*(?1)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)|(?1)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '((?1)(?1)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)$(?1)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), '(?1)(?w>=7d)') FROM log;
SELECT sequence_match(at, steps(event = 'a'), NULL) FROM log;
SELECT sequence_match(at, steps(event = 'a'), event) FROM log;

-- direction and anchor
SELECT sequence_next_node(at, steps(event = 'a'), event, true, 'sideways', 'head') FROM log;
SELECT sequence_next_node(at, steps(event = 'a'), event, true, 'forward', 'middle') FROM log;
SELECT sequence_next_node(at, steps(event = 'a'), event, true, 'backward', 'head') FROM log;
SELECT sequence_next_node(at, steps(event = 'a'), event, true, NULL, 'head') FROM log;

DROP TABLE log;
