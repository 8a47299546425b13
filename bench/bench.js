// Times the same questions in PostgreSQL (plain SQL and pg_journey), DuckDB and
// ClickHouse; scripts/bench starts it with a server to connect to.
"use strict";
const { execFileSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { parseArgs } = require("node:util");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { Postgres, DuckDB, ClickHouse } = require("./engines.js");
const { readAll } = require("./workload.js");

const IN_POSTGRES = ["plain", "journey", "roaringbitmap"];

const progress = (text) => process.stderr.write(text + "\n");

// ---- what to do ----------------------------------------------------------

function options() {
	const { values } = parseArgs({
		options: {
			events: { type: "string", default: "20000000" },
			users: { type: "string", default: "500000" },
			runs: { type: "string", default: "5" },
			threads: { type: "string", default: String(os.cpus().length) },
			only: { type: "string", default: "" },
			markdown: { type: "string" },
			roaringbitmap: { type: "string" },	// scripts/bench has built it
			check: { type: "boolean" },		// look at the options and files, do nothing
		},
	});
	for (const name of ["events", "users", "runs", "threads"]) {
		const n = Number(values[name]);
		if (!Number.isInteger(n) || n < 1)
			throw new Error(`--${name} must be a whole number of at least 1, not "${values[name]}"`);
		values[name] = n;
	}
	return values;
}

function choose(only) {
	const workloads = readAll(path.join(__dirname, "workloads"));
	const figures = readAll(path.join(__dirname, "figures"));
	const names = [...workloads, ...figures].map((w) => w.name).concat("kernels");
	const shapes = names.filter((name) => name.startsWith("shape_"));
	const wanted = only ? only.split(",").flatMap((name) => name === "shapes" ? shapes : name) : names;
	for (const name of wanted)
		if (!names.includes(name))
			throw new Error(`--only: no workload "${name}"; there are ${names.join(", ")}`);
	const chosen = (w) => wanted.includes(w.name);
	return {
		workloads: workloads.filter(chosen),
		figures: figures.filter(chosen),
		kernels: wanted.includes("kernels"),
	};
}

// Leaves out what is to be compared with an engine that is not there.
function leaveOut(chosen, engine, why) {
	const theirs = (s) => s.engine === engine;
	for (const w of chosen.workloads.filter((w) => w.runs.some(theirs))) {
		progress(`${w.name}: without ${engine}: ${why}`);
		w.setup = w.setup.filter((s) => !theirs(s));
		w.runs = w.runs.filter((r) => !theirs(r));
	}
	for (const f of chosen.figures.filter((f) => f.setup.some(theirs)))
		progress(`${f.name}: left out without ${engine}: ${why}`);
	chosen.figures = chosen.figures.filter((f) => !f.setup.some(theirs));
}

// ---- measuring -----------------------------------------------------------

const median = (values) => {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

// Rows in an order that no engine chose.
const normalise = (rows) => rows.map((row) => row.join("\t")).sort().join("\n");

const shorten = (text, lines = 30) => {
	const all = text.split("\n");
	return all.length <= lines ? text : [...all.slice(0, lines), `... ${all.length} rows`].join("\n");
};

class DifferentAnswers extends Error { }

// Runs every section once to warm up and to compare the answers, then `times`
// times in turn: A, B, C, A, B, C ... Each run gets .times and .seconds (median).
async function measure(workload, engineOf, times, { sameAnswer = true } = {}) {
	const { runs } = workload;
	for (const run of runs)
		if (!engineOf(run))
			throw new Error(`${workload.name}: unknown engine "${run.engine}"`);

	const once = async (run) => {
		const engine = engineOf(run);
		for (const sql of run.statements)
			await engine.prepare(sql);
		try {
			return await engine.run(run.timed);
		}
		finally {
			await engine.reset();
		}
	};
	const check = (run, rows) => {
		run.answer ??= normalise(rows);
		const other = sameAnswer ? runs[0] : run;
		for (const answer of [run.answer, normalise(rows)])
			if (answer !== other.answer)
				throw new DifferentAnswers(`${workload.name}: different answers\n`
					+ `--- ${other.label}\n${shorten(other.answer)}\n--- ${run.label}\n${shorten(answer)}`);
	};

	for (let i = 0; i <= times; i++)	// the first is to warm up
		for (const run of runs) {
			const { rows, seconds } = await once(run);
			check(run, rows);
			progress(`  ${workload.name}: ${run.label}: ${seconds.toFixed(3)} s`
				+ (i === 0 ? " (warm-up)" : ""));
			if (i > 0)
				(run.times ??= []).push(seconds);
		}
	for (const run of runs)
		run.seconds = median(run.times);
}

// ---- reporting -----------------------------------------------------------

const table = (head, rows) => [head, head.map((_, i) => i < 2 ? "---" : "---:"), ...rows]
	.map((cells) => `| ${cells.join(" | ")} |`).join("\n") + "\n";

const ratio = (a, b) => Number.isFinite(b) ? (a / b).toFixed(a / b < 1 ? 3 : a / b < 10 ? 2 : 1) : "";

// The fastest run of an engine: what the others are held against.
const best = (runs, engine) =>
	Math.min(...runs.filter((r) => r.engine === engine).map((r) => r.seconds));

function workloadTable(workloads, { roaringbitmap }) {
	const rows = workloads.flatMap(({ title, runs }) => runs.map((run, i) => [
		i === 0 ? title : "",
		run.label,
		run.seconds.toFixed(3),
		`${Math.min(...run.times).toFixed(3)}–${Math.max(...run.times).toFixed(3)}`,
		ratio(run.seconds, best(runs, "plain")),
		ratio(run.seconds, best(runs, "clickhouse")),
		...roaringbitmap ? [ratio(run.seconds, best(runs, "roaringbitmap"))] : [],
	]));
	return table(["question", "engine", "median, s", "range, s", "÷ plain SQL", "÷ ClickHouse",
		...roaringbitmap ? ["÷ pg_roaringbitmap"] : []], rows);
}

// A goal is "N ns" (a row, over the baseline), "N times" (the baseline) or "N times the
// size" (of what the baseline answers). The two statements run in turn, so each run is held
// against its neighbour: what slows the machine for a while slows both.
function figureRow(title, goal, baseline, measured, events) {
	const [, limit, unit] = goal.match(/^([\d.]+) (ns|times|times the size)$/);
	const reached = (value) => value <= Number(limit) ? "yes" : "**no**";
	if (unit === "times the size") {
		const value = Number(measured.answer) / Number(baseline.answer);
		return [title, `at most ${goal}`, `${value.toFixed(3)} ${unit}`, `${baseline.answer} bytes`,
			`${measured.answer} bytes`, reached(value)];
	}
	const perRow = (seconds) => seconds * 1e9 / events;
	const cost = ({ seconds }) =>
		unit === "ns" ? `${perRow(seconds).toFixed(1)} ns/row` : `${(seconds * 1000).toFixed(1)} ms`;
	const value = median(measured.times.map((seconds, i) => unit === "ns"
		? perRow(seconds - baseline.times[i])
		: seconds / baseline.times[i]));
	return [title, `at most ${goal}`, `${value.toFixed(unit === "ns" ? 1 : 2)} ${unit}`,
		cost(baseline), cost(measured), reached(value)];
}

// The kernels' own program prints "name<TAB>million events a second".
function kernelTable() {
	const goals = JSON.parse(fs.readFileSync(path.join(__dirname, "figures", "kernels.json"), "utf8"));
	const out = execFileSync("make", ["-s", "-C", path.join(__dirname, "..", "test", "kernel"), "bench"],
		{ encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
	const rows = out.trim().split("\n").map((line) => line.split("\t")).filter((f) => f.length === 2)
		.map(([name, speed]) => {
			const goal = goals[name];
			return [name, goal ? `at least ${goal}` : "", speed,
				goal ? (Number(speed) >= goal ? "yes" : "**no**") : ""];
		});
	return table(["kernel, one core, sorted events", "goal, million a second",
		"measured, million a second", "reached"], rows);
}

function hardware() {
	const cpus = os.cpus();
	const memory = Math.round(os.totalmem() / 2 ** 30);
	return `${cpus[0].model.trim()}, ${cpus.length} cores, ${memory} GB of memory, ${os.type()} ${os.release()}`;
}

function header(engines, { runs, threads }) {
	const { postgres } = engines;
	const settings = (engine) => Object.entries(engine.settings).map(([k, v]) => `${k}=${v}`).join(", ");
	return [
		`${postgres.events.toLocaleString("en")} events of ${postgres.users.toLocaleString("en")} users, `
			+ `ordered by time; ${threads} thread${threads > 1 ? "s" : ""}; median of ${runs} runs in turn `
			+ `after one to warm up; ${new Date().toISOString().slice(0, 10)}.`,
		"",
		`Hardware: ${hardware()}.`,
		"",
		...Object.values(engines).map((e) => `- ${e.name} ${e.version}: ${settings(e)}`),
		...postgres.roaringbitmap ? [`- pg_roaringbitmap ${postgres.roaringbitmap}, in the same PostgreSQL`] : [],
		"",
	].join("\n");
}

// ---- the whole -----------------------------------------------------------

async function main() {
	const opts = options();
	const chosen = choose(opts.only);
	if (opts.check)
		return 0;
	const version = createHash("sha256").update(fs.readFileSync(path.join(__dirname, "data.sql")))
		.digest("hex").slice(0, 8);
	const dir = path.join(process.env.BENCH_DATA ?? path.join(__dirname, ".data"),
		`${opts.events}-${opts.users}-${version}`);
	fs.mkdirSync(dir, { recursive: true });

	if (!opts.roaringbitmap)
		leaveOut(chosen, "roaringbitmap", "run scripts/bench with --roaringbitmap DIR");
	const engines = {
		postgres: new Postgres(opts), duckdb: new DuckDB(opts), clickhouse: new ClickHouse(opts),
	};
	const engineOf = ({ engine }) =>
		IN_POSTGRES.includes(engine) ? engines.postgres : engines[engine];

	// PostgreSQL makes the log, the others load it; the file goes again after that.
	const file = path.join(dir, "events.csv");
	let exported = false;
	const csv = async () => {
		if (!exported) {
			progress("exporting the events");
			await engines.postgres.export(file);
			exported = true;
		}
		return file;
	};
	for (const engine of Object.values(engines)) {
		progress(`opening ${engine.name}`);
		await engine.open({ ...opts, dir, csv });
	}
	fs.rmSync(file, { force: true });

	let failed = false;
	const report = [];
	const setup = async (w) => {
		await engines.postgres.clear();
		for (const s of w.setup)
			for (const sql of s.statements)
				await engineOf(s).prepare(sql);
	};

	const measured = [];
	for (const w of chosen.workloads) {
		progress(w.title);
		try {
			await setup(w);
			await measure(w, engineOf, opts.runs);
			measured.push(w);
		}
		catch (e) {
			if (!(e instanceof DifferentAnswers))
				throw e;
			progress(`ERROR: ${e.message}`);
			failed = true;
		}
	}
	report.push(header(engines, opts));
	if (measured.length > 0)
		report.push(workloadTable(measured, opts));

	const rows = [];
	for (const f of chosen.figures) {
		progress(f.title);
		await setup(f);
		for (const r of f.runs)
			r.statements.unshift("SET max_parallel_workers_per_gather = 0");
		for (let i = 0; i < f.runs.length; i += 2) {
			const plans = [];
			for (const r of f.runs.slice(i, i + 2)) {
				for (const sql of r.statements)
					await engines.postgres.prepare(sql);
				plans.push(await engines.postgres.plan(r.timed));
				await engines.postgres.reset();
			}
			if (plans[0] !== plans[1] && f.plans !== "may differ")
				throw new Error(`${f.name}: different plans: ${plans.join(" / ")}`);
			progress(`  ${f.name}: plan: ${[...new Set(plans)].join(" / ")}`);
		}
		await measure(f, () => engines.postgres, opts.runs, { sameAnswer: false });
		for (let i = 0; i < f.runs.length; i += 2) {
			const [baseline, measured] = f.runs.slice(i, i + 2);
			const [, what] = measured.label.match(/^measured,? ?(.*)$/);
			rows.push(figureRow(what ? `${f.title}: ${what}` : f.title, f.goal, baseline, measured,
				engines.postgres.events));
		}
	}
	if (rows.length > 0)
		report.push(table(["figure, one process", "goal", "measured", "baseline", "with it",
			"reached"], rows));
	if (chosen.kernels)
		report.push(kernelTable());

	for (const engine of Object.values(engines))
		engine.close();

	const markdown = report.join("\n");
	process.stdout.write(markdown);
	if (opts.markdown)
		fs.writeFileSync(opts.markdown, markdown);
	return failed ? 1 : 0;
}

main().then((code) => { process.exitCode = code; },
	(e) => { process.stderr.write(`bench: ${e.message}\n`); process.exit(1); });
