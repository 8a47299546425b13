-- identity: the person of an id.

FUNCTION identify(space text, id_type text, id text|bigint|uuid [, as_of timestamptz]) -> bigint STABLE PARALLEL SAFE COST 10
	'The number of the person to whom an id belongs, as of the last refresh; NULL if the space does not know the id. In a definition: at the time for which it is computed.'
	WITH id bigint 'identify with an id of type bigint.'
	WITH id uuid 'identify with an id of type uuid.'
	WITH as_of 'identify at a time: the number of the person to whom the id then belonged, as the refreshes since have found. NULL: now.'
	WITH id bigint, as_of 'identify with an id of type bigint, at a time.'
	WITH id uuid, as_of 'identify with an id of type uuid, at a time.';

FUNCTION journey_internal.identify_event(space bigint, id_type text, id text, at timestamptz, history interval) -> bigint STABLE PARALLEL SAFE COST 10
	'Building block of sources: the person to whom an event of an id counts. If the id then belonged to another''s person, to whoever that is now; else to the person to whom it belongs next, if that began at most history after the event (NULL: however late); else to the id itself. NULL if the space does not know the id. space: its number.';
