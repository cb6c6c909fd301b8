import fcntl
import struct

open("file", "w").close()
name = b"file"
opened = os.open("file", os.O_RDONLY)
acl = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", tag, 7, 0xFFFFFFFF) for tag in (0x01, 0x04, 0x20)
)
attempt("set", lambda: os.setxattr("file", "user.left", b"solution"))
attempt("get", lambda: os.getxattr("file", "user.left"))
attempt("list", lambda: os.listxattr("file"))
attempt("remove", lambda: os.removexattr("file", "user.left"))
attempt("set_of_open", lambda: os.setxattr(opened, "user.left", b"solution"))
os.mkdir("folder")
attempt("default_acl", lambda: os.setxattr("folder", "system.posix_acl_default", acl))
attempt("setxattrat", lambda: call(463, -100, name, 0, name, None, 16))
attempt("getxattrat", lambda: call(464, -100, name, 0, name, None, 16))
attempt("listxattrat", lambda: call(465, -100, name, 0, None, 0))
attempt("removexattrat", lambda: call(466, -100, name, 0, None))
attempt("get_flags", lambda: fcntl.ioctl(opened, 0x80086601, bytes(8)))
attempt("set_flags", lambda: fcntl.ioctl(opened, 0x40086602, struct.pack("L", 0x40)))  # nodump
attempt("set_flags_32", lambda: fcntl.ioctl(opened, 0x40046602, struct.pack("I", 0x40)))
attempt("set_project", lambda: fcntl.ioctl(opened, 0x401C5820, bytes(28)))
attempt("file_getattr", lambda: call(468, -100, name, None, 24, 0))
attempt("file_setattr", lambda: call(469, -100, name, None, 24, 0))
