-- identify() gives the same under every plan: by rows, by pages of the table scan, in workers, in little memory.
\ir ../setup.psql
SELECT no_plan();

-- ids of three kinds, whose persons change: each id has up to four periods
CREATE TABLE links (device text, number bigint, code uuid, customer int, at timestamptz, until timestamptz);
INSERT INTO links SELECT CASE WHEN rnd(i, 9, 50) = 0 THEN repeat('long ', 100) ELSE 'device ' END || d, d, md5(d::text)::uuid, rnd(i, 2, 200), moment(rnd(i, 3, 50) * 86400), moment((50 + rnd(i, 3, 50)) * 86400)
FROM generate_series(1, 1500) AS i, LATERAL (SELECT rnd(i, 1, 1000)) AS r(d);
SELECT create_identity_space('s', '{customer,device,number,code}');
SELECT add_identity_links('s', 'links', 'device', 'device', 'customer', 'customer', until => 'until'),
	add_identity_links('s', 'links', 'number', 'number', 'customer', 'customer', until => 'until'), add_identity_links('s', 'links', 'code', 'code', 'customer', 'customer', until => 'until');
SELECT set_identity_rule('s', 'customer', 3);
SELECT refresh_identities('s', moment(d * 86400)) FROM generate_series(30, 90, 20) AS d;
SELECT ok((SELECT count(*) > 200 FROM (SELECT FROM identity_members AS m GROUP BY m.number HAVING count(*) > 2) AS x), 'ids of several periods');

CREATE TABLE many (device text, number bigint, small int, code uuid, at timestamptz, t timestamptz, step stepset, g int);
INSERT INTO many SELECT CASE WHEN rnd(i, 7, 30) > 0 THEN coalesce((SELECT min(l.device) FROM links AS l WHERE l.number = d), 'nobody ' || d) END, CASE WHEN rnd(i, 8, 30) > 0 THEN d END, d,
	CASE WHEN rnd(i, 9, 30) > 0 THEN md5(d::text)::uuid END, CASE WHEN rnd(i, 10, 40) = 0 THEN NULL WHEN rnd(i, 11, 200) = 0 THEN '-infinity' WHEN rnd(i, 11, 200) = 1 THEN 'infinity'
	WHEN rnd(i, 11, 200) = 2 THEN '294276-12-31 23:59:59.999999+00' ELSE moment(rnd(i, 3, 100 * 86400)) END, moment(rnd(i, 3, 100 * 86400)), steps(rnd(i, 4, 2) = 0, rnd(i, 5, 3) = 0), rnd(i, 6, 9)
FROM generate_series(1, 3000) AS i, LATERAL (SELECT rnd(i, 1, 1100)) AS r(d);
UPDATE many SET device = repeat(device, 100) WHERE rnd(g + small, 12, 50) = 0;

ANALYZE identity_ids;
ANALYZE identity_members;

-- by the definition
CREATE VIEW space AS SELECT id FROM identity_spaces WHERE name = 's';
CREATE FUNCTION person(id_type text, value text, at timestamptz) RETURNS bigint LANGUAGE sql AS $$
	SELECT coalesce((SELECT m.user_id FROM identity_members AS m WHERE m.id = i.id AND m.number = i.number AND m.since <= $3 AND (m.until > $3 OR m.until = 'infinity')), i.number)
	FROM identity_ids AS i WHERE i.id = (SELECT id FROM space) AND i.id_type = $1 AND i.value = $2 $$;
CREATE FUNCTION event_person(id_type text, value text, at timestamptz, history interval) RETURNS bigint LANGUAGE sql AS $$
	SELECT coalesce(
		(SELECT person('customer', c.value, 'infinity') FROM identity_members AS m JOIN identity_ids AS c ON c.id = m.id AND c.number = m.user_id AND c.id_type = 'customer'
			WHERE m.id = i.id AND m.number = i.number AND m.user_id <> m.number AND m.since <= $3 AND (m.until > $3 OR m.until = 'infinity')),
		(SELECT CASE WHEN $4 IS NULL OR m.since - $3 <= $4 THEN person('customer', c.value, 'infinity') ELSE i.number END FROM identity_members AS m JOIN identity_ids AS c ON c.id = m.id AND c.number = m.user_id AND c.id_type = 'customer'
			WHERE m.id = i.id AND m.number = i.number AND m.user_id <> m.number AND m.since > $3 AND isfinite($3) ORDER BY m.since LIMIT 1),
		i.number)
	FROM identity_ids AS i WHERE i.id = (SELECT id FROM space) AND i.id_type = $1 AND i.value = $2 $$;
CREATE TABLE expected AS SELECT m.g, userset_agg(person('device', m.device, 'infinity')) AS device, userset_agg(person('number', m.small::text, 'infinity')) AS small, userset_agg(person('code', m.code::text, 'infinity')) AS code,
	userset_agg(person('device', m.device, coalesce(m.at, 'infinity'))) AS device_then, userset_agg(person('number', m.number::text, coalesce(m.at, 'infinity'))) AS number_then,
	userset_agg(event_person('device', m.device, m.at, NULL)) FILTER (WHERE at IS NOT NULL) AS ever, userset_agg(event_person('device', m.device, m.at, '3 days')) FILTER (WHERE at IS NOT NULL) AS days FROM many AS m GROUP BY m.g;
