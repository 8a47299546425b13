-- Who is who: refresh_identities() as recursive queries and its rules say, whatever came first.
\ir ../setup.psql
SELECT no_plan();

-- ---- an example ------------------------------------------------------------------------

CREATE TABLE logins (device text, openid text, at timestamptz, until timestamptz);
CREATE TABLE bindings (openid text, customer bigint, at timestamptz, until timestamptz);
INSERT INTO logins VALUES ('d1', 'o1', '2025-01-05', NULL), ('d2', 'o1', '2025-01-06', NULL), ('d3', 'o2', '2025-01-07', NULL), (NULL, 'o9', '2025-01-07', NULL), ('d9', NULL, '2025-01-07', NULL);
INSERT INTO bindings VALUES ('o1', 100, '2025-01-10', NULL);
SELECT create_identity_space('bank', '{customer,openid,device}', 'whose is it');
SELECT add_identity_links('bank', 'logins', 'device', 'device', 'openid', 'openid', 'at', 'until');
SELECT add_identity_links('bank', 'bindings', 'openid', 'openid', 'customer', 'customer', until => 'until');
SELECT throws_ok($$SELECT identify('bank', 'device', 'd1')$$, '55000', NULL, 'before the first refresh nobody is known');
SELECT results_eq($$SELECT * FROM refresh_identities('bank', '2025-01-08')$$, 'VALUES (4::bigint, 7::bigint, 0::bigint, 0::bigint, 0::bigint)', 'persons, ids, merged, split, conflicts');
CREATE TABLE before AS SELECT identify('bank', 'device', 'd1') AS d1, identify('bank', 'openid', 'o1') AS o1, identify('bank', 'device', 'd3') AS d3;
SELECT is((SELECT d1 FROM before), (SELECT o1 FROM before), 'a device has the person of its openid');
SELECT is(identify('bank', 'device', 'd2'), (SELECT o1 FROM before), 'and so has another');
SELECT isnt((SELECT d3 FROM before), (SELECT o1 FROM before), 'somebody else has another number');
SELECT is(identify('bank', 'device', 'never'), NULL, 'an unknown id is nobody''s');
SELECT is(identify('bank', 'customer', 100), NULL, 'nor is what is not yet linked');
SELECT isnt(identify('bank', 'device', 'd9'), NULL, 'an id without a link is a person');
SELECT results_eq($$SELECT * FROM refresh_identities('bank', '2025-01-08')$$, 'VALUES (4::bigint, 7::bigint, 0::bigint, 0::bigint, 0::bigint)', 'again: nothing changed');
SELECT results_eq($$SELECT * FROM refresh_identities('bank', '2025-01-12')$$, 'VALUES (4::bigint, 8::bigint, 1::bigint, 0::bigint, 0::bigint)', 'a customer binds the openid: one person is now another''s');
SELECT is(identify('bank', 'device', 'd1'), identify('bank', 'customer', 100), 'the customer number is the strongest id');
SELECT is(identify('bank', 'customer', 100::bigint), identify('bank', 'customer', '100'), 'ids of any type');
SELECT is(identify('bank', 'device', 'd1', '2025-01-08'), (SELECT d1 FROM before), 'as it was');
SELECT is(identify('bank', 'openid', 'o1', '2025-01-09'), (SELECT o1 FROM before), 'until it was bound');
SELECT is(identify('bank', 'openid', 'o1', '2025-01-10'), identify('bank', 'customer', '100'), 'from the time of the link');
SELECT results_eq($$SELECT id_type, id, until FROM identities('bank', identify('bank', 'device', 'd1'))$$, $$VALUES ('customer', '100', 'infinity'::timestamptz), ('openid', 'o1', 'infinity'), ('device', 'd1', 'infinity'), ('device', 'd2', 'infinity')$$, 'all ids of a person, the strongest first');
SELECT results_eq($$SELECT id_type, id FROM identities('bank', (SELECT o1 FROM before), '2025-01-08')$$, $$VALUES ('openid', 'o1'), ('device', 'd1'), ('device', 'd2')$$, 'as they were');
UPDATE bindings SET until = '2025-01-20';
SELECT results_eq($$SELECT * FROM refresh_identities('bank', '2025-01-25')$$, 'VALUES (5::bigint, 8::bigint, 0::bigint, 1::bigint, 0::bigint)', 'unbinding undoes a merge');
SELECT is(identify('bank', 'device', 'd1'), (SELECT d1 FROM before), 'with the number of before');
SELECT is(identify('bank', 'openid', 'o1', '2025-01-19'), identify('bank', 'customer', '100'), 'the past stays');
SELECT is(identify('bank', 'openid', 'o1', '2025-01-21'), (SELECT o1 FROM before), 'the end is that of the link');
SELECT throws_ok($$SELECT * FROM refresh_identities('bank', '2025-01-24')$$, '55000', NULL, 'refreshes go forward');
SELECT throws_ok($$SELECT * FROM refresh_identities('bank', NULL)$$, '22004', NULL, 'as_of must not be NULL');
SELECT throws_ok($$SELECT * FROM refresh_identities('bank', now() + interval '1 day')$$, '22023', NULL, 'nor in the future');
SELECT throws_ok($$SELECT * FROM refresh_identities('bank', '-infinity')$$, '22023', NULL, 'nor infinite');
DELETE FROM logins WHERE device = 'd2';
SELECT results_eq($$SELECT customers, split FROM refresh_identities('bank', '2025-01-26')$$, 'VALUES (6::bigint, 1::bigint)', 'a link that is gone has ended');
SELECT isnt(identify('bank', 'device', 'd2'), NULL, 'its id stays known');
SELECT drop_identity_links('bank', 1);
SELECT results_eq($$SELECT customers FROM refresh_identities('bank', '2025-01-27')$$, 'VALUES (8::bigint)', 'so have those of a relation that is removed');

