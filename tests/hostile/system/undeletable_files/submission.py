import fcntl
import struct

SET_FLAGS = 0x40086602
os.mkdir("folder")
folder = os.open("folder", os.O_RDONLY)
# Owner, group and everyone may do nothing; the mask as well.
nothing = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", tag, 0, 0xFFFFFFFF) for tag in (0x01, 0x04, 0x10, 0x20)
)
attempt("immutable", lambda: fcntl.ioctl(folder, SET_FLAGS, struct.pack("l", 0x10)))
attempt("append_only", lambda: fcntl.ioctl(folder, SET_FLAGS, struct.pack("l", 0x20)))
attempt("attribute", lambda: os.setxattr("folder", "user.x", bytes(1000)))
attempt("give_away", lambda: os.chown("folder", 0, 0))
attempt("acl", lambda: os.setxattr("folder", "system.posix_acl_access", nothing))
