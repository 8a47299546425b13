-- Stored reports: versions, dependencies on segments, schedules, and failures that name the part.
\ir ../setup.psql
SELECT no_plan();

CREATE TABLE log (user_id bigint, at timestamptz, event text);
INSERT INTO log SELECT u, moment(u * 3600), CASE WHEN u % 2 = 0 THEN 'buy' ELSE 'visit' END FROM generate_series(1, 48) AS u;
SELECT create_segment('buyers', 'SELECT user_id FROM log WHERE event = ''buy'' AND at < as_of()');
SELECT create_report('weekly', '{"title": "The week", "parts": [
	{"title": "Events", "query": "SELECT event, count(*) AS events FROM log WHERE at < as_of() GROUP BY event ORDER BY event", "kind": "bar"},
	{"title": "Buyers", "query": "SELECT cardinality(segment(''buyers'')) AS buyers"}]}');
SELECT is((SELECT count(*)::int FROM reports WHERE name = 'weekly' AND as_of IS NULL AND depends_on = '{buyers}' AND definition ->> 'title' = 'The week'), 1, 'it is listed');
SELECT throws_ok($$SELECT report('weekly')$$, '55000', '"weekly" has no version yet', 'no version yet');
SELECT lives_ok($$SELECT * FROM refresh_segment('buyers', moment(25 * 3600))$$, 'its input is refreshed');
CREATE TABLE refreshed AS SELECT * FROM refresh_report('weekly', moment(25 * 3600));
SELECT is((SELECT (name, as_of, bytes > 1000, error)::text FROM refreshed), '(weekly,"2024-01-02 01:00:00+00",t,)', 'it is computed');
SELECT is((SELECT string_agg(m[1], '|' ORDER BY n) FROM regexp_matches(report('weekly'), '<td[^>]*>([^<]*)</td>', 'g') WITH ORDINALITY AS f(m, n)), 'buy|12|visit|12|12', 'as of its time');
SELECT ok(report('weekly') LIKE '%<p>As of 2024-01-02 01:00:00 UTC</p>%', 'which the page names');
SELECT is(octet_length(report('weekly'))::bigint, (SELECT bytes FROM refreshed), 'bytes');
SELECT is((SELECT count(*) FROM refresh_segment('buyers', moment(50 * 3600)), refresh_report('weekly', moment(50 * 3600))), 1::bigint, 'another version');
SELECT is((SELECT string_agg(as_of::date::text || ' ' || (inputs -> 0 ->> 'name'), ',') FROM report_versions('weekly')), '2024-01-02 buyers,2024-01-03 buyers', 'versions and their inputs');
SELECT ok(report('weekly') LIKE '%2024-01-03%' AND report('weekly', moment(30 * 3600)) LIKE '%2024-01-02%', 'the newest, and that of a time');
SELECT is((SELECT report('weekly', moment(25 * 3600)) = old.page FROM (SELECT report('weekly', moment(25 * 3600)) AS page) AS old, refresh_report('weekly', moment(25 * 3600))), true, 'computed again it has the same bytes');
SELECT set_keep_versions('weekly', NULL, 1);
SELECT is((SELECT count(*) FROM refresh_report('weekly', moment(60 * 3600))), 1::bigint, 'and one more');
SELECT is((SELECT count(*) FROM report_versions('weekly')), 1::bigint, 'one version is kept');

-- what fails
SELECT create_report('broken', '{"title": "x", "parts": [{"title": "fine", "query": "SELECT 1"}, {"title": "a ratio", "query": "SELECT 1 / (count(*) - 48) FROM log"}]}');
SET client_min_messages = error;
SELECT is((SELECT error FROM refresh_report('broken')), 'part 2 "a ratio" failed: division by zero', 'the part that failed');
SELECT is((SELECT status || ' ' || error FROM refresh_progress WHERE name = 'broken'), 'failed part 2 "a ratio" failed: division by zero', 'is in refresh_progress, too');
SELECT throws_ok($$SELECT drop_segment('buyers')$$, '2BP01', '"buyers" is used by "weekly"', 'what it uses is not dropped');
SELECT throws_ok($$SELECT report('buyers')$$, '42809', '"buyers" is a segment, not a report', 'a segment is no report');
SELECT throws_ok($$SELECT segment('weekly')$$, '42809', '"weekly" is a report, not a segment', 'a report is no segment');
SELECT throws_ok($$SELECT create_report('weekly', '{"title": "x", "parts": [{"title": "fine", "query": "SELECT 1"}]}')$$, '42710', NULL, 'a name is given once');
SELECT throws_ok($$SELECT create_report('x', '{"title": "x", "parts": [{"title": "fine", "query": "SELECT 1"}, {"title": "no", "query": "SELECT * FROM nowhere"}]}')$$, '42P01', NULL, 'the queries are checked');
SELECT throws_ok($$SELECT create_report('x', '{"parts": [{"title": "fine", "query": "SELECT 1"}]}')$$, '22023', 'a report has no title', 'a title');
SELECT throws_ok($$SELECT create_report('x', NULL)$$, '22023', NULL, 'a definition');
SELECT throws_ok($$SELECT report('nothing')$$, '42704', 'there is no report "nothing" that you may read', 'no such report');
SELECT throws_ok($$SELECT create_segment('circle', 'SELECT user_id FROM log'::text, '{weekly}'::text[]), create_report('weekly', '{"title": "x", "parts": [{"title": "c", "query": "SELECT segment(''circle'')"}]}', replace => true)$$, '42P19', NULL, 'no circles');

-- replaced, renamed, scheduled, dropped
SELECT create_report('weekly', '{"title": "New", "parts": [{"title": "fine", "query": "SELECT 1 AS one"}]}', description => 'new', replace => true);
SELECT is((SELECT count(*) FROM report_versions('weekly')), 1::bigint, 'its versions are kept');
SELECT ok(report('weekly') LIKE '%The week%', 'until it is refreshed it is the old one');
SELECT rename_report('weekly', 'monthly');
SELECT is((SELECT count(*) FROM refresh_report('monthly')), 1::bigint, 'by its new name');
SELECT ok(report('monthly') LIKE '%<h1>New</h1>%', 'the new one');
SELECT ok(schedule_refresh('monthly', '1 day', 'UTC') > now(), 'it has a schedule');
UPDATE schedules SET next_due = '2020-01-01';
SELECT ok(journey_internal.due_ids(false) = ARRAY[id_of('monthly')], 'and is due');
CREATE TABLE claim AS SELECT journey_internal.run_claim(journey_internal.claim_due(NULL)) AS c;
SELECT is((SELECT (c).done || ' ' || cardinality((c).failed) FROM claim), '1 0', 'refresh_due does it');
SELECT is((SELECT count(*) FROM schedules WHERE next_due > now()), 1::bigint, 'until it is due again');
SELECT lives_ok($$SELECT drop_report('monthly')$$, 'it is dropped');
SELECT is((SELECT count(*) FROM version_pages), 0::bigint, 'with its pages');

SELECT * FROM finish();
ROLLBACK;
