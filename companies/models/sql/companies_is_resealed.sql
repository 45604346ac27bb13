-- Whether an update of a sealed value can be a re-seal.
--
-- A key seals a value anew only where it came into use last, and another key had sealed the value. AES-GCM and SM4-GCM
-- add the same number of bytes, so the same text keeps its length. That the text is the same nobody without the keys can
-- tell; but nobody without the keys can make a value that opens in this row either, because values are bound to rows.
CREATE OR REPLACE FUNCTION companies_is_resealed(before bytea, after bytea) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT octet_length(after) = octet_length(before)
        AND substring(before FROM 1 FOR 8) <> substring(after FROM 1 FOR 8)
        AND encode(substring(after FROM 1 FOR 8), 'hex') = (
            SELECT header FROM companies_sealingkey ORDER BY id DESC LIMIT 1
        )
$$;
