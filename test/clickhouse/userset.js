// Random user sets in pg_journey and as ClickHouse's groupBitmap: cardinalities of sets and
// of pairs, and the bytes of each read by the other.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { splitRows } = require("../../bench/psql.js");

const SETS = 60;

// Around the ends of containers (2^16), of buckets (2^32) and of the sign.
const BASES = [0n, 65530n, 65536n, (1n << 32n) - 70000n, 1n << 32n, (1n << 63n) - 70000n, 1n << 63n,
	(1n << 64n) - 70000n, 123456789012345n];

// 33 or more ids (fewer have a form of their own in ClickHouse): sparse, dense, runs.
function makeSet(rnd) {
	const ids = new Set();
	for (let part = rnd.below(3); part >= 0; part--) {
		const base = BASES[rnd.below(BASES.length)];
		const shape = rnd.below(4);
		const n = 40 + rnd.below(shape === 1 ? 20000 : 3000);
		for (let i = 0; i < n; i++)
			ids.add(base + BigInt(shape === 0 ? rnd.below(70000) : shape === 1 ? rnd.below(30000) : shape === 2 ? i : i + 40 * Math.floor(i / 60)));
	}
	return [...ids];
}

// The state of groupBitmap: 1, the length as a variable-length number, the portable bytes.
function stateOf(bytes) {
	const length = [];
	let n = bytes.length;
	for (; n >= 128; n = Math.floor(n / 128))
		length.push(n % 128 + 128);
	return Buffer.concat([Buffer.from([1, ...length, n]), bytes]);
}

function bytesOf(state) {
	let at = 1;
	while (state[at] >= 128)
		at++;
	return state[0] === 1 ? state.subarray(at + 1) : null;
}

async function userset(engines, rnd, ok) {
	const sets = Array.from({ length: SETS }, () => makeSet(rnd));
	const write = (name, text) => {
		const file = path.join(engines.dir, name);
		fs.writeFileSync(file, sets.flatMap((ids, s) => ids.map((id) => `${s}\t${text(id)}\n`)).join(""));
		return file;
	};
	await engines.pg.text(`CREATE TEMP TABLE ids (s int, id bigint);\n\\copy ids FROM '${write("signed.tsv", (id) => BigInt.asIntN(64, id))}'\n`
		+ "CREATE TEMP TABLE sets AS SELECT s, userset_agg(id) AS u FROM ids GROUP BY s");
	engines.ch.query("CREATE OR REPLACE TABLE ids (s UInt32, id UInt64) ENGINE = Memory");
	engines.ch.query(`INSERT INTO ids SELECT * FROM file('${write("unsigned.tsv", (id) => id)}', TSV)`);
	engines.ch.query("CREATE OR REPLACE TABLE sets ENGINE = Memory AS SELECT s, groupBitmapState(id) AS u FROM ids GROUP BY s");
	const theirs = (sql) => splitRows(engines.ch.query(sql, "TSV"));
	const compare = (name, a, b) => {
		const i = a.findIndex((row, k) => row.join() !== b[k]?.join());
		ok(a.length === b.length && a.length > 0 && i < 0, name,
			i < 0 ? [] : [`pg_journey: ${a[i].join(" ").slice(0, 200)}`, `ClickHouse: ${(b[i] ?? []).join(" ").slice(0, 200)}`]);
	};

	compare("userset: cardinality", await engines.pg.rows("SELECT s, cardinality(u) FROM sets ORDER BY s"),
		theirs("SELECT s, groupBitmap(id) FROM ids GROUP BY s ORDER BY s"));
	compare("userset: and, or, andnot, xor cardinality, @>, &&", await engines.pg.rows(`
		SELECT a.s, b.s, and_cardinality(a.u, b.u), or_cardinality(a.u, b.u), andnot_cardinality(a.u, b.u),
			xor_cardinality(a.u, b.u), (a.u @> b.u)::int, (a.u && b.u)::int
		FROM sets a, sets b ORDER BY 1, 2`), theirs(`
		SELECT a.s, b.s, bitmapAndCardinality(a.u, b.u), bitmapOrCardinality(a.u, b.u), bitmapAndnotCardinality(a.u, b.u),
			bitmapXorCardinality(a.u, b.u), bitmapHasAll(a.u, b.u), bitmapHasAny(a.u, b.u)
		FROM sets a, sets b ORDER BY 1, 2`));
	compare("userset: union_agg, intersect_agg", await engines.pg.rows(`
		SELECT s % 7, cardinality(union_agg(u)), cardinality(intersect_agg(u | '{5}')) FROM sets GROUP BY 1 ORDER BY 1`), theirs(`
		SELECT s % 7, groupBitmapOr(u), groupBitmapAnd(bitmapOr(u, bitmapBuild([toUInt64(5)]))) FROM sets GROUP BY 1 ORDER BY 1`));

	// their bytes, read here
	const states = theirs("SELECT s, hex(u) FROM sets ORDER BY s");
	const bytes = states.map(([, state]) => bytesOf(Buffer.from(state, "hex")));
	const read = await engines.pg.rows(`SELECT s, (roaring_to_userset(decode(b, 'hex')) = u)::int
		FROM sets JOIN (VALUES ${bytes.map((b, s) => `(${s}, '${b.toString("hex")}')`).join(", ")}) AS v (s, b) USING (s) ORDER BY s`);
	compare("userset: the bytes of ClickHouse are read as the same sets", read, read.map(([s]) => [s, "1"]));

	// our bytes, read there
	const ours = await engines.pg.rows("SELECT s, encode(userset_to_roaring(u), 'hex') FROM sets ORDER BY s");
	const readThere = ours.map(([s, hex]) => [s, ...theirs(`
		WITH CAST(unhex('${stateOf(Buffer.from(hex, "hex")).toString("hex")}') AS AggregateFunction(groupBitmap, UInt64)) AS ours
		SELECT bitmapCardinality(ours), bitmapXorCardinality(ours, (SELECT u FROM sets WHERE s = ${s}))`)[0]]);
	compare("userset: our bytes are read by ClickHouse as the same sets",
		await engines.pg.rows("SELECT s, cardinality(u), 0 FROM sets ORDER BY s"), readThere);
}

module.exports = { userset };
