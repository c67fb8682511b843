"""Takes away what Windows does not have; Python runs this first where it is on the path.

Modules of portalgen do not see what is missing there. Everyone gets errors for what fails there:
symbolic links, and moving or removing a file that is open. Text files have its encoding and line
ends. Not imitated: separators of paths, drives, and names that differ by case only.
"""

import builtins
import io
import multiprocessing.context
import os
import sys
import types
from typing import Any

_MISSING_MODULES = {
    "fcntl", "grp", "posix", "pwd", "resource", "select", "syslog", "termios", "tty",
}  # fmt: skip
_MISSING = {
    "os": {
        "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "WNOHANG", "chown", "fchdir",
        "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid", "getgroups",
        "getloadavg", "getpgid", "getpriority", "getuid", "killpg", "lchown", "mkfifo", "nice",
        "openpty", "pread", "pwrite", "register_at_fork", "sched_getaffinity", "setpriority",
        "setsid", "statvfs", "sysconf", "uname", "wait", "waitid", "PRIO_PROCESS",
    },
    "signal": {
        "SIGALRM", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP",
        "SIGUSR1", "SIGUSR2", "SIGXCPU", "alarm", "pthread_sigmask", "setitimer", "sigwait",
    },
    "socket": {"AF_UNIX", "SO_REUSEPORT"},
    "time": {"tzset"},
}  # fmt: skip


class _Module(types.ModuleType):
    """A module without the names that are missing."""

    def __init__(self, real: types.ModuleType, missing: set[str]):
        super().__init__(real.__name__)
        self.__dict__.update(
            {name: value for name, value in vars(real).items() if name not in missing}
        )
        if real is os:
            self.name, self.O_BINARY = "nt", 0


_modules: dict[str, types.ModuleType] = {}
_import = builtins.__import__


def _import_there(name: str, globals: Any = None, *rest: Any, **more: Any) -> Any:
    """Import, for portalgen as on Windows."""
    importer = str((globals or {}).get("__name__", ""))
    if importer.partition(".")[0] == "portalgen":
        if name in _MISSING_MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if name == "msvcrt":
            return _msvcrt()
        if name in _MISSING:
            if name not in _modules:
                _modules[name] = _Module(_import(name), _MISSING[name])
            return _modules[name]
    return _import(name, globals, *rest, **more)


def _msvcrt() -> types.ModuleType:
    import fcntl

    def locking(handle: int, mode: int, size: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    module = types.ModuleType("msvcrt")
    module.__dict__.update(locking=locking, LK_NBLCK=2)
    return module


def _is_open(path: Any, folder: int | None = None) -> bool:
    """Whether a process of this test holds a file open."""
    base = f"/proc/self/fd/{folder}/" if folder is not None else ""
    real = os.path.realpath(base + os.fsdecode(path))
    for process in filter(str.isdigit, _listdir("/proc")):
        try:
            if os.getpgid(int(process)) != os.getpgid(0):
                continue
            for handle in _listdir(f"/proc/{process}/fd"):
                if os.readlink(f"/proc/{process}/fd/{handle}") == real and os.path.isfile(real):
                    return True
        except OSError:
            continue
    return False


_listdir = os.listdir


def _refusing(name: str) -> None:
    """Let a function of `os` fail for files that are open."""
    real = getattr(os, name)

    def function(path: Any, *rest: Any, **options: Any) -> Any:
        paths = [path, *rest[:1]]
        for item in paths:
            if _is_open(item, options.get("dir_fd")):
                raise PermissionError(13, "The process cannot access the file", os.fsdecode(item))
        if name == "rename" and os.path.lexists(rest[0]):
            raise FileExistsError(17, "File exists", rest[0])
        return real(path, *rest, **options)

    setattr(os, name, function)


def _no_link(*names: Any, **options: Any) -> None:
    raise OSError(22, "A required privilege is not held by the client")


def _open(file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None,
          errors: Any = None, newline: Any = None, *rest: Any, **more: Any) -> Any:  # fmt: skip
    """Open text files in the encoding and with the line ends of Windows."""
    if "b" not in mode:
        encoding = "cp1252" if encoding in (None, "locale") else encoding
        newline = "\r\n" if newline is None and mode[0] in "wax" else newline
    return _io_open(file, mode, buffering, encoding, errors, newline, *rest, **more)


_io_open = io.open
_os_open = os.open


def _open_handle(path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
    """No folder can be opened, but by the library."""
    caller = sys._getframe(1).f_globals.get("__name__", "")
    if caller.partition(".")[0] == "portalgen" and os.path.isdir(path):
        raise PermissionError(13, "Permission denied", os.fsdecode(path))
    return _os_open(path, flags, mode, **options)


for _stream in (sys.stdout, sys.stderr):
    if isinstance(_stream, io.TextIOWrapper) and "PYTHONIOENCODING" not in os.environ:
        _stream.reconfigure(encoding="cp1252", errors="strict")
multiprocessing.context.__dict__["_concrete_contexts"] = {
    "spawn": multiprocessing.get_context("spawn")
}
multiprocessing.__dict__["get_all_start_methods"] = lambda: ["spawn"]
multiprocessing.set_start_method("spawn")
builtins.__import__ = _import_there
builtins.open = io.open = _open
os.open = _open_handle
os.symlink = _no_link
os.supports_fd = os.supports_dir_fd = os.supports_follow_symlinks = set()
for _name in ("remove", "rename", "replace", "rmdir", "unlink"):
    _refusing(_name)
