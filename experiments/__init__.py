"""Reproductions of papers, studies and benchmarks. From the root of the checkout: `python -m experiments.STUDY.run`."""