-- ---- random links ------------------------------------------------------------------------

-- three types; a link holds from some day on, some until another
CREATE TABLE links (a_type text, a text, b_type text, b text, at timestamptz, until timestamptz, place int);
INSERT INTO links
SELECT t[1 + k], 'x' || rnd(i, 2, 90), t[2 + k], 'x' || rnd(i, 3, 70), moment(86400 * rnd(i, 4, 20)), CASE WHEN rnd(i, 5, 3) = 0 THEN moment(86400 * (rnd(i, 4, 20) + rnd(i, 6, 9))) END, i
FROM generate_series(1, 160) AS i, LATERAL (SELECT ARRAY['device', 'openid', 'customer'] AS t, rnd(i, 1, 2) AS k) AS s;
CREATE VIEW low AS SELECT * FROM links WHERE a_type = 'device';
CREATE VIEW high AS SELECT * FROM links WHERE a_type = 'openid';
CREATE VIEW low_shuffled AS SELECT * FROM low ORDER BY rnd(place, 9, 1000) OFFSET 0;
CREATE VIEW high_shuffled AS SELECT * FROM high ORDER BY rnd(place, 8, 1000) OFFSET 0;

-- who is joined with whom at a time, by the definition
CREATE FUNCTION joined(as_of timestamptz) RETURNS TABLE (id text, others text[]) LANGUAGE sql AS $$
	WITH RECURSIVE seen AS (SELECT a_type || a AS id FROM links WHERE at <= as_of UNION SELECT b_type || b FROM links WHERE at <= as_of),
		edges AS (SELECT id AS a, id AS b FROM seen
			UNION SELECT a_type || a, b_type || b FROM links WHERE at <= as_of AND (until IS NULL OR until > as_of)
			UNION SELECT b_type || b, a_type || a FROM links WHERE at <= as_of AND (until IS NULL OR until > as_of)),
		reached AS (SELECT a AS id, b AS other FROM edges UNION SELECT r.id, e.b FROM reached AS r JOIN edges AS e ON e.a = r.other)
	SELECT r.id, array_agg(DISTINCT r.other ORDER BY r.other) FROM reached AS r GROUP BY r.id $$;
