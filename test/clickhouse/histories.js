// Random histories, and how to make one that shows a difference smaller.
//
// A history is what one user did: rows { t, bits, base, value }, where t is in whole
// seconds, bits says which conditions the row meets, and base and value are for
// sequence_next_node.
"use strict";

// mulberry32: the same seed gives the same numbers on every machine.
function random(seed) {
	const next = () => {
		seed = (seed + 0x6d2b79f5) | 0;
		let x = Math.imul(seed ^ (seed >>> 15), seed | 1);
		x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
		return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
	};
	return {
		chance: (p) => next() < p,
		below: (n) => Math.floor(next() * n),
		pick: (list) => list[Math.floor(next() * list.length)],
	};
}

const text = (bits) => bits.map((b) => (b ? "1" : "0")).join("");

// The order of events: by time, then by the conditions met, condition 1 first.
function order(history) {
	return history.sort((a, b) => a.t - b.t || (text(a.bits) < text(b.bits) ? 1 : -1));
}

// Short histories, since those meet every corner; the shape varies from history to
// history: few or many rows, few or many simultaneous ones, sparse or dense conditions.
function makeHistory(rnd, conditions) {
	const rows = 1 + rnd.below(rnd.pick([3, 6, 12, 20]));
	const seconds = rnd.pick([1, 3, 10, 30, 100]);
	const density = rnd.pick([0.15, 0.3, 0.6]);
	const oneEach = rnd.chance(0.4);		// like names of events: one condition a row
	const history = [];
	for (let i = 0; i < rows; i++) {
		const only = rnd.below(conditions + 1);
		history.push({
			t: rnd.below(seconds),
			bits: Array.from({ length: conditions }, (_, c) => oneEach ? c === only : rnd.chance(density)),
			base: rnd.chance(0.5),
			value: rnd.chance(0.1) ? null : rnd.pick(["a", "b", "c", "d"]),
		});
	}
	return order(history);
}

const makeHistories = (rnd, conditions, count) =>
	Array.from({ length: count }, () => makeHistory(rnd, conditions));

// All histories that are one step simpler than this one.
function simpler(history) {
	const result = [];
	const change = (i, row) => result.push(order([...history.slice(0, i), ...row, ...history.slice(i + 1)]));
	history.forEach((row, i) => {
		change(i, []);
		row.bits.forEach((bit, c) => {
			if (bit)
				change(i, [{ ...row, bits: row.bits.map((b, k) => b && k !== c) }]);
		});
		for (const t of new Set([0, row.t >> 1, row.t - 1]))
			if (t >= 0 && t < row.t)
				change(i, [{ ...row, t }]);
		// this row and all after it, sooner
		const gap = row.t - (i > 0 ? history[i - 1].t : 0);
		for (const less of new Set([gap, gap >> 1, 1]))
			if (less > 0 && less <= gap)
				result.push(history.map((r, k) => k < i ? r : { ...r, t: r.t - less }));
		if (row.base)
			change(i, [{ ...row, base: false }]);
		if (row.value !== "a")
			change(i, [{ ...row, value: "a" }]);
	});
	return result.filter((h) => h.length > 0);
}

// Makes a history simpler while it still differs. differing(histories) gives those
// among several that do.
async function shrink(history, differing) {
	for (;;) {
		const [next] = await differing(simpler(history));
		if (!next)
			return history;
		history = next;
	}
}

// For a message: "c1@0 base 'a', c2+c3@5 'b'".
const show = (history) => history.map(({ t, bits, base, value }) =>
	(bits.flatMap((b, i) => (b ? [`c${i + 1}`] : [])).join("+") || "none") + `@${t}`
	+ `${base ? " base" : ""} ${value === null ? "NULL" : `'${value}'`}`).join(", ");

module.exports = { random, makeHistories, shrink, show, order, text };
