/*-------------------------------------------------------------------------
 *
 * chart.h
 *		Pictures of rows, as SVG.
 *
 * chart_svg() is an aggregate over whole rows.  It keeps the cells of the rows
 * (chart_rows.c), reads the options (chart_options.c), and then lets a kind
 * draw (chart_kinds.c has the table of kinds).  A kind finds its columns by
 * their names and types, works out its height, and calls chart_open, which
 * writes all that charts have in common: colours, title, legend, and the rows
 * as text for readers who see no picture.  Then it writes its marks with
 * svg_put and svg_text.
 *
 * A picture depends on the rows, their order, kind, options and nothing else,
 * except that times with time zone are those of the session's time zone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_CHART_H
#define JOURNEY_CHART_H

#include "postgres.h"

#include "chart/svg.h"
#include "compat.h"
#include "utils/jsonb.h"

#define CHART_MAX_ROWS		100000
#define CHART_MAX_COLUMNS	100
#define CHART_MAX_TEXT		1000	/* bytes of a cell that are kept */
#define CHART_COLORS		8	/* of series; then they repeat */
#define CHART_SHADES		10	/* of heat maps */
#define CHART_LARGEST		1e300	/* numbers beyond are drawn there */
#define CHART_MARGIN		16	/* pixels around a picture */

/* What the cells of a column are. */
typedef enum ChartType
{
	CHART_TEXT,
	CHART_NUMBER,
	CHART_DURATION,				/* number: seconds */
	CHART_TIME,					/* number: seconds since 2000-01-01, of the
								 * session's clock */
	CHART_BOOLEAN				/* number: 0 or 1 */
} ChartType;

/* How numbers are written. */
typedef enum ChartFormat
{
	CHART_AS_NUMBER,
	CHART_AS_PERCENT,
	CHART_AS_DURATION
} ChartFormat;

typedef struct ChartColumn
{
	char	   *name;
	ChartType	type;
	ChartFormat format;			/* percent: share, ..._rate, ..._ratio */
} ChartColumn;

typedef struct ChartCell
{
	char	   *text;			/* NULL: the cell is NULL */
	double		number;			/* NaN: none */
} ChartCell;

typedef struct ChartRows
{
	MemoryContext context;
	int			ncolumns;		/* 0 before the first row */
	ChartColumn *columns;
	int			n;
	int			capacity;
	ChartCell  *cells;			/* of rows one after the other */
} ChartRows;

/* A format such as '$#,##0.00' in parts. */
typedef struct NumberFormat
{
	char	   *prefix;
	char	   *suffix;
	bool		grouped;		/* 1,000 */
	int			least_decimals;
	int			most_decimals;
	double		factor;			/* 100 if there is a percent sign */
} NumberFormat;

/* What the options say; see chart_options.c. */
typedef struct ChartOptions
{
	char	   *title;
	char	   *label_title;
	char	   *value_title;
	char	   *label;			/* names of columns; NULL: by their types */
	char	   *series;
	int			nvalues;
	char	  **values;
	int			nnames;			/* what to show in place of the labels */
	char	  **names;
	int			width;			/* pixels */
	int			height;			/* 0: as the kind wants */
	int			top;			/* 0: all */
	int			numbers;		/* numbers at marks; -1: where they fit */
	int			horizontal;		/* bars; -1: if labels are long */
	double		reference;		/* NaN: none */
	bool		chinese;
	bool		light;			/* themes that the picture has */
	bool		dark;
	int			npalette;		/* 0: the default */
	char	  **palette;
	NumberFormat number;
	NumberFormat percent;
} ChartOptions;

typedef struct Chart
{
	const ChartRows *rows;
	ChartOptions options;
	const char *kind;
	char		id[20];			/* of the svg element; prefix of all other ids */
	StringInfoData out;
} Chart;

/* chart_options.c */
extern void chart_read_options(ChartOptions *options, Jsonb *json);

/* chart_format.c */
extern const char *chart_word(const Chart *chart, const char *word);
extern char *chart_number(const Chart *chart, ChartFormat format, double number);
extern char *chart_tick(const Chart *chart, ChartFormat format, double number, double step);
extern char *chart_duration(const Chart *chart, double seconds);

/* chart_rows.c */
extern int	chart_find_column(const Chart *chart, const char *name);
extern int	chart_need_column(const Chart *chart, const char *name, bool number);
extern const ChartCell *chart_cell(const Chart *chart, int row, int column);
extern const char *chart_cell_text(const Chart *chart, int row, int column);

/*
 * Rows as a table of numbers: labels down, series across.
 */
typedef struct ChartSeries
{
	char	   *name;
	ChartFormat format;
	double	   *values;			/* of each label; NaN: none */
	bool	   *incomplete;		/* of each label */
	int		   *rows;			/* of each label; -1: none */
} ChartSeries;

typedef struct ChartData
{
	int			nlabels;
	char	  **labels;
	double	   *at;				/* numbers of the labels; NULL if they are
								 * text */
	ChartType	label_type;
	const char *label_name;		/* of their column */
	const char *value_name;		/* of the column of values; NULL if there are
								 * several */
	int			nseries;
	ChartSeries *series;
	bool		series_column;	/* series are values of a column, not columns */
	int			left_out;		/* labels or series beyond the top */
	double		least;			/* of all values that are finite; 0 without */
	double		most;
} ChartData;

extern ChartData *chart_data(const Chart *chart);
extern const char *const *chart_series_names(const ChartData *data);
extern char *chart_tooltip(const Chart *chart, const ChartData *data, int series, int label);

/* chart_frame.c */
typedef struct ChartBox
{
	double		left;
	double		top;
	double		right;
	double		bottom;
} ChartBox;

typedef struct ChartScale
{
	double		low;
	double		high;
	double		step;
	double		from;			/* pixels of low and of high */
	double		to;
	ChartFormat format;
} ChartScale;

extern double chart_legend_height(const Chart *chart, const char *const *names, int n);
extern double chart_open(Chart *chart, double height, const char *const *names, int n);
extern text * chart_close(Chart *chart);
extern text * chart_nothing(Chart *chart);
extern void chart_note(Chart *chart, double y, const char *note);

extern void chart_nice_scale(ChartScale *scale, double low, double high, int ticks,
							 ChartFormat format);
extern double chart_scaled(const ChartScale *scale, double value);
extern double chart_ticks_width(const Chart *chart, const ChartScale *scale);
extern void chart_value_axis(Chart *chart, const ChartScale *scale, const ChartBox *box, bool across);
extern void chart_label_axis(Chart *chart, const ChartBox *box, char *const *labels, int n, bool edges);
extern void chart_time_axis(Chart *chart, const ChartScale *scale, const ChartBox *box);

/* kinds: each draws the rows of a chart */
typedef text * (*ChartDraw) (Chart *chart);

extern ChartDraw chart_kind(const char *name);
extern text * chart_draw_line(Chart *chart);
extern text * chart_draw_bar(Chart *chart);
extern text * chart_draw_stacked(Chart *chart);
extern text * chart_draw_histogram(Chart *chart);
extern text * chart_draw_heat_map(Chart *chart);
extern text * chart_draw_funnel(Chart *chart);
extern text * chart_draw_sankey(Chart *chart);
extern text * chart_draw_graph(Chart *chart);
extern text * chart_draw_venn(Chart *chart);
extern text * chart_draw_upset(Chart *chart);
extern text * chart_draw_step(Chart *chart);
extern text * chart_draw_forest(Chart *chart);
extern text * chart_draw_box(Chart *chart);
extern text * chart_draw_calendar(Chart *chart);

#endif							/* JOURNEY_CHART_H */
