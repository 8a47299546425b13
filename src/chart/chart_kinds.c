/*-------------------------------------------------------------------------
 *
 * chart_kinds.c
 *		The kinds of charts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "chart/chart.h"

static const struct
{
	const char *name;
	ChartDraw	draw;
}			chart_kinds[] = {
	{"line", chart_draw_line},
	{"bar", chart_draw_bar},
	{"stacked", chart_draw_stacked},
	{"histogram", chart_draw_histogram},
	{"heat_map", chart_draw_heat_map},
	{"funnel", chart_draw_funnel},
	{"step", chart_draw_step},
	{"forest", chart_draw_forest},
	{"box", chart_draw_box},
	{"calendar", chart_draw_calendar},
	{"sankey", chart_draw_sankey},
	{"graph", chart_draw_graph},
	{"venn", chart_draw_venn},
	{"upset", chart_draw_upset},
};

/*
 * What draws a kind.
 */
ChartDraw
chart_kind(const char *name)
{
	StringInfoData list;
	int			i;

	initStringInfo(&list);
	for (i = 0; i < (int) lengthof(chart_kinds); i++)
	{
		if (strcmp(chart_kinds[i].name, name) == 0)
			return chart_kinds[i].draw;
		appendStringInfo(&list, i == 0 ? "%s" : ", %s", chart_kinds[i].name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("kind \"%s\" of a chart does not exist", arg_excerpt(name)),
			 errhint("The kinds are %s.", list.data)));
}
