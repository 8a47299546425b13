/*-------------------------------------------------------------------------
 *
 * chart_format.c
 *		Numbers, durations and words as text, in English or Chinese.
 *
 * Numbers are printed by the server's own snprintf, which knows no locale.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/chart.h"
#include "mb/pg_wchar.h"

/* Words that the extension writes: names of columns, and words of charts. */
typedef struct ChartWord
{
	const char *word;
	const char *english;		/* NULL: the word, with blanks for underscores */
	const char *chinese;		/* UTF-8, escaped: pgindent wants ASCII */
} ChartWord;

static const ChartWord chart_words[] = {
	{"(none)", NULL, "\uff08\u65e0\uff09"},
	{"(other)", NULL, "\uff08\u5176\u4ed6\uff09"},
	{"Friday", NULL, "\u661f\u671f\u4e94"},
	{"Monday", NULL, "\u661f\u671f\u4e00"},
	{"Saturday", NULL, "\u661f\u671f\u516d"},
	{"Sunday", NULL, "\u661f\u671f\u65e5"},
	{"Thursday", NULL, "\u661f\u671f\u56db"},
	{"Tuesday", NULL, "\u661f\u671f\u4e8c"},
	{"Wednesday", NULL, "\u661f\u671f\u4e09"},
	{"active", NULL, "\u6d3b\u8dc3\u7528\u6237"},
	{"active_ratio", NULL, "\u6d3b\u8dc3\u6bd4"},
	{"active_units", NULL, "\u6d3b\u8dc3\u5929\u6570"},
	{"all", NULL, "\u5168\u90e8"},
	{"as_of", "as of", "\u622a\u81f3"},
	{"avg_depth", "mean depth", "\u5e73\u5747\u6df1\u5ea6"},
	{"avg_duration", "mean duration", "\u5e73\u5747\u65f6\u957f"},
	{"bounce_rate", NULL, "\u8df3\u51fa\u7387"},
	{"breakdown", NULL, "\u5206\u7ec4"},
	{"bucket", "time", "\u65f6\u95f4"},
	{"bucket_date", "date", "\u65e5\u671f"},
	{"channel", NULL, "\u6e20\u9053"},
	{"cohort", NULL, "\u7fa4\u7ec4"},
	{"cohort_date", "cohort", "\u7fa4\u7ec4"},
	{"cohort_users", "users", "\u7528\u6237\u6570"},
	{"complete", NULL, "\u5df2\u5b8c\u6210"},
	{"conversion_rate", NULL, "\u8f6c\u5316\u7387"},
	{"conversions", NULL, "\u8f6c\u5316\u6570"},
	{"count", NULL, "\u6b21\u6570"},
	{"dormant", NULL, "\u6d41\u5931\u7528\u6237"},
	{"dropped_off", "dropped off", "\u6d41\u5931"},
	{"entered", NULL, "\u8fdb\u5165"},
	{"entries", NULL, "\u8fdb\u5165\u6b21\u6570"},
	{"events", NULL, "\u4e8b\u4ef6\u6570"},
	{"events_before", NULL, "\u4e4b\u524d\u4e8b\u4ef6\u6570"},
	{"events_change_rate", "change of events", "\u4e8b\u4ef6\u6570\u53d8\u5316"},
	{"events_per_user", NULL, "\u4eba\u5747\u4e8b\u4ef6\u6570"},
	{"exited", NULL, "\u9000\u51fa"},
	{"exits", NULL, "\u9000\u51fa\u6b21\u6570"},
	{"first", NULL, "\u9996\u6b21\u89e6\u70b9"},
	{"frequency", NULL, "\u9891\u6b21"},
	{"gap", NULL, "\u7f3a\u53e3"},
	{"hour", NULL, "\u5c0f\u65f6"},
	{"incomplete", NULL, "\u672a\u5b8c\u6210"},
	{"kind bar", "bar chart", "\u67f1\u72b6\u56fe"},
	{"kind box", "box plot", "\u7bb1\u7ebf\u56fe"},
	{"kind calendar", "calendar", "\u65e5\u5386\u56fe"},
	{"kind forest", "forest plot", "\u68ee\u6797\u56fe"},
	{"kind funnel", "funnel", "\u6f0f\u6597\u56fe"},
	{"kind heat_map", "heat map", "\u70ed\u529b\u56fe"},
	{"kind histogram", "histogram", "\u76f4\u65b9\u56fe"},
	{"kind line", "line chart", "\u6298\u7ebf\u56fe"},
	{"kind stacked", "stacked bars", "\u5806\u53e0\u56fe"},
	{"kind step", "step chart", "\u9636\u68af\u56fe"},
	{"last", NULL, "\u672b\u6b21\u89e6\u70b9"},
	{"last_non_direct", NULL, "\u672b\u6b21\u975e\u76f4\u63a5"},
	{"linear", NULL, "\u7ebf\u6027"},
	{"long_active", "active, long window", "\u957f\u7a97\u6d3b\u8dc3\u7528\u6237"},
	{"lower", NULL, "\u4e0b\u9650"},
	{"max", NULL, "\u6700\u5927\u503c"},
	{"median", NULL, "\u4e2d\u4f4d\u6570"},
	{"median_duration", NULL, "\u4e2d\u4f4d\u65f6\u957f"},
	{"median_time", NULL, "\u4e2d\u4f4d\u65f6\u95f4"},
	{"min", NULL, "\u6700\u5c0f\u503c"},
	{"model", NULL, "\u6a21\u578b"},
	{"new", NULL, "\u65b0\u7528\u6237"},
	{"no data", NULL, "\u65e0\u6570\u636e"},
	{"not shown", NULL, "\u9879\u672a\u663e\u793a"},
	{"p25", NULL, "25\u5206\u4f4d"},
	{"p75", NULL, "75\u5206\u4f4d"},
	{"only", NULL, "\u4ec5"},
	{"period", NULL, "\u5468\u671f"},
	{"position", NULL, "\u4f4d\u7f6e"},
	{"rate", NULL, "\u6bd4\u7387"},
	{"recency", NULL, "\u6700\u8fd1\u5ea6"},
	{"resurrected", NULL, "\u56de\u6d41\u7528\u6237"},
	{"retention_rate", NULL, "\u7559\u5b58\u7387"},
	{"returning", NULL, "\u7559\u5b58\u7528\u6237"},
	{"rows", NULL, "\u884c"},
	{"sessions", NULL, "\u4f1a\u8bdd\u6570"},
	{"share", NULL, "\u5360\u6bd4"},
	{"short_active", "active, short window", "\u77ed\u7a97\u6d3b\u8dc3\u7528\u6237"},
	{"step", NULL, "\u6b65\u9aa4"},
	{"survival", NULL, "\u751f\u5b58\u7387"},
	{"time", NULL, "\u65f6\u95f4"},
	{"time_decay", NULL, "\u65f6\u95f4\u8870\u51cf"},
	{"touch", NULL, "\u89e6\u70b9"},
	{"touches", NULL, "\u89e6\u70b9\u6570"},
	{"upper", NULL, "\u4e0a\u9650"},
	{"users", NULL, "\u7528\u6237\u6570"},
	{"users_before", NULL, "\u4e4b\u524d\u7528\u6237\u6570"},
	{"users_change_rate", "change of users", "\u7528\u6237\u6570\u53d8\u5316"},
	{"users_or_more", "users, so often or more", "\u81f3\u5c11\u5982\u6b64\u7684\u7528\u6237"},
	{"value", NULL, "\u6570\u503c"},
	{"value_avg", "mean value", "\u5e73\u5747\u503c"},
	{"value_median", "median value", "\u4e2d\u4f4d\u503c"},
	{"value_p90", "90th percentile of values", "90\u5206\u4f4d\u503c"},
	{"value_sum", "sum of values", "\u603b\u503c"},
	{"value_sum_change_rate", "change of values", "\u603b\u503c\u53d8\u5316"},
	{"weekday", NULL, "\u661f\u671f"},
};

