/*-------------------------------------------------------------------------
 *
 * chart_sets.c
 *		Overlaps of sets: Venn diagrams of up to three, and UpSet plots.
 *
 * A row is a region: which sets its users are in, as an array, and how many
 * they are.  The areas of two circles and of what they share are those of the
 * data.  Three circles have the areas of the sets, and distances as near as
 * possible to those that each pair would have.  The numbers beside them are
 * exact.
 *
 * UpSet: Lex, Gehlenborg, Strobelt, Vuillemot and Pfister, "UpSet:
 * Visualization of Intersecting Sets", 2014.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "base/base.h"
#include "chart/chart.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"

#define MOST_SETS		30
#define MOST_REGIONS	30		/* of an UpSet plot, unless the option top
								 * says another number */
#define ROW_HEIGHT		24

typedef struct SetRegion
{
	uint32		sets;			/* a bit for each */
	double		users;			/* NaN: hidden */
	int			number;
} SetRegion;

typedef struct Sets
{
	ChartFormat format;
	const char *word;			/* of the numbers */
	int			n;
	char	   *keys[MOST_SETS];	/* as in the rows */
	const char *names[MOST_SETS];	/* as they are shown */
	double		sizes[MOST_SETS];
	bool		hidden[MOST_SETS];	/* whether a region of it has no number */
	int			nregions;
	SetRegion  *regions;
} Sets;

/* The number of a set; a new one if it is not known. */
static int
set_number(const Chart *chart, Sets *sets, char *key)
{
	int			i;

	for (i = 0; i < sets->n; i++)
	{
		if (strcmp(sets->keys[i], key) == 0)
			return i;
	}
	if (sets->n == MOST_SETS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a chart of kind \"%s\" has more than %d sets", chart->kind, MOST_SETS),
				 errhint("Select rows of fewer sets.")));
	sets->keys[sets->n] = key;
	return sets->n++;
}

/* The sets of a region: the elements of an array as text, or a single name. */
static uint32
read_sets(const Chart *chart, Sets *sets, const char *text)
{
	uint32		result = 0;
	bool		array = text[0] == '{';
	const char *at = array ? text + 1 : text;

	while (*at != '\0' && !(array && *at == '}'))
	{
		StringInfoData key;
		bool		quoted = false;

		initStringInfo(&key);
		for (; *at != '\0' && (quoted || !array || (*at != ',' && *at != '}')); at++)
		{
			if (array && *at == '"')
				quoted = !quoted;
			else
			{
				if (array && *at == '\\' && at[1] != '\0')
					at++;
				appendStringInfoChar(&key, *at);
			}
		}
		result |= UINT32_C(1) << set_number(chart, sets, key.data);
		if (array && *at == ',')
			at++;
	}
	return result;
}

static int
set_key_order(const void *a, const void *b)
{
	const char *x = *(char *const *) a;
	const char *y = *(char *const *) b;
	size_t		length_x = strlen(x);
	size_t		length_y = strlen(y);

	/* subscripts, as numbers */
	return length_x != length_y ? (length_x > length_y) - (length_x < length_y) : strcmp(x, y);
}

static int
region_order(const void *a, const void *b)
{
	const SetRegion *x = a;
	const SetRegion *y = b;

	if (isnan(x->users) || isnan(y->users))
		return isnan(x->users) != isnan(y->users) ? isnan(x->users) - isnan(y->users) : x->number - y->number;
	return x->users > y->users ? -1 : x->users < y->users ? 1 : x->number - y->number;
}