CREATE FUNCTION persons(space text, as_of timestamptz DEFAULT NULL) RETURNS TABLE (id text, others text[]) LANGUAGE sql AS $$
	WITH of AS (SELECT i.id_type || i.value AS id, identify(space, i.id_type, i.value, as_of) AS person FROM identity_ids AS i WHERE i.id = (SELECT s.id FROM identity_spaces AS s WHERE s.name = space))
	SELECT o.id, (SELECT array_agg(p.id ORDER BY p.id) FROM of AS p WHERE p.person = o.person) FROM of AS o $$;
CREATE FUNCTION spaces(suffix text) RETURNS void LANGUAGE sql AS $$
	SELECT create_identity_space('space' || suffix, '{customer,openid,device}');
	SELECT add_identity_links('space' || suffix, v::regclass, CASE v WHEN 'low' || right(suffix, -1) THEN 'device' ELSE 'openid' END, 'a', CASE v WHEN 'low' || right(suffix, -1) THEN 'openid' ELSE 'customer' END, 'b', 'at', 'until')
	FROM unnest(ARRAY['low', 'high']) AS n, LATERAL (SELECT n || right(suffix, -1)) AS x(v) ORDER BY n = 'low' DESC $$;
SELECT spaces('1');
CREATE TABLE numbers (day int, id_type text, value text, person bigint);
DO $$
DECLARE
	result record;
BEGIN
	FOR day IN 0 .. 30 BY 3 LOOP
		SELECT * INTO result FROM refresh_identities('space1', moment(86400 * day));
		INSERT INTO numbers SELECT day, i.id_type, i.value, identify('space1', i.id_type, i.value) FROM identity_ids AS i WHERE i.id = (SELECT s.id FROM identity_spaces AS s WHERE s.name = 'space1');
		IF EXISTS ((SELECT * FROM joined(moment(86400 * day)) EXCEPT SELECT * FROM persons('space1')) UNION ALL (SELECT * FROM persons('space1') EXCEPT SELECT * FROM joined(moment(86400 * day)))) THEN
			RAISE EXCEPTION 'day % is wrong', day;
		END IF;
		IF result.customers <> (SELECT count(DISTINCT others) FROM joined(moment(86400 * day))) OR result.ids <> (SELECT count(*) FROM joined(moment(86400 * day))) THEN
			RAISE EXCEPTION 'numbers of day % are wrong', day;
		END IF;
	END LOOP;
END $$;
SELECT pass('each day is as by recursion');
SELECT is((SELECT count(*) FROM numbers AS n JOIN identity_ids AS i ON i.id = (SELECT s.id FROM identity_spaces AS s WHERE s.name = 'space1') AND i.number = n.person
	WHERE NOT EXISTS (SELECT FROM numbers AS o WHERE o.day = n.day AND o.person = n.person AND o.id_type = i.id_type AND o.value = i.value)
		OR EXISTS (SELECT FROM numbers AS o JOIN identity_ids AS j ON j.id = i.id AND j.id_type = o.id_type AND j.value = o.value
			WHERE o.day = n.day AND o.person = n.person AND (array_position('{customer,openid,device}', o.id_type), j.number) < (array_position('{customer,openid,device}', i.id_type), i.number))),
	0::bigint, 'a person has the number of its strongest id, of equally strong ones that known first');
SELECT is((SELECT count(*) FROM numbers AS n JOIN numbers AS o ON o.day = n.day + 3 AND o.id_type = n.id_type AND o.value = n.value
	JOIN joined(moment(86400 * n.day)) AS j ON j.id = n.id_type || n.value JOIN joined(moment(86400 * o.day)) AS k ON k.id = j.id AND k.others = j.others WHERE o.person <> n.person), 0::bigint, 'who stays the same keeps the number');
SELECT set_eq($$SELECT * FROM persons('space1', moment(86400 * 30))$$, $$SELECT * FROM joined(moment(86400 * 30))$$, 'as of the last day');

-- at once, and with relations and rows in another order
SELECT create_identity_space('late', '{customer,openid,device}');
SELECT add_identity_links('late', 'high_shuffled', 'openid', 'a', 'customer', 'b', 'at', 'until');
SELECT add_identity_links('late', 'low_shuffled', 'device', 'a', 'openid', 'b', 'at', 'until');
SELECT lives_ok($$SELECT refresh_identities('late', moment(86400 * 30))$$, 'another space');
SELECT set_eq($$SELECT * FROM persons('late')$$, $$SELECT * FROM persons('space1')$$, 'who is who does not depend on what came first');