/* A constant of this file in the encoding of the database. */
static const char *
chart_constant(const char *utf8)
{
	return pg_any_to_server(utf8, (int) strlen(utf8), PG_UTF8);
}

/*
 * A word as it is shown: in the language of the chart if it is known; else
 * with blanks in place of underscores.  The word of a kind is "kind " and its
 * name.
 */
const char *
chart_word(const Chart *chart, const char *word)
{
	char	   *shown;
	char	   *at;
	size_t		i;

	for (i = 0; i < lengthof(chart_words); i++)
	{
		if (strcmp(chart_words[i].word, word) != 0)
			continue;
		if (chart->options.chinese)
			return chart_constant(chart_words[i].chinese);
		if (chart_words[i].english != NULL)
			return chart_words[i].english;
	}
	shown = pstrdup(strncmp(word, "kind ", 5) == 0 ? word + 5 : word);
	for (at = shown; *at != '\0'; at++)
	{
		if (*at == '_')
			*at = ' ';
	}
	return shown;
}

/* Append a number with a number of decimals from least to most, perhaps with commas. */
static void
chart_append_digits(StringInfo out, double number, int least, int most, bool grouped)
{
	char		digits[400];
	int			length;
	int			whole;
	int			i;

	if (fabs(number) >= 1e15)
	{
		appendStringInfo(out, "%.3g", number);
		return;
	}
	/* -0.001 is 0 */
	if (fabs(number) * pow(10, most) < 0.5)
		number = 0;
	length = snprintf(digits, sizeof(digits), "%.*f", most, fabs(number));
	whole = most == 0 ? length : length - most - 1;
	while (length - whole - 1 > least && digits[length - 1] == '0')
		length--;
	if (length == whole + 1)
		length--;
	if (number < 0)
		appendStringInfoChar(out, '-');
	for (i = 0; i < whole; i++)
	{
		if (grouped && i > 0 && (whole - i) % 3 == 0)
			appendStringInfoChar(out, ',');
		appendStringInfoChar(out, digits[i]);
	}
	appendBinaryStringInfo(out, digits + whole, length - whole);
}

