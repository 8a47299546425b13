// Pictures and a report in Chromium, as a reader uses them. Prints TAP.
//
//   node pages.js DIRECTORY    which has pictures.html; stored.html and file.html, a report; and
//                              rows of two of its parts as COPY writes them: values.csv, many.csv
'use strict';
const fs = require('fs'), { execFileSync } = require('child_process');
const { start } = require('./browser.js');
const dir = fs.realpathSync(process.argv[2]), keep = process.env.CHART_KEEP !== undefined;
const check = fs.readFileSync(`${__dirname}/check.js`, 'utf8');

let planned = 0;
const began = Date.now();
const ok = (good, name, why = []) => {
	console.log(`${good ? 'ok' : 'not ok'} ${++planned} - ${name}`);
	if (!good) for (const line of [].concat(why).slice(0, 30)) console.log(`# ${line}`);
	if (keep) console.log(`# after ${((Date.now() - began) / 1000).toFixed(1)} s`);
};
const none = (problems, name) => ok(problems.length === 0, name, problems);

// The cells of CSV. NULL: nothing between the commas. One that was quoted is an array.
const parsed = (text, end) => {
	const rows = [[]];
	for (let at = 0; at < text.length;) {
		let cell;
		if (text[at] === '"') {
			const [all, inside] = /"((?:[^"]|"")*)"/y[Symbol.match](text.slice(at));
			cell = [inside.replaceAll('""', '"')];
			at += all.length;
		} else {
			const [all] = /^[^,\r\n]*/.exec(text.slice(at));
			cell = all === '' ? null : all;
			at += all.length;
		}
		rows.at(-1).push(Array.isArray(cell) ? cell[0] : cell);
		if (text[at] === ',') at++;
		else {
			if (text.slice(at, at + end.length) !== end) throw new Error(`no end of a line at ${at}: ${JSON.stringify(text.slice(at, at + 20))}`);
			at += end.length;
			if (at < text.length) rows.push([]);
		}
	}
	return rows;
};

// In the page: its own texts.
const pageProblems = `(() => {
	const problems = [], channels = color => color.match(/[\\d.]+/g).map(Number);
	const luminance = color => { const [r, g, b] = channels(color).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const ground = element => { for (; element; element = element.parentElement) { const c = getComputedStyle(element).backgroundColor; if (!/, 0\\)$/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
	let n = 0;
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), boxes = [];
	for (const d of document.querySelectorAll('details')) d.open = true;
	for (let text; (text = walker.nextNode());) {
		const element = text.parentElement;
		if (text.data.trim() === '' || element.closest('svg, script, .tip, tbody tr:nth-child(n+13)')) continue;
		const a = luminance(getComputedStyle(element).color), b = luminance(ground(element)), contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) problems.push('contrast ' + contrast.toFixed(2) + ': ' + text.data.slice(0, 40));
		const range = document.createRange();
		range.selectNodeContents(text);
		const inside = element.closest('.scroll');
		for (const box of range.getClientRects()) {
			if (box.width === 0) continue;
			if (!inside && (box.left < 0 || box.right > innerWidth + 1)) problems.push('outside: ' + text.data.slice(0, 40));
			boxes.push({ box, element, inside });
		}
		n++;
	}
	// texts side by side: of the page, and in each table
	for (let i = 0; i < boxes.length; i++)
		for (let k = i + 1; k < Math.min(boxes.length, i + 200); k++) {
			const a = boxes[i], b = boxes[k];
			if (a.inside !== b.inside || a.element === b.element || getComputedStyle(a.element.closest('th') ?? a.element).position === 'sticky' !== (getComputedStyle(b.element.closest('th') ?? b.element).position === 'sticky')) continue;
			if (Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 1 && Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 3) problems.push('overlap: ' + a.element.textContent.slice(0, 40) + ' and ' + b.element.textContent.slice(0, 40));
		}
	for (const d of document.querySelectorAll('details')) d.open = false;
	if (document.documentElement.scrollWidth > innerWidth) problems.push('the page is ' + document.documentElement.scrollWidth + ' wide, the window ' + innerWidth);
	if (n < 100) problems.push('only ' + n + ' texts');
	return problems;
})()`;

const look = async (page, name) => {
	const { problems, seen } = await page.ask(check + '; looked()');
	none(problems, `${name}: texts in pictures apart and readable, marks as large as their numbers (${seen})`);
	none(await page.ask(pageProblems), `${name}: texts of the page apart and readable`);
};

