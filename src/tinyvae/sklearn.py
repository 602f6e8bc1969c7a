"""The VAE as a scikit-learn estimator: `from tinyvae.sklearn import VAE`."""

from tinyvae.interop.sklearn import VAE

__all__ = ["VAE"]
