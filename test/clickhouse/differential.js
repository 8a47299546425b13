// Random histories through pg_journey and through ClickHouse: the answers must be
// equal, except for the differences in known.js. Prints TAP.
"use strict";
const { Engines, list } = require("./engines.js");
const { splitRows } = require("../../bench/psql.js");
const { random, makeHistories, shrink, show } = require("./histories.js");
const { funnelLevel } = require("./oracle.js");
const { randomPattern, toCount } = require("./patterns.js");
const { userset } = require("./userset.js");
const known = require("./known.js");

const SEED = Number(process.env.SEED ?? 20250101);
const HISTORIES = Number(process.env.HISTORIES ?? 4000);	// for each number of conditions
const PATTERNS = Number(process.env.PATTERNS ?? 50);		// likewise
const SIZES = [1, 2, 3, 4, 5];		// how many conditions
const WINDOWS = [0, 1, 5, 40];		// seconds

const NEXT_NODE = [["forward", "head"], ["forward", "first_match"], ["forward", "last_match"],
	["backward", "tail"], ["backward", "first_match"], ["backward", "last_match"]];

let tests = 0;
let failures = 0;

function ok(passed, name, diagnostics = []) {
	tests++;
	failures += passed ? 0 : 1;
	console.log(`${passed ? "ok" : "not ok"} ${tests} - ${name}`);
	for (const line of diagnostics)
		console.log(`# ${line}`);
}

// ---- the functions, in both dialects --------------------------------------

const steps = (n) => `steps(${list(n)})`;
const AT = "to_timestamp(t)";

function windowFunnel(n, within, modes, theirModes = modes) {
	const quoted = theirModes.map((m) => `, '${m}'`).join("");
	return {
		n,
		ours: `window_funnel(${AT}, ${steps(n)}, '${within} s'${modes.length ? `, '${modes.join(",")}'` : ""})`,
		theirs: `windowFunnel(${within}${quoted})(t, ${list(n)})`,
	};
}

const sequence = (ours, theirs, cast = "") => (n, pattern) => ({
	n,
	ours: `${ours}(${AT}, ${steps(n)}, '${pattern}')${cast}`,
	theirs: `${theirs}('${pattern}')(t, ${list(n)})`,
});
const sequenceMatch = sequence("sequence_match", "sequenceMatch", "::int");
const sequenceCount = sequence("sequence_count", "sequenceCount");

const retention = (n) => ({
	n,
	ours: `array_to_string(retention(${steps(n)})::int[], ',')`,
	theirs: `arrayStringConcat(retention(${list(n)}), ',')`,
});

const nextNode = (n, direction, anchor) => ({
	n,
	ours: `sequence_next_node(${AT}, ${steps(n)}, value, base, '${direction}', '${anchor}')`,
	theirs: `sequenceNextNode('${direction}', '${anchor}')(t, value, base, ${list(n)})`,
});

// Intervals: ClickHouse has no such aggregate, so this is the definition in its arrays.
const intervals = (n, within, mode) => ({
	n,
	ours: `(SELECT concat_ws(' ', s.count, extract(epoch FROM s.max_time)::int, (extract(epoch FROM s.avg_time) * s.count)::numeric(20, 0))
		FROM interval_summary(intervals(1, ${AT}, ${steps(n)}, '${within} s', '${mode}')) s)`,
	theirs: `arrayStringConcat(arrayMap(ds -> if(empty(ds), ['0'], [toString(length(ds)), toString(arrayMax(ds)), toString(arraySum(ds))]), [arrayMap(es ->
		arrayFilter(d -> d >= 0 AND d <= ${within},
			arrayMap(i -> arrayMap(j -> if(es[i].2 AND j > 0
					${mode === "latest" ? "AND NOT arrayExists(k -> k > i AND k < j AND es[k].2, arrayEnumerate(es))" : ""},
					toInt64(es[j].1) - toInt64(es[i].1), -1),
				[arrayFirst(j -> j > i AND es[j].3, arrayEnumerate(es))])[1], arrayEnumerate(es))),
		[arraySort(e -> (e.1, 3 - 2 * e.2 - e.3), groupArrayIf((t, c1, ${n === 1 ? "c1" : "c2"}), ${n === 1 ? "c1" : "c1 OR c2"}))])[1]])[1], ' ')`,
});

