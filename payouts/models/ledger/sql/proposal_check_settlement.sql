-- A settlement never exceeds what its debtor owes its creditor, when it is proposed and again when it is confirmed.
--
-- The debt follows from the balance of the level that is not the advance payer; the lock on that balance makes
-- settlements wait for each other, because two together could exceed the debt. Settlements count in both directions,
-- because a recovery after a settlement makes the advance payer owe money back. When it is proposed, other proposals in
-- the same direction count until they are turned down. The confirmation checks again because money may have been
-- recovered in between.
CREATE OR REPLACE FUNCTION proposal_check_settlement(proposal proposals_proposal) RETURNS void AS $$
DECLARE
    owed_cny numeric;
    wanted record;
BEGIN
    SELECT * INTO wanted FROM jsonb_to_record(proposal.after)
        AS a (district text, debtor text, creditor text, amount_cny numeric, reference text);
    SELECT CASE b.level WHEN wanted.debtor THEN 1 ELSE -1 END * (b.disbursed_cny - b.recovered_cny) INTO owed_cny
    FROM payouts_sharebalance b
    JOIN payouts_fund f ON f.id = b.fund_id
    JOIN payouts_share a ON a.version_id = f.version_id AND a.is_advance_payer AND a.level <> b.level
        AND a.district = CASE
        WHEN EXISTS (SELECT FROM payouts_share o WHERE o.version_id = f.version_id AND o.district = b.district)
        THEN b.district
        ELSE ''
    END
    WHERE (b.fund_id, b.district) = (proposal.subject_id, wanted.district)
        AND (b.level, a.level) IN ((wanted.debtor, wanted.creditor), (wanted.creditor, wanted.debtor))
    FOR NO KEY UPDATE OF b;
    IF (wanted.amount_cny > 0 AND owed_cny >= wanted.amount_cny + (
        SELECT coalesce(sum(CASE s.debtor WHEN wanted.debtor THEN s.amount_cny ELSE -s.amount_cny END), 0)
        FROM payouts_settlement s
        WHERE (s.fund_id, s.district) = (proposal.subject_id, wanted.district)
            AND (s.debtor, s.creditor) IN ((wanted.debtor, wanted.creditor), (wanted.creditor, wanted.debtor))
    ) + (
        SELECT coalesce(sum(w.amount_cny), 0)
        FROM payouts_bookedsettlement w
        WHERE (w.fund_id, w.district, w.debtor, w.creditor)
            = (proposal.subject_id, wanted.district, wanted.debtor, wanted.creditor)
            AND proposal.decision = ''
    )) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_is_owed',
            MESSAGE = 'Nothing is settled that is not owed to or by the advance payer.';
    END IF;
    IF EXISTS (SELECT FROM payouts_settlement WHERE reference = wanted.reference)
        OR EXISTS (SELECT FROM payouts_bookedsettlement WHERE reference = wanted.reference AND proposal_id <> proposal.id)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_voucher_once',
            MESSAGE = 'A voucher is booked once.';
    END IF;
END;
$$ LANGUAGE plpgsql;
