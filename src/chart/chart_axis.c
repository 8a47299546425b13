/*-------------------------------------------------------------------------
 *
 * chart_axis.c
 *		Scales with round numbers and dates, and axes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/chart.h"
#include "miscadmin.h"
#include "utils/datetime.h"

#define VALUE_TITLE	18			/* pixels above the box */
#define SECONDS_OF_DAY			86400.0

/* The least round step that is not below `least`. */
static double
nice_step(double least, ChartFormat format)
{
	static const double seconds[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400};
	double		power;
	int			i;

	if (format == CHART_AS_DURATION && least > 0.5)
	{
		for (i = 0; i < (int) lengthof(seconds); i++)
		{
			if (seconds[i] >= least)
				return seconds[i];
		}
		return SECONDS_OF_DAY * nice_step(least / SECONDS_OF_DAY, CHART_AS_NUMBER);
	}
	power = pow(10, floor(log10(least)));
	if (least <= power * 1.0000001)
		return power;
	return least <= 2 * power ? 2 * power : least <= 5 * power ? 5 * power : 10 * power;
}

/*
 * A scale from a round number not above `low` to one not below `high`, with
 * about `ticks` steps.
 */
void
chart_nice_scale(ChartScale *scale, double low, double high, int ticks, ChartFormat format)
{
	low = Max(Min(low, CHART_LARGEST), -CHART_LARGEST);
	high = Max(Min(high, CHART_LARGEST), -CHART_LARGEST);
	if (!(high > low))
		high = low + (low == 0 ? 1 : fabs(low));
	scale->format = format;
	scale->step = nice_step(Max((high - low) / Max(ticks, 1), 1e-300), format);
	scale->low = floor(low / scale->step + 1e-9) * scale->step;
	scale->high = ceil(high / scale->step - 1e-9) * scale->step;
}

/*
 * The pixel of a value.
 */
double
chart_scaled(const ChartScale *scale, double value)
{
	double		part = (Max(Min(value, CHART_LARGEST), -CHART_LARGEST) - scale->low) / (scale->high - scale->low);

	return scale->from + part * (scale->to - scale->from);
}

static int
scale_ticks(const ChartScale *scale)
{
	return (int) Min(rint((scale->high - scale->low) / scale->step), 100);
}

/*
 * The pixels that the numbers of an axis take.
 */
double
chart_ticks_width(const Chart *chart, const ChartScale *scale)
{
	double		width = 0;
	int			i;

	for (i = 0; i <= scale_ticks(scale); i++)
		width = Max(width, svg_text_width(chart_tick(chart, scale->format, scale->low + i * scale->step, scale->step),
										  SVG_SMALL_SIZE));
	return width;
}

/*
 * Numbers and lines of a scale: upwards at the left of the box, or across below it.
 */
void
chart_value_axis(Chart *chart, const ChartScale *scale, const ChartBox *box, bool across)
{
	StringInfo	out = &chart->out;
	int			i;

	svg_put(out, "<g class='axis'>\n");
	for (i = 0; i <= scale_ticks(scale); i++)
	{
		double		value = scale->low + i * scale->step;
		double		at = chart_scaled(scale, value);
		char	   *number = chart_tick(chart, scale->format, fabs(value) < scale->step / 1e6 ? 0 : value, scale->step);
		const char *class = fabs(value) < scale->step / 1e6 ? "ja" : "jg";

		if (across)
		{
			svg_put(out, "<path class='%s' d='M%n %nV%n'/>", class, at, box->top, box->bottom);
			svg_text(out, at, box->bottom + 16, SVG_MIDDLE, SVG_SMALL_SIZE, 200, "class='jm'", number);
		}
		else
		{
			svg_put(out, "<path class='%s' d='M%n %nH%n'/>", class, box->left, at, box->right);
			svg_text(out, box->left - 6, at + 4, SVG_END, SVG_SMALL_SIZE, 200, "class='jm'", number);
		}
	}
	if (chart->options.value_title != NULL)
	{
		if (across)
			svg_text(out, (box->left + box->right) / 2, box->bottom + 33, SVG_MIDDLE, SVG_SMALL_SIZE,
					 box->right - box->left, "class='jm'", chart->options.value_title);
		else
			svg_text(out, box->left - 6, box->top - VALUE_TITLE, SVG_START, SVG_SMALL_SIZE, box->right - box->left,
					 "class='jm'", chart->options.value_title);
	}
	svg_put(out, "</g>\n");
}

/* A label in the middle of x, unless it would leave the picture. */
static void
axis_label(Chart *chart, double x, double y, double room, const char *label)
{
	double		width = Min(svg_text_width(label, SVG_SMALL_SIZE), room);

	if (x - width / 2 >= 0 && x + width / 2 <= chart->options.width)
		svg_text(&chart->out, x, y, SVG_MIDDLE, SVG_SMALL_SIZE, room, "class='jm'", label);
}

/*
 * Labels in the middle of equal parts of the lower side of the box, or at
 * their left edges: all, or every second one and so on, so that they do not
 * meet.
 */
