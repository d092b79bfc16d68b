"""One rule kind a file: the model an author writes and the findings it yields."""
