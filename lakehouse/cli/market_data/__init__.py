"""`lakehouse run market_data`: bring data of an exchange whose truth is known, and compare gold with it."""
