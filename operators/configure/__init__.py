"""What comes out of operators for given schemas and parameters, asked of a child process that may run their code.

`python -m operators.configure` is the child; `ConfigureProcess` is how others speak with it.
"""

from operators.configure.process import ConfigureProcess
from operators.configure.protocol import Answer, Finding, Question

__all__ = ["Answer", "ConfigureProcess", "Finding", "Question"]
