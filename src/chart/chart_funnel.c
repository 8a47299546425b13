/*-------------------------------------------------------------------------
 *
 * chart_funnel.c
 *		Funnels: a bar for each step, what is lost above it, and between two
 *		bars the share that goes on and how long that takes.
 *
 * With a column of groups, the bars of the groups stand side by side and show
 * the share of step 1, because groups differ in size.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/chart.h"
#include "miscadmin.h"

/* The share of one number in another; NaN if there is none. */
static double
share_of(double part, double whole)
{
	return whole > 0 && isfinite(part) ? part / whole : NAN;
}

/* A duration in its largest unit. */
static char *
funnel_short_time(const Chart *chart, double seconds)
{
	double		unit = seconds >= 86400 ? 86400 : seconds >= 3600 ? 3600 : seconds >= 60 ? 60 : 1;

	return chart_duration(chart, rint(seconds / unit) * unit);
}

/* What a bar says. */
static char *
funnel_tooltip(const Chart *chart, const ChartData *data, int s, int i, int median)
{
	const ChartSeries *one = &data->series[s];
	double		time = median >= 0 && one->rows[i] >= 0 ? chart_cell(chart, one->rows[i], median)->number : NAN;
	char	   *users = chart_number(chart, CHART_AS_NUMBER, one->values[i]);
	double		share = share_of(one->values[i], one->values[0]);

	return psprintf("%s%s%s: %s %s%s%s%s%s", data->labels[i], data->series_column ? ", " : "", data->series_column ? one->name : "",
					users, chart_word(chart, data->value_name == NULL ? "users" : data->value_name), isnan(share) ? "" : " (",
					isnan(share) ? "" : chart_number(chart, CHART_AS_PERCENT, share), isnan(share) ? "" : ")",
					isfinite(time) ? psprintf(", %s %s", chart_word(chart, "median_time"), chart_duration(chart, time)) : "");
}

