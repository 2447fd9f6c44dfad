"""How well colours can be told apart, by the measure of WCAG 2."""

from batchtui.config.theme_spec import STATES, ThemeSpec

TEXT_RATIO = 4.5
"""The least contrast of text to what is behind it (WCAG AA)."""

SIGN_RATIO = 3.0
"""The least contrast of a coloured sign, or of a word in bold, to what is behind it."""

_GROUNDS = ("background", "surface", "panel", "selection", "selection_blurred")


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast of two ``#rrggbb`` colours, from 1 (the same) to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def find_poor_contrast(
    theme: ThemeSpec, *, text: float = TEXT_RATIO, sign: float = SIGN_RATIO
) -> tuple[str, ...]:
    """Return what is hard to read in a theme, each as ``muted on panel: 3.9, should be 4.5``.

    Args:
        theme: The theme; of the terminal's own colours nothing can be said.
        text: The least contrast of text.
        sign: The least contrast of the colours of states and of the accent.
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


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
