-- title: step_of() with three names, over max(at)
-- goal: 25 ns
--
-- Both statements read every row and pass one value to a cheap aggregate: count() of a
-- value, max() of a number. The measured statement also unpacks one more column, "event",
-- which comes directly after "at". This cost is included because users pay it, too.

-- run: baseline
SELECT max(at) FROM events;

-- run: measured
SELECT count(step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign'])) FROM events;
