"""Measurements on generated data: ratios from one run, on this machine only."""
