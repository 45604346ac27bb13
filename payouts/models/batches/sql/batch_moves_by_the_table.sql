-- A batch changes its status by a move of `payouts.batch_states.BATCH_MOVES`, and each move writes only the columns
-- that belong to it.
BEGIN
    IF (NEW.id, NEW.fund_id, NEW.bank_id, NEW.channel, NEW.message_id, NEW.opened_at, NEW.opened_by_id)
            IS DISTINCT FROM
            (OLD.id, OLD.fund_id, OLD.bank_id, OLD.channel, OLD.message_id, OLD.opened_at, OLD.opened_by_id)
        OR NEW.collects_until IS DISTINCT FROM OLD.collects_until AND OLD.status <> 'open'
        OR NOT (NEW.status = 'sealed' AND OLD.status <> NEW.status)
            AND (NEW.sealed_at, NEW.sealed_by_id, NEW.line_count, NEW.control_sum_cny, NEW.declared_count,
                NEW.declared_sum_cny, NEW.sha256, NEW.payer_name, NEW.payer_account, NEW.payer_bank_number)
            IS DISTINCT FROM
            (OLD.sealed_at, OLD.sealed_by_id, OLD.line_count, OLD.control_sum_cny, OLD.declared_count,
                OLD.declared_sum_cny, OLD.sha256, OLD.payer_name, OLD.payer_account, OLD.payer_bank_number)
        OR NOT (OLD.status = 'sealed' AND NEW.status IN ('sealed', 'approved'))
            AND (NEW.checked_sum_cny, NEW.checked_at, NEW.checked_by_id)
            IS DISTINCT FROM (OLD.checked_sum_cny, OLD.checked_at, OLD.checked_by_id)
        OR NOT (NEW.status = 'approved' AND OLD.status <> NEW.status)
            AND (NEW.approved_at, NEW.approved_by_id) IS DISTINCT FROM (OLD.approved_at, OLD.approved_by_id)
        OR NOT (NEW.status = 'exported' AND OLD.status <> NEW.status)
            AND (NEW.released_at, NEW.released_by_id, NEW.answer_due_on)
            IS DISTINCT FROM (OLD.released_at, OLD.released_by_id, OLD.answer_due_on)
        OR NOT (NEW.status = 'reconciled' AND OLD.status <> NEW.status)
            AND NEW.reconciled_at IS DISTINCT FROM OLD.reconciled_at
        OR NOT (NEW.status = 'closed' AND OLD.status <> NEW.status)
            AND (NEW.closed_at, NEW.closed_by_id) IS DISTINCT FROM (OLD.closed_at, OLD.closed_by_id)
        OR NOT (NEW.status IN ('rejected', 'discarded') AND OLD.status <> NEW.status)
            AND (NEW.rejected_at, NEW.rejected_by_id, NEW.rejected_because)
            IS DISTINCT FROM (OLD.rejected_at, OLD.rejected_by_id, OLD.rejected_because) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_is_kept',
            MESSAGE = 'A batch changes by a step, and a step writes what belongs to it.';
    END IF;
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        {{moves}}
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_moves_by_the_table',
            MESSAGE = 'A batch changes by a move of the table, and by nothing else.';
    END IF;
    IF (OLD.status, NEW.status) = ('open', 'sealed') AND NOT EXISTS (
        SELECT FROM payouts_instruction i WHERE i.batch_id = NEW.id
        HAVING (count(*), sum(i.amount_cny)) = (NEW.line_count, NEW.control_sum_cny)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_is_sealed_as_counted',
            MESSAGE = 'Count and control sum are those of its instructions.';
    END IF;
    IF NEW.status = 'exported' AND OLD.status <> NEW.status AND EXISTS (
        SELECT FROM payouts_instruction i
        JOIN payouts_payout p ON p.id = i.payout_id
        WHERE i.batch_id = NEW.id AND p.status = 'approved'
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_is_released_as_sent',
            MESSAGE = 'Its payouts are sent before its file can be had.';
    END IF;
    -- The batch copies the payer's account, because the bank's account may change later.
    IF (OLD.status, NEW.status) = ('open', 'sealed') THEN
        SELECT payer_name, payer_account, payer_bank_number
        INTO NEW.payer_name, NEW.payer_account, NEW.payer_bank_number
        FROM payouts_bank WHERE id = NEW.bank_id;
    END IF;
    RETURN NEW;
END;
