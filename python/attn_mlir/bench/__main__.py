"""python -m attn_mlir.bench"""

import sys

from .command import main

sys.exit(main())
