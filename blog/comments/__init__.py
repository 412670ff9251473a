"""Threaded comments and their anchors."""
