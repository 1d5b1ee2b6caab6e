"""``python -m nesy.cli``: the same as ``nesy``."""

from nesy.cli import main

if __name__ == "__main__":
    main()
