"""How well colors can be told apart, by the measure of WCAG 2."""

import math
from collections.abc import Sequence

from batchtui.config.theme_spec import STATES, ThemeSpec

TEXT_RATIO = 4.5
"""The least contrast of text to what is behind it (WCAG AA)."""

SIGN_RATIO = 4.5
"""The least contrast of the color of a state, which colors words too, to what is behind it."""

SIGHTS = {
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
}
"""What is left of red, green and blue (Machado, Oliveira and Fernandes 2009)."""

_GROUNDS = ("background", "surface", "panel", "selection", "selection_blurred")


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast of two ``#rrggbb`` colors, from 1 (the same) to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def find_poor_contrast(
    theme: ThemeSpec, *, text: float = TEXT_RATIO, sign: float = SIGN_RATIO
) -> tuple[str, ...]:
    """Return what is hard to read in a theme, each as ``muted on panel: 3.9, should be 4.5``.

    Args:
        theme: The theme; of the terminal's own colors nothing can be said.
        text: The least contrast of text.
        sign: The least contrast of the colors of states and of the accent.
    """
    if theme.is_ansi:
        return ()
    pairs = [(name, ground, text) for ground in _GROUNDS for name in ("foreground", "muted")]
    pairs += [(name, ground, sign) for ground in _GROUNDS for name in (*STATES, "accent")]
    pairs += [
        ("on_accent", "accent", text),
        ("on_match", "match", text),
        ("on_selection", "selection", text),
        ("on_selection", "selection_blurred", text),
    ]
    poor: list[str] = []
    for name, ground, least in pairs:
        ratio = contrast_ratio(getattr(theme, name), getattr(theme, ground))
        if ratio < least:
            poor.append(f"{name} on {ground}: {ratio:.1f}, should be {least:g}")
    return tuple(poor)


def difference_for(one: str, other: str, sight: str) -> float:
    """Return how different two colors look (CIE 1976) to an eye with less red or green.

    Args:
        one: A color.
        other: Another one.
        sight: One of `SIGHTS`.
    """
    return math.dist(_lab(_seen(one, SIGHTS[sight])), _lab(_seen(other, SIGHTS[sight])))


def _seen(color: str, sight: Sequence[Sequence[float]]) -> list[float]:
    channels = [_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5)]
    return [
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, channels, strict=True)))) for row in sight
    ]


def _lab(channels: Sequence[float]) -> tuple[float, float, float]:
    red, green, blue = channels
    x = _root((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505)
    y = _root(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    z = _root((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(value: float) -> float:
    return math.cbrt(value) if value > 0.008856 else 7.787 * value + 16 / 116


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
