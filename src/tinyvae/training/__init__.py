"""Training: from keys, an objective and pictures to a trained model and its history."""
