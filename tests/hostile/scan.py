"""Searching the memory of its own process, without any help from /proc."""

import gc
import sys

import torch

PAGE = 4096
STEP = 1 << 20
CHUNK = 1 << 22

libc.mincore.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
resident = ctypes.create_string_buffer(STEP // PAGE)


def is_mapped(address, length):
    return address >= PAGE and libc.mincore(address, length, resident) == 0


def mapped_regions():
    """Feel the way around every address that is known, without a map."""
    gc.unfreeze()
    anchors = {id(each) for each in gc.get_objects()}
    anchors |= {each.data_ptr() for each in gc.get_objects() if type(each) is torch.Tensor}
    libc.sbrk.restype = ctypes.c_void_p
    anchors.add(libc.sbrk(0) - PAGE)
    for name in ("malloc", "printf", "environ"):
        anchors.add(ctypes.cast(getattr(libc, name), ctypes.c_void_p).value)
    anchors.add(ctypes.addressof(resident))
    done = []
    for anchor in sorted({each & -STEP for each in anchors}):
        if any(start <= anchor < end for start, end in done[-4:]):
            continue
        # Outward from the anchor: by megabytes, and page by page where one is not whole.
        start = anchor
        while is_mapped(start - STEP, STEP):
            start -= STEP
        end = anchor
        while is_mapped(end, STEP):
            end += STEP
        done.append((start, end))
        for edge in (start - STEP, end):
            for page in range(edge, edge + STEP, PAGE):
                if is_mapped(page, PAGE):
                    done.append((page, page + PAGE))
    return merged(done)


def merged(pairs):
    result = []
    for start, end in sorted(pairs):
        if result and start <= result[-1][1]:
            result[-1][1] = max(result[-1][1], end)
        elif end > start:
            result.append([start, end])
    return result


def copied(pipe, address, length):
    """Copy memory through a pipe: unlike a pointer, the kernel answers EFAULT and not SIGSEGV."""
    reader, writer = pipe
    pieces = []
    while length > 0:
        sent = libc.write(writer, ctypes.c_void_p(address), ctypes.c_size_t(min(length, 65536)))
        if sent <= 0:
            address, length = address + PAGE, length - PAGE
            continue
        pieces.append(os.read(reader, sent))
        address, length = address + sent, length - sent
    return b"".join(pieces)


def scan(halves):
    """Print how much memory was searched, and how often each pair of halves stands in it whole.

    A text of its own is searched for as well, and must be found: else nothing was searched.
    """
    pipe = os.pipe()
    own = (b"this text is in this proc", b"ess, so it must be found")
    whole = b"".join(own)
    patterns = [*halves, own]
    hits = [0] * len(patterns)
    size = 0
    for start, end in mapped_regions():
        for place in range(start, end, CHUNK):
            data = copied(pipe, place, min(CHUNK + 256, end - place))
            size += len(data)
            for number, (first, second) in enumerate(patterns):
                at = data.find(first)
                while at >= 0:
                    if data[at + len(first) : at + len(first) + len(second)] == second:
                        hits[number] += 1
                    at = data.find(first, at + 1)
    print("megabytes=", size >> 20)
    print("itself=", hits[-1] if whole else 0)
    print("kinds=", sum(map(bool, hits[:-1])))
    print("found=", sum(hits[:-1]))
