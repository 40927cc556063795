"""Who calls, and what resource policies say to it."""