-- ---- rules ----------------------------------------------------------------------------------

-- The definition, slowly: links in order join groups unless a rule would be broken; the weaker id of
-- a link that would is shared, and joined with nobody as strong or stronger.
CREATE FUNCTION by_rules(as_of timestamptz, most jsonb) RETURNS TABLE (kind text, strong text, weak text, groups jsonb) LANGUAGE plpgsql AS $$
DECLARE
	l record;
	n int;
	root jsonb := '{}';
	shared text[] := '{}';
	bad jsonb := '[]';
	ok jsonb := '[]';
	old text;
	new text;
BEGIN
	FOR l IN SELECT b_type || b AS s, a_type || a AS w, min(at) AS at FROM links WHERE at <= as_of AND (until IS NULL OR until > as_of) GROUP BY b_type, b, a_type, a
		ORDER BY array_position('{customer,openid,device}', b_type), array_position('{customer,openid,device}', a_type), min(at), b COLLATE "C", a COLLATE "C" LOOP
		root := jsonb_build_object(l.s, l.s, l.w, l.w) || root;
		old := root ->> l.w;
		new := root ->> l.s;
		CONTINUE WHEN old = new;
		IF EXISTS (SELECT FROM jsonb_each_text(root) AS r JOIN jsonb_each(most) AS m ON r.key LIKE m.key || '%' WHERE r.value IN (old, new) GROUP BY m.key, m.value HAVING count(*) > m.value::int) THEN
			bad := bad || jsonb_build_array(jsonb_build_array(l.s, l.w));
			shared := shared || l.w;
		ELSE
			SELECT jsonb_object_agg(r.key, CASE r.value WHEN old THEN new ELSE r.value END) INTO root FROM jsonb_each_text(root) AS r;
		END IF;
	END LOOP;
	RETURN QUERY SELECT CASE WHEN bad @> jsonb_build_array(jsonb_build_array(x.s, x.w)) THEN 'exceeds' ELSE 'shared' END, x.s, x.w, NULL::jsonb
		FROM (SELECT DISTINCT b_type || b AS s, a_type || a AS w FROM links WHERE at <= as_of AND (until IS NULL OR until > as_of)) AS x WHERE x.w = ANY (shared);
END $$;
SELECT set_identity_rule('space1', 'customer', 1), set_identity_rule('space1', 'openid', 4), set_identity_rule('space1', 'device', 5);
SELECT set_identity_rule('late', 'customer', 1), set_identity_rule('late', 'openid', 4), set_identity_rule('late', 'device', 5);
SELECT cmp_ok((SELECT conflicts FROM refresh_identities('space1', moment(86400 * 30))), '>', 5::bigint, 'there are conflicts');
SELECT lives_ok($$SELECT refresh_identities('late', moment(86400 * 30))$$, 'rules of the other space');
SELECT set_eq($$SELECT * FROM persons('late')$$, $$SELECT * FROM persons('space1')$$, 'who is who under rules does not depend on what came first');
SELECT set_eq($$SELECT kind, id_type_a || id_a AS strong, id_type_b || id_b AS weak FROM identity_conflicts('late')$$, $$SELECT kind, id_type_a || id_a AS strong, id_type_b || id_b AS weak FROM identity_conflicts('space1')$$, 'nor do the conflicts');
SELECT set_eq($$SELECT kind, id_type_a || id_a AS strong, id_type_b || id_b AS weak FROM identity_conflicts('space1')$$, $$SELECT kind, strong, weak FROM by_rules(moment(86400 * 30), '{"customer": 1, "openid": 4, "device": 5}')$$, 'which are those of the definition');
SELECT is_empty($$SELECT person, id_type, count(*) FROM (SELECT i.id_type, identify('space1', i.id_type, i.value) AS person FROM identity_ids AS i WHERE i.id = (SELECT s.id FROM identity_spaces AS s WHERE s.name = 'space1')) AS p
	GROUP BY person, id_type HAVING count(*) > CASE id_type WHEN 'customer' THEN 1 WHEN 'openid' THEN 4 ELSE 5 END$$, 'nobody breaks a rule');
