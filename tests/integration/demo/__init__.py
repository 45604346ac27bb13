"""The demo, the campaign and the benchmarks, run small."""
