"""What is deployed, built once from a commit: the same commit gives the same bytes."""
