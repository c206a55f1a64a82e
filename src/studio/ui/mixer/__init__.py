"""The mixer panel."""
