"""Start of the child process: `python -m operators.configure`."""

from operators.configure.child import main

main()