void
chart_label_axis(Chart *chart, const ChartBox *box, char *const *labels, int n, bool edges)
{
	double		band = (box->right - box->left) / Max(n, 1);
	double		widest = 0;
	int			every;
	int			i;

	for (i = 0; i < n; i++)
		widest = Max(widest, svg_text_width(labels[i], SVG_SMALL_SIZE));
	widest = Min(widest, Max(band - 6, 120)) + 8;
	every = (int) Max(ceil(widest / band - 1e-9), 1);
	svg_put(&chart->out, "<g class='axis'>\n");
	for (i = 0; i < n; i += every)
		axis_label(chart, box->left + (i + (edges ? 0 : 0.5)) * band, box->bottom + 16, band * every - 4, labels[i]);
	if (chart->options.label_title != NULL)
		svg_text(&chart->out, (box->left + box->right) / 2, box->bottom + 33, SVG_MIDDLE, SVG_SMALL_SIZE,
				 box->right - box->left, "class='jm'", chart->options.label_title);
	svg_put(&chart->out, "</g>\n");
}

/* Steps between dates: some seconds, days, or months. */
typedef struct DateStep
{
	int			seconds;
	int			days;
	int			months;
} DateStep;

static const DateStep date_steps[] = {
	{1, 0, 0}, {5, 0, 0}, {15, 0, 0}, {60, 0, 0}, {300, 0, 0}, {900, 0, 0}, {1800, 0, 0}, {3600, 0, 0}, {10800, 0, 0},
	{21600, 0, 0}, {43200, 0, 0}, {0, 1, 0}, {0, 2, 0}, {0, 7, 0}, {0, 14, 0}, {0, 0, 1}, {0, 0, 2}, {0, 0, 3},
	{0, 0, 6}, {0, 0, 12}, {0, 0, 24}, {0, 0, 60}, {0, 0, 120}, {0, 0, 240}, {0, 0, 600}, {0, 0, 1200}, {0, 0, 6000}, {0, 0, 12000}, {0, 0, 60000}, {0, 0, 600000}
};

static double
date_step_length(const DateStep *step)
{
	return step->seconds + step->days * SECONDS_OF_DAY + step->months * 30.4 * SECONDS_OF_DAY;
}

/* Days since 2000-01-01 of the first day of a month, counted from year 0. */
static double
month_day(int64 month)
{
	int64		year = month >= 0 ? month / 12 : -((11 - month) / 12);

	return (double) (date2j((int) year, (int) (month - year * 12) + 1, 1) - POSTGRES_EPOCH_JDATE);
}

/*
 * Dates below the box, and lines at them.  A scale of times is in seconds
 * since 2000-01-01.
 */
void
chart_time_axis(Chart *chart, const ChartScale *scale, const ChartBox *box)
{
	StringInfo	out = &chart->out;
	double		least = (scale->high - scale->low) / Max((box->right - box->left) / 84, 1);
	const DateStep *step = date_steps;
	int			year;
	int			month;
	int			day;
	int			shown_year = PG_INT32_MIN;
	double		at;
	int64		number;

	while (step < date_steps + lengthof(date_steps) - 1 && date_step_length(step) < least)
		step++;
	j2date((int) floor(scale->low / SECONDS_OF_DAY) + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	/* 2000-01-03 was a Monday */
	number = step->months > 0 ? (int64) floor((year * 12.0 + month - 1) / step->months)
		: step->days > 0 ? (int64) floor((scale->low / SECONDS_OF_DAY - (step->days >= 7 ? 2 : 0)) / step->days)
		: (int64) floor(scale->low / step->seconds);
	svg_put(out, "<g class='axis'>\n");
	for (;; number++)
	{
		char		label[60];
		double		second;
		double		x;

		CHECK_FOR_INTERRUPTS();
		at = step->months > 0 ? month_day(number * step->months) * SECONDS_OF_DAY
			: step->days > 0 ? ((double) number * step->days + (step->days >= 7 ? 2 : 0)) * SECONDS_OF_DAY
			: (double) number * step->seconds;
		if (at > scale->high)
			break;
		if (at < scale->low)
			continue;
		j2date((int) floor(at / SECONDS_OF_DAY) + POSTGRES_EPOCH_JDATE, &year, &month, &day);
		second = at - floor(at / SECONDS_OF_DAY) * SECONDS_OF_DAY;
		if (step->months >= 12)
			snprintf(label, sizeof(label), "%d", year);
		else if (step->months > 0)
			snprintf(label, sizeof(label), "%d-%02d", year, month);
		else if (step->seconds > 0 && second > 0)
		{
			int			length = snprintf(label, sizeof(label), "%02d:%02d", (int) (second / 3600), (int) fmod(second / 60, 60));

			if (step->seconds < 60)
				snprintf(label + length, sizeof(label) - length, ":%02d", (int) fmod(second, 60));
		}
		else if (year != shown_year)
			snprintf(label, sizeof(label), "%d-%02d-%02d", year, month, day);
		else
			snprintf(label, sizeof(label), "%02d-%02d", month, day);
		if (second == 0)
			shown_year = year;
		x = chart_scaled(scale, at);
		svg_put(out, "<path class='jg' d='M%n %nv4'/>", x, box->bottom);
		axis_label(chart, x, box->bottom + 16, 100, label);
	}
	if (chart->options.label_title != NULL)
		svg_text(out, (box->left + box->right) / 2, box->bottom + 33, SVG_MIDDLE, SVG_SMALL_SIZE,
				 box->right - box->left, "class='jm'", chart->options.label_title);
	svg_put(out, "</g>\n");
}
