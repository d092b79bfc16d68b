"""The outside world, one file each, behind small protocols."""
