// PostgreSQL and ClickHouse with the same histories in the same tables, and one
// answer per history from each.
"use strict";
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { Psql, splitRows } = require("../../bench/psql.js");
const { Session } = require("../../bench/node_modules/chdb");

const MAX_CONDITIONS = 5;
const conditions = Array.from({ length: MAX_CONDITIONS }, (_, i) => `c${i + 1}`);

class Engines {
	constructor() {
		this.dir = fs.mkdtempSync(path.join(os.tmpdir(), "pg_journey-clickhouse-"));
		this.pg = new Psql({ search_path: "public,journey", timezone: "UTC", client_min_messages: "warning" });
		this.ch = new Session(path.join(this.dir, "clickhouse"));
		this.ch.query("SET max_threads = 1");		// rows reach an aggregate in their order
		this.ch.query("SET allow_experimental_funnel_functions = 1");
		this.ch.query("CREATE DATABASE differential");
		this.ch.query("USE differential");
		this.version = this.ch.query("SELECT version()", "TSV").trim();
	}

	// Makes a table of histories, in both.
	async load(table, histories) {
		const file = path.join(this.dir, "histories.tsv");
		fs.writeFileSync(file, histories.flatMap((history, id) => history.map((row) =>
			[id, row.t, ...conditions.map((_, i) => (row.bits[i] ? 1 : 0)), row.base ? 1 : 0,
				row.value ?? "\\N"].join("\t") + "\n")).join(""));
		await this.pg.text(`DROP TABLE IF EXISTS ${table};`
			+ `CREATE TEMP TABLE ${table} (id int, t int, ${conditions.map((c) => `${c} boolean`).join(", ")},`
			+ ` base boolean, value text);\n`
			+ `\\copy ${table} FROM '${file}'\n`
			+ `ANALYZE ${table}`);
		this.ch.query(`CREATE OR REPLACE TABLE ${table} (id UInt32, t UInt32,
			${conditions.map((c) => `${c} UInt8`).join(", ")}, base UInt8, value Nullable(String))
			ENGINE = Memory`);
		this.ch.query(`INSERT INTO ${table} SELECT * FROM file('${file}', TSV)`);
	}

	// The two answers for each history of a table, as text.
	async answers(table, { ours, theirs }) {
		const statement = (expression) => `SELECT id, ${expression} FROM ${table} GROUP BY id ORDER BY id`;
		const a = await this.pg.rows(statement(ours));
		const b = splitRows(this.ch.query(statement(theirs), "TSV"));
		const plain = (answer) => answer.replace("{", "[").replace("}", "]");	// arrays
		const result = a.map(([id, answer], i) => {
			if (b[i]?.[0] !== id)
				throw new Error(`${table}: ClickHouse has no answer for history ${id}`);
			return [plain(answer), b[i][1]];
		});
		if (a.length !== b.length)
			throw new Error(`${table}: ${a.length} answers against ${b.length}`);
		return result;
	}

	// The first line of the error that each gives to a statement of its own, or null.
	async ourError(sql) {
		const session = new Psql({ search_path: "public,journey" });	// an error ends it
		try {
			await session.text(sql);
			return null;
		}
		catch (e) {
			return e.message.split("\n")[0];
		}
		finally {
			session.close();
		}
	}

	theirError(sql) {
		try {
			this.ch.query(sql);
			return null;
		}
		catch (e) {
			return e.message.split("\n")[0];
		}
	}

	close() {
		this.pg.close();
		this.ch.close();
		fs.rmSync(this.dir, { recursive: true, force: true });
	}
}

// Lists of conditions for either engine: c1, c2, c3.
const list = (n) => conditions.slice(0, n).join(", ");

module.exports = { Engines, list };
