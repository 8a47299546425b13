-- Random graphs without circles, as lines for crossings.js: links in one layer after the other, or
-- also over layers.
SET search_path = public, journey;
WITH link AS (
	SELECT g AS graph, s, t, 1 + sum(rnd(g * 1000 + i, 3, 90)) AS value
	FROM generate_series(1, :graphs) AS g, generate_series(1, 12 + rnd(g, 1, 30)) AS i,
		LATERAL (SELECT rnd(g * 1000 + i, 11, 4) AS layer, rnd(g * 1000 + i, 12, 5) AS a, rnd(g * 1000 + i, 13, 5) AS b, CASE WHEN g % 2 = 0 THEN 1 ELSE 1 + rnd(g * 1000 + i, 14, 2) END AS far) AS r,
		LATERAL (SELECT 'l' || layer || 'n' || a AS s, 'l' || layer + far || 'n' || b AS t) AS n
	GROUP BY g, s, t)
SELECT concat_ws(E'\t', graph, jsonb_agg(jsonb_build_array(s, t, value) ORDER BY s, t), replace(replace(chart_svg((SELECT r FROM (SELECT s AS source, t AS target, value) AS r), 'sankey' ORDER BY s, t), E'\n', ' '), E'\t', ' '))
FROM link GROUP BY graph ORDER BY graph;
