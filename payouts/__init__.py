"""Entitlements become money: offered, claimed, publicised, sent, answered, looked after."""