text *
chart_draw_funnel(Chart *chart)
{
	static char *users[] = {"users"};
	ChartOptions *options = &chart->options;
	ChartData  *data;
	const char *const *names;
	int			nnames;
	int			median = chart_find_column(chart, "median_time");
	int			dropped = chart_find_column(chart, "dropped_off");
	double		height;
	ChartScale	scale;
	ChartBox	box;
	double		band;
	double		thick;
	double		gap;			/* between two steps */
	bool		groups;
	int			s;
	int			i;

	if (options->label == NULL && chart_find_column(chart, "step") >= 0)
		options->label = "step";
	if (options->series == NULL && options->label != NULL && chart_find_column(chart, "breakdown") >= 0)
		options->series = "breakdown";
	if (options->nvalues == 0 && chart_find_column(chart, "users") >= 0)
	{
		options->nvalues = 1;
		options->values = users;
	}
	data = chart_data(chart);
	groups = data->series_column;
	if (!groups)
		data->nseries = 1;
	names = chart_series_names(data);
	nnames = groups ? data->nseries : 0;
	height = options->height > 0 ? options->height : 320 + chart_legend_height(chart, names, nnames);
	box.top = chart_open(chart, height, names, nnames) + (groups ? 32 : 46);
	box.bottom = Max(height - (options->label_title != NULL ? 46 : 30), box.top + 10);
	chart_nice_scale(&scale, 0, groups ? 1 : data->most, Max((int) ((box.bottom - box.top) / 48), 1),
					 groups ? CHART_AS_PERCENT : data->series[0].format);
	scale.from = box.bottom;
	scale.to = box.top;
	box.left = CHART_MARGIN + chart_ticks_width(chart, &scale) + 8;
	box.right = options->width - CHART_MARGIN;
	if (options->value_title == NULL)
		options->value_title = unconstify(char *, chart_word(chart, groups ? "conversion_rate" : "users"));
	if (!groups)
	{
		/* above the numbers of the bars */
		svg_text(&chart->out, box.left - 6, box.top - 36, SVG_START, SVG_SMALL_SIZE, box.right - box.left, "class='jm'",
				 options->value_title);
		options->value_title = NULL;
	}
	chart_value_axis(chart, &scale, &box, false);
	chart_label_axis(chart, &box, data->labels, data->nlabels, false);
	band = (box.right - box.left) / Max(data->nlabels, 1);
	gap = band * 0.56 - 4;
	thick = band * (groups ? 0.76 : 0.44) / data->nseries;

	for (s = 0; s < data->nseries; s++)
	{
		const ChartSeries *one = &data->series[s];

		svg_put(&chart->out, "<g class='j%d'>\n", s % CHART_COLORS + 1);
		for (i = 0; i < data->nlabels; i++)
		{
			double		value = groups ? share_of(one->values[i], one->values[0]) : one->values[i];
			double		x = box.left + (i + 0.5) * band + (s - data->nseries / 2.0) * thick;
			double		y = chart_scaled(&scale, value);
			double		width = thick > 4 ? thick - 1 : thick;
			char	   *number;

			CHECK_FOR_INTERRUPTS();
			if (!isfinite(value))
				continue;
			svg_put(&chart->out, "<rect class='mark' x='%n' y='%n' width='%n' height='%n'><title>%t</title></rect>\n",
					x, y, width, box.bottom - y, funnel_tooltip(chart, data, s, i, median));
			/* where the number is hidden, the rows have NULL */
			if (!groups && i > 0 && one->values[i - 1] > value &&
				(dropped < 0 || one->rows[i - 1] < 0 || isfinite(chart_cell(chart, one->rows[i - 1], dropped)->number)))
			{
				double		before = chart_scaled(&scale, one->values[i - 1]);

				svg_put(&chart->out, "<rect class='lost' fill-opacity='.18' x='%n' y='%n' width='%n' height='%n'><title>%t: %t</title></rect>\n",
						x, before, width, y - before, chart_word(chart, "dropped_off"),
						chart_number(chart, CHART_AS_NUMBER, one->values[i - 1] - value));
			}
			number = groups ? chart_number(chart, CHART_AS_PERCENT, value)
				: chart_number(chart, one->format, value);
			if (options->numbers != 0 && svg_text_width(number, SVG_SMALL_SIZE) <= (groups ? thick + 2 : band))
			{
				double		over = !groups && i > 0 && one->values[i - 1] > value ? chart_scaled(&scale, one->values[i - 1]) : y;

				svg_text(&chart->out, x + width / 2, over - (groups ? 4 : 18), SVG_MIDDLE, groups ? SVG_SMALL_SIZE : SVG_TEXT_SIZE, band,
						 groups ? "class='jm'" : "font-weight='600'", number);
				if (!groups && !isnan(share_of(value, one->values[0])))
					svg_text(&chart->out, x + width / 2, over - 4, SVG_MIDDLE, SVG_SMALL_SIZE, band, "class='jm'",
							 chart_number(chart, CHART_AS_PERCENT, share_of(value, one->values[0])));
			}
		}
		svg_put(&chart->out, "</g>\n");
	}

	/*
	 * between two steps of a single funnel: who goes on, and how long it
	 * takes
	 */
	for (i = 1; !groups && i < data->nlabels && band >= 90; i++)
	{
		const ChartSeries *one = &data->series[0];
		double		share = share_of(one->values[i], one->values[i - 1]);
		double		x = box.left + i * band;
		double		y = box.bottom - 26;
		char	   *time;

		if (isnan(share))
			continue;
		svg_text(&chart->out, x, y, SVG_MIDDLE, SVG_SMALL_SIZE, gap, "font-weight='600'",
				 chart_number(chart, CHART_AS_PERCENT, share));
		svg_put(&chart->out, "<path class='ja' fill='none' d='M%n %nh16m-4 -4l4 4l-4 4'/>", x - 8, y + 7);
		if (median < 0 || one->rows[i] < 0 || !isfinite(chart_cell(chart, one->rows[i], median)->number))
			continue;
		time = chart_duration(chart, chart_cell(chart, one->rows[i], median)->number);
		if (svg_text_width(time, SVG_SMALL_SIZE) > gap)
			time = funnel_short_time(chart, chart_cell(chart, one->rows[i], median)->number);
		if (svg_text_width(time, SVG_SMALL_SIZE) <= gap)
			svg_text(&chart->out, x, y + 22, SVG_MIDDLE, SVG_SMALL_SIZE, gap, "class='jm'", time);
	}
	return chart_close(chart);
}
