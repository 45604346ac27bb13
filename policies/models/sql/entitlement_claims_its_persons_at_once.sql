-- An entitlement that is inserted as claimed claims its persons, as `entitlement_claims_its_persons.sql` does when the
-- status changes.
BEGIN
    INSERT INTO policies_claimedperson (policy_id, period_key, person_id, entitlement_id)
    SELECT NEW.policy_id, NEW.period_key, person, NEW.id
    FROM (SELECT DISTINCT unnest(NEW.persons)) AS n (person)
    ORDER BY person;
    RETURN NULL;
END;