/*
 * A duration in its two largest units.
 */
char *
chart_duration(const Chart *chart, double seconds)
{
	static const struct
	{
		double		seconds;
		const char *english;
		const char *chinese;
	}			units[] = {{86400, " d", "\u5929"}, {3600, " h", "\u5c0f\u65f6"}, {60, " min", "\u5206"}, {1, " s", "\u79d2"}};
	StringInfoData out;
	double		left = fabs(seconds);
	int			written = 0;
	int			i;

	initStringInfo(&out);
	if (seconds < 0)
		appendStringInfoChar(&out, '-');
	if (left < 10)
	{
		chart_append_digits(&out, left, 0, 2, false);
		appendStringInfoString(&out, chart->options.chinese ? chart_constant(units[3].chinese) : units[3].english);
		return out.data;
	}
	/* a day and more in hours, an hour and more in minutes, less in seconds */
	left = left >= 86400 ? rint(left / 3600) * 3600 : left >= 3600 ? rint(left / 60) * 60 : rint(left);
	for (i = 0; i < (int) lengthof(units) && written < 2; i++)
	{
		double		count = floor(left / units[i].seconds);

		if (count == 0)
		{
			if (written > 0)
				break;
			continue;
		}
		if (written++ > 0 && !chart->options.chinese)
			appendStringInfoChar(&out, ' ');
		chart_append_digits(&out, count, 0, 0, true);
		appendStringInfoString(&out, chart->options.chinese ? chart_constant(units[i].chinese) : units[i].english);
		left -= count * units[i].seconds;
	}
	return out.data;
}

/*
 * A number as it is shown at a mark and in a tooltip.
 */
char *
chart_number(const Chart *chart, ChartFormat format, double number)
{
	const NumberFormat *how = format == CHART_AS_PERCENT ? &chart->options.percent : &chart->options.number;
	StringInfoData out;

	if (!isfinite(number))
		return isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
	if (format == CHART_AS_DURATION)
		return chart_duration(chart, number);
	initStringInfo(&out);
	appendStringInfoString(&out, how->prefix);
	chart_append_digits(&out, number * how->factor, how->least_decimals, how->most_decimals, how->grouped);
	appendStringInfoString(&out, how->suffix);
	return out.data;
}

/*
 * A number at an axis whose numbers are `step` apart: short, with as many
 * decimals as it needs.
 */
char *
chart_tick(const Chart *chart, ChartFormat format, double number, double step)
{
	static const struct
	{
		double		size;
		const char *name;
	}			english[] = {{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "k"}},
				chinese[] = {{1e12, "\u4e07\u4ebf"}, {1e8, "\u4ebf"}, {1e4, "\u4e07"}, {1, ""}};
	const NumberFormat *how = format == CHART_AS_PERCENT ? &chart->options.percent : &chart->options.number;
	StringInfoData out;
	const char *unit = "";
	double		shown = number * how->factor;
	double		shown_step = step * how->factor;
	int			i;

	if (format == CHART_AS_DURATION)
		return number == 0 ? pstrdup("0") : chart_duration(chart, number);
	if (how->factor == 1 && fabs(number) >= 10000)
	{
		for (i = 0; i < 4; i++)
		{
			double		size = chart->options.chinese ? chinese[i].size : english[i].size;

			if (fabs(number) >= size)
			{
				shown /= size;
				shown_step /= size;
				unit = chart->options.chinese ? chart_constant(chinese[i].name) : english[i].name;
				break;
			}
		}
	}
	initStringInfo(&out);
	appendStringInfoString(&out, how->prefix);
	chart_append_digits(&out, shown, 0, shown_step > 0 ? (int) Max(Min(ceil(-log10(shown_step) - 1e-9) + 1, 12), 0) : 2, true);
	appendStringInfoString(&out, unit);
	appendStringInfoString(&out, how->suffix);
	return out.data;
}
