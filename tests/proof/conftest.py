"""Run the property tests of this folder alike everywhere: the same examples each time, no deadline."""

from hypothesis import settings

settings.register_profile("proof", derandomize=True, deadline=None, max_examples=100)
settings.load_profile("proof")
