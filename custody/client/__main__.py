"""`python -m custody.client`: see cli.py."""

import sys

from .cli import main

sys.exit(main())
