"""
What should not stand in a text that is about to be published.

Marks of secrecy (GB/T 9704-2012, 7.2.2: 绝密★, 机密★, 秘密★), citizens' identity numbers
(GB 11643-1999, with its check digit, so that index numbers and credit codes are not mistaken for
one) and mobile numbers. Only the kind and the count are told, never the number itself.
"""

from __future__ import annotations

import re

# What may not stand before a number is looked for behind its first digit: a pattern that begins
# with plain characters is searched five times as fast as one that begins by looking back.
_SECRECY = re.compile(r"(绝密|机密|秘密)[ \t\u3000]{0,4}[★☆]")
_IDENTITY = re.compile(r"([1-9](?<![0-9A-Za-z].)\d{5}(?:19|20)\d{2}\d{7}[0-9Xx])(?![0-9A-Za-z])")
_MOBILE = re.compile(
    r"(?:1(?<![\d.\-/].)|86(?<![\d.\-/]..)[- ]?1|\+86(?<![\d.\-/]...)[- ]?1)"
    r"[3-9]\d(?:[- ]?\d{4}){2}(?![\d.\-/]?\d)"
)
_STARS = ("★", "☆")
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


def find_sensitive(text: str) -> tuple[str, ...]:
    """Return a warning in Chinese for each kind of sensitive content; empty if there is none."""
    warnings = []
    mark = _SECRECY.search(text) if any(star in text for star in _STARS) else None
    if mark is not None:
        warnings.append(f"文中有密级标志“{mark[1]}★”，涉密文件不得上网发布，请先核实。")
    identities = sum(map(_is_identity, _IDENTITY.findall(text)))
    if identities:
        warnings.append(f"文中疑有公民身份号码（{identities}处），发布前请隐去。")
    mobiles = len(_MOBILE.findall(text))
    if mobiles:
        warnings.append(f"文中疑有手机号码（{mobiles}处），发布前请核实是否可以公开。")
    return tuple(warnings)


def _is_identity(number: str) -> bool:
    """Return whether an 18-character number carries the check digit of GB 11643."""
    total = sum(
        weight * int(digit) for weight, digit in zip(_IDENTITY_WEIGHTS, number, strict=False)
    )
    return _CHECK_DIGITS[total % 11] == number[-1].upper()
