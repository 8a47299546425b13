/*-------------------------------------------------------------------------
 *
 * chart_line.c
 *		Lines and steps: one for each series, over times, numbers or labels.
 *
 * The way to a point that is not complete is dashed, and so is a column whose
 * name ends in _before.  With columns lower and upper, a band around the line
 * goes from one to the other.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/chart.h"
#include "miscadmin.h"

/* What a chart of lines is made of. */
typedef struct Lines
{
	Chart	   *chart;
	ChartData  *data;
	bool		step;			/* a value lasts until the next */
	bool		numeric;		/* labels have a place on a scale */
	int			lower;			/* columns of the band; -1: none */
	int			upper;
	ChartScale	scale;
	ChartScale	labels;
	ChartBox	box;
} Lines;

/* Where the labels are. */
static void
line_scale_labels(Lines *lines)
{
	const ChartData *data = lines->data;
	ChartScale *scale = &lines->labels;
	int			i;

	scale->from = lines->box.left;
	scale->to = lines->box.right;
	scale->low = INFINITY;
	scale->high = -INFINITY;
	for (i = 0; i < data->nlabels; i++)
	{
		if (isfinite(data->at[i]))
		{
			scale->low = Min(scale->low, Max(data->at[i], -CHART_LARGEST));
			scale->high = Max(scale->high, Min(data->at[i], CHART_LARGEST));
		}
	}
	if (!(scale->high > scale->low))
	{
		/* one label, or none: in the middle */
		double		middle = isfinite(scale->low) ? scale->low : 0;
		double		around = data->label_type == CHART_TIME ? 86400 : Max(fabs(middle), 1);

		scale->low = middle - around;
		scale->high = middle + around;
	}
}

/* Round numbers between the first label and the last. */
static void
line_number_axis(Lines *lines)
{
	Chart	   *chart = lines->chart;
	const ChartBox *box = &lines->box;
	ChartFormat format = lines->data->label_type == CHART_DURATION ? CHART_AS_DURATION : CHART_AS_NUMBER;
	double		low = lines->labels.low;
	double		high = lines->labels.high;
	double		step;
	double		at;

	chart_nice_scale(&lines->labels, low, high, Max((int) ((box->right - box->left) / 80), 1), format);
	step = lines->labels.step;
	if (lines->data->nlabels > 1 && floor(low) == low && floor(high) == high)
		step = Max(step, 1);
	lines->labels.low = low;
	lines->labels.high = high;
	svg_put(&chart->out, "<g class='axis'>\n");
	for (at = ceil(low / step - 1e-9) * step; at <= high + step * 1e-6; at += step)
		svg_text(&chart->out, chart_scaled(&lines->labels, at), box->bottom + 16, SVG_MIDDLE, SVG_SMALL_SIZE, 100,
				 "class='jm'", chart_tick(chart, format, fabs(at) < step / 1e6 ? 0 : at, step));
	if (chart->options.label_title != NULL)
		svg_text(&chart->out, (box->left + box->right) / 2, box->bottom + 33, SVG_MIDDLE, SVG_SMALL_SIZE,
				 box->right - box->left, "class='jm'", chart->options.label_title);
	svg_put(&chart->out, "</g>\n");
}

static double
line_x(const Lines *lines, int label)
{
	return lines->numeric ? chart_scaled(&lines->labels, lines->data->at[label])
		: lines->box.left + (label + 0.5) * (lines->box.right - lines->box.left) / lines->data->nlabels;
}

/* Has a series a point at a label? */
static bool
line_has(const Lines *lines, int s, int label)
{
	return isfinite(lines->data->series[s].values[label]) && (!lines->numeric || isfinite(lines->data->at[label]));
}

/* The bound of a band at a label; NaN if there is none. */
static double
line_bound(const Lines *lines, int s, int label, int column)
{
	int			row = lines->data->series[s].rows[label];

	return row < 0 ? NAN : chart_cell(lines->chart, row, column)->number;
}

