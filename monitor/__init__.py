"""The running program: settings, log, store, cards, board and commands."""
