"""The real parts that tests run on: each a fixture that starts it, and stops it by its process id."""
