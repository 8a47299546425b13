-- report: the page, one file of HTML: no network, and no script but its own.

FUNCTION journey_internal.report_style() -> text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Support function of report_html: the style sheet of the page.'
	AS $$ SELECT ':root{color-scheme:light dark;--b:#fff;--t:#1c2430;--m:#57606f;--l:#d8dde5;--s:#f4f6f9;--a:#0b5cad}
@media (prefers-color-scheme:dark){:root{--b:#12171e;--t:#e6e9ee;--m:#a3adbb;--l:#39424f;--s:#1d232c;--a:#7db8f2}}
:root.light{color-scheme:light;--b:#fff;--t:#1c2430;--m:#57606f;--l:#d8dde5;--s:#f4f6f9;--a:#0b5cad}
:root.dark{color-scheme:dark;--b:#12171e;--t:#e6e9ee;--m:#a3adbb;--l:#39424f;--s:#1d232c;--a:#7db8f2}
*{box-sizing:border-box}
body{margin:0;background:var(--b);color:var(--t);font:15px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
main,header,nav{max-width:768px;margin:0 auto;padding:0 24px}
header{padding-top:32px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:19px;line-height:1.3;margin:0 0 8px;overflow-wrap:anywhere}
header p{color:var(--m);margin:0}
nav{padding-top:16px}
nav h2{font-size:15px;margin:0}
nav ol{margin:6px 0 0;padding-left:24px;columns:2;column-gap:32px}
nav li{break-inside:avoid;overflow-wrap:anywhere}
a{color:var(--a)}
section{padding:28px 0 20px;border-bottom:1px solid var(--l)}
section:last-child{border-bottom:0}
figure{margin:0 0 8px;overflow-x:auto;position:relative}
figure>svg,figure>img{display:block;max-width:100%!important;height:auto}
figure>svg{--j0:var(--b)!important}
details{margin:4px 0}
summary{cursor:pointer;color:var(--m)}
summary:hover{color:var(--t)}
button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
button.csv{color:var(--a);border:1px solid var(--l);border-radius:4px;padding:1px 10px;margin:6px 8px 6px 0;font-size:13px}
:focus-visible{outline:2px solid var(--a);outline-offset:2px}
figure:focus-visible{outline-offset:-2px}
.tip{position:absolute;left:8px;top:8px;max-width:320px;padding:4px 9px;border-radius:4px;background:var(--t);color:var(--b);font-size:13px;line-height:1.35;white-space:pre-line;overflow-wrap:anywhere;pointer-events:none}
figure:not(:focus-visible) .tip:not(.on){display:none}
.ring{position:absolute;border:2px solid var(--a);border-radius:3px;pointer-events:none}
@media (max-width:620px){
main,header,nav{padding:0 14px}
nav ol{columns:1}
figure>svg,figure>img{max-width:none!important;min-width:600px}
}
.scroll{overflow:auto;max-height:480px;width:fit-content;max-width:100%;border:1px solid var(--l)}
table{border-collapse:collapse;width:max-content;font-size:13px;font-variant-numeric:tabular-nums}
th,td{height:26px;padding:3px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--l);white-space:pre-wrap}
td{max-width:360px;overflow-wrap:anywhere}
th{position:sticky;top:0;background:var(--s);white-space:nowrap}
th button{font-weight:600}
th button::after{content:"\2195";color:var(--m);font-weight:400;padding-left:4px}
th[aria-sort=ascending] button::after{content:"\2191"}
th[aria-sort=descending] button::after{content:"\2193"}
td.n,th.n{text-align:right;white-space:nowrap}
pre{background:var(--s);border:1px solid var(--l);margin:6px 0;padding:10px 12px;font-size:12.5px;line-height:1.45;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4}
.m{color:var(--m)}
.paper{display:none}
@page{size:A4;margin:16mm 14mm}
@media print{
:root,:root.dark{color-scheme:light;--b:#fff;--t:#1c2430;--m:#57606f;--l:#d8dde5;--s:#f4f6f9;--a:#0b5cad}
body{font-size:11pt}
main,header,nav{max-width:none;padding:0}
header{padding-top:0}
nav a{color:inherit;text-decoration:none}
section{padding:14px 0 10px}
h2,figure,tr{break-inside:avoid}
figure{overflow:visible}
figure>svg,figure>img{max-height:240mm}
.tip,.ring{display:none!important}
h2{break-after:avoid}
thead{display:table-header-group}
th{position:static}
th button{display:contents}
th button::after{content:none}
tbody tr:nth-child(n+51){display:none}
.paper{display:block!important}
.scroll{max-height:none;overflow:visible;border:0}
table{width:auto;font-size:8.5pt}
th,td{height:auto;padding:2px 6px}
td.n,th.n,th{white-space:normal}
button.csv,details:not([open]){display:none}
}' $$;

-- The policy of the page names it by its hash, so no other script runs.
FUNCTION journey_internal.report_script() -> text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Support function of report_html: the script of the page, which sorts and copies tables and reads the marks of pictures by keyboard.'
	AS $$ SELECT '
//<![CDATA[
"use strict";
const digits = cell => cell.dataset.v !== undefined ? cell.dataset.v : cell.textContent.replaceAll(",", "");
const number = cell => parseFloat(cell.dataset.s !== undefined ? cell.dataset.s : digits(cell));
const exact = cell => cell.dataset.v !== undefined ? cell.dataset.v : cell.classList.contains("n") && /^-?[0-9,]+(\.[0-9]+)?$/.test(cell.textContent) ? cell.textContent.replaceAll(",", "") : cell.textContent;
const quoted = (text, isText) => {
	if (isText && /^[=+@\t\r-]/.test(text)) text = "\u0027" + text;
	return text === "" && isText || /[",\r\n]/.test(text) ? "\"" + text.replaceAll("\"", "\"\"") + "\"" : text;
};
const csv = table => [...table.rows].map(row => [...row.cells].map(cell => cell.classList.contains("u") ? "" :
	quoted(cell.tagName === "TH" ? cell.textContent : exact(cell), cell.tagName === "TH" || !cell.classList.contains("n"))).join(",")).join("\r\n") + "\r\n";
const sort = heading => {
	const table = heading.closest("table"), body = table.tBodies[0], at = heading.cellIndex;
	const down = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
	const numeric = heading.classList.contains("n");
	const rows = [...body.rows].map(row => ({ row, empty: row.cells[at].classList.contains("u"), key: numeric ? number(row.cells[at]) : row.cells[at].textContent, whole: numeric && /^-?[0-9]{16,}$/.test(digits(row.cells[at])) && BigInt(digits(row.cells[at])) }));
	// NaN comes after all numbers, as in the server
	const compare = (a, b) => a < b ? -1 : a > b ? 1 : (a !== a) - (b !== b);
	rows.sort((a, b) => a.empty || b.empty ? a.empty - b.empty : down * (a.whole && b.whole ? compare(a.whole, b.whole) : compare(a.key, b.key)));
	body.append(...rows.map(one => one.row));
	for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
	heading.setAttribute("aria-sort", down === 1 ? "ascending" : "descending");
};
const copy = async (button) => {
	const text = csv(button.closest("details").querySelector("table"));
	try { await navigator.clipboard.writeText(text); } catch (error) {
		const area = document.createElement("textarea");
		area.value = text;
		document.body.append(area);
		area.select();
		document.execCommand("copy");
		area.remove();
	}
	button.nextElementSibling.textContent = button.dataset.done;
};
const marks = figure => [...figure.querySelectorAll("svg title")].slice(1).map(title => title.parentNode);
const leave = figure => {
	for (const mark of figure.querySelectorAll(".at")) mark.classList.remove("at");
	figure.querySelector(".ring")?.remove();
	const tip = figure.querySelector(".tip");
	tip.className = "tip";
	tip.removeAttribute("style");
	tip.textContent = tip.dataset.help;
};
const show = (figure, mark) => {
	leave(figure);
	const tip = figure.querySelector(".tip"), ring = document.createElement("div"), frame = figure.getBoundingClientRect(), box = mark.getBoundingClientRect();
	const left = box.left - frame.left + figure.scrollLeft, top = box.top - frame.top;
	mark.classList.add("at");
	ring.className = "ring";
	Object.assign(ring.style, { left: left - 3 + "px", top: top - 3 + "px", width: box.width + 6 + "px", height: box.height + 6 + "px" });
	// a way stands out by itself
	if (!mark.classList.contains("way")) figure.append(ring);
	tip.textContent = [...mark.children].find(child => child.tagName === "title").textContent;
	tip.classList.add("on");
	Object.assign(tip.style, { left: Math.max(0, Math.min(left + box.width / 2 - tip.offsetWidth / 2, figure.scrollWidth - tip.offsetWidth)) + "px",
		top: Math.max(0, Math.min(top - tip.offsetHeight - 8 < 0 ? top + box.height + 8 : top - tip.offsetHeight - 8, frame.height - tip.offsetHeight)) + "px" });
	tip.scrollIntoView({ block: "nearest", inline: "nearest" });
};
const walk = (figure, key) => {
	const all = marks(figure), at = all.findIndex(mark => mark.classList.contains("at"));
	const groups = [...new Set(all.map(mark => mark.parentNode))];
	const of = group => all.filter(mark => mark.parentNode === group);
	if (key === "Home" || at < 0) return all[key === "End" ? all.length - 1 : 0];
	if (key === "End") return all[all.length - 1];
	if (key === "ArrowLeft" || key === "ArrowRight") return all[at + (key === "ArrowRight" ? 1 : -1)];
	const group = groups[groups.indexOf(all[at].parentNode) + (key === "ArrowDown" ? 1 : -1)];
	return group && of(group)[Math.min(of(all[at].parentNode).indexOf(all[at]), of(group).length - 1)];
};
document.addEventListener("keydown", event => {
	const figure = event.target;
	if (figure.tagName !== "FIGURE" || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
	if (event.key === "Escape") leave(figure);
	if (!/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(event.key) || marks(figure).length === 0) return;
	event.preventDefault();
	const next = walk(figure, event.key);
	if (next) show(figure, next);
});
document.addEventListener("focusout", event => { if (event.target.tagName === "FIGURE") leave(event.target); });
document.addEventListener("click", event => {
	const button = event.target.closest("button");
	if (button === null) return;
	if (button.classList.contains("csv")) copy(button);
	else if (button.parentElement.tagName === "TH") sort(button.parentElement);
});
//]]>
' $$;

FUNCTION journey_internal.report_word(word text, language text) -> text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Support function of report_html: a word of the page in a language, escaped.'
	AS $$ SELECT journey_internal.report_escape(CASE WHEN language = 'zh' THEN coalesce('{"Contents": "\u76ee\u5f55", "Rows": "\u6570\u636e", "Query": "\u67e5\u8be2\u8bed\u53e5", "Copy as CSV": "\u590d\u5236\u4e3a CSV", "copied": "\u5df2\u590d\u5236", "no rows": "\u65e0\u6570\u636e", "the first 1,000 are shown": "\u53ea\u663e\u793a\u524d 1,000 \u884c", "Arrow keys read the numbers": "\u6309\u65b9\u5411\u952e\u9010\u4e2a\u8bfb\u51fa\u6570\u503c", "the first 50 are printed": "\u53ea\u6253\u5370\u524d 50 \u884c", "As of": "\u6570\u636e\u622a\u81f3"}'::json ->> word, word) ELSE word END) $$;

-- A picture that a query returns may be anything: in an img element it cannot run a script.
FUNCTION journey_internal.report_section(part report_part, number int, picture text, row_table text, language text) -> text LANGUAGE sql STABLE PARALLEL SAFE
	'Support function of report_html: a part of the page. picture: SVG, that chart_svg() made unless the part is of kind svg; row_table: what report_rows() returned.'
	AS $$ SELECT concat('<section id="part-', number, '" aria-labelledby="title-', number, '"><h2 id="title-', number, '">', journey_internal.report_escape((part).title), '</h2>', E'\n',
		CASE WHEN picture IS NULL THEN NULL
			WHEN (part).kind = 'svg' THEN concat('<figure><img alt="', journey_internal.report_escape((part).title), '" src="data:image/svg+xml;base64,', translate(encode(convert_to(picture, 'UTF8'), 'base64'), E'\n', ''), E'"/></figure>\n')
			-- two pictures of the same rows have the same id
			ELSE concat('<figure tabindex="0" role="group" aria-labelledby="title-', number, '">', replace(picture, i.id, concat('picture-', number)), '<div class="tip" role="status" data-help="',
				journey_internal.report_word('Arrow keys read the numbers', language), '">', journey_internal.report_word('Arrow keys read the numbers', language), E'</div></figure>\n') END,
		CASE WHEN (part).kind = 'svg' AND picture IS NOT NULL THEN NULL
			WHEN row_table IS NULL THEN concat('<p class="m">', journey_internal.report_word('no rows', language), E'</p>\n')
			ELSE concat('<details', CASE WHEN picture IS NULL THEN ' open="open"' END, '><summary>', journey_internal.report_word('Rows', language), ' (', split_part(row_table, E'\n', 1), ')</summary><button type="button" class="csv" data-done="',
				journey_internal.report_word('copied', language), '">', journey_internal.report_word('Copy as CSV', language), '</button><span class="m" role="status"></span>',
				CASE WHEN split_part(row_table, E'\n', 1)::bigint > 1000 THEN concat('<p class="m">', journey_internal.report_word('the first 1,000 are shown', language), '</p>') END,
				CASE WHEN split_part(row_table, E'\n', 1)::bigint > 50 THEN concat('<p class="m paper">', journey_internal.report_word('the first 50 are printed', language), '</p>') END,
				'<div class="scroll" tabindex="0" role="region" aria-labelledby="title-', number, '">', substr(row_table, strpos(row_table, E'\n') + 1), E'</div></details>\n') END,
		'<details><summary>', journey_internal.report_word('Query', language), '</summary><pre><code>', journey_internal.report_escape(btrim((part).query, E' \t\r\n')), E'</code></pre></details>\n</section>\n')
	FROM (SELECT coalesce(substring(picture FROM ' id=''(j[0-9a-f]{16})'''), ' no id ') AS id) AS i $$;

FUNCTION journey_internal.report_page(title text, titles text[], sections text[], as_of text, language text, theme text) -> text LANGUAGE sql STABLE PARALLEL SAFE
	'Support function of report_html: the page of these sections. as_of: a time for the head of the page, or NULL.'
	AS $$ SELECT concat('<!DOCTYPE html>', E'\n<html xmlns="http://www.w3.org/1999/xhtml" lang="', language, '"', CASE WHEN theme IN ('light', 'dark') THEN concat(' class="', theme, '"') END, E'>\n<head><meta charset="utf-8"/>',
		'<meta http-equiv="Content-Security-Policy" content="default-src ''none''; style-src ''unsafe-inline''; img-src data:; base-uri ''none''; form-action ''none''; script-src ''sha256-',
		encode(sha256(convert_to(journey_internal.report_script(), 'UTF8')), 'base64'), '''"/>',
		'<meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="generator" content="pg_journey"/>',
		'<title>', journey_internal.report_escape(title), E'</title>\n<style>', journey_internal.report_style(), E'</style></head>\n<body><header><h1>', journey_internal.report_escape(title), '</h1>',
		'<p>' || journey_internal.report_word('As of', language) || ' ' || journey_internal.report_escape(as_of) || '</p>', E'</header>\n',
		(SELECT concat('<nav aria-labelledby="contents"><h2 id="contents">', journey_internal.report_word('Contents', language), '</h2><ol>',
				string_agg(concat('<li><a href="#part-', t.number, '">', journey_internal.report_escape(t.title), '</a></li>'), NULL ORDER BY t.number), E'</ol></nav>\n')
			FROM unnest(titles) WITH ORDINALITY AS t(title, number) HAVING count(*) > 1),
		'<main>', array_to_string(sections, ''), E'</main>\n<script>', journey_internal.report_script(), E'</script>\n</body></html>\n') $$;

-- ---- running the parts ------------------------------------------------------------------

-- STABLE, so that all parts see the database as it is at the same moment. Settings that change how
-- values are written are those of the page.
FUNCTION journey_internal.report_run(owner oid, query text, parts report_part[], first int, as_of timestamptz, time_zone text, language text) -> text[] LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres' SET extra_float_digits = '1' SET bytea_output = 'hex'
	'Support function of report_html: runs the parts of a report as role owner and returns their sections. first: the number of the first part. Errors name the part.'
AS $$
DECLARE
	sections text[] := '{}';
	one record;
	detail text;
	hint text;
BEGIN
	FOR i IN 1 .. cardinality(parts) LOOP
		-- journey-report shows it
		RAISE DEBUG 'report: part % of % %', i, cardinality(parts), (parts[i]).title;
		BEGIN
			SELECT r.picture, r.row_table INTO one FROM journey_internal.run_as(owner, format('SELECT p.picture, p.row_table FROM (%s) AS p WHERE p.part OPERATOR(pg_catalog.=) %s', query, first + i - 1), as_of, time_zone)
				AS r(picture text, row_table text);
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
			PERFORM journey_internal.report_fail(concat(journey_internal.report_part_name(first + i - 1, (parts[i]).title), ' failed: ', SQLERRM), SQLSTATE, detail, hint);
		END;
		sections := sections || journey_internal.report_section(parts[i], first + i - 1, one.picture, one.row_table, language);
	END LOOP;
	RETURN sections;
END $$;

FUNCTION journey_internal.do_report_now(title text, parts journey_internal.analyzed_part[], language text, theme text) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Support function of report_now, which calls it: what that does.'
AS $$
DECLARE
	shown CONSTANT journey_internal.report_look := journey_internal.checked_look(title, language, theme);
	those @extschema@.report_part[] := '{}';
	sections text[];
BEGIN
	FOR i IN 1 .. cardinality(parts) LOOP
		those := array_append(those, (parts[i]).part);
	END LOOP;
	sections := journey_internal.report_run(current_user::regrole::oid, journey_internal.report_query(parts, (shown).defaults), those, 1, NULL::timestamptz, current_setting('TimeZone'), (shown).language);
	RETURN journey_internal.report_page((shown).title, journey_internal.report_titles(those), sections, NULL::text, (shown).language, (shown).theme);
END $$;

FUNCTION journey_internal.report_now(title text, parts journey_internal.analyzed_part[], language text, theme text) -> text CALLS short_context STABLE PARALLEL UNSAFE
	'Support function of report_html: the page of analyzed parts, run with the rights of the caller.';

FUNCTION report_html(title text, VARIADIC parts report_part[]) -> text LANGUAGE sql UNSET search_path
	'A report as one file of HTML: a heading and a table of contents, and for each part its picture, its rows and its query. Each query is one SELECT; it runs read-only, with the rights of the caller, and all run on the same snapshot. The page needs no network. The same rows give the same bytes.'
	AS $$ SELECT journey_internal.report_now($1, d.analyzed, 'en'::pg_catalog.text, 'auto'::pg_catalog.text)
		FROM (SELECT pg_catalog.array_agg(ROW(p.part, a.query, a.columns, a.types)::journey_internal.analyzed_part ORDER BY p.number) AS analyzed
			FROM journey_internal.checked_parts($2) AS p, LATERAL journey_internal.analyze_query((p.part).query, journey_internal.report_query_name(p.number, (p.part).title)) AS a) AS d $$;

FUNCTION report_html(definition jsonb) -> text LANGUAGE sql UNSET search_path
	'A report as one file of HTML, by a definition like that of create_report(): a JSON object with title, parts, and perhaps language (en, zh) and theme (auto, light, dark).'
	AS $$ SELECT journey_internal.report_now($1 OPERATOR(pg_catalog.->>) 'title'::pg_catalog.text, d.analyzed, $1 OPERATOR(pg_catalog.->>) 'language'::pg_catalog.text, $1 OPERATOR(pg_catalog.->>) 'theme'::pg_catalog.text)
		FROM (SELECT pg_catalog.array_agg(ROW(p.part, a.query, a.columns, a.types)::journey_internal.analyzed_part ORDER BY p.number) AS analyzed
			FROM journey_internal.checked_parts(journey_internal.report_parts_of($1)) AS p, LATERAL journey_internal.analyze_query((p.part).query, journey_internal.report_query_name(p.number, (p.part).title)) AS a) AS d $$;

-- The client program journey-report runs one part after the other, and says how far it is.
FUNCTION journey_internal.do_report_analyzed(one journey_internal.analyzed_part, number int, language text, theme text) -> text LANGUAGE plpgsql
	'Support function of report_analyzed, which calls it: what that does.'
AS $$
DECLARE
	shown CONSTANT journey_internal.report_look := journey_internal.checked_look('-'::text, language, theme);
BEGIN
	RETURN (journey_internal.report_run(current_user::regrole::oid, journey_internal.report_branch(one, number, (shown).defaults), ARRAY[(one).part], number, NULL::timestamptz, current_setting('TimeZone'), (shown).language))[1];
END $$;
FUNCTION journey_internal.report_analyzed(one journey_internal.analyzed_part, number int, language text, theme text) -> text CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of report_one: runs an analyzed part with the rights of the caller.';

FUNCTION journey_internal.report_one(part report_part, number int, language text, theme text) -> text LANGUAGE sql UNSET search_path
	'Support function of the program journey-report: the section of one part of a report, run with the rights of the caller.'
	AS $$ SELECT journey_internal.report_analyzed(ROW(p.part, a.query, a.columns, a.types)::journey_internal.analyzed_part, $2, $3, $4)
		FROM journey_internal.checked_parts(ARRAY[$1]) AS p, LATERAL journey_internal.analyze_query((p.part).query, journey_internal.report_query_name($2, (p.part).title)) AS a $$;
