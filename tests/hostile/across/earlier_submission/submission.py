# Plain, and in base64 as it stands in a frame, by the three ways to divide it.
TEXTS = [
    (b"an idea that ano", b"ther learner had"),
    (b"aWRlYSB0aGF0IGFub3", b"RoZXIgbGVhcm5lciBo"),
    (b"IGlkZWEgdGhhdCBhbm", b"90aGVyIGxlYXJuZXIg"),
    (b"biBpZGVhIHRoYXQgYW5v", b"dGhlciBsZWFybmVyIGhh"),
]
scan(TEXTS)
