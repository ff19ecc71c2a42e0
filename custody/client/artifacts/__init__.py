"""Makers of the demonstration's fictional case files. Start at make.py; the story itself is in story.py."""
