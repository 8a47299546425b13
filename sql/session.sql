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

DROP TABLE log;
