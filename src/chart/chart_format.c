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
	const char *chinese;		/* in UTF-8 */
} ChartWord;

static const ChartWord chart_words[] = {
	{"(none)", NULL, "（无）"},
	{"(other)", NULL, "（其他）"},
	{"Friday", NULL, "星期五"},
	{"Monday", NULL, "星期�35"},
	{"Saturday", NULL, "星期六"},
	{"Sunday", NULL, "星期日"},
	{"Thursday", NULL, "星期四"},
	{"Tuesday", NULL, "星期二"},
	{"Wednesday", NULL, "星期三"},
	{"active", NULL, "活跃用户"},
	{"active_ratio", NULL, "活跃比"},
	{"active_units", NULL, "活跃天数"},
	{"all", NULL, "全部"},
	{"bounce_rate", NULL, "跳出率"},
	{"breakdown", NULL, "分组"},
	{"bucket", "time", "时间"},
	{"bucket_date", "date", "日期"},
	{"channel", NULL, "渠道"},
	{"cohort", NULL, "群组"},
	{"cohort_date", "cohort", "群组"},
	{"cohort_users", "users", "用户数"},
	{"conversion_rate", NULL, "转化率"},
	{"conversions", NULL, "转化数"},
	{"count", NULL, "次数"},
	{"dormant", NULL, "流失用户"},
	{"dropped_off", "dropped off", "流失"},
	{"entered", NULL, "进入"},
	{"events", NULL, "事件数"},
	{"events_before", NULL, "之前事件数"},
	{"exited", NULL, "�3535出"},
	{"first", NULL, "首次触点"},
	{"hour", NULL, "小时"},
	{"incomplete", NULL, "未完成"},
	{"last", NULL, "末次触点"},
	{"last_non_direct", NULL, "末次非直接"},
	{"linear", NULL, "线�35�"},
	{"median_time", NULL, "中位时间"},
	{"new", NULL, "新用户"},
	{"no data", NULL, "无数据"},
	{"not shown", NULL, "项未显示"},
	{"period", NULL, "周期"},
	{"position", NULL, "位置"},
	{"rate", NULL, "比率"},
	{"resurrected", NULL, "回流用户"},
	{"retention_rate", NULL, "留存率"},
	{"returning", NULL, "留存用户"},
	{"rows", NULL, "行"},
	{"sessions", NULL, "会话数"},
	{"share", NULL, "占比"},
	{"step", NULL, "步骤"},
	{"time", NULL, "时间"},
	{"time_decay", NULL, "时间衰减"},
	{"touch", NULL, "触点"},
	{"users", NULL, "用户数"},
	{"users_before", NULL, "之前用户数"},
	{"value", NULL, "数�35�"},
	{"value_avg", "mean value", "平均�35�"},
	{"value_sum", "sum of values", "�35��35�"},
	{"weekday", NULL, "星期"},
};

/* A constant of this file in the encoding of the database. */
static const char *
chart_constant(const char *utf8)
{
	return pg_any_to_server(utf8, (int) strlen(utf8), PG_UTF8);
}

/*
 * A word as it is shown: in the language of the chart if it is known; else
 * with blanks in place of underscores.
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
	shown = pstrdup(word);
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
	}			units[] = {{86400, " d", "天"}, {3600, " h", "小时"}, {60, " min", "分"}, {1, " s", "秒"}};
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
				chinese[] = {{1e12, "万亿"}, {1e8, "亿"}, {1e4, "万"}, {1, ""}};
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
