/*-------------------------------------------------------------------------
 *
 * chart_range.c
 *		Ranges that lie, one below the other: forest plots and boxes.
 *
 * A forest plot has rows of a label, an estimate, and lower and upper, the
 * bounds of its interval.  A box has rows of a label, which may be missing,
 * and columns whose names begin with min, p25, median, p75 and max.  Boxes of
 * durations are on a logarithmic scale.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/chart.h"
#include "miscadmin.h"

#define BOX_NUMBERS	5

/* What both are made of. */
typedef struct Ranges
{
	Chart	   *chart;
	int			label;			/* column; -1: none */
	ChartScale	scale;
	bool		logarithmic;
	ChartBox	box;
	double		band;
	double		label_width;
} Ranges;

/* The first column that is no number, or the one that the options name. */
static int
ranges_label(const Chart *chart)
{
	int			i;

	if (chart->options.label != NULL)
		return chart_need_column(chart, chart->options.label, false);
	for (i = 0; i < chart->rows->ncolumns; i++)
	{
		if (chart->rows->columns[i].type != CHART_NUMBER && chart->rows->columns[i].type != CHART_DURATION)
			return i;
	}
	return -1;
}

/* What stands at the left of a row. */
static const char *
ranges_name(const Ranges *ranges, int row)
{
	const Chart *chart = ranges->chart;

	if (row < chart->options.nnames)
		return chart->options.names[row];
	if (ranges->label < 0)
		return "";
	if (chart_cell(chart, row, ranges->label)->text == NULL)
		return chart_word(chart, "(none)");
	return chart_cell_text(chart, row, ranges->label);
}

/* Draw what stands around the ranges; low and high are the ends of the scale. */
static void
ranges_open(Ranges *ranges, double low, double high, ChartFormat format)
{
	static const double seconds[] = {1, 10, 60, 600, 3600, 6 * 3600, 86400, 7 * 86400.0, 30 * 86400.0, 365 * 86400.0, 3650 * 86400.0};
	Chart	   *chart = ranges->chart;
	int			n = chart->rows->n;
	double		height = chart->options.height > 0 ? chart->options.height
		: chart_legend_height(chart, NULL, 0) + Min(n * 28.0, 9000) + 54;
	ChartBox   *box = &ranges->box;
	int			i;

	box->top = chart_open(chart, height, NULL, 0) + 8;
	for (i = 0; i < n; i++)
		ranges->label_width = Max(ranges->label_width, svg_text_width(ranges_name(ranges, i), SVG_TEXT_SIZE));
	ranges->label_width = Min(ranges->label_width, chart->options.width * 0.35);
	box->left = CHART_MARGIN + ranges->label_width + 16;
	box->right = chart->options.width - 40;
	box->bottom = Max(height - 44, box->top + 10);
	ranges->band = (box->bottom - box->top) / n;
	ranges->scale.from = box->left;
	ranges->scale.to = box->right;
	if (ranges->logarithmic)
	{
		ranges->scale.format = format;
		ranges->scale.low = 0;
		ranges->scale.high = log10(1 + Max(high, 1));
		svg_put(&chart->out, "<g class='axis'>\n");
		svg_put(&chart->out, "<path class='ja' d='M%n %nV%n'/>", box->left, box->top, box->bottom);
		for (i = 0; i < (int) lengthof(seconds) && seconds[i] <= high; i++)
		{
			double		x = chart_scaled(&ranges->scale, log10(1 + seconds[i]));

			svg_put(&chart->out, "<path class='jg' d='M%n %nV%n'/>", x, box->top, box->bottom);
			svg_text(&chart->out, x, box->bottom + 16, SVG_MIDDLE, SVG_SMALL_SIZE, 100, "class='jm'",
					 chart_duration(chart, seconds[i]));
		}
		svg_put(&chart->out, "</g>\n");
	}
	else
	{
		chart_nice_scale(&ranges->scale, low, high, Max((int) ((box->right - box->left) / 90), 1), format);
		chart_value_axis(chart, &ranges->scale, box, true);
	}
	for (i = 0; i < n; i += (int) Max(ceil(13 / ranges->band), 1))
		svg_text(&chart->out, box->left - 10, box->top + (i + 0.5) * ranges->band + 4, SVG_END, SVG_TEXT_SIZE,
				 ranges->label_width + 1, NULL, ranges_name(ranges, i));
}

static double
ranges_x(const Ranges *ranges, double value)
{
	return chart_scaled(&ranges->scale, ranges->logarithmic ? log10(1 + Max(value, 0)) : value);
}

/*
 * Estimates with their intervals, and a line at the reference.
 */
