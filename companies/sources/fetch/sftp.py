"""The newest file of a folder over SFTP, from the server whose host key the source names."""

from __future__ import annotations

import datetime as dt
from fnmatch import fnmatchcase
from typing import Any, Final

import asyncssh
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.sources.fetch.asked import (
    Asked,
    Came,
    Patience,
    PullRefused,
    Spool,
    refuse_own_addresses,
    too_slow,
    unreachable,
)

PIECE_BYTES: Final = 1 << 18
MOST_FILES: Final = 100_000
_KEY_BEGINS: Final = "-----BEGIN"
_KINDS: Final = (
    *("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    *("rsa-sha2-512", "rsa-sha2-256"),
)


class WrongHostKey(PullRefused):
    """The server has another host key than the source names."""


class NotLetIn(PullRefused):
    """The server takes neither the account nor the secret."""


class NoFile(PullRefused):
    """There is no such folder, no file of the pattern, or it may not be read."""


class StillWritten(PullRefused):
    """The file changed while it came."""


async def fetch_sftp(asked: Asked, spool: Spool, patience: Patience) -> Came | None:
    """
    Write the newest file of the pattern into the spool; None where it is the one of the last time.

    Raises:
        PullRefused: there is no such file, or what came is not the file; the subclasses say why.
    """
    await refuse_own_addresses(asked.place)
    try:
        connection = await asyncssh.connect(**_options(asked, patience))
        try:
            return await _fetch(await connection.start_sftp_client(), asked, spool)
        finally:
            # The ends of the library's own contexts wait for a last word of the server, and a silent one never says it.
            connection.abort()
    except (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed) as trouble:
        sentence = _(
            "{place} has another host key than the one of the source; somebody may stand in between. Ask the department"
            " by telephone before you propose another key."
        )
        raise WrongHostKey(format_lazy(sentence, place=asked.place)) from trouble
    except (asyncssh.PermissionDenied, asyncssh.KeyImportError) as trouble:
        sentence = _("{place} does not let us in; look at the account and the secret.")
        raise NotLetIn(format_lazy(sentence, place=asked.place)) from trouble
    except asyncssh.SFTPError as trouble:
        raise _no_file(asked) from trouble
    except TimeoutError as trouble:
        raise too_slow(asked.place) from trouble
    except (asyncssh.Error, OSError) as trouble:
        raise unreachable(asked.place) from trouble


def _options(asked: Asked, patience: Patience) -> dict[str, Any]:
    """The source alone says how to sign in: no file, agent or key of this machine's account has a part in it."""
    secret: dict[str, Any] = {"password": asked.secret, "client_keys": None}
    if asked.secret.startswith(_KEY_BEGINS):
        secret = {"client_keys": [asyncssh.import_private_key(asked.secret)]}
    host_key = asyncssh.import_public_key(asked.trusted.strip())
    return {
        "host": asked.place.host,
        "port": asked.place.port,
        "username": asked.username,
        "known_hosts": ([host_key], [], []),
        # The kind of the known key first and then all others: a server that has no key of this kind shows another one,
        # which is refused as such, and does not hang up on us for a reason that nobody could tell.
        "server_host_key_algs": list(dict.fromkeys([*(each.decode() for each in host_key.sig_algorithms), *_KINDS])),
        "config": None,
        "agent_path": None,
        "connect_timeout": patience.connect_seconds,
        "login_timeout": patience.connect_seconds,
        # A server that says nothing for so long is taken for dead.
        "keepalive_interval": patience.read_seconds / 2,
        "keepalive_count_max": 2,
        **secret,
    }


async def _fetch(client: asyncssh.SFTPClient, asked: Asked, spool: Spool) -> Came | None:
    name, attributes = await _find_newest(client, asked)
    path, seen = f"{asked.place.path or '.'}/{name}", _seen(name, attributes)
    if seen == asked.seen:
        return None
    spool.expect(attributes.size or 0)
    file = await client.open(path, "rb", block_size=PIECE_BYTES)
    while piece := await file.read(PIECE_BYTES):
        assert isinstance(piece, bytes)
        spool.write(piece)
    if _seen(name, await client.stat(path)) != seen or spool.byte_count != attributes.size:
        sentence = _("{name} changed while it came, so it is still being written; it is fetched again later.")
        raise StillWritten(format_lazy(sentence, name=name[:80]))
    return Came(what=name[:200], seen=seen, modified_at=dt.datetime.fromtimestamp(attributes.mtime or 0, dt.UTC))


async def _find_newest(client: asyncssh.SFTPClient, asked: Asked) -> tuple[str, asyncssh.SFTPAttrs]:
    """The file of the pattern that was changed last; of two of one second, the one whose name comes later."""
    found: list[tuple[int, str, asyncssh.SFTPAttrs]] = []
    count = 0
    async for entry in client.scandir(asked.place.path or "."):
        count += 1
        if count > MOST_FILES:
            raise NoFile(_("The folder has more than 100,000 files; ask for a folder of its own."))
        name = entry.filename if isinstance(entry.filename, str) else entry.filename.decode(errors="replace")
        is_file = entry.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR
        if is_file and fnmatchcase(name, asked.file_pattern):
            found.append((entry.attrs.mtime or 0, name, entry.attrs))
    if not found:
        raise _no_file(asked)
    _mtime, name, attributes = max(found, key=lambda each: each[:2])
    return name, attributes


def _seen(name: str, attributes: asyncssh.SFTPAttrs) -> dict[str, str]:
    return {"name": name, "size": str(attributes.size), "modified": str(attributes.mtime)}


def _no_file(asked: Asked) -> NoFile:
    sentence = _("The folder {folder} has no file “{pattern}” that we may read; look at both, or ask the department.")
    return NoFile(format_lazy(sentence, folder=asked.place.path or ".", pattern=asked.file_pattern))
