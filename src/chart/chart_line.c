/*-------------------------------------------------------------------------
 *
 * chart_line.c
 *		Lines: a line for each series, over times, numbers or labels.
 *
 * The way to a point that is not complete is dashed.  A column that is named
 * like the one before it and _before has the colour of that one, dashed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/chart.h"
#include "miscadmin.h"

/* Where the labels are. */
static void
line_scale_labels(const ChartData *data, ChartScale *scale, const ChartBox *box)
{
	int			i;

	memset(scale, 0, sizeof(ChartScale));
	scale->from = box->left;
	scale->to = box->right;
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
		/* one label, or none: in the middle of two days, or of 2 */
		double		middle = isfinite(scale->low) ? scale->low : 0;
		double		around = data->label_type == CHART_TIME ? 86400 : Max(fabs(middle), 1);

		scale->low = middle - around;
		scale->high = middle + around;
	}
}

/* Has this series the colour of the one before? */
static bool
line_is_before(const ChartData *data, int series)
{
	const char *name = data->series[series].name;
	size_t		length = strlen(name);

	return series > 0 && !data->series_column && length > 7 &&
		(strcmp(name + length - 7, "_before") == 0 || strcmp(name + length - 7, " before") == 0);
}

text *
chart_draw_line(Chart *chart)
{
	ChartData  *data = chart_data(chart);
	const char *const *names = chart_series_names(data);
	bool		legend = data->nseries > 1 || data->series_column;
	int			nnames = legend ? data->nseries : 0;
	double		height = chart->options.height > 0 ? chart->options.height
		: 300 + chart_legend_height(chart, names, nnames);
	bool		numeric = data->at != NULL && data->label_type != CHART_DURATION && chart->options.nnames == 0;
	ChartScale	scale;
	ChartScale	labels = {0};
	ChartBox	box;
	int			s;
	int			i;
	int			color = 0;

	if (chart->options.value_title == NULL && data->value_name != NULL)
		chart->options.value_title = unconstify(char *, chart_word(chart, data->value_name));
	box.top = chart_open(chart, height, names, nnames) + (chart->options.value_title != NULL ? 20 : 6);
	box.bottom = Max(height - (chart->options.label_title != NULL ? 46 : 30), box.top + 10);
	chart_nice_scale(&scale, data->least, data->most, Max((int) ((box.bottom - box.top) / 48), 1), data->series[0].format);
	scale.from = box.bottom;
	scale.to = box.top;
	box.left = CHART_MARGIN + chart_ticks_width(chart, &scale) + 8;
	box.right = chart->options.width - 28;
	chart_value_axis(chart, &scale, &box, false);
	if (numeric)
		line_scale_labels(data, &labels, &box);
	if (numeric && data->label_type == CHART_TIME)
		chart_time_axis(chart, &labels, &box);
	else if (numeric)
	{
		/* round numbers between the first and the last */
		double		low = labels.low;
		double		high = labels.high;
		double		step;
		double		at;

		chart_nice_scale(&labels, low, high, Max((int) ((box.right - box.left) / 80), 1), CHART_AS_NUMBER);
		step = labels.step;
		if (data->nlabels > 1 && floor(low) == low && floor(high) == high)
			step = Max(step, 1);
		labels.low = low;
		labels.high = high;
		for (at = ceil(low / step - 1e-9) * step; at <= high + step * 1e-6; at += step)
			svg_text(&chart->out, chart_scaled(&labels, at), box.bottom + 16, SVG_MIDDLE, SVG_SMALL_SIZE, 100,
					 "class='jm'", chart_tick(chart, CHART_AS_NUMBER, fabs(at) < step / 1e6 ? 0 : at, step));
		if (chart->options.label_title != NULL)
			svg_text(&chart->out, (box.left + box.right) / 2, box.bottom + 33, SVG_MIDDLE, SVG_SMALL_SIZE,
					 box.right - box.left, "class='jm'", chart->options.label_title);
	}
	else
		chart_label_axis(chart, &box, data->labels, data->nlabels, false);

	for (s = 0; s < data->nseries; s++)
	{
		const ChartSeries *one = &data->series[s];
		bool		before = line_is_before(data, s);
		bool		dashed = false;
		bool		open = false;
		int			last = -1;
		double		x[2] = {0};
		double		y[2] = {0};

		color = s % CHART_COLORS + 1;
		svg_put(&chart->out, "<g class='series'>\n");
		/* paths: solid and dashed stretches */
		for (i = 0; i < data->nlabels; i++)
		{
			bool		dash;

			CHECK_FOR_INTERRUPTS();
			if (!isfinite(one->values[i]) || (numeric && !isfinite(data->at[i])))
			{
				last = -1;
				continue;
			}
			x[1] = numeric ? chart_scaled(&labels, data->at[i])
				: box.left + (i + 0.5) * (box.right - box.left) / data->nlabels;
			y[1] = chart_scaled(&scale, one->values[i]);
			dash = before || one->incomplete[i];
			if (last >= 0)
			{
				if (!open || dash != dashed || last != i - 1)
				{
					if (open)
						svg_put(&chart->out, "'/>\n");
					svg_put(&chart->out, "<path class='jl jl%d'%s d='M%n %n", color, dash ? " stroke-dasharray='4 4'" : "", x[0], y[0]);
					open = true;
					dashed = dash;
				}
				svg_put(&chart->out, "L%n %n", x[1], y[1]);
			}
			else if (open)
			{
				svg_put(&chart->out, "'/>\n");
				open = false;
			}
			x[0] = x[1];
			y[0] = y[1];
			last = i;
		}
		if (open)
			svg_put(&chart->out, "'/>\n");
		svg_put(&chart->out, "<g class='j%d'>\n", color);
		for (i = 0; i < data->nlabels; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (!isfinite(one->values[i]) || (numeric && !isfinite(data->at[i])))
				continue;
			svg_put(&chart->out, "<circle class='mark' cx='%n' cy='%n' r='%n'><title>%t</title></circle>\n",
					numeric ? chart_scaled(&labels, data->at[i])
					: box.left + (i + 0.5) * (box.right - box.left) / data->nlabels,
					chart_scaled(&scale, one->values[i]), data->nlabels <= 60 ? 3.5 : data->nlabels <= 300 ? 2.5 : 1.5,
					chart_tooltip(chart, data, s, i));
		}
		svg_put(&chart->out, "</g></g>\n");
	}
	return chart_close(chart);
}
