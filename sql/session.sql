-- sessionize: events between pauses.
SET search_path = journey, public;
SET timezone = 'UTC';
SET intervalstyle = 'postgres';
SET datestyle = 'ISO';

CREATE TABLE log (user_id int, at timestamptz);
INSERT INTO log VALUES
    (1, '2026-01-01 09:00'), (1, '2026-01-01 09:30'), (1, '2026-01-01 10:00:00.000001'), (1, NULL),
    (2, '2026-01-01 09:00'), (2, '2026-01-01 09:00'), (2, '2026-01-02 09:00');

-- a pause of exactly the gap does not end a session; a NULL time is in none
SELECT user_id, at, sessionize(at, '30 minutes') OVER (PARTITION BY user_id ORDER BY at) AS session
FROM log ORDER BY user_id, at;

SELECT user_id, session, count(*) AS events, max(at) - min(at) AS duration
FROM (SELECT user_id, at, sessionize(at, '30 minutes') OVER (PARTITION BY user_id ORDER BY at) AS session
      FROM log WHERE at IS NOT NULL) AS s
GROUP BY user_id, session ORDER BY user_id, session;

SELECT sessionize(at, '30 minutes') OVER (ORDER BY at DESC) FROM log WHERE user_id = 2;
SELECT sessionize(at, NULL) OVER (ORDER BY at) FROM log;
SELECT sessionize(at, at - '2026-01-01') OVER (ORDER BY at) FROM log WHERE user_id = 1;
SELECT sessionize(at, '30 minutes') FROM log;

-- a row with starts begins a session, and one with ends is the last of its session
SELECT at, n, sessionize(at, '1 day', n IN ('login', 'reset'), n = 'logout') OVER (ORDER BY at) AS session
FROM (VALUES (timestamptz '2026-01-01 09:00', 'login'), ('2026-01-01 09:01', 'home'), ('2026-01-01 09:02', 'logout'), ('2026-01-01 09:03', 'home'),
             ('2026-01-01 09:04', NULL), ('2026-01-01 09:05', 'reset'), ('2026-01-03 09:00', 'home')) AS v(at, n);

-- sessions and sessions_by_channel
CREATE TABLE visit (user_id int, at timestamptz, seq bigint, channel text, page text);
INSERT INTO visit VALUES
    (1, '2026-01-01 09:00', 1, 'app', 'login'), (1, '2026-01-01 09:00', 2, 'app', 'home'), (1, '2026-01-01 09:10', 3, 'web', 'funds'),
    (1, '2026-01-01 23:50', 4, 'web', 'home'), (1, '2026-01-02 00:10', 5, 'web', 'cards'),
    (2, '2026-01-01 12:00', 1, NULL, 'home'), (2, '2026-01-02 12:00', 1, 'app', 'home'), (2, '2026-01-02 12:01', 2, 'app', 'logout'), (2, '2026-01-02 12:02', 3, 'app', 'home'),
    (NULL, '2026-01-02 12:00', 1, 'app', 'home'), (3, NULL, 1, 'app', 'home'), (3, '2026-01-02 12:00', 1, 'app', NULL);
SELECT * FROM session_totals((SELECT sessions(user_id, at, seq, page, '30 minutes') FROM visit)) \gx
SELECT bucket, bucket_date, sessions, users, events, bounce_rate, avg_duration, avg_depth FROM session_buckets((SELECT sessions(user_id, at, seq, page, '30 minutes') FROM visit));
SELECT bucket, bucket_date, sessions, users FROM session_buckets((SELECT sessions(user_id, at, seq, page, '30 minutes', 'Asia/Shanghai') FROM visit));
SELECT * FROM session_nodes((SELECT sessions(user_id, at, seq, page, '30 minutes') FROM visit));
SELECT node, events, entries, exits FROM session_nodes((SELECT sessions(user_id, at, seq, page = 'login', page = 'logout', page, '30 minutes') FROM visit));
SELECT channel, sessions, users, events, bounce_rate, median_duration, p90_depth FROM session_channels((SELECT sessions_by_channel(user_id, at, seq, channel, page, '30 minutes') FROM visit));
SELECT rollup(s)::text = (SELECT sessions(user_id, at, seq, page, '30 minutes') FROM visit)::text AS same, count(*) FROM (SELECT sessions(user_id, at, seq, page, '30 minutes') AS s FROM visit GROUP BY user_id) g;

-- bad input
SELECT sessions(user_id, at, page, '1 month') FROM visit;
SELECT sessions(user_id, at, page, '1 hour', 'day', 'Nowhere') FROM visit;
SELECT sessions(user_id, 'infinity', page, '1 hour') FROM visit;
SELECT session_channels(sessions(user_id, at, page, '1 hour')) FROM visit;
SELECT rollup(s) FROM (SELECT sessions(user_id, at, page, '1 hour') AS s FROM visit UNION ALL SELECT sessions_by_channel(user_id, at, channel, page, '2 hours', 'Asia/Shanghai') FROM visit) s;
SELECT '{"version": 3}'::session_stats;
DROP TABLE visit;

DROP TABLE log;
