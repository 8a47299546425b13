/*-------------------------------------------------------------------------
 *
 * svg.c
 *		A canvas that writes SVG.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/svg.h"
#include "mb/pg_wchar.h"

/* The widths of the printable ASCII characters in a sans-serif font, in thousandths of its size. */
static const uint16 ascii_widths[95] = {
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584
};

#define FONT_MARGIN		1.15	/* the widest of usual fonts against these
								 * widths */
#define OTHER_WIDTH		600		/* of a character that is neither ASCII nor
								 * wide */
#define WIDE_WIDTH		1000	/* of a Chinese, Japanese or Korean character */
#define ELLIPSIS_WIDTH	1000
#define ELLIPSIS		"&#8230;"

/* A character at a time: its bytes, and its width in thousandths of the size of the font. */
static int
svg_character(const char *at, int *width)
{
	int			bytes = pg_mblen(at);
	unsigned char c = (unsigned char) *at;

	if (c < 0x80)
		*width = (int) (FONT_MARGIN * (c < 32 || c == 127 ? 278 : ascii_widths[c - 32]));
	else
	{
		int			columns = pg_dsplen(at);

		*width = columns >= 2 ? WIDE_WIDTH : columns <= 0 ? 0 : OTHER_WIDTH;
	}
	return bytes;
}

/*
 * The width of a text in pixels, in the widest of usual fonts.
 */
double
svg_text_width(const char *text, int size)
{
	int64		total = 0;
	int			width;

	while (*text != '\0')
	{
		text += svg_character(text, &width);
		total += width;
	}
	return (double) total * size / 1000;
}

/*
 * Is this a character that XML does not have?  Blanks that are control
 * characters are written as blanks, by the caller.
 */
static bool
svg_is_no_character(const char *at, int bytes)
{
	unsigned char c = (unsigned char) *at;

	if (c < 0x80)
		return c < 32 || c == 127;
	if (GetDatabaseEncoding() == PG_UTF8)
	{
		pg_wchar	point = utf8_to_unicode((const unsigned char *) at);

		return point < 0xA0 || point == 0xFFFE || point == 0xFFFF || (point >= 0xD800 && point <= 0xDFFF) ||
			(point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
	}
	return false;
}

/* Append the first `length` bytes of a text, escaped. */
static void
svg_escape_bytes(StringInfo out, const char *text, int length)
{
	const char *end = text + length;

	while (text < end)
	{
		int			bytes = Min(pg_mblen(text), (int) (end - text));

		switch (*text)
		{
			case '&':
				appendStringInfoString(out, "&amp;");
				break;
			case '<':
				appendStringInfoString(out, "&lt;");
				break;
			case '>':
				appendStringInfoString(out, "&gt;");
				break;
			case '"':
				appendStringInfoString(out, "&quot;");
				break;
			case '\'':
				appendStringInfoString(out, "&#39;");
				break;
			case '\t':
			case '\n':
			case '\r':
				appendStringInfoChar(out, ' ');
				break;
			default:
				if (!svg_is_no_character(text, bytes))
					appendBinaryStringInfo(out, text, bytes);
		}
		text += bytes;
	}
}

/*
 * Append a text so that it is text in an element or a quoted attribute.
 * Control characters, also those that change the direction of text, are left
 * out.
 */
void
svg_escape(StringInfo out, const char *text)
{
	svg_escape_bytes(out, text, (int) strlen(text));
}

/* Append a coordinate, with at most two decimals. */
static void
svg_number(StringInfo out, double number)
{
	char		digits[64];
	int			length;

	if (!isfinite(number))
		number = 0;
	number = Max(Min(number, 1e7), -1e7);
	length = snprintf(digits, sizeof(digits), "%.2f", number);
	while (digits[length - 1] == '0')
		digits[--length] = '\0';
	if (digits[length - 1] == '.')
		digits[--length] = '\0';
	appendStringInfoString(out, strcmp(digits, "-0") == 0 ? "0" : digits);
}

/*
 * Append markup.  Of the format, %n is a coordinate (double), %d an int, %t a
 * text that is escaped, and %s markup that the program has made.
 */
void
svg_put(StringInfo out, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	for (;;)
	{
		const char *percent = strchr(format, '%');

		if (percent == NULL)
			break;
		appendBinaryStringInfo(out, format, percent - format);
		switch (percent[1])
		{
			case 'n':
				svg_number(out, va_arg(args, double));
				break;
			case 'd':
				appendStringInfo(out, "%d", va_arg(args, int));
				break;
			case 't':
				svg_escape(out, va_arg(args, const char *));
				break;
			case 's':
				appendStringInfoString(out, va_arg(args, const char *));
				break;
			case '%':
				appendStringInfoChar(out, '%');
				break;
			default:
				elog(ERROR, "unknown conversion \"%%%c\"", percent[1]);
		}
		format = percent + 2;
	}
	va_end(args);
	appendStringInfoString(out, format);
}

/*
 * Write a text in at most `room` pixels.  If it needs more, it ends with an
 * ellipsis, and the tooltip has all of it.  `attributes` are markup or NULL.
 */
void
svg_text(StringInfo out, double x, double y, SvgAnchor anchor, int size, double room,
		 const char *attributes, const char *text)
{
	static const char *const anchors[] = {"", " text-anchor='middle'", " text-anchor='end'"};
	double		most = room * 1000 / size;
	double		used = 0;
	int			fits = 0;		/* bytes that fit beside an ellipsis */
	int			at = 0;
	int			width;

	while (text[at] != '\0' && used <= most)
	{
		int			bytes = svg_character(text + at, &width);

		used += width;
		at += bytes;
		if (used + ELLIPSIS_WIDTH <= most)
			fits = at;
	}
	svg_put(out, "<text x='%n' y='%n'%s", x, y, anchors[anchor]);
	if (size != SVG_TEXT_SIZE)
		svg_put(out, " font-size='%d'", size);
	svg_put(out, "%s%s>", attributes == NULL ? "" : " ", attributes == NULL ? "" : attributes);
	if (used <= most)
		svg_escape(out, text);
	else
	{
		svg_escape_bytes(out, text, fits);
		svg_put(out, ELLIPSIS "<title>%t</title>", text);
	}
	appendStringInfoString(out, "</text>\n");
}
