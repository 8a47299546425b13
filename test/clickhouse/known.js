// Where pg_journey and ClickHouse differ on purpose: the smallest example of each
// difference. docs/ lists the same ones, with the reasons.
"use strict";

// row(3, 1, 2): at second 3, meeting conditions 1 and 2. The order of rows in a history
// is the order in which they are put in.
const row = (t, ...met) => ({
	t, bits: [1, 2, 3].map((c) => met.includes(c)), base: false, value: "a",
});
const base = (t, ...met) => ({ ...row(t, ...met), base: true });
const value = (v, r) => ({ ...r, value: v });

const STEPS = "to_timestamp(t), steps(c1, c2, c3)";

const funnel = (within, ...modes) => ({
	ours: `window_funnel(${STEPS}, '${within} s', '${modes.join(",")}')`,
	theirs: `windowFunnel(${within}${modes.map((m) => `, '${m}'`).join("")})(t, c1, c2, c3)`,
});
const match = (pattern) => ({
	ours: `sequence_match(${STEPS}, '${pattern}')::int`,
	theirs: `sequenceMatch('${pattern}')(t, c1, c2, c3)`,
});
const matchEvents = (pattern) => ({
	ours: `array_to_string(ARRAY(SELECT extract(epoch FROM x)::int FROM unnest(`
		+ `sequence_match_events(${STEPS}, '${pattern}')) AS x), ',')`,
	theirs: `arrayStringConcat(sequenceMatchEvents('${pattern}')(t, c1, c2, c3), ',')`,
});
const nextNode = (direction, anchor) => ({
	ours: `sequence_next_node(to_timestamp(t), steps(c1), value, base, '${direction}', '${anchor}')`,
	theirs: `sequenceNextNode('${direction}', '${anchor}')(t, value, base, c1)`,
});

const differences = [
	{
		name: "strict_increase: ClickHouse forgets the chain begun at 0 when another begins at 1",
		history: [row(0, 1), row(1, 1), row(1, 2)],
		question: funnel(10, "strict_increase"),
		ours: "2", theirs: "1",
	},
	{
		name: "strict_deduplication+strict_increase: so it takes the repeat for the first",
		history: [row(0, 1), row(1, 1, 2), row(2, 2), row(3, 3)],
		question: funnel(10, "strict_deduplication", "strict_increase"),
		ours: "2", theirs: "3",
	},
	{
		name: "strict_deduplication+strict_once: ClickHouse goes by the order of input (1 of 2)",
		history: [row(0, 1, 2), row(0, 2), row(0, 3)],
		question: funnel(10, "strict_deduplication", "strict_once"),
		ours: "2", theirs: "3",
	},
	{
		name: "strict_deduplication+strict_once: ClickHouse goes by the order of input (2 of 2)",
		history: [row(0, 2), row(0, 1, 2), row(0, 3)],
		question: funnel(10, "strict_deduplication", "strict_once"),
		ours: "2", theirs: "2",
	},
	{
		name: "patterns, simultaneous events: ClickHouse goes by the order of input (1 of 2)",
		history: [row(0, 1), row(0, 2)],
		question: match("(?1)(?2)"),
		ours: "1", theirs: "1",
	},
	{
		name: "patterns, simultaneous events: ClickHouse goes by the order of input (2 of 2)",
		history: [row(0, 2), row(0, 1)],
		question: match("(?1)(?2)"),
		ours: "1", theirs: "0",
	},
	{
		name: "a time condition after .*: ClickHouse compares with the place of the star",
		history: [row(1, 1), row(2, 3), row(3, 2)],
		question: match("(?1).*(?t<=1)(?2)"),
		ours: "0", theirs: "1",
	},
	{
		name: "sequenceMatchEvents leaves out the event that a dot matched",
		history: [row(0, 1), row(1, 2)],
		question: matchEvents("(?1)."),
		ours: "0,1", theirs: "0",
	},
	{
		name: "sequenceMatchEvents gives a chain that is no match (ClickHouse issue 118120)",
		history: [row(0, 1), row(1, 1), row(2, 1), row(2, 1)],
		question: matchEvents("(?1)(?1)(?t<=0)(?1)"),
		ours: "1,2,2", theirs: "0,2,2",
	},
	{
		name: "next node, same time and value: ClickHouse goes by the order of input (1 of 2)",
		history: [base(0, 1), row(0), value("b", row(1))],
		question: nextNode("forward", "first_match"),
		ours: "a", theirs: "a",
	},
	{
		name: "next node, same time and value: ClickHouse goes by the order of input (2 of 2)",
		history: [row(0), base(0, 1), value("b", row(1))],
		question: nextNode("forward", "first_match"),
		ours: "a", theirs: "b",
	},
];

// Patterns that one of the two refuses, or both: a part of the message.
const refusals = [
	{ pattern: "", ours: "names no event" },
	{ pattern: ".*", ours: "names no event" },
	{ pattern: "(?0)", ours: "condition 0 does not exist", theirs: "out of range" },
	{ pattern: "(?t<=1)(?1)", ours: "a time condition stands before the first event" },
	{ pattern: "(?1)(?t<=1)", ours: "a time condition stands after the last event" },
	{ pattern: "(?1)(?t!=3)(?2)", theirs: "Unknown time condition" },
	{ pattern: "(?1)(?t>=1)(?t<=6)(?2)", theirs: "Temporal condition should be preceded" },
	{ pattern: "(?1)(?t<=1h)(?2)", theirs: "Expected closing parenthesis" },
	{ pattern: "(?1) (?2)", theirs: "unexpected starting symbol" },
	{ pattern: "(?1|2)", theirs: "Expected closing parenthesis" },
	{ pattern: "(?!1)", theirs: "Could not parse number" },
	{ pattern: "((?1)(?2))+", theirs: "unexpected starting symbol" },
	{ pattern: "^(?1).*$", theirs: "unexpected starting symbol" },
	{ pattern: "(?1).*(?2)(?w<=7d)", theirs: "Could not parse number" },
];

module.exports = { differences, refusals };
