/*-------------------------------------------------------------------------
 *
 * chart_data.c
 *		Rows as a table of numbers: labels down, series across.
 *
 * The first column is the label, the next one that is no number the series.
 * Without such, each column of numbers is a series.  Options name columns
 * instead.  Values of a boolean column "complete" that are false mark what is
 * not complete.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "base/base.h"
#include "chart/chart.h"
#include "miscadmin.h"

#define MAX_TABLE	200000		/* labels times series */

static bool
is_number(const Chart *chart, int column)
{
	return chart->rows->columns[column].type == CHART_NUMBER || chart->rows->columns[column].type == CHART_DURATION;
}

/* Distinct texts of a column and, for each row, the number of its text. */
typedef struct Distinct
{
	int			n;
	int		   *of_row;
	int		   *first_row;		/* of each text */
} Distinct;

typedef struct DistinctArg
{
	const Chart *chart;
	int			column;
} DistinctArg;

static inline int
distinct_compare(const DistinctArg *arg, int a, int b)
{
	const ChartCell *x = chart_cell(arg->chart, a, arg->column);
	const ChartCell *y = chart_cell(arg->chart, b, arg->column);
	int			order;

	if (x->text == NULL || y->text == NULL)
		return (x->text == NULL) - (y->text == NULL);
	order = strcmp(x->text, y->text);
	if (order == 0 && arg->chart->rows->columns[arg->column].type == CHART_DURATION)
		order = (x->number > y->number) - (x->number < y->number);
	return order;
}

static int
distinct_order(const void *a, const void *b, void *arg)
{
	int			x = *(const int *) a;
	int			y = *(const int *) b;
	int			order = distinct_compare(arg, x, y);

	return order != 0 ? order : (x > y) - (x < y);
}

static int
int_order(const void *a, const void *b, void *arg)
{
	int			x = *(const int *) a;
	int			y = *(const int *) b;

	return (x > y) - (x < y);
}

static int
number_order(const void *a, const void *b, void *arg)
{
	const DistinctArg *of = arg;
	double		x = chart_cell(of->chart, *(const int *) a, of->column)->number;
	double		y = chart_cell(of->chart, *(const int *) b, of->column)->number;

	/* no number: last */
	if (isnan(x) || isnan(y))
		return isnan(x) - isnan(y) != 0 ? isnan(x) - isnan(y) : int_order(a, b, NULL);
	return x < y ? -1 : x > y ? 1 : int_order(a, b, NULL);
}

/* In the order of their first rows, or, of numbers, by number. */
static Distinct
distinct_find(const Chart *chart, int column, bool by_number)
{
	DistinctArg arg = {chart, column};
	Distinct	result = {0};
	int			n = chart->rows->n;
	int		   *order = palloc(n * sizeof(int));
	int		   *rank = palloc(n * sizeof(int));
	int			i;
	int			first = 0;

	result.of_row = palloc(n * sizeof(int));
	result.first_row = palloc(n * sizeof(int));
	for (i = 0; i < n; i++)
		order[i] = i;
	qsort_arg(order, n, sizeof(int), distinct_order, &arg);
	for (i = 0; i < n; i++)
	{
		if (i == 0 || distinct_compare(&arg, order[i - 1], order[i]) != 0)
		{
			first = order[i];
			result.first_row[result.n++] = first;
		}
		result.of_row[order[i]] = first;
	}
	qsort_arg(result.first_row, result.n, sizeof(int), by_number ? number_order : int_order, &arg);
	for (i = 0; i < result.n; i++)
		rank[result.first_row[i]] = i;
	for (i = 0; i < n; i++)
		result.of_row[i] = rank[result.of_row[i]];
	pfree(order);
	pfree(rank);
	return result;
}

typedef struct Ranked
{
	double		size;
	int			number;
} Ranked;

static int
ranked_order(const void *a, const void *b)
{
	const Ranked *x = a;
	const Ranked *y = b;

	return x->size > y->size ? -1 : x->size < y->size ? 1 : x->number - y->number;
}

/* Mark the `top` of n sizes to be kept; returns how many are not. */
static int
keep_top(const double *sizes, int n, int top, bool *keep)
{
	Ranked	   *ranked = palloc(n * sizeof(Ranked));
	int			i;

	for (i = 0; i < n; i++)
	{
		ranked[i].size = sizes[i];
		ranked[i].number = i;
		keep[i] = false;
	}
	qsort(ranked, n, sizeof(Ranked), ranked_order);
	for (i = 0; i < Min(n, top); i++)
		keep[ranked[i].number] = true;
	return Max(n - top, 0);
}

/* Which columns are which. */
typedef struct Columns
{
	int			label;
	int			series;			/* -1: none */
	int			nvalues;
	int			values[CHART_MAX_COLUMNS];
	int			complete;		/* -1: none */
} Columns;

