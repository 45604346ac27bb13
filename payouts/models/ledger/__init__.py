"""The money: funds, what they were granted, how levels of government share it, and every transfer."""
