"""
The places that payouts take in stacking groups, written by the database when a payout opens and when it is cancelled.

A payout may be less than its entitlement only by what a group allows: down to the rest of its cap, or to the
difference to what was received.
"""

# ruff: noqa: S608 - what is put into these statements are texts of our own.
from __future__ import annotations

import pgtrigger
from django.db import models

from payouts.states import Status
from policies.stacking.places import HOLDERS
from qinqing.kernel.database.triggers import Guard, kept, planned_by_size, refuse

_SEAT_OF_HOLDER = "(s.group_id, s.holder_key, s.period_key) = (h.group_id, h.holder_key, h.period_key)"
_LIVE = f"""
    payouts_seating t
    JOIN payouts_payout p ON p.id = t.payout_id AND p.status <> '{Status.CANCELLED}' AND NOT p.was_paid_cancelled
    JOIN policies_entitlement e ON e.id = p.entitlement_id
"""
# The places of the payouts that open. The few that are of a group are looked up by the ids of their entitlements, as
# an array: whoever joins the new rows makes PostgreSQL number the places of the whole city.
_PLACES = f"""places AS MATERIALIZED (
    SELECT h.entitlement_id, h.group_id, h.holder_key, h.period_key FROM {HOLDERS} h
    WHERE h.entitlement_id = ANY(ARRAY(
        SELECT n.entitlement_id FROM new_rows n WHERE n.policy_id IN (SELECT policy_id FROM policies_stackingmember)
    ))
)"""
# In the same order for everybody, so that two claims wait for each other instead of standing in each other's way.
_IN_ORDER = "ORDER BY s.group_id, s.holder_key, s.period_key"

PAYOUT_TAKES_ITS_SEATS = Guard(
    name="payout_takes_its_seats",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
    declare=[("is_broken", "boolean")],
    func=planned_by_size(f"""
        EXECUTE $q$
            SELECT EXISTS (
                SELECT FROM new_rows n JOIN payouts_fund f ON f.id = n.fund_id
                JOIN policies_policyversion v ON v.id = f.version_id AND v.pool = 'proportional'
                LEFT JOIN policies_pooldivision d ON d.version_id = v.id
                LEFT JOIN policies_entitlement e ON e.id = n.entitlement_id
                WHERE d.id IS NULL OR e.base_cny IS NULL
            )
        $q$ INTO is_broken;
        IF is_broken THEN
            {refuse("payout_waits_for_the_division", "A proportional pool is divided before anything is paid of it.")}
        END IF;
        IF EXISTS (SELECT FROM new_rows n JOIN policies_stackingmember m ON m.policy_id = n.policy_id) THEN
            EXECUTE $q$
                WITH {_PLACES}
                INSERT INTO policies_stackingseat
                    (group_id, holder_key, period_key, is_exclusive, policies, total_cny)
                SELECT DISTINCT h.group_id, h.holder_key, h.period_key, false, '{{}}'::bigint[], 0
                FROM places h
                ORDER BY 1, 2, 3
                ON CONFLICT DO NOTHING
            $q$;
            EXECUTE $q$
                SELECT FROM (
                    WITH {_PLACES}, wanted AS MATERIALIZED (
                        SELECT DISTINCT group_id, holder_key, period_key FROM places
                    )
                    SELECT FROM policies_stackingseat s JOIN wanted h ON {_SEAT_OF_HOLDER}
                    {_IN_ORDER} FOR NO KEY UPDATE OF s
                ) AS locked
            $q$;
            EXECUTE $q$
                WITH {_PLACES}
                INSERT INTO payouts_seating (payout_id, seat_id)
                SELECT n.id, s.id FROM new_rows n JOIN places h ON h.entitlement_id = n.entitlement_id
                JOIN policies_stackingseat s ON {_SEAT_OF_HOLDER}
            $q$;
            EXECUTE $q$
                UPDATE policies_stackingseat s SET
                    is_exclusive = g.rule IN ('first_wins', 'higher_only') AND NOT g.pays_difference,
                    limit_cny = CASE WHEN g.pays_difference THEN l.highest_cny ELSE g.cap_cny END,
                    policies = l.policies, total_cny = l.total_cny
                FROM (
                    SELECT seat_id, array_agg(policy_id ORDER BY policy_id) AS policies,
                        sum(total_cny) AS total_cny, max(award_cny) AS highest_cny
                    FROM (
                        SELECT t.seat_id, p.policy_id, sum(p.amount_cny) AS total_cny, sum(e.amount_cny) AS award_cny
                        FROM {_LIVE}
                        WHERE t.seat_id IN (
                            SELECT seat_id FROM payouts_seating WHERE payout_id IN (SELECT id FROM new_rows)
                        )
                        GROUP BY t.seat_id, p.policy_id
                    ) by_policy GROUP BY seat_id
                ) l, policies_stackinggroup g
                WHERE s.id = l.seat_id AND g.id = s.group_id
            $q$;
        END IF;
        EXECUTE $q$
            SELECT EXISTS (
                SELECT FROM new_rows n JOIN policies_entitlement own ON own.id = n.entitlement_id
                WHERE n.amount_cny < own.amount_cny AND NOT EXISTS (
                    SELECT FROM payouts_seating mine JOIN policies_stackingseat s ON s.id = mine.seat_id
                    WHERE mine.payout_id = n.id AND (s.total_cny >= s.limit_cny OR s.limit_cny IS NOT NULL
                        AND s.total_cny >= (
                            SELECT sum(e.amount_cny) FROM {_LIVE}
                            WHERE t.seat_id = s.id AND p.policy_id = n.policy_id
                        )
                    )
                )
            )
        $q$ INTO is_broken;
        IF is_broken THEN
            {refuse("payout_copies_its_entitlement", "A payout is cut by what its stacking group leaves, and no more.")}
        END IF;
        RETURN NULL;
    """),
)

