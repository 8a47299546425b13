// Looks at the pictures of a page: texts are in the picture and apart from each other, can be
// read, and bars are as long as their numbers. Replaces the page by a line for each problem.
const problems = [];
let texts = 0, bars = 0;
const pictures = document.querySelectorAll('svg.journey').length;

const channels = color => color.match(/[\d.]+/g).map(Number);
const luminance = color => {
	const [r, g, b] = channels(color).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);
const fill = element => getComputedStyle(element).fill;

for (const svg of document.querySelectorAll('svg.journey')) {
	const say = problem => problems.push(`${svg.parentNode.id} ${svg.id}: ${problem}`);
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
	if (rates.length > 1 && !svg.parentNode.id.includes('breakdown') && svg.parentNode.id !== 'funnel' && svg.parentNode.id !== 'intervals') {
		const lying = rates.every(r => Math.abs(r.h - rates[0].h) < 0.02);
		const most = rates.reduce((a, b) => a.n > b.n ? a : b);
		const long = r => lying ? r.w : r.h;
		for (const r of rates)
			if (Math.abs(long(r) - r.n / most.n * long(most)) > 0.03 + long(most) * 0.01 / most.n) { say(`a bar of ${r.n} is ${long(r)} long, one of ${most.n} is ${long(most)}`); break; }
		bars += rates.length;
	}
}
const line = text => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
document.body.innerHTML = `<pre>${problems.map(p => 'problem: ' + line(p)).join('\n')}\nseen: ${pictures} pictures, ${texts} texts, ${bars} bars\n</pre>`;
