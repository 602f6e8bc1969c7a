"""The environment of a process that compiles quickly what it runs but once.

Most of the time of these tests is compilation. Without most optimisations, and without
fusion emitters, it takes a third as long; numbers then differ in their last bits.
"""

QUICKLY = {
    "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
    "XLA_FLAGS": "--xla_cpu_use_fusion_emitters=false",
}
