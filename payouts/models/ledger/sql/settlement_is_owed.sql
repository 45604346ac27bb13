-- A settlement never exceeds what its debtor owes its creditor, when it is booked and again when it is confirmed.
--
-- The debt follows from the balance of the level that is not the advance payer; the lock on that balance makes
-- settlements wait for each other, because two together could exceed the debt. Confirmed settlements count in both
-- directions, because a recovery after a settlement makes the advance payer owe money back. At booking, other
-- settlements in the same direction count until they are turned down. The confirmation checks again because money may
-- have been recovered in between.
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
