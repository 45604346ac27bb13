-- A payout changes by a move of `payouts.states.MOVES`, and only when the condition of the move is met; each move
-- writes its transition and its posting.
--
-- The first statement finds the name of the promise that a row breaks: n is the new row, o the old one, m the move.
-- Conditions that do not depend on the row stand in IN, because PostgreSQL evaluates such a subquery once per
-- statement; `payouts_kept_payment.sql` explains OFFSET 0.
DECLARE
    broken text;
BEGIN
    -- planned by size
    SELECT CASE
        WHEN o.id IS NULL OR
            (n.claim_id, n.entitlement_id, n.policy_id, n.fund_id, n.company_id, n.employee_id,
                n.district, n.amount_cny, n.claimed_at, n.is_clicked)
            IS DISTINCT FROM
            (o.claim_id, o.entitlement_id, o.policy_id, o.fund_id, o.company_id, o.employee_id,
                o.district, o.amount_cny, o.claimed_at, o.is_clicked)
            THEN 'payout_stays_what_was_claimed'
        -- A payout changes its account only to another account of the same owner, and not while the bank or a batch has
        -- it.
        WHEN n.account_id <> o.account_id AND (
            o.status NOT IN ('approved', 'failed', 'returned', 'cancelled')
            OR NOT EXISTS (
                SELECT FROM companies_payeeaccount a JOIN companies_payeeaccount b
                    ON (a.company_id, a.employee_id, a.third_party_id)
                    IS NOT DISTINCT FROM (b.company_id, b.employee_id, b.third_party_id)
                WHERE a.id = n.account_id AND b.id = o.account_id
            )
            OR EXISTS (
                SELECT FROM payouts_waiting_instruction w WHERE w.payout_id = n.id AND w.batch_id IS NOT NULL OFFSET 0
            )
        )
            THEN 'payout_account_is_mended_before_a_retry'
        WHEN n.was_paid_cancelled <> o.was_paid_cancelled
            AND NOT (
                n.was_paid_cancelled AND o.status = 'cancelled' AND EXISTS (
                    SELECT FROM payouts_attempt a WHERE a.payout_id = n.id AND a.is_proven_paid OFFSET 0
                )
            )
            THEN 'payout_paid_though_cancelled_is_proven_by_two'
        WHEN n.status = o.status AND
            (n.sequence, n.moved_at, n.moved_by_id, n.moved_as, n.moved_because, n.moved_reply_id, n.paid_at)
            IS DISTINCT FROM
            (o.sequence, o.moved_at, o.moved_by_id, o.moved_as, o.moved_because, o.moved_reply_id, o.paid_at)
            THEN 'payout_step_is_a_move'
        WHEN n.status = o.status THEN NULL
        WHEN n.moved_reply_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM payouts_reply r JOIN payouts_instruction i ON i.id = r.instruction_id
            WHERE r.id = n.moved_reply_id AND i.payout_id = n.id OFFSET 0
        )
            THEN 'payout_is_moved_by_a_reply_about_it'
        WHEN m.role IS NULL OR n.sequence <> o.sequence + 1 THEN 'payout_moves_by_the_table'
        WHEN n.status = 'sent' AND NOT EXISTS (
            SELECT FROM payouts_waiting_instruction w
            WHERE w.payout_id = n.id AND w.account_id = n.account_id AND w.may_go_out OFFSET 0
        )
            THEN 'payout_is_sent_by_an_instruction'
        -- The test is on the suspension and not on the version's status, because a suspended version may since have
        -- been closed.
        WHEN n.status = 'sent' AND n.fund_id IN (
            SELECT f.id FROM payouts_fund f JOIN policies_suspension s ON s.version_id = f.version_id
            WHERE s.lifted_at IS NULL
        )
            THEN 'payout_of_a_suspended_policy_waits'
        -- An instruction in a batch stays there until the batch is rejected.
        WHEN (
                (o.status, n.status) = ('approved', 'cancelled')
                OR n.status = 'paid' AND o.status IN ('approved', 'failed', 'returned')
            )
            AND EXISTS (
                SELECT FROM payouts_waiting_instruction w WHERE w.payout_id = n.id AND w.batch_id IS NOT NULL OFFSET 0
            )
            THEN CASE n.status
                WHEN 'cancelled' THEN 'payout_in_a_sealed_batch_is_not_cancelled'
                ELSE 'payout_is_paid_after_all_by_the_banks_word'
            END
        -- An officer must decide an objection before the payout may be cancelled: an upheld objection cancels for good,
        -- whereas a clerk's cancellation opens the entitlement again.
        WHEN (o.status, n.status) = ('publicised', 'cancelled')
            AND EXISTS (
                SELECT FROM payouts_objected j WHERE j.payout_id = n.id AND j.is_upheld IS NULL OFFSET 0
            )
            AND NOT EXISTS (
                SELECT FROM payouts_objected j WHERE j.payout_id = n.id AND j.is_upheld IS TRUE OFFSET 0
            )
            THEN 'payout_with_an_open_objection_is_not_cancelled'
        -- After a refusal or a return, the platform repeats the payment by itself only to another account, or if the
        -- bank never saw the instruction.
        WHEN (o.status, n.status, n.moved_as)
            IN (('failed', 'approved', 'system'), ('returned', 'approved', 'system'))
            AND NOT EXISTS (
                SELECT FROM payouts_instruction i
                WHERE i.payout_id = n.id
                    AND i.attempt = (SELECT count(*) FROM payouts_past_attempt a WHERE a.payout_id = n.id)
                    AND (
                        i.account_id <> n.account_id
                        OR o.status = 'failed' AND EXISTS (
                            SELECT FROM payouts_reply r WHERE r.instruction_id = i.id AND r.outcome = 'unknown'
                        )
                    )
            )
            THEN 'payout_is_repeated_if_the_bank_never_saw_it'
        -- A payout that the bank paid is neither sent again nor cancelled; a payout that was not awaiting an answer
        -- becomes paid only if the bank paid it.
        WHEN (
                (o.status, n.status) IN (('failed', 'approved'), ('returned', 'approved'))
                OR n.status IN ('sent', 'cancelled')
                OR n.status = 'paid' AND o.status IN ('approved', 'failed', 'returned')
            )
            AND EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = n.id AND a.is_paid OFFSET 0)
                = (n.status <> 'paid')
            THEN CASE n.status
                WHEN 'cancelled' THEN 'payout_that_the_bank_paid_is_not_cancelled'
                WHEN 'paid' THEN 'payout_is_paid_after_all_by_the_banks_word'
                ELSE 'payout_that_the_bank_paid_is_not_paid_again'
            END
        -- An attempt of which only a file in a person's hands says that it was not paid may have been paid. A payout that
        -- is cancelled could be claimed again.
        WHEN o.status IN ('failed', 'returned') AND n.status IN ('approved', 'cancelled') AND EXISTS (
            SELECT FROM payouts_outstanding_attempt a WHERE a.payout_id = n.id OFFSET 0
        )
            THEN 'payout_with_an_outstanding_attempt_waits'
        WHEN n.status = 'sent' AND EXISTS (
            SELECT FROM payouts_paid_though_cancelled p WHERE p.entitlement_id = n.entitlement_id OFFSET 0
        )
            THEN 'payout_that_the_bank_paid_is_not_paid_again'
        -- The cancellation released the money, and the firm may have claimed again since, so only a payment that two
        -- clerks proved counts.
        WHEN (o.status, n.status) = ('cancelled', 'paid')
            AND NOT (
                n.was_paid_cancelled AND EXISTS (
                    SELECT FROM payouts_attempt a WHERE a.payout_id = n.id AND a.is_proven_paid OFFSET 0
                )
            )
            THEN 'payout_paid_though_cancelled_is_proven_by_two'
        WHEN n.status = 'approved' AND n.was_paid_cancelled
            THEN 'payout_paid_though_cancelled_is_not_sent_again'
        WHEN (o.status, n.status) = ('reserved', 'approved') AND n.fund_id IN (
            SELECT f.id FROM payouts_fund f JOIN policies_policyversion v ON v.id = f.version_id
            WHERE v.track = 'publicised'
        )
            THEN 'payout_is_publicised_first'
        WHEN (o.status, n.status) = ('reserved', 'publicised')
            AND NOT EXISTS (SELECT FROM payouts_publication u WHERE u.payout_id = n.id OFFSET 0)
            THEN 'payout_is_on_the_public_list'
        WHEN (o.status, n.status) = ('publicised', 'approved')
            AND NOT EXISTS (
                SELECT FROM payouts_publication u
                WHERE u.payout_id = n.id AND u.ends_on < (n.moved_at AT TIME ZONE 'Asia/Shanghai')::date
            )
            THEN 'payout_is_approved_after_its_publicity'
        WHEN (o.status, n.status) = ('publicised', 'approved')
            AND EXISTS (
                SELECT FROM payouts_objected j WHERE j.payout_id = n.id AND j.is_upheld IS NOT FALSE OFFSET 0
            )
            THEN 'payout_waits_for_its_objections'
        -- A person decides whether a firm that broke the conditions is paid again.
        WHEN (o.status, n.status) = ('returned', 'approved') AND n.moved_as = 'system'
            AND EXISTS (SELECT FROM payouts_recovery r WHERE r.payout_id = n.id AND r.ended_as = 'came_back')
            THEN 'payout_that_was_asked_back_is_repeated_by_a_person'
        WHEN (o.status, n.status) = ('recovering', 'returned')
            AND payouts_last_demand(n.id) IS DISTINCT FROM 'came_back'
            THEN 'payout_is_returned_when_nothing_is_owed'
        WHEN (o.status, n.status) = ('paid', 'recovering')
            AND payouts_last_demand(n.id) IS DISTINCT FROM ''
            THEN 'payout_is_recovered_on_demand'
        WHEN (o.status, n.status) = ('recovering', 'recovered')
            AND payouts_last_demand(n.id) IS DISTINCT FROM 'repaid'
            THEN 'payout_is_recovered_when_repaid'
        WHEN (o.status, n.status) = ('recovering', 'paid')
            AND payouts_last_demand(n.id) IS DISTINCT FROM 'withdrawn'
            THEN 'payout_is_kept_when_the_demand_is_withdrawn'
    END AS promise
    FROM new_rows n
    LEFT JOIN old_rows o ON o.id = n.id
    LEFT JOIN (VALUES
        {{moves}}
    ) AS m (before, after, role) ON (m.before, m.after, m.role) = (o.status, n.status, n.moved_as)
    ORDER BY promise NULLS LAST
    LIMIT 1
    INTO broken;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken,
            MESSAGE = 'A payout changes by a move of the table, and by nothing else: ' || broken;
    END IF;
    -- planned by size
    INSERT INTO payouts_transition
        (payout_id, sequence, before, after, moved_at, moved_by_id, moved_as, moved_because, reply_id)
    SELECT n.id, n.sequence, o.status, n.status, n.moved_at, n.moved_by_id, n.moved_as, n.moved_because,
        n.moved_reply_id
    FROM new_rows n
    JOIN old_rows o ON o.id = n.id
    WHERE n.status <> o.status;
    -- planned by size
    INSERT INTO payouts_posting (fund_id, payout_id, sequence, debit, credit, amount_cny, posted_at)
    SELECT n.fund_id, n.id, n.sequence, t.debit, t.credit, n.amount_cny, n.moved_at
    FROM new_rows n
    JOIN old_rows o ON o.id = n.id
    JOIN (VALUES
        {{transfers}}
    ) AS t (before, after, debit, credit) ON (t.before, t.after) = (o.status, n.status);
    RETURN NULL;
END;
