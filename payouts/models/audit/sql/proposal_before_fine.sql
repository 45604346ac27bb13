-- What a proposal of a fine shows: the amount demanded, and the fine so far, which is none.
CREATE OR REPLACE FUNCTION proposal_before_fine(subject bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM payouts_recovery WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'demanded', r.amount_cny::text, 'percentage', r.fine_percentage, 'fine_cny', r.fine_cny::text
        )
        FROM payouts_recovery r WHERE r.id = subject
    );
END;
$$;
