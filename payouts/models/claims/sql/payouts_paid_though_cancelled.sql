-- Payouts that the bank paid although they had been cancelled, whether or not the platform has booked the payment; they
-- are few.
CREATE OR REPLACE VIEW payouts_paid_though_cancelled AS
SELECT p.id AS payout_id, p.entitlement_id
FROM payouts_payout p
WHERE (p.status = 'cancelled' OR p.was_paid_cancelled)
    AND EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = p.id AND a.is_paid OFFSET 0);
