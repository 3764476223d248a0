"""Reproductions of papers, studies and benchmarks. From the root of the checkout: `python -m experiments.STUDY.run`."""

from gancli.core import backend

backend.own_process()  # results are those of the program, whether a study calls commands or functions
