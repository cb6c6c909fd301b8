import os
import stat

print(oct(stat.S_IMODE(os.stat(".").st_mode))[2:], *sorted(os.listdir()))
