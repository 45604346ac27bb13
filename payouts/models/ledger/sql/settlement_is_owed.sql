-- What is owed stands in the balance of the level that did not pay first, which is locked: two settlements may not
-- reach over it together. Confirmed ones count both ways, for what was settled is owed back once the money is recovered. What
-- is booked the same way counts until it is turned down. Confirming asks again, for money may have come back.
DECLARE
    owed_cny numeric;
BEGIN
    IF NEW.decision = 'turned_down' THEN
        RETURN NULL;
    END IF;
    SELECT CASE b.level WHEN NEW.debtor THEN 1 ELSE -1 END * (b.disbursed_cny - b.recovered_cny) INTO owed_cny
    FROM payouts_sharebalance b
    JOIN payouts_fund f ON f.id = b.fund_id
    JOIN payouts_share a ON a.version_id = f.version_id AND a.is_advance_payer AND a.district = CASE
        WHEN EXISTS (SELECT FROM payouts_share o WHERE o.version_id = f.version_id AND o.district = b.district)
        THEN b.district
        ELSE ''
    END
    WHERE (b.fund_id, b.district) = (NEW.fund_id, NEW.district)
        AND (b.level, a.level) IN ((NEW.debtor, NEW.creditor), (NEW.creditor, NEW.debtor))
    FOR NO KEY UPDATE OF b;
    IF (owed_cny >= (
        SELECT sum(CASE s.debtor WHEN NEW.debtor THEN s.amount_cny ELSE -s.amount_cny END)
        FROM payouts_settlement s
        WHERE (s.fund_id, s.district) = (NEW.fund_id, NEW.district)
            AND (s.debtor, s.creditor) IN ((NEW.debtor, NEW.creditor), (NEW.creditor, NEW.debtor))
            AND (s.decision = 'confirmed' OR TG_OP = 'INSERT' AND s.decision = '' AND s.debtor = NEW.debtor)
    )) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_is_owed',
            MESSAGE = 'Nothing is settled that is not owed to or by the advance payer.';
    END IF;
    RETURN NULL;
END;
