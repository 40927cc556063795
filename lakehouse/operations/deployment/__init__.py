"""Builds in an environment: uploaded under their commit, switched to as a whole, and back."""