/* Find the ends of the bands. */
static void
line_range(const Lines *lines, double *low, double *high)
{
	int			s;
	int			i;

	*low = lines->data->least;
	*high = lines->data->most;
	for (s = 0; s < lines->data->nseries && lines->lower >= 0; s++)
	{
		for (i = 0; i < lines->data->nlabels; i++)
		{
			double		lower = line_bound(lines, s, i, lines->lower);
			double		upper = line_bound(lines, s, i, lines->upper);

			*low = isfinite(lower) ? Min(*low, lower) : *low;
			*high = isfinite(upper) ? Max(*high, upper) : *high;
		}
	}
}

/* A band: along the upper bounds, and back along the lower ones. */
static void
line_put_band(const Lines *lines, int s)
{
	StringInfo	out = &lines->chart->out;
	bool		begun = false;
	int			i;
	int			n = lines->data->nlabels;

	for (i = 0; i < 2 * n; i++)
	{
		int			label = i < n ? i : 2 * n - 1 - i;
		double		bound = line_bound(lines, s, label, i < n ? lines->upper : lines->lower);
		double		x;

		CHECK_FOR_INTERRUPTS();
		if (!line_has(lines, s, label) || !isfinite(bound) || !isfinite(line_bound(lines, s, label, i < n ? lines->lower : lines->upper)))
			continue;
		if (!begun)
			svg_put(out, "<path class='band j%d' fill-opacity='.18' d='", s % CHART_COLORS + 1);
		x = line_x(lines, label);
		if (lines->step && begun && i < n)
			svg_put(out, "H%n", x);
		if (lines->step && begun && i > n)
			svg_put(out, "V%n", chart_scaled(&lines->scale, bound));
		svg_put(out, begun ? "L%n %n" : "M%n %n", x, chart_scaled(&lines->scale, bound));
		begun = true;
	}
	if (begun)
		svg_put(out, "Z'/>\n");
}

/* The stretches of a line, solid and dashed. */
static void
line_put_path(const Lines *lines, int s)
{
	const ChartSeries *one = &lines->data->series[s];
	StringInfo	out = &lines->chart->out;
	size_t		length = strlen(one->name);
	bool		before = !lines->data->series_column && length > 7 && strcmp(one->name + length - 6, "before") == 0;
	bool		dashed = false;
	bool		open = false;
	double		x = 0;
	double		y = 0;
	int			last = -1;
	int			i;

	for (i = 0; i < lines->data->nlabels; i++)
	{
		bool		dash = before || one->incomplete[i];
		double		next_x;
		double		next_y;

		CHECK_FOR_INTERRUPTS();
		if (!line_has(lines, s, i))
		{
			/* steps go on; lines have a gap */
			if (!lines->step)
				last = -1;
			continue;
		}
		next_x = line_x(lines, i);
		next_y = chart_scaled(&lines->scale, one->values[i]);
		if (open && (last < 0 || dash != dashed))
		{
			svg_put(out, "'/>\n");
			open = false;
		}
		if (last >= 0)
		{
			if (!open)
				svg_put(out, "<path class='jl jl%d'%s d='M%n %n", s % CHART_COLORS + 1, dash ? " stroke-dasharray='4 4'" : "", x, y);
			open = true;
			dashed = dash;
			if (lines->step)
				svg_put(out, "H%nV%n", next_x, next_y);
			else
				svg_put(out, "L%n %n", next_x, next_y);
		}
		x = next_x;
		y = next_y;
		last = i;
	}
	if (open)
		svg_put(out, "'/>\n");
}

/* What a point says: with its band. */
static char *
line_tooltip(const Lines *lines, int s, int label)
{
	char	   *tip = chart_tooltip(lines->chart, lines->data, s, label);
	ChartFormat format = lines->data->series[s].format;
	double		lower = lines->lower < 0 ? NAN : line_bound(lines, s, label, lines->lower);
	double		upper = lines->lower < 0 ? NAN : line_bound(lines, s, label, lines->upper);

	if (!isfinite(lower) || !isfinite(upper))
		return tip;
	return psprintf("%s (%s - %s)", tip, chart_number(lines->chart, format, lower), chart_number(lines->chart, format, upper));
}

