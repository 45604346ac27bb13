-- All that a layout of replies says.
CREATE OR REPLACE FUNCTION payouts_reply_template_terms(layout bigint) RETURNS jsonb AS $$
    SELECT to_jsonb(t) - '{id,status,copied_from_id}'::text[] FROM payouts_replytemplate t WHERE t.id = layout
$$ LANGUAGE sql STABLE SET search_path = public, pg_temp;
