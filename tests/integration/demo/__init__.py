"""The demo, the campaign and the benchmarks, run with small numbers."""
