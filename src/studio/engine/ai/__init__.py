"""Neural models. torch and its family are imported inside functions only."""
