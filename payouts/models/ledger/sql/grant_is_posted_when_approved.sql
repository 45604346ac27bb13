-- The database posts a grant into its fund when the grant is approved.
BEGIN
    INSERT INTO payouts_posting (fund_id, grant_id, debit, credit, amount_cny, posted_at, posted_by_id)
    VALUES (
        NEW.fund_id, NEW.id, 'granted', 'available', NEW.amount_cny, NEW.decided_at, NEW.decided_by_id
    );
    RETURN NULL;
END;
