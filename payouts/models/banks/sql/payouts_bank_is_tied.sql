-- Whether a bank keeps its account, because one of its batches is open, sealed or approved (after that the batch has the
-- account); or its channel as well, because a payment of one of its funds is on its way.
--
-- The locks keep instructions from being stored meanwhile; `instruction_stays_on_its_channel` shares them.
CREATE OR REPLACE FUNCTION payouts_bank_is_tied(bank bigint, has_other_channel boolean) RETURNS boolean AS $$
BEGIN
    IF has_other_channel THEN
        PERFORM pg_advisory_xact_lock(hashtext('payouts.channel_of_fund'), f.id::int)
        FROM (SELECT id FROM payouts_fund WHERE bank_id = bank ORDER BY id) f;
        IF EXISTS (SELECT FROM payouts_fund f WHERE f.bank_id = bank AND payouts_fund_is_tied(f.id)) THEN
            RETURN true;
        END IF;
    END IF;
    RETURN EXISTS (
        SELECT FROM payouts_batch b WHERE b.bank_id = bank AND b.status IN ('open', 'sealed', 'approved')
    );
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
