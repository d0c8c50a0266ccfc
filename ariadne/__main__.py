"""`python -m ariadne` is the command line."""

from ariadne.cli import main

main()
