"""What each part of the product refuses to start with."""

from __future__ import annotations


def refuse_unsafe_start() -> None:
    """
    Refuse to start web, worker or beat as a role that could switch the guards of the money off.

    Raises:
        TooMuchRight: the role of the database has more rights than it needs.
    """
    from qinqing.kernel.database.least_rights import refuse_rights_beyond_rows

    refuse_rights_beyond_rows()
