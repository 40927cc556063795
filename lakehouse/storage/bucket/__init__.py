"""The bucket of a domain: created, secured, laid out and filled; every call compares before it changes."""
