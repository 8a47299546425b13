// Random patterns that both engines take and mean the same by: an event at least, no
// time condition that touches a star, and no star at the end of a timed pattern or of
// one to count, where ClickHouse 26.7 reads memory past the pattern and answers at
// random (its issue 120729).
"use strict";

function randomPattern(rnd, conditions) {
	const event = () => rnd.chance(0.15) ? "." : `(?${1 + rnd.below(conditions)})`;
	const time = () => `(?t${rnd.pick([">=", ">", "<=", "<", "=="])}${rnd.pick([0, 1, 2, 5, 20])})`;
	const between = () => rnd.chance(0.4) ? "" : rnd.chance(0.5) ? ".*" : time();

	let pattern = rnd.chance(0.1) ? ".*" : "";
	const events = 1 + rnd.below(4);
	for (let i = 0; i < events; i++)
		pattern += (i > 0 ? between() : "") + event();
	return pattern + (rnd.chance(0.1) && !pattern.includes("(?t") ? ".*" : "");
}

const toCount = (pattern) => pattern.replace(/(?<=.)\.\*$/, "");

module.exports = { randomPattern, toCount };
