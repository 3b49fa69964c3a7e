"""``python -m bench``."""

import sys


def main() -> None:
    """Run the command line; say what to install where the harness is not."""
    try:
        from bench.cli.app import main as command_line
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in ("bench", "numpy_nn", "keras_nn"):
            raise
        print(  # noqa: T201 - the command line, which prints, could not be imported
            f"the harness needs the extra 'bench', and {error.name} is missing: pip install 'david-vs-goliath[bench]'",
            file=sys.stderr,
        )
        sys.exit(2)
    command_line()


if __name__ == "__main__":
    main()
