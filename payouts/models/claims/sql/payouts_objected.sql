-- What was said against each publicised payout: decided, or not yet (`is_upheld` is null).
CREATE OR REPLACE VIEW payouts_objected AS
SELECT u.payout_id, j.is_upheld
FROM payouts_publication u
JOIN payouts_objection j ON j.publication_id = u.id;
