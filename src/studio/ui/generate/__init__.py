"""Making things with neural models: what to make, by which model, and how."""
