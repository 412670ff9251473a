"""The write-up: its format, life, pages and programs' interface."""
