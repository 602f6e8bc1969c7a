"""Search for settings by Optuna: each trial is a setting, trained with all seeds."""
