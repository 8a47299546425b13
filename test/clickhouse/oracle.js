// The definition of window_funnel, tried out on every chain of a short history.
"use strict";

// The deepest k such that rows r1 ... rk, not decreasing in time, meet conditions
// 1 ... k, the last at most `within` after the first. In strict_increase the times
// increase; in strict_once the rows differ.
function funnelLevel(history, conditions, within, mode) {
	let deepest = 0;

	const extend = (chain) => {
		deepest = Math.max(deepest, chain.length);
		for (const row of history) {
			const last = chain[chain.length - 1];
			if (deepest === conditions)
				return;
			if (row.bits[chain.length]
				&& (!last || (mode === "strict_increase" ? row.t > last.t : row.t >= last.t))
				&& (!last || row.t - chain[0].t <= within)
				&& !(mode === "strict_once" && chain.includes(row)))
				extend([...chain, row]);
		}
	};
	extend([]);
	return deepest;
}

module.exports = { funnelLevel };
