// Random values of attributes, and random rules for them: what check_plan finds bad is what ajv
// finds invalid. A source has its attributes in jsonb, where types are those of JSON.
"use strict";
const { spawnSync } = require("node:child_process");
const Ajv = require("ajv").default;
const formats = require("ajv-formats").default;

const ROWS = 400, ATTRIBUTES = 50, PLANS = 6;
let seed = Number(process.env.SEED || 1) >>> 0;
function random(n) {
	seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
	return Math.floor(seed / 4294967296 * n);
}
const some = (list) => list[random(list.length)];

// as they stand in the log
const VALUES = ["null", "true", "false", "0", "-0", "1", "-1", "3", "4.0", "12.5", "1e2", "1e10", "-2.25", "100000000000000000000",
	'""', '" "', '"abc"', '"ABC"', '"a1"', '"app"', '"web"', '"3"', '"12.5"', '"true"', '"null"', '"a\\nb"', '"\\u00e9t\\u00e9"', '"\\ud83d\\ude00"', '"it\'s"', '"2026-03-01"', '"2026-13-01"',
	'"2026-03-01T10:00:00Z"', '"2026-03-01T25:00:00Z"', "[]", "[1]", "{}", '{"a": 1}'];
// of the dialect that both have: in PostgreSQL a dot is a newline, too
const PATTERNS = ["^[a-z]+$", "^[a-z_]*[0-9]$", "a|b", "^[a-z0-9' ]{2,3}$", "^\\d{4}-", "[^a-z]", "^(app|web)$", "^$", "\\s", "é"];
const LISTS = [["app", "web"], ["abc", "a1", ""], ["3"], [3, "app"], [true, "abc"], ["x"]];

// A rule, as check_plan names it, of a plan, and as a schema.
function rule() {
	switch (random(7)) {
		case 0: return ["required", { required: true }, null];
		case 1: {
			const type = some(["number", "integer", "string", "boolean"]);
			return ["type " + type, { type }, { type }];
		}
		case 2: return ["type date", { type: "date" }, { type: "string", format: "date" }];
		case 3: return ["type time", { type: "time" }, { type: "string", format: "date-time" }];
		case 4: {
			const values = some(LISTS);
			// values are compared as text
			return ["values", { values }, { enum: values.flatMap((v) => typeof v === "string" ? (v === "3" || v === "true" ? [v, JSON.parse(v)] : [v]) : [v, String(v)]) }];
		}
		case 5: {
			const [key, schema] = some([["min", "minimum"], ["max", "maximum"]]), bound = some([0, 3, -1, 12.5, 100]);
			return [key + " " + bound, { [key]: bound }, { [schema]: bound }];
		}
		default: {
			const pattern = some(PATTERNS);
			return ["pattern " + pattern, { pattern }, { pattern }];
		}
	}
}

function sql(text) {
	const done = spawnSync("psql", ["-qXAt", "-F", "\t", "-v", "ON_ERROR_STOP=1"], { input: text, encoding: "utf8", maxBuffer: 1 << 28 });
	if (done.status !== 0)
		throw new Error(done.stderr);
	return done.stdout;
}
const quote = (text) => "'" + text.replace(/'/g, "''") + "'";

let failed = 0, compared = 0, bad = 0;
for (let plan = 1; plan <= PLANS; plan++) {
	const ajv = formats(new Ajv({ strict: false, unicodeRegExp: true }));
	const rules = Array.from({ length: ATTRIBUTES }, rule);
	const rows = Array.from({ length: ROWS }, () => rules.map(() => random(8) === 0 ? null : some(VALUES)));
	const attributes = Object.fromEntries(rules.map(([, of_plan], a) => ["k" + a, of_plan]));
	const found = new Map(sql(`
		BEGIN;
		SET LOCAL search_path = journey, public;
		SET LOCAL timezone = 'UTC';
		CREATE TABLE ajv_log (user_id int, at timestamptz, event text, attrs jsonb);
		INSERT INTO ajv_log VALUES ${rows.map((row, i) => `(${i}, timestamptz '2026-01-01 00:00+00' + ${i} * interval '1 minute', 'e', ${quote("{" + row.flatMap((v, a) => v === null ? [] : [`"k${a}": ${v}`]).join(", ") + "}")})`).join(",\n")};
		DO $do$ BEGIN
			PERFORM add_source('ajv', 'ajv_log', attrs => '"attrs"');
			PERFORM create_plan('ajv', 'ajv', ${quote(JSON.stringify({ events: { "*": { attributes } } }))});
		END $do$;
		SELECT attribute, rule, bad, example ->> 'user_id' FROM check_plan('ajv') WHERE attribute LIKE 'k%';
		ROLLBACK;`).trim().split("\n").map((line) => line.split("\t")).map(([attribute, ...of]) => [attribute, of]));
	rules.forEach(([name, , schema], a) => {
		const validate = schema === null ? null : ajv.compile(schema);
		const invalid = rows.flatMap((row, i) => {
			const there = row[a] !== null && row[a] !== "null";
			return (schema === null ? there : !there || validate(JSON.parse(row[a]))) ? [] : [i];
		});
		const [rule_found, bad_found, first_found] = found.get("k" + a) || [];
		compared++;
		bad += invalid.length;
		if (rule_found !== name || Number(bad_found) !== invalid.length || (first_found || "") !== String(invalid[0] ?? "")) {
			failed++;
			console.log(`# plan ${plan}: ${name}: check_plan has "${rule_found}" with ${bad_found} bad, first of user ${first_found}; ajv finds ${invalid.length}, first ${invalid[0]}`);
			console.log(`# invalid: ${[...new Set(invalid.map((i) => rows[i][a]))].join(" ")}`);
		}
	});
}
console.log(`${failed === 0 ? "ok" : "not ok"} 1 - ${compared} rules over ${ROWS} rows each`);
console.log(`${bad > compared * 20 ? "ok" : "not ok"} 2 - of which many break them`);
console.log("1..2");
process.exit(failed === 0 ? 0 : 1);
