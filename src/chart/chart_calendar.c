/*-------------------------------------------------------------------------
 *
 * chart_calendar.c
 *		Calendars: a cell for each day, weeks across, a block for each year.
 *
 * A day whose column "gap" is 1 has a frame.  Of columns lower and
 * upper the tooltip says what was expected.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/chart.h"
#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#define MAX_YEARS		20
#define YEAR_GAP		26		/* pixels between two blocks, for months */

/* The Monday of the week of a day, as a Julian date. */
static int
calendar_monday(int day)
{
	return day - (j2day(day) + 6) % 7;
}

static int
calendar_year(int day)
{
	int			year;
	int			month;
	int			of_month;

	j2date(day, &year, &month, &of_month);
	return year;
}

/* What the tooltip says of a day beside its value. */
static const char *
calendar_more(const Chart *chart, ChartFormat format, int row, int lower, int upper, bool gap)
{
	const char *word = gap ? psprintf(", %s", chart_word(chart, "gap")) : "";

	if (lower < 0 || upper < 0 || !isfinite(chart_cell(chart, row, lower)->number) || !isfinite(chart_cell(chart, row, upper)->number))
		return word;
	return psprintf(" (%s - %s)%s", chart_number(chart, format, chart_cell(chart, row, lower)->number),
					chart_number(chart, format, chart_cell(chart, row, upper)->number), word);
}

text *
chart_draw_calendar(Chart *chart)
{
	static const char *const days[] = {"Monday", "Wednesday", "Friday"};
	ChartData  *data = chart_data(chart);
	const ChartSeries *one = &data->series[0];
	StringInfo	out = &chart->out;
	double		range = data->most - data->least;
	double		height;
	double		top;
	double		left = CHART_MARGIN;
	double		cell;
	int			first = PG_INT32_MAX;
	int			last = PG_INT32_MIN;
	int			lower = chart_find_column(chart, "lower");
	int			upper = chart_find_column(chart, "upper");
	int			gap = chart_find_column(chart, "gap");
	int			i;

	if (data->label_type != CHART_TIME)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("labels of a chart of kind \"calendar\" must be dates"),
				 errhint("Select a column of type date, and a number.")));
	for (i = 0; i < data->nlabels; i++)
	{
		if (!isfinite(data->at[i]))
			continue;
		first = Min(first, calendar_year((int) floor(data->at[i] / 86400) + POSTGRES_EPOCH_JDATE));
		last = Max(last, calendar_year((int) floor(data->at[i] / 86400) + POSTGRES_EPOCH_JDATE));
	}
	if (first > last)
		return chart_nothing(chart);
	if (last - first >= MAX_YEARS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a calendar has the years %d to %d, more than %d", first, last, MAX_YEARS),
				 errhint("Leave out rows whose dates are wrong, or select fewer years.")));
	for (i = 0; i < 3; i++)
		left = Max(left, CHART_MARGIN + svg_text_width(chart_word(chart, days[i]), SVG_SMALL_SIZE) + 8);
	left = Max(left, CHART_MARGIN + svg_text_width("0000", SVG_SMALL_SIZE) + 8);
	cell = (chart->options.width - CHART_MARGIN - left) / 54;
	height = chart_legend_height(chart, NULL, 0) + (last - first + 1) * (7 * cell + YEAR_GAP) + CHART_MARGIN;
	top = chart_open(chart, height, NULL, 0);

	/* names of years, months and weekdays */
	for (i = first; i <= last; i++)
	{
		double		y = top + (i - first) * (7 * cell + YEAR_GAP) + YEAR_GAP - 8;
		int			monday = calendar_monday(date2j(i, 1, 1));
		int			month;
		int			day;

		svg_put(out, "<g class='axis'>\n");
		svg_text(out, left - 8, y, SVG_END, SVG_SMALL_SIZE, left, "font-weight='600'", psprintf("%d", i));
		for (month = 1; month <= 12; month++)
			svg_text(out, left + (calendar_monday(date2j(i, month, 1) + 6) - monday) / 7 * cell, y, SVG_START, SVG_SMALL_SIZE,
					 4 * cell, "class='jm'", psprintf("%02d", month));
		for (day = 0; day < 3; day += 2 * cell < 12 ? 2 : 1)
			svg_text(out, left - 8, y + 8 + (2 * day + 0.5) * cell + 4, SVG_END, SVG_SMALL_SIZE, left, "class='jm'",
					 chart_word(chart, days[day]));
		svg_put(out, "</g>\n");
	}
	svg_put(out, "<g>\n");
	for (i = 0; i < data->nlabels; i++)
	{
		int			day;
		int			year;
		double		x;
		double		y;
		bool		gaping;

		CHECK_FOR_INTERRUPTS();
		if (!isfinite(data->at[i]) || !isfinite(one->values[i]))
			continue;
		day = (int) floor(data->at[i] / 86400) + POSTGRES_EPOCH_JDATE;
		year = calendar_year(day);
		x = left + (calendar_monday(day) - calendar_monday(date2j(year, 1, 1))) / 7 * cell;
		y = top + (year - first) * (7 * cell + YEAR_GAP) + YEAR_GAP + (day - calendar_monday(day)) * cell;
		gaping = gap >= 0 && chart_cell(chart, one->rows[i], gap)->number == 1;
		svg_put(out, "<rect class='mark jh%d' x='%n' y='%n' width='%n' height='%n'><title>%t%t</title></rect>\n",
				!(range > 0) ? 0 : (int) Min(floor((one->values[i] - data->least) / range * CHART_SHADES), CHART_SHADES - 1),
				x, y, cell - 1, cell - 1, chart_tooltip(chart, data, 0, i), calendar_more(chart, one->format, one->rows[i], lower, upper, gaping));
		if (one->incomplete[i])
			svg_put(out, "<rect style='fill:url(#%s-h)' pointer-events='none' x='%n' y='%n' width='%n' height='%n'/>\n",
					chart->id, x, y, cell - 1, cell - 1);
		if (gaping)
			svg_put(out, "<rect class='jl jl2 gap' pointer-events='none' x='%n' y='%n' width='%n' height='%n'/>\n",
					x, y, cell - 1, cell - 1);
	}
	svg_put(out, "</g>\n");
	return chart_close(chart);
}
