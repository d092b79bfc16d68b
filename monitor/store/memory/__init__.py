"""The store in memory: what ``replay`` and most tests use."""