text *
chart_draw_forest(Chart *chart)
{
	Ranges		ranges = {.chart = chart};
	int			lower = chart_need_column(chart, "lower", true);
	int			upper = chart_need_column(chart, "upper", true);
	int			estimate = -1;
	double		reference = isnan(chart->options.reference) ? 0 : chart->options.reference;
	double		low = reference;
	double		high = reference;
	ChartFormat format;
	int			i;

	if (chart->options.nvalues > 0)
		estimate = chart_need_column(chart, chart->options.values[0], true);
	for (i = 0; i < chart->rows->ncolumns && estimate < 0; i++)
	{
		if (i != lower && i != upper && (chart->rows->columns[i].type == CHART_NUMBER || chart->rows->columns[i].type == CHART_DURATION))
			estimate = i;
	}
	if (estimate < 0)
		estimate = chart_need_column(chart, "estimate", true);
	ranges.label = ranges_label(chart);
	format = chart->rows->columns[estimate].format;
	for (i = 0; i < chart->rows->n; i++)
	{
		int			columns[] = {lower, estimate, upper};
		int			c;

		for (c = 0; c < 3; c++)
		{
			double		value = chart_cell(chart, i, columns[c])->number;

			if (isfinite(value))
			{
				low = Min(low, value);
				high = Max(high, value);
			}
		}
	}
	ranges_open(&ranges, low, high, format);
	svg_put(&chart->out, "<path class='ja' stroke-dasharray='5 3' d='M%n %nV%n'/>\n<g>\n", ranges_x(&ranges, reference), ranges.box.top, ranges.box.bottom);
	for (i = 0; i < chart->rows->n; i++)
	{
		double		value = chart_cell(chart, i, estimate)->number;
		double		from = chart_cell(chart, i, lower)->number;
		double		to = chart_cell(chart, i, upper)->number;
		double		y = ranges.box.top + (i + 0.5) * ranges.band;
		bool		bounded = isfinite(from) && isfinite(to);

		CHECK_FOR_INTERRUPTS();
		if (!isfinite(value))
			continue;
		svg_put(&chart->out, "<g class='mark'><title>%t: %t", ranges_name(&ranges, i), chart_number(chart, format, value));
		if (bounded)
			svg_put(&chart->out, " (%t - %t)</title><path class='jl jl1' d='M%n %nH%nm0 -4v8M%n %nv8'/>", chart_number(chart, format, from),
					chart_number(chart, format, to), ranges_x(&ranges, from), y, ranges_x(&ranges, to), ranges_x(&ranges, from), y - 4);
		else
			svg_put(&chart->out, "</title>");
		svg_put(&chart->out, "<circle class='j1' cx='%n' cy='%n' r='4.5'/></g>\n", ranges_x(&ranges, value), y);
	}
	svg_put(&chart->out, "</g>\n");
	return chart_close(chart);
}

/* The column whose name begins so. */
static int
box_column(const Chart *chart, const char *start)
{
	int			i;

	for (i = 0; i < chart->rows->ncolumns; i++)
	{
		if (strncmp(chart->rows->columns[i].name, start, strlen(start)) == 0 &&
			(chart->rows->columns[i].type == CHART_NUMBER || chart->rows->columns[i].type == CHART_DURATION))
			return i;
	}
	return chart_need_column(chart, start, true);
}

/*
 * Boxes from quartile to quartile, with a line at the median, and whiskers to
 * the ends.
 */
text *
chart_draw_box(Chart *chart)
{
	static const char *const names[BOX_NUMBERS] = {"min", "p25", "median", "p75", "max"};
	Ranges		ranges = {.chart = chart};
	int			columns[BOX_NUMBERS];
	ChartFormat format;
	double		low = INFINITY;
	double		high = -INFINITY;
	int			i;
	int			c;

	for (c = 0; c < BOX_NUMBERS; c++)
		columns[c] = box_column(chart, names[c]);
	ranges.label = ranges_label(chart);
	format = chart->rows->columns[columns[2]].format;
	ranges.logarithmic = format == CHART_AS_DURATION;
	for (i = 0; i < chart->rows->n; i++)
	{
		for (c = 0; c < BOX_NUMBERS; c++)
		{
			double		value = chart_cell(chart, i, columns[c])->number;

			if (isfinite(value))
			{
				low = Min(low, value);
				high = Max(high, value);
			}
		}
	}
	if (!(high >= low))
		return chart_nothing(chart);
	ranges_open(&ranges, low, high, format);
	svg_put(&chart->out, "<g>\n");
	for (i = 0; i < chart->rows->n; i++)
	{
		double		y = ranges.box.top + (i + 0.5) * ranges.band;
		double		thick = Min(ranges.band * 0.6, 24);
		double		at[BOX_NUMBERS];
		bool		whole = true;

		CHECK_FOR_INTERRUPTS();
		for (c = 0; c < BOX_NUMBERS; c++)
		{
			double		value = chart_cell(chart, i, columns[c])->number;

			whole = whole && isfinite(value);
			at[c] = ranges_x(&ranges, value);
		}
		if (!whole)
			continue;
		svg_put(&chart->out, "<g class='mark'><title>%t", ranges_name(&ranges, i));
		for (c = 0; c < BOX_NUMBERS; c++)
			svg_put(&chart->out, "%s%t %t", c > 0 ? ", " : ranges_name(&ranges, i)[0] != '\0' ? ": " : "", chart_word(chart, names[c]),
					chart_number(chart, format, chart_cell(chart, i, columns[c])->number));
		svg_put(&chart->out, "</title><path class='jl jl1' d='M%n %nH%nm0 -5v10M%n %nH%nm0 -5v10'/>", at[1], y, at[0], at[3], y, at[4]);
		/* a box without width still shows at both sides of its median */
		at[1] = Min(at[1], at[2] - 3.5);
		at[3] = Max(at[3], at[2] + 3.5);
		svg_put(&chart->out, "<rect class='j1' x='%n' y='%n' width='%n' height='%n'/>", at[1], y - thick / 2, at[3] - at[1], thick);
		svg_put(&chart->out, "<path class='jo' stroke-width='3' d='M%n %nv%n'/></g>\n", at[2], y - thick / 2, thick);
	}
	svg_put(&chart->out, "</g>\n");
	return chart_close(chart);
}
