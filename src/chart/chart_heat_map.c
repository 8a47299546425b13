/*-------------------------------------------------------------------------
 *
 * chart_heat_map.c
 *		Heat maps: labels down, series across, shades for values.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/chart.h"
#include "miscadmin.h"

#define INVERSE_FROM	7		/* shades on which text has the colour of the
								 * background */

text *
chart_draw_heat_map(Chart *chart)
{
	ChartData  *data = chart_data(chart);
	double		height = chart->options.height;
	double		top = chart_legend_height(chart, NULL, 0);
	double		range = data->most - data->least;
	double		widest = 30;
	double		left;
	double		cell_width;
	double		cell_height;
	bool		numbers;
	int			every;
	int			i;
	int			s;

	if (height == 0)
		height = top + 20 + Min(Max(data->nlabels * 26.0, 26), 9000) + 12 + (chart->options.label_title != NULL ? 18 : 0);
	top = chart_open(chart, height, NULL, 0) + 16 + (chart->options.label_title != NULL ? 18 : 0);
	for (i = 0; i < data->nlabels; i++)
		widest = Max(widest, svg_text_width(data->labels[i], SVG_TEXT_SIZE));
	widest = Min(widest, chart->options.width * 0.35);
	left = CHART_MARGIN + widest + 8;
	cell_width = (chart->options.width - CHART_MARGIN - left) / Max(data->nseries, 1);
	cell_height = Max(height - top - 12, 1) / Max(data->nlabels, 1);

	/* names of the columns, so that they do not meet, and of the rows */
	widest = 0;
	for (s = 0; s < data->nseries; s++)
		widest = Max(widest, svg_text_width(data->series[s].name, SVG_SMALL_SIZE));
	every = (int) Max(ceil((Min(widest, Max(cell_width - 6, 90)) + 6) / cell_width - 1e-9), 1);
	svg_put(&chart->out, "<g class='axis'>\n");
	if (chart->options.label_title != NULL)
		svg_text(&chart->out, left, top - 24, SVG_START, SVG_SMALL_SIZE, chart->options.width - left, "class='jm'",
				 chart->options.label_title);
	for (s = 0; s < data->nseries; s += every)
		svg_text(&chart->out, left + (s + 0.5) * cell_width, top - 6, SVG_MIDDLE, SVG_SMALL_SIZE, cell_width * every - 2,
				 "class='jm'", data->series[s].name);
	for (i = 0; i < data->nlabels; i += (int) Max(ceil(13 / cell_height), 1))
		svg_text(&chart->out, left - 8, top + (i + 0.5) * cell_height + 4, SVG_END, SVG_TEXT_SIZE,
				 left - 8 - CHART_MARGIN + 1, NULL, data->labels[i]);
	svg_put(&chart->out, "</g>\n");

	/* numbers, if all of them fit */
	numbers = chart->options.numbers != 0 && cell_height >= 14;
	for (s = 0; s < data->nseries && numbers; s++)
	{
		for (i = 0; i < data->nlabels; i++)
			numbers = numbers && (!isfinite(data->series[s].values[i]) ||
								  svg_text_width(chart_number(chart, data->series[s].format, data->series[s].values[i]), SVG_SMALL_SIZE) <= cell_width);
	}

	for (i = 0; i < data->nlabels; i++)
	{
		svg_put(&chart->out, "<g>\n");
		for (s = 0; s < data->nseries; s++)
		{
			const ChartSeries *one = &data->series[s];
			double		value = one->values[i];
			double		x = left + s * cell_width;
			double		y = top + i * cell_height;
			double		gap = cell_width > 6 && cell_height > 6 ? 1 : 0;
			char	   *number;
			int			shade;

			CHECK_FOR_INTERRUPTS();
			if (!isfinite(value))
				continue;
			shade = !(range > 0) ? 0 : (int) Min(floor((value - data->least) / range * CHART_SHADES), CHART_SHADES - 1);
			number = chart_number(chart, one->format, value);
			svg_put(&chart->out, "<rect class='mark jh%d' x='%n' y='%n' width='%n' height='%n'><title>%t</title></rect>\n",
					shade, x, y, cell_width - gap, cell_height - gap, chart_tooltip(chart, data, s, i));
			if (one->incomplete[i])
				svg_put(&chart->out, "<rect fill='url(#%s-h)' pointer-events='none' x='%n' y='%n' width='%n' height='%n'/>\n",
						chart->id, x, y, cell_width - gap, cell_height - gap);
			/* nothing yet is no number */
			if ((numbers && (value != 0 || !one->incomplete[i])) || chart->options.numbers == 1)
				svg_text(&chart->out, x + (cell_width - gap) / 2, y + cell_height / 2 + 4, SVG_MIDDLE, SVG_SMALL_SIZE, cell_width,
						 shade >= INVERSE_FROM ? "class='jb' pointer-events='none'" : "pointer-events='none'", number);
		}
		svg_put(&chart->out, "</g>\n");
	}
	return chart_close(chart);
}
