-- The objections against each publicised payout; `is_upheld` is null until an officer decides.
CREATE OR REPLACE VIEW payouts_objected AS
SELECT u.payout_id, j.is_upheld
FROM payouts_publication u
JOIN payouts_objection j ON j.publication_id = u.id;