PAYOUT_GIVES_ITS_SEATS_BACK = Guard(
    name="payout_gives_its_seats_back",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
    declare=[("given", "bigint[]")],
    func=f"""
        IF NOT EXISTS (SELECT FROM new_rows WHERE status = '{Status.CANCELLED}') THEN
            RETURN NULL;
        END IF;
        EXECUTE $q$
            SELECT array_agg(id) FROM (
                SELECT s.id FROM policies_stackingseat s WHERE s.id IN (
                    SELECT seat_id FROM payouts_seating
                    WHERE payout_id IN (SELECT id FROM new_rows WHERE status = '{Status.CANCELLED}')
                ) {_IN_ORDER} FOR NO KEY UPDATE
            ) seats
        $q$ INTO given;
        EXECUTE $q$
            UPDATE policies_stackingseat s
            SET policies = coalesce(l.policies, '{{}}'), total_cny = coalesce(l.total_cny, 0)
            FROM unnest($1) AS back (seat_id) LEFT JOIN (
                SELECT t.seat_id, array_agg(DISTINCT p.policy_id) AS policies, sum(p.amount_cny) AS total_cny
                FROM {_LIVE} WHERE t.seat_id = ANY($1) GROUP BY t.seat_id
            ) l ON l.seat_id = back.seat_id
            WHERE s.id = back.seat_id
        $q$ USING given;
        RETURN NULL;
    """,
)

SEATING_IS_WRITTEN_BY_THE_PAYOUT = Guard(
    name="seating_is_written_by_the_payout",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func=f"""
        IF pg_trigger_depth() = 1 THEN
            {refuse("seating_is_written_by_the_payout", "Only a payout that opens takes a seat.")}
        END IF;
        RETURN NULL;
    """,
)


class Seating(models.Model):
    """A payout at one of its places; it counts there until it is cancelled, even if the bank pays it afterwards."""

    payout = models.ForeignKey("payouts.Payout", on_delete=models.PROTECT, related_name="seatings", db_index=False)
    seat = models.ForeignKey("policies.StackingSeat", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payout", "seat"], name="seating_once_per_payout")]
        triggers = [
            SEATING_IS_WRITTEN_BY_THE_PAYOUT,
            *kept(
                promise="seating_is_kept",
                why="Where a payout sat is kept.",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payout_id} {self.seat_id}"