// Activity of the users that the values name, by days of three "seconds".
const DAY = "to_timestamp(t * 28800)";
const pairs = "groupUniqArrayIf((assumeNotNull(value), toInt64(intDiv(t, 3))), value IS NOT NULL)";

const lifecycle = (n) => ({
	n,
	ours: `(SELECT coalesce(string_agg(cell, ' ' ORDER BY cell COLLATE "C"), '') FROM lifecycle_buckets(lifecycle(value, ${DAY}, 'day', 'UTC')) l,
		LATERAL (SELECT (extract(epoch FROM bucket) / 86400)::int || state AS cell
			FROM (VALUES ('n', new), ('r', l.returning), ('s', resurrected), ('d', dormant)) c (state, users), generate_series(1, users)) c)`,
	theirs: `arrayStringConcat(arrayMap(ps -> arraySort(arrayConcat(
			arrayMap(p -> concat(toString(p.2), if(NOT arrayExists(q -> q.1 = p.1 AND q.2 < p.2, ps), 'n', if(has(ps, (p.1, p.2 - 1)), 'r', 's'))), ps),
			arrayMap(p -> concat(toString(p.2 + 1), 'd'), arrayFilter(p -> NOT has(ps, (p.1, p.2 + 1)) AND p.2 < arrayMax(q -> q.2, ps), ps)))),
		[${pairs}])[1], ' ')`,
});

const frequency = (n) => ({
	n,
	ours: `(SELECT coalesce(string_agg(lower || ':' || users, ' ' ORDER BY lower), '') FROM frequency_bins(frequency(value, ${DAY}, 'day', 'UTC')))`,
	theirs: `arrayStringConcat(arrayMap(ks -> arrayMap(k -> concat(toString(k), ':', toString(countEqual(ks, k))), arraySort(arrayDistinct(ks))),
		[arrayMap(ps -> arrayMap(u -> arrayCount(p -> p.1 = u, ps), arrayDistinct(arrayMap(p -> p.1, ps))), [${pairs}])[1]])[1], ' ')`,
});

// Sessions by day and by node: condition 1 starts one, condition 2 ends it. ClickHouse
// numbers the sessions of a user in arrays.
function sessions(table, gap, cut, zone) {
	const at = (t) => `${ZONES[zone]} + ${t} * 3600`;
	const call = `sessions(id, to_timestamp(${at("t")}), ${cut ? "c1, c2, " : ""}coalesce(value, ''), '${gap} h', '${zone}')`;
	const [starts, ends] = cut ? ["c1", "c2"] : ["0", "0"];
	const cutUp = `(SELECT id, arraySort(groupArray((toUInt64(t), 1 - ${starts}, ${ends}, ifNull(value, '')))) AS es,
		arrayCumSum(arrayMap(i -> i = 1 OR es[i].1 - es[i - 1].1 > ${gap} OR es[i].2 = 0 OR es[i - 1].3 = 1, arrayEnumerate(es))) AS s
		FROM ${table} GROUP BY id)`;
	return [
		[`SELECT bucket_date, sessions, users, round(bounce_rate * sessions)::int, events, (extract(epoch FROM avg_duration) * sessions)::bigint
			FROM session_buckets((SELECT ${call} FROM ${table}))`,
		`SELECT toDate(toDateTime(${at("first")}, '${zone}'), '${zone}') AS day, count(), uniqExact(id), countIf(n = 1), sum(n), sum(last - first) * 3600
			FROM (SELECT id, session, min(e.1) AS first, max(e.1) AS last, count() AS n FROM ${cutUp} ARRAY JOIN es AS e, s AS session GROUP BY id, session)
			GROUP BY day ORDER BY day`],
		[`SELECT '<' || node || '>', events, users, entries, exits, (coalesce(extract(epoch FROM avg_time), 0) * (events - exits))::bigint
			FROM session_nodes((SELECT ${call} FROM ${table}))`,
		`SELECT concat('<', e.4, '>'), count(), uniqExact(id), countIf(before != session), countIf(after != session), sumIf(next.1 - e.1, after = session) * 3600
			FROM ${cutUp} ARRAY JOIN es AS e, s AS session, arrayPushFront(arrayPopBack(s), 0) AS before, arrayPushBack(arrayPopFront(s), 0) AS after,
				arrayPushBack(arrayPopFront(es), es[-1]) AS next
			GROUP BY e.4 ORDER BY e.4`],
	];
}

