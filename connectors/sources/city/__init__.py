"""A fictional prefecture city with its approval systems, whose misdeeds are known beforehand."""

from __future__ import annotations
