/*-------------------------------------------------------------------------
 *
 * reference.c
 *		The types role_ref and table_ref: references of the catalogue to roles
 *		and tables.
 *
 * In the server a reference is an OID, so that renaming does not matter.
 * Outside, where OIDs mean nothing, it is a name: pg_dump writes names, and a
 * restore looks up the object of this name.  If there is none, only the row
 * with this reference is affected: the reference keeps the name, with a mark,
 * and refers to nothing from then on, whatever is created later.  The same
 * holds for a reference to a dropped object.
 *
 * A reference is written
 *		name		a role's, or a table's with its schema
 *		public		everybody; no role can have this name
 *		?name		what does not exist (any more)
 *		!name		a role that has yet to accept what was restored for it
 *		"name"		a role whose name begins with one of these signs
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/namespace.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "rights/reference.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

JOURNEY_FUNCTION(journey_role_ref_recv);
JOURNEY_FUNCTION(journey_role_ref_send);
JOURNEY_FUNCTION(journey_role_ref_eq);
JOURNEY_FUNCTION(journey_role_ref_ne);
JOURNEY_FUNCTION(journey_role_ref_hash);
JOURNEY_FUNCTION(journey_role_ref_pending);
JOURNEY_FUNCTION(journey_role_ref_name);
JOURNEY_FUNCTION(journey_caller);
JOURNEY_FUNCTION(journey_table_ref_recv);
JOURNEY_FUNCTION(journey_table_ref_send);
JOURNEY_FUNCTION(journey_table_ref_from_oid);
JOURNEY_FUNCTION(journey_table_ref_to_oid);

#define UNKNOWN_MARK '?'
#define PENDING_MARK '!'

#define REFERENCE_LONGEST 1000	/* bytes of a name, quotes included */

static Reference *
make_reference(Oid oid, ReferenceKind kind, const char *name)
{
	const size_t length = strlen(name);
	Reference  *reference;

	if (length == 0 || length > REFERENCE_LONGEST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("the name of a role or table has %zu bytes", length)));
	reference = palloc0(offsetof(Reference, name) + length + 1);
	SET_VARSIZE(reference, offsetof(Reference, name) + length + 1);
	reference->oid = oid;
	reference->kind = kind;
	memcpy(reference->name, name, length);
	return reference;
}

/* ---- roles ---- */

/* The reference to an existing role, or to none. */
static Reference *
role_reference(Oid role, ReferenceKind kind)
{
	char	   *name = GetUserNameFromId(role, true);

	if (name == NULL)
		return make_reference(InvalidOid, REFERENCE_PLAIN, psprintf("%u", role));
	return make_reference(role, kind, name);
}

/* A name in double quotes without these; anything else as it is. */
static const char *
unquoted(const char *text)
{
	const size_t length = strlen(text);
	char	   *result = palloc(length + 1);
	size_t		n = 0;
	size_t		i;

	if (length < 3 || text[length - 1] != '"')
		return text;
	for (i = 1; i < length - 1; i++)
	{
		if (text[i] == '"' && (i + 1 == length - 1 || text[++i] != '"'))
			return text;
		result[n++] = text[i];
	}
	result[n] = '\0';
	return result;
}

/* What a text says. */
static Reference *
role_from_text(const char *text)
{
	ReferenceKind kind = REFERENCE_PLAIN;
	const char *name = text;
	Oid			role;

	if (strcmp(text, "public") == 0)
		return make_reference(InvalidOid, REFERENCE_PUBLIC, text);
	if (text[0] == UNKNOWN_MARK)
		return make_reference(InvalidOid, REFERENCE_PLAIN, text + 1);
	if (text[0] == PENDING_MARK)
	{
		kind = REFERENCE_PENDING;
		name = text + 1;
	}
	else if (text[0] == '"')
		name = unquoted(text);
	role = get_role_oid(name, true);
	return make_reference(role, OidIsValid(role) ? kind : REFERENCE_PLAIN, name);
}

/*
 * The role to which a reference gives rights: invalid if the role does not
 * exist or has not yet accepted.
 */
Oid
reference_role(const Reference *reference)
{
	if (reference->kind != REFERENCE_PLAIN || !OidIsValid(reference->oid) ||
		!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(reference->oid)))
		return InvalidOid;
	return reference->oid;
}

/* What is written for a reference. */
static char *
role_to_text(const Reference *reference)
{
	char	   *name;
	StringInfoData quoted;

	if (reference->kind == REFERENCE_PUBLIC)
		return pstrdup("public");
	name = OidIsValid(reference->oid) ? GetUserNameFromId(reference->oid, true) : NULL;
	if (name == NULL)
		return psprintf("%c%s", UNKNOWN_MARK, reference->name);
	if (reference->kind == REFERENCE_PENDING)
		return psprintf("%c%s", PENDING_MARK, name);
	if (name[0] != UNKNOWN_MARK && name[0] != PENDING_MARK && name[0] != '"')
		return name;
	initStringInfo(&quoted);
	appendStringInfoChar(&quoted, '"');
	for (; *name; name++)
	{
		if (*name == '"')
			appendStringInfoChar(&quoted, '"');
		appendStringInfoChar(&quoted, *name);
	}
	appendStringInfoChar(&quoted, '"');
	return quoted.data;
}

/* role_ref_in(cstring): a missing role is not an error */
JOURNEY_FUNCTION_AS(journey_role_ref_in, PointerGetDatum(role_from_text(PG_GETARG_CSTRING(0))))

/* role_ref_out(role_ref) */
JOURNEY_FUNCTION_AS(journey_role_ref_out, CStringGetDatum(role_to_text((Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)))))

/*
 * role_ref_recv(internal): the text
 */