CREATE FUNCTION identified() RETURNS TABLE (g int, device userset, small userset, code userset, device_then userset, number_then userset, ever userset, days userset) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE replace($q$SELECT m.g, userset_agg(identify('s', 'device', m.device)), userset_agg(identify('s', 'number', m.small)), userset_agg(identify('s', 'code', m.code)),
		userset_agg(identify('s', 'device', m.device, m.at)), userset_agg(identify('s', 'number', m.number, m.at)), userset_agg(journey_internal.identify_event(@, 'device', m.device, m.at, NULL)),
		userset_agg(journey_internal.identify_event(@, 'device', m.device, m.at, '3 days')) FROM many AS m GROUP BY m.g$q$, '@', (SELECT id::text FROM space));
END $$;
ANALYZE many;
SELECT results_eq('SELECT * FROM identified() ORDER BY g', 'SELECT * FROM expected ORDER BY g', 'the definition, by the table scan');
SET LOCAL journey.enable_scan = off;
SELECT results_eq('SELECT * FROM identified() ORDER BY g', 'SELECT * FROM expected ORDER BY g', 'row by row');
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT results_eq('SELECT * FROM identified() ORDER BY g', 'SELECT * FROM expected ORDER BY g', 'row by row, ids that do not fit in memory');
SET LOCAL journey.enable_scan = on;
SELECT results_eq('SELECT * FROM identified() ORDER BY g', 'SELECT * FROM expected ORDER BY g', 'ids that do not fit in memory');
RESET work_mem;
RESET hash_mem_multiplier;

CREATE TABLE call (call text);
INSERT INTO call VALUES
	($$userset_agg(identify('s', 'device', device))$$), ($$userset_agg(identify('s', 'number', small))$$), ($$userset_agg(identify('s', 'code', code, at))$$), ($$userset_agg(identify('s', 'device', 'device 7'))$$),
	($$funnel(identify('s', 'device', device), t, step, '3 days')$$), ($$funnel(identify('s', 'device', device), t, step, '3 days') FILTER (WHERE identify('s', 'number', number) IS NOT NULL)$$),
	($$userset_agg(CASE WHEN small < 0 THEN identify('no space', 'device', device) ELSE identify('s', 'device', device) END)$$);
SELECT lives_ok('SELECT * FROM identified()');
\ir ../plans.psql
RESET work_mem;

-- ---- errors, and none where no row asks -----------------------------------------------------

SET LOCAL journey.enable_scan = on;
SELECT create_identity_space('new', '{device}');
SELECT throws_ok($$SELECT userset_agg(identify('no space', 'device', device)) FROM many$$, '42704', NULL, 'a space that there is not');
SELECT throws_ok($$SELECT userset_agg(identify('new', 'device', device)) FROM many$$, '55000', NULL, 'a space that was not refreshed');
SELECT lives_ok($$SELECT userset_agg(identify('no space', 'device', device)) FROM many WHERE small < 0$$, 'no row');
SELECT lives_ok($$SELECT userset_agg(1) FROM many WHERE small < 0 AND identify('new', 'device', device) = 1$$, 'no row before the condition');
SELECT lives_ok($$EXPLAIN SELECT userset_agg(identify('no space', 'device', device)) FROM many$$, 'nor in EXPLAIN');
SELECT throws_ok($$SELECT userset_agg(identify(NULL, 'device', device)) FROM many$$, '22004', NULL, 'space NULL');
SELECT throws_ok($$SELECT userset_agg(identify('s', NULL, device)) FROM many$$, '22004', NULL, 'id_type NULL');
SELECT lives_ok($$SELECT userset_agg(identify(CASE WHEN g < 5 THEN 's' ELSE 's' END, CASE WHEN g < 5 THEN 'device' ELSE 'code' END, device)) FROM many$$, 'spaces and types that vary');

-- ---- rights: those of the caller, when a row is asked for ------------------------------------

CREATE ROLE reader;
CREATE ROLE stranger;
GRANT USAGE ON SCHEMA journey_test, journey, journey_internal TO reader, stranger;
GRANT SELECT ON many TO reader, stranger;
SELECT grant_identity_space('s', 'reader');
SET LOCAL ROLE reader;
SELECT lives_ok($$SELECT userset_agg(identify('s', 'device', device)) FROM many$$, 'a reader');
RESET ROLE;
SET LOCAL ROLE stranger;
SELECT throws_ok($$SELECT userset_agg(identify('s', 'device', device)) FROM many$$, '42704', NULL, 'who may not read the space');
RESET ROLE;
-- a plan that one role has made runs with the rights of another
PREPARE of_anybody AS SELECT userset_agg(identify('s', 'device', device)) FROM many;
SET LOCAL plan_cache_mode = force_generic_plan;
EXECUTE of_anybody;
SET LOCAL ROLE stranger;
SELECT throws_ok('EXECUTE of_anybody', '42704', NULL, 'a prepared plan');
RESET ROLE;
-- a cursor that one role has opened and another reads
DECLARE opened CURSOR FOR SELECT userset_agg(identify('s', 'device', device)) FROM many;
SET LOCAL ROLE stranger;
SELECT throws_ok('FETCH opened', '42704', NULL, 'a cursor');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
