// Crossings of ribbons: no more than in the layout of d3-sankey; in one graph of a hundred perhaps,
// as both layouts are heuristics.
//
//   node crossings.js FILE     lines of a name, the links as JSON, [[source, target, value], ...], and
//                              the picture, separated by tabs
'use strict';
const fs = require('fs');
const { sankey, sankeyLeft } = require('d3-sankey');

// points of a path of the commands M, C, h and L
const points = path => {
	const found = [], numbers = text => text.match(/-?[\d.]+/g).map(Number);
	let x = 0, y = 0;
	for (const [, command, rest] of path.matchAll(/([MCHhL])([^MCHhL]*)/g)) {
		const n = numbers(rest);
		if (command === 'C') {
			for (let i = 1; i <= 40; i++) {
				const t = i / 40, s = 1 - t;
				found.push([s ** 3 * x + 3 * s * s * t * n[0] + 3 * s * t * t * n[2] + t ** 3 * n[4], s ** 3 * y + 3 * s * s * t * n[1] + 3 * s * t * t * n[3] + t ** 3 * n[5]]);
			}
			[x, y] = n.slice(4);
		} else {
			if (command === 'h') x += n[0]; else if (command === 'H') x = n[0]; else [x, y] = n;
			found.push([x, y]);
		}
	}
	return found;
};
const at = (line, x) => {
	const i = Math.max(1, line.findIndex(p => p[0] >= x)), [[x0, y0], [x1, y1]] = [line[i - 1], line[i]];
	return x1 === x0 ? y1 : y0 + (y1 - y0) * (x - x0) / (x1 - x0);
};
// how often two lines change sides
const crossings = lines => {
	let n = 0;
	lines.forEach((a, i) => {
		for (const b of lines.slice(i + 1)) {
			const from = Math.max(a[0][0], b[0][0]), to = Math.min(a.at(-1)[0], b.at(-1)[0]);
			let side = 0;
			for (let k = 0; k <= 60 && to > from; k++) {
				const x = from + (to - from) * k / 60, way = at(a, x) - at(b, x), now = Math.abs(way) < 0.02 ? 0 : Math.sign(way);
				if (now !== 0 && side !== 0 && now !== side) n++;
				if (now !== 0) side = now;
			}
		}
	});
	return n;
};
const theirs = links => {
	const names = [...new Set(links.flatMap(([s, t]) => [s, t]))];
	const graph = sankey().nodeId(n => n.id).nodeAlign(sankeyLeft).nodeWidth(14).nodePadding(14).extent([[0, 0], [720, 400]])({ nodes: names.map(id => ({ id })), links: links.map(([source, target, value]) => ({ source, target, value })) });
	return crossings(graph.links.map(({ source, target, y0, y1 }) => points(`M${source.x1} ${y0}C${(source.x1 + target.x0) / 2} ${y0} ${(source.x1 + target.x0) / 2} ${y1} ${target.x0} ${y1}`)));
};
const ours = (svg, n) => {
	const lines = [...svg.matchAll(/<path class='way [^>]* d='([^']*)'/g)].map(m => points(m[1]));
	if (lines.length !== n) throw new Error(`${lines.length} ribbons of ${n} links`);
	return crossings(lines);
};

let all = 0, allTheirs = 0, n = 0;
const worse = [];
for (const line of fs.readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean)) {
	const [name, links, svg] = line.split('\t'), a = ours(svg, JSON.parse(links).length), b = theirs(JSON.parse(links));
	if (a > b) worse.push(`${name}: ${a} crossings, d3-sankey ${b}`);
	n++, all += a, allTheirs += b;
}
console.log(`${n} graphs: ${all} crossings, d3-sankey ${allTheirs}`);
for (const one of worse) console.log(one);
if (n === 0 || all > allTheirs || worse.length > n / 100) process.exit(1);
