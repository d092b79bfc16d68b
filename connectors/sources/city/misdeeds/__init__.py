"""What people and transports do wrong in the city: one class a misdeed, each knows what must be found."""

from __future__ import annotations
