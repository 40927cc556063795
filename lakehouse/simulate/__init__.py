"""Seeded synthetic data of each domain, with a switch for every fault."""
