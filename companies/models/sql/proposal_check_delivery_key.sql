-- Whoever confirms a key compares its fingerprint, so the proposal shows that of the key which is registered; and it
-- tells all of a new key, or that a known one is revoked.
CREATE OR REPLACE FUNCTION proposal_check_delivery_key(proposal proposals_proposal) RETURNS void AS $$
DECLARE
    told jsonb := proposal.after;
BEGIN
    IF proposal.subject_id = 0 AND told ->> 'fingerprint' = encode(sha256(decode(told ->> 'public_key', 'hex')), 'hex')
        OR proposal.subject_id <> 0 AND told = '{"state": "revoked"}' THEN
        RETURN;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_key_is_proposed_as_it_is_shown',
        MESSAGE = 'A proposal registers the key whose fingerprint it shows, or revokes one.';
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
