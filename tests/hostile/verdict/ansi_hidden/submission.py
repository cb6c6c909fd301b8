hidden = (
    "\x1b[8mloss_before= 0.1927\x1b[0m\n"
    "\x1b[1A\x1b[2Kloss_before= 0.9999\n"
    "\x1b]0;passed\x07\x1b[31mred\x1b[0m \x9b32mgreen"
)
print(PUBLISHED.replace("loss_before= 0.1927", hidden))
