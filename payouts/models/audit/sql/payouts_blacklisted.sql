-- The relation of `companies.datasets.facts.BLACKLIST`: firms that broke a commitment, and are on the list still.
CREATE OR REPLACE VIEW payouts_blacklisted AS
SELECT id, company_id, begins_on, ends_on FROM payouts_blacklisting WHERE lifted_at IS NULL;

-- Those that may claim nothing on a day. PostgreSQL writes it into the statement that asks, as it does with a view.
CREATE OR REPLACE FUNCTION payouts_blacklisted_on(day date) RETURNS SETOF payouts_blacklisted LANGUAGE sql STABLE
PARALLEL SAFE AS $$
    SELECT * FROM payouts_blacklisted WHERE day BETWEEN begins_on AND ends_on
$$;
