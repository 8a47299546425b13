// Looks at the pictures of a page: texts are in the picture and apart from each other, can be
// read, and bars and ribbons are as large as their numbers.
function looked() {
const problems = [];
let texts = 0, bars = 0, ribbons = 0;
const pictures = document.querySelectorAll('svg.journey').length;

const channels = color => color.match(/[\d.]+/g).map(Number);
const luminance = color => {
	const [r, g, b] = channels(color).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);
const fill = element => getComputedStyle(element).fill;

for (const svg of document.querySelectorAll('svg.journey')) {
	const name = svg.parentNode.id || svg.closest('section').querySelector('h2').textContent;
	const say = problem => problems.push(`${name} ${svg.id}: ${problem}`);
	const frame = svg.getBoundingClientRect();
	const background = fill(svg.querySelector('rect.jb'));
	const all = [...svg.querySelectorAll('text')].filter(t => t.firstChild && t.firstChild.nodeType === 3)
		.map(t => ({ element: t, text: t.firstChild.textContent, box: t.getBoundingClientRect() }));
	texts += all.length;
	all.forEach((a, i) => {
		if (a.box.left < frame.left - 1 || a.box.right > frame.right + 1 || a.box.top < frame.top - 1 || a.box.bottom > frame.bottom + 1)
			say(`outside: ${a.text}`);
		for (const b of all.slice(i + 1))
			if (Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 1 && Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 3)
				say(`overlap: ${a.text} and ${b.text}`);
		// what a number in a cell of a heat map stands on
		let on = a.element.previousElementSibling;
		while (on && on.tagName === 'rect' && !on.classList.contains('mark')) on = on.previousElementSibling;
		const under = a.element.hasAttribute('pointer-events') && on ? fill(on) : background;
		if (contrast(fill(a.element), under) < 4.5) say(`contrast ${contrast(fill(a.element), under).toFixed(2)}: ${a.text}`);
	});
	for (const mark of svg.querySelectorAll('[class*=" j"], [class^="j"]')) {
		const c = [...mark.classList].find(n => /^j[1-8]$/.test(n));
		if (c && contrast(fill(mark), background) < 3) { say(`contrast of ${c}`); break; }
	}
	// bars of one picture: as long as their numbers
	const rates = [...svg.querySelectorAll('g[class^="j"] > rect.mark')].map(r => {
		const number = /: (-?[\d,]+(\.\d+)?)(%?)( \(|$| [^d])/.exec(r.querySelector('title').textContent);
		return number && { n: Math.abs(Number(number[1].replace(/,/g, ''))), h: r.height.baseVal.value, w: r.width.baseVal.value };
	}).filter(r => r && r.n > 0);
	if (rates.length > 1 && !/breakdown|^funnel|^intervals/i.test(name)) {
		const lying = rates.every(r => Math.abs(r.h - rates[0].h) < 0.02);
		const most = rates.reduce((a, b) => a.n > b.n ? a : b);
		const long = r => lying ? r.w : r.h;
		for (const r of rates)
			if (Math.abs(long(r) - r.n / most.n * long(most)) > 0.03 + long(most) * 0.01 / most.n) { say(`a bar of ${r.n} is ${long(r)} long, one of ${most.n} is ${long(most)}`); break; }
		bars += rates.length;
	}
	// ribbons of one picture: as wide as their numbers; and a node is as high as what comes in or goes out
	const number = title => Number(/: ([\d,]+(\.\d+)?)( |$|,)/.exec(title)[1].replace(/,/g, ''));
	const ways = [...svg.querySelectorAll('path.way')].map(w => ({ n: number(w.querySelector('title').textContent), width: Number(w.getAttribute('stroke-width')), ends: w.querySelector('title').textContent.replace(/: [^:]*$/, '').split(' → ') }));
	const widest = ways.reduce((a, b) => b.n > a.n ? b : a, { n: 0 });
	for (const w of ways)
		if (Math.abs(w.width - w.n / widest.n * widest.width) > 0.02) { say(`a ribbon of ${w.n} is ${w.width} wide, one of ${widest.n} ${widest.width}`); break; }
	ribbons += ways.length;
	const boxes = [...svg.querySelectorAll('rect.node')];
	for (const node of boxes.filter(() => ways.length > 0)) {
		const text = node.querySelector('title').textContent, high = node.height.baseVal.value;
		if (Math.abs(high - Math.max(number(text) / widest.n * widest.width, 0.5)) > 0.03) say(`node ${text} is ${high} high`);
	}
	// in a picture whose nodes have a name each: sums of ribbons, and of what begins and ends
	const names = boxes.map(n => n.querySelector('title').textContent.replace(/: [^:]*$/, ''));
	if (ways.length > 0 && new Set(names).size === names.length)
		names.forEach((node, i) => {
			// at the left of the node begins, at the right ends
			const lost = left => [...svg.querySelectorAll('rect.lost')].filter(r => r.x.baseVal.value < boxes[i].x.baseVal.value === left).map(r => r.querySelector('title').textContent)
				.filter(t => t.startsWith(`${node}: `)).reduce((sum, t) => sum + number(t), 0);
			const sum = end => ways.filter(w => w.ends[end] === node).reduce((a, w) => a + w.n, 0);
			const most = Math.max(sum(1) + lost(true), sum(0) + lost(false));
			if (Math.abs(most - number(boxes[i].querySelector('title').textContent)) > 0.02) say(`node ${node} is ${boxes[i].querySelector('title').textContent}, its ribbons ${most}`);
		});
}
return { problems, seen: `${pictures} pictures, ${texts} texts, ${bars} bars, ${ribbons} ribbons` };
}