static void
choose_columns(const Chart *chart, Columns *columns)
{
	const ChartRows *rows = chart->rows;
	const ChartOptions *options = &chart->options;
	int			i;

	columns->complete = chart_find_column(chart, "complete");
	if (columns->complete >= 0 && rows->columns[columns->complete].type != CHART_BOOLEAN)
		columns->complete = -1;
	columns->label = options->label == NULL ? -1 : chart_need_column(chart, options->label, false);
	columns->series = options->series == NULL ? -1 : chart_need_column(chart, options->series, false);
	columns->nvalues = 0;
	for (i = 0; i < options->nvalues; i++)
	{
		if (columns->nvalues < CHART_MAX_COLUMNS)
			columns->values[columns->nvalues++] = chart_need_column(chart, options->values[i], true);
	}
	for (i = 0; i < rows->ncolumns && columns->label < 0; i++)
	{
		if (i != columns->series && i != columns->complete)
			columns->label = i;
	}
	for (i = 0; i < rows->ncolumns && columns->series < 0; i++)
	{
		if (!is_number(chart, i) && i != columns->complete && i != columns->label)
			columns->series = i;
	}
	if (columns->nvalues == 0)
	{
		for (i = 0; i < rows->ncolumns; i++)
		{
			if (is_number(chart, i) && i != columns->label && i != columns->series)
				columns->values[columns->nvalues++] = i;
		}
	}
	if (columns->label < 0 || columns->nvalues == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("rows of a chart of kind \"%s\" need a column of labels and one of numbers", chart->kind),
				 errhint("Select for example a date, a text and a number: the label, the series and the value.")));
	if (columns->series >= 0)
		columns->nvalues = 1;
}

static char *
shown_text(const Chart *chart, int row, int column)
{
	if (chart_cell(chart, row, column)->text == NULL)
		return unconstify(char *, chart_word(chart, "(none)"));
	return unconstify(char *, chart_cell_text(chart, row, column));
}

/* A name of a series; of a column "model", that of a model. */
static char *
shown_series(const Chart *chart, int row, int column)
{
	char	   *name = shown_text(chart, row, column);

	return strcmp(chart->rows->columns[column].name, "model") == 0 ? unconstify(char *, chart_word(chart, name)) : name;
}

/* A label; of a column "weekday", 1 to 7, the name of the day. */
static char *
shown_label(const Chart *chart, int row, int column)
{
	static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
	double		number = chart_cell(chart, row, column)->number;

	if (strcmp(chart->rows->columns[column].name, "weekday") == 0 && number >= 1 && number <= 7)
		return unconstify(char *, chart_word(chart, days[(int) number - 1]));
	return shown_text(chart, row, column);
}

/* Drop labels beyond the top. */
static void
cut_labels(ChartData *data, int top)
{
	double	   *sizes = palloc0(data->nlabels * sizeof(double));
	bool	   *keep = palloc(data->nlabels * sizeof(bool));
	int			kept = 0;
	int			i;
	int			s;

	for (s = 0; s < data->nseries; s++)
	{
		for (i = 0; i < data->nlabels; i++)
			sizes[i] += isfinite(data->series[s].values[i]) ? fabs(data->series[s].values[i]) : 0;
	}
	data->left_out += keep_top(sizes, data->nlabels, top, keep);
	for (i = 0; i < data->nlabels; i++)
	{
		if (!keep[i])
			continue;
		data->labels[kept] = data->labels[i];
		if (data->at != NULL)
			data->at[kept] = data->at[i];
		for (s = 0; s < data->nseries; s++)
		{
			data->series[s].values[kept] = data->series[s].values[i];
			data->series[s].incomplete[kept] = data->series[s].incomplete[i];
			data->series[s].rows[kept] = data->series[s].rows[i];
		}
		kept++;
	}
	data->nlabels = kept;
}

/* Drop series beyond the top. */
static void
cut_series(ChartData *data, int top)
{
	double	   *sizes = palloc0(data->nseries * sizeof(double));
	bool	   *keep = palloc(data->nseries * sizeof(bool));
	int			kept = 0;
	int			i;
	int			s;

	for (s = 0; s < data->nseries; s++)
	{
		for (i = 0; i < data->nlabels; i++)
			sizes[s] += isfinite(data->series[s].values[i]) ? fabs(data->series[s].values[i]) : 0;
	}
	data->left_out += keep_top(sizes, data->nseries, top, keep);
	for (s = 0; s < data->nseries; s++)
	{
		if (keep[s])
			data->series[kept++] = data->series[s];
	}
	data->nseries = kept;
}

/*
 * The rows of a chart as a table.
 */
