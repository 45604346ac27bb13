"""How registered names and account holders are compared; Python and SQL use the same signs."""

from __future__ import annotations

import unicodedata

from psycopg.sql import SQL, Composable, Literal

# Banks and registers write these differently; they never tell two names apart. They are those left by NFKC.
SIGNS = " ()[]{}<>《》〈〉「」『』【】〔〕〖〗“”‘’\"'`´.,;:!?。、·•・‧∙_-‐‑‒–—―~/\\|&+*#"
_REMOVED = str.maketrans("", "", SIGNS)


def normalise_name(name: str) -> str:
    """A name as banks compare it: letters of one width, lower case, without spaces, brackets and punctuation."""
    return unicodedata.normalize("NFKC", name).translate(_REMOVED).lower()


def normalised(name: Composable) -> Composable:
    """The same in SQL."""
    return SQL("lower(translate(normalize({name}, NFKC), {signs}, ''))").format(name=name, signs=Literal(SIGNS))
