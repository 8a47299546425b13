/*-------------------------------------------------------------------------
 *
 * chart_bar.c
 *		Bars: side by side, stacked, or of ranges of numbers.
 *
 * Bars lie if their labels are texts too long for bars that stand.  In a
 * stack, positive values go up from zero and negative ones down.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/chart.h"
#include "miscadmin.h"

/* What a chart of bars is made of. */
typedef struct Bars
{
	Chart	   *chart;
	ChartData  *data;
	bool		stacked;
	bool		lying;
	ChartScale	scale;
	ChartBox	box;
	double		band;			/* pixels of a label */
} Bars;

/* The least and greatest sums of a stack. */
static void
bars_range(Bars *bars, double *low, double *high)
{
	ChartData  *data = bars->data;
	int			i;
	int			s;

	*low = data->least;
	*high = data->most;
	if (!bars->stacked)
		return;
	for (i = 0; i < data->nlabels; i++)
	{
		double		below = 0;
		double		above = 0;

		for (s = 0; s < data->nseries; s++)
		{
			double		value = data->series[s].values[i];

			if (isfinite(value))
				*(value < 0 ? &below : &above) += value;
		}
		*low = Min(*low, below);
		*high = Max(*high, above);
	}
}

/* Should the bars lie? */
static bool
bars_lie(const Bars *bars)
{
	const ChartOptions *options = &bars->chart->options;
	double		room = (options->width - 80.0) / Max(bars->data->nlabels, 1) - 6;
	int			i;

	if (options->horizontal >= 0)
		return options->horizontal == 1;
	if (bars->stacked || bars->data->label_type != CHART_TEXT || bars->data->nlabels > 100)
		return false;
	for (i = 0; i < bars->data->nlabels; i++)
	{
		if (svg_text_width(bars->data->labels[i], SVG_SMALL_SIZE) > room)
			return true;
	}
	return false;
}

/* A bar from one value to another, in the place of a series of a label. */
static void
bars_put(const Bars *bars, int s, int label, double from, double to, bool hatched)
{
	StringInfo	out = &bars->chart->out;
	int			parts = bars->stacked ? 1 : bars->data->nseries;
	double		thick = bars->band * (bars->band > 6 ? 0.76 : 0.94) / parts;
	double		at = (bars->lying ? bars->box.top : bars->box.left) + (label + 0.5) * bars->band +
		((bars->stacked ? 0 : s) - parts / 2.0) * thick;
	double		a = chart_scaled(&bars->scale, from);
	double		b = chart_scaled(&bars->scale, to);
	double		drawn = thick > 4 ? thick - 1 : thick;

	if (bars->lying)
		svg_put(out, "<rect x='%n' y='%n' width='%n' height='%n'", Min(a, b), at, fabs(b - a), drawn);
	else
		svg_put(out, "<rect x='%n' y='%n' width='%n' height='%n'", at, Min(a, b), drawn, fabs(b - a));
	if (hatched)
		svg_put(out, " style='fill:url(#%s-b)' pointer-events='none'/>\n", bars->chart->id);
	else
		svg_put(out, " class='mark'><title>%t</title></rect>\n", chart_tooltip(bars->chart, bars->data, s, label));
}

/* Are there numbers at the bars?  If all of them fit. */
static bool
bars_have_numbers(const Bars *bars)
{
	double		thick = bars->band * 0.76 / bars->data->nseries;
	int			s;
	int			i;

	if (bars->stacked || bars->data->nlabels > 1000 || bars->chart->options.numbers >= 0)
		return !bars->stacked && bars->chart->options.numbers == 1;
	if (bars->lying)
		return thick >= 12;
	for (s = 0; s < bars->data->nseries; s++)
	{
		for (i = 0; i < bars->data->nlabels; i++)
		{
			double		value = bars->data->series[s].values[i];

			if (isfinite(value) &&
				svg_text_width(chart_number(bars->chart, bars->data->series[s].format, value), SVG_SMALL_SIZE) > thick)
				return false;
		}
	}
	return true;
}

/* The number of a bar beyond its end. */
static void
bars_put_number(const Bars *bars, int s, int label, double value)
{
	int			parts = bars->data->nseries;
	double		thick = bars->band * 0.76 / parts;
	char	   *number = chart_number(bars->chart, bars->data->series[s].format, value);
	double		width = svg_text_width(number, SVG_SMALL_SIZE) + 2;
	double		at = (bars->lying ? bars->box.top : bars->box.left) + (label + 0.5) * bars->band + (s + 0.5 - parts / 2.0) * thick;
	double		end = chart_scaled(&bars->scale, value);

	if (bars->lying)
		svg_text(&bars->chart->out, value < 0 ? end - 4 : end + 4, at + 3.5, value < 0 ? SVG_END : SVG_START,
				 SVG_SMALL_SIZE, width, "class='jm'", number);
	else
		svg_text(&bars->chart->out, at, value < 0 ? end + 13 : end - 4, SVG_MIDDLE, SVG_SMALL_SIZE, width,
				 "class='jm'", number);
}

