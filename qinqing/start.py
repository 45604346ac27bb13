"""What each part of the product refuses to start with."""

from __future__ import annotations

from collections.abc import Collection


def refuse_unsafe_start(*, queues: Collection[str] = ()) -> None:
    """
    Refuse to start web, beat, or the worker of some queues with more than its task needs.

    Raises:
        PlainAddress: others could read what goes to a server, or answer in its place.
        TooMuchRight: the role of the database could switch the guards of the money off.
        HoldsBankToken: the part speaks to no bank, and has what reaches one.
        InterfaceUnknown, CertificateUnusable: the part speaks to the bank, and was not told how.
    """
    from payouts.banks.interface import check_interface
    from qinqing.kernel.database.least_rights import refuse_rights_beyond_rows
    from qinqing.kernel.transport import refuse_plain_addresses

    refuse_plain_addresses()
    check_interface(queues=queues)
    refuse_rights_beyond_rows()
