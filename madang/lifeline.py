"""A child process that must not outlive its parent watches the pipe it has as standard input."""

import os
import signal
import threading


def end_with_parent() -> None:
    """Ask this process to stop, by SIGTERM, when the parent's end of the pipe closes."""

    def watch() -> None:
        # Not through `sys.stdin`: a thread inside its buffer aborts the interpreter's exit.
        while os.read(0, 4096):
            continue
        # To the main thread by name: one that waits for a lock does not wake for another's signal.
        signal.pthread_kill(main, signal.SIGTERM)

    main = threading.main_thread().ident or 0  # a thread that runs has one
    threading.Thread(target=watch, name="lifeline", daemon=True).start()
