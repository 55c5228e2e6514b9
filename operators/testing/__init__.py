"""The conformance suite of operator packages, for the built-in ones and for anyone's.

::

    from operators.testing import check_package, step_runner

    with step_runner() as run_step:
        report = check_package(FolderPackage(Path("my_operator")), run_step)
    for check in report.failures:
        print(check.name, check.problems)

`tests.json` of a package is described in `operators.testing.cases`, the checks in `operators.testing.checks`.
"""

from operators.testing.runner import RunStep, step_runner
from operators.testing.suite import CHECKS, Check, Report, check_package, run_check

__all__ = ["CHECKS", "Check", "Report", "RunStep", "check_package", "run_check", "step_runner"]
