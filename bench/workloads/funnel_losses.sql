-- title: Why customers stop at a step
-- question: How many customers stop at each step, and why, and what do they do instead? (The answer compared is how many. It may take at most twice as long as the funnel.)

-- run: journey, the funnel alone
SELECT step, dropped_off FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') FROM events)) WHERE dropped_off > 0;

-- run: journey
SELECT step, sum(users)::bigint FROM loss_reasons((SELECT funnel_losses(user_id, at, event, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') FROM events)) GROUP BY step ORDER BY step;

-- run: journey, without what they did instead
SELECT step, sum(users)::bigint FROM loss_reasons((SELECT funnel_losses(user_id, at, NULL::text, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') FROM events)) GROUP BY step ORDER BY step;
