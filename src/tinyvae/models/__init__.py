"""Models: image to posterior, latent to image. They know no loss."""
