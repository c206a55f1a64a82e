"""The report on a take: scores, advice, a picture of it, its takes compared, and progress over weeks."""
