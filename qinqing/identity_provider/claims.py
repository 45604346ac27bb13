"""What an ID token says about a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator

from qinqing.identity_provider.register import read_register


class Claims(OAuth2Validator):  # type: ignore[misc]
    """Puts the register's words about the person into the ID token."""

    oidc_claim_scope = OAuth2Validator.oidc_claim_scope | {
        "level_of_assurance": "openid",
        "legal_persons": "legal_person",
    }

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """The claims about the person who signed in."""
        person = read_register()[request.user.username]
        return {
            "sub": person.subject,
            "name": person.name,
            "level_of_assurance": person.level,
            "legal_persons": [asdict(each) for each in person.legal_persons],
        }
