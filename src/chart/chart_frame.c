/*-------------------------------------------------------------------------
 *
 * chart_frame.c
 *		What charts have in common: colours, title, legend, text alternative.
 *
 * Colours are custom properties of the svg element, which a page may set: --j0
 * background, --jt text, --jm muted text, --jg lines of the grid, --j1 to --j8
 * series, --jh0 to --jh9 shades of heat maps.  Marks have the class of their
 * colour: j1 and so on for filled marks, jl1 for lines.  The rules name the id
 * of the svg element, so that pictures in one page do not meet.  Colours
 * contrast with the background 4.5 to 1, and can be told apart by readers who
 * are colour-blind.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "chart/chart.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#define LEGEND_ROW	18
#define BOLD_WIDTH	1.12		/* bold letters against others */
#define LEGEND_ROOM	220			/* for a name */
#define TABLE_ROWS	100			/* of the text alternative */

/* The colours of a theme. */
typedef struct ChartTheme
{
	const char *background;
	const char *text;
	const char *muted;
	const char *grid;
	const char *series[CHART_COLORS];
	const char *shades[CHART_SHADES];
} ChartTheme;

static const ChartTheme light_theme = {
	"#ffffff", "#1b1f24", "#57606a", "#d8dee4",
	{"#0072b2", "#c75000", "#008060", "#b0528a", "#8f7000", "#7a3fb0", "#6b6b6b", "#1f8fa8"},
	{"#f5f8fa", "#e0eaf1", "#ccdce8", "#b5ccdd", "#9ebcd3", "#87adc8", "#6b9abb", "#3373a1", "#1a6296", "#00508a"}
};

static const ChartTheme dark_theme = {
	"#12171e", "#e6edf3", "#9aa5b1", "#39424e",
	{"#56b4e9", "#f28e3c", "#3cc9a0", "#e093c0", "#e6d84a", "#bfa0f0", "#b8b8b8", "#9fd4f5"},
	{"#18222b", "#1f2c38", "#273a4a", "#2f4759", "#365368", "#3d5f77", "#456c87", "#5688aa", "#69a8d1", "#7cc8f8"}
};

static void
put_theme(Chart *chart, const ChartTheme *theme)
{
	StringInfo	out = &chart->out;
	int			i;

	svg_put(out, "#%s{--j0:%s;--jt:%s;--jm:%s;--jg:%s", chart->id, theme->background, theme->text, theme->muted, theme->grid);
	for (i = 0; i < CHART_COLORS; i++)
		svg_put(out, ";--j%d:%s", i + 1,
				chart->options.npalette == 0 ? theme->series[i] : chart->options.palette[i % chart->options.npalette]);
	if (strcmp(chart->kind, "heat_map") == 0 || strcmp(chart->kind, "calendar") == 0)
	{
		for (i = 0; i < CHART_SHADES; i++)
			svg_put(out, ";--jh%d:%s", i, theme->shades[i]);
	}
	svg_put(out, "}");
}

/* The style sheet.  A renderer without custom properties takes the first of two colours. */
static void
put_style(Chart *chart)
{
	const ChartTheme *first = chart->options.light ? &light_theme : &dark_theme;
	StringInfo	out = &chart->out;
	const char *id = chart->id;
	int			i;

	svg_put(out, "<style>");
	put_theme(chart, first);
	if (chart->options.light && chart->options.dark)
	{
		svg_put(out, "@media (prefers-color-scheme:dark){");
		put_theme(chart, &dark_theme);
		svg_put(out, "}");
	}
	svg_put(out, "#%s{max-width:100%%;height:auto;font-family:system-ui,-apple-system,'Segoe UI','Noto Sans','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif}", id);
	svg_put(out, "#%s text{fill:%s;fill:var(--jt)}#%s .jm{fill:%s;fill:var(--jm)}#%s .jb{fill:%s;fill:var(--j0)}",
			id, first->text, id, first->muted, id, first->background);
	svg_put(out, "#%s .jg{stroke:%s;stroke:var(--jg)}#%s .ja{stroke:%s;stroke:var(--jm)}#%s .jo{stroke:%s;stroke:var(--j0)}#%s .jl{fill:none;stroke-width:2;stroke-linejoin:round}",
			id, first->grid, id, first->muted, id, first->background, id);
	for (i = 0; i < CHART_COLORS; i++)
	{
		const char *color = chart->options.npalette == 0 ? first->series[i] : chart->options.palette[i % chart->options.npalette];

		svg_put(out, "#%s .j%d{fill:%s;fill:var(--j%d)}#%s .jl%d{stroke:%s;stroke:var(--j%d)}",
				id, i + 1, color, i + 1, id, i + 1, color, i + 1);
	}
	if (strcmp(chart->kind, "heat_map") == 0 || strcmp(chart->kind, "calendar") == 0)
	{
		for (i = 0; i < CHART_SHADES; i++)
			svg_put(out, "#%s .jh%d{fill:%s;fill:var(--jh%d)}", id, i, first->shades[i], i);
	}
	svg_put(out, "#%s .mark:hover{opacity:.8}</style>\n", id);
}

