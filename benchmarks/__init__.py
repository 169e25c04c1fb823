"""Benchmarks: each states its question, its load and its result; `jiuding bench NAME` runs one."""
