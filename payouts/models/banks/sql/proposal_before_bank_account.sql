-- The terms of a bank; one that is still to be entered is number 0, and has none.
CREATE OR REPLACE FUNCTION proposal_before_bank_account(subject bigint) RETURNS jsonb AS $$
BEGIN
    IF subject = 0 THEN
        RETURN '{}';
    END IF;
    PERFORM FROM payouts_bank WHERE id = subject FOR NO KEY UPDATE;
    RETURN (SELECT to_jsonb(b) - 'id' FROM payouts_bank b WHERE b.id = subject);
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
