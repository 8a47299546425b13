// The three engines, behind one interface:
//
//     open(data)       start it and load the event log, unless it has it already
//     prepare(sql)     set-up statements of a workload, not timed
//     run(sql)         one statement -> { rows, seconds }, the rows as text fields
//     reset()          undo what prepare() has set
//     version, settings, notes   for the report
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { Psql, splitRows } = require("./psql.js");

// Runs a statement and times it until its last row has arrived.
async function timed(rows) {
	const start = process.hrtime.bigint();
	const answer = await rows();
	return { rows: answer, seconds: Number(process.hrtime.bigint() - start) / 1e9 };
}

class Postgres {
	name = "PostgreSQL";

	constructor({ threads }) {
		this.settings = {
			max_parallel_workers_per_gather: threads - 1,	// the leader works too
			work_mem: "1GB",
			jit: "off",
			search_path: "public,journey",
			timezone: "UTC",
			client_min_messages: "warning",
		};
	}

	async open({ events, users, csv, roaringbitmap }) {
		this.session = new Psql(this.settings);
		this.version = (await this.value("SHOW server_version")).split(" ")[0];
		this.settings.shared_buffers = await this.value("SHOW shared_buffers");
		// what the server got, not what it asks for: on Linux, of its own account of memory
		this.settings["huge pages"] = await this.value(
			"SELECT CASE WHEN bool_or(n[1]::int > 0) THEN 'yes' ELSE 'no' END" +
			" FROM regexp_matches(pg_read_file('/proc/self/smaps_rollup'), '_Hugetlb:\\s+(\\d+)', 'g') AS n",
		).catch(() => "unknown");
		await this.session.text("DROP EXTENSION IF EXISTS pg_journey CASCADE; CREATE EXTENSION pg_journey");
		if (roaringbitmap) {
			await this.session.text("CREATE EXTENSION IF NOT EXISTS roaringbitmap");
			this.roaringbitmap = await this.value("SELECT extversion FROM pg_extension WHERE extname = 'roaringbitmap'");
		}
		if (await this.value("SELECT to_regclass('public.events') IS NULL") === "t")
			await this.session.text(`\\set events ${events}\n\\set users ${users}\n`
				+ `\\i '${path.join(__dirname, "data.sql")}'`);
		this.events = Number(await this.value("SELECT count(*) FROM events"));
		this.users = Number(await this.value("SELECT count(DISTINCT user_id) FROM events"));
	}

	// Writes the log for the other engines to read; times as Unix seconds.
	async export(csv) {
		await this.session.text(`\\copy (SELECT user_id, extract(epoch FROM at)::bigint, event, `
			+ `channel, amount FROM events) TO '${csv}' (FORMAT csv)`);
	}

	async value(sql) {
		return (await this.session.rows(sql))[0][0];
	}

	// A fresh schema for the tables a workload makes for itself.
	async clear() {
		await this.session.text("DROP SCHEMA IF EXISTS scratch CASCADE; CREATE SCHEMA scratch");
	}

	prepare(sql) {
		return this.session.text(sql);
	}

	run(sql) {
		return timed(() => this.session.rows(sql));
	}

	// The node types of a statement's plan, from the top down.
	async plan(sql) {
		const [{ Plan }] = JSON.parse(await this.session.text(`EXPLAIN (FORMAT json) ${sql}`));
		const nodes = (plan) => [
			plan["Strategy"] === "Sorted" ? "Group" + plan["Node Type"] : plan["Node Type"],
			...(plan["Plans"] ?? []).flatMap(nodes)];
		return nodes(Plan).join(" <- ");
	}

	reset() {
		return this.session.text("RESET ALL");
	}

	close() {
		this.session.close();
	}
}

// "at" is a keyword in DuckDB: the column is called "time" there.
class DuckDB {
	name = "DuckDB";

	constructor({ threads }) {
		this.settings = { threads };
	}

	async open({ dir, csv }) {
		const { DuckDBInstance, version } = require("@duckdb/node-api");
		const file = path.join(dir, "duckdb");
		this.instance = await DuckDBInstance.create(file, { threads: String(this.settings.threads) });
		this.connection = await this.instance.connect();
		this.version = version().replace(/^v/, "");
		await this.connection.run("SET TimeZone = 'UTC'");
		const { rows } = await this.run("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'events'");
		if (rows[0][0] === "0")
			await this.connection.run(`
				CREATE TABLE events AS
				SELECT user_id, make_timestamp(seconds * 1000000) AS time, event, channel, amount
				FROM read_csv('${await csv()}', header = false, columns = {
					user_id: 'BIGINT', seconds: 'BIGINT', event: 'VARCHAR', channel: 'VARCHAR', amount: 'BIGINT'})`);
	}

	prepare(sql) {
		return this.connection.run(sql);
	}

	run(sql) {
		return timed(async () => {
			const reader = await this.connection.runAndReadAll(sql);
			return reader.getRows().map((row) => row.map((v) => v === null ? "\\N" : String(v)));
		});
	}

	async reset() { }

	close() {
		this.connection.closeSync();
		this.instance.closeSync();
	}
}

class ClickHouse {
	name = "ClickHouse";

	constructor({ threads }) {
		this.settings = {
			max_threads: threads,
			allow_experimental_funnel_functions: 1,
			use_query_condition_cache: 0,	// no help from the run before
		};
	}

	async open({ dir, csv }) {
		const { Session } = require("chdb");
		this.session = new Session(path.join(dir, "clickhouse"));
		for (const [name, value] of Object.entries(this.settings))
			this.session.query(`SET ${name} = ${value}`);
		this.version = this.session.query("SELECT version()", "TSV").trim();
		this.session.query("CREATE DATABASE IF NOT EXISTS bench");
		this.session.query("USE bench");
		if (this.session.query("EXISTS TABLE events", "TSV").trim() === "1")
			return;
		this.session.query("DROP TABLE IF EXISTS events_new");
		this.session.query(`
			CREATE TABLE events_new (user_id Int64, at DateTime('UTC'), event LowCardinality(String),
				channel LowCardinality(String), amount Int64)
			ENGINE = MergeTree ORDER BY at`);
		this.session.query(`INSERT INTO events_new SELECT * FROM file('${await csv()}', CSV,
			'user_id Int64, at DateTime(\\'UTC\\'), event String, channel String, amount Int64')`);
		this.session.query("OPTIMIZE TABLE events_new FINAL");
		this.session.query("RENAME TABLE events_new TO events");
	}

	async prepare(sql) {
		this.session.query(sql);
	}

	run(sql) {
		return timed(async () => splitRows(this.session.query(sql, "TSV")));
	}

	async reset() { }

	close() {
		this.session.close();
	}
}

module.exports = { Postgres, DuckDB, ClickHouse };
