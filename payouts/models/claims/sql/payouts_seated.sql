-- Each payout that counts, at each of its seats in stacking groups. A cancelled payout does not count, even if the bank
-- pays it later.
CREATE OR REPLACE VIEW payouts_seated AS
SELECT t.seat_id, p.id AS payout_id, p.policy_id, p.amount_cny, e.amount_cny AS award_cny
FROM payouts_seating t
JOIN payouts_payout p ON p.id = t.payout_id AND p.status <> 'cancelled' AND NOT p.was_paid_cancelled
JOIN policies_entitlement e ON e.id = p.entitlement_id;
