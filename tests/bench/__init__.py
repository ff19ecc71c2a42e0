"""Measurements, one program per subject; not collected by pytest. Run by `make bench`, see CONTRIBUTING.md."""