SELECT is((SELECT count(*) FROM identity_conflicts('space1') WHERE user_id_a = user_id_b), 0::bigint, 'a conflict joins nobody');
-- each day anew, and step by step
SELECT create_identity_space('step', '{customer,openid,device}'), set_identity_rule('step', 'customer', 1), set_identity_rule('step', 'openid', 4), set_identity_rule('step', 'device', 5);
SELECT add_identity_links('step', 'low', 'device', 'a', 'openid', 'b', 'at', 'until');
SELECT add_identity_links('step', 'high', 'openid', 'a', 'customer', 'b', 'at', 'until');
DO $$
BEGIN
	FOR day IN 0 .. 30 BY 5 LOOP
		PERFORM refresh_identities('step', moment(86400 * day));
		IF EXISTS ((SELECT kind, strong, weak FROM by_rules(moment(86400 * day), '{"customer": 1, "openid": 4, "device": 5}') EXCEPT SELECT kind, id_type_a || id_a AS strong, id_type_b || id_b AS weak FROM identity_conflicts('step'))
			UNION ALL (SELECT kind, id_type_a || id_a AS strong, id_type_b || id_b AS weak FROM identity_conflicts('step') EXCEPT SELECT kind, strong, weak FROM by_rules(moment(86400 * day), '{"customer": 1, "openid": 4, "device": 5}'))) THEN
			RAISE EXCEPTION 'day % is wrong', day;
		END IF;
	END LOOP;
END $$;
SELECT set_eq($$SELECT * FROM persons('step')$$, $$SELECT * FROM persons('space1')$$, 'step by step as at once');
SELECT set_identity_rule('space1', t, NULL) FROM unnest('{customer,openid,device}'::text[]) AS t;
SELECT is((SELECT conflicts FROM refresh_identities('space1', moment(86400 * 30))), 0::bigint, 'without rules there is no conflict');
SELECT set_eq($$SELECT * FROM persons('space1')$$, $$SELECT * FROM joined(moment(86400 * 30))$$, 'and all are joined again');

-- a branch tablet, and the sixth device
CREATE TABLE branch (device text, customer int, at timestamptz);
INSERT INTO branch SELECT 'tablet', i, moment(i) FROM generate_series(1, 50) AS i;
INSERT INTO branch SELECT 'phone' || i, i, moment(1000 + i) FROM generate_series(1, 50) AS i;
INSERT INTO branch SELECT 'more' || i, 7, moment(2000 + i) FROM generate_series(1, 5) AS i;
SELECT create_identity_space('branch'), set_identity_rule('branch', 'customer', 1), set_identity_rule('branch', 'device', 5), add_identity_links('branch', 'branch', 'device', 'device', 'customer', 'customer');
SELECT results_eq($$SELECT customers, ids, conflicts FROM refresh_identities('branch')$$, 'VALUES (52::bigint, 106::bigint, 51::bigint)', 'a tablet of fifty customers is nobody''s');
SELECT results_eq($$SELECT kind, id_type, most, count(*) FROM identity_conflicts('branch') GROUP BY 1, 2, 3 ORDER BY 2, 1$$, $$VALUES ('exceeds', 'customer', 1::bigint, 49::bigint), ('shared', 'customer', 1, 1), ('exceeds', 'device', 5, 1)$$, 'all its links are conflicts, and so is that of the sixth device');
SELECT is((SELECT count(*) FROM identities('branch', identify('branch', 'customer', 7))), 6::bigint, 'the five oldest devices stay');
SELECT is(identify('branch', 'device', 'phone8'), identify('branch', 'customer', 8), 'customers keep their own');

-- ---- names and types -------------------------------------------------------------------------