// Events and users by day and value, and over all values; sums of how late an event is; users by
// how many events they have in a day; hours of the week.
function metrics(table, zone) {
	const at = `${ZONES[zone]} + toUInt64(t) * 39600`;
	const local = `toDateTime(${at}, '${zone}')`;
	const ours = `id, to_timestamp(${ZONES[zone]} + t * 39600)`;
	return [
		[`SELECT coalesce('<' || breakdown || '>', '-'), bucket_date, events, users, value_sum, value_min, value_max
			FROM metric_rows((SELECT event_metrics(${ours}, t, value, 'day', '', '${zone}') FROM ${table})) WHERE events > 0`,
		`SELECT ifNull(concat('<', value, '>'), '-'), toDate(${local}, '${zone}') AS day, count(), uniqExact(id), sum(t), min(t), max(t)
			FROM ${table} GROUP BY value, day ORDER BY day, value NULLS LAST`],
		[`SELECT bucket_date, events, users, value_sum FROM metric_buckets((SELECT event_metrics(${ours}, t, value, 'week', 'top 2', '${zone}') FROM ${table})) WHERE events > 0`,
		`SELECT toMonday(${local}, '${zone}') AS day, count(), uniqExact(id), sum(t) FROM ${table} GROUP BY day ORDER BY day`],
		[`SELECT bucket_date, lower, users FROM distribution_rows((SELECT distribution(${ours}, NULL, 'times', 'day', '${zone}') FROM ${table}))`,
		`SELECT day, n, count() FROM (SELECT toDate(${local}, '${zone}') AS day, id, count() AS n FROM ${table} GROUP BY day, id) GROUP BY day, n ORDER BY day, n`],
		[`SELECT weekday, hour, events, users FROM week_hours_rows((SELECT week_hours(${ours}, '${zone}') FROM ${table})) WHERE events > 0`,
		`SELECT toDayOfWeek(${local}, 0, '${zone}') AS d, toHour(${local}, '${zone}') AS h, count(), uniqExact(id) FROM ${table} GROUP BY d, h ORDER BY d, h`],
	];
}

// Credits of touches, which the values name, for conversions, which condition 1 is. ClickHouse keeps the touches
// of a user in an array, and looks for those of each conversion in it.
function attributions(table, lookBack) {
	const parts = (credit, floor) => floor(`${credit} * 1000000 + 0.37`);	// no half is rounded up here and down there
	const ours = ["first", "last", "linear", "position", "time_decay"].map((model) => parts(`${model}::numeric`, (x) => `floor(${x})`));
	const theirs = ["i = 1", "i = n", "1 / n", "if(n = 1, 1, if(n = 2, 0.5, if(i = 1 OR i = n, 0.4, 0.2 / (n - 2))))",
		"exp2((hits[i].1 - c) / 3) / arraySum(h -> exp2((h.1 - c) / 3), hits)"].map((credit) => parts(`sum(${credit})`, (x) => `toInt64(floor(${x}))`));
	return [
		[`SELECT '<' || touch || '>', conversions, converted_users, ${ours.join(", ")}
			FROM attribution_touches((SELECT attribution(id, to_timestamp(t), value, c1, '${lookBack} s', 'half_life 3 s') FROM ${table}))
			WHERE conversions > 0`,
		`SELECT concat('<', hits[i].2, '>'), uniqExact((id, k)), uniqExact(id), ${theirs.join(", ")}
			FROM (SELECT id, k, c, if(empty(found), [(c, '(direct)')], found) AS hits, length(hits) AS n
				FROM (SELECT id, arraySort(groupArrayIf((toInt64(t), ifNull(value, '')), value IS NOT NULL)) AS touches, groupArrayIf(toInt64(t), c1 = 1) AS cs FROM ${table} GROUP BY id)
				ARRAY JOIN cs AS c, arrayEnumerate(cs) AS k, arrayMap(c -> arrayFilter(t -> t.1 <= c AND t.1 >= c - ${lookBack}, touches), cs) AS found)
			ARRAY JOIN arrayEnumerate(hits) AS i
			GROUP BY hits[i].2 ORDER BY hits[i].2`],
	];
}

// ---- comparing -------------------------------------------------------------

// The histories on which the two differ.
async function compare(engines, histories, table, question) {
	const answers = await engines.answers(table, question);
	return histories.flatMap((history, i) => answers[i][0] === answers[i][1] ? []
		: [{ history, ours: answers[i][0], theirs: answers[i][1] }]);
}

