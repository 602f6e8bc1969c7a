"""`python -m tinyvae` is the command `tinyvae`."""

from tinyvae.cli import main

main()
