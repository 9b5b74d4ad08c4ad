"""One build at a time: two that write into the same _build would spoil each other's work."""

from contextlib import contextmanager


@contextmanager
def alone(root):
    """Wait, and say so, while another process builds in `root`; on Windows, which cannot lock so, just go on."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    path = root / "_build" / ".lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another build is at work here; waiting for it", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
