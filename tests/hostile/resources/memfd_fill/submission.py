held = []


def memfd():
    for number in range(8):
        held.append(os.memfd_create(str(number)))
        for _ in range(8):
            os.write(held[-1], bytes(1024 * 1024))


attempt("memfd", memfd)
attempt("memfd_secret", lambda: call(447, 0))
print("held", sum(os.fstat(each).st_size for each in held) >> 20, "MiB")