/* The sets of the rows, and their regions, the greatest first. */
static void
read_regions(const Chart *chart, Sets *sets)
{
	const ChartRows *rows = chart->rows;
	int			column = chart->options.label != NULL ? chart_need_column(chart, chart->options.label, false) : chart_need_column(chart, "sets", false);
	int			value = chart->options.nvalues > 0 ? chart_need_column(chart, chart->options.values[0], true) : chart_find_column(chart, "users");
	bool		numbers = true;
	int			row;
	int			i;

	for (i = 0; i < rows->ncolumns && value < 0; i++)
	{
		if (i != column && rows->columns[i].type == CHART_NUMBER)
			value = i;
	}
	if (value < 0)
		value = chart_need_column(chart, "users", true);
	sets->format = rows->columns[value].format;
	sets->word = chart_word(chart, rows->columns[value].name);
	sets->regions = palloc(rows->n * sizeof(SetRegion));

	/* first all sets: if their names are subscripts, in their order */
	for (row = 0; row < rows->n; row++)
	{
		if (chart_cell(chart, row, column)->text != NULL)
			(void) read_sets(chart, sets, chart_cell(chart, row, column)->text);
	}
	for (i = 0; i < sets->n; i++)
		numbers = numbers && strlen(sets->keys[i]) <= 9 && sets->keys[i][0] != '\0' && strspn(sets->keys[i], "0123456789") == strlen(sets->keys[i]);
	if (numbers)
		qsort(sets->keys, sets->n, sizeof(char *), set_key_order);
	for (i = 0; i < sets->n; i++)
	{
		int			place = numbers ? atoi(sets->keys[i]) - 1 : i;

		sets->names[i] = place >= 0 && place < chart->options.nnames ? chart->options.names[place] : sets->keys[i];
	}
	for (row = 0; row < rows->n; row++)
	{
		double		users = chart_cell(chart, row, value)->number;
		uint32		members;

		CHECK_FOR_INTERRUPTS();
		if (chart_cell(chart, row, column)->text == NULL || users < 0 || isinf(users))
			continue;
		members = read_sets(chart, sets, chart_cell(chart, row, column)->text);
		if (members == 0)
			continue;
		for (i = 0; i < sets->n; i++)
		{
			if ((members & (UINT32_C(1) << i)) == 0)
				continue;
			if (isnan(users))
				sets->hidden[i] = true;
			else
				sets->sizes[i] += Min(users, 1e250);
		}
		for (i = 0; i < sets->nregions && sets->regions[i].sets != members; i++)
			;
		if (i == sets->nregions)
		{
			sets->regions[i].sets = members;
			sets->regions[i].users = isnan(users) ? NAN : Min(users, 1e250);
			sets->regions[i].number = i;
			sets->nregions++;
		}
		else
			sets->regions[i].users += isnan(users) ? NAN : Min(users, 1e250);
	}
	/* a region without users only names a set */
	for (i = 0, row = 0; row < sets->nregions; row++)
	{
		if (sets->regions[row].users != 0)
			sets->regions[i++] = sets->regions[row];
	}
	sets->nregions = i;
	qsort(sets->regions, sets->nregions, sizeof(SetRegion), region_order);
}

/* What a region or a set says. */
static char *
region_name(const Sets *sets, uint32 members)
{
	StringInfoData name;
	int			i;

	initStringInfo(&name);
	for (i = 0; i < sets->n; i++)
	{
		if (members & (UINT32_C(1) << i))
			appendStringInfo(&name, "%s%s", name.len > 0 ? " + " : "", sets->names[i]);
	}
	return name.data;
}

static char *
shown_users(const Chart *chart, const Sets *sets, double users, bool hidden)
{
	return isnan(users) || hidden ? pstrdup("?") : chart_number(chart, sets->format, users);
}

typedef struct Circle
{
	double		x;
	double		y;
	double		r;
} Circle;

/* The area that two circles share. */
static double
shared_area(double a, double b, double distance)
{
	double		angle_a;
	double		angle_b;

	if (distance >= a + b)
		return 0;
	if (distance <= fabs(a - b))
		return M_PI * Min(a, b) * Min(a, b);
	angle_a = 2 * acos(Max(Min((a * a + distance * distance - b * b) / (2 * a * distance), 1), -1));
	angle_b = 2 * acos(Max(Min((b * b + distance * distance - a * a) / (2 * b * distance), 1), -1));
	return (a * a * (angle_a - sin(angle_a)) + b * b * (angle_b - sin(angle_b))) / 2;
}

