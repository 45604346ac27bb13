"""The stages of a campaign: departments deliver, firms claim, workers pay, finance seals."""