/* The rows as text, for readers who see no picture. */
static void
put_table(Chart *chart)
{
	const ChartRows *rows = chart->rows;
	StringInfo	out = &chart->out;
	int			row;
	int			i;

	svg_put(out, "<desc id='%s-d'>", chart->id);
	for (i = 0; i < rows->ncolumns; i++)
		svg_put(out, i == 0 ? "%t" : ", %t", chart_word(chart, rows->columns[i].name));
	svg_put(out, ".");
	for (row = 0; row < Min(rows->n, TABLE_ROWS); row++)
	{
		svg_put(out, "\n");
		for (i = 0; i < rows->ncolumns; i++)
			svg_put(out, i == 0 ? "%t" : ", %t", chart_cell_text(chart, row, i));
		svg_put(out, ".");
	}
	if (rows->n > TABLE_ROWS)
		svg_put(out, "\n(+ %d %t)", rows->n - TABLE_ROWS, chart_word(chart, "rows"));
	if (rows->n == 0)
		svg_put(out, "%t", chart_word(chart, "no data"));
	svg_put(out, "</desc>\n");
}

/* The place of each name of a legend; `put` writes them. */
static double
lay_out_legend(Chart *chart, const char *const *names, int n, double top, bool put)
{
	double		x = CHART_MARGIN;
	double		y = top;
	int			i;

	for (i = 0; i < n; i++)
	{
		double		width = Min(svg_text_width(names[i], SVG_TEXT_SIZE), LEGEND_ROOM) + 34;

		if (x > CHART_MARGIN && x + width > chart->options.width)
		{
			x = CHART_MARGIN;
			y += LEGEND_ROW;
		}
		if (put)
		{
			svg_put(&chart->out, "<rect class='j%d' x='%n' y='%n' width='12' height='12' rx='2'/>",
					i % CHART_COLORS + 1, x, y);
			svg_text(&chart->out, x + 17, y + 10, SVG_START, SVG_TEXT_SIZE, LEGEND_ROOM, NULL, names[i]);
		}
		x += width;
	}
	return n == 0 ? 0 : y + LEGEND_ROW + 4 - top;
}

static double
heading_height(const Chart *chart)
{
	return chart->options.title == NULL ? 12 : 44;
}

/*
 * The height of title and legend, which a kind adds to that of its marks.
 */
double
chart_legend_height(const Chart *chart, const char *const *names, int n)
{
	return heading_height(chart) + lay_out_legend(unconstify(Chart *, chart), names, n, 0, false);
}

/*
 * Begin a picture of this height, with a legend of names if there are any.
 * Returns where the marks may begin.
 */
double
chart_open(Chart *chart, double height, const char *const *names, int n)
{
	StringInfo	out = &chart->out;
	double		width = chart->options.width;
	double		top = heading_height(chart);

	initStringInfo(out);
	svg_put(out, "<svg xmlns='http://www.w3.org/2000/svg' id='%s' class='journey' width='%n' height='%n' viewBox='0 0 %n %n' font-size='%d' role='img' aria-labelledby='%s-t %s-d'>\n",
			chart->id, width, height, width, height, SVG_TEXT_SIZE, chart->id, chart->id);
	svg_put(out, "<title id='%s-t'>%t</title>\n", chart->id,
			chart->options.title != NULL ? chart->options.title : chart_word(chart, psprintf("kind %s", chart->kind)));
	put_table(chart);
	put_style(chart);
	svg_put(out, "<defs><pattern id='%s-h' width='6' height='6' patternUnits='userSpaceOnUse' patternTransform='rotate(45)'><path class='ja' d='M0 0V6' stroke-width='2.5' stroke-opacity='.45'/></pattern><pattern id='%s-b' width='6' height='6' patternUnits='userSpaceOnUse' patternTransform='rotate(45)'><path class='jo' d='M0 0V6' stroke-width='4' stroke-opacity='.6'/></pattern></defs>\n",
			chart->id, chart->id);
	svg_put(out, "<rect class='jb' width='%n' height='%n'/>\n", width, height);
	if (chart->options.title != NULL)
		svg_text(out, CHART_MARGIN, 27, SVG_START, SVG_TITLE_SIZE, (width - 2 * CHART_MARGIN) / BOLD_WIDTH, "font-weight='600'", chart->options.title);
	return top + lay_out_legend(chart, names, n, top, true);
}

/*
 * End a picture.
 */
text *
chart_close(Chart *chart)
{
	svg_put(&chart->out, "</svg>");
	return cstring_to_text_with_len(chart->out.data, chart->out.len);
}

/*
 * A picture without marks.
 */
text *
chart_nothing(Chart *chart)
{
	double		height = chart->options.height > 0 ? chart->options.height : 120;

	(void) chart_open(chart, height, NULL, 0);
	svg_text(&chart->out, chart->options.width / 2.0, height / 2 + 10, SVG_MIDDLE, SVG_TEXT_SIZE,
			 chart->options.width, "class='jm'", chart_word(chart, "no data"));
	return chart_close(chart);
}

/*
 * Write a remark at the right edge, below the title.
 */
void
chart_note(Chart *chart, double y, const char *note)
{
	svg_text(&chart->out, chart->options.width - CHART_MARGIN, y, SVG_END, SVG_SMALL_SIZE,
			 chart->options.width - 2 * CHART_MARGIN, "class='jm'", note);
}