/* Choose the value if lower and upper are those of a band. */
static void
line_find_band(Lines *lines)
{
	Chart	   *chart = lines->chart;
	const ChartRows *rows = chart->rows;
	int			label = chart->options.label == NULL ? -1 : chart_find_column(chart, chart->options.label);
	int			series = chart->options.series == NULL ? -1 : chart_find_column(chart, chart->options.series);
	int			i;

	lines->lower = chart_find_column(chart, "lower");
	lines->upper = chart_find_column(chart, "upper");
	if (lines->lower < 0 || lines->upper < 0 || rows->columns[lines->lower].type == CHART_TEXT ||
		rows->columns[lines->upper].type == CHART_TEXT || lines->lower == label || lines->upper == label)
	{
		lines->lower = lines->upper = -1;
		return;
	}
	label = Max(label, 0);
	for (i = 0; i < rows->ncolumns && chart->options.nvalues == 0; i++)
	{
		if (i != lines->lower && i != lines->upper && i != label && i != series &&
			(rows->columns[i].type == CHART_NUMBER || rows->columns[i].type == CHART_DURATION))
		{
			chart->options.nvalues = 1;
			chart->options.values = &rows->columns[i].name;
		}
	}
}

static text *
lines_draw(Chart *chart, bool step)
{
	Lines		lines = {.chart = chart,.step = step};
	ChartData  *data;
	const char *const *names;
	int			nnames;
	double		height;
	double		low;
	double		high;
	ChartBox   *box = &lines.box;
	int			s;
	int			i;

	line_find_band(&lines);
	lines.data = data = chart_data(chart);
	lines.numeric = data->at != NULL && chart->options.nnames == 0;
	names = chart_series_names(data);
	nnames = data->nseries > 1 || data->series_column ? data->nseries : 0;
	height = chart->options.height > 0 ? chart->options.height : 300 + chart_legend_height(chart, names, nnames);
	if (chart->options.value_title == NULL && data->value_name != NULL)
		chart->options.value_title = unconstify(char *, chart_word(chart, data->value_name));
	box->top = chart_open(chart, height, names, nnames) + (chart->options.value_title != NULL ? 28 : 6);
	box->bottom = Max(height - (chart->options.label_title != NULL ? 46 : 30), box->top + 10);
	line_range(&lines, &low, &high);
	chart_nice_scale(&lines.scale, low, high, Max((int) ((box->bottom - box->top) / 48), 1), data->series[0].format);
	lines.scale.from = box->bottom;
	lines.scale.to = box->top;
	box->left = CHART_MARGIN + chart_ticks_width(chart, &lines.scale) + 8;
	box->right = chart->options.width - 28;
	chart_value_axis(chart, &lines.scale, box, false);
	if (lines.numeric)
		line_scale_labels(&lines);
	if (!lines.numeric)
		chart_label_axis(chart, box, data->labels, data->nlabels, false);
	else if (data->label_type == CHART_TIME)
		chart_time_axis(chart, &lines.labels, box);
	else
		line_number_axis(&lines);

	for (s = 0; s < data->nseries; s++)
	{
		double		radius = data->nlabels <= 60 ? 3.5 : data->nlabels <= 300 ? 2.5 : 1.5;

		svg_put(&chart->out, "<g class='series'>\n");
		if (lines.lower >= 0)
			line_put_band(&lines, s);
		line_put_path(&lines, s);
		svg_put(&chart->out, "<g class='j%d'>\n", s % CHART_COLORS + 1);
		for (i = 0; i < data->nlabels; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (line_has(&lines, s, i))
				svg_put(&chart->out, "<circle class='mark' cx='%n' cy='%n' r='%n'><title>%t</title></circle>\n",
						line_x(&lines, i), chart_scaled(&lines.scale, data->series[s].values[i]), radius,
						line_tooltip(&lines, s, i));
		}
		svg_put(&chart->out, "</g></g>\n");
	}
	return chart_close(chart);
}

text *
chart_draw_line(Chart *chart)
{
	return lines_draw(chart, false);
}

/* A survival curve, for example. */
text *
chart_draw_step(Chart *chart)
{
	return lines_draw(chart, true);
}
