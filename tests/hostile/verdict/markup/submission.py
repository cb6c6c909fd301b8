print("loss_before= <script>alert(1)</script>")
print("]]> <!ENTITY xxe SYSTEM 'file:///etc/passwd'> &xxe; \ufffe \uffff")
print('=HYPERLINK("http://192.0.2.1","passed")')
raise ValueError("<img src=x onerror=alert(1)> ]]> &xxe; \x0b \ufffe")
