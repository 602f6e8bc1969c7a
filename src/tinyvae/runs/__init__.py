"""Runs: settings, trained VAE, answer and history; and the folder that keeps them."""
