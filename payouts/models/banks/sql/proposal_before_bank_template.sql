-- What a proposal to take a layout into use, or to retire it, shows: a draft is compared with the layout that it was
-- copied from.
CREATE OR REPLACE FUNCTION proposal_before_bank_template(subject bigint) RETURNS jsonb AS $$
DECLARE
    layout payouts_banktemplate;
BEGIN
    SELECT * INTO layout FROM payouts_banktemplate WHERE id = subject FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN coalesce(
        payouts_bank_template_terms(CASE WHEN layout.status = 'draft' THEN layout.copied_from_id ELSE subject END), '{}'
    ) || jsonb_build_object('status', layout.status);
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
