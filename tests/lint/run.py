#!/usr/bin/env python3
"""The lint suite: tools/lint.py, whose result lines are this suite's."""
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.execv(sys.executable, [sys.executable, os.path.join(ROOT, "tools", "lint.py")])
