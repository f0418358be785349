"""Processes of this host by number and start, so that a number that is used again is not taken for an old one."""

import contextlib
import os
import socket
from pathlib import Path


def host() -> str:
    """Return what process numbers of this machine are good for: a name, a boot, and a container's own numbering."""
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip())
        parts.append(os.readlink("/proc/self/ns/pid"))
    return "/".join(parts)


def started(pid: int) -> str:
    """Return when a process of this host started, in the kernel's own unit; empty where nobody says."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def runs(pid: int, since: str) -> bool:
    """Whether a process of this host is alive, and still the one that started then."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return started(pid) == since
