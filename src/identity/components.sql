-- identity: which ids belong together.

TYPE id_components
	'The connected components of ids: what connected_components() returns, for component_rows(). It lasts as long as its query: what is stored cannot be read.';
STATE components SPACE 1000000 READ_WRITE;
AGGREGATE connected_components(a anyelement, b anyelement) -> id_components STATE components
	'The connected components of links between ids: two ids are in one component if links lead from one to the other. Each row is a link between a and b, of any type that can be hashed; if one of them is NULL, the other is an id without a link, and if both are, the row is skipped. The result does not depend on the order of rows; no rows give NULL. Read it with component_rows() in the same query.';
FUNCTION component_rows(id_components, type anyelement, OUT id anyelement, OUT component anyelement) -> SETOF record STABLE PARALLEL RESTRICTED ROWS 100000
	'A row for each id of connected_components(), in no order: the id and its component, which is named by the smallest of its ids. The second argument is a NULL of the type of the ids: SELECT * FROM component_rows((SELECT connected_components(a, b) FROM links), NULL::bigint).';
