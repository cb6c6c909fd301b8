TERABYTE = 1 << 40
file = os.open("sparse", os.O_RDWR | os.O_CREAT)


def seek():
    os.lseek(file, TERABYTE, os.SEEK_SET)
    os.write(file, b"x")


attempt("truncate", lambda: os.ftruncate(file, TERABYTE))
attempt("seek", seek)
attempt("fallocate", lambda: os.posix_fallocate(file, 0, TERABYTE))
