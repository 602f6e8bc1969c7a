"""Files: whole or absent, read back checked. Nothing is pickled."""
