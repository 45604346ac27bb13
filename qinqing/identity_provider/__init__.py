"""A simulated identity provider of the city: OpenID Connect with claims about the firms for which a person acts."""
