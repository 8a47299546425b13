/*-------------------------------------------------------------------------
 *
 * svg.h
 *		A canvas that writes SVG: markup, text that is escaped and measured,
 *		numbers that are the same in every locale.
 *
 * Coordinates are pixels from the upper left corner, printed with at most two
 * decimals.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SVG_H
#define JOURNEY_SVG_H

#include "postgres.h"

#include "lib/stringinfo.h"

#define SVG_TITLE_SIZE	16		/* of fonts, in pixels */
#define SVG_TEXT_SIZE	12
#define SVG_SMALL_SIZE	11

/* Which point of a text is given. */
typedef enum SvgAnchor
{
	SVG_START,
	SVG_MIDDLE,
	SVG_END
} SvgAnchor;

extern void svg_put(StringInfo out, const char *format,...);
extern void svg_escape(StringInfo out, const char *text);
extern void svg_text(StringInfo out, double x, double y, SvgAnchor anchor, int size, double room,
					 const char *attributes, const char *text);
extern double svg_text_width(const char *text, int size);

#endif							/* JOURNEY_SVG_H */
