-- What a proposal to change the bank of a fund shows: its bank and its money.
CREATE OR REPLACE FUNCTION proposal_before_fund_bank(subject bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM payouts_fund WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'bank', f.bank_id, 'granted', f.granted_cny::text, 'available', f.available_cny::text
        )
        FROM payouts_fund f WHERE f.id = subject
    );
END;
$$;
