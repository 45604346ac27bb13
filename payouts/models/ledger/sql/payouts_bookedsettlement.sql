-- The settlements that are proposed and not decided, as rows.
CREATE OR REPLACE VIEW payouts_bookedsettlement AS
SELECT p.id AS proposal_id, p.subject_id AS fund_id, a.district, a.debtor, a.creditor, a.amount_cny, a.reference
FROM proposals_proposal p
CROSS JOIN LATERAL jsonb_to_record(p.after)
    AS a (district text, debtor text, creditor text, amount_cny numeric, reference text)
WHERE p.kind = 'settlement' AND p.decision = '';
