-- The objections that an officer took up against each publicised payout; `is_upheld` is null until an officer decides.
--
-- The others stop no money: their contact is not confirmed, or no officer has looked at them, or one set them aside.
CREATE OR REPLACE VIEW payouts_objected AS
SELECT u.payout_id, j.is_upheld
FROM payouts_publication u
JOIN payouts_objection j ON j.publication_id = u.id
WHERE j.triage = 'taken_up';
