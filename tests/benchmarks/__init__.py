"""Measures the speed: each part measures the platform and other contenders in the same run, on the same rows."""