// The smallest form of a difference, as lines of text.
async function explain(engines, question, history) {
	const differing = async (candidates) => {
		if (candidates.length === 0)
			return [];
		await engines.load("candidates", candidates);
		return (await compare(engines, candidates, "candidates", question)).map((d) => d.history);
	};
	if ((await differing([history])).length === 0)
		return [`asked again, they agree on ${show(history)}`, `    ${question.ours}`, `    ${question.theirs}`];
	const smallest = await shrink(history, differing);
	await engines.load("candidates", [smallest]);
	const [{ ours, theirs }] = await compare(engines, [smallest], "candidates", question);
	return [`pg_journey: ${ours}, ClickHouse: ${theirs}, for ${show(smallest)}`,
		`    ${question.ours}`, `    ${question.theirs}`];
}

// One test: several questions, each put to the histories with its number of conditions.
async function agree(engines, name, corpus, questions) {
	let compared = 0;
	const diagnostics = [];
	for (const question of questions) {
		const { table, histories } = corpus[question.n];
		compared += histories.length;
		const [first, ...rest] = await compare(engines, histories, table, question);
		if (first && diagnostics.length < 9)
			diagnostics.push(`${rest.length + 1} of ${histories.length} histories differ:`,
				...await explain(engines, question, first.history));
	}
	ok(diagnostics.length === 0, `${name}: ${compared} answers`, diagnostics);
}

// One test: our levels are what the definition says. (ClickHouse's mode of this name is
// known to differ, always by saying less.)
async function agreeWithDefinition(engines, mode, corpus) {
	let compared = 0;
	let differences = 0;
	const wrong = [];
	for (const n of Object.keys(corpus).map(Number))
		for (const within of WINDOWS) {
			const { table, histories } = corpus[n];
			const answers = await engines.answers(table, windowFunnel(n, within, mode ? [mode] : []));
			histories.forEach((history, i) => {
				const [ours, theirs] = answers[i].map(Number);
				const level = funnelLevel(history, n, within, mode);
				compared++;
				differences += theirs === level ? 0 : 1;
				if (ours !== level || theirs > level)
					wrong.push(`${ours}, by definition ${level}, ClickHouse ${theirs}: `
						+ `within ${within}, ${show(history)}`);
			});
		}
	ok(wrong.length === 0, `window_funnel ${mode || "default"} as defined: ${compared} answers`,
		[`ClickHouse says less in ${differences}`, ...wrong.slice(0, 5)]);
}

// Histories for each number of conditions, in a table each; of rows that are the same
// in this sense, only the first stays.
async function makeCorpus(engines, rnd, name, same) {
	const corpus = {};
	for (const n of SIZES) {
		const histories = makeHistories(rnd, n, HISTORIES).map((history) =>
			history.filter((b, i) => !history.slice(0, i).some((a) => same(a, b))));
		corpus[n] = { table: `${name}${n}`, histories };
		await engines.load(corpus[n].table, histories);
	}
	return corpus;
}

// ---- cohorts ---------------------------------------------------------------

// All users of a table at once: those who start by condition 1 and come back by condition 2.
// Their seconds stand for 11 hours each, around a change of the clocks.
const UNITS = { hour: "toRelativeHourNum", day: "toRelativeDayNum", week: "toRelativeWeekNum",
	month: "toRelativeMonthNum", quarter: "toRelativeQuarterNum" };
const ZONES = { UTC: 1735689600, "Asia/Shanghai": 1709164800, "America/New_York": 1741478400, "Europe/Berlin": 1761400000 };

// Cohorts that somebody came back to, numbered; ClickHouse keeps the periods of a user in arrays.
function cohorts(table, unit, zone, every, periods, returns) {
	const ages = { on: "p >= start AND p <= start + period AND p >= start + period",
		on_or_after: "p >= start + period", within: "p >= start AND p <= start + period",
		within_from_1: "p >= start + 1 AND p <= start + period" }[returns];
	const at = (t) => `${ZONES[zone]} + ${t} * 39600`;
	const number = `${UNITS[unit]}(toDateTime(${at("toUInt64(t)")}, '${zone}'), '${zone}')`;
	return [
		`SELECT dense_rank() OVER (ORDER BY cohort), period, users, cohort_users
			FROM retention_cells((SELECT cohort_retention(id, to_timestamp(${at("t")}), c1, c2, '${unit}', ${periods}, '${every ? "every" : "first"},${returns}', '${zone}') FROM ${table}))
			WHERE users > 0 ORDER BY 1, 2`,
		`SELECT dense_rank() OVER (ORDER BY start), period, users, of
			FROM (SELECT start, period, countIf(arrayExists(p -> ${ages}, returned)) AS users, count() AS of
				FROM (SELECT ${every ? `groupUniqArrayIf(toInt64(${number}), c1 = 1)` : `[minIf(toInt64(${number}), c1 = 1)]`} AS starts, groupUniqArrayIf(toInt64(${number}), c2 = 1) AS returned
					FROM ${table} GROUP BY id HAVING max(c1) = 1)
				ARRAY JOIN starts AS start CROSS JOIN (SELECT toInt64(number) AS period FROM numbers(${periods + 1})) AS periods
				GROUP BY start, period)
			WHERE users > 0 ORDER BY 1, 2`,
	];
}