CREATE SCHEMA "Quoted ""schema""";
CREATE TABLE "Quoted ""schema"""."links'" ("id ""a""" uuid, "b;--" int, "the time" date, "end" timestamp);
INSERT INTO "Quoted ""schema"""."links'" VALUES (md5('x')::uuid, 5, '2025-01-01', NULL), (md5('y')::uuid, 6, '2025-01-01', '2025-01-02');
SELECT create_identity_space('o''hara "x" %s $1');
SELECT add_identity_links('o''hara "x" %s $1', '"Quoted ""schema"""."links''"', 'a''%I"', '"id ""a"""', 'b$$', '"b;--"', '"the time"', '"end"');
SELECT results_eq($$SELECT customers, ids FROM refresh_identities('o''hara "x" %s $1')$$, 'VALUES (3::bigint, 4::bigint)', 'names and types of any kind');
SELECT is(identify('o''hara "x" %s $1', 'a''%I"', md5('x')::uuid), identify('o''hara "x" %s $1', 'b$$', 5), 'a uuid');
ALTER TABLE "Quoted ""schema"""."links'" RENAME TO renamed;
ALTER SCHEMA "Quoted ""schema""" RENAME TO elsewhere;
INSERT INTO elsewhere.renamed VALUES (md5('z')::uuid, 5, '2025-01-01', NULL);
SELECT results_eq($$SELECT customers, ids FROM refresh_identities('o''hara "x" %s $1')$$, 'VALUES (3::bigint, 5::bigint)', 'the relation was renamed');
DROP TABLE elsewhere.renamed;
SELECT throws_ok($$SELECT * FROM refresh_identities('o''hara "x" %s $1')$$, '42P01', NULL, 'and dropped');
SELECT throws_ok($$SELECT create_identity_space('bank')$$, '42710', 'an identity space named "bank" exists already', 'a name is taken once');
SELECT throws_ok($$SELECT create_identity_space('x', '{a,b,a}')$$, '42710', NULL, 'a type is named once');
SELECT throws_ok($$SELECT create_identity_space('')$$, '42602', NULL, 'a name is not empty');
SELECT throws_ok($$SELECT create_identity_space(NULL)$$, '22004', NULL, 'nor NULL');
SELECT throws_ok($$SELECT set_identity_rule('bank', 'device', 0)$$, '22023', 'most is 0', 'at least one');
SELECT throws_ok($$SELECT set_identity_rule('none', 'device', 1)$$, '42704', NULL, 'of a space that there is');
SELECT throws_ok($$SELECT add_identity_links('bank', 'logins', 'device', 'device', 'openid', NULL)$$, '22004', NULL, 'both ends or one');
SELECT throws_ok($$SELECT add_identity_links('bank', 'logins', NULL, 'device', 'openid', 'openid')$$, '22004', NULL, 'a type');
SELECT throws_ok($$SELECT add_identity_links('bank', 'logins', 'device', 'device', 'openid', 'openid', 'device')$$, '42804', NULL, 'at is a time');
SELECT throws_ok($$SELECT add_identity_links('bank', 'logins', 'device', 'at', 'openid', 'openid')$$, '42804', NULL, 'an id is not');
SELECT throws_ok($$SELECT add_identity_links('bank', 'logins', 'device', 'device); DROP TABLE logins; --', 'openid', 'openid')$$, '42601', NULL, 'one expression');
SELECT throws_ok($$SELECT drop_identity_links('bank', 77)$$, '42704', NULL, 'a relation that there is');
SELECT throws_ok($$SELECT identify('bank', NULL, 'x')$$, '22004', NULL, 'id_type must not be NULL');
SELECT is(identify('bank', 'device', NULL::text), NULL, 'no id, nobody');
SELECT is(identify('bank', 'nothing', 'd1'), NULL, 'ids of an unknown type are unknown');
SELECT is((SELECT count(DISTINCT identify(s, 'device', 'd1')) FROM unnest('{bank,late}'::text[]) AS s), 1::bigint, 'several spaces in one query');
SELECT lives_ok($$SELECT drop_identity_space('bank')$$, 'drop');
SELECT throws_ok($$SELECT identify('bank', 'device', 'd1')$$, '42704', NULL, 'it is gone');
SELECT is((SELECT count(*) FROM identity_ids AS i WHERE NOT EXISTS (SELECT FROM identity_spaces AS s WHERE s.id = i.id)), 0::bigint, 'with its ids');

SELECT * FROM finish();
ROLLBACK;
