"""The rule language: FEEL of OMG DMN 1.5, the part that two engines answer alike."""