/* The distance at which two circles share an area. */
static double
distance_for(double a, double b, double area)
{
	double		low = fabs(a - b);
	double		high = a + b;
	int			i;

	for (i = 0; i < 60; i++)
	{
		double		middle = (low + high) / 2;

		if (shared_area(a, b, middle) > area)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

/* Circles of radius 1 for the greatest set, near the distances that they want. */
static void
venn_circles(const Sets *sets, Circle *circles)
{
	double		wanted[3][3] = {{0}};
	double		most = 0;
	int			i;
	int			k;
	int			step;

	for (i = 0; i < sets->n; i++)
		most = Max(most, sets->sizes[i]);
	for (i = 0; i < sets->n; i++)
	{
		circles[i].r = most > 0 ? Max(sqrt(sets->sizes[i] / most), 0.02) : 0.5;
		/* a triangle, the first two above */
		circles[i].x = i == 0 ? -0.5 : i == 1 ? 0.5 : 0.05;
		circles[i].y = i == 2 ? 0.8 : 0;
	}
	for (i = 0; i < sets->n; i++)
	{
		for (k = i + 1; k < sets->n; k++)
		{
			double		shared = 0;
			int			region;

			for (region = 0; region < sets->nregions; region++)
			{
				uint32		pair = (UINT32_C(1) << i) | (UINT32_C(1) << k);

				if ((sets->regions[region].sets & pair) == pair && !isnan(sets->regions[region].users))
					shared += sets->regions[region].users;
			}
			if (shared > 0)
				wanted[i][k] = distance_for(circles[i].r, circles[k].r, shared / most * M_PI);
			else
				wanted[i][k] = circles[i].r + circles[k].r + 0.08;
		}
	}
	if (sets->n == 2)
	{
		circles[0].x = 0;
		circles[1].x = wanted[0][1];
		circles[0].y = circles[1].y = 0;
		return;
	}
	/* each pair moves towards its distance; those apart may be further so */
	for (step = 0; step < 2000; step++)
	{
		for (i = 0; i < sets->n; i++)
		{
			for (k = i + 1; k < sets->n; k++)
			{
				double		dx = circles[k].x - circles[i].x;
				double		dy = circles[k].y - circles[i].y;
				double		distance = Max(sqrt(dx * dx + dy * dy), 1e-6);
				bool		apart = wanted[i][k] > circles[i].r + circles[k].r;
				double		move = apart && distance > wanted[i][k] ? (distance - wanted[i][k]) * 0.02 : (distance - wanted[i][k]) * 0.2;

				dx *= move / distance / 2;
				dy *= move / distance / 2;
				circles[i].x += dx;
				circles[i].y += dy;
				circles[k].x -= dx;
				circles[k].y -= dy;
			}
		}
	}
}

/* The point of a region that is farthest from all circles; returns how far. */
static double
region_middle(const Circle *circles, int n, uint32 members, double *x, double *y)
{
	double		best = -1;
	ChartBox	box = {1e9, 1e9, -1e9, -1e9};
	int			i;
	int			row;
	int			column;

	for (i = 0; i < n; i++)
	{
		if ((members & (1 << i)) == 0)
			continue;
		box.left = Min(box.left, circles[i].x - circles[i].r);
		box.top = Min(box.top, circles[i].y - circles[i].r);
		box.right = Max(box.right, circles[i].x + circles[i].r);
		box.bottom = Max(box.bottom, circles[i].y + circles[i].r);
	}
	for (row = 0; row <= 100; row++)
	{
		for (column = 0; column <= 100; column++)
		{
			double		at_x = box.left + (box.right - box.left) * column / 100;
			double		at_y = box.top + (box.bottom - box.top) * row / 100;
			double		least = 1e9;

			for (i = 0; i < n && least > best; i++)
			{
				double		inside = circles[i].r - hypot(at_x - circles[i].x, at_y - circles[i].y);

				least = Min(least, (members & (1 << i)) != 0 ? inside : -inside);
			}
			if (least > best)
			{
				best = least;
				*x = at_x;
				*y = at_y;
			}
		}
	}
	return best;
}

/*
 * A Venn diagram: circles at the left, and all regions with their numbers at
 * the right.
 */
text *
chart_draw_venn(Chart *chart)
{
	Sets		sets = {0};
	Circle		circles[3] = {{0}};
	ChartBox	around = {1e9, 1e9, -1e9, -1e9};
	double		height = chart->options.height;
	double		list = Min(chart->options.width * 0.42, 300);
	double		room = chart->options.width - list - 3 * CHART_MARGIN;
	double		top;
	double		scale;
	double		y;
	int			i;
	int			degree;
	StringInfo	out = &chart->out;

	read_regions(chart, &sets);
	if (sets.n > 3)
		return chart_draw_upset(chart);
	if (sets.n == 0)
		return chart_nothing(chart);
	venn_circles(&sets, circles);
	if (height == 0)
		height = chart_legend_height(chart, NULL, 0) + 320;
	top = chart_open(chart, height, NULL, 0);
	for (i = 0; i < sets.n; i++)
	{
		around.left = Min(around.left, circles[i].x - circles[i].r);
		around.top = Min(around.top, circles[i].y - circles[i].r);
		around.right = Max(around.right, circles[i].x + circles[i].r);
		around.bottom = Max(around.bottom, circles[i].y + circles[i].r);
	}
	scale = Max(Min(room / (around.right - around.left), (height - top - CHART_MARGIN) / (around.bottom - around.top)), 1);
	for (i = 0; i < sets.n; i++)
	{
		circles[i].x = CHART_MARGIN + room / 2 + (circles[i].x - (around.left + around.right) / 2) * scale;
		circles[i].y = (top + height - CHART_MARGIN) / 2 + (circles[i].y - (around.top + around.bottom) / 2) * scale;
		circles[i].r *= scale;
	}

	svg_put(out, "<style>#%s .set{fill-opacity:.3;stroke-width:2}#%s .region{fill-opacity:0}#%s .region:is(:hover,.at){fill-opacity:.35}</style>\n<g class='sets'>\n", chart->id, chart->id, chart->id);
	for (i = 0; i < sets.n; i++)
		svg_put(out, "<circle class='set j%d' style='stroke:var(--j%d)' cx='%n' cy='%n' r='%n'/><clipPath id='%s-c%d'><circle cx='%n' cy='%n' r='%n'/></clipPath>\n",
				i + 1, i + 1, circles[i].x, circles[i].y, circles[i].r, chart->id, i, circles[i].x, circles[i].y, circles[i].r);
	svg_put(out, "</g>\n<g class='regions'>\n");
	/* what each region says, that of more sets above that of fewer */
	for (degree = 1; degree <= sets.n; degree++)
	{
		uint32		members;

		for (members = 1; members < (UINT32_C(1) << sets.n); members++)
		{
			double		users = 0;
			int			opened = 0;
			bool		circle = false;

			if (pg_popcount32(members) != degree)
				continue;
			for (i = 0; i < sets.nregions; i++)
			{
				if (sets.regions[i].sets == members)
					users = sets.regions[i].users;
			}
			if (users == 0)
				continue;
			for (i = sets.n - 1; i >= 0; i--)
			{
				if ((members & (1 << i)) == 0)
					continue;
				if ((members & ((1 << i) - 1)) != 0)
				{
					svg_put(out, "<g clip-path='url(#%s-c%d)'>", chart->id, i);
					opened++;
				}
				else if (!circle)
				{
					svg_put(out, "<circle class='region mark jm' cx='%n' cy='%n' r='%n'><title>%t: %t %t</title></circle>", circles[i].x, circles[i].y, circles[i].r,
							region_name(&sets, members), shown_users(chart, &sets, users, false), sets.word);
					circle = true;
				}
			}
			while (opened-- > 0)
				svg_put(out, "</g>");
			svg_put(out, "\n");
		}
	}
	svg_put(out, "</g>\n<g class='values' pointer-events='none'>\n");
	for (i = 0; i < sets.nregions && chart->options.numbers != 0; i++)
	{
		char	   *number = shown_users(chart, &sets, sets.regions[i].users, false);
		double		x = 0;
		double		middle = 0;

		if (sets.regions[i].users > 0 &&
			region_middle(circles, sets.n, sets.regions[i].sets, &x, &middle) >= Max(svg_text_width(number, SVG_TEXT_SIZE) / 2 * 0.9, 8))
			svg_text(out, x, middle + 4, SVG_MIDDLE, SVG_TEXT_SIZE, 200, "font-weight='600'", number);
	}

	/* the list: the sets with their sizes, then the regions */
	svg_put(out, "</g>\n<g class='list'>\n");
	y = Max(top + 14, (top + height - CHART_MARGIN) / 2 - (sets.n + sets.nregions + 0.5) * 9);
	for (i = 0; i < sets.n; i++, y += 18)
	{
		char	   *number = shown_users(chart, &sets, sets.sizes[i], sets.hidden[i]);
		double		x = chart->options.width - CHART_MARGIN - list;

		svg_put(out, "<rect class='j%d' x='%n' y='%n' width='12' height='12' rx='2'/>", i + 1, x, y - 10);
		svg_text(out, x + 17, y, SVG_START, SVG_TEXT_SIZE, list - 25 - svg_text_width(number, SVG_TEXT_SIZE), "font-weight='600'", sets.names[i]);
		svg_text(out, x + list, y, SVG_END, SVG_TEXT_SIZE, list, "font-weight='600'", number);
	}
	y += 9;
	for (i = 0; i < sets.nregions && sets.n > 1; i++)
	{
		char	   *number = shown_users(chart, &sets, sets.regions[i].users, false);
		double		x = chart->options.width - CHART_MARGIN - list;

		svg_text(out, x + 17, y, SVG_START, SVG_TEXT_SIZE, list - 25 - svg_text_width(number, SVG_TEXT_SIZE), "class='jm'",
				 pg_popcount32(sets.regions[i].sets) > 1 ? region_name(&sets, sets.regions[i].sets)
				 : psprintf("%s %s", chart_word(chart, "only"), region_name(&sets, sets.regions[i].sets)));
		svg_text(out, x + list, y, SVG_END, SVG_TEXT_SIZE, list, NULL, number);
		y += 18;
	}
	svg_put(out, "</g>\n");
	return chart_close(chart);
}

/*
 * An UpSet plot: a column for each region, with a bar for its users above dots
 * for its sets; and a bar for each set at the left.
 */
text *
chart_draw_upset(Chart *chart)
{
	Sets		sets = {0};
	double		height = chart->options.height;
	double		width = chart->options.width;
	double		names = 40;
	double		most_of_sets = 0;
	double		bars;
	double		band;
	double		thick;
	double		rows_top;
	ChartScale	scale;
	ChartBox	box;
	int			shown;
	bool		fit = true;		/* numbers above the bars */
	int			i;
	int			k;
	StringInfo	out = &chart->out;

	read_regions(chart, &sets);
	if (sets.n == 0)
		return chart_nothing(chart);
	shown = Min(sets.nregions, chart->options.top > 0 ? chart->options.top : MOST_REGIONS);
	if (height == 0)
		height = chart_legend_height(chart, NULL, 0) + 220 + sets.n * ROW_HEIGHT + CHART_MARGIN;
	box.top = chart_open(chart, height, NULL, 0) + 38;
	rows_top = Max(height - CHART_MARGIN - sets.n * ROW_HEIGHT, box.top + 30);
	box.bottom = rows_top - 10;
	for (i = 0; i < sets.n; i++)
	{
		names = Max(names, svg_text_width(sets.names[i], SVG_TEXT_SIZE));
		most_of_sets = Max(most_of_sets, sets.sizes[i]);
	}
	names = Min(names, width * 0.2);
	bars = width * 0.18;
	chart_nice_scale(&scale, 0, shown > 0 && sets.regions[0].users > 0 ? sets.regions[0].users : 1, Max((int) ((box.bottom - box.top) / 48), 1), sets.format);
	scale.from = box.bottom;
	scale.to = box.top;
	box.left = CHART_MARGIN + bars + names + 16 + chart_ticks_width(chart, &scale);
	box.right = width - CHART_MARGIN;
	if (chart->options.value_title == NULL)
		chart->options.value_title = unconstify(char *, sets.word);
	chart_value_axis(chart, &scale, &box, false);
	band = Min((box.right - box.left) / Max(shown, 1), 44);
	thick = Min(band * 0.66, 26);
	for (k = 0; k < shown; k++)
		fit = fit && svg_text_width(shown_users(chart, &sets, sets.regions[k].users, false), SVG_SMALL_SIZE) <= band + 2;

	/* the sets */
	svg_put(out, "<style>#%s .dot{fill:none;stroke-width:2}#%s .row{fill-opacity:.06}#%s .column:is(:hover,.at) .mark{opacity:.75}</style>\n<g class='sets'>\n", chart->id, chart->id, chart->id);
	for (i = 0; i < sets.n; i++)
	{
		double		y = rows_top + i * ROW_HEIGHT;
		double		x = CHART_MARGIN + bars;
		double		size = most_of_sets > 0 ? sets.sizes[i] / most_of_sets * (bars - 50) : 0;
		char	   *number = shown_users(chart, &sets, sets.sizes[i], sets.hidden[i]);

		if (i % 2 == 0)
			svg_put(out, "<rect class='row jm' x='%n' y='%n' width='%n' height='%d'/>", (double) CHART_MARGIN, y, width - 2 * CHART_MARGIN, ROW_HEIGHT);
		svg_put(out, "<rect class='set mark j2' x='%n' y='%n' width='%n' height='%d'><title>%t: %t %t</title></rect>\n", x - size, y + 5, size, ROW_HEIGHT - 10,
				sets.names[i], number, sets.word);
		svg_text(out, x - size - 4, y + 16, SVG_END, SVG_SMALL_SIZE, 60, "class='jm'", number);
		svg_text(out, x + 8, y + 16, SVG_START, SVG_TEXT_SIZE, names + 2, NULL, sets.names[i]);
	}
	svg_put(out, "</g>\n");

	for (k = 0; k < shown; k++)
	{
		const SetRegion *region = &sets.regions[k];
		double		x = box.left + (k + 0.5) * band;
		double		users = isnan(region->users) ? 0 : region->users;
		double		y = chart_scaled(&scale, users);
		char	   *number = shown_users(chart, &sets, region->users, false);
		int			first = -1;
		int			last = -1;

		CHECK_FOR_INTERRUPTS();
		svg_put(out, "<g class='column'><rect class='mark j1' x='%n' y='%n' width='%n' height='%n'/>", x - thick / 2, y, thick, box.bottom - y);
		if (chart->options.numbers != 0 && fit)
			svg_text(out, x, y - 4, SVG_MIDDLE, SVG_SMALL_SIZE, band + 4, "class='jm'", number);
		for (i = 0; i < sets.n; i++)
		{
			if ((region->sets & (UINT32_C(1) << i)) == 0)
				continue;
			first = first < 0 ? i : first;
			last = i;
		}
		for (i = 0; i < sets.n; i++)
		{
			if (region->sets & (UINT32_C(1) << i))
				svg_put(out, "<circle class='mark j1' cx='%n' cy='%n' r='%n'/>", x, rows_top + (i + 0.5) * ROW_HEIGHT, Min(6, band * 0.4));
			else
				svg_put(out, "<circle class='jg dot' cx='%n' cy='%n' r='%n'/>", x, rows_top + (i + 0.5) * ROW_HEIGHT, Min(4, band * 0.3));
		}
		svg_put(out, "<path class='jl jl1' d='M%n %nV%n'/>", x, rows_top + (first + 0.5) * ROW_HEIGHT, rows_top + (last + 0.5) * ROW_HEIGHT);
		svg_put(out, "<title>%t: %t %t</title></g>\n", region_name(&sets, region->sets), number, sets.word);
	}
	if (shown < sets.nregions)
		chart_note(chart, box.top - 16, psprintf("+ %d %s", sets.nregions - shown, chart_word(chart, "not shown")));
	return chart_close(chart);
}
