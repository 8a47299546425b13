-- title: step_of() with three names, over one comparison of the same column
-- goal: 0 ns

-- run: baseline
SELECT count(event = 'loan_view') FROM events;

-- run: measured
SELECT count(step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign'])) FROM events;
