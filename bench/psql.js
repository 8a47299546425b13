// One PostgreSQL session, driven through psql. The connection comes from the
// usual PG* environment variables.
"use strict";
const { spawn } = require("node:child_process");

const END = "--end of answer--";

class Psql {
	// settings: server settings the whole session starts with; RESET ALL
	// returns to them.
	constructor(settings = {}) {
		const options = Object.entries(settings).map(([k, v]) => `-c ${k}=${v}`);
		this.psql = spawn("psql",
			["-XqAt", "-F", "\t", "-P", "null=\\N", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse"],
			{ env: { ...process.env, PGOPTIONS: options.join(" ") } });
		this.out = "";
		this.err = "";
		this.psql.stdout.setEncoding("utf8").on("data", (chunk) => {
			this.out += chunk;
			// look for the end mark in the tail only: answers can be long
			if (this.waiting && this.out.endsWith(END + "\n"))
				this.settle("resolve", this.out.slice(0, -END.length - 1));
		});
		this.psql.stderr.setEncoding("utf8").on("data", (chunk) => { this.err += chunk; });
		this.psql.stdin.on("error", () => { });		// the exit below tells why
		this.psql.on("error", (e) => { this.err += e.message; this.settle("reject", e); });
		this.psql.on("close", () => {
			this.closed = true;
			this.settle("reject", new Error(this.err.trim() || "psql ended"));
		});
	}

	settle(how, value) {
		const waiting = this.waiting;
		this.waiting = null;
		this.out = "";
		if (waiting)
			waiting[how](value);
	}

	// Sends statements and gives all that they print. An error ends the session.
	text(sql) {
		if (this.closed)
			return Promise.reject(new Error(this.err.trim() || "psql ended"));
		return new Promise((resolve, reject) => {
			this.waiting = { resolve, reject };
			this.psql.stdin.write(`${sql}\n;\nSELECT '${END}';\n`);
		});
	}

	// The same, as rows of text fields.
	async rows(sql) {
		return splitRows(await this.text(sql));
	}

	close() {
		this.psql.stdin.end();
	}
}

// Tab-separated text to rows.
function splitRows(text) {
	return text === "" ? [] : text.replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
}

module.exports = { Psql, splitRows };
