"""Keeps compiled code for the next process, in a folder of ours that nobody else can write."""
import os
from marshal import dumps


def keep(folder, file, stamp, code):
    """Writes one file; it is not there, or it is whole. Where that is not possible, nothing happens."""
    temporary = "%s.%d" % (file, os.getpid())
    try:
        if not os.path.isabs(folder):
            return
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            facts = os.lstat(folder)
            if facts.st_uid != os.geteuid() or facts.st_mode & 0o170022 != 0o040000:
                return
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, stamp + dumps(code))
        finally:
            os.close(handle)
        os.replace(temporary, file)
    except OSError:
        pass
