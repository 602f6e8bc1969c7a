"""Joint readout: how well a factor can be read from all latents together."""
