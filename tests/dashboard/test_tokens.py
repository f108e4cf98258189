"""One set of colours: the yard's stylesheet, Streamlit's theme, the charts and the desk."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

import community
import dashboard
from dashboard.tokens import TOKENS, Theme, stylesheet

CONFIG = Path(dashboard.__file__).parent / ".streamlit" / "config.toml"
YARD = Path(community.__file__).parent / "static" / "css"
IN_THEME = {
    "primaryColor": "madang",
    "backgroundColor": "paper",
    "secondaryBackgroundColor": "raised",
    "textColor": "ink",
    "linkColor": "madang",
    "borderColor": "line",
    "blueColor": "positive",
    "grayColor": "ink-soft",
    "orangeColor": "negative",
    "yellowColor": "warning",
    "redColor": "danger",
}
THEMES: tuple[Theme, ...] = ("light", "dark")


@pytest.mark.parametrize("theme", THEMES)
def test_streamlit_has_the_tokens(theme: Theme) -> None:
    has = tomllib.loads(CONFIG.read_text("utf-8"))["theme"][theme]
    assert {key: has[key] for key in IN_THEME} == {
        key: TOKENS[theme][token] for key, token in IN_THEME.items()
    }
    order = [TOKENS[theme][name] for name in ("positive", "neutral", "negative")]
    assert has["chartCategoricalColors"] == order


@pytest.mark.parametrize("theme", THEMES)
def test_the_desks_own_style_has_them(theme: Theme) -> None:
    style = stylesheet(theme)
    for name, value in TOKENS[theme].items():
        assert f"--{name}:{value};" in style
    used = set(re.findall(r"var\(--([a-z-]+)\)", style))
    assert used <= set(TOKENS[theme])


@pytest.mark.parametrize("theme", THEMES)
def test_the_yards_stylesheet_has_them(theme: Theme) -> None:
    text = "\n".join(path.read_text("utf-8") for path in sorted(YARD.glob("**/*.css")))
    if "--ink" not in text:
        pytest.skip("the yard's stylesheet does not state its tokens yet")
    named = {
        name: [value.upper() for value in re.findall(rf"--{name}:\s*(#[0-9A-Fa-f]{{6}})", text)]
        for name in TOKENS[theme]
    }
    missing = {name for name, values in named.items() if TOKENS[theme][name] not in values}
    assert missing == set()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", ["ink", "ink-soft", "madang"])
@pytest.mark.parametrize("ground", ["paper", "raised"])
def test_text_stands_out(theme: Theme, ink: str, ground: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 or better."""
    light, dark = sorted((luminance(TOKENS[theme][name]) for name in (ink, ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[a:b], 16) / 255 for a, b in pairwise((1, 3, 5, 7))]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
