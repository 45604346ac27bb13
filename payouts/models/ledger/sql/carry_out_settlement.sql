-- Records the settlement that was proposed.
CREATE OR REPLACE FUNCTION carry_out_settlement(proposal proposals_proposal) RETURNS void AS $$
    INSERT INTO payouts_settlement (fund_id, district, debtor, creditor, amount_cny, reference, settled_on, proposal_id)
    SELECT proposal.subject_id, a.district, a.debtor, a.creditor, a.amount_cny, a.reference, a.settled_on, proposal.id
    FROM jsonb_to_record(proposal.after)
        AS a (district text, debtor text, creditor text, amount_cny numeric, reference text, settled_on date)
$$ LANGUAGE sql;