// The cohort of one day by ClickHouse's retention: day D, D + 1, ...
function cohortByRetention(table, day, periods) {
	const at = (t) => `1735689600 + ${t} * 39600`;
	const days = Array.from({ length: periods + 1 }, (_, i) =>
		`c2 = 1 AND toDate(toDateTime(${at("toUInt64(t)")}, 'UTC'), 'UTC') = toDate('2025-01-01') + ${day + i}`);
	const met = `c1 = 1 AND toDate(toDateTime(${at("toUInt64(t)")}, 'UTC'), 'UTC') = toDate('2025-01-01') + ${day}`;
	return [
		`SELECT users FROM retention_cells((SELECT cohort_retention(id, to_timestamp(${at("t")}), c1, c2, 'day', ${periods}, 'every', 'UTC') FROM ${table}))
			WHERE cohort = timestamptz '2025-01-01 00:00+00' + ${day} * interval '24 hours' ORDER BY period`,
		`SELECT arrayJoin(sumForEach(arraySlice(r, 2)))
			FROM (SELECT retention(${met}, ${days.join(", ")}) AS r FROM ${table} GROUP BY id)`,
	];
}

// One test: both answer the same rows to each pair of questions.
async function agreeOnRows(engines, name, questions) {
	const diagnostics = [];
	let compared = 0;
	for (const [ours, theirs] of questions) {
		const lines = (rows) => rows.map((row) => row.join(" "));
		const a = lines(await engines.pg.rows(ours));
		const b = lines(splitRows(engines.ch.query(theirs, "TSV")));
		compared += a.length;
		if (a.join("\n") !== b.join("\n"))
			diagnostics.push(ours, theirs, `${a.length} rows against ${b.length}`,
				...a.filter((line) => !b.includes(line)).slice(0, 3).map((line) => `pg_journey: ${line}`),
				...b.filter((line) => !a.includes(line)).slice(0, 3).map((line) => `ClickHouse: ${line}`));
	}
	ok(diagnostics.length === 0 && compared > 0, `${name}: ${compared} rows`, diagnostics);
}

// ---- the whole -------------------------------------------------------------

