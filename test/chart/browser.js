// Chromium, spoken to by the pipe of its debugging protocol.
'use strict';
const { spawn } = require('child_process');

exports.start = (profile, { width = 1280, height = 900 } = {}) => {
	const browser = spawn('chromium', ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--remote-debugging-pipe', `--user-data-dir=${profile}`, `--window-size=${width},${height}`, 'about:blank'],
		{ stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
	const waiting = new Map(), heard = [];
	let last = 0, rest = '';
	const failAll = () => { for (const { no } of waiting.values()) no(new Error('Chromium has ended')); waiting.clear(); };
	browser.on('exit', failAll);
	browser.stdio[3].on('error', failAll);
	browser.stdio[4].setEncoding('utf8').on('data', data => {
		const messages = (rest + data).split('\0');
		rest = messages.pop();
		for (const text of messages) {
			const message = JSON.parse(text), one = waiting.get(message.id);
			if (one === undefined) { for (const listener of heard) listener(message); continue; }
			waiting.delete(message.id);
			if (message.error) one.no(new Error(`${one.method}: ${message.error.message}`)); else one.yes(message.result);
		}
	});
	const send = (method, params = {}, sessionId) => new Promise((yes, no) => {
		waiting.set(++last, { yes, no, method });
		browser.stdio[3].write(JSON.stringify({ id: last, method, params, sessionId }) + '\0');
	});

	// A page with `events`: what happened that should not: requests, dialogs, messages of the console.
	const page = async () => {
		const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
		const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
		const call = (method, params) => send(method, params, sessionId), events = [];
		let loaded = () => {};
		heard.push(({ method, params, sessionId: of }) => {
			if (of !== sessionId) return;
			if (method === 'Page.loadEventFired') loaded();
			if (method === 'Network.requestWillBeSent') events.push(`request: ${params.request.url}`.slice(0, 200));
			if (method === 'Page.javascriptDialogOpening') { events.push(`dialog: ${params.message}`); call('Page.handleJavaScriptDialog', { accept: true }); }
			if (method === 'Log.entryAdded') events.push(`log: ${params.entry.text}`.slice(0, 200));
			if (method === 'Runtime.exceptionThrown') events.push(`exception: ${params.exceptionDetails.text} ${params.exceptionDetails.exception?.description ?? ''}`);
		});
		for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await call(`${domain}.enable`);
		return {
			call, events,
			open: async url => {
				const done = new Promise(yes => { loaded = yes; });
				await call('Page.navigate', { url });
				await done;
			},
			media: (scheme, media = '') => call('Emulation.setEmulatedMedia', { media, features: [{ name: 'prefers-color-scheme', value: scheme }] }),
			size: (w, h = 900) => call('Emulation.setDeviceMetricsOverride', { width: w, height: h, deviceScaleFactor: 1, mobile: false }),
			// what an expression is in the page, as JSON has it
			ask: async expression => {
				const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true, userGesture: true });
				if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
				return result.value;
			},
			press: async (key, modifiers = 0) => {
				const code = { Tab: 9, Enter: 13, Escape: 27, ' ': 32, End: 35, Home: 36, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 }[key];
				const what = { key, code: key === ' ' ? 'Space' : key, windowsVirtualKeyCode: code, modifiers, text: { Enter: '\r', ' ': ' ' }[key] };
				await call('Input.dispatchKeyEvent', { type: 'keyDown', ...what });
				await call('Input.dispatchKeyEvent', { type: 'keyUp', ...what, text: undefined });
			},
			shot: async (clip) => Buffer.from((await call('Page.captureScreenshot', { captureBeyondViewport: true, ...clip && { clip: { scale: 1, ...clip } } })).data, 'base64'),
			pdf: async () => Buffer.from((await call('Page.printToPDF', { preferCSSPageSize: true, printBackground: true })).data, 'base64'),
		};
	};
	const ended = new Promise(yes => browser.on('exit', yes));
	const stop = async () => { await send('Browser.close').catch(() => {}); await ended; };
	return { page, stop, send };
};
