-- A contract that is declared has its table at once: a new one is created, a known one gains columns or room in them.
--
-- The function works with the owner's rights, so it takes nothing but names of a closed alphabet and known types. What
-- takes something away from those who rely on the dataset, or changes what its rows mean, takes two people.
DECLARE
    earlier companies_datasetcontract;
    narrowed text[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('dataset contracts'));
    IF EXISTS (
        SELECT FROM companies_datasetcontract AS other
        WHERE other.name <> NEW.name AND other.retired_at IS NULL AND (
            NEW.shape #>> '{terms,item}' IN (other.name, nullif(other.shape #>> '{terms,item}', ''))
            OR other.shape #>> '{terms,item}' = NEW.name
        )
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'unique_violation', CONSTRAINT = 'dataset_contract_has_words_of_its_own',
            MESSAGE = 'Another dataset is called so, or its rows are.';
    END IF;
    SELECT * FROM companies_datasetcontract WHERE name = NEW.name AND id < NEW.id ORDER BY id DESC LIMIT 1 INTO earlier;
    IF earlier.id IS NULL THEN
        PERFORM dataset_create(NEW.name, NEW.shape);
        RETURN NULL;
    END IF;
    IF earlier.retired_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'dataset_contract_is_not_of_a_retired_one',
            MESSAGE = 'A dataset that was retired is not declared again; give the new one another name.';
    END IF;
    IF string_to_array(NEW.version, '.')::integer[] <= string_to_array(earlier.version, '.')::integer[] THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'dataset_contract_has_a_higher_version',
            MESSAGE = 'The version is not higher than that of the contract in force.';
    END IF;
    narrowed := dataset_narrowings(earlier.shape, NEW.shape);
    IF cardinality(narrowed) > 0 AND NOT proposal_permits('dataset_contract', earlier.id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'dataset_contract_is_narrowed_by_two',
            MESSAGE = 'This takes two people: one proposes it, another confirms it.', DETAIL = narrowed::text;
    END IF;
    PERFORM dataset_alter(NEW.name, earlier.shape, NEW.shape);
    RETURN NULL;
END;