async function main() {
	const engines = new Engines();
	console.log(`# ClickHouse ${engines.version}, seed ${SEED}`);
	const rnd = random(SEED);
	try {
		// corpus[n]: histories with n conditions. Two others leave out what makes ClickHouse
		// go by the order of input: rows of one time, rows of one time and value.
		const corpus = await makeCorpus(engines, rnd, "history", () => false);
		const distinctTimes = await makeCorpus(engines, rnd, "moment", (a, b) => a.t === b.t);
		const distinctRows = await makeCorpus(engines, rnd, "node",
			(a, b) => a.t === b.t && a.value === b.value);
		const several = SIZES.filter((n) => n > 1);		// ClickHouse's other functions want two
		const funnels = (...modes) => SIZES.flatMap((n) => WINDOWS.map((w) => windowFunnel(n, w, ...modes)));

		// strict_deduplication with strict_once goes by the order of input in ClickHouse, so
		// there no two rows of a history have one time.
		const order = [[], ["strict_order"], ["strict_order", "allow_reentry"]];
		const deduplication = order.map((modes) => [...modes, "strict_deduplication"]);
		for (const modes of [...order, ...deduplication])
			await agree(engines, `windowFunnel ${modes.join("+") || "default"}`, corpus,
				funnels(modes));
		for (const modes of order)
			await agree(engines, `windowFunnel ${[...modes, "strict_once"].join("+")}`, corpus,
				funnels([...modes, "strict_once"]));
		for (const modes of deduplication)
			await agree(engines, `windowFunnel ${[...modes, "strict_once"].join("+")}, distinct times`,
				distinctTimes, funnels([...modes, "strict_once"]));
		// Where times increase, no row counts twice, so that strict_once changes nothing
		// but makes ClickHouse keep all the chains that strict_increase needs.
		for (const modes of [...order, ...deduplication])
			await agree(engines, `windowFunnel ${[...modes, "strict_increase"].join("+")} (+strict_once there)`, corpus,
				funnels([...modes, "strict_increase"], [...modes, "strict_increase", "strict_once"]));
		for (const mode of ["", "strict_increase", "strict_once"])
			await agreeWithDefinition(engines, mode, corpus);

		await agree(engines, "retention", corpus, several.map(retention));
		for (const every of [false, true])
			for (const returns of ["on", "on_or_after", "within", "within_from_1"])
				await agreeOnRows(engines, `cohort_retention ${every ? "every" : "first"} ${returns}`,
					Object.keys(UNITS).flatMap((unit) => Object.keys(ZONES).map((zone) =>
						cohorts("history3", unit, zone, every, unit === "hour" ? 40 : 5, returns))));
		await agreeOnRows(engines, "cohort_retention as retention of days",
			[0, 1, 5].map((day) => cohortByRetention("history3", day, 6)));

		await agree(engines, "intervals in arrays", corpus, [1, 2].flatMap((n) => WINDOWS.flatMap((within) =>
			["each", "latest"].map((mode) => intervals(n, within, mode)))));
		await agree(engines, "lifecycle in arrays", corpus, SIZES.map(lifecycle));
		await agree(engines, "frequency in arrays", corpus, SIZES.map(frequency));

		await agreeOnRows(engines, "metrics, distributions and hours of the week",
			Object.keys(ZONES).flatMap((zone) => metrics("history3", zone)));

		await agreeOnRows(engines, "attribution in arrays", [0, 1, 5, 40].flatMap((lookBack) => SIZES.flatMap((n) => attributions(`history${n}`, lookBack))));

		for (const cut of [false, true])
			await agreeOnRows(engines, `sessions in arrays${cut ? ", with starts and ends" : ""}`,
				[0, 1, 5].flatMap((gap) => Object.keys(ZONES).flatMap((zone) => sessions("history3", gap, cut, zone))));

		const patterns = several.flatMap((n) =>
			Array.from({ length: PATTERNS }, () => [n, randomPattern(rnd, n)]));
		await agree(engines, "sequenceMatch", corpus, patterns.map((p) => sequenceMatch(...p)));
		await agree(engines, "sequenceCount", corpus, patterns.map(([n, p]) => sequenceCount(n, toCount(p))));

		for (const [direction, anchor] of NEXT_NODE)
			await agree(engines, `sequenceNextNode ${direction} ${anchor}`, distinctRows,
				[1, 2, 3].map((n) => nextNode(n, direction, anchor)));

		for (const { name, history, ours, theirs, question } of known.differences) {
			await engines.load("candidates", [history]);
			const [[a, b]] = await engines.answers("candidates", question);
			ok(a === ours && b === theirs, `known difference: ${name}`,
				a === ours && b === theirs ? [] : [`pg_journey: ${a}, expected ${ours}`, `ClickHouse: ${b}, expected ${theirs}`]);
		}
		for (const { pattern, ours, theirs } of known.refusals) {
			const a = await engines.ourError(`SELECT sequence_match(now(), steps(true, true), '${pattern}')`);
			const b = engines.theirError(`SELECT sequenceMatch('${pattern}')(now(), 1, 1)`);
			const as = (message, expected) => expected ? message?.includes(expected) : message === null;
			ok(as(a, ours) && as(b, theirs), `pattern "${pattern}" is refused by ${ours ? (theirs ? "both" : "pg_journey") : "ClickHouse"}`,
				as(a, ours) && as(b, theirs) ? [] : [`pg_journey: ${a}`, `ClickHouse: ${b}`]);
		}
		await userset(engines, rnd, ok);
		console.log(`1..${tests}`);
	}
	finally {
		engines.close();
	}
	return failures ? 1 : 0;
}

main().then((code) => { process.exitCode = code; },
	(e) => { console.log(`Bail out! ${e.message.split("\n")[0]}`); console.error(e); process.exitCode = 1; });
