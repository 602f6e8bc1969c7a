"""Results -> one HTML file that needs nothing else: play with the latent space."""

from tinyvae.page.html import page

__all__ = ["page"]
