-- tag: values of users, and profiles.
SET search_path = public, journey;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

CREATE TABLE log (user_id int, at timestamptz, event text, amount int, channel text);
INSERT INTO log VALUES
    (1, '2026-01-01', 'buy', 10, 'app'), (1, '2026-01-02', 'buy', 20, 'web'), (1, '2026-02-20', 'login', NULL, 'web'),
    (2, '2025-06-05', 'buy', 99, 'app'), (2, '2025-07-06', 'login', NULL, 'app'),
    (3, '2026-02-19', 'login', NULL, 'branch');
SELECT add_source('log', 'log', attrs => '{"channel": "channel"}', value => 'amount');

SELECT create_tag('stage', '{"source": "log"}', 'lifecycle');
SELECT create_tag('worth', '{"source": "log", "event": "buy", "cuts": {"recency": ["90 days"], "frequency": [2], "monetary": [50]}}', 'rfm');
SELECT create_tag('channel', '{"source": "log", "attribute": "channel", "take": "last"}', 'attribute');
SELECT create_tag('buyer', '{"source": "log", "base": "source", "values": [{"value": "yes", "when": {"did": "buy"}}, {"value": "no"}]}', 'rule');
SELECT create_tag('parity', 'SELECT DISTINCT user_id, CASE user_id % 2 WHEN 0 THEN ''even'' ELSE ''odd'' END FROM log', 'sql');
SELECT r.name, users, error FROM unnest('{stage,worth,channel,buyer,parity}'::text[]) AS n, refresh_tag(n, '2026-03-01 00:00+00') AS r ORDER BY 1;
SELECT 'stage', * FROM tag_summary('stage') UNION ALL SELECT 'worth', * FROM tag_summary('worth')
UNION ALL SELECT 'channel', * FROM tag_summary('channel') UNION ALL SELECT 'buyer', * FROM tag_summary('buyer');
SELECT * FROM tag_cross('buyer', 'stage');
SELECT tag_users('parity', 'odd');
SELECT kind, name, value, attrs FROM profile(1, '2026-03-01 00:00+00');

SELECT create_tag('spent', '{"source": "log", "take": "sum"}', 'numeric', scale => 2);
SELECT create_tag('away', 'SELECT user_id, 11.5 * user_id FROM log GROUP BY 1', 'numeric', scale => 1);
SELECT r.name, users, error FROM unnest('{spent,away}'::text[]) AS n, refresh_tag(n, '2026-03-01 00:00+00') AS r ORDER BY 1;
SELECT * FROM tag_summary('away');
SELECT * FROM tag_stats('spent');
SELECT * FROM tag_histogram('away', '{0,12,30}');
SELECT tag_numset('spent'), tag_users('spent', '99'), tag_users_where('away', '>', 11.49), tag_users_between('away', 20, NULL);
SELECT * FROM tag_cross('away', 'buyer');
SELECT name, value FROM profile(1, '2026-03-01 00:00+00', events => 0) WHERE name IN ('spent', 'away');

SELECT create_tag('x', 'SELECT 1', 'sql');
SELECT create_tag('x', '{"source": "log"}', 'colour');
SELECT tag_summary('nothing');
SELECT create_tag('x', 'SELECT 1, ''a''', 'numeric');
SELECT create_tag('x', '{"source": "log", "take": "most"}', 'numeric');
SELECT create_tag('x', 'SELECT 1, 2', 'numeric', scale => 20);
SELECT tag_numset('parity');
SELECT drop_tag(n) FROM unnest('{stage,worth,channel,buyer,parity,spent,away}'::text[]) AS n;
SELECT drop_source('log');
DROP TABLE log;
