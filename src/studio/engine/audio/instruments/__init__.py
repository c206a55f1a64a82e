"""What note clips are played on."""