Datum
journey_role_ref_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int			length;

	PG_RETURN_POINTER(role_from_text(pq_getmsgtext(buffer, buffer->len - buffer->cursor, &length)));
}

/*
 * role_ref_send(role_ref)
 */
Datum
journey_role_ref_send(PG_FUNCTION_ARGS)
{
	const char *text = role_to_text((Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)));
	StringInfoData buffer;

	pq_begintypsend(&buffer);
	pq_sendtext(&buffer, text, strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}

/* role_ref(regrole) */
JOURNEY_FUNCTION_AS(journey_role_ref_from_oid, PointerGetDatum(role_reference(PG_GETARG_OID(0), REFERENCE_PLAIN)))

/* regrole(role_ref), oid(role_ref): 0 unless it is a role that has accepted it */
JOURNEY_FUNCTION_AS(journey_role_ref_to_oid, ObjectIdGetDatum(reference_role((Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)))))

/* Equal are references to the same role, and the same unknown names. */
static bool
same_reference(const Reference *a, const Reference *b)
{
	return a->oid == b->oid && a->kind == b->kind &&
		(OidIsValid(a->oid) || strcmp(a->name, b->name) == 0);
}

/*
 * role_ref = role_ref
 */
Datum
journey_role_ref_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_reference((Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)),
								  (Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1))));
}

/*
 * role_ref <> role_ref
 */
Datum
journey_role_ref_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_reference((Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)),
								   (Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1))));
}

/*
 * The hash that goes with =
 */
Datum
journey_role_ref_hash(PG_FUNCTION_ARGS)
{
	const Reference *reference = (Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));

	if (OidIsValid(reference->oid))
		PG_RETURN_DATUM(hash_uint32(reference->oid));
	PG_RETURN_DATUM(hash_any((const unsigned char *) reference->name, strlen(reference->name)));
}

/*
 * pending(role_ref): the role, if it is one, has yet to accept it
 */
Datum
journey_role_ref_pending(PG_FUNCTION_ARGS)
{
	const Reference *reference = (Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));

	if (!OidIsValid(reference->oid))
		PG_RETURN_POINTER(make_reference(InvalidOid, reference->kind, reference->name));
	PG_RETURN_POINTER(role_reference(reference->oid, REFERENCE_PENDING));
}

/*
 * role_name(role_ref): the name without any sign
 */
Datum
journey_role_ref_name(PG_FUNCTION_ARGS)
{
	const Reference *reference = (Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	char	   *name = OidIsValid(reference->oid) ? GetUserNameFromId(reference->oid, true) : NULL;

	PG_RETURN_TEXT_P(cstring_to_text(name != NULL ? name : reference->name));
}

/*
 * caller(): the current role
 */
Datum
journey_caller(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_POINTER(role_reference(GetUserId(), REFERENCE_PLAIN));
}

/* ---- tables ---- */

/* The qualified name of a table, or NULL. */
static char *
table_name(Oid table)
{
	char	   *name = OidIsValid(table) ? get_rel_name(table) : NULL;
	char	   *schema = name != NULL ? get_namespace_name(get_rel_namespace(table)) : NULL;

	return schema != NULL ? quote_qualified_identifier(schema, name) : NULL;
}

/* Parse a text: only an invalid qualified name is an error. */
static Reference *
table_from_text(char *text)
{
	List	   *parts;
	Oid			schema;

	if (text[0] == UNKNOWN_MARK)
		return make_reference(InvalidOid, REFERENCE_PLAIN, text + 1);
	parts = textToQualifiedNameList(cstring_to_text(text));
	if (list_length(parts) != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("\"%s\" is not the name of a table with its schema", text),
				 errhint("Write schema.table.")));
	schema = get_namespace_oid(strVal(linitial(parts)), true);
	return make_reference(OidIsValid(schema) ? get_relname_relid(strVal(lsecond(parts)), schema) : InvalidOid,
						  REFERENCE_PLAIN, text);
}

static char *
table_to_text(const Reference *reference)
{
	char	   *name = table_name(reference->oid);

	return name != NULL ? name : psprintf("%c%s", UNKNOWN_MARK, reference->name);
}

/* table_ref_in(cstring) */
JOURNEY_FUNCTION_AS(journey_table_ref_in, PointerGetDatum(table_from_text(PG_GETARG_CSTRING(0))))

/* table_ref_out(table_ref) */
JOURNEY_FUNCTION_AS(journey_table_ref_out, CStringGetDatum(table_to_text((Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)))))

/*
 * table_ref_recv(internal)
 */
Datum
journey_table_ref_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int			length;

	PG_RETURN_POINTER(table_from_text(pq_getmsgtext(buffer, buffer->len - buffer->cursor, &length)));
}

/*
 * table_ref_send(table_ref)
 */
Datum
journey_table_ref_send(PG_FUNCTION_ARGS)
{
	const char *text = table_to_text((Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)));
	StringInfoData buffer;

	pq_begintypsend(&buffer);
	pq_sendtext(&buffer, text, strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}

/*
 * table_ref(regclass)
 */
Datum
journey_table_ref_from_oid(PG_FUNCTION_ARGS)
{
	const Oid	table = PG_GETARG_OID(0);
	char	   *name = table_name(table);

	PG_RETURN_POINTER(name != NULL ? make_reference(table, REFERENCE_PLAIN, name) :
					  make_reference(InvalidOid, REFERENCE_PLAIN, psprintf("%u", table)));
}

/*
 * regclass(table_ref), oid(table_ref): 0 if it does not exist
 */
Datum
journey_table_ref_to_oid(PG_FUNCTION_ARGS)
{
	const Reference *reference = (Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));

	PG_RETURN_OID(get_rel_name(reference->oid) != NULL ? reference->oid : InvalidOid);
}