/* The room for the numbers beyond the ends of lying bars. */
static double
bars_numbers_width(const Bars *bars)
{
	double		width = 0;
	int			s;
	int			i;

	if (bars->stacked || bars->chart->options.numbers == 0)
		return 0;
	for (s = 0; s < bars->data->nseries; s++)
	{
		for (i = 0; i < bars->data->nlabels; i++)
		{
			double		value = bars->data->series[s].values[i];

			if (isfinite(value))
				width = Max(width, svg_text_width(chart_number(bars->chart, bars->data->series[s].format, value), SVG_SMALL_SIZE));
		}
	}
	return Min(width + 6, 120);
}

static void
bars_put_marks(Bars *bars)
{
	ChartData  *data = bars->data;
	double	   *above = palloc0(data->nlabels * sizeof(double));
	double	   *below = palloc0(data->nlabels * sizeof(double));
	int			s;
	int			i;

	for (s = 0; s < data->nseries; s++)
	{
		const ChartSeries *one = &data->series[s];

		svg_put(&bars->chart->out, "<g class='j%d'>\n", s % CHART_COLORS + 1);
		for (i = 0; i < data->nlabels; i++)
		{
			double		value = one->values[i];
			double		from = 0;
			double	   *sum = value < 0 ? &below[i] : &above[i];

			CHECK_FOR_INTERRUPTS();
			if (!isfinite(value))
				continue;
			if (bars->stacked)
			{
				from = *sum;
				*sum += value;
			}
			bars_put(bars, s, i, from, bars->stacked ? *sum : value, false);
			if (one->incomplete[i])
				bars_put(bars, s, i, from, bars->stacked ? *sum : value, true);
		}
		svg_put(&bars->chart->out, "</g>\n");
	}
	if (!bars_have_numbers(bars))
		return;
	for (s = 0; s < data->nseries; s++)
	{
		for (i = 0; i < data->nlabels; i++)
		{
			if (isfinite(data->series[s].values[i]))
				bars_put_number(bars, s, i, data->series[s].values[i]);
		}
	}
}

/* With edges, the bars are ranges, and the edges stand at their left. */
static text *
bars_draw(Chart *chart, ChartData *data, bool stacked, char **edges)
{
	Bars		bars = {.chart = chart,.data = data,.stacked = stacked};
	const char *const *names = chart_series_names(data);
	int			nnames = data->nseries > 1 || data->series_column ? data->nseries : 0;
	double		height = chart->options.height;
	double		low;
	double		high;
	int			i;

	bars.lying = bars_lie(&bars);
	bars_range(&bars, &low, &high);
	if (chart->options.value_title == NULL && data->value_name != NULL)
		chart->options.value_title = unconstify(char *, chart_word(chart, data->value_name));
	if (height == 0)
	{
		double		each = Max(26.0, 8 + 16.0 * (stacked ? 1 : data->nseries));

		height = chart_legend_height(chart, names, nnames) +
			(bars.lying ? Min(data->nlabels * each, 9000) + 54 : 300);
	}
	bars.box.top = chart_open(chart, height, names, nnames) + (!bars.lying && chart->options.value_title != NULL ? 30 : 16);
	if (bars.lying)
	{
		double		widest = 40;

		for (i = 0; i < data->nlabels; i++)
			widest = Max(widest, svg_text_width(data->labels[i], SVG_TEXT_SIZE));
		widest = Min(widest, chart->options.width * 0.35);
		/* numbers of negative bars stand at their left */
		bars.box.left = CHART_MARGIN + widest + 8 + (low < 0 ? bars_numbers_width(&bars) : 0);
		bars.box.right = chart->options.width - CHART_MARGIN - 8 - bars_numbers_width(&bars);
		bars.box.bottom = Max(height - 44, bars.box.top + 10);
		chart_nice_scale(&bars.scale, low, high, Max((int) ((bars.box.right - bars.box.left) / 90), 1), data->series[0].format);
		bars.scale.from = bars.box.left;
		bars.scale.to = bars.box.right;
		chart_value_axis(chart, &bars.scale, &bars.box, true);
		bars.band = (bars.box.bottom - bars.box.top) / Max(data->nlabels, 1);
		for (i = 0; i < data->nlabels; i += (int) Max(ceil(13 / bars.band), 1))
			svg_text(&chart->out, CHART_MARGIN + widest, bars.box.top + (i + 0.5) * bars.band + 4, SVG_END, SVG_TEXT_SIZE,
					 widest + 1, NULL, data->labels[i]);
	}
	else
	{
		bars.box.bottom = Max(height - (chart->options.label_title != NULL ? 46 : 30), bars.box.top + 10);
		chart_nice_scale(&bars.scale, low, high, Max((int) ((bars.box.bottom - bars.box.top) / 48), 1), data->series[0].format);
		bars.scale.from = bars.box.bottom;
		bars.scale.to = bars.box.top;
		bars.box.left = CHART_MARGIN + chart_ticks_width(chart, &bars.scale) + 8;
		bars.box.right = chart->options.width - CHART_MARGIN;
		chart_value_axis(chart, &bars.scale, &bars.box, false);
		bars.band = (bars.box.right - bars.box.left) / Max(data->nlabels, 1);
		chart_label_axis(chart, &bars.box, edges == NULL ? data->labels : edges, data->nlabels, edges != NULL);
	}
	bars_put_marks(&bars);
	return chart_close(chart);
}

