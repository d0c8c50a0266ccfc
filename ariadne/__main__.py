"""The entry point of `python -m ariadne` and of the script `ariadne`; Ctrl-C is quiet from the first import on."""

import sys


def run() -> None:
    """Run the command line; an interrupt during the imports ends with status 1 and one line."""
    try:
        from ariadne.cli.main import main
    except KeyboardInterrupt:
        sys.exit("ariadne: interrupted")
    main()


if __name__ == "__main__":
    run()
