"""What models learn from: items, the lines and digests of frozen versions, splits, differences and statistics."""