text *
chart_draw_bar(Chart *chart)
{
	return bars_draw(chart, chart_data(chart), false, NULL);
}

text *
chart_draw_stacked(Chart *chart)
{
	return bars_draw(chart, chart_data(chart), true, NULL);
}

/* A bound of a range, such as "10" or "5 min". */
static char *
histogram_bound(const Chart *chart, int row, int column)
{
	return chart_tick(chart, chart->rows->columns[column].format, chart_cell(chart, row, column)->number, 0);
}

/*
 * A bar for each range, from lower to upper: numbers or times.  The number of
 * users, or else the first other number, is its height.
 */
text *
chart_draw_histogram(Chart *chart)
{
	static char *usual[] = {"users", "count"};
	ChartOptions *options = &chart->options;
	const ChartRows *rows = chart->rows;
	int			lower = chart_need_column(chart, "lower", true);
	int			upper = chart_need_column(chart, "upper", true);
	ChartData  *data;
	bool		whole = rows->columns[lower].type == CHART_NUMBER;
	int		   *row_of;
	char	  **edges;
	int			i;
	int			s;

	options->label = "lower";
	for (i = 0; i < (int) lengthof(usual) && options->nvalues == 0; i++)
	{
		if (chart_find_column(chart, usual[i]) >= 0)
		{
			options->nvalues = 1;
			options->values = &usual[i];
		}
	}
	for (i = 0; i < rows->ncolumns && options->nvalues == 0; i++)
	{
		if (i != lower && i != upper && (rows->columns[i].type == CHART_NUMBER || rows->columns[i].type == CHART_DURATION))
		{
			options->nvalues = 1;
			options->values = &rows->columns[i].name;
		}
	}
	data = chart_data(chart);
	row_of = palloc(data->nlabels * sizeof(int));
	edges = palloc(data->nlabels * sizeof(char *));
	for (i = 0; i < data->nlabels; i++)
	{
		const ChartCell *from;
		const ChartCell *to;

		row_of[i] = -1;
		for (s = 0; s < data->nseries && row_of[i] < 0; s++)
			row_of[i] = data->series[s].rows[i];
		from = chart_cell(chart, row_of[i], lower);
		to = chart_cell(chart, row_of[i], upper);
		/* 3 to 4, not including 4, is 3 */
		if (isfinite(from->number) && (from->number != floor(from->number) || (to->text != NULL && to->number != from->number + 1)))
			whole = false;
	}
	/* tooltips and, of whole numbers, labels in the middle */
	for (i = 0; i < data->nlabels; i++)
	{
		const ChartCell *to = chart_cell(chart, row_of[i], upper);
		double		low = chart_cell(chart, row_of[i], lower)->number;
		char	   *from = edges[i] = isfinite(low) ? histogram_bound(chart, row_of[i], lower) : "";

		if (i >= options->nnames)
			data->labels[i] = !isfinite(low) ? psprintf("< %s", histogram_bound(chart, row_of[i], upper))
				: to->text == NULL ? psprintf("%s+", from)
				: whole ? from : psprintf("%s - %s", from, histogram_bound(chart, row_of[i], upper));
	}
	return bars_draw(chart, data, false, whole || options->nnames > 0 ? NULL : edges);
}
