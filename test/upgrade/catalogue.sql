-- All that the catalogue says of the extension in a database, one line a thing, in an order that depends
-- on nothing but that: equal in two databases if they have the same extension.
--
--   diff <(psql -qXAt -d A -f test/upgrade/catalogue.sql) <(psql -qXAt -d B -f test/upgrade/catalogue.sql)
SET search_path = pg_catalog;
CREATE TEMP TABLE members AS SELECT classid, objid FROM pg_depend
	WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pg_journey') AND deptype = 'e';

-- what there is, and comments
SELECT i.type, i.identity, obj_description(m.objid, m.classid::regclass::name) FROM members AS m, pg_identify_object(m.classid, m.objid, 0) AS i
WHERE i.type <> 'schema' ORDER BY i.type COLLATE "C", i.identity COLLATE "C";
-- (who granted the use of journey depends on who installed which version)
SELECT nspname, nspowner::regrole, CASE nspname WHEN 'journey_internal' THEN nspacl END, obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname IN ('journey', 'journey_internal') ORDER BY 1;

-- functions and aggregates
SELECT pg_get_functiondef(p.oid), p.procost, p.prorows, p.prosupport, p.prokind, p.proleakproof, p.proacl FROM pg_proc AS p JOIN members AS m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
WHERE p.prokind <> 'a' ORDER BY p.oid::regprocedure::text COLLATE "C";
SELECT a.aggfnoid::regprocedure, p.provolatile, p.proparallel, p.proisstrict, p.procost, p.proretset, p.prorettype::regtype, p.proargnames, p.proargmodes, p.provariadic, p.proacl,
	a.aggkind, a.aggnumdirectargs, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn, a.aggfinalextra, a.aggmfinalextra,
	a.aggfinalmodify, a.aggmfinalmodify, a.aggsortop, a.aggtranstype::regtype, a.aggtransspace, a.aggmtranstype, a.aggmtransspace, a.agginitval, a.aggminitval
FROM pg_aggregate AS a JOIN pg_proc AS p ON p.oid = a.aggfnoid JOIN members AS m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid ORDER BY a.aggfnoid::regprocedure::text COLLATE "C";

-- types, operators, casts
SELECT t.oid::regtype, t.typlen, t.typbyval, t.typalign, t.typstorage, t.typcategory, t.typispreferred, t.typdelim, t.typcollation, t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typanalyze, t.typdefault, t.typacl
FROM pg_type AS t JOIN members AS m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
WHERE t.typtype = 'b' AND t.typelem = 0 ORDER BY t.oid::regtype::text COLLATE "C";
SELECT o.oid::regoperator, o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanmerge, o.oprcanhash FROM pg_operator AS o JOIN members AS m ON m.classid = 'pg_operator'::regclass AND m.objid = o.oid ORDER BY o.oid::regoperator::text COLLATE "C";
SELECT f.opfname, a.amopstrategy, a.amopopr::regoperator FROM pg_amop AS a JOIN pg_opfamily AS f ON f.oid = a.amopfamily JOIN members AS m ON m.classid = 'pg_opfamily'::regclass AND m.objid = f.oid ORDER BY 1, 2, 3::text COLLATE "C";
SELECT f.opfname, a.amprocnum, a.amproc FROM pg_amproc AS a JOIN pg_opfamily AS f ON f.oid = a.amprocfamily JOIN members AS m ON m.classid = 'pg_opfamily'::regclass AND m.objid = f.oid ORDER BY 1, 2, 3::text COLLATE "C";
SELECT castsource::regtype, casttarget::regtype, castfunc::regprocedure, castcontext, castmethod FROM pg_cast AS c JOIN members AS m ON m.classid = 'pg_cast'::regclass AND m.objid = c.oid ORDER BY castsource::regtype::text COLLATE "C", casttarget::regtype::text COLLATE "C";

-- tables, views, row types
SELECT c.oid::regclass, c.relkind, c.relacl, c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole, c.reloptions FROM pg_class AS c WHERE relnamespace = 'journey'::regnamespace AND relkind <> 'c' ORDER BY c.relname COLLATE "C";
SELECT a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage, a.attacl, pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum)
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'journey'::regnamespace AND a.attnum > 0 AND c.relkind <> 'S' ORDER BY c.relname COLLATE "C", a.attnum;
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'journey'::regnamespace ORDER BY conrelid::regclass::text COLLATE "C", conname COLLATE "C";
SELECT * FROM pg_policies WHERE schemaname = 'journey' ORDER BY tablename, policyname;
SELECT viewname, definition FROM pg_views WHERE schemaname = 'journey' ORDER BY 1;
SELECT tgrelid::regclass, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgfoid IN (SELECT objid FROM members) ORDER BY 1::text, 2;
SELECT c.oid::regclass, e.extcondition[i.n] FROM pg_extension AS e, generate_subscripts(e.extconfig, 1) AS i(n) JOIN pg_class AS c ON true WHERE c.oid = e.extconfig[i.n] AND e.extname = 'pg_journey' ORDER BY c.relname COLLATE "C";
