-- A claim takes its people, and its undoing gives them back. Two claims of one person may stand from before there were
-- these rows: undoing one leaves the other its people.
BEGIN
    IF NEW.status = 'claimed' THEN
        INSERT INTO policies_claimedperson (policy_id, period_key, person_id, entitlement_id)
        SELECT NEW.policy_id, NEW.period_key, person, NEW.id
        FROM (SELECT DISTINCT unnest(NEW.persons)) AS n (person)
        ORDER BY person;
    ELSE
        DELETE FROM policies_claimedperson
        WHERE policy_id = NEW.policy_id AND period_key = NEW.period_key AND person_id = ANY (NEW.persons)
            AND entitlement_id = NEW.id;
    END IF;
    RETURN NULL;
END;
