import ctypes
import errno
import os

libc = ctypes.CDLL(None, use_errno=True)


def attempt(name, action):
    """Try something; print what became of it as one line ``name= result``."""
    try:
        action()
    except OSError as error:
        print(f"{name}= {errno.errorcode.get(error.errno, type(error).__name__)}")
    except BaseException as error:
        print(f"{name}= {type(error).__name__}")
    else:
        print(f"{name}= worked")


def call(number, *arguments):
    """Make a system call by its number."""
    ctypes.set_errno(0)
    arguments = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    returned = libc.syscall(ctypes.c_long(number), *arguments)
    if returned < 0:
        raise OSError(ctypes.get_errno(), "system call")
    return returned