ChartData *
chart_data(const Chart *chart)
{
	const ChartRows *rows = chart->rows;
	ChartData  *data = palloc0(sizeof(ChartData));
	Columns		columns;
	Distinct	labels;
	Distinct	series = {0};
	int			row;
	int			i;
	int			s;

	choose_columns(chart, &columns);
	data->label_type = rows->columns[columns.label].type;
	data->label_name = rows->columns[columns.label].name;
	data->series_column = columns.series >= 0;
	labels = distinct_find(chart, columns.label,
						   data->label_type == CHART_TIME || data->label_type == CHART_NUMBER || data->label_type == CHART_DURATION);
	if (data->series_column)
	{
		ChartType	type = rows->columns[columns.series].type;

		series = distinct_find(chart, columns.series, type == CHART_TIME || type == CHART_NUMBER);
	}
	data->value_name = columns.nvalues > 1 ? NULL : rows->columns[columns.values[0]].name;
	data->nlabels = labels.n;
	data->nseries = data->series_column ? series.n : columns.nvalues;
	if ((int64) data->nlabels * data->nseries > MAX_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a chart has %d labels and %d series, together more than %d marks", data->nlabels, data->nseries, MAX_TABLE),
				 errhint("Group the rows, or select those that matter.")));
	data->labels = palloc(data->nlabels * sizeof(char *));
	if (data->label_type != CHART_TEXT && data->label_type != CHART_BOOLEAN)
		data->at = palloc(data->nlabels * sizeof(double));
	for (i = 0; i < data->nlabels; i++)
	{
		data->labels[i] = i < chart->options.nnames ? chart->options.names[i]
			: shown_label(chart, labels.first_row[i], columns.label);
		if (data->at != NULL)
			data->at[i] = chart_cell(chart, labels.first_row[i], columns.label)->number;
	}
	data->series = palloc0(data->nseries * sizeof(ChartSeries));
	for (s = 0; s < data->nseries; s++)
	{
		ChartSeries *one = &data->series[s];
		int			column = columns.values[data->series_column ? 0 : s];

		one->name = data->series_column ? shown_series(chart, series.first_row[s], columns.series)
			: unconstify(char *, chart_word(chart, rows->columns[column].name));
		one->format = rows->columns[column].format;
		one->values = palloc(data->nlabels * sizeof(double));
		one->incomplete = palloc0(data->nlabels * sizeof(bool));
		one->rows = palloc(data->nlabels * sizeof(int));
		for (i = 0; i < data->nlabels; i++)
		{
			one->values[i] = NAN;
			one->rows[i] = -1;
		}
	}
	for (row = 0; row < rows->n; row++)
	{
		i = labels.of_row[row];
		CHECK_FOR_INTERRUPTS();
		for (s = 0; s < (data->series_column ? 1 : data->nseries); s++)
		{
			ChartSeries *one = &data->series[data->series_column ? series.of_row[row] : s];
			double		value = chart_cell(chart, row, columns.values[s])->number;

			if (one->rows[i] >= 0)
				ereport(ERROR,
						(errcode(ERRCODE_CARDINALITY_VIOLATION),
						 errmsg("two rows of a chart have the label \"%s\"%s%s%s", arg_excerpt(data->labels[i]),
								data->series_column ? " and the series \"" : "",
								data->series_column ? arg_excerpt(one->name) : "", data->series_column ? "\"" : ""),
						 errhint("The first column is the label, the next one that is no number the series. The options \"label\", \"series\" and \"value\" choose others.")));
			one->values[i] = value;
			one->rows[i] = row;
			if (columns.complete >= 0 && chart_cell(chart, row, columns.complete)->number == 0)
				one->incomplete[i] = true;
		}
	}
	if (chart->options.top > 0)
	{
		if (data->series_column)
			cut_series(data, chart->options.top);
		if (data->label_type == CHART_TEXT)
			cut_labels(data, chart->options.top);
	}
	for (s = 0; s < data->nseries; s++)
	{
		for (i = 0; i < data->nlabels; i++)
		{
			double		value = data->series[s].values[i];

			if (isfinite(value))
			{
				data->least = Min(data->least, value);
				data->most = Max(data->most, value);
			}
		}
	}
	return data;
}

/*
 * The names of the series, for a legend.
 */
const char *const *
chart_series_names(const ChartData *data)
{
	const char **names = palloc(Max(data->nseries, 1) * sizeof(char *));
	int			s;

	for (s = 0; s < data->nseries; s++)
		names[s] = data->series[s].name;
	return names;
}

/*
 * What a mark says: its label, its series if there are several, and its value.
 */
char *
chart_tooltip(const Chart *chart, const ChartData *data, int series, int label)
{
	const ChartSeries *one = &data->series[series];
	const char *name = data->nseries > 1 || data->value_name == NULL ? one->name : chart_word(chart, data->value_name);

	return psprintf("%s, %s: %s%s%s%s", data->labels[label], name, chart_number(chart, one->format, one->values[label]),
					one->incomplete[label] ? " (" : "", one->incomplete[label] ? chart_word(chart, "incomplete") : "",
					one->incomplete[label] ? ")" : "");
}
