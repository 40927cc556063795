"""The recorder: what a feed sends, into segments of the vault, without losing any of it."""
