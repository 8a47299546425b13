-- The pictures of README.md and of docs/chart.md, from the bank of the demo. scripts/pictures runs
-- this file and sets dir.
SET timezone = 'UTC';
\set file :dir /funnel.svg
\o :file
SELECT funnel_svg(funnel(user_id, at, step_of(event, '{visit,register,kyc_start,kyc_pass,card_bind,first_deposit}'), '7 days'),
         '{"title": "From the first visit to the first deposit, within a week",
           "names": ["visit", "register", "identity check", "check passed", "card bound", "deposit"]}')
FROM events;
\set file :dir /retention.svg
\o :file
SELECT retention_svg(cohort_retention(user_id, at, event = 'kyc_pass', true, 'month', 12, '', '', '2026-01-01'),
         '{"title": "Who still comes, by months since the account was opened", "percent_format": "0%"}')
FROM events;
\set file :dir /lifecycle.svg
\o :file
SELECT lifecycle_svg(lifecycle(user_id, at, 'month', '', '2026-01-01'), '{"title": "Customers by month"}')
FROM events;
\set file :dir /channels.svg
\o :file
SELECT funnel_breakdown_svg(funnel_breakdown(user_id, at, step_of(event, '{visit,register,kyc_pass,fund_buy}'), '90 days', channel, 'first_touch', 'first_chain'),
         '{"title": "Channels, from the visit to the first fund", "names": ["visit", "register", "check passed", "fund bought"]}')
FROM events;
