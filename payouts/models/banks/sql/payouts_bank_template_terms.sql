-- All that a layout of batch files says, with its columns in their order.
CREATE OR REPLACE FUNCTION payouts_bank_template_terms(layout bigint) RETURNS jsonb AS $$
    SELECT to_jsonb(t) - '{id,status,copied_from_id}'::text[] || jsonb_build_object(
        'reason_from_cny', t.reason_from_cny::text,
        'columns', (
            SELECT coalesce(
                jsonb_agg(to_jsonb(c) - '{id,template_id}'::text[] ORDER BY c.part, c.position, c.id), '[]'
            )
            FROM payouts_templatecolumn c WHERE c.template_id = t.id
        )
    )
    FROM payouts_banktemplate t WHERE t.id = layout
$$ LANGUAGE sql STABLE SET search_path = public, pg_temp;
