"""The store: what the monitor remembers, in memory, in SQLite or in PostgreSQL, behind ``protocol.Store``.

``opening.open_store`` opens one by its address. Everything a frame changes is one fenced transaction (DESIGN §9).
"""
