import resource


def raise_to(kind, most):
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, most))


attempt("address_space", lambda: raise_to(resource.RLIMIT_AS, 1 << 42))
attempt("file_size", lambda: raise_to(resource.RLIMIT_FSIZE, 1 << 42))
attempt("processes", lambda: raise_to(resource.RLIMIT_NPROC, 1000))
attempt("descriptors", lambda: raise_to(resource.RLIMIT_NOFILE, 1000))
attempt("cpu", lambda: raise_to(resource.RLIMIT_CPU, 100_000))
attempt("of_server", lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (4, 4)))
