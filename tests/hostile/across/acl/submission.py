import struct

# Whoever makes a file in a folder with this default finds that not even its owner may open it.
nothing = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", tag, 0, 0xFFFFFFFF) for tag in (0x01, 0x04, 0x20)
)


def reopen():
    open("made", "w").close()
    open("made").close()


attempt("own", lambda: os.setxattr(os.getcwd(), "system.posix_acl_default", nothing))
attempt("parent", lambda: os.setxattr("/slot", "system.posix_acl_default", nothing))
attempt("reopen", reopen)
