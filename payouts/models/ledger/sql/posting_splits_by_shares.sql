-- The database splits each posting among the levels of government that share the fund, and keeps the balance of each
-- level.
--
-- Each level but one gets its part rounded down to the fen. The remaining level, which is the city if the city shares
-- and otherwise the highest level, gets the rest, so no fen is lost. The same amount is always split alike, so that a
-- release or a payment takes exactly what the reservation set aside. PostgreSQL runs triggers in the order of their
-- names, so this one runs after the guard that locks the fund.
--
-- Aliases: n new posting, s share, f fund, p payout, r repayment, d demand, w posting of a share, b balance, c change.
BEGIN
    IF NOT EXISTS (
        SELECT FROM payouts_share s
        JOIN payouts_fund f ON f.version_id = s.version_id
        WHERE f.id IN (SELECT fund_id FROM new_rows)
    ) THEN
        RETURN NULL;
    END IF;
    -- planned by size
    INSERT INTO payouts_shareposting (posting_id, level, district, amount_cny)
    SELECT id, level, district, CASE rank
        WHEN 1 THEN amount_cny - coalesce(sum(part_cny) FILTER (WHERE rank > 1) OVER (PARTITION BY id), 0)
        ELSE part_cny
    END
    FROM (
        SELECT
            n.id,
            s.level,
            p.district,
            n.amount_cny,
            row_number() OVER (PARTITION BY n.id ORDER BY s.level <> 'city', s.level DESC) AS rank,
            trunc(n.amount_cny * s.parts / sum(s.parts) OVER (PARTITION BY n.id), 2) AS part_cny
        FROM new_rows n
        JOIN payouts_fund f ON f.id = n.fund_id
        LEFT JOIN payouts_repayment r ON r.id = n.repayment_id
        LEFT JOIN payouts_recovery d ON d.id = r.recovery_id
        JOIN payouts_payout p ON p.id = coalesce(n.payout_id, d.payout_id)
        -- A district's own shares replace the shares for everywhere (district '').
        JOIN payouts_share s ON s.version_id = f.version_id AND s.district = CASE
            WHEN EXISTS (SELECT FROM payouts_share o WHERE o.version_id = f.version_id AND o.district = p.district)
            THEN p.district
            ELSE ''
        END
    ) split;
    -- planned by size
    INSERT INTO payouts_sharebalance AS b (fund_id, level, district, reserved_cny, disbursed_cny, recovered_cny)
    SELECT n.fund_id, w.level, w.district, 0, 0, 0
    FROM new_rows n
    JOIN payouts_shareposting w ON w.posting_id = n.id
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (fund_id, level, district) DO NOTHING;
    -- planned by size
    UPDATE payouts_sharebalance b SET
        reserved_cny = b.reserved_cny + c.reserved_cny,
        disbursed_cny = b.disbursed_cny + c.disbursed_cny,
        recovered_cny = b.recovered_cny + c.recovered_cny
    FROM (
        SELECT
            n.fund_id,
            w.level,
            w.district,
            coalesce(sum(CASE 'reserved'
                WHEN n.credit THEN w.amount_cny WHEN n.debit THEN -w.amount_cny ELSE 0
            END), 0) AS reserved_cny,
            coalesce(sum(CASE 'disbursed'
                WHEN n.credit THEN w.amount_cny WHEN n.debit THEN -w.amount_cny ELSE 0
            END), 0) AS disbursed_cny,
            coalesce(sum(CASE 'recovered'
                WHEN n.debit THEN w.amount_cny WHEN n.credit THEN -w.amount_cny ELSE 0
            END), 0) AS recovered_cny
        FROM new_rows n
        JOIN payouts_shareposting w ON w.posting_id = n.id
        GROUP BY 1, 2, 3
    ) c
    WHERE (b.fund_id, b.level, b.district) = (c.fund_id, c.level, c.district);
    RETURN NULL;
END;
