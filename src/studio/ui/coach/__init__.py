"""The coach: what is sung, over what is to be sung."""
