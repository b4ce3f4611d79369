"""Result lines in the form that tests/run.py counts, and a place to run checks one by one."""
import sys
import traceback


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


class Report:
    """Prints one line a test and remembers whether any failed."""

    def __init__(self, prefix=""):
        self.prefix = prefix
        self.failed = self.skipped = 0

    def ok(self, name):
        print(f"ok {self.prefix}{name}", flush=True)

    def not_ok(self, name, reason):
        self.failed += 1
        reason = " ".join(str(reason).split())[:300]
        print(f"not ok {self.prefix}{name}: {reason}", flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        print(f"skip {self.prefix}{name}: {reason}", flush=True)

    def run(self, name, test, *args):
        """Runs test(*args): it passes when it returns and fails when it raises."""
        try:
            test(*args)
        except Skip as reason:
            self.skip(name, reason)
        except Exception as error:  # pylint: disable=broad-except
            traceback.print_exc(limit=4, file=sys.stdout)
            self.not_ok(name, f"{type(error).__name__}: {error}")
        else:
            self.ok(name)

    def status(self):
        return 1 if self.failed else 0


def expect(condition, message):
    """A check that says what was expected."""
    if not condition:
        raise AssertionError(message)


def expect_equal(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"{what} is {actual!r}, expected {expected!r}")
