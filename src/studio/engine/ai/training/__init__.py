"""Training of adapters: settings, the loop, checkpoints, and what each family of models is trained on."""
