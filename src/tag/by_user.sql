-- tag: the newest version of a tag once more, user by user, for profiles.

FUNCTION journey_internal.numbers_by_user(tag_numbers numset, OUT first_user bigint, OUT numbers bytea) -> SETOF record ROWS 10000
	'Support function of refresh: the contents of the table numbers_by_user for this numset.';
FUNCTION journey_internal.members_by_user(sets userset[], OUT first_user bigint, OUT numbers bytea) -> SETOF record ROWS 10000
	'Support function of refresh: the contents of the table numbers_by_user for disjoint sets. The number of a user is the number of the set, from 0.';
FUNCTION journey_internal.number_in_row(numbers bytea, first_user bigint, user_id bigint) -> bigint
	'Support function of profile: the number of a user in a row of the table numbers_by_user; NULL if the user has none.';
FUNCTION journey_internal.is_number_row(numbers bytea) -> boolean
	'Support function of the table numbers_by_user: whether these bytes are a valid row.';

-- The newest version of a tag once more. Not dumped: the next refresh makes it again.
TABLE numbers_by_user (
	id bigint,
	as_of timestamptz,
	first_user bigint,
	numbers bytea NOT NULL CHECK (journey_internal.is_number_row(numbers)),
	PRIMARY KEY (id, as_of, first_user),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
) OF DEFINITIONS
	'The newest version of a tag, some hundred users a row, in which a profile looks up one user. For a numeric tag: the numbers as in the numset. For a tag with 2 to 100000 values and at most one value per user: the number of the value, see value_numbers.';
ALTER TABLE numbers_by_user ALTER COLUMN numbers SET STORAGE EXTERNAL;

TABLE value_numbers (
	id bigint,
	as_of timestamptz,
	number int,
	value text NOT NULL,
	PRIMARY KEY (id, as_of, number),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
) OF DEFINITIONS
	'The values to which the numbers in numbers_by_user refer, for tags that are not numeric.';

FUNCTION journey_internal.store_by_user(tag bigint, version timestamptz) -> void LANGUAGE plpgsql SET lock_timeout = '5s'
	'Support function of refresh: also stores a version of a tag by user, for profiles, if it is the newest and qualifies.'
AS $$
DECLARE
	newest record;
BEGIN
	SELECT v.as_of, v.single INTO newest
	FROM @extschema@.versions AS v JOIN @extschema@.definitions AS d ON d.id = v.id AND d.kind = 'tag' WHERE v.id = tag ORDER BY v.as_of DESC LIMIT 1;
	-- of a segment, and in an older version, users are looked up in the sets
	IF newest.as_of IS DISTINCT FROM version THEN
		RETURN;
	END IF;
	DELETE FROM @extschema@.numbers_by_user AS r WHERE r.id = tag;
	DELETE FROM @extschema@.value_numbers AS n WHERE n.id = tag;
	INSERT INTO @extschema@.numbers_by_user (id, as_of, first_user, numbers)
	SELECT tag, version, r.first_user, r.numbers
	FROM @extschema@.version_numbers AS m, journey_internal.numbers_by_user(m.numbers) AS r WHERE m.id = tag AND m.as_of = version;
	-- Of one value there is only one set to look into. The sets are in memory twice meanwhile, and a
	-- kilobyte for each.
	IF newest.single AND (SELECT count(*) BETWEEN 2 AND 100000 AND sum(pg_column_size(m.members)) < 268435456
			FROM @extschema@.version_members AS m WHERE m.id = tag AND m.as_of = version) THEN
		INSERT INTO @extschema@.value_numbers (id, as_of, number, value)
		SELECT tag, version, row_number() OVER (ORDER BY m.value) - 1, m.value FROM @extschema@.version_members AS m WHERE m.id = tag AND m.as_of = version;
		INSERT INTO @extschema@.numbers_by_user (id, as_of, first_user, numbers)
		SELECT tag, version, r.first_user, r.numbers
		-- in the order of the numbers; joining them would be quadratic, as nothing is known yet of how many there are
		FROM (SELECT array_agg(m.members ORDER BY m.value) AS sets FROM @extschema@.version_members AS m WHERE m.id = tag AND m.as_of = version) AS s,
			journey_internal.members_by_user(s.sets) AS r;
	END IF;
END $$;
