"""`python -m ariadne`, and the script `ariadne`: the command line, where Ctrl-C is quiet from the first import on."""

import sys


def run() -> None:
    """The command line; ends with status 1 and one line where it is interrupted while it is still being loaded."""
    try:
        from ariadne.cli.main import main
    except KeyboardInterrupt:
        sys.exit("ariadne: interrupted")
    main()


if __name__ == "__main__":
    run()
