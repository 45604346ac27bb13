-- When an entitlement is claimed, the database records that the policy pays for each person behind it in this period;
-- when the claim is undone, the database removes these records.
--
-- The deletion names the entitlement because two claims of one person may date from before this table existed: undoing
-- one of them must not release the person whom the other one still claims.
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
