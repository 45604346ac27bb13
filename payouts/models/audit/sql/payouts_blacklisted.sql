-- The firms on the blacklist, except those whose entry was lifted: the relation of
-- `companies.datasets.facts.BLACKLIST`.
CREATE OR REPLACE VIEW payouts_blacklisted AS
SELECT id, company_id, begins_on, ends_on FROM payouts_blacklisting WHERE lifted_at IS NULL;

-- The firms that may not claim on a day. PostgreSQL inlines the function into the calling statement, as it does with a
-- view.
CREATE OR REPLACE FUNCTION payouts_blacklisted_on(day date) RETURNS SETOF payouts_blacklisted LANGUAGE sql STABLE
PARALLEL SAFE AS $$
    SELECT * FROM payouts_blacklisted WHERE day BETWEEN begins_on AND ends_on
$$;
