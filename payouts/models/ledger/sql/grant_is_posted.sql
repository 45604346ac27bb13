-- The database posts a grant into its fund, with the moment and the person of the confirmation.
BEGIN
    INSERT INTO payouts_posting (fund_id, grant_id, debit, credit, amount_cny, posted_at, posted_by_id)
    SELECT NEW.fund_id, NEW.id, 'granted', 'available', NEW.amount_cny, p.decided_at, p.decided_by_id
    FROM proposals_proposal p
    WHERE p.id = NEW.proposal_id;
    RETURN NULL;
END;
