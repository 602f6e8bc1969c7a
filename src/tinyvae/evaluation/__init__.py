"""Evaluation: a trained VAE on the pictures of its world."""
