-- title: Shape: text, uuid and numeric ids
-- question: How many customers reach each of the three steps within 7 days, by ids of other types?

-- setup: plain
CREATE UNLOGGED TABLE scratch.ids AS SELECT user_id, 'C' || lpad(user_id::text, 9, '0') AS code, md5(user_id::text)::uuid AS uuid, user_id::numeric AS number, at, event FROM events;
VACUUM (FREEZE, ANALYZE) scratch.ids;

-- run: journey, bigint
SELECT step, users FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') FROM scratch.ids));

-- run: journey, text
SELECT step, users FROM funnel_steps((SELECT funnel(code, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') FROM scratch.ids));

-- run: journey, uuid
SELECT step, users FROM funnel_steps((SELECT funnel(uuid, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') FROM scratch.ids));

-- run: journey, numeric
SELECT step, users FROM funnel_steps((SELECT funnel(number, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') FROM scratch.ids));
