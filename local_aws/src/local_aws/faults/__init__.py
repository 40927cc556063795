"""Faults on demand: what AWS does on its bad days, by rule, by call, and the same again from the same seed."""
