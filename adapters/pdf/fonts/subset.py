#!/usr/bin/env python3
"""Writes the list of characters that the committed font keeps: all of CP932 (JIS X 0208 and the
extensions of NEC and IBM), Latin letters, and a few names' letters beyond. See README.md."""

keep = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180))
for lead in [*range(0x81, 0xA0), *range(0xE0, 0xFD)]:
    for trail in range(0x40, 0xFD):
        try:
            keep.add(ord(bytes([lead, trail]).decode("cp932")))
        except (UnicodeDecodeError, TypeError):
            pass
keep |= {ord(bytes([byte]).decode("cp932")) for byte in range(0xA1, 0xE0)}
keep |= {ord(letter) for letter in "–—‘’“”…•€✓✗→←〒①②③④髙﨑𠮷塚德濵"}
print("\n".join(f"U+{code:04X}" for code in sorted(keep) if not 0xE000 <= code <= 0xF8FF))
