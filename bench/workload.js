// Reads a workload or figure file; bench/README.md describes the format.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

// Statements end with a semicolon at the end of a line.
function statements(text) {
	return text.split(/;[ \t]*$/m).map((s) => s.trim()).filter((s) => s.replace(/^\s*--.*$/gm, "").trim());
}

function read(file) {
	const workload = { name: path.basename(file, ".sql"), setup: [], runs: [] };
	const fail = (why) => { throw new Error(`${file}: ${why}`); };
	let section = null;

	for (const line of fs.readFileSync(file, "utf8").split("\n")) {
		const [, key, value] = line.match(/^-- (title|question|goal|plans|setup|run): *(.*)$/) ?? [];
		if (key === "setup" || key === "run") {
			section = { label: value, engine: value.split(/[ ,]/)[0], text: "" };
			(key === "setup" ? workload.setup : workload.runs).push(section);
		}
		else if (key)
			workload[key] = value;
		else if (section)
			section.text += line + "\n";
	}

	if (!workload.title)
		fail("no \"-- title:\" line");
	for (const s of [...workload.setup, ...workload.runs]) {
		s.statements = statements(s.text);
		if (s.statements.length === 0)
			fail(`nothing to run under "${s.label}"`);
	}
	for (const r of workload.runs)
		r.timed = r.statements.pop();
	return workload;
}

// All files of a directory, in order of name.
function readAll(dir) {
	return fs.readdirSync(dir).filter((f) => f.endsWith(".sql")).sort()
		.map((f) => read(path.join(dir, f)));
}

module.exports = { readAll };