(async () => {
	const browser = await start(`${dir}/profile`), page = await browser.page();
	await browser.send('Browser.grantPermissions', { permissions: ['clipboardReadWrite', 'clipboardSanitizedWrite'] });
	const shot = async (name, clip) => { if (keep) fs.writeFileSync(`${dir}/${name}.png`, await page.shot(clip)); };

	// ---- pictures
	await page.size(1500);
	await page.open(`file://${dir}/pictures.html`);
	for (const scheme of ['light', 'dark']) {
		await page.media(scheme);
		const { problems, seen } = await page.ask(check + '; looked()');
		none(problems, `pictures, ${scheme}: texts apart and readable, marks as large as their numbers (${seen})`);
		await shot(`pictures-${scheme}`);
	}

	// ---- what a report shows
	for (const [file, scheme] of [['file', 'light'], ['stored', 'dark']]) {
		await page.media(scheme);
		await page.size(1280);
		await page.open(`file://${dir}/${file}.html`);
		await look(page, `${file}, ${scheme}`);
		await shot(`report-${scheme}`);
		if (scheme === 'dark') ok(await page.ask(`getComputedStyle(document.body).backgroundColor`) === 'rgb(18, 23, 30)', 'it is dark where the system is');
	}
	await page.size(390);
	none(await page.ask(pageProblems), 'on a telephone');
	await shot('report-telephone');
	await page.size(1280);
	await page.media('light');
	await page.open(`file://${dir}/stored.html`);

	// ---- contents
	none(await page.ask(`(async () => {
		const problems = [], links = [...document.querySelectorAll('nav a')], sections = [...document.querySelectorAll('main > section')];
		if (links.length < 30 || links.length !== sections.length) problems.push(links.length + ' links, ' + sections.length + ' sections');
		for (const [i, link] of links.entries()) {
			link.click();
			await new Promise(requestAnimationFrame);
			const { top } = sections[i].getBoundingClientRect();
			if (document.querySelector(':target') !== sections[i] || (Math.abs(top) > 1 && scrollY + innerHeight < document.documentElement.scrollHeight - 1)) problems.push(link.textContent + ' is at ' + top);
			if (link.textContent !== sections[i].querySelector('h2').textContent) problems.push(link.textContent);
		}
		return problems;
	})()`), 'the table of contents leads to the parts');

	// ---- sorting: each heading of each table, there and back
	none(await page.ask(`(() => {
		const problems = [];
		for (const table of document.querySelectorAll('table')) {
			const all = [...table.tBodies[0].rows].map(row => row.innerHTML).sort().join();
			for (const th of table.tHead.rows[0].cells) {
				const numeric = th.classList.contains('n');
				for (const order of ['ascending', 'descending']) {
					th.querySelector('button').click();
					if (th.getAttribute('aria-sort') !== order || table.querySelectorAll('[aria-sort]').length !== 1) problems.push(th.textContent + ' is not ' + order);
					const cells = [...table.tBodies[0].rows].map(row => row.cells[th.cellIndex]), empty = cells.findIndex(c => c.classList.contains('u'));
					if (empty >= 0 && cells.slice(empty).some(c => !c.classList.contains('u'))) problems.push(th.textContent + ': NULL before values');
					const keys = cells.slice(0, empty < 0 ? cells.length : empty).map(c => {
						if (!numeric) return c.textContent;
						const text = c.dataset.s ?? c.dataset.v ?? c.textContent.replace(/,/g, '');
						return text === 'NaN' ? Infinity : Number(text);
					});
					for (let i = 1; i < keys.length; i++)
						if (!(order === 'ascending' ? keys[i - 1] <= keys[i] : keys[i - 1] >= keys[i])) { problems.push(th.textContent + ' ' + order + ': ' + keys[i - 1] + ', ' + keys[i]); break; }
				}
			}
			if ([...table.tBodies[0].rows].map(row => row.innerHTML).sort().join() !== all) problems.push('rows were lost');
		}
		return problems;
	})()`), 'tables are sorted by each column, NULL last');
	await page.open(`file://${dir}/stored.html`);

	// ---- CSV: what COPY says
	for (const [title, file] of [['Values', 'values'], ['Many rows', 'many']]) {
		const copied = await page.ask(`(async () => {
			const section = [...document.querySelectorAll('section')].find(s => s.querySelector('h2').textContent === ${JSON.stringify(title)});
			section.querySelector('details').open = true;
			section.querySelector('button.csv').click();
			for (let i = 0; i < 100 && section.querySelector('[role=status].m').textContent !== 'copied'; i++) await new Promise(done => setTimeout(done, 20));
			return [section.querySelector('[role=status].m').textContent, await navigator.clipboard.readText()];
		})()`);
		const is = parsed(copied[1], '\r\n'), due = parsed(fs.readFileSync(`${dir}/${file}.csv`, 'utf8'), '\n'), problems = [];
		if (copied[0] !== 'copied') problems.push('it is not said that it is copied');
		if (is.length !== due.length) problems.push(`${is.length} rows, not ${due.length}`);
		for (const [i, row] of due.entries())
			for (const [k, cell] of row.entries()) {
				// numbers and times that are no texts have no formulas
				const formula = k >= 3 && typeof cell === 'string' && /^[=+@\t\r-]/.test(cell) && !(file === 'values' && k === 4);
				const expected = formula ? "'" + cell : cell;
				if (is[i]?.[k] !== expected) problems.push(`row ${i}, column ${k}: ${JSON.stringify(is[i]?.[k])}, not ${JSON.stringify(expected)}`);
			}
		none(problems, `the copy of "${title}" as CSV is that of the server`);
	}

	// ---- keyboard
	await page.open(`file://${dir}/stored.html`);
	const stops = [], problems = [];
	for (let i = 0; i < 1000; i++) {
		await page.press('Tab');
		const stop = await page.ask(`(() => { const e = document.activeElement; if (e === document.body) return null; const box = e.getBoundingClientRect(), style = getComputedStyle(e);
			return { tag: e.tagName, class: e.className, outline: style.outlineStyle + ' ' + style.outlineWidth, seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight }; })()`);
		if (stop === null) break;
		stops.push(stop);
		if (stop.outline !== 'solid 2px' || !stop.seen) problems.push(`${stop.tag}: ${JSON.stringify(stop)}`);
	}
	const expected = await page.ask(`document.querySelectorAll('a[href], figure[tabindex], summary').length + document.querySelectorAll('details[open] :is(button, .scroll)').length`);
	if (stops.length !== expected) problems.push(`${stops.length} stops, not ${expected}`);
	none(problems, `Tab reaches links, pictures, and what opens, and shows where it is (${stops.length} stops)`);
	none(await (async () => {
		const problems = [];
		const parts = await page.ask(`[...document.querySelectorAll('figure[tabindex]')].map(f => f.closest('section').id)`);
		let read = 0;
		for (const part of parts) {
			const due = await page.ask(`document.querySelector('#${part} figure').focus(), [...document.querySelectorAll('#${part} figure svg *')].filter(e => e.tagName === 'title' && e.parentNode.tagName !== 'svg').map(e => e.textContent)`);
			// some by keys, all by the events that keys are
			for (const key of due.length > 0 ? ['ArrowRight', 'End'] : []) {
				await page.press(key);
				const text = await page.ask(`document.querySelector('#${part} .tip.on')?.textContent`);
				if (text !== due.at(key === 'End' ? -1 : 0)) problems.push(`${part} ${key}: ${text}`);
			}
			const found = await page.ask(`(() => {
				const figure = document.querySelector('#${part} figure'), texts = [], frame = figure.getBoundingClientRect();
				for (let i = 0; i < ${due.length}; i++) {
					figure.dispatchEvent(new KeyboardEvent('keydown', { key: i === 0 ? 'Home' : 'ArrowRight', bubbles: true }));
					const tip = figure.querySelector('.tip'), box = tip.getBoundingClientRect();
					texts.push(tip.textContent + (figure.querySelectorAll('.at').length === 1 && (figure.querySelector('.ring') !== null || figure.querySelector('.way.at') !== null) && box.left >= frame.left - 1 && box.right <= frame.right + 1 && box.width > 10 ? '' : ' (not seen)'));
				}
				figure.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
				if (figure.querySelector('.at, .ring, .on')) texts.push('Escape');
				return texts;
			})()`);
			if (JSON.stringify(found) !== JSON.stringify(due)) problems.push(`${part}: ${found.find((t, i) => t !== due[i])}, not ${due.find((t, i) => t !== found[i])}`);
			read += due.length;
		}
		if (read < 1000) problems.push(`only ${read} marks`);
		return problems;
	})(), 'arrow keys show the tooltip of each mark');
	// up and down go from series to series, and a way of a Sankey diagram stands out
	none(await (async () => {
		const problems = [];
		const at = title => page.ask(`(() => { const s = [...document.querySelectorAll('section')].find(s => s.querySelector('h2').textContent === '${title}'); s.querySelector('figure').focus(); })()`);
		const tip = () => page.ask(`document.activeElement.querySelector('.tip.on')?.textContent`);
		const is = async (key, text) => { await page.press(key); const t = await tip(); if (t !== text) problems.push(`${key}: ${t}, not ${text}`); };
		await at('Stack');
		for (const [key, text] of [['ArrowRight', '1, series 1: 1'], ['ArrowRight', '2, series 1: 2'], ['ArrowDown', '2, series 2: 4'], ['ArrowLeft', '1, series 2: 2'], ['ArrowUp', '1, series 1: 1'], ['ArrowUp', '1, series 1: 1'], ['End', '12, series 4: 48'], ['ArrowRight', '12, series 4: 48'], ['Home', '1, series 1: 1']]) await is(key, text);
		await page.press('Escape');
		if (await tip() !== null && await tip() !== undefined) problems.push('Escape');
		await at('Ways back');
		await page.press('ArrowRight');
		const ways = () => page.ask(`[...document.activeElement.querySelectorAll('.way')].map(w => getComputedStyle(w).strokeOpacity)`);
		if ((await ways()).filter(o => o === '0.75').length !== 1 || !(await ways()).includes('0.1')) problems.push(`ways: ${await ways()}`);
		await shot('report-way', await page.ask(`(({ x, y, width, height }) => ({ x, y: y + scrollY, width, height }))(document.activeElement.getBoundingClientRect())`));
		return problems;
	})(), 'arrow keys go along and across series; a way stands out');
	await page.ask(`[...document.querySelectorAll('section')].find(s => s.querySelector('h2').textContent === 'Values').querySelector('summary').focus()`);
	ok(await page.ask(`document.activeElement.parentNode.open`) === true, 'a table without a picture is open');
	await page.press('Enter');
	ok(await page.ask(`document.activeElement.parentNode.open`) === false, 'Enter closes it');
	await page.press(' ');
	ok(await page.ask(`document.activeElement.parentNode.open`) === true, 'the space bar opens it');
	await page.press('Tab'), await page.press('Tab'), await page.press('Tab'), await page.press('Enter');
	ok(await page.ask(`document.activeElement.parentNode.getAttribute('aria-sort')`) === 'ascending', 'Enter sorts by a heading');

	// ---- paper
	await page.open(`file://${dir}/stored.html`);
	const paper = await page.pdf();
	fs.writeFileSync(`${dir}/report.pdf`, paper);
	const sizes = [...paper.toString('latin1').matchAll(/\/MediaBox\s*\[([^\]]*)\]/g)].map(m => m[1].trim().split(/\s+/).map(Number));
	ok(sizes.length > 10 && sizes.every(s => Math.abs(s[2] - 595) < 1.5 && Math.abs(s[3] - 842) < 1.5), `it prints to A4 (${sizes.length} pages)`, sizes.map(String));
	const leaves = execFileSync('pdftotext', ['-layout', `${dir}/report.pdf`, '-'], { encoding: 'utf8', maxBuffer: 1e8 }).split('\f');
	const printed = leaves.join('').replace(/\s+/g, ' ');
	ok(leaves.filter(leaf => /n +code +square +ratio +share/.test(leaf)).length > 1 && printed.includes('the first 50 are printed') && printed.includes(' 50 c0c7c76d30bd3dcaefc96f40275bdc0a ') && !printed.includes(' 51 2838023a778dfaecdc212708f721b788 '), 'a long table has its heading on each page, and 50 rows');
	none((await page.ask(`[...document.querySelectorAll('section')].filter(s => s.querySelector('figure > svg')).map(s => [s.querySelector('h2').textContent, ...[...s.querySelectorAll('figure > svg text')].filter(t => t.textContent.length > 3 && !t.querySelector('title')).map(t => t.textContent)])`))
		.filter(([, ...texts]) => texts.length > 0 && !leaves.some(leaf => [texts[0], texts.at(-1)].every(t => leaf.replace(/\s+/g, '').includes(t.replace(/\s+/g, ''))))).map(texts => texts.join(' | ').slice(0, 200)), 'no picture is cut by the end of a page');

	// ---- and nothing else happened
	none([...new Set(page.events)].filter(e => !/^request: (file:|data:image\/(svg\+xml|png);)/.test(e)), 'no request, no dialog, no message: what is in names and values is text');
	await browser.stop();
	console.log(`1..${planned}`);
	process.exit(0);
})().catch(error => { console.log(`not ok ${++planned} - ${error.stack.replaceAll('\n', '\n# ')}`); console.log(`1..${planned}`); process.exit(1); });
