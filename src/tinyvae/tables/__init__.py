"""Tables of codes and labels: read, joined, and their columns given kinds. No JAX."""
